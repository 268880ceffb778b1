//! Values of columns as JSON. Whole numbers, texts and truth values are themselves; floats of 16 and
//! 32 bits become the shortest decimal that means them; what JSON has no form for becomes the text
//! that Arrow writes: dates and times in ISO 8601, decimals with all their digits, bytes in hexadecimal.

use lancedb::arrow::arrow_array::cast::AsArray;
use lancedb::arrow::arrow_array::types::{
    ArrowPrimitiveType, Float16Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type,
    UInt16Type, UInt32Type, UInt64Type,
};
use lancedb::arrow::arrow_array::{Array, ArrayRef, StructArray};
use lancedb::arrow::arrow_cast::display::{ArrayFormatter, FormatOptions};
use lancedb::arrow::arrow_schema::{DataType, Field};
use serde_json::{Map, Number, Value};

/// The name of a type beyond Arrow's own, in a field's metadata.
const EXTENSION: &str = "ARROW:extension:name";

/// The value of a row, `Null` where there is none.
pub(super) fn value(field: &Field, array: &dyn Array, row: usize) -> Value {
    if array.is_null(row) {
        return Value::Null;
    }
    match array.data_type() {
        DataType::Null => Value::Null,
        DataType::Boolean => Value::Bool(array.as_boolean().value(row)),
        DataType::Int8 => integer::<Int8Type>(array, row),
        DataType::Int16 => integer::<Int16Type>(array, row),
        DataType::Int32 => integer::<Int32Type>(array, row),
        DataType::Int64 => integer::<Int64Type>(array, row),
        DataType::UInt8 => integer::<UInt8Type>(array, row),
        DataType::UInt16 => integer::<UInt16Type>(array, row),
        DataType::UInt32 => integer::<UInt32Type>(array, row),
        DataType::UInt64 => integer::<UInt64Type>(array, row),
        DataType::Float16 => short(array.as_primitive::<Float16Type>().value(row).to_f32()),
        DataType::Float32 => short(array.as_primitive::<Float32Type>().value(row)),
        DataType::Float64 => float(array.as_primitive::<Float64Type>().value(row)),
        DataType::Utf8 => text(field, array.as_string::<i32>().value(row)),
        DataType::LargeUtf8 => text(field, array.as_string::<i64>().value(row)),
        DataType::Utf8View => text(field, array.as_string_view().value(row)),
        DataType::FixedSizeBinary(16) if extension(field) == Some("arrow.uuid") => {
            let bytes = uuid::Uuid::from_slice(array.as_fixed_size_binary().value(row));
            bytes.map_or(Value::Null, |id| Value::from(id.to_string()))
        }
        DataType::List(inner) => elements(inner, &array.as_list::<i32>().value(row)),
        DataType::LargeList(inner) => elements(inner, &array.as_list::<i64>().value(row)),
        DataType::FixedSizeList(inner, _) => elements(inner, &array.as_fixed_size_list().value(row)),
        DataType::Struct(_) => Value::Object(object(array.as_struct(), row)),
        DataType::Map(..) => pairs(&array.as_map().value(row)),
        DataType::Dictionary(..) => {
            let dictionary = array.as_any_dictionary();
            let key = value(field, dictionary.keys(), row).as_u64().and_then(|key| usize::try_from(key).ok());
            key.map_or(Value::Null, |key| value(field, dictionary.values().as_ref(), key))
        }
        DataType::Decimal32(_, 0)
        | DataType::Decimal64(_, 0)
        | DataType::Decimal128(_, 0)
        | DataType::Decimal256(_, 0) => {
            let shown = written(array, row);
            let whole = shown.parse::<i64>().map(Number::from).or_else(|_| shown.parse::<u64>().map(Number::from));
            whole.map_or_else(|_| Value::from(shown.as_str()), Value::Number)
        }
        _ => Value::from(written(array, row)),
    }
}

/// The fields of a structure, in its order.
pub(super) fn object(array: &StructArray, row: usize) -> Map<String, Value> {
    let columns = array.fields().iter().zip(array.columns());
    columns.map(|(field, column)| (field.name().clone(), value(field, column.as_ref(), row))).collect()
}

fn elements(inner: &Field, array: &ArrayRef) -> Value {
    Value::Array((0..array.len()).map(|row| value(inner, array.as_ref(), row)).collect())
}

/// A map with texts as keys is an object, any other an array of pairs.
fn pairs(entries: &StructArray) -> Value {
    let (fields, [keys, values]) = (entries.fields(), entries.columns()) else { return Value::Null };
    let (Some(key), Some(held)) = (fields.first(), fields.get(1)) else { return Value::Null };
    let all = (0..entries.len()).map(|row| (value(key, keys.as_ref(), row), value(held, values.as_ref(), row)));
    let all: Vec<(Value, Value)> = all.collect();
    let mut object = Map::new();
    for (key, held) in &all {
        match key {
            Value::String(key) if !object.contains_key(key) => object.insert(key.clone(), held.clone()),
            _ => return Value::Array(all.into_iter().map(|(key, held)| Value::Array(vec![key, held])).collect()),
        };
    }
    Value::Object(object)
}

fn integer<T: ArrowPrimitiveType>(array: &dyn Array, row: usize) -> Value
where
    Value: From<T::Native>,
{
    Value::from(array.as_primitive::<T>().value(row))
}

/// A float of 32 bits: 0.1, not 0.10000000149.
fn short(value: f32) -> Value {
    let decimal = value.to_string().parse::<f64>().ok().and_then(Number::from_f64);
    decimal.map_or_else(|| Value::from(value.to_string()), Value::Number)
}

/// A float of 64 bits; NaN and the infinities, for which JSON has no number, are their names.
fn float(value: f64) -> Value {
    Number::from_f64(value).map_or_else(|| Value::from(value.to_string()), Value::Number)
}

/// A text, or what it holds if its column is of JSON.
fn text(field: &Field, text: &str) -> Value {
    let json = is_json(field).then(|| serde_json::from_str(text).ok()).flatten();
    json.unwrap_or_else(|| Value::from(text))
}

/// Whether a column holds JSON, which Lance stores in a form of its own.
pub(super) fn is_json(field: &Field) -> bool {
    matches!(extension(field), Some("arrow.json" | "lance.json"))
}

fn extension(field: &Field) -> Option<&str> {
    field.metadata().get(EXTENSION).map(String::as_str)
}

/// What Arrow writes for it.
fn written(array: &dyn Array, row: usize) -> String {
    let options = FormatOptions::new();
    let shown = ArrayFormatter::try_new(array, &options);
    let shown = shown.ok().and_then(|formatter| formatter.value(row).try_to_string().ok());
    shown.unwrap_or_else(|| format!("a value of the type {}", array.data_type()))
}
