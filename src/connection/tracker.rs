//! From samples to [`Health`]: a pure fold that the connection task drives.
//!
//! The rules, in the order in which they apply:
//!
//! 1. A first connect that fails is `Failed` at once, with its cause: three silent tries would
//!    leave the user in front of a spinner. The task goes on trying by itself where that may help.
//! 2. Once connected, pings decide. One or two failures in a row are `Reconnecting`, three are
//!    `Failed`, and it stays `Failed` until something good is heard, however many attempts run.
//! 3. A refused key is `Unauthorized` at once; a certificate that is not accepted is `Failed` at once.
//! 4. A panic inside a provider is `Failed` until the next good ping.
//! 5. Otherwise it is `Active` while requests run, `Slow` when the last ping took [`SLOW`], else `Idle`.
//!
//! The latency in [`Health`] follows the measured one only when that shows: on the way into or out
//! of `Slow`, when it moved by more than a fifth and by 5 ms at least, or when the printed word has
//! been wrong four pings in a row (about a minute). A healthy idle connection thus says nothing new.

use std::time::Duration;

use super::health::{Health, HealthState, latency_word};
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
    /// The connection was closed.
    Closed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Link {
    Closed,
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
            running: Vec::new(),
            reported: None,
        }
    }

    /// Takes one sample in.
    pub fn take(&mut self, sample: Sample) {
        match sample {
            Sample::Connecting => {
                *self = Self { reported: self.reported.take(), link: Link::Connecting, ..Self::new() };
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
            Sample::Lost => self.link = Link::Down,
            Sample::Panicked(error) => self.panic = Some(Failure::from(&error)),
            Sample::Started(id, what) => self.running.push((id, what)),
            Sample::Ended(id) => self.running.retain(|(running, _)| *running != id),
            Sample::RetryIn(seconds) => self.retry_in_s = Some(seconds),
            Sample::NoRetry => self.retry_in_s = None,
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
