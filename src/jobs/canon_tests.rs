use proptest::prelude::*;
use serde_json::json;

use super::*;

fn payload(value: Value, rules: Rules) -> Vec<u8> {
    let mut bytes = Vec::new();
    write_value(&value, rules, &mut bytes, &mut Vec::new());
    bytes
}

fn vector(vector: &Vector) -> Vec<u8> {
    let mut bytes = Vec::new();
    write_vector(vector, false, &mut bytes);
    bytes
}

#[test]
fn what_is_different_has_different_bytes() {
    let all = [
        json!(null),
        json!(false),
        json!(true),
        json!(0),
        json!(0.0),
        json!(-0.0),
        json!(1),
        json!(1.0),
        json!("1"),
        json!(""),
        json!([]),
        json!({}),
        json!([[]]),
        json!([null]),
        json!({ "a": null }),
        json!({ "a": [1, 2] }),
        json!({ "a": [1], "b": 2 }),
        json!({ "a": { "b": 2 } }),
        json!(u64::MAX),
        json!(u64::MAX - 1),
        json!(i64::MIN),
        json!(0.1),
        json!(0.100_000_000_000_000_02),
        json!(["ab", "c"]),
        json!(["a", "bc"]),
    ];
    for (i, one) in all.iter().enumerate() {
        for (j, other) in all.iter().enumerate() {
            let same = payload(one.clone(), Rules::default()) == payload(other.clone(), Rules::default());
            assert_eq!(same, i == j, "{one} and {other}");
        }
    }
}

#[test]
fn the_order_of_keys_and_places_means_nothing() {
    let rules = Rules::default();
    assert_eq!(payload(json!({ "a": 1, "b": { "x": 1, "y": 2 } }), rules), {
        payload(json!({ "b": { "y": 2, "x": 1 }, "a": 1 }), rules)
    });
    let sparse = |indices: &[u32], values: &[f32]| Vector::Sparse { indices: indices.into(), values: values.into() };
    assert_eq!(vector(&sparse(&[7, 2], &[0.5, 1.0])), vector(&sparse(&[2, 7], &[1.0, 0.5])));
    assert_ne!(vector(&sparse(&[7, 2], &[0.5, 1.0])), vector(&sparse(&[2, 7], &[0.5, 1.0])));
}

#[test]
fn each_bit_of_a_vector_counts() {
    let base = vec![0.5_f32, -0.0, 3.0e-41];
    for place in 0..base.len() {
        for bit in 0..32 {
            let mut other = base.clone();
            other[place] = f32::from_bits(other[place].to_bits() ^ (1 << bit));
            assert_ne!(vector(&Vector::Dense(base.clone())), vector(&Vector::Dense(other)));
        }
    }
    assert_ne!(vector(&Vector::Dense(vec![1.0])), vector(&Vector::Multi(vec![vec![1.0]])));
}

#[test]
fn rules_overlook_what_they_name_and_nothing_else() {
    let nulls = Rules { nulls: true, ..Rules::default() };
    assert_eq!(payload(json!({ "a": null, "b": [], "c": 1 }), nulls), payload(json!({ "c": 1 }), nulls));
    assert_ne!(payload(json!({ "a": "", "c": 1 }), nulls), payload(json!({ "c": 1 }), nulls));
    let whole = Rules { whole_floats: true, ..Rules::default() };
    assert_eq!(payload(json!(2.0), whole), payload(json!(2), whole));
    assert_ne!(payload(json!(2.5), whole), payload(json!(2), whole));
    let zeros = Rules { negative_zeros: true, ..Rules::default() };
    assert_eq!(payload(json!([-0.0]), zeros), payload(json!([0.0]), zeros));
    assert_ne!(payload(json!(-0.0), zeros), payload(json!(0), zeros));
    assert_ne!(payload(json!(-0.5), zeros), payload(json!(0.5), zeros));
    let floats = Rules { integers_as_floats: true, ..Rules::default() };
    assert_eq!(payload(json!(9_007_199_254_740_993_u64), floats), payload(json!(9_007_199_254_740_992.0), floats));
    let mut soft = Vec::new();
    let mut bytes = Vec::new();
    write_value(&json!({ "b": 0.5, "a": [1, 2.5] }), Rules { soft_floats: true, ..Rules::default() }, &mut bytes, {
        &mut soft
    });
    assert_eq!(soft, [2.5, 0.5], "in the order of the sorted keys");
}

#[test]
fn a_digest_is_the_beginning_of_sha_256() {
    assert_eq!(digest(b"abc"), 0xba78_16bf_8f01_cfea_4141_40de_5dae_2223);
}

fn any_id() -> impl Strategy<Value = RecordId> {
    prop_oneof![
        any::<i64>().prop_map(RecordId::from),
        any::<u64>().prop_map(RecordId::from),
        any::<String>().prop_map(RecordId::Text),
        any::<u128>().prop_map(|n| RecordId::Uuid(uuid::Uuid::from_u128(n))),
    ]
}

proptest! {
    #[test]
    fn ids_come_back_from_their_bytes_and_so_are_told_apart(one in any_id(), rest in any::<Vec<u8>>()) {
        let mut bytes = id(&one);
        bytes.extend(&rest);
        prop_assert_eq!(read_id(&bytes), Some((one, rest.as_slice())));
    }
}
