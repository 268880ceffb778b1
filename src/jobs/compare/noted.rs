//! A collection that a copy has made bears notes of what it had to change: the id in `_source_id`, a text in
//! `_source_text`, values that its maker cannot hold in `_source_json`. Beside a collection without such notes it is
//! compared by what they say; otherwise not one record of the copy would be found.

use serde_json::Value;

use crate::jobs::copy::{SOURCE_JSON, SOURCE_TEXT};
use crate::jobs::model::comparison::{Declared, Tolerances};
use crate::jobs::model::noted::{SOURCE_ID, noted_id};
use crate::jobs::{Control, JobError, Side};
use crate::provider::model::{PageRequest, Record};

/// Records that are looked at: a copy notes the id in each record or in none.
const LOOKED_AT: usize = 64;

/// What the first records of a side bear.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::jobs) struct Notes {
    /// Ids.
    pub ids: bool,
    /// Anything at all.
    pub any: bool,
}

/// Looks at the first records of a side.
///
/// # Errors
/// A side that cannot be asked, or that the job was cancelled.
pub(in crate::jobs) async fn notes(side: &Side, control: &Control) -> Result<Notes, JobError> {
    let request = PageRequest::first(LOOKED_AT);
    let asked = side.ask("its first records", side.provider.page(&side.collection, &request));
    let page = control.unless_cancelled(asked).await?;
    let is_text = |record: &Record, key: &str| matches!(record.payload.get(key), Some(Value::String(_)));
    let ids = page.records.iter().any(|record| noted_id(&record.payload).is_some());
    let others = page.records.iter().any(|record| is_text(record, SOURCE_JSON) || is_text(record, SOURCE_TEXT));
    Ok(Notes { ids, any: ids || others })
}

/// Declares that one side is compared by its notes, where one side only has some.
pub(super) fn declare([a, b]: [Notes; 2], labels: [&str; 2], tolerances: &mut Tolerances) {
    if a.any == b.any {
        return;
    }
    tolerances.noted = (a.any, b.any);
    if a.ids || b.ids {
        // Noted ids have their kinds again.
        (tolerances.integer_ids, tolerances.uuid_ids) = (false, false);
        tolerances.declared.retain(|declared| declared.about != "ids");
    }
    let [of_a, of_b] = labels;
    tolerances.declared.push(Declared {
        about: "ids, texts and values that a copy has changed".to_owned(),
        overlooks: format!("they are compared as it has noted them in {SOURCE_ID}, {SOURCE_TEXT} and {SOURCE_JSON}"),
        reason: format!("{} has such notes", if a.any { of_a } else { of_b }),
    });
}

/// The record as it was before the copy, as far as it bears notes.
pub(super) fn restored(mut record: Record) -> Record {
    if let Some(id) = noted_id(&record.payload) {
        record.id = id;
        record.payload.shift_remove(SOURCE_ID);
    }
    if let Some(Value::String(json)) = record.payload.get(SOURCE_JSON)
        && let Ok(Value::Object(fields)) = serde_json::from_str(json)
    {
        record.payload.shift_remove(SOURCE_JSON);
        for (key, value) in fields {
            record.payload.entry(key).or_insert(value);
        }
    }
    if record.text.is_none()
        && let Some(Value::String(text)) = record.payload.get(SOURCE_TEXT)
    {
        record.text = Some(text.clone());
        record.payload.shift_remove(SOURCE_TEXT);
    }
    record
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::jobs::model::noted::tag;
    use crate::provider::model::RecordId;

    fn record(id: &RecordId, payload: Value, text: Option<&str>) -> Record {
        let Value::Object(payload) = payload else { return record(id, json!({}), text) };
        Record { id: id.clone(), vectors: None, payload, text: text.map(str::to_owned) }
    }

    #[test]
    fn a_copied_record_is_again_what_it_was() {
        let (id, there) = (RecordId::from(7_u64), RecordId::from("936da01f-9abd-4d9d-80c7-02af85c822a8"));
        let noted = json!({ "n": 1, SOURCE_ID: tag(&id), SOURCE_JSON: "{\"deep\":{\"x\":[null]}}", SOURCE_TEXT: "t" });
        let was = record(&id, json!({ "n": 1, "deep": { "x": [null] } }), Some("t"));
        assert_eq!(restored(record(&there, noted, None)), was);
        assert_eq!(restored(was.clone()), was);
        let strange = record(&there, json!({ SOURCE_ID: "nonsense", SOURCE_JSON: "[1]" }), Some("own"));
        assert_eq!(restored(strange.clone()), strange, "what no copy has noted stays");
    }

    #[test]
    fn notes_count_where_one_side_only_has_some() {
        let ids = Notes { ids: true, any: true };
        for (a, b, noted) in [
            (ids, Notes::default(), (true, false)),
            (Notes::default(), ids, (false, true)),
            (ids, ids, (false, false)),
            (Notes::default(), Notes::default(), (false, false)),
        ] {
            let mut tolerances = Tolerances { integer_ids: true, ..Tolerances::default() };
            declare([a, b], ["a", "b"], &mut tolerances);
            assert_eq!((tolerances.noted, tolerances.integer_ids), (noted, noted == (false, false)));
            assert_eq!(tolerances.declared.len(), usize::from(noted != (false, false)));
        }
    }
}
