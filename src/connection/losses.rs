//! How often a connection was lost lately. One that comes and goes is not well, however green it is at
//! the moment: it is called flapping.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

/// How long a loss counts.
pub(super) const WINDOW: Duration = Duration::from_secs(5 * 60);

/// So many losses within [`WINDOW`] are flapping.
pub(super) const FLAPPING_FROM: u32 = 3;

/// Most losses that are remembered: a word with three digits helps nobody.
const MOST: usize = 99;

/// The losses of one connection.
#[derive(Debug, Default)]
pub(super) struct Losses(VecDeque<Instant>);

impl Losses {
    /// A connection that was up is lost.
    pub(super) fn add(&mut self, now: Instant) {
        if self.0.len() == MOST {
            self.0.pop_front();
        }
        self.0.push_back(now);
    }

    /// How many count now.
    pub(super) fn count(&mut self, now: Instant) -> u32 {
        while self.0.front().is_some_and(|at| *at + WINDOW <= now) {
            self.0.pop_front();
        }
        u32::try_from(self.0.len()).unwrap_or(u32::MAX)
    }

    /// When the next one ceases to count.
    pub(super) fn changes_at(&self) -> Option<Instant> {
        self.0.front().map(|at| *at + WINDOW)
    }

    /// Forgets all.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_loss_counts_for_five_minutes() {
        let mut losses = Losses::default();
        let start = Instant::now();
        for minute in 0..4 {
            losses.add(start + Duration::from_secs(60 * minute));
        }
        assert_eq!(losses.count(start + Duration::from_secs(299)), 4);
        assert_eq!(losses.changes_at(), Some(start + WINDOW));
        assert_eq!(losses.count(start + WINDOW), 3);
        assert_eq!(losses.count(start + Duration::from_secs(3_600)), 0);
        assert_eq!(losses.changes_at(), None);
    }
}
