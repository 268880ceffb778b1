//! A scrollbar on the right border.

use ratatui::buffer::Buffer;

use crate::app::geometry::Area;
use crate::ui::paint::{Look, put};

/// Draws the moving part on the column right of `rows`; nothing where all is in sight.
pub fn draw(buf: &mut Buffer, look: &Look, rows: Area, top: usize, len: usize, focused: bool) {
    let height = usize::from(rows.height);
    if height == 0 || len <= height {
        return;
    }
    let size = (height * height / len).max(1);
    let way = len - height;
    // The ends are reached only at the ends.
    let at = match top.min(way) {
        0 => 0,
        top if top == way => height - size,
        top => (top * (height - size) / way)
            .clamp(usize::from(height - size > 1), (height - size).saturating_sub(1).max(0)),
    };
    let x = rows.x.saturating_add(rows.width);
    let style = if focused { look.theme.focus } else { look.theme.border };
    for i in at..at + size {
        let y = rows.y.saturating_add(u16::try_from(i).unwrap_or(u16::MAX));
        put(buf, x, y, x.saturating_add(1), look.set.thumb, style);
    }
}
