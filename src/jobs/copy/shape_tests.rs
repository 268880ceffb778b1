#![allow(clippy::unwrap_used)]

use serde_json::json;

use super::*;
use crate::jobs::copy::testing::{NOTHING, plan};
use crate::provider::model::Vector;

fn record(id: RecordId, payload: Value, text: Option<&str>) -> Record {
    let vectors = Vectors(vec![("a".to_owned(), Vector::Dense(vec![1.0])), ("b".to_owned(), Vector::Dense(vec![2.0]))]);
    let Value::Object(payload) = payload else { return record(id, json!({}), text) };
    Record { id, vectors: Some(vectors), payload, text: text.map(str::to_owned) }
}

#[test]
fn what_the_target_cannot_hold_comes_back_with_restore() {
    let payload = json!({
        "plain": 1, "list": ["a"], "nested": { "a": { "b": null } }, "none": null, "empty": [], "mixed": [1, 2.5],
        "deep": [[1]], "large": u64::MAX, "big": (1_i64 << 53) + 1, "$x": 1, "": 2, "with space": 3, "float": 1.0,
    });
    let original = record("ü/1".into(), payload, Some("the text"));
    let mut there = plan();
    (there.holds, there.text, there.ids.policy) = (NOTHING, TextPlan::Field, IdPolicy::UuidText);
    let moved = shaped(&there, original.clone()).unwrap();
    assert_eq!(moved.text, None);
    let mut keys: Vec<&str> = moved.payload.keys().map(String::as_str).collect();
    keys.sort_unstable();
    assert_eq!(keys, [SOURCE_ID, SOURCE_JSON, SOURCE_TEXT, "float", "plain"]);
    assert!(moved.payload.values().all(|value| !value.is_array() && !value.is_object()));
    assert_eq!(moved.payload[SOURCE_ID], "text:ü/1");

    let mut back = plan();
    (back.wishes.restore, back.ids.policy) = (true, IdPolicy::Restored);
    let mut restored = shaped(&back, moved).unwrap();
    // Keys are in another order; the values are the same to the letter.
    restored.payload.sort_keys();
    let mut wanted = original;
    wanted.payload.sort_keys();
    assert_eq!(restored, wanted);
    assert_eq!(serde_json::to_string(&restored.payload).unwrap(), serde_json::to_string(&wanted.payload).unwrap());
}

#[test]
fn what_the_target_can_hold_stays_in_its_place() {
    let original = record(5_u64.into(), json!({ "a": { "b": [null, 1, "x"] }, "$k": u64::MAX }), Some("text"));
    assert_eq!(shaped(&plan(), original.clone()).unwrap(), original);
}

#[test]
fn fields_are_selected_renamed_and_set_and_vectors_chosen() {
    let mut plan = plan();
    plan.wishes.only = vec!["a".to_owned(), "b".to_owned()];
    plan.wishes.without = vec!["b".to_owned()];
    plan.wishes.rename = vec![("a".to_owned(), "z".to_owned())];
    plan.wishes.set.insert("from".to_owned(), json!("here"));
    plan.vectors.retain(|vector| vector.from == "b");
    plan.vectors[0].to = String::new();
    let made = shaped(&plan, record(1_u64.into(), json!({ "a": 1, "b": 2, "c": 3 }), None)).unwrap();
    assert_eq!(Value::Object(made.payload), json!({ "z": 1, "from": "here" }));
    assert_eq!(made.vectors.unwrap(), Vectors::unnamed(vec![2.0]));
}

#[test]
fn a_field_that_would_be_overwritten_makes_a_reject() {
    let mut plan = plan();
    plan.wishes.rename = vec![("a".to_owned(), "b".to_owned())];
    let refused = shaped(&plan, record(1_u64.into(), json!({ "a": 1, "b": 2 }), None)).unwrap_err();
    assert!(refused.contains("\"b\" already"), "{refused}");
    plan.wishes.rename.clear();
    plan.ids.policy = IdPolicy::Uuid;
    let refused = shaped(&plan, record(1_u64.into(), json!({ SOURCE_ID: "mine" }), None)).unwrap_err();
    assert!(refused.contains(SOURCE_ID), "{refused}");
}
