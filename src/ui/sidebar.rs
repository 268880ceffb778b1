//! The sidebar: groups, connections, collections.

use ratatui::buffer::Buffer;
use ratatui::style::Style;

use super::paint::{Look, Run, put, row, tint};
use super::title;
use super::widgets::frame::Border;
use super::widgets::{keys, numbers, scrollbar};
use crate::app::action::Action;
use crate::app::connections::Connection;
use crate::app::geometry::Area;
use crate::app::profiles::ProfileSummary;
use crate::app::sidebar::{SidebarItem, SidebarRow};
use crate::app::state::{AppState, Focus};
use crate::connection::health::{self, HealthState};
use crate::profile::model::{Environment, KeyFacts};
use crate::provider::Access;

/// Narrowest room of a name before what stands behind it gives way.
const NAME: usize = 10;

/// Draws it with its border.
pub fn draw(buf: &mut Buffer, look: &Look, state: &AppState, area: Area) {
    let focused = state.focus == Focus::Sidebar;
    let theme = &look.theme;
    let mut title = Run::new().own("Connections", if focused { theme.strong } else { theme.dim });
    if state.sidebar.found.is_some() {
        title = title.own(" /", theme.dim).data(look, &state.sidebar.sought, 16, theme.warn);
    }
    let open = state.connections.len();
    let mut border = Border::titled(title);
    if open > 0 {
        border.count = Run::new().own(format!("{open} open"), theme.dim);
    }
    let inner = border.draw(buf, look, area, focused);
    let rows = state.sidebar.rows(state);
    let list = state.sidebar.list;
    for (i, item) in rows.iter().enumerate().skip(list.top).take(usize::from(inner.height)) {
        let line = row(inner, i - list.top);
        let selected = i == list.selected;
        if selected && focused {
            tint(buf, line, theme.selected);
        }
        let (left, right) = parts(look, state, item, usize::from(line.width).saturating_sub(1));
        let dress = |run: Run| match (selected, focused) {
            (true, true) => run.uniform(theme.selected),
            _ => run,
        };
        let rest = dress(right).draw_right(buf, look, line);
        dress(left).draw(buf, look, super::paint::after(rest, 1));
        if selected {
            let style = if focused { theme.selected } else { theme.accent };
            put(buf, line.x, line.y, line.x + 1, look.set.bar, style);
        }
    }
    if rows.is_empty() && state.sidebar.found.is_some() {
        Run::new().gap(2).own("nothing matches", theme.dim).draw(buf, look, row(inner, 0));
        let keys = keys::anywhere(state, Action::FindProfile);
        let mend = Run::new().gap(2).data(look, &keys, 12, theme.accent).own(" looks for something else", theme.dim);
        mend.draw(buf, look, row(inner, 1));
    }
    scrollbar::draw(buf, look, inner, list.top, rows.len(), focused);
}

fn parts(look: &Look, state: &AppState, item: &SidebarRow, room: usize) -> (Run, Run) {
    let theme = &look.theme;
    let indent = Run::new().gap((item.depth * 2).min(room / 3));
    match &item.item {
        SidebarItem::Group { path, expanded } => {
            let name = path.rsplit('/').next().unwrap_or(path);
            let fold = if *expanded { look.set.open } else { look.set.closed };
            (indent.own(fold, theme.dim).gap(1).data(look, name, room, theme.strong), Run::new())
        }
        SidebarItem::Connection(id) => match state.connection(*id) {
            Some(connection) => connection_line(look, state, connection, indent, room),
            None => (indent, Run::new()),
        },
        SidebarItem::Collection { connection, name } => {
            let here = state.active_pane().is_some_and(|pane| {
                pane.connection == Some(*connection) && pane.view().collection() == Some(name.as_str())
            });
            let count = state.connection(*connection).and_then(|c| c.collection(name)).and_then(|c| c.count);
            let left = indent.gap(2);
            let space = room.saturating_sub(left.width() + NAME + 1);
            let count = count.map_or(String::new(), |count| numbers::count(count, space.min(9)));
            let right = Run::new().gap(1).own(count, theme.dim);
            let style = if here { theme.accent } else { theme.text };
            (left.data(look, name, room, style), right)
        }
        SidebarItem::CollectionsNote { text, .. } => (indent.gap(2).data(look, text, room, theme.dim), Run::new()),
        SidebarItem::Profile(id) => match state.profiles.list.iter().find(|p| p.id == *id) {
            Some(profile) => profile_line(look, profile, indent, room),
            None => (indent, Run::new()),
        },
        SidebarItem::Demo => (
            indent.gap(2).own(look.set.idle, theme.dim).gap(1).own("demo", theme.text),
            Run::new().own("sample data", theme.dim),
        ),
        SidebarItem::Store(note) => {
            (indent.gap(2).own(look.set.note, theme.warn).gap(1).data(look, note, room, theme.warn), Run::new())
        }
    }
}

fn name_style(look: &Look, environment: Environment, color: Option<&str>) -> Style {
    look.theme.mark(environment, color).unwrap_or(look.theme.text)
}

/// `1 ● prod qdrant RO        12 ms`; the maker gives way first, then the word is cut.
fn connection_line(look: &Look, state: &AppState, connection: &Connection, indent: Run, room: usize) -> (Run, Run) {
    let theme = &look.theme;
    let number = state.number_of(connection.id).filter(|n| *n <= 9).map_or(" ".to_owned(), |n| n.to_string());
    let state_of = &connection.health.state;
    let favourite = title::profile_of(state, connection).is_some_and(|profile| profile.favourite);
    let star = if favourite { "*" } else { " " };
    let start = indent.own(number, theme.accent).own(star, theme.warn).join(title::glyph(look, state_of)).gap(1);
    let badges = badges(look, connection.access, connection.insecure, connection.key);
    let name = crate::text::SafeText::head(&connection.label, room, look.glyphs).width();
    let fixed = start.width() + badges.width();
    let word_room = room.saturating_sub(fixed + name.min(NAME) + 1);
    // While it runs the footer tells what; here latency stays, so that the line does not jump.
    let word = match (state_of, connection.health.latency) {
        (HealthState::Active { .. }, Some(latency)) => health::latency_word(latency),
        _ => health::word_in(&connection.health, word_room),
    };
    let right = if word_room < 3 {
        Run::new()
    } else {
        Run::new().gap(1).data(look, &word, word_room, theme.role(health::role(state_of)))
    };
    let name_room = room.saturating_sub(fixed + right.width());
    let maker = connection.kind.name();
    let spare = name_room.saturating_sub(name);
    let style = name_style(look, connection.environment, connection.color.as_deref());
    let mut left = start.own(title::short(look, &connection.label, name_room), style);
    if spare > maker.len() {
        left = left.gap(1).own(maker, theme.dim);
    }
    (left.join(badges), right)
}

fn profile_line(look: &Look, profile: &ProfileSummary, indent: Run, room: usize) -> (Run, Run) {
    let theme = &look.theme;
    let badges = badges(look, Access::locked(profile.lock), profile.insecure, profile.key);
    let start = if profile.favourite { indent.own("*", theme.warn) } else { indent.gap(1) };
    let start = start.gap(1).own(look.set.idle, theme.dim).gap(1);
    let name_room = room.saturating_sub(start.width() + badges.width());
    let style = name_style(look, profile.environment, profile.color.as_deref());
    let left = start.data(look, &profile.name, name_room, style).join(badges);
    let maker = profile.kind.name();
    let right = if left.width() + maker.len() < room { Run::new().own(maker, theme.dim) } else { Run::new() };
    (left, right)
}

/// `RO` for what cannot be written to, `RW` while a write window is open; nothing where neither says something.
pub(super) fn access_badge(look: &Look, access: Access) -> Run {
    match access.window_s {
        Some(_) => Run::new().own(" RW", look.theme.danger),
        None if access.is_read_only() => Run::new().own(" RO", look.theme.badge),
        None => Run::new(),
    }
}

fn badges(look: &Look, access: Access, insecure: bool, key: KeyFacts) -> Run {
    let mut run = access_badge(look, access).join(title::insecure(look, insecure));
    if key.plain {
        run = run.own(" !KEY", look.theme.danger);
    }
    run
}
