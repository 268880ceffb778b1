//! How long to wait before the next attempt to connect.

use std::time::Duration;

use fastrand::Rng;

use super::pace::Pace;

/// Exponential backoff with full jitter, 0.5 to 30 s.
///
/// Each wait lies anywhere between 0.5 s and a ceiling that doubles from 0.5 s to 30 s, so that
/// many clients that lost the same server do not come back in step. Within that range the draw
/// leans to the longer side (the larger of two even draws): with an even draw the mean wait at the
/// ceiling is 15 s, which makes up to 50 attempts in an outage of ten minutes; this way it is 20 s,
/// and at most 45.
#[derive(Debug)]
pub struct Backoff {
    rng: Rng,
    shortest: Duration,
    longest: Duration,
    ceiling: Duration,
}

impl Backoff {
    /// Starts at the shortest wait, with that source of jitter.
    pub fn new(rng: Rng, pace: Pace) -> Self {
        let (shortest, longest) = (pace.shortest_wait, pace.longest_wait);
        Self { rng, shortest, longest, ceiling: shortest }
    }

    /// The wait before the next attempt.
    pub fn next_wait(&mut self) -> Duration {
        let span = self.ceiling.saturating_sub(self.shortest);
        let wait = self.shortest + span.mul_f64(self.rng.f64().max(self.rng.f64()));
        self.ceiling = (self.ceiling * 2).min(self.longest);
        wait
    }

    /// Begins again with the shortest wait, after a success.
    pub fn reset(&mut self) {
        self.ceiling = self.shortest;
    }

    /// Any time within that span.
    pub fn within(&mut self, span: Duration) -> Duration {
        span.mul_f64(self.rng.f64())
    }

    /// `interval`, shortened at random by up to a fifth, so that the pings of many connections
    /// spread out.
    pub fn jittered(&mut self, interval: Duration) -> Duration {
        interval.mul_f64(1.0 - self.rng.f64() * 0.2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHORTEST: Duration = Duration::from_millis(500);
    const LONGEST: Duration = Duration::from_secs(30);

    fn backoff(seed: u64) -> Backoff {
        Backoff::new(Rng::with_seed(seed), Pace::default())
    }

    #[test]
    fn waits_start_short_grow_and_stay_within_bounds() {
        for seed in 0..200 {
            let mut backoff = backoff(seed);
            assert_eq!(backoff.next_wait(), SHORTEST);
            assert!(backoff.next_wait() <= Duration::from_secs(1));
            for _ in 0..50 {
                let wait = backoff.next_wait();
                assert!((SHORTEST..=LONGEST).contains(&wait), "{wait:?}");
            }
            backoff.reset();
            assert_eq!(backoff.next_wait(), SHORTEST);
        }
    }

    #[test]
    fn jitter_covers_the_whole_range_at_the_ceiling() {
        let mut backoff = backoff(1);
        let waits: Vec<_> = (0..1_000).map(|_| backoff.next_wait().as_secs_f64()).skip(7).collect();
        assert!(waits.iter().any(|w| *w < 4.0) && waits.iter().any(|w| *w > 29.0));
    }

    #[test]
    fn a_ping_interval_is_only_ever_shortened_so_that_the_time_to_red_is_bounded() {
        let mut backoff = backoff(1);
        for _ in 0..1_000 {
            let interval = backoff.jittered(Duration::from_secs(15)).as_secs_f64();
            assert!((12.0..=15.0).contains(&interval), "{interval}");
        }
    }
}
