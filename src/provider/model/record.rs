//! One record (a "point" in Qdrant's words): id, vectors, payload, text.

use std::fmt;

use serde_json::Value;
use uuid::Uuid;

/// Fields stored beside the vectors, in the maker's own order. Integers stay integers
/// (`u64`/`i64` exact), floats stay floats.
pub type Payload = serde_json::Map<String, Value>;

/// The identity of a record. It never changes kind on the way: `Integer(1)`, `Text("1")` and a
/// UUID are three different ids.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RecordId {
    /// A whole number. `i128` holds every `u64` and every `i64` exactly.
    Integer(i128),
    /// Any string.
    Text(String),
    /// A UUID of a maker that has them as a kind of their own.
    Uuid(Uuid),
}

impl RecordId {
    /// The id as a JSON value: a number for integers, else a string.
    pub fn to_json(&self) -> Value {
        match self {
            Self::Integer(n) => u64::try_from(*n)
                .map(Value::from)
                .or_else(|_| i64::try_from(*n).map(Value::from))
                .unwrap_or_else(|_| Value::from(n.to_string())),
            Self::Text(text) => Value::from(text.as_str()),
            Self::Uuid(uuid) => Value::from(uuid.to_string()),
        }
    }
}

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integer(n) => n.fmt(f),
            Self::Text(text) => f.write_str(text),
            Self::Uuid(uuid) => uuid.fmt(f),
        }
    }
}

impl From<u64> for RecordId {
    fn from(n: u64) -> Self {
        Self::Integer(n.into())
    }
}

impl From<i64> for RecordId {
    fn from(n: i64) -> Self {
        Self::Integer(n.into())
    }
}

impl From<&str> for RecordId {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<Uuid> for RecordId {
    fn from(uuid: Uuid) -> Self {
        Self::Uuid(uuid)
    }
}

/// One vector of a record.
#[derive(Debug, Clone, PartialEq)]
pub enum Vector {
    /// One `f32` per dimension.
    Dense(Vec<f32>),
    /// Non-zero places and their values, in the maker's order; both have the same length.
    Sparse {
        /// Places.
        indices: Vec<u32>,
        /// Values at those places.
        values: Vec<f32>,
    },
    /// Several dense vectors of one dimension (late interaction).
    Multi(Vec<Vec<f32>>),
}

impl Vector {
    /// Euclidean norm, computed in `f64`; of all rows together for a multi-vector.
    pub fn norm(&self) -> f64 {
        let sum = |values: &[f32]| values.iter().map(|v| f64::from(*v) * f64::from(*v)).sum::<f64>();
        match self {
            Self::Dense(values) | Self::Sparse { values, .. } => sum(values).sqrt(),
            Self::Multi(rows) => rows.iter().map(|row| sum(row)).sum::<f64>().sqrt(),
        }
    }

    /// The vector as JSON: an array, an array of arrays, or `{indices, values}`.
    pub fn to_json(&self) -> Value {
        match self {
            Self::Dense(values) => floats(values),
            Self::Sparse { indices, values } => serde_json::json!({ "indices": indices, "values": floats(values) }),
            Self::Multi(rows) => Value::Array(rows.iter().map(|row| floats(row)).collect()),
        }
    }
}

/// `f32` values as the shortest decimal that reads back to the same `f32`: `0.1`, not
/// `0.10000000149011612`. What JSON has no number for (NaN, infinities) becomes its name as text.
fn floats(values: &[f32]) -> Value {
    Value::Array(values.iter().map(|v| shortest(*v)).collect())
}

pub(super) fn shortest(value: f32) -> Value {
    value
        .to_string()
        .parse::<f64>()
        .ok()
        .and_then(serde_json::Number::from_f64)
        .map_or_else(|| Value::from(value.to_string()), Value::Number)
}

/// The vectors of one record by name, in a stable order. The unnamed vector has the name `""`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Vectors(pub Vec<(String, Vector)>);

impl Vectors {
    /// Only the unnamed dense vector.
    pub fn unnamed(values: Vec<f32>) -> Self {
        Self(vec![(String::new(), Vector::Dense(values))])
    }

    /// The vector of that name (`""` for the unnamed one).
    pub fn get(&self, name: &str) -> Option<&Vector> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, v)| v)
    }

    /// A lone unnamed vector as itself, several as an object by name.
    pub fn to_json(&self) -> Value {
        match self.0.as_slice() {
            [(name, vector)] if name.is_empty() => vector.to_json(),
            all => Value::Object(all.iter().map(|(name, vector)| (name.clone(), vector.to_json())).collect()),
        }
    }
}

/// One record of a collection.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Its identity.
    pub id: RecordId,
    /// Its vectors; `None` when they were not asked for (never "has none").
    pub vectors: Option<Vectors>,
    /// Its payload.
    pub payload: Payload,
    /// The document's text where the maker stores one apart from the payload (Chroma's `document`).
    pub text: Option<String>,
}

impl Record {
    /// The documented JSON shape: `{id, text, payload, vectors?}`.
    pub fn to_json(&self) -> Value {
        let mut object = serde_json::Map::new();
        object.insert("id".into(), self.id.to_json());
        object.insert("text".into(), self.text.as_deref().map_or(Value::Null, Value::from));
        object.insert("payload".into(), Value::Object(self.payload.clone()));
        if let Some(vectors) = &self.vectors {
            object.insert("vectors".into(), vectors.to_json());
        }
        Value::Object(object)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integer_ids_are_exact_in_json_at_both_ends() {
        assert_eq!(RecordId::from(u64::MAX).to_json().to_string(), "18446744073709551615");
        assert_eq!(RecordId::from(i64::MIN).to_json().to_string(), "-9223372036854775808");
        assert_ne!(RecordId::from(1_u64), RecordId::from("1"));
    }

    #[test]
    fn f32_is_printed_without_f64_noise() {
        assert_eq!(Vector::Dense(vec![0.1, -2.5]).to_json().to_string(), "[0.1,-2.5]");
        assert_eq!(Vector::Dense(vec![f32::NAN]).to_json().to_string(), "[\"NaN\"]");
    }

    #[test]
    fn norm_is_euclidean() {
        assert!((Vector::Dense(vec![3.0, 4.0]).norm() - 5.0).abs() < 1e-12);
    }
}
