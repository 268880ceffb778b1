//! Documents to records and back. The payload is `_source` without the vectors.

use serde::Deserialize;
use serde_json::{Value, json};

use super::mapping::{Index, VectorField};
use super::{PRODUCT, unsupported};
use crate::provider::model::{Payload, Record, RecordId, Vector, Vectors};
use crate::provider::transport::{Document, Field};
use crate::provider::{ProviderError, Result};

/// What of `_source` comes along, for a search: without the vectors, or with them also where the index keeps
/// them apart (`exclude_vectors`, Elasticsearch from 9.2).
pub(super) fn source(index: &Index, with_vectors: bool, hides_vectors: bool) -> Value {
    match (with_vectors, hides_vectors) {
        (true, true) => json!({ "exclude_vectors": false }),
        (true, false) => json!(true),
        (false, _) => json!({ "excludes": paths(index) }),
    }
}

/// The paths of the vectors.
pub(super) fn paths(index: &Index) -> Vec<&str> {
    index.vectors.iter().map(|field| field.path.as_str()).collect()
}

/// An answer with hits.
#[derive(Deserialize)]
pub(super) struct Found {
    /// The name of the point in time for the next page.
    pub(super) pit_id: Option<String>,
    hits: Hits,
}

#[derive(Deserialize)]
struct Hits {
    hits: Vec<Stored>,
}

impl Found {
    /// The hits.
    pub(super) fn hits(self) -> Vec<Stored> {
        self.hits.hits
    }
}

/// An answer of `_mget`.
#[derive(Deserialize)]
pub(super) struct Docs {
    pub(super) docs: Vec<Stored>,
}

/// A hit, or a document of `_mget`.
#[derive(Deserialize)]
pub(super) struct Stored {
    #[serde(rename = "_id")]
    id: Option<String>,
    #[serde(rename = "_source")]
    source: Option<Document>,
    /// That of a search, if it scores.
    #[serde(rename = "_score")]
    pub(super) score: Option<f64>,
    /// The values that it was sorted by.
    pub(super) sort: Option<Value>,
    /// Whether there is such a document.
    #[serde(default)]
    pub(super) found: bool,
    /// Why it was not read.
    pub(super) error: Option<Value>,
}

/// The record of a hit or of a document of `_mget`.
///
/// # Errors
/// What is missing in it.
pub(super) fn record(index: &Index, stored: Stored, with_vectors: bool) -> std::result::Result<Record, String> {
    let id = stored.id.ok_or("a document without an _id")?;
    let mut source =
        stored.source.ok_or_else(|| format!("document {id:?} has no _source: the index does not keep it"))?;
    let (mut vectors, mut others) = (Vec::new(), Vec::new());
    for field in &index.vectors {
        let Some(value) = take(&mut source, &field.path) else { continue };
        match value.floats() {
            Some(values) => vectors.push((field.name.clone(), Vector::Dense(values))),
            // E.g. the hexadecimal digits of bits.
            None => others.push((field.path.clone(), value.into_value())),
        }
    }
    let mut payload = source.into_map();
    payload.extend(others);
    let vectors = with_vectors.then_some(Vectors(vectors));
    Ok(Record { id: RecordId::Text(id), vectors, payload, text: None })
}

/// Takes the value at a path with points out: a key may have points in it itself.
fn take(document: &mut Document, path: &str) -> Option<Field> {
    document.take(path).or_else(|| {
        path.match_indices('.').find_map(|(at, _)| {
            let inner = document.object_mut(path.get(..at)?)?;
            take_in(inner, path.get(at + 1..)?).map(Field::Other)
        })
    })
}

fn take_in(payload: &mut Payload, path: &str) -> Option<Value> {
    if let Some(value) = payload.shift_remove(path) {
        return Some(value);
    }
    path.match_indices('.').find_map(|(at, _)| {
        let inner = payload.get_mut(path.get(..at)?)?.as_object_mut()?;
        take_in(inner, path.get(at + 1..)?)
    })
}

/// The document of a record.
///
/// # Errors
/// `Unsupported` for what a document cannot hold, `BadRequest` for vectors that do not fit the index.
pub(super) fn document(index: &Index, record: Record) -> Result<(String, Value)> {
    let bad = |cause: String, mend: &str| ProviderError::BadRequest { cause, mend: mend.to_owned() };
    let RecordId::Text(id) = &record.id else {
        return Err(unsupported(format!("its ids are texts, and {} is none", record.id)));
    };
    if id.is_empty() || id.len() > MOST_ID {
        return Err(bad(format!("an id has 1 to {MOST_ID} bytes, and {id:?} {}", id.len()), "Shorten it."));
    }
    if record.text.is_some() {
        return Err(unsupported(format!("it has no text apart from the payload (record {id})")));
    }
    let mut document = record.payload;
    for (name, vector) in record.vectors.into_iter().flat_map(|vectors| vectors.0) {
        let field = index.vector(Some(&name)).ok_or_else(|| {
            bad(format!("the collection has no vector {name:?} (record {id})"), "Correct the record.")
        })?;
        let Vector::Dense(values) = &vector else {
            return Err(unsupported(format!("its vectors are dense, and {name:?} of record {id} is not")));
        };
        check(field, values).map_err(|cause| bad(format!("{cause} (record {id})"), "Correct the record."))?;
        if document.contains_key(&field.path) {
            let cause = format!("record {id} has a field {:?}, where its vector belongs", field.path);
            return Err(bad(cause, "Rename that field of the payload."));
        }
        document.insert(field.path.clone(), vector.to_json());
    }
    Ok((id.clone(), Value::Object(document)))
}

/// The most bytes of an id.
const MOST_ID: usize = 512;

/// Whether a vector can be stored in that field, or searched with.
pub(super) fn check(field: &VectorField, values: &[f32]) -> std::result::Result<(), String> {
    if let Some(dimension) = field.dimension.filter(|dimension| *dimension != values.len()) {
        return Err(format!("the vector has {} dimensions, and the field {dimension}", values.len()));
    }
    match values.iter().position(|value| !value.is_finite()) {
        Some(place) => Err(format!("dimension {place} of the vector is no finite number")),
        None => Ok(()),
    }
}

/// The dense vector of a record to search with.
///
/// # Errors
/// `BadRequest` if it has none of that name.
pub(super) fn vector_of(record: &Record, field: &VectorField) -> Result<Vec<f32>> {
    match record.vectors.as_ref().and_then(|vectors| vectors.get(&field.name)) {
        Some(Vector::Dense(values)) => Ok(values.clone()),
        _ => Err(ProviderError::BadRequest {
            cause: format!("record {} has no vector {:?} in {PRODUCT}", record.id, field.path),
            mend: "Choose another record, or another of its vectors.".to_owned(),
        }),
    }
}
