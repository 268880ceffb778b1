//! The line at the top: where we are, and how the database in front is.

use ratatui::buffer::Buffer;

use super::paint::{Look, Run, tint};
use crate::app::connections::Connection;
use crate::app::effect::OpenSource;
use crate::app::geometry::Area;
use crate::app::profiles::ProfileSummary;
use crate::app::state::AppState;
use crate::connection::health::{self, HealthState};
use crate::profile::model::Environment;
use crate::text::SafeText;

/// A connection's name in at most `room` columns. Of an address its end stays: ports tell apart what
/// runs on one machine.
pub fn short(look: &Look, label: &str, room: usize) -> String {
    let whole = SafeText::head(label, 400, look.glyphs);
    let port =
        label.rsplit_once(':').is_some_and(|(_, port)| port.len() < 6 && port.bytes().all(|b| b.is_ascii_digit()));
    if whole.width() <= room || !port || room < 2 {
        return whole.fit(room);
    }
    format!("{}{}", look.glyphs.ellipsis(), whole.slice(whole.width() - (room - 1), room - 1))
}

/// Draws it.
pub fn draw(buf: &mut Buffer, look: &Look, state: &AppState, row: Area) {
    let theme = &look.theme;
    let mut left = Run::new().own(" vector-inspector", theme.strong).gap(3);
    let mut rest = row;
    if let Some(connection) = state.active_connection() {
        let group = group_of(state, connection);
        let name = if group.is_empty() { connection.label.clone() } else { format!("{group}/{}", connection.label) };
        let style = theme.mark(connection.environment, connection.color.as_deref()).unwrap_or(theme.accent);
        left = left.data(look, &name, 40, style);
        if let Some(collection) = state.active_pane().and_then(|pane| pane.view().collection()) {
            left = left.own(format!(" {} ", look.set.path), theme.dim).data(look, collection, 48, theme.strong);
        }
        // The name is left out, then the facts, before the path is cut.
        let wanted = left.width().min(usize::from(row.width) / 2) + 2;
        let room = usize::from(row.width).saturating_sub(wanted);
        let facts = [(true, true), (false, true), (false, false)]
            .into_iter()
            .map(|(label, facts)| about(look, connection, label, facts))
            .find(|run| run.width() <= room);
        if let Some(facts) = facts {
            rest = facts.draw_right(buf, look, row);
            rest.width = rest.width.saturating_sub(1);
        }
    } else {
        left = left.own("vector databases in a terminal", theme.dim);
    }
    tint(buf, row, theme.text);
    left.draw(buf, look, rest);
}

/// `● prod 12 ms · qdrant 1.18.3 · production · read-only`
fn about(look: &Look, connection: &Connection, label: bool, facts: bool) -> Run {
    let theme = &look.theme;
    let style = theme.role(health::role(&connection.health.state));
    let dot = || Run::new().own(format!(" {} ", look.set.dot), theme.dim);
    let mut run = Run::new().join(glyph(look, &connection.health.state));
    if label {
        run = run.gap(1).data(look, &connection.label, 24, theme.text);
    }
    run = run.gap(1).data(look, &health::word_in(&connection.health, 32), 32, style);
    if facts && let Some(server) = &connection.server {
        run = run.join(dot()).data(look, &format!("{} {}", server.product, server.version), 28, theme.dim);
    }
    // In words too: not everybody sees red.
    match connection.environment {
        Environment::Production => run = run.join(dot()).own("production", theme.danger),
        Environment::Staging => run = run.join(dot()).own("staging", theme.warn),
        Environment::Dev => {}
    }
    match connection.access.window_s {
        Some(_) => run = run.join(dot()).own("WRITABLE", theme.danger),
        None if connection.access.is_read_only() => run = run.join(dot()).own("read-only", theme.badge),
        None => {}
    }
    if connection.insecure {
        run = run.join(dot()).own("insecure", theme.danger);
    }
    if connection.key.plain {
        run = run.join(dot()).own("key in plain text", theme.danger);
    }
    run.gap(1)
}

/// The glyph of a state, with the spinner beside it while something runs.
pub fn glyph(look: &Look, state: &HealthState) -> Run {
    let style = look.theme.role(health::role(state));
    let run = Run::new().own(health::glyph(state, look.ascii(), look.frame), style);
    match health::spinner(state, look.ascii(), look.frame) {
        Some(spinner) => run.own(spinner, style),
        None => run,
    }
}

/// The mark of a connection whose server may be anybody; nothing where certificates are checked.
pub fn insecure(look: &Look, insecure: bool) -> Run {
    if insecure { Run::new().own(" !TLS", look.theme.danger) } else { Run::new() }
}

/// The group of the profile that a connection was opened from.
pub fn group_of<'a>(state: &'a AppState, connection: &Connection) -> &'a str {
    profile_of(state, connection).map_or("", |p| p.group.as_str())
}

/// The profile that a connection was opened from.
pub fn profile_of<'a>(state: &'a AppState, connection: &Connection) -> Option<&'a ProfileSummary> {
    let OpenSource::Profile(id) = connection.source else { return None };
    state.profiles.list.iter().find(|p| p.id == id)
}
