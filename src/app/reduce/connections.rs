//! Opening, switching, closing connections.

use super::availability::sidebar_or_active;
use super::{Out, asked_keys, layout, questions};
use crate::app::connections::{Check, Connection};
use crate::app::effect::{Effect, OpenRequest, OpenSource};
use crate::app::event::{Notice, Unopened};
use crate::app::job::Job;
use crate::app::overlay::Overlay;
use crate::app::overlay::prompt::{Confirm, Confirmed};
use crate::app::overlay::text::{TextBox, TextContent};
use crate::app::panes::{PaneId, Tab};
use crate::app::profiles::{ProfileSummary, StoreState};
use crate::app::state::{AppState, Focus};
use crate::app::view::View;
use crate::connection::health::HealthState;
use crate::connection::message::{Command, ConnectionId};
use crate::profile::model::ProfileId;

/// Opens a connection and goes to it; if the same profile or the demo is open, only goes there.
pub(super) fn open(state: &mut AppState, request: OpenRequest, out: &mut Out) {
    if let Some(id) = already(state, &request) {
        go_to(state, id);
        return;
    }
    let id = start(state, request, false, out);
    layout::tab_for(state, id);
    go_to(state, id);
}

fn start(state: &mut AppState, request: OpenRequest, paused: bool, out: &mut Out) -> ConnectionId {
    let id = ConnectionId(state.fresh_id());
    let source = request.source.clone();
    let mut connection = Connection::new(id, request);
    if let OpenSource::Profile(id) = &source {
        let profile = state.profiles.list.iter().find(|profile| profile.id == *id);
        connection.leads_to = profile.map(|profile| profile.leads_to);
    }
    connection.health.state = if paused { HealthState::Paused } else { HealthState::Connecting };
    state.connections.push(connection);
    out.push(Effect::Open { connection: id, source, paused });
    id
}

/// Opens a connection, unless it is open, and leaves tabs as they are.
pub(super) fn open_without_tab(state: &mut AppState, request: OpenRequest, out: &mut Out) -> ConnectionId {
    open_again(state, request, false, out)
}

/// Opens a connection of the last session, unless it is open; one that was paused is so from the start: whoever let go
/// of a database does not want it dialled because the program was started.
pub(super) fn open_again(state: &mut AppState, request: OpenRequest, paused: bool, out: &mut Out) -> ConnectionId {
    match already(state, &request) {
        Some(id) => id,
        None => start(state, request, paused, out),
    }
}

/// A typed word opens nothing. Where only the database is missing, one can be made.
pub(super) fn not_opened(state: &mut AppState, typed: &str, unopened: Unopened) {
    match unopened.makeable {
        Some(directory) => {
            let text =
                format!("There is no database in {directory}. Make an empty one there (embedded Qdrant) and open it?");
            state.overlays.push(Overlay::Confirm(Confirm { text, yes: Confirmed::MakeDatabase(directory) }));
        }
        None => state.notify(Notice::error(format!("{typed}: {}", unopened.why))),
    }
}

/// The connection that is open on the same profile, or the demo.
fn already(state: &AppState, request: &OpenRequest) -> Option<ConnectionId> {
    let found = state.connections.iter().find(|c| match (&c.source, &request.source) {
        (OpenSource::Profile(open), OpenSource::Profile(wanted)) => open == wanted,
        (OpenSource::Demo, OpenSource::Demo) => true,
        (OpenSource::Profile(_) | OpenSource::Demo | OpenSource::AdHoc(_), _) => false,
    });
    found.map(|c| c.id)
}

/// Opens a saved profile.
pub(super) fn open_profile(state: &mut AppState, id: ProfileId, out: &mut Out) {
    match unchecked(state, id) {
        Some(text) => {
            state.overlays.push(Overlay::Confirm(Confirm { text, yes: Confirmed::OpenUnchecked(id) }));
        }
        None => open_now(state, id, out),
    }
}

/// A profile of the project is somebody else's: only the open store can say whether it has the name of one of the
/// user's, or sends a key of the user's elsewhere. The question where it cannot.
pub(super) fn unchecked(state: &AppState, id: ProfileId) -> Option<String> {
    let profile = state.profiles.list.iter().find(|profile| profile.id == id && profile.of_project)?;
    if state.connection_of_profile(id).is_some() {
        return None;
    }
    let store = match state.profiles.state {
        StoreState::Unlocked | StoreState::ReadOnly(_) | StoreState::Absent => return None,
        StoreState::Broken(_) => "cannot be read",
        StoreState::Unknown | StoreState::Locked | StoreState::Unlocking => "is locked (U)",
    };
    Some(format!(
        "{:?} is of the project's file, at {}. Your store {store}: whether it has one of that name, or sends the same key to another address, is not known. Open it?",
        profile.name, profile.address
    ))
}

/// Opens a saved profile without a question.
pub(super) fn open_now(state: &mut AppState, id: ProfileId, out: &mut Out) {
    let Some(profile) = state.profiles.list.iter().find(|p| p.id == id) else { return };
    open(state, request_for(profile), out);
}

/// Opens a saved profile that was named at launch: other targets, which needed no store, may be open already, and it
/// gets the place, the number and the tab that it would have if it had been opened in its turn.
pub(super) fn open_profile_at(state: &mut AppState, id: ProfileId, place: usize, out: &mut Out) {
    let known = (state.connections.len(), state.tabs.len());
    open_profile(state, id, out);
    if state.connections.len() > known.0
        && let Some(connection) = state.connections.pop()
    {
        state.connections.insert(place.min(known.0), connection);
    }
    if state.tabs.len() > known.1
        && let Some(tab) = state.tabs.pop()
    {
        state.tab = place.min(known.1);
        state.tabs.insert(state.tab, tab);
    }
}

/// What opens a saved profile.
pub(super) fn request_for(profile: &ProfileSummary) -> OpenRequest {
    OpenRequest {
        label: profile.name.clone(),
        kind: profile.kind,
        address: profile.address.clone(),
        environment: profile.environment,
        lock: profile.lock,
        insecure: profile.insecure,
        key: profile.key,
        color: profile.color.clone(),
        source: OpenSource::Profile(profile.id),
    }
}

/// Opens the demo.
pub(super) fn open_demo(state: &mut AppState, out: &mut Out) {
    open(state, OpenRequest::demo(), out);
}

/// Goes to the connection with this number, counted from 0.
pub(super) fn go_to_number(state: &mut AppState, index: usize) {
    if let Some(id) = state.connections.get(index).map(|c| c.id) {
        go_to(state, id);
    }
}

/// Brings a connection in front: a pane that shows it, in the tab that was opened for it or in another one, else a new
/// tab. A tab that was opened for it and shows something else by now is not gone to.
pub(super) fn go_to(state: &mut AppState, id: ConnectionId) {
    let shows = |pane: &PaneId| state.panes.get(pane).is_some_and(|pane| pane.connection == Some(id));
    let pane_in = |tab: &Tab| if shows(&tab.focus) { Some(tab.focus) } else { tab.tree.ids().into_iter().find(shows) };
    let mut found: Vec<(usize, PaneId)> =
        state.tabs.iter().enumerate().filter_map(|(at, tab)| Some((at, pane_in(tab)?))).collect();
    found.sort_by_key(|(at, _)| state.tabs[*at].connection != Some(id));
    match found.first().copied() {
        Some((at, pane)) => {
            state.tab = at;
            if let Some(tab) = state.active_tab_mut() {
                tab.focus = pane;
            }
        }
        None => layout::tab_for(state, id),
    }
    super::sidebar::follow_active(state);
    let has_content = state.active_pane().is_some_and(|pane| !matches!(pane.view(), View::Welcome));
    state.focus = if has_content { Focus::Pane } else { Focus::Sidebar };
}

/// Closes the connection that is meant; where long work runs on it, after a question.
pub(super) fn close_selected(state: &mut AppState, out: &mut Out) {
    let Some((id, label)) = sidebar_or_active(state).map(|c| (c.id, c.label.clone())) else { return };
    match still_running(state, &[id], &label) {
        None => close(state, id, out),
        Some(text) => state.overlays.push(Overlay::Confirm(Confirm { text, yes: Confirmed::CloseConnection(id) })),
    }
}

/// What is asked before connections are closed that long work runs on; `what` is what they are called together.
pub(super) fn still_running(state: &AppState, connections: &[ConnectionId], what: &str) -> Option<String> {
    let jobs = || super::jobs::those_on(state, connections);
    let first = jobs().next()?;
    let others = jobs().count() - 1;
    let more = if others > 0 { format!(" and {others} more") } else { String::new() };
    let goes_on = if jobs().any(Job::writes_a_copy) { " A copy can be gone on with (B)." } else { "" };
    Some(format!("Still running on {what}: {}{more}. Close it all the same?{goes_on}", first.title))
}

/// Closes a connection: what runs on it is cancelled, its tabs go, its profile stays.
pub(super) fn close(state: &mut AppState, id: ConnectionId, out: &mut Out) {
    let Some(at) = state.connections.iter().position(|c| c.id == id) else { return };
    super::jobs::end_those_on(state, id, out);
    let connection = state.connections.remove(at);
    out.push(Effect::Send { connection: id, command: Command::Close });
    state.pending.retain(|_, pending| pending.connection != id);
    asked_keys::forget(state, id);
    state.visited.forget_connection(id);
    let own: Vec<usize> = (0..state.tabs.len()).filter(|i| state.tabs[*i].connection == Some(id)).collect();
    for tab in own.into_iter().rev() {
        // A pane in it that shows another connection keeps the tab.
        let other = state.tabs[tab]
            .tree
            .ids()
            .into_iter()
            .filter_map(|pane| state.panes.get(&pane)?.connection)
            .find(|c| *c != id);
        match other {
            Some(other) => state.tabs[tab].connection = Some(other),
            None => {
                for pane in state.tabs[tab].tree.ids() {
                    state.panes.remove(&pane);
                }
                state.tabs.remove(tab);
                if state.tab > tab {
                    state.tab -= 1;
                }
            }
        }
    }
    for pane in state.panes.values_mut().filter(|pane| pane.connection == Some(id)) {
        pane.show(None, View::Welcome);
    }
    // A tab that shows no database any more was opened for none: the next one may have it.
    for tab in &mut state.tabs {
        let shows = |pane: &PaneId| state.panes.get(pane).is_some_and(|pane| pane.connection.is_some());
        if !tab.tree.ids().iter().any(shows) {
            tab.connection = None;
        }
    }
    state.tab = state.tab.min(state.tabs.len().saturating_sub(1));
    layout::first_tab(state);
    let kept = if matches!(connection.source, OpenSource::Profile(_)) { " Its profile stays." } else { "" };
    state.notify(Notice::info(format!("{} is closed.{kept}", connection.label)));
}

/// Whether an attempt to connect is under way, of a connection that is not up.
pub(super) fn is_attempt(health: &HealthState) -> bool {
    match health {
        HealthState::Connecting
        | HealthState::Reconnecting { retry_in_s: 0, .. }
        | HealthState::Failed { retry_in_s: Some(0), .. } => true,
        HealthState::Reconnecting { .. }
        | HealthState::Failed { .. }
        | HealthState::Closed
        | HealthState::Paused
        | HealthState::Idle
        | HealthState::Active { .. }
        | HealthState::Slow
        | HealthState::Flapping { .. }
        | HealthState::Unauthorized => false,
    }
}

pub(super) fn check(state: &mut AppState, out: &mut Out) {
    if let Some(connection) = sidebar_or_active(state) {
        let (id, label) = (connection.id, connection.label.clone());
        if asked_keys::is_wanted(connection) {
            // The key that was refused would only be refused again.
            asked_keys::ask(state, id);
            return;
        }
        let check = if is_attempt(&connection.health.state) { Check::Tries } else { Check::Asked };
        // An answer that changes nothing is no news.
        let tells = if connection.health.state.is_up() { "; its latency tells." } else { " ..." };
        if let Some(connection) = state.connection_mut(id) {
            connection.check = Some(check);
        }
        out.push(Effect::Send { connection: id, command: Command::CheckNow });
        state.notice = Some(Notice::info(format!("checking {label}{tells}")));
    }
}

/// Pauses; a paused one comes back.
pub(super) fn pause(state: &mut AppState, out: &mut Out) {
    let Some(connection) = sidebar_or_active(state) else { return };
    let (id, label) = (connection.id, connection.label.clone());
    let (command, notice) = match connection.health.state {
        HealthState::Paused => (Command::CheckNow, format!("connecting {label} again ...")),
        _ => (Command::Pause, format!("{label} is paused: it is neither pinged nor connected again.")),
    };
    out.push(Effect::Send { connection: id, command });
    state.notify(Notice::info(notice));
}

pub(super) fn details(state: &mut AppState) {
    if let Some(connection) = sidebar_or_active(state) {
        let (id, title) = (connection.id, connection.label.clone());
        let content = TextContent::Connection(id);
        state.overlays.push(Overlay::Text(TextBox { title, content, list: Default::default() }));
    }
}

/// ctrl-c: what runs for the focused pane is cancelled; with nothing running it asks to leave.
pub(super) fn cancel(state: &mut AppState, out: &mut Out) {
    let pane = state.active_tab().map(|tab| tab.focus);
    if let Some(View::Records(view)) = state.active_pane_mut().and_then(|pane| pane.view_mut()) {
        view.to_the_end = false;
    }
    let cancelled =
        super::jobs::cancel(state, out) || pane.is_some_and(|pane| questions::cancel_for_pane(state, pane, out));
    if cancelled {
        state.notice = Some(Notice::info("cancelling ..."));
    } else {
        state.overlays.push(Overlay::Confirm(Confirm {
            text: "Nothing runs here. Leave vector-inspector?".to_owned(),
            yes: Confirmed::Quit,
        }));
    }
}
