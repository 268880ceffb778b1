//! The encrypted store: unlocking, locking, saving, and what it says.

use super::{Out, connections, following};
use secrecy::SecretString;

use crate::app::action::Action;
use crate::app::effect::{Effect, OpenSource, StoreRequest};
use crate::app::event::{Notice, StoreEvent, Unsaved};
use crate::app::overlay::Overlay;
use crate::app::overlay::form::{Form, TestState};
use crate::app::overlay::prompt::{KeyChoice, SecretPrompt, SecretPurpose};
use crate::app::overlay::text::{TextBox, TextContent};
use crate::app::profiles::{NewStore, StoreState};
use crate::app::state::AppState;
use crate::keymap::Chord;

pub(super) fn ask_passphrase(state: &mut AppState, out: &mut Out) {
    match &state.profiles.state {
        // No passphrase helps; it may have been mended meanwhile.
        StoreState::Broken(_) => {
            state.profiles.state = StoreState::Unknown;
            out.push(Effect::Store(StoreRequest::Load));
        }
        StoreState::ReadOnly(why) => state.notify(Notice::warning(why.clone())),
        StoreState::Unknown
        | StoreState::Absent
        | StoreState::Locked
        | StoreState::Unlocking
        | StoreState::Unlocked => {
            let asked = state.overlays.iter().any(|overlay| matches!(overlay, Overlay::Secret(_)));
            if !asked {
                state.overlays.push(Overlay::Secret(SecretPrompt::new(SecretPurpose::Unlock)));
            }
        }
    }
}

pub(super) fn lock(state: &mut AppState, out: &mut Out) {
    state.profiles.list.clear();
    state.profiles.state = StoreState::Locked;
    out.push(Effect::Store(StoreRequest::Lock));
    state.notify(Notice::info("The profiles are locked; open connections stay open."));
}

/// Saves; where the store must be made or unlocked first, asks for that and saves after it.
pub(super) fn save(state: &mut AppState, request: StoreRequest, out: &mut Out) {
    match &state.profiles.state {
        StoreState::Unlocked => out.push(Effect::Store(request)),
        StoreState::Absent => {
            state.waiting_save = Some(request);
            state.overlays.push(Overlay::Secret(SecretPrompt::new(SecretPurpose::NewStore)));
        }
        StoreState::Unknown | StoreState::Locked | StoreState::Unlocking => {
            state.waiting_save = Some(request);
            ask_passphrase(state, out);
        }
        StoreState::ReadOnly(why) | StoreState::Broken(why) => {
            let why = why.clone();
            save_failed(state, why.into());
        }
    }
}

/// A key in the passphrase prompt.
pub(super) fn secret_key(state: &mut AppState, action: Option<Action>, chord: Chord, out: &mut Out) {
    let Some(Overlay::Secret(prompt)) = state.overlays.last_mut() else { return };
    match action {
        Some(Action::Back) => {
            state.overlays.pop();
            if state.waiting_save.take().is_some() {
                save_failed(state, "Not saved: the store was not unlocked.".to_owned().into());
            }
            if !state.wanted_profiles.is_empty() {
                let names: Vec<String> =
                    std::mem::take(&mut state.wanted_profiles).into_iter().map(|(_, n)| n).collect();
                let names = names.join(", ");
                state.notify(Notice::warning(format!("Not opened, the profiles are locked: {names}.")));
            }
        }
        Some(Action::Suspend) => out.push(Effect::Suspend),
        Some(Action::Enter) if !prompt.busy => submit(state, out),
        _ if prompt.busy => {}
        // The second typing is about the passphrase that was chosen.
        Some(Action::Toggle) if prompt.purpose == SecretPurpose::NewStore && prompt.first.is_none() => {
            prompt.field.clear();
            (prompt.choice, prompt.error) = (prompt.choice.next(), None);
        }
        _ => {
            prompt.error = None;
            match (prompt.wants_path(), prompt.choice) {
                (true, _) => drop(prompt.path.key(chord)),
                // There is nothing to type.
                (false, KeyChoice::KeyFile) => {}
                (false, _) => drop(prompt.field.key(chord)),
            }
        }
    }
}

fn submit(state: &mut AppState, out: &mut Out) {
    let Some(Overlay::Secret(prompt)) = state.overlays.last_mut() else { return };
    match (prompt.purpose, prompt.first.take()) {
        (SecretPurpose::Unlock, _) => {
            if prompt.field.is_empty() {
                prompt.error = Some("the passphrase is empty. Type it, or esc to go without profiles.".to_owned());
                return;
            }
            prompt.busy = true;
            let secret = prompt.field.secret();
            prompt.field.clear();
            state.profiles.state = StoreState::Unlocking;
            out.push(Effect::Store(StoreRequest::Unlock(secret)));
        }
        (SecretPurpose::NewStore, None) if prompt.choice == KeyChoice::KeyFile => {
            prompt.busy = true;
            out.push(Effect::Store(StoreRequest::Create(NewStore::KeyFile)));
        }
        (SecretPurpose::NewStore, None) if prompt.choice == KeyChoice::OwnKey => {
            let path = prompt.path.text().trim().to_owned();
            if path.is_empty() {
                prompt.error = Some("no file is named. Type the path of your age key, e.g. ~/.age/key.txt.".to_owned());
                return;
            }
            prompt.busy = true;
            out.push(Effect::Store(StoreRequest::Create(NewStore::OwnKey(path))));
        }
        // Never a key file by a slip on enter: that has to be chosen.
        (SecretPurpose::NewStore, None) if prompt.field.is_empty() => {
            prompt.error = Some("the passphrase is empty. Type one, or choose another way with tab.".to_owned());
        }
        (SecretPurpose::NewStore, None) => prompt.first = Some(std::mem::take(&mut prompt.field)),
        (SecretPurpose::NewStore, Some(first)) => {
            if first.same(&prompt.field) {
                prompt.busy = true;
                let secret = prompt.field.secret();
                prompt.field.clear();
                out.push(Effect::Store(StoreRequest::Create(NewStore::Passphrase(secret))));
            } else {
                prompt.field.clear();
                prompt.error = Some("the two passphrases differ. Type it again, twice.".to_owned());
            }
        }
    }
}

/// What the store says.
pub(super) fn store_event(state: &mut AppState, event: StoreEvent, out: &mut Out) {
    match event {
        StoreEvent::State { state: now, profiles, open_at_start } => {
            if std::mem::take(&mut state.wants_start_profiles)
                && matches!(now, StoreState::Unlocked | StoreState::ReadOnly(_))
            {
                state.wanted_profiles.extend(open_at_start.into_iter().map(|name| (usize::MAX, name)));
            }
            state.profiles.state = now;
            state.profiles.list = profiles;
            following::profiles(state, out);
            super::groups::find_again(state);
            state_changed(state, out);
        }
        StoreEvent::Groups(groups) => {
            state.sidebar.collapsed =
                groups.iter().filter(|(_, folded)| *folded).map(|(path, _)| path.clone()).collect();
            state.profiles.groups = groups.into_iter().map(|(path, _)| path).collect();
        }
        StoreEvent::UnlockFailed(why) => {
            state.profiles.state = StoreState::Locked;
            if let Some(prompt) = secret_prompt(state) {
                (prompt.busy, prompt.error) = (false, Some(why));
            } else {
                state.notify(Notice::error(why));
            }
        }
        StoreEvent::Saved { text, recovery_key, made } => {
            if matches!(state.overlays.last(), Some(Overlay::Form(form)) if form.saving) {
                state.overlays.pop();
            }
            state.notify(Notice::success(text));
            if let Some(made) = made {
                super::sidebar::go_to_new(state, &made, out);
            }
            if let Some(key) = recovery_key {
                state.overlays.push(Overlay::Text(recovery_box(key)));
            }
        }
        StoreEvent::Adopted { connection, profile } => {
            if let Some(connection) = state.connection_mut(connection) {
                connection.source = OpenSource::Profile(profile);
            }
            following::profiles(state, out);
        }
        StoreEvent::Import(list) => super::sharing::show_import(state, *list),
        StoreEvent::ImportKeyWanted { file, key, why } => super::sharing::ask_import_key(state, file, &key, why),
        StoreEvent::Exported(text) => state.notify(Notice::success(text)),
        StoreEvent::ExportFailed(fault) => super::sharing::export_failed(state, fault),
        StoreEvent::Used { id, at } => {
            if let Some(profile) = state.profiles.list.iter_mut().find(|profile| profile.id == id) {
                profile.last_used = Some(at);
            }
        }
        StoreEvent::SaveFailed(unsaved) => {
            if let Some(prompt) = secret_prompt(state) {
                prompt.busy = false;
                prompt.error = Some(unsaved.why);
            } else {
                save_failed(state, unsaved);
            }
        }
        StoreEvent::Tested { ticket, result } => {
            for overlay in &mut state.overlays {
                if let Overlay::Form(form) = overlay
                    && form.ticket == ticket
                    && form.test == TestState::Running
                {
                    form.test = match &result {
                        Ok(text) => TestState::Good(text.clone()),
                        Err(why) => TestState::Bad(why.clone()),
                    };
                }
            }
        }
        StoreEvent::Fields(fields) => state.overlays.push(Overlay::Form(Box::new(Form::new(&fields)))),
    }
}

fn secret_prompt(state: &mut AppState) -> Option<&mut SecretPrompt> {
    state.overlays.iter_mut().rev().find_map(|overlay| match overlay {
        Overlay::Secret(prompt) => Some(prompt),
        _ => None,
    })
}

fn state_changed(state: &mut AppState, out: &mut Out) {
    match &state.profiles.state {
        StoreState::Unlocked | StoreState::ReadOnly(_) => {
            state.overlays.retain(|overlay| !matches!(overlay, Overlay::Secret(_)));
            if let Some(request) = state.waiting_save.take() {
                save(state, request, out);
            }
            open_wanted(state, out);
        }
        StoreState::Locked if !state.wanted_profiles.is_empty() => ask_passphrase(state, out),
        StoreState::Absent => open_wanted(state, out),
        StoreState::Broken(why) => {
            let why = why.clone();
            state.wanted_profiles.clear();
            state.notify(Notice::error(why));
        }
        StoreState::Unknown | StoreState::Locked | StoreState::Unlocking => {}
    }
}

/// Opens the profiles that were named at launch; names that do not exist are said with the nearest.
fn open_wanted(state: &mut AppState, out: &mut Out) {
    for (place, name) in std::mem::take(&mut state.wanted_profiles) {
        match state.profiles.list.iter().find(|p| p.name == name).map(|p| p.id) {
            Some(id) => connections::open_profile_at(state, id, place, out),
            None => {
                let names = state.profiles.list.iter().map(|p| p.name.as_str());
                let nearest = crate::text::nearest(&name, names);
                let hint = match nearest.as_slice() {
                    [] => "There are no profiles with such a name; N makes one.".to_owned(),
                    near => format!("The nearest: {}.", near.join(", ")),
                };
                let text = format!("There is no profile {name:?}. {hint} A directory is written \"./{name}\".");
                state.notify(Notice::error(text));
            }
        }
    }
}

fn save_failed(state: &mut AppState, unsaved: Unsaved) {
    let Unsaved { why, field } = unsaved;
    if super::sign_in::not_saved(state, &why) {
        return;
    }
    let form = state.overlays.iter_mut().rev().find_map(|overlay| match overlay {
        Overlay::Form(form) => Some(form),
        _ => None,
    });
    match form {
        Some(form) => {
            (form.saving, form.error) = (false, Some(why));
            // Where the mistake can be mended; a field that is not in sight cannot have the focus.
            if let Some(at) = field.and_then(|name| form.index(name)).filter(|at| form.visible().contains(at)) {
                form.focus = at;
            }
        }
        None => state.notify(Notice::error(why)),
    }
}

fn recovery_box(key: SecretString) -> TextBox {
    let content = TextContent::RecoveryKey(key);
    TextBox { title: "recovery key".to_owned(), content, list: Default::default() }
}
