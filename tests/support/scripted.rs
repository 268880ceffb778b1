//! A database in memory that does what a test tells it: answers, hangs, fails, panics, is late.
//! For tests and faults only. Time is tokio's, so that paused tests take none.

#[path = "memory.rs"]
mod memory;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use futures::future::BoxFuture;
use tokio::time::Instant;
use vector_inspector::connection::{Connector, Prepared, SecretLife, SecretUse};
use vector_inspector::provider::filter::Filter;
use vector_inspector::provider::model::{
    CollectionInfo, CollectionSpec, CollectionSummary, Count, Hit, Page, PageRequest, Record, RecordId, SearchRequest,
};
use vector_inspector::provider::{Capabilities, Gate, Provider, ProviderError, Result, ServerInfo, Support, Timeouts};

use memory::Memory;

/// What the server does when it is called.
#[derive(Debug, Clone, PartialEq)]
pub enum Act {
    /// Answers at once.
    Answer,
    /// Answers after so long.
    After(Duration),
    /// Never answers.
    Hang,
    /// Fails at once.
    Fail(ProviderError),
    /// Panics.
    Panic,
}

impl Act {
    /// The error of a server that is not there.
    pub fn refuse() -> Self {
        Self::Fail(ProviderError::Refused { address: "scripted:1".to_owned() })
    }

    /// The error of a server that does not like the key.
    pub fn forbid() -> Self {
        Self::Fail(ProviderError::Unauthorized { address: "scripted:1".to_owned(), cause: "no such key".to_owned() })
    }

    async fn play(self) -> Result<()> {
        match self {
            Self::Answer => Ok(()),
            Self::After(wait) => {
                tokio::time::sleep(wait).await;
                Ok(())
            }
            Self::Hang => std::future::pending().await,
            Self::Fail(error) => Err(error),
            Self::Panic => panic!("scripted panic"),
        }
    }
}

/// The token that a command of the profile gives, as the test wants it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Token {
    /// Its lifetime, if the profile says one.
    pub lifetime: Option<Duration>,
    /// Whether attempts may use the one that was fetched before.
    pub keeps: bool,
    /// Whether the command goes on giving the first one, however old.
    pub stale: bool,
}

struct Script {
    timeouts: Option<Timeouts>,
    token: Option<Token>,
    /// The token that the server accepts, the one fetched last, and how often one was fetched.
    valid: u64,
    held: Option<u64>,
    fetched: usize,
    connect: Act,
    ping: Act,
    ask: Act,
    drop: Act,
    connects_at: Vec<Instant>,
    pings_at: Vec<Instant>,
}

struct Inner {
    memory: Mutex<Memory>,
    script: Mutex<Script>,
    open: AtomicUsize,
    running: AtomicUsize,
    connecting: AtomicUsize,
    most_connecting: AtomicUsize,
    gate: Gate,
}

/// The server, as the test holds it; clones are the same server.
#[derive(Clone)]
pub struct Scripted(Arc<Inner>);

/// Counts for as long as it lives.
struct Counted<'a>(&'a AtomicUsize);

impl<'a> Counted<'a> {
    fn new(counter: &'a AtomicUsize) -> Self {
        counter.fetch_add(1, Ordering::SeqCst);
        Self(counter)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Default for Scripted {
    fn default() -> Self {
        Self::new()
    }
}

impl Scripted {
    /// A server that is well and empty.
    pub fn new() -> Self {
        let script = Script {
            timeouts: None,
            token: None,
            valid: 0,
            held: None,
            fetched: 0,
            connect: Act::Answer,
            ping: Act::Answer,
            ask: Act::Answer,
            drop: Act::Answer,
            connects_at: Vec::new(),
            pings_at: Vec::new(),
        };
        Self(Arc::new(Inner {
            memory: Mutex::default(),
            script: Mutex::new(script),
            open: AtomicUsize::new(0),
            running: AtomicUsize::new(0),
            connecting: AtomicUsize::new(0),
            most_connecting: AtomicUsize::new(0),
            gate: Gate::default(),
        }))
    }

    fn script<T>(&self, read: impl FnOnce(&mut Script) -> T) -> T {
        read(&mut self.0.script.lock().unwrap())
    }

    /// What connects do from now on.
    pub fn on_connect(&self, act: Act) {
        self.script(|script| script.connect = act);
    }

    /// What pings do from now on.
    pub fn on_ping(&self, act: Act) {
        self.script(|script| script.ping = act);
    }

    /// What all other requests do from now on.
    pub fn on_ask(&self, act: Act) {
        self.script(|script| script.ask = act);
    }

    /// What letting go of a connection does: `Panic` or nothing.
    pub fn on_drop(&self, act: Act) {
        self.script(|script| script.drop = act);
    }

    /// What everything does from now on.
    pub fn always(&self, act: &Act) {
        self.on_connect(act.clone());
        self.on_ping(act.clone());
        self.on_ask(act.clone());
    }

    /// Limits that the profile has from now on.
    pub fn limited(&self, timeouts: Timeouts) {
        self.script(|script| script.timeouts = Some(timeouts));
    }

    /// Connects use a token from now on.
    pub fn with_token(&self, token: Token) {
        self.script(|script| script.token = Some(token));
    }

    /// The token that was given so far is refused from now on.
    pub fn expire_token(&self) {
        self.script(|script| script.valid += 1);
    }

    /// How often a token was fetched.
    pub fn fetched(&self) -> usize {
        self.script(|script| script.fetched)
    }

    /// When connects were tried.
    pub fn connects_at(&self) -> Vec<Instant> {
        self.script(|script| script.connects_at.clone())
    }

    /// When pings came.
    pub fn pings_at(&self) -> Vec<Instant> {
        self.script(|script| script.pings_at.clone())
    }

    /// How many connections are open.
    pub fn open(&self) -> usize {
        self.0.open.load(Ordering::SeqCst)
    }

    /// How many requests other than pings are being worked on.
    pub fn running(&self) -> usize {
        self.0.running.load(Ordering::SeqCst)
    }

    /// The most connects that were ever under way at once.
    pub fn most_connecting(&self) -> usize {
        self.0.most_connecting.load(Ordering::SeqCst)
    }

    /// The gate that its connections stand behind; without a lock unless the test sets one.
    pub fn gate(&self) -> &Gate {
        &self.0.gate
    }

    /// Opens a connection, as a provider's `connect` does.
    pub async fn provider(&self) -> Result<Box<dyn Provider>> {
        self.provider_with(None).await
    }

    async fn provider_with(&self, token: Option<u64>) -> Result<Box<dyn Provider>> {
        let counted = Counted::new(&self.0.connecting);
        self.0.most_connecting.fetch_max(self.0.connecting.load(Ordering::SeqCst), Ordering::SeqCst);
        let act = self.script(|script| {
            script.connects_at.push(Instant::now());
            script.connect.clone()
        });
        act.play().await?;
        self.admit(token).await?;
        drop(counted);
        self.0.open.fetch_add(1, Ordering::SeqCst);
        Ok(self.0.gate.guard(Box::new(Open { server: self.clone(), token })))
    }

    async fn admit(&self, token: Option<u64>) -> Result<()> {
        let good = self.script(|script| token.is_none_or(|token| token == script.valid));
        if good { Ok(()) } else { Act::forbid().play().await }
    }
}

impl Connector for Scripted {
    fn prepare(&self, wish: SecretUse) -> BoxFuture<'static, Result<Prepared>> {
        let server = self.clone();
        Box::pin(async move {
            let (timeouts, token, secret) = server.script(|script| {
                let Some(Token { lifetime, keeps, stale }) = script.token else {
                    return (script.timeouts, None, SecretLife::default());
                };
                let kept = keeps && wish == SecretUse::Kept && script.held.is_some();
                if !kept {
                    script.fetched += 1;
                    script.held = Some(if stale { 0 } else { script.valid });
                }
                (script.timeouts, script.held, SecretLife { renewable: true, kept, left: lifetime })
            });
            let gate = server.gate().clone();
            let open = Box::pin(async move { server.provider_with(token).await });
            Ok(Prepared { timeouts, secret, gate, ..Prepared::new(open) })
        })
    }
}

/// One connection to the server.
struct Open {
    server: Scripted,
    /// What it was let in with.
    token: Option<u64>,
}

impl Drop for Open {
    fn drop(&mut self) {
        self.server.0.open.fetch_sub(1, Ordering::SeqCst);
        let act = self.server.script(|script| script.drop.clone());
        assert!(act != Act::Panic || std::thread::panicking(), "scripted panic while dropping");
    }
}

const CAPABILITIES: Capabilities = Capabilities {
    filter: Support::No("the scripted provider reads no filters"),
    max_batch: Some(1_000),
    ..Capabilities::ALL
};

impl Open {
    async fn ask<T>(&self, answer: impl FnOnce(&mut Memory) -> Result<T>) -> Result<T> {
        let _counted = Counted::new(&self.server.0.running);
        self.server.admit(self.token).await?;
        self.server.script(|script| script.ask.clone()).play().await?;
        answer(&mut self.server.0.memory.lock().unwrap())
    }
}

fn no_filter(filter: Option<&Filter>) -> Result<()> {
    let reason = "it reads no filters".to_owned();
    filter.map_or(Ok(()), |_| Err(ProviderError::Unsupported { product: "scripted", reason }))
}

#[async_trait]
impl Provider for Open {
    fn capabilities(&self) -> &Capabilities {
        &CAPABILITIES
    }

    async fn ping(&self) -> Result<ServerInfo> {
        let act = self.server.script(|script| {
            script.pings_at.push(Instant::now());
            script.ping.clone()
        });
        act.play().await?;
        self.server.admit(self.token).await?;
        Ok(ServerInfo { product: "scripted".to_owned(), version: "1.0".to_owned() })
    }

    async fn collections(&self) -> Result<Vec<CollectionSummary>> {
        self.ask(|memory| Ok(memory.collections())).await
    }

    async fn describe(&self, collection: &str) -> Result<CollectionInfo> {
        self.ask(|memory| memory.describe(collection)).await
    }

    async fn count(&self, collection: &str, filter: Option<&Filter>) -> Result<Count> {
        no_filter(filter)?;
        self.ask(|memory| memory.count(collection)).await
    }

    async fn page(&self, collection: &str, request: &PageRequest) -> Result<Page> {
        no_filter(request.filter.as_ref())?;
        self.ask(|memory| memory.page(collection, request)).await
    }

    async fn get(&self, collection: &str, ids: &[RecordId], with_vectors: bool) -> Result<Vec<Record>> {
        self.ask(|memory| memory.get(collection, ids, with_vectors)).await
    }

    async fn search(&self, collection: &str, request: &SearchRequest) -> Result<Vec<Hit>> {
        no_filter(request.filter.as_ref())?;
        self.ask(|memory| memory.search(collection, request)).await
    }

    async fn check_new(&self, spec: &CollectionSpec) -> Result<()> {
        self.ask(|memory| memory.check_new(spec)).await
    }

    async fn create_collection(&self, spec: &CollectionSpec) -> Result<()> {
        self.ask(|memory| memory.create(spec)).await
    }

    async fn upsert(&self, collection: &str, records: Vec<Record>) -> Result<()> {
        self.ask(|memory| memory.upsert(collection, records)).await
    }

    async fn delete(&self, collection: &str, ids: &[RecordId]) -> Result<()> {
        self.ask(|memory| memory.delete(collection, ids)).await
    }

    async fn drop_collection(&self, collection: &str) -> Result<()> {
        self.ask(|memory| memory.drop_collection(collection)).await
    }
}
