//! Values at the edges of what JSON and makers hold. Each comes back as it was, or, where the maker's
//! capabilities say that it cannot be held, is refused before anything is written: nothing changes in
//! silence.

use serde_json::{Value, json};
use uuid::Uuid;
use vector_inspector::provider::model::{Metric, Record, RecordId};
use vector_inspector::provider::{ErrorKind, Support};

use crate::bench::{Bench, DIMENSION, dense, object, point, record};

crate::cases!(
    integers_of_64_bits_are_exact_or_refused,
    integers_to_the_largest_unsigned_are_exact_or_refused,
    odd_keys_are_kept_or_refused,
    empty_texts_and_reserved_keys_are_kept_or_refused,
    null_and_mixed_arrays_are_kept_or_refused,
    integers_among_floats_stay_the_same_numbers,
    nested_payloads_are_kept_or_refused,
    whole_floats_are_kept_or_refused,
    a_payload_of_one_mebibyte_is_kept_or_refused,
    vectors_without_a_number_are_kept_or_refused,
    vectors_keep_their_length_under_cosine_where_the_table_says_so,
    floats_are_exact_to_the_last_bit needs exact_floats,
    ids_at_the_edges_are_kept_or_refused,
);

/// Writes it; `None` if it was refused, which `can` must allow, and with nothing left behind.
async fn written(bench: &Bench, can: &Support, what: &str, one: Record) -> Option<(String, Record)> {
    let name = bench.empty(DIMENSION, Metric::Euclidean).await;
    let id = one.id.clone();
    if let Err(error) = bench.db.upsert(&name, vec![one]).await {
        assert!(!can.is_yes(), "the capabilities promise {what}: {error}");
        assert_eq!(error.kind(), ErrorKind::Request, "{what}: {error}");
        assert_eq!(bench.db.count(&name, None).await.unwrap().value, 0, "{what}: refused, and yet something is there");
        return None;
    }
    let got = bench.db.get(&name, std::slice::from_ref(&id), true).await.unwrap();
    assert_eq!(got.len(), 1, "{what}: {id} was written and is not there");
    let paged = bench.walk(&name, 10, true).await;
    assert_eq!(paged.len(), 1, "{what}");
    assert_eq!(paged[0].payload, got[0].payload, "{what}: a page says the same as a question for the id");
    got.into_iter().next().map(|record| (name, record))
}

async fn kept_or_refused(bench: &Bench, can: &Support, payload: Value) {
    let what = if payload.to_string().len() < 200 { payload.to_string() } else { "a long payload".to_owned() };
    let one = record(bench.id(1), point(1), payload.clone());
    let Some((_, mut got)) = written(bench, can, &what, one).await else { return };
    let mut put = object(payload);
    // Some makers carry objects without an order.
    got.payload.sort_keys();
    put.sort_keys();
    assert!(got.payload == put, "{what}: came back as another one");
    // Equal is not enough: 1 and 1.0 are.
    for (key, value) in &mut put {
        let mut other = got.payload[key].clone();
        other.sort_all_objects();
        value.sort_all_objects();
        let (other, value) = (other.to_string(), value.to_string());
        assert!(other == value, "{what}: the field {key:?} came back changed");
    }
}

async fn integers_of_64_bits_are_exact_or_refused(bench: &Bench) {
    let can = &bench.db.capabilities().exact_integers;
    for n in [(1_i64 << 53) + 1, -(1_i64 << 53) - 1, i64::MAX, i64::MIN, i64::MIN + 1] {
        kept_or_refused(bench, can, json!({ "n": n })).await;
    }
}

async fn integers_to_the_largest_unsigned_are_exact_or_refused(bench: &Bench) {
    let can = &bench.db.capabilities().unsigned_integers;
    for n in [u64::MAX, u64::MAX - 1, i64::MAX as u64 + 1] {
        kept_or_refused(bench, can, json!({ "n": n })).await;
    }
}

async fn odd_keys_are_kept_or_refused(bench: &Bench) {
    let can = &bench.db.capabilities().any_keys;
    for key in [
        "dotted.key",
        ".leading",
        "trailing.",
        "a..b",
        "quote\"quote",
        "single'quote",
        "back\\slash",
        "a[0]",
        "list[]",
        "two words",
        "percent%41",
        "semi;colon--",
        "Schlüssel 鍵",
        "line\nbreak",
    ] {
        kept_or_refused(bench, can, json!({ key: "value" })).await;
    }
    // Beside each other, too: neither a path nor a fold of case makes one of them.
    kept_or_refused(bench, can, json!({ "a.b": 1, "A.b": 2, "a": "x", "A": "y" })).await;
}

async fn empty_texts_and_reserved_keys_are_kept_or_refused(bench: &Bench) {
    kept_or_refused(bench, &Support::Yes, json!({ "empty": "", "other": "x" })).await;
    let can = &bench.db.capabilities().reserved_keys;
    for key in ["", "$dollar"] {
        kept_or_refused(bench, can, json!({ key: "value" })).await;
    }
}

async fn null_and_mixed_arrays_are_kept_or_refused(bench: &Bench) {
    let can = &bench.db.capabilities().null_values;
    for value in [json!(null), json!([]), json!([1, "a"]), json!([null, 1])] {
        kept_or_refused(bench, can, json!({ "x": value, "other": 1 })).await;
    }
}

/// The numbers stay the same in any case; whether an integer among floats stays one, the row of mixed
/// arrays says.
async fn integers_among_floats_stay_the_same_numbers(bench: &Bench) {
    let can = &bench.db.capabilities().null_values;
    let payload = json!({ "x": [1, 2.5] });
    if can.is_yes() {
        return kept_or_refused(bench, can, payload).await;
    }
    let Some((_, got)) = written(bench, can, "[1, 2.5]", record(bench.id(1), point(1), payload)).await else { return };
    let numbers: Vec<_> = got.payload["x"].as_array().unwrap().iter().map(Value::as_f64).collect();
    assert_eq!(numbers, [Some(1.0), Some(2.5)]);
}

async fn nested_payloads_are_kept_or_refused(bench: &Bench) {
    let can = &bench.db.capabilities().nested_payload;
    kept_or_refused(bench, can, json!({ "x": { "y": { "z": 1 } } })).await;
    kept_or_refused(bench, can, json!({ "x": [{ "y": 1 }, { "y": 2 }] })).await;
}

async fn whole_floats_are_kept_or_refused(bench: &Bench) {
    let can = &bench.db.capabilities().whole_floats;
    // Where 1.0 comes back as 1 the row of the table says so, and it is the same number.
    if can.is_yes() {
        kept_or_refused(bench, can, json!({ "n": 1.0, "zero": 0.0, "large": 1e18 })).await;
    }
}

async fn a_payload_of_one_mebibyte_is_kept_or_refused(bench: &Bench) {
    let can = &bench.db.capabilities().large_payloads;
    kept_or_refused(bench, can, json!({ "text": "ü".repeat(512 * 1024), "n": 1 })).await;
}

async fn vectors_without_a_number_are_kept_or_refused(bench: &Bench) {
    let can = &bench.db.capabilities().nan_vectors;
    for odd in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let values = vec![odd, 1.0, 0.1, -0.0];
        let one = record(bench.id(1), values.clone(), json!({ "n": 1 }));
        let Some((_, got)) = written(bench, can, &format!("{odd} in a vector"), one).await else { continue };
        let same = dense(&got).iter().zip(&values).all(|(a, b)| a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan());
        assert!(same, "{values:?} came back as {:?}", dense(&got));
    }
}

async fn vectors_keep_their_length_under_cosine_where_the_table_says_so(bench: &Bench) {
    let values = [3.0, -4.1, 0.1, 12.75];
    let name = bench.empty(DIMENSION, Metric::Cosine).await;
    bench.put(&name, vec![record(bench.id(1), values.to_vec(), json!({}))]).await;
    let got = bench.db.get(&name, &[bench.id(1)], true).await.unwrap();
    let got = dense(&got[0]);
    if bench.db.capabilities().cosine_vectors.is_yes() {
        let bits = |values: &[f32]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
        return assert_eq!(bits(got), bits(&values), "{got:?}");
    }
    // The direction is what it was.
    let length = |vector: &[f32]| vector.iter().map(|value| value * value).sum::<f32>().sqrt();
    let (one, two) = (length(&values), length(got));
    let same = values.iter().zip(got).all(|(a, b)| (a / one - b / two).abs() < 1e-6);
    assert!(same, "{values:?} came back as {got:?}");
}

async fn floats_are_exact_to_the_last_bit(bench: &Bench) {
    // Fractions of all sizes: bits of a counter, mixed, where the exponent leaves them finite.
    let mixed = (1_u64..=200).map(|n| f64::from_bits(n.wrapping_mul(0x9e37_79b9_7f4a_7c15) & !(1 << 62) | 1));
    let mut payload = json!({ "tenth": 0.1_f32, "known": 123_456_789.123_456_79, "least": 5e-324, "most": f64::MAX });
    for (n, value) in mixed.enumerate() {
        payload[format!("f{n}")] = json!(value);
    }
    let one = record(bench.id(1), point(1), payload.clone());
    let (_, got) = written(bench, &Support::Yes, "floats", one).await.expect("written");
    for (key, value) in payload.as_object().unwrap() {
        let (put, got) = (value.as_f64().unwrap(), got.payload[key].as_f64());
        assert_eq!(got.map(f64::to_bits), Some(put.to_bits()), "{key}: {put:e} came back as {got:?}");
    }
}

async fn ids_at_the_edges_are_kept_or_refused(bench: &Bench) {
    let can = bench.db.capabilities();
    let refusable = Support::No("not every maker has such ids");
    let numbers = [i128::from(i64::MIN), -1, 0, (1 << 53) + 1, i128::from(u64::MAX)].map(RecordId::Integer);
    let texts = ["", " ", "1", "it's", "a\"b", "a.b/c"].map(RecordId::from);
    let uuids = [Uuid::nil(), Uuid::max()].map(RecordId::Uuid);
    for id in numbers.into_iter().chain(texts).chain(uuids) {
        // A kind that the maker has must take every one but the odd ones: below zero, and empty.
        let allowed = match &id {
            RecordId::Integer(n) if *n >= 0 => &can.integer_ids,
            RecordId::Text(text) if !text.trim().is_empty() && can.any_text_ids.is_yes() => &can.text_ids,
            RecordId::Uuid(_) => &can.uuid_ids,
            RecordId::Integer(_) | RecordId::Text(_) => &refusable,
        };
        let one = record(id.clone(), point(1), json!({ "n": 1 }));
        let Some((name, got)) = written(bench, allowed, &format!("the id {id:?}"), one).await else { continue };
        assert_eq!(got.id, id);
        bench.db.delete(&name, std::slice::from_ref(&id)).await.unwrap();
        assert_eq!(bench.db.count(&name, None).await.unwrap().value, 0, "{id:?} cannot be deleted");
    }
}
