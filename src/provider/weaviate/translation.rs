//! Weaviate's objects to records. Pure.
//!
//! JSON of Weaviate writes a `number` of 1.0 as `1`: the class tells which numbers are floats.
//! References stay what they are there, beacons.

use serde::Deserialize;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::schema::{Class, Element, Kind, Property};
use crate::provider::model::{Metric, Payload, Record, RecordId, Score, Vector, Vectors};
use crate::provider::transport::{Document, Field};

/// An object as REST gives it.
#[derive(Deserialize)]
pub(super) struct Object {
    id: Option<Value>,
    properties: Option<Value>,
    vector: Option<Field>,
    vectors: Option<Document>,
}

/// The record that an object is.
///
/// # Errors
/// What is wrong with it.
pub(super) fn record(object: Object, class: &Class, with_vectors: bool) -> Result<Record, String> {
    let id = object.id.as_ref().and_then(Value::as_str).and_then(|id| Uuid::parse_str(id).ok());
    let id = id.ok_or("an object without an id")?;
    let payload = match object.properties {
        Some(Value::Object(properties)) => payload(&properties, &class.properties),
        None | Some(Value::Null) => Payload::new(),
        Some(_) => return Err(format!("properties of {id} that are no object")),
    };
    let vectors = with_vectors.then(|| vectors(object.vector, object.vectors));
    let vectors = vectors.transpose().map_err(|cause| format!("{cause} of {id}"))?;
    Ok(Record { id: RecordId::Uuid(id), vectors, payload, text: None })
}

fn payload(properties: &Map<String, Value>, known: &[Property]) -> Payload {
    let typed = |(name, value): (&String, &Value)| {
        let property = known.iter().find(|property| property.name == *name);
        (name.clone(), property.map_or_else(|| value.clone(), |property| typed(value, property)))
    };
    properties.iter().map(typed).collect()
}

/// The value with the kind of number that its property has.
fn typed(value: &Value, property: &Property) -> Value {
    match value {
        Value::Array(list) => {
            let single = Property { kind: Kind { array: false, ..property.kind.clone() }, ..property.clone() };
            list.iter().map(|element| typed(element, &single)).collect()
        }
        Value::Object(inner) if property.kind.element == Element::Object => {
            Value::Object(payload(inner, &property.nested))
        }
        Value::Number(number) if property.kind.element == Element::Number => {
            number.as_f64().map_or_else(|| value.clone(), Value::from)
        }
        _ => value.clone(),
    }
}

/// The vectors of an object: the unnamed one, and the named ones sorted by name.
fn vectors(unnamed: Option<Field>, named: Option<Document>) -> Result<Vectors, String> {
    let mut found = Vec::new();
    let empty = |field: &Field| field.floats().is_some_and(|values| values.is_empty());
    match unnamed {
        None | Some(Field::Other(Value::Null)) => {}
        Some(Field::Other(_)) if unnamed.as_ref().is_some_and(empty) => {}
        Some(unnamed) => found.push((String::new(), vector(&unnamed).ok_or("a vector that is no list of numbers")?)),
    }
    for (name, values) in named.map(|named| named.0).unwrap_or_default() {
        if values != Field::Other(Value::Null) {
            let vector = vector(&values).ok_or_else(|| format!("a vector {name:?} that is no list of numbers"))?;
            found.push((name, vector));
        }
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(Vectors(found))
}

/// Weaviate's numbers are f32, written as their shortest decimal.
fn vector(field: &Field) -> Option<Vector> {
    let rows = match field {
        Field::Other(Value::Array(rows)) if rows.first().is_some_and(Value::is_array) => rows,
        _ => return field.floats().map(Vector::Dense),
    };
    rows.iter().map(|row| Field::Other(row.clone()).floats()).collect::<Option<_>>().map(Vector::Multi)
}

/// How many dimensions a vector has.
pub(super) fn dimension(vector: &Vector) -> Option<usize> {
    match vector {
        Vector::Dense(values) => Some(values.len()),
        Vector::Multi(rows) => rows.first().map(Vec::len),
        Vector::Sparse { .. } => None,
    }
}

/// The score that a distance of Weaviate means: `1 - cosine`, `-product`, the squared euclidean distance.
#[allow(clippy::cast_possible_truncation)] // scores are f32 everywhere
pub(super) fn score(distance: f64, metric: Metric) -> Score {
    let value = match metric {
        Metric::Cosine => 1.0 - distance,
        Metric::Dot => -distance,
        Metric::Euclidean => distance.sqrt(),
        Metric::Manhattan => distance,
    };
    Score::new(value as f32, metric)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use serde_json::json;

    use super::*;

    fn record(object: &Value, class: &Class, with_vectors: bool) -> Result<Record, String> {
        super::record(serde_json::from_value(object.clone()).unwrap(), class, with_vectors)
    }

    const ID: &str = "550e8400-e29b-41d4-a716-446655440000";

    fn class() -> Class {
        Class::read(json!({ "class": "Books", "properties": [
            { "name": "i", "dataType": ["int"] }, { "name": "n", "dataType": ["number"] },
            { "name": "ns", "dataType": ["number[]"] },
            { "name": "o", "dataType": ["object[]"], "nestedProperties": [ { "name": "n", "dataType": ["number"] } ] },
        ] }))
        .unwrap()
    }

    #[test]
    fn numbers_have_the_kind_of_their_property() {
        let object = json!({ "id": ID, "properties": {
            "i": 5, "n": 5, "ns": [1, 2.5], "o": [{ "n": 1 }], "later": 3,
            "ref": [{ "beacon": "weaviate://localhost/Books/x", "href": "/v1/objects/Books/x" }] } });
        let record = record(&object, &class(), false).unwrap();
        let text = Value::Object(record.payload).to_string();
        assert!(
            text.starts_with(r#"{"i":5,"n":5.0,"ns":[1.0,2.5],"o":[{"n":1.0}],"later":3,"ref":[{"beacon""#),
            "{text}"
        );
        assert_eq!(record.vectors, None);
    }

    #[test]
    fn vectors_are_unnamed_named_or_several() {
        let object = json!({ "id": ID, "properties": null, "vector": [0.1, -0.0],
                             "vectors": { "b": [[1, 0], [0.25, 2]], "a": [3], "none": null } });
        let vectors = record(&object, &class(), true).unwrap().vectors.unwrap();
        let expected = vec![
            (String::new(), Vector::Dense(vec![0.1, -0.0])),
            ("a".to_owned(), Vector::Dense(vec![3.0])),
            ("b".to_owned(), Vector::Multi(vec![vec![1.0, 0.0], vec![0.25, 2.0]])),
        ];
        assert_eq!(vectors.0, expected);
        assert!(record(&json!({ "id": ID, "vector": ["x"] }), &class(), true).is_err());
        assert!(record(&json!({ "id": "5" }), &class(), true).is_err());
    }

    #[test]
    fn distances_become_scores_of_the_same_meaning_everywhere() {
        let value = |metric| score(0.25, metric).value;
        assert_eq!([value(Metric::Cosine), value(Metric::Dot)], [0.75, -0.25]);
        assert_eq!([value(Metric::Euclidean), value(Metric::Manhattan)], [0.5, 0.25]);
    }
}
