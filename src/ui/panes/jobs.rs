//! All jobs of this session, newest first.

use ratatui::buffer::Buffer;

use super::info::select;
use super::{Scene, message};
use crate::app::action::Action;
use crate::app::job::Job;
use crate::app::view::job::JobsView;
use crate::ui::paint::{Run, row};
use crate::ui::status::severity_glyph;
use crate::ui::widgets::frame::Border;
use crate::ui::widgets::{progress, scrollbar};

/// Draws the pane.
pub fn draw(buf: &mut Buffer, scene: &Scene<'_>, view: &JobsView) {
    let look = scene.look;
    let theme = &look.theme;
    let jobs = &scene.state.jobs;
    let mut border = Border::titled(Run::new().own("Jobs", if scene.focused { theme.strong } else { theme.dim }));
    if !jobs.is_empty() {
        let running = scene.state.running_jobs().count();
        border.count = Run::new().own(format!("{running} of {} running", jobs.len()), theme.dim);
    }
    let inner = border.draw(buf, look, scene.area, scene.focused);
    if jobs.is_empty() {
        let keys = [
            (Action::Compare, "compare two collections"),
            (Action::CopyCollection, "copy one"),
            (Action::Back, "back"),
        ];
        message::empty(buf, scene, inner, "No job was started yet", &keys);
        return;
    }
    let height = usize::from(inner.height);
    for (i, job) in jobs.iter().rev().enumerate().skip(view.list.top).take(height) {
        let line = row(inner, i - view.list.top);
        select(buf, scene, line, i == view.list.selected, summary(scene, job, usize::from(line.width)));
    }
    scrollbar::draw(buf, look, inner, view.list.top, jobs.len(), scene.focused);
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
