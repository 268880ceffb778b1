//! What connections say.

use std::time::Duration;

use super::{Out, browse, filters, linked_records, linking, one_query};
use crate::app::connections::Check;
use crate::app::effect::{Effect, OpenSource, StoreRequest};
use crate::app::event::Notice;
use crate::app::panes::PaneId;
use crate::app::state::{AppState, Pending, Purpose};
use crate::app::view::View;
use crate::connection::health::{Health, HealthState};
use crate::connection::message::{Answer, ConnectionEvent, ConnectionEventKind, ConnectionId, Epoch, RequestId};
use crate::provider::model::{Hit, Page, Record, RecordId};
use crate::provider::{ProviderError, ProviderKind};

pub(super) fn connection_event(state: &mut AppState, event: ConnectionEvent, out: &mut Out) {
    let id = event.connection;
    let Some(connection) = state.connection_mut(id) else { return };
    match event.kind {
        ConnectionEventKind::Health(health) => health_changed(state, id, health),
        ConnectionEventKind::Vitals(vitals) => connection.vitals = Some(*vitals),
        ConnectionEventKind::Access(access) => super::writing::access_changed(state, id, access),
        ConnectionEventKind::LeadsTo(place) => super::following::leads(state, id, place, out),
        ConnectionEventKind::Connected { server, capabilities } => {
            connection.epoch = event.epoch;
            // A port that was asked who it is turns out to be of this maker.
            connection.kind = ProviderKind::from_name(&server.product).unwrap_or(connection.kind);
            connection.server = Some(server);
            connection.capabilities = Some(*capabilities);
            if let OpenSource::Profile(profile) = connection.source {
                out.push(Effect::Store(StoreRequest::Used(profile)));
            }
            connected(state, id, event.epoch, out);
        }
        ConnectionEventKind::Answer { id: request, result, took } => {
            // A question that is no longer waited for, or of an earlier life: its answer changes nothing.
            let Some(pending) = state.pending.remove(&request) else { return };
            let stale = state.connection(id).is_none_or(|c| event.epoch < c.epoch && result.is_ok());
            if pending.connection != id || stale {
                forget(state, request, &pending);
                return;
            }
            answered(state, request, &pending, result, took, out);
        }
        ConnectionEventKind::Closed => {
            // The task ended without being asked to.
            connection.health = Health::closed();
        }
    }
}

fn health_changed(state: &mut AppState, id: ConnectionId, health: Health) {
    let Some(connection) = state.connection_mut(id) else { return };
    let label = connection.label.clone();
    let (was_ill, is_ill) = (is_ill(&connection.health.state), is_ill(&health.state));
    let attempt = super::connections::is_attempt(&health.state);
    // The end of an attempt that the user asked for is told, also where it is the same as before.
    let asked = connection.check == Some(Check::Tries) && !attempt;
    connection.check = match connection.check {
        Some(_) if attempt => Some(Check::Tries),
        Some(Check::Asked) if is_ill => Some(Check::Asked),
        _ => None,
    };
    let news = match (&health.error, is_ill) {
        (Some(error), true) if (!was_ill || asked) && !is_only_untyped(&health.state) => {
            Some(Notice::error(at(&label, error)))
        }
        _ if (was_ill || asked) && health.state.is_up() => Some(Notice::success(format!("{label} is back."))),
        _ => None,
    };
    connection.health = health;
    if super::asked_keys::is_wanted(connection) {
        // Asked for instead of told, but where the server refused one.
        super::asked_keys::ask(state, id);
    }
    if let Some(notice) = news {
        state.notify(notice);
    }
}

/// A sentence after the connection's name, unless it begins with that name by itself.
fn at(label: &str, sentence: &str) -> String {
    if sentence.starts_with(label) { sentence.to_owned() } else { format!("{label}: {sentence}") }
}

fn is_ill(health: &HealthState) -> bool {
    match health {
        HealthState::Failed { .. } | HealthState::Unauthorized | HealthState::Reconnecting { .. } => true,
        HealthState::Closed
        | HealthState::Paused
        | HealthState::Connecting
        | HealthState::Idle
        | HealthState::Active { .. }
        | HealthState::Slow
        | HealthState::Flapping { .. } => false,
    }
}

/// A key that was not typed yet is no failure: it is asked for.
fn is_only_untyped(health: &HealthState) -> bool {
    matches!(health, HealthState::Failed { cause, .. } if *cause == ProviderError::KEY_NOT_TYPED)
}

/// A new life: what was asked in earlier ones is void, what failed is tried again.
fn connected(state: &mut AppState, id: ConnectionId, epoch: Epoch, out: &mut Out) {
    let old: Vec<RequestId> =
        state.pending.iter().filter(|(_, p)| p.connection == id && p.epoch < epoch).map(|(r, _)| *r).collect();
    for request in old {
        if let Some(pending) = state.pending.remove(&request) {
            forget(state, request, &pending);
        }
    }
    for pane in state.panes.values_mut().filter(|pane| pane.connection == Some(id)) {
        for view in pane.views_mut() {
            if let View::Records(view) = view {
                view.error = None;
            }
        }
    }
    browse::list_collections(state, id, out);
}

/// A question will not be answered: nothing may go on waiting for it.
fn forget(state: &mut AppState, request: RequestId, pending: &Pending) {
    if pending.purpose == Purpose::Collections {
        if let Some(connection) = state.connection_mut(pending.connection)
            && connection.collections.request == Some(request)
        {
            connection.collections.request = None;
        }
        return;
    }
    linking::forget(state, request);
    // A vector is read for all panes that are to be searched with it.
    let all = matches!(pending.purpose, Purpose::QueryVector(_));
    let waiting = state.panes.values_mut().filter(|pane| all || pending.purpose.pane() == Some(pane.id));
    for view in waiting.flat_map(|pane| pane.views_mut()) {
        match view {
            View::Records(view) => {
                view.loading.take_if(|loading| loading.request == request);
                view.counting.take_if(|counting| *counting == request);
            }
            View::Record(view) => drop(view.record.request.take_if(|r| *r == request)),
            View::Hits(view) => drop(view.hits.request.take_if(|r| *r == request)),
            View::Info(view) => drop(view.info.request.take_if(|r| *r == request)),
            View::Log(_) | View::Job(_) | View::Jobs(_) | View::Welcome => {}
        }
    }
}

fn answered(
    state: &mut AppState,
    request: RequestId,
    pending: &Pending,
    result: Result<Answer, ProviderError>,
    took: Duration,
    out: &mut Out,
) {
    if result == Err(ProviderError::Cancelled) {
        linking::unsaid(state, request, "it was cancelled");
        forget(state, request, pending);
        stop_reading_on(state, pending);
        state.notify(Notice::info(format!("cancelled: {}.", pending.what)));
        return;
    }
    let refused = matches!(result, Err(ProviderError::FilterRefused { .. }));
    if refused && matches!(pending.purpose, Purpose::Count(_)) {
        // The page is refused for the same reason, and says it.
        forget(state, request, pending);
        return;
    }
    if let Err(error) = &result {
        let label = state.connection(pending.connection).map_or(String::new(), |c| c.label.clone());
        state.notify(Notice::error(format!("{label}, {}: {error}", pending.what)));
    }
    if matches!(result, Err(ProviderError::NoSuchCollection { .. })) && pending.purpose != Purpose::Collections {
        browse::list_collections(state, pending.connection, out);
    }
    let result = result.map_err(|error| error.to_string());
    match (pending.purpose, result) {
        (Purpose::Collections, Ok(Answer::Collections(list))) => {
            if let Some(connection) = state.connection_mut(pending.connection) {
                connection.collections.finish(request, Ok(list));
            }
        }
        (Purpose::Collections, Err(why)) => {
            if let Some(connection) = state.connection_mut(pending.connection) {
                connection.collections.finish(request, Err(why));
            }
        }
        (Purpose::Page(pane), Ok(Answer::Page(page))) => page_came(state, pane, request, page),
        (Purpose::Page(pane), Ok(Answer::Sift { page, read })) => filters::sifted(state, pane, request, page, read),
        (Purpose::Page(pane), Err(why)) => page_failed(state, pane, request, why, refused),
        (Purpose::NativeFilter(_), Ok(Answer::NativeFilter(text))) => filters::native_came(state, text),
        (Purpose::Fields(pane), Ok(Answer::Describe(info))) => filters::fields_came(state, pane, &info.fields, out),
        (Purpose::NativeFilter(_) | Purpose::Fields(_), Err(_)) => {}
        (Purpose::Count(pane), Ok(Answer::Count(count))) => {
            each_records(state, pane, |view| {
                if view.counting == Some(request) {
                    (view.counting, view.total) = (None, Some(count));
                }
            });
        }
        (Purpose::Record(pane), Ok(Answer::Get(records))) => {
            let place = state.connection(pending.connection).map_or(String::new(), |c| c.label.clone());
            record_came(state, pane, request, records, &place);
            linked_records::contrast(state);
        }
        (Purpose::Counterpart(pane), Ok(Answer::Get(records) | Answer::Page(Page { records, .. }))) => {
            linked_records::came(state, pane, request, records);
        }
        (Purpose::Counterpart(pane), Err(why)) => {
            linking::unsaid(state, request, &why);
            each_view(state, pane, |view| {
                if let View::Record(view) = view {
                    view.finish(request, Err(why.clone()));
                }
            });
        }
        (Purpose::QueryVector(pane), Ok(Answer::Get(records))) => {
            one_query::vector_came(state, pane, request, &records, out);
        }
        (Purpose::QueryVector(_), Err(why)) => one_query::no_vector(state, request, &why),
        (Purpose::Hits(pane), Ok(Answer::Search(hits))) => hits_came(state, pane, request, Ok(hits), took),
        (Purpose::Hits(pane), Err(why)) => hits_came(state, pane, request, Err(why), took),
        (Purpose::Info(pane), Ok(Answer::Describe(info))) => {
            each_view(state, pane, |view| {
                if let View::Info(view) = view {
                    view.info.finish(request, Ok((*info).clone()));
                }
            });
        }
        (Purpose::Record(pane), Err(why)) => each_view(state, pane, |view| {
            if let View::Record(view) = view {
                view.finish(request, Err(why.clone()));
            }
        }),
        (Purpose::Info(pane), Err(why)) => each_view(state, pane, |view| {
            if let View::Info(view) = view {
                view.info.finish(request, Err(why.clone()));
            }
        }),
        (Purpose::Count(_), Err(_)) => forget(state, request, pending),
        // An answer of another kind than the question: a fault of ours, said aloud.
        (_, Ok(_)) => {
            forget(state, request, pending);
            state.notify(Notice::error(format!("internal fault: wrong kind of answer to the {}.", pending.what)));
        }
    }
}

fn each_view(state: &mut AppState, pane: PaneId, change: impl FnMut(&mut View)) {
    if let Some(pane) = state.panes.get_mut(&pane) {
        pane.views_mut().for_each(change);
    }
}

pub(super) fn each_records(
    state: &mut AppState,
    pane: PaneId,
    mut change: impl FnMut(&mut crate::app::view::records::RecordsView),
) {
    each_view(state, pane, |view| {
        if let View::Records(view) = view {
            change(view);
        }
    });
}

/// Without this the page that was cancelled would be in sight and missing, and be asked for again.
fn stop_reading_on(state: &mut AppState, pending: &Pending) {
    if let Purpose::Page(pane) = pending.purpose {
        each_records(state, pane, |view| {
            view.to_the_end = false;
            view.error = Some("the page was not read: cancelled.".to_owned());
        });
    }
}

fn page_came(state: &mut AppState, pane: PaneId, request: RequestId, page: Page) {
    let mut page = Some(page);
    each_records(state, pane, |view| {
        let Some(loading) = view.loading.take_if(|loading| loading.request == request) else { return };
        let Some(page) = page.take() else { return };
        view.error = None;
        view.install(loading.page, page);
    });
}

fn page_failed(state: &mut AppState, pane: PaneId, request: RequestId, why: String, refused: bool) {
    each_records(state, pane, |view| {
        if view.loading.take_if(|loading| loading.request == request).is_some() {
            view.error = Some(why.clone());
            view.refused |= refused;
            view.to_the_end = false;
        }
    });
}

fn record_came(state: &mut AppState, pane: PaneId, request: RequestId, records: Vec<Record>, place: &str) {
    each_view(state, pane, |view| {
        if let View::Record(view) = view {
            let found = records.iter().find(|record| record.id == view.id).cloned();
            let missing = || missing(&view.id, &view.collection, place);
            view.finish(request, found.ok_or_else(missing));
        }
    });
}

fn missing(id: &RecordId, collection: &str, place: &str) -> String {
    ProviderError::NoSuchRecord { collection: format!("{place}/{collection}"), id: id.to_string() }.to_string()
}

fn hits_came(state: &mut AppState, pane: PaneId, request: RequestId, result: Result<Vec<Hit>, String>, took: Duration) {
    each_view(state, pane, |view| {
        if let View::Hits(view) = view
            && view.finish(request, result.clone())
        {
            view.took = Some(took);
            if let Some(hits) = &view.hits.value {
                view.columns.learn(hits.iter().map(|hit| &hit.record));
            }
        }
    });
}
