//! The sidebar's moves.

use super::{Out, connections, questions};
use crate::app::event::Made;
use crate::app::geometry::Frame;
use crate::app::panes::PaneId;
use crate::app::profiles::is_within;
use crate::app::sidebar::SidebarItem;
use crate::app::state::{AppState, Focus, Purpose};
use crate::app::view::View;
use crate::app::view::info::InfoView;
use crate::app::view::records::RecordsView;
use crate::connection::message::{ConnectionId, Question};

pub(super) fn row_count(state: &AppState) -> usize {
    state.sidebar.row_count(state)
}

/// Rows in sight.
pub(super) fn height(state: &AppState) -> usize {
    Frame::of(state).map_or(1, |frame| height_in(&frame))
}

/// Rows in sight of a frame that is known already.
pub(super) fn height_in(frame: &Frame) -> usize {
    frame.sidebar.map_or(1, |area| usize::from(area.inner().height))
}

/// What is under the cursor.
pub(super) fn selected(state: &AppState) -> Option<SidebarItem> {
    state.sidebar.item(state, state.sidebar.list.selected)
}

/// Puts the cursor back on an item that other rows have moved; a profile that was opened meanwhile
/// is found as its connection.
pub(super) fn keep_on(state: &mut AppState, item: &SidebarItem) {
    let on = |wanted: &SidebarItem| state.sidebar.position(state, wanted);
    let same = on(item);
    if same == Some(state.sidebar.list.selected) {
        return;
    }
    let wanted = match item {
        SidebarItem::Profile(id) => state.connection_of_profile(*id).map(|c| SidebarItem::Connection(c.id)),
        SidebarItem::CollectionsNote { connection, .. } => Some(SidebarItem::Connection(*connection)),
        SidebarItem::Group { .. }
        | SidebarItem::Connection(_)
        | SidebarItem::Collection { .. }
        | SidebarItem::Demo
        | SidebarItem::Store(_) => None,
    };
    if let Some(at) = same.or_else(|| on(wanted.as_ref()?)) {
        state.sidebar.list.selected = at;
    }
}

/// Puts the cursor on the active connection, or on its collection that is shown.
pub(super) fn follow_active(state: &mut AppState) {
    let Some(pane) = state.active_pane() else { return };
    let Some(connection) = pane.connection else { return };
    let collection = pane.view().collection().map(str::to_owned);
    let on = |wanted: &SidebarItem| state.sidebar.position(state, wanted);
    let at = collection
        .and_then(|name| on(&SidebarItem::Collection { connection, name }))
        .or_else(|| on(&SidebarItem::Connection(connection)));
    if let Some(at) = at {
        let (rows, height) = (row_count(state), height(state));
        state.sidebar.list.selected = at;
        state.sidebar.list.clamp(rows, height);
    }
}

/// Puts the cursor on what a save has made, and unfolds the groups that it is in.
pub(super) fn go_to_new(state: &mut AppState, made: &Made, out: &mut Out) {
    let group = match made {
        Made::Profile(id) => state.profiles.list.iter().find(|p| p.id == *id).map(|p| p.group.clone()),
        Made::Group(path) => path.rsplit_once('/').map(|(parent, _)| parent.to_owned()),
    };
    let group = group.unwrap_or_default();
    let folded = state.sidebar.collapsed.len();
    state.sidebar.collapsed.retain(|path| !is_within(&group, path));
    if state.sidebar.collapsed.len() < folded {
        super::groups::keep_arrangement(state, out);
    }
    let item = match made {
        Made::Profile(id) => SidebarItem::Profile(*id),
        Made::Group(path) => {
            SidebarItem::Group { path: path.clone(), expanded: !state.sidebar.collapsed.contains(path) }
        }
    };
    if let Some(at) = state.sidebar.position(state, &item) {
        let (rows, height) = (row_count(state), height(state));
        state.sidebar.list.selected = at;
        state.sidebar.list.clamp(rows, height);
    }
}

pub(super) fn enter(state: &mut AppState, out: &mut Out) {
    match selected(state) {
        Some(SidebarItem::Group { .. }) => toggle(state, out),
        Some(SidebarItem::Connection(id)) => {
            connections::go_to(state, id);
        }
        Some(SidebarItem::Collection { connection, name }) => open_collection(state, connection, &name, out),
        Some(SidebarItem::CollectionsNote { connection, .. }) => {
            super::browse::list_collections(state, connection, out)
        }
        Some(SidebarItem::Profile(id)) => connections::open_profile(state, id, out),
        Some(SidebarItem::Demo) => connections::open_demo(state, out),
        Some(SidebarItem::Store(_)) => super::store::ask_passphrase(state, out),
        None => {}
    }
}

/// Shows the records of a collection in the connection's tab.
pub(super) fn open_collection(state: &mut AppState, connection: ConnectionId, name: &str, out: &mut Out) {
    let here = state.active_pane().is_some_and(|pane| pane.connection == Some(connection));
    if !here {
        connections::go_to(state, connection);
    }
    if let Some(pane) = state.active_tab().map(|tab| tab.focus) {
        show_collection(state, pane, connection, name, out);
    }
}

/// Shows the records of a collection in a pane. If the pane shows them already, they stay as they
/// are: page, filter and selection.
pub(super) fn show_collection(state: &mut AppState, id: PaneId, connection: ConnectionId, name: &str, out: &mut Out) {
    let count = state.connection(connection).and_then(|c| c.collection(name)).and_then(|c| c.count);
    let Some(pane) = state.panes.get_mut(&id) else { return };
    let same = pane.connection == Some(connection)
        && pane.views().next().is_some_and(|view| matches!(view, View::Records(v) if v.collection == name));
    if same {
        while pane.back() {}
    } else {
        leave(state, id, out);
        let mut view = state.visited.take(connection, name).unwrap_or_else(|| RecordsView::new(name));
        if view.filter.filter.is_none() {
            view.total = count;
        }
        if let Some(pane) = state.panes.get_mut(&id) {
            pane.show(Some(connection), View::Records(Box::new(view)));
        }
    }
    state.focus = Focus::Pane;
    if let Some(tab) = state.active_tab_mut()
        && tab.connection.is_none()
    {
        tab.connection = Some(connection);
    }
    follow_active(state);
}

/// A pane is about to show something else: what runs for it is cancelled, and the place in the
/// collection that it shows is kept.
pub(super) fn leave(state: &mut AppState, id: PaneId, out: &mut Out) {
    questions::cancel_for_pane(state, id, out);
    let Some(pane) = state.panes.get(&id) else { return };
    if let (Some(connection), Some(View::Records(view))) = (pane.connection, pane.views().next()) {
        state.visited.keep(connection, view);
    }
}

/// Right expands, left collapses or, where nothing is to be collapsed, goes to the parent.
pub(super) fn fold(state: &mut AppState, expand: bool, out: &mut Out) {
    match selected(state) {
        Some(SidebarItem::Group { expanded: false, .. } | SidebarItem::Profile(_)) if !expand => to_parent(state),
        Some(SidebarItem::Connection(id)) if !expand && state.connection(id).is_some_and(|c| !c.expanded) => {
            to_parent(state);
        }
        Some(SidebarItem::Group { path, expanded }) => {
            let changed = if expand {
                state.sidebar.collapsed.remove(&path)
            } else {
                expanded && state.sidebar.collapsed.insert(path)
            };
            if changed {
                super::groups::keep_arrangement(state, out);
            }
        }
        Some(SidebarItem::Connection(id)) => {
            if let Some(connection) = state.connection_mut(id) {
                connection.expanded = expand;
            }
        }
        Some(SidebarItem::Collection { connection, .. } | SidebarItem::CollectionsNote { connection, .. })
            if !expand =>
        {
            if let Some(at) = state.sidebar.position(state, &SidebarItem::Connection(connection)) {
                state.sidebar.list.selected = at;
            }
        }
        Some(
            SidebarItem::Collection { .. }
            | SidebarItem::CollectionsNote { .. }
            | SidebarItem::Profile(_)
            | SidebarItem::Demo
            | SidebarItem::Store(_),
        )
        | None => {}
    }
}

/// The cursor goes to the row that the one under it belongs to: the nearest above that stands further left.
fn to_parent(state: &mut AppState) {
    let rows = state.sidebar.rows(state);
    let at = state.sidebar.list.selected;
    let Some(depth) = rows.get(at).map(|row| row.depth) else { return };
    if let Some(parent) = rows.iter().take(at).rposition(|row| row.depth < depth) {
        let height = height(state);
        state.sidebar.list.selected = parent;
        state.sidebar.list.clamp(rows.len(), height);
    }
}

pub(super) fn toggle(state: &mut AppState, out: &mut Out) {
    let expanded = match selected(state) {
        Some(SidebarItem::Group { expanded, .. }) => expanded,
        Some(SidebarItem::Connection(id)) => state.connection(id).is_some_and(|c| c.expanded),
        _ => return,
    };
    fold(state, !expanded, out);
}

/// The description of the collection under the cursor, or of the one in the focused pane.
pub(super) fn collection_info(state: &mut AppState, out: &mut Out) {
    let target = match (state.focus, selected(state)) {
        (Focus::Sidebar, Some(SidebarItem::Collection { connection, name })) => Some((connection, name)),
        _ => state.active_pane().and_then(|p| Some((p.connection?, p.view().collection()?.to_owned()))),
    };
    let Some((connection, collection)) = target else { return };
    if state.active_pane().is_none_or(|pane| pane.connection != Some(connection)) {
        connections::go_to(state, connection);
    }
    let Some(id) = state.active_tab().map(|tab| tab.focus) else { return };
    let question = Question::Describe { collection: collection.clone() };
    let request = questions::ask(state, connection, Purpose::Info(id), question, out);
    let mut view = InfoView::new(&collection);
    view.info.request = request;
    if let Some(pane) = state.panes.get_mut(&id) {
        pane.push(View::Info(Box::new(view)));
    }
    state.focus = Focus::Pane;
}
