//! Counts what a job does and tells it, with rate and time left, a few times a second at most.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::model::Progress;

/// Who is told.
pub type Listener = Arc<dyn Fn(Progress) + Send + Sync>;

/// Shortest time between two reports of one phase.
const EVERY: Duration = Duration::from_millis(100);
/// The rate is that of these last seconds.
const WINDOW: Duration = Duration::from_secs(10);

/// Counts the units of one phase after another.
pub struct Meter {
    told_of: Arc<Told>,
    /// What all phases are about, where a job does the same to several things.
    about: String,
    progress: Progress,
    /// When how much was done, oldest first, not older than [`WINDOW`].
    samples: VecDeque<(Instant, u64)>,
    told: Option<Instant>,
}

/// What was told last, and to whom: also who waits for a database tells of it.
pub(super) struct Told {
    listener: Listener,
    last: Mutex<Progress>,
    /// Somebody waited since the last unit.
    waited: AtomicBool,
}

impl Told {
    /// Says what is waited for, or that the wait is over.
    pub(super) fn waiting(&self, waiting: Option<String>) {
        self.waited.store(true, Ordering::Relaxed);
        let progress = {
            let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
            // The rate before the wait is none any more.
            *last = Progress { waiting, rate: 0.0, ..last.clone() };
            last.clone()
        };
        (self.listener)(progress);
    }
}

impl Meter {
    /// A meter that tells this listener.
    pub fn new(listener: Listener) -> Self {
        let last = Mutex::new(Progress::start("", "", None));
        Self {
            told_of: Arc::new(Told { listener, last, waited: AtomicBool::new(false) }),
            about: String::new(),
            progress: Progress::start("", "", None),
            samples: VecDeque::new(),
            told: None,
        }
    }

    /// A meter that tells nobody.
    pub fn silent() -> Self {
        Self::new(Arc::new(|_| {}))
    }

    /// Says what the phases from now on are about, e.g. `docs (2 of 4)`; nothing in particular with an empty text.
    pub fn about(&mut self, about: impl Into<String>) {
        self.about = about.into();
    }

    /// Begins a phase, and tells so.
    pub fn phase(&mut self, phase: impl Into<String>, unit: &'static str, total: Option<u64>) {
        let mut phase = phase.into();
        if !self.about.is_empty() {
            phase = format!("{}: {phase}", self.about);
        }
        self.progress = Progress::start(phase, unit, total);
        let now = Instant::now();
        self.begin_counting(now);
        self.tell(now);
    }

    /// Starts from this many units, done in an earlier run: they are no part of the rate.
    pub fn resume_at(&mut self, done: u64) {
        self.progress.done = done;
        let now = Instant::now();
        self.begin_counting(now);
        self.tell(now);
    }

    /// Some more units are done.
    pub fn advance(&mut self, units: u64) {
        self.advance_at(units, Instant::now());
    }

    fn advance_at(&mut self, units: u64, now: Instant) {
        self.progress.done += units;
        if self.told_of.waited.swap(false, Ordering::Relaxed) {
            // Behind these units: they took as long as the wait.
            self.begin_counting(now);
        }
        if self.told.is_none_or(|told| now.duration_since(told) >= EVERY) {
            self.samples.push_back((now, self.progress.done));
            while self.samples.len() > 2 && self.samples.front().is_some_and(|(at, _)| now.duration_since(*at) > WINDOW)
            {
                self.samples.pop_front();
            }
            self.tell(now);
        }
    }

    /// Several parts are done at once: the slowest of them has so long to go. Told with the next units.
    pub fn slowest(&mut self, left: Option<Duration>) {
        self.progress.slowest = left;
    }

    /// A pause is over: the time it took is no part of the rate.
    pub fn paused(&mut self) {
        self.begin_counting(Instant::now());
    }

    /// For who waits for a database.
    pub(super) fn told(&self) -> Arc<Told> {
        Arc::clone(&self.told_of)
    }

    /// How far it is now.
    pub fn progress(&self) -> &Progress {
        &self.progress
    }

    fn begin_counting(&mut self, now: Instant) {
        self.progress.rate = 0.0;
        self.samples.clear();
        self.samples.push_back((now, self.progress.done));
    }

    fn tell(&mut self, now: Instant) {
        self.told = Some(now);
        if let (Some((from, before)), Some((to, after))) = (self.samples.front(), self.samples.back()) {
            let span = to.duration_since(*from);
            // Over less than that a rate would be any number.
            if span >= EVERY {
                #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
                let rate = (after - before) as f64 / span.as_secs_f64();
                self.progress.rate = rate;
            }
        }
        *self.told_of.last.lock().unwrap_or_else(PoisonError::into_inner) = self.progress.clone();
        (self.told_of.listener)(self.progress.clone());
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[test]
    fn phases_name_what_they_are_about() {
        let told: Arc<Mutex<Vec<String>>> = Arc::default();
        let heard = Arc::clone(&told);
        let mut meter = Meter::new(Arc::new(move |progress| heard.lock().unwrap().push(progress.phase)));
        meter.phase("planning", "steps", None);
        meter.about("docs (2 of 4)");
        meter.phase("copying", "records", Some(3));
        meter.about("");
        meter.phase("done", "", None);
        assert_eq!(*told.lock().unwrap(), ["planning", "docs (2 of 4): copying", "done"]);
    }

    #[test]
    fn the_batch_that_ends_a_wait_makes_no_rate() {
        let mut meter = Meter::silent();
        meter.phase("copying", "records", Some(100_000));
        meter.resume_at(12_000);
        meter.told().waiting(Some("waiting for there, attempt 2".to_owned()));
        meter.told().waiting(None);
        let back = Instant::now() + Duration::from_secs(60);
        let after = |milliseconds| back + Duration::from_millis(milliseconds);
        meter.advance_at(250, after(0));
        assert_eq!((meter.progress().done, meter.progress().speed(), meter.progress().left()), (12_250, None, None));
        meter.advance_at(100, after(50));
        assert_eq!(meter.progress().speed(), None, "too early to tell");
        meter.advance_at(250, after(1_000));
        let speed = meter.progress().speed().unwrap();
        assert!((speed - 350.0).abs() < 1e-6, "{speed}");
    }
}
