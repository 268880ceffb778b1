//! Whole databases: copying every collection into another one, bringing a backup back, backing up.
//!
//! What is asked for here becomes jobs of `reduce::jobs`, which accepts their plans, too.

use super::{Out, availability, jobs};
use crate::app::action::Action;
use crate::app::job::JobRequest;
use crate::app::overlay::Overlay;
use crate::app::overlay::picker::{Picker, PickerPurpose};
use crate::app::overlay::prompt::{Prompt, PromptPurpose};
use crate::app::state::AppState;
use crate::connection::message::ConnectionId;
use crate::provider::ProviderKind;

/// Why a database is not copied or backed up as a whole now.
pub(super) fn lacking(state: &AppState, action: Action) -> Option<&'static str> {
    match availability::sidebar_or_active(state) {
        None => Some("no connection is selected"),
        Some(connection) if action == Action::BackUp && connection.kind == ProviderKind::ParquetBackup => {
            Some("this is a backup already: copy its directory, or copy the database into another one")
        }
        Some(_) => None,
    }
}

/// Asks where to copy all collections to.
pub(super) fn ask_copy(state: &mut AppState) {
    if let Some(source) = availability::sidebar_or_active(state).map(|connection| connection.id) {
        state.overlays.push(Overlay::Picker(Picker::new(PickerPurpose::CopyAllTo(source))));
    }
}

/// The other database was chosen: what copying would do is found out, nothing is written.
pub(super) fn plan(state: &mut AppState, source: ConnectionId, target: ConnectionId, out: &mut Out) {
    let backup = state.connection(source).filter(|connection| connection.kind == ProviderKind::ParquetBackup);
    let backup = backup.map(|connection| connection.address.clone());
    if let (Some(from), Some(to)) = (jobs::place(state, source, ""), jobs::place(state, target, "")) {
        jobs::start(state, JobRequest::PlanCopyAll { from, to, backup, options: String::new() }, out);
    }
}

/// Asks where to write a backup to.
pub(super) fn ask_backup(state: &mut AppState) {
    if let Some(source) = availability::sidebar_or_active(state).map(|connection| connection.id) {
        state.overlays.push(Overlay::Prompt(Prompt::new(PromptPurpose::BackupDir(source), "")));
    }
}

/// The directory was typed.
pub(super) fn back_up(state: &mut AppState, source: ConnectionId, dir: &str, out: &mut Out) -> Result<(), String> {
    if dir.is_empty() {
        return Err("a backup needs a directory.".to_owned());
    }
    let Some(place) = jobs::place(state, source, "") else {
        return Err("this connection was closed meanwhile.".to_owned());
    };
    jobs::start(state, JobRequest::BackUp { place, dir: dir.to_owned() }, out);
    Ok(())
}
