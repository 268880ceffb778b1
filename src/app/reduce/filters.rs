//! Filters: the keys of the filter bar, the native request, and filtering here what the database
//! refuses.

use super::answers::each_records;
use super::{Out, browse, questions};
use crate::app::action::Action;
use crate::app::filter_bar::{self, complete, offer};
use crate::app::overlay::Overlay;
use crate::app::overlay::prompt::{Confirm, Confirmed, Prompt, PromptPurpose};
use crate::app::overlay::text::{TextBox, TextContent};
use crate::app::panes::PaneId;
use crate::app::state::{AppState, Purpose};
use crate::app::view::View;
use crate::app::view::records::{Here, RecordsView};
use crate::connection::message::{Question, RequestId};
use crate::provider::filter::Path;
use crate::provider::model::{Page, PayloadField};
use crate::text::format;

/// The pane whose filter is being typed.
fn typed_for(state: &AppState) -> Option<PaneId> {
    match state.overlays.last() {
        Some(Overlay::Prompt(Prompt { purpose: PromptPurpose::Filter(pane), .. })) => Some(*pane),
        _ => None,
    }
}

/// Whether a filter is being typed.
pub(super) fn is_typed(state: &AppState) -> bool {
    typed_for(state).is_some()
}

fn table(state: &AppState, pane: PaneId) -> Option<&RecordsView> {
    state.panes.get(&pane)?.views().find_map(|view| if let View::Records(view) = view { Some(&**view) } else { None })
}

/// Tab completes, up and down go through the filters of this session.
pub(super) fn bar_key(state: &mut AppState, action: Action, out: &mut Out) {
    match action {
        Action::Toggle => tab(state, out),
        Action::Up => history(state, true),
        _ => history(state, false),
    }
}

fn tab(state: &mut AppState, out: &mut Out) {
    let Some(pane) = typed_for(state) else { return };
    let Some(Overlay::Prompt(prompt)) = state.overlays.last() else { return };
    let (text, cursor) = (prompt.field.text().to_owned(), prompt.field.cursor());
    let going_on = prompt.bar.offer.clone();
    let (Some(view), connection) = (table(state, pane), state.panes.get(&pane).and_then(|pane| pane.connection)) else {
        return;
    };
    // The schema is asked for once, when it is first of use.
    let ask = (view.schema.is_none()).then(|| Question::Describe { collection: view.collection.clone() });
    let mut known = filter_bar::fields(view.window.records());
    for path in view.schema.iter().flatten() {
        if !known.contains(path) {
            known.push(path.clone());
        }
    }
    let values = |field: &str| filter_bar::values(view.window.records(), field);
    let offered = going_on.or_else(|| offer(&text, cursor, &known, values));
    if let (Some(connection), Some(question)) = (connection, ask)
        && questions::is_up(state, connection)
    {
        each_records(state, pane, |view| view.schema = Some(Vec::new()));
        questions::ask(state, connection, Purpose::Fields(pane), question, out);
    }
    let (Some(mut offered), Some(Overlay::Prompt(prompt))) = (offered, state.overlays.last_mut()) else { return };
    let (text, cursor) = complete(&text, &mut offered);
    prompt.field.set_at(&text, cursor);
    prompt.look();
    prompt.bar.offer = Some(offered);
}

/// The payload schema came: its fields are offered from now on, or now, if nothing was.
pub(super) fn fields_came(state: &mut AppState, pane: PaneId, fields: &[PayloadField], out: &mut Out) {
    // Paths of the makers have points between the keys; what is no path of ours stands for one key.
    let spelt = |field: &PayloadField| Path(field.path.split('.').map(str::to_owned).collect()).to_string();
    let paths: Vec<String> = fields.iter().map(spelt).collect();
    each_records(state, pane, |view| view.schema = Some(paths.clone()));
    if let (Some(typed), Some(Overlay::Prompt(prompt))) = (typed_for(state), state.overlays.last())
        && typed == pane
        && prompt.bar.offer.is_none()
        && !paths.is_empty()
    {
        tab(state, out);
    }
}

fn history(state: &mut AppState, older: bool) {
    let Some(pane) = typed_for(state) else { return };
    let key = state.panes.get(&pane).and_then(|pane| Some((pane.connection?, pane.view().collection()?.to_owned())));
    let past = key.and_then(|key| state.filters.get(&key)).cloned().unwrap_or_default();
    let Some(Overlay::Prompt(prompt)) = state.overlays.last_mut() else { return };
    let at = |steps: usize| past.len().checked_sub(steps + 1).and_then(|at| past.get(at));
    let step = match (prompt.bar.past, older) {
        // What stands in the bar is mostly the newest of them: go on behind it.
        (None, true) => Some(usize::from(at(0).is_some_and(|newest| newest == prompt.field.text()))),
        (Some(now), true) => Some(now + 1),
        (Some(now), false) => now.checked_sub(1),
        (None, false) => return,
    };
    if prompt.bar.past.is_none() {
        prompt.field.text().clone_into(&mut prompt.bar.draft);
    }
    let text = match step {
        Some(step) => match at(step) {
            Some(text) => text.clone(),
            None => return,
        },
        None => prompt.bar.draft.clone(),
    };
    prompt.bar.past = step;
    prompt.field.set(&text);
    prompt.look();
}

/// Asks for the request that the filter of the focused table becomes.
pub(super) fn show_native(state: &mut AppState, out: &mut Out) {
    let Some((pane, connection, collection)) = browse::place(state) else { return };
    if let Some(filter) = table(state, pane).and_then(|view| view.filter.filter.clone()) {
        let question = Question::NativeFilter { collection, filter };
        questions::ask(state, connection, Purpose::NativeFilter(pane), question, out);
    }
}

/// Shows it.
pub(super) fn native_came(state: &mut AppState, text: String) {
    let (title, content) = ("native filter".to_owned(), TextContent::Plain(text));
    state.overlays.push(Overlay::Text(TextBox { title, content, list: Default::default() }));
}

/// Asks whether a refused filter shall run here, with what that reads.
pub(super) fn ask_here(state: &mut AppState) {
    let Some((pane, connection, collection)) = browse::place(state) else { return };
    let known = state.connection(connection).and_then(|c| c.collection(&collection)?.count);
    let many = known.map_or_else(
        || "all records".to_owned(),
        |count| format!("all {}{} records", if count.exact { "" } else { "about " }, format::exact(count.value)),
    );
    let text =
        format!("This reads {many} of {collection} to filter them here, page by page. ctrl-c stops it. Read them?");
    state.overlays.push(Overlay::Confirm(Confirm { text, yes: Confirmed::FilterHere(pane) }));
}

/// The user agreed.
pub(super) fn run_here(state: &mut AppState, pane: PaneId) {
    each_records(state, pane, |view| {
        view.here = Some(Here::default());
        view.restart();
    });
}

/// A piece of a page came that is filtered here; what is missing is asked for by `settle`.
pub(super) fn sifted(state: &mut AppState, pane: PaneId, request: RequestId, piece: Page, read: u64) {
    let mut piece = Some(piece);
    each_records(state, pane, |view| {
        let Some(loading) = view.loading.take_if(|loading| loading.request == request) else { return };
        let Some(piece) = piece.take() else { return };
        view.error = None;
        if let Some(page) = view.sifted(loading.page, loading.limit, piece, read) {
            view.install(loading.page, page);
        }
    });
}
