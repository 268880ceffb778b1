//! The lines between two lists of hits: each from the row of a record at the left to its row at the right.
//!
//! Drawn with braille dots, two by four in a cell, so that lines cross where they cross. With ASCII only, where
//! there are no such characters, rows of equal rank are joined by dashes; the ranks stand in the lists anyway.

use ratatui::buffer::Buffer;
use ratatui::style::Style;

use super::compared::Compared;
use crate::app::geometry::{Area, Frame, TABLE_HEADER};
use crate::app::panes::PaneId;
use crate::app::state::AppState;
use crate::app::view::hits::HitsView;
use crate::ui::paint::{Look, put};

/// A cell's dots as bits, by column and row, as Unicode has them.
const DOTS: [[u8; 4]; 2] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]];

/// Draws the lines between two panes.
pub fn gutter(buf: &mut Buffer, look: &Look, state: &AppState, frame: &Frame, panes: (PaneId, PaneId), area: Area) {
    let (Some(left), Some(right)) = (frame.pane(panes.0), frame.pane(panes.1)) else { return };
    let Some(link) = state.links.of(panes.0) else { return };
    let Some(compared) = Compared::between(state, link, panes.0, panes.1) else { return };
    let theme = &look.theme;
    let mut lines: Vec<(u16, u16, Style, bool)> = Vec::new();
    for at in 0..compared.here.len() {
        let Some(there) = compared.partner(at) else { continue };
        let (Some(from), Some(to)) = (row(compared.here, left, at), row(compared.there, right, there)) else {
            continue;
        };
        let selected = at == compared.here.list.selected && link.marks_row(panes.0);
        let style = match (selected, at == there) {
            (true, _) => theme.strong,
            (false, true) => theme.dim,
            (false, false) => theme.info,
        };
        lines.push((from, to, style, selected));
    }
    // The selected one is drawn last: where lines cross it is in front.
    lines.sort_by_key(|(.., selected)| *selected);
    if look.ascii() {
        for (from, _, style, _) in lines.iter().filter(|(from, to, ..)| from == to) {
            put(buf, area.x + 1, *from, area.x + area.width - 1, &"-".repeat(usize::from(area.width)), *style);
        }
        return;
    }
    let mut canvas = Canvas::new(area);
    for (from, to, style, _) in lines {
        canvas.line(from, to, style);
    }
    canvas.draw(buf);
}

/// The row of the screen that a hit is in, if it is in sight.
fn row(view: &HitsView, pane: Area, at: usize) -> Option<u16> {
    let inner = pane.inner();
    let below = u16::try_from(at.checked_sub(view.list.top)?).ok()?.checked_add(TABLE_HEADER)?;
    (below < inner.height).then(|| inner.y + below)
}

/// Cells with dots.
struct Canvas {
    area: Area,
    cells: Vec<(u8, Style)>,
}

impl Canvas {
    fn new(area: Area) -> Self {
        Self { area, cells: vec![(0, Style::new()); usize::from(area.width) * usize::from(area.height)] }
    }

    /// A line from the left edge to the right one, between the middles of two rows of the screen.
    fn line(&mut self, from: u16, to: u16, style: Style) {
        let middle = |row: u16| i32::from(row.saturating_sub(self.area.y)) * 4 + 1;
        let (from, to) = (middle(from), middle(to));
        let width = i32::from(self.area.width) * 2;
        // Straight pieces at both ends, so that each line meets its row.
        let (start, end) = (2, width - 3);
        let mut before = from;
        for x in 0..width {
            let y = match x {
                x if x <= start => from,
                x if x >= end => to,
                x => from + (to - from) * (x - start) / (end - start),
            };
            // A steep line has several dots in one column.
            let step = if y >= before { 1 } else { -1 };
            while before != y {
                before += step;
                self.dot(x, before, style);
            }
            self.dot(x, y, style);
        }
    }

    fn dot(&mut self, x: i32, y: i32, style: Style) {
        let (Ok(x), Ok(y)) = (usize::try_from(x), usize::try_from(y)) else { return };
        let at = (y / 4) * usize::from(self.area.width) + x / 2;
        if let Some(cell) = self.cells.get_mut(at) {
            *cell = (cell.0 | DOTS[x % 2][y % 4], style);
        }
    }

    fn draw(&self, buf: &mut Buffer) {
        let width = usize::from(self.area.width).max(1);
        for (at, (dots, style)) in self.cells.iter().enumerate().filter(|(_, (dots, _))| *dots > 0) {
            let (Ok(x), Ok(y)) = (u16::try_from(at % width), u16::try_from(at / width)) else { continue };
            let symbol = char::from_u32(0x2800 + u32::from(*dots)).unwrap_or(' ');
            let (x, y) = (self.area.x + x, self.area.y + y);
            put(buf, x, y, x + 1, symbol.encode_utf8(&mut [0; 4]), *style);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_meet_their_rows_and_cross() {
        let area = Area::new(2, 1, 7, 3);
        let mut canvas = Canvas::new(area);
        canvas.line(1, 3, Style::new());
        canvas.line(3, 1, Style::new());
        let mut buf = Buffer::empty(ratatui::layout::Rect::new(0, 0, 12, 5));
        canvas.draw(&mut buf);
        let symbol = |x, y| buf.cell((x, y)).map_or(" ", |cell| cell.symbol()).to_owned();
        for (x, y) in [(2, 1), (8, 1), (2, 3), (8, 3), (5, 2)] {
            assert_ne!(symbol(x, y), " ", "{x} {y}: {buf:?}");
        }
        assert_eq!((symbol(2, 2).as_str(), symbol(1, 1).as_str(), symbol(9, 3).as_str()), (" ", " ", " "), "{buf:?}");
    }
}
