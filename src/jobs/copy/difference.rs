//! What differs between a record as it was to arrive and as it did, but for what was declared: in canonical
//! bytes, and with the tolerances, of a comparison.

use serde_json::Value;

use crate::jobs::canon::{self, Rules};
use crate::jobs::model::comparison::{LAST_PLACE, Tolerances, VectorTolerance};
use crate::jobs::model::plan::Plan;
use crate::provider::model::{Payload, Record, Vector};

/// What differs, a few words; `None` where nothing does.
pub fn difference(plan: &Plan, wanted: &Record, got: &Record) -> Option<String> {
    if wanted.id != got.id {
        return Some(format!("it has the id {}", super::ids::shown(&got.id)));
    }
    if wanted.text != got.text {
        return Some("the text beside the payload is another".to_owned());
    }
    let rules = Rules {
        whole_floats: !plan.holds.whole_floats,
        negative_zeros: !plan.holds.negative_zeros,
        soft_floats: !plan.holds.exact_floats,
        ..Rules::default()
    };
    if let Some(field) = field(&wanted.payload, &got.payload, rules) {
        return Some(field);
    }
    for planned in &plan.vectors {
        let (a, b) = (vector(wanted, &planned.to), vector(got, &planned.to));
        let same = match (a, b) {
            (None, None) => true,
            (Some(a), Some(b)) => {
                planned.tolerance().map_or_else(|| bytes(a) == bytes(b), |tolerance| near(a, b, tolerance))
            }
            _ => {
                return Some(format!("the vector {:?} is {}", planned.to, if b.is_none() { "missing" } else { "new" }));
            }
        };
        if !same {
            return Some(format!("the vector {:?} is another", planned.to));
        }
    }
    None
}

fn vector<'a>(record: &'a Record, name: &str) -> Option<&'a Vector> {
    record.vectors.as_ref().and_then(|vectors| vectors.get(name))
}

fn bytes(vector: &Vector) -> Vec<u8> {
    let mut bytes = Vec::new();
    canon::write_vector(vector, false, &mut bytes);
    bytes
}

fn field(wanted: &Payload, got: &Payload, rules: Rules) -> Option<String> {
    for (key, value) in wanted {
        match got.get(key) {
            None => return Some(format!("the field {key:?} is missing")),
            Some(other) if !values_agree(value, other, rules) => return Some(format!("the field {key:?} is another")),
            Some(_) => {}
        }
    }
    got.keys().find(|key| !wanted.contains_key(*key)).map(|key| format!("the field {key:?} is new"))
}

fn values_agree(a: &Value, b: &Value, rules: Rules) -> bool {
    let written = |value: &Value| {
        let (mut bytes, mut soft) = (Vec::new(), Vec::new());
        canon::write_value(value, rules, &mut bytes, &mut soft);
        (bytes, soft)
    };
    let ((a, a_soft), (b, b_soft)) = (written(a), written(b));
    let lenient = Tolerances { floats: Some(LAST_PLACE), ..Tolerances::default() };
    let near = |(a, b): (&f64, &f64)| lenient.allows_floats(*a, *b);
    a == b && a_soft.len() == b_soft.len() && a_soft.iter().zip(&b_soft).all(near)
}

/// Whether the numbers of both are near enough.
fn near(a: &Vector, b: &Vector, tolerance: VectorTolerance) -> bool {
    match (a, b) {
        (Vector::Dense(a), Vector::Dense(b)) => tolerance.allows(a, b),
        (Vector::Multi(a), Vector::Multi(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| tolerance.allows(a, b))
        }
        (Vector::Sparse { indices: of_a, values: a }, Vector::Sparse { indices: of_b, values: b }) => {
            of_a == of_b && tolerance.allows(a, b)
        }
        _ => false,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::jobs::copy::testing::plan;
    use crate::jobs::model::comparison::Short;
    use crate::provider::model::Vectors;

    fn record(payload: Value, x: f32) -> Record {
        let vectors =
            Vectors(vec![("a".to_owned(), Vector::Dense(vec![x, 1.0])), ("b".to_owned(), Vector::Dense(vec![1.0]))]);
        let payload = payload.as_object().cloned().unwrap();
        Record { id: 1_u64.into(), vectors: Some(vectors), payload, text: None }
    }

    #[test]
    fn every_change_is_seen_and_named() {
        let wanted = record(json!({ "a": 1, "b": [1.0, 2.5] }), 1.0);
        let says = |got: &Record| difference(&plan(), &wanted, got);
        assert_eq!(says(&record(json!({ "b": [1.0, 2.5], "a": 1 }), 1.0)), None, "the order of keys means nothing");
        for (got, what) in [
            (record(json!({ "a": 1.0, "b": [1.0, 2.5] }), 1.0), "\"a\" is another"),
            (record(json!({ "a": 1, "b": [1, 2.5] }), 1.0), "\"b\" is another"),
            (record(json!({ "a": 1 }), 1.0), "\"b\" is missing"),
            (record(json!({ "a": 1, "b": [1.0, 2.5], "c": null }), 1.0), "\"c\" is new"),
            (
                record(json!({ "a": 1, "b": [1.0, 2.5] }), f32::from_bits(1.0_f32.to_bits() + 1)),
                "vector \"a\" is another",
            ),
            (Record { text: Some(String::new()), ..wanted.clone() }, "the text"),
            (Record { id: "1".into(), ..wanted.clone() }, "the id \"1\""),
            (Record { vectors: None, ..wanted.clone() }, "vector \"a\" is missing"),
        ] {
            assert!(says(&got).unwrap().contains(what), "{what}");
        }
    }

    #[test]
    fn what_was_declared_is_no_difference_and_no_more_than_that() {
        let mut plan = plan();
        plan.vectors[0].normalised = true;
        plan.holds.whole_floats = false;
        plan.holds.exact_floats = false;
        let wanted = record(json!({ "f": 1.0, "g": 0.1 }), 3.0);
        let mut got = record(json!({ "f": 1, "g": 0.1 + f64::EPSILON / 8.0 }), 3.0);
        let unit = Vector::Dense(vec![0.948_683_3, 0.316_227_76]);
        got.vectors.as_mut().unwrap().0[0].1 = unit;
        assert_eq!(difference(&plan, &wanted, &got), None);
        got.vectors.as_mut().unwrap().0[0].1 = Vector::Dense(vec![0.948_69, 0.316_227_76]);
        assert!(difference(&plan, &wanted, &got).is_some());
        let got = record(json!({ "f": 1, "g": 0.100_001 }), 3.0);
        assert!(difference(&plan, &wanted, &got).unwrap().contains("\"g\""));
    }

    #[test]
    fn a_negative_zero_is_a_difference_but_where_the_target_is_known_to_have_none() {
        let (mut plan, wanted) = (plan(), record(json!({ "z": [-0.0, 1.5] }), 1.0));
        let got = record(json!({ "z": [0.0, 1.5] }), 1.0);
        assert!(difference(&plan, &wanted, &got).unwrap().contains("\"z\" is another"));
        plan.holds.negative_zeros = false;
        assert_eq!(difference(&plan, &wanted, &got), None);
        assert!(difference(&plan, &wanted, &record(json!({ "z": [0, 1.5] }), 1.0)).is_some(), "no more than that");
    }

    #[test]
    fn what_16_bits_cannot_hold_is_no_difference_where_the_target_keeps_16_bits() {
        let (mut plan, wanted) = (plan(), record(json!({}), 0.1));
        let kept = record(json!({}), half::f16::from_f32(0.1).to_f32());
        assert!(difference(&plan, &wanted, &kept).unwrap().contains("vector \"a\" is another"));
        plan.vectors[0].short = Some(Short::Half);
        assert_eq!(difference(&plan, &wanted, &kept), None);
        assert!(difference(&plan, &wanted, &record(json!({}), 0.1002)).is_some());
        plan.vectors[0].normalised = true;
        let unit = record(json!({}), half::f16::from_f32(0.1).to_f32() * 3.0);
        assert!(difference(&plan, &wanted, &unit).is_some(), "another direction");
    }
}
