//! Our filter language to the query DSL.
//!
//! A query sees the values as the index has them. `keyword`, `boolean`, the integer kinds and `double`
//! keep what a document has; other kinds make something else of it (words, rounded floats, dates in
//! milliseconds) and are refused. Values of an array are values of the field; an array without elements
//! and `null` are none, as in our language. What lies in objects is refused: an index does not tell an object
//! from an array of objects.

use serde_json::{Value, json};

use super::mapping::{Field, Index};
use crate::provider::filter::{Check, Comparison, Expr, Filter, Literal, Test, no_text, refuse};
use crate::provider::{ProviderError, Result};

/// The query for a filter on that index.
///
/// # Errors
/// `FilterRefused`, with the place, for what has no query of exactly that meaning.
pub(super) fn translate(product: &'static str, index: &Index, filter: &Filter) -> Result<Value> {
    Writer { product, index }.query(filter.root())
}

struct Writer<'a> {
    product: &'static str,
    index: &'a Index,
}

/// What is compared.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Bool,
    /// Whole numbers within these bounds; what is outside of them is no value of such a field.
    Whole,
    Double,
}

impl Writer<'_> {
    fn query(&self, expr: &Expr) -> Result<Value> {
        let each = |parts: &[Expr]| parts.iter().map(|part| self.query(part)).collect::<Result<Vec<_>>>();
        Ok(match expr {
            Expr::And(parts) => json!({ "bool": { "filter": each(parts)? } }),
            Expr::Or(parts) => any(each(parts)?),
            Expr::Not(inner) => not(&self.query(inner)?),
            Expr::Test(test) => self.test(test)?,
            Expr::Text(test) => return Err(no_text(self.product, test)),
        })
    }

    fn refuse(&self, test: &Test, reason: impl AsRef<str>) -> ProviderError {
        refuse(self.product, test.span, reason)
    }

    fn test(&self, test: &Test) -> Result<Value> {
        let [key] = test.path.0.as_slice() else {
            return Err(self.refuse(test, "its index does not tell an object from an array of objects"));
        };
        if key.contains('.') {
            return Err(self.refuse(test, "a point in a key makes it a path for its index"));
        }
        if self.index.vectors.iter().any(|field| field.path == *key) {
            // Vectors are no part of the payload.
            return Ok(if matches!(test.check, Check::IsNull | Check::IsMissing) { all() } else { none() });
        }
        if test.check == Check::IsMissing {
            return Err(self.refuse(test, "its index does not tell null from nothing; write `is null`"));
        }
        let (field, kind) = self.field(test, key)?;
        let Some(field) = field else {
            // A field that no mapping has is in no document, unless the index keeps such fields unread.
            return match self.keeps_unread() {
                true => {
                    Err(self.refuse(test, format!("its mapping has no field {key:?}, and keeps such fields unread")))
                }
                false => Ok(if test.check == Check::IsNull { all() } else { none() }),
            };
        };
        let present = with_ignored(field, json!({ "exists": { "field": field.path } }));
        Ok(match &test.check {
            Check::Exists => present,
            Check::IsNull => not(&present),
            Check::Compare(Comparison::Equal, literal) => {
                self.one_of(test, field, kind, std::slice::from_ref(literal))?
            }
            Check::In(list) => self.one_of(test, field, kind, list)?,
            Check::Compare(Comparison::NotEqual, literal) => {
                self.other_than(test, field, kind, std::slice::from_ref(literal))?
            }
            Check::NotIn(list) => self.other_than(test, field, kind, list)?,
            Check::Compare(comparison, literal) => self.range(test, field, kind, &[(*comparison, literal)])?,
            Check::Between(low, high) => {
                self.range(test, field, kind, &[(Comparison::AtLeast, low), (Comparison::AtMost, high)])?
            }
            Check::Contains(Literal::Text(_)) if kind == Kind::Text => {
                let reason =
                    "it cannot tell a text, in which a part is looked for, from an array, where a whole element is";
                return Err(self.refuse(test, reason));
            }
            Check::Contains(literal) => self.one_of(test, field, kind, std::slice::from_ref(literal))?,
            Check::IsMissing => none(),
        })
    }

    fn keeps_unread(&self) -> bool {
        let dynamic = self.index.raw.pointer("/mappings/dynamic");
        let unread = matches!(dynamic, Some(Value::Bool(false) | Value::String(_)))
            && dynamic != Some(&json!("true"))
            && dynamic != Some(&json!("strict"));
        unread || self.index.raw.pointer("/mappings/enabled") == Some(&Value::Bool(false))
    }

    /// The field of the index that has the values of that key, `None` if there is no such key.
    fn field(&self, test: &Test, key: &str) -> Result<(Option<&Field>, Kind)> {
        let Some(own) = self.index.fields.iter().find(|field| field.path == key) else {
            return Ok((None, Kind::Text));
        };
        let below = || {
            let starts = format!("{key}.");
            self.index
                .fields
                .iter()
                .find(|field| field.below && field.kind == "keyword" && field.path.starts_with(&starts))
        };
        let (field, kind) = match own.kind.as_str() {
            "keyword" => (own, Kind::Text),
            "text" => match below() {
                Some(field) => (field, Kind::Text),
                None => {
                    return Err(self.refuse(test, format!("its index has only the words of {key:?}, not the texts")));
                }
            },
            "boolean" => (own, Kind::Bool),
            "byte" | "short" | "integer" | "long" => (own, Kind::Whole),
            "double" => (own, Kind::Double),
            "float" | "half_float" | "scaled_float" => {
                return Err(self.refuse(test, format!("its index rounds {key:?} (a {}); map it as double", own.kind)));
            }
            kind => {
                return Err(
                    self.refuse(test, format!("its index has {key:?} as {kind}, which is not compared as it is"))
                );
            }
        };
        if !field.plain {
            return Err(self.refuse(test, format!("its index has {key:?} changed or not at all")));
        }
        Ok((Some(field), kind))
    }

    /// The literal as a value of that field; `None` if no value of such a field is equal to it.
    fn value(&self, test: &Test, kind: Kind, literal: &Literal) -> Result<Option<Value>> {
        match (kind, literal) {
            (Kind::Text, Literal::Text(text)) => Ok(Some(json!(text))),
            (Kind::Bool, Literal::Bool(flag)) => Ok(Some(json!(flag))),
            (Kind::Whole, Literal::Integer(n)) => Ok(i64::try_from(*n).ok().map(|n| json!(n))),
            (Kind::Whole, Literal::Float(f)) if f.fract() != 0.0 => Ok(None),
            (Kind::Whole | Kind::Double, Literal::Integer(_) | Literal::Float(_)) => {
                let reason = || format!("floats are not exact for {literal} (from 2^53)");
                literal.exact_f64().map(|n| Some(number(n))).ok_or_else(|| self.refuse(test, reason()))
            }
            _ => Ok(None),
        }
    }

    fn one_of(&self, test: &Test, field: &Field, kind: Kind, list: &[Literal]) -> Result<Value> {
        let values = list.iter().map(|literal| self.value(test, kind, literal)).collect::<Result<Vec<_>>>()?;
        let values: Vec<Value> = values.into_iter().flatten().collect();
        if let Some(most) = field.ignore_above
            && values.iter().any(|value| value.as_str().is_some_and(|text| text.encode_utf16().count() as u64 > most))
        {
            return Err(self.refuse(test, format!("its index leaves out texts of more than {most} characters")));
        }
        Ok(if values.is_empty() { none() } else { json!({ "terms": { &field.path: values } }) })
    }

    /// A value outside of the list: between two neighbours of it, or before or behind all.
    fn other_than(&self, test: &Test, field: &Field, kind: Kind, list: &[Literal]) -> Result<Value> {
        if kind == Kind::Bool {
            let left = [true, false].into_iter().filter(|flag| !list.contains(&Literal::Bool(*flag)));
            let left: Vec<Value> = left.map(Value::from).collect();
            return Ok(if left.is_empty() { none() } else { json!({ "terms": { &field.path: left } }) });
        }
        let values = list.iter().map(|literal| self.value(test, kind, literal)).collect::<Result<Vec<_>>>()?;
        let mut values: Vec<Value> = values.into_iter().flatten().collect();
        if values.is_empty() {
            return Ok(with_ignored(field, json!({ "exists": { "field": field.path } })));
        }
        values.sort_by(|a, b| match (a.as_str(), b.as_str()) {
            (Some(a), Some(b)) => a.cmp(b),
            _ => a.as_f64().unwrap_or(0.0).total_cmp(&b.as_f64().unwrap_or(0.0)),
        });
        values.dedup();
        let mut gaps = Vec::new();
        let range = |bounds: Value| json!({ "range": { &field.path: bounds } });
        gaps.extend(values.first().map(|first| range(json!({ "lt": first }))));
        gaps.extend(values.windows(2).map(|two| range(json!({ "gt": two[0], "lt": two[1] }))));
        gaps.extend(values.last().map(|last| range(json!({ "gt": last }))));
        Ok(with_ignored(field, any(gaps)))
    }

    fn range(&self, test: &Test, field: &Field, kind: Kind, bounds: &[(Comparison, &Literal)]) -> Result<Value> {
        if kind == Kind::Text && field.ignore_above.is_some() {
            let reason = "its index leaves out long texts, so that their order is not known";
            return Err(self.refuse(test, reason));
        }
        let mut range = serde_json::Map::new();
        for (comparison, literal) in bounds {
            let same = matches!((kind, literal), (Kind::Text, Literal::Text(_)))
                || (matches!(kind, Kind::Whole | Kind::Double) && literal.is_number());
            if !same {
                return Ok(none());
            }
            let value = match literal {
                Literal::Text(text) => json!(text),
                _ => {
                    let reason = || format!("floats are not exact for {literal} (from 2^53)");
                    literal.exact_f64().map(number).ok_or_else(|| self.refuse(test, reason()))?
                }
            };
            let name = match comparison {
                Comparison::Less => "lt",
                Comparison::AtMost => "lte",
                Comparison::Greater => "gt",
                _ => "gte",
            };
            range.insert(name.to_owned(), value);
        }
        Ok(json!({ "range": { &field.path: range } }))
    }
}

/// Also documents with a value that was too long for the index.
fn with_ignored(field: &Field, query: Value) -> Value {
    match field.ignore_above {
        Some(_) => any(vec![query, json!({ "term": { "_ignored": field.path } })]),
        None => query,
    }
}

fn any(queries: Vec<Value>) -> Value {
    json!({ "bool": { "should": queries, "minimum_should_match": 1 } })
}

fn not(query: &Value) -> Value {
    json!({ "bool": { "must_not": [query] } })
}

fn all() -> Value {
    json!({ "match_all": {} })
}

fn none() -> Value {
    json!({ "match_none": {} })
}

/// A whole number as such.
#[allow(clippy::cast_possible_truncation)] // less than 2^53
fn number(n: f64) -> Value {
    if n.fract() == 0.0 { json!(n as i64) } else { json!(n) }
}
