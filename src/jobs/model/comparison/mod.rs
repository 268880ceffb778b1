//! What a comparison of two collections says: plain data, made by `jobs::compare`, shown by `cli` and the screen.

mod contents;
mod retrieval;
mod structure;
mod tolerance;

use serde::Serialize;

pub use contents::{Contents, Difference, DifferenceKind, FieldDifference, Part};
pub use retrieval::{Retrieval, Way};
pub use structure::{Item, Structure, Verdict};
pub use tolerance::{Declared, LAST_PLACE, Short, Tolerances, VectorTolerance};

/// One of the collections that were compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Compared {
    /// What the database is called: a profile's name, an address.
    pub target: String,
    /// The collection.
    pub collection: String,
}

/// The whole report. A part that was not asked for is `None`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// The first side.
    pub a: Compared,
    /// The second side.
    pub b: Compared,
    /// Vectors of the first side and those of the second that they were compared with.
    pub vectors: Vec<(String, String)>,
    /// Dimensions, metrics, indexes, fields.
    pub structure: Option<Structure>,
    /// Ids and, where asked for, payloads and vectors.
    pub contents: Option<Contents>,
    /// Searches on both sides.
    pub retrieval: Option<Retrieval>,
    /// How long it took.
    pub seconds: f64,
}

impl Comparison {
    /// Whether structure and contents are the same, as far as they were compared. What retrieval says is
    /// judged by the limit that the user gives.
    pub fn is_equal(&self) -> bool {
        self.structure.as_ref().is_none_or(Structure::is_equal) && self.contents.as_ref().is_none_or(Contents::is_equal)
    }
}
