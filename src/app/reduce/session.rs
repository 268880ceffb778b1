//! Opens again what was open. Connections by address come at once, profiles as soon as the store is
//! unlocked; each tab comes when all of its connections are there, or known to be gone. What may be
//! written is decided by the profiles as they are now: a write window does not come back.

use super::{Out, connections, layout};
use crate::app::effect::OpenSource;
use crate::app::event::Notice;
use crate::app::overlay::Overlay;
use crate::app::overlay::prompt::{Confirm, Confirmed};
use crate::app::panes::{Pane, PaneId, PaneTree, Side, Tab};
use crate::app::profiles::StoreState;
use crate::app::session::saved::{SavedConnection, SavedPane, SavedSide, SavedTab, SavedTree, SavedView, Session};
use crate::app::session::{Found, Plan};
use crate::app::state::{AppState, Focus};
use crate::app::view::View;
use crate::app::view::hits::HitsView;
use crate::app::view::info::InfoView;
use crate::app::view::log::LogView;
use crate::app::view::record::RecordView;
use crate::app::view::records::{FilterState, RecordsView};
use crate::jobs::model::matching::MatchBy;
use crate::profile::model::ProfileId;
use crate::provider::filter::Filter;
use crate::provider::model::{SearchQuery, SearchRequest};

/// A session was found at the start.
pub(super) fn found(state: &mut AppState, plan: Plan, out: &mut Out) {
    let asking = plan.asking;
    let count = plan.session.connections.len();
    state.session = Some(plan);
    if asking {
        let what = if count == 1 { "one connection was".to_owned() } else { format!("{count} connections were") };
        state.overlays.push(Overlay::Confirm(Confirm {
            text: format!("At the end of the last session {what} open. Open them again?"),
            yes: Confirmed::Restore,
        }));
    } else {
        begin(state, out);
    }
}

/// The user agreed, or need not be asked.
pub(super) fn begin(state: &mut AppState, out: &mut Out) {
    let Some(plan) = &mut state.session else { return };
    plan.asking = false;
    // What was open is known better than what is to be open at a start.
    state.wants_start_profiles = false;
    state.sidebar.visible = plan.session.sidebar;
    advance(state, out);
    if let Some(plan) = &state.session {
        let waiting = plan.found.iter().filter(|found| **found == Found::Waits).count();
        if waiting > 0 && state.profiles.state == StoreState::Locked {
            waits_for_the_store(state, waiting);
        }
    }
}

/// The user does not want it.
pub(super) fn decline(state: &mut AppState) {
    state.session = None;
}

/// The store has said something: profiles may be there now.
pub(super) fn store_changed(state: &mut AppState, out: &mut Out) {
    let Some(plan) = state.session.as_ref().filter(|plan| !plan.asking) else { return };
    let before = plan.found.iter().filter(|found| **found == Found::Waits).count();
    if before > 0 && state.profiles.state == StoreState::Locked {
        waits_for_the_store(state, before);
    }
    advance(state, out);
}

fn waits_for_the_store(state: &mut AppState, waiting: usize) {
    let what = if waiting == 1 { "One connection".to_owned() } else { format!("{waiting} connections") };
    state
        .notify(Notice::info(format!("{what} of the last session will be opened when the profiles are unlocked (U).")));
}

fn advance(state: &mut AppState, out: &mut Out) {
    let Some(mut plan) = state.session.take() else { return };
    open_what_can_be(state, &mut plan, out);
    for at in 0..plan.session.tabs.len() {
        if !plan.built.get(at).copied().unwrap_or(true) && ready(&plan, &plan.session.tabs[at]) {
            build(state, &plan, at);
            plan.built[at] = true;
        }
    }
    if plan.found.contains(&Found::Waits) {
        state.session = Some(plan);
    } else {
        finish(state, &plan);
    }
}

fn open_what_can_be(state: &mut AppState, plan: &mut Plan, out: &mut Out) {
    let settled = !matches!(state.profiles.state, StoreState::Unknown | StoreState::Locked | StoreState::Unlocking);
    let mut gone = 0;
    for at in 0..plan.session.connections.len() {
        if plan.found.get(at) != Some(&Found::Waits) {
            continue;
        }
        let paused = plan.session.paused.contains(&at);
        let found = match (&plan.session.connections[at], plan.requests.get_mut(at).and_then(Option::take)) {
            (_, Some(request)) => Found::Open(connections::open_again(state, request, paused, out)),
            (SavedConnection::Profile(id), None) => match profile(state, id) {
                Some(request) => Found::Open(connections::open_again(state, request, paused, out)),
                None if settled => Found::Gone,
                None => Found::Waits,
            },
            (SavedConnection::Demo | SavedConnection::Address(_), None) => Found::Gone,
        };
        gone += usize::from(found == Found::Gone);
        plan.found[at] = found;
    }
    if gone > 0 {
        let what = if gone == 1 { "One connection".to_owned() } else { format!("{gone} connections") };
        state.notify(Notice::warning(format!(
            "{what} of the last session cannot be opened again: a profile was deleted, or an address is of no use any more."
        )));
    }
}

fn profile(state: &AppState, id: &str) -> Option<crate::app::effect::OpenRequest> {
    let profile = state.profiles.list.iter().find(|profile| {
        let ProfileId(own) = profile.id;
        own.to_string() == id
    })?;
    // Nobody is asked here: one that only the open store can vouch for waits for it.
    connections::unchecked(state, profile.id).is_none().then(|| connections::request_for(profile))
}

fn ready(plan: &Plan, tab: &SavedTab) -> bool {
    let mut all = Vec::new();
    connections_in(&tab.tree, &mut all);
    all.extend(tab.connection);
    all.into_iter().all(|at| plan.found.get(at) != Some(&Found::Waits))
}

fn connections_in(tree: &SavedTree, all: &mut Vec<usize>) {
    match tree {
        SavedTree::Pane(pane) => all.extend(pane.connection),
        SavedTree::Split { first, second, .. } => {
            connections_in(first, all);
            connections_in(second, all);
        }
    }
}

/// A tab as it was, without panes whose connection is gone.
fn build(state: &mut AppState, plan: &Plan, at: usize) {
    let Some(saved) = plan.session.tabs.get(at) else { return };
    let mut panes = Vec::new();
    let Some(tree) = build_tree(state, plan, &saved.tree, &mut panes) else { return };
    let ids = tree.ids();
    let Some(first) = ids.first().copied() else { return };
    let focus = panes.get(saved.focus).copied().flatten().unwrap_or(first);
    let shown = |state: &AppState| state.panes.get(&focus).and_then(|pane| pane.connection);
    let connection = saved.connection.and_then(|at| open(plan, at)).or_else(|| shown(state));
    // A welcome without a connection gives its place away.
    layout::drop_empty_tabs(state);
    state.tabs.push(Tab { connection, tree, focus, zoomed: saved.zoomed && ids.len() > 1 });
    for link in &saved.links {
        let mut members: Vec<PaneId> = link.panes.iter().filter_map(|at| panes.get(*at).copied().flatten()).collect();
        members.sort_unstable();
        members.dedup();
        if let [first, _, ..] = members.as_slice() {
            state.links.link(&members);
            if let (Some(field), Some(link)) = (&link.field, state.links.of_mut(*first)) {
                link.match_by(MatchBy::Field(field.clone()));
            }
        }
    }
    if at == plan.session.tab || state.tabs.len() == 1 {
        state.tab = state.tabs.len() - 1;
        let content = state.active_pane().is_some_and(|pane| !matches!(pane.view(), View::Welcome));
        state.focus = if content { Focus::Pane } else { Focus::Sidebar };
        super::sidebar::follow_active(state);
    }
}

fn open(plan: &Plan, at: usize) -> Option<crate::connection::message::ConnectionId> {
    match plan.found.get(at) {
        Some(Found::Open(id)) => Some(*id),
        Some(Found::Waits | Found::Gone) | None => None,
    }
}

fn build_tree(
    state: &mut AppState,
    plan: &Plan,
    tree: &SavedTree,
    panes: &mut Vec<Option<PaneId>>,
) -> Option<PaneTree> {
    match tree {
        SavedTree::Pane(saved) => {
            let built = build_pane(state, plan, saved);
            panes.push(built);
            built.map(PaneTree::Leaf)
        }
        SavedTree::Split { side, percent, first, second } => {
            let first = build_tree(state, plan, first, panes);
            let second = build_tree(state, plan, second, panes);
            let side = match side {
                SavedSide::Right => Side::Right,
                SavedSide::Below => Side::Below,
            };
            match (first, second) {
                (Some(first), Some(second)) => Some(PaneTree::Split {
                    side,
                    percent: (*percent).clamp(10, 90),
                    first: Box::new(first),
                    second: Box::new(second),
                }),
                (one, other) => one.or(other),
            }
        }
    }
}

fn build_pane(state: &mut AppState, plan: &Plan, saved: &SavedPane) -> Option<PaneId> {
    let connection = match saved.connection {
        Some(at) => Some(open(plan, at)?),
        // Without a connection it shows what happened, or nothing worth a pane.
        None => saved.over.contains(&SavedView::Log).then_some(None)?,
    };
    let id = PaneId(state.fresh_id());
    let mut pane = Pane::new(id, connection);
    pane.exact = saved.exact;
    if let Some(collection) = &saved.collection {
        let mut view = RecordsView::new(collection);
        view.with_vectors = saved.vectors;
        // A filter that this version does not understand any more is left out rather than guessed at.
        if let Some(text) = &saved.filter
            && let Ok(filter) = Filter::parse(text)
        {
            view.filter = FilterState { text: text.clone(), filter: Some(filter) };
        }
        pane.show(connection, View::Records(Box::new(view)));
    }
    let over: Vec<View> = saved.over.iter().filter_map(|view| over(state, &pane, view)).collect();
    over.into_iter().for_each(|view| pane.push(view));
    state.panes.insert(id, pane);
    Some(id)
}

/// What lay over the table, without what was read for it: `settle` asks for that as soon as the connection is
/// up. Without a connection only the log can be there.
fn over(state: &AppState, pane: &Pane, saved: &SavedView) -> Option<View> {
    if pane.connection.is_none() && *saved != SavedView::Log {
        return None;
    }
    match saved {
        SavedView::Info { collection } => Some(View::Info(Box::new(InfoView::new(collection)))),
        SavedView::Record { collection, id } => {
            Some(View::Record(Box::new(RecordView::new(collection, id.id()?, None))))
        }
        SavedView::Like { collection, id, using } => {
            let id = id.id()?;
            let title = format!("like {id}");
            let mut request = SearchRequest::new(SearchQuery::Like(id), state.settings.top);
            (request.using, request.exact) = (using.clone(), pane.exact);
            request.filter = pane.views().find_map(|view| match view {
                View::Records(view) => view.filter.filter.clone(),
                _ => None,
            });
            Some(View::Hits(Box::new(HitsView::new(collection, title, request))))
        }
        SavedView::Log => Some(View::Log(LogView::default())),
        SavedView::Unknown => None,
    }
}

fn finish(state: &mut AppState, plan: &Plan) {
    layout::first_tab(state);
    let open = plan.found.iter().filter(|found| matches!(found, Found::Open(_))).count();
    if open > 0 {
        let what = if open == 1 { "The connection".to_owned() } else { format!("The {open} connections") };
        let read_only = state.connections.iter().any(|c| {
            c.access.is_read_only()
                && matches!(c.source, OpenSource::Profile(_))
                && plan.found.contains(&Found::Open(c.id))
        });
        let locked = if read_only { " What is read-only is so again." } else { "" };
        state.notice = Some(Notice::info(format!("{what} of the last session.{locked}")));
    }
}

impl Plan {
    /// A plan for that session; `requests` are for those of its connections that are no profiles.
    pub fn new(session: Session, requests: Vec<Option<crate::app::effect::OpenRequest>>, asking: bool) -> Self {
        let found = vec![Found::Waits; session.connections.len()];
        let built = vec![false; session.tabs.len()];
        Self { session, requests, found, built, asking }
    }
}
