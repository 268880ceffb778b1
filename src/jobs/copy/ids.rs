//! What becomes of ids: kept, or a UUID made of each, so that no two become one.
//!
//! A UUID of version 5 is made of the source's product, the kind of the id and its canonical bytes, with a
//! separator that none of the first two contains: different ids have different names, and the same id has the
//! same UUID in every run. What the id was is kept in the payload as text with its kind (`integer:5`,
//! `text:abc`, `uuid:550e8400-...`), which reads back as exactly that id.

use uuid::Uuid;

use crate::jobs::model::noted::tag;
use crate::jobs::model::plan::IdPolicy;
use crate::provider::Capabilities;
use crate::provider::model::RecordId;

/// The namespace of our UUIDs.
const NAMESPACE: Uuid = Uuid::from_u128(0x6b1f_2a4e_93c7_5d08_8f15_76d0_cc3a_41b9);

/// The longest text that all makers with texts as ids take, in bytes.
const LONGEST: usize = 512;

/// The UUID of an id of that product.
pub fn uuid(product: &str, id: &RecordId) -> Uuid {
    // The tag is the kind, a colon and the canonical bytes; a product has no NUL in its name.
    let name = format!("{}\0{}", product.replace('\0', ""), tag(id));
    Uuid::new_v5(&NAMESPACE, name.as_bytes())
}

/// The id at the target. `None` under [`IdPolicy::Restored`], where the payload has it.
pub fn mapped(policy: IdPolicy, product: &str, id: &RecordId) -> Option<RecordId> {
    match policy {
        IdPolicy::Kept => Some(id.clone()),
        IdPolicy::Uuid => Some(RecordId::Uuid(uuid(product, id))),
        IdPolicy::UuidText => Some(RecordId::Text(uuid(product, id).to_string())),
        IdPolicy::Restored => None,
    }
}

/// Which sorts of ids a collection has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen {
    /// Whole numbers from 0 to 2^63 - 1.
    small: bool,
    /// Whole numbers from 2^63 to 2^64 - 1.
    large: bool,
    negative: bool,
    text: bool,
    uuid: bool,
    /// The first id that such a target cannot have.
    foreign: Option<RecordId>,
}

impl Seen {
    /// One more id, on its way to a target that can do that.
    pub fn add(&mut self, id: &RecordId, can: &Capabilities) {
        match id {
            RecordId::Integer(n) if *n < 0 => self.negative = true,
            RecordId::Integer(n) if i64::try_from(*n).is_ok() => self.small = true,
            RecordId::Integer(_) => self.large = true,
            RecordId::Text(_) => self.text = true,
            RecordId::Uuid(_) => self.uuid = true,
        }
        if self.foreign.is_none() && !is_native(id, can) {
            self.foreign = Some(id.clone());
        }
    }

    /// The first id that the target cannot have.
    pub fn foreign(&self) -> Option<&RecordId> {
        self.foreign.as_ref()
    }

    /// Why not all of them can be kept at such a target; `None` if they can.
    pub fn obstacle(&self, can: &Capabilities) -> Option<String> {
        if let Some(id) = &self.foreign {
            return Some(format!("the target cannot have the id {}", shown(id)));
        }
        let numbers = self.small || self.negative;
        let kinds = [numbers, self.large, self.text, self.uuid].into_iter().filter(|kind| *kind).count();
        match &can.mixed_ids {
            crate::provider::Support::No(reason) if kinds > 1 => {
                Some(format!("the ids are of several kinds, and {reason}"))
            }
            _ => None,
        }
    }
}

/// Whether such a database can have that id.
pub fn is_native(id: &RecordId, can: &Capabilities) -> bool {
    match id {
        RecordId::Integer(n) => {
            let range = if can.negative_ids.is_yes() { i128::from(i64::MIN) } else { 0 }..=i128::from(u64::MAX);
            can.integer_ids.is_yes() && range.contains(n)
        }
        // What some of them refuse is native to none: an empty text, a NUL in it, a very long one.
        RecordId::Text(text) => {
            let usual = !text.is_empty() && text.len() <= LONGEST && !text.contains('\0');
            can.text_ids.is_yes()
                && usual
                && (can.any_text_ids.is_yes() || text.bytes().all(|b| (b' '..=b'~').contains(&b)))
        }
        RecordId::Uuid(_) => can.uuid_ids.is_yes(),
    }
}

/// An id for people: text in quotes, so that "1" is not 1.
pub fn shown(id: &RecordId) -> String {
    match id {
        RecordId::Text(text) => format!("{text:?}"),
        RecordId::Integer(_) | RecordId::Uuid(_) => id.to_string(),
    }
}

/// Whether every id that such a source can have can be kept at such a target, without looking.
pub fn always_native(source: &Capabilities, target: &Capabilities) -> bool {
    let numbers = !source.integer_ids.is_yes()
        || target.integer_ids.is_yes() && (target.negative_ids.is_yes() || !source.negative_ids.is_yes());
    let uuids = !source.uuid_ids.is_yes() || target.uuid_ids.is_yes();
    // Numbers on both sides of 2^63 count as two kinds.
    let kinds = if source.integer_ids.is_yes() { 2 } else { usize::from(source.uuid_ids.is_yes()) };
    let mixed = target.mixed_ids.is_yes() || kinds < 2;
    !source.text_ids.is_yes() && numbers && uuids && mixed
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;
    use crate::jobs::model::noted::untag;
    use crate::provider::Support;

    fn id() -> impl Strategy<Value = RecordId> {
        let words = prop_oneof![
            any::<String>(),
            "[0-9]{1,3}",
            "(integer|text|uuid):[0-9a-f]{0,3}",
            any::<u128>().prop_map(|n| Uuid::from_u128(n).to_string()),
        ];
        prop_oneof![
            any::<i128>().prop_map(RecordId::Integer),
            (-300_i128..300).prop_map(RecordId::Integer),
            words.prop_map(RecordId::Text),
            any::<u128>().prop_map(|n| RecordId::Uuid(Uuid::from_u128(n))),
        ]
    }

    proptest! {
        #[test]
        fn a_tag_reads_back_as_the_same_id_and_as_no_other(id in id()) {
            prop_assert_eq!(untag(&tag(&id)), Some(id));
        }

        #[test]
        fn no_two_ids_become_one(ids in prop::collection::hash_set(id(), 1..300)) {
            for policy in [IdPolicy::Kept, IdPolicy::Uuid, IdPolicy::UuidText] {
                let mapped: HashSet<_> = ids.iter().filter_map(|id| mapped(policy, "chroma", id)).collect();
                prop_assert_eq!(mapped.len(), ids.len());
            }
        }

        #[test]
        fn the_same_id_of_two_products_is_two(id in id()) {
            prop_assert_ne!(uuid("chroma", &id), uuid("qdrant", &id));
            prop_assert_eq!(uuid("chroma", &id), uuid("chroma", &id));
        }
    }

    #[test]
    fn spellings_that_look_alike_stay_different() {
        let uuid = Uuid::parse_str("550e8400-e29b-41d4-a716-446655440000").unwrap();
        let ids: Vec<RecordId> = [
            RecordId::from("1"),
            RecordId::Integer(1),
            RecordId::Integer(-1),
            RecordId::from("-1"),
            RecordId::from(""),
            RecordId::from("\u{fc}"),
            RecordId::from("u\u{308}"),
            RecordId::from(uuid),
            RecordId::from("550e8400-e29b-41d4-a716-446655440000"),
            RecordId::from("550E8400-E29B-41D4-A716-446655440000"),
            RecordId::from("550e8400e29b41d4a716446655440000"),
            RecordId::from("urn:uuid:550e8400-e29b-41d4-a716-446655440000"),
            RecordId::from("{550e8400-e29b-41d4-a716-446655440000}"),
            RecordId::from("integer:1"),
            RecordId::from("uuid:550e8400-e29b-41d4-a716-446655440000"),
        ]
        .to_vec();
        let made: HashSet<_> = ids.iter().map(|id| super::uuid("chroma", id)).collect();
        assert_eq!(made.len(), ids.len());
        assert_eq!(untag("integer:01"), None, "only the canonical words are an id");
        assert_eq!(untag("uuid:550E8400-E29B-41D4-A716-446655440000"), None);
    }

    #[test]
    fn ids_are_kept_only_where_all_of_them_can_be() {
        let qdrant = Capabilities {
            text_ids: Support::No("numbers and UUIDs"),
            negative_ids: Support::No("from 0 on"),
            ..Capabilities::ALL
        };
        let pgvector = Capabilities { mixed_ids: Support::No("a table's key has one type"), ..Capabilities::ALL };
        let obstacle = |ids: &[RecordId], can: &Capabilities| {
            let mut seen = Seen::default();
            ids.iter().for_each(|id| seen.add(id, can));
            seen.obstacle(can)
        };
        let uuid = RecordId::Uuid(Uuid::from_u128(5));
        assert_eq!(obstacle(&[1_u64.into(), u64::MAX.into(), uuid.clone()], &qdrant), None);
        assert!(obstacle(&[1_u64.into(), "a".into()], &qdrant).unwrap().contains("\"a\""));
        assert!(obstacle(&[(-1_i64).into()], &qdrant).unwrap().contains("-1"));
        assert!(obstacle(&[1_u64.into(), u64::MAX.into()], &pgvector).unwrap().contains("several kinds"));
        assert_eq!(obstacle(&[1_u64.into(), (-1_i64).into()], &pgvector), None);
        assert!(obstacle(&["".into()], &pgvector).is_some());
        assert!(always_native(&qdrant, &qdrant) && !always_native(&qdrant, &pgvector));
    }
}
