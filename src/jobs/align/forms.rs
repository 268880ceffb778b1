//! What an id of one maker is at another one.

use uuid::Uuid;

use crate::provider::Capabilities;
use crate::provider::model::RecordId;

/// The ids that a record with this id, of a side that can do `own`, may have on a side that can do `there`, the one
/// that a new record gets first. They are those that a comparison takes for the same; none where it cannot be there.
pub(super) fn forms(id: &RecordId, own: &Capabilities, there: &Capabilities) -> Vec<RecordId> {
    let lacks = |of: fn(&Capabilities) -> bool| of(there) && !of(own);
    let integers: fn(&Capabilities) -> bool = |can| can.integer_ids.is_yes();
    let uuids: fn(&Capabilities) -> bool = |can| can.uuid_ids.is_yes();
    let as_text = |text: String| there.text_ids.is_yes().then_some(RecordId::Text(text));
    match id {
        RecordId::Integer(n) if !integers(there) => as_text(n.to_string()).into_iter().collect(),
        RecordId::Uuid(uuid) if !uuids(there) => as_text(uuid.hyphenated().to_string()).into_iter().collect(),
        RecordId::Integer(_) | RecordId::Uuid(_) => vec![id.clone()],
        RecordId::Text(text) => {
            let mut all: Vec<RecordId> = as_text(text.clone()).into_iter().collect();
            let number = text.parse::<i128>().ok().filter(|number| lacks(integers) && number.to_string() == *text);
            all.extend(number.map(RecordId::Integer));
            let uuid = Uuid::parse_str(text).ok();
            all.extend(uuid.filter(|id| lacks(uuids) && id.hyphenated().to_string() == *text).map(RecordId::Uuid));
            all
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::Support;

    const UUID: &str = "936da01f-9abd-4d9d-80c7-02af85c822a8";
    const NO: Support = Support::No("a test");

    #[test]
    fn an_id_becomes_what_the_other_side_can_hold_and_a_comparison_takes_for_it() {
        let all = Capabilities::ALL;
        let texts = Capabilities { integer_ids: NO, uuid_ids: NO, ..Capabilities::ALL };
        let qdrant = Capabilities { text_ids: NO, ..Capabilities::ALL };
        let uuid = RecordId::Uuid(Uuid::from_u128(0x936d_a01f_9abd_4d9d_80c7_02af_85c8_22a8));
        assert_eq!(forms(&7_u64.into(), &qdrant, &texts), [RecordId::from("7")]);
        assert_eq!(forms(&uuid, &qdrant, &texts), [RecordId::from(UUID)]);
        assert_eq!(forms(&"7".into(), &texts, &qdrant), [RecordId::from(7_u64)]);
        assert_eq!(forms(&UUID.into(), &texts, &qdrant), std::slice::from_ref(&uuid));
        assert_eq!(forms(&"7".into(), &texts, &all), [RecordId::from("7"), RecordId::from(7_u64)]);
        // Where both have both kinds, "7" is not 7.
        assert_eq!(forms(&"7".into(), &all, &all), [RecordId::from("7")]);
        // What only looks like a number is none.
        for text in ["007", "+7", "x", "936DA01F-9ABD-4D9D-80C7-02AF85C822A8"] {
            assert_eq!(forms(&text.into(), &texts, &qdrant), [], "{text}");
        }
    }
}
