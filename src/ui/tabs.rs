//! The line of tabs. Each is named and marked after the connection that its focused pane shows, so that a tab never
//! says one database and shows another.

use ratatui::buffer::Buffer;
use ratatui::style::{Modifier, Style};

use super::paint::{Look, Run, before, tint};
use super::{names, title};
use crate::app::connections::Connection;
use crate::app::geometry::{Area, tab_areas};
use crate::app::panes::{Pane, Tab};
use crate::app::state::AppState;
use crate::app::view::View;
use crate::app::view::tabs::{self, NAME, PATH, PRODUCTION, ZOOMED};
use crate::connection::health;
use crate::profile::model::Environment;
use crate::text::SafeText;

/// A tab of fewer columns than this has no blanks between its parts where its name is cut.
const WITH_BLANKS: usize = 12;

/// The fewest columns that the name of a collection is drawn in.
const COLLECTION: usize = 3;

/// Draws it, each tab in its place.
pub fn draw(buf: &mut Buffer, look: &Look, state: &AppState, row: Area) {
    let areas: Vec<Area> = tab_areas(state, row).into_iter().map(|area| before(area, 1)).collect();
    let labels: Vec<(&str, usize)> =
        state.tabs.iter().zip(&areas).map(|(tab, area)| label(look, state, tab, *area)).collect();
    let names = names::apart(look, &labels);
    for ((i, tab), (area, name)) in state.tabs.iter().enumerate().zip(areas.iter().zip(&names)) {
        let run = one(look, state, tab, usize::from(area.width), name);
        if i == state.tab {
            let mark = state.connection_in(tab).and_then(|c| mark(look, c));
            let style = mark.map_or(look.theme.strong, |mark| mark.add_modifier(Modifier::BOLD));
            let style = style.add_modifier(Modifier::REVERSED);
            tint(buf, *area, style);
            run.uniform(style).draw(buf, look, *area);
        } else {
            run.draw(buf, look, *area);
        }
    }
}

fn mark(look: &Look, connection: &Connection) -> Option<Style> {
    look.theme.mark(connection.environment, connection.color.as_deref())
}

/// The name of a tab's connection, and how many columns there are for it.
fn label<'a>(look: &Look, state: &'a AppState, tab: &Tab, area: Area) -> (&'a str, usize) {
    let Some(connection) = state.connection_in(tab) else { return ("", 0) };
    let width = usize::from(area.width);
    let gap = gap(look, state, tab, connection, width);
    (connection.label.as_str(), width.saturating_sub(tabs::beside_name(state, connection, gap)).min(NAME))
}

/// Blanks in a tab of that width, before, between and behind its parts: one each where nothing is cut for them.
fn gap(look: &Look, state: &AppState, tab: &Tab, connection: &Connection, width: usize) -> usize {
    let columns = |text: &str| SafeText::head(text, NAME, look.glyphs).width();
    let name = columns(&connection.label);
    let shown = state.panes.get(&tab.focus).map(Pane::view).and_then(View::collection);
    let behind = shown.map_or(0, |name| PATH + columns(name)) + if tab.zoomed { ZOOMED.len() } else { 0 };
    let fits = |gap, behind| tabs::beside_name(state, connection, gap) + name + behind <= width;
    usize::from(match fits(0, behind) {
        true => fits(1, behind),
        false => fits(1, 0) || (width >= WITH_BLANKS && !fits(0, 0)),
    })
}

fn one(look: &Look, state: &AppState, tab: &Tab, width: usize, name: &str) -> Run {
    let theme = &look.theme;
    let shown = state.panes.get(&tab.focus).map(Pane::view);
    let mut run = match state.connection_in(tab) {
        Some(connection) => {
            let gap = gap(look, state, tab, connection, width);
            let mut run = Run::new().gap(gap);
            if let Some(number) = state.number_of(connection.id).filter(|n| *n <= 9) {
                run = run.own(number.to_string(), theme.dim).gap(gap);
            }
            let color = mark(look, connection).unwrap_or(theme.text);
            let production = if connection.environment == Environment::Production { PRODUCTION } else { "" };
            run = run
                .own(
                    health::glyph(&connection.health.state, look.ascii(), look.frame),
                    theme.role(health::role(&connection.health.state)),
                )
                .gap(gap)
                .own(production, color)
                .own(name, color)
                .join(title::insecure(look, connection.insecure));
            // What has no room at all is left out: the title and the pane name it.
            let room = width.saturating_sub(run.width() + PATH);
            match shown.and_then(View::collection).filter(|_| room >= COLLECTION) {
                Some(collection) => {
                    let collection = SafeText::head(collection, NAME, look.glyphs).fit(room);
                    run.own(format!(" {} ", look.set.path), theme.dim).own(collection, theme.text)
                }
                None => run,
            }
        }
        None => Run::new().gap(usize::from(width > WITH_BLANKS / 2)).own(tabs::alone(shown), theme.text),
    };
    if tab.zoomed && run.width() + ZOOMED.len() <= width {
        run = run.own(ZOOMED, theme.warn);
    }
    run
}
