//! The profile form, and the small questions about profiles.

use super::availability::{sidebar_or_active, sidebar_profile};
use super::{Out, groups, sidebar, store};
use crate::app::action::Action;
use crate::app::effect::{Effect, OpenSource, StoreRequest};
use crate::app::overlay::Overlay;
use crate::app::overlay::form::{FieldValue, Form, TestState, blank};
use crate::app::overlay::prompt::{Confirm, Confirmed, Prompt, PromptPurpose};
use crate::app::sidebar::SidebarItem;
use crate::app::state::{AppState, Focus};
use crate::connection::message::ConnectionId;
use crate::keymap::{Chord, Key};
use crate::profile::model::Environment;

pub(super) fn new_profile(state: &mut AppState) {
    let mut fields = blank();
    // On a group of the store: in that group. What the project's file groups is not the store's.
    if state.focus == Focus::Sidebar
        && let Some(SidebarItem::Group { path, .. }) = sidebar::selected(state)
        && groups::is_of_the_store(state, &path)
    {
        fields.values.insert("group", path);
    }
    state.overlays.push(Overlay::Form(Box::new(Form::new(&fields))));
}

/// Asks the store for the fields of the selected profile; the form opens when they come.
pub(super) fn edit(state: &mut AppState, copy: bool, out: &mut Out) {
    if let Some(id) = sidebar_profile(state) {
        out.push(Effect::Store(StoreRequest::Fields { id, copy }));
    }
}

/// Asks for the new name of the profile, or the new path of the group, under the cursor of the sidebar.
pub(super) fn ask_new_name(state: &mut AppState) {
    if let Some(SidebarItem::Group { path, .. }) = sidebar::selected(state) {
        let prompt = Prompt::new(PromptPurpose::RenameGroup, &path).about(&format!("all profiles of {path} go along"));
        state.overlays.push(Overlay::Prompt(prompt));
        return;
    }
    if let Some(id) = sidebar_profile(state) {
        let name = state.profiles.list.iter().find(|p| p.id == id).map_or("", |p| p.name.as_str());
        let prompt = Prompt::new(PromptPurpose::RenameProfile(id), name);
        state.overlays.push(Overlay::Prompt(prompt));
    }
}

pub(super) fn ask_name_for_ad_hoc(state: &mut AppState) {
    if let Some(connection) = sidebar_or_active(state) {
        let prompt = Prompt::new(PromptPurpose::SaveAsProfile(connection.id), "");
        state.overlays.push(Overlay::Prompt(prompt));
    }
}

pub(super) fn save_ad_hoc(state: &mut AppState, connection: ConnectionId, name: String, out: &mut Out) {
    let Some(open) = state.connection(connection) else { return };
    let kind = open.kind;
    if let OpenSource::AdHoc(ad_hoc) = open.source.clone() {
        store::save(state, StoreRequest::SaveAdHoc { connection, name, kind, ad_hoc }, out);
    }
}

pub(super) fn ask_delete(state: &mut AppState) {
    let Some(id) = sidebar_profile(state) else { return };
    let Some(profile) = state.profiles.list.iter().find(|p| p.id == id) else { return };
    let text = format!(
        "Delete the profile {:?} ({} {})? The database itself is not touched; the last ten stores are in backups/.",
        profile.name,
        profile.kind.name(),
        profile.address
    );
    state.overlays.push(Overlay::Confirm(Confirm { text, yes: Confirmed::DeleteProfile(id) }));
}

/// A key in the form: first what the field in focus does with it, then the form's own keys.
pub(super) fn key(state: &mut AppState, action: Option<Action>, chord: Chord, out: &mut Out) {
    let Some(Overlay::Form(form)) = state.overlays.last_mut() else { return };
    if form.saving {
        return;
    }
    let focus = form.focus;
    let choice = matches!(form.values.get(focus), Some(FieldValue::Choice(_)));
    match action {
        // In a text the arrows move the cursor.
        Some(Action::NextChoice | Action::PreviousChoice) if !choice => type_into(form, chord),
        Some(Action::Back) => leave(state),
        Some(Action::Suspend) => out.push(Effect::Suspend),
        Some(action) => form_action(state, action, out),
        None if choice && chord.key == Key::Char(' ') => drop(form.cycle(1)),
        None => type_into(form, chord),
    }
}

fn type_into(form: &mut Form, chord: Chord) {
    let focus = form.focus;
    let changed = match form.values.get_mut(focus) {
        Some(FieldValue::Text(field)) => field.key(chord),
        Some(FieldValue::Secret(field)) => field.key(chord),
        Some(FieldValue::Choice(_)) | None => false,
    };
    if changed && !matches!(chord.key, Key::Left | Key::Right | Key::Home | Key::End) {
        form.touch();
    }
}

fn leave(state: &mut AppState) {
    if let Some(Overlay::Form(form)) = state.overlays.last()
        && form.changed
    {
        let text = "Throw away what you typed in this form?".to_owned();
        state.overlays.push(Overlay::Confirm(Confirm { text, yes: Confirmed::DiscardForm }));
    } else {
        state.overlays.pop();
    }
}

/// What the form's own keys do.
pub(super) fn form_action(state: &mut AppState, action: Action, out: &mut Out) {
    let ticket = state.fresh_id();
    let Some(Overlay::Form(form)) = state.overlays.last_mut() else { return };
    match action {
        Action::NextField => form.move_focus(1),
        Action::PreviousField => form.move_focus(-1),
        Action::NextChoice => drop(form.cycle(1)),
        Action::PreviousChoice => drop(form.cycle(-1)),
        Action::TestProfile | Action::SaveForm => {
            if let Err((field, why)) = form.check() {
                (form.focus, form.error) = (field, Some(why));
            } else if action == Action::TestProfile {
                (form.test, form.ticket, form.error) = (TestState::Running, ticket, None);
                let fields = Box::new(form.fields());
                out.push(Effect::Store(StoreRequest::Test { ticket, fields }));
            } else {
                match question(form, state.settings.read_only_from) {
                    Some(text) => state.overlays.push(Overlay::Confirm(Confirm { text, yes: Confirmed::SaveForm })),
                    None => save(state, out),
                }
            }
        }
        _ => {}
    }
}

/// What is asked before a read-only profile is saved as one that may be written to; `None` where it stays as closed
/// as it was. `from` that environment on all are read-only.
fn question(form: &Form, from: Environment) -> Option<String> {
    let (was, was_read_only) = form.was()?;
    let now = Environment::from_name(&form.text("environment")).unwrap_or_default();
    let read_only = form.text("read_only") == "yes";
    let what = if was_read_only { "read-only".to_owned() } else { format!("{}, which is read-only", was.name()) };
    let name = form.text("name");
    match (read_only, was_read_only, was.is_locked_from(from), now.is_locked_from(from)) {
        // Closed as it was, or never closed.
        (true, ..) | (_, false, true, true) | (_, false, false, _) => None,
        (false, true, _, true) => Some(format!("{name} is {what}. Saved like this, a write window can open it. Save?")),
        (false, ..) => Some(format!(
            "{name} is {what}. Saved like this, its database can be written to at once, without a write window. Save?"
        )),
    }
}

/// Saves what the form on top describes.
pub(super) fn save(state: &mut AppState, out: &mut Out) {
    let Some(Overlay::Form(form)) = state.overlays.last_mut() else { return };
    (form.saving, form.error) = (true, None);
    let fields = Box::new(form.fields());
    store::save(state, StoreRequest::Save(fields), out);
}
