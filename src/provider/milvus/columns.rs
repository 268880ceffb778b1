//! Columns of an answer to records.

use serde_json::{Map, Number, Value};

use super::layout::{DYNAMIC, Layout};
use super::proto::{Field, FieldData, IdField, Ids, ScalarField, Scalars};
use super::vectors;
use crate::provider::model::{Payload, Record, RecordId, Vector, Vectors};

/// Why columns are no records.
type Fault = String;

/// The records in these columns. `ids` stand apart in the answer to a search.
///
/// # Errors
/// What does not fit together.
pub(super) fn records(
    layout: &Layout,
    columns: Vec<FieldData>,
    ids: Option<Ids>,
    with_vectors: bool,
) -> Result<Vec<Record>, Fault> {
    let mut columns = columns;
    let ids = match ids {
        Some(ids) => from_ids(ids),
        None => {
            let place = columns.iter().position(|column| column.field_name == layout.key.field);
            let Some(place) = place else {
                return if columns.is_empty() { Ok(Vec::new()) } else { Err("the key's column is missing".to_owned()) };
            };
            from_column(columns.swap_remove(place))?
        }
    };
    let rows = ids.len();
    let mut payloads: Vec<Payload> = vec![Map::new(); rows];
    let mut all: Vec<Vec<(String, Vector)>> = vec![Vec::new(); if with_vectors { rows } else { 0 }];
    for field in &layout.fields {
        let Some(column) = take(&mut columns, &field.name) else { continue };
        for (payload, value) in payloads.iter_mut().zip(values(column, rows)?) {
            payload.insert(field.name.clone(), value.unwrap_or(Value::Null));
        }
    }
    for field in layout.vectors.iter().filter(|_| with_vectors) {
        let Some(column) = take(&mut columns, &field.field) else { continue };
        for (vectors, vector) in all.iter_mut().zip(column_of_vectors(column, rows)?) {
            vectors.extend(vector.map(|vector| (field.name.clone(), vector)));
        }
    }
    if let Some(place) = columns.iter().position(|column| column.is_dynamic || column.field_name == DYNAMIC) {
        for (payload, value) in payloads.iter_mut().zip(values(columns.swap_remove(place), rows)?) {
            match value {
                Some(Value::Object(fields)) => payload.extend(fields),
                None | Some(Value::Null) => {}
                Some(other) => return Err(format!("dynamic fields that are no object but {other}")),
            }
        }
    }
    let mut all = all.into_iter();
    Ok(ids
        .into_iter()
        .zip(payloads)
        .map(|(id, payload)| Record { id, vectors: all.next().map(Vectors), payload, text: None })
        .collect())
}

/// The only number in an answer to `count(*)`.
pub(super) fn count(columns: &[FieldData]) -> Option<u64> {
    match columns.first()?.field.as_ref()? {
        Field::Scalars(ScalarField { data: Some(Scalars::Longs(array)), .. }) => {
            array.data.first().and_then(|count| u64::try_from(*count).ok())
        }
        _ => None,
    }
}

fn take(columns: &mut Vec<FieldData>, name: &str) -> Option<FieldData> {
    let place = columns.iter().position(|column| column.field_name == name && !column.is_dynamic)?;
    Some(columns.swap_remove(place))
}

fn from_ids(ids: Ids) -> Vec<RecordId> {
    match ids.field {
        None => Vec::new(),
        Some(IdField::Integers(array)) => array.data.into_iter().map(RecordId::from).collect(),
        Some(IdField::Texts(array)) => array.data.into_iter().map(RecordId::Text).collect(),
    }
}

fn from_column(column: FieldData) -> Result<Vec<RecordId>, Fault> {
    match column.field {
        None => Ok(Vec::new()),
        Some(Field::Scalars(ScalarField { data, .. })) => match data {
            None => Ok(Vec::new()),
            Some(Scalars::Longs(array)) => Ok(array.data.into_iter().map(RecordId::from).collect()),
            Some(Scalars::Strings(array)) => Ok(array.data.into_iter().map(RecordId::Text).collect()),
            Some(_) => Err("a key that is neither a whole number nor a text".to_owned()),
        },
        Some(Field::Vectors(_)) => Err("a vector for a key".to_owned()),
    }
}

/// The values of a column, `None` for a null.
fn values(column: FieldData, rows: usize) -> Result<Vec<Option<Value>>, Fault> {
    let name = column.field_name;
    let scalars = match column.field {
        Some(Field::Scalars(scalars)) => scalars,
        None => ScalarField::default(),
        Some(Field::Vectors(_)) => return Err(format!("vectors in the field {name:?}")),
    };
    let valid = if scalars.valid_data.is_empty() { column.valid_data } else { scalars.valid_data };
    spread(each(scalars.data).map_err(|fault| format!("{fault} in the field {name:?}"))?, &valid, rows, &name)
}

fn column_of_vectors(column: FieldData, rows: usize) -> Result<Vec<Option<Vector>>, Fault> {
    let name = column.field_name;
    let Some(Field::Vectors(mut field)) = column.field else { return spread(Vec::new(), &[], rows, &name) };
    let own = std::mem::take(&mut field.valid_data);
    let valid = if own.is_empty() { column.valid_data } else { own };
    spread(vectors::decode(field).map_err(|fault| format!("{fault} in the field {name:?}"))?, &valid, rows, &name)
}

/// Values in their rows. Where some rows have none, servers send either all rows or only those with
/// a value.
fn spread<T>(values: Vec<T>, valid: &[bool], rows: usize, name: &str) -> Result<Vec<Option<T>>, Fault> {
    let there = valid.iter().filter(|valid| **valid).count();
    if valid.is_empty() && values.len() == rows {
        return Ok(values.into_iter().map(Some).collect());
    }
    if valid.len() != rows || (values.len() != rows && values.len() != there) {
        return Err(format!("{} values for {rows} records in the field {name:?}", values.len()));
    }
    let all = values.len() == rows;
    let mut values = values.into_iter();
    Ok(valid
        .iter()
        .map(|valid| {
            let value = if all || *valid { values.next() } else { None };
            value.filter(|_| *valid)
        })
        .collect())
}

fn each(data: Option<Scalars>) -> Result<Vec<Value>, Fault> {
    Ok(match data {
        None => Vec::new(),
        Some(Scalars::Bools(array)) => array.data.into_iter().map(Value::from).collect(),
        Some(Scalars::Ints(array)) => array.data.into_iter().map(Value::from).collect(),
        Some(Scalars::Longs(array)) => array.data.into_iter().map(Value::from).collect(),
        Some(Scalars::Floats(array)) => array.data.into_iter().map(float).collect(),
        Some(Scalars::Doubles(array)) => array.data.into_iter().map(double).collect(),
        Some(Scalars::Strings(array) | Scalars::Geometries(array)) => array.data.into_iter().map(Value::from).collect(),
        Some(Scalars::Jsons(array)) => return array.data.iter().map(|bytes| json(bytes)).collect(),
        Some(Scalars::Arrays(array)) => {
            return array.data.into_iter().map(|row| each(row.data).map(Value::Array)).collect();
        }
    })
}

fn json(bytes: &[u8]) -> Result<Value, Fault> {
    if bytes.is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_slice(bytes).map_err(|error| format!("no JSON ({error})"))
}

fn double(value: f64) -> Value {
    Number::from_f64(value).map_or_else(|| Value::from(value.to_string()), Value::Number)
}

/// As the shortest decimal that reads back to the same `f32`: 0.1, not 0.10000000149011612.
fn float(value: f32) -> Value {
    double(shortest(value))
}

/// The `f64` that prints as the `f32` does.
pub(super) fn shortest(value: f32) -> f64 {
    value.to_string().parse().unwrap_or_else(|_| f64::from(value))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use serde_json::json;

    use super::super::layout::tests::{field, layout};
    use super::super::proto::{BytesArray, FloatArray, LongArray, StringArray, data_type};
    use super::*;

    fn column(name: &str, data: Scalars, valid: &[bool]) -> FieldData {
        let scalars = ScalarField { data: Some(data), valid_data: Vec::new() };
        FieldData {
            field_name: name.to_owned(),
            field: Some(Field::Scalars(scalars)),
            valid_data: valid.to_vec(),
            ..FieldData::default()
        }
    }

    fn keys(keys: &[&str]) -> FieldData {
        let data = keys.iter().map(|key| (*key).to_owned()).collect();
        column("_id", Scalars::Strings(StringArray { data }), &[])
    }

    fn longs(data: &[i64]) -> Scalars {
        Scalars::Longs(LongArray { data: data.to_vec() })
    }

    #[test]
    fn dynamic_fields_stand_flat_beside_the_declared_ones() {
        let layout = layout(vec![field("n", data_type::INT64)], true);
        let meta = vec![br#"{"tags":["a"],"big":18446744073709551615}"#.to_vec(), b"{}".to_vec()];
        let mut dynamic = column("$meta", Scalars::Jsons(BytesArray { data: meta }), &[]);
        dynamic.is_dynamic = true;
        let found = records(&layout, vec![dynamic, column("n", longs(&[1, 2]), &[]), keys(&["a", "b"])], None, false);
        let found = found.unwrap();
        assert_eq!(found[0].id, "a".into());
        assert_eq!(Value::Object(found[0].payload.clone()), json!({ "n": 1, "tags": ["a"], "big": u64::MAX }));
        assert_eq!(Value::Object(found[1].payload.clone()), json!({ "n": 2 }));
        assert_eq!(found[0].vectors, None);
    }

    #[test]
    fn nulls_are_found_whether_their_rows_are_sent_or_not() {
        let layout = layout(vec![field("n", data_type::INT64)], false);
        for sent in [longs(&[7]), longs(&[0, 7, 0])] {
            let columns = vec![keys(&["a", "b", "c"]), column("n", sent, &[false, true, false])];
            let found = records(&layout, columns, None, false).unwrap();
            let values: Vec<_> = found.iter().map(|record| record.payload["n"].clone()).collect();
            assert_eq!(values, [json!(null), json!(7), json!(null)]);
        }
    }

    #[test]
    fn floats_of_32_bits_print_without_false_digits() {
        let layout = layout(vec![field("f", data_type::FLOAT)], false);
        let floats = Scalars::Floats(FloatArray { data: vec![0.1, f32::NAN] });
        let found = records(&layout, vec![keys(&["a", "b"]), column("f", floats, &[])], None, false).unwrap();
        assert_eq!((found[0].payload["f"].to_string(), &found[1].payload["f"]), ("0.1".to_owned(), &json!("NaN")));
    }

    #[test]
    fn columns_of_another_length_and_broken_json_are_told() {
        let layout = layout(vec![field("n", data_type::INT64)], true);
        let short = records(&layout, vec![keys(&["a", "b"]), column("n", longs(&[1]), &[])], None, false);
        assert_eq!(short.unwrap_err(), "1 values for 2 records in the field \"n\"");
        let broken = Scalars::Jsons(BytesArray { data: vec![b"{".to_vec()] });
        let broken = records(&layout, vec![keys(&["a"]), column("$meta", broken, &[])], None, false).unwrap_err();
        assert!(broken.contains("no JSON") && broken.contains("$meta"), "{broken}");
        let keyless = records(&layout, vec![column("n", longs(&[1]), &[])], None, false);
        assert_eq!(keyless.unwrap_err(), "the key's column is missing");
    }
}
