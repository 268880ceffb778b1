//! How a connection is looked after beyond its pings: after sleep, when the user asks, while it is paused, how
//! often it was lost, and what who looks at its details is told.

use tokio::time::Instant;

use super::{ConnectionTask, whole_seconds};
use crate::connection::handle::SecretUse;
use crate::connection::message::ConnectionEventKind;
use crate::connection::phase::Phase;
use crate::connection::tracker::Sample;
use crate::provider::ProviderError;

impl ConnectionTask {
    /// The machine woke from sleep, or its network is another one: what was true before may not be. All
    /// connections hear it in the same moment, so each waits a little.
    pub(super) fn wake(&mut self) {
        self.close_window();
        let at = Instant::now() + self.backoff.within(self.settings.pace.wake_spread);
        match self.phase {
            Phase::Up(_) => self.ping_at(at),
            Phase::Waiting { until } => {
                self.backoff.reset();
                let until = until.min(at);
                self.tracker.take(Sample::RetryIn(whole_seconds(until.saturating_duration_since(Instant::now()))));
                self.phase = Phase::Waiting { until };
            }
            Phase::Connecting(_) | Phase::Stuck => {}
        }
    }

    /// The user wants to know now, or wants a connection back.
    pub(super) fn check_now(&mut self) {
        self.backoff.reset();
        match self.phase {
            Phase::Up(_) => self.ping_at(Instant::now()),
            Phase::Waiting { .. } => self.retry(),
            Phase::Stuck => {
                self.tracker.take(Sample::Connecting);
                self.connect(SecretUse::Kept);
            }
            Phase::Connecting(_) => {}
        }
    }

    /// Lets go of the database until the user wants it back: what is not pinged is not known to be well,
    /// and a server that sleeps while nobody is connected can do so.
    pub(super) fn pause(&mut self) {
        self.close_window();
        for done in self.requests.end_all(&ProviderError::NotConnected) {
            self.answer(done);
        }
        self.phase = Phase::Stuck;
        self.renewing = false;
        self.losses.clear();
        self.vitals.down();
        self.tracker.take(Sample::Paused);
    }

    /// The transport is gone, and perhaps made anew before anything is red.
    pub(super) fn broke(&mut self) {
        self.close_window();
        self.count_loss();
    }

    /// Notes a loss, if the connection was up.
    pub(super) fn lost(&mut self) {
        self.vitals.down();
        if matches!(self.phase, Phase::Up(_)) {
            self.count_loss();
        }
    }

    /// Counts a loss once, until a ping is answered.
    fn count_loss(&mut self) {
        if !std::mem::replace(&mut self.broken, true) {
            self.losses.add(Instant::now());
            self.count_losses();
        }
    }

    /// How many losses count now; the health hears it.
    pub(super) fn count_losses(&mut self) -> u32 {
        let count = self.losses.count(Instant::now());
        self.tracker.take(Sample::Losses(count));
        count
    }

    /// Tells the details, where somebody looks and something is new.
    pub(super) fn report_vitals(&mut self) {
        let now = Instant::now();
        let losses = self.losses.count(now);
        if let Some(vitals) = self.vitals.news(losses, now) {
            self.outbox.push(self.epoch, ConnectionEventKind::Vitals(Box::new(vitals)));
        }
    }
}
