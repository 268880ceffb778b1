//! The profile form, and the small questions about profiles.

use super::availability::{sidebar_or_active, sidebar_profile};
use super::{Out, groups, sidebar, store};
use crate::app::action::Action;
use crate::app::effect::{Effect, OpenSource, StoreRequest};
use crate::app::overlay::Overlay;
use crate::app::overlay::form::{FieldValue, Form, TestState, blank};
use crate::app::overlay::prompt::{Confirm, Confirmed, Prompt, PromptPurpose};
use crate::app::profiles::{ProfileFields, SecretChange};
use crate::app::sidebar::SidebarItem;
use crate::app::state::{AppState, Focus};
use crate::connection::message::ConnectionId;
use crate::keymap::{Chord, Key};
use crate::profile::model::Environment;
use crate::provider::{Lock, ProviderKind};

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
    // The lock of another profile, which is stricter, stays.
    let locks = match profile.lock {
        Some(Lock::Profile | Lock::Environment(_)) => true,
        Some(Lock::Run) => profile.environment.is_locked_from(state.settings.read_only_from),
        Some(Lock::SameDatabase { .. }) | None => false,
    };
    let unlocks = if locks {
        " It keeps that database read-only: without it whatever else leads there, also what is open, can write to it, unless another profile locks it too."
    } else {
        ""
    };
    let text = format!(
        "Delete the profile {:?} ({} {})? The database itself is not touched; the last ten stores are in backups/.{unlocks}",
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
                form.focus = field;
                match action {
                    Action::TestProfile => form.test = TestState::Bad(why),
                    _ => form.error = Some(why),
                }
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

/// Fields that say which database a profile leads to.
const PLACE: [&str; 11] = [
    "provider", "address", "tenant", "database", "service", "user", "store", "folder", "account", "ssh_host", "before",
];

/// Whether the form, as it is filled in, leads to another database than the saved profile does. In doubt it does: what
/// is one place under two names is known only below the screen.
fn leads_elsewhere(form: &Form, was: &ProfileFields) -> bool {
    let saved = Form::new(was);
    let differs = |name: &str| form.text(name) != saved.text(name);
    // Where all have one address, the key says which is meant.
    let keyed = || form.provider().is_some_and(ProviderKind::names_its_key);
    let key_differs = || {
        let typed = matches!(form.fields().secret, SecretChange::Set(_));
        typed || ["secret_source", "secret_ref"].into_iter().any(differs)
    };
    PLACE.into_iter().any(differs) || (keyed() && key_differs())
}

/// What is asked before a read-only profile is saved as one that may be written to, or as one that leads elsewhere, so
/// that it no longer locks what it led to; `None` where all stays as closed as it was. `from` that environment on all
/// are read-only.
fn question(form: &Form, from: Environment) -> Option<String> {
    let saved = form.was()?;
    let was = Environment::from_name(saved.value("environment")).unwrap_or_default();
    let was_read_only = saved.value("read_only") == "yes";
    let now = Environment::from_name(&form.text("environment")).unwrap_or_default();
    let read_only = form.text("read_only") == "yes";
    if !was_read_only && !was.is_locked_from(from) {
        return None;
    }
    let what = if was_read_only { "read-only".to_owned() } else { format!("{}, which is read-only", was.name()) };
    let opens = match (read_only, was_read_only, now.is_locked_from(from)) {
        // Closed as it was.
        (true, ..) | (_, false, true) => None,
        (false, true, true) => Some("a write window can open it".to_owned()),
        (false, ..) => Some("its database can be written to at once, without a write window".to_owned()),
    };
    let leaves = leads_elsewhere(form, saved).then(|| {
        let (kind, address) = (saved.value("provider"), saved.value("address"));
        format!("it no longer keeps {kind} {address} read-only, which what else leads there, also if it is open, can then write to")
    });
    let effects: Vec<String> = [opens, leaves].into_iter().flatten().collect();
    (!effects.is_empty())
        .then(|| format!("{} is {what}. Saved like this, {}. Save?", form.text("name"), effects.join("; and ")))
}

/// Saves what the form on top describes.
pub(super) fn save(state: &mut AppState, out: &mut Out) {
    let Some(Overlay::Form(form)) = state.overlays.last_mut() else { return };
    (form.saving, form.error) = (true, None);
    let fields = Box::new(form.fields());
    store::save(state, StoreRequest::Save(fields), out);
}
