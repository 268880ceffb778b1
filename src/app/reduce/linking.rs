//! Linked panes: making and ending links, and letting panes follow the focused one.
//!
//! The record that is selected in the focused pane is the anchor of its link. After every event [`follow`]
//! looks whether the user moved it, and brings each other pane to it: to its row, where that is read; else the
//! database is asked whether it has the record at all, one question at a time for each pane.

use super::{Out, browse, questions};
use crate::app::event::Notice;
use crate::app::geometry::{Frame, table_rows};
use crate::app::links::{self, Anchor, Place, Spot};
use crate::app::overlay::Overlay;
use crate::app::overlay::picker::{Picker, PickerPurpose};
use crate::app::overlay::prompt::{Prompt, PromptPurpose};
use crate::app::panes::{Pane, PaneId};
use crate::app::state::{AppState, Purpose};
use crate::app::view::View;
use crate::app::view::records::{FilterState, RecordsView};
use crate::connection::message::{Question, RequestId};
use crate::jobs::model::matching::MatchBy;
use crate::jobs::model::noted::{SOURCE_ID, noted_id, tag};
use crate::provider::Support;
use crate::provider::filter::{Check, Comparison, Expr, Filter, Literal, Path, Span, Test};
use crate::provider::model::{PageRequest, Record, RecordId};

/// Why panes cannot be linked now.
pub(super) fn lacking(state: &AppState) -> Option<&'static str> {
    let Some(tab) = state.active_tab() else { return Some("no tab is open") };
    if state.links.of(tab.focus).is_some() {
        return None;
    }
    if tab.tree.ids().len() < 2 {
        return Some("a link needs two panes: split this one first");
    }
    (databases(state).len() < 2).then_some("a link needs two panes that show a database")
}

/// Why there is nothing to match by.
pub(super) fn not_linked(state: &AppState) -> Option<&'static str> {
    let linked = state.active_tab().is_some_and(|tab| state.links.of(tab.focus).is_some());
    (!linked).then_some("link panes first")
}

/// The panes of the tab in front that show a database.
fn databases(state: &AppState) -> Vec<PaneId> {
    let ids = state.active_tab().map_or_else(Vec::new, |tab| tab.tree.ids());
    ids.into_iter().filter(|pane| state.panes.get(pane).is_some_and(|pane| pane.connection.is_some())).collect()
}

/// Links the panes of the tab, or ends the link of the focused one.
pub(super) fn toggle(state: &mut AppState) {
    let Some(focus) = state.active_tab().map(|tab| tab.focus) else { return };
    if state.links.end(focus) {
        state.notice = Some(Notice::info("the panes are no longer linked."));
    } else {
        let panes = databases(state);
        link(state, &panes);
    }
}

/// Lets the user choose the pane to link the focused one with; the only other one needs no choice.
pub(super) fn choose(state: &mut AppState) {
    let Some(focus) = state.active_tab().map(|tab| tab.focus) else { return };
    match databases(state).into_iter().filter(|pane| *pane != focus).collect::<Vec<_>>().as_slice() {
        [] => state.notice = Some(Notice::info("no other pane of the tab shows a database.")),
        [only] => link(state, &[focus, *only]),
        _ => state.overlays.push(Overlay::Picker(Picker::new(PickerPurpose::LinkWith(focus)))),
    }
}

/// Links panes, in the order in which they are in sight.
pub(super) fn link(state: &mut AppState, panes: &[PaneId]) {
    let ordered: Vec<PaneId> = databases(state).into_iter().filter(|pane| panes.contains(pane)).collect();
    if ordered.len() < 2 {
        return;
    }
    state.links.link(&ordered);
    let names: Vec<String> = ordered.iter().map(|pane| name(state, *pane)).collect();
    state.notify(Notice::success(format!("linked by id: {}.", names.join(", "))));
}

/// What a pane shows, for people: `prod/articles`.
pub(super) fn name(state: &AppState, pane: PaneId) -> String {
    let Some(pane) = state.panes.get(&pane) else { return String::new() };
    let label = pane.connection.and_then(|id| state.connection(id)).map_or("", |c| c.label.as_str());
    match pane.view().collection() {
        Some(collection) => format!("{label}/{collection}"),
        None => label.to_owned(),
    }
}

/// Asks for the field to match by.
pub(super) fn ask_field(state: &mut AppState) {
    let Some(pane) = state.active_tab().map(|tab| tab.focus) else { return };
    let now = match state.links.of(pane).map(|link| &link.by) {
        Some(MatchBy::Field(field)) => field.clone(),
        Some(MatchBy::Id) | None => String::new(),
    };
    state.overlays.push(Overlay::Prompt(Prompt::new(PromptPurpose::LinkBy(pane), &now)));
}

/// Matches by the field that was typed, or by the id again.
pub(super) fn match_by(state: &mut AppState, pane: PaneId, field: &str) {
    let by = if field.is_empty() { MatchBy::Id } else { MatchBy::Field(field.to_owned()) };
    let Some(link) = state.links.of_mut(pane) else { return };
    link.match_by(by);
    let what = if field.is_empty() { "their id".to_owned() } else { format!("the field {field}") };
    state.notice = Some(Notice::success(format!("linked records are matched by {what}.")));
}

/// The filter of a linked pane was changed: this one takes it, where it can.
pub(super) fn filter_too(state: &mut AppState, pane: PaneId, filter: FilterState, out: &mut Out) {
    let Some(shown) = state.panes.get(&pane) else { return };
    if !matches!(shown.view(), View::Records(_)) {
        return;
    }
    let can = shown.connection.and_then(|id| state.connection(id)?.capabilities.as_ref());
    if let (Some(Support::No(why)), Some(_)) = (can.map(|can| &can.filter), &filter.filter) {
        let text = format!("{} is not filtered along: {why}.", name(state, pane));
        state.notify(Notice::warning(text));
        return;
    }
    browse::filter_table(state, pane, filter, out);
}

/// After every event: the linked panes of the tab in front go where the focused one is.
pub(super) fn follow(state: &mut AppState, out: &mut Out) {
    if state.links.is_empty() {
        return;
    }
    prune(state);
    let Some(focus) = state.active_tab().map(|tab| tab.focus) else { return };
    lead(state, focus);
    let heights: Vec<(PaneId, usize)> =
        Frame::of(state).map_or_else(Vec::new, |f| f.panes.iter().map(|(id, area)| (*id, table_rows(*area))).collect());
    for other in state.links.others(focus) {
        let height = heights.iter().find(|(id, _)| *id == other).map_or(1, |(_, height)| *height);
        super::linked_records::sideways(state, focus, other);
        bring(state, other, height, out);
    }
}

/// A pane that was closed, or whose connection was, is linked no longer.
fn prune(state: &mut AppState) {
    let panes = &state.panes;
    let ended = state.links.keep(|pane| panes.get(&pane).is_some_and(|pane| pane.connection.is_some()));
    if ended > 0 {
        let notice = Notice::info("the link ended: one of its panes was closed.");
        state.log.push(state.now, notice.clone());
        state.notice.get_or_insert(notice);
    }
}

/// What is selected in a pane, with its row and the first row in sight.
fn spot(pane: &Pane) -> Option<(Spot, &Record, usize, usize)> {
    let (collection, record, list) = match pane.view() {
        View::Records(view) if !view.outdated => (&view.collection, view.selected()?, view.list),
        View::Hits(view) => (&view.collection, &view.selected()?.record, view.list),
        View::Records(_)
        | View::Record(_)
        | View::Info(_)
        | View::Log(_)
        | View::Job(_)
        | View::Jobs(_)
        | View::Welcome => return None,
    };
    let spot = Spot { collection: collection.clone(), id: record.id.clone() };
    Some((spot, record, list.selected, list.top))
}

/// The focused pane leads: what the user moved to is the anchor.
fn lead(state: &mut AppState, focus: PaneId) {
    let Some(link) = state.links.of_mut(focus) else { return };
    let Some((spot, record, row, top)) = state.panes.get(&focus).and_then(spot) else { return };
    let by = link.by.clone();
    let Some(member) = link.member_mut(focus) else { return };
    if member.seen.as_ref() != Some(&spot) {
        member.seen = Some(spot);
        link.move_to(links::anchor(focus, record, &by, row, top));
        if let Some(member) = link.member_mut(focus) {
            member.place = Place::Here(crate::jobs::model::matching::Sameness::Exact);
        }
    } else if let Some(anchor) = link.anchor.as_mut().filter(|anchor| anchor.from == focus) {
        (anchor.row, anchor.offset) = (row, row.saturating_sub(top));
    }
}

/// Brings one pane to the anchor of its link.
fn bring(state: &mut AppState, pane: PaneId, height: usize, out: &mut Out) {
    let shows = state.panes.get(&pane).and_then(|p| Some((p.connection?, p.view().collection()?.to_owned())));
    let Some(link) = state.links.of_mut(pane) else { return };
    if let Some(member) = link.member_mut(pane).filter(|member| member.shows != shows) {
        (member.place, member.asked, member.shows) = (Place::Unknown, None, shows.clone());
    }
    let Some(anchor) = link.anchor.clone() else { return };
    let (by, serial) = (link.by.clone(), link.serial);
    let among_records = state.panes.get(&anchor.from).is_some_and(|pane| matches!(pane.view(), View::Records(_)));
    let found = match state.panes.get_mut(&pane).and_then(|pane| pane.view_mut()) {
        Some(View::Records(view)) => Some(bring_table(view, &anchor, &by, height, among_records)),
        Some(View::Hits(view)) => {
            let hits = view.hits.value.iter().flatten().map(|hit| &hit.record);
            let found = anchor.among(hits, &by).map(|(at, _, sameness)| (at, sameness));
            if let Some((at, _)) = found {
                let len = view.len();
                view.list.selected = at;
                view.list.clamp(len, height);
            }
            Some(found.map_or(Place::NotAHit, |(_, sameness)| Place::Here(sameness)))
        }
        Some(View::Record(_) | View::Info(_) | View::Log(_) | View::Job(_) | View::Jobs(_) | View::Welcome) | None => {
            return;
        }
    };
    let seen = state.panes.get(&pane).and_then(spot).map(|(spot, ..)| spot);
    let Some(member) = state.links.of_mut(pane).and_then(|link| link.member_mut(pane)) else { return };
    member.seen = seen.or(member.seen.take());
    match found {
        Some(Place::Unknown) | None => {}
        Some(place) => {
            member.place = place;
            return;
        }
    }
    if member.place.is_settled() || member.asked.is_some() {
        return;
    }
    let Some((connection, collection)) = shows else { return };
    // The first page tells by which ids the records are known there.
    let comes = |view: &View| matches!(view, View::Records(view) if view.window.is_fresh() && view.loading.is_some());
    if !questions::is_up(state, connection) || state.panes.get(&pane).is_some_and(|pane| comes(pane.view())) {
        return;
    }
    let (place, asked) = match question(state, pane, collection, &anchor, &by, false) {
        Err(why) => (Place::Unsaid(why), None),
        Ok(None) => (Place::Absent, None),
        Ok(Some(question)) => {
            (Place::Asking, questions::ask(state, connection, Purpose::Counterpart(pane), question, out))
        }
    };
    if let Some(member) = state.links.of_mut(pane).and_then(|link| link.member_mut(pane)) {
        (member.place, member.asked) = (place, asked.map(|request| (request, serial)));
    }
}

/// What was found out about a pane, or is being asked, no longer holds: another filter, read anew.
pub(super) fn look_anew(state: &mut AppState, pane: PaneId) {
    if let Some(member) = state.links.of_mut(pane).and_then(|link| link.member_mut(pane)) {
        (member.place, member.asked) = (Place::Unknown, None);
    }
}

/// Selects the record in a table where it is read; else the table scrolls along, so that it is read soon where
/// both have the same order.
fn bring_table(view: &mut RecordsView, anchor: &Anchor, by: &MatchBy, height: usize, scroll: bool) -> Place {
    if view.outdated || view.window.is_fresh() {
        return Place::Unknown;
    }
    let (first, last) = (view.window.first_row(), view.window.last_row());
    let found = anchor.among(view.window.records(), by).map(|(at, _, sameness)| (first + at, sameness));
    let row = match found {
        Some((row, _)) => row,
        None if scroll && last > 0 => anchor.row.min(last - 1),
        None => return Place::Unknown,
    };
    view.list.selected = row;
    view.list.top = row.saturating_sub(anchor.offset);
    view.list.clamp(last, height);
    found.map_or(Place::Unknown, |(_, sameness)| Place::Here(sameness))
}

/// The question whether a pane's database has the record; `None` if it cannot have such an id.
///
/// The sentence says why it cannot be asked.
pub(super) fn question(
    state: &AppState,
    pane: PaneId,
    collection: String,
    anchor: &Anchor,
    by: &MatchBy,
    with_vectors: bool,
) -> Result<Option<Question>, String> {
    let can = state.panes.get(&pane).and_then(|p| state.connection(p.connection?)?.capabilities.as_ref());
    match by {
        MatchBy::Id if bears_notes(state, pane) => {
            if let Some(Support::No(why)) = can.map(|can| &can.filter) {
                return Err(format!("a copy has changed the ids there, and it cannot be asked by a field: {why}"));
            }
            let tags = anchor.spellings.iter().map(|id| Literal::Text(tag(id))).collect();
            let test = Test { path: Path(vec![SOURCE_ID.to_owned()]), check: Check::In(tags), span: Span::default() };
            let filter = Some(Expr::Test(test).into());
            let request = PageRequest { limit: anchor.spellings.len(), cursor: None, filter, with_vectors };
            Ok(Some(Question::Page { collection, request }))
        }
        MatchBy::Id => {
            let possible = |id: &&RecordId| match (id, can) {
                (_, None) => true,
                (RecordId::Integer(_), Some(can)) => can.integer_ids.is_yes(),
                (RecordId::Text(_), Some(can)) => can.text_ids.is_yes(),
                (RecordId::Uuid(_), Some(can)) => can.uuid_ids.is_yes(),
            };
            let ids: Vec<RecordId> = anchor.spellings.iter().filter(possible).cloned().collect();
            Ok((!ids.is_empty()).then_some(Question::Get { collection, ids, with_vectors }))
        }
        MatchBy::Field(field) => {
            if let Some(Support::No(why)) = can.map(|can| &can.filter) {
                return Err(format!("it cannot be asked by a field: {why}"));
            }
            let filter = Some(equal_to(field, anchor.value.as_ref())?);
            let request = PageRequest { limit: 1, cursor: None, filter, with_vectors };
            Ok(Some(Question::Page { collection, request }))
        }
    }
}

/// Whether what is read of a pane's collection bears the ids that a copy has noted: then these are asked for.
fn bears_notes(state: &AppState, pane: PaneId) -> bool {
    let noted = |record: &Record| noted_id(&record.payload).is_some();
    let views = state.panes.get(&pane).into_iter().flat_map(Pane::views);
    views.into_iter().any(|view| match view {
        View::Records(view) => view.window.records().any(noted),
        View::Hits(view) => view.hits.value.iter().flatten().any(|hit| noted(&hit.record)),
        View::Record(view) => view.record.value.as_ref().is_some_and(noted),
        View::Info(_) | View::Log(_) | View::Job(_) | View::Jobs(_) | View::Welcome => false,
    })
}

/// The filter for records whose field has this value.
fn equal_to(field: &str, value: Option<&serde_json::Value>) -> Result<Filter, String> {
    use serde_json::Value;
    let literal = match value {
        None => return Err(format!("the record has no field {field}")),
        Some(Value::String(text)) => Literal::Text(text.clone()),
        Some(Value::Bool(value)) => Literal::Bool(*value),
        Some(Value::Number(number)) => match number.as_i128() {
            Some(whole) => Literal::Integer(whole),
            None => Literal::Float(number.as_f64().unwrap_or_default()),
        },
        Some(_) => return Err(format!("the value of {field} is no text, number or truth value")),
    };
    let check = Check::Compare(Comparison::Equal, literal);
    Ok(Expr::Test(Test { path: Path(vec![field.to_owned()]), check, span: Span::default() }).into())
}

/// A question where a record is will not be answered: it may be asked again.
pub(super) fn forget(state: &mut AppState, request: RequestId) {
    if let Some((member, ..)) = state.links.asked(request) {
        member.asked = None;
        if member.place == Place::Asking {
            member.place = Place::Unknown;
        }
    }
}

/// It cannot be said where a record is: it is not asked again before another one is selected.
pub(super) fn unsaid(state: &mut AppState, request: RequestId, why: &str) {
    if let Some((member, _, _, serial)) = state.links.asked(request) {
        let current = member.asked.is_some_and(|(_, of)| of == serial);
        member.asked = None;
        if current {
            member.place = Place::Unsaid(why.trim_end_matches('.').to_owned());
        }
    }
}
