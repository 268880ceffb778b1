//! What the wishes for fields and the filter make of the sampled records, for the plan: what is left out, renamed and
//! overwritten, names that no record has, and records that have no place at the target like that.

use std::collections::BTreeMap;

use crate::jobs::copy::shape::shaped;
use crate::jobs::model::noted::{SOURCE_ID, noted_id};
use crate::jobs::model::plan::{Change, Plan, Weight};
use crate::provider::model::Record;

/// Reasons of refusals that are told, the most frequent first.
const REASONS: usize = 3;

/// The rows of the plan.
pub fn changes(plan: &Plan, sample: &[Record]) -> Vec<Change> {
    let mut changes = Vec::new();
    filter(plan, &mut changes);
    fields(plan, sample, &mut changes);
    notes(plan, sample, &mut changes);
    refusals(plan, sample, &mut changes);
    changes
}

fn count(sample: &[Record], is: impl Fn(&Record) -> bool) -> u64 {
    sample.iter().filter(|record| is(record)).count() as u64
}

fn row(weight: Weight, what: impl Into<String>, why: impl Into<String>, sampled: u64) -> Change {
    Change { weight, what: what.into(), why: why.into(), sampled: Some(sampled) }
}

fn names<'a>(names: impl IntoIterator<Item = &'a String>) -> String {
    names.into_iter().map(|name| format!("{name:?}")).collect::<Vec<_>>().join(", ")
}

fn filter(plan: &Plan, changes: &mut Vec<Change>) {
    let Some(filter) = &plan.wishes.filter else { return };
    // An estimate of none promises nothing.
    let (weight, why) = match (plan.records, plan.records_exact) {
        (0, true) => (
            Weight::Lost,
            format!("{filter} selects no record; it tests fields of the payload, not ids. Nothing will be copied."),
        ),
        _ => (Weight::Note, format!("only records that {filter} selects are copied.")),
    };
    changes.push(Change { weight, what: "the filter".to_owned(), why, sampled: None });
}

fn fields(plan: &Plan, sample: &[Record], changes: &mut Vec<Change>) {
    let wishes = &plan.wishes;
    let having = |field: &String| count(sample, |record| record.payload.contains_key(field));
    let named = wishes.only.iter().chain(&wishes.without).chain(wishes.rename.iter().map(|(old, _)| old));
    let mut unknown: Vec<&String> = named.filter(|field| !sample.is_empty() && having(field) == 0).collect();
    unknown.sort_unstable();
    unknown.dedup();
    if !unknown.is_empty() {
        let why = "no sampled record has such a field: look whether the name is right.";
        let weight = if unknown.iter().any(|name| wishes.only.contains(name)) { Weight::Lost } else { Weight::Note };
        changes.push(row(weight, format!("named fields {}", names(unknown)), why, 0));
    }
    if !wishes.only.is_empty() {
        let others = count(sample, |record| record.payload.keys().any(|key| !wishes.only.contains(key)));
        let why = format!("only {} are copied, as --fields wishes.", names(&wishes.only));
        changes.push(row(Weight::Lost, "all other fields", why, others));
    }
    // What no sampled record has is told above, and nothing is lost with it.
    let without: Vec<&String> = wishes.without.iter().filter(|field| sample.is_empty() || having(field) > 0).collect();
    if !without.is_empty() {
        let some = count(sample, |record| without.iter().any(|field| record.payload.contains_key(*field)));
        changes.push(row(Weight::Lost, names(without), "left out, as --without wishes.", some));
    }
    for (old, new) in &wishes.rename {
        let is_copied = (wishes.only.is_empty() || wishes.only.contains(old)) && !wishes.without.contains(old);
        let (weight, why) = match is_copied {
            true => (Weight::Changed, format!("gets the name {new:?}, as --rename wishes.")),
            false => (Weight::Note, format!("is left out, so that --rename {old}={new} gives no field that name.")),
        };
        changes.push(row(weight, format!("the field {old:?}"), why, having(old)));
    }
    for (field, value) in &wishes.set {
        // Under its name at the target, so after the renaming.
        let is_old =
            |key: &String| wishes.rename.iter().find(|(old, _)| old == key).map_or(key, |(_, new)| new) == field;
        let had = count(sample, |record| record.payload.keys().any(is_old));
        let (weight, lost) = if had > 0 { (Weight::Lost, "; the value it has is lost") } else { (Weight::Note, "") };
        let why = format!("every record gets {value}, as --set wishes{lost}.");
        changes.push(row(weight, format!("the field {field:?}"), why, had));
    }
}

fn notes(plan: &Plan, sample: &[Record], changes: &mut Vec<Change>) {
    let noted = count(sample, |record| noted_id(&record.payload).is_some());
    if noted > 0 && !plan.wishes.restore {
        let why = format!("an earlier copy has noted in {SOURCE_ID} what the ids were; --restore brings them back.");
        changes.push(row(Weight::Note, "notes of an earlier copy", why, noted));
    }
}

/// Makes of each sampled record what would be written, to see which of them cannot be.
fn refusals(plan: &Plan, sample: &[Record], changes: &mut Vec<Change>) {
    let mut reasons: BTreeMap<String, u64> = BTreeMap::new();
    for record in sample {
        if let Err(reason) = shaped(plan, record.clone()) {
            *reasons.entry(reason).or_default() += 1;
        }
    }
    let mut reasons: Vec<(String, u64)> = reasons.into_iter().collect();
    reasons.sort_by_key(|(_, many)| std::cmp::Reverse(*many));
    for (reason, many) in reasons.into_iter().take(REASONS) {
        let noted = reason.contains("_source_") && !plan.wishes.restore;
        let mend = if noted { " --restore takes out what an earlier copy has put there." } else { "" };
        changes.push(row(Weight::Refused, "records without a place", format!("{reason}.{mend}"), many));
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::jobs::copy::testing::plan as simple;
    use crate::jobs::model::plan::{IdPolicy, Wishes};

    fn sample(payload: &Value) -> Vec<Record> {
        let payload = payload.as_object().cloned().unwrap();
        (0..4_u64).map(|n| Record { id: n.into(), vectors: None, payload: payload.clone(), text: None }).collect()
    }

    /// `weight what (sampled): why` of each row.
    fn rows(wishes: Wishes, payload: &Value) -> Vec<String> {
        let mut plan = simple();
        plan.wishes = wishes;
        let shown = |row: &Change| format!("{} {} ({:?}): {}", row.weight.name(), row.what, row.sampled, row.why);
        changes(&plan, &sample(payload)).iter().map(shown).collect()
    }

    #[test]
    fn what_is_selected_renamed_and_set_is_told_and_a_wrong_name_is_seen() {
        let only =
            |fields: &[&str]| Wishes { only: fields.iter().map(|f| (*f).to_owned()).collect(), ..Wishes::default() };
        let told = rows(only(&["nope"]), &json!({ "n": 1, "title": "x" }));
        assert!(told[0].starts_with("lost named fields \"nope\" (Some(0))"), "{told:#?}");
        assert!(told[1].starts_with("lost all other fields (Some(4))"), "{told:#?}");
        assert_eq!(rows(only(&["n"]), &json!({ "n": 1 })).len(), 1, "no wrong name");
        let rename = |old: &str, new: &str| Wishes { rename: vec![(old.into(), new.into())], ..Wishes::default() };
        let told = rows(rename("nope", "x"), &json!({ "n": 1 }));
        assert!(told[0].starts_with("note named fields \"nope\""), "{told:#?}");
        let told = rows(rename("title", "n"), &json!({ "n": 1, "title": "x" }));
        assert!(
            told[1].starts_with("refused records without a place (Some(4)): it has a field \"n\" already"),
            "{told:#?}"
        );
        let set = json!({ "n": 5, "new": 1 }).as_object().cloned().unwrap();
        let told = rows(Wishes { set, ..Wishes::default() }, &json!({ "n": 1 }));
        assert!(told[0].starts_with("lost the field \"n\" (Some(4))") && told[1].starts_with("note"), "{told:#?}");
        assert!(rows(Wishes::default(), &json!({ "n": 1 })).is_empty());
    }

    #[test]
    fn a_row_tells_what_happens_and_not_what_was_only_wished() {
        let (text, rename) = (|word: &str| word.to_owned(), vec![("n".to_owned(), "m".to_owned())]);
        let payload = json!({ "n": 1, "title": "x" });
        let only = Wishes { only: vec![text("title")], rename: rename.clone(), ..Wishes::default() };
        let without = Wishes { without: vec![text("n"), text("zip")], rename, ..Wishes::default() };
        for wishes in [only, without] {
            let told = rows(wishes, &payload);
            assert!(told.iter().any(|row| row.starts_with("note the field \"n\" (Some(4)): is left out")), "{told:#?}");
            assert!(!told.iter().any(|row| row.contains("gets the name")), "{told:#?}");
        }
        let told = rows(Wishes { without: vec![text("zip")], ..Wishes::default() }, &payload);
        assert_eq!(told.len(), 1, "{told:#?}");
        assert!(told[0].starts_with("note named fields \"zip\""), "{told:#?}");
    }

    #[test]
    fn a_filter_that_selects_nothing_is_grave_only_where_the_count_is_exact() {
        let mut plan = simple();
        plan.wishes.filter = Some("n > 5".to_owned());
        let mut told = |records, exact| {
            (plan.records, plan.records_exact) = (records, exact);
            let row = changes(&plan, &[]).remove(0);
            (row.weight, row.why.contains("Nothing will be copied"))
        };
        assert_eq!(told(0, true), (Weight::Lost, true));
        assert_eq!(told(0, false), (Weight::Note, false));
        assert_eq!(told(7, true), (Weight::Note, false));
    }

    #[test]
    fn notes_of_an_earlier_copy_name_the_way_back() {
        let payload = json!({ SOURCE_ID: "integer:5" });
        assert!(rows(Wishes::default(), &payload)[0].contains("--restore brings them back"));
        assert!(rows(Wishes { restore: true, ..Wishes::default() }, &payload).is_empty());
        let mut plan = simple();
        plan.ids.policy = IdPolicy::Uuid;
        let told = changes(&plan, &sample(&payload));
        assert!(told[1].weight == Weight::Refused && told[1].why.contains("--restore takes out"), "{told:#?}");
    }
}
