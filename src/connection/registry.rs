//! All open connections of the program, for `runtime`: a map of handles, the one channel on which
//! their tasks speak, and what they share (see [`Shared`]).

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::sync::watch;
use tokio_util::task::AbortOnDropHandle;

use super::handle::{ConnectionHandle, Connector, Refused, Settings};
use super::message::{Command, ConnectionEvent, ConnectionId};
use super::task;
use super::turns::Turns;
pub use super::turns::{CONNECTS_A_SECOND, CONNECTS_AT_ONCE};
use super::wake;

/// How many events may wait for the loop; a task waits when there are more.
pub const EVENTS: usize = 1024;

/// What all connections of a program share.
#[derive(Debug, Clone)]
pub struct Shared {
    pub(super) turns: Arc<Turns>,
    pub(super) wakes: watch::Receiver<u64>,
}

impl Shared {
    /// For a single connection, as a command opens it: nobody watches for sleep.
    pub fn alone() -> Self {
        Self::new(watch::channel(0).1)
    }

    /// With a signal that tells when the machine woke from sleep or its network changed.
    pub fn new(wakes: watch::Receiver<u64>) -> Self {
        Self { turns: Arc::new(Turns::new()), wakes }
    }
}

/// The open connections. Dropping it ends them all.
#[derive(Debug)]
pub struct Registry {
    handles: HashMap<ConnectionId, ConnectionHandle>,
    events: Sender<ConnectionEvent>,
    shared: Shared,
    _wake_watcher: AbortOnDropHandle<()>,
}

impl Registry {
    /// An empty registry and the channel on which all connections speak. Starts the one task that
    /// notices that the machine slept; must be called inside a tokio runtime.
    pub fn new() -> (Self, Receiver<ConnectionEvent>) {
        let (events, events_out) = mpsc::channel(EVENTS);
        let (wakes, wakes_out) = watch::channel(0);
        let watcher = AbortOnDropHandle::new(tokio::spawn(wake::watch(wakes)));
        let registry = Self { handles: HashMap::new(), events, shared: Shared::new(wakes_out), _wake_watcher: watcher };
        (registry, events_out)
    }

    /// Starts a connection, which begins to connect at once. An older one of the same id is ended
    /// without a word.
    pub fn open(&mut self, connection: ConnectionId, connector: impl Connector, settings: Settings) {
        let handle = task::spawn(connection, connector, settings, self.shared.clone(), self.events.clone());
        self.handles.insert(connection, handle);
    }

    /// Gives a connection a command, without waiting.
    ///
    /// # Errors
    /// See [`ConnectionHandle::try_send`]; a connection that is not there is as one that has ended.
    pub fn send(&self, connection: ConnectionId, command: Command) -> Result<(), Box<Refused>> {
        match self.handles.get(&connection) {
            Some(handle) => handle.try_send(command),
            None => Err(Box::new(Refused::unknown(connection, command))),
        }
    }

    /// The handle of a connection, for a job that asks it for itself.
    pub fn get(&self, connection: ConnectionId) -> Option<&ConnectionHandle> {
        self.handles.get(&connection)
    }

    /// Forgets a connection, after its `Closed` event. One that still runs is ended without a word.
    pub fn forget(&mut self, connection: ConnectionId) {
        self.handles.remove(&connection);
    }

    /// The connections that were opened and not forgotten, in no order.
    pub fn ids(&self) -> impl Iterator<Item = ConnectionId> {
        self.handles.keys().copied()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.handles.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.handles.is_empty()
    }
}
