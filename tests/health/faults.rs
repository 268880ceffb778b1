//! Connections of every maker behind a wire that fails: each is shown as failed in time, a question ends
//! with its deadline, and each is back in time when the wire is mended.
//!
//! On real sockets, with the rules of the connection task ten times as fast ([`SPEED`]); that the same
//! rules hold at their real pace is shown on paused time by `tests/connection.rs`. What does not get
//! faster (asking a port who it is, this machine) is in [`SLACK`].

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use futures::future::join_all;
use tempfile::TempDir;
use tokio::sync::mpsc::{self, Receiver};
use tokio::time::timeout;
use vector_inspector::connection::health::{Health, HealthState};
use vector_inspector::connection::message::{
    Command, ConnectionEvent, ConnectionEventKind, ConnectionId, Question, RequestId,
};
use vector_inspector::connection::{ConnectionHandle, Pace, Settings, Shared, task};
use vector_inspector::provider::{Address, ConnectSpec, ProviderError, ProviderKind, connect, transport};

use crate::fake_qdrant::Authority;
use crate::wire::{Fault, Wire};
use crate::{fake_pinecone, fake_qdrant, fake_weaviate, ports};

/// How many times as fast as it is.
const SPEED: u32 = 10;
/// Shown as failed after this time.
const RED: Duration = Duration::from_secs(30);
/// Back after this time.
const BACK: Duration = Duration::from_secs(35);
/// What does not get faster: at most five seconds to ask a port who it is, and a loaded machine.
const SLACK: Duration = Duration::from_secs(8);
/// How much later than its deadline a question may end.
const LATE: Duration = Duration::from_millis(250);

/// The faults that end a connection.
const FAULTS: [Fault; 4] = [Fault::Refuse, Fault::Blackhole, Fault::Cut, Fault::Garble];

struct Line {
    wire: Wire,
    handle: ConnectionHandle,
    events: Receiver<ConnectionEvent>,
}

/// A connection through a wire of its own.
async fn line(spec: &ConnectSpec, server: SocketAddr) -> Line {
    let wire = Wire::to(server).await;
    let mut spec = spec.clone();
    if let Address::Server { host, port, .. } = &mut spec.address {
        // As it is named in a certificate, but with one address only.
        *host = if host == "localhost" { "localhost".to_owned() } else { wire.address.ip().to_string() };
        *port = wire.address.port();
    }
    spec.timeouts.connect = Duration::from_secs(1);
    let settings = Settings { pace: Pace::default().faster(SPEED), ..Settings::from(spec.timeouts) };
    let (events, heard) = mpsc::channel(1024);
    let connector = move || {
        let spec = spec.clone();
        async move { connect(&spec).await }
    };
    let handle = task::spawn(ConnectionId(1), connector, settings, Shared::alone(), events);
    Line { wire, handle, events: heard }
}

impl Line {
    /// The next health for which `is` holds, and when it came.
    async fn until(&mut self, what: &str, limit: Duration, is: impl Fn(&Health) -> bool) -> (Health, Duration) {
        let (start, mut seen) = (Instant::now(), Vec::new());
        loop {
            let left = limit.saturating_sub(start.elapsed());
            let Ok(Some(event)) = timeout(left, self.events.recv()).await else {
                panic!("{what}: not within {limit:?}, but {seen:?}")
            };
            if let ConnectionEventKind::Health(health) = event.kind {
                if is(&health) {
                    return (health, start.elapsed());
                }
                seen.push(health.state);
            }
        }
    }

    async fn answer(&mut self, wanted: RequestId) -> (Result<(), ProviderError>, Duration) {
        loop {
            let event = timeout(RED, self.events.recv()).await.expect("an answer").unwrap();
            if let ConnectionEventKind::Answer { id, result, took } = event.kind
                && id == wanted
            {
                return (result.map(drop), took);
            }
        }
    }

    fn ask(&self, id: u64, deadline: Option<Duration>) -> RequestId {
        let id = RequestId(id);
        self.handle.try_send(Command::Ask { id, question: Question::Collections, deadline }).unwrap();
        id
    }
}

fn is_up(health: &Health) -> bool {
    matches!(health.state, HealthState::Idle | HealthState::Slow | HealthState::Flapping { .. })
}

/// One fault on one connection.
async fn fault(what: String, spec: ConnectSpec, server: SocketAddr, fault: Fault) {
    let mut line = line(&spec, server).await;
    line.until(&format!("{what}: connect"), BACK, is_up).await;
    line.wire.becomes(fault);
    if fault == Fault::Blackhole {
        let deadline = Duration::from_millis(600);
        let id = line.ask(1, Some(deadline));
        let (result, took) = line.answer(id).await;
        assert!(result.is_err(), "{what}");
        assert!(took <= deadline + LATE, "{what}: the question ended after {took:?}");
    }
    let failed = |health: &Health| matches!(health.state, HealthState::Failed { .. });
    let (health, red) = line.until(&format!("{what}: red"), RED / SPEED + SLACK, failed).await;
    assert!(health.error.is_some(), "{what}: {health:?}");
    line.wire.becomes(Fault::None);
    let (_, back) = line.until(&format!("{what}: back"), BACK / SPEED + SLACK, is_up).await;
    eprintln!("{what}: red after {:.1} s, back after {:.1} s", red.as_secs_f32(), back.as_secs_f32());
    let id = line.ask(2, Some(RED));
    let (result, _) = line.answer(id).await;
    // Where the fake forbids the list it is an answer all the same.
    let answered = result.is_ok() || matches!(result, Err(ProviderError::Unauthorized { .. }));
    assert!(answered, "{what}: {result:?}");
}

/// A slow wire is no failure.
async fn slow(what: String, spec: ConnectSpec, server: SocketAddr) {
    let mut line = line(&spec, server).await;
    line.until(&what, BACK, is_up).await;
    line.wire.becomes(Fault::Slow(Duration::from_millis(30)));
    for n in 0..5 {
        let id = line.ask(n, Some(RED));
        let (result, took) = line.answer(id).await;
        assert!(
            !matches!(result, Err(ProviderError::TimedOut { .. } | ProviderError::NotConnected)),
            "{what}: {result:?}"
        );
        assert!(took >= Duration::from_millis(30), "{what}: {took:?}");
    }
}

/// Every fault at once, each on a connection of its own.
async fn all_faults(maker: &str, spec: ConnectSpec, server: SocketAddr) {
    let faults = FAULTS.map(|kind| fault(format!("{maker}, {kind:?}"), spec.clone(), server, kind));
    tokio::join!(join_all(faults), slow(format!("{maker}, slow"), spec.clone(), server));
}

fn spec(kind: ProviderKind, host: &str, tls: bool) -> ConnectSpec {
    ConnectSpec::new(kind, Address::Server { host: host.to_owned(), port: 1, tls })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn qdrant() {
    let server = fake_qdrant::Fake::default().serve().await;
    all_faults("qdrant", spec(ProviderKind::Qdrant, "127.0.0.1", false), server.address).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn qdrant_under_tls() {
    let folder = TempDir::new().unwrap();
    let authority = Authority::new();
    let server = fake_qdrant::Fake::default().serve_tls(authority.server("localhost", false)).await;
    let mut spec = spec(ProviderKind::Qdrant, "localhost", true);
    let file = folder.path().join("ca.pem");
    std::fs::write(&file, authority.pem()).unwrap();
    spec.tls.ca_file = Some(file);
    all_faults("qdrant under TLS", spec, server.address).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn weaviate() {
    let fake = fake_weaviate::Fake::start("key").await;
    let mut spec = spec(ProviderKind::Weaviate, "127.0.0.1", false);
    spec.secret = Some("key".into());
    all_faults("weaviate", spec, fake.address.parse().unwrap()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pinecone() {
    let fake = fake_pinecone::Fake::start("key").await;
    let mut spec = spec(ProviderKind::Pinecone, "127.0.0.1", false);
    spec.secret = Some("key".into());
    all_faults("pinecone", spec, fake.address.parse().unwrap()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn elasticsearch() {
    let fake = ports::elasticsearch().await;
    all_faults("elasticsearch", spec(ProviderKind::Elasticsearch, "127.0.0.1", false), fake.address).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn chroma() {
    let fake = ports::chroma().await;
    let mut spec = spec(ProviderKind::Chroma, "127.0.0.1", false);
    spec.options.insert("tenant".to_owned(), "acme".to_owned());
    spec.options.insert("database".to_owned(), "docs".to_owned());
    all_faults("chroma", spec, fake.address).await;
}

/// Makers of which there is no fake: on the real server, where one was given.
async fn real(kind: ProviderKind, variable: &str, key: &str) {
    let Ok(url) = std::env::var(variable) else {
        eprintln!("NOT RUN: {} behind a failing wire: give a server's address in {variable}", kind.name());
        return;
    };
    let (place, options) = vector_inspector::profile::target::parse(&url, &|_| None)
        .map(|target| match target {
            vector_inspector::profile::target::Target::Spec { spec, .. }
            | vector_inspector::profile::target::Target::Ask { spec, .. } => (spec.address, spec.options),
            other => panic!("{other:?}"),
        })
        .unwrap();
    let Address::Server { host, port, .. } = place else { panic!("{url}") };
    let server = transport::Server::new(host, port, false);
    let address: SocketAddr = server.to_string().parse().unwrap();
    let mut spec = spec(kind, "127.0.0.1", false);
    spec.options = options;
    spec.secret = std::env::var(key).ok().map(Into::into);
    all_faults(kind.name(), spec, address).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis() {
    real(ProviderKind::Redis, "VECTOR_INSPECTOR_TEST_REDIS_URL", "VECTOR_INSPECTOR_TEST_REDIS_KEY").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pgvector() {
    real(ProviderKind::Pgvector, "VECTOR_INSPECTOR_TEST_PGVECTOR_URL", "VECTOR_INSPECTOR_TEST_PGVECTOR_KEY").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn milvus() {
    real(ProviderKind::Milvus, "VECTOR_INSPECTOR_TEST_MILVUS_URL", "VECTOR_INSPECTOR_TEST_MILVUS_KEY").await;
}
