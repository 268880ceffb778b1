//! Write windows: a read-only connection that may be written to for some minutes. What is allowed is
//! decided below the screen, by the connection's gate; here it is asked for and shown.

use std::time::Duration;

use super::availability::sidebar_or_active;
use super::{Out, jobs};
use crate::app::connections::Connection;
use crate::app::effect::Effect;
use crate::app::event::Notice;
use crate::app::overlay::Overlay;
use crate::app::overlay::prompt::{Prompt, PromptPurpose};
use crate::app::state::{AppState, Focus};
use crate::connection::message::{Command, ConnectionId};
use crate::provider::{Access, LONGEST_WINDOW, Lock};
use crate::text::format::countdown;

/// Minutes that the question offers.
const OFFERED: u64 = 15;

/// The connection whose window is meant: in the pane of a job the one that the job writes to, or would; everywhere else
/// the one in focus.
fn meant(state: &AppState) -> Option<&Connection> {
    let target = if state.focus == Focus::Pane { jobs::target_in_focus(state) } else { None };
    match target {
        Some(target) => state.connection(target),
        None => sidebar_or_active(state),
    }
}

/// Why no window can be opened or closed now.
pub(super) fn no_window(state: &AppState) -> Option<&'static str> {
    let Some(connection) = meant(state) else { return Some("no open connection is selected") };
    match connection.access.lock {
        _ if connection.access.window_s.is_some() => None,
        None => Some("nothing is in the way of writing to this connection"),
        Some(Lock::Run) => Some("this run is read-only: it was started with --read-only"),
        Some(Lock::Profile) => Some("its profile is read-only, and no window opens that: edit the profile"),
        Some(Lock::SameDatabase { environment: None, .. }) => {
            Some("a read-only profile leads to the same database, and no window opens that: edit that profile")
        }
        Some(Lock::Environment(_) | Lock::SameDatabase { environment: Some(_), .. }) => {
            (!connection.health.state.is_up()).then_some("it is not connected")
        }
    }
}

/// Asks for minutes and name; with a window open, closes it at once.
pub(super) fn ask(state: &mut AppState, out: &mut Out) {
    let Some(connection) = meant(state) else { return };
    let id = connection.id;
    if connection.access.window_s.is_some() {
        out.push(Effect::Send { connection: id, command: Command::CloseWindow });
        return;
    }
    let prompt = Prompt::new(PromptPurpose::WriteWindow(id), &format!("{OFFERED} "))
        .about(&format!("e.g. 15 {}", connection.label));
    state.overlays.push(Overlay::Prompt(prompt));
}

/// Opens a window, if what was typed are minutes and the name of that connection.
pub(super) fn open(state: &AppState, id: ConnectionId, text: &str, out: &mut Out) -> Result<(), String> {
    let Some(connection) = state.connection(id) else { return Err("the connection was closed meanwhile.".to_owned()) };
    let (minutes, name) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let longest = LONGEST_WINDOW.as_secs() / 60;
    let minutes: u64 = match minutes.parse() {
        Ok(minutes) if (1..=longest).contains(&minutes) => minutes,
        _ => {
            return Err(format!("first come the minutes, from 1 to {longest}, then the name: 15 {}", connection.label));
        }
    };
    if name.trim() != connection.label {
        return Err(format!("to be sure, type the name after the minutes: {minutes} {}", connection.label));
    }
    let length = Duration::from_secs(minutes * 60);
    out.push(Effect::Send { connection: id, command: Command::OpenWindow(length) });
    Ok(())
}

/// The gate says what may be written.
pub(super) fn access_changed(state: &mut AppState, id: ConnectionId, access: Access) {
    let Some(connection) = state.connection_mut(id) else { return };
    let before = std::mem::replace(&mut connection.access, access);
    let label = connection.label.clone();
    match (before.window_s, access.window_s) {
        (None, Some(left)) => {
            state.notify(Notice::warning(format!("{label} can be written to for {}.", countdown(left))));
        }
        (Some(_), None) if access.is_read_only() => {
            state.notify(Notice::info(format!("{label} is read-only again.")));
        }
        _ => {}
    }
}
