//! Events that wait for the loop. The task never awaits a full channel by itself: it puts events
//! here and goes on serving cancel and close; `select!` sends them when there is room.

use std::collections::VecDeque;
use std::mem::discriminant;

use tokio::sync::mpsc::Sender;
use tokio::sync::mpsc::error::TrySendError;

use super::message::{ConnectionEvent, ConnectionEventKind, ConnectionId, Epoch};

/// From so many waiting events on the task takes no further questions, so that the outbox is
/// bounded by this and the questions already taken.
const BEHIND: usize = 64;

pub(super) struct Outbox {
    connection: ConnectionId,
    events: Sender<ConnectionEvent>,
    waiting: VecDeque<ConnectionEvent>,
}

impl Outbox {
    pub(super) fn new(connection: ConnectionId, events: Sender<ConnectionEvent>) -> Self {
        Self { connection, events, waiting: VecDeque::new() }
    }

    /// Sends at once where possible. Only the newest health, access and vitals are kept waiting: an older one
    /// that nobody saw is of no use.
    pub(super) fn push(&mut self, epoch: Epoch, kind: ConnectionEventKind) {
        use ConnectionEventKind::{Access, Health, Vitals};
        if matches!(kind, Health(_) | Access(_) | Vitals(_)) {
            self.waiting.retain(|event| discriminant(&event.kind) != discriminant(&kind));
        }
        self.waiting.push_back(ConnectionEvent { connection: self.connection, epoch, kind });
        while let Some(event) = self.waiting.pop_front() {
            if let Err(refusal) = self.events.try_send(event) {
                match refusal {
                    TrySendError::Full(event) => self.waiting.push_front(event),
                    TrySendError::Closed(_) => self.waiting.clear(),
                }
                return;
            }
        }
    }

    /// Waits for room and sends one event; for ever, if none waits. Loses nothing when dropped.
    pub(super) async fn send_one(&mut self) {
        if self.waiting.is_empty() {
            return std::future::pending().await;
        }
        match self.events.reserve().await {
            Ok(room) => {
                if let Some(event) = self.waiting.pop_front() {
                    room.send(event);
                }
            }
            Err(_) => self.waiting.clear(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    pub(super) fn is_behind(&self) -> bool {
        self.waiting.len() >= BEHIND
    }

    /// Waits until nobody listens any more.
    pub(super) fn unheard(&self) -> impl Future<Output = ()> + use<> {
        let events = self.events.clone();
        async move { events.closed().await }
    }
}
