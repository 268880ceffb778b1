//! The columns of a table of records: the id is frozen, the others can be chosen and scrolled.

use serde_json::Value;
use unicode_width::UnicodeWidthStr;

use crate::provider::model::{Record, Vector};

/// What a column shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ColumnKind {
    /// The document's text.
    Text,
    /// A field of the payload.
    Payload(String),
    /// A vector, by its name.
    Vector(String),
}

/// One column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// What it shows.
    pub kind: ColumnKind,
    /// Whether it is shown.
    pub visible: bool,
    /// Columns of the terminal that its widest value so far wants, capped.
    pub width: u16,
}

impl Column {
    /// Its heading.
    pub fn title(&self) -> &str {
        match &self.kind {
            ColumnKind::Text => "text",
            ColumnKind::Payload(name) => name,
            ColumnKind::Vector(name) if name.is_empty() => "vector",
            ColumnKind::Vector(name) => name,
        }
    }
}

/// The columns that the records seen so far have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Columns {
    /// In the order in which they were first seen.
    pub all: Vec<Column>,
    /// Width of the id.
    pub id_width: u16,
    /// The first visible column that is shown: horizontal scroll.
    pub first: usize,
}

/// Widest that a column of text gets by itself.
const MAX_WIDTH: u16 = 44;
/// Width of a vector's column: sparkline and norm.
const VECTOR_WIDTH: u16 = 24;
/// Narrowest and widest id.
const ID_WIDTH: (u16, u16) = (4, 36);

impl Columns {
    /// Learns from records; columns and widths only grow, so that paging does not shake the table.
    pub fn learn<'a>(&mut self, records: impl Iterator<Item = &'a Record>) {
        for record in records {
            let id = cells(&record.id.to_string()).clamp(ID_WIDTH.0, ID_WIDTH.1);
            self.id_width = self.id_width.max(id);
            if record.text.is_some() {
                self.see(ColumnKind::Text, record);
            }
            for name in record.payload.keys() {
                self.see(ColumnKind::Payload(name.clone()), record);
            }
            for (name, _) in record.vectors.iter().flat_map(|v| &v.0) {
                self.see(ColumnKind::Vector(name.clone()), record);
            }
        }
    }

    fn see(&mut self, kind: ColumnKind, record: &Record) {
        let width = match &kind {
            ColumnKind::Vector(_) => VECTOR_WIDTH,
            ColumnKind::Text | ColumnKind::Payload(_) => cells(&cell_text(record, &kind)).min(MAX_WIDTH),
        };
        if let Some(column) = self.all.iter_mut().find(|column| column.kind == kind) {
            column.width = column.width.max(width);
        } else {
            let mut column = Column { kind, visible: true, width };
            column.width = column.width.max(cells(column.title()));
            self.all.push(column);
        }
    }

    /// The visible columns from the first that is shown.
    pub fn shown(&self) -> impl Iterator<Item = &Column> {
        self.all.iter().filter(|column| column.visible).skip(self.first)
    }

    /// Scrolls by columns.
    pub fn scroll(&mut self, by: isize) {
        let visible = self.all.iter().filter(|column| column.visible).count();
        self.first = self.first.saturating_add_signed(by).min(visible.saturating_sub(1));
    }

    /// Shows or hides a column.
    pub fn toggle(&mut self, index: usize) {
        if let Some(column) = self.all.get_mut(index) {
            column.visible = !column.visible;
        }
        self.scroll(0);
    }

    /// Forgets the vector columns: vectors are no longer read.
    pub fn forget_vectors(&mut self) {
        self.all.retain(|column| !matches!(column.kind, ColumnKind::Vector(_)));
        self.scroll(0);
    }
}

fn cells(text: &str) -> u16 {
    // More than a few hundred never matters, and a megabyte must not be measured for it.
    let head: String = text.chars().take(256).collect();
    u16::try_from(head.width()).unwrap_or(u16::MAX)
}

/// The exact text of a cell, as it came from the database; the view makes it harmless. Empty where
/// the record has no such field: a field that holds `null` says so.
pub fn cell_text(record: &Record, kind: &ColumnKind) -> String {
    match kind {
        ColumnKind::Text => record.text.clone().unwrap_or_default(),
        ColumnKind::Payload(name) => record.payload.get(name).map(value_text).unwrap_or_default(),
        ColumnKind::Vector(name) => {
            record.vectors.as_ref().and_then(|v| v.get(name)).map(|v| v.to_json().to_string()).unwrap_or_default()
        }
    }
}

/// A payload value in one line: strings without quotes, all else as JSON.
pub fn value_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The vector of a cell, for its sparkline.
pub fn cell_vector<'a>(record: &'a Record, kind: &ColumnKind) -> Option<&'a Vector> {
    match kind {
        ColumnKind::Vector(name) => record.vectors.as_ref()?.get(name),
        ColumnKind::Text | ColumnKind::Payload(_) => None,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use serde_json::json;

    fn record(payload: Value) -> Record {
        Record { id: 1_u64.into(), vectors: None, payload: payload.as_object().unwrap().clone(), text: None }
    }

    #[test]
    fn columns_come_from_the_records_and_only_grow() {
        let mut columns = Columns::default();
        columns.learn([record(json!({"title": "a long title", "n": null}))].iter());
        columns.learn([record(json!({"title": "x", "year": 2017}))].iter());
        let titles: Vec<_> = columns.all.iter().map(Column::title).collect();
        assert_eq!(titles, ["title", "n", "year"]);
        assert_eq!(columns.all[0].width, 12);
    }

    #[test]
    fn null_is_not_the_same_as_missing() {
        let r = record(json!({"n": null, "s": "null"}));
        assert_eq!(cell_text(&r, &ColumnKind::Payload("n".into())), "null");
        assert_eq!(cell_text(&r, &ColumnKind::Payload("gone".into())), "");
    }

    #[test]
    fn scrolling_stops_at_the_last_visible_column() {
        let mut columns = Columns::default();
        columns.learn([record(json!({"a": 1, "b": 2, "c": 3}))].iter());
        columns.toggle(1);
        columns.scroll(9);
        assert_eq!(columns.shown().map(Column::title).collect::<Vec<_>>(), ["c"]);
        columns.scroll(-9);
        assert_eq!(columns.shown().count(), 2);
    }
}
