//! Quick connect, and choosing what a pane shows.

use ratatui::buffer::Buffer;

use super::{Cursor, boxed};
use crate::app::action::Action;
use crate::app::connections::Connection;
use crate::app::overlay::picker::{Picker, PickerItem, PickerPurpose};
use crate::app::state::AppState;
use crate::connection::health;
use crate::keymap::Layer;
use crate::profile::model::Environment;
use crate::provider::ProviderKind;
use crate::text::SafeText;
use crate::ui::paint::{Look, Run};
use crate::ui::widgets::numbers;
use crate::ui::{sidebar, title};

/// Draws it.
pub fn draw(buf: &mut Buffer, look: &Look, state: &AppState, picker: &Picker) -> Option<Cursor> {
    let rows = picker.rows(state);
    let (heading, hint) = match picker.purpose {
        PickerPurpose::Connect => ("Quick connect", "a few letters, a URL, or a directory"),
        PickerPurpose::ShowIn(_) => ("Show in this pane", "a few letters"),
        PickerPurpose::CompareWith(_) => ("Compare with", "a few letters of a collection of an open database"),
        PickerPurpose::CopyTo(_) => ("Copy to", "a few letters of an open database, or of a collection there"),
        PickerPurpose::CopyAllTo(_) => ("Copy all collections to", "a few letters of another open database"),
        PickerPurpose::LinkWith(_) => ("Link with", "a few letters"),
    };
    let inner = boxed::open_list(buf, look, state, heading, picker.list.selected + 1, rows.len());
    let cursor = boxed::query(buf, look, inner, &picker.query, hint);
    boxed::rows(buf, look, inner, (picker.list, rows.len()), |at, room| {
        rows.get(at).map_or_else(|| (Run::new(), Run::new()), |item| one(look, state, picker, item, room))
    });
    if rows.is_empty() {
        let text = match picker.purpose {
            PickerPurpose::Connect => "nothing matches; enter tries it as an address",
            PickerPurpose::ShowIn(_)
            | PickerPurpose::CompareWith(_)
            | PickerPurpose::CopyTo(_)
            | PickerPurpose::LinkWith(_) => "nothing matches",
            PickerPurpose::CopyAllTo(_) => "no other database is open; ctrl-p opens one",
        };
        boxed::nothing(buf, look, inner, text);
    }
    boxed::hints(buf, look, state, inner, &[Layer::Overlay], &[(Action::Enter, "go there"), (Action::Back, "close")]);
    Some(cursor)
}

/// Glyph, name, kind, address; at the right the state.
fn one(look: &Look, state: &AppState, picker: &Picker, item: &PickerItem, room: usize) -> (Run, Run) {
    let theme = &look.theme;
    // Where something is to be written, what cannot be written to now is known before the plan is made.
    let writes = matches!(picker.purpose, PickerPurpose::CopyTo(_) | PickerPurpose::CopyAllTo(_));
    let lock = |c: &Connection| if writes { sidebar::access_badge(look, c.access) } else { Run::new() };
    let name_width = (room / 3).clamp(10, 28);
    let name = |run: Run, text: &str, environment: Environment| {
        let style = if environment == Environment::Production { theme.danger } else { theme.text };
        run.own(SafeText::head(text, name_width, look.glyphs).pad(name_width), style).gap(2)
    };
    let place = |run: Run, kind: ProviderKind, address: &str| {
        run.own(format!("{:<12}", kind.name()), theme.dim).data(look, address, room, theme.dim)
    };
    match item {
        PickerItem::Connection(id) => {
            let Some(c) = state.connection(*id) else { return (Run::new(), Run::new()) };
            let number = state.number_of(*id).filter(|n| *n <= 9).map_or(" ".to_owned(), |n| n.to_string());
            let run = Run::new().own(number, theme.accent).gap(1).join(title::glyph(look, &c.health.state)).gap(1);
            let word = health::word(&c.health);
            let right = Run::new().data(look, &word, 20, theme.role(health::role(&c.health.state))).join(lock(c));
            (place(name(run, &c.label, c.environment), c.kind, &c.address), right)
        }
        PickerItem::Collection { connection, name: collection } => {
            let Some(c) = state.connection(*connection) else { return (Run::new(), Run::new()) };
            let run = Run::new()
                .gap(4)
                .data(look, &c.label, name_width, theme.dim)
                .own(format!(" {} ", look.set.path), theme.dim)
                .data(look, collection, room, theme.text);
            let count = c.collection(collection).and_then(|c| c.count).map(|count| numbers::count(count, 12));
            (run, Run::new().own(count.unwrap_or_default(), theme.dim).join(lock(c)))
        }
        PickerItem::Profile(id) => {
            let Some(p) = state.profiles.list.iter().find(|p| p.id == *id) else { return (Run::new(), Run::new()) };
            let run = Run::new().gap(2).own(look.set.idle, theme.dim).gap(1);
            let right = Run::new().data(look, &p.group, 20, theme.dim);
            (place(name(run, &p.name, p.environment), p.kind, &p.address), right)
        }
        PickerItem::Demo => {
            let run = Run::new().gap(2).own(look.set.idle, theme.dim).gap(1);
            let run = name(run, "demo", Environment::Dev);
            (run.own("sample data on this machine, no server", theme.dim), Run::new())
        }
        PickerItem::Pane(_) => {
            let run = Run::new().gap(2).own(look.set.link, theme.accent).gap(1);
            (run.data(look, &item.pane_words(state), room, theme.text), Run::new())
        }
        PickerItem::Typed(text) => {
            let run = Run::new().gap(2).own(look.set.right, theme.accent).gap(1);
            (run.own("connect to ", theme.dim).data(look, text, room, theme.text), Run::new())
        }
    }
}
