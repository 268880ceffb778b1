//! Health of a connection as a pure function of samples, and the one table of glyphs and words.
//!
//! The task (`connection::task`) feeds [`Tracker`] with what happened; the screen and the commands
//! show [`Health`]. No clock here: every sample brings its own figures.

use std::time::Duration;

use crate::provider::ErrorKind;

/// The state of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HealthState {
    /// Not connected, and not trying.
    Closed,
    /// The first connect is under way.
    Connecting,
    /// Connected; nothing runs.
    Idle,
    /// Connected; so many requests run.
    Active {
        /// What the oldest of them is, in a few words.
        what: String,
        /// How many.
        running: usize,
    },
    /// Connected, but answers take long.
    Slow,
    /// Lost; the next attempt is under way or waits.
    Reconnecting {
        /// Which attempt is next, counted from 1.
        attempt: u32,
        /// Seconds until it, rounded up.
        retry_in_s: u64,
    },
    /// The server does not let us in; no attempt follows by itself.
    Unauthorized,
    /// Failed; `retry_in_s` tells when the next attempt is, `None` if none follows by itself.
    Failed {
        /// Seconds until the next attempt.
        retry_in_s: Option<u64>,
    },
}

/// What the screen shows of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// The state.
    pub state: HealthState,
    /// Latency of the last good answer of a ping, as measured.
    pub latency: Option<Duration>,
    /// The last error as a sentence, kept until the next good answer.
    pub error: Option<String>,
}

impl Health {
    /// Before anything happened.
    pub fn closed() -> Self {
        Self { state: HealthState::Closed, latency: None, error: None }
    }
}

/// How a state is colored; the theme maps roles to colors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Out of use.
    Dim,
    /// Under way.
    Info,
    /// Well.
    Ok,
    /// Worth a look.
    Warn,
    /// Ill.
    Danger,
}

/// Kind of the last failure, kept for the decision whether to retry.
pub type FailureKind = ErrorKind;
