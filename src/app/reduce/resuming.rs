//! Copies of earlier sessions and of the command: the jobs list shows them, enter goes on with one that was stopped.
//!
//! A plan knows both ends by the words that open them. `runtime` makes requests to open of these; what is not open
//! yet is opened, and as soon as both ends are connected the user is asked. `reduce` calls [`settle`] after every
//! event, because connecting ends by many ways.

use super::{Out, connections, jobs, questions};
use crate::app::connections::Connection;
use crate::app::effect::{Effect, OpenRequest, OpenSource};
use crate::app::event::Notice;
use crate::app::job::{JobPlace, JobRequest};
use crate::app::overlay::Overlay;
use crate::app::overlay::prompt::{Confirm, Confirmed};
use crate::app::state::AppState;
use crate::app::view::job::Resuming;
use crate::connection::health::HealthState;
use crate::connection::message::ConnectionId;
use crate::jobs::model::copied::CopyState;
use crate::jobs::model::plan::Place;
use crate::text::format;

/// The state directory was looked at.
pub(super) fn listed(state: &mut AppState, result: Result<Vec<CopyState>, String>) {
    match result {
        Ok(copies) => state.copies = copies,
        Err(why) => state.notify(Notice::error(why)),
    }
}

/// Enter on a copy that the state directory has: goes on with it, or says why not.
pub(super) fn begin(state: &mut AppState, copy: &str, out: &mut Out) {
    let Some(found) = state.copies.iter().find(|found| found.id == copy) else { return };
    let notice = match (found.verdict, &found.fault, &found.ends) {
        _ if found.running => Notice::info("this copy is running, in another program or in a job above."),
        (Some(verdict), ..) => {
            let (verdict, folder) = (verdict.words(), &found.folder);
            Notice::info(format!("this copy has ended, {verdict}: {folder} has its report."))
        }
        (None, None, Some((from, to))) => {
            let (copy, from, to) = (found.id.clone(), from.target.clone(), to.target.clone());
            out.push(Effect::FindEnds { copy, from, to });
            return;
        }
        (None, Some(fault), _) => Notice::error(fault.clone()),
        (None, None, None) => return,
    };
    state.notify(notice);
}

/// What opens both ends is known: opens what is not open.
pub(super) fn ends(
    state: &mut AppState,
    copy: String,
    from: Result<Box<OpenRequest>, String>,
    to: Result<Box<OpenRequest>, String>,
    out: &mut Out,
) {
    let Some((source, target)) = places(state, &copy) else { return };
    let mut open = |place: &Place, request: Result<Box<OpenRequest>, String>| {
        if let Some(id) = opened(state, &place.target, request.as_deref().ok()) {
            return Some(id);
        }
        let profile = state.profiles.list.iter().find(|profile| profile.name == place.target);
        if let Some(question) = profile.and_then(|profile| connections::unchecked(state, profile.id)) {
            let why = question.trim_end_matches(" Open it?");
            state.notify(Notice::error(format!("{why} Open it first.")));
            return None;
        }
        match profile.map(|profile| Ok(connections::request_for(profile))).unwrap_or_else(|| request.map(|r| *r)) {
            Ok(request) => Some(connections::open_without_tab(state, request, out)),
            Err(why) => {
                state.notify(Notice::error(format!("{}: {why}", place.target)));
                None
            }
        }
    };
    if let (Some(from), Some(to)) = (open(&source, from), open(&target, to)) {
        state.resuming = Some(Resuming { copy, from, to });
    }
}

/// The connection that is open on what that word means.
fn opened(state: &AppState, word: &str, request: Option<&OpenRequest>) -> Option<ConnectionId> {
    let same = |connection: &&Connection| {
        let ad_hoc = match (&connection.source, request.map(|request| &request.source)) {
            (OpenSource::AdHoc(open), Some(OpenSource::AdHoc(wanted))) => {
                open.spec.address == wanted.spec.address && open.spec.options == wanted.spec.options
            }
            _ => false,
        };
        ad_hoc || connection.target_word() == word
    };
    state.connections.iter().find(same).map(|connection| connection.id)
}

/// Asks as soon as both ends are connected, and gives up when one of them cannot be.
pub(super) fn settle(state: &mut AppState) {
    let Some(resuming) = state.resuming.clone() else { return };
    for id in [resuming.from, resuming.to] {
        let why = match state.connection(id) {
            None => "one of its databases was closed".to_owned(),
            Some(connection) => match &connection.health.state {
                HealthState::Paused | HealthState::Failed { .. } | HealthState::Unauthorized => {
                    let error = connection.health.error.clone();
                    format!("{}: {}", connection.label, error.unwrap_or_else(|| "it is not connected".to_owned()))
                }
                HealthState::Closed
                | HealthState::Connecting
                | HealthState::Reconnecting { .. }
                | HealthState::Idle
                | HealthState::Active { .. }
                | HealthState::Slow
                | HealthState::Flapping { .. } => continue,
            },
        };
        state.resuming = None;
        state.notify(Notice::error(format!("the copy {} does not go on: {why}", resuming.copy)));
        return;
    }
    if !questions::is_up(state, resuming.from) || !questions::is_up(state, resuming.to) {
        return;
    }
    state.resuming = None;
    let Some((_, target)) = places(state, &resuming.copy) else { return };
    if let Err(why) = jobs::writable(state, resuming.to, &target.label) {
        state.notify(Notice::error(why));
        return;
    }
    let Some(copy) = state.copies.iter().find(|copy| copy.id == resuming.copy) else { return };
    let far = match copy.listed {
        Some(of) => format!("{} of {} records are there", format::exact(copy.done), format::exact(of)),
        None if copy.done > 0 => format!("{} records are there", format::exact(copy.done)),
        None => "nothing is written yet".to_owned(),
    };
    let text = format!("Go on copying from {} to {}? {far}.", copy.from, copy.to);
    state.overlays.push(Overlay::Confirm(Confirm { text, yes: Confirmed::Resume(resuming) }));
}

/// Yes: the copy goes on.
pub(super) fn resume(state: &mut AppState, resuming: &Resuming, out: &mut Out) {
    let Some((source, target)) = places(state, &resuming.copy) else { return };
    let place = |connection: ConnectionId, place: &Place| {
        let label = state.connection(connection)?.label.clone();
        let (word, collection) = (place.target.clone(), place.collection.clone());
        Some(JobPlace { connection, label, word, collection })
    };
    let (Some(from), Some(to)) = (place(resuming.from, &source), place(resuming.to, &target)) else { return };
    jobs::start(state, JobRequest::ResumeCopy { copy: resuming.copy.clone(), from, to }, out);
}

fn places(state: &AppState, copy: &str) -> Option<(Place, Place)> {
    state.copies.iter().find(|found| found.id == copy)?.ends.clone()
}
