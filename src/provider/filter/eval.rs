//! What a filter means, evaluated on a payload in memory.
//!
//! Two-valued: a test holds or does not. A field has no value if it is missing, null, or an array
//! without elements; a test of it does not hold then, but for `is null`, and for `is missing` where the
//! key is not there. A test of an array holds if
//! one of its elements satisfies it; null elements satisfy none. A path does not lead through arrays.

use std::cmp::Ordering;

use serde_json::Value;

use super::ast::{Check, Comparison, Expr, Literal, Path, Test};
use crate::provider::model::{Payload, Record};

/// Whether the condition holds for this record.
pub(super) fn holds(expr: &Expr, record: &Record) -> bool {
    match expr {
        Expr::And(parts) => parts.iter().all(|part| holds(part, record)),
        Expr::Or(parts) => parts.iter().any(|part| holds(part, record)),
        Expr::Not(inner) => !holds(inner, record),
        Expr::Test(test) => passes(test, &record.payload),
        Expr::Text(test) => record.text.as_ref().is_some_and(|text| text.contains(&test.part)),
    }
}

fn passes(test: &Test, payload: &Payload) -> bool {
    let stored = at(&test.path, payload);
    if test.check == Check::IsMissing {
        return stored.is_none();
    }
    let Some(value) = stored.filter(|value| !is_nothing(value)) else { return test.check == Check::IsNull };
    match &test.check {
        Check::IsNull | Check::IsMissing => false,
        Check::Exists => true,
        Check::Contains(Literal::Text(part)) if value.is_string() => {
            value.as_str().is_some_and(|text| text.contains(part))
        }
        check => elements(value).iter().any(|element| !element.is_null() && satisfies(element, check)),
    }
}

/// The value at the end of the path.
fn at<'a>(path: &Path, payload: &'a Payload) -> Option<&'a Value> {
    let (last, outer) = path.0.split_last()?;
    let mut object = payload;
    for part in outer {
        object = object.get(part)?.as_object()?;
    }
    object.get(last)
}

fn is_nothing(value: &Value) -> bool {
    value.is_null() || value.as_array().is_some_and(Vec::is_empty)
}

/// The elements of an array; anything else is its own only one.
fn elements(value: &Value) -> &[Value] {
    value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice)
}

/// Whether one value that is not null satisfies a comparison.
fn satisfies(value: &Value, check: &Check) -> bool {
    match check {
        Check::Compare(comparison, literal) => compares(value, *comparison, literal),
        Check::In(list) => list.iter().any(|literal| equals(value, literal)),
        Check::NotIn(list) => !list.iter().any(|literal| equals(value, literal)),
        Check::Between(low, high) => {
            compares(value, Comparison::AtLeast, low) && compares(value, Comparison::AtMost, high)
        }
        Check::Contains(literal) => equals(value, literal),
        Check::Exists => true,
        Check::IsNull | Check::IsMissing => false,
    }
}

fn compares(value: &Value, comparison: Comparison, literal: &Literal) -> bool {
    let order = || order(value, literal);
    match comparison {
        Comparison::Equal => equals(value, literal),
        Comparison::NotEqual => !equals(value, literal),
        Comparison::Less => order().is_some_and(Ordering::is_lt),
        Comparison::AtMost => order().is_some_and(Ordering::is_le),
        Comparison::Greater => order().is_some_and(Ordering::is_gt),
        Comparison::AtLeast => order().is_some_and(Ordering::is_ge),
    }
}

fn equals(value: &Value, literal: &Literal) -> bool {
    match (value, literal) {
        (Value::Bool(a), Literal::Bool(b)) => a == b,
        _ => order(value, literal).is_some_and(Ordering::is_eq),
    }
}

/// Which comes first, for two numbers or two texts.
fn order(value: &Value, literal: &Literal) -> Option<Ordering> {
    match (value, literal) {
        // UTF-8 keeps the order of the code points
        (Value::String(a), Literal::Text(b)) => Some(a.as_str().cmp(b)),
        (Value::Number(a), Literal::Integer(b)) => match integer(a) {
            Some(a) => Some(a.cmp(b)),
            None => order_mixed(*b, a.as_f64()?).map(Ordering::reverse),
        },
        (Value::Number(a), Literal::Float(b)) => match integer(a) {
            Some(a) => order_mixed(a, *b),
            None => a.as_f64()?.partial_cmp(b),
        },
        _ => None,
    }
}

fn integer(number: &serde_json::Number) -> Option<i128> {
    number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from))
}

/// Compares a whole number of at most 65 bits with a float, exactly.
fn order_mixed(n: i128, f: f64) -> Option<Ordering> {
    if f.is_nan() {
        return None;
    }
    // saturates far outside of the range of `n`
    #[allow(clippy::cast_possible_truncation)]
    let whole = f.trunc() as i128;
    Some(n.cmp(&whole).then_with(|| 0.0_f64.total_cmp(&(f.fract() + 0.0))))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use rstest::rstest;
    use serde_json::json;

    use crate::provider::filter::Filter;

    fn selects(filter: &str, payload: Value) -> bool {
        let Value::Object(payload) = payload else { panic!("{payload} is no object") };
        let record = Record { id: RecordId::from(1_u64), vectors: None, payload, text: Some("the text".to_owned()) };
        Filter::parse(filter).unwrap().selects(&record)
    }

    use super::{Record, Value};
    use crate::provider::model::RecordId;

    #[rstest]
    #[case("x = 5", json!({"x": 5.0}))]
    #[case("x = 5.0", json!({"x": 5}))]
    #[case("x != 5", json!({"x": "5"}))]
    #[case("x != true", json!({"x": 1}))]
    #[case("x = 9007199254740993", json!({"x": 9_007_199_254_740_993_i64}))]
    #[case("x > 9007199254740992.0", json!({"x": 9_007_199_254_740_993_i64}))]
    #[case("x < 9007199254740993", json!({"x": 9_007_199_254_740_992.0}))]
    #[case("x = 18446744073709551615", json!({"x": u64::MAX}))]
    #[case("x < 18446744073709551616.0", json!({"x": u64::MAX}))]
    #[case("x >= -0.5", json!({"x": 0}))]
    #[case("x < -0.5", json!({"x": -1}))]
    #[case("x > -1.5", json!({"x": -1}))]
    #[case("x = -0.0", json!({"x": 0}))]
    #[case("x = 0", json!({"x": -0.0}))]
    #[case("x < 1e300", json!({"x": u64::MAX}))]
    #[case("x < \"b\"", json!({"x": "a"}))]
    #[case("x > \"Z\"", json!({"x": "a"}))]
    #[case("x in (1, \"a\")", json!({"x": "a"}))]
    #[case("x not in (1, 2)", json!({"x": [1, 3]}))]
    #[case("x != 1", json!({"x": [1, 2]}))]
    #[case("x > 1", json!({"x": [0, 2]}))]
    #[case("x between 1 and 2", json!({"x": [0, 2.0]}))]
    #[case("x contains \"b\"", json!({"x": "abc"}))]
    #[case("x contains \"b\"", json!({"x": ["a", "b"]}))]
    #[case("x contains 5", json!({"x": [5.0]}))]
    #[case("x contains \"\"", json!({"x": "abc"}))]
    #[case("x is null", json!({}))]
    #[case("x is null", json!({"x": null}))]
    #[case("x is null", json!({"x": []}))]
    #[case("x exists", json!({"x": [null]}))]
    #[case("x exists", json!({"x": ""}))]
    #[case("x exists", json!({"x": {}}))]
    #[case("x is not null", json!({"x": false}))]
    #[case("x is missing", json!({}))]
    #[case("a.b is missing", json!({"a": [{"b": 1}]}))]
    #[case("x is not missing", json!({"x": null}))]
    #[case("x is not missing", json!({"x": []}))]
    #[case("x", json!({"x": true}))]
    #[case("not x", json!({"x": 1}))]
    #[case("$text contains \"e te\"", json!({}))]
    #[case("not $text contains \"Text\"", json!({"text": "Text"}))]
    #[case("a.b = 1", json!({"a": {"b": 1}}))]
    #[case("\"a.b\" = 1", json!({"a.b": 1}))]
    #[case("not x = 5", json!({}))]
    #[case("not x != 5", json!({"x": null}))]
    #[case("x != 5", json!({"x": {"y": 5}}))]
    #[case("x = \"é\"", json!({"x": "é"}))]
    fn holds(#[case] filter: &str, #[case] payload: Value) {
        assert!(selects(filter, payload.clone()), "{filter} on {payload}");
    }

    #[rstest]
    #[case("x != 5", json!({}))]
    #[case("x != 5", json!({"x": null}))]
    #[case("x != 5", json!({"x": []}))]
    #[case("x != 5", json!({"x": [null, 5]}))]
    #[case("x not in (5)", json!({}))]
    #[case("x = 5", json!({"x": "5"}))]
    #[case("x = \"5\"", json!({"x": 5}))]
    #[case("x = 1", json!({"x": true}))]
    #[case("x = true", json!({"x": 1}))]
    #[case("x = 9007199254740993", json!({"x": 9_007_199_254_740_992.0}))]
    #[case("x = 9007199254740992", json!({"x": 9_007_199_254_740_993_i64}))]
    #[case("x < 5", json!({"x": "4"}))]
    #[case("x < \"b\"", json!({"x": 1}))]
    #[case("x between 1 and 2", json!({"x": [0, 3]}))]
    #[case("x contains \"b\"", json!({"x": ["abc"]}))]
    #[case("x = 1", json!({"x": [[1]]}))]
    #[case("a.b = 1", json!({"a": [{"b": 1}]}))]
    #[case("a.b = 1", json!({"a.b": 1}))]
    #[case("x exists", json!({"x": null}))]
    #[case("x = \"e\u{301}\"", json!({"x": "é"}))]
    fn does_not_hold(#[case] filter: &str, #[case] payload: Value) {
        assert!(!selects(filter, payload.clone()), "{filter} on {payload}");
    }
}
