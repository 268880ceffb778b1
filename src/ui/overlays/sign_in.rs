//! Signing in to a cloud: a list of clouds, the fields of one with their help, a list of what was found.

use ratatui::buffer::Buffer;

use super::{Cursor, boxed};
use crate::app::action::Action;
use crate::app::geometry::{Area, form_area};
use crate::app::overlay::form::FieldValue;
use crate::app::overlay::sign_in::{Fill, Found, Row, SignIn, Step};
use crate::app::state::AppState;
use crate::cloud::model::{Cloud, Field, FieldKind};
use crate::keymap::Layer;
use crate::ui::paint::{Look, Run, after, before, put, row};
use crate::ui::widgets::field;

/// Column of the values, behind bar and label.
const VALUES: u16 = 18;
/// Rows of help, and of what is told.
const HELP: usize = 4;
const TOLD: usize = 4;
/// Width of the names in a list.
const NAME: usize = 10;
const FOUND_NAME: usize = 22;

/// Draws it.
pub fn draw(buf: &mut Buffer, look: &Look, state: &AppState, sign_in: &SignIn) -> Option<Cursor> {
    match &sign_in.step {
        Step::Choose(list) => {
            let inner = boxed::open_list(buf, look, state, "Sign in to a cloud", list.selected + 1, Cloud::ALL.len());
            Run::new().own("which one?", look.theme.dim).draw(buf, look, after(row(inner, 0), 2));
            boxed::rows(buf, look, inner, (*list, Cloud::ALL.len()), |at, _| {
                let Some(cloud) = Cloud::ALL.get(at) else { return (Run::new(), Run::new()) };
                let name = format!("{:<NAME$}", cloud.name());
                (Run::new().own(name, look.theme.text).own(cloud.title(), look.theme.dim), Run::new())
            });
            let keys = [(Action::Enter, "go on"), (Action::Back, "close")];
            boxed::hints(buf, look, state, inner, &[Layer::Overlay], &keys);
            None
        }
        Step::Fill(fill) => draw_fill(buf, look, state, fill),
        Step::Found(found) => {
            draw_found(buf, look, state, found);
            None
        }
    }
}

fn draw_fill(buf: &mut Buffer, look: &Look, state: &AppState, fill: &Fill) -> Option<Cursor> {
    let theme = &look.theme;
    let inner = boxed::open(buf, look, form_area(state.size), fill.cloud.title(), Run::new());
    let width = usize::from(inner.width).saturating_sub(4);
    let height = usize::from(inner.height);
    let told = told(look, fill, width);
    let help = HELP.min(height.saturating_sub(6));
    let room = height.saturating_sub(2 + help + told.len()).max(1);
    let visible = fill.visible();
    let at = visible.iter().position(|at| *at == fill.focus).unwrap_or(0);
    let first = (at + 1).saturating_sub(room);
    let mut cursor = None;
    for (i, index) in visible.iter().enumerate().skip(first).take(room) {
        if let (Some(spec), Some(value)) = (fill.cloud.fields().get(*index), fill.values.get(*index)) {
            cursor = one(buf, look, spec, value, row(inner, i - first), *index == fill.focus).or(cursor);
        }
    }
    let y = room.min(visible.len().max(1));
    if let Some(spec) = fill.cloud.fields().get(fill.focus).filter(|_| help > 0) {
        let line = row(inner, y);
        put(buf, line.x + 2, line.y, line.x + line.width, &look.set.lines.across.repeat(width), theme.border);
        for (i, text) in look.wrap(spec.help, width, help).into_iter().enumerate() {
            Run::new().own(text, theme.dim).draw(buf, look, after(row(inner, y + 1 + i), 2));
        }
    }
    for (i, run) in told.iter().enumerate() {
        run.draw(buf, look, after(row(inner, height.saturating_sub(1 + told.len()) + i), 2));
    }
    let keys = [(Action::NextField, "next"), (Action::SaveForm, "look what is there"), (Action::Back, "back")];
    boxed::hints(buf, look, state, inner, &[Layer::Form], &keys);
    cursor.filter(|_| !fill.busy)
}

fn one(buf: &mut Buffer, look: &Look, spec: &Field, value: &FieldValue, line: Area, focused: bool) -> Option<Cursor> {
    let theme = &look.theme;
    if focused {
        put(buf, line.x, line.y, line.x + line.width, look.set.bar, theme.accent);
    }
    let label = if focused { theme.accent } else { theme.dim };
    Run::new().own(spec.label, label).draw(buf, look, Area { width: VALUES.saturating_sub(3), ..after(line, 2) });
    let space = before(after(line, VALUES), 2);
    match value {
        FieldValue::Text(text) if focused => Some(field::text(buf, look, space, text, theme.strong)),
        FieldValue::Text(text) => {
            let run = match text.is_empty() {
                true => Run::new().own(look.set.blank, theme.dim),
                false => Run::new().data(look, text.text(), usize::from(space.width), theme.text),
            };
            run.draw(buf, look, space);
            None
        }
        FieldValue::Secret(secret) => {
            if secret.is_empty() && !focused {
                Run::new().own("not set", theme.dim).draw(buf, look, space);
                return None;
            }
            let cursor = field::secret(buf, look, space, secret, theme.text);
            focused.then_some(cursor)
        }
        FieldValue::Choice(at) => {
            let FieldKind::Choice(words) = spec.kind else { return None };
            let mut run = Run::new();
            for (i, word) in words.iter().enumerate() {
                let gap = if i == 0 { 0 } else { 2 };
                run = match (i == *at, focused) {
                    (true, true) => {
                        run.gap(gap).own(format!("{}{word}{}", look.set.left, look.set.right), theme.accent)
                    }
                    (true, false) => run.own(*word, theme.text),
                    (false, true) => run.gap(gap).own(*word, theme.dim),
                    (false, false) => run,
                };
            }
            run.draw(buf, look, space);
            None
        }
    }
}

/// What is under way or wrong.
fn told(look: &Look, fill: &Fill, width: usize) -> Vec<Run> {
    let theme = &look.theme;
    let (sign, text, style) = match (&fill.error, &fill.code) {
        (Some(error), _) => (look.set.fail, error.clone(), theme.danger),
        (None, Some((page, code))) => {
            (look.spin(), format!("open {page} and type {code} there. It goes on by itself then."), theme.warn)
        }
        (None, None) if fill.busy => (look.spin(), "looking what is there".to_owned(), theme.info),
        (None, None) => return Vec::new(),
    };
    let sign = |i| if i == 0 { sign } else { " " };
    let lines = look.wrap(&text, width.saturating_sub(2), TOLD).into_iter().enumerate();
    lines.map(|(i, line)| Run::new().own(sign(i), style).gap(1).own(line, style)).collect()
}

fn draw_found(buf: &mut Buffer, look: &Look, state: &AppState, found: &Found) {
    let theme = &look.theme;
    let title = format!("Found: {}", found.cloud.title());
    let inner = boxed::open_list(buf, look, state, &title, found.list.selected + 1, found.rows.len());
    let top = row(inner, 0);
    let width = usize::from(inner.width).saturating_sub(4);
    match &found.error {
        Some(error) => Run::new().own(look.set.fail, theme.danger).gap(1).data(look, error, width, theme.danger),
        None if found.busy => Run::new().own(look.spin(), theme.info).gap(1).own("testing and saving", theme.text),
        None => match found.rows.get(found.list.selected).and_then(|row| row.ended.as_ref()) {
            Some(Err(why)) => Run::new().data(look, why, width, theme.danger),
            _ => Run::new().own("what answers is saved as a profile", theme.dim),
        },
    }
    .draw(buf, look, after(top, 2));
    boxed::rows(buf, look, inner, (found.list, found.rows.len()), |at, room| {
        let Some(one) = found.rows.get(at) else { return (Run::new(), Run::new()) };
        found_row(look, one, found.busy, room)
    });
    let keys = [(Action::Toggle, "choose"), (Action::Enter, "test and save"), (Action::Back, "back")];
    boxed::hints(buf, look, state, inner, &[Layer::Overlay, Layer::List], &keys);
}

fn found_row(look: &Look, one: &Row, busy: bool, room: usize) -> (Run, Run) {
    let theme = &look.theme;
    let mark = if one.chosen { "[x] " } else { "[ ] " };
    let left = Run::new().own(mark, theme.accent).data(look, &one.name, FOUND_NAME, theme.text).gap(2);
    let right = match &one.ended {
        Some(Ok(text)) => Run::new().own(look.set.done, theme.ok).gap(1).data(look, text, room / 2, theme.ok),
        Some(Err(_)) => Run::new().own(look.set.fail, theme.danger).gap(1).own("not saved", theme.danger),
        None if busy && one.chosen => Run::new().own(look.spin(), theme.info),
        None => Run::new(),
    };
    let rest = room.saturating_sub(left.width() + right.width() + 2);
    let about = if one.detail.is_empty() { one.address.clone() } else { format!("{}  {}", one.detail, one.address) };
    (left.data(look, &about, rest, theme.dim), right)
}
