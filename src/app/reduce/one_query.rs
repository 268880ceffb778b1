//! One search in all linked panes: each asks its own database with the same vector or text.
//!
//! "Like this" reads the vector of the record in the pane where it was asked, and all panes, this one too, are
//! searched with that vector: so their lists are answers to the same question. What cannot be asked of a pane
//! (another dimension, no search by text) is said in it.

use super::{Out, browse, questions};
use crate::app::panes::PaneId;
use crate::app::state::{AppState, Purpose};
use crate::app::view::View;
use crate::app::view::hits::{HitsView, Shared};
use crate::connection::message::{Question, RequestId};
use crate::jobs::model::matching::{Itself, MatchBy};
use crate::jobs::model::one_query::{Unfit, field_for};
use crate::provider::Support;
use crate::provider::model::{Record, SearchQuery};

/// Searches in a pane and in those that are linked with it; `false` if none is.
pub(super) fn search(state: &mut AppState, leader: PaneId, title: &str, query: &SearchQuery, out: &mut Out) -> bool {
    let Some(link) = state.links.of(leader) else { return false };
    let (panes, by) = (link.panes(), link.by.clone());
    let token = state.fresh_id();
    let Some((connection, collection, first)) = browse::request_of(state, leader, query.clone()) else { return false };
    // The record's vector is read first; all wait for it.
    let reading = match query {
        SearchQuery::Like(id) => {
            let question = Question::Get { collection, ids: vec![id.clone()], with_vectors: true };
            questions::ask(state, connection, Purpose::QueryVector(leader), question, out)
        }
        SearchQuery::Vector(_) | SearchQuery::Text(_) => None,
    };
    for pane in panes {
        let Some((_, collection, mut request)) = browse::request_of(state, pane, query.clone()) else { continue };
        let without = match query {
            // What it is elsewhere where a field is matched by is known when it was read.
            SearchQuery::Like(id) if pane == leader || by == MatchBy::Id => Some(Itself::Id(id.clone())),
            SearchQuery::Like(_) | SearchQuery::Vector(_) | SearchQuery::Text(_) => None,
        };
        request.using.clone_from(&first.using);
        let top = request.top;
        request.top += usize::from(matches!(query, SearchQuery::Like(_)));
        let mut view = HitsView::new(&collection, title.to_owned(), request);
        view.shared = Some(Shared { token, without, top });
        view.hits.request = reading;
        if let Some(pane) = state.panes.get_mut(&pane) {
            pane.push(View::Hits(Box::new(view)));
        }
        if reading.is_none() {
            ask(state, pane, query.clone(), out);
        }
    }
    true
}

/// Asks the database of a pane, or says in it why it is not asked.
fn ask(state: &mut AppState, pane: PaneId, query: SearchQuery, out: &mut Out) {
    let Some(shown) = state.panes.get(&pane) else { return };
    let (Some(id), View::Hits(view)) = (shown.connection, shown.view()) else { return };
    let Some(connection) = state.connection(id) else { return };
    let (collection, preferred) = (view.collection.clone(), view.request.using.clone());
    let fields = connection.collection(&collection).map(|c| c.vectors.as_slice()).unwrap_or_default();
    let can = connection.capabilities.as_ref();
    let exact = can.map(|can| &can.exact_search).filter(|_| view.request.exact);
    let using = match exact {
        Some(Support::No(reason)) => Err(Unfit::Exact { collection: collection.clone(), reason }),
        Some(Support::Yes) | None => {
            field_for(&query, &collection, fields, can, Some(preferred.as_deref().unwrap_or("")))
        }
    };
    let Some(View::Hits(view)) = state.panes.get_mut(&pane).and_then(|pane| pane.view_mut()) else { return };
    (view.hits.request, view.unfit, view.request.query) = (None, using.is_err(), query);
    match using {
        Err(unfit) => (view.hits.error, view.hits.value) = (Some(unfit.to_string()), None),
        Ok(using) => {
            view.request.using = using.filter(|name| !name.is_empty());
            let question = Question::Search { collection, request: view.request.clone() };
            if let Some(request) = questions::ask(state, id, Purpose::Hits(pane), question, out)
                && let Some(View::Hits(view)) = state.panes.get_mut(&pane).and_then(|pane| pane.view_mut())
            {
                view.hits.start(request);
            }
        }
    }
}

/// The panes whose hits wait for that question.
fn waiting(state: &AppState, request: RequestId) -> Vec<PaneId> {
    let waits = |view: &View| matches!(view, View::Hits(view) if view.hits.request == Some(request));
    state.panes.values().filter(|pane| waits(pane.view())).map(|pane| pane.id).collect()
}

/// The record came whose vector is searched with.
pub(super) fn vector_came(state: &mut AppState, leader: PaneId, request: RequestId, records: &[Record], out: &mut Out) {
    let by = state.links.of(leader).map(|link| link.by.clone()).unwrap_or_default();
    for pane in waiting(state, request) {
        if let (Some(record), Some(View::Hits(view))) =
            (records.first(), state.panes.get_mut(&pane).and_then(|pane| pane.view_mut()))
            && let Some(shared) = view.shared.as_mut().filter(|_| pane != leader)
        {
            shared.without = Itself::of(record, &by);
        }
        let Some(View::Hits(view)) = state.panes.get(&pane).map(|pane| pane.view()) else { continue };
        let using = view.request.using.clone().unwrap_or_default();
        let vectors = records.first().and_then(|record| record.vectors.as_ref());
        let found = vectors.and_then(|v| v.get(&using).or_else(|| v.0.first().map(|(_, vector)| vector)));
        match found.cloned() {
            Some(vector) => ask(state, pane, SearchQuery::Vector(vector), out),
            None => no_vector_in(state, pane, request, "the record is not there any more, or has no vector."),
        }
    }
    // What was opened over a list meanwhile has the pane: the list below is not asked for.
    for view in state.panes.values_mut().flat_map(|pane| pane.views_mut()) {
        if let View::Hits(view) = view
            && view.hits.request == Some(request)
        {
            view.finish(request, Err("something was opened over this search: search again.".to_owned()));
        }
    }
}

/// The record whose vector was to be searched with could not be read.
pub(super) fn no_vector(state: &mut AppState, request: RequestId, why: &str) {
    for pane in waiting(state, request) {
        no_vector_in(state, pane, request, why);
    }
}

fn no_vector_in(state: &mut AppState, pane: PaneId, request: RequestId, why: &str) {
    if let Some(View::Hits(view)) = state.panes.get_mut(&pane).and_then(|pane| pane.view_mut()) {
        view.finish(request, Err(format!("there is no vector to search with: {why}")));
        view.unfit = true;
    }
}

/// Searches exactly in the focused pane from now on, or through the index again.
pub(super) fn toggle_exact(state: &mut AppState, out: &mut Out) {
    let Some(pane) = state.active_pane_mut() else { return };
    pane.exact = !pane.exact;
    let (exact, id) = (pane.exact, pane.id);
    let word = if exact { "exactly, around the index" } else { "through the index" };
    state.notice = Some(crate::app::event::Notice::info(format!("this pane searches {word}.")));
    let Some(pane) = state.panes.get_mut(&id) else { return };
    let Some(connection) = pane.connection else { return };
    let Some(View::Hits(view)) = pane.view_mut() else { return };
    view.request.exact = exact;
    if view.shared.is_some() {
        // What does not fit for another reason is said again.
        let query = view.request.query.clone();
        if !matches!(query, SearchQuery::Like(_)) {
            questions::cancel_for_pane_top(state, id, out);
            ask(state, id, query, out);
        }
        return;
    }
    let question = Question::Search { collection: view.collection.clone(), request: view.request.clone() };
    questions::cancel_for_pane_top(state, id, out);
    if let Some(request) = questions::ask(state, connection, Purpose::Hits(id), question, out)
        && let Some(View::Hits(view)) = state.panes.get_mut(&id).and_then(|pane| pane.view_mut())
    {
        view.hits.start(request);
    }
}
