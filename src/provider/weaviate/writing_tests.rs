#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::HashMap;

use rstest::rstest;
use serde_json::{Value, json};
use uuid::Uuid;

use super::schema::Class;
use super::writing::{Plan, class, is_class_name, plan};
use crate::provider::Result;
use crate::provider::model::{CollectionSpec, Metric, Record, RecordId, Vector, VectorKind, VectorSpec, Vectors};

fn books() -> Class {
    Class::read(json!({ "class": "Books", "vectorIndexType": "hnsw", "vectorIndexConfig": { "distance": "dot" },
        "properties": [
            { "name": "i", "dataType": ["int"] }, { "name": "n", "dataType": ["number"] },
            { "name": "t", "dataType": ["text"] }, { "name": "ta", "dataType": ["text[]"] },
            { "name": "u", "dataType": ["uuid"] },
            { "name": "o", "dataType": ["object"], "nestedProperties": [ { "name": "a", "dataType": ["int"] } ] },
        ] }))
    .unwrap()
}

fn record(n: u128, payload: Value) -> Record {
    let Value::Object(payload) = payload else { panic!("{payload} is no object") };
    let vectors = Some(Vectors::unnamed(vec![1.0, 2.0]));
    Record { id: RecordId::Uuid(Uuid::from_u128(n)), vectors, payload, text: None }
}

fn planned(records: Vec<Record>) -> Result<Plan> {
    plan(&books(), Some("t1"), records, &HashMap::new())
}

#[test]
fn new_properties_are_made_from_all_values_and_leave_texts_whole() {
    let records = vec![
        record(1, json!({ "new": 5, "text": "2017-06-12T00:00:00Z", "list": [], "o2": { "a": 1 } })),
        record(2, json!({ "new": 5.5, "list": ["x"], "o2": { "b": [true] } })),
    ];
    let plan = planned(records).unwrap();
    let expected = json!([
        { "name": "new", "dataType": ["number"] },
        { "name": "text", "dataType": ["text"], "tokenization": "field" },
        { "name": "o2", "dataType": ["object"], "nestedProperties": [
            { "name": "a", "dataType": ["int"] }, { "name": "b", "dataType": ["boolean[]"] } ] },
        { "name": "list", "dataType": ["text[]"], "tokenization": "field" },
    ]);
    assert_eq!(Value::from(plan.properties), expected);
    assert_eq!(plan.objects[0]["tenant"], "t1");
    assert_eq!(plan.objects[0]["vector"], json!([1.0, 2.0]));
}

#[test]
fn the_last_of_one_id_is_sent_in_the_place_of_the_first() {
    let records = vec![record(1, json!({ "i": 1 })), record(2, json!({})), record(1, json!({ "i": 3.0 }))];
    let objects = planned(records).unwrap().objects;
    assert_eq!(objects.len(), 2);
    assert_eq!(objects[0]["properties"].to_string(), r#"{"i":3}"#);
}

#[rstest]
#[case(json!({ "i": 5.5 }), "no whole number")]
#[case(json!({ "i": 9_007_199_254_740_993_i64 }), "2^53")]
#[case(json!({ "n": 9_007_199_254_740_993_i64 }), "2^53")]
#[case(json!({ "n": u64::MAX }), "2^53")]
#[case(json!({ "t": 5 }), "type text")]
#[case(json!({ "t": null }), "drops null")]
#[case(json!({ "fresh": null }), "drops null")]
#[case(json!({ "ta": "x" }), "type text[]")]
#[case(json!({ "ta": ["x", null] }), "drops null")]
#[case(json!({ "fresh": [1, "x"] }), "one type")]
#[case(json!({ "fresh": [[1]] }), "arrays of arrays")]
#[case(json!({ "fresh": {} }), "at least one field")]
#[case(json!({ "fresh": [] }), "empty array")]
#[case(json!({ "o": { "b": 1 } }), "no field \"b\"")]
#[case(json!({ "u": "550E8400-E29B-41D4-A716-446655440000" }), "small letters")]
#[case(json!({ "Upper": 1 }), "small letter")]
#[case(json!({ "a.b": 1 }), "small letter")]
#[case(json!({ "id": 1 }), "Weaviate's own")]
fn what_would_be_changed_or_refused_is_named_before_anything_is_sent(#[case] payload: Value, #[case] reason: &str) {
    let error = planned(vec![record(1, json!({})), record(2, payload.clone())]).unwrap_err().to_string();
    assert!(error.contains(reason) && error.contains("cannot be stored as it is"), "{payload}: {error}");
    assert!(error.contains(&Uuid::from_u128(2).to_string()), "{error}");
}

#[test]
fn vectors_fit_the_class_and_each_other() {
    let with = |vectors: Vec<(&str, Vector)>| {
        let vectors = vectors.into_iter().map(|(name, vector)| (name.to_owned(), vector)).collect();
        Record { vectors: Some(Vectors(vectors)), ..record(7, json!({})) }
    };
    let error = |records: Vec<Record>| planned(records).unwrap_err().to_string();
    assert!(error(vec![with(vec![("x", Vector::Dense(vec![1.0]))])]).contains("no vector \"x\""));
    assert!(error(vec![with(vec![("", Vector::Dense(vec![f32::NAN]))])]).contains("finite"));
    assert!(error(vec![with(vec![("", Vector::Multi(vec![vec![1.0]]))])]).contains("is dense"));
    assert!(error(vec![record(1, json!({})), with(vec![("", Vector::Dense(vec![1.0]))])]).contains("1 dimensions"));
    let stored = HashMap::from([(String::new(), 3)]);
    let error = plan(&books(), None, vec![record(1, json!({}))], &stored).unwrap_err().to_string();
    assert!(error.contains("2 dimensions, the others have 3"), "{error}");
    let text = Record { text: Some("once".to_owned()), ..record(1, json!({})) };
    assert!(planned(vec![text]).unwrap_err().to_string().contains("text beside"));
    let number = Record { id: RecordId::from(1_u64), ..record(1, json!({})) };
    assert!(planned(vec![number]).unwrap_err().to_string().contains("UUIDs"));
}

#[test]
fn names_that_weaviate_would_change_are_refused() {
    assert!(is_class_name("Books_2") && is_class_name("B"));
    for name in ["books", "", "Bücher", "A-b", "_A", "A/b", "..", "2A"] {
        assert!(!is_class_name(name), "{name:?}");
        assert!(class(&CollectionSpec::dense(name, 2, Metric::Dot)).is_err(), "{name:?}");
    }
}

#[test]
fn a_new_class_knows_missing_values_and_has_its_vectors() {
    let unnamed = class(&CollectionSpec::dense("A", 2, Metric::Manhattan)).unwrap();
    assert_eq!(unnamed["vectorIndexConfig"]["distance"], "manhattan");
    assert_eq!(unnamed["invertedIndexConfig"]["indexNullState"], true);
    let field = |name: &str, kind| VectorSpec {
        name: name.to_owned(),
        kind,
        dimension: None,
        metric: None,
        index: None,
        embedder: None,
    };
    let spec = |vectors| CollectionSpec { name: "A".to_owned(), vectors };
    let named = class(&spec(vec![field("a", VectorKind::Dense), field("b", VectorKind::Multi)])).unwrap();
    assert_eq!(named["vectorConfig"]["a"]["vectorIndexConfig"]["distance"], "cosine");
    assert_eq!(named["vectorConfig"]["b"]["vectorIndexConfig"]["multivector"]["enabled"], true);
    assert_eq!(named.get("vectorizer"), None);
    assert!(class(&spec(vec![field("a", VectorKind::Sparse)])).is_err());
    assert!(class(&spec(vec![field("", VectorKind::Dense), field("b", VectorKind::Dense)])).is_err());
}
