//! Searching by text: whether it is possible, the prompt, the search.

use super::{Out, browse};
use crate::app::action::Action;
use crate::app::overlay::Overlay;
use crate::app::overlay::by_text::ByText;
use crate::app::overlay::prompt::{Prompt, PromptPurpose};
use crate::app::panes::PaneId;
use crate::app::state::AppState;
use crate::provider::model::{SearchQuery, TextWay, VectorSpec};

/// The choices for a connection's collection.
fn choices(state: &AppState, pane: PaneId) -> Option<Result<ByText, &'static str>> {
    let pane = state.panes.get(&pane)?;
    let connection = state.connection(pane.connection?)?;
    let fields = connection.collection(pane.view().collection()?).map(|c| c.vectors.as_slice()).unwrap_or_default();
    Some(ByText::of(connection.capabilities.as_ref()?, fields))
}

/// Why what the focused pane shows, or the connection under the cursor, is not searched by text.
pub(super) fn lacking(state: &AppState) -> Option<&'static str> {
    if let Some((pane, ..)) = browse::place(state) {
        return choices(state, pane)?.err();
    }
    let can = super::availability::sidebar_or_active(state)?.capabilities.as_ref()?;
    // Before a collection is opened nothing is said of its models.
    let model = VectorSpec {
        name: String::new(),
        kind: crate::provider::model::VectorKind::Dense,
        dimension: None,
        metric: None,
        index: None,
        embedder: Some(String::new()),
    };
    ByText::of(can, &[model]).err()
}

/// Opens the prompt.
pub(super) fn ask(state: &mut AppState, out: &mut Out) {
    browse::with_collection(state, out, PromptPurpose::Text);
    let Some(Overlay::Prompt(Prompt { purpose: PromptPurpose::Text(pane), .. })) = state.overlays.last() else {
        return;
    };
    let found = choices(state, *pane);
    let Some(Overlay::Prompt(prompt)) = state.overlays.last_mut() else { return };
    match found {
        Some(Ok(choices)) => prompt.by_text = Some(choices),
        Some(Err(why)) => prompt.error = Some(format!("{why}.")),
        None => {}
    }
}

/// Whether a text to search with is being typed.
pub(super) fn is_typed(state: &AppState) -> bool {
    matches!(state.overlays.last(), Some(Overlay::Prompt(prompt)) if prompt.by_text.is_some())
}

/// Tab, up and down beside the text.
pub(super) fn key(state: &mut AppState, action: Action) {
    let Some(Overlay::Prompt(prompt)) = state.overlays.last_mut() else { return };
    let Some(choices) = &mut prompt.by_text else { return };
    match action {
        Action::Toggle => choices.next(),
        Action::Up => choices.mix(true),
        Action::Down => choices.mix(false),
        _ => {}
    }
}

/// Starts the search; the sentence says why there is none.
pub(super) fn search(
    state: &mut AppState,
    pane: PaneId,
    choices: Option<&ByText>,
    text: &str,
    out: &mut Out,
) -> Result<(), String> {
    let Some(choices) = choices else {
        return Err("this collection is not searched by text.".to_owned());
    };
    let title = match choices.way {
        TextWay::Hybrid => format!("{} {} {text:?}", choices.way.name(), choices.alpha()),
        TextWay::Near | TextWay::Bm25 => format!("{} {text:?}", choices.way.name()),
    };
    browse::search(state, pane, title, SearchQuery::Text(choices.query(text)), out);
    Ok(())
}
