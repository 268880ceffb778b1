//! Records in linked panes: where one is, opening it in all of them at once, and what differs.

use super::linking::question;
use super::{Out, questions};
use crate::app::links::{self, Place};
use crate::app::panes::PaneId;
use crate::app::state::{AppState, Purpose};
use crate::app::view::View;
use crate::app::view::columns::Columns;
use crate::app::view::contrast::Contrast;
use crate::app::view::record::RecordView;
use crate::connection::message::RequestId;
use crate::jobs::model::matching::MatchBy;
use crate::provider::model::Record;

/// A record was opened in a pane: those that are linked with it open theirs.
pub(super) fn opened(state: &mut AppState, pane: PaneId, out: &mut Out) {
    let others = state.links.others(pane);
    if others.is_empty() {
        return;
    }
    let token = state.fresh_id();
    let by = state.links.of(pane).map(|link| link.by.clone()).unwrap_or_default();
    let Some(View::Record(view)) = state.panes.get_mut(&pane).and_then(|pane| pane.view_mut()) else { return };
    view.linked = Some(token);
    let (id, known) = (view.id.clone(), view.record.value.clone());
    // Of a record that is not read yet only the id is known.
    let only_id = Record { id, vectors: None, payload: Default::default(), text: None };
    let anchor = links::anchor(pane, known.as_ref().unwrap_or(&only_id), &by, 0, 0);
    for other in others {
        let Some((connection, collection)) =
            state.panes.get(&other).and_then(|p| Some((p.connection?, p.view().collection()?.to_owned())))
        else {
            continue;
        };
        let mut view = RecordView::new(&collection, anchor.id.clone(), None);
        view.linked = Some(token);
        match question(state, other, collection, &anchor, &by, true) {
            Err(why) => view.record.error = Some(format!("it is not known which record this is here: {why}.")),
            Ok(None) => view.absent = true,
            Ok(Some(question)) => {
                view.record.request = questions::ask(state, connection, Purpose::Counterpart(other), question, out);
            }
        }
        if let Some(pane) = state.panes.get_mut(&other) {
            pane.push(View::Record(Box::new(view)));
        }
    }
}

/// One step back in a pane, and in those that opened the same together with it.
pub(super) fn back(state: &mut AppState, pane: PaneId, out: &mut Out) {
    let token = state.panes.get(&pane).and_then(|pane| pane.opened_together());
    let same = |id: &PaneId| token.is_some() && state.panes.get(id).is_some_and(|p| p.opened_together() == token);
    let others: Vec<PaneId> = state.links.others(pane).into_iter().filter(same).collect();
    for pane in std::iter::once(pane).chain(others) {
        questions::cancel_for_pane_top(state, pane, out);
        if let Some(pane) = state.panes.get_mut(&pane) {
            pane.back();
        }
    }
}

/// What a linked pane's database has of the record came: nothing, or the record.
pub(super) fn came(state: &mut AppState, pane: PaneId, request: RequestId, records: Vec<Record>) {
    if let Some((member, anchor, by, serial)) = state.links.asked(request) {
        let current = member.asked.take().is_some_and(|(_, of)| of == serial);
        let Some(anchor) = anchor.filter(|_| current) else { return };
        let found = anchor.among(records.iter(), by).map(|(_, record, _)| Box::new(record.clone()));
        let shown = state.panes.get(&pane).and_then(|pane| pane.views().next());
        let passes = |record: &Record| match shown {
            Some(View::Records(view)) => view.filter.filter.as_ref().is_none_or(|filter| filter.selects(record)),
            _ => true,
        };
        member.place = match found {
            None => Place::Absent,
            Some(record) if passes(&record) => Place::Elsewhere(record),
            Some(record) => Place::Filtered(record),
        };
        return;
    }
    let by = state.links.of(pane).map(|link| link.by.clone()).unwrap_or_default();
    let views = state.panes.get_mut(&pane).into_iter().flat_map(|pane| pane.views_mut());
    for view in views {
        if let View::Record(view) = view
            && view.record.request == Some(request)
        {
            let found = match &by {
                MatchBy::Id => {
                    let wanted = Record { id: view.id.clone(), vectors: None, payload: Default::default(), text: None };
                    let anchor = links::anchor(pane, &wanted, &by, 0, 0);
                    anchor.among(records.iter(), &by).map(|(_, record, _)| record.clone())
                }
                // Only records of that value were asked for.
                MatchBy::Field(_) => records.first().cloned(),
            };
            view.found(request, found);
        }
    }
    contrast(state);
}

/// Marks where records differ that were opened together.
pub(super) fn contrast(state: &mut AppState) {
    let panes: Vec<PaneId> = state.panes.keys().copied().collect();
    for pane in panes {
        let Some(other) = state.links.of(pane).and_then(|link| link.neighbour(pane)) else { continue };
        let record = |id: PaneId| match state.panes.get(&id)?.view() {
            View::Record(view) => Some((view.linked?, view.record.value.as_ref()?)),
            _ => None,
        };
        let contrast = match (record(pane), record(other)) {
            (Some((a, here)), Some((b, there))) if a == b => Some(Contrast::of(here, there)),
            _ => None,
        };
        if let Some(View::Record(view)) = state.panes.get_mut(&pane).and_then(|pane| pane.view_mut()) {
            view.contrast = contrast;
        }
    }
}

/// What is not about the selected record follows, too: the first column in sight, and the face and line of a
/// record that was opened together.
pub(super) fn sideways(state: &mut AppState, leader: PaneId, pane: PaneId) {
    // Out of the state, so that both can be looked at while one is changed.
    let Some(mut follower) = state.panes.remove(&pane) else { return };
    if let Some(leader) = state.panes.get(&leader) {
        match (leader.view(), follower.view_mut()) {
            (View::Record(leading), Some(View::Record(view)))
                if leading.linked.is_some() && leading.linked == view.linked =>
            {
                view.follow(leading);
            }
            (View::Records(leading), Some(View::Records(view))) => scroll_columns(&leading.columns, &mut view.columns),
            (View::Hits(leading), Some(View::Hits(view))) => scroll_columns(&leading.columns, &mut view.columns),
            _ => {}
        }
    }
    state.panes.insert(pane, follower);
}

/// Shows the same first column, where there is one of that name.
fn scroll_columns(leader: &Columns, columns: &mut Columns) {
    if leader.first == 0 {
        columns.first = 0;
        return;
    }
    let wanted = leader.shown().next().map(|column| column.kind.clone());
    let visible = columns.all.iter().filter(|column| column.visible);
    if let Some(at) = visible.enumerate().find(|(_, c)| Some(&c.kind) == wanted.as_ref()).map(|(at, _)| at) {
        columns.first = at;
    }
}
