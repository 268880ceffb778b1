//! One job: how far it is while it runs, its report when it has ended.

use ratatui::buffer::Buffer;
use ratatui::style::Style;

use super::info::select;
use super::{Scene, message, whole};
use crate::app::action::Action;
use crate::app::job::Job;
use crate::app::view::job::JobView;
use crate::app::view::report::Tone;
use crate::text::format;
use crate::ui::paint::{Run, row};
use crate::ui::theme::Theme;
use crate::ui::widgets::frame::Border;
use crate::ui::widgets::{progress, scrollbar};

/// Cells of a bar in a report.
const BAR: usize = 20;
/// What stands between and beside mark, label, bar and text.
const MARGIN: usize = 8;
/// The longest number that bars leave room for; a longer text has no bar where it does not fit.
const NUMBER: usize = 12;
/// Below this it says nothing.
const SHORTEST_BAR: usize = 4;
/// Widest label of a report.
const LABEL: usize = 28;

/// Draws the pane.
pub fn draw(buf: &mut Buffer, scene: &Scene<'_>, view: &JobView) {
    let look = scene.look;
    let theme = &look.theme;
    let job = scene.state.job(view.id);
    let title = job.map_or("job", |job| job.title.as_str());
    let style = if scene.focused { theme.strong } else { theme.dim };
    let mut border = Border::titled(Run::new().data(look, title, 120, style));
    let lines = job.map_or_else(Vec::new, |job| scene.state.report_of(job));
    if lines.len() > 1 {
        border.count = Run::new().own(format!("line {} of {}", view.list.selected + 1, lines.len()), theme.dim);
    }
    let inner = border.draw(buf, look, scene.area, scene.focused);
    let Some(job) = job else {
        message::empty(buf, scene, inner, "This job is no longer known", &[(Action::Back, "back")]);
        return;
    };
    if job.is_running() {
        running(buf, scene, inner, job);
        return;
    }
    let labels = lines.iter().filter(|line| !line.label.is_empty());
    let width = labels.map(|line| look.safe(&line.label, LABEL).chars().count()).max().unwrap_or(0).min(LABEL);
    // A number is worth more than its picture: a narrow pane has shorter bars, or none, and all of one length.
    let numbers = lines.iter().filter(|line| line.part.is_some()).map(|line| crate::text::columns(&line.text));
    let longest = numbers.filter(|columns| *columns <= NUMBER).max().unwrap_or(0);
    let free = usize::from(inner.width).saturating_sub(width + MARGIN + longest).min(BAR);
    // What does not fit into its line is shown whole below the report, for the selected one.
    let long = lines.get(view.list.selected).filter(|line| {
        let used = if line.label.is_empty() { 6 } else { width + 6 };
        crate::text::columns(&line.text) + used > usize::from(inner.width)
    });
    let top = view.list.top;
    let beside = whole::beside(look, inner, lines.len(), view.list, long.map(|line| line.text.as_str()));
    for (i, line) in lines.iter().enumerate().take(beside.to).skip(beside.from) {
        let place = row(inner, i - top);
        let room = usize::from(place.width);
        let run = if line.label.is_empty() {
            let indent = if line.tone == Tone::Heading { 0 } else { 2 };
            Run::new().gap(indent).data(look, &line.text, room, style_of(theme, line.tone))
        } else {
            let label = crate::text::SafeText::head(&line.label, width, look.glyphs).pad(width);
            let start = Run::new().gap(2).own(label, theme.dim).gap(2);
            let start = match line
                .part
                .filter(|_| free >= SHORTEST_BAR && width + MARGIN + free + crate::text::columns(&line.text) <= room)
            {
                Some(part) => start.join(progress::portion(look, f64::from(part) / 1_000.0, free)).gap(1),
                None => start,
            };
            start.data(look, &line.text, room, style_of(theme, line.tone))
        };
        select(buf, scene, place, i == view.list.selected, run);
    }
    if let Some(line) = long {
        beside.draw(buf, look, inner, &line.text);
    }
    scrollbar::draw(buf, look, inner, top, lines.len(), scene.focused);
}

/// What it does, a bar over the pane, the keys that hold and end it.
fn running(buf: &mut Buffer, scene: &Scene<'_>, inner: crate::app::geometry::Area, job: &Job) {
    let look = scene.look;
    let theme = &look.theme;
    let width = usize::from(inner.width).saturating_sub(24).clamp(8, 60);
    let done = match job.progress.total {
        Some(total) => format!("{} of {}", format::exact(job.progress.done), format::exact(total)),
        None => format::exact(job.progress.done),
    };
    let state = if job.paused {
        Run::new().own("held", theme.warn)
    } else {
        Run::new().own(look.spin(), theme.info).gap(1).data(look, &job.progress.phase, 80, theme.text)
    };
    let mut lines = vec![state, Run::new(), progress::bar(look, &job.progress, width)];
    if !job.progress.unit.is_empty() {
        let counted = Run::new().own(format!("{done} {}", job.progress.unit), theme.dim);
        lines.push(counted.join(progress::speed(look, &job.progress)));
    }
    lines.push(Run::new());
    if job.request.is_some() {
        let word = if job.paused { "go on" } else { "hold" };
        lines.push(message::key_line(scene, Action::Toggle, word, 6));
        lines.push(message::key_line(scene, Action::CancelRequest, "end it", 6));
        if job.writes_a_copy() {
            lines.push(message::key_line(scene, Action::LimitRate, "limit the rate", 6));
        }
    }
    lines.push(message::key_line(scene, Action::Back, "leave it running", 6));
    message::centered(buf, look, inner, &lines);
}

fn style_of(theme: &Theme, tone: Tone) -> Style {
    match tone {
        Tone::Plain => theme.text,
        Tone::Heading => theme.strong,
        Tone::Good => theme.ok,
        Tone::Warn => theme.warn,
        Tone::Bad => theme.danger,
        Tone::Dim => theme.dim,
    }
}
