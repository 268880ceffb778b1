//! The brush: the only code of `ui` that touches cells. It clips to the buffer, so that no state
//! and no size of a terminal can make drawing panic, and it takes text from outside only through
//! [`SafeText`].

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::glyphs::{self, Set};
use super::theme::Theme;
use crate::app::geometry::Area;
use crate::app::state::AppState;
use crate::text::{Glyphs, SafeText, columns};

/// How everything looks: chosen once for a frame.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// Styles.
    pub theme: Theme,
    /// Characters.
    pub set: &'static Set,
    /// The same choice for text from outside.
    pub glyphs: Glyphs,
    /// Counts up: animation.
    pub frame: usize,
}

impl Look {
    /// The look that the state asks for.
    pub fn of(state: &AppState) -> Self {
        let (set, glyphs) =
            if state.settings.ascii { (&glyphs::ASCII, Glyphs::Ascii) } else { (&glyphs::UNICODE, Glyphs::Unicode) };
        Self { theme: Theme::of(state.settings.theme), set, glyphs, frame: state.frame }
    }

    /// Whether only ASCII is drawn.
    pub fn ascii(&self) -> bool {
        self.glyphs == Glyphs::Ascii
    }

    /// The spinner.
    pub fn spin(&self) -> &'static str {
        self.set.spin(self.frame)
    }

    /// Text from outside, harmless and at most `columns` wide.
    pub fn safe(&self, text: &str, columns: usize) -> String {
        SafeText::head(text, columns, self.glyphs).into_cow().into_owned()
    }

    /// Text from outside, harmless, in lines of at most `columns`; only its beginning if it is very
    /// long.
    pub fn wrap(&self, text: &str, columns: usize, lines: usize) -> Vec<String> {
        let head = SafeText::head(text, columns.saturating_mul(lines), self.glyphs);
        let mut wrapped = head.wrap(columns.max(1));
        if wrapped.len() > lines {
            wrapped.truncate(lines);
            if let Some(last) = wrapped.last_mut() {
                let cut = SafeText::with(last, self.glyphs).fit(columns.saturating_sub(1));
                *last = if cut.ends_with(self.glyphs.ellipsis()) { cut } else { cut + self.glyphs.ellipsis() };
            }
        }
        wrapped
    }
}

/// A line of pieces, each with its style; its text is harmless.
#[derive(Debug, Clone, Default)]
pub struct Run {
    pieces: Vec<(String, Style)>,
    width: usize,
}

impl Run {
    /// An empty line.
    pub fn new() -> Self {
        Self::default()
    }

    /// Text of the program itself.
    pub fn own(mut self, text: impl Into<String>, style: Style) -> Self {
        let text = text.into();
        self.width += columns(&text);
        self.pieces.push((text, style));
        self
    }

    /// Text from outside, at most `most` wide.
    pub fn data(self, look: &Look, text: &str, most: usize, style: Style) -> Self {
        self.own(look.safe(text, most), style)
    }

    /// Blanks.
    pub fn gap(self, width: usize) -> Self {
        self.own(" ".repeat(width), Style::new())
    }

    /// Another line behind it.
    pub fn join(mut self, other: Self) -> Self {
        self.width += other.width;
        self.pieces.extend(other.pieces);
        self
    }

    /// Its width.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.width == 0
    }

    /// The same text in one style.
    pub fn uniform(mut self, style: Style) -> Self {
        for piece in &mut self.pieces {
            piece.1 = style;
        }
        self
    }

    /// Draws it from the left of `row`, cut with an ellipsis; the columns that it took.
    pub fn draw(&self, buf: &mut Buffer, look: &Look, row: Area) -> u16 {
        let mut x = row.x;
        let end = row.x.saturating_add(row.width);
        let mut ahead = self.width;
        for (text, style) in &self.pieces {
            let room = usize::from(end.saturating_sub(x));
            let width = columns(text);
            ahead -= width;
            if room == 0 {
                break;
            }
            // An ellipsis also where this piece just fits, but the next ones do not at all.
            if width > room || (width == room && ahead > 0) {
                // One more column than there is room for, so that the cut is marked, and marked once.
                let cut = SafeText::with(&format!("{text} "), look.glyphs).fit(room);
                put(buf, x, row.y, end, &cut, *style);
                return row.width;
            }
            put(buf, x, row.y, end, text, *style);
            x = x.saturating_add(u16::try_from(width).unwrap_or(u16::MAX));
        }
        x - row.x
    }

    /// Draws it at the right end of `row` and gives back what is left of the row before it.
    pub fn draw_right(&self, buf: &mut Buffer, look: &Look, row: Area) -> Area {
        let width = u16::try_from(self.width).unwrap_or(u16::MAX).min(row.width);
        let rest = row.width - width;
        self.draw(buf, look, Area { x: row.x + rest, width, ..row });
        Area { width: rest, ..row }
    }
}

/// Writes harmless text from `x` up to, not into, column `end`.
pub fn put(buf: &mut Buffer, x: u16, y: u16, end: u16, text: &str, style: Style) {
    let all = buf.area;
    let end = end.min(all.right());
    if x < all.left() || x >= end || y < all.top() || y >= all.bottom() {
        return;
    }
    // Not on top of the style that was there: text on a border does not take the border's.
    buf.set_stringn(x, y, text, usize::from(end - x), Style::reset().patch(style));
}

/// Adds a style to all cells of an area.
pub fn tint(buf: &mut Buffer, area: Area, style: Style) {
    let area = rect(area).intersection(buf.area);
    buf.set_style(area, style);
}

/// Empties an area, for what lies on top. A wide character that reaches into it from the left goes
/// too: else the terminal would draw over the first column.
pub fn clear(buf: &mut Buffer, area: Area, style: Style) {
    for y in area.y..area.y.saturating_add(area.height) {
        if let Some(before) = area.x.checked_sub(1)
            && let Some(cell) = buf.cell_mut((before, y))
            && columns(cell.symbol()) > 1
        {
            cell.set_symbol(" ");
        }
        for x in area.x..area.x.saturating_add(area.width) {
            if let Some(cell) = buf.cell_mut((x, y)) {
                cell.reset();
                cell.set_style(style);
            }
        }
    }
}

/// One row of an area, counted from its top.
pub fn row(area: Area, at: usize) -> Area {
    let at = u16::try_from(at).unwrap_or(u16::MAX);
    if at >= area.height {
        return Area { height: 0, width: 0, ..area };
    }
    Area { y: area.y.saturating_add(at), height: 1, ..area }
}

/// The area without `columns` at its left.
pub fn after(area: Area, columns: u16) -> Area {
    let columns = columns.min(area.width);
    Area { x: area.x + columns, width: area.width - columns, ..area }
}

/// The area without `columns` at its right.
pub fn before(area: Area, columns: u16) -> Area {
    Area { width: area.width.saturating_sub(columns), ..area }
}

fn rect(area: Area) -> Rect {
    Rect::new(area.x, area.y, area.width, area.height)
}
