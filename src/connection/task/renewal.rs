//! Secrets that end: a link with a fresh one before that, and one attempt with a fresh one when the
//! server refuses the one in use.

use std::time::Duration;

use tokio::time::Instant;

use super::ConnectionTask;
use crate::connection::handle::SecretUse;
use crate::connection::phase::{Connected, Limits, Phase};
use crate::connection::tracker::Sample;
use crate::provider::{ProviderError, Result};

/// The part of a secret's remaining life after which it is renewed.
const RENEW_AFTER: f64 = 0.9;
/// The shortest time between two secrets: a command is no thing to run in a loop.
const RENEW_AT_LEAST: Duration = Duration::from_secs(1);
/// Longest wait between attempts to renew a secret that is still good.
const RENEW_AGAIN: Duration = Duration::from_secs(30);
/// A refusal so soon after a secret was fetched because of one is told.
const REFUSED_AGAIN: Duration = Duration::from_secs(60);

impl ConnectionTask {
    /// A link with a fresh secret stands beside the one that serves, or not.
    pub(super) fn renewed(&mut self, result: Result<Connected>) {
        let Phase::Up(up) = &mut self.phase else { return };
        match result {
            // The profile leads to another database now.
            Ok(connected)
                if connected.limits.address != up.limits.address || connected.limits.leads_to != up.limits.leads_to =>
            {
                for done in self.requests.end_all(&ProviderError::NotConnected) {
                    self.answer(done);
                }
                self.up(connected);
            }
            Ok(connected) => {
                up.renew_at = due(&connected.limits);
                self.writing.behind(&connected.limits.gate);
                (up.provider, up.limits) = (connected.provider, connected.limits);
                self.requests.limit(up.limits.request);
            }
            Err(error) => {
                // The old secret may still be good; a ping tells when it is not.
                tracing::warn!(%error, "a fresh secret could not be had before the old one ends");
                up.renew_at = Some(again(&up.limits));
            }
        }
    }

    /// Whether a fresh secret may help against a refusal.
    pub(super) fn may_renew(&self) -> bool {
        let renewable = matches!(&self.phase, Phase::Up(up) if up.limits.renewable);
        renewable && self.renewed_at.is_none_or(|at| at.elapsed() >= REFUSED_AGAIN)
    }

    /// Connects once with a fresh secret, after the server refused the one in use.
    pub(super) fn renew(&mut self, error: &ProviderError) {
        for done in self.requests.end_all(error) {
            self.answer(done);
        }
        self.tracker.take(Sample::Renewing(error.clone()));
        (self.renewing, self.renewed_at) = (true, Some(Instant::now()));
        self.connect(SecretUse::Fresh);
    }
}

/// When a secret of limited life is to be renewed.
pub(super) fn due(limits: &Limits) -> Option<Instant> {
    let ends = limits.secret_ends.filter(|_| limits.renewable)?;
    let left = ends.saturating_duration_since(Instant::now());
    Some(Instant::now() + left.mul_f64(RENEW_AFTER).max(RENEW_AT_LEAST))
}

/// When to try again after a renewal that failed: more than once before the secret ends, while there is time.
fn again(limits: &Limits) -> Instant {
    let now = Instant::now();
    let left = limits.secret_ends.map(|ends| ends.saturating_duration_since(now)).filter(|left| !left.is_zero());
    now + left.map_or(RENEW_AGAIN, |left| (left / 3).clamp(RENEW_AT_LEAST, RENEW_AGAIN))
}
