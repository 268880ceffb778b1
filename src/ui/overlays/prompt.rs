//! One line of text, and one of dots.

use ratatui::buffer::Buffer;

use super::{Cursor, boxed};
use crate::app::action::Action;
use crate::app::geometry::{Area, Frame};
use crate::app::overlay::prompt::{Prompt, PromptPurpose, SecretPrompt, SecretPurpose};
use crate::app::state::AppState;
use crate::keymap::Layer;
use crate::ui::paint::{Look, Run, after, before, row};
use crate::ui::widgets::field;

/// Rows of the box: border, field, two lines below it, hints.
const HEIGHT: u16 = 6;

/// Draws it: over the pane that it is for, else in the upper part of the screen.
pub fn draw(buf: &mut Buffer, look: &Look, state: &AppState, prompt: &Prompt) -> Option<Cursor> {
    let pane = match prompt.purpose {
        PromptPurpose::Filter(pane) | PromptPurpose::Search(pane) | PromptPurpose::GoToId(pane) => {
            Frame::of(state).and_then(|frame| frame.pane(pane))
        }
        PromptPurpose::RenameProfile(_) | PromptPurpose::SaveAsProfile(_) => None,
    };
    let area = match pane.filter(|pane| pane.width >= 36 && pane.height > HEIGHT) {
        Some(pane) => Area { height: HEIGHT, ..pane },
        None => upper(state, 64, HEIGHT),
    };
    let inner = boxed::open(buf, look, area, &capital(prompt.title()), Run::new());
    let line = before(after(row(inner, 0), 2), 2);
    let cursor = field::text(buf, look, line, &prompt.field, look.theme.strong);
    below(buf, look, inner, prompt.error.as_deref(), prompt.hint(), None);
    hints(buf, look, state, inner, "do it");
    Some(cursor)
}

/// Draws the prompt for a passphrase.
pub fn draw_secret(buf: &mut Buffer, look: &Look, state: &AppState, prompt: &SecretPrompt) -> Option<Cursor> {
    let (title, hint) = match (prompt.purpose, prompt.first.is_some()) {
        (SecretPurpose::Unlock, _) => ("Passphrase of your profiles", "nothing of it is shown or kept"),
        (SecretPurpose::NewStore, false) => {
            ("A passphrase for the new store", "empty: a key file that only you can read protects it instead")
        }
        (SecretPurpose::NewStore, true) => ("The same passphrase again", "so that no slip locks you out"),
    };
    let area = upper(state, 72, HEIGHT);
    let inner = boxed::open(buf, look, area, title, Run::new());
    let line = before(after(row(inner, 0), 2), 2);
    let cursor = field::secret(buf, look, line, &prompt.field, look.theme.strong);
    let busy = prompt.busy.then_some("one moment: the key is made from it");
    below(buf, look, inner, prompt.error.as_deref(), hint, busy);
    hints(buf, look, state, inner, "go on");
    (!prompt.busy).then_some(cursor)
}

fn below(buf: &mut Buffer, look: &Look, inner: Area, error: Option<&str>, hint: &str, busy: Option<&str>) {
    let theme = &look.theme;
    let room = usize::from(inner.width).saturating_sub(4);
    let lines = match (error, busy) {
        (_, Some(busy)) => vec![Run::new().own(look.spin(), theme.info).gap(1).own(busy, theme.text)],
        (Some(error), None) => {
            let lines = look.wrap(error, room.saturating_sub(2), 2);
            let sign = |i| if i == 0 { look.set.fail } else { " " };
            let line =
                |(i, line): (usize, String)| Run::new().own(sign(i), theme.danger).gap(1).own(line, theme.danger);
            lines.into_iter().enumerate().map(line).collect()
        }
        (None, None) => vec![Run::new().data(look, hint, room, theme.dim)],
    };
    for (i, run) in lines.iter().enumerate() {
        run.draw(buf, look, after(row(inner, 1 + i), 2));
    }
}

fn hints(buf: &mut Buffer, look: &Look, state: &AppState, inner: Area, word: &'static str) {
    boxed::hints(buf, look, state, inner, &[Layer::Overlay], &[(Action::Enter, word), (Action::Back, "close")]);
}

/// A box a third down from the top.
fn upper(state: &AppState, width: u16, height: u16) -> Area {
    let screen = Area::new(0, 0, state.size.0, state.size.1);
    let middle = screen.centered(width.min(screen.width.saturating_sub(4)), height);
    Area { y: screen.height.saturating_sub(height) / 3, ..middle }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or(String::new(), |first| first.to_uppercase().chain(chars).collect())
}
