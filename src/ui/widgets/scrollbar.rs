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
    let (at, size) = thumb(height, top, len);
    let x = rows.x.saturating_add(rows.width);
    let style = if focused { look.theme.focus } else { look.theme.border };
    for i in at..at + size {
        let y = rows.y.saturating_add(u16::try_from(i).unwrap_or(u16::MAX));
        put(buf, x, y, x.saturating_add(1), look.set.thumb, style);
    }
}

/// First row and rows of the moving part, for more lines than rows.
fn thumb(height: usize, top: usize, len: usize) -> (usize, usize) {
    let size = (height * height / len.max(1)).clamp(1, height.max(1));
    let (way, room) = (len.saturating_sub(height), height.saturating_sub(size));
    // The ends are reached only at the ends.
    let at = match top {
        0 => 0,
        top if top >= way => room,
        top => (top * room / way).clamp(usize::from(room > 1), room.saturating_sub(1)),
    };
    (at, size)
}

#[cfg(test)]
mod tests {
    use super::thumb;

    #[test]
    fn the_ends_are_reached_only_at_the_ends() {
        assert_eq!(thumb(10, 0, 1000), (0, 1));
        assert_eq!(thumb(10, 1, 1000), (1, 1));
        assert_eq!(thumb(10, 989, 1000), (8, 1));
        assert_eq!(thumb(10, 990, 1000), (9, 1));
        for height in 1..5 {
            for len in height + 1..20 {
                for top in 0..len {
                    let (at, size) = thumb(height, top, len);
                    assert!(size >= 1 && at + size <= height, "{height} {top} {len}");
                }
            }
        }
    }
}
