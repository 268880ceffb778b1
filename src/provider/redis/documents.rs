//! Documents to records and back.
//!
//! A JSON document is the payload with the vectors in it, each where the index says (`$.vector` for the
//! unnamed one of a collection that was made here). A hash is flat: its fields are texts, those that the
//! index has as NUMERIC are numbers, vectors are bytes.

use redis::{Cmd, Value};
use serde_json::{Number, Value as Json};

use super::index::{Index, VectorField};
use super::reply::{array, bytes};
use super::{PRODUCT, unsupported};
use crate::provider::model::{Payload, Record, Vector, Vectors};
use crate::provider::transport::{Document, Field};
use crate::provider::{ProviderError, Result};

/// The question for one document, to be read by [`record`].
pub(super) fn question(index: &Index, key: &[u8]) -> Cmd {
    let mut command = redis::cmd(if index.json { "JSON.GET" } else { "HGETALL" });
    command.arg(key);
    command
}

/// The record in a document; `None` if there is no document (any more).
///
/// # Errors
/// What cannot be read, as a clause.
pub(super) fn record(
    index: &Index,
    key: &[u8],
    document: &Value,
    with_vectors: bool,
) -> std::result::Result<Option<Record>, String> {
    let id = index.id(key)?;
    let read = if index.json { of_json(index, document)? } else { of_hash(index, document)? };
    let record = read.map(|(payload, vectors)| {
        let vectors = with_vectors.then_some(vectors);
        Record { id, vectors, payload, text: None }
    });
    Ok(record)
}

fn of_json(index: &Index, document: &Value) -> std::result::Result<Option<(Payload, Vectors)>, String> {
    let Some(text) = bytes(document) else { return Ok(None) };
    let mut document: Document = match serde_json::from_slice(text) {
        Ok(document) => document,
        Err(_) => return other_json(text).map(Some),
    };
    let (mut vectors, mut others) = (Vec::new(), Vec::new());
    for field in &index.vectors {
        let Some(path) = &field.path else { continue };
        let Some(value) = take(&mut document, path) else { continue };
        match value.floats() {
            Some(values) => vectors.push((field.name.clone(), Vector::Dense(values))),
            None => others.push((path, value.into_value())),
        }
    }
    let mut payload = document.into_map();
    for (path, value) in others {
        insert(&mut payload, path, value);
    }
    Ok(Some((payload, Vectors(vectors))))
}

/// A document may be any JSON; without keys it has no fields.
fn other_json(text: &[u8]) -> std::result::Result<(Payload, Vectors), String> {
    let value: Json = serde_json::from_slice(text).map_err(|error| format!("a document that is no JSON: {error}"))?;
    Ok((Payload::from_iter([("$".to_owned(), value)]), Vectors(Vec::new())))
}

/// Takes what stands at a path out.
fn take(document: &mut Document, path: &[String]) -> Option<Field> {
    let (first, inner) = path.split_first()?;
    let Some((last, outer)) = inner.split_last() else { return document.take(first) };
    let object = outer.iter().try_fold(document.object_mut(first)?, |object, key| object.get_mut(key)?.as_object_mut());
    object?.shift_remove(last).map(Field::Other)
}

fn of_hash(index: &Index, document: &Value) -> std::result::Result<Option<(Payload, Vectors)>, String> {
    let fields = array(document).ok_or("a hash that is no list")?;
    if fields.is_empty() {
        return Ok(None);
    }
    let (mut payload, mut vectors) = (Payload::new(), Vec::new());
    for pair in fields.chunks_exact(2) {
        let [name, value] = pair else { continue };
        let (name, value) = (bytes(name).unwrap_or_default(), bytes(value).unwrap_or_default());
        let name = readable(name);
        let vector = index.vectors.iter().find(|field| field.path.as_deref() == Some(std::slice::from_ref(&name)));
        if let Some(field) = vector
            && let Some(values) = field.encoding.and_then(|encoding| encoding.read(value))
        {
            vectors.push((field.name.clone(), Vector::Dense(values)));
            continue;
        }
        let numeric = is_numeric(index, &name);
        let value = readable(value);
        let number = numeric.then(|| number(&value)).flatten();
        payload.insert(name, number.map_or(Json::String(value), Json::Number));
    }
    Ok(Some((payload, Vectors(vectors))))
}

/// Whether the index has that field of a hash as a number.
pub(super) fn is_numeric(index: &Index, name: &str) -> bool {
    index.fields.iter().any(|field| field.identifier == name && field.kind.eq_ignore_ascii_case("NUMERIC"))
}

fn number(text: &str) -> Option<Number> {
    serde_json::from_str(text).ok().or_else(|| text.trim().parse().ok().and_then(Number::from_f64))
}

/// A text, or the hexadecimal digits of bytes that are none.
fn readable(bytes: &[u8]) -> String {
    std::str::from_utf8(bytes).map_or_else(
        |_| bytes.iter().fold(String::from("\\x"), |text, byte| text + &format!("{byte:02x}")),
        str::to_owned,
    )
}

fn insert(payload: &mut Payload, path: &[String], value: Json) -> Option<()> {
    let (last, outer) = path.split_last()?;
    let object = outer.iter().try_fold(payload, |object, key| {
        object.entry(key.as_str()).or_insert_with(|| Json::Object(Payload::new())).as_object_mut()
    })?;
    if object.contains_key(last) {
        return None;
    }
    object.insert(last.clone(), value);
    Some(())
}

/// The commands that write a record in place of what is under its key.
///
/// # Errors
/// `Unsupported` for what the documents of this index cannot hold, `BadRequest` for vectors that do not
/// fit it.
pub(super) fn write(index: &Index, record: Record) -> Result<Vec<Cmd>> {
    let Some(key) = index.key(&record.id) else {
        return Err(unsupported(format!("its keys are texts, and the id {} is none", record.id)));
    };
    if record.text.is_some() {
        return Err(unsupported(format!("it has no text apart from the payload (record {})", record.id)));
    }
    if index.own_prefix_is_missing(&key) {
        return Err(ProviderError::BadRequest {
            cause: format!(
                "the index takes keys that begin with {:?}, and the id {} does not",
                index.prefixes, record.id
            ),
            mend: "Give an id that begins so.".to_owned(),
        });
    }
    let vectors = fitting(index, &record)?;
    if index.json { json(key, record, &vectors) } else { hash(index, key, record, &vectors) }
}

/// The record's vectors with their fields.
fn fitting<'a>(index: &'a Index, record: &Record) -> Result<Vec<(&'a VectorField, Vec<f32>)>> {
    let mut fitting = Vec::new();
    for (name, vector) in record.vectors.iter().flat_map(|vectors| &vectors.0) {
        let bad = |cause: String| ProviderError::BadRequest { cause, mend: "Correct the record.".to_owned() };
        let field = index.vector(Some(name));
        let field =
            field.ok_or_else(|| bad(format!("the collection has no vector {name:?} (record {})", record.id)))?;
        let Vector::Dense(values) = vector else {
            return Err(unsupported(format!("its vectors are dense, and {name:?} of record {} is not", record.id)));
        };
        check(field, values).map_err(|cause| bad(format!("{cause} (record {})", record.id)))?;
        fitting.push((field, values.clone()));
    }
    if fitting.is_empty() && !index.vectors.is_empty() {
        return Err(ProviderError::BadRequest {
            cause: format!("record {} has no vector", record.id),
            mend: "Give it one.".to_owned(),
        });
    }
    Ok(fitting)
}

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

fn json(key: String, record: Record, vectors: &[(&VectorField, Vec<f32>)]) -> Result<Vec<Cmd>> {
    let mut document = record.payload;
    for (field, values) in vectors {
        let Some(path) = &field.path else {
            return Err(unsupported(format!(
                "the vector {:?} stands at a path that cannot be written",
                field.attribute
            )));
        };
        let value = Vector::Dense(values.clone()).to_json();
        insert(&mut document, path, value).ok_or_else(|| ProviderError::BadRequest {
            cause: format!("record {} has a field {:?}, where its vector belongs", record.id, path.join(".")),
            mend: "Rename that field of the payload.".to_owned(),
        })?;
    }
    let mut command = redis::cmd("JSON.SET");
    command.arg(key).arg("$").arg(Json::Object(document).to_string());
    Ok(vec![command])
}

fn hash(index: &Index, key: String, record: Record, vectors: &[(&VectorField, Vec<f32>)]) -> Result<Vec<Cmd>> {
    let mut set = redis::cmd("HSET");
    set.arg(&key);
    for (field, values) in vectors {
        let encoding = field.encoding.ok_or_else(|| {
            unsupported(format!("the kind of numbers of the vector {:?} is not known", field.attribute))
        })?;
        set.arg(field.attribute_or_path()).arg(encoding.write(values));
    }
    for (name, value) in &record.payload {
        let refused = |why: &str| unsupported(format!("{why} (field {name:?} of record {})", record.id));
        match value {
            Json::String(text) if !is_numeric(index, name) => set.arg(name).arg(text),
            Json::Number(number) if is_numeric(index, name) => set.arg(name).arg(number.to_string()),
            Json::Number(_) => {
                return Err(refused("a hash keeps numbers as texts unless the index has them as NUMERIC"));
            }
            Json::String(_) => return Err(refused("the index has this field as NUMERIC, and a text is none")),
            _ => return Err(refused("a hash holds texts, not objects, arrays, booleans or null")),
        };
    }
    let mut delete = redis::cmd("DEL");
    delete.arg(&key);
    // Both or none: nobody sees a record without its fields.
    Ok(vec![redis::cmd("MULTI"), delete, set, redis::cmd("EXEC")])
}

impl Index {
    fn own_prefix_is_missing(&self, key: &str) -> bool {
        !self.prefixes.is_empty() && !self.prefixes.iter().any(|prefix| key.starts_with(prefix.as_str()))
    }
}

impl VectorField {
    /// The field of a hash.
    fn attribute_or_path(&self) -> String {
        self.path.as_deref().and_then(<[String]>::first).unwrap_or(&self.attribute).clone()
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
            cause: format!("record {} has no vector {:?} in {PRODUCT}", record.id, field.attribute),
            mend: "Choose another record, or another of its vectors.".to_owned(),
        }),
    }
}
