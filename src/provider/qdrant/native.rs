//! The conditions of a filter as Qdrant's documentation writes them, for people: the JSON of its
//! REST interface. Server and embedded engine get the same conditions in types of their own.

use serde_json::{Map, Value, json};

use super::conditions::{Bounds, Leaf, Plan, plan};
use crate::provider::Result;
use crate::provider::filter::Filter;

/// The filter as JSON on several lines; `product` is named in refusals.
///
/// # Errors
/// `FilterRefused` for what Qdrant has no condition for.
pub(in crate::provider) fn native(filter: &Filter, product: &'static str) -> Result<String> {
    Ok(format!("{:#}", json!({ "filter": of(plan(filter.root(), product)?) })))
}

fn of(plan: Plan) -> Value {
    let all = |plans: Vec<Plan>| plans.into_iter().map(condition).collect::<Vec<_>>();
    match plan {
        Plan::All(plans) => json!({ "must": all(plans) }),
        Plan::Any(plans) => json!({ "should": all(plans) }),
        Plan::Not(inner) => json!({ "must_not": [condition(*inner)] }),
        Plan::Field(..) => json!({ "must": [condition(plan)] }),
    }
}

fn condition(plan: Plan) -> Value {
    let (key, leaf) = match plan {
        Plan::Field(key, leaf) => (key, leaf),
        plan => return of(plan),
    };
    match leaf {
        Leaf::Texts(texts) => json!({ "key": key, "match": { "any": texts } }),
        Leaf::NoneOf(texts) => json!({ "key": key, "match": { "except": texts } }),
        Leaf::Integer(n) => json!({ "key": key, "match": { "value": n } }),
        Leaf::Bool(flag) => json!({ "key": key, "match": { "value": flag } }),
        Leaf::Substring(text) => json!({ "key": key, "match": { "text": text } }),
        Leaf::Range(bounds) => json!({ "key": key, "range": range(bounds) }),
        Leaf::Empty => json!({ "is_empty": { "key": key } }),
        Leaf::OneNull => json!({ "is_null": { "key": key } }),
        Leaf::OneEmpty => json!({ "key": key, "is_empty": true }),
        Leaf::Present => json!({ "key": key, "values_count": { "gte": 0 } }),
        Leaf::HasObject => json!({ "nested": { "key": key, "filter": {} } }),
    }
}

fn range(Bounds { gt, gte, lt, lte }: Bounds) -> Value {
    let bounds = [("gt", gt), ("gte", gte), ("lt", lt), ("lte", lte)];
    let given = bounds.into_iter().filter_map(|(name, bound)| Some((name.to_owned(), json!(bound?))));
    Value::Object(given.collect::<Map<_, _>>())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_filter_is_shown_as_the_json_of_the_rest_interface() {
        let filter = Filter::parse("year between 2017 and 2020 and not lang in ('en', 'de')").unwrap();
        let shown: Value = serde_json::from_str(&native(&filter, "Qdrant").unwrap()).unwrap();
        let langs = ["en", "de"].map(|lang| json!({ "key": "lang", "match": { "any": [lang] } }));
        let must = json!([
            { "key": "year", "range": { "gte": 2017.0, "lte": 2020.0 } },
            { "must_not": [{ "should": langs }] },
        ]);
        assert_eq!(shown, json!({ "filter": { "must": must } }));
        assert!(native(&Filter::parse("name < 'b'").unwrap(), "Qdrant").is_err());
    }
}
