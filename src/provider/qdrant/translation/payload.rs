//! Payloads: JSON on our side, dynamically typed protobuf values on theirs. Integers stay integers
//! and floats floats. Protobuf maps have no order, so the keys are sorted: a record looks the same
//! each time it is read.

use std::collections::HashMap;

use qdrant_client::qdrant::value::Kind;
use qdrant_client::qdrant::{ListValue, NullValue, Struct, Value as Theirs};
use serde_json::{Number, Value};

use crate::provider::model::Payload;

/// Our payload, or which value cannot be read. Of two fields with one name the later counts, as
/// protobuf wants it.
pub(super) fn from_payload(fields: impl IntoIterator<Item = (String, Theirs)>) -> Result<Payload, String> {
    let mut sorted: Vec<_> = fields.into_iter().collect();
    sorted.sort_by(|(a, _), (b, _)| a.cmp(b));
    // Room for all at once: this is most of the work of reading a page.
    let mut payload = Payload::with_capacity(sorted.len());
    for (key, value) in sorted {
        match from_value(value) {
            Ok(value) => payload.insert(key, value),
            Err(cause) => return Err(format!("{cause} (in the field {key:?})")),
        };
    }
    Ok(payload)
}

fn from_value(value: Theirs) -> Result<Value, String> {
    Ok(match value.kind {
        Some(Kind::NullValue(_)) => Value::Null,
        Some(Kind::BoolValue(value)) => Value::Bool(value),
        Some(Kind::IntegerValue(value)) => Value::from(value),
        // JSON has no number for NaN and the infinities: they are shown by name.
        Some(Kind::DoubleValue(value)) => {
            Number::from_f64(value).map_or_else(|| Value::from(value.to_string()), Value::Number)
        }
        Some(Kind::StringValue(value)) => Value::String(value),
        Some(Kind::ListValue(list)) => Value::Array(list.values.into_iter().map(from_value).collect::<Result<_, _>>()?),
        Some(Kind::StructValue(object)) => Value::Object(from_payload(object.fields)?),
        None => return Err("a payload value is of a kind that this program does not know".to_owned()),
    })
}

/// Their payload, or which value they cannot hold.
pub(super) fn to_payload(payload: Payload) -> Result<HashMap<String, Theirs>, String> {
    payload
        .into_iter()
        .map(|(key, value)| match to_value(value) {
            Ok(value) => Ok((key, value)),
            Err(cause) => Err(format!("{cause} (in the field {key:?})")),
        })
        .collect()
}

fn to_value(value: Value) -> Result<Theirs, String> {
    let kind = match value {
        Value::Null => Kind::NullValue(NullValue::NullValue.into()),
        Value::Bool(value) => Kind::BoolValue(value),
        Value::Number(number) => to_number(&number)?,
        Value::String(value) => Kind::StringValue(value),
        Value::Array(values) => {
            Kind::ListValue(ListValue { values: values.into_iter().map(to_value).collect::<Result<_, _>>()? })
        }
        Value::Object(fields) => Kind::StructValue(Struct { fields: to_payload(fields)? }),
    };
    Ok(Theirs { kind: Some(kind) })
}

fn to_number(number: &Number) -> Result<Kind, String> {
    if let Some(integer) = number.as_i64() {
        return Ok(Kind::IntegerValue(integer));
    }
    match number.as_f64() {
        Some(float) if number.is_f64() => Ok(Kind::DoubleValue(float)),
        // As a double it would silently become another number.
        _ => Err(format!("the whole number {number} is larger than Qdrant's payloads can hold exactly")),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn object(value: Value) -> Payload {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn integers_stay_integers_and_floats_stay_floats() {
        let payload = object(json!({
            "a_min": i64::MIN, "b_max": i64::MAX, "c_float": 3.0, "d_tiny": 5e-324, "e_beyond_2_53": 9_007_199_254_740_993_i64,
        }));
        let back = from_payload(to_payload(payload.clone()).unwrap()).unwrap();
        assert_eq!(serde_json::to_string(&back).unwrap(), serde_json::to_string(&payload).unwrap());
        assert!(back["c_float"].is_f64() && back["e_beyond_2_53"].is_i64());
    }

    #[test]
    fn a_number_that_would_change_is_refused_with_its_field() {
        let payload = object(json!({ "outer": { "n": u64::MAX } }));
        let error = to_payload(payload).unwrap_err();
        assert!(error.contains("18446744073709551615") && error.contains("\"n\""), "{error}");
    }

    #[test]
    fn a_value_of_an_unknown_kind_is_refused_not_shown_as_null() {
        let fields = HashMap::from([("new".to_owned(), Theirs { kind: None })]);
        assert!(from_payload(fields).unwrap_err().contains("\"new\""));
    }

    #[test]
    fn keys_come_in_the_same_order_each_time() {
        let fields = || ["b", "a", "c"].map(|k| (k.to_owned(), to_value(json!(1)).unwrap()));
        assert_eq!(from_payload(fields()).unwrap().keys().collect::<Vec<_>>(), ["a", "b", "c"]);
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            prop::num::f64::NORMAL.prop_map(Value::from),
            ".{0,12}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map(".{0,6}", inner, 0..4)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn every_payload_passes_there_and_back(value in any_json()) {
            let payload = object(json!({ "field": value }));
            prop_assert_eq!(from_payload(to_payload(payload.clone()).unwrap()).unwrap(), payload);
        }
    }
}
