//! What the records of two collections have in common.

use serde::Serialize;
use serde_json::Value;

use super::Declared;

/// The outcome of comparing the records of two collections.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Contents {
    /// Records read of the first.
    pub records_a: u64,
    /// Records read of the second.
    pub records_b: u64,
    /// Records that are the same.
    pub equal: u64,
    /// Of those, records that are the same by a declared tolerance only.
    pub equal_by_tolerance: u64,
    /// Records of the first that the second does not have.
    pub missing: u64,
    /// Records of the second that the first does not have.
    pub extra: u64,
    /// Records that both have, with an id of another kind (`1` and `"1"`).
    pub kind_changed: u64,
    /// Records that both have, with another payload or other vectors.
    pub changed: u64,
    /// Records that paging gave more than once, first and second side.
    pub repeated: (u64, u64),
    /// Sides that were not the same when they were read again: somebody writes to them.
    pub moved: Vec<String>,
    /// Whether extra records are no difference.
    pub extra_allowed: bool,
    /// How the records were compared: `ids`, `ids and payloads`, `ids, payloads and vectors`.
    pub compared: &'static str,
    /// Only records that this filter selects were read.
    pub filter: Option<String>,
    /// Only these fields of payloads were compared.
    pub fields: Option<Vec<String>>,
    /// Of those, the ones that no record of either side has.
    pub fields_unseen: Vec<String>,
    /// What was overlooked.
    pub tolerances: Vec<Declared>,
    /// The first differences, by id.
    pub differences: Vec<Difference>,
}

impl Contents {
    /// To what the comparison was restricted, sentences without their point.
    pub fn restrictions(&self) -> Vec<String> {
        let quoted = |names: &[String]| names.iter().map(|name| format!("{name:?}")).collect::<Vec<_>>().join(", ");
        let mut said: Vec<String> = Vec::new();
        said.extend(self.filter.as_ref().map(|filter| format!("only records that {filter} selects were compared")));
        said.extend(self.fields.as_ref().map(|names| format!("of payloads only {} was compared", quoted(names))));
        if !self.fields_unseen.is_empty() {
            said.push(format!("no record of either side has {}", quoted(&self.fields_unseen)));
        }
        said
    }

    /// Why the outcome says nothing, where what was selected is in none of the records.
    pub fn nothing(&self) -> Option<String> {
        match (&self.filter, &self.fields) {
            (Some(filter), _) if self.records_a + self.records_b == 0 => {
                Some(format!("no record of either side is selected by {filter}"))
            }
            (_, Some(fields)) if !fields.is_empty() && self.fields_unseen.len() == fields.len() => {
                let names = fields.iter().map(|name| format!("{name:?}")).collect::<Vec<_>>().join(", ");
                Some(format!("no record of either side has the field {names}"))
            }
            _ => None,
        }
    }

    /// Whether nothing differs.
    pub fn is_equal(&self) -> bool {
        self.different() == 0 && self.repeated == (0, 0) && self.moved.is_empty()
    }

    /// How many records differ.
    pub fn different(&self) -> u64 {
        let extra = if self.extra_allowed { 0 } else { self.extra };
        self.missing + extra + self.kind_changed + self.changed
    }

    /// Records that would be written to make the second side like the first, and those that would be deleted.
    pub fn writes(&self) -> (u64, u64) {
        (self.missing + self.changed + self.kind_changed, self.extra + self.kind_changed)
    }
}

/// How a record differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DifferenceKind {
    /// The second side does not have it.
    Missing,
    /// The first side does not have it.
    Extra,
    /// Its id is of another kind; its contents may be the same.
    KindChanged,
    /// Its payload or its vectors differ.
    Changed,
}

impl DifferenceKind {
    /// The word for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Extra => "extra",
            Self::KindChanged => "id kind",
            Self::Changed => "changed",
        }
    }
}

/// A part of a record that differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Payload or text.
    Payload,
    /// Vectors.
    Vectors,
}

/// One record that differs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Difference {
    /// How.
    pub kind: DifferenceKind,
    /// Its id on the first side: `{"integer": 1}`, `{"text": "1"}`, `{"uuid": "…"}`; null if it is not there.
    pub id_a: Option<Value>,
    /// Its id on the second side.
    pub id_b: Option<Value>,
    /// The id that a copy has noted in it, where only one side has it; null where that is its own.
    pub noted: Option<Value>,
    /// Which parts differ, where both have it.
    pub parts: Vec<Part>,
    /// Field by field, where the record was opened on both sides.
    pub fields: Vec<FieldDifference>,
    /// Why `fields` is empty although parts differ; null else.
    pub not_opened: Option<String>,
}

/// One field that differs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FieldDifference {
    /// Where: `payload.author.name`, `payload.tags[2]`, `text`, `vector "title"`.
    pub path: String,
    /// The value of the first side; null if it is missing or null, see `missing`.
    pub a: Value,
    /// The value of the second side.
    pub b: Value,
    /// `a` or `b` where that side has no such field at all.
    pub missing: Option<char>,
    /// More about it, e.g. in how many places two vectors differ.
    pub note: Option<String>,
}
