//! From samples to [`Health`]: a pure fold that the connection task drives.
//!
//! The rules, in the order in which they apply:
//!
//! 1. A first connect that fails is `Failed` at once, with its cause: three silent tries would
//!    leave the user in front of a spinner. The task goes on trying by itself where that may help.
//! 2. Once connected, pings decide. One or two failures in a row are `Reconnecting`, three are
//!    `Failed`, and it stays `Failed` until something good is heard, however many attempts run.
//! 3. A refused key is `Unauthorized` at once; a certificate that is not accepted is `Failed` at once.
//!    While a fresh secret is fetched for it, it is `Reconnecting` instead.
//! 4. A panic inside a provider is `Failed` until the next good ping.
//! 5. Otherwise it is `Active` while requests run, `Flapping` when it was lost often in the last minutes,
//!    `Slow` when the last ping took [`SLOW`], else `Idle`.
//! 6. `Paused` is what the user made it, until the user wants it back.
//!
//! The latency in [`Health`] follows the measured one only when that shows: on the way into or out
//! of `Slow`, when it moved by more than a fifth and by 5 ms at least, or when the printed word has
//! been wrong four pings in a row (about a minute). A healthy idle connection thus says nothing new.

use std::time::Duration;

use super::health::{Health, HealthState, latency_word};
use super::losses::{FLAPPING_FROM, WINDOW};
use super::message::RequestId;
use crate::provider::{ErrorKind, ProviderError};

/// A ping that takes this long makes the connection `Slow`. A ping carries next to nothing, so a
/// second is far outside of what a distant region or a busy server costs.
pub const SLOW: Duration = Duration::from_secs(1);

/// Failures in a row that turn a connection that was up to `Failed`.
pub const FAILURES_TO_FAIL: u32 = 3;

const TOLERANCE: f64 = 0.2;
const TOLERANCE_AT_LEAST: Duration = Duration::from_millis(5);
const WRONG_WORDS_TO_CORRECT: u32 = 4;

/// Something that bears on the health of a connection.
#[derive(Debug, Clone, PartialEq)]
pub enum Sample {
    /// A connect begins that nothing is known of yet.
    Connecting,
    /// A connect succeeded; how long its first ping took.
    Connected(Duration),
    /// A ping was answered after so long.
    Pong(Duration),
    /// A request got a good answer: a heartbeat, but no measure of latency.
    GoodAnswer,
    /// A connect or a ping failed.
    Failed(ProviderError),
    /// The server refused the secret, and an attempt with a fresh one begins.
    Renewing(ProviderError),
    /// The connection is given up; the next good sign can only come from a new connect.
    Lost,
    /// A provider panicked while answering a request.
    Panicked(ProviderError),
    /// A request begins.
    Started(RequestId, String),
    /// That request is over, in whatever way.
    Ended(RequestId),
    /// The next attempt comes in so many seconds, rounded up; 0: it begins now.
    RetryIn(u64),
    /// No attempt follows by itself.
    NoRetry,
    /// So many losses count now.
    Losses(u32),
    /// The user paused it.
    Paused,
    /// The connection was closed.
    Closed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Link {
    Closed,
    Paused,
    Connecting,
    Up,
    Down,
}

#[derive(Debug)]
struct Failure {
    kind: ErrorKind,
    cause: &'static str,
    sentence: String,
}

impl From<&ProviderError> for Failure {
    fn from(error: &ProviderError) -> Self {
        Self { kind: error.kind(), cause: error.brief(), sentence: error.to_string() }
    }
}

/// The fold; see the module's text for its rules.
#[derive(Debug)]
pub struct Tracker {
    link: Link,
    failures: u32,
    failure: Option<Failure>,
    panic: Option<Failure>,
    retry_in_s: Option<u64>,
    shown_latency: Option<Duration>,
    wrong_words: u32,
    losses: u32,
    running: Vec<(RequestId, String)>,
    reported: Option<Health>,
}

impl Default for Tracker {
    fn default() -> Self {
        Self::new()
    }
}

impl Tracker {
    /// A closed connection that nothing is known of.
    pub fn new() -> Self {
        Self {
            link: Link::Closed,
            failures: 0,
            failure: None,
            panic: None,
            retry_in_s: None,
            shown_latency: None,
            wrong_words: 0,
            losses: 0,
            running: Vec::new(),
            reported: None,
        }
    }

    /// Takes one sample in.
    pub fn take(&mut self, sample: Sample) {
        match sample {
            Sample::Connecting => {
                let (reported, losses) = (self.reported.take(), self.losses);
                *self = Self { reported, losses, link: Link::Connecting, ..Self::new() };
            }
            Sample::Connected(latency) => {
                self.link = Link::Up;
                self.shown_latency = Some(latency);
                self.wrong_words = 0;
                self.panic = None;
                self.well();
            }
            Sample::Pong(latency) => {
                self.measured(latency);
                self.panic = None;
                self.well();
            }
            Sample::GoodAnswer => self.well(),
            Sample::Failed(error) => {
                if self.link == Link::Connecting {
                    self.link = Link::Down;
                }
                self.failures = self.failures.saturating_add(1);
                self.failure = Some(Failure::from(&error));
            }
            Sample::Renewing(error) => {
                self.failures = 1;
                // Not `Unauthorized` yet: that says that the user has to do something.
                self.failure = Some(Failure { kind: ErrorKind::Unreachable, ..Failure::from(&error) });
                self.retry_in_s = None;
            }
            Sample::Lost => self.link = Link::Down,
            Sample::Panicked(error) => self.panic = Some(Failure::from(&error)),
            Sample::Started(id, what) => self.running.push((id, what)),
            Sample::Ended(id) => self.running.retain(|(running, _)| *running != id),
            Sample::RetryIn(seconds) => self.retry_in_s = Some(seconds),
            Sample::NoRetry => self.retry_in_s = None,
            Sample::Losses(count) => self.losses = count,
            Sample::Paused => *self = Self { reported: self.reported.take(), link: Link::Paused, ..Self::new() },
            Sample::Closed => *self = Self { reported: self.reported.take(), ..Self::new() },
        }
    }

    /// Failures in a row.
    pub fn failures(&self) -> u32 {
        self.failures
    }

    /// Whether a connect is under way that nothing is known of yet.
    pub fn is_connecting(&self) -> bool {
        self.link == Link::Connecting
    }

    /// Whether a provider panicked and no ping was answered since.
    pub fn has_panicked(&self) -> bool {
        self.panic.is_some()
    }

    /// The health as of now.
    pub fn health(&self) -> Health {
        let failure = self.failure.as_ref().or(self.panic.as_ref());
        Health { state: self.state(), latency: self.shown_latency, error: failure.map(|f| f.sentence.clone()) }
    }

    /// The health if it shows something else than what this function gave last.
    pub fn news(&mut self) -> Option<Health> {
        let health = self.health();
        if self.reported.as_ref() == Some(&health) {
            return None;
        }
        self.reported = Some(health.clone());
        Some(health)
    }

    fn state(&self) -> HealthState {
        match (self.link, &self.failure, &self.panic) {
            (Link::Closed, ..) => HealthState::Closed,
            (Link::Paused, ..) => HealthState::Paused,
            (Link::Connecting, ..) => HealthState::Connecting,
            (_, Some(failure), _) => self.failed_state(failure),
            (_, None, Some(panic)) => HealthState::Failed { cause: panic.cause, retry_in_s: self.retry_in_s },
            (Link::Down, None, None) => HealthState::Failed { cause: "not connected", retry_in_s: self.retry_in_s },
            (Link::Up, None, None) => self.well_state(),
        }
    }

    fn failed_state(&self, failure: &Failure) -> HealthState {
        let suspect = self.link == Link::Up && self.failures < FAILURES_TO_FAIL;
        match failure.kind {
            ErrorKind::Authentication => HealthState::Unauthorized,
            ErrorKind::Unreachable | ErrorKind::Protocol | ErrorKind::Server if suspect => {
                HealthState::Reconnecting { attempt: self.failures, retry_in_s: self.retry_in_s.unwrap_or(0) }
            }
            ErrorKind::Unreachable
            | ErrorKind::Protocol
            | ErrorKind::Server
            | ErrorKind::Certificate
            | ErrorKind::Request => HealthState::Failed { cause: failure.cause, retry_in_s: self.retry_in_s },
        }
    }

    fn well_state(&self) -> HealthState {
        if let Some((_, what)) = self.running.first() {
            return HealthState::Active { what: what.clone(), running: self.running.len() };
        }
        if self.losses >= FLAPPING_FROM {
            return HealthState::Flapping { lost: self.losses, minutes: WINDOW.as_secs() / 60 };
        }
        if self.shown_latency.is_some_and(|latency| latency >= SLOW) { HealthState::Slow } else { HealthState::Idle }
    }

    fn well(&mut self) {
        self.failures = 0;
        self.failure = None;
        if self.panic.is_none() {
            self.retry_in_s = None;
        }
    }

    fn measured(&mut self, latency: Duration) {
        let Some(shown) = self.shown_latency else {
            self.shown_latency = Some(latency);
            return;
        };
        let moved = latency.abs_diff(shown);
        let much = moved > TOLERANCE_AT_LEAST && moved.as_secs_f64() > shown.as_secs_f64() * TOLERANCE;
        let crossed = (latency >= SLOW) != (shown >= SLOW);
        let wrong = latency_word(latency) != latency_word(shown);
        self.wrong_words = if wrong { self.wrong_words + 1 } else { 0 };
        if much || crossed || self.wrong_words >= WRONG_WORDS_TO_CORRECT {
            self.shown_latency = Some(latency);
            self.wrong_words = 0;
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::connection::health::word;

    fn refused() -> ProviderError {
        ProviderError::Refused { address: "db:1".to_owned() }
    }

    fn up(ms: u64) -> Tracker {
        let mut tracker = Tracker::new();
        tracker.take(Sample::Connecting);
        tracker.take(Sample::Connected(Duration::from_millis(ms)));
        tracker
    }

    fn shown(tracker: &Tracker) -> String {
        word(&tracker.health())
    }

    #[test]
    fn a_first_connect_that_fails_is_failed_at_once() {
        let mut tracker = Tracker::new();
        tracker.take(Sample::Connecting);
        tracker.take(Sample::Failed(refused()));
        tracker.take(Sample::RetryIn(1));
        assert_eq!(tracker.health().state, HealthState::Failed { cause: "refused", retry_in_s: Some(1) });
    }

    #[test]
    fn three_failures_in_a_row_are_failed_and_one_good_reply_is_idle() {
        let mut tracker = up(12);
        for expected in ["reconnecting (1)", "reconnecting (2)", "refused", "refused"] {
            tracker.take(Sample::Failed(refused()));
            assert_eq!(shown(&tracker), expected);
        }
        assert!(tracker.health().error.is_some());
        tracker.take(Sample::GoodAnswer);
        assert_eq!(tracker.health().state, HealthState::Idle);
        assert_eq!(tracker.health().error, None);
        tracker.take(Sample::Failed(refused()));
        assert_eq!(shown(&tracker), "reconnecting (1)", "the row begins again");
    }

    #[test]
    fn a_good_answer_does_not_hide_a_panic_but_a_ping_does() {
        let mut tracker = up(12);
        tracker.take(Sample::Panicked(ProviderError::Panicked { cause: "boom".to_owned() }));
        tracker.take(Sample::RetryIn(2));
        tracker.take(Sample::GoodAnswer);
        assert_eq!(tracker.health().state, HealthState::Failed { cause: "internal fault", retry_in_s: Some(2) });
        tracker.take(Sample::Pong(Duration::from_millis(12)));
        assert_eq!(tracker.health().state, HealthState::Idle);
    }

    #[test]
    fn what_runs_is_shown_and_what_ended_is_not() {
        let mut tracker = up(12);
        tracker.take(Sample::Started(RequestId(1), "page of a".to_owned()));
        tracker.take(Sample::Started(RequestId(2), "count of a".to_owned()));
        assert_eq!(shown(&tracker), "page of a +1");
        tracker.take(Sample::Ended(RequestId(1)));
        assert_eq!(shown(&tracker), "count of a");
        tracker.take(Sample::Ended(RequestId(2)));
        assert_eq!(shown(&tracker), "12 ms");
    }

    #[test]
    fn latency_that_wavers_is_no_news_and_latency_that_moves_is() {
        let mut tracker = up(100);
        assert!(tracker.news().is_some());
        for ms in [112, 95, 100, 119, 100] {
            tracker.take(Sample::Pong(Duration::from_millis(ms)));
            assert_eq!(tracker.news(), None, "{ms}");
        }
        tracker.take(Sample::Pong(Duration::from_millis(160)));
        assert_eq!(word(&tracker.news().unwrap()), "160 ms");
    }

    #[test]
    fn a_fast_server_that_wavers_by_some_ms_is_no_news_but_a_wrong_word_is_mended_in_the_end() {
        let mut tracker = up(1);
        tracker.news();
        for ms in [3, 1, 4, 2, 1] {
            tracker.take(Sample::Pong(Duration::from_millis(ms)));
            assert_eq!(tracker.news(), None, "{ms}");
        }
        let news: Vec<_> = (0..6)
            .filter_map(|_| {
                tracker.take(Sample::Pong(Duration::from_millis(4)));
                tracker.news()
            })
            .collect();
        assert_eq!(news.iter().map(word).collect::<Vec<_>>(), ["4 ms"]);
    }

    #[test]
    fn slow_begins_at_a_second_also_when_the_latency_crept_there() {
        let mut tracker = up(950);
        tracker.take(Sample::Pong(Duration::from_millis(1_000)));
        assert_eq!(shown(&tracker), "slow: 1.0 s");
        tracker.take(Sample::Pong(Duration::from_millis(990)));
        assert_eq!(shown(&tracker), "990 ms");
    }

    #[test]
    fn a_refused_key_is_unauthorized_and_a_new_connect_forgets_it() {
        let mut tracker = up(12);
        tracker
            .take(Sample::Failed(ProviderError::Unauthorized { address: "db:1".to_owned(), cause: "no".to_owned() }));
        assert_eq!(tracker.health().state, HealthState::Unauthorized);
        tracker.take(Sample::Connecting);
        assert_eq!(tracker.health().state, HealthState::Connecting);
        tracker.take(Sample::Closed);
        assert_eq!(tracker.health(), Health::closed());
    }
}
