//! The form for a profile: fields above, the help of the field in focus in a box below.

use ratatui::buffer::Buffer;
use ratatui::style::Style;

use super::{Cursor, boxed};
use crate::app::action::Action;
use crate::app::geometry::{Area, form_area};
use crate::app::overlay::form::{FIELDS, FieldKind, FieldValue, Form, TestState};
use crate::app::state::AppState;
use crate::keymap::Layer;
use crate::ui::paint::{Look, Run, after, before, put, row};
use crate::ui::widgets::{field, scrollbar};

/// Rows of the help below the fields.
const HELP: usize = 4;
/// Rows of result or error.
const RESULT: usize = 2;
/// Column of the values, behind bar and label.
const VALUES: u16 = 18;

/// Draws it; the fields scroll so that the one in focus is in sight.
pub fn draw(buf: &mut Buffer, look: &Look, state: &AppState, form: &Form) -> Option<Cursor> {
    let theme = &look.theme;
    let title = match (form.id, form.copy_of) {
        (Some(_), _) => "Change profile",
        (None, Some(_)) => "New profile, from a copy",
        (None, None) => "New profile",
    };
    let changed = if form.changed { "not saved yet" } else { "" };
    let area = form_area(state.size);
    let inner = boxed::open(buf, look, area, title, Run::new().own(changed, theme.warn));
    let height = usize::from(inner.height);
    // On a low screen the help gives way before the fields do.
    let help = HELP.min(height.saturating_sub(8));
    let result = result(look, form, state.waiting_save.is_some(), usize::from(inner.width).saturating_sub(6));
    let below = 1 + result.len() + if help > 0 { help + 1 } else { 0 };
    let room = height.saturating_sub(below).max(1);
    let visible = form.visible();
    let at = visible.iter().position(|i| *i == form.focus).unwrap_or(0);
    let top = (at + 1).saturating_sub(room).max(at.saturating_sub(room / 2).min(visible.len().saturating_sub(room)));
    let mut cursor = None;
    for (i, index) in visible.iter().enumerate().skip(top).take(room) {
        let line = row(inner, i - top);
        let focused = *index == form.focus;
        cursor = one(buf, look, form, *index, line, focused).or(cursor);
    }
    let fields = Area { height: u16::try_from(room).unwrap_or(inner.height).min(inner.height), ..inner };
    scrollbar::draw(buf, look, fields, top, visible.len(), true);
    let mut y = room;
    if help > 0 {
        let line = row(inner, y);
        let width = usize::from(line.width).saturating_sub(4);
        put(buf, line.x + 2, line.y, line.x + line.width, &look.set.lines.across.repeat(width), theme.border);
        let text = form.help(form.focus);
        for (i, text) in look.wrap(&text, width, help).iter().enumerate() {
            Run::new().own(text.as_str(), theme.dim).draw(buf, look, after(row(inner, y + 1 + i), 2));
        }
        y += help + 1;
    }
    for (i, run) in result.iter().enumerate() {
        run.draw(buf, look, after(row(inner, y + i), 2));
    }
    boxed::hints(
        buf,
        look,
        state,
        inner,
        &[Layer::Form],
        &[
            (Action::NextField, "next"),
            (Action::SaveForm, "save"),
            (Action::TestProfile, "test"),
            (Action::Back, "close"),
            (Action::NextChoice, "next value"),
            (Action::PreviousField, "previous"),
        ],
    );
    cursor
}

fn one(buf: &mut Buffer, look: &Look, form: &Form, index: usize, line: Area, focused: bool) -> Option<Cursor> {
    let theme = &look.theme;
    let (Some(spec), Some(value)) = (FIELDS.get(index), form.values.get(index)) else { return None };
    if focused {
        put(buf, line.x, line.y, line.x + line.width, look.set.bar, theme.accent);
    }
    let label = if focused { theme.accent } else { theme.dim };
    Run::new().own(spec.label, label).draw(buf, look, Area { width: VALUES.saturating_sub(3), ..after(line, 2) });
    let space = before(after(line, VALUES), 2);
    match value {
        FieldValue::Text(text) => {
            let style = if focused { theme.strong } else { theme.text };
            if text.is_empty() && !focused {
                Run::new().own(look.set.blank, theme.dim).draw(buf, look, space);
                return None;
            }
            if focused {
                let cursor = field::text(buf, look, space, text, style);
                return Some(cursor);
            }
            Run::new().data(look, text.text(), usize::from(space.width), style).draw(buf, look, space);
            None
        }
        FieldValue::Secret(secret) => {
            if secret.is_empty() {
                let start = if focused { after(space, 2) } else { space };
                Run::new().own(form.untyped_key(), theme.dim).draw(buf, look, start);
            }
            let cursor = field::secret(buf, look, space, secret, theme.text);
            focused.then_some(cursor)
        }
        FieldValue::Choice(at) => {
            let FieldKind::Choice(words) = spec.kind else { return None };
            let mut run = Run::new();
            if focused {
                for (i, word) in form.words(index) {
                    let gap = if i == 0 { 0 } else { 2 };
                    run = if i == *at {
                        run.gap(gap).own(format!("{}{word}{}", look.set.left, look.set.right), theme.accent)
                    } else {
                        run.gap(gap).own(word, theme.dim)
                    };
                }
            } else {
                run = run.own(words.get(*at).copied().unwrap_or_default(), theme.text);
            }
            run.draw(buf, look, space);
            None
        }
    }
}

/// A warning about the key, and how the last save or test ended, each in at most so many lines as there is room for. `waits`: the save is
/// held back until the store is made or unlocked.
fn result(look: &Look, form: &Form, waits: bool, width: usize) -> Vec<Run> {
    let theme = &look.theme;
    let warning = form.exposure().warning().map(|text| Told(look.set.fail, text, theme.warn));
    let told = told(look, form, waits);
    let none = told.is_none() && warning.is_none();
    let lines = warning.into_iter().chain(told).flat_map(|Told(sign, text, style)| {
        let sign = move |i| if i == 0 { sign } else { " " };
        let lines = look.wrap(&text, width, RESULT + 1).into_iter().enumerate();
        lines.map(move |(i, line)| Run::new().own(sign(i), style).gap(1).own(line, style))
    });
    if none { vec![Run::new()] } else { lines.collect() }
}

/// A sign, a sentence, a style.
struct Told(&'static str, String, Style);

fn told(look: &Look, form: &Form, waits: bool) -> Option<Told> {
    let theme = &look.theme;
    let (sign, text, style) = match (&form.error, &form.test) {
        (Some(error), _) => (look.set.fail, format!("not saved: {error}"), theme.danger),
        _ if form.saving && waits => {
            (look.set.blank, "waits for the passphrase: saved when the store is open".to_owned(), theme.warn)
        }
        _ if form.saving => (look.spin(), "saving".to_owned(), theme.info),
        (None, TestState::Running) => (look.spin(), "connecting with what is filled in".to_owned(), theme.info),
        (None, TestState::Good(text)) => (look.set.done, format!("connected: {text}"), theme.ok),
        (None, TestState::Bad(text)) => (look.set.fail, text.clone(), theme.danger),
        (None, TestState::None) => return None,
    };
    Some(Told(sign, text, style))
}
