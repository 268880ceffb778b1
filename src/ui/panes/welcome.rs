//! A pane without data: how to begin, or how its connection is.

use ratatui::buffer::Buffer;

use super::Scene;
use super::message::{self, centered, key_line, lines_of_connection};
use crate::app::action::Action;
use crate::app::connections::Connection;
use crate::connection::health::HealthState;
use crate::provider::ProviderError;
use crate::text::columns;
use crate::ui::paint::Run;
use crate::ui::title;
use crate::ui::widgets::frame::Border;
use crate::ui::widgets::keys;

/// Columns of the widest label of a connection's facts.
const LABEL: usize = 11;

/// Draws the pane.
pub fn draw(buf: &mut Buffer, scene: &Scene<'_>) {
    match scene.connection {
        Some(connection) => of_connection(buf, scene, connection),
        None => of_program(buf, scene),
    }
}

fn of_program(buf: &mut Buffer, scene: &Scene<'_>) {
    let look = scene.look;
    let theme = &look.theme;
    let inner = Border::titled(Run::new().own("Welcome", if scene.focused { theme.strong } else { theme.dim })).draw(
        buf,
        look,
        scene.area,
        scene.focused,
    );
    let starts = [
        (Action::QuickConnect, "open a URL, a directory or a profile"),
        (Action::NewProfile, "save a connection, its key encrypted"),
        (Action::SignIn, "sign in to a maker's cloud"),
        (Action::Help, "every key; type to search"),
    ];
    let width = starts.iter().map(|(action, _)| columns(&keys::anywhere(scene.state, *action))).max().unwrap_or(0);
    let room = usize::from(inner.width).saturating_sub(4);
    let mut lines =
        vec![Run::new().own(look.set.bars.join(""), theme.vector).own("  vector-inspector", theme.strong), Run::new()];
    let about = "Many vector databases of different makers, open side by side in one terminal.";
    lines.extend(look.wrap(about, room.min(60), 4).into_iter().map(|line| Run::new().own(line, theme.text)));
    lines.push(Run::new());
    lines.extend(starts.iter().map(|(action, words)| key_line(scene, *action, words, width)));
    lines.push(Run::new());
    let demo = format!(
        "No database at hand? Choose demo in the sidebar ({}).",
        keys::anywhere(scene.state, Action::FocusSidebar)
    );
    lines.extend(look.wrap(&demo, room.min(60), 3).into_iter().map(|line| Run::new().own(line, theme.dim)));
    centered(buf, look, inner, &lines);
}

fn of_connection(buf: &mut Buffer, scene: &Scene<'_>, connection: &Connection) {
    let look = scene.look;
    let theme = &look.theme;
    let connecting = matches!(connection.health.state, HealthState::Connecting);
    let inner = scene.border(&[], false).draw(buf, look, scene.area, scene.focused);
    if let Some(error) = scene.trouble() {
        if connection.health.state == HealthState::Paused {
            // Nobody failed: the user wanted it so.
            let headline = title::glyph(look, &connection.health.state).gap(1).own("Paused", theme.text);
            message::explained(buf, scene, inner, headline, &error, &[(Action::CheckConnection, "connect again")]);
            return;
        }
        let headline = match connection.health.state {
            HealthState::Unauthorized => "The server does not let us in",
            HealthState::Reconnecting { .. } => "The connection is lost; it is tried again by itself",
            HealthState::Closed => "Not connected",
            HealthState::Failed { cause, .. } if cause == ProviderError::KEY_NOT_TYPED => {
                "Its key is asked for each time"
            }
            _ => "The connection failed",
        };
        message::failed(buf, scene, inner, headline, &error, Action::CheckConnection);
        return;
    }
    let room = usize::from(inner.width).saturating_sub(LABEL + 5).max(1);
    let facts = lines_of_connection(look, scene.state, connection, room);
    let width = facts.iter().map(|(label, _)| label.len()).max().unwrap_or(0);
    let mut lines = vec![Run::new().data(look, &connection.label, 60, theme.strong), Run::new()];
    for (label, run) in facts {
        lines.push(Run::new().own(format!("{label:<width$}  "), theme.dim).join(run));
    }
    lines.push(Run::new());
    if let Some(error) = &connection.collections.error {
        let room = usize::from(inner.width).saturating_sub(6).clamp(1, 72);
        lines.push(Run::new().own(look.set.fail, theme.danger).own(" The list of collections failed:", theme.danger));
        lines.extend(look.wrap(error, room, 4).into_iter().map(|line| Run::new().own(line, theme.text)));
        lines.push(key_line(scene, Action::Refresh, "try again", 0));
    } else if connecting || connection.collections.is_loading() {
        lines.push(key_line(scene, Action::CancelRequest, "cancel", 0));
    } else if connection.collections.value.as_ref().is_some_and(Vec::is_empty) {
        lines.push(Run::new().own("It has no collections.", theme.text));
        lines.push(key_line(scene, Action::Refresh, "look again", 0));
    } else {
        let sidebar = keys::anywhere(scene.state, Action::FocusSidebar);
        lines.push(
            Run::new()
                .own("Choose a collection in the sidebar ", theme.text)
                .data(look, &sidebar, 20, theme.accent)
                .own(", or ", theme.text)
                .data(look, &keys::anywhere(scene.state, Action::QuickConnect), 20, theme.accent)
                .own(" by name.", theme.text),
        );
    }
    centered(buf, look, inner, &lines);
}
