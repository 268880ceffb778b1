//! Rows as records.

use super::home::Home;

use lancedb::arrow::arrow_array::cast::AsArray;
use lancedb::arrow::arrow_array::types::{
    Float16Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type,
    UInt32Type, UInt64Type,
};
use lancedb::arrow::arrow_array::{Array, ArrayRef, RecordBatch};
use lancedb::arrow::arrow_schema::{DataType, FieldRef};
use serde_json::Value;

use super::failure::unreadable;
use super::schema::{Id, Layout, PAYLOAD, ROW_ID, TEXT, VectorColumn};
use super::values;
use crate::provider::Result;
use crate::provider::model::{Payload, Record, RecordId, Vector, VectorKind, Vectors};

/// The records of a batch.
///
/// # Errors
/// `BadAnswer` where a column is missing.
pub(super) fn records(home: &Home, batch: &RecordBatch, layout: &Layout, with_vectors: bool) -> Result<Vec<Record>> {
    let column = |name: &str| {
        let missing = || unreadable(home, format!("the column {name:?} is missing"));
        batch.column_by_name(name).cloned().ok_or_else(missing)
    };
    let ids = column(match &layout.id {
        Id::Column(field) => field.name(),
        Id::Row => ROW_ID,
    })?;
    let own = if layout.own { Some((column(PAYLOAD)?, column(TEXT)?)) } else { None };
    let fields: Vec<(&FieldRef, ArrayRef)> =
        layout.fields.iter().map(|field| Ok((field, column(field.name())?))).collect::<Result<_>>()?;
    let held = if with_vectors { layout.vectors.as_slice() } else { &[] };
    let vectors: Vec<(&VectorColumn, ArrayRef)> =
        held.iter().map(|vector| Ok((vector, column(&vector.column)?))).collect::<Result<_>>()?;
    let mut records = Vec::with_capacity(batch.num_rows());
    for row in 0..batch.num_rows() {
        let id = id_at(&ids, row).ok_or_else(|| unreadable(home, "a record has no id"))?;
        let (payload, text) = match &own {
            Some((payload, text)) => (json_at(payload, row), text_at(text, row).map(str::to_owned)),
            None => {
                let payload = fields
                    .iter()
                    .map(|(field, array)| (field.name().clone(), values::value(field, array.as_ref(), row)));
                (payload.collect(), None)
            }
        };
        let vectors = with_vectors.then(|| {
            let some = vectors.iter().filter_map(|(vector, array)| {
                Some((vector.name.clone(), vector_at(vector.kind, array.as_ref(), row)?))
            });
            Vectors(some.collect())
        });
        records.push(Record { id, vectors, payload, text });
    }
    Ok(records)
}

/// The payload of a table that was made here. One that another program made unreadable is shown as
/// the text that it is.
pub(super) fn json_at(array: &ArrayRef, row: usize) -> Payload {
    let Some(text) = text_at(array, row) else { return Payload::new() };
    serde_json::from_str(text).unwrap_or_else(|_| Payload::from_iter([(PAYLOAD.to_owned(), Value::from(text))]))
}

/// A text of a column of texts.
pub(super) fn text_at(array: &ArrayRef, row: usize) -> Option<&str> {
    let texts = array.as_string_opt::<i32>()?;
    texts.is_valid(row).then(|| texts.value(row))
}

/// The id in a column of whole numbers or texts.
pub(super) fn id_at(array: &ArrayRef, row: usize) -> Option<RecordId> {
    if array.is_null(row) {
        return None;
    }
    let number: i128 = match array.data_type() {
        DataType::Int8 => array.as_primitive::<Int8Type>().value(row).into(),
        DataType::Int16 => array.as_primitive::<Int16Type>().value(row).into(),
        DataType::Int32 => array.as_primitive::<Int32Type>().value(row).into(),
        DataType::Int64 => array.as_primitive::<Int64Type>().value(row).into(),
        DataType::UInt8 => array.as_primitive::<UInt8Type>().value(row).into(),
        DataType::UInt16 => array.as_primitive::<UInt16Type>().value(row).into(),
        DataType::UInt32 => array.as_primitive::<UInt32Type>().value(row).into(),
        DataType::UInt64 => array.as_primitive::<UInt64Type>().value(row).into(),
        DataType::Utf8 => return Some(array.as_string::<i32>().value(row).into()),
        DataType::LargeUtf8 => return Some(array.as_string::<i64>().value(row).into()),
        _ => return None,
    };
    Some(RecordId::Integer(number))
}

/// A vector of a row; numbers of 64 bits are rounded to 32.
fn vector_at(kind: VectorKind, array: &dyn Array, row: usize) -> Option<Vector> {
    if array.is_null(row) {
        return None;
    }
    if kind != VectorKind::Multi {
        return array.as_fixed_size_list_opt().and_then(|list| dense_at(list, row)).map(Vector::Dense);
    }
    let several = match array.data_type() {
        DataType::LargeList(_) => array.as_list::<i64>().value(row),
        _ => array.as_list_opt::<i32>()?.value(row),
    };
    let list = several.as_fixed_size_list_opt()?;
    (0..list.len()).map(|row| dense_at(list, row)).collect::<Option<_>>().map(Vector::Multi)
}

#[allow(clippy::cast_possible_truncation)] // as the docs say: the model's vectors have 32 bits
fn dense_at(list: &lancedb::arrow::arrow_array::FixedSizeListArray, row: usize) -> Option<Vec<f32>> {
    let size = usize::try_from(list.value_length()).ok()?;
    let start = usize::try_from(list.value_offset(row)).ok()?;
    let (values, range) = (list.values(), start..start + size);
    match values.data_type() {
        DataType::Float32 => values.as_primitive::<Float32Type>().values().get(range).map(<[f32]>::to_vec),
        DataType::Float16 => {
            let numbers = values.as_primitive::<Float16Type>().values().get(range)?;
            Some(numbers.iter().map(|number| number.to_f32()).collect())
        }
        DataType::Float64 => {
            let numbers = values.as_primitive::<Float64Type>().values().get(range)?;
            Some(numbers.iter().map(|number| *number as f32).collect())
        }
        DataType::UInt8 => {
            let numbers = values.as_primitive::<UInt8Type>().values().get(range)?;
            Some(numbers.iter().map(|number| f32::from(*number)).collect())
        }
        _ => None,
    }
}
