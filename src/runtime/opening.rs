//! From what the reducer wants opened to a connection's task: profiles are read from the vault,
//! secrets resolved afresh at every attempt, ports asked who they are, the demo made if need be.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use futures::future::BoxFuture;
use secrecy::{ExposeSecret, SecretString};
use tokio::task::spawn_blocking;

use super::kept_secret::KeptSecret;
use super::leads_to::{PlacedGate, leads_to};
use super::locks::OpenLocks;
use super::progress::Progress;
use crate::app::effect::{AdHoc, OpenRequest, OpenSource};
use crate::connection::message::{ConnectionId, LeadsTo};
use crate::connection::{Connector, Prepared, Registry, SecretLife, SecretUse, Settings};
use crate::demo;
use crate::doctor::Patient;
use crate::doctor::model::Cause;
use crate::profile::access::{KnownLocks, Rules};
use crate::profile::ask_port::ask_port;
use crate::profile::destination::Destination;
use crate::profile::model::{Environment, KeyFacts, Profile, ProfileId};
use crate::profile::project::Project;
use crate::profile::secret::SecretError;
use crate::profile::spec::{SpecError, check_plain_text, connect_spec, connect_spec_with};
use crate::profile::target::Target;
use crate::profile::vault::{Vault, VaultError};
use crate::profile::whereabouts::Whereabouts;
use crate::provider::{self, Address, ConnectSpec, Gate, Lock, ProviderError, ProviderKind, Timeouts};
use crate::text::register_secret;

/// What opening needs from outside.
#[derive(Clone)]
pub struct Opener {
    /// The store of profiles.
    pub vault: Arc<Vault>,
    /// Where the demo is.
    pub demo_dir: PathBuf,
    /// Limits where a profile or URL says nothing.
    pub timeouts: Timeouts,
    /// What is read-only in this run.
    pub rules: Rules,
    /// Where the progress of making the demo goes.
    pub progress: Progress,
    /// Profiles that the project around the working directory offers.
    pub project: Option<Arc<Project>>,
    /// Where open connections keep their secrets: a typed one goes there.
    pub secrets: OpenSecrets,
    /// What is known of read-only profiles, and the connections that it concerns.
    pub locks: OpenLocks,
}

/// The secrets of open connections. A connection that ends takes its own with it.
#[derive(Debug, Clone, Default)]
pub struct OpenSecrets(Arc<Mutex<HashMap<ConnectionId, Weak<KeptSecret>>>>);

impl OpenSecrets {
    fn of(&self, connection: ConnectionId) -> Arc<KeptSecret> {
        let kept = Arc::new(KeptSecret::default());
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, kept| kept.strong_count() > 0);
        all.insert(connection, Arc::downgrade(&kept));
        kept
    }

    /// Where an open connection keeps its own.
    fn known(&self, connection: ConnectionId) -> Option<Arc<KeptSecret>> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(&connection).and_then(Weak::upgrade)
    }

    /// The user typed the key of a connection; nothing happens where that has ended meanwhile.
    pub fn give(&self, connection: ConnectionId, key: SecretString) {
        if let Some(kept) = self.known(connection) {
            kept.give(key);
        }
    }
}

impl Opener {
    /// Starts the task of a connection.
    pub fn open(&self, registry: &mut Registry, connection: ConnectionId, source: OpenSource, paused: bool) {
        let settings = Settings { paused, ..Settings::from(self.timeouts) };
        // Locked until the profile is read, or what it is instead is known.
        let gate = Arc::new(PlacedGate::new(Gate::new(Some(Lock::Profile))));
        let kept = self.secrets.of(connection);
        let connector = SourceConnector { opener: self.clone(), connection, source, kept, gate };
        registry.open(connection, connector, settings);
    }

    /// What the doctor would examine of a source, with the key that its open connection has: one that was
    /// typed is had nowhere else, and a token need not be fetched a second time.
    ///
    /// # Errors
    /// A profile that cannot be used as it is: its address, its timeouts. A secret that cannot be had is none: the
    /// doctor goes as far as it gets without.
    pub async fn patient(&self, connection: Option<ConnectionId>, source: OpenSource) -> provider::Result<Patient> {
        let kept = connection.and_then(|connection| self.secrets.known(connection)).unwrap_or_default();
        let Ready { spec, ask, access, keyless, .. } = self.ready(source, kept, SecretUse::Kept).await?;
        spec.gate.set_lock(match access {
            LockOf::Profile(lock) => lock,
            LockOf::Place(at) => self.locks.known.lock_of_ad_hoc(&at, self.rules),
        });
        if let Some(secret) = &spec.secret {
            register_secret(secret.expose_secret());
        }
        Ok(Patient { spec, ask, keyless: keyless.map(told) })
    }

    /// All that can be known of a source before the network is touched, also where its secret cannot be had.
    async fn ready(&self, source: OpenSource, kept: Arc<KeptSecret>, wish: SecretUse) -> provider::Result<Ready> {
        match source {
            OpenSource::AdHoc(ad_hoc) => {
                let AdHoc { mut spec, ask, .. } = *ad_hoc;
                spec.timeouts = self.timeouts;
                let access = self.place_of(&spec, ask.is_some()).await?;
                Ok(Ready { spec, ask, secret: SecretLife::default(), access, leads_to: None, keyless: None })
            }
            OpenSource::Profile(id) => {
                let (vault, default, rules) = (Arc::clone(&self.vault), self.timeouts, self.rules);
                let (project, locks) = (self.project.clone(), self.locks.clone());
                let found = spawn_blocking(move || {
                    let store = locks.read(&vault, project.as_deref(), rules);
                    let profile = one_of(store, project.as_deref(), id)?;
                    let access = LockOf::Profile(locks.known.lock_of(&profile, rules));
                    let leads_to = Some(leads_to(&profile));
                    let spec = profile_spec(profile, default, &kept, wish);
                    kept.save_renewed(&vault, id);
                    let (spec, secret, keyless) = spec?;
                    Ok::<_, ProviderError>(Ready { spec, ask: None, secret, access, leads_to, keyless })
                });
                found.await.map_err(|fault| ProviderError::Panicked { cause: fault.to_string() })?
            }
            OpenSource::Demo => {
                let progress = self.progress.clone();
                let job = progress.start("making the demo");
                let prepared =
                    demo::ensure(&self.demo_dir, |p| progress.report(job, p.done as u64, Some(p.total as u64))).await;
                progress.end(job);
                prepared?;
                let mut spec = ConnectSpec::directory(ProviderKind::QdrantEdge, &self.demo_dir);
                spec.timeouts = self.timeouts;
                let access = self.place_of(&spec, false).await?;
                Ok(Ready { spec, ask: None, secret: SecretLife::default(), access, leads_to: None, keyless: None })
            }
        }
    }

    /// Where a target leads that is no profile, after a look at the profiles that may lead there too.
    async fn place_of(&self, spec: &ConnectSpec, asked: bool) -> provider::Result<LockOf> {
        let (spec, opener) = (spec.clone(), self.clone());
        let at = spawn_blocking(move || {
            opener.locks.look(&opener.vault, opener.project.as_deref(), opener.rules);
            Whereabouts::of_spec(&spec, asked)
        });
        at.await.map(LockOf::Place).map_err(|fault| ProviderError::Panicked { cause: fault.to_string() })
    }
}

/// What an attempt to open a source needs.
struct Ready {
    spec: ConnectSpec,
    /// `Some` when the port must be asked who it is.
    ask: Option<Option<bool>>,
    secret: SecretLife,
    /// What says whether it is read-only.
    access: LockOf,
    /// Which database its profile leads to; `None` for what has none, and never leads elsewhere.
    leads_to: Option<LeadsTo>,
    /// Why its secret could not be had, or must not be sent; the spec is then without one.
    keyless: Option<SpecError>,
}

/// What says whether a source is read-only.
enum LockOf {
    /// Its profile, which has this lock.
    Profile(Option<Lock>),
    /// The profiles that lead to the same place, whichever are known.
    Place(Whereabouts),
}

/// Opens what the user opened, as it is in the store at each attempt.
struct SourceConnector {
    opener: Opener,
    connection: ConnectionId,
    source: OpenSource,
    kept: Arc<KeptSecret>,
    /// One for as long as it leads to the same database, so that a window outlives a fresh secret.
    gate: Arc<PlacedGate>,
}

impl Connector for SourceConnector {
    fn prepare(&self, wish: SecretUse) -> BoxFuture<'static, provider::Result<Prepared>> {
        let (opener, source, kept) = (self.opener.clone(), self.source.clone(), Arc::clone(&self.kept));
        let (gates, connection) = (Arc::clone(&self.gate), self.connection);
        Box::pin(async move {
            let Ready { mut spec, ask, secret, access, leads_to, keyless } = opener.ready(source, kept, wish).await?;
            if let Some(why) = keyless {
                return Err(why_not(why));
            }
            let gate = gates.at(leads_to);
            match access {
                LockOf::Profile(lock) => gate.set_lock(lock),
                LockOf::Place(at) => opener.locks.settle(connection, &gate, at, opener.rules),
            }
            spec.gate = gate.clone();
            if let Some(secret) = &spec.secret {
                register_secret(secret.expose_secret());
            }
            let mut timeouts = spec.timeouts;
            // A tunnel and commands take their time before the server is dialled.
            timeouts.connect += spec.route.allowance();
            let (timeouts, address) = (Some(timeouts), Some(spec.address.clone()));
            let open = Box::pin(async move {
                let spec = match ask {
                    Some(tls) => ask_port(spec, tls).await?,
                    None => spec,
                };
                provider::connect(&spec).await
            });
            Ok(Prepared { open, timeouts, address, leads_to, secret, gate })
        })
    }
}

/// The spec of a profile with its secret and what is known of that one's life, or without the one that cannot be had or
/// must not be sent, and with why; blocking.
fn profile_spec(
    mut profile: Profile,
    default: Timeouts,
    kept: &KeptSecret,
    wish: SecretUse,
) -> provider::Result<(ConnectSpec, SecretLife, Option<SpecError>)> {
    profile.connect_timeout_s.get_or_insert(default.connect.as_secs().max(1));
    profile.request_timeout_s.get_or_insert(default.request.as_secs().max(1));
    kept.goes_to(Destination::of(&profile));
    let mut life = SecretLife::default();
    let lifetime = profile.secret_lifetime_s.map(Duration::from_secs);
    let spec = connect_spec_with(&profile, |source| {
        let (secret, known) = kept.have(source, lifetime, wish)?;
        life = known;
        Ok(secret)
    });
    let (spec, keyless) = match spec {
        Err(why @ (SpecError::Secret { .. } | SpecError::PlainTextKey { .. })) => {
            profile.secret = None;
            (connect_spec(&profile), Some(why))
        }
        spec => (spec, None),
    };
    Ok((spec.map_err(why_not)?, life, keyless))
}

fn why_not(error: SpecError) -> ProviderError {
    match error {
        SpecError::Secret { cause: SecretError::NotTyped, .. } => ProviderError::KeyNotTyped,
        // As the provider of the token has it: refused, or only not there.
        SpecError::Secret { cause: SecretError::SignIn(cause), .. } => cause,
        SpecError::Secret { cause, .. } => ProviderError::NoSecret { cause: cause.to_string() },
        other => not_possible(other.to_string()),
    }
}

/// The profile with this identity, as it is in the store now, or as the project offers it.
pub(super) fn profile_by_id(vault: &Vault, project: Option<&Project>, id: ProfileId) -> provider::Result<Profile> {
    match project.and_then(|project| project.by_id(id)) {
        Some(profile) => Ok(profile.clone()),
        None => one_of(vault.profiles(), None, id),
    }
}

/// The same of a store that was just read.
fn one_of(
    store: Result<Vec<Profile>, VaultError>,
    project: Option<&Project>,
    id: ProfileId,
) -> provider::Result<Profile> {
    if let Some(profile) = project.and_then(|project| project.by_id(id)) {
        return Ok(profile.clone());
    }
    let profiles = store.map_err(|error| not_possible(error.to_string()))?;
    profiles
        .into_iter()
        .find(|profile| profile.id == id)
        .ok_or_else(|| not_possible("the profile was deleted from the store".to_owned()))
}

fn not_possible(cause: String) -> ProviderError {
    ProviderError::BadRequest { cause, mend: "Correct the profile (e in the sidebar), then retry (!).".to_owned() }
}

/// What the reducer needs to know of a target that is no profile. Looks at the file system, but where nothing is
/// known of profiles yet: then the gate follows when something is.
pub(super) fn open_request(target: Target, rules: Rules, known: Option<&KnownLocks>) -> Result<OpenRequest, String> {
    let (label, spec, ask, secret) = match target {
        Target::Demo => return Ok(OpenRequest { lock: rules.lock_of_ad_hoc(), ..OpenRequest::demo() }),
        Target::Profile(name) => return Err(name),
        Target::Spec { label, spec, secret } => (label, *spec, None, secret),
        Target::Ask { label, tls, spec, secret } => (label, *spec, Some(tls), secret),
    };
    let lock = match known {
        Some(known) => known.lock_of_ad_hoc(&Whereabouts::of_spec(&spec, ask.is_some()), rules),
        None => rules.lock_of_ad_hoc(),
    };
    Ok(OpenRequest {
        label,
        kind: spec.kind,
        address: if ask.is_some() { shown(&spec.address) } else { as_typed(&spec) },
        environment: Environment::Dev,
        lock,
        insecure: spec.tls.insecure,
        // It is refused where it is not allowed.
        key: KeyFacts { asked: false, plain: check_plain_text(&spec.address).is_err() && spec.secret.is_some() },
        color: None,
        source: OpenSource::AdHoc(Box::new(AdHoc { spec, ask, secret })),
    })
}

/// An address as people type it, with its maker's own scheme and the database: `postgres://db:5432/app`.
fn as_typed(spec: &ConnectSpec) -> String {
    let Address::Server { tls, .. } = spec.address else { return shown(&spec.address) };
    let maker = spec.kind.maker();
    let schemes = maker.schemes();
    let own = schemes.iter().find(|(_, with)| *with == tls).or(schemes.first());
    let text = shown(&spec.address);
    let (Some((scheme, _)), Some((_, rest))) = (own, text.split_once("://")) else { return text };
    let path = maker.server().and_then(|place| place.path_option).and_then(|option| spec.options.get(option));
    format!("{scheme}://{rest}{}", path.map_or_else(String::new, |path| format!("/{path}")))
}

/// An address as profiles have it.
pub(super) fn shown(address: &Address) -> String {
    match address {
        Address::Server { host, port, tls } => {
            let scheme = if *tls { "https" } else { "http" };
            // An IPv6 address needs its brackets, or its end reads as a port.
            if host.contains(':') { format!("{scheme}://[{host}]:{port}") } else { format!("{scheme}://{host}:{port}") }
        }
        Address::Directory(path) => path.display().to_string(),
    }
}

/// Why the doctor has to go without a key, and which cause that is.
fn told(why: SpecError) -> (Cause, String) {
    let cause = match why {
        SpecError::PlainTextKey { .. } => Cause::KeyInPlainText,
        _ => Cause::KeyNotHad,
    };
    (cause, why.to_string())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::profile::model::SecretSource;
    use crate::profile::vault::{NewKey, Operation};

    /// An opener over a new store with this profile in it.
    fn opener_of(folder: &std::path::Path, profile: Profile) -> Opener {
        let vault = Vault::open(folder.join("config"));
        vault.create(NewKey::KeyFile).unwrap();
        vault.edit(Operation::Add(Box::new(profile))).unwrap();
        let timeouts = Timeouts { connect: Duration::from_secs(7), request: Duration::from_secs(30) };
        let (events, _heard) = tokio::sync::mpsc::channel(8);
        let progress = Progress::new(events);
        let (rules, demo_dir) = (Rules::default(), folder.join("demo"));
        let (secrets, locks) = (OpenSecrets::default(), OpenLocks::default());
        Opener { vault: Arc::new(vault), demo_dir, timeouts, rules, progress, secrets, locks, project: None }
    }

    #[test]
    fn an_address_is_shown_with_its_makers_own_scheme() {
        let of = |word: &str| {
            let Ok(target) = crate::profile::target::parse(word, &|_| None) else { return String::new() };
            open_request(target, Rules::default(), None).unwrap().address
        };
        for (word, shown) in [
            ("postgres://me@db.example.com/app", "postgres://db.example.com:5432/app"),
            ("redis://db", "redis://db:6379"),
            ("rediss://db", "rediss://db:6379"),
            ("qdrant://[::1]", "qdrant://[::1]:6334"),
            ("qdrant+https://db", "qdrant+https://db:6334"),
            ("db:8000", "http://db:8000"),
        ] {
            assert_eq!(of(word), shown, "{word}");
        }
    }

    #[tokio::test]
    async fn the_doctor_has_the_key_that_was_typed_for_the_open_connection_and_for_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let mut profile = Profile::new("asked", ProviderKind::Qdrant, "https://db.example.com");
        profile.secret = Some(SecretSource::Ask);
        let source = OpenSource::Profile(profile.id);
        let opener = opener_of(folder.path(), profile);
        let (open, other) = (ConnectionId(1), ConnectionId(2));
        let _open = (opener.secrets.of(open), opener.secrets.of(other));
        opener.secrets.give(open, SecretString::from("canary-typed"));
        let patient = opener.patient(Some(open), source.clone()).await.unwrap();
        assert_eq!(patient.spec.secret.unwrap().expose_secret(), "canary-typed");
        for without in [other, ConnectionId(3)] {
            let patient = opener.patient(Some(without), source.clone()).await.unwrap();
            let (cause, why) = patient.keyless.unwrap();
            assert_eq!(cause, Cause::KeyNotHad);
            assert!(patient.spec.secret.is_none() && why.contains("was not typed"), "{why}");
        }
    }

    #[tokio::test]
    async fn a_key_that_must_not_be_sent_keeps_the_doctor_from_nothing_and_the_connection_from_all() {
        let folder = tempfile::tempdir().unwrap();
        let mut profile = Profile::new("p", ProviderKind::Chroma, "http://192.0.2.2:8000");
        profile.secret = Some(SecretSource::Stored(SecretString::from("canary-plain")));
        let source = OpenSource::Profile(profile.id);
        let opener = opener_of(folder.path(), profile);
        let patient = opener.patient(None, source.clone()).await.unwrap();
        assert!(patient.spec.secret.is_none() && patient.keyless.unwrap().0 == Cause::KeyInPlainText);
        let gate = Arc::new(PlacedGate::new(Gate::default()));
        let (connection, kept) = (ConnectionId(1), Arc::default());
        let connector = SourceConnector { opener, connection, source, kept, gate };
        let error = connector.prepare(SecretUse::Kept).await.err().unwrap();
        assert!(matches!(error, ProviderError::BadRequest { .. }), "{error}");
    }

    #[tokio::test]
    async fn a_variable_that_is_not_set_is_told_as_a_secret_that_is_not_there() {
        let folder = tempfile::tempdir().unwrap();
        let mut profile = Profile::new("p", ProviderKind::Qdrant, "https://db.example.com");
        profile.secret = Some(SecretSource::Env("VI_TEST_NO_SUCH_VARIABLE".to_owned()));
        let source = OpenSource::Profile(profile.id);
        let opener = opener_of(folder.path(), profile);
        let gate = Arc::new(PlacedGate::new(Gate::default()));
        let (connection, kept) = (ConnectionId(1), Arc::default());
        let connector = SourceConnector { opener, connection, source, kept, gate };
        let error = connector.prepare(SecretUse::Kept).await.err().unwrap();
        assert_eq!(error.brief(), "no key to be had");
        let text = error.to_string();
        assert!(text.contains("VI_TEST_NO_SUCH_VARIABLE is not set.") && !text.contains(".."), "{text}");
    }

    #[tokio::test]
    async fn a_profiles_timeouts_reach_the_connection_and_the_general_ones_fill_the_gaps() {
        let folder = tempfile::tempdir().unwrap();
        let mut patient = Profile::new("patient", ProviderKind::Qdrant, "127.0.0.1:1");
        patient.request_timeout_s = Some(120);
        let id = patient.id;
        let opener = opener_of(folder.path(), patient);
        let gate = Arc::new(PlacedGate::new(Gate::new(Some(Lock::Run))));
        let (connection, source, kept) = (ConnectionId(1), OpenSource::Profile(id), Arc::default());
        let connector = SourceConnector { opener, connection, source, kept, gate };
        let prepared = connector.prepare(SecretUse::Kept).await.unwrap();
        let expected = Timeouts { connect: Duration::from_secs(7), request: Duration::from_secs(120) };
        assert_eq!(prepared.timeouts, Some(expected));
        assert_eq!(prepared.gate.access().lock, None, "the gate has the profile's own lock");
    }
}
