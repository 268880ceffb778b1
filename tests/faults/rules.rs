//! One maker behind a wire that fails: shown as failed in time, a question ends with its deadline, back in
//! time when the wire is mended; and a slow wire is no failure.
//!
//! At [`Speed::Tenth`] the rules of the connection task run ten times as fast, and what does not get faster
//! (asking a port who it is, this machine) has some seconds more. [`Speed::Real`] is the pace of the program and
//! the limits as they are promised.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use futures::future::join_all;
use tokio::sync::mpsc::{self, Receiver};
use tokio::time::timeout;
use vector_inspector::connection::health::{Health, HealthState};
use vector_inspector::connection::message::{
    Command, ConnectionEvent, ConnectionEventKind, ConnectionId, Question, RequestId,
};
use vector_inspector::connection::{ConnectionHandle, Pace, Settings, Shared, task};
use vector_inspector::provider::{Address, ConnectSpec, ProviderError, connect};

use crate::wire::{Fault, Wire};

/// How fast the rules run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speed {
    /// As in the program.
    Real,
    /// In a tenth of the time.
    Tenth,
}

impl Speed {
    fn times(self) -> u32 {
        match self {
            Self::Real => 1,
            Self::Tenth => 10,
        }
    }

    /// The longest that something may take which may take `limit` in the program.
    fn at_most(self, limit: Duration) -> Duration {
        match self {
            Self::Real => limit,
            Self::Tenth => limit / self.times() + SLACK,
        }
    }
}

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
async fn line(spec: &ConnectSpec, server: SocketAddr, speed: Speed) -> Line {
    let wire = Wire::to(server).await;
    let mut spec = spec.clone();
    if let Address::Server { host, port, .. } = &mut spec.address {
        // As it is named in a certificate, but with one address only.
        *host = if host == "localhost" { "localhost".to_owned() } else { wire.address.ip().to_string() };
        *port = wire.address.port();
    }
    if speed == Speed::Tenth {
        spec.timeouts.connect = Duration::from_secs(1);
    }
    let settings = Settings { pace: Pace::default().faster(speed.times()), ..Settings::from(spec.timeouts) };
    let (events, heard) = mpsc::channel(1024);
    let connector = move || {
        let spec = spec.clone();
        async move { connect(&spec).await }
    };
    let handle = task::spawn(ConnectionId(1), connector, settings, Shared::alone(), events);
    Line { wire, handle, events: heard }
}

impl Line {
    /// The next health for which `is` holds.
    async fn until(&mut self, what: &str, limit: Duration, is: impl Fn(&Health) -> bool) -> Health {
        let (start, mut seen) = (Instant::now(), Vec::new());
        loop {
            let left = limit.saturating_sub(start.elapsed());
            let Ok(Some(event)) = timeout(left, self.events.recv()).await else {
                panic!("{what}: not within {limit:?}, but {seen:?}")
            };
            if let ConnectionEventKind::Health(health) = event.kind {
                if is(&health) {
                    return health;
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
async fn fault(what: String, spec: ConnectSpec, server: SocketAddr, fault: Fault, speed: Speed) {
    let mut line = line(&spec, server, speed).await;
    line.until(&format!("{what}: connect"), BACK, is_up).await;
    line.wire.becomes(fault);
    let broke = Instant::now();
    if fault == Fault::Blackhole {
        let deadline = Duration::from_millis(600);
        let id = line.ask(1, Some(deadline));
        let (result, took) = line.answer(id).await;
        assert!(result.is_err(), "{what}");
        assert!(took <= deadline + LATE, "{what}: the question ended after {took:?}");
    }
    let failed = |health: &Health| matches!(health.state, HealthState::Failed { .. });
    let left = speed.at_most(RED).saturating_sub(broke.elapsed());
    let health = line.until(&format!("{what}: red"), left, failed).await;
    let red = broke.elapsed();
    assert!(health.error.is_some(), "{what}: {health:?}");
    line.wire.becomes(Fault::None);
    let mended = Instant::now();
    line.until(&format!("{what}: back"), speed.at_most(BACK), is_up).await;
    let back = mended.elapsed();
    eprintln!("{what}: red after {:.1} s, back after {:.1} s", red.as_secs_f32(), back.as_secs_f32());
    let id = line.ask(2, Some(RED));
    let (result, _) = line.answer(id).await;
    // Where the fake forbids the list it is an answer all the same.
    let answered = result.is_ok() || matches!(result, Err(ProviderError::Unauthorized { .. }));
    assert!(answered, "{what}: {result:?}");
}

/// A slow wire is no failure.
async fn slow(what: String, spec: ConnectSpec, server: SocketAddr, speed: Speed) {
    let mut line = line(&spec, server, speed).await;
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
pub async fn all_faults(maker: &str, spec: &ConnectSpec, server: SocketAddr, speed: Speed) {
    let faults = FAULTS.map(|kind| fault(format!("{maker}, {kind:?}"), spec.clone(), server, kind, speed));
    tokio::join!(join_all(faults), slow(format!("{maker}, slow"), spec.clone(), server, speed));
}
