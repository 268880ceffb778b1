//! The command palette.

use ratatui::buffer::Buffer;

use super::{Cursor, boxed};
use crate::app::action::Action;
use crate::app::overlay::palette::Palette;
use crate::app::reduce::availability::unavailable;
use crate::app::state::AppState;
use crate::keymap::Layer;
use crate::ui::paint::{Look, Run};

/// Width of the titles.
const TITLE: usize = 20;

/// Draws it.
pub fn draw(buf: &mut Buffer, look: &Look, state: &AppState, palette: &Palette) -> Option<Cursor> {
    let theme = &look.theme;
    let rows = palette.rows();
    let inner = boxed::open_list(buf, look, state, "All actions", palette.list.selected + 1, rows.len());
    let cursor = boxed::query(buf, look, inner, &palette.query, "type a few letters");
    boxed::rows(buf, look, inner, (palette.list, rows.len()), |at, room| {
        let Some(action) = rows.get(at).copied() else { return (Run::new(), Run::new()) };
        let keys = state.keymap.all_keys_of(action).into_iter().next().map(|(_, keys)| keys).unwrap_or_default();
        let keys = Run::new().data(look, &keys, 14, theme.accent);
        let text = room.saturating_sub(TITLE + 2 + if keys.is_empty() { 0 } else { keys.width() + 2 });
        let title = format!("{:<TITLE$}  ", action.title());
        let run = match unavailable(state, action) {
            None => Run::new().own(title, theme.text).data(look, action.doc(), text, theme.dim),
            Some(why) => Run::new().own(title, theme.dim).own("not now: ", theme.dim).data(
                look,
                why,
                text.saturating_sub(9),
                theme.dim,
            ),
        };
        (run, keys)
    });
    if rows.is_empty() {
        boxed::nothing(buf, look, inner, "no action matches");
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
