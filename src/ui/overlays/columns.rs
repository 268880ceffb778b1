//! Which columns a table shows.

use ratatui::buffer::Buffer;

use super::{Cursor, boxed};
use crate::app::action::Action;
use crate::app::overlay::columns::ColumnChoice;
use crate::app::state::AppState;
use crate::app::view::View;
use crate::app::view::columns::ColumnKind;
use crate::keymap::Layer;
use crate::ui::paint::{Look, Run, after, row};

/// Draws it.
pub fn draw(buf: &mut Buffer, look: &Look, state: &AppState, choice: &ColumnChoice) -> Option<Cursor> {
    let theme = &look.theme;
    let columns = match state.panes.get(&choice.pane).map(|pane| pane.view()) {
        Some(View::Records(view)) => Some(&view.columns),
        Some(View::Hits(view)) => Some(&view.columns),
        _ => None,
    };
    let all = columns.map_or(&[][..], |columns| &columns.all);
    let inner = boxed::open_list(buf, look, state, "Columns", choice.list.selected + 1, all.len());
    let shown = all.iter().filter(|column| column.visible).count();
    Run::new().own(format!("{shown} of {} shown; the id always is", all.len()), theme.dim).draw(
        buf,
        look,
        after(row(inner, 0), 2),
    );
    boxed::rows(buf, look, inner, (choice.list, all.len()), |at, room| {
        let Some(column) = all.get(at) else { return (Run::new(), Run::new()) };
        let mark = if column.visible { look.set.done } else { " " };
        let style = if column.visible { theme.text } else { theme.dim };
        let kind = match column.kind {
            ColumnKind::Text => "text",
            ColumnKind::Payload(_) => "payload",
            ColumnKind::Vector(_) => "vector",
        };
        let left = Run::new().own("[", theme.dim).own(mark, theme.ok).own("] ", theme.dim).data(
            look,
            column.title(),
            room.saturating_sub(14),
            style,
        );
        (left, Run::new().own(kind, theme.dim))
    });
    if all.is_empty() {
        boxed::nothing(buf, look, inner, "no record is read yet");
    }
    boxed::hints(
        buf,
        look,
        state,
        inner,
        &[Layer::Overlay, Layer::List],
        &[(Action::Toggle, "show or hide"), (Action::Back, "close")],
    );
    None
}
