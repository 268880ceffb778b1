//! Help: every key of the live keymap.

use ratatui::buffer::Buffer;

use super::{Cursor, boxed};
use crate::app::action::Action;
use crate::app::overlay::help::{Help, HelpRow};
use crate::app::state::AppState;
use crate::keymap::Layer;
use crate::text::{SafeText, columns};
use crate::ui::paint::{Look, Run};

/// Draws it.
pub fn draw(buf: &mut Buffer, look: &Look, state: &AppState, help: &Help) -> Option<Cursor> {
    let theme = &look.theme;
    let rows = help.rows(&state.keymap);
    let inner = boxed::open_list(buf, look, state, "Help", help.list.selected + 1, rows.len());
    let cursor = boxed::query(buf, look, inner, &help.query, "type a key or a word");
    let width = rows.iter().map(|row| match row {
        HelpRow::Heading(_) => 0,
        HelpRow::Keys(keys, _) => columns(keys),
    });
    let width = width.max().unwrap_or(0).min(18);
    boxed::rows(buf, look, inner, (help.list, rows.len()), |at, room| {
        let run = match rows.get(at) {
            Some(HelpRow::Heading(title)) => Run::new().own(*title, theme.strong),
            Some(HelpRow::Keys(keys, action)) => {
                let keys = SafeText::head(keys, width, look.glyphs).pad(width);
                Run::new().gap(2).own(keys, theme.accent).gap(2).data(
                    look,
                    action.doc(),
                    room.saturating_sub(width + 4),
                    theme.text,
                )
            }
            None => Run::new(),
        };
        (run, Run::new())
    });
    if rows.is_empty() {
        boxed::nothing(buf, look, inner, "no key or action matches");
    }
    boxed::hints(
        buf,
        look,
        state,
        inner,
        &[Layer::Overlay],
        &[(Action::Enter, "run it"), (Action::PageDown, "page"), (Action::Back, "close")],
    );
    Some(cursor)
}
