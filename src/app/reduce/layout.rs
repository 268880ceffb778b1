//! Tabs, panes, sidebar.

use super::Out;
use crate::app::effect::Effect;
use crate::app::overlay::Overlay;
use crate::app::overlay::prompt::{Confirm, Confirmed};
use crate::app::panes::{Pane, PaneId, Side, Tab};
use crate::app::state::{AppState, Focus};
use crate::app::view::View;
use crate::connection::message::ConnectionId;

/// A new pane that belongs to no tab yet.
fn new_pane(state: &mut AppState, connection: Option<ConnectionId>) -> PaneId {
    let id = PaneId(state.fresh_id());
    state.panes.insert(id, Pane::new(id, connection));
    id
}

/// There is always a tab.
pub(super) fn first_tab(state: &mut AppState) {
    if state.tabs.is_empty() {
        let pane = new_pane(state, None);
        state.tabs.push(Tab::new(None, pane));
        state.tab = 0;
    }
}

/// Tabs that show nothing of no connection go.
pub(super) fn drop_empty_tabs(state: &mut AppState) {
    let panes = &state.panes;
    let empty = |tab: &Tab| {
        let shows =
            |id: &PaneId| panes.get(id).is_some_and(|p| p.connection.is_some() || !matches!(p.view(), View::Welcome));
        tab.connection.is_none() && !tab.tree.ids().iter().any(shows)
    };
    let gone: Vec<PaneId> = state.tabs.iter().filter(|tab| empty(tab)).flat_map(|tab| tab.tree.ids()).collect();
    state.tabs.retain(|tab| !tab.tree.ids().iter().any(|id| gone.contains(id)));
    state.panes.retain(|id, _| !gone.contains(id));
    state.tab = state.tab.min(state.tabs.len().saturating_sub(1));
}

/// A tab for a connection: in place of an empty welcome, else after the others. It comes in front.
pub(super) fn tab_for(state: &mut AppState, connection: ConnectionId) {
    let empty = state.tabs.iter().position(|tab| {
        tab.connection.is_none()
            && tab
                .tree
                .ids()
                .iter()
                .all(|id| state.panes.get(id).is_none_or(|pane| matches!(pane.view(), View::Welcome)))
    });
    let pane = new_pane(state, Some(connection));
    let tab = Tab::new(Some(connection), pane);
    match empty {
        Some(at) => {
            for id in state.tabs[at].tree.ids() {
                state.panes.remove(&id);
            }
            state.tabs[at] = tab;
            state.tab = at;
        }
        None => {
            state.tabs.push(tab);
            state.tab = state.tabs.len() - 1;
        }
    }
}

pub(super) fn new_tab(state: &mut AppState) {
    let connection = state.active_pane().and_then(|pane| pane.connection);
    let pane = new_pane(state, connection);
    if let (Some(view), Some(new)) = (state.active_pane().map(|p| p.view().clone()), state.panes.get_mut(&pane)) {
        // The new tab starts where this one is; answers that are under way belong to this one.
        new.show(connection, without_questions(view));
    }
    state.tabs.insert(state.tab + 1, Tab::new(connection, pane));
    state.tab += 1;
    state.focus = Focus::Pane;
}

/// A copy of a view for another pane: what it has, without the questions that are under way.
fn without_questions(mut view: View) -> View {
    match &mut view {
        View::Records(v) => (v.loading, v.counting, v.to_the_end) = (None, None, false),
        View::Record(v) => (v.record.request, v.linked, v.contrast) = (None, None, None),
        View::Hits(v) => (v.hits.request, v.shared) = (None, None),
        View::Info(v) => v.info.request = None,
        View::Log(_) | View::Job(_) | View::Jobs(_) | View::Welcome => {}
    }
    view
}

pub(super) fn close_tab(state: &mut AppState, out: &mut Out) {
    let Some(tab) = state.active_tab() else { return };
    for pane in tab.tree.ids() {
        forget_pane(state, pane, out);
    }
    state.tabs.remove(state.tab);
    state.tab = state.tab.min(state.tabs.len().saturating_sub(1));
    first_tab(state);
    follow(state);
}

/// A pane goes.
pub(super) fn forget_pane(state: &mut AppState, pane: PaneId, out: &mut Out) {
    super::sidebar::leave(state, pane, out);
    state.panes.remove(&pane);
}

pub(super) fn cycle_tab(state: &mut AppState, by: isize) {
    let len = state.tabs.len().cast_signed().max(1);
    state.tab = (state.tab.cast_signed() + by).rem_euclid(len).unsigned_abs();
    super::sidebar::follow_active(state);
}

pub(super) fn split(state: &mut AppState, side: Side) {
    let Some(at) = state.active_tab().map(|tab| tab.focus) else { return };
    let (connection, view) = match state.panes.get(&at) {
        Some(pane) => (pane.connection, without_questions(pane.view().clone())),
        None => (None, View::Welcome),
    };
    let new = new_pane(state, connection);
    if let Some(pane) = state.panes.get_mut(&new) {
        pane.show(connection, view);
    }
    if let Some(tab) = state.active_tab_mut() {
        tab.tree.split(at, side, new);
        (tab.focus, tab.zoomed) = (new, false);
    }
    state.focus = Focus::Pane;
    if state.connections.iter().any(|c| Some(c.id) != connection) || connection.is_some() {
        super::overlays::show_in_pane(state);
    }
}

pub(super) fn close_pane(state: &mut AppState, out: &mut Out) {
    let Some(tab) = state.active_tab() else { return };
    let gone = tab.focus;
    let Some(tree) = tab.tree.clone().without(gone) else {
        close_tab(state, out);
        return;
    };
    forget_pane(state, gone, out);
    if let Some(tab) = state.active_tab_mut() {
        tab.focus = tree.ids().first().copied().unwrap_or(gone);
        tab.tree = tree;
        tab.zoomed = false;
    }
    follow(state);
}

/// The cursor of the sidebar goes where the focused pane is now; a user who stands in the sidebar stays there.
fn follow(state: &mut AppState) {
    if state.focus == Focus::Pane {
        super::sidebar::follow_active(state);
    }
}

pub(super) fn resize_pane(state: &mut AppState, by: i16) {
    if state.focus == Focus::Sidebar {
        let width = state.sidebar.columns(state.size.0);
        state.sidebar.width = Some(width.saturating_add_signed(by).clamp(16, 80));
    } else if let Some(tab) = state.active_tab_mut() {
        tab.tree.resize(tab.focus, by);
    }
}

pub(super) fn zoom(state: &mut AppState) {
    if let Some(tab) = state.active_tab_mut() {
        tab.zoomed = !tab.zoomed;
    }
}

/// The sidebar and the panes of the tab, in turn.
pub(super) fn cycle_focus(state: &mut AppState, by: isize) {
    let Some(tab) = state.active_tab() else { return };
    let panes = tab.tree.ids();
    // Place 0 is the sidebar.
    let at = match state.focus {
        Focus::Sidebar => 0,
        Focus::Pane => panes.iter().position(|id| *id == tab.focus).map_or(0, |i| i + 1),
    };
    let len = panes.len().cast_signed() + 1;
    let next = (at.cast_signed() + by).rem_euclid(len).unsigned_abs();
    match next.checked_sub(1).and_then(|i| panes.get(i)) {
        Some(pane) => focus_pane(state, *pane),
        None => focus_sidebar(state),
    }
}

pub(super) fn focus_pane(state: &mut AppState, pane: PaneId) {
    state.focus = Focus::Pane;
    if let Some(tab) = state.active_tab_mut() {
        tab.focus = pane;
    }
    super::sidebar::follow_active(state);
}

pub(super) fn focus_sidebar(state: &mut AppState) {
    state.sidebar.visible = true;
    state.focus = Focus::Sidebar;
}

pub(super) fn toggle_sidebar(state: &mut AppState) {
    state.sidebar.visible = !state.sidebar.visible;
    if !state.sidebar.visible {
        state.focus = Focus::Pane;
    }
}

/// Ends the program; asks while something runs.
pub(super) fn quit(state: &mut AppState, out: &mut Out) {
    let running = state.pending.len() + state.running_jobs().count();
    if running == 0 {
        out.push(Effect::Quit);
        return;
    }
    let what = state.pending.values().next().map_or_else(
        || state.running_jobs().next().map_or(String::new(), |job| job.title.clone()),
        |pending| pending.what.clone(),
    );
    let more = if running > 1 { format!(" and {} more", running - 1) } else { String::new() };
    state.overlays.push(Overlay::Confirm(Confirm {
        text: format!("Still running: {what}{more}. Leave all the same?"),
        yes: Confirmed::Quit,
    }));
}
