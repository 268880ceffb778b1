//! What lies over the panes: boxes that take the keys.

mod boxed;
mod columns;
mod confirm;
mod form;
mod help;
mod import;
mod palette;
mod picker;
mod prompt;
mod text;

use ratatui::buffer::Buffer;

use super::paint::Look;
use crate::app::overlay::Overlay;
use crate::app::state::AppState;

/// A cell of the terminal: where its cursor is wanted.
pub type Cursor = (u16, u16);

/// Draws the overlays, the last on top; where the cursor is, if that one wants it.
pub fn draw(buf: &mut Buffer, look: &Look, state: &AppState) -> Option<Cursor> {
    let mut cursor = None;
    for overlay in &state.overlays {
        cursor = match overlay {
            Overlay::Help(help) => help::draw(buf, look, state, help),
            Overlay::Palette(palette) => palette::draw(buf, look, state, palette),
            Overlay::Picker(picker) => picker::draw(buf, look, state, picker),
            Overlay::Form(form) => form::draw(buf, look, state, form),
            Overlay::Prompt(prompt) => prompt::draw(buf, look, state, prompt),
            Overlay::Secret(prompt) => prompt::draw_secret(buf, look, state, prompt),
            Overlay::Confirm(confirm) => confirm::draw(buf, look, state, confirm),
            Overlay::Columns(choice) => columns::draw(buf, look, state, choice),
            Overlay::Text(text) => text::draw(buf, look, state, text),
            Overlay::Import(import) => import::draw(buf, look, state, import),
        };
    }
    cursor
}
