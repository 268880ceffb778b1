//! How far a job is.

use std::time::Duration;

/// How far a job is, as shown on the screen and on stderr.
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    /// What it does now, a few words: `reading articles`, `verifying`.
    pub phase: String,
    /// What is counted: `records`, `queries`.
    pub unit: &'static str,
    /// Units done in this phase.
    pub done: u64,
    /// Units of this phase, if known.
    pub total: Option<u64>,
    /// Units a second over the last seconds, pauses left out.
    pub rate: f64,
    /// What is left of the slowest part, where several are done at once and each has a rate of its own.
    pub slowest: Option<Duration>,
    /// What it waits for instead, a few words; `None` while it gets on.
    pub waiting: Option<String>,
}

impl Progress {
    /// The beginning of a phase.
    pub fn start(phase: impl Into<String>, unit: &'static str, total: Option<u64>) -> Self {
        Self { phase: phase.into(), unit, done: 0, total, rate: 0.0, slowest: None, waiting: None }
    }

    /// Units a second; `None` where that is not known, or nothing gets on.
    pub fn speed(&self) -> Option<f64> {
        (self.waiting.is_none() && self.rate.is_finite() && self.rate >= 1.0).then_some(self.rate)
    }

    /// What is left at this rate; `None` where total or rate are not known, or nothing gets on.
    pub fn left(&self) -> Option<Duration> {
        if self.waiting.is_some() {
            return None;
        }
        if self.slowest.is_some() {
            return self.slowest;
        }
        let rest = self.total?.checked_sub(self.done)?;
        #[expect(clippy::cast_precision_loss, reason = "an estimate for people")]
        let seconds = rest as f64 / self.rate;
        Duration::try_from_secs_f64(seconds).ok()
    }

    /// The part that is done, 0 to 1; `None` without a total.
    pub fn fraction(&self) -> Option<f64> {
        let total = self.total?;
        #[expect(clippy::cast_precision_loss, reason = "a bar has some hundred cells")]
        let fraction = if total == 0 { 1.0 } else { (self.done as f64 / total as f64).min(1.0) };
        Some(fraction)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_left_follows_from_rate_and_rest() {
        let mut progress = Progress::start("reading", "records", Some(300));
        assert_eq!(progress.left(), None, "nothing is known before the first unit");
        (progress.done, progress.rate) = (100, 50.0);
        assert_eq!(progress.left(), Some(Duration::from_secs(4)));
        assert_eq!(progress.fraction(), Some(1.0 / 3.0));
        progress.waiting = Some("waiting for a, attempt 2".to_owned());
        assert_eq!((progress.left(), progress.speed()), (None, None), "nobody knows when it is back");
        progress.waiting = None;
        progress.done = 400;
        assert_eq!((progress.left(), progress.fraction()), (None, Some(1.0)), "more than was announced");
    }
}
