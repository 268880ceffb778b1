//! The box that overlays share: a border, a line at the top, a list, hints on the lower edge.

use ratatui::buffer::Buffer;

use super::Cursor;
use crate::app::action::Action;
use crate::app::field::TextField;
use crate::app::geometry::{Area, picker_area};
use crate::app::list::ListState;
use crate::app::state::AppState;
use crate::keymap::Layer;
use crate::ui::paint::{Look, Run, after, clear, put, row, tint};
use crate::ui::widgets::frame::Border;
use crate::ui::widgets::{field, keys, scrollbar};

/// Draws an empty box and gives back its inside.
pub fn open(buf: &mut Buffer, look: &Look, area: Area, title: &str, count: Run) -> Area {
    clear(buf, area, look.theme.text);
    let mut border = Border::titled(Run::new().own(title, look.theme.strong));
    border.count = count;
    border.draw(buf, look, area, true)
}

/// Draws the box of a list at its place.
pub fn open_list(buf: &mut Buffer, look: &Look, state: &AppState, title: &str, at: usize, len: usize) -> Area {
    let count = if len == 0 { Run::new() } else { Run::new().own(format!("{at} of {len}"), look.theme.dim) };
    open(buf, look, picker_area(state.size), title, count)
}

/// The line of text at the top of a list, with what can be typed while it is empty.
pub fn query(buf: &mut Buffer, look: &Look, inner: Area, text: &TextField, hint: &str) -> Cursor {
    let line = row(inner, 0);
    let sign = Run::new().gap(1).own(look.set.path, look.theme.accent).gap(1);
    let used = sign.draw(buf, look, line);
    let line = after(line, used);
    if text.is_empty() {
        Run::new().own(format!(" {hint}"), look.theme.dim).draw(buf, look, line);
    }
    field::text(buf, look, line, text, look.theme.text)
}

/// The rows of a list: `draw` makes the left and right part of a row for a width.
pub fn rows(
    buf: &mut Buffer,
    look: &Look,
    inner: Area,
    (list, len): (ListState, usize),
    draw: impl Fn(usize, usize) -> (Run, Run),
) {
    let theme = &look.theme;
    let height = inner.height.saturating_sub(2);
    let top = list.top.min(len.saturating_sub(1));
    for at in (top..len).take(usize::from(height)) {
        let line = row(inner, 1 + at - top);
        let selected = at == list.selected;
        let (left, right) = draw(at, usize::from(line.width).saturating_sub(3));
        let dress = |run: Run| if selected { run.uniform(theme.selected) } else { run };
        if selected {
            tint(buf, line, theme.selected);
            put(buf, line.x, line.y, line.x + line.width, look.set.bar, theme.selected);
        }
        let space = Area { width: line.width.saturating_sub(1), ..line };
        let rest = if right.is_empty() { space } else { dress(right.clone()).draw_right(buf, look, space) };
        let rest = if right.is_empty() { rest } else { Area { width: rest.width.saturating_sub(2), ..rest } };
        dress(left).draw(buf, look, after(rest, 2));
    }
    let space = Area { y: inner.y + 1.min(inner.height), height, ..inner };
    scrollbar::draw(buf, look, space, top, len, true);
}

/// The last line of a box: the keys that matter in it.
pub fn hints(
    buf: &mut Buffer,
    look: &Look,
    state: &AppState,
    inner: Area,
    layers: &[Layer],
    wanted: &[(Action, &'static str)],
) {
    let line = row(inner, usize::from(inner.height).saturating_sub(1));
    let room = usize::from(line.width).saturating_sub(2);
    keys::hints(look, &state.keymap, layers, wanted, room).draw(buf, look, after(line, 2));
}

/// Nothing matches: a line in the list's place.
pub fn nothing(buf: &mut Buffer, look: &Look, inner: Area, text: &str) {
    Run::new().own(text, look.theme.dim).draw(buf, look, after(row(inner, 2), 3));
}
