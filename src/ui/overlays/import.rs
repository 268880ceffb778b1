//! What an import would change, and what was chosen for each profile.

use ratatui::buffer::Buffer;

use super::{Cursor, boxed};
use crate::app::action::Action;
use crate::app::geometry::{Area, import_foot};
use crate::app::sharing::{Choice, ImportList, ImportRow};
use crate::app::state::AppState;
use crate::keymap::Layer;
use crate::ui::paint::{Look, Run, after, row};

/// Columns of the choice.
const CHOICE: usize = 15;

/// Draws the list.
pub fn draw(buf: &mut Buffer, look: &Look, state: &AppState, import: &ImportList) -> Option<Cursor> {
    let theme = &look.theme;
    let rows = import.rows();
    let inner = boxed::open_list(buf, look, state, "Import", import.list.selected + 1, rows.len());
    let summary = format!(" of {} are taken; nothing is saved before enter", import.profiles.len());
    Run::new().own(import.taken().to_string(), theme.strong).own(summary, theme.dim).draw(
        buf,
        look,
        after(row(inner, 0), 2),
    );
    let foot = u16::try_from(import_foot(state.size)).unwrap_or(0);
    let listed = Area { height: inner.height.saturating_sub(foot), ..inner };
    boxed::rows(buf, look, listed, (import.list, rows.len()), |at, room| match rows.get(at) {
        Some(ImportRow::Profile(at)) => profile(look, import, *at, room),
        Some(ImportRow::Detail(at, line)) => {
            let detail = import.profiles.get(*at).and_then(|profile| profile.details.get(*line));
            let (text, is_danger) = detail.map_or(("", false), |detail| (detail.text.as_str(), detail.is_danger));
            let style = if is_danger { theme.danger } else { theme.dim };
            (Run::new().gap(4).data(look, text, room.saturating_sub(4), style), Run::new())
        }
        Some(ImportRow::Skipped(at)) => {
            let text = import.skipped.get(*at).map_or("", String::as_str);
            (Run::new().own("- ", theme.dim).data(look, text, room.saturating_sub(2), theme.dim), Run::new())
        }
        None => (Run::new(), Run::new()),
    });
    // A row may be too short for where a key goes: the selected one is shown whole.
    if let Some((text, is_danger)) = import.selected_text() {
        let room = usize::from(inner.width).saturating_sub(4);
        let style = if is_danger { theme.danger } else { theme.text };
        let first = usize::from(inner.height).saturating_sub(1 + usize::from(foot));
        for (at, line) in look.wrap(text, room, usize::from(foot)).into_iter().enumerate() {
            Run::new().own(line, style).draw(buf, look, after(row(inner, first + at), 2));
        }
    }
    boxed::hints(
        buf,
        look,
        state,
        inner,
        &[Layer::Overlay, Layer::List],
        &[(Action::Toggle, "choose"), (Action::Enter, "import"), (Action::Back, "leave")],
    );
    None
}

fn profile(look: &Look, import: &ImportList, at: usize, room: usize) -> (Run, Run) {
    let theme = &look.theme;
    let Some(profile) = import.profiles.get(at) else { return (Run::new(), Run::new()) };
    let style = match profile.choice {
        _ if profile.is_known => theme.dim,
        Choice::Skip if profile.is_conflict || profile.moves_key => theme.warn,
        Choice::Skip => theme.dim,
        Choice::Take { key: true } | Choice::Rename { key: true } => theme.danger,
        Choice::Take { .. } | Choice::Rename { .. } => theme.ok,
    };
    let name_room = (room / 3).clamp(8, 30);
    let left = Run::new()
        .own(format!("{:<CHOICE$}", profile.word()), style)
        .gap(1)
        .data(look, &profile.name, name_room, theme.text)
        .gap(2);
    let rest = room.saturating_sub(left.width());
    let left = left.data(look, &profile.place, rest, theme.dim);
    (left, Run::new())
}
