//! One element: its vector as the server keeps it, its attributes as a payload.

use redis::Value;
use serde_json::Value as Json;

use super::super::reply::{array, bytes, number, text};
use crate::provider::model::Payload;

/// How a vector set keeps its numbers. All of them keep a vector with the length 1, and its length beside
/// it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quantisation {
    /// As `f32`.
    None,
    /// As one byte each.
    Int8,
    /// As one bit each.
    Bits,
}

impl Quantisation {
    /// Reads the word of `VINFO` or `VEMB RAW`.
    ///
    /// # Errors
    /// A clause, for a word that is not known.
    pub(super) fn read(word: &str) -> Result<Self, String> {
        match word {
            "f32" | "fp32" => Ok(Self::None),
            "int8" | "q8" => Ok(Self::Int8),
            "bin" => Ok(Self::Bits),
            other => Err(format!("a vector set that keeps its numbers as {other:?}, which is not known here")),
        }
    }

    /// The option of `VADD` that asks for it.
    pub(super) fn option(self) -> &'static str {
        match self {
            Self::None => "NOQUANT",
            Self::Int8 => "Q8",
            Self::Bits => "BIN",
        }
    }

    /// What it is, in few words.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::None => "f32 (not quantised)",
            Self::Int8 => "int8 (quantised: numbers come back changed)",
            Self::Bits => "bin (quantised: only signs come back)",
        }
    }

    /// What it does to the numbers.
    pub(super) fn sentence(self) -> &'static str {
        match self {
            Self::None => {
                "Not quantised: a vector is kept with the length 1 and its length beside it, so that a number comes \
                 back with an error of about 1e-7 of it."
            }
            Self::Int8 => {
                "Quantised to int8: each number is kept as one of 255 steps between -r and r, where r is the largest \
                 of its vector. It comes back changed by up to r/254, and searches compare what is kept."
            }
            Self::Bits => {
                "Quantised to bits: only the sign of each number is kept. It comes back as 1 or -1, and searches \
                 compare signs."
            }
        }
    }
}

/// The vector in an answer of `VEMB … RAW`; `None` if there is no such element.
///
/// # Errors
/// What cannot be read, as a clause.
pub(super) fn vector(answer: &Value, dimension: usize) -> Result<Option<Vec<f32>>, String> {
    if *answer == Value::Nil {
        return Ok(None);
    }
    let bad = || "an answer of VEMB RAW that is not understood".to_owned();
    let parts = array(answer).ok_or_else(bad)?;
    let quantisation = parts.first().and_then(text).ok_or_else(bad).and_then(Quantisation::read)?;
    let blob = parts.get(1).and_then(bytes).ok_or_else(bad)?;
    let float = |at: usize| parts.get(at).and_then(text).and_then(|text| text.parse::<f32>().ok()).ok_or_else(bad);
    let values: Vec<f32> = match quantisation {
        Quantisation::None => {
            let length = float(2)?;
            let each = blob.chunks_exact(4).filter_map(|part| part.try_into().ok().map(f32::from_le_bytes));
            each.map(|value| value * length).collect()
        }
        Quantisation::Int8 => {
            let (length, range) = (float(2)?, float(3)?);
            blob.iter().map(|byte| f32::from(i8::from_le_bytes([*byte])) * range / 127.0 * length).collect()
        }
        Quantisation::Bits => {
            let bits = blob.iter().flat_map(|byte| (0..8).map(move |bit| byte >> bit & 1 == 1));
            bits.take(dimension).map(|set| if set { 1.0 } else { -1.0 }).collect()
        }
    };
    if values.len() == dimension { Ok(Some(values)) } else { Err(bad()) }
}

/// Attributes as a payload: what is no JSON object is one field `$`.
pub(super) fn payload(attributes: &Value) -> Payload {
    let Some(text) = bytes(attributes).filter(|text| !text.is_empty()) else { return Payload::new() };
    match serde_json::from_slice(text) {
        Ok(Json::Object(payload)) => payload,
        Ok(other) => Payload::from_iter([("$".to_owned(), other)]),
        Err(_) => Payload::from_iter([("$".to_owned(), String::from_utf8_lossy(text).into())]),
    }
}

/// Whether an answer of `VISMEMBER` or `VEMB RAW` says that the element is there.
pub(super) fn is_there(answer: &Value) -> bool {
    number(answer) == Some(1) || *answer == Value::Boolean(true) || array(answer).is_some()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    fn raw(word: &str, blob: &[u8], rest: &[&str]) -> Value {
        let mut parts = vec![Value::SimpleString(word.to_owned()), Value::BulkString(blob.to_vec())];
        parts.extend(rest.iter().map(|text| Value::BulkString(text.as_bytes().to_vec())));
        Value::Array(parts)
    }

    /// The blobs are those of Redis 8.6.2 for the vector 0.4, 2, 3; what is expected is its VEMB.
    #[test]
    fn vectors_are_read_as_the_server_reads_them() {
        let near = |found: Option<Vec<f32>>, due: [f32; 3]| {
            let found = found.unwrap();
            assert!(found.iter().zip(due).all(|(a, b)| (a - b).abs() < 1e-6), "{found:?} for {due:?}");
        };
        let f32s = raw("f32", b"\xde\xd1\xe1=*#\r?\xc0\xb4S?", &["3.627671480178833"]);
        near(vector(&f32s, 3).unwrap(), [0.4, 1.999_999_9, 3.0]);
        let int8 = raw("int8", b"\x11U\x7f", &["3.627671480178833", "0.8269767761230469"]);
        near(vector(&int8, 3).unwrap(), [0.401_574_82, 2.007_874_3, 2.999_999_8]);
        let bits = raw("bin", b"\x05\x00\x00\x00\x00\x00\x00\x00", &["3.6"]);
        near(vector(&bits, 3).unwrap(), [1.0, -1.0, 1.0]);
        assert_eq!(vector(&Value::Nil, 3), Ok(None));
        assert!(vector(&f32s, 4).is_err(), "a vector of another dimension");
    }

    #[test]
    fn attributes_of_any_kind_are_shown() {
        let read = |text: &str| Json::Object(payload(&Value::BulkString(text.as_bytes().to_vec())));
        assert_eq!(read("{\"a\":9007199254740993}"), json!({ "a": 9_007_199_254_740_993_i64 }));
        assert_eq!(read("[1]"), json!({ "$": [1] }));
        assert_eq!(read("no json"), json!({ "$": "no json" }));
        assert_eq!(read(""), json!({}));
        assert_eq!(payload(&Value::Nil), Payload::new());
    }
}
