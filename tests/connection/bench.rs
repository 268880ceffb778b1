//! One connection to a scripted server, and what a test may wait for.

use std::time::Duration;

use tokio::sync::mpsc::{self, Receiver};
use tokio::time::{Instant, timeout};
use vector_inspector::connection::health::{Health, HealthState, word};
use vector_inspector::connection::message::{
    Answer, Command, ConnectionEvent, ConnectionEventKind, ConnectionId, Epoch, Question, RequestId,
};
use vector_inspector::connection::registry::EVENTS;
use vector_inspector::connection::{ConnectionHandle, Settings, Shared, task};
use vector_inspector::provider::Result;

use crate::scripted::Scripted;

/// The longest that a test waits for something, in paused seconds: a hang is a failure.
const PATIENCE: Duration = Duration::from_secs(3_600);

/// The time-out of requests that bring none.
pub const REQUEST: Duration = Duration::from_secs(30);

pub struct Bench {
    pub server: Scripted,
    pub handle: ConnectionHandle,
    pub events: Receiver<ConnectionEvent>,
    next: u64,
}

impl Bench {
    pub fn start(server: &Scripted) -> Self {
        Self::start_with(server, 7, Shared::alone(), EVENTS)
    }

    pub fn start_with(server: &Scripted, seed: u64, shared: Shared, room: usize) -> Self {
        Self::start_as(server, Settings { seed: Some(seed), ..Settings::default() }, shared, room)
    }

    pub fn start_as(server: &Scripted, settings: Settings, shared: Shared, room: usize) -> Self {
        let (events, events_out) = mpsc::channel(room);
        let settings = Settings { request: REQUEST, ..settings };
        let handle = task::spawn(ConnectionId(1), server.clone(), settings, shared, events);
        Self { server: server.clone(), handle, events: events_out, next: 0 }
    }

    /// A connection that is up and idle.
    pub async fn idle() -> Self {
        let server = Scripted::new();
        let mut bench = Self::start(&server);
        bench.until_idle().await;
        bench
    }

    pub fn ask(&mut self, deadline: Option<Duration>) -> RequestId {
        self.next += 1;
        let id = RequestId(self.next);
        self.handle.try_send(Command::Ask { id, question: Question::Collections, deadline }).unwrap();
        id
    }

    pub fn send(&self, command: Command) {
        self.handle.try_send(command).unwrap();
    }

    pub async fn next(&mut self) -> ConnectionEvent {
        timeout(PATIENCE, self.events.recv()).await.expect("an event before patience ends").expect("the task lives")
    }

    /// The next health for which `is` holds; everything before it is dropped.
    pub async fn until(&mut self, is: impl Fn(&Health) -> bool) -> Health {
        loop {
            if let ConnectionEventKind::Health(health) = self.next().await.kind
                && is(&health)
            {
                return health;
            }
        }
    }

    pub async fn until_idle(&mut self) -> Health {
        self.until(|health| health.state == HealthState::Idle).await
    }

    pub async fn until_failed(&mut self) -> Health {
        self.until(|health| matches!(health.state, HealthState::Failed { .. })).await
    }

    /// The answer to a question, with the life that it is from.
    pub async fn answer(&mut self, wanted: RequestId) -> (Epoch, Result<Answer>, Duration) {
        loop {
            let event = self.next().await;
            if let ConnectionEventKind::Answer { id, result, took } = event.kind
                && id == wanted
            {
                return (event.epoch, result, took);
            }
        }
    }

    /// Lets time pass, then gives all that was said meanwhile.
    pub async fn pass(&mut self, time: Duration) -> Vec<ConnectionEventKind> {
        tokio::time::sleep(time).await;
        let mut said = Vec::new();
        while let Ok(event) = self.events.try_recv() {
            said.push(event.kind);
        }
        said
    }

    /// Waits until a condition on the server holds.
    pub async fn server_until(&self, is: impl Fn(&Scripted) -> bool) {
        let start = Instant::now();
        while !is(&self.server) {
            assert!(start.elapsed() < PATIENCE, "the condition never came");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}

/// The words of the healths among events.
pub fn words(said: &[ConnectionEventKind]) -> Vec<String> {
    said.iter()
        .filter_map(|kind| match kind {
            ConnectionEventKind::Health(health) => Some(word(health)),
            _ => None,
        })
        .collect()
}

/// How many answers there are among events.
pub fn answers(said: &[ConnectionEventKind]) -> usize {
    said.iter().filter(|kind| matches!(kind, ConnectionEventKind::Answer { .. })).count()
}
