//! The sidebar: groups, connections, collections.

use ratatui::buffer::Buffer;
use ratatui::style::Style;

use super::paint::{Look, Run, put, row, tint};
use super::widgets::frame::Border;
use super::widgets::{keys, numbers, scrollbar};
use super::{names, title};
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

/// Narrowest room in which the word of a state is drawn.
const WORD: usize = 3;

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
    let visible = rows.iter().enumerate().skip(list.top).take(usize::from(inner.height));
    let room = usize::from(inner.width).saturating_sub(1);
    let lines: Vec<(usize, Line<'_>)> = visible.map(|(i, item)| (i, line_of(look, state, item, room))).collect();
    // Names that are seen together are told apart.
    let names: Vec<(&str, usize)> = lines.iter().map(|(_, line)| (line.name, line.room)).collect();
    for ((i, line), name) in lines.iter().zip(names::apart(look, &names)) {
        let place = row(inner, i - list.top);
        let selected = *i == list.selected;
        if selected && focused {
            tint(buf, place, theme.selected);
        }
        let dress = |run: Run| match (selected, focused) {
            (true, true) => run.uniform(theme.selected),
            _ => run,
        };
        let left = line.before.clone().own(name, line.style).join(line.behind.clone());
        let rest = dress(line.right.clone()).draw_right(buf, look, place);
        dress(left).draw(buf, look, super::paint::after(rest, 1));
        if selected {
            let style = if focused { theme.selected } else { theme.accent };
            put(buf, place.x, place.y, place.x + 1, look.set.bar, style);
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

/// A row: what stands before, behind and at the right of a name, and how much room that leaves for the name.
struct Line<'a> {
    before: Run,
    name: &'a str,
    room: usize,
    style: Style,
    behind: Run,
    right: Run,
}

impl Line<'_> {
    /// A row without a name that could be cut.
    fn plain(left: Run, right: Run) -> Self {
        Self { before: left, name: "", room: 0, style: Style::new(), behind: Run::new(), right }
    }
}

fn line_of<'a>(look: &Look, state: &'a AppState, item: &'a SidebarRow, room: usize) -> Line<'a> {
    let theme = &look.theme;
    let indent = Run::new().gap((item.depth * 2).min(room / 3));
    match &item.item {
        SidebarItem::Group { path, expanded } => {
            let name = path.rsplit('/').next().unwrap_or(path);
            let fold = if *expanded { look.set.open } else { look.set.closed };
            Line::plain(indent.own(fold, theme.dim).gap(1).data(look, name, room, theme.strong), Run::new())
        }
        SidebarItem::Connection(id) => match state.connection(*id) {
            Some(connection) => connection_line(look, state, connection, indent, room),
            None => Line::plain(indent, Run::new()),
        },
        SidebarItem::Collection { connection, name } => {
            let here = state.active_pane().is_some_and(|pane| {
                pane.connection == Some(*connection) && pane.view().collection() == Some(name.as_str())
            });
            let count = state.connection(*connection).and_then(|c| c.collection(name)).and_then(|c| c.count);
            let before = indent.gap(2);
            let space = room.saturating_sub(before.width() + NAME + 1);
            let count = count.map_or(String::new(), |count| numbers::count(count, space.min(9)));
            let right = Run::new().gap(1).own(count, theme.dim);
            let style = if here { theme.accent } else { theme.text };
            let room = room.saturating_sub(before.width() + right.width());
            Line { before, name: name.as_str(), room, style, behind: Run::new(), right }
        }
        SidebarItem::CollectionsNote { text, .. } => {
            Line::plain(indent.gap(2).data(look, text, room, theme.dim), Run::new())
        }
        SidebarItem::Profile(id) => match state.profiles.list.iter().find(|p| p.id == *id) {
            Some(profile) => profile_line(look, profile, indent, room),
            None => Line::plain(indent, Run::new()),
        },
        SidebarItem::Demo => Line::plain(
            indent.gap(2).own(look.set.idle, theme.dim).gap(1).own("demo", theme.text),
            Run::new().own("sample data", theme.dim),
        ),
        SidebarItem::Store(note) => {
            let sign = indent.gap(2).own(look.set.note, theme.warn).gap(1);
            Line::plain(sign.data(look, note, room, theme.warn), Run::new())
        }
    }
}

fn name_style(look: &Look, environment: Environment, color: Option<&str>) -> Style {
    look.theme.mark(environment, color).unwrap_or(look.theme.text)
}

/// `1 ● prod qdrant RO        12 ms`; the maker gives way first, then the word is cut. A latency is whole or left out:
/// the beginning of a number is another number.
fn connection_line<'a>(
    look: &Look,
    state: &AppState,
    connection: &'a Connection,
    indent: Run,
    room: usize,
) -> Line<'a> {
    let theme = &look.theme;
    let number = state.number_of(connection.id).filter(|n| *n <= 9).map_or(" ".to_owned(), |n| n.to_string());
    let state_of = &connection.health.state;
    let favourite = title::profile_of(state, connection).is_some_and(|profile| profile.favourite);
    let star = if favourite { "*" } else { " " };
    let before = indent.own(number, theme.accent).own(star, theme.warn).join(title::glyph(look, state_of)).gap(1);
    let badges = badges(look, connection.access, connection.insecure, connection.key);
    let name = crate::text::SafeText::head(&connection.label, room, look.glyphs).width();
    let fixed = before.width() + badges.width();
    let word_room = room.saturating_sub(fixed + name.min(NAME) + 1);
    // While it runs the footer tells what; here latency stays, so that the line does not jump.
    let word = match (state_of, connection.health.latency) {
        (HealthState::Active { .. }, Some(latency)) => health::latency_word(latency),
        _ => health::word_in(&connection.health, word_room),
    };
    let is_number = connection.health.latency.is_some()
        && matches!(state_of, HealthState::Idle | HealthState::Active { .. } | HealthState::Slow);
    let least = if is_number { crate::text::columns(&word) } else { WORD };
    let right = if word_room < least {
        Run::new()
    } else {
        Run::new().gap(1).data(look, &word, word_room, theme.role(health::role(state_of)))
    };
    let name_room = room.saturating_sub(fixed + right.width());
    let maker = connection.kind.name();
    let behind =
        if name_room.saturating_sub(name) > maker.len() { Run::new().gap(1).own(maker, theme.dim) } else { Run::new() };
    let style = name_style(look, connection.environment, connection.color.as_deref());
    Line { before, name: &connection.label, room: name_room, style, behind: behind.join(badges), right }
}

fn profile_line<'a>(look: &Look, profile: &'a ProfileSummary, indent: Run, room: usize) -> Line<'a> {
    let theme = &look.theme;
    let badges = badges(look, Access::locked(profile.lock), profile.insecure, profile.key);
    let start = if profile.favourite { indent.own("*", theme.warn) } else { indent.gap(1) };
    let before = start.gap(1).own(look.set.idle, theme.dim).gap(1);
    let name_room = room.saturating_sub(before.width() + badges.width());
    let style = name_style(look, profile.environment, profile.color.as_deref());
    let name = crate::text::SafeText::head(&profile.name, name_room, look.glyphs).width();
    let maker = profile.kind.name();
    let fits = before.width() + name + badges.width() + maker.len() < room;
    let right = if fits { Run::new().own(maker, theme.dim) } else { Run::new() };
    Line { before, name: &profile.name, room: name_room, style, behind: badges, right }
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
