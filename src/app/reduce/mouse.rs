//! The mouse: click selects, a second click opens, the wheel scrolls, borders are not dragged.

use super::{Out, layout, moving, overlays};
use crate::app::event::{Mouse, MouseKind};
use crate::app::geometry::{Area, Frame, TABLE_HEADER, picker_area};
use crate::app::list::Step;
use crate::app::overlay::Overlay;
use crate::app::panes::PaneId;
use crate::app::state::AppState;
use crate::app::view::View;

/// Rows that one notch of the wheel scrolls.
const WHEEL: isize = 3;

pub(super) fn mouse(state: &mut AppState, mouse: Mouse, out: &mut Out) {
    if !state.overlays.is_empty() {
        in_overlay(state, mouse, out);
        return;
    }
    let Some(frame) = Frame::of(state) else { return };
    let hit = |area: Area| area.contains(mouse.x, mouse.y);
    if frame.sidebar.is_some_and(hit) {
        layout::focus_sidebar(state);
        in_sidebar(state, frame.sidebar.unwrap_or_default(), mouse, out);
    } else if hit(frame.tabs) {
        if mouse.kind == MouseKind::Press {
            click_tab(state, frame.tabs, mouse.x);
        }
    } else if let Some((pane, area)) = frame.panes.iter().find(|(_, area)| hit(*area)) {
        layout::focus_pane(state, *pane);
        in_pane(state, *pane, *area, mouse, out);
    }
}

fn wheel(kind: MouseKind) -> Option<Step> {
    match kind {
        MouseKind::ScrollDown => Some(Step::Rows(WHEEL)),
        MouseKind::ScrollUp => Some(Step::Rows(-WHEEL)),
        MouseKind::Press | MouseKind::DoublePress | MouseKind::Drag | MouseKind::Release => None,
    }
}

fn in_sidebar(state: &mut AppState, area: Area, mouse: Mouse, out: &mut Out) {
    if let Some(step) = wheel(mouse.kind) {
        moving::step(state, step);
        return;
    }
    let Some(row) = row_at(area.inner(), 0, mouse) else { return };
    let row = state.sidebar.list.top + row;
    if row >= super::sidebar::row_count(state) {
        return;
    }
    match mouse.kind {
        MouseKind::Press => state.sidebar.list.selected = row,
        MouseKind::DoublePress => {
            state.sidebar.list.selected = row;
            super::sidebar::enter(state, out);
        }
        MouseKind::Drag | MouseKind::Release | MouseKind::ScrollDown | MouseKind::ScrollUp => {}
    }
}

fn in_pane(state: &mut AppState, pane: PaneId, area: Area, mouse: Mouse, out: &mut Out) {
    if let Some(step) = wheel(mouse.kind) {
        moving::step(state, step);
        return;
    }
    let Some(view) = state.panes.get_mut(&pane).and_then(|pane| pane.view_mut()) else { return };
    let header = match view {
        View::Records(_) | View::Hits(_) => TABLE_HEADER,
        View::Record(_) | View::Info(_) | View::Log(_) | View::Job(_) | View::Jobs(_) | View::Welcome => 0,
    };
    let Some(row) = row_at(area.inner(), header, mouse) else { return };
    let (list, len) = match view {
        View::Records(view) => {
            let len = view.window.last_row();
            (&mut view.list, len)
        }
        View::Hits(view) => {
            let len = view.len();
            (&mut view.list, len)
        }
        View::Record(view) => {
            let len = view.len();
            (&mut view.list, len)
        }
        View::Info(view) => {
            let len = view.lines().len();
            (&mut view.list, len)
        }
        View::Log(_) | View::Job(_) | View::Jobs(_) | View::Welcome => return,
    };
    let row = list.top + row;
    if row >= len {
        return;
    }
    match mouse.kind {
        MouseKind::Press => list.selected = row,
        MouseKind::DoublePress => {
            list.selected = row;
            moving::enter(state, out);
        }
        MouseKind::Drag | MouseKind::Release | MouseKind::ScrollDown | MouseKind::ScrollUp => {}
    }
}

fn in_overlay(state: &mut AppState, mouse: Mouse, out: &mut Out) {
    if let Some(step) = wheel(mouse.kind) {
        overlays::move_selection(state, step);
        return;
    }
    let area = picker_area(state.size);
    let listed = match state.overlays.last() {
        Some(Overlay::Picker(_) | Overlay::Palette(_) | Overlay::Columns(_) | Overlay::Import(_)) => true,
        Some(Overlay::SignIn(sign_in)) => matches!(sign_in.step, crate::app::overlay::sign_in::Step::Choose(_)),
        _ => false,
    };
    // The first row inside the border is the line of text.
    let Some(row) = row_at(area.inner(), 1, mouse).filter(|_| listed) else { return };
    match mouse.kind {
        MouseKind::Press | MouseKind::DoublePress => {
            overlays::select_row(state, row);
            if mouse.kind == MouseKind::DoublePress {
                overlays::enter(state, out);
            }
        }
        MouseKind::Drag | MouseKind::Release | MouseKind::ScrollDown | MouseKind::ScrollUp => {}
    }
}

/// The row of a list that the mouse is on, counted from the first in sight.
fn row_at(inner: Area, header: u16, mouse: Mouse) -> Option<usize> {
    inner.contains(mouse.x, mouse.y).then(|| mouse.y - inner.y)?.checked_sub(header).map(usize::from)
}

/// Tabs share their line evenly up to a width, as the view draws them.
fn click_tab(state: &mut AppState, area: Area, x: u16) {
    let at = crate::app::geometry::tab_areas(state, area).iter().position(|tab| tab.contains(x, area.y));
    if let Some(at) = at {
        state.tab = at;
        super::sidebar::follow_active(state);
    }
}
