//! Export and import: the questions before, the list of what an import would change, and what is asked of
//! the store.

use super::{Out, store};
use crate::app::effect::{Effect, StoreRequest};
use crate::app::event::Notice;
use crate::app::overlay::Overlay;
use crate::app::overlay::prompt::{Confirm, Confirmed, Prompt, PromptPurpose};
use crate::app::profiles::StoreState;
use crate::app::sharing::{Export, ExportFault, ImportList};
use crate::app::sidebar::SidebarItem;
use crate::app::state::AppState;
use crate::text::format::number_of;

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
    let (profiles, what): (Vec<_>, _) = match super::sidebar::selected(state) {
        Some(SidebarItem::Group { path, .. }) => {
            let inside: Vec<_> = own().filter(|profile| profile.is_in(&path)).map(|p| p.id).collect();
            let what = format!("the group {path}, {}", number_of(inside.len(), "profile"));
            (inside, what)
        }
        _ => match super::availability::sidebar_profile(state).and_then(|id| own().find(|p| p.id == id)) {
            Some(profile) => (vec![profile.id], format!("the profile {}", profile.name)),
            None => {
                let all: Vec<_> = own().map(|p| p.id).collect();
                let what = format!("all of your store, {}", number_of(all.len(), "profile"));
                (all, what)
            }
        },
    };
    state.export = Export { profiles, what, ..Export::default() };
    ask_export_file(state, None);
}

fn exports(purpose: PromptPurpose, text: &str, what: &str) -> Prompt {
    Prompt::new(purpose, text).about(&format!("exports {what}"))
}

/// The prompts of an export, each with what it is about; `wrong` is what came of the answer before.
fn ask_export_file(state: &mut AppState, wrong: Option<String>) {
    let Export { what, file, .. } = &state.export;
    let prompt = exports(PromptPurpose::ExportFile, file, what).wrong(wrong);
    state.overlays.push(Overlay::Prompt(prompt));
}

fn ask_recipients(state: &mut AppState, wrong: Option<String>) {
    let Export { what, recipients, .. } = &state.export;
    let prompt = exports(PromptPurpose::ExportRecipients, recipients, what).wrong(wrong);
    state.overlays.push(Overlay::Prompt(prompt));
}

/// The file is named: who shall open it?
pub(super) fn export_file(state: &mut AppState, text: &str) {
    let file = if text.is_empty() { EXPORT_FILE } else { text };
    file.clone_into(&mut state.export.file);
    ask_recipients(state, None);
}

/// It was not written: what was typed is asked for again where it is wrong, and nothing of it is lost.
pub(super) fn export_failed(state: &mut AppState, fault: ExportFault) {
    match fault {
        ExportFault::File(why) => ask_export_file(state, Some(why)),
        ExportFault::Recipients(why) => ask_recipients(state, Some(why)),
        ExportFault::Other(why) => state.notify(Notice::error(format!("Not exported: {why}"))),
    }
}

/// Everything is known.
pub(super) fn export(state: &mut AppState, recipients: &str, out: &mut Out) {
    recipients.clone_into(&mut state.export.recipients);
    let Export { profiles, file, .. } = state.export.clone();
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
    read(state, StoreRequest::ReadImport { ticket, file: text.to_owned(), key: String::new() }, out);
}

/// None of the known keys opens it: which does?
pub(super) fn ask_import_key(state: &mut AppState, file: String, key: &str, why: String) {
    let prompt = Prompt::new(PromptPurpose::ImportKey, key).about(&file).wrong(Some(why));
    state.import_file = file;
    state.overlays.push(Overlay::Prompt(prompt));
}

/// Has the file read once more, with a key file.
pub(super) fn read_with_key(state: &mut AppState, key: &str, out: &mut Out) -> Result<(), String> {
    if key.is_empty() {
        return Err("no key file is named. Type its path; esc leaves.".to_owned());
    }
    let (ticket, file) = (state.fresh_id(), std::mem::take(&mut state.import_file));
    read(state, StoreRequest::ReadImport { ticket, file, key: key.to_owned() }, out);
    Ok(())
}

fn read(state: &mut AppState, request: StoreRequest, out: &mut Out) {
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
    if let Some(text) = list.opens() {
        state.overlays.push(Overlay::Import(Box::new(list)));
        state.overlays.push(Overlay::Confirm(Confirm { text, yes: Confirmed::Import }));
        return;
    }
    save(state, &list, out);
}

/// Yes to what it makes writable.
pub(super) fn agreed(state: &mut AppState, out: &mut Out) {
    if let Some(Overlay::Import(list)) = state.overlays.pop() {
        save(state, &list, out);
    }
}

fn save(state: &mut AppState, list: &ImportList, out: &mut Out) {
    let choices = list.profiles.iter().map(|profile| profile.choice).collect();
    store::save(state, StoreRequest::ApplyImport { ticket: list.ticket, choices }, out);
}
