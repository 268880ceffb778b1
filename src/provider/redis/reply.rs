//! Reading RESP2: arrays in arrays, numbers that come as texts, maps as flat lists.

use redis::Value;

/// The bytes of a text.
pub(super) fn bytes(value: &Value) -> Option<&[u8]> {
    match value {
        Value::BulkString(bytes) => Some(bytes),
        Value::SimpleString(text) => Some(text.as_bytes()),
        _ => None,
    }
}

/// A text.
pub(super) fn text(value: &Value) -> Option<&str> {
    match value {
        Value::Okay => Some("OK"),
        other => std::str::from_utf8(bytes(other)?).ok(),
    }
}

/// A whole number, also one written as a text.
pub(super) fn number(value: &Value) -> Option<u64> {
    match value {
        Value::Int(n) => u64::try_from(*n).ok(),
        other => text(other)?.parse().ok(),
    }
}

/// The elements of an array.
pub(super) fn array(value: &Value) -> Option<&[Value]> {
    match value {
        Value::Array(values) => Some(values),
        _ => None,
    }
}

/// The value of a key in a flat list of keys and values. Keys are compared without case.
pub(super) fn field<'a>(value: &'a Value, key: &str) -> Option<&'a Value> {
    pairs(value).find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, value)| value)
}

/// The keys and values of a flat list.
pub(super) fn pairs(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    array(value).unwrap_or_default().chunks_exact(2).filter_map(|pair| match pair {
        [key, value] => Some((text(key)?, value)),
        _ => None,
    })
}

/// A reply as JSON, for the curious: flat lists whose keys are texts become objects.
pub(super) fn to_json(value: &Value) -> serde_json::Value {
    match value {
        Value::Int(n) => (*n).into(),
        Value::Array(values) => values.iter().map(to_json).collect(),
        Value::Nil => serde_json::Value::Null,
        other => text(other).map_or(serde_json::Value::Null, Into::into),
    }
}

/// A flat list of keys and values as an object; values are brought into JSON by [`to_json`].
pub(super) fn to_object(value: &Value) -> serde_json::Value {
    serde_json::Value::Object(pairs(value).map(|(key, value)| (key.to_owned(), to_json(value))).collect())
}
