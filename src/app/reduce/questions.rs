//! Asking a connection, and remembering what the answer is for.

use super::Out;
use crate::app::effect::Effect;
use crate::app::panes::PaneId;
use crate::app::state::{AppState, Pending, Purpose};
use crate::connection::message::{Command, ConnectionId, Question, RequestId};

/// Whether questions can be answered now.
pub(super) fn is_up(state: &AppState, connection: ConnectionId) -> bool {
    state.connection(connection).is_some_and(|c| c.health.state.is_up() && c.server.is_some())
}

/// Asks; the identity under which the answer comes.
pub(super) fn ask(
    state: &mut AppState,
    connection: ConnectionId,
    purpose: Purpose,
    question: Question,
    out: &mut Out,
) -> Option<RequestId> {
    let epoch = state.connection(connection)?.epoch;
    let id = RequestId(state.fresh_id());
    let what = question.describe();
    state.pending.insert(id, Pending { connection, epoch, purpose, what });
    out.push(Effect::Send { connection, command: Command::Ask { id, question, deadline: None } });
    Some(id)
}

/// Cancels what is under way for a pane; whether anything was.
pub(super) fn cancel_for_pane(state: &AppState, pane: PaneId, out: &mut Out) -> bool {
    let mut any = false;
    for (id, pending) in state.pending.iter().filter(|(_, p)| p.purpose.pane() == Some(pane)) {
        out.push(Effect::Send { connection: pending.connection, command: Command::Cancel(*id) });
        any = true;
    }
    any
}

/// Cancels what is under way for the view on top of a pane, which is about to go.
pub(super) fn cancel_for_pane_top(state: &AppState, pane: PaneId, out: &mut Out) {
    let top = |purpose: Purpose| match purpose {
        Purpose::Record(p)
        | Purpose::Hits(p)
        | Purpose::Info(p)
        | Purpose::Counterpart(p)
        | Purpose::QueryVector(p) => p == pane,
        Purpose::Collections | Purpose::Page(_) | Purpose::Count(_) | Purpose::NativeFilter(_) | Purpose::Fields(_) => {
            false
        }
    };
    for (id, pending) in state.pending.iter().filter(|(_, p)| top(p.purpose)) {
        out.push(Effect::Send { connection: pending.connection, command: Command::Cancel(*id) });
    }
}
