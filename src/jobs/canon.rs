//! The canonical bytes of ids, payloads and vectors: two values have the same bytes exactly if they are the same.
//!
//! Every value begins with a letter for its kind, and whatever has a length begins with it, so that no
//! two values share their bytes. Keys of objects and names of vectors are sorted; their order means nothing.
//! What is kept apart: an integer and a float (`1` and `1.0`), `0.0` and `-0.0`, null and a missing key, the
//! id `1` and the id `"1"`. Floats go by their bits. `compare` and the proof of a copy digest these bytes; an id
//! policy may hash those of an id. They are part of no file format: a later version may write others.

use serde_json::{Number, Value};
use sha2::{Digest as _, Sha256};

use crate::provider::model::{Payload, Record, RecordId, Vector};

/// Differences that are overlooked, because a maker cannot keep them. None by default.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rules {
    /// A key with null or an empty array is as a missing key.
    pub nulls: bool,
    /// A float without a fraction is as the integer.
    pub whole_floats: bool,
    /// The float `-0.0` is as `0.0`.
    pub negative_zeros: bool,
    /// An integer is as the float that is nearest to it.
    pub integers_as_floats: bool,
    /// Floats are left out of the bytes, and gathered to be compared by their values.
    pub soft_floats: bool,
}

/// Up to this, every whole float is one integer.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// The bytes of an id.
pub fn id(id: &RecordId) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(24);
    write_id(id, &mut bytes);
    bytes
}

/// Appends the bytes of an id.
pub fn write_id(id: &RecordId, bytes: &mut Vec<u8>) {
    match id {
        RecordId::Integer(n) => {
            bytes.push(b'i');
            bytes.extend(n.to_be_bytes());
        }
        RecordId::Text(text) => write_text(text, bytes),
        RecordId::Uuid(uuid) => {
            bytes.push(b'u');
            bytes.extend(uuid.as_bytes());
        }
    }
}

/// The id that these bytes are of, and the bytes behind it.
pub fn read_id(bytes: &[u8]) -> Option<(RecordId, &[u8])> {
    let (kind, rest) = bytes.split_first()?;
    match kind {
        b'i' => {
            let (number, rest) = rest.split_first_chunk::<16>()?;
            Some((RecordId::Integer(i128::from_be_bytes(*number)), rest))
        }
        b'u' => {
            let (uuid, rest) = rest.split_first_chunk::<16>()?;
            Some((RecordId::Uuid(uuid::Uuid::from_bytes(*uuid)), rest))
        }
        b's' => {
            let (length, rest) = rest.split_first_chunk::<8>()?;
            let (text, rest) = rest.split_at_checked(usize::try_from(u64::from_be_bytes(*length)).ok()?)?;
            Some((RecordId::Text(std::str::from_utf8(text).ok()?.to_owned()), rest))
        }
        _ => None,
    }
}

/// Appends the bytes of all of a record, its vectors sorted by name.
pub fn write_record(record: &Record, rules: Rules, bytes: &mut Vec<u8>) {
    write_id(&record.id, bytes);
    write_payload(&record.payload, rules, bytes, &mut Vec::new());
    write_optional(record.text.as_deref(), bytes);
    let mut vectors: Vec<_> = record.vectors.iter().flat_map(|vectors| &vectors.0).collect();
    vectors.sort_by(|(one, _), (other, _)| one.cmp(other));
    for (name, vector) in vectors {
        write_text(name, bytes);
        write_vector(vector, false, bytes);
    }
}

/// Appends the bytes of a payload; floats go to `soft` where the rules say so.
pub fn write_payload(payload: &Payload, rules: Rules, bytes: &mut Vec<u8>, soft: &mut Vec<f64>) {
    let kept = |value: &Value| !rules.nulls || !is_nothing(value);
    let mut entries: Vec<(&String, &Value)> = payload.iter().filter(|(_, value)| kept(value)).collect();
    entries.sort_unstable_by_key(|(key, _)| *key);
    bytes.push(b'o');
    write_length(entries.len(), bytes);
    for (key, value) in entries {
        write_text(key, bytes);
        write_value(value, rules, bytes, soft);
    }
}

/// Appends the bytes of any value of a payload.
pub fn write_value(value: &Value, rules: Rules, bytes: &mut Vec<u8>, soft: &mut Vec<f64>) {
    match value {
        Value::Null => bytes.push(b'n'),
        Value::Bool(false) => bytes.push(b'f'),
        Value::Bool(true) => bytes.push(b't'),
        Value::Number(number) => write_number(number, rules, bytes, soft),
        Value::String(text) => write_text(text, bytes),
        Value::Array(items) => {
            bytes.push(b'a');
            write_length(items.len(), bytes);
            items.iter().for_each(|item| write_value(item, rules, bytes, soft));
        }
        Value::Object(object) => write_payload(object, rules, bytes, soft),
    }
}

/// Appends the bytes of a text that may be missing, which is not the empty one.
pub fn write_optional(text: Option<&str>, bytes: &mut Vec<u8>) {
    match text {
        None => bytes.push(b'n'),
        Some(text) => write_text(text, bytes),
    }
}

/// Appends the bytes of a vector; places of a sparse one in their order. With `shape_only` the
/// numbers are left out, not how many there are and where.
pub fn write_vector(vector: &Vector, shape_only: bool, bytes: &mut Vec<u8>) {
    match vector {
        Vector::Dense(values) => {
            bytes.push(b'd');
            write_floats(values, shape_only, bytes);
        }
        Vector::Multi(rows) => {
            bytes.push(b'm');
            write_length(rows.len(), bytes);
            rows.iter().for_each(|row| write_floats(row, shape_only, bytes));
        }
        Vector::Sparse { indices, values } => {
            let mut places: Vec<(u32, f32)> = indices.iter().copied().zip(values.iter().copied()).collect();
            places.sort_unstable_by_key(|(index, _)| *index);
            bytes.push(b'p');
            write_length(places.len(), bytes);
            for (index, value) in places {
                bytes.extend(index.to_be_bytes());
                if !shape_only {
                    bytes.extend(value.to_bits().to_be_bytes());
                }
            }
        }
    }
}

/// Appends a text with its length.
pub fn write_text(text: &str, bytes: &mut Vec<u8>) {
    bytes.push(b's');
    write_length(text.len(), bytes);
    bytes.extend(text.as_bytes());
}

/// The first 128 bits of the SHA-256.
pub fn digest(bytes: &[u8]) -> u128 {
    let whole: [u8; 32] = Sha256::digest(bytes).into();
    whole.first_chunk::<16>().map_or(0, |half| u128::from_be_bytes(*half))
}

/// Whether a maker that has no null would leave this out.
fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}

fn write_number(number: &Number, rules: Rules, bytes: &mut Vec<u8>, soft: &mut Vec<f64>) {
    let whole = number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from));
    // Nothing else is equal to 0.0 but itself.
    let float = number.as_f64().map(|float| if rules.negative_zeros && float == 0.0 { 0.0 } else { float });
    match (whole, float) {
        (Some(whole), _) if !rules.integers_as_floats => write_integer(whole, bytes),
        (_, Some(float)) => match whole_of(float).filter(|_| rules.whole_floats) {
            Some(whole) => write_integer(whole, bytes),
            None if rules.soft_floats => {
                bytes.push(b'~');
                soft.push(float);
            }
            None => {
                bytes.push(b'd');
                bytes.extend(float.to_bits().to_be_bytes());
            }
        },
        // No number of 64 bits: its digits, as they stand.
        (_, None) => write_text(&number.to_string(), bytes),
    }
}

/// The integer that a float is.
fn whole_of(float: f64) -> Option<i128> {
    #[expect(clippy::cast_possible_truncation, reason = "a whole number below 2^53")]
    (float.fract() == 0.0 && float.abs() <= EXACT).then_some(float as i128)
}

fn write_integer(whole: i128, bytes: &mut Vec<u8>) {
    bytes.push(b'i');
    bytes.extend(whole.to_be_bytes());
}

fn write_floats(values: &[f32], shape_only: bool, bytes: &mut Vec<u8>) {
    write_length(values.len(), bytes);
    if !shape_only {
        bytes.reserve(values.len() * 4);
        values.iter().for_each(|value| bytes.extend(value.to_bits().to_be_bytes()));
    }
}

fn write_length(length: usize, bytes: &mut Vec<u8>) {
    bytes.extend((length as u64).to_be_bytes());
}

#[cfg(test)]
#[path = "canon_tests.rs"]
mod tests;
