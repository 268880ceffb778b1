//! Records to columns. What the collection's fields cannot hold as it is, is refused before anything
//! is sent: Milvus would round it, or take it for something else.

use std::collections::HashMap;

use serde_json::Value;

use super::columns::shortest;
use super::layout::{DYNAMIC, Field as Declared, Layout, VectorField};
use super::proto::{
    self, ArrayArray, BoolArray, BytesArray, DoubleArray, FieldData, FloatArray, IntArray, LongArray, ScalarField,
    Scalars, StringArray, data_type,
};
use super::{PRODUCT, expression};
use crate::provider::model::{Record, RecordId};
use crate::provider::{ProviderError, Result};

/// The columns of a write.
///
/// # Errors
/// The first record that the collection cannot hold as it is.
pub(super) fn columns(layout: &Layout, records: &[Record], reserved: &[&str]) -> Result<Vec<FieldData>> {
    let mut columns = vec![keys(layout, records)?];
    for field in layout.vectors.iter().filter(|field| !field.computed) {
        columns.push(vectors(field, records)?);
    }
    for record in records {
        check(layout, record, reserved)?;
    }
    for field in &layout.fields {
        columns.push(declared(field, records)?);
    }
    if layout.dynamic {
        columns.push(dynamic(layout, records));
    }
    Ok(columns)
}

/// Of several records with one id the last one counts.
pub(super) fn last_of_each(records: Vec<Record>) -> Vec<Record> {
    let last: HashMap<RecordId, usize> =
        records.iter().enumerate().map(|(place, record)| (record.id.clone(), place)).collect();
    let mut place = 0..;
    let mut records = records;
    records.retain(|record| last.get(&record.id).copied() == place.next());
    records
}

fn keys(layout: &Layout, records: &[Record]) -> Result<FieldData> {
    let key = &layout.key;
    let refused = |record: &Record| {
        let kind = if key.text { "texts" } else { "whole numbers of 64 bits" };
        let reason = format!("the ids of {:?} are {kind}, and {} is none", layout.collection, record.id);
        ProviderError::Unsupported { product: PRODUCT, reason }
    };
    let (kind, data) = if key.text {
        let texts = records.iter().map(|record| expression::text_key(&record.id).map(str::to_owned).ok_or(record));
        let data = texts.collect::<std::result::Result<_, _>>().map_err(refused)?;
        (data_type::VARCHAR, Scalars::Strings(StringArray { data }))
    } else {
        let numbers = records.iter().map(|record| expression::integer_key(&record.id).ok_or(record));
        let data = numbers.collect::<std::result::Result<_, _>>().map_err(refused)?;
        (data_type::INT64, Scalars::Longs(LongArray { data }))
    };
    Ok(scalars(&key.field, kind, data, Vec::new()))
}

fn vectors(field: &VectorField, records: &[Record]) -> Result<FieldData> {
    let mut rows = Vec::with_capacity(records.len());
    let mut valid = Vec::with_capacity(records.len());
    for record in records {
        let vector = record.vectors.as_ref().and_then(|vectors| vectors.get(&field.name));
        valid.push(vector.is_some());
        match vector {
            None if field.nullable => {}
            None => {
                return Err(ProviderError::BadRequest {
                    cause: format!("record {} has no vector {:?}, and the collection wants one", record.id, field.name),
                    mend: "Give it a vector.".to_owned(),
                });
            }
            Some(vector) => {
                let bytes = field.kind.encode(vector);
                let bytes = bytes.map_err(|fault| bad_vector(field, &format!("of record {}", record.id), &fault))?;
                check_dimension(field, vector, &format!("of record {}", record.id))?;
                rows.push(bytes);
            }
        }
    }
    let column = field.kind.column(field.dimension.unwrap_or_default(), rows);
    Ok(FieldData {
        kind: field.kind.number(),
        field_name: field.field.clone(),
        field: Some(proto::Field::Vectors(column)),
        valid_data: if field.nullable { valid } else { Vec::new() },
        ..FieldData::default()
    })
}

/// A vector that the field cannot hold, with the reason.
pub(super) fn bad_vector(field: &VectorField, whose: &str, fault: &str) -> ProviderError {
    ProviderError::BadRequest {
        cause: format!("the vector {:?} {whose} does not fit: {fault}", field.name),
        mend: "Give a vector of the field's kind.".to_owned(),
    }
}

/// Refuses a vector of another dimension than the field's.
pub(super) fn check_dimension(field: &VectorField, vector: &crate::provider::model::Vector, whose: &str) -> Result<()> {
    use crate::provider::model::Vector;
    match (vector, field.dimension) {
        (Vector::Dense(values), Some(dimension)) if values.len() != dimension => {
            let fault = format!("it has {} dimensions, the field {dimension}", values.len());
            Err(bad_vector(field, whose, &fault))
        }
        _ => Ok(()),
    }
}

/// Refuses what has no field to be in.
fn check(layout: &Layout, record: &Record, reserved: &[&str]) -> Result<()> {
    let fault = |reason: String| Err(ProviderError::Unsupported { product: PRODUCT, reason });
    if record.text.is_some() {
        return fault(format!("it keeps no text apart from the payload, and record {} has one", record.id));
    }
    let vectors = record.vectors.iter().flat_map(|vectors| &vectors.0);
    for (name, _) in vectors {
        if !layout.vectors.iter().any(|field| field.name == *name && !field.computed) {
            return fault(format!("{:?} has no vector {name:?} to write (record {})", layout.collection, record.id));
        }
    }
    for key in record.payload.keys().filter(|key| layout.field(key).is_none()) {
        let own = *key == layout.key.field || layout.vectors.iter().any(|field| field.field == *key);
        if own || reserved.contains(&key.as_str()) || layout.hidden.iter().any(|(name, _)| name == key) {
            return fault(format!("it keeps the name {key:?} for itself (payload of record {})", record.id));
        }
        if !layout.dynamic {
            let reason = format!("{:?} has no field {key:?} and takes none beyond its schema", layout.collection);
            return fault(format!("{reason} (record {})", record.id));
        }
    }
    Ok(())
}

fn dynamic(layout: &Layout, records: &[Record]) -> FieldData {
    let row = |record: &Record| {
        let fields = record.payload.iter().filter(|(key, _)| layout.field(key).is_none());
        let object = fields.map(|(key, value)| (key.clone(), value.clone())).collect();
        Value::Object(object).to_string().into_bytes()
    };
    let data = Scalars::Jsons(BytesArray { data: records.iter().map(row).collect() });
    FieldData { is_dynamic: true, ..scalars(DYNAMIC, data_type::JSON, data, Vec::new()) }
}

fn declared(field: &Declared, records: &[Record]) -> Result<FieldData> {
    let mut values = Vec::with_capacity(records.len());
    let mut valid = Vec::with_capacity(records.len());
    for record in records {
        let value = record.payload.get(&field.name).filter(|value| !value.is_null());
        valid.push(value.is_some());
        match value {
            Some(value) => values.push((record, value)),
            None if field.nullable => {}
            None if field.kind == data_type::JSON => values.push((record, &Value::Null)),
            None => return Err(misfit(field, record, "it has no value, and the field takes no null")),
        }
    }
    let fits = |(record, value): &(&Record, &Value)| Err(misfit(field, record, &format!("it is {value}")));
    let data = of_kind(field.kind, field.element, values.iter().map(|(_, value)| *value));
    let Some(data) = data else {
        // Which one it is, for the sentence.
        let one =
            values.iter().find(|(_, value)| of_kind(field.kind, field.element, std::iter::once(*value)).is_none());
        return one.map_or_else(|| Err(unwritable(field)), fits);
    };
    valid.truncate(if field.nullable { valid.len() } else { 0 });
    let kind = if field.kind == data_type::STRING { data_type::VARCHAR } else { field.kind };
    Ok(scalars(&field.name, kind, data, valid))
}

fn misfit(field: &Declared, record: &Record, fault: &str) -> ProviderError {
    let kind = data_type::name(field.kind);
    let reason = format!("the field {:?} ({kind}) cannot hold the value of record {}: {fault}", field.name, record.id);
    ProviderError::Unsupported { product: PRODUCT, reason }
}

fn unwritable(field: &Declared) -> ProviderError {
    let kind = data_type::name(field.kind);
    let reason = format!("fields such as {:?}, of the type {kind}, are not written from here", field.name);
    ProviderError::Unsupported { product: PRODUCT, reason }
}

/// The values as a column of that kind; `None` if one does not fit.
fn of_kind<'a>(kind: i32, element: i32, values: impl Iterator<Item = &'a Value>) -> Option<Scalars> {
    let small = |low: i64, high: i64| move |value: &Value| integer(value).filter(|n| (low..=high).contains(n));
    let int = |value: i64| i32::try_from(value).ok();
    let mut values = values;
    Some(match kind {
        data_type::BOOL => Scalars::Bools(BoolArray { data: values.map(Value::as_bool).collect::<Option<_>>()? }),
        data_type::INT8 | data_type::INT16 | data_type::INT32 => {
            let (low, high) = match kind {
                data_type::INT8 => (i64::from(i8::MIN), i64::from(i8::MAX)),
                data_type::INT16 => (i64::from(i16::MIN), i64::from(i16::MAX)),
                _ => (i64::from(i32::MIN), i64::from(i32::MAX)),
            };
            let fitting = small(low, high);
            Scalars::Ints(IntArray { data: values.map(|value| int(fitting(value)?)).collect::<Option<_>>()? })
        }
        data_type::INT64 => Scalars::Longs(LongArray { data: values.map(integer).collect::<Option<_>>()? }),
        data_type::FLOAT => Scalars::Floats(FloatArray { data: values.map(float).collect::<Option<_>>()? }),
        data_type::DOUBLE => Scalars::Doubles(DoubleArray { data: values.map(double).collect::<Option<_>>()? }),
        data_type::STRING | data_type::VARCHAR | data_type::TEXT | data_type::TIMESTAMPTZ => {
            Scalars::Strings(StringArray { data: values.map(text).collect::<Option<_>>()? })
        }
        data_type::GEOMETRY => Scalars::Geometries(StringArray { data: values.map(text).collect::<Option<_>>()? }),
        data_type::JSON => {
            Scalars::Jsons(BytesArray { data: values.map(|value| value.to_string().into_bytes()).collect() })
        }
        data_type::ARRAY if element != data_type::ARRAY && element != data_type::JSON => {
            let row = |value: &Value| {
                let data = of_kind(element, 0, value.as_array()?.iter())?;
                Some(ScalarField { data: Some(data), valid_data: Vec::new() })
            };
            Scalars::Arrays(ArrayArray { data: values.map(row).collect::<Option<_>>()?, element_type: element })
        }
        _ => return values.next().is_none().then(|| Scalars::Strings(StringArray::default())),
    })
}

fn integer(value: &Value) -> Option<i64> {
    value.as_i64()
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

/// A number that is shown again as it was given.
#[allow(clippy::cast_possible_truncation, clippy::float_cmp)] // compared with what it came from
fn float(value: &Value) -> Option<f32> {
    let number = double(value)?;
    Some(number as f32).filter(|short| shortest(*short) == number)
}

#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation)] // compared with what it came from
fn double(value: &Value) -> Option<f64> {
    match value.as_i64() {
        Some(whole) => Some(whole as f64).filter(|number| *number as i128 == i128::from(whole)),
        None => value.as_f64().filter(|_| !value.is_u64()),
    }
}

fn scalars(name: &str, kind: i32, data: Scalars, valid_data: Vec<bool>) -> FieldData {
    let field = ScalarField { data: Some(data), valid_data: Vec::new() };
    FieldData {
        kind,
        field_name: name.to_owned(),
        field: Some(proto::Field::Scalars(field)),
        valid_data,
        ..FieldData::default()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use rstest::rstest;
    use serde_json::json;

    use super::super::columns as reading;
    use super::super::layout::tests::{field, layout};
    use super::*;
    use crate::provider::model::Vectors;

    fn record(id: &str, payload: Value) -> Record {
        let Value::Object(payload) = payload else { panic!("an object") };
        Record { id: id.into(), vectors: Some(Vectors::unnamed(vec![1.0, 2.0])), payload, text: None }
    }

    #[test]
    fn records_come_back_from_their_columns() {
        let mut array = field("a", data_type::ARRAY);
        array.element_type = data_type::DOUBLE;
        let mut null = field("maybe", data_type::INT8);
        null.nullable = true;
        let kinds = [
            field("b", data_type::BOOL),
            field("i", data_type::INT64),
            field("f", data_type::FLOAT),
            field("t", data_type::VARCHAR),
            field("j", data_type::JSON),
            array,
            null,
        ];
        let layout = layout(kinds.to_vec(), true);
        let payload = json!({
            "b": true, "i": i64::MIN, "f": 0.1, "t": "Grüße", "j": { "deep": [1, null] }, "a": [0.5, 2.0],
            "maybe": null, "free": u64::MAX, "dotted.key": ["x"],
        });
        let written = record("r", payload);
        let columns = columns(&layout, std::slice::from_ref(&written), &[]).unwrap();
        assert_eq!(reading::records(&layout, columns, None, true).unwrap(), vec![written]);
    }

    #[test]
    fn of_two_records_with_one_id_the_last_one_is_written() {
        let layout = layout(Vec::new(), true);
        let twice = vec![record("a", json!({ "n": 1 })), record("b", json!({})), record("a", json!({ "n": 2 }))];
        let columns = columns(&layout, &last_of_each(twice), &[]).unwrap();
        let records = reading::records(&layout, columns, None, false).unwrap();
        let found = (records.len(), records[0].id.clone(), records[1].payload["n"].clone());
        assert_eq!(found, (2, "b".into(), json!(2)));
    }

    #[rstest]
    #[case(json!({ "i": 1.5 }), "\"i\" (Int8)")]
    #[case(json!({ "i": 128 }), "\"i\" (Int8)")]
    #[case(json!({ "i": null }), "no null")]
    #[case(json!({ "i": 1, "_id": "x" }), "the name \"_id\"")]
    #[case(json!({ "i": 1, "_vector": "x" }), "the name \"_vector\"")]
    #[case(json!({ "i": 1, "$meta": "x" }), "the name \"$meta\"")]
    #[case(json!({ "i": 1, "other": 1 }), "no field \"other\"")]
    fn what_has_no_place_is_refused_with_its_name(#[case] payload: Value, #[case] named: &str) {
        let layout = layout(vec![field("i", data_type::INT8)], false);
        let error = columns(&layout, &[record("a", payload)], &["$meta"]).unwrap_err();
        assert!(matches!(error, ProviderError::Unsupported { .. }), "{error}");
        assert!(error.to_string().contains(named), "{error}");
    }

    #[test]
    fn ids_and_vectors_of_another_kind_are_refused() {
        let layout = layout(Vec::new(), true);
        let mut odd = record("a", json!({}));
        odd.id = 5_u64.into();
        assert!(columns(&layout, &[odd], &[]).unwrap_err().to_string().contains("are texts, and 5 is none"));
        let mut long = record("a", json!({}));
        long.vectors = Some(Vectors::unnamed(vec![1.0; 3]));
        assert!(columns(&layout, &[long], &[]).unwrap_err().to_string().contains("3 dimensions, the field 2"));
        let mut none = record("a", json!({}));
        none.vectors = None;
        assert!(columns(&layout, &[none], &[]).unwrap_err().to_string().contains("has no vector"));
        let mut text = record("a", json!({}));
        text.text = Some("words".to_owned());
        assert!(columns(&layout, &[text], &[]).is_err());
    }
}
