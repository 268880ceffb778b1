//! The progress of a job on stderr: a line with rate and time left, drawn over itself; nothing where stderr is
//! no terminal.

use std::io::IsTerminal;
use std::sync::Arc;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::jobs::Meter;
use crate::jobs::model::Progress;
use crate::text::{SafeText, format};

/// A line of progress.
pub struct Bar(ProgressBar);

impl Bar {
    /// Nothing is drawn yet.
    pub fn new() -> Self {
        let shown = std::io::stderr().is_terminal();
        let target = if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(None, target);
        if let Ok(style) = ProgressStyle::with_template("{msg}") {
            bar.set_style(style);
        }
        Self(bar)
    }

    /// A meter that draws this line.
    pub fn meter(&self) -> Meter {
        let bar = self.0.clone();
        Meter::new(Arc::new(move |progress| bar.set_message(line(&progress))))
    }

    /// Takes the line away.
    pub fn clear(&self) {
        self.0.finish_and_clear();
    }
}

fn line(progress: &Progress) -> String {
    let phase = SafeText::new(&progress.phase).to_string();
    let done = format::exact(progress.done);
    let mut text = match progress.total {
        Some(total) => format!(
            "{phase}: {done} of {} {}, {}",
            format::exact(total),
            progress.unit,
            format::percent(progress.done, total)
        ),
        None if progress.done == 0 => return phase,
        None => format!("{phase}: {done} {}", progress.unit),
    };
    if progress.rate > 0.0 {
        text += &format!(", {:.0}/s", progress.rate);
    }
    if let Some(left) = progress.left() {
        text += &format!(", {} left", format::duration(left));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_how_far_how_fast_and_how_long() {
        let mut progress = Progress::start("copying", "records", Some(4_000));
        (progress.done, progress.rate) = (1_000, 500.0);
        assert_eq!(line(&progress), "copying: 1,000 of 4,000 records, 25 %, 500/s, 6.0 s left");
        progress.total = None;
        assert_eq!(line(&progress), "copying: 1,000 records, 500/s");
    }
}
