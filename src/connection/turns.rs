//! Whose turn it is to connect, over all connections of the program: a few at once, and not many in a
//! second. After an outage of the network a hundred connections come back, and no server should have
//! all of them at its door in the same moment.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, sleep_until};

/// How many connects may be under way at once over all connections.
pub const CONNECTS_AT_ONCE: usize = 4;

/// How many connects may begin within a second over all connections.
pub const CONNECTS_A_SECOND: usize = 10;

/// A second, and the grain of the timer.
const SECOND: Duration = Duration::from_millis(1_001);

/// The turns of all connections.
#[derive(Debug)]
pub(super) struct Turns {
    at_once: Semaphore,
    /// When the last connects began, the newest last.
    begun: Mutex<VecDeque<Instant>>,
}

impl Turns {
    pub(super) fn new() -> Self {
        Self { at_once: Semaphore::new(CONNECTS_AT_ONCE), begun: Mutex::default() }
    }

    /// Waits for a turn, which lasts as long as what is given back; `None` when the program ends.
    pub(super) async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        let turn = self.at_once.acquire().await.ok()?;
        while let Some(until) = self.begin() {
            sleep_until(until).await;
        }
        Some(turn)
    }

    /// Notes that a connect begins, or tells when it may.
    fn begin(&self) -> Option<Instant> {
        let mut begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        if begun.len() >= CONNECTS_A_SECOND {
            let free = begun.front().map(|first| *first + SECOND).filter(|free| *free > now);
            if free.is_some() {
                return free;
            }
            begun.pop_front();
        }
        begun.push_back(now);
        None
    }
}
