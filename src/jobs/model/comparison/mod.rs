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

/// What a comparison comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Structure and contents are the same, as far as they were compared.
    Equal,
    /// They are not.
    Different,
    /// Only searches were compared: what they say is judged by the limit that the user gives.
    Searched,
    /// Nothing was compared; why, a clause.
    Nothing(String),
}

impl Comparison {
    /// Whether writes could make the second side like the first; not where their vectors are of other shapes.
    pub fn can_be_aligned(&self) -> bool {
        self.structure.as_ref().is_none_or(Structure::vectors_fit)
    }

    /// What it comes to.
    pub fn outcome(&self) -> Outcome {
        if !self.is_equal() {
            return Outcome::Different;
        }
        if let Some(why) = self.contents.as_ref().and_then(Contents::nothing) {
            return Outcome::Nothing(why);
        }
        match (&self.retrieval, self.structure.is_none() && self.contents.is_none()) {
            (Some(searched), true) if searched.lowest_mean().is_none() => {
                let why = searched.left_out.first().cloned();
                Outcome::Nothing(why.unwrap_or_else(|| "there was nothing to search with".to_owned()))
            }
            (Some(_), true) => Outcome::Searched,
            _ => Outcome::Equal,
        }
    }

    fn is_equal(&self) -> bool {
        self.structure.as_ref().is_none_or(Structure::is_equal) && self.contents.as_ref().is_none_or(Contents::is_equal)
    }
}
