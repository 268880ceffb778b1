//! Export and import: the questions before, the list of what an import would change, and what is asked of
//! the store.

use super::{Out, store};
use crate::app::effect::{Effect, StoreRequest};
use crate::app::event::Notice;
use crate::app::overlay::Overlay;
use crate::app::overlay::prompt::{Prompt, PromptPurpose};
use crate::app::profiles::StoreState;
use crate::app::sharing::{Export, ImportList};
use crate::app::sidebar::SidebarItem;
use crate::app::state::AppState;

/// The file of an export for which none was named, in the working directory.
const EXPORT_FILE: &str = "profiles.toml";

/// Why nothing can be exported; `None` if something can.
pub(super) fn cannot_export(state: &AppState) -> Option<&'static str> {
    match state.profiles.state {
        StoreState::Unlocked | StoreState::ReadOnly(_) => {
            state.profiles.list.iter().all(|profile| profile.of_project).then_some("the store has no profiles")
        }
        _ => Some("the store of profiles is not open: U unlocks it"),
    }
}

/// Asks for the file: of the selected group or profile, or of all.
pub(super) fn ask_export(state: &mut AppState) {
    let own = || state.profiles.list.iter().filter(|profile| !profile.of_project);
    let (profiles, what) = match super::sidebar::selected(state) {
        Some(SidebarItem::Group { path, .. }) => {
            (own().filter(|profile| profile.is_in(&path)).map(|p| p.id).collect(), format!("the group {path}"))
        }
        _ => match super::availability::sidebar_profile(state).and_then(|id| own().find(|p| p.id == id)) {
            Some(profile) => (vec![profile.id], format!("the profile {}", profile.name)),
            None => (own().map(|p| p.id).collect(), "all profiles".to_owned()),
        },
    };
    state.export = Export { profiles, what, file: String::new() };
    state.overlays.push(Overlay::Prompt(Prompt::new(PromptPurpose::ExportFile, "")));
}

/// The file is named: who shall open it?
pub(super) fn export_file(state: &mut AppState, text: &str) {
    let file = if text.is_empty() { EXPORT_FILE } else { text };
    file.clone_into(&mut state.export.file);
    state.overlays.push(Overlay::Prompt(Prompt::new(PromptPurpose::ExportRecipients, "")));
}

/// Everything is known.
pub(super) fn export(state: &mut AppState, recipients: &str, out: &mut Out) {
    let Export { profiles, file, .. } = std::mem::take(&mut state.export);
    // Recipients of ssh have blanks in them: they are told apart by commas.
    let recipients: Vec<String> =
        recipients.split(',').map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned).collect();
    out.push(Effect::Store(StoreRequest::Export { profiles, file, recipients }));
}

/// Asks for the file to import.
pub(super) fn ask_import(state: &mut AppState) {
    state.overlays.push(Overlay::Prompt(Prompt::new(PromptPurpose::ImportFile, "")));
}

/// Has the file read; where the store is locked, after a passphrase.
pub(super) fn read_import(state: &mut AppState, text: &str, out: &mut Out) {
    let ticket = state.fresh_id();
    let request = StoreRequest::ReadImport { ticket, file: text.to_owned() };
    match state.profiles.state {
        // One without a profile yet is made when something is taken over.
        StoreState::Absent => out.push(Effect::Store(request)),
        _ => store::save(state, request, out),
    }
}

/// The file was read.
pub(super) fn show_import(state: &mut AppState, list: ImportList) {
    state.overlays.push(Overlay::Import(Box::new(list)));
}

/// Space on a row.
pub(super) fn next_choice(list: &mut ImportList) {
    if let Some(profile) = list.selected() {
        profile.next();
    }
}

/// Enter: all that was chosen is saved at once.
pub(super) fn apply(state: &mut AppState, list: ImportList, out: &mut Out) {
    if list.taken() == 0 {
        state.notify(Notice::info("Nothing was chosen: space on a profile chooses what becomes of it."));
        state.overlays.push(Overlay::Import(Box::new(list)));
        return;
    }
    let choices = list.profiles.iter().map(|profile| profile.choice).collect();
    store::save(state, StoreRequest::ApplyImport { ticket: list.ticket, choices }, out);
}
