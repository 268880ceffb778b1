//! A question with yes and no.

use ratatui::buffer::Buffer;

use super::{Cursor, boxed};
use crate::app::action::Action;
use crate::app::geometry::Area;
use crate::app::overlay::prompt::{Confirm, Confirmed};
use crate::app::state::AppState;
use crate::keymap::Layer;
use crate::ui::paint::{Look, Run, after, row};

/// Draws it, as high as its sentence.
pub fn draw(buf: &mut Buffer, look: &Look, state: &AppState, confirm: &Confirm) -> Option<Cursor> {
    let screen = Area::new(0, 0, state.size.0, state.size.1);
    let width = screen.width.saturating_sub(6).min(68);
    let room = usize::from(width).saturating_sub(6);
    let lines = look.wrap(&confirm.text, room, usize::from(screen.height).saturating_sub(6).max(1));
    let height = u16::try_from(lines.len()).unwrap_or(1).saturating_add(5);
    let title = match confirm.yes {
        Confirmed::DeleteProfile(_) => "Delete?",
        Confirmed::Quit => "Leave?",
        Confirmed::FilterHere(_) => "Filter here?",
        Confirmed::DiscardForm => "Throw away?",
        Confirmed::OpenUnchecked(_) => "Open it?",
        Confirmed::SaveForm | Confirmed::Import => "Open for writing?",
        Confirmed::OpenGroup(_) => "Open all?",
        Confirmed::CloseConnection(_) | Confirmed::CloseGroup(_) => "Close?",
        Confirmed::MakeDatabase(_) => "Make a database?",
        Confirmed::Restore => "Go on where you were?",
        Confirmed::Copy(_) => "Copy?",
        Confirmed::Resume(_) => "Go on?",
    };
    let inner = boxed::open(buf, look, screen.centered(width, height), title, Run::new());
    let style = if confirm.is_grave() { look.theme.danger } else { look.theme.text };
    for (i, line) in lines.iter().enumerate() {
        Run::new().own(line.as_str(), style).draw(buf, look, after(row(inner, i + 1), 2));
    }
    boxed::hints(buf, look, state, inner, &[Layer::Confirm], &[(Action::Yes, "yes"), (Action::No, "no")]);
    None
}
