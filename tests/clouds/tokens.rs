//! A connection whose token ends: the next one comes without a drop, a refusal is shown, and no token is
//! seen anywhere.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use secrecy::SecretString;
use tokio::sync::mpsc::Receiver;
use vector_inspector::app::effect::OpenSource;
use vector_inspector::connection::Registry;
use vector_inspector::connection::health::HealthState;
use vector_inspector::connection::message::{Command, ConnectionEvent, ConnectionEventKind, ConnectionId, Epoch};
use vector_inspector::profile::access::Rules;
use vector_inspector::profile::model::{OidcGrant, OidcSource, Profile, ProfileId, SecretSource};
use vector_inspector::profile::vault::{NewKey, Operation, Vault};
use vector_inspector::provider::{ProviderKind, Timeouts};
use vector_inspector::runtime::locks::OpenLocks;
use vector_inspector::runtime::opening::{OpenSecrets, Opener};
use vector_inspector::runtime::progress::Progress;

use crate::weaviate_cloud_fake::{CLIENT_SECRET, Fake};

/// How long something may take that is waited for.
const DEADLINE: Duration = Duration::from_secs(60);
const ID: ConnectionId = ConnectionId(1);

/// A program with one connection to the fake's server, opened by such a profile.
struct Bench {
    registry: Registry,
    events: Receiver<ConnectionEvent>,
    vault: Arc<Vault>,
    profile: ProfileId,
    /// What was said, as it would be logged.
    said: Vec<String>,
    epoch: Epoch,
    _folder: tempfile::TempDir,
}

impl Bench {
    fn open(fake: &Fake, grant: OidcGrant) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let vault = Vault::open(folder.path().join("config"));
        vault.create(NewKey::KeyFile).unwrap();
        let mut profile = Profile::new("mine", ProviderKind::Weaviate, &fake.url);
        let discovery = fake.discovery.clone();
        let (client_id, scopes) = ("wcs".to_owned(), vec!["openid".to_owned()]);
        let source = OidcSource { discovery, client_id, scopes, grant, client_secret: None, ca_file: None };
        profile.secret = Some(SecretSource::Oidc(Box::new(source)));
        let id = profile.id;
        vault.edit(Operation::Add(Box::new(profile))).unwrap();
        let vault = Arc::new(vault);
        let (results, _heard) = tokio::sync::mpsc::channel(64);
        let opener = Opener {
            vault: vault.clone(),
            demo_dir: folder.path().join("demo"),
            timeouts: Timeouts::default(),
            rules: Rules::default(),
            progress: Progress::new(results),
            secrets: OpenSecrets::default(),
            locks: OpenLocks::default(),
            project: None,
        };
        let (mut registry, events) = Registry::new();
        opener.open(&mut registry, ID, OpenSource::Profile(id), false);
        Self { registry, events, vault, profile: id, said: Vec::new(), epoch: Epoch(0), _folder: folder }
    }

    /// Hears until that is true of an event.
    async fn until(&mut self, mut wanted: impl FnMut(&ConnectionEventKind) -> bool) {
        let hearing = async {
            loop {
                let event = self.events.recv().await.unwrap();
                self.epoch = self.epoch.max(event.epoch);
                self.said.push(format!("{event:?}"));
                if wanted(&event.kind) {
                    return;
                }
            }
        };
        if tokio::time::timeout(DEADLINE, hearing).await.is_err() {
            panic!("it was never said; but: {:#?}", self.said);
        }
    }

    async fn until_connected(&mut self) {
        self.until(|kind| matches!(kind, ConnectionEventKind::Connected { .. })).await;
    }

    /// Waits for something that the connection does silently, and hears what it says meanwhile.
    async fn until_done(&mut self, done: impl Fn() -> bool) {
        let waiting = async {
            while !done() {
                tokio::select! {
                    event = self.events.recv() => {
                        let event = event.unwrap();
                        self.epoch = self.epoch.max(event.epoch);
                        self.said.push(format!("{event:?}"));
                    }
                    () = tokio::time::sleep(Duration::from_millis(20)) => {}
                }
            }
        };
        tokio::time::timeout(DEADLINE, waiting).await.expect("it was never done");
    }

    #[track_caller]
    fn shows_no_secret(&self) {
        for said in &self.said {
            assert!(!said.contains("canary-"), "{said}");
        }
    }
}

/// The refresh token in the store.
fn stored(vault: &Vault, id: ProfileId) -> String {
    let profiles = vault.profiles().unwrap();
    let profile = profiles.iter().find(|profile| profile.id == id).unwrap();
    assert!(!format!("{profile:?}").contains("canary-"), "a profile shows no secret");
    match &profile.secret {
        Some(SecretSource::Oidc(source)) => match &source.grant {
            OidcGrant::Refresh { token } => secrecy::ExposeSecret::expose_secret(token).to_owned(),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

/// All that is logged in this process, at the most talkative level.
fn log() -> Arc<Mutex<Vec<u8>>> {
    #[derive(Clone)]
    struct Sink(Arc<Mutex<Vec<u8>>>);
    impl std::io::Write for Sink {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    static LOG: std::sync::OnceLock<Arc<Mutex<Vec<u8>>>> = std::sync::OnceLock::new();
    let made = LOG.get_or_init(|| {
        let log = Arc::new(Mutex::new(Vec::new()));
        let sink = Sink(log.clone());
        let subscriber =
            tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(move || sink.clone());
        subscriber.try_init().unwrap();
        log
    });
    made.clone()
}

#[track_caller]
fn nothing_is_logged(log: &Arc<Mutex<Vec<u8>>>) {
    let bytes = log.lock().unwrap().clone();
    let text = String::from_utf8_lossy(&bytes);
    assert!(text.len() > 1000, "something is logged at all");
    // The fakes are in this process, too; what a test itself shows is not the program's.
    let ours = text
        .lines()
        .filter(|line| line.contains("vector_inspector") || line.contains("reqwest") || line.contains("hyper"));
    for line in ours {
        assert!(!line.contains("canary-"), "{line}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_ends_is_followed_by_the_next_without_a_drop() {
    let log = log();
    let fake = Fake::start(2).await;
    let mut bench = Bench::open(&fake, OidcGrant::ClientCredentials { secret: SecretString::from(CLIENT_SECRET) });
    bench.until_connected().await;
    bench.until_done(|| fake.tokens_used() >= 4).await;
    assert_eq!(bench.epoch, Epoch(1), "the same life: {:#?}", bench.said);
    let troubled =
        |said: &&String| said.contains("Reconnecting") || said.contains("Failed") || said.contains("Unauthorized");
    assert_eq!(bench.said.iter().find(troubled), None);
    bench.shows_no_secret();
    nothing_is_logged(&log);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refresh_tokens_that_change_at_each_use_are_kept_in_the_store() {
    let fake = Fake::start(2).await;
    let first = fake.refresh_token();
    let mut bench = Bench::open(&fake, OidcGrant::Refresh { token: SecretString::from(first.as_str()) });
    bench.until_connected().await;
    bench.until_done(|| fake.tokens_used() >= 3).await;
    assert_eq!(bench.epoch, Epoch(1));
    assert_ne!(fake.newest_refresh(), first);
    // The newest comes into the store, whatever it is by then: the program may end at any time.
    let (vault, profile) = (bench.vault.clone(), bench.profile);
    bench.until_done(|| stored(&vault, profile) == fake.newest_refresh()).await;
    bench.shows_no_secret();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_refresh_shows_that_the_key_is_refused() {
    let fake = Fake::start(300).await;
    let token = SecretString::from(fake.refresh_token());
    let mut bench = Bench::open(&fake, OidcGrant::Refresh { token });
    bench.until_connected().await;
    fake.refuse();
    bench.registry.send(ID, Command::CheckNow).unwrap();
    let refused = |kind: &ConnectionEventKind| match kind {
        ConnectionEventKind::Health(health) => health.state == HealthState::Unauthorized,
        _ => false,
    };
    bench.until(refused).await;
    let last = bench.said.last().unwrap();
    assert!(last.contains("refused the sign-in") && last.contains("Sign in again"), "{last}");
    bench.shows_no_secret();
}
