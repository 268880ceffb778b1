//! Getting data out: clipboard and editor.

use super::{Out, browse};
use crate::app::effect::Effect;
use crate::app::event::Notice;
use crate::app::state::AppState;
use crate::app::view::View;
use crate::app::view::columns::{Columns, cell_text};
use crate::app::view::record::Face;
use crate::provider::model::Record;

/// What a cell is depends on the view: the first column in sight of a table, the selected line of
/// a record.
pub(super) fn cell(state: &mut AppState, out: &mut Out) {
    let text = match state.active_pane().map(|pane| pane.view()) {
        Some(View::Records(view)) => view.selected().map(|record| first_cell(record, &view.columns)),
        Some(View::Hits(view)) => view.selected().map(|hit| first_cell(&hit.record, &view.columns)),
        Some(View::Record(view)) => match view.face() {
            Face::Tree(lines) => lines.get(view.list.selected).map(|line| line.value.clone()),
            Face::Json(lines) => lines.get(view.list.selected).cloned(),
            Face::Vector(_) => {
                view.record.value.as_ref().and_then(|r| r.vectors.as_ref()).map(|v| v.to_json().to_string())
            }
        },
        Some(View::Info(_) | View::Log(_) | View::Job(_) | View::Jobs(_) | View::Welcome) | None => None,
    };
    match text {
        Some(text) if !text.is_empty() => out.push(Effect::Copy { text, what: "cell" }),
        Some(_) => state.notice = Some(Notice::info("the cell is empty: nothing was copied.")),
        None => {}
    }
}

fn first_cell(record: &Record, columns: &Columns) -> String {
    columns.shown().next().map_or_else(|| record.id.to_string(), |column| cell_text(record, &column.kind))
}

pub(super) fn id(state: &mut AppState, out: &mut Out) {
    if let Some(record) = browse::selected_record(state) {
        out.push(Effect::Copy { text: record.id.to_string(), what: "id" });
    }
}

pub(super) fn record(state: &mut AppState, out: &mut Out) {
    if let Some(record) = browse::selected_record(state) {
        out.push(Effect::Copy { text: record.to_json().to_string(), what: "record" });
    }
}

pub(super) fn open_in_editor(state: &mut AppState, out: &mut Out) {
    if let Some(record) = browse::selected_record(state) {
        let text = serde_json::to_string_pretty(&record.to_json()).unwrap_or_default() + "\n";
        out.push(Effect::Edit { text, extension: "json" });
    }
}
