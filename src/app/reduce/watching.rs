//! Which connections somebody looks at: their tasks tell more of those, and nothing of the others.

use super::Out;
use crate::app::effect::Effect;
use crate::app::geometry::Frame;
use crate::app::overlay::Overlay;
use crate::app::overlay::text::TextContent;
use crate::app::state::AppState;
use crate::app::view::View;
use crate::connection::message::{Command, ConnectionId};

/// Tells the tasks whose details came into sight, or went.
pub(super) fn settle(state: &mut AppState, frame: Option<&Frame>, out: &mut Out) {
    let seen = in_sight(state, frame);
    for connection in &mut state.connections {
        let on = seen.contains(&connection.id);
        if connection.watched != on {
            connection.watched = on;
            out.push(Effect::Send { connection: connection.id, command: Command::Watch(on) });
        }
    }
}

fn in_sight(state: &AppState, frame: Option<&Frame>) -> Vec<ConnectionId> {
    let details = state.overlays.iter().filter_map(|overlay| match overlay {
        Overlay::Text(text) => match text.content {
            TextContent::Connection(id) => Some(id),
            TextContent::Plain(_) | TextContent::RecoveryKey(_) => None,
        },
        _ => None,
    });
    let panes = frame.into_iter().flat_map(|frame| frame.panes.iter()).filter_map(|(id, _)| state.panes.get(id));
    let welcomes = panes.filter(|pane| matches!(pane.view(), View::Welcome)).filter_map(|pane| pane.connection);
    details.chain(welcomes).collect()
}
