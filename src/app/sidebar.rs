//! The sidebar: a tree of groups, profiles or connections, and collections, as rows made from the
//! state.

use std::collections::BTreeSet;

use super::connections::Connection;
use super::effect::OpenSource;
use super::list::ListState;
use super::profiles::ProfileSummary;
use super::state::AppState;
use crate::connection::message::ConnectionId;
use crate::profile::model::ProfileId;

/// The sidebar's own state.
#[derive(Debug, Clone)]
pub struct Sidebar {
    /// Whether the user wants it.
    pub visible: bool,
    /// Columns, with its border.
    pub width: u16,
    /// Selected row and what is in sight.
    pub list: ListState,
    /// Groups that are collapsed, by their path.
    pub collapsed: BTreeSet<String>,
}

impl Default for Sidebar {
    fn default() -> Self {
        Self { visible: true, width: 30, list: ListState::default(), collapsed: BTreeSet::new() }
    }
}

/// What a row of the sidebar stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SidebarItem {
    /// A group of profiles, by its path.
    Group {
        /// `work/search`.
        path: String,
        /// Whether its rows follow.
        expanded: bool,
    },
    /// An open connection.
    Connection(ConnectionId),
    /// A collection of an open connection.
    Collection {
        /// Which connection.
        connection: ConnectionId,
        /// The collection's name.
        name: String,
    },
    /// Why the collections of a connection are not there.
    CollectionsNote {
        /// Which connection.
        connection: ConnectionId,
        /// A few words.
        text: String,
    },
    /// A profile that is not open.
    Profile(ProfileId),
    /// The demo, not open.
    Demo,
    /// The store of profiles is locked, or another note about it.
    Store(String),
}

/// A row of the sidebar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SidebarRow {
    /// Depth in the tree.
    pub depth: usize,
    /// What it stands for.
    pub item: SidebarItem,
}

/// Takes rows in: their depth, and how to make what they stand for, for those who want it.
type Visit<'a> = dyn FnMut(usize, &dyn Fn() -> SidebarItem) + 'a;

impl Sidebar {
    /// The rows, from the state: ad-hoc connections first, then profiles in their groups (open ones
    /// with their collections), then the demo and what there is to say about the store.
    pub fn rows(&self, state: &AppState) -> Vec<SidebarRow> {
        let mut rows = Vec::new();
        self.visit(state, &mut |depth, item| rows.push(SidebarRow { depth, item: item() }));
        rows
    }

    /// How many rows there are. It is asked after every event and makes no text.
    pub fn row_count(&self, state: &AppState) -> usize {
        let mut count = 0;
        self.visit(state, &mut |_, _| count += 1);
        count
    }

    fn visit(&self, state: &AppState, visit: &mut Visit<'_>) {
        for connection in state.connections.iter().filter(|c| matches!(c.source, OpenSource::AdHoc(_))) {
            visit_connection(connection, 0, visit);
        }
        // Open profiles whose entry is gone or hidden (store locked meanwhile) stay in sight.
        for connection in &state.connections {
            if let OpenSource::Profile(id) = connection.source
                && !state.profiles.list.iter().any(|p| p.id == id)
            {
                visit_connection(connection, 0, visit);
            }
        }
        for path in group_paths(&state.profiles.list) {
            let depth = if path.is_empty() { 0 } else { path.matches('/').count() };
            if self.hidden_by_parent(path) {
                continue;
            }
            let expanded = !self.collapsed.contains(path);
            if !path.is_empty() {
                visit(depth, &|| SidebarItem::Group { path: path.to_owned(), expanded });
            }
            if !expanded {
                continue;
            }
            let depth = if path.is_empty() { 0 } else { depth + 1 };
            for profile in state.profiles.list.iter().filter(|p| p.group == path) {
                match state.connection_of_profile(profile.id) {
                    Some(connection) => visit_connection(connection, depth, visit),
                    None => visit(depth, &|| SidebarItem::Profile(profile.id)),
                }
            }
        }
        match state.connections.iter().find(|c| matches!(c.source, OpenSource::Demo)) {
            Some(demo) => visit_connection(demo, 0, visit),
            None => visit(0, &|| SidebarItem::Demo),
        }
        if let Some(note) = store_note(state) {
            visit(0, &|| SidebarItem::Store(note.to_owned()));
        }
    }

    fn hidden_by_parent(&self, path: &str) -> bool {
        path.match_indices('/').any(|(i, _)| self.collapsed.contains(&path[..i]))
    }
}

/// All groups and their parents, sorted; the empty path (no group) comes last.
fn group_paths(profiles: &[ProfileSummary]) -> impl Iterator<Item = &str> {
    let mut paths = BTreeSet::new();
    for profile in profiles.iter().filter(|p| !p.group.is_empty()) {
        for (i, _) in profile.group.match_indices('/') {
            paths.insert(&profile.group[..i]);
        }
        paths.insert(profile.group.as_str());
    }
    paths.into_iter().chain([""])
}

fn visit_connection(connection: &Connection, depth: usize, visit: &mut Visit<'_>) {
    let id = connection.id;
    visit(depth, &|| SidebarItem::Connection(id));
    if !connection.expanded {
        return;
    }
    let collections = &connection.collections;
    match &collections.value {
        Some(list) if list.is_empty() => visit_note(id, depth + 1, "no collections", visit),
        Some(list) => {
            for collection in list {
                visit(depth + 1, &|| SidebarItem::Collection { connection: id, name: collection.name.clone() });
            }
        }
        None if collections.is_loading() => visit_note(id, depth + 1, "loading ...", visit),
        None => {}
    }
    if collections.error.is_some() {
        visit_note(id, depth + 1, "list failed: r retries", visit);
    }
}

fn visit_note(connection: ConnectionId, depth: usize, text: &str, visit: &mut Visit<'_>) {
    visit(depth, &|| SidebarItem::CollectionsNote { connection, text: text.to_owned() });
}

fn store_note(state: &AppState) -> Option<&'static str> {
    use super::profiles::StoreState;
    match &state.profiles.state {
        StoreState::Unknown | StoreState::Unlocked | StoreState::Absent => None,
        StoreState::Locked => Some("profiles are locked"),
        StoreState::Unlocking => Some("unlocking ..."),
        StoreState::ReadOnly(_) => Some("profiles are read-only"),
        StoreState::Broken(_) => Some("profiles can't be read"),
    }
}
