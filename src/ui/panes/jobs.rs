//! All jobs of this session, newest first, and below them the copies that the state directory has.

use ratatui::buffer::Buffer;

use super::info::select;
use super::{Scene, message};
use crate::app::action::Action;
use crate::app::job::Job;
use crate::app::view::job::{JobRow, JobsView};
use crate::jobs::model::copied::{CopyState, Verdict};
use crate::text::format;
use crate::ui::paint::{Run, row};
use crate::ui::status::severity_glyph;
use crate::ui::widgets::frame::Border;
use crate::ui::widgets::{progress, scrollbar};

/// Draws the pane.
pub fn draw(buf: &mut Buffer, scene: &Scene<'_>, view: &JobsView) {
    let look = scene.look;
    let theme = &look.theme;
    let (jobs, rows) = (&scene.state.jobs, scene.state.job_rows());
    let mut border = Border::titled(Run::new().own("Jobs", if scene.focused { theme.strong } else { theme.dim }));
    if !jobs.is_empty() {
        let running = scene.state.running_jobs().count();
        border.count = Run::new().own(format!("{running} of {} running", jobs.len()), theme.dim);
    }
    let inner = border.draw(buf, look, scene.area, scene.focused);
    if rows.is_empty() {
        let keys = [
            (Action::Compare, "compare two collections"),
            (Action::CopyCollection, "copy one"),
            (Action::Back, "back"),
        ];
        message::empty(buf, scene, inner, "No job was started yet", &keys);
        return;
    }
    let height = usize::from(inner.height);
    for (i, entry) in rows.iter().enumerate().skip(view.list.top).take(height) {
        let line = row(inner, i - view.list.top);
        let width = usize::from(line.width);
        let run = match entry {
            JobRow::Job(job) => summary(scene, job, width),
            JobRow::Copy(copy) => of_disk(scene, copy, width),
        };
        select(buf, scene, line, i == view.list.selected, run);
    }
    scrollbar::draw(buf, look, inner, view.list.top, rows.len(), scene.focused);
}

/// A copy that the state directory has: how it stands first, because that is what it is looked at for.
fn of_disk(scene: &Scene<'_>, copy: &CopyState, width: usize) -> Run {
    let look = scene.look;
    let theme = &look.theme;
    let (glyph, style, says) = match (copy.verdict, &copy.fault, copy.listed) {
        _ if copy.running => (look.set.to, theme.info, "runs elsewhere".to_owned()),
        (_, Some(fault), _) => (look.set.fail, theme.danger, fault.clone()),
        (Some(Verdict::NotVerified), ..) => (look.set.fail, theme.danger, Verdict::NotVerified.words().to_owned()),
        (Some(verdict), ..) => (look.set.done, theme.ok, verdict.words().to_owned()),
        (None, None, Some(listed)) => {
            let part = format::percent(copy.done, listed);
            (look.set.warn, theme.warn, format!("stopped at {part}, enter goes on"))
        }
        (None, None, None) => (look.set.warn, theme.warn, "stopped before its first record, enter goes on".to_owned()),
    };
    // The collections tell copies apart; where they are is often the same for all.
    let (title, places) = match &copy.ends {
        Some((from, to)) if from.collection.is_empty() => {
            ("copy several collections".to_owned(), format!("from {} to {}", from.label, to.label))
        }
        Some((from, to)) => {
            (format!("copy {} to {}", from.collection, to.collection), format!("from {} to {}", from.label, to.label))
        }
        None => (copy.id.clone(), String::new()),
    };
    let room = width.saturating_sub(says.chars().count() + 6);
    Run::new()
        .own(glyph, style)
        .gap(1)
        .data(look, &title, room.max(20), theme.text)
        .gap(2)
        .data(look, &says, width, theme.dim)
        .gap(2)
        .data(look, &places, width, theme.dim)
}

fn summary(scene: &Scene<'_>, job: &Job, width: usize) -> Run {
    let look = scene.look;
    let theme = &look.theme;
    match &job.ended {
        None => progress::line(look, job, width.saturating_sub(44).clamp(8, 60)),
        Some(Ok(report)) => Run::new()
            .own(severity_glyph(look, report.severity()), theme.severity(report.severity()))
            .gap(1)
            .data(look, &job.title, 60, theme.text)
            .gap(2)
            .data(look, &report.sentence(), width, theme.dim),
        Some(Err(why)) => Run::new()
            .own(look.set.fail, theme.danger)
            .gap(1)
            .data(look, &job.title, 60, theme.text)
            .gap(2)
            .data(look, why, width, theme.danger),
    }
}
