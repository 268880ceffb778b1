//! What lies over the panes.

use ratatui::buffer::Buffer;

use super::paint::Look;
use crate::app::state::AppState;

/// Draws the overlays, the last on top; where the cursor is, if one wants it.
pub fn draw(_buf: &mut Buffer, _look: &Look, _state: &AppState) -> Option<(u16, u16)> {
    None
}
