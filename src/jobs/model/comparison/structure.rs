//! What two collections are, beside their records.

use serde::Serialize;
use serde_json::Value;

/// Whether an item is the same on both sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It is.
    Equal,
    /// It is not.
    Differs,
    /// Nobody can say; the item has the reason.
    NotComparable,
}

impl Verdict {
    /// The word for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Equal => "equal",
            Self::Differs => "differs",
            Self::NotComparable => "cannot compare",
        }
    }
}

/// One thing that collections have.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Item {
    /// Whose: `collection`, `vector "title"`, `field "year"`.
    pub of: String,
    /// What: `records`, `dimension`, `metric`, `index m`, `type`.
    pub what: String,
    /// The value of the first side; null where it does not tell.
    pub a: Value,
    /// The value of the second side.
    pub b: Value,
    /// Whether they are the same.
    pub verdict: Verdict,
    /// Why they cannot be compared.
    pub reason: Option<String>,
}

/// All of them.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Structure {
    /// The items, in the order of vectors, fields, collection.
    pub items: Vec<Item>,
}

impl Structure {
    /// Whether nothing differs.
    pub fn is_equal(&self) -> bool {
        self.count(Verdict::Differs) == 0
    }

    /// Whether records of one side could be written to the other: no vector has another kind or dimension there, and
    /// none is on one side only.
    pub fn vectors_fit(&self) -> bool {
        let is_shape = |item: &&Item| {
            item.of.starts_with("vector") && matches!(item.what.as_str(), "kind" | "dimension" | "vector")
        };
        self.items.iter().filter(is_shape).all(|item| item.verdict != Verdict::Differs)
    }

    /// How many items have that verdict.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.items.iter().filter(|item| item.verdict == verdict).count()
    }
}
