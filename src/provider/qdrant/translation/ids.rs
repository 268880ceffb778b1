//! Ids and cursors. A cursor is the id that the next page starts with.

use qdrant_client::qdrant::PointId;
use qdrant_client::qdrant::point_id::PointIdOptions;
use uuid::Uuid;

use crate::provider::model::{Cursor, RecordId};

/// Our id, or what is wrong with theirs.
pub(super) fn from_id(id: Option<PointId>) -> Result<RecordId, String> {
    match id.and_then(|id| id.point_id_options) {
        Some(PointIdOptions::Num(number)) => Ok(RecordId::from(number)),
        Some(PointIdOptions::Uuid(text)) => match Uuid::parse_str(&text) {
            Ok(uuid) => Ok(RecordId::Uuid(uuid)),
            Err(_) => Err(format!("the point id {text:?} is no UUID")),
        },
        None => Err("a point has no id".to_owned()),
    }
}

/// Their id; `None` for one that no point in Qdrant can have (text, a negative or larger number). A
/// text that looks like a number or a UUID stays a text, hence another id.
pub(in crate::provider::qdrant) fn to_id(id: &RecordId) -> Option<PointId> {
    let options = match id {
        RecordId::Integer(number) => PointIdOptions::Num(u64::try_from(*number).ok()?),
        RecordId::Uuid(uuid) => PointIdOptions::Uuid(uuid.to_string()),
        RecordId::Text(_) => return None,
    };
    Some(PointId { point_id_options: Some(options) })
}

/// The cursor of the page that starts with this id.
pub(in crate::provider::qdrant) fn cursor_of(id: PointId) -> Result<Cursor, String> {
    Ok(match from_id(Some(id))? {
        RecordId::Uuid(uuid) => Cursor(format!("u:{uuid}")),
        other => Cursor(format!("n:{other}")),
    })
}

/// The id that a page with this cursor starts with; `None` if the cursor is not one of ours.
pub(in crate::provider::qdrant) fn from_cursor(cursor: &Cursor) -> Option<PointId> {
    let (kind, text) = cursor.0.split_once(':')?;
    let options = match kind {
        "n" => PointIdOptions::Num(text.parse().ok()?),
        "u" => PointIdOptions::Uuid(Uuid::parse_str(text).ok()?.to_string()),
        _ => return None,
    };
    Some(PointId { point_id_options: Some(options) })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ids_never_change_kind() {
        let uuid = Uuid::from_u128(7);
        assert_eq!(to_id(&RecordId::Text("7".to_owned())), None);
        assert_eq!(to_id(&RecordId::Text(uuid.to_string())), None);
        assert_eq!(to_id(&RecordId::from(-1_i64)), None);
        assert_eq!(to_id(&RecordId::Integer(i128::from(u64::MAX) + 1)), None);
        assert_eq!(from_id(to_id(&RecordId::Uuid(uuid))), Ok(RecordId::Uuid(uuid)));
    }

    #[test]
    fn an_id_that_is_none_is_refused() {
        assert!(from_id(None).is_err());
        let odd = PointId { point_id_options: Some(PointIdOptions::Uuid("seven".to_owned())) };
        assert!(from_id(Some(odd)).unwrap_err().contains("seven"));
    }

    #[test]
    fn a_cursor_of_somebody_else_is_none() {
        for text in ["", "7", "n:", "n:-1", "n:18446744073709551616", "u:7", "x:7"] {
            assert_eq!(from_cursor(&Cursor(text.to_owned())), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn numbers_and_uuids_pass_through_ids_and_cursors_exactly(number: u64, bits: u128) {
            for id in [RecordId::from(number), RecordId::from(u64::MAX), RecordId::Uuid(Uuid::from_u128(bits))] {
                let theirs = to_id(&id).unwrap();
                prop_assert_eq!(from_id(Some(theirs.clone())), Ok(id));
                prop_assert_eq!(from_cursor(&cursor_of(theirs.clone()).unwrap()), Some(theirs));
            }
        }
    }
}
