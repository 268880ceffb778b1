//! Signing in to a cloud: a list of clouds, the fields of one with their help, a list of what was found.

use ratatui::buffer::Buffer;

use super::{Cursor, boxed};
use crate::app::action::Action;
use crate::app::geometry::{Area, form_area, found_rows, picker_area};
use crate::app::overlay::form::FieldValue;
use crate::app::overlay::sign_in::{Fill, Found, Row, SignIn, Step};
use crate::app::state::AppState;
use crate::cloud::model::{Field, FieldKind, still_coming};
use crate::keymap::Layer;
use crate::ui::paint::{Look, Run, after, before, put, row};
use crate::ui::widgets::{field, keys};

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
        Step::Choose(choose) => {
            let (rows, list) = (choose.rows(), choose.list);
            let inner = boxed::open_list(buf, look, state, "Sign in to a cloud", list.selected + 1, rows.len());
            let cursor = boxed::query(buf, look, inner, &choose.query, "which one? a few letters");
            boxed::rows(buf, look, inner, (list, rows.len()), |at, _| {
                let Some(cloud) = rows.get(at) else { return (Run::new(), Run::new()) };
                let name = format!("{:<NAME$}", cloud.name());
                (Run::new().own(name, look.theme.text).own(cloud.title(), look.theme.dim), Run::new())
            });
            let keys = [(Action::Enter, "go on"), (Action::Back, "close")];
            if rows.is_empty() {
                boxed::nothing(buf, look, inner, "nothing matches");
            }
            boxed::hints(buf, look, state, inner, &[Layer::Overlay], &keys);
            Some(cursor)
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
    let told = told(look, state, fill, width);
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
    let keys: &[_] = if fill.busy { &[(Action::Back, "cancel")] } else { &keys };
    boxed::hints(buf, look, state, inner, &[Layer::Form], keys);
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
fn told(look: &Look, state: &AppState, fill: &Fill, width: usize) -> Vec<Run> {
    let theme = &look.theme;
    let (sign, parts, style) = match (&fill.error, &fill.code) {
        (Some(error), _) => (look.set.fail, vec![error.clone()], theme.danger),
        (None, Some(code)) => {
            let (does, what) = match &code.whole {
                Some(_) => ("it shows", "to be confirmed"),
                None => ("type", "into it"),
            };
            let key = keys::anywhere(state, Action::CopyAddress);
            let how =
                format!("open this address ({key} copies it); {does} {} {what}. It goes on by itself then.", code.code);
            // The address has lines of its own: whoever selects it gets it alone.
            (look.spin(), vec![how, code.address().to_owned()], theme.warn)
        }
        (None, None) if fill.busy => {
            let told = fill.told.clone().unwrap_or_else(|| "looking what is there".to_owned());
            (look.spin(), vec![told], theme.info)
        }
        (None, None) => return Vec::new(),
    };
    let lines = parts.iter().flat_map(|part| look.wrap(part, width.saturating_sub(2), TOLD)).take(TOLD).enumerate();
    let sign = |i| if i == 0 { sign } else { " " };
    lines.map(|(i, line)| Run::new().own(sign(i), style).gap(1).own(line, style)).collect()
}

/// The rows of a list, and at least the width of the form that was filled in before.
fn found_area(size: (u16, u16)) -> Area {
    let (list, form) = (picker_area(size), form_area(size));
    if form.width > list.width { Area { x: form.x, width: form.width, ..list } } else { list }
}

fn draw_found(buf: &mut Buffer, look: &Look, state: &AppState, found: &Found) {
    let theme = &look.theme;
    let title = format!("Found: {}", found.form.cloud.title());
    let count = match found.rows.len() {
        0 => Run::new(),
        len => Run::new().own(format!("{} of {len}", found.list.selected + 1), theme.dim),
    };
    let inner = boxed::open(buf, look, found_area(state.size), &title, count);
    let (rows, below) = found_rows(state.size);
    let width = usize::from(inner.width).saturating_sub(4);
    // Saving waits for the store where that is locked.
    let works = found.busy && state.waiting_save.is_none();
    match (found.busy, works) {
        (true, true) => Run::new().own(look.spin(), theme.info).gap(1).own("testing and saving", theme.text),
        (true, false) => Run::new().own("waiting for the store of profiles", theme.dim),
        (false, _) => Run::new().own("what answers is saved as a profile", theme.dim),
    }
    .draw(buf, look, after(row(inner, 0), 2));
    let listed = Area { height: inner.height.saturating_sub(u16::try_from(below).unwrap_or(u16::MAX)), ..inner };
    boxed::rows(buf, look, listed, (found.list, found.rows.len()), |at, room| {
        let Some(one) = found.rows.get(at) else { return (Run::new(), Run::new()) };
        found_row(look, one, works, room)
    });
    let line = row(inner, 1 + rows);
    if below > 0 {
        put(buf, line.x + 2, line.y, line.x + line.width, &look.set.lines.across.repeat(width), theme.border);
    }
    for (i, run) in whole(look, found, width, below.saturating_sub(1)).iter().enumerate() {
        run.draw(buf, look, after(row(inner, 2 + rows + i), 2));
    }
    let next = if works { "cancel" } else { "back" };
    let keys = [(Action::Toggle, "choose"), (Action::Enter, "test and save"), (Action::Back, next)];
    let keys: &[_] = if works { &keys[2..] } else { &keys };
    boxed::hints(buf, look, state, inner, &[Layer::List, Layer::Overlay], keys);
}

/// Below the list: why nothing was saved, what is still being made, and all of the row in focus.
fn whole(look: &Look, found: &Found, width: usize, most: usize) -> Vec<Run> {
    let theme = &look.theme;
    let mut texts = Vec::new();
    if let Some(error) = &found.error {
        texts.push((format!("{} {error}", look.set.fail), theme.danger));
    }
    if let Some(one) = found.rows.get(found.list.selected) {
        match &one.ended {
            Some(Ok(text)) => texts.push((text.clone(), theme.ok)),
            Some(Err(why)) => texts.push((format!("not saved: {why}"), theme.danger)),
            None => match &one.updates {
                Some(updates) if updates.replaces_key => texts.push((
                    format!("{} leads there with another key, which this one would replace.", updates.name),
                    theme.warn,
                )),
                Some(updates) => {
                    texts.push((format!("{} leads there already and is updated.", updates.name), theme.text))
                }
                None => {}
            },
        }
        let about = [&one.name, &one.address, &one.detail].map(String::as_str);
        let about: Vec<&str> = about.into_iter().filter(|text| !text.is_empty()).collect();
        texts.push((about.join("  "), theme.text));
    }
    if let Some(coming) = still_coming(&found.coming) {
        // At the beginning, where a long sentence does not push it out.
        texts.insert(usize::from(found.error.is_some()), (coming, theme.dim));
    }
    let lines = texts.into_iter().flat_map(|(text, style)| {
        look.wrap(&text, width, most).into_iter().map(move |line| Run::new().own(line, style))
    });
    lines.take(most).collect()
}

fn found_row(look: &Look, one: &Row, works: bool, room: usize) -> (Run, Run) {
    let theme = &look.theme;
    let mark = if one.chosen { "[x] " } else { "[ ] " };
    let left = Run::new().own(mark, theme.accent).data(look, &one.name, FOUND_NAME, theme.text).gap(2);
    let right = match (&one.ended, &one.updates) {
        (Some(Ok(text)), _) => Run::new().own(look.set.done, theme.ok).gap(1).data(look, text, room / 2, theme.ok),
        (Some(Err(_)), _) => Run::new().own(look.set.fail, theme.danger).gap(1).own("not saved", theme.danger),
        (None, _) if works && one.chosen => Run::new().own(look.spin(), theme.info),
        (None, Some(updates)) => {
            let style = if updates.replaces_key { theme.warn } else { theme.dim };
            Run::new().data(look, &updates.words(), room / 2, style)
        }
        (None, None) => Run::new(),
    };
    let rest = room.saturating_sub(left.width() + right.width() + 2);
    let about = if one.detail.is_empty() { one.address.clone() } else { format!("{}  {}", one.detail, one.address) };
    (left.data(look, &about, rest, theme.dim), right)
}
