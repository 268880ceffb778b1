//! A table of records: frozen columns at the left, then as many of the chosen ones as fit.

use ratatui::buffer::Buffer;

use super::{Scene, message, value};
use crate::app::geometry::{Area, TABLE_HEADER};
use crate::app::list::ListState;
use crate::app::view::columns::{Column, ColumnKind, Columns};
use crate::provider::model::Record;
use crate::text::SafeText;
use crate::ui::paint::{Look, Run, put, row, tint};
use crate::ui::widgets::scrollbar;

/// Blanks between columns.
const GAP: usize = 2;
/// Narrowest that the last column is cut to before it is left out.
const LEAST: usize = 8;
/// Widest that a text may be, in the order tried, so that all columns fit.
const CAPS: [usize; 6] = [usize::MAX, 44, 36, 28, 22, 18];
/// Widest that a text may be where not all columns fit anyway, at least.
const SQUEEZED: usize = 22;
/// Room beside a vector below which it has to wait its turn.
const BESIDE: usize = 20;
/// From this width on a column was probably cut short and takes what room is left.
const WIDE: usize = 44;

/// A column before the frozen id or after it: heading, and text of each row.
pub struct Extra<'a> {
    /// Heading.
    pub title: &'static str,
    /// Width.
    pub width: usize,
    /// The text of a row, drawn right-aligned.
    pub text: Box<dyn Fn(usize) -> String + 'a>,
    /// Rows in which it is worth a look.
    pub warns: Box<dyn Fn(usize) -> bool + 'a>,
}

/// What is shown.
pub struct Table<'a> {
    /// Columns.
    pub columns: &'a Columns,
    /// Selection and what is in sight.
    pub list: ListState,
    /// Number of rows as far as known, for the scrollbar.
    pub len: usize,
    /// The record of a row, `None` if it is not read.
    pub record: Box<dyn Fn(usize) -> Option<&'a Record> + 'a>,
    /// Columns at the left of the id.
    pub before: Vec<Extra<'a>>,
    /// Whether it is old: drawn dim.
    pub old: bool,
}

struct Placed<'a> {
    column: &'a Column,
    width: usize,
    number: bool,
}

fn is_vector(place: &Placed<'_>) -> bool {
    matches!(place.column.kind, ColumnKind::Vector(_))
}

/// Whether the column could show more than it does.
fn may_grow(place: &Placed<'_>) -> bool {
    let wants = usize::from(place.column.width);
    !place.number && !is_vector(place) && (place.width < wants || wants >= WIDE)
}

impl Table<'_> {
    /// Draws header and rows below the filter line of `inner`.
    pub fn draw(&self, buf: &mut Buffer, scene: &Scene<'_>, inner: Area) {
        let look = scene.look;
        let head = row(inner, 1);
        let skip = TABLE_HEADER.min(inner.height);
        let body = Area { y: inner.y + skip, height: inner.height - skip, ..inner };
        let height = usize::from(body.height);
        let rows: Vec<usize> = (self.list.top..self.len).take(height).collect();
        let id_width = self.id_width(&rows, look).min(usize::from(inner.width) / 2);
        let mut left = 2 + id_width;
        left += self.before.iter().map(|extra| extra.width + GAP).sum::<usize>();
        let (placed, more) = self.place(&rows, usize::from(inner.width).saturating_sub(left));
        self.header(buf, look, head, id_width, &placed, more);
        for (i, at) in rows.iter().enumerate() {
            self.line(buf, scene, row(body, i), *at, id_width, &placed);
        }
        scrollbar::draw(buf, look, body, self.list.top, self.len, scene.focused);
    }

    fn id_width(&self, rows: &[usize], look: &Look) -> usize {
        let learned = usize::from(self.columns.id_width);
        if learned > 0 {
            return learned.max(2);
        }
        let wide = rows
            .iter()
            .filter_map(|at| (self.record)(*at))
            .map(|r| SafeText::head(&r.id.to_string(), 36, look.glyphs).width());
        wide.max().unwrap_or(2).max(2)
    }

    /// The columns that fit into `room`, and whether others do not.
    fn place(&self, rows: &[usize], room: usize) -> (Vec<Placed<'_>>, bool) {
        let wanted: Vec<Placed<'_>> = self
            .columns
            .shown()
            .take(room / 2)
            .map(|column| {
                let mut values = rows.iter().filter_map(|at| (self.record)(*at));
                let number = values.find_map(|record| value::is_number(record, column)).unwrap_or(false);
                Placed { column, width: usize::from(column.width).max(1), number }
            })
            .collect();
        // Who reads vectors along wants to see one: the first stays in sight whatever is before it.
        let vector = wanted.iter().position(is_vector).map(|at| (at, wanted[at].width + GAP));
        let (vector, reserved) = match vector {
            Some((at, width)) if width + BESIDE <= room => (Some(at), width),
            _ => (None, 0),
        };
        // Long texts give way before whole columns do.
        let narrow = |place: &Placed<'_>, most: usize| {
            // Digits that are cut off make another number, and a vector without its norm is half.
            if place.number || is_vector(place) { place.width } else { place.width.min(most) }
        };
        let total = |most| wanted.iter().map(|place| narrow(place, most) + GAP).sum::<usize>();
        let most = CAPS.into_iter().find(|most| total(*most) <= room).unwrap_or(SQUEEZED.max(room / 3));
        let mut placed = Vec::new();
        let mut rest = room - reserved;
        let all = wanted.len();
        let mut full = false;
        for (i, mut place) in wanted.into_iter().enumerate() {
            if Some(i) == vector {
                placed.push(place);
                continue;
            }
            let width = narrow(&place, most).min(rest.saturating_sub(GAP));
            full |= width < narrow(&place, LEAST);
            if full {
                continue;
            }
            rest -= width + GAP;
            place.width = width;
            placed.push(place);
        }
        // What is left goes to the texts that were cut, each as much as it can use.
        let cut = placed.iter().filter(|place| may_grow(place)).count();
        for (i, place) in placed.iter_mut().filter(|place| may_grow(place)).enumerate() {
            let share = rest / (cut - i);
            let wants = usize::from(place.column.width);
            let gets = if wants >= WIDE { share } else { share.min(wants - place.width) };
            place.width += gets;
            rest -= gets;
        }
        let more = placed.len() < all;
        (placed, more)
    }

    fn header(&self, buf: &mut Buffer, look: &Look, head: Area, id_width: usize, placed: &[Placed<'_>], more: bool) {
        let style = look.theme.header;
        let title = |text: &str, width: usize, right: bool| {
            let text = SafeText::head(text, width, look.glyphs);
            let blank = " ".repeat(width.saturating_sub(text.width()));
            let run = Run::new();
            if right {
                run.own(blank, ratatui::style::Style::new()).own(text.as_str(), style)
            } else {
                run.own(text.as_str(), style).own(blank, ratatui::style::Style::new())
            }
        };
        let mut run = Run::new().gap(2);
        for extra in &self.before {
            run = run.join(title(extra.title, extra.width, true)).gap(GAP);
        }
        run = run.join(title("id", id_width, false));
        for (i, place) in placed.iter().enumerate() {
            let hidden = i == 0 && self.columns.first > 0;
            run = if hidden { run.own(look.set.left, look.theme.accent).gap(GAP - 1) } else { run.gap(GAP) };
            run = run.join(title(place.column.title(), place.width, place.number));
        }
        run.draw(buf, look, head);
        if more && head.width > 0 {
            let x = head.x + head.width - 1;
            put(buf, x, head.y, x + 1, look.set.right, look.theme.accent);
        }
    }

    fn line(&self, buf: &mut Buffer, scene: &Scene<'_>, line: Area, at: usize, id_width: usize, placed: &[Placed<'_>]) {
        let look = scene.look;
        let theme = &look.theme;
        let selected = at == self.list.selected && scene.marks_row();
        let Some(record) = (self.record)(at) else {
            message::unread(buf, look, line);
            return;
        };
        let mut run = Run::new().gap(1);
        for extra in &self.before {
            let style = if (extra.warns)(at) { theme.warn } else { theme.text };
            run = run.own(SafeText::with(&(extra.text)(at), look.glyphs).pad_left(extra.width), style).gap(GAP);
        }
        let id = record.id.to_string();
        run = run.own(SafeText::head(&id, id_width, look.glyphs).pad(id_width), theme.key);
        for place in placed {
            run = run.gap(GAP).join(value::cell(look, record, place.column, place.width));
        }
        let run = match (selected, scene.focused) {
            (true, true) => {
                tint(buf, line, theme.selected);
                run.uniform(theme.selected)
            }
            (true, false) => run.uniform(theme.marked),
            (false, _) if self.old => run.uniform(theme.dim),
            (false, _) => run,
        };
        if selected {
            let style = if scene.focused { theme.selected } else { theme.accent };
            put(buf, line.x, line.y, line.x + 1, look.set.bar, style);
        }
        run.draw(buf, look, Area { x: line.x + 1, width: line.width.saturating_sub(1), ..line });
    }
}
