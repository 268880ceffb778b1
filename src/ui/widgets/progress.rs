//! A job as a bar with rate and time left.

use std::time::Duration;

use crate::app::job::JobProgress;
use crate::text::format;
use crate::ui::paint::{Look, Run};

const BAR: usize = 10;

/// The job in one line: title, bar, percent, rate, time left; without a total, what is done.
pub fn line(look: &Look, job: &JobProgress, title: usize) -> Run {
    let theme = &look.theme;
    let mut run = Run::new().data(look, &job.title, title, theme.text).gap(1);
    if let Some(total) = job.total {
        let part = if total == 0 { 1.0 } else { (job.done as f64 / total as f64).clamp(0.0, 1.0) };
        let full = (part * BAR as f64) as usize;
        run = run
            .own(look.set.full.repeat(full), theme.ok)
            .own(look.set.rest.repeat(BAR - full.min(BAR)), theme.dim)
            .own(format!(" {}", format::percent(job.done, total)), theme.text);
    } else {
        run = run.own(look.spin(), theme.info).own(format!(" {}", format::exact(job.done)), theme.text);
    }
    if job.rate.is_finite() && job.rate >= 1.0 {
        run = run.own(format!(" {}/s", format::count(job.rate as u64)), theme.dim);
        if let Some(left) = job.total.and_then(|total| total.checked_sub(job.done)).filter(|left| *left > 0) {
            let seconds = (left as f64 / job.rate).min(1e9) as u64;
            run = run.own(format!(" {} left", format::duration(Duration::from_secs(seconds.max(1)))), theme.dim);
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
            let job = JobProgress { id: JobId(1), title: "copy".into(), done, total, rate: f64::NAN };
            assert!(line(&look, &job, 10).width() > 4);
        }
    }
}
