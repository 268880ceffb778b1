//! What was open, to be opened again at the next start: connections by profile or address, tabs, panes,
//! collections, filters, the ids of records that are open. No content of a record, no secret, and nothing about what may be written: that is asked of the
//! profile anew.
//!
//! [`snapshot`] makes a [`Session`] of the state, `app::reduce::session` makes the state of one again;
//! `runtime::session` keeps it in a file.

pub mod saved;

use std::collections::BTreeMap;

use saved::{
    SavedAddress, SavedConnection, SavedId, SavedLink, SavedPane, SavedSide, SavedTab, SavedTree, SavedView, Session,
    VERSION,
};

use super::connections::Connection;
use super::effect::{AdHoc, OpenRequest, OpenSource};
use super::panes::{PaneId, PaneTree, Side};
use super::state::AppState;
use super::view::View;
use crate::connection::health::HealthState;
use crate::connection::message::ConnectionId;
use crate::jobs::model::matching::MatchBy;
use crate::profile::model::{ProfileId, SecretSource};
use crate::provider::model::{RecordId, SearchQuery};
use crate::provider::{Address, ProxySpec};

/// A session that is being opened again.
#[derive(Debug, Clone)]
pub struct Plan {
    /// What it was.
    pub session: Session,
    /// What to open for each of its connections; profiles are found by their identity instead.
    pub requests: Vec<Option<OpenRequest>>,
    /// What each of its connections is now.
    pub found: Vec<Found>,
    /// Its tabs that are there again.
    pub built: Vec<bool>,
    /// Whether the user has to agree first.
    pub asking: bool,
}

/// What has become of a connection of the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// It waits for the store of profiles.
    Waits,
    /// It is open.
    Open(ConnectionId),
    /// It cannot be opened any more.
    Gone,
}

/// What is open now. `None` while an earlier session is not opened whole: it must not be lost.
pub fn snapshot(state: &AppState) -> Option<Session> {
    if state.session.is_some() {
        return None;
    }
    let numbers: BTreeMap<ConnectionId, usize> = state.connections.iter().enumerate().map(|(i, c)| (c.id, i)).collect();
    let number = |id: Option<ConnectionId>| id.and_then(|id| numbers.get(&id).copied());
    let tabs = state.tabs.iter().map(|tab| SavedTab {
        connection: number(tab.connection),
        focus: tab.tree.ids().iter().position(|id| *id == tab.focus).unwrap_or(0),
        zoomed: tab.zoomed,
        tree: tree(state, &tab.tree, &number),
        links: links(state, &tab.tree.ids()),
    });
    let paused = state.connections.iter().enumerate().filter(|(_, c)| c.health.state == HealthState::Paused);
    Some(Session {
        version: VERSION,
        connections: state.connections.iter().map(connection).collect(),
        paused: paused.map(|(at, _)| at).collect(),
        tabs: tabs.collect(),
        tab: state.tab,
        sidebar: state.sidebar.visible,
    })
}

fn connection(connection: &Connection) -> SavedConnection {
    match &connection.source {
        OpenSource::Demo => SavedConnection::Demo,
        OpenSource::Profile(ProfileId(id)) => SavedConnection::Profile(id.to_string()),
        OpenSource::AdHoc(ad_hoc) => SavedConnection::Address(Box::new(address(&connection.label, ad_hoc))),
    }
}

fn address(label: &str, ad_hoc: &AdHoc) -> SavedAddress {
    let AdHoc { spec, ask, secret } = ad_hoc;
    let (host, port, tls, directory) = match &spec.address {
        Address::Server { host, port, tls } => (Some(host.clone()), Some(*port), *tls, None),
        Address::Directory(path) => (None, None, false, Some(path.clone())),
    };
    SavedAddress {
        label: label.to_owned(),
        kind: spec.kind.name().to_owned(),
        host,
        port,
        tls,
        directory,
        ask: ask.is_some(),
        ask_tls: ask.flatten(),
        options: spec.options.clone(),
        ca_file: spec.tls.ca_file.clone(),
        cert_file: spec.tls.cert_file.clone(),
        key_file: spec.tls.key_file.clone(),
        server_name: spec.tls.server_name.clone(),
        proxy: match &spec.route.proxy {
            None => None,
            Some(ProxySpec::Environment) => Some(SavedAddress::ENVIRONMENT.to_owned()),
            // An address in a URL has neither user nor password.
            Some(ProxySpec::Given { address, .. }) => Some(address.to_string()),
        },
        insecure: spec.tls.insecure,
        // Where it is, never what it is.
        key_env: match secret {
            Some(SecretSource::Env(name)) => Some(name.clone()),
            _ => None,
        },
    }
}

fn tree(state: &AppState, tree: &PaneTree, number: &impl Fn(Option<ConnectionId>) -> Option<usize>) -> SavedTree {
    match tree {
        PaneTree::Leaf(id) => SavedTree::Pane(state.panes.get(id).map_or_else(SavedPane::default, |pane| {
            let records = pane.views().find_map(|view| match view {
                View::Records(view) => Some(view),
                _ => None,
            });
            SavedPane {
                connection: number(pane.connection),
                collection: records.map(|view| view.collection.clone()),
                filter: records.map(|view| view.filter.text.clone()).filter(|text| !text.is_empty()),
                vectors: records.is_some_and(|view| view.with_vectors),
                exact: pane.exact,
                over: pane.views().filter_map(over).collect(),
            }
        })),
        PaneTree::Split { side, percent, first, second } => SavedTree::Split {
            side: match side {
                Side::Right => SavedSide::Right,
                Side::Below => SavedSide::Below,
            },
            percent: *percent,
            first: Box::new(self::tree(state, first, number)),
            second: Box::new(self::tree(state, second, number)),
        },
    }
}

/// What a view over the table is made of again; nothing for the table itself and for what cannot be made again.
fn over(view: &View) -> Option<SavedView> {
    let collection = view.collection().map(str::to_owned);
    match view {
        View::Info(_) => Some(SavedView::Info { collection: collection? }),
        View::Record(view) => Some(SavedView::Record { collection: collection?, id: SavedId::of(&view.id) }),
        View::Hits(view) => match &view.request.query {
            SearchQuery::Like(id) => Some(SavedView::Like {
                collection: collection?,
                id: SavedId::of(id),
                using: view.request.using.clone(),
            }),
            SearchQuery::Vector(_) | SearchQuery::Text(_) => None,
        },
        View::Log(_) => Some(SavedView::Log),
        View::Welcome | View::Records(_) | View::Job(_) | View::Jobs(_) => None,
    }
}

/// The links among these panes of a tab.
fn links(state: &AppState, panes: &[PaneId]) -> Vec<SavedLink> {
    let mut saved: Vec<SavedLink> = Vec::new();
    for link in panes.iter().filter_map(|pane| state.links.of(*pane)) {
        let members = link.panes();
        let field = match &link.by {
            MatchBy::Id => None,
            MatchBy::Field(field) => Some(field.clone()),
        };
        let at = |pane: &PaneId| panes.iter().position(|one| one == pane);
        let link = SavedLink { panes: members.iter().filter_map(at).collect(), field };
        // Each of its panes has named it.
        if !saved.contains(&link) {
            saved.push(link);
        }
    }
    saved
}

impl SavedId {
    fn of(id: &RecordId) -> Self {
        match id {
            RecordId::Integer(number) => Self::Integer(number.to_string()),
            RecordId::Text(text) => Self::Text(text.clone()),
            RecordId::Uuid(uuid) => Self::Uuid(uuid.to_string()),
        }
    }

    /// The id; `None` if the file was changed into something that is none.
    pub fn id(&self) -> Option<RecordId> {
        Some(match self {
            Self::Integer(number) => RecordId::Integer(number.parse().ok()?),
            Self::Text(text) => RecordId::Text(text.clone()),
            Self::Uuid(uuid) => RecordId::Uuid(uuid.parse().ok()?),
        })
    }
}
