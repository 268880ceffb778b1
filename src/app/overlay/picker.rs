//! The picker: go to an open connection, open a profile, the demo, or what was typed; or choose
//! what a pane shows.

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
            return fuzzy::rank_twice(
                self.query.text().trim(),
                items,
                |item| item.text(state),
                |item| item.text(state),
            );
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
            let closed = || state.profiles.list.iter().filter(|p| state.connection_of_profile(p.id).is_none());
            let (first, rest) = (closed().filter(|p| p.favourite), closed().filter(|p| !p.favourite));
            items.extend(first.chain(rest).map(|p| PickerItem::Profile(p.id)));
            if !state.connections.iter().any(|c| matches!(c.source, OpenSource::Demo)) {
                items.push(PickerItem::Demo);
            }
        }
        if let PickerPurpose::CompareWith(pane) = self.purpose {
            neighbours_first(&mut items, pane, state);
        }
        let typed = self.query.text().trim();
        let mut rows = fuzzy::rank_twice(typed, items, |item| item.text(state), |item| item.all_words(state));
        if self.purpose == PickerPurpose::Connect && looks_like_target(typed) {
            rows.push(PickerItem::Typed(typed.to_owned()));
        }
        rows
    }
}

impl PickerItem {
    /// The text that is searched and shown.
    pub fn text(&self, state: &AppState) -> String {
        match self {
            Self::Connection(id) => state.connection(*id).map_or(String::new(), |c| c.label.clone()),
            Self::Collection { connection, name } => {
                state.connection(*connection).map_or(String::new(), |c| format!("{} / {name}", c.label))
            }
            Self::Profile(id) => profile(state, *id).map_or(String::new(), ProfileSummary::name_words),
            Self::Demo => "demo".to_owned(),
            Self::Typed(text) => text.clone(),
            Self::Pane(pane) => {
                let at = state.active_tab().and_then(|tab| tab.tree.ids().iter().position(|id| id == pane));
                let pane = state.panes.get(pane);
                let label = pane.and_then(|pane| state.connection(pane.connection?)).map_or("", |c| c.label.as_str());
                let collection = pane.and_then(|pane| pane.view().collection()).unwrap_or("no collection");
                format!("pane {}: {label} / {collection}", at.map_or(0, |at| at + 1))
            }
        }
    }
}

impl PickerItem {
    /// Everything that it is found by.
    fn all_words(&self, state: &AppState) -> String {
        let id = match self {
            Self::Profile(id) => Some(*id),
            Self::Connection(id) => match state.connection(*id).map(|c| &c.source) {
                Some(OpenSource::Profile(id)) => Some(*id),
                _ => None,
            },
            Self::Collection { .. } | Self::Demo | Self::Typed(_) | Self::Pane(_) => None,
        };
        id.and_then(|id| profile(state, id)).map_or_else(|| self.text(state), ProfileSummary::all_words)
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

fn profile(state: &AppState, id: ProfileId) -> Option<&ProfileSummary> {
    state.profiles.list.iter().find(|p| p.id == id)
}

fn looks_like_target(text: &str) -> bool {
    text.contains(['/', ':']) || text.starts_with(['.', '~'])
}
