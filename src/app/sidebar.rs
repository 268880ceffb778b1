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

impl Sidebar {
    /// The rows, from the state: ad-hoc connections first, then profiles in their groups (open ones
    /// with their collections), then the demo and what there is to say about the store.
    pub fn rows(&self, state: &AppState) -> Vec<SidebarRow> {
        let mut rows = Vec::new();
        for connection in state.connections.iter().filter(|c| matches!(c.source, OpenSource::AdHoc(_))) {
            push_connection(&mut rows, connection, 0);
        }
        // Open profiles whose entry is gone or hidden (store locked meanwhile) stay in sight.
        for connection in &state.connections {
            if let OpenSource::Profile(id) = connection.source
                && !state.profiles.list.iter().any(|p| p.id == id)
            {
                push_connection(&mut rows, connection, 0);
            }
        }
        for path in group_paths(&state.profiles.list) {
            let depth = if path.is_empty() { 0 } else { path.matches('/').count() };
            if self.hidden_by_parent(&path) {
                continue;
            }
            let expanded = !self.collapsed.contains(&path);
            if !path.is_empty() {
                rows.push(SidebarRow { depth, item: SidebarItem::Group { path: path.clone(), expanded } });
            }
            if !expanded {
                continue;
            }
            let depth = if path.is_empty() { 0 } else { depth + 1 };
            for profile in state.profiles.list.iter().filter(|p| p.group == path) {
                match state.connection_of_profile(profile.id) {
                    Some(connection) => push_connection(&mut rows, connection, depth),
                    None => rows.push(SidebarRow { depth, item: SidebarItem::Profile(profile.id) }),
                }
            }
        }
        match state.connections.iter().find(|c| matches!(c.source, OpenSource::Demo)) {
            Some(demo) => push_connection(&mut rows, demo, 0),
            None => rows.push(SidebarRow { depth: 0, item: SidebarItem::Demo }),
        }
        if let Some(note) = store_note(state) {
            rows.push(SidebarRow { depth: 0, item: SidebarItem::Store(note) });
        }
        rows
    }

    fn hidden_by_parent(&self, path: &str) -> bool {
        path.match_indices('/').any(|(i, _)| self.collapsed.contains(&path[..i]))
    }
}

/// All groups and their parents, sorted; the empty path (no group) comes last.
fn group_paths(profiles: &[ProfileSummary]) -> Vec<String> {
    let mut paths = BTreeSet::new();
    for profile in profiles.iter().filter(|p| !p.group.is_empty()) {
        for (i, _) in profile.group.match_indices('/') {
            paths.insert(profile.group[..i].to_owned());
        }
        paths.insert(profile.group.clone());
    }
    paths.into_iter().chain([String::new()]).collect()
}

fn push_connection(rows: &mut Vec<SidebarRow>, connection: &Connection, depth: usize) {
    rows.push(SidebarRow { depth, item: SidebarItem::Connection(connection.id) });
    if !connection.expanded {
        return;
    }
    let depth = depth + 1;
    let note = |text: &str| SidebarRow {
        depth,
        item: SidebarItem::CollectionsNote { connection: connection.id, text: text.to_owned() },
    };
    let collections = &connection.collections;
    match &collections.value {
        Some(list) if list.is_empty() => rows.push(note("no collections")),
        Some(list) => rows.extend(list.iter().map(|c| SidebarRow {
            depth,
            item: SidebarItem::Collection { connection: connection.id, name: c.name.clone() },
        })),
        None if collections.is_loading() => rows.push(note("loading ...")),
        None => {}
    }
    if collections.error.is_some() {
        rows.push(note("list failed: r retries"));
    }
}

fn store_note(state: &AppState) -> Option<String> {
    use super::profiles::StoreState;
    match &state.profiles.state {
        StoreState::Unknown | StoreState::Unlocked | StoreState::Absent => None,
        StoreState::Locked => Some("profiles are locked".to_owned()),
        StoreState::Unlocking => Some("unlocking ...".to_owned()),
        StoreState::ReadOnly(_) => Some("profiles are read-only".to_owned()),
        StoreState::Broken(_) => Some("profiles can't be read".to_owned()),
    }
}
