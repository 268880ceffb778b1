//! Payloads come back as they were written.

use serde_json::{Value, json};

use crate::bench::{Bench, DIMENSION, object, point, record};

crate::cases!(
    payload_numbers_are_exact,
    whole_floats_stay_floats needs whole_floats,
    payload_integers_are_exact_to_the_last_bit needs exact_integers,
    payload_texts_may_be_any_text,
    payload_keys_may_be_any_text needs any_keys,
    an_empty_payload_stays_empty,
    arrays_keep_order_and_kind needs array_payload,
    nested_payloads_keep_their_shape needs nested_payload,
    nulls_and_mixed_arrays_are_kept needs null_values,
);

/// Writes one record with this payload and compares it, read in every way.
async fn survives(bench: &Bench, payload: Value) {
    let name = bench.empty(DIMENSION, vector_inspector::provider::model::Metric::Euclidean).await;
    bench.put(&name, vec![record(bench.id(1), point(1), payload.clone())]).await;
    let got = bench.db.get(&name, &[bench.id(1)], false).await.unwrap();
    let paged = bench.walk(&name, 10, false).await;
    for (way, records) in [("by id", got), ("paged", paged)] {
        assert_eq!(records[0].payload, object(payload.clone()), "{way}");
        // `1` and `1.0` are equal to `assert_eq!` in no version of serde_json; the text tells, too.
        // Keys in one order first: some makers (Qdrant over gRPC) carry objects without one.
        for (key, value) in &records[0].payload {
            let (mut got, mut put) = (value.clone(), payload[key].clone());
            got.sort_all_objects();
            put.sort_all_objects();
            assert_eq!(got.to_string(), put.to_string(), "{way}: {key}");
        }
    }
}

async fn payload_numbers_are_exact(bench: &Bench) {
    survives(
        bench,
        json!({
            "largest": 9_007_199_254_740_991_i64,
            "smallest": -9_007_199_254_740_991_i64,
            "zero": 0,
            "minus": -1,
            "half": 0.5,
            "tenth": 0.1,
            "tiny": 1e-300,
            "true": true,
            "false": false,
        }),
    )
    .await;
}

async fn whole_floats_stay_floats(bench: &Bench) {
    survives(bench, json!({ "whole_float": 1.0, "large": -3e15 })).await;
}

async fn payload_integers_are_exact_to_the_last_bit(bench: &Bench) {
    survives(bench, json!({ "beyond_f64": 9_007_199_254_740_993_i64, "smallest": i64::MIN, "largest": i64::MAX }))
        .await;
    if bench.db.capabilities().array_payload.is_yes() {
        survives(bench, json!({ "integers": [3, 9_007_199_254_740_993_i64, i64::MIN] })).await;
    }
}

async fn payload_texts_may_be_any_text(bench: &Bench) {
    survives(
        bench,
        json!({
            "title": "Grüße, 日本語, 👩‍👩‍👧, עברית",
            "control": "bell\u{7} escape\u{1b}[31m",
            "bidi": "\u{202e}gnp.exe",
            "empty": "",
            "number": "5",
            "date": "2017-06-12T00:00:00Z",
            "uuid": "550E8400-e29b-41d4-a716-446655440000",
            "long": "x".repeat(20_000),
        }),
    )
    .await;
}

async fn payload_keys_may_be_any_text(bench: &Bench) {
    survives(bench, json!({ "Schlüssel 鍵": "key", "dotted.key": "x", "Upper": 1, "upper": 2 })).await;
}

async fn an_empty_payload_stays_empty(bench: &Bench) {
    survives(bench, json!({})).await;
}

async fn arrays_keep_order_and_kind(bench: &Bench) {
    survives(
        bench,
        json!({
            "texts": ["b", "a", "b", "ü"],
            "integers": [3, 1, 9_007_199_254_740_991_i64, -4],
            "floats": [0.5, 1.0, -2.25],
            "booleans": [true, false],
            "one": ["only"],
        }),
    )
    .await;
}

async fn nested_payloads_keep_their_shape(bench: &Bench) {
    survives(
        bench,
        json!({
            "author": { "name": "Ada", "born": { "year": 1815, "place": "London" } },
            "list": [{ "a": 1, "b": ["x", "y"] }, { "a": 2 }],
        }),
    )
    .await;
}

async fn nulls_and_mixed_arrays_are_kept(bench: &Bench) {
    survives(
        bench,
        json!({
            "list": [{ "a": 1 }, { "a": [1, [2, [3]]] }],
            "nothing": null,
            "no_elements": [],
            "no_fields": {},
            "mixed": [1, "a", 2.5, null, true],
        }),
    )
    .await;
}
