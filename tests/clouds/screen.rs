//! What the screen's sign-in does behind it: finds that come at once, saving that is stopped, keys that would be
//! lost.

use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use tokio::net::TcpListener;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use vector_inspector::app::event::{Event, SignInSaid};
use vector_inspector::cloud::{Answers, Cloud, Key};
use vector_inspector::profile::model::{Profile, SecretSource};
use vector_inspector::profile::vault::{NewKey, Operation, Vault};
use vector_inspector::provider::{ProviderKind, Timeouts};
use vector_inspector::runtime::sign_in::SignIns;

/// How long something may take that is waited for.
const DEADLINE: Duration = Duration::from_secs(60);

struct Bench {
    sign_ins: SignIns,
    vault: Arc<Vault>,
    sender: Sender<Event>,
    events: Receiver<Event>,
    _folder: tempfile::TempDir,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let vault = Vault::open(folder.path().join("config"));
        vault.create(NewKey::KeyFile).unwrap();
        let (sender, events) = channel(64);
        Self { sign_ins: SignIns::default(), vault: Arc::new(vault), sender, events, _folder: folder }
    }

    fn find(&self, ticket: u64, cloud: Cloud, url: &str) {
        let mut answers = Box::<Answers>::default();
        answers.texts.insert("url", url.to_owned());
        answers.keys.insert("key", Key::stored(SecretString::from("canary-new")));
        self.sign_ins.find(ticket, cloud, answers, self.vault.clone(), self.sender.clone());
    }

    async fn hears(&mut self) -> SignInSaid {
        let heard = tokio::time::timeout(DEADLINE, self.events.recv()).await.unwrap().unwrap();
        match heard {
            Event::SignIn(event) => event.said,
            other => panic!("{other:?}"),
        }
    }

    async fn finds(&mut self) {
        let said = self.hears().await;
        assert!(matches!(&said, SignInSaid::Found { rows, .. } if rows.len() == 1), "{said:?}");
    }

    async fn save(&self, ticket: u64) -> usize {
        let saving = self.sign_ins.save(ticket, &[0], &self.vault, Timeouts::default(), &self.sender);
        tokio::time::timeout(DEADLINE, saving).await.unwrap()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_found_at_once_is_tested_at_once() {
    let mut bench = Bench::new();
    // No question goes to a network, so that the answer is there as soon as anything is.
    for ticket in 0..50 {
        bench.find(ticket, Cloud::Weaviate, "http://127.0.0.1:1");
        bench.finds().await;
        bench.save(ticket).await;
        let said = bench.hears().await;
        assert!(matches!(said, SignInSaid::Ended { row: 0, result: Err(_) }), "{ticket}: {said:?}");
        assert!(matches!(bench.hears().await, SignInSaid::Done));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn finds_that_are_no_longer_there_are_told() {
    let mut bench = Bench::new();
    bench.find(1, Cloud::Weaviate, "http://127.0.0.1:1");
    bench.finds().await;
    for end in [false, true] {
        if end {
            bench.sign_ins.end();
        }
        assert_eq!(bench.save(if end { 1 } else { 7 }).await, 0);
        let said = bench.hears().await;
        assert!(matches!(&said, SignInSaid::NotSaved(why) if why.contains("no longer there")), "{said:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn saving_that_is_stopped_saves_nothing() {
    // It takes connections and says nothing.
    let silent = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    for end in [false, true] {
        let mut bench = Bench::new();
        bench.find(1, Cloud::Weaviate, &url);
        bench.finds().await;
        let (sign_ins, vault, sender) = (bench.sign_ins.clone(), bench.vault.clone(), bench.sender.clone());
        let saving = tokio::spawn(async move { sign_ins.save(1, &[0], &vault, Timeouts::default(), &sender).await });
        let accepted = tokio::time::timeout(DEADLINE, silent.accept()).await.unwrap().unwrap();
        if end {
            bench.sign_ins.end();
        } else {
            bench.sign_ins.stop_saving();
        }
        let stopped = tokio::time::timeout(Duration::from_secs(3), saving).await;
        assert_eq!(stopped.expect("it goes on by itself").unwrap(), 0);
        assert!(bench.vault.profiles().unwrap().is_empty());
        drop(accepted);
        if !end {
            // What was found is kept, and the next time is another one.
            let saving = tokio::spawn({
                let (sign_ins, vault, sender) = (bench.sign_ins.clone(), bench.vault.clone(), bench.sender.clone());
                async move { sign_ins.save(1, &[0], &vault, Timeouts::default(), &sender).await }
            });
            let accepted = tokio::time::timeout(DEADLINE, silent.accept()).await.unwrap().unwrap();
            bench.sign_ins.end();
            saving.await.unwrap();
            drop(accepted);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_profile_that_came_meanwhile_is_told_before_its_key_is_lost() {
    let mut bench = Bench::new();
    let url = "http://127.0.0.1:1";
    bench.find(1, Cloud::Weaviate, url);
    bench.finds().await;
    let mut mine = Profile::new("mine", ProviderKind::Weaviate, url);
    mine.secret = Some(SecretSource::Stored(SecretString::from("canary-old")));
    bench.vault.edit(Operation::Add(Box::new(mine))).unwrap();
    assert_eq!(bench.save(1).await, 0);
    let SignInSaid::Updates(said) = bench.hears().await else { panic!() };
    let updates = said[0].clone().unwrap();
    assert_eq!((updates.name.as_str(), updates.replaces_key), ("mine", true));
    // Now it was said: the next one is tested.
    bench.save(1).await;
    assert!(matches!(bench.hears().await, SignInSaid::Ended { row: 0, result: Err(_) }));
}
