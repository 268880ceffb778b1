//! Pinecone's vectors to records, and records to vectors: checked before anything is sent. Pure.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::index::{Index, SPARSE};
use super::unsupported;
use crate::provider::model::{Metric, Record, RecordId, Score, Vector, Vectors};
use crate::provider::transport::Field;
use crate::provider::{ProviderError, Result};

/// A vector as it is read, or a hit.
#[derive(Deserialize)]
pub(super) struct Stored {
    id: Option<String>,
    values: Option<Field>,
    #[serde(rename = "sparseValues")]
    sparse: Option<Sparse>,
    metadata: Option<Value>,
    /// That of a search.
    pub(super) score: Option<f64>,
}

impl Stored {
    /// A hit that has no vectors.
    pub(super) fn plain(id: Option<String>, metadata: Option<Value>) -> Self {
        Self { id, values: None, sparse: None, metadata, score: None }
    }
}

#[derive(Deserialize)]
struct Sparse {
    indices: Option<Field>,
    values: Option<Field>,
}

/// The record that a vector is. One without an id is not one of ours.
///
/// # Errors
/// What is wrong with it.
pub(super) fn record(raw: Stored, sparse_index: bool, with_vectors: bool) -> std::result::Result<Record, String> {
    let id = raw.id.ok_or("a vector without an id")?;
    let payload = match raw.metadata {
        None | Some(Value::Null) => Map::new(),
        Some(Value::Object(metadata)) => metadata,
        Some(_) => return Err(format!("the metadata of {id:?} is no object")),
    };
    let vectors = with_vectors.then(|| vectors(raw.values, raw.sparse, sparse_index)).transpose()?;
    Ok(Record { id: RecordId::Text(id), vectors, payload, text: None })
}

fn vectors(dense: Option<Field>, sparse: Option<Sparse>, sparse_index: bool) -> std::result::Result<Vectors, String> {
    let mut found = Vec::new();
    let dense = dense.map(|field| numbers(Some(&field))).transpose()?.unwrap_or_default();
    if !dense.is_empty() {
        found.push((String::new(), Vector::Dense(dense)));
    }
    if let Some(sparse) = sparse {
        let values = numbers(sparse.values.as_ref())?;
        let place = |index: &Value| index.as_u64().and_then(|index| u32::try_from(index).ok());
        let list = sparse.indices.map(Field::into_value);
        let list = list.as_ref().and_then(Value::as_array).ok_or("sparse values without indices")?;
        let indices: Vec<u32> = list.iter().map(place).collect::<Option<_>>().ok_or("an index of no vector")?;
        if indices.len() != values.len() {
            return Err(format!("{} indices for {} values", indices.len(), values.len()));
        }
        if !indices.is_empty() {
            let name = if sparse_index { "" } else { SPARSE };
            found.push((name.to_owned(), Vector::Sparse { indices, values }));
        }
    }
    Ok(Vectors(found))
}

/// Pinecone's numbers are f32.
fn numbers(list: Option<&Field>) -> std::result::Result<Vec<f32>, String> {
    list.and_then(Field::floats).ok_or_else(|| "a vector that is no list of numbers".to_owned())
}

/// The score that Pinecone's number means: the euclidean one is the square of the distance.
#[allow(clippy::cast_possible_truncation)] // scores are f32 everywhere
pub(super) fn score(value: f64, metric: Metric) -> Score {
    let value = if metric == Metric::Euclidean { value.max(0.0).sqrt() } else { value };
    Score::new(value as f32, metric)
}

/// The vectors to be sent, the last of each id.
///
/// # Errors
/// The first record that Pinecone would refuse, or store as something else than it is.
pub(super) fn to_send(records: Vec<Record>, index: &Index) -> Result<Vec<Value>> {
    let mut sent: Vec<Value> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for record in records {
        if record.text.is_some() {
            return Err(unsupported("it has no place for a text beside the metadata: put it into a field"));
        }
        let RecordId::Text(id) = &record.id else {
            return Err(unsupported(format!("its ids are texts, and {} is none", record.id)));
        };
        if !is_id(id) {
            return Err(unsupported(format!("its ids have 1 to 512 ASCII characters, and {id:?} has not")));
        }
        for (key, value) in &record.payload {
            check_field(key, value).map_err(|cause| {
                unsupported(format!("the field {key:?} of record {id} cannot be stored as it is: {cause}"))
            })?;
        }
        let mut vector = json!({ "id": id });
        add_vectors(&mut vector, &record, index)?;
        if !record.payload.is_empty() {
            vector["metadata"] = Value::Object(record.payload.clone());
        }
        match places.get(id) {
            Some(place) => sent[*place] = vector,
            None => {
                places.insert(id.clone(), sent.len());
                sent.push(vector);
            }
        }
    }
    Ok(sent)
}

/// Whether Pinecone can have that id.
pub(super) fn is_id(id: &str) -> bool {
    id.is_ascii() && (1..=512).contains(&id.len())
}

fn check_field(key: &str, value: &Value) -> std::result::Result<(), &'static str> {
    if key.is_empty() || key.starts_with('$') {
        return Err("keys are not empty and do not begin with $");
    }
    match value {
        Value::String(_) | Value::Bool(_) => Ok(()),
        Value::Number(number) => {
            let exact = number.is_f64() || number.as_i64().is_some_and(|n| n.unsigned_abs() <= 1 << 53);
            if exact { Ok(()) } else { Err("numbers are kept as 64-bit floats, exact to 2^53: write it as text") }
        }
        Value::Null => Err("it has no null; leave the field out"),
        Value::Array(list) if list.is_empty() => Err("it has no empty lists; leave the field out"),
        Value::Array(list) if list.iter().all(Value::is_string) => Ok(()),
        Value::Array(_) => Err("its lists have texts only"),
        Value::Object(_) => Err("it has no objects"),
    }
}

fn add_vectors(vector: &mut Value, record: &Record, index: &Index) -> Result<()> {
    let refuse = |cause: String| ProviderError::BadRequest {
        cause: format!("record {}: {cause}", record.id),
        mend: "Write vectors of the kind and size that the index has.".to_owned(),
    };
    for (name, value) in record.vectors.iter().flat_map(|vectors| &vectors.0) {
        match (value, name.as_str()) {
            (Vector::Dense(values), "") if !index.sparse => {
                if index.dimension.is_some_and(|dimension| dimension != values.len()) {
                    let due = index.dimension.unwrap_or_default();
                    return Err(refuse(format!("its vector has {} dimensions, the index has {due}", values.len())));
                }
                if !values.iter().all(|value| value.is_finite()) {
                    return Err(refuse("its vector has a number that is not finite".to_owned()));
                }
                vector["values"] = value.to_json();
            }
            (Vector::Sparse { indices, values }, name) if name == if index.sparse { "" } else { SPARSE } => {
                if indices.is_empty() || indices.len() != values.len() || !values.iter().all(|value| value.is_finite())
                {
                    return Err(refuse("its sparse vector is empty or not whole".to_owned()));
                }
                vector["sparseValues"] = value.to_json();
            }
            (_, name) => {
                let has =
                    if index.sparse { "one sparse vector, without a name" } else { "one dense vector, without a name" };
                return Err(refuse(format!("the index has {has}, and this is another kind or called {name:?}")));
            }
        }
    }
    let due = if index.sparse { "sparseValues" } else { "values" };
    if vector.get(due).is_none() {
        return Err(refuse("every record of Pinecone has a vector".to_owned()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use rstest::rstest;

    use super::*;

    fn record(raw: &Value, sparse: bool, with_vectors: bool) -> std::result::Result<Record, String> {
        super::record(serde_json::from_value(raw.clone()).unwrap(), sparse, with_vectors)
    }

    fn index(sparse: bool) -> Index {
        let raw = json!({ "name": "a", "dimension": if sparse { Value::Null } else { json!(2) }, "metric": "dotproduct",
                          "vector_type": if sparse { "sparse" } else { "dense" } });
        Index::read(raw).unwrap()
    }

    fn record_of(id: &str, payload: Value) -> Record {
        let Value::Object(payload) = payload else { panic!("{payload} is no object") };
        Record { id: id.into(), vectors: Some(Vectors::unnamed(vec![0.1, 2.0])), payload, text: None }
    }

    #[test]
    fn a_record_goes_there_and_back() {
        let sparse = Vector::Sparse { indices: vec![1, 70_000], values: vec![0.5, -1.0] };
        let mut given = record_of("a", json!({ "n": 5, "list": ["x"], "ok": true }));
        given.vectors.as_mut().unwrap().0.push((SPARSE.to_owned(), sparse));
        let sent = to_send(vec![record_of("a", json!({})), given.clone()], &index(false)).unwrap();
        assert_eq!(sent.len(), 1, "the last of one id");
        assert_eq!(sent[0]["values"].to_string(), "[0.1,2.0]");
        assert_eq!(record(&sent[0], false, true).unwrap(), given);
        assert_eq!(record(&sent[0], false, false).unwrap().vectors, None);
    }

    #[rstest]
    #[case(json!({ "x": null }), "null")]
    #[case(json!({ "x": [] }), "empty lists")]
    #[case(json!({ "x": [1] }), "texts only")]
    #[case(json!({ "x": {} }), "no objects")]
    #[case(json!({ "x": 9_007_199_254_740_993_i64 }), "2^53")]
    #[case(json!({ "x": u64::MAX }), "2^53")]
    #[case(json!({ "$x": 1 }), "begin with $")]
    fn what_would_be_changed_or_refused_is_named(#[case] payload: Value, #[case] reason: &str) {
        let error = to_send(vec![record_of("a", payload.clone())], &index(false)).unwrap_err().to_string();
        assert!(error.contains(reason), "{payload}: {error}");
    }

    #[test]
    fn ids_and_vectors_fit_the_index() {
        let error = |record: Record, sparse| to_send(vec![record], &index(sparse)).unwrap_err().to_string();
        assert!(error(record_of("ä", json!({})), false).contains("ASCII"));
        assert!(error(record_of("", json!({})), false).contains("ASCII"));
        let number = Record { id: RecordId::from(1_u64), ..record_of("a", json!({})) };
        assert!(error(number, false).contains("ids are texts"));
        let with = |vectors| Record { vectors, ..record_of("a", json!({})) };
        assert!(error(with(None), false).contains("has a vector"));
        assert!(error(with(Some(Vectors::unnamed(vec![1.0]))), false).contains("1 dimensions, the index has 2"));
        assert!(error(with(Some(Vectors::unnamed(vec![1.0, f32::NAN]))), false).contains("finite"));
        assert!(error(record_of("a", json!({})), true).contains("one sparse vector"));
        assert!(record(&json!({ "id": "a", "sparseValues": { "indices": [1], "values": [] } }), true, true).is_err());
    }

    #[test]
    fn a_euclidean_score_is_the_root_of_pinecones() {
        assert_eq!(score(0.25, Metric::Euclidean).value, 0.5);
        assert_eq!([score(0.25, Metric::Cosine).value, score(-2.0, Metric::Dot).value], [0.25, -2.0]);
    }
}
