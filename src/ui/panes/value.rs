//! One value in a cell of a table.

use ratatui::style::Style;
use serde_json::Value;

use crate::app::view::columns::{Column, ColumnKind};
use crate::provider::model::{Record, Vector};
use crate::text::{SafeText, columns};
use crate::ui::paint::{Look, Run};
use crate::ui::widgets::{numbers, sparkline};

/// Longest part of a nested value that is written out for a cell.
const NESTED: usize = 512;

/// Whether the column's value in this record is a number.
pub fn is_number(record: &Record, column: &Column) -> Option<bool> {
    match &column.kind {
        ColumnKind::Payload(name) => match record.payload.get(name)? {
            Value::Null => None,
            value => Some(value.is_number()),
        },
        ColumnKind::Text | ColumnKind::Vector(_) => Some(false),
    }
}

/// The cell, exactly `width` columns.
pub fn cell(look: &Look, record: &Record, column: &Column, width: usize) -> Run {
    let theme = &look.theme;
    match &column.kind {
        ColumnKind::Text => record.text.as_deref().map_or_else(|| missing(width), |text| words(look, text, width)),
        ColumnKind::Payload(name) => match record.payload.get(name) {
            None => missing(width),
            Some(Value::Null) => left(look, "null", width, theme.null),
            Some(Value::String(text)) => words(look, text, width),
            Some(Value::Number(number)) => {
                Run::new().own(SafeText::with(&number.to_string(), look.glyphs).pad_left(width), theme.text)
            }
            Some(Value::Bool(flag)) => left(look, if *flag { "true" } else { "false" }, width, theme.text),
            Some(nested @ (Value::Array(_) | Value::Object(_))) => left(look, &json_head(nested), width, theme.text),
        },
        ColumnKind::Vector(name) => match record.vectors.as_ref().and_then(|all| all.get(name)) {
            None => missing(width),
            Some(vector) => vector_cell(look, vector, width),
        },
    }
}

/// A field that the record does not have: blank, unlike `null` and `""`.
fn missing(width: usize) -> Run {
    Run::new().gap(width)
}

fn words(look: &Look, text: &str, width: usize) -> Run {
    if text.is_empty() { left(look, "\"\"", width, look.theme.null) } else { left(look, text, width, look.theme.text) }
}

fn left(look: &Look, text: &str, width: usize, style: Style) -> Run {
    Run::new().own(SafeText::head(text, width, look.glyphs).pad(width), style)
}

fn vector_cell(look: &Look, vector: &Vector, width: usize) -> Run {
    let norm = numbers::norm(vector.norm(), look.set.norm);
    let space = width.saturating_sub(columns(&norm) + 1);
    let bars = match vector {
        Vector::Dense(values) | Vector::Sparse { values, .. } => sparkline::bars(values, space, look.set),
        Vector::Multi(rows) => {
            let first = rows.first().map_or(&[][..], Vec::as_slice);
            let note = format!(" x{}", rows.len());
            let bars = sparkline::bars(first, space.saturating_sub(note.len()), look.set);
            bars + &note
        }
    };
    let pad = width.saturating_sub(columns(&bars) + columns(&norm));
    Run::new().own(bars, look.theme.vector).gap(pad).own(norm, look.theme.text)
}

/// The beginning of a nested value as JSON, without writing out a megabyte for a cell.
pub fn json_head(value: &Value) -> String {
    let mut out = String::new();
    write(&mut out, value);
    out
}

fn write(out: &mut String, value: &Value) {
    if out.len() > NESTED {
        return;
    }
    match value {
        Value::Array(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push_str(", ");
                }
                write(out, item);
                if out.len() > NESTED {
                    return;
                }
            }
            out.push(']');
        }
        Value::Object(map) => {
            out.push('{');
            for (i, (key, item)) in map.iter().enumerate() {
                if i > 0 {
                    out.push_str(", ");
                }
                out.extend(key.chars().take(NESTED));
                out.push_str(": ");
                write(out, item);
                if out.len() > NESTED {
                    return;
                }
            }
            out.push('}');
        }
        Value::String(text) => {
            out.push('"');
            out.extend(text.chars().take(NESTED));
            out.push('"');
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => out.push_str(&value.to_string()),
    }
}
