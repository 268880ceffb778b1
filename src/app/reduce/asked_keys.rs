//! Keys that are asked for each time: the prompt comes when a connection is opened, and again when its
//! key is refused. The key goes to `runtime` at once and is not kept here.

use super::Out;
use crate::app::action::Action;
use crate::app::connections::Connection;
use crate::app::effect::{Effect, OpenSource};
use crate::app::field::SecretField;
use crate::app::overlay::Overlay;
use crate::app::overlay::key::KeyPrompt;
use crate::app::profiles::ProfileSummary;
use crate::app::state::AppState;
use crate::connection::health::HealthState;
use crate::connection::message::{Command, ConnectionId};
use crate::keymap::Chord;
use crate::provider::ProviderError;

/// Whether only a key that the user types brings the connection up.
pub(super) fn is_wanted(connection: &Connection) -> bool {
    connection.key.asked
        && match connection.health.state {
            HealthState::Unauthorized => true,
            HealthState::Failed { cause, .. } => cause == ProviderError::KEY_NOT_TYPED,
            HealthState::Closed
            | HealthState::Connecting
            | HealthState::Idle
            | HealthState::Active { .. }
            | HealthState::Slow
            | HealthState::Flapping { .. }
            | HealthState::Paused
            | HealthState::Reconnecting { .. } => false,
        }
}

/// Asks for the key, unless it is asked for already. Below what is open: nobody who is typing somewhere
/// else shall type into it.
pub(super) fn ask(state: &mut AppState, id: ConnectionId) {
    let asked = |overlay: &Overlay| matches!(overlay, Overlay::Key(prompt) if prompt.connection == id);
    if state.overlays.iter().any(asked) {
        return;
    }
    let Some(connection) = state.connection(id) else { return };
    let refused = connection.health.state == HealthState::Unauthorized;
    let prompt = KeyPrompt {
        connection: id,
        place: place(state, connection),
        leads_to: profile(state, connection).map(|profile| profile.leads_to),
        field: SecretField::default(),
        error: connection.health.error.clone().filter(|_| refused),
        warning: warning(connection),
    };
    state.overlays.insert(0, Overlay::Key(prompt));
}

fn profile<'a>(state: &'a AppState, connection: &Connection) -> Option<&'a ProfileSummary> {
    let OpenSource::Profile(id) = connection.source else { return None };
    state.profiles.list.iter().find(|profile| profile.id == id)
}

/// Where a key goes that is typed now: the next attempt reads the profile, which may have another address by then than
/// the connection had.
fn place(state: &AppState, connection: &Connection) -> String {
    let address = profile(state, connection).map_or(&connection.address, |profile| &profile.address);
    format!("{} ({address})", connection.label)
}

fn warning(connection: &Connection) -> Option<&'static str> {
    connection.key.plain.then_some("it travels unencrypted: whoever listens on the way can read it")
}

/// Its profile was changed: the prompt says where a key would go now. What is typed already was meant for the place
/// that was shown.
pub(super) fn follow(state: &mut AppState, id: ConnectionId, out: &mut Out) {
    let Some(connection) = state.connection(id) else { return };
    if !connection.key.asked {
        return forget(state, id);
    }
    let (place, warning) = (place(state, connection), warning(connection));
    let leads_to = profile(state, connection).map(|profile| profile.leads_to);
    let prompt = state.overlays.iter_mut().find_map(|overlay| match overlay {
        Overlay::Key(prompt) if prompt.connection == id => Some(prompt),
        _ => None,
    });
    let Some(prompt) = prompt else { return };
    (prompt.place, prompt.warning) = (place, warning);
    if prompt.leads_to != leads_to {
        (prompt.leads_to, prompt.error) = (leads_to, None);
        prompt.field.clear();
        // It hears of the new place before a key comes: one that came first would count as typed for the old one.
        out.push(Effect::Send { connection: id, command: Command::CheckNow });
    }
}

/// A connection is closed: its key is not wanted any more.
pub(super) fn forget(state: &mut AppState, id: ConnectionId) {
    state.overlays.retain(|overlay| !matches!(overlay, Overlay::Key(prompt) if prompt.connection == id));
}

/// A key of the keyboard in the prompt.
pub(super) fn key(state: &mut AppState, action: Option<Action>, chord: Chord, out: &mut Out) {
    let Some(Overlay::Key(prompt)) = state.overlays.last_mut() else { return };
    match action {
        Some(Action::Back) => drop(state.overlays.pop()),
        Some(Action::Suspend) => out.push(Effect::Suspend),
        Some(Action::Enter) if prompt.field.is_empty() => {
            prompt.error =
                Some("nothing was typed. Type the key, or leave the connection as it is with esc.".to_owned());
        }
        Some(Action::Enter) => {
            let (connection, key) = (prompt.connection, prompt.field.secret());
            state.overlays.pop();
            out.push(Effect::GiveKey { connection, key });
            out.push(Effect::Send { connection, command: Command::CheckNow });
        }
        _ => {
            prompt.error = None;
            prompt.field.key(chord);
        }
    }
}
