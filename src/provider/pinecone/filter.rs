//! Our filter language to Pinecone's metadata filter. Pure.
//!
//! After Pinecone's documentation, for there is no server to look at: operators see numbers, texts,
//! booleans and lists of texts; `$eq` and `$in` hold for a list that has the text, `$ne` and `$nin` for
//! one that has it not; order is for numbers. Whether `$ne` holds for a missing field is not told, so
//! that `$exists` stands beside it. What needs more is refused.

use serde_json::{Value, json};

use super::PRODUCT;
use crate::provider::filter::{Check, Comparison, Expr, Filter, Literal, Test, no_text, refuse};
use crate::provider::{ProviderError, Result};

/// The native condition for a filter.
///
/// # Errors
/// `FilterRefused`, with the place, for what Pinecone has no condition for.
pub(super) fn translate(filter: Option<&Filter>) -> Result<Option<Value>> {
    filter.map(|filter| condition(filter.root(), false)).transpose()
}

/// The condition, or its opposite: `not` is brought down to the operators that have one.
fn condition(expr: &Expr, negated: bool) -> Result<Value> {
    let each = |parts: &[Expr]| parts.iter().map(|part| condition(part, negated)).collect::<Result<Vec<_>>>();
    match (expr, negated) {
        (Expr::And(parts), false) | (Expr::Or(parts), true) => Ok(json!({ "$and": each(parts)? })),
        (Expr::Or(parts), false) | (Expr::And(parts), true) => Ok(json!({ "$or": each(parts)? })),
        (Expr::Not(inner), _) => condition(inner, !negated),
        (Expr::Text(test), _) => Err(no_text(PRODUCT, test)),
        (Expr::Test(test), _) => Asked { key: key(test)?, test }.condition(negated),
    }
}

/// The metadata key of a field.
fn key(test: &Test) -> Result<&str> {
    let [key] = test.path.0.as_slice() else {
        let reason = "its metadata has no objects; a key with a point in it stands in quotes";
        return Err(refuse(PRODUCT, test.span, reason));
    };
    if key.is_empty() || key.starts_with('$') {
        return Err(refuse(PRODUCT, test.span, format!("it has no keys such as {key:?}")));
    }
    Ok(key)
}

struct Asked<'a> {
    key: &'a str,
    test: &'a Test,
}

impl Asked<'_> {
    fn condition(&self, negated: bool) -> Result<Value> {
        match &self.test.check {
            Check::Exists => Ok(self.exists(!negated)),
            Check::IsNull | Check::IsMissing => Ok(self.exists(negated)),
            Check::Compare(Comparison::Equal, literal) => self.one_of(std::slice::from_ref(literal), negated),
            Check::In(list) => self.one_of(list, negated),
            Check::Compare(Comparison::NotEqual, literal) => self.another(std::slice::from_ref(literal), negated),
            Check::NotIn(list) => self.another(list, negated),
            Check::Contains(Literal::Text(_)) => {
                Err(self.refuse("it does not look into texts; write `=` for a list that has this text"))
            }
            Check::Contains(literal) => self.one_of(std::slice::from_ref(literal), negated),
            Check::Compare(..) | Check::Between(..) if negated => Err(self.refuse(
                "it cannot turn an order round, because the records whose value is no number belong to it; \
                 write the opposite order, which selects none of them",
            )),
            Check::Compare(comparison, literal) => self.order(*comparison, literal),
            Check::Between(low, high) => {
                let ends = [self.order(Comparison::AtLeast, low)?, self.order(Comparison::AtMost, high)?];
                Ok(json!({ "$and": ends }))
            }
        }
    }

    fn exists(&self, there: bool) -> Value {
        self.one("$exists", &Value::Bool(there))
    }

    /// Is, or has, one of these; or none of them, or is not there at all.
    fn one_of(&self, list: &[Literal], negated: bool) -> Result<Value> {
        let operator = if negated { "$ne" } else { "$eq" };
        let parts: Vec<Value> =
            list.iter().map(|literal| Ok(self.one(operator, &self.value(literal)?))).collect::<Result<_>>()?;
        Ok(if negated { json!({ "$or": [self.exists(false), { "$and": parts }] }) } else { json!({ "$or": parts }) })
    }

    /// Another value than these; or, negated, one of these or none at all.
    fn another(&self, list: &[Literal], negated: bool) -> Result<Value> {
        if list.iter().any(|literal| matches!(literal, Literal::Text(_))) {
            return Err(self.refuse(
                "for a list its $ne asks that no text is equal, not that another is there; turn the whole test round, \
                 `not field = value` or `not field in (...)`, which selects the records without the field, too",
            ));
        }
        if negated {
            return Ok(json!({ "$or": [self.exists(false), self.one_of(list, false)?] }));
        }
        let mut parts = vec![self.exists(true)];
        for literal in list {
            parts.push(self.one("$ne", &self.value(literal)?));
        }
        Ok(json!({ "$and": parts }))
    }

    fn order(&self, comparison: Comparison, literal: &Literal) -> Result<Value> {
        if !literal.is_number() {
            return Err(self.refuse("it has no order of texts"));
        }
        let operator = match comparison {
            Comparison::Less => "$lt",
            Comparison::AtMost => "$lte",
            Comparison::Greater => "$gt",
            _ => "$gte",
        };
        Ok(self.one(operator, &self.value(literal)?))
    }

    /// The literal as Pinecone writes it: numbers are 64-bit floats.
    fn value(&self, literal: &Literal) -> Result<Value> {
        Ok(match literal {
            Literal::Text(text) => json!(text),
            Literal::Bool(flag) => json!(flag),
            Literal::Integer(_) | Literal::Float(_) => json!(literal.exact_f64().ok_or_else(|| {
                self.refuse(format!("it keeps numbers as floats, which are not exact for {literal} (from 2^53)"))
            })?),
        })
    }

    fn one(&self, operator: &str, value: &Value) -> Value {
        json!({ self.key: { operator: value } })
    }

    fn refuse(&self, reason: impl AsRef<str>) -> ProviderError {
        refuse(PRODUCT, self.test.span, reason)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use rstest::rstest;

    use super::*;

    fn of(text: &str) -> Result<Value> {
        translate(Some(&Filter::parse(text).unwrap())).map(Option::unwrap_or_default)
    }

    #[rstest]
    #[case("a = 5", json!({ "$or": [{ "a": { "$eq": 5.0 } }] }))]
    #[case("a in (true, \"x\")", json!({ "$or": [{ "a": { "$eq": true } }, { "a": { "$eq": "x" } }] }))]
    #[case("not a = \"x\"", json!({ "$or": [{ "a": { "$exists": false } }, { "$and": [{ "a": { "$ne": "x" } }] }] }))]
    #[case("a != 5", json!({ "$and": [{ "a": { "$exists": true } }, { "a": { "$ne": 5.0 } }] }))]
    #[case("not a != 5", json!({ "$or": [{ "a": { "$exists": false } }, { "$or": [{ "a": { "$eq": 5.0 } }] }] }))]
    #[case("a > 5.5", json!({ "a": { "$gt": 5.5 } }))]
    #[case("a between 1 and 2", json!({ "$and": [{ "a": { "$gte": 1.0 } }, { "a": { "$lte": 2.0 } }] }))]
    #[case("a is null", json!({ "a": { "$exists": false } }))]
    #[case("not (\"a.b\" exists and c is missing)", json!({ "$or": [{ "a.b": { "$exists": false } }, { "c": { "$exists": true } }] }))]
    fn is_asked_as(#[case] filter: &str, #[case] expected: Value) {
        assert_eq!(of(filter).unwrap(), expected, "{filter}");
    }

    #[rstest]
    #[case("a != \"x\"", "another is there")]
    #[case("a contains \"x\"", "into texts")]
    #[case("a < \"x\"", "order of texts")]
    #[case("not a < 5", "opposite order")]
    #[case("a = 9007199254740993", "2^53")]
    #[case("a.b = 5", "no objects")]
    #[case("\"$a\" = 5", "no keys such as")]
    #[case("$text contains \"x\"", "no text apart")]
    fn is_refused(#[case] filter: &str, #[case] reason: &str) {
        let error = of(filter).unwrap_err().to_string();
        assert!(error.contains(reason) && error.contains(": at characters "), "{filter}: {error}");
    }
}
