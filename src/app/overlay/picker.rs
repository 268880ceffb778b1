//! The picker: go to an open connection, open a profile, the demo, or what was typed; or choose
//! what a pane shows.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use crate::app::connections::Connection;
use crate::app::effect::OpenSource;
use crate::app::field::TextField;
use crate::app::fuzzy;
use crate::app::list::ListState;
use crate::app::panes::PaneId;
use crate::app::profiles::ProfileSummary;
use crate::app::state::AppState;
use crate::connection::message::ConnectionId;
use crate::profile::model::ProfileId;

/// What choosing does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PickerPurpose {
    /// Go to a connection, opening it if need be.
    Connect,
    /// Show a connection's collection in this pane.
    ShowIn(PaneId),
    /// Compare the collection of this pane with another one.
    CompareWith(PaneId),
    /// Copy the collection of this pane into another database.
    CopyTo(PaneId),
    /// Copy every collection of this connection into another database.
    CopyAllTo(ConnectionId),
    /// Link this pane with another one of the tab.
    LinkWith(PaneId),
}

/// The picker overlay.
#[derive(Debug, Clone)]
pub struct Picker {
    /// What choosing does.
    pub purpose: PickerPurpose,
    /// What is typed.
    pub query: TextField,
    /// Selection.
    pub list: ListState,
}

/// What can be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PickerItem {
    /// An open connection; its number when it has one.
    Connection(ConnectionId),
    /// A collection of an open connection.
    Collection {
        /// Which connection.
        connection: ConnectionId,
        /// The collection.
        name: String,
    },
    /// A profile that is not open.
    Profile(ProfileId),
    /// The demo.
    Demo,
    /// What was typed, as URL or directory.
    Typed(String),
    /// Another pane of the tab.
    Pane(PaneId),
}

impl Picker {
    /// An empty picker.
    pub fn new(purpose: PickerPurpose) -> Self {
        Self { purpose, query: TextField::default(), list: ListState::default() }
    }

    /// What can be chosen, best first.
    pub fn rows(&self, state: &AppState) -> Vec<PickerItem> {
        let mut items: Vec<PickerItem> = Vec::new();
        if let PickerPurpose::LinkWith(pane) = self.purpose {
            let panes = state.active_tab().map_or_else(Vec::new, |tab| tab.tree.ids());
            let shows = |id: &PaneId| state.panes.get(id).is_some_and(|pane| pane.connection.is_some());
            items.extend(panes.into_iter().filter(|id| *id != pane && shows(id)).map(PickerItem::Pane));
            let words = |item: &PickerItem| item.pane_words(state);
            return fuzzy::rank_twice(self.query.text().trim(), items, words, words);
        }
        if let PickerPurpose::CopyAllTo(source) = self.purpose {
            let others = state.connections.iter().map(|connection| connection.id).filter(|id| *id != source);
            items.extend(others.map(PickerItem::Connection));
            let known = Known::default();
            let words = |item: &PickerItem| item.text(state, &known);
            return fuzzy::rank_twice(self.query.text().trim(), items, words, words);
        }
        for connection in &state.connections {
            if !matches!(self.purpose, PickerPurpose::CompareWith(_)) {
                items.push(PickerItem::Connection(connection.id));
            }
            let collections = connection.collections.value.iter().flatten();
            items.extend(
                collections.map(|c| PickerItem::Collection { connection: connection.id, name: c.name.clone() }),
            );
        }
        if self.purpose == PickerPurpose::Connect {
            let open: HashSet<ProfileId> = state.connections.iter().filter_map(profile_of).collect();
            let mut closed: Vec<&ProfileSummary> =
                state.profiles.list.iter().filter(|p| !open.contains(&p.id)).collect();
            // Favourites first, then what was used last; what never was keeps its order.
            closed.sort_by_key(|p| (!p.favourite, Reverse(p.last_used)));
            items.extend(closed.into_iter().map(|p| PickerItem::Profile(p.id)));
            if !state.connections.iter().any(|c| matches!(c.source, OpenSource::Demo)) {
                items.push(PickerItem::Demo);
            }
        }
        if let PickerPurpose::CompareWith(pane) = self.purpose {
            neighbours_first(&mut items, pane, state);
        }
        let typed = self.query.text().trim();
        // Looked up once for all: a thousand profiles are not searched a thousand times for each key.
        let known: Known<'_> = state.profiles.list.iter().map(|profile| (profile.id, profile)).collect();
        let text = |item: &PickerItem| item.text(state, &known);
        let mut rows = fuzzy::rank_twice(typed, items, text, |item| item.all_words(state, &known));
        if self.purpose == PickerPurpose::Connect && looks_like_target(typed) {
            rows.push(PickerItem::Typed(typed.to_owned()));
        }
        rows
    }
}

impl PickerItem {
    /// The text that is searched.
    fn text(&self, state: &AppState, known: &Known<'_>) -> String {
        match self {
            Self::Connection(id) => state.connection(*id).map_or(String::new(), |c| c.label.clone()),
            Self::Collection { connection, name } => {
                state.connection(*connection).map_or(String::new(), |c| format!("{} / {name}", c.label))
            }
            Self::Profile(id) => known.get(id).map_or(String::new(), |profile| profile.name_words()),
            Self::Demo => "demo".to_owned(),
            Self::Typed(text) => text.clone(),
            Self::Pane(_) => self.pane_words(state),
        }
    }
}

impl PickerItem {
    /// What a pane of the tab is called: its place and what it shows. Empty for all else.
    pub fn pane_words(&self, state: &AppState) -> String {
        let Self::Pane(pane) = self else { return String::new() };
        let at = state.active_tab().and_then(|tab| tab.tree.ids().iter().position(|id| id == pane));
        let pane = state.panes.get(pane);
        let label = pane.and_then(|pane| state.connection(pane.connection?)).map_or("", |c| c.label.as_str());
        let collection = pane.and_then(|pane| pane.view().collection()).unwrap_or("no collection");
        format!("pane {}: {label} / {collection}", at.map_or(0, |at| at + 1))
    }

    /// Everything that it is found by.
    fn all_words(&self, state: &AppState, known: &Known<'_>) -> String {
        let id = match self {
            Self::Profile(id) => Some(*id),
            Self::Connection(id) => state.connection(*id).and_then(profile_of),
            Self::Collection { .. } | Self::Demo | Self::Typed(_) | Self::Pane(_) => None,
        };
        id.and_then(|id| known.get(&id)).map_or_else(|| self.text(state, known), |profile| profile.all_words())
    }
}

/// What the other panes of the tab show comes first: it stands beside the collection already. The
/// collection itself is no choice.
fn neighbours_first(items: &mut Vec<PickerItem>, pane: PaneId, state: &AppState) {
    let shown = |pane: &PaneId| {
        let pane = state.panes.get(pane)?;
        Some(PickerItem::Collection { connection: pane.connection?, name: pane.view().collection()?.to_owned() })
    };
    let own = shown(&pane);
    items.retain(|item| Some(item) != own.as_ref());
    let others: Vec<PickerItem> =
        state.active_tab().map_or_else(Vec::new, |tab| tab.tree.ids().iter().filter_map(shown).collect());
    items.sort_by_key(|item| !others.contains(item));
}

/// The profiles by their identity.
type Known<'a> = HashMap<ProfileId, &'a ProfileSummary>;

fn profile_of(connection: &Connection) -> Option<ProfileId> {
    match connection.source {
        OpenSource::Profile(id) => Some(id),
        OpenSource::AdHoc(_) | OpenSource::Demo => None,
    }
}

fn looks_like_target(text: &str) -> bool {
    text.contains(['/', ':']) || text.starts_with(['.', '~'])
}
