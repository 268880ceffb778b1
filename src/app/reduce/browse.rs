//! Looking at data: records, one record, hits, descriptions.

use super::{Out, questions};
use crate::app::effect::Effect;
use crate::app::event::Notice;
use crate::app::overlay::prompt::{Prompt, PromptPurpose};
use crate::app::panes::PaneId;
use crate::app::state::{AppState, Focus, Purpose};
use crate::app::view::View;
use crate::app::view::hits::HitsView;
use crate::app::view::log::LogView;
use crate::app::view::record::RecordView;
use crate::app::view::records::FilterState;
use crate::connection::message::{ConnectionId, Question};
use crate::provider::filter::Filter;
use crate::provider::ids;
use crate::provider::model::{Record, RecordId, SearchQuery, SearchRequest, TextWay, Vector, VectorSpec};

/// The record that is selected in the focused pane.
pub(super) fn selected_record(state: &AppState) -> Option<&Record> {
    match state.active_pane()?.view() {
        View::Records(view) => view.selected(),
        View::Hits(view) => view.selected().map(|hit| &hit.record),
        View::Record(view) => view.record.value.as_ref(),
        View::Info(_) | View::Log(_) | View::Job(_) | View::Jobs(_) | View::Welcome => None,
    }
}

/// Connection and collection that the focused pane shows.
pub(super) fn place(state: &AppState) -> Option<(PaneId, ConnectionId, String)> {
    let pane = state.active_pane()?;
    Some((pane.id, pane.connection?, pane.view().collection()?.to_owned()))
}

pub(super) fn show_log(state: &mut AppState) {
    if let Some(pane) = state.active_pane_mut()
        && !matches!(pane.view(), View::Log(_))
    {
        pane.push(View::Log(LogView::default()));
        state.focus = Focus::Pane;
    }
}

pub(super) fn open_selected(state: &mut AppState, out: &mut Out) {
    if let Some(record) = selected_record(state).cloned() {
        open_record(state, record.id.clone(), Some(record), out);
    }
}

/// Opens a record over the table; it is read whole, with its vectors.
fn open_record(state: &mut AppState, id: RecordId, known: Option<Record>, out: &mut Out) {
    let Some((pane, connection, collection)) = place(state) else { return };
    let mut view = RecordView::new(&collection, id.clone(), known);
    let question = Question::Get { collection, ids: vec![id], with_vectors: true };
    view.record.request = questions::ask(state, connection, Purpose::Record(pane), question, out);
    if let Some(pane) = state.panes.get_mut(&pane) {
        pane.push(View::Record(Box::new(view)));
    }
    super::linked_records::opened(state, pane, out);
}

pub(super) fn next_face(state: &mut AppState) {
    if let Some(View::Record(view)) = state.active_pane_mut().and_then(|pane| pane.view_mut()) {
        view.show(view.mode().next());
    }
}

/// Reads again what is shown.
pub(super) fn refresh(state: &mut AppState, out: &mut Out) {
    if state.focus == Focus::Sidebar {
        if let Some(id) = super::availability::sidebar_or_active(state).map(|c| c.id) {
            list_collections(state, id, out);
        }
        return;
    }
    if let Some(View::Jobs(_)) = state.active_pane().map(|pane| pane.view()) {
        out.push(Effect::ListCopies);
        return;
    }
    let Some((pane, connection, _)) = place(state) else {
        if let Some(connection) = state.active_pane().and_then(|pane| pane.connection) {
            list_collections(state, connection, out);
        }
        return;
    };
    super::linking::look_anew(state, pane);
    questions::cancel_for_pane(state, pane, out);
    let Some(view) = state.panes.get_mut(&pane).and_then(|pane| pane.view_mut()) else { return };
    let (purpose, question) = match view {
        View::Records(view) => {
            // The rows in sight are read again; where the page starts is known.
            (view.loading, view.error) = (None, None);
            let Some((page, cursor)) = view.page_in_sight() else { return };
            view.forget_part();
            let question = view.question(page, cursor, state.settings.page_size);
            if let Some(request) = questions::ask(state, connection, Purpose::Page(pane), question, out)
                && let Some(View::Records(view)) = state.panes.get_mut(&pane).and_then(|p| p.view_mut())
            {
                let limit = state.settings.page_size;
                view.loading = Some(crate::app::view::records::Loading { request, page, limit });
            }
            return;
        }
        View::Hits(view) if view.unfit => {
            state.notice = Some(Notice::info("this search does not fit here: nothing is asked."));
            return;
        }
        View::Record(view) if view.linked.is_some() && (view.absent || view.record.value.is_none()) => {
            state.notice = Some(Notice::info("go back and open the record again to look for it anew."));
            return;
        }
        other => match question_of(other, pane) {
            Some(asked) => asked,
            None => return,
        },
    };
    ask_for_view(state, pane, connection, purpose, question, out);
}

/// What a view that is no table and no job is filled by.
pub(super) fn question_of(view: &View, pane: PaneId) -> Option<(Purpose, Question)> {
    let collection = view.collection()?.to_owned();
    match view {
        View::Record(view) => {
            let ids = vec![view.id.clone()];
            Some((Purpose::Record(pane), Question::Get { collection, ids, with_vectors: true }))
        }
        View::Hits(view) => Some((Purpose::Hits(pane), Question::Search { collection, request: view.request.clone() })),
        View::Info(_) => Some((Purpose::Info(pane), Question::Describe { collection })),
        View::Records(_) | View::Log(_) | View::Job(_) | View::Jobs(_) | View::Welcome => None,
    }
}

/// Asks for what such a view shows.
pub(super) fn ask_for_view(
    state: &mut AppState,
    pane: PaneId,
    connection: ConnectionId,
    purpose: Purpose,
    question: Question,
    out: &mut Out,
) {
    let Some(request) = questions::ask(state, connection, purpose, question, out) else { return };
    match state.panes.get_mut(&pane).and_then(|pane| pane.view_mut()) {
        Some(View::Record(view)) => view.record.start(request),
        Some(View::Hits(view)) => view.hits.start(request),
        Some(View::Info(view)) => view.info.start(request),
        Some(View::Records(_) | View::Log(_) | View::Job(_) | View::Jobs(_) | View::Welcome) | None => {}
    }
}

/// Asks for the list of collections.
pub(super) fn list_collections(state: &mut AppState, id: ConnectionId, out: &mut Out) {
    if let Some(request) = questions::ask(state, id, Purpose::Collections, Question::Collections, out)
        && let Some(connection) = state.connection_mut(id)
    {
        connection.collections.start(request);
    }
}

/// Counts what the filter of the focused table selects.
pub(super) fn count(state: &mut AppState, out: &mut Out) {
    if let Some((pane, ..)) = place(state) {
        count_in(state, pane, out);
    }
}

/// Counts what the filter of a pane's table selects.
fn count_in(state: &mut AppState, pane: PaneId, out: &mut Out) {
    let Some(shown) = state.panes.get(&pane) else { return };
    let (Some(connection), View::Records(view)) = (shown.connection, shown.view()) else { return };
    let collection = view.collection.clone();
    let question = Question::Count { collection, filter: view.filter.filter.clone() };
    let request = questions::ask(state, connection, Purpose::Count(pane), question, out);
    if let Some(View::Records(view)) = state.panes.get_mut(&pane).and_then(|pane| pane.view_mut()) {
        view.counting = request;
    }
}

pub(super) fn toggle_vectors(state: &mut AppState) {
    if let Some(View::Records(view)) = state.active_pane_mut().and_then(|pane| pane.view_mut()) {
        view.with_vectors = !view.with_vectors;
        if !view.with_vectors {
            view.columns.forget_vectors();
        }
        view.restart();
    }
}

/// Applies the filter that was typed in a table, and in those that follow it; the sentence says what is wrong
/// with it.
pub(super) fn set_filter(state: &mut AppState, pane: PaneId, text: &str, out: &mut Out) -> Result<(), String> {
    let text = text.trim();
    let filter = if text.is_empty() { None } else { Some(Filter::parse(text).map_err(|error| error.to_string())?) };
    let filter = FilterState { text: text.to_owned(), filter };
    filter_table(state, pane, filter.clone(), out);
    for other in state.links.others(pane) {
        super::linking::filter_too(state, other, filter.clone(), out);
    }
    Ok(())
}

/// Applies a filter in one table.
pub(super) fn filter_table(state: &mut AppState, pane: PaneId, filter: FilterState, out: &mut Out) {
    super::linking::look_anew(state, pane);
    questions::cancel_for_pane(state, pane, out);
    let connection = state.panes.get(&pane).and_then(|pane| pane.connection);
    let Some(View::Records(view)) = state.panes.get_mut(&pane).and_then(|pane| pane.view_mut()) else { return };
    let text = filter.text.clone();
    view.filter = filter;
    (view.here, view.refused) = (None, false);
    view.restart();
    (view.total, view.counting) = (None, None);
    let unfiltered = view.filter.filter.is_none();
    let collection = view.collection.clone();
    if let (Some(id), false) = (connection, unfiltered) {
        let past = state.filters.entry((id, collection.clone())).or_default();
        past.retain(|old| *old != text);
        past.push(text);
    }
    if unfiltered {
        let known = connection.and_then(|id| state.connection(id)?.collection(&collection)?.count);
        if let Some(View::Records(view)) = state.panes.get_mut(&pane).and_then(|pane| pane.view_mut()) {
            view.total = known;
        }
    } else {
        count_in(state, pane, out);
    }
}

/// Starts the search that was typed: a vector as JSON, or `like ID`.
pub(super) fn search_typed(state: &mut AppState, pane: PaneId, text: &str, out: &mut Out) -> Result<(), String> {
    let text = text.trim();
    if let Some(id) = text.strip_prefix("like ") {
        let id = typed_id(state, pane, id.trim());
        search(state, pane, format!("like {id}"), SearchQuery::Like(id), out);
        return Ok(());
    }
    let values: Vec<f32> = serde_json::from_str(text).map_err(|error| {
        format!("this is neither a vector in JSON ({error}) nor `like ID`. Type e.g. [0.1, 0.2] or like 17.")
    })?;
    if let Some(bad) = values.iter().position(|v| !v.is_finite()) {
        return Err(format!("number {} of the vector does not fit into a 32-bit float.", bad + 1));
    }
    let wanted = dimension_of(state, pane);
    if let Some(wanted) = wanted.filter(|wanted| *wanted != values.len()) {
        return Err(format!("the vector has {} numbers, the collection's has {wanted}.", values.len()));
    }
    let title = format!("vector of {}", values.len());
    search(state, pane, title, SearchQuery::Vector(Vector::Dense(values)), out);
    Ok(())
}

/// The id that was typed, as the pane's database means it.
pub(super) fn typed_id(state: &AppState, pane: PaneId, text: &str) -> RecordId {
    let connection = state.panes.get(&pane).and_then(|pane| state.connection(pane.connection?));
    match connection.and_then(|c| c.capabilities.as_ref()) {
        Some(capabilities) => ids::parse(text, capabilities),
        None => ids::parse(text, &crate::provider::Capabilities::ALL),
    }
}

/// Dimension of the first vector field of the pane's collection, if there is just one field.
fn dimension_of(state: &AppState, pane: PaneId) -> Option<usize> {
    let pane = state.panes.get(&pane)?;
    match state.connection(pane.connection?)?.collection(pane.view().collection()?)?.vectors.as_slice() {
        [only] => only.dimension,
        _ => None,
    }
}

/// Searches and shows the hits over what the pane shows; panes that are linked with it are searched, too.
pub(super) fn search(state: &mut AppState, id: PaneId, title: String, query: SearchQuery, out: &mut Out) {
    if super::one_query::search(state, id, &title, &query, out) {
        return;
    }
    let Some((connection, collection, request)) = request_of(state, id, query) else { return };
    let question = Question::Search { collection: collection.clone(), request: request.clone() };
    let mut view = HitsView::new(&collection, title, request);
    view.hits.request = questions::ask(state, connection, Purpose::Hits(id), question, out);
    if let Some(pane) = state.panes.get_mut(&id) {
        pane.push(View::Hits(Box::new(view)));
    }
}

/// What a search in a pane asks, and whom: with the pane's own filter and vector field.
pub(super) fn request_of(
    state: &AppState,
    id: PaneId,
    query: SearchQuery,
) -> Option<(ConnectionId, String, SearchRequest)> {
    let pane = state.panes.get(&id)?;
    let (connection, collection) = (pane.connection?, pane.view().collection()?.to_owned());
    let mut request = SearchRequest::new(query, state.settings.top);
    let fields = searchable(state, connection, &collection, &request.query);
    request.using = fields.into_iter().next().filter(|name| !name.is_empty());
    request.exact = pane.exact;
    // What belongs to the table stays: the same filter holds for the search.
    request.filter = pane.views().find_map(|view| match view {
        View::Records(view) => view.filter.filter.clone(),
        _ => None,
    });
    Some((connection, collection, request))
}

/// The vector fields that such a search can use: none for words, those with a model for a text.
fn searchable(state: &AppState, connection: ConnectionId, collection: &str, query: &SearchQuery) -> Vec<String> {
    let fits = |field: &&VectorSpec| match query {
        SearchQuery::Text(text) => text.way != TextWay::Bm25 && field.embedder.is_some(),
        SearchQuery::Vector(_) | SearchQuery::Like(_) => true,
    };
    let collection = state.connection(connection).and_then(|c| c.collection(collection));
    let fields = collection.map(|c| c.vectors.as_slice()).unwrap_or_default();
    fields.iter().filter(fits).map(|field| field.name.clone()).collect()
}

pub(super) fn more_like_this(state: &mut AppState, out: &mut Out) {
    let (Some(id), Some((pane, ..))) = (selected_record(state).map(|r| r.id.clone()), place(state)) else { return };
    search(state, pane, format!("like {id}"), SearchQuery::Like(id), out);
}

/// Searches again with the next vector field of the collection.
pub(super) fn next_vector(state: &mut AppState, out: &mut Out) {
    let Some((pane, connection, collection)) = place(state) else { return };
    let Some(View::Hits(view)) = state.active_pane().map(|pane| pane.view()) else { return };
    let fields = searchable(state, connection, &collection, &view.request.query);
    if fields.len() < 2 {
        let many = if fields.is_empty() { "no vector field" } else { "one vector field only" };
        state.notice = Some(Notice::info(format!("{collection} has {many} for this search.")));
        return;
    }
    let Some(View::Hits(view)) = state.active_pane_mut().and_then(|pane| pane.view_mut()) else { return };
    let using = view.request.using.clone().unwrap_or_default();
    let at = fields.iter().position(|name| *name == using).unwrap_or(0);
    view.request.using = fields.get((at + 1) % fields.len()).cloned();
    let question = Question::Search { collection, request: view.request.clone() };
    if let Some(request) = questions::ask(state, connection, Purpose::Hits(pane), question, out)
        && let Some(View::Hits(view)) = state.active_pane_mut().and_then(|pane| pane.view_mut())
    {
        view.hits.start(request);
    }
}

/// Opens the record whose id was typed.
pub(super) fn go_to_id(state: &mut AppState, pane: PaneId, text: &str, out: &mut Out) {
    let id = typed_id(state, pane, text.trim());
    open_record(state, id, None, out);
}

/// Opens the prompt for a search or an id on the collection under the sidebar's cursor, if that has
/// the focus: the collection is opened first.
pub(super) fn with_collection(state: &mut AppState, out: &mut Out, purpose: impl Fn(PaneId) -> PromptPurpose) {
    open_selected_collection(state, out);
    if let Some((pane, ..)) = place(state) {
        state.overlays.push(crate::app::overlay::Overlay::Prompt(Prompt::new(purpose(pane), "")));
    }
}

/// Opens the collection under the sidebar's cursor, if that has the focus: the focused pane shows it then.
pub(super) fn open_selected_collection(state: &mut AppState, out: &mut Out) {
    if state.focus == Focus::Sidebar
        && let Some(crate::app::sidebar::SidebarItem::Collection { connection, name }) = super::sidebar::selected(state)
    {
        super::sidebar::open_collection(state, connection, &name, out);
    }
}
