//! The line of tabs.

use ratatui::buffer::Buffer;
use ratatui::style::{Modifier, Style};

use super::paint::{Look, Run, before, tint};
use super::title;
use crate::app::connections::Connection;
use crate::app::geometry::{Area, tab_areas};
use crate::app::panes::Tab;
use crate::app::state::AppState;
use crate::connection::health;

/// Draws it, each tab in its place.
pub fn draw(buf: &mut Buffer, look: &Look, state: &AppState, row: Area) {
    for ((i, tab), area) in state.tabs.iter().enumerate().zip(tab_areas(state, row)) {
        let space = before(area, 1);
        let run = one(look, state, tab, usize::from(space.width));
        if i == state.tab {
            let mark = tab.connection.and_then(|id| state.connection(id)).and_then(|c| mark(look, c));
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

fn one(look: &Look, state: &AppState, tab: &Tab, width: usize) -> Run {
    let theme = &look.theme;
    let connection = tab.connection.and_then(|id| state.connection(id));
    let shown = state.panes.get(&tab.focus);
    let collection = shown.filter(|pane| pane.connection == tab.connection).and_then(|pane| pane.view().collection());
    let mut run = Run::new().gap(1);
    match connection {
        Some(connection) => {
            if let Some(number) = state.number_of(connection.id).filter(|n| *n <= 9) {
                run = run.own(format!("{number} "), theme.dim);
            }
            let color = mark(look, connection).unwrap_or(theme.text);
            run = run
                .own(
                    health::glyph(&connection.health.state, look.ascii(), look.frame),
                    theme.role(health::role(&connection.health.state)),
                )
                .gap(1);
            // The mark is seen also where the name is cut.
            let insecure = title::insecure(look, connection.insecure);
            let room = width.saturating_sub(run.width() + insecure.width() + 1).min(20);
            run = run.own(title::short(look, &connection.label, room), color).join(insecure);
        }
        None => {
            let log = matches!(shown.map(crate::app::panes::Pane::view), Some(crate::app::view::View::Log(_)));
            run = run.own(if log { "log" } else { "start" }, theme.text);
        }
    }
    if let Some(collection) = collection {
        run = run.own(format!(" {} ", look.set.path), theme.dim).data(look, collection, 24, theme.text);
    }
    if tab.zoomed {
        run = run.own(" zoomed", theme.warn);
    }
    run.gap(1)
}
