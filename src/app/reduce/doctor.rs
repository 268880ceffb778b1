//! The doctor on the screen: begins an examination of the selected connection or profile, takes its steps in.

use super::availability::{sidebar_or_active, sidebar_profile};
use super::{Out, connections};
use crate::app::effect::{Effect, OpenSource};
use crate::app::event::Examined;
use crate::app::list::ListState;
use crate::app::overlay::Overlay;
use crate::app::overlay::examination::Examination;
use crate::app::state::{AppState, Focus};
use crate::connection::message::ConnectionId;

/// What an examination is of.
struct Patient {
    /// Where it is open.
    connection: Option<ConnectionId>,
    label: String,
    source: OpenSource,
    /// Its database is a directory.
    directory: bool,
}

/// The connection that is meant, or the profile under the sidebar's cursor that is not open.
fn patient(state: &AppState) -> Option<Patient> {
    if let Some(connection) = sidebar_or_active(state) {
        return Some(Patient {
            connection: Some(connection.id),
            label: connection.label.clone(),
            source: connection.source.clone(),
            directory: connection.kind.is_embedded(),
        });
    }
    let id = sidebar_profile(state).filter(|_| state.focus == Focus::Sidebar)?;
    let profile = state.profiles.list.iter().find(|profile| profile.id == id)?;
    Some(Patient {
        connection: None,
        label: profile.name.clone(),
        source: OpenSource::Profile(id),
        directory: profile.kind.is_embedded(),
    })
}

/// Why nothing can be examined.
pub(super) fn lacking(state: &AppState) -> Option<&'static str> {
    match patient(state) {
        None => Some("no connection or profile is selected"),
        // The doctor connects with the key, too.
        Some(Patient { connection: None, source: OpenSource::Profile(id), .. })
            if connections::unchecked(state, id).is_some() =>
        {
            Some(
                "it is of the project's file, and your store cannot say yet whether it may have its key: open it first, which asks",
            )
        }
        Some(_) => None,
    }
}

/// Begins; one that is open already begins anew.
pub(super) fn examine(state: &mut AppState, out: &mut Out) {
    let Some(Patient { connection, label, source, directory }) = patient(state) else { return };
    let ticket = state.fresh_id();
    state.overlays.push(Overlay::Examination(Box::new(Examination {
        connection,
        source: source.clone(),
        label,
        ticket,
        directory,
        steps: Vec::new(),
        ended: None,
        list: ListState::default(),
    })));
    out.push(Effect::Examine { ticket, connection, source });
}

/// Goes the way of the box on top again, from its beginning.
pub(super) fn again(state: &mut AppState, out: &mut Out) {
    let ticket = state.fresh_id();
    if let Some(Overlay::Examination(examination)) = state.overlays.last_mut() {
        (examination.ticket, examination.ended) = (ticket, None);
        examination.steps.clear();
        examination.list = ListState::default();
        let (connection, source) = (examination.connection, examination.source.clone());
        out.push(Effect::Examine { ticket, connection, source });
    }
}

/// Copies what the box on top has found.
pub(super) fn copy_report(state: &AppState, out: &mut Out) {
    if let Some(Overlay::Examination(examination)) = state.overlays.last() {
        out.push(Effect::Copy { text: examination.report(), what: "report" });
    }
}

/// It came further; an earlier one's news change nothing.
pub(super) fn examined(state: &mut AppState, examined: Examined) {
    let Examined { ticket, steps, ended } = examined;
    for overlay in &mut state.overlays {
        if let Overlay::Examination(examination) = overlay
            && examination.ticket == ticket
        {
            (examination.steps, examination.ended) = (steps, ended);
            return;
        }
    }
}
