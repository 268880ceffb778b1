//! Open connections follow their profiles: at once in what is only said of them and in what is stricter, in all else
//! where they lead to the database that the profile leads to by now. One whose profile was given another address
//! meanwhile still talks to the old one, until it connects anew.

use super::{Out, asked_keys};
use crate::app::connections::Connection;
use crate::app::effect::{Effect, OpenSource};
use crate::app::state::AppState;
use crate::connection::message::{Command, ConnectionId, LeadsTo};
use crate::provider::Lock;

/// Profiles were changed: one that was renamed, painted or locked while it is open is so at once.
pub(super) fn profiles(state: &mut AppState, out: &mut Out) {
    let all: Vec<ConnectionId> = state.connections.iter().map(|connection| connection.id).collect();
    for id in all {
        one(state, id, out);
    }
    let without = |connection: &&Connection| !matches!(connection.source, OpenSource::Profile(_));
    let without: Vec<ConnectionId> = state.connections.iter().filter(without).map(|connection| connection.id).collect();
    if !without.is_empty() {
        out.push(Effect::FollowLocks(without));
    }
}

/// A connection tells where it leads from now on.
pub(super) fn leads(state: &mut AppState, id: ConnectionId, place: LeadsTo, out: &mut Out) {
    if let Some(connection) = state.connection_mut(id) {
        connection.leads_to = Some(place);
    }
    one(state, id, out);
}

fn one(state: &mut AppState, id: ConnectionId, out: &mut Out) {
    let Some(connection) = state.connections.iter_mut().find(|connection| connection.id == id) else { return };
    let OpenSource::Profile(profile) = connection.source else { return };
    let Some(profile) = state.profiles.list.iter().find(|one| one.id == profile) else { return };
    connection.label.clone_from(&profile.name);
    connection.color.clone_from(&profile.color);
    connection.key = profile.key;
    // One that was saved as a profile leads where that did first.
    let moved = *connection.leads_to.get_or_insert(profile.leads_to) != profile.leads_to;
    if !moved {
        connection.address.clone_from(&profile.address);
        connection.environment = profile.environment;
        connection.insecure = profile.insecure;
    }
    let lock = profile.lock;
    if connection.access.lock != lock && (!moved || is_stricter(lock, connection.access.lock)) {
        out.push(Effect::Send { connection: id, command: Command::SetLock(lock) });
    }
    asked_keys::follow(state, id, out);
}

/// Whether a lock forbids what the other one allows, or lets a window allow.
fn is_stricter(new: Option<Lock>, old: Option<Lock>) -> bool {
    match (new, old) {
        (Some(_), None) => true,
        (Some(new), Some(old)) => old.opens() && !new.opens(),
        (None, _) => false,
    }
}
