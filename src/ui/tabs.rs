//! The line of tabs. Each is named and marked after the connection that its focused pane shows, so that a tab never
//! says one database and shows another.

use ratatui::buffer::Buffer;
use ratatui::style::{Modifier, Style};

use super::paint::{Look, Run, before, tint};
use super::title;
use crate::app::connections::Connection;
use crate::app::geometry::{Area, tab_areas};
use crate::app::panes::{Pane, Tab};
use crate::app::state::AppState;
use crate::app::view::View;
use crate::connection::health;
use crate::profile::model::Environment;
use crate::text::SafeText;

/// Widest that a connection's name is.
const NAME: usize = 20;

/// A name of fewer columns than this needs those of the blanks, too.
const NARROW: usize = 6;

/// What marks production in the line of tabs: not everybody sees red, and a tab is too narrow for the word.
const PRODUCTION: &str = "!";

/// Draws it, each tab in its place.
pub fn draw(buf: &mut Buffer, look: &Look, state: &AppState, row: Area) {
    let areas = tab_areas(state, row);
    let width = areas.first().map_or(0, |area| usize::from(before(*area, 1).width));
    let names = names(look, state, width);
    for (i, (tab, area)) in state.tabs.iter().zip(areas).enumerate() {
        let space = before(area, 1);
        let connection = state.connection_in(tab);
        let run = one(look, state, tab, width, names.get(i).map_or("", String::as_str));
        if i == state.tab {
            let mark = connection.and_then(|c| mark(look, c));
            let style = mark.map_or(look.theme.strong, |mark| mark.add_modifier(Modifier::BOLD));
            let style = style.add_modifier(Modifier::REVERSED);
            tint(buf, space, style);
            run.uniform(style).draw(buf, look, space);
        } else {
            run.draw(buf, look, space);
        }
    }
}

fn mark(look: &Look, connection: &Connection) -> Option<Style> {
    look.theme.mark(connection.environment, connection.color.as_deref())
}

fn production(connection: &Connection) -> &'static str {
    if connection.environment == Environment::Production { PRODUCTION } else { "" }
}

/// Blanks in a tab of that width: before, between and after its parts.
fn gap(width: usize) -> usize {
    usize::from(width >= 6 + NARROW)
}

/// Columns for the name of a connection in a tab of that width: without number, glyph, blanks.
fn room(look: &Look, connection: &Connection, width: usize) -> usize {
    // The marks are seen also where the name is cut.
    let marks = production(connection).len() + title::insecure(look, connection.insecure).width();
    width.saturating_sub(2 + 4 * gap(width) + marks).min(NAME)
}

fn one(look: &Look, state: &AppState, tab: &Tab, width: usize, name: &str) -> Run {
    let theme = &look.theme;
    let shown = state.panes.get(&tab.focus).map(Pane::view);
    let gap = gap(width);
    let mut run = Run::new().gap(gap);
    match state.connection_in(tab) {
        Some(connection) => {
            if let Some(number) = state.number_of(connection.id).filter(|n| *n <= 9) {
                run = run.own(number.to_string(), theme.dim).gap(gap);
            }
            let color = mark(look, connection).unwrap_or(theme.text);
            run = run
                .own(
                    health::glyph(&connection.health.state, look.ascii(), look.frame),
                    theme.role(health::role(&connection.health.state)),
                )
                .gap(gap)
                .own(production(connection), color)
                .own(name, color)
                .join(title::insecure(look, connection.insecure));
            if let Some(collection) = shown.and_then(View::collection) {
                run = run.own(format!(" {} ", look.set.path), theme.dim).data(look, collection, 24, theme.text);
            }
        }
        None => {
            let log = matches!(shown, Some(View::Log(_)));
            run = run.own(if log { "log" } else { "start" }, theme.text);
        }
    }
    if tab.zoomed {
        run = run.own(" zoomed", theme.warn);
    }
    run.gap(gap)
}

/// The name of each tab's connection, cut where it must be so that different names stay different.
fn names(look: &Look, state: &AppState, width: usize) -> Vec<String> {
    let open: Vec<Option<&Connection>> = state.tabs.iter().map(|tab| state.connection_in(tab)).collect();
    let labels: Vec<&str> = open.iter().map(|c| c.map_or("", |c| c.label.as_str())).collect();
    let rooms = open.iter().map(|c| c.map_or(0, |c| room(look, c, width)));
    let of = |cut: &dyn Fn(&str, usize) -> String| -> Vec<String> {
        labels.iter().zip(rooms.clone()).map(|(label, room)| cut(label, room)).collect()
    };
    let names = of(&|label, room| title::short(look, label, room));
    let confused = |(i, label): (usize, &&str)| (0..i).any(|j| labels[j] != *label && names[j] == names[i]);
    if labels.iter().enumerate().any(confused) {
        return of(&|label, room| from_difference(look, label, &labels, room));
    }
    names
}

/// A name from where it differs from every other one, or from further ahead where there is room.
fn from_difference(look: &Look, label: &str, labels: &[&str], room: usize) -> String {
    let whole = SafeText::head(label, 400, look.glyphs);
    let width = whole.width();
    if width <= room {
        return whole.fit(room);
    }
    let others = labels.iter().filter(|other| **other != label);
    let same = others.map(|other| alike(label, other)).max().unwrap_or(0);
    let same = label.get(..same).map_or(0, |same| SafeText::head(same, 400, look.glyphs).width());
    // In a very narrow tab a letter says more than the mark of a cut.
    let marked = room >= NARROW;
    let start = same.min(width - room + usize::from(marked));
    let rest = whole.slice(start, width - start);
    let rest = |room: usize| match marked {
        true => SafeText::with(&rest, look.glyphs).fit(room),
        false => SafeText::with(&rest, look.glyphs).slice(0, room),
    };
    match (marked, start) {
        (true, 1..) => format!("{}{}", look.glyphs.ellipsis(), rest(room - 1)),
        _ => rest(room),
    }
}

/// Bytes that two texts have in common at their beginning.
fn alike(one: &str, other: &str) -> usize {
    let both = one.chars().zip(other.chars());
    both.take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum()
}
