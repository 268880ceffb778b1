//! Our filter language to Chroma's `where` and `where_document`.
//!
//! Seen on a server of 1.5.9: `$ne`, `$nin` and `$not_contains` are true of a missing key and only
//! turn `$eq`, `$in` and `$contains` round; there is no other `not` and no test of presence.
//! Operators but `$contains` see no arrays; `$contains` sees no single values, and tells 5 from 5.0. What
//! an order thereby leaves out is said by the capability `order_in_arrays`, or refused if the profile wants it so.
//! The text of a record is the key `#document` in a `where`. What needs more is refused: never dropped, never sent as something similar.

use serde::Serialize;
use serde_json::{Value, json};

use super::PRODUCT;
use crate::provider::filter::{Check, Comparison, Expr, Filter, Literal, Test, TextTest, refuse};
use crate::provider::{ProviderError, Result};

/// The part of a request that selects records; nothing is sent for what is `None`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(super) struct Where {
    /// Condition on the metadata.
    #[serde(rename = "where", skip_serializing_if = "Option::is_none")]
    pub(super) metadata: Option<Value>,
    /// Condition on the text.
    #[serde(rename = "where_document", skip_serializing_if = "Option::is_none")]
    pub(super) document: Option<Value>,
}

/// What is done about arrays in the metadata, which Chroma's orders pass over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arrays {
    /// They are passed over, and the answer says so.
    PassedOver,
    /// An order of numbers is refused.
    Refused,
    /// There are none, says the profile.
    None,
}

impl Arrays {
    /// Of the option `arrays`.
    pub(super) fn of(option: Option<&str>) -> Self {
        match option {
            Some("none") => Self::None,
            Some("refused") => Self::Refused,
            _ => Self::PassedOver,
        }
    }
}

/// The native condition for a filter.
///
/// # Errors
/// [`ProviderError::FilterRefused`] for what Chroma has no condition for.
pub(super) fn translate(filter: Option<&Filter>, arrays: Arrays) -> Result<Where> {
    let Some(filter) = filter else { return Ok(Where::default()) };
    // A question about the text alone goes where also older servers look for it.
    let parts = match filter.root() {
        Expr::And(parts) => parts.as_slice(),
        other => std::slice::from_ref(other),
    };
    let (of_text, of_metadata): (Vec<&Expr>, Vec<&Expr>) = parts.iter().partition(|part| is_of_text(part));
    let texts: Vec<Value> = of_text.into_iter().map(|part| document(part, false)).collect();
    let metadata = of_metadata.into_iter().map(|part| condition(part, false, arrays)).collect::<Result<Vec<_>>>()?;
    let joined = |conditions: Vec<Value>| (!conditions.is_empty()).then(|| all(conditions));
    Ok(Where { metadata: joined(metadata), document: joined(texts) })
}

/// Whether it asks for nothing but the text.
fn is_of_text(expr: &Expr) -> bool {
    match expr {
        Expr::And(parts) | Expr::Or(parts) => parts.iter().all(is_of_text),
        Expr::Not(inner) => is_of_text(inner),
        Expr::Text(_) => true,
        Expr::Test(_) => false,
    }
}

/// The condition of a `where_document`, for what asks for nothing but the text.
fn document(expr: &Expr, negated: bool) -> Value {
    let each = |parts: &[Expr]| parts.iter().map(|part| document(part, negated)).collect();
    match (expr, negated) {
        (Expr::And(parts), false) | (Expr::Or(parts), true) => all(each(parts)),
        (Expr::Or(parts), false) | (Expr::And(parts), true) => any(each(parts)),
        (Expr::Not(inner), _) => document(inner, !negated),
        (Expr::Text(test), _) => text(test, negated),
        (Expr::Test(_), _) => Value::Null, // see `is_of_text`
    }
}

fn text(test: &TextTest, negated: bool) -> Value {
    json!({ if negated { "$not_contains" } else { "$contains" }: test.part })
}

/// The condition, or its opposite: `not` is brought down to the operators that have one.
fn condition(expr: &Expr, negated: bool, arrays: Arrays) -> Result<Value> {
    let each = |parts: &[Expr]| parts.iter().map(|part| condition(part, negated, arrays)).collect::<Result<Vec<_>>>();
    match (expr, negated) {
        (Expr::And(parts), false) | (Expr::Or(parts), true) => Ok(all(each(parts)?)),
        (Expr::Or(parts), false) | (Expr::And(parts), true) => Ok(any(each(parts)?)),
        (Expr::Not(inner), _) => condition(inner, !negated, arrays),
        (Expr::Test(test), _) => Asked { key: key(test)?, test, arrays }.condition(negated),
        (Expr::Text(test), _) => Ok(json!({ "#document": text(test, negated) })),
    }
}

fn all(mut conditions: Vec<Value>) -> Value {
    if conditions.len() == 1 { conditions.swap_remove(0) } else { json!({ "$and": conditions }) }
}

fn any(mut conditions: Vec<Value>) -> Value {
    if conditions.len() == 1 { conditions.swap_remove(0) } else { json!({ "$or": conditions }) }
}

/// The metadata key of a field.
fn key(test: &Test) -> Result<&str> {
    let [key] = test.path.0.as_slice() else {
        let dotted = serde_json::Value::from(test.path.0.join("."));
        let reason = format!("its metadata has no objects; a key with a point in it stands in quotes: {dotted}");
        return Err(refuse(PRODUCT, test.span, reason));
    };
    if key.is_empty() || key.starts_with(['$', '#']) || key.starts_with("chroma:") {
        return Err(refuse(PRODUCT, test.span, format!("it keeps keys such as {key:?} for itself")));
    }
    Ok(key)
}

struct Asked<'a> {
    key: &'a str,
    test: &'a Test,
    arrays: Arrays,
}

impl Asked<'_> {
    fn condition(&self, negated: bool) -> Result<Value> {
        match &self.test.check {
            Check::Compare(Comparison::Equal, literal) => self.equal(std::slice::from_ref(literal), negated),
            Check::In(list) => self.equal(list, negated),
            Check::Compare(Comparison::NotEqual, _) | Check::NotIn(_) => Err(self.refuse(
                "it cannot tell another value from none; turn the whole test round, `not field = value` \
                 or `not field in (...)`, which selects the records without the field, too",
            )),
            Check::Contains(Literal::Text(_)) => Err(self
                .refuse("it does not look into texts of the metadata; write `=` for an array that has this element")),
            Check::Contains(literal) => self.equal(std::slice::from_ref(literal), negated),
            Check::Compare(_, literal) if !literal.is_number() => Err(self.refuse("it has no order of texts")),
            Check::Between(low, _) if !low.is_number() => Err(self.refuse("it has no order of texts")),
            Check::Compare(..) | Check::Between(..) if negated => Err(self.refuse(
                "it cannot turn an order round, because the records without the field belong to it; \
                 write the opposite order, which selects none of them",
            )),
            Check::Compare(..) | Check::Between(..) if self.arrays == Arrays::Refused => Err(self.refuse(
                "its order of numbers passes over arrays, so that records could be missing, and the profile or \
                 the URL says `arrays=refused`",
            )),
            Check::Compare(comparison, literal) => self.order(*comparison, self.exact(literal)?),
            Check::Between(low, high) => Ok(all(vec![
                self.order(Comparison::AtLeast, self.exact(low)?)?,
                self.order(Comparison::AtMost, self.exact(high)?)?,
            ])),
            Check::Exists | Check::IsNull | Check::IsMissing => {
                Err(self.refuse("it cannot tell whether a record has a key"))
            }
        }
    }

    /// Is, or has as an element, one of these; or none of them.
    fn equal(&self, list: &[Literal], negated: bool) -> Result<Value> {
        let mut conditions = Vec::new();
        for literal in list {
            match literal {
                Literal::Text(text) => conditions.extend(self.same(&json!(text), negated)),
                Literal::Bool(flag) => conditions.extend(self.same(&json!(flag), negated)),
                Literal::Integer(_) | Literal::Float(_) => {
                    let number = self.exact(literal)?;
                    if number.fract() == 0.0 {
                        conditions.extend(self.same(&whole(number), negated));
                        // arrays of floats tell 5.0 from 5
                        conditions.push(self.one(if negated { "$not_contains" } else { "$contains" }, &json!(number)));
                    } else {
                        conditions.extend(self.between_integers(number, negated));
                    }
                }
            }
        }
        Ok(if negated { all(conditions) } else { any(conditions) })
    }

    /// A single value, and an element of an array.
    fn same(&self, value: &Value, negated: bool) -> [Value; 2] {
        let (single, element) = if negated { ("$ne", "$not_contains") } else { ("$eq", "$contains") };
        [self.one(single, value), self.one(element, value)]
    }

    /// As [`Self::same`] for a number with a fraction. The server cuts it off to compare with an integer,
    /// so that 0.1 would be equal to 0: integers beside it are told apart.
    fn between_integers(&self, number: f64, negated: bool) -> [Value; 2] {
        let [single, element] = self.same(&json!(number), negated);
        let (floor, ceil) = (whole(number.floor()), whole(number.ceil()));
        let single = if negated {
            any(vec![single, self.one("$lte", &floor), self.one("$gte", &ceil)])
        } else {
            all(vec![single, self.one("$gt", &floor), self.one("$lt", &ceil)])
        };
        [single, element]
    }

    /// An order, which holds for integers and for floats: see [`Self::between_integers`].
    fn order(&self, comparison: Comparison, number: f64) -> Result<Value> {
        let (operator, up) = match comparison {
            Comparison::Less => ("$lt", false),
            Comparison::AtMost => ("$lte", false),
            Comparison::Greater => ("$gt", true),
            _ => ("$gte", true),
        };
        if number.fract() == 0.0 {
            return Ok(self.one(operator, &whole(number)));
        }
        let (floor, ceil) = (whole(number.floor()), whole(number.ceil()));
        let (integers, beside) =
            if up { (self.one("$gte", &ceil), ("$gt", floor)) } else { (self.one("$lte", &floor), ("$lt", ceil)) };
        let floats = all(vec![self.one(operator, &json!(number)), self.one(beside.0, &beside.1)]);
        Ok(any(vec![integers, floats]))
    }

    /// The server compares integers and floats with each other as floats.
    fn exact(&self, literal: &Literal) -> Result<f64> {
        literal.exact_f64().ok_or_else(|| {
            self.refuse(format!("it compares numbers as floats, which are not exact for {literal} (from 2^53)"))
        })
    }

    fn one(&self, operator: &str, value: &Value) -> Value {
        json!({ self.key: { operator: value } })
    }

    fn refuse(&self, reason: impl AsRef<str>) -> ProviderError {
        refuse(PRODUCT, self.test.span, reason)
    }
}

/// A whole number, sent as an integer: the server is not exact for large ones sent as floats.
#[allow(clippy::cast_possible_truncation)] // smaller than 2^53, or 2^53 itself
fn whole(number: f64) -> Value {
    json!(number as i64)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use rstest::rstest;

    use super::*;

    fn sent(text: &str, arrays: Arrays) -> Value {
        json!(translate(Some(&Filter::parse(text).unwrap()), arrays).unwrap())
    }

    #[rstest]
    #[case("$text contains 'a'", json!({ "where_document": { "$contains": "a" } }))]
    #[case(
        "not ($text contains 'a' or $text contains 'b') and k = true",
        json!({
            "where": { "$or": [{ "k": { "$eq": true } }, { "k": { "$contains": true } }] },
            "where_document": { "$and": [{ "$not_contains": "a" }, { "$not_contains": "b" }] },
        })
    )]
    #[case(
        "$text contains 'a' or not k = true",
        json!({ "where": { "$or": [
            { "#document": { "$contains": "a" } },
            { "$and": [{ "k": { "$ne": true } }, { "k": { "$not_contains": true } }] },
        ] } })
    )]
    fn a_question_about_the_text_alone_is_a_where_document(#[case] text: &str, #[case] request: Value) {
        assert_eq!(sent(text, Arrays::PassedOver), request);
    }

    #[test]
    fn an_order_is_refused_where_the_profile_wants_no_arrays_passed_over() {
        let filter = Filter::parse("k > 5").unwrap();
        let refused = translate(Some(&filter), Arrays::Refused).unwrap_err();
        assert!(refused.to_string().contains("arrays=refused"), "{refused}");
        for arrays in [Arrays::None, Arrays::PassedOver] {
            assert_eq!(sent("k > 5", arrays), json!({ "where": { "k": { "$gt": 5 } } }));
        }
    }
}
