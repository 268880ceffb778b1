//! A longer text.

use ratatui::buffer::Buffer;

use super::{Cursor, boxed};
use crate::app::action::Action;
use crate::app::geometry::Area;
use crate::app::overlay::text::{LABEL, PINGS, TextBox, TextContent};
use crate::app::state::AppState;
use crate::keymap::Layer;
use crate::ui::paint::{Look, Run};
use crate::ui::panes::{pings, whole};

/// Draws it; the selected line in full below the others, if it is too long for its row.
pub fn draw(buf: &mut Buffer, look: &Look, state: &AppState, text: &TextBox) -> Option<Cursor> {
    let theme = &look.theme;
    let lines = text.lines(state);
    let title = look.safe(&text.title, 60);
    let inner = boxed::open_list(buf, look, state, &title, text.list.selected + 1, lines.len());
    // The lines of a connection begin with a label of this width.
    let label = matches!(text.content, TextContent::Connection(_)).then_some(LABEL);
    boxed::rows(buf, look, inner, (text.list, lines.len()), |at, room| {
        let Some(line) = lines.get(at) else { return (Run::new(), Run::new()) };
        let bars = match &text.content {
            TextContent::Connection(id) if line.starts_with(PINGS) => state.connection(*id),
            _ => None,
        };
        let bars = bars.map_or_else(Run::new, |connection| pings(look, connection, room.saturating_sub(40).min(60)));
        let run = match label.and_then(|label| line.split_at_checked(label)) {
            Some((label, rest)) => Run::new().data(look, label, room, theme.dim).data(look, rest, room, theme.text),
            None => Run::new().data(look, line, room, theme.text),
        };
        (run.join(bars), Run::new())
    });
    if let Some(line) = lines.get(text.list.selected)
        && crate::text::columns(line) + 3 > usize::from(inner.width)
    {
        let space = Area { height: inner.height.saturating_sub(1), ..inner };
        whole::draw(buf, look, space, lines.len().saturating_sub(text.list.top) + 1, line);
    }
    boxed::hints(
        buf,
        look,
        state,
        inner,
        &[Layer::Overlay, Layer::List],
        &[(Action::PageDown, "page"), (Action::Back, "close")],
    );
    None
}
