//! Which vectors are kept in numbers of 16 bits: read from what makers tell of a collection. A comparison and
//! the proof of a copy overlook what such numbers cannot hold.

use serde_json::Value;

use super::model::comparison::Short;

/// Whether the maker's description says that a field has numbers of 16 bits: somewhere in it an object is
/// of that name, or has the name among its values, and has a value that is the maker's word for such numbers. The
/// unnamed field is the only one, and its column has a name that is not told: there any such word counts.
pub fn short_numbers(details: &Value, name: &str) -> Option<Short> {
    let word = |value: &Value| {
        let text = value.as_str()?.to_lowercase();
        let half = ["halfvec", "float16", "float16vector", "fp16"].iter().any(|word| text.starts_with(word));
        let brain = ["bfloat16", "bfloat16vector", "bf16"].iter().any(|word| text.starts_with(word));
        if half { Some(Short::Half) } else { brain.then_some(Short::Brain) }
    };
    match details {
        Value::Object(object) => {
            let named = name.is_empty() || object.values().any(|value| value.as_str() == Some(name));
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
        assert_eq!(short_numbers(&pgvector, ""), Some(Short::Half));
        assert_eq!(short_numbers(&json!({ "columns": [{ "name": "b", "type": "vector(3)" }] }), ""), None);
        let qdrant =
            json!({ "config": { "vectors": { "t": { "size": 3, "datatype": "float16" }, "u": { "size": 3 } } } });
        assert_eq!((short_numbers(&qdrant, "t"), short_numbers(&qdrant, "u")), (Some(Short::Half), None));
        let redis = json!({ "attributes": [["identifier", "$.v", "attribute", "v", "data_type", "BFLOAT16"]] });
        assert_eq!(short_numbers(&redis, "v"), Some(Short::Brain));
    }
}
