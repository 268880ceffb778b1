//! The sidebar: a tree of groups, profiles or connections, and collections, as rows made from the
//! state.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::connections::Connection;
use super::effect::OpenSource;
use super::fuzzy;
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
    /// Columns, with its border, where the user wants a width of their own.
    pub width: Option<u16>,
    /// Selected row and what is in sight.
    pub list: ListState,
    /// Groups that are collapsed, by their path.
    pub collapsed: BTreeSet<String>,
    /// What is looked for; empty for nothing.
    pub sought: String,
    /// The profiles that are found; `None` while nothing is looked for.
    pub found: Option<HashSet<ProfileId>>,
}

impl Default for Sidebar {
    fn default() -> Self {
        Self {
            visible: true,
            width: None,
            list: ListState::default(),
            collapsed: BTreeSet::new(),
            sought: String::new(),
            found: None,
        }
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

/// Columns inside of its border on the narrowest screen that has it.
const NARROWEST: u16 = 26;

impl Sidebar {
    /// Columns on a screen of that width, with its border. Of itself it grows with the screen, up to a third of it:
    /// names need the room. At 120 columns two linked panes still have theirs beside each other.
    pub fn columns(&self, screen: u16) -> u16 {
        let grown = match screen {
            ..=120 => NARROWEST + screen.saturating_sub(80) / 10,
            _ => NARROWEST + 4 + (screen - 120) / 13,
        };
        let own = grown.min((screen / 3).clamp(NARROWEST, 60)) + 2;
        self.width.unwrap_or(own).min(screen / 2)
    }

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
        let open: HashMap<ProfileId, &Connection> = state
            .connections
            .iter()
            .filter_map(|c| match c.source {
                OpenSource::Profile(id) => Some((id, c)),
                OpenSource::AdHoc(_) | OpenSource::Demo => None,
            })
            .collect();
        let listed: HashSet<ProfileId> = state.profiles.list.iter().map(|p| p.id).collect();
        // While something is looked for, only what is found is in sight.
        let others = if self.found.is_some() { &[][..] } else { state.connections.as_slice() };
        for connection in others.iter().filter(|c| matches!(c.source, OpenSource::AdHoc(_))) {
            visit_connection(connection, 0, visit);
        }
        // Open profiles whose entry is gone or hidden (store locked meanwhile) stay in sight.
        for connection in others {
            if let OpenSource::Profile(id) = connection.source
                && !listed.contains(&id)
            {
                visit_connection(connection, 0, visit);
            }
        }
        let members = self.members(state);
        for path in group_order(members.keys().copied(), &state.profiles.groups) {
            let depth = if path.is_empty() { 0 } else { path.matches('/').count() };
            if self.hidden_by_parent(path) {
                continue;
            }
            let expanded = self.is_open(path);
            if !path.is_empty() {
                visit(depth, ItemRef::Group { path, expanded });
            }
            if !expanded {
                continue;
            }
            let depth = if path.is_empty() { 0 } else { depth + 1 };
            for profile in members.get(path).into_iter().flatten() {
                match open.get(&profile.id) {
                    Some(connection) => visit_connection(connection, depth, visit),
                    None => visit(depth, ItemRef::Profile(profile.id)),
                }
            }
        }
        if self.found.is_some() {
            return;
        }
        match state.connections.iter().find(|c| matches!(c.source, OpenSource::Demo)) {
            Some(demo) => visit_connection(demo, 0, visit),
            None => visit(0, ItemRef::Demo),
        }
        if let Some(note) = store_note(state) {
            visit(0, ItemRef::Store(note));
        }
    }

    /// Whether the rows of a group are in sight; what is looked for is found in folded ones, too.
    fn is_open(&self, path: &str) -> bool {
        self.found.is_some() || !self.collapsed.contains(path)
    }

    fn hidden_by_parent(&self, path: &str) -> bool {
        path.match_indices('/').any(|(i, _)| !self.is_open(&path[..i]))
    }

    /// The profiles in sight by their group, favourites first.
    fn members<'a>(&self, state: &'a AppState) -> BTreeMap<&'a str, Vec<&'a ProfileSummary>> {
        let mut members: BTreeMap<&str, Vec<&ProfileSummary>> = BTreeMap::new();
        let found = |p: &&ProfileSummary| self.found.as_ref().is_none_or(|found| found.contains(&p.id));
        for profile in state.profiles.list.iter().filter(found) {
            members.entry(&profile.group).or_default().push(profile);
        }
        members.values_mut().for_each(|profiles| profiles.sort_by_key(|p| !p.favourite));
        members
    }

    /// All groups in the order of the sidebar.
    pub fn groups(state: &AppState) -> Vec<&str> {
        let paths = state.profiles.list.iter().map(|p| p.group.as_str());
        group_order(paths, &state.profiles.groups).into_iter().filter(|path| !path.is_empty()).collect()
    }

    /// Shows only the profiles that match; all of them for an empty text.
    pub fn find(&mut self, text: &str, profiles: &[ProfileSummary]) {
        self.sought = text.trim().to_owned();
        self.found = (!self.sought.is_empty()).then(|| {
            let all: Vec<&ProfileSummary> = profiles.iter().collect();
            let found = fuzzy::rank_twice(&self.sought, all, |p| p.name_words(), |p| p.all_words());
            found.into_iter().map(|p| p.id).collect()
        });
    }
}

/// Groups and their parents in the order of the screen: a group before those inside it, siblings in the
/// user's order and those without a place by name after them; the empty path (no group) comes last.
fn group_order<'a>(paths: impl Iterator<Item = &'a str>, order: &[String]) -> Vec<&'a str> {
    let mut all: BTreeSet<&str> = BTreeSet::new();
    for path in paths.filter(|path| !path.is_empty()) {
        all.extend(path.match_indices('/').map(move |(i, _)| &path[..i]).chain([path]));
    }
    let rank: HashMap<&str, usize> = order.iter().enumerate().map(|(at, path)| (path.as_str(), at)).collect();
    let mut all: Vec<&str> = all.into_iter().collect();
    all.sort_by_cached_key(|path| {
        let path: &'a str = path;
        let ancestors = path.match_indices('/').map(move |(i, _)| &path[..i]).chain([path]);
        ancestors.map(|path| (rank.get(path).copied().unwrap_or(usize::MAX), path)).collect::<Vec<_>>()
    });
    all.push("");
    all
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
