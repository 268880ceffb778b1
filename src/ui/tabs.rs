//! The line of tabs.

use ratatui::buffer::Buffer;
use ratatui::style::Modifier;

use super::paint::{Look, Run};
use crate::app::geometry::Area;
use crate::app::panes::Tab;
use crate::app::state::AppState;
use crate::connection::health;

/// Draws it: the active tab is always in sight.
pub fn draw(buf: &mut Buffer, look: &Look, state: &AppState, row: Area) {
    let runs: Vec<Run> = state.tabs.iter().enumerate().map(|(i, tab)| one(look, state, tab, i == state.tab)).collect();
    let room = usize::from(row.width).saturating_sub(4);
    let mut first = 0;
    while first < state.tab
        && runs[first..=state.tab.min(runs.len() - 1)].iter().map(|r| r.width() + 1).sum::<usize>() > room
    {
        first += 1;
    }
    let mut line = Run::new().own(if first > 0 { look.set.left } else { " " }, look.theme.dim);
    let mut all = true;
    for (i, run) in runs.into_iter().enumerate().skip(first) {
        if i > first && line.width() + run.width() > room {
            all = false;
            break;
        }
        line = line.join(run).gap(1);
    }
    let rest = if all { row } else { Run::new().own(look.set.right, look.theme.dim).draw_right(buf, look, row) };
    line.draw(buf, look, rest);
}

fn one(look: &Look, state: &AppState, tab: &Tab, active: bool) -> Run {
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
            let color = theme.named(connection.color.as_deref()).unwrap_or(theme.text);
            run = run
                .own(
                    health::glyph(&connection.health.state, look.ascii(), look.frame),
                    theme.role(health::role(&connection.health.state)),
                )
                .gap(1)
                .data(look, &connection.label, 20, color);
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
    run = run.gap(1);
    if active { run.uniform(theme.strong.add_modifier(Modifier::REVERSED)) } else { run }
}
