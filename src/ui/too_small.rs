//! What is left on a screen that is too small for anything else.

use ratatui::buffer::Buffer;

use super::paint::{Look, put};
use crate::app::geometry::SMALLEST;

/// One line, as much of it as there is room for.
pub fn draw(buf: &mut Buffer, look: &Look) {
    let (area, (width, height)) = (buf.area, SMALLEST);
    let text = format!("too small: {}x{}, wants {width}x{height}", area.width, area.height);
    let room = usize::from(area.width);
    let x = area.x + area.width.saturating_sub(u16::try_from(text.len()).unwrap_or(u16::MAX)) / 2;
    put(buf, x, area.y + area.height / 2, area.right(), &look.safe(&text, room), look.theme.warn);
}
