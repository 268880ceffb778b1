//! A job as a bar with rate and time left.

use crate::app::job::Job;
use crate::jobs::model::Progress;
use crate::text::format;
use crate::ui::paint::{Look, Run};

/// Width of the bar in the footer.
const BAR: usize = 10;
/// Most columns for what is waited for.
const WAITING: usize = 48;

/// The job in one line: title, bar, percent, rate, time left; without a total, what is done.
pub fn line(look: &Look, job: &Job, title: usize) -> Run {
    let theme = &look.theme;
    let run = Run::new().data(look, &job.title, title, theme.text).gap(1);
    if job.paused {
        return run.join(bar(look, &job.progress, BAR)).own(" held", theme.warn);
    }
    run.join(bar(look, &job.progress, BAR)).join(speed(look, &job.progress))
}

/// A part of a whole, 0 to 1, as a bar of that width.
pub fn portion(look: &Look, part: f64, width: usize) -> Run {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a part of a width")]
    let full = (part * width as f64) as usize;
    Run::new()
        .own(look.set.full.repeat(full), look.theme.ok)
        .own(look.set.rest.repeat(width - full.min(width)), look.theme.dim)
}

/// A bar with its percent; without a total a spinner and what is done.
pub fn bar(look: &Look, progress: &Progress, width: usize) -> Run {
    let theme = &look.theme;
    match (progress.fraction(), progress.total) {
        (Some(part), Some(total)) => {
            portion(look, part, width).own(format!(" {}", format::percent(progress.done, total)), theme.text)
        }
        _ => Run::new().own(look.spin(), theme.info).own(format!(" {}", format::exact(progress.done)), theme.text),
    }
}

/// ` 1.2 k/s 0:04 left`, as far as it is known, or what is waited for.
pub fn speed(look: &Look, progress: &Progress) -> Run {
    let theme = &look.theme;
    let mut run = Run::new();
    if let Some(waiting) = &progress.waiting {
        return run.gap(1).data(look, waiting, WAITING, theme.warn);
    }
    if let Some(speed) = progress.speed() {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at least 1, and saturating")]
        let rate = speed as u64;
        run = run.own(format!(" {}/s", format::count(rate)), theme.dim);
        if let Some(left) = progress.left().filter(|left| !left.is_zero()) {
            // Whole seconds, at least one: a finer number would only flicker.
            run = run.own(format!(" {} left", format::countdown(left.as_secs().max(1))), theme.dim);
        }
    }
    run
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::job::JobId;
    use crate::app::state::AppState;

    #[test]
    fn a_job_that_is_overdone_or_endless_is_drawn() {
        let look = Look::of(&AppState::default());
        for (done, total) in [(9, Some(3)), (0, Some(0)), (u64::MAX, None)] {
            let mut job = Job::new(JobId(1), "copy".into(), None);
            job.progress = Progress { done, rate: f64::NAN, ..Progress::start("copying", "records", total) };
            assert!(line(&look, &job, 10).width() > 4);
        }
    }
}
