//! What a pane says instead of data, or beside it: empty, loading, failed.

use ratatui::buffer::Buffer;
use ratatui::style::Style;

use super::Scene;
use crate::app::action::Action;
use crate::app::connections::Connection;
use crate::app::geometry::Area;
use crate::app::overlay::text::long_ago;
use crate::app::state::AppState;
use crate::connection::health::{self, HealthState};
use crate::text::format;
use crate::ui::paint::{Look, Run, clear, put, row};
use crate::ui::title;
use crate::ui::widgets::{keys, sparkline};

/// A few lines in the middle of an area, left-aligned among each other.
pub fn centered(buf: &mut Buffer, look: &Look, area: Area, lines: &[Run]) {
    let area = Area { width: area.width.saturating_sub(1), ..area };
    let width = lines.iter().map(Run::width).max().unwrap_or(0).min(usize::from(area.width));
    let width = u16::try_from(width).unwrap_or(area.width);
    let height = u16::try_from(lines.len()).unwrap_or(area.height).min(area.height);
    // A little above the middle looks like the middle.
    let top = (area.height - height) * 2 / 5;
    let left = ((area.width - width) / 2).max(2.min(area.width));
    for (i, line) in lines.iter().take(usize::from(height)).enumerate() {
        let place =
            Area { x: area.x + left, width: area.width.saturating_sub(left), ..row(area, usize::from(top) + i) };
        line.draw(buf, look, place);
    }
}

/// `key  words`, for the keys that fill a pane.
pub fn key_line(scene: &Scene<'_>, action: Action, words: &str, width: usize) -> Run {
    let key = keys::anywhere(scene.state, action);
    let pad = width.saturating_sub(crate::text::columns(&key));
    Run::new().data(scene.look, &key, 24, scene.look.theme.accent).gap(pad + 2).own(words, scene.look.theme.dim)
}

/// Nothing is there: a headline and the keys that change that.
pub fn empty(buf: &mut Buffer, scene: &Scene<'_>, area: Area, headline: &str, keys: &[(Action, &str)]) {
    let width = keys.iter().map(|(action, _)| keys::anywhere(scene.state, *action).len()).max().unwrap_or(0).min(24);
    let mut lines = vec![Run::new().data(scene.look, headline, 80, scene.look.theme.text), Run::new()];
    lines.extend(keys.iter().map(|(action, words)| key_line(scene, *action, words, width)));
    centered(buf, scene.look, area, &lines);
}

/// The first answer is under way.
pub fn loading(buf: &mut Buffer, scene: &Scene<'_>, area: Area, what: &str) {
    let theme = &scene.look.theme;
    let lines = [
        Run::new().own(scene.look.spin(), theme.info).gap(1).data(scene.look, what, 80, theme.text),
        Run::new(),
        key_line(scene, Action::CancelRequest, "cancel", 0),
    ];
    centered(buf, scene.look, area, &lines);
}

/// It failed and there is nothing older to show: cause and mend in full, and the key to try again.
pub fn failed(buf: &mut Buffer, scene: &Scene<'_>, area: Area, headline: &str, error: &str, retry: Action) {
    let theme = &scene.look.theme;
    let headline = Run::new().own(scene.look.set.fail, theme.danger).gap(1).own(headline, theme.danger);
    // Where it is the connection that failed, and not a question, the doctor helps.
    let keys = [(retry, "try again"), (Action::Doctor, "find out why, step by step")];
    let keys = if retry == Action::CheckConnection { &keys[..] } else { &keys[..1] };
    explained(buf, scene, area, headline, error, keys);
}

/// A headline, a sentence in full, and the keys that help. A low pane gives up the empty rows first, then the end of
/// the sentence; the keys stay.
pub fn explained(buf: &mut Buffer, scene: &Scene<'_>, area: Area, headline: Run, text: &str, keys: &[(Action, &str)]) {
    let theme = &scene.look.theme;
    let width = usize::from(area.width).saturating_sub(6).clamp(1, 72);
    let free = usize::from(area.height).saturating_sub(1 + keys.len());
    let sentence = scene.look.wrap(text, width, free.max(1));
    let gap = sentence.len() + 2 <= free;
    let mut lines = vec![headline];
    lines.extend(gap.then(Run::new));
    lines.extend(sentence.into_iter().take(free).map(|line| Run::new().own(line, theme.text)));
    lines.extend(gap.then(Run::new));
    lines.extend(keys.iter().map(|(key, words)| key_line(scene, *key, words, 0)));
    centered(buf, scene.look, area, &lines);
}

/// What the linked panes ask does not fit here: why.
pub fn unfit(buf: &mut Buffer, scene: &Scene<'_>, area: Area, why: &str) {
    let theme = &scene.look.theme;
    let width = usize::from(area.width).saturating_sub(6).clamp(1, 72);
    let mut lines =
        vec![Run::new().own(scene.look.set.warn, theme.warn).gap(1).own("Not searched", theme.warn), Run::new()];
    let most = usize::from(area.height).saturating_sub(4).max(1);
    let why = why.strip_prefix("not searched: ").unwrap_or(why);
    lines.extend(scene.look.wrap(why, width, most).into_iter().map(|line| Run::new().own(line, theme.text)));
    lines.push(Run::new());
    lines.push(key_line(scene, Action::Back, "back in all linked panes", 0));
    centered(buf, scene.look, area, &lines);
}

/// It failed, and older data stays in sight: some lines over the data, away from the selected row.
pub fn banner(buf: &mut Buffer, scene: &Scene<'_>, area: Area, selected: usize, error: &str, retry: Action) {
    let look = scene.look;
    let theme = &look.theme;
    let room = usize::from(area.width).saturating_sub(4);
    let mut lines = look.wrap(error, room, usize::from(area.height).saturating_sub(2).min(3));
    let key = format!("{} tries again", keys::anywhere(scene.state, retry));
    // The key goes behind the last line where it fits.
    let fits = lines.last().is_some_and(|line| crate::text::columns(line) + 3 + key.len() <= room);
    if !fits {
        lines.push(String::new());
    }
    let height = u16::try_from(lines.len()).unwrap_or(0).min(area.height);
    let at_top = selected + usize::from(height) >= usize::from(area.height);
    let top = if at_top { 0 } else { usize::from(area.height - height) };
    let space = Area { y: row(area, top).y, height, ..area };
    clear(buf, space, theme.text);
    for (i, line) in lines.iter().enumerate().take(usize::from(height)) {
        let mut run = Run::new();
        run = if i == 0 { run.own(look.set.fail, theme.danger).gap(1) } else { run.gap(2) };
        run = run.own(line.as_str(), theme.danger);
        if i + 1 == lines.len() {
            run = run.gap(if line.is_empty() { 0 } else { 3 }).data(look, &key, 30, theme.accent);
        }
        run.draw(buf, look, Area { x: area.x + 1, width: area.width.saturating_sub(1), ..row(space, i) });
    }
}

/// A faint line for a record that is not read yet.
pub fn unread(buf: &mut Buffer, look: &Look, line: Area) {
    let text = look.set.blank.repeat(usize::from(line.width).saturating_sub(4).min(12));
    put(buf, line.x + 2, line.y, line.x.saturating_add(line.width), &text, look.theme.dim);
}

/// Rows of one thing about a connection.
const FACT: usize = 6;

/// All about a connection: label and text of each line. What is longer than `room` goes on in lines without a label.
pub(super) fn lines_of_connection(
    look: &Look,
    state: &AppState,
    connection: &Connection,
    room: usize,
) -> Vec<(String, Run)> {
    let theme = &look.theme;
    let role = theme.role(health::role(&connection.health.state));
    let most = 200;
    let plain = |text: &str| Run::new().data(look, text, most, theme.text);
    let mut lines = Vec::new();
    let said = match (&connection.health.state, connection.health.latency) {
        // The latency has a line of its own.
        (HealthState::Idle, Some(_)) => "connected".to_owned(),
        _ => health::word(&connection.health),
    };
    let mut word = title::glyph(look, &connection.health.state).gap(1).data(look, &said, most, role);
    if matches!(connection.health.state, HealthState::Failed { .. })
        && let Some(retry) = health::retry_word(&connection.health.state)
    {
        word = word.own(format!(", {retry}"), theme.dim);
    }
    lines.push(("health".to_owned(), word));
    if let Some(latency) = connection.health.latency {
        let bars = pings(look, connection, 24);
        lines.push(("latency".to_owned(), plain(&format::duration(latency)).join(bars)));
    }
    let mut line = |label: &str, text: &str, style: Style| {
        let rows = look.wrap(text, room, FACT).into_iter().enumerate();
        let label = |i| if i == 0 { label.to_owned() } else { String::new() };
        lines.extend(rows.map(|(i, text)| (label(i), Run::new().own(text, style))));
    };
    if let Some(up) = connection.vitals.as_ref().and_then(|vitals| vitals.up) {
        line("up", &long_ago(up), theme.text);
    }
    line("kind", connection.kind.name(), theme.text);
    line("address", &connection.address, theme.text);
    if let Some(way) = connection.way(&state.profiles.list) {
        line("reached by", &way, theme.text);
    }
    let server = connection.server.as_ref().map(|s| format!("{} {}", s.product, s.version));
    match &server {
        Some(server) => line("server", server, theme.text),
        None => line("server", "not known yet", theme.dim),
    }
    let group = title::group_of(state, connection);
    if !group.is_empty() {
        line("group", group, theme.text);
    }
    let profile = title::profile_of(state, connection);
    if let Some(notes) = profile.map(|p| p.notes.as_str()).filter(|notes| !notes.is_empty()) {
        line("notes", notes, theme.text);
    }
    if let Some(tags) = profile.map(|p| p.tags.join(", ")).filter(|tags| !tags.is_empty()) {
        line("tags", &tags, theme.text);
    }
    line("environment", connection.environment.name(), environment_style(look, connection));
    if connection.access.lock.is_some() {
        let style = if connection.access.is_read_only() { theme.badge } else { theme.danger };
        line("writing", &connection.writing(), style);
    }
    if connection.insecure {
        line("TLS", "insecure: certificates are not checked", theme.danger);
    }
    if connection.key.plain {
        line("key", "travels unencrypted: others can read it", theme.danger);
    }
    if let Some(list) = &connection.collections.value {
        line("collections", &format::exact(list.len() as u64), theme.text);
    }
    lines
}

/// The last pings as bars, as many as fit; nothing where there is no course to see.
pub fn pings(look: &Look, connection: &Connection, room: usize) -> Run {
    let Some(vitals) = connection.vitals.as_ref().filter(|vitals| vitals.latencies.len() > 1) else {
        return Run::new();
    };
    let from = vitals.latencies.len().saturating_sub(room);
    let values: Vec<f32> = vitals.latencies.iter().skip(from).map(std::time::Duration::as_secs_f32).collect();
    Run::new().gap(2).own(sparkline::bars(&values, room, look.set), look.theme.vector)
}

fn environment_style(look: &Look, connection: &Connection) -> Style {
    match connection.environment {
        crate::profile::model::Environment::Production => look.theme.danger,
        _ => look.theme.text,
    }
}
