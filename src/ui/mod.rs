//! The screen, as a pure function of the state: [`view`] draws all of it and changes nothing.
//!
//! `runtime` calls [`view`] once for a frame. Where things are is decided in `app::geometry`, which
//! the reducer asks too; what they say comes from `app`, keys from `keymap`; colors from [`theme`],
//! characters from [`glyphs`]. All cells are written by [`paint`].

pub mod glyphs;
pub mod paint;
pub mod theme;

mod names;
mod overlays;
mod panes;
mod sidebar;
mod status;
mod tabs;
mod title;
mod too_small;
mod widgets;

use ratatui::Frame;

use crate::app::geometry;
use crate::app::state::{AppState, Focus};
use paint::Look;

/// Draws the whole screen.
pub fn view(state: &AppState, frame: &mut Frame<'_>) {
    let look = Look::of(state);
    let buf = frame.buffer_mut();
    let Some(layout) = geometry::Frame::of(state) else {
        too_small::draw(buf, &look);
        return;
    };
    // The palette's own colors of text and ground, if the theme brings any.
    paint::tint(buf, geometry::Area::new(0, 0, state.size.0, state.size.1), look.theme.text);
    title::draw(buf, &look, state, layout.title);
    if let Some(area) = layout.sidebar {
        sidebar::draw(buf, &look, state, area);
    }
    tabs::draw(buf, &look, state, layout.tabs);
    let in_focus = state.active_tab().map(|tab| tab.focus).filter(|_| state.focus == Focus::Pane);
    for (id, area) in &layout.panes {
        if let Some(pane) = state.panes.get(id) {
            panes::draw(buf, &look, state, pane, *area, in_focus == Some(*id));
        }
    }
    for (id, area) in &layout.notes {
        panes::note(buf, &look, state, *id, *area);
    }
    for (left, right, area) in &layout.gutters {
        panes::gutter(buf, &look, state, &layout, (*left, *right), *area);
    }
    if layout.panes.is_empty() {
        panes::nothing(
            buf,
            &look,
            state,
            geometry::Area {
                y: layout.tabs.y + layout.tabs.height,
                height: layout.status.y.saturating_sub(layout.tabs.y + layout.tabs.height),
                ..layout.tabs
            },
        );
    }
    status::draw(buf, &look, state, layout.status);
    let size = frame.area();
    if let Some((x, y)) = overlays::draw(frame.buffer_mut(), &look, state)
        && x < size.width
        && y < size.height
    {
        frame.set_cursor_position((x, y));
    }
}
