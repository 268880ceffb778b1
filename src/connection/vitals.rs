//! What the details of a connection show beyond its health: the last latencies, how long it is up,
//! attempts, the last error with its chain. The task keeps it; it is told only while somebody looks, so
//! that an idle connection says nothing.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

use super::message::{PastError, Vitals};
use crate::provider::ProviderError;

/// Pings that are kept: a quarter of an hour.
const KEPT: usize = 60;

/// The record of one connection.
#[derive(Debug, Default)]
pub(super) struct VitalsLog {
    latencies: VecDeque<Duration>,
    up_since: Option<Instant>,
    connects: u64,
    attempts: u32,
    last: Option<(ProviderError, Instant)>,
    /// Whether somebody looks.
    pub(super) watched: bool,
    /// Whether there is something new for who looks.
    news: bool,
}

impl VitalsLog {
    /// An attempt to connect begins.
    pub(super) fn attempt(&mut self) {
        self.attempts = self.attempts.saturating_add(1);
        self.news = true;
    }

    /// It is up; its first ping took so long.
    pub(super) fn up(&mut self, latency: Duration, now: Instant) {
        (self.attempts, self.up_since) = (0, Some(now));
        self.connects += 1;
        self.pong(latency);
    }

    /// A ping was answered.
    pub(super) fn pong(&mut self, latency: Duration) {
        if self.latencies.len() == KEPT {
            self.latencies.pop_front();
        }
        self.latencies.push_back(latency);
        self.news = true;
    }

    /// An attempt or a ping failed.
    pub(super) fn failed(&mut self, error: &ProviderError, now: Instant) {
        self.last = Some((error.clone(), now));
        self.news = true;
    }

    /// It is no longer up.
    pub(super) fn down(&mut self) {
        self.up_since = None;
        self.news = true;
    }

    /// Somebody begins to look, or no longer does.
    pub(super) fn watch(&mut self, on: bool) {
        (self.watched, self.news) = (on, on);
    }

    /// What there is to tell, if somebody looks and something is new.
    pub(super) fn news(&mut self, losses: u32, now: Instant) -> Option<Vitals> {
        if !self.watched || !std::mem::take(&mut self.news) {
            return None;
        }
        Some(Vitals {
            latencies: self.latencies.iter().copied().collect(),
            up: self.up_since.map(|since| now.saturating_duration_since(since)),
            connects: self.connects,
            attempts: self.attempts,
            losses,
            last_error: self.last.as_ref().map(|(error, at)| PastError {
                sentence: error.to_string(),
                chain: error.chain(),
                ago: now.saturating_duration_since(*at),
            }),
        })
    }
}
