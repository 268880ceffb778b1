//! The id that a copy has changed and noted in the record: by it the record is still known to be the same.
//!
//! `jobs::copy` writes the note; comparisons, panes beside each other and searches read it.

use std::borrow::Cow;

use serde_json::Value;
use uuid::Uuid;

use crate::provider::model::{Payload, Record, RecordId};

/// The field of the payload that keeps an id that was changed.
pub const SOURCE_ID: &str = "_source_id";

/// The id with its kind, as text: different ids have different texts.
pub fn tag(id: &RecordId) -> String {
    match id {
        RecordId::Integer(n) => format!("integer:{n}"),
        RecordId::Text(text) => format!("text:{text}"),
        RecordId::Uuid(uuid) => format!("uuid:{uuid}"),
    }
}

/// The id that [`tag`] made this text of; `None` for any other text.
pub fn untag(text: &str) -> Option<RecordId> {
    let (kind, rest) = text.split_once(':')?;
    let id = match kind {
        "integer" => RecordId::Integer(rest.parse().ok()?),
        "text" => RecordId::Text(rest.to_owned()),
        "uuid" => RecordId::Uuid(Uuid::parse_str(rest).ok()?),
        _ => return None,
    };
    (tag(&id) == text).then_some(id)
}

/// The id that a copy has noted, if the record has one.
pub fn noted_id(payload: &Payload) -> Option<RecordId> {
    payload.get(SOURCE_ID).and_then(Value::as_str).and_then(untag)
}

/// The id that a record is known by in all databases: the noted one before its own.
pub fn known_id(record: &Record) -> Cow<'_, RecordId> {
    noted_id(&record.payload).map_or(Cow::Borrowed(&record.id), Cow::Owned)
}
