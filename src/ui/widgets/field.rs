//! A line of text being edited, and one of dots.

use ratatui::buffer::Buffer;
use ratatui::style::Style;

use crate::app::field::{SecretField, TextField};
use crate::app::geometry::Area;
use crate::text::{SafeText, columns};
use crate::ui::paint::{Look, put};

/// Draws the field scrolled so that its cursor is in sight; the cursor's cell.
pub fn text(buf: &mut Buffer, look: &Look, row: Area, field: &TextField, style: Style) -> (u16, u16) {
    let head: String = field.text().chars().take(field.cursor()).collect();
    let at = SafeText::with(&head, look.glyphs).width();
    scrolled(buf, look, row, &SafeText::with(field.text(), look.glyphs), at, style)
}

/// The column under a character of the field, if it is in sight.
pub fn column(look: &Look, row: Area, field: &TextField, at: usize) -> Option<u16> {
    let width_of = |chars: usize| {
        let head: String = field.text().chars().take(chars).collect();
        SafeText::with(&head, look.glyphs).width()
    };
    let from = (width_of(field.cursor()) + 1).saturating_sub(usize::from(row.width));
    let column = width_of(at).checked_sub(from).filter(|column| *column < usize::from(row.width))?;
    Some(row.x + u16::try_from(column).ok()?)
}

/// Draws a dot for each character, the cursor behind the last; the cursor's cell.
pub fn secret(buf: &mut Buffer, look: &Look, row: Area, field: &SecretField, style: Style) -> (u16, u16) {
    let dots = look.set.secret.repeat(field.len());
    let at = columns(&dots);
    scrolled(buf, look, row, &SafeText::with(&dots, look.glyphs), at, style)
}

fn scrolled(buf: &mut Buffer, look: &Look, row: Area, text: &SafeText<'_>, at: usize, style: Style) -> (u16, u16) {
    let width = usize::from(row.width);
    // One column stays free for the cursor behind the end.
    let from = (at + 1).saturating_sub(width);
    let end = row.x.saturating_add(row.width);
    put(buf, row.x, row.y, end, &text.slice(from, width), style);
    if from > 0 && width > 2 {
        put(buf, row.x, row.y, end, look.set.left, look.theme.dim);
    }
    let x = row.x.saturating_add(u16::try_from(at - from).unwrap_or(0));
    (x.min(end.saturating_sub(1)), row.y)
}
