//! A thousand single changes, each found as what it is; and clean pairs in which nothing is found.

use fastrand::Rng;
use serde_json::{Value, json};
use vector_inspector::jobs::compare::{ContentOptions, contents, pass_over};
use vector_inspector::jobs::model::comparison::{Contents, DifferenceKind};
use vector_inspector::jobs::{Control, Meter, Side};
use vector_inspector::provider::model::{Record, RecordId, Vector, Vectors};

use crate::made::Made;

const RECORDS: usize = 250;
const MUTATIONS: usize = 1_000;

pub async fn compare(a: &Side, b: &Side, options: &ContentOptions) -> Contents {
    contents(a, b, options, &Control::default(), &mut Meter::silent(), &mut pass_over).await.unwrap()
}

/// Records of every kind of id, value and vector.
pub fn base(rng: &mut Rng) -> Vec<Record> {
    let mut float = |n: usize| -> Vec<f32> { (0..n).map(|_| rng.f32() - 0.5).collect() };
    let make = |n: usize| {
        let id = match n % 4 {
            0 => RecordId::from(n as u64),
            1 => RecordId::Text(format!("record {n}")),
            2 => RecordId::Text((n - 2).to_string()),
            _ => RecordId::Uuid(uuid::Uuid::from_u128(n as u128)),
        };
        let vectors = vec![
            (String::new(), Vector::Dense(float(16))),
            ("second".to_owned(), Vector::Dense(float(3))),
            ("sparse".to_owned(), Vector::Sparse { indices: vec![9, 2, n as u32 + 10], values: float(3) }),
            ("multi".to_owned(), Vector::Multi(vec![float(4), float(4)])),
        ];
        let payload = json!({
            "n": n, "float": n as f64 / 3.0, "whole": 2.0, "negative": -0.0, "big": u64::MAX - n as u64, "text": format!("ä{n}"),
            "yes": n.is_multiple_of(2), "null": null, "list": [1, 2.5, "x", null], "deep": { "a": { "b": [{ "c": n }] } }, "empty": {},
        });
        let Value::Object(payload) = payload else { unreachable!() };
        Record { id, vectors: Some(Vectors(vectors)), payload, text: n.is_multiple_of(3).then(|| format!("text {n}")) }
    };
    (0..RECORDS).map(make).collect()
}

/// Flips one bit of one number of one vector.
fn flip(record: &mut Record, rng: &mut Rng) {
    let vectors = &mut record.vectors.as_mut().unwrap().0;
    let at = rng.usize(0..vectors.len());
    let values = match &mut vectors[at].1 {
        Vector::Dense(values) | Vector::Sparse { values, .. } => values,
        Vector::Multi(rows) => {
            let row = rng.usize(0..rows.len());
            &mut rows[row]
        }
    };
    let place = rng.usize(0..values.len());
    values[place] = f32::from_bits(values[place].to_bits() ^ (1 << rng.u32(0..32)));
}

/// Changes one value of the payload as little as can be.
fn change_value(record: &mut Record, which: usize) {
    let payload = &mut record.payload;
    let replaced = match which % 13 {
        0 => ("n", json!(payload["n"].as_u64().unwrap() + 1)),
        1 => ("float", json!(payload["float"].as_f64().unwrap().next_up())),
        2 => ("whole", json!(2)),
        3 => ("negative", json!(0.0)),
        4 => ("big", json!(payload["big"].as_u64().unwrap() - 1)),
        5 => ("text", json!("a\u{308}")),
        6 => ("yes", json!(!payload["yes"].as_bool().unwrap())),
        7 => ("list", json!([1, 2.5, "x"])),
        8 => ("list", json!([2.5, 1, "x", null])),
        9 => ("deep", json!({ "a": { "b": [{ "c": -1 }] } })),
        10 => ("empty", json!([])),
        11 => ("n", json!(payload["n"].to_string())),
        _ => {
            payload.shift_remove("null");
            return;
        }
    };
    payload.insert(replaced.0.to_owned(), replaced.1);
}

/// What a mutation should be found as: missing, extra, kind changed, changed.
type Expected = [u64; 4];

pub fn mutate(records: &mut Vec<Record>, number: usize, rng: &mut Rng) -> (&'static str, Expected) {
    let at = rng.usize(0..records.len());
    match number % 9 {
        0 | 1 => {
            flip(&mut records[at], rng);
            ("a bit of a vector", [0, 0, 0, 1])
        }
        2 | 3 => {
            change_value(&mut records[at], number / 9);
            ("a value", [0, 0, 0, 1])
        }
        4 => {
            records.remove(at);
            ("a missing record", [1, 0, 0, 0])
        }
        5 => {
            let id = RecordId::Text(format!("new {number}"));
            records.insert(at, Record { id, ..records[at].clone() });
            ("an extra record", [0, 1, 0, 0])
        }
        6 => {
            let other = (at + 1) % records.len();
            let id = records[at].id.clone();
            records[at].id = std::mem::replace(&mut records[other].id, id);
            ("two swapped records", [0, 0, 0, 2])
        }
        7 => {
            // A number that is not among the texts, and the reverse.
            let at = at / 4 * 4 + 3;
            let at = if at < records.len() { at } else { 3 };
            records[at].id = RecordId::Text(records[at].id.to_string());
            ("the kind of an id", [0, 0, 1, 0])
        }
        _ => {
            let text = records[at].text.take();
            records[at].text = text.is_none().then(String::new);
            ("a text", [0, 0, 0, 1])
        }
    }
}

fn counts(contents: &Contents) -> Expected {
    [contents.missing, contents.extra, contents.kind_changed, contents.changed]
}

#[tokio::test(flavor = "multi_thread")]
async fn each_of_1000_single_mutations_is_found_as_what_it_is() {
    let mut rng = Rng::with_seed(7);
    let base = base(&mut rng);
    let options = ContentOptions { list: 5, ..ContentOptions::default() };
    for number in 0..MUTATIONS {
        let mut other = base.clone();
        let (what, expected) = mutate(&mut other, number, &mut rng);
        rng.shuffle(&mut other);
        let (a, b) = (Made::of(base.clone()).side("a"), Made::of(other).side("b"));
        let found = compare(&a, &b, &options).await;
        assert_eq!(counts(&found), expected, "mutation {number}: {what}: {found:?}");
        assert!(!found.is_equal());
        assert_eq!(found.differences.len() as u64, expected.iter().sum::<u64>());
        for one in &found.differences {
            let opened = one.kind != DifferenceKind::Changed || !one.fields.is_empty();
            assert!(opened, "mutation {number}: {what} is found but not shown: {one:?}");
        }
        if number.is_multiple_of(10) {
            let [missing, extra, kind, changed] = expected;
            let back = compare(&b, &a, &options).await;
            assert_eq!(counts(&back), [extra, missing, kind, changed], "the other way: mutation {number}: {what}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn clean_pairs_are_equal_whatever_the_order_of_records_keys_names_and_places() {
    for seed in 0..40 {
        let mut rng = Rng::with_seed(seed);
        let base = base(&mut rng);
        let mut other = base.clone();
        rng.shuffle(&mut other);
        for record in &mut other {
            let mut entries: Vec<_> = std::mem::take(&mut record.payload).into_iter().collect();
            rng.shuffle(&mut entries);
            record.payload = entries.into_iter().collect();
            let vectors = &mut record.vectors.as_mut().unwrap().0;
            rng.shuffle(vectors);
            for (_, vector) in vectors {
                if let Vector::Sparse { indices, values } = vector {
                    indices.reverse();
                    values.reverse();
                }
            }
        }
        let (a, b) = (Made::of(base).side("a"), Made::of(other).side("b"));
        let found = compare(&a, &b, &ContentOptions::default()).await;
        assert!(found.is_equal() && found.equal == RECORDS as u64 && found.equal_by_tolerance == 0, "{found:?}");
    }
}
