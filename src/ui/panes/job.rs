//! One job: how far it is while it runs, its report when it has ended.

use ratatui::buffer::Buffer;
use ratatui::style::Style;

use super::info::select;
use super::{Scene, message, whole};
use crate::app::action::Action;
use crate::app::geometry::Area;
use crate::app::job::{Blocked, Job};
use crate::app::list::ListState;
use crate::app::view::job::JobView;
use crate::app::view::report::{self, Line, Tone};
use crate::text::format;
use crate::ui::paint::{Run, row};
use crate::ui::theme::Theme;
use crate::ui::widgets::frame::Border;
use crate::ui::widgets::{keys, progress, scrollbar};

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
    let mut lines = job.map_or_else(Vec::new, |job| scene.state.report_of(job));
    if let (Some(blocked), Some(last)) = (job.and_then(|job| scene.state.plan_blocked(job)), lines.last_mut()) {
        *last = Line::heading(in_the_way(scene, blocked));
    }
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
    if lines.iter().all(|line| line.label.is_empty()) {
        sentences(buf, scene, inner, view.list, &lines);
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

/// What stands below a plan that cannot be carried out, in place of the key that would accept it. The line before says
/// which lock, and what helps.
fn in_the_way(scene: &Scene<'_>, blocked: Blocked) -> String {
    let leave = keys::anywhere(scene.state, Action::Back);
    match blocked {
        Blocked::Closed => {
            format!("nothing is copied by this plan: one of its connections was closed; {leave} leaves it")
        }
        Blocked::Locked { opens: true } => {
            let window = keys::anywhere(scene.state, Action::WriteWindow);
            format!("this plan cannot be carried out now; {window} opens a write window, {leave} leaves it")
        }
        Blocked::Locked { opens: false } => format!("this plan cannot be carried out now; {leave} leaves it"),
    }
}

/// A report of sentences, such as a plan: each takes the rows that it needs, and none is cut.
fn sentences(buf: &mut Buffer, scene: &Scene<'_>, inner: Area, list: ListState, lines: &[Line]) {
    let look = scene.look;
    let room = usize::from(inner.width).saturating_sub(report::MARGIN).max(1);
    let height = usize::from(inner.height);
    // The first line in sight, or a later one where the selected line would not be whole.
    let selected = list.selected.min(lines.len().saturating_sub(1));
    let above = lines.get(list.top.min(selected)..=selected).unwrap_or_default();
    let first = (selected + 1).saturating_sub(report::on_a_page(above.iter().rev(), room, height, look.glyphs));
    let mut at = 0;
    for (i, line) in lines.iter().enumerate().skip(first) {
        let indent = if line.tone == Tone::Heading { 0 } else { 2 };
        for text in line.rows(room, look.glyphs) {
            if at < height {
                let run = Run::new().gap(indent).own(text, style_of(&look.theme, line.tone));
                select(buf, scene, row(inner, at), i == selected, run);
            }
            at += 1;
        }
        if at >= height {
            break;
        }
    }
    // About so many rows: only what is in sight is wrapped.
    let rows = |lines: &[Line]| -> usize {
        lines.iter().map(|line| crate::text::columns(&line.text).div_ceil(room).max(1)).sum()
    };
    let before = rows(lines.get(..first).unwrap_or_default());
    scrollbar::draw(buf, look, inner, before, rows(lines), scene.focused);
}

/// What it does, a bar over the pane, the keys that hold and end it.
fn running(buf: &mut Buffer, scene: &Scene<'_>, inner: Area, job: &Job) {
    let look = scene.look;
    let theme = &look.theme;
    let width = usize::from(inner.width).saturating_sub(24).clamp(8, 60);
    let done = match job.progress.total {
        Some(total) => format!("{} of {}", format::exact(job.progress.done), format::exact(total)),
        None => format::exact(job.progress.done),
    };
    // The phase stays in sight: some of them cannot be held, and say so.
    let sign = if job.paused { Run::new().own("held:", theme.warn) } else { Run::new().own(look.spin(), theme.info) };
    let state = sign.gap(1).data(look, &job.progress.phase, 80, theme.text);
    let mut lines = vec![state, Run::new(), progress::bar(look, &job.progress, width)];
    if !job.progress.unit.is_empty() {
        let counted = Run::new().own(format!("{done} {}", job.progress.unit), theme.dim);
        lines.push(if job.paused { counted } else { counted.join(progress::speed(look, &job.progress)) });
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
