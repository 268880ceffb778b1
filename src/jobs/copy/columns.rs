//! What a table with columns of its own loses on the way into payloads, and what PostgreSQL's JSON does: told by the
//! plan. Numbers of more digits than a float of 64 bits has are read as the nearest one; that was so before the copy
//! saw them, so the sample tells only where it may have been.

use std::collections::BTreeSet;

use serde_json::Value;

use super::CopyError;
use super::losses::any;
use super::shape::shaped;
use crate::jobs::model::plan::{Change, Plan, Weight};
use crate::provider::model::{CollectionInfo, PayloadField, Record};

/// Names that are told; the rest is counted.
const NAMED: usize = 6;
/// What a table of columns never has a place for.
const BESIDE: &str = "the text beside the payload";

/// The rows of the plan.
pub fn changes(info: &CollectionInfo, sample: &[Record]) -> Vec<Change> {
    let mut changes = Vec::new();
    if has_columns(info) {
        typed(&info.fields, sample, &mut changes);
    }
    changes
}

/// Whether the fields of its payloads are columns of a table.
fn has_columns(info: &CollectionInfo) -> bool {
    info.details.get("layout").and_then(Value::as_str) == Some("columns")
}

/// What a table that is there has no column for: it refuses such records.
///
/// # Errors
/// Every sampled record is such: nothing would be copied.
pub fn placeless(there: &CollectionInfo, plan: &Plan, sample: &[Record]) -> Result<Option<Change>, CopyError> {
    if !has_columns(there) {
        return Ok(None);
    }
    let (mut missing, mut refused) = (BTreeSet::new(), 0_u64);
    for record in sample {
        // What has no place whatever the target is, is told for itself.
        let Ok(record) = shaped(plan, record.clone()) else { continue };
        let is_there = |key: &str| there.fields.iter().any(|field| field.path == key);
        let without = record.payload.keys().filter(|key| !is_there(key.as_str())).map(|key| format!("{key:?}"));
        let mut without: Vec<String> = without.collect();
        without.extend(record.text.map(|_| BESIDE.to_owned()));
        refused += u64::from(!without.is_empty());
        missing.extend(without);
    }
    if refused == 0 {
        return Ok(None);
    }
    let mend = match missing.contains(BESIDE) {
        true => "Copy into a new collection.",
        false => "Leave fields out with --without, add the columns, or copy into a new collection.",
    };
    let more = missing.len().saturating_sub(NAMED);
    let mut named = missing.into_iter().take(NAMED).collect::<Vec<_>>().join(", ");
    if more > 0 {
        named += &format!(" and {more} more");
    }
    if refused == sample.len() as u64 {
        let cause = format!("{} has no column for {named}, and every sampled record has such a field", plan.to.name());
        return Err(CopyError::wish(cause, mend));
    }
    let why = format!("the table has no column for {named}; a record with such a field is refused. {mend}");
    let what = "fields without a column".to_owned();
    Ok(Some(Change { weight: Weight::Refused, what, why, sampled: Some(refused) }))
}

fn typed(fields: &[PayloadField], sample: &[Record], changes: &mut Vec<Change>) {
    let is_json = |field: &&PayloadField| matches!(field.kind.as_str(), "json" | "jsonb");
    let of = |kind: &str| kind.split('(').next().unwrap_or_default().to_owned();
    let columns: Vec<&PayloadField> = fields.iter().filter(|field| !is_json(field)).collect();
    if !columns.is_empty() {
        let why = format!("{} become fields of the payload, without these types.", named(&columns));
        changes.push(Change { weight: Weight::Changed, what: "the types of columns".to_owned(), why, sampled: None });
    }
    let numeric: Vec<&PayloadField> =
        columns.into_iter().filter(|field| matches!(of(&field.kind).as_str(), "numeric" | "decimal")).collect();
    if !numeric.is_empty() {
        let texts = having(sample, |key, value| value.is_string() && numeric.iter().any(|field| field.path == key));
        let why = format!("{}: what a float of 64 bits does not hold to the digit becomes text.", named(&numeric));
        changes.push(row("decimal numbers", why, texts));
    }
    let json: Vec<&PayloadField> = fields.iter().filter(is_json).collect();
    let long = having(sample, |key, value| json.iter().any(|field| field.path == key) && any(value, &may_be_rounded));
    if long > 0 {
        let why = format!(
            "{}: a number of more digits than a float of 64 bits holds is read as the nearest one; these may be such.",
            named(&json)
        );
        changes.push(row("long numbers in JSON", why, long));
    }
}

/// Whether a float has as many digits as it can, so that there may have been more.
fn may_be_rounded(float: f64) -> bool {
    let digits = format!("{float:e}");
    let digits = digits.split('e').next().unwrap_or_default().chars().filter(char::is_ascii_digit).count();
    digits >= 17 || float.fract() == 0.0 && float.abs() > 2_f64.powi(53)
}

fn having(sample: &[Record], is: impl Fn(&str, &Value) -> bool) -> u64 {
    sample.iter().filter(|record| record.payload.iter().any(|(key, value)| is(key, value))).count() as u64
}

fn row(what: &str, why: String, sampled: u64) -> Change {
    Change { weight: Weight::Changed, what: what.to_owned(), why, sampled: Some(sampled) }
}

fn named(fields: &[&PayloadField]) -> String {
    let some: Vec<String> = fields.iter().take(NAMED).map(|field| format!("{} {}", field.path, field.kind)).collect();
    let more = fields.len().saturating_sub(NAMED);
    if more > 0 { format!("{} and {more} more", some.join(", ")) } else { some.join(", ") }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::jobs::copy::testing::plan;
    use crate::provider::model::{CollectionState, CollectionSummary};

    fn told(layout: &str, payload: &Value) -> Vec<(String, Option<u64>)> {
        let field = |(path, kind): (&str, &str)| PayloadField { path: path.into(), kind: kind.into(), indexed: None };
        let info = CollectionInfo {
            summary: CollectionSummary { name: "t".into(), count: None, vectors: Vec::new() },
            state: CollectionState::Ready,
            fields: [("title", "text"), ("price", "numeric(20,9)"), ("meta", "jsonb")].map(field).to_vec(),
            details: json!({ "layout": layout }),
        };
        let payload = payload.as_object().cloned().unwrap();
        let record = Record { id: 1_u64.into(), vectors: None, payload, text: None };
        changes(&info, &[record]).into_iter().map(|row| (row.what, row.sampled)).collect()
    }

    #[test]
    fn columns_lose_their_types_and_long_numbers_are_told() {
        let long = json!({ "title": "x", "price": "12345678901234567890.1", "meta": { "x": 123_456_789_012_345_678_901_234_567_890_f64 } });
        let types = ("the types of columns".to_owned(), None);
        let wanted =
            [types.clone(), ("decimal numbers".to_owned(), Some(1)), ("long numbers in JSON".to_owned(), Some(1))];
        assert_eq!(told("columns", &long), wanted);
        let short = json!({ "title": "x", "price": 1.5, "meta": { "x": [1.5, 1e3, 7] } });
        assert_eq!(told("columns", &short), [types, ("decimal numbers".to_owned(), Some(0))]);
        assert!(told("id, payload, text, vectors", &long).is_empty());
    }

    #[test]
    fn a_table_without_a_column_for_a_field_refuses_the_record_and_the_plan_says_so() {
        let field = PayloadField { path: "n".into(), kind: "bigint".into(), indexed: None };
        let there = |layout: &str| CollectionInfo {
            summary: CollectionSummary { name: "t".into(), count: None, vectors: Vec::new() },
            state: CollectionState::Ready,
            fields: vec![field.clone()],
            details: json!({ "layout": layout }),
        };
        let record = |payload: &Value, text: Option<&str>| Record {
            id: 1_u64.into(),
            vectors: None,
            payload: payload.as_object().cloned().unwrap(),
            text: text.map(str::to_owned),
        };
        let fits = record(&json!({ "n": 1 }), None);
        let titled = record(&json!({ "n": 1, "title": "x" }), None);
        let found = |plan: &Plan, sample: &[Record]| placeless(&there("columns"), plan, sample);
        assert_eq!(found(&plan(), std::slice::from_ref(&fits)), Ok(None));
        assert_eq!(placeless(&there("id, payload, text, vectors"), &plan(), std::slice::from_ref(&titled)), Ok(None));
        let told = found(&plan(), &[fits.clone(), titled.clone()]).unwrap().unwrap();
        assert_eq!((told.weight, told.sampled), (Weight::Refused, Some(1)));
        assert!(told.why.contains("no column for \"title\""), "{}", told.why);
        let none = found(&plan(), std::slice::from_ref(&titled)).unwrap_err().to_string();
        assert!(none.contains("no column for \"title\"") && none.contains("--without"), "{none}");
        let mut without = plan();
        without.wishes.without = vec!["title".to_owned()];
        assert_eq!(found(&without, std::slice::from_ref(&titled)), Ok(None));
        let text = found(&plan(), &[fits, record(&json!({ "n": 1 }), Some("t"))]).unwrap().unwrap();
        assert!(text.why.contains(BESIDE) && !text.why.contains("--without"), "{}", text.why);
    }
}
