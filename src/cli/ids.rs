//! Record ids on the command line.
//!
//! A word is read as the database means it: `5` is the number 5, `"5"` (with the quotes) is text,
//! anything else is a UUID where the maker has UUIDs, or else text. Where a maker has only one kind
//! of id (Chroma: text; Qdrant: numbers and UUIDs) there is no doubt, and quotes are not needed.

use serde_json::Value;
use uuid::Uuid;

use crate::provider::Capabilities;
use crate::provider::model::RecordId;

/// The id that a word means in a database that can do that.
pub fn parse(word: &str, can: &Capabilities) -> RecordId {
    let literal = serde_json::from_str::<Value>(word).ok();
    if let Some(Value::String(text)) = literal {
        return if can.text_ids.is_yes() { RecordId::Text(text) } else { uuid_or_text(&text, can) };
    }
    match word.parse::<i128>() {
        // `007` is no number that anybody stored as such.
        Ok(number) if can.integer_ids.is_yes() && number.to_string() == word => RecordId::Integer(number),
        Ok(_) | Err(_) => uuid_or_text(word, can),
    }
}

fn uuid_or_text(word: &str, can: &Capabilities) -> RecordId {
    match Uuid::parse_str(word) {
        Ok(uuid) if can.uuid_ids.is_yes() => RecordId::Uuid(uuid),
        Ok(_) | Err(_) => RecordId::Text(word.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::provider::Support;

    const UUID: &str = "936da01f-9abd-4d9d-80c7-02af85c822a8";

    fn uuid() -> RecordId {
        RecordId::Uuid(Uuid::parse_str(UUID).unwrap())
    }

    #[test]
    fn where_a_maker_has_all_kinds_quotes_mean_text() {
        let all = Capabilities::ALL;
        assert_eq!(parse("5", &all), RecordId::Integer(5));
        assert_eq!(parse("\"5\"", &all), RecordId::from("5"));
        assert_eq!(parse("18446744073709551615", &all), RecordId::from(u64::MAX));
        assert_eq!(parse("-3", &all), RecordId::Integer(-3));
        assert_eq!(parse("007", &all), RecordId::from("007"));
        assert_eq!(parse("1.5", &all), RecordId::from("1.5"));
        assert_eq!(parse(UUID, &all), uuid());
        assert_eq!(parse(&format!("\"{UUID}\""), &all), RecordId::from(UUID));
    }

    #[test]
    fn where_ids_are_text_a_number_is_text() {
        let no = Support::No("text only");
        let chroma = Capabilities { integer_ids: no.clone(), uuid_ids: no, ..Capabilities::ALL };
        assert_eq!(parse("5", &chroma), RecordId::from("5"));
        assert_eq!(parse(UUID, &chroma), RecordId::from(UUID));
    }

    #[test]
    fn where_there_is_no_text_a_quoted_uuid_is_a_uuid() {
        let qdrant = Capabilities { text_ids: Support::No("numbers and UUIDs"), ..Capabilities::ALL };
        assert_eq!(parse(&format!("\"{UUID}\""), &qdrant), uuid());
        assert_eq!(parse("5", &qdrant), RecordId::Integer(5));
    }
}
