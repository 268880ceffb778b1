//! Which record of one database is the same as which of another.
//!
//! By id: the same kind and value. Makers have different kinds of ids (Chroma and Milvus text, Qdrant whole
//! numbers and UUIDs), so where no id of the same kind is there, one of equal text is taken, and said. A record
//! whose id a copy has changed is known by the one that it noted. Or by a field of the payload that both have.

use std::collections::HashMap;
use std::hash::Hash;

use serde_json::Value;

use super::noted::{known_id, noted_id};
use crate::provider::model::{Record, RecordId};

/// What makes two records the same.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum MatchBy {
    /// Their id.
    #[default]
    Id,
    /// The value of this field of the payload.
    Field(String),
}

impl MatchBy {
    /// For people: `id` or the field's name.
    pub fn name(&self) -> &str {
        match self {
            Self::Id => "id",
            Self::Field(field) => field,
        }
    }
}

/// How two ids are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sameness {
    /// Kind and value.
    Exact,
    /// Of two kinds, with the same text.
    ByText,
}

/// Whether two ids are the same, and how.
pub fn same_id(a: &RecordId, b: &RecordId) -> Option<Sameness> {
    if a == b {
        return Some(Sameness::Exact);
    }
    let kinds = std::mem::discriminant(a) != std::mem::discriminant(b);
    (kinds && a.to_string() == b.to_string()).then_some(Sameness::ByText)
}

/// The record whose vector is searched with: it is left out of the hits.
#[derive(Debug, Clone, PartialEq)]
pub enum Itself {
    /// The one with this id.
    Id(RecordId),
    /// Those with this value in this field.
    Field(String, Value),
}

impl Itself {
    /// What it is in another collection; `None` where it has no such field.
    pub fn of(record: &Record, by: &MatchBy) -> Option<Self> {
        match by {
            MatchBy::Id => Some(Self::Id(known_id(record).into_owned())),
            MatchBy::Field(field) => {
                let value = record.payload.get(field).filter(|value| !value.is_null());
                value.map(|value| Self::Field(field.clone(), value.clone()))
            }
        }
    }

    /// Whether a hit is it.
    pub fn is(&self, record: &Record) -> bool {
        match self {
            Self::Id(id) => {
                let is = |other: &RecordId| same_id(id, other).is_some();
                is(&record.id) || noted_id(&record.payload).is_some_and(|noted| is(&noted))
            }
            Self::Field(field, value) => record.payload.get(field) == Some(value),
        }
    }
}

/// The ids by which a record may be known at a maker with other kinds of ids, the likeliest first: the id
/// itself, then those of the other kinds with the same text.
pub fn spellings(id: &RecordId) -> Vec<RecordId> {
    let text = id.to_string();
    let mut ids = vec![id.clone()];
    let number = text.parse::<i128>().ok().filter(|n| n.to_string() == text).map(RecordId::Integer);
    let uuid = uuid::Uuid::try_parse(&text).ok().filter(|uuid| uuid.to_string() == text).map(RecordId::Uuid);
    ids.extend([Some(RecordId::Text(text)), number, uuid].into_iter().flatten().filter(|other| other != id));
    ids
}

/// The partners of two lists.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pairs {
    /// For each item of the first list its place in the second.
    pub partner: Vec<Option<usize>>,
    /// Length of the second list.
    second: usize,
    /// How many of the pairs have ids of two kinds and equal text.
    pub by_text: usize,
}

impl Pairs {
    /// For each item of the second list its place in the first.
    pub fn back(&self) -> Vec<Option<usize>> {
        let mut back = vec![None; self.second];
        for (place, partner) in self.partner.iter().enumerate() {
            if let Some(slot) = partner.and_then(|partner| back.get_mut(partner)) {
                *slot = Some(place);
            }
        }
        back
    }

    /// The two lists as numbers, the same number for the same item: what `ranking` counts with.
    pub fn keys(&self) -> (Vec<usize>, Vec<usize>) {
        let first = (0..self.partner.len()).collect();
        let alone = self.partner.len();
        let second = self.back().into_iter().enumerate();
        (first, second.map(|(place, partner)| partner.unwrap_or(alone + place)).collect())
    }
}

/// Pairs the records of two lists of distinct records.
pub fn pair(first: &[&Record], second: &[&Record], by: &MatchBy) -> Pairs {
    match by {
        MatchBy::Id => {
            let known = |records: &[&Record]| -> Vec<RecordId> {
                records.iter().map(|record| known_id(record).into_owned()).collect()
            };
            pair_ids(known(first).iter(), known(second).iter())
        }
        MatchBy::Field(field) => {
            let value = |record: &&Record| field_key(record, field);
            let partner = partners(first.iter().map(value), second.iter().map(value));
            Pairs { partner, second: second.len(), by_text: 0 }
        }
    }
}

/// Pairs ids: first the equal ones, then what is left by its text.
pub fn pair_ids<'a>(
    first: impl Iterator<Item = &'a RecordId> + Clone,
    second: impl Iterator<Item = &'a RecordId> + Clone,
) -> Pairs {
    let mut partner = partners(first.clone().map(Some), second.clone().map(Some));
    let mut taken: Vec<usize> = partner.iter().flatten().copied().collect();
    taken.sort_unstable();
    let left = first.zip(&partner).map(|(id, partner)| partner.is_none().then(|| id.to_string()));
    let open = second.clone().enumerate().map(|(at, id)| taken.binary_search(&at).is_err().then(|| id.to_string()));
    let by_text = partners(left.collect::<Vec<_>>().into_iter(), open);
    let count = by_text.iter().flatten().count();
    for (slot, text) in partner.iter_mut().zip(by_text) {
        *slot = slot.or(text);
    }
    Pairs { partner, second: second.count(), by_text: count }
}

/// For each key of the first its place in the second; what has no key has no partner, and of several with
/// the same key only the first has.
fn partners<K: Eq + Hash>(
    first: impl Iterator<Item = Option<K>>,
    second: impl Iterator<Item = Option<K>>,
) -> Vec<Option<usize>> {
    let mut places: HashMap<K, usize> = HashMap::new();
    for (place, key) in second.enumerate() {
        if let Some(key) = key {
            places.entry(key).or_insert(place);
        }
    }
    first.map(|key| key.and_then(|key| places.remove(&key))).collect()
}

/// The value of a field as a key; `None` where the record has none.
pub fn field_key(record: &Record, field: &str) -> Option<String> {
    record.payload.get(field).filter(|value| !value.is_null()).map(Value::to_string)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn ids(ids: &[RecordId]) -> Vec<RecordId> {
        ids.to_vec()
    }

    #[test]
    fn a_kind_is_kept_where_both_kinds_are_there() {
        let a = ids(&[RecordId::from(1_u64), RecordId::from("1")]);
        let b = ids(&[RecordId::from("1"), RecordId::from("2")]);
        let pairs = pair_ids(a.iter(), b.iter());
        assert_eq!((pairs.partner.clone(), pairs.by_text), (vec![None, Some(0)], 0), "the number has no partner");
        assert_eq!(pairs.back(), [Some(1), None]);
        assert_eq!(pairs.keys(), (vec![0, 1], vec![1, 3]));
    }

    #[test]
    fn equal_text_pairs_ids_of_two_kinds() {
        let uuid = uuid::Uuid::from_u128(7);
        let a = ids(&[RecordId::from(3_u64), RecordId::from(uuid), RecordId::from(9_u64)]);
        let b = ids(&[RecordId::from(uuid.to_string().as_str()), RecordId::from("3")]);
        let pairs = pair_ids(a.iter(), b.iter());
        assert_eq!((pairs.partner, pairs.by_text), (vec![Some(1), Some(0), None], 2));
        assert_eq!(same_id(&a[0], &b[1]), Some(Sameness::ByText));
        assert_eq!(same_id(&a[0], &a[2]), None);
    }

    #[test]
    fn spellings_keep_text_exactly() {
        assert_eq!(spellings(&RecordId::from("7")), [RecordId::from("7"), RecordId::from(7_u64)]);
        assert_eq!(spellings(&RecordId::from("07")), [RecordId::from("07")], "another text than 7");
        assert_eq!(spellings(&RecordId::from(7_u64)), [RecordId::from(7_u64), RecordId::from("7")]);
        let upper = uuid::Uuid::from_u128(0xab).to_string().to_uppercase();
        assert_eq!(spellings(&RecordId::from(upper.as_str())).len(), 1, "a UUID in other letters is another text");
    }

    #[test]
    fn a_record_is_known_by_the_id_that_a_copy_has_noted() {
        let record = |id: RecordId, payload: &str| Record {
            id,
            vectors: None,
            payload: serde_json::from_str(payload).unwrap(),
            text: None,
        };
        let own = record(4_u64.into(), "{}");
        let copied = record("cd4d264f-0000-5000-8000-000000000000".into(), r#"{"_source_id":"integer:4"}"#);
        let other = record(5_u64.into(), r#"{"_source_id":"nonsense"}"#);
        assert_eq!(pair(&[&other, &own], &[&copied, &other], &MatchBy::Id).partner, [Some(1), Some(0)]);
        let itself = Itself::of(&own, &MatchBy::Id).unwrap();
        assert!(itself.is(&copied) && itself.is(&own) && !itself.is(&other));
        assert!(Itself::of(&copied, &MatchBy::Id).unwrap().is(&own));
        assert!(Itself::Id(copied.id.clone()).is(&copied), "asked for by its own id");
    }

    #[test]
    fn a_field_pairs_records_and_a_missing_one_pairs_nothing() {
        let record = |id: u64, payload: &str| Record {
            id: id.into(),
            vectors: None,
            payload: serde_json::from_str(payload).unwrap(),
            text: None,
        };
        let (a, b, c) = (record(1, r#"{"url":"x"}"#), record(2, r#"{"url":"x"}"#), record(3, "{}"));
        let itself = Itself::of(&a, &MatchBy::Field("url".to_owned())).unwrap();
        assert!(itself.is(&b) && !itself.is(&c), "the record is left out whatever its id is elsewhere");
        assert!(Itself::of(&c, &MatchBy::Field("url".to_owned())).is_none());
        let pairs = pair(&[&a, &c], &[&c, &b], &MatchBy::Field("url".to_owned()));
        assert_eq!(pairs.partner, [Some(1), None]);
    }
}
