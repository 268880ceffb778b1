//! Records to the body of Chroma's `upsert`: checked before anything is sent, because Chroma drops
//! or changes some values in silence. Pure: `mod` sends.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use serde::Serialize;
use serde_json::Value;

use super::translation::{Columns, unsupported};
use crate::provider::model::{Payload, Record, RecordId, Vector};
use crate::provider::{ProviderError, Result};

/// The body of an `upsert`.
#[derive(Debug, Serialize)]
pub(super) struct Upsert {
    /// Ids.
    pub(super) ids: Vec<String>,
    /// One vector for each.
    pub(super) embeddings: Vec<Vec<f32>>,
    /// One payload for each, `None` for an empty one.
    pub(super) metadatas: Vec<Option<Payload>>,
    /// One text for each.
    pub(super) documents: Vec<Option<String>>,
}

impl Upsert {
    /// Columns from records. Of several with one id the last one counts: Chroma would merge them.
    ///
    /// # Errors
    /// The first record that Chroma would refuse, or store as something else than it is.
    pub(super) fn new(records: Vec<Record>) -> Result<Self> {
        let mut body = Self { ids: Vec::new(), embeddings: Vec::new(), metadatas: Vec::new(), documents: Vec::new() };
        let mut places = HashMap::new();
        for record in records {
            check_payload(&record)?;
            let embedding = embedding(&record)?;
            let RecordId::Text(id) = record.id else {
                return Err(unsupported(format!("its ids are texts, and {} is none", record.id)));
            };
            let metadata = if record.payload.is_empty() { None } else { Some(record.payload) };
            match places.entry(id) {
                Entry::Occupied(place) => {
                    let place: usize = *place.get();
                    body.embeddings[place] = embedding;
                    body.metadatas[place] = metadata;
                    body.documents[place] = record.text;
                }
                Entry::Vacant(place) => {
                    body.ids.push(place.key().clone());
                    place.insert(body.embeddings.len());
                    body.embeddings.push(embedding);
                    body.metadatas.push(metadata);
                    body.documents.push(record.text);
                }
            }
        }
        Ok(body)
    }

    /// Chroma merges the metadata of an upsert into what is there: what the new record does not
    /// have must be sent as `null` to go away. `old` are records with these ids as they are stored.
    pub(super) fn replace(&mut self, old: Columns) -> std::result::Result<Leftovers, String> {
        let mut stored: HashMap<_, _> = old
            .records(false)?
            .into_iter()
            .map(|record| (record.id.to_string(), (record.payload, record.text)))
            .collect();
        let mut left = Leftovers::default();
        for ((id, metadata), document) in self.ids.iter().zip(&mut self.metadatas).zip(&self.documents) {
            let Some((payload, text)) = stored.remove(id) else { continue };
            if text.is_some() && document.is_none() {
                left.texts.push(id.clone());
                continue;
            }
            for (key, _) in payload {
                let metadata = metadata.get_or_insert_default();
                if !metadata.contains_key(&key) {
                    metadata.insert(key, Value::Null);
                    left.fields += 1;
                }
            }
        }
        Ok(left)
    }
}

/// What is stored and is not part of the records that replace it.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Leftovers {
    /// Number of fields; the next upsert takes them away.
    pub(super) fields: usize,
    /// Ids of records with a text that must go away, which no upsert can do.
    pub(super) texts: Vec<String>,
}

/// The one vector that Chroma wants.
fn embedding(record: &Record) -> Result<Vec<f32>> {
    match record.vectors.as_ref().map(|vectors| vectors.0.as_slice()) {
        Some([(name, Vector::Dense(values))]) if name.is_empty() => {
            finite(values, &format!("record {}", record.id))?;
            Ok(values.clone())
        }
        Some([]) | None => Err(ProviderError::BadRequest {
            cause: format!("record {} has no vector, and Chroma stores none without", record.id),
            mend: "Give it a vector.".to_owned(),
        }),
        Some(_) => Err(unsupported(format!("it stores one unnamed dense vector, and record {} has others", record.id))),
    }
}

/// Refuses numbers that JSON cannot carry.
///
/// # Errors
/// Which value is not finite.
pub(super) fn finite(values: &[f32], whose: &str) -> Result<()> {
    match values.iter().position(|value| !value.is_finite()) {
        None => Ok(()),
        Some(place) => Err(ProviderError::BadRequest {
            cause: format!("dimension {place} of the vector of {whose} is {}", values[place]),
            mend: "Give a finite number.".to_owned(),
        }),
    }
}

/// Refuses what Chroma would drop or change in silence (seen on 1.5.9): `null` and `[]` vanish,
/// whole numbers beyond `i64` become floats, so do those in an array with floats.
fn check_payload(record: &Record) -> Result<()> {
    for (key, value) in &record.payload {
        let fault = if key.starts_with("chroma:") {
            // A `null` for `chroma:document` ends the server's log writer: every later write fails.
            Some("the names that start with `chroma:` are its own")
        } else {
            scalar_fault(value).or_else(|| array_fault(value))
        };
        if let Some(fault) = fault {
            return Err(unsupported(format!("{fault} (field {key:?} of record {})", record.id)));
        }
    }
    Ok(())
}

fn scalar_fault(value: &Value) -> Option<&'static str> {
    match value {
        Value::Null => Some("it stores no null"),
        Value::Object(_) => Some("it stores no objects in metadata"),
        Value::Number(number) if number.is_u64() && !number.is_i64() => Some("its whole numbers end at i64::MAX"),
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => None,
    }
}

fn array_fault(value: &Value) -> Option<&'static str> {
    let values = value.as_array()?;
    let kind = |value: &Value| match value {
        Value::String(_) => 0,
        Value::Bool(_) => 1,
        Value::Number(number) if number.is_f64() => 2,
        Value::Number(_) => 3,
        Value::Null | Value::Array(_) | Value::Object(_) => 4,
    };
    let first = values.first().map(kind);
    match first {
        None => Some("it stores no empty arrays"),
        Some(4) => Some("its arrays hold texts, numbers or booleans only"),
        Some(first) if values.iter().any(|value| kind(value) != first) => {
            Some("its arrays hold values of one kind only")
        }
        Some(_) => values.iter().find_map(scalar_fault),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::provider::model::Vectors;

    fn record(payload: Value) -> Record {
        let Value::Object(payload) = payload else { panic!("an object") };
        Record { id: "a".into(), vectors: Some(Vectors::unnamed(vec![1.0])), payload, text: None }
    }

    #[test]
    fn what_chroma_would_drop_or_change_is_refused_with_the_fields_name() {
        for value in [
            json!({ "gone": null }),
            json!({ "gone": [] }),
            json!({ "gone": { "a": 1 } }),
            json!({ "gone": [1, 2.5] }),
            json!({ "gone": [1, "a"] }),
            json!({ "gone": [[1]] }),
            json!({ "gone": u64::MAX }),
            json!({ "gone": [1, u64::MAX] }),
        ] {
            let error = Upsert::new(vec![record(value.clone())]).unwrap_err();
            assert!(error.to_string().contains("\"gone\" of record a"), "{value}: {error}");
        }
        assert!(Upsert::new(vec![record(json!({ "chroma:document": "x" }))]).is_err());
        assert!(Upsert::new(vec![record(json!({ "i": i64::MIN, "f": 1.0, "b": true, "a": ["x", "y"] }))]).is_ok());
    }

    #[test]
    fn replacing_sends_null_for_fields_that_are_gone_and_names_texts_to_be_cleared() {
        let mut body = Upsert::new(vec![record(json!({ "kept": 1 }))]).unwrap();
        let old: Columns =
            serde_json::from_value(json!({ "ids": ["a"], "metadatas": [{ "kept": 0, "old": 2 }] })).unwrap();
        assert_eq!(body.replace(old).unwrap(), Leftovers { fields: 1, texts: Vec::new() });
        assert_eq!(json!(body.metadatas), json!([{ "kept": 1, "old": null }]));

        let old: Columns = serde_json::from_value(json!({ "ids": ["a"], "documents": ["text"] })).unwrap();
        assert_eq!(body.replace(old).unwrap(), Leftovers { fields: 0, texts: vec!["a".to_owned()] });
    }

    #[test]
    fn vectors_with_nan_are_refused_before_they_are_sent() {
        let mut bad = record(json!({}));
        bad.vectors = Some(Vectors::unnamed(vec![0.0, f32::INFINITY]));
        assert!(Upsert::new(vec![bad]).unwrap_err().to_string().contains("dimension 1"));
    }
}
