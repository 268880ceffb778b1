//! Moving in whatever has the focus.

use super::{Out, browse, sidebar};
use crate::app::geometry::{Frame, table_rows};
use crate::app::list::Step;
use crate::app::state::{AppState, Focus};
use crate::app::view::View;
use crate::app::view::record::Face;
use crate::app::view::records::RecordsView;
use crate::app::view::report::{Line, MARGIN, on_a_page};
use crate::text::Glyphs;

/// Rows of the focused pane that a table has in sight, and that a plain text has.
fn heights(state: &AppState) -> (usize, usize) {
    let area = Frame::of(state).and_then(|frame| frame.pane(state.active_tab()?.focus));
    area.map_or((1, 1), |area| (table_rows(area), usize::from(area.inner().height)))
}

pub(super) fn step(state: &mut AppState, step: Step) {
    if state.focus == Focus::Sidebar {
        let rows = sidebar::row_count(state);
        let height = sidebar::height(state);
        state.sidebar.list.step(step, rows, height);
        return;
    }
    let (table, text) = heights(state);
    let (log, jobs) = (state.log.len(), state.job_rows().len());
    let (report, in_report) = match state.active_pane().map(|pane| pane.view()) {
        Some(View::Job(view)) => (super::jobs::lines_of(state, view.id), in_report(state, step, text)),
        _ => (0, step),
    };
    match state.active_pane_mut().and_then(|pane| pane.view_mut()) {
        Some(View::Records(view)) => step_records(view, step, table),
        Some(View::Hits(view)) => {
            let len = view.len();
            view.list.step(step, len, table);
        }
        Some(View::Record(view)) => {
            let len = view.len();
            view.list.step(step, len, text);
        }
        Some(View::Info(view)) => {
            let len = view.lines().len();
            view.list.step(step, len, text);
        }
        Some(View::Log(view)) => view.list.step(step, log, text),
        Some(View::Job(view)) => view.list.step(in_report, report, text),
        Some(View::Jobs(view)) => view.list.step(step, jobs, text),
        Some(View::Welcome) | None => {}
    }
}

/// A step in the report in focus. Its lines are wrapped: a page is as many of them as are whole in it, so that none is
/// passed over unseen.
fn in_report(state: &AppState, step: Step, rows: usize) -> Step {
    let (by, parts) = match step {
        Step::Pages(by) => (by, 1),
        Step::HalfPages(by) => (by, 2),
        Step::Rows(_) | Step::First | Step::Last => return step,
    };
    let Some(View::Job(view)) = state.active_pane().map(|pane| pane.view()) else { return step };
    let lines = state.job(view.id).map_or_else(Vec::new, |job| state.report_of(job));
    if lines.iter().any(|line| !line.label.is_empty()) {
        return step;
    }
    let area = Frame::of(state).and_then(|frame| frame.pane(state.active_tab()?.focus));
    let room = area.map_or(1, |area| usize::from(area.inner().width).saturating_sub(MARGIN));
    let glyphs = if state.settings.ascii { Glyphs::Ascii } else { Glyphs::Unicode };
    let at = view.list.selected.min(lines.len().saturating_sub(1));
    let whole = |lines: &mut dyn Iterator<Item = &Line>| on_a_page(lines, room.max(1), rows / parts, glyphs);
    let page = match by < 0 {
        true => whole(&mut lines.iter().take(at + 1).rev()),
        false => whole(&mut lines.iter().skip(at)),
    };
    // One line stays in sight.
    Step::Rows(by * page.saturating_sub(1).max(1).cast_signed())
}

/// A table moves within what is loaded; the next page comes before its edge is reached. The first
/// row is always known, and the last is read on to.
fn step_records(view: &mut RecordsView, step: Step, height: usize) {
    view.to_the_end = step == Step::Last && view.window.next_page().is_some();
    if step == Step::First {
        view.list = Default::default();
        return;
    }
    if view.window.is_fresh() {
        // The place in a collection that is read again is kept until its page is there.
        return;
    }
    let (first, last) = (view.window.first_row(), view.window.last_row());
    view.list.step(step, last, height);
    if view.list.selected < first {
        view.list.selected = first;
        view.list.top = view.list.top.max(first).min(first);
    }
}

pub(super) fn sideways(state: &mut AppState, by: isize, out: &mut Out) {
    if state.focus == Focus::Sidebar {
        sidebar::fold(state, by > 0, out);
        return;
    }
    match state.active_pane_mut().and_then(|pane| pane.view_mut()) {
        Some(View::Records(view)) => view.columns.scroll(by),
        Some(View::Hits(view)) => view.columns.scroll(by),
        Some(View::Record(view)) => view.fold(by > 0),
        Some(View::Info(_) | View::Log(_) | View::Job(_) | View::Jobs(_) | View::Welcome) | None => {}
    }
}

pub(super) fn enter(state: &mut AppState, out: &mut Out) {
    if state.focus == Focus::Sidebar {
        sidebar::enter(state, out);
        return;
    }
    match state.active_pane().map(|pane| pane.view()) {
        Some(View::Records(_) | View::Hits(_)) => browse::open_selected(state, out),
        Some(View::Record(_)) => toggle(state, out),
        Some(View::Welcome) => super::overlays::show_in_pane(state),
        Some(View::Job(_) | View::Jobs(_)) => super::jobs::enter(state, out),
        Some(View::Info(_) | View::Log(_)) | None => {}
    }
}

pub(super) fn toggle(state: &mut AppState, out: &mut Out) {
    if state.focus == Focus::Sidebar {
        sidebar::toggle(state, out);
        return;
    }
    if let Some(View::Job(_) | View::Jobs(_)) = state.active_pane().map(|pane| pane.view()) {
        super::jobs::toggle_pause(state, out);
        return;
    }
    if let Some(View::Record(view)) = state.active_pane_mut().and_then(|pane| pane.view_mut())
        && let Face::Tree(lines) = view.face()
        && let Some(expanded) = lines.get(view.list.selected).and_then(|line| line.expanded)
    {
        view.fold(!expanded);
    }
}

/// One step back: an unfinished sequence, a running read-on, the view on top, a zoom, a message.
pub(super) fn back(state: &mut AppState, out: &mut Out) {
    if let Some(View::Records(view)) = state.active_pane_mut().and_then(|pane| pane.view_mut())
        && view.to_the_end
    {
        view.to_the_end = false;
        return;
    }
    // A message goes with the step; it is a step of its own only where there is no other.
    let message = state.notice.take().is_some();
    if state.focus == Focus::Sidebar {
        if message {
            return;
        }
        super::groups::find(state, "");
        return;
    }
    let pane = state.active_tab().map(|tab| tab.focus);
    if let Some(pane) = pane {
        let views_left = state.panes.get_mut(&pane).is_some_and(|pane| pane.views().count() > 1);
        if views_left {
            super::linked_records::back(state, pane, out);
            return;
        }
    }
    if let Some(tab) = state.active_tab_mut()
        && tab.zoomed
    {
        tab.zoomed = false;
        return;
    }
    if !message {
        super::layout::focus_sidebar(state);
    }
}
