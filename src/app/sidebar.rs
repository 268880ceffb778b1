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

/// What a row stands for, as the state has it: enough to count rows and to find one without making
/// all of them, which is done after every event.
#[derive(Clone, Copy)]
enum ItemRef<'a> {
    Group { path: &'a str, expanded: bool },
    Connection(ConnectionId),
    Collection { connection: ConnectionId, name: &'a str },
    CollectionsNote { connection: ConnectionId, text: &'static str },
    Profile(ProfileId),
    Demo,
    Store(&'static str),
}

impl ItemRef<'_> {
    fn owned(self) -> SidebarItem {
        match self {
            Self::Group { path, expanded } => SidebarItem::Group { path: path.to_owned(), expanded },
            Self::Connection(id) => SidebarItem::Connection(id),
            Self::Collection { connection, name } => SidebarItem::Collection { connection, name: name.to_owned() },
            Self::CollectionsNote { connection, text } => {
                SidebarItem::CollectionsNote { connection, text: text.to_owned() }
            }
            Self::Profile(id) => SidebarItem::Profile(id),
            Self::Demo => SidebarItem::Demo,
            Self::Store(note) => SidebarItem::Store(note.to_owned()),
        }
    }

    fn is(self, item: &SidebarItem) -> bool {
        match (self, item) {
            (Self::Group { path, expanded }, SidebarItem::Group { path: other, expanded: open }) => {
                path == other && expanded == *open
            }
            (Self::Connection(id), SidebarItem::Connection(other)) => id == *other,
            (Self::Collection { connection, name }, SidebarItem::Collection { connection: of, name: other }) => {
                connection == *of && name == other
            }
            (
                Self::CollectionsNote { connection, text },
                SidebarItem::CollectionsNote { connection: of, text: other },
            ) => connection == *of && text == other,
            (Self::Profile(id), SidebarItem::Profile(other)) => id == *other,
            (Self::Demo, SidebarItem::Demo) => true,
            (Self::Store(note), SidebarItem::Store(other)) => note == other,
            _ => false,
        }
    }
}

/// Takes rows in: their depth, and what they stand for.
type Visit<'a> = dyn FnMut(usize, ItemRef<'_>) + 'a;

impl Sidebar {
    /// The rows, from the state: ad-hoc connections first, then profiles in their groups (open ones
    /// with their collections), then the demo and what there is to say about the store.
    pub fn rows(&self, state: &AppState) -> Vec<SidebarRow> {
        let mut rows = Vec::new();
        self.visit(state, &mut |depth, item| rows.push(SidebarRow { depth, item: item.owned() }));
        rows
    }

    /// How many rows there are.
    pub fn row_count(&self, state: &AppState) -> usize {
        let mut count = 0;
        self.visit(state, &mut |_, _| count += 1);
        count
    }

    /// What a row stands for.
    pub fn item(&self, state: &AppState, row: usize) -> Option<SidebarItem> {
        let (mut at, mut found) = (0, None);
        self.visit(state, &mut |_, item| {
            if at == row {
                found = Some(item.owned());
            }
            at += 1;
        });
        found
    }

    /// The row of an item.
    pub fn position(&self, state: &AppState, wanted: &SidebarItem) -> Option<usize> {
        let (mut at, mut found) = (0, None);
        self.visit(state, &mut |_, item| {
            if found.is_none() && item.is(wanted) {
                found = Some(at);
            }
            at += 1;
        });
        found
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
                visit(depth, ItemRef::Group { path, expanded });
            }
            if !expanded {
                continue;
            }
            let depth = if path.is_empty() { 0 } else { depth + 1 };
            for profile in state.profiles.list.iter().filter(|p| p.group == path) {
                match state.connection_of_profile(profile.id) {
                    Some(connection) => visit_connection(connection, depth, visit),
                    None => visit(depth, ItemRef::Profile(profile.id)),
                }
            }
        }
        match state.connections.iter().find(|c| matches!(c.source, OpenSource::Demo)) {
            Some(demo) => visit_connection(demo, 0, visit),
            None => visit(0, ItemRef::Demo),
        }
        if let Some(note) = store_note(state) {
            visit(0, ItemRef::Store(note));
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

fn visit_connection(open: &Connection, depth: usize, visit: &mut Visit<'_>) {
    let connection = open.id;
    visit(depth, ItemRef::Connection(connection));
    if !open.expanded {
        return;
    }
    let depth = depth + 1;
    let note = |text| ItemRef::CollectionsNote { connection, text };
    match &open.collections.value {
        Some(list) if list.is_empty() => visit(depth, note("no collections")),
        Some(list) => {
            for collection in list {
                visit(depth, ItemRef::Collection { connection, name: &collection.name });
            }
        }
        None if open.collections.is_loading() => visit(depth, note("loading ...")),
        None => {}
    }
    if open.collections.error.is_some() {
        visit(depth, note("list failed: r retries"));
    }
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
