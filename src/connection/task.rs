//! The task that owns one open database: its loop, and what it does about each thing that happens.
//!
//! `handle` writes to it, it writes [`ConnectionEvent`]s. The loop awaits nothing but its `select!`
//! and does no work itself: connects, pings and questions run as tasks of their own, so that a slow
//! or broken provider delays neither a ping nor a cancel nor a close.
//!
//! Decisions that are not seen from the types:
//! - A question waits for the connection while the first connect (or one that the user asked for
//!   after the connection had given up) is under way, and gets the connect's error if that fails.
//!   In every other state without a connection it is answered with `NotConnected` at once.
//! - Only pings decide that a connection is lost. A question that fails for want of an answer, or
//!   for its key, only makes the next ping come now: one overdue search or one forbidden collection
//!   is no dead server.
//! - A secret that a file or a command gives may be another one when it is fetched again. When the
//!   server refuses it, one attempt is made with a fresh one before anybody is told; not again within
//!   a minute. When its lifetime is nearly over, a second link is made beside the first, which serves
//!   until the new one stands; nobody notices.
//! - What runs when the connection is lost is answered with the error that ended it.
//! - A connection that was lost often within minutes comes back with the waits where they were, not with
//!   the shortest: it would come and go for ever.
//! - A write window belongs to one life of the connection: it ends with that, also when the machine
//!   slept. A link with a fresh secret beside the first is the same life.
//! - The first ping to which nobody is there ends the window and counts as a loss, also where the next one is
//!   answered and nothing turns red: what answers then may be another server. One that is only late does neither.

mod lending;
mod looking;
mod renewal;
mod writing;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use fastrand::Rng;
use futures::FutureExt;
use tokio::sync::mpsc::Sender;
use tokio::time::{Instant, sleep_until};

use self::writing::Writing;
use super::backoff::Backoff;
use super::handle::{Ask, ConnectionHandle, Connector, Control, Inboxes, SecretUse, Settings};
use super::losses::{FLAPPING_FROM, Losses};
use super::message::{ConnectionEvent, ConnectionEventKind, ConnectionId, Epoch, RequestId};
use super::outbox::Outbox;
use super::phase::{self, Connected, Outcome, Phase, Up};
use super::registry::Shared;
use super::requests::{Done, Requests};
use super::tracker::{FAILURES_TO_FAIL, Sample, Tracker};
use super::vitals::VitalsLog;
use crate::provider::{ErrorKind, ProviderError, Result};

/// Starts the task of one connection; it begins to connect at once. All it has to say goes to
/// `events`; it ends after `Close` with `Closed` as its last event, and without a word when all
/// handles or the receiver of the events are dropped. Must be called inside a tokio runtime.
pub fn spawn(
    connection: ConnectionId,
    connector: impl Connector,
    settings: Settings,
    shared: Shared,
    events: Sender<ConnectionEvent>,
) -> ConnectionHandle {
    let (handle, inboxes) = ConnectionHandle::new(connection);
    let rng = settings.seed.map_or_else(Rng::new, Rng::with_seed);
    let connector: Arc<dyn Connector> = Arc::new(connector);
    let mut task = ConnectionTask {
        phase: Phase::Stuck,
        connector,
        settings,
        shared,
        inboxes,
        epoch: Epoch(0),
        tracker: Tracker::new(),
        backoff: Backoff::new(rng, settings.pace),
        losses: Losses::default(),
        broken: false,
        vitals: VitalsLog::default(),
        requests: Requests::new(settings.concurrency, settings.request),
        outbox: Outbox::new(connection, events),
        renewing: false,
        renewed_at: None,
        writing: Writing::default(),
    };
    tokio::spawn(async move {
        match task.settings.paused {
            true => task.pause(),
            false => {
                task.tracker.take(Sample::Connecting);
                task.connect(SecretUse::Kept);
            }
        }
        loop {
            // A fault in the loop itself must neither leave questions open nor a green light on.
            match AssertUnwindSafe(task.run()).catch_unwind().await {
                Ok(End::Closed) => return task.close().await,
                Ok(End::Abandoned) => {
                    // A handle may outlive the task; the database must not.
                    drop(task.inboxes.link.send_replace(None));
                    return;
                }
                Err(panic) => task.survive(phase::panic_words(panic.as_ref())),
            }
        }
    });
    handle
}

/// The task's whole state; nobody else sees it.
struct ConnectionTask {
    connector: Arc<dyn Connector>,
    settings: Settings,
    shared: Shared,
    inboxes: Inboxes,
    phase: Phase,
    epoch: Epoch,
    tracker: Tracker,
    backoff: Backoff,
    losses: Losses,
    /// Whether the transport was lost since the last good ping.
    broken: bool,
    vitals: VitalsLog,
    requests: Requests,
    outbox: Outbox,
    /// Whether the attempt to connect is one with a fresh secret, after a refusal.
    renewing: bool,
    /// When the last such attempt began.
    renewed_at: Option<Instant>,
    /// What may be written.
    writing: Writing,
}

/// Why the loop ended.
enum End {
    /// `Close` was asked for.
    Closed,
    /// Nobody is left to talk to.
    Abandoned,
}

impl ConnectionTask {
    async fn run(&mut self) -> End {
        let unheard = self.outbox.unheard();
        tokio::pin!(unheard);
        let mut woke = true;
        loop {
            self.report();
            self.publish_link();
            let due = self.due();
            let room = !self.requests.is_full() && !self.outbox.is_behind();
            // Biased: what must never wait comes first, new work last.
            tokio::select! {
                biased;
                () = self.inboxes.close.cancelled() => return End::Closed,
                () = &mut unheard => return End::Abandoned,
                control = self.inboxes.control.recv() => match control {
                    Some(control) => self.control(control),
                    None => return End::Abandoned,
                },
                outcome = self.phase.outcome() => match outcome {
                    Outcome::Connected(result) => self.connected(result),
                    Outcome::Pinged(result) => self.pinged(result),
                    Outcome::Renewed(result) => self.renewed(result),
                },
                reply = self.requests.reply() => {
                    if let Some(done) = self.requests.replied(reply) {
                        self.replied(done);
                    }
                }
                () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => self.on_time(),
                () = self.outbox.send_one() => {}
                changed = self.shared.wakes.changed(), if woke => match changed {
                    Ok(()) => self.wake(),
                    Err(_nobody_watches) => woke = false,
                },
                ask = self.inboxes.asks.recv(), if room => match ask {
                    Some(ask) => self.ask(ask),
                    None => return End::Abandoned,
                },
            }
            self.start_waiting();
        }
    }

    // ---- the link ----

    fn connect(&mut self, secret: SecretUse) {
        self.vitals.attempt();
        self.writing.attempt();
        self.phase = Phase::Connecting(phase::connect(&self.connector, &self.shared, self.settings, secret));
    }

    fn connected(&mut self, result: Result<Connected>) {
        self.renewing = false;
        match result {
            Ok(connected) => self.up(connected),
            Err(error) => {
                self.failed(&error);
                self.down(&error);
            }
        }
    }

    fn failed(&mut self, error: &ProviderError) {
        self.vitals.failed(error, Instant::now());
        self.tracker.take(Sample::Failed(error.clone()));
    }

    /// A new life begins.
    fn up(&mut self, connected: Connected) {
        let Connected { provider, server, capabilities, latency, limits } = connected;
        self.broken = false;
        self.epoch.0 += 1;
        self.inboxes.epoch.store(self.epoch.0, Ordering::Release);
        // One that comes and goes is not connected to in a hurry.
        if self.count_losses() < FLAPPING_FROM {
            self.backoff.reset();
        }
        self.vitals.up(latency, Instant::now());
        self.tracker.take(Sample::Connected(latency));
        self.requests.limit(limits.request);
        self.new_gate(&limits.gate);
        if let Some(place) = limits.leads_to {
            self.outbox.push(self.epoch, ConnectionEventKind::LeadsTo(place));
        }
        let ping_at = Instant::now() + self.backoff.jittered(self.settings.pace.ping_every);
        let renew_at = renewal::due(&limits);
        self.phase = Phase::Up(Box::new(Up { provider, limits, ping: None, ping_at, renewal: None, renew_at }));
        self.outbox.push(self.epoch, ConnectionEventKind::Connected { server, capabilities: Box::new(capabilities) });
    }

    fn pinged(&mut self, result: Result<Duration>) {
        match result {
            Ok(latency) => {
                self.broken = false;
                self.vitals.pong(latency);
                self.tracker.take(Sample::Pong(latency));
                self.ping_in(self.settings.pace.ping_every);
            }
            Err(error) if error.kind() == ErrorKind::Authentication && self.may_renew() => self.renew(&error),
            Err(error) => {
                self.failed(&error);
                if retries_by_itself(error.kind()) && self.tracker.failures() < FAILURES_TO_FAIL {
                    if is_a_break(&error) {
                        self.broke();
                    }
                    self.tracker.take(Sample::RetryIn(whole_seconds(self.settings.pace.suspect_pause)));
                    self.ping_at(Instant::now() + self.settings.pace.suspect_pause);
                } else {
                    self.down(&error);
                }
            }
        }
    }

    /// There is no connection (any more): answers what waits for it, and plans the next attempt.
    fn down(&mut self, error: &ProviderError) {
        self.lost();
        self.tracker.take(Sample::Lost);
        self.close_window();
        for done in self.requests.end_all(error) {
            self.answer(done);
        }
        if retries_by_itself(error.kind()) {
            let wait = self.backoff.next_wait();
            self.tracker.take(Sample::RetryIn(whole_seconds(wait)));
            self.phase = Phase::Waiting { until: Instant::now() + wait };
        } else {
            self.tracker.take(Sample::NoRetry);
            self.phase = Phase::Stuck;
        }
    }

    fn ping_in(&mut self, interval: Duration) {
        let at = Instant::now() + self.backoff.jittered(interval);
        self.ping_at(at);
    }

    /// Plans the next ping; one that is under way stays and plans its own successor.
    fn ping_at(&mut self, at: Instant) {
        if let Phase::Up(up) = &mut self.phase {
            up.ping_at = at;
        }
    }

    /// Begins the attempt that was planned for later.
    fn retry(&mut self) {
        self.tracker.take(Sample::RetryIn(0));
        self.connect(SecretUse::Kept);
    }

    /// The fault of a loop of our own: red, and another life after a wait.
    fn survive(&mut self, cause: String) {
        tracing::error!(cause, "the task of a connection panicked");
        let error = ProviderError::Panicked { cause };
        self.failed(&error);
        self.down(&error);
    }

    // ---- time ----

    /// When something is due that nothing else will announce.
    fn due(&self) -> Option<Instant> {
        let countdown = match &self.phase {
            Phase::Waiting { until } => {
                let left = whole_seconds(until.saturating_duration_since(Instant::now()));
                until.checked_sub(Duration::from_secs(left.saturating_sub(1)))
            }
            Phase::Connecting(_) | Phase::Up(_) | Phase::Stuck => None,
        };
        let due = [self.requests.due(), self.phase.due(), countdown, self.window_changes(), self.losses.changes_at()];
        due.into_iter().flatten().min()
    }

    fn on_time(&mut self) {
        let now = Instant::now();
        for done in self.requests.expire(now) {
            self.suspect();
            self.answer(done);
        }
        self.count_losses();
        let pace = self.settings.pace;
        match &mut self.phase {
            Phase::Up(up) => {
                if up.ping.is_none() && up.ping_at <= now {
                    let suspect = self.tracker.failures() > 0;
                    up.ping =
                        Some(phase::ping(&up.provider, if suspect { pace.suspect_limit } else { pace.ping_limit }));
                    if suspect {
                        self.tracker.take(Sample::RetryIn(0));
                    }
                }
                if up.renewal.is_none() && up.renew_at.is_some_and(|at| at <= now) {
                    self.writing.attempt();
                    up.renewal = Some(phase::connect(&self.connector, &self.shared, self.settings, SecretUse::Fresh));
                }
            }
            Phase::Waiting { until } if *until <= now => self.retry(),
            Phase::Waiting { until } => {
                let left = whole_seconds(until.saturating_duration_since(now));
                self.tracker.take(Sample::RetryIn(left));
            }
            Phase::Connecting(_) | Phase::Stuck => {}
        }
    }

    // ---- questions ----

    fn ask(&mut self, ask: Ask) {
        let waits = match self.phase {
            Phase::Up(_) => true,
            Phase::Connecting(_) => self.tracker.is_connecting() || self.renewing,
            Phase::Waiting { .. } | Phase::Stuck => false,
        };
        if waits {
            self.requests.take(ask);
        } else {
            let done = self.requests.refuse(&ask, ProviderError::NotConnected);
            self.answer(done);
        }
    }

    fn start_waiting(&mut self) {
        if let Some(provider) = self.phase.provider() {
            for (id, what) in self.requests.start(provider) {
                self.tracker.take(Sample::Started(id, what));
            }
        }
    }

    /// The database answered, or panicked.
    fn replied(&mut self, done: Done) {
        match &done.result {
            Ok(_) => {
                self.tracker.take(Sample::GoodAnswer);
                if !self.tracker.has_panicked() {
                    self.ping_in(self.settings.pace.ping_every);
                }
            }
            Err(error @ ProviderError::Panicked { cause }) => {
                tracing::error!(cause, "a provider panicked while answering a question");
                self.tracker.take(Sample::Panicked(error.clone()));
                self.tracker.take(Sample::RetryIn(whole_seconds(self.settings.pace.panic_pause)));
                self.ping_at(Instant::now() + self.settings.pace.panic_pause);
            }
            Err(error) => match error.kind() {
                ErrorKind::Unreachable | ErrorKind::Authentication | ErrorKind::Certificate => self.suspect(),
                ErrorKind::Protocol | ErrorKind::Request | ErrorKind::Server => {}
            },
        }
        self.answer(done);
    }

    /// A question failed in a way that a lost connection would explain: let a ping tell.
    fn suspect(&mut self) {
        if self.tracker.failures() == 0 && !self.tracker.has_panicked() {
            self.ping_at(Instant::now());
        }
    }

    fn answer(&mut self, done: Done) {
        let Done { id, result, took } = done;
        self.tracker.take(Sample::Ended(id));
        self.outbox.push(self.epoch, ConnectionEventKind::Answer { id, result, took });
    }

    // ---- control ----

    fn control(&mut self, control: Control) {
        match control {
            Control::Cancel(id) => self.cancel(id),
            Control::CheckNow => self.check_now(),
            Control::Pause => self.pause(),
            Control::Watch(on) => self.vitals.watch(on),
            Control::OpenWindow(length) => self.open_window(length),
            Control::CloseWindow => self.close_window(),
            Control::SetLock(lock) => self.set_lock(lock),
        }
    }

    fn cancel(&mut self, id: RequestId) {
        if let Some(done) = self.requests.cancel(id) {
            return self.answer(done);
        }
        // Control overtakes questions: the one meant may still be in the inbox.
        while let Ok(ask) = self.inboxes.asks.try_recv() {
            self.ask(ask);
        }
        if let Some(done) = self.requests.cancel(id) {
            self.answer(done);
        }
    }

    // ---- what is told ----

    fn report(&mut self) {
        // First what may be written: who waits for the health has heard all then.
        self.report_access();
        self.report_vitals();
        if let Some(health) = self.tracker.news() {
            self.outbox.push(self.epoch, ConnectionEventKind::Health(health));
        }
    }

    /// Answers everything, lets go of the database, then says `Closed`: who opens the same
    /// directory after that event finds it free.
    async fn close(&mut self) {
        let phase = std::mem::replace(&mut self.phase, Phase::Stuck);
        self.publish_link();
        self.close_window();
        for done in self.requests.end_all(&ProviderError::Cancelled) {
            self.answer(done);
        }
        self.inboxes.asks.close();
        while let Ok(ask) = self.inboxes.asks.try_recv() {
            let done = self.requests.refuse(&ask, ProviderError::Cancelled);
            self.answer(done);
        }
        self.tracker.take(Sample::Closed);
        self.report();
        phase.end().await;
        self.requests.settle().await;
        self.outbox.push(self.epoch, ConnectionEventKind::Closed);
        while !self.outbox.is_empty() {
            tokio::select! {
                () = self.outbox.send_one() => {}
                control = self.inboxes.control.recv() => if control.is_none() { return },
            }
        }
    }
}

/// Whether an attempt after that failure may help without the user. After a refused key it could
/// lock the account; a refused certificate, or a profile that cannot be used as it is (a missing
/// file, an unset variable), stays what it is until somebody mends it.
fn retries_by_itself(kind: ErrorKind) -> bool {
    match kind {
        ErrorKind::Unreachable | ErrorKind::Protocol | ErrorKind::Server => true,
        ErrorKind::Authentication | ErrorKind::Certificate | ErrorKind::Request => false,
    }
}

/// Whether nobody was there: what answers next does so over another transport. Who is only late may still be there.
fn is_a_break(error: &ProviderError) -> bool {
    error.kind() == ErrorKind::Unreachable && !matches!(error, ProviderError::TimedOut { .. })
}

/// Seconds, rounded up.
fn whole_seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}
