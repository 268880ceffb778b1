//! What two sides cannot keep alike, by what their makers' capabilities declare.

use serde_json::Value;

use crate::jobs::model::comparison::{Declared, LAST_PLACE, Tolerances, VectorTolerance};
use crate::provider::model::{CollectionInfo, Metric, VectorKind};
use crate::provider::{Capabilities, Support};

/// The tolerances of two collections, by the vectors' names on the second side; `pairs` says which of the
/// first is compared with which of the second.
pub fn declared(
    a: (&Capabilities, &CollectionInfo),
    b: (&Capabilities, &CollectionInfo),
    pairs: &[(String, String)],
) -> Tolerances {
    let mut tolerances = Tolerances::default();
    for (of_a, of_b) in pairs {
        vector(&mut tolerances, a, of_a, of_b);
        vector(&mut tolerances, b, of_b, of_b);
    }
    let either = |of: fn(&Capabilities) -> &Support| no(of(a.0)).or(no(of(b.0)));
    let mut declare = |about: &str, overlooks: &str, reason: &str| {
        let (about, overlooks, reason) = (about.to_owned(), overlooks.to_owned(), reason.to_owned());
        tolerances.declared.push(Declared { about, overlooks, reason });
    };
    if let Some(reason) = either(|can| &can.exact_floats) {
        declare("floats in payloads", "an error of 4e-16 of the value", reason);
    }
    if let Some(reason) = either(|can| &can.whole_floats) {
        declare("floats in payloads", "1.0 is as 1", reason);
    }
    if let Some(reason) = either(|can| &can.exact_integers) {
        declare("integers in payloads", "an integer is as the nearest 64-bit float", reason);
    }
    if let Some(reason) = either(|can| &can.null_values) {
        declare("null in payloads", "null and an empty array are as a missing field", reason);
    }
    // An id of a kind that one side does not have can only be there as a text.
    let integer_ids = one_sided(&a.0.integer_ids, &b.0.integer_ids);
    if let Some(reason) = integer_ids {
        declare("ids", "a whole number is as its text", reason);
    }
    let uuid_ids = one_sided(&a.0.uuid_ids, &b.0.uuid_ids);
    if let Some(reason) = uuid_ids {
        declare("ids", "a UUID is as its text", reason);
    }
    tolerances.floats = either(|can| &can.exact_floats).map(|_| LAST_PLACE);
    tolerances.whole_floats = either(|can| &can.whole_floats).is_some();
    tolerances.integers_as_floats = either(|can| &can.exact_integers).is_some();
    tolerances.nulls = either(|can| &can.null_values).is_some();
    (tolerances.integer_ids, tolerances.uuid_ids) = (integer_ids.is_some(), uuid_ids.is_some());
    tolerances
}

fn no(support: &Support) -> Option<&'static str> {
    match support {
        Support::Yes => None,
        Support::No(reason) => Some(reason),
    }
}

/// The reason of the side that cannot, where the other one can.
fn one_sided(a: &Support, b: &Support) -> Option<&'static str> {
    if a.is_yes() == b.is_yes() { None } else { no(a).or(no(b)) }
}

/// Adds what one side declares of one of its vectors.
fn vector(tolerances: &mut Tolerances, (can, info): (&Capabilities, &CollectionInfo), own: &str, name: &str) {
    let Some(spec) = info.summary.vectors.iter().find(|spec| spec.name == own) else { return };
    let mut add = |tolerance: VectorTolerance, overlooks: &str, reason: &str| {
        let before = tolerances.vectors.get(name).copied();
        let new = before.filter(|before| before.unit_length && tolerance.unit_length);
        if new.is_none() {
            tolerances.vectors.insert(name.to_owned(), before.unwrap_or_default().and(tolerance));
        }
        let about = if name.is_empty() { "vector".to_owned() } else { format!("vector {name:?}") };
        let declared = Declared { about, overlooks: overlooks.to_owned(), reason: reason.to_owned() };
        if !tolerances.declared.contains(&declared) {
            tolerances.declared.push(declared);
        }
    };
    if let (Some(Metric::Cosine), VectorKind::Dense | VectorKind::Multi, Some(reason)) =
        (spec.metric, spec.kind, no(&can.cosine_vectors))
    {
        add(VectorTolerance::UNIT, "the length, and 1e-6 in each number at the length 1", reason);
    }
    match short_numbers(&info.details, own) {
        Some(Short::Half) => add(VectorTolerance::HALF, "2^-11 of each number", "one side keeps numbers of 16 bits"),
        Some(Short::Brain) => add(VectorTolerance::BRAIN, "2^-8 of each number", "one side keeps bfloat16 numbers"),
        None => {}
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Short {
    Half,
    Brain,
}

/// Whether the maker's description says that a field has numbers of 16 bits: somewhere in it an object is
/// of that name, or has the name among its values, and has a value that is the maker's word for such numbers.
fn short_numbers(details: &Value, name: &str) -> Option<Short> {
    let word = |value: &Value| {
        let text = value.as_str()?.to_lowercase();
        let half = ["halfvec", "float16", "float16vector", "fp16"].iter().any(|word| text.starts_with(word));
        let brain = ["bfloat16", "bfloat16vector", "bf16"].iter().any(|word| text.starts_with(word));
        if half { Some(Short::Half) } else { brain.then_some(Short::Brain) }
    };
    match details {
        Value::Object(object) => {
            let named = object.values().any(|value| value.as_str() == Some(name));
            let own = || object.values().find_map(word);
            let under = || object.get(name)?.as_object()?.values().find_map(word);
            named.then(own).flatten().or_else(under).or_else(|| object.values().find_map(|v| short_numbers(v, name)))
        }
        Value::Array(items) => {
            let texts = || items.iter().any(|item| item.as_str() == Some(name));
            let own = || items.iter().find_map(word);
            texts().then(own).flatten().or_else(|| items.iter().find_map(|item| short_numbers(item, name)))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_of_16_bits_are_found_where_makers_tell_of_them() {
        let pgvector =
            json!({ "columns": [{ "name": "a", "type": "halfvec(3)" }, { "name": "b", "type": "vector(3)" }] });
        assert_eq!(short_numbers(&pgvector, "a"), Some(Short::Half));
        assert_eq!(short_numbers(&pgvector, "b"), None);
        let qdrant =
            json!({ "config": { "vectors": { "t": { "size": 3, "datatype": "float16" }, "u": { "size": 3 } } } });
        assert_eq!((short_numbers(&qdrant, "t"), short_numbers(&qdrant, "u")), (Some(Short::Half), None));
        let redis = json!({ "attributes": [["identifier", "$.v", "attribute", "v", "data_type", "BFLOAT16"]] });
        assert_eq!(short_numbers(&redis, "v"), Some(Short::Brain));
    }
}
