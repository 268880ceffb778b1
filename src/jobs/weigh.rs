//! About how many bytes a record has, for batches and estimates.

use serde_json::Value;

use crate::provider::model::{Record, Vector};

/// Bytes of a record, about.
pub fn bytes(record: &Record) -> u64 {
    let vectors = record.vectors.iter().flat_map(|vectors| &vectors.0);
    let numbers: usize = vectors
        .map(|(_, vector)| match vector {
            Vector::Dense(values) => values.len() * 4,
            Vector::Sparse { values, .. } => values.len() * 8,
            Vector::Multi(rows) => rows.iter().map(|row| row.len() * 4).sum(),
        })
        .sum();
    let fields: usize = record.payload.iter().map(|(key, value)| key.len() + of(value)).sum();
    (numbers + fields + record.text.as_ref().map_or(0, String::len) + 32) as u64
}

fn of(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len() + 8,
        Value::Array(values) => values.iter().map(of).sum::<usize>() + 8,
        Value::Object(fields) => fields.iter().map(|(key, value)| key.len() + of(value) + 8).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) => 8,
    }
}
