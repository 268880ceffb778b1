//! How far a job is, on stderr: a bar that is drawn over itself on a terminal, a line now and then elsewhere.

use std::io::{IsTerminal, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::jobs::Meter;
use crate::jobs::model::Progress;
use crate::text::{SafeText, format};

/// Between two lines where stderr is no terminal, and before the first.
const EVERY: Duration = Duration::from_secs(10);

/// Draws what a meter tells; the line goes away with it.
pub struct Shown {
    bar: ProgressBar,
}

impl Shown {
    /// A bar that nothing is drawn of yet, and the meter that it listens to.
    pub fn new() -> (Self, Meter) {
        let stderr = std::io::stderr().is_terminal();
        let target = if stderr { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(0), target);
        let heard = bar.clone();
        let told = Mutex::new(Instant::now());
        let meter = Meter::new(Arc::new(
            move |progress: Progress| {
                if stderr { show(&heard, &progress) } else { tell(&told, &progress) }
            },
        ));
        (Self { bar }, meter)
    }

    /// Takes the line away for as long as something else is written.
    pub fn suspend<T>(&self, write: impl FnOnce() -> T) -> T {
        self.bar.suspend(write)
    }
}

impl Drop for Shown {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

fn show(bar: &ProgressBar, progress: &Progress) {
    // The template is our own and right; with indicatif's default it would still be told.
    if let (Some(total), Ok(style)) = (progress.total, ProgressStyle::with_template("{bar:24} {msg}")) {
        bar.set_style(style.progress_chars("█▉▊▋▌▍▎▏ "));
        bar.set_length(total.max(progress.done));
        bar.set_position(progress.done);
    } else if let Ok(style) = ProgressStyle::with_template("{msg}") {
        bar.set_style(style);
    }
    let line: String = SafeText::new(&words(progress)).into();
    bar.set_message(line);
}

/// For a log: a line, where none was written for a while. Short work so says nothing.
fn tell(told: &Mutex<Instant>, progress: &Progress) {
    let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
    if told.elapsed() >= EVERY {
        *told = Instant::now();
        let line: String = SafeText::new(&words(progress)).into();
        // Who reads it may be gone, which is no reason to stop.
        let _ = writeln!(std::io::stderr(), "{line}");
    }
}

/// `reading both sides: 12,000 of 400,000 records, 81 k a second, 0:05 left`.
fn words(progress: &Progress) -> String {
    let mut words = format!("{}: {}", progress.phase, format::exact(progress.done));
    if let Some(total) = progress.total {
        words += &format!(" of {}", format::exact(total));
    }
    words += &format!(" {}", progress.unit);
    if let Some(waiting) = &progress.waiting {
        words += &format!(", {waiting}");
    }
    if let Some(speed) = progress.speed() {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a rate for people")]
        let rate = speed as u64;
        words += &format!(", {} a second", format::count(rate));
    }
    if let Some(left) = progress.left() {
        words += &format!(", {} left", format::countdown(left.as_secs()));
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_tells_what_is_known_and_no_more() {
        let mut progress = Progress::start("reading both sides", "records", None);
        assert_eq!(words(&progress), "reading both sides: 0 records");
        progress.total = Some(400_000);
        progress.done = 12_000;
        progress.rate = 81_234.0;
        assert_eq!(words(&progress), "reading both sides: 12,000 of 400,000 records, 81.2 k a second, 0:04 left");
        progress.waiting = Some("waiting for db, attempt 4".to_owned());
        assert_eq!(words(&progress), "reading both sides: 12,000 of 400,000 records, waiting for db, attempt 4");
    }
}
