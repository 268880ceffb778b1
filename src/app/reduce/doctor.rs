//! The doctor on the screen: begins an examination of the selected connection, takes its steps in.

use super::Out;
use super::availability::sidebar_or_active;
use crate::app::effect::Effect;
use crate::app::event::Examined;
use crate::app::list::ListState;
use crate::app::overlay::Overlay;
use crate::app::overlay::examination::Examination;
use crate::app::state::AppState;

/// Begins; one that is open already begins anew.
pub(super) fn examine(state: &mut AppState, out: &mut Out) {
    let Some(connection) = sidebar_or_active(state) else { return };
    let (id, label, source) = (connection.id, connection.label.clone(), connection.source.clone());
    let directory = connection.kind.is_embedded();
    let ticket = state.fresh_id();
    state.overlays.push(Overlay::Examination(Box::new(Examination {
        connection: id,
        label,
        ticket,
        directory,
        steps: Vec::new(),
        ended: None,
        list: ListState::default(),
    })));
    out.push(Effect::Examine { ticket, connection: id, source });
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
