//! Nearest-neighbour search: what is asked, what comes back, and what a score means.

use super::{Record, RecordId, Vector};
use crate::provider::filter::Filter;

/// Distance metric, named the same for every maker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Metric {
    /// Cosine similarity, in -1..=1; higher is nearer.
    Cosine,
    /// Inner product; higher is nearer.
    Dot,
    /// Euclidean distance (not squared); lower is nearer.
    Euclidean,
    /// Manhattan distance; lower is nearer.
    Manhattan,
}

impl Metric {
    /// The word used on screen, in JSON and in commands.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cosine => "cosine",
            Self::Dot => "dot",
            Self::Euclidean => "euclidean",
            Self::Manhattan => "manhattan",
        }
    }

    /// Whether a higher score is a nearer record.
    pub fn higher_is_better(self) -> bool {
        match self {
            Self::Cosine | Self::Dot => true,
            Self::Euclidean | Self::Manhattan => false,
        }
    }
}

/// How near a hit is, in the meaning of [`Metric`]: providers bring what their maker returns
/// (distance, squared distance, negative product) into that meaning.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Score {
    /// The value; `f32`, so that it prints without false digits.
    pub value: f32,
    /// The metric that gives it its meaning and direction.
    pub metric: Metric,
}

/// What to search with.
#[derive(Debug, Clone, PartialEq)]
pub enum SearchQuery {
    /// A vector of the kind of the field that is searched.
    Vector(Vector),
    /// The stored vector of this record ("more like this"); the record itself is not among the hits.
    Like(RecordId),
}

/// A nearest-neighbour question.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchRequest {
    /// What to search with.
    pub query: SearchQuery,
    /// The vector field; `None` means the only one (or the first, where there are several).
    pub using: Option<String>,
    /// Only among records that this selects.
    pub filter: Option<Filter>,
    /// At most so many hits.
    pub top: usize,
    /// Whether the hits' vectors come along.
    pub with_vectors: bool,
    /// Whether to go around the index, where the maker can.
    pub exact: bool,
}

impl SearchRequest {
    /// The `top` nearest, approximate, without filter or vectors.
    pub fn new(query: SearchQuery, top: usize) -> Self {
        Self { query, using: None, filter: None, top, with_vectors: false, exact: false }
    }
}

/// One hit.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// The record.
    pub record: Record,
    /// How near it is.
    pub score: Score,
}

impl Hit {
    /// The documented JSON shape: a record with `score` and `metric`.
    pub fn to_json(&self) -> serde_json::Value {
        let mut value = self.record.to_json();
        if let Some(object) = value.as_object_mut() {
            object.insert("score".into(), super::record::shortest(self.score.value));
            object.insert("metric".into(), self.score.metric.name().into());
        }
        value
    }
}
