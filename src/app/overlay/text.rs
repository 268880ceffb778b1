//! A longer text in a box.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use super::wrap::wrap;
use crate::app::connections::Connection;
use crate::app::geometry::picker_area;
use crate::app::list::ListState;
use crate::app::state::AppState;
use crate::connection::health;
use crate::connection::message::ConnectionId;
use crate::provider::Support;
use crate::text::format::times;

/// What the box shows.
#[derive(Debug, Clone)]
pub enum TextContent {
    /// A connection's details, always as they are now.
    Connection(ConnectionId),
    /// A text as it is.
    Plain(String),
    /// A recovery key, shown this once.
    RecoveryKey(SecretString),
}

/// The text overlay.
#[derive(Debug, Clone)]
pub struct TextBox {
    /// Its title.
    pub title: String,
    /// What it shows.
    pub content: TextContent,
    /// Scroll.
    pub list: ListState,
}

impl TextBox {
    /// The lines, as they are now.
    pub fn lines(&self, state: &AppState) -> Vec<String> {
        match &self.content {
            TextContent::Plain(text) => text.lines().map(str::to_owned).collect(),
            TextContent::RecoveryKey(key) => recovery_lines(key, text_width(state.size)),
            TextContent::Connection(id) => match state.connection(*id) {
                Some(connection) => {
                    let way = connection.way(&state.profiles.list);
                    connection_lines(connection, way, text_width(state.size).saturating_sub(LABEL))
                }
                None => vec!["This connection is closed.".to_owned()],
            },
        }
    }
}

/// The label of the line behind which the view draws the last pings as bars.
pub const PINGS: &str = "last pings";

/// Columns of the labels of a connection's lines.
pub const LABEL: usize = 14;

/// A connection in full: health, server, what it can do and what not, and why. Texts have `width` columns.
fn connection_lines(connection: &Connection, way: Option<String>, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = |label: &str, text: String| {
        let parts = wrap(&text, width.max(1));
        lines.extend(parts.into_iter().enumerate().map(|(at, part)| {
            let label = if at == 0 { label } else { "" };
            format!("{label:<LABEL$}{part}")
        }));
    };
    line("database", format!("{} at {}", connection.kind.name(), connection.address));
    if let Some(way) = way {
        line("reached by", way);
    }
    line("health", health::word(&connection.health));
    if let Some(retry) = health::retry_word(&connection.health.state) {
        line("next attempt", retry);
    }
    if let Some(latency) = connection.health.latency {
        line("latency", format!("{:.1} ms", latency.as_secs_f64() * 1000.0));
    }
    if let Some(server) = &connection.server {
        line("server", format!("{} {}", server.product, server.version));
    }
    line("environment", connection.environment.name().to_owned());
    line("writing", connection.writing());
    if connection.insecure {
        line("TLS", "INSECURE: certificates are not checked".to_owned());
    }
    match (connection.key.plain, connection.key.asked) {
        (true, _) => line("key", "IN PLAIN TEXT: whoever listens on the way can read it".to_owned()),
        (false, true) => line("key", "asked each time, kept in memory while the connection is open".to_owned()),
        (false, false) => {}
    }
    line("connected", format!("{} in this session", times(connection.epoch.0)));
    for (label, text) in vital_lines(connection) {
        line(label, text);
    }
    if let Some(can) = &connection.capabilities {
        lines.push(String::new());
        let rows = [
            ("integer ids", &can.integer_ids),
            ("text ids", &can.text_ids),
            ("UUID ids", &can.uuid_ids),
            ("named vectors", &can.named_vectors),
            ("sparse", &can.sparse_vectors),
            ("multi-vectors", &can.multi_vectors),
            ("nested", &can.nested_payload),
            ("arrays", &can.array_payload),
            ("any keys", &can.any_keys),
            ("mixed fields", &can.mixed_fields),
            ("null", &can.null_values),
            ("big integers", &can.exact_integers),
            ("search like", &can.search_like),
            ("exact search", &can.exact_search),
            ("filter", &can.filter),
            ("write", &can.write),
        ];
        for (label, support) in rows {
            lines.push(match support {
                Support::Yes => format!("{label:<14}yes"),
                Support::No(why) => format!("{label:<14}no: {why}"),
            });
        }
    }
    lines
}

/// Latencies, uptime, attempts, losses, the last error with its chain.
fn vital_lines(connection: &Connection) -> Vec<(&'static str, String)> {
    let mut lines = Vec::new();
    if let Some(vitals) = &connection.vitals {
        if let (Some(low), Some(high)) = (vitals.latencies.iter().min(), vitals.latencies.iter().max()) {
            lines.push((PINGS, format!("{} to {}", health::latency_word(*low), health::latency_word(*high))));
        }
        if let Some(up) = vitals.up {
            lines.push(("up", long_ago(up)));
        }
        if vitals.attempts > 0 {
            lines.push(("attempts", format!("{} since it was up the last time", vitals.attempts)));
        }
        if vitals.losses > 0 {
            lines.push(("lost", format!("{} within the last 5 minutes", times(u64::from(vitals.losses)))));
        }
        if let Some(last) = &vitals.last_error {
            // The health's own error is the present one; this one may be over.
            let over = if connection.health.error.is_none() { ", over now" } else { "" };
            lines.push(("last error", format!("{} ago{over}: {}", long_ago(last.ago), last.sentence)));
            lines.extend(last.chain.iter().enumerate().map(|(depth, link)| {
                let label = if depth == 0 { "  because" } else { "" };
                (label, format!("{:depth$}{}{link}", "", if depth == 0 { "" } else { "< " }))
            }));
            return lines;
        }
    }
    if let Some(error) = &connection.health.error {
        lines.push(("last error", error.clone()));
    }
    lines
}

/// A span in words that seldom change: `less than a minute`, `12 min`, `3 h 5 min`, `2 d 4 h`.
pub fn long_ago(span: Duration) -> String {
    let minutes = span.as_secs() / 60;
    match (minutes / 1_440, minutes / 60 % 24, minutes % 60) {
        (0, 0, 0) => "less than a minute".to_owned(),
        (0, 0, minutes) => format!("{minutes} min"),
        (0, hours, minutes) => format!("{hours} h {minutes} min"),
        (days, hours, _) => format!("{days} d {hours} h"),
    }
}

/// Columns for a line of text in the box: a bar before it, the scroll bar behind it.
fn text_width(size: (u16, u16)) -> usize {
    usize::from(picker_area(size).inner().width).saturating_sub(4).max(8)
}

/// Nothing of it may be cut: the key is shown this once.
fn recovery_lines(key: &SecretString, width: usize) -> Vec<String> {
    let key = key.expose_secret();
    let parts = key.len().div_ceil(width).max(1);
    let mut lines = wrap(
        "The store of profiles was made. If the passphrase or the key file is ever lost, this recovery key opens it. \
         It is shown this once and kept nowhere:",
        width,
    );
    lines.push(String::new());
    // Bech32: ASCII, so that a byte is a character.
    let chunk = key.len().div_ceil(parts).max(1);
    lines.extend(key.as_bytes().chunks(chunk).map(|part| String::from_utf8_lossy(part).into_owned()));
    lines.push(String::new());
    if parts > 1 {
        lines.extend(wrap("The lines of the key belong together, without a blank or a line end.", width));
    }
    lines.extend(wrap(
        "Write it down or print it, and keep it away from this machine. Then close this with esc.",
        width,
    ));
    lines
}
