//! Searches: what is asked, what comes back, and what a score means.

use super::{Record, RecordId, TextQuery, Vector};
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

/// What a score is: a metric between vectors, or what a search by text makes of its words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Measure {
    /// A metric between two vectors.
    Metric(Metric),
    /// How well words fit, by BM25 or what the server was told to use for it: no metric, without an
    /// upper end, and comparable within one answer only; higher is better.
    Bm25,
    /// BM25 and nearness brought to one scale and mixed: no metric, comparable within one answer
    /// only; higher is better.
    Hybrid,
}

impl Measure {
    /// The word used on screen, in JSON and in commands.
    pub fn name(self) -> &'static str {
        match self {
            Self::Metric(metric) => metric.name(),
            Self::Bm25 => "bm25",
            Self::Hybrid => "hybrid",
        }
    }

    /// Whether a higher score is a better hit.
    pub fn higher_is_better(self) -> bool {
        match self {
            Self::Metric(metric) => metric.higher_is_better(),
            Self::Bm25 | Self::Hybrid => true,
        }
    }

    /// Its direction for people.
    pub fn direction(self) -> &'static str {
        match (self, self.higher_is_better()) {
            (Self::Metric(_), true) => "higher is nearer",
            (Self::Metric(_), false) => "lower is nearer",
            (Self::Bm25 | Self::Hybrid, _) => "no metric: higher is better, within these hits",
        }
    }

    /// The metric, if it is one.
    pub fn metric(self) -> Option<Metric> {
        match self {
            Self::Metric(metric) => Some(metric),
            Self::Bm25 | Self::Hybrid => None,
        }
    }
}

impl From<Metric> for Measure {
    fn from(metric: Metric) -> Self {
        Self::Metric(metric)
    }
}

impl PartialEq<Metric> for Measure {
    fn eq(&self, metric: &Metric) -> bool {
        *self == Self::Metric(*metric)
    }
}

/// How good a hit is. Providers bring distances (also squared ones and negative products) into the
/// meaning of [`Metric`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Score {
    /// The value; `f32`, so that it prints without false digits.
    pub value: f32,
    /// What gives it its meaning and direction.
    pub measure: Measure,
}

impl Score {
    /// A score of that metric or measure.
    pub fn new(value: f32, measure: impl Into<Measure>) -> Self {
        Self { value, measure: measure.into() }
    }
}

/// What to search with.
#[derive(Debug, Clone, PartialEq)]
pub enum SearchQuery {
    /// A vector of the kind of the field that is searched.
    Vector(Vector),
    /// The stored vector of this record ("more like this"); the record itself is not among the hits.
    Like(RecordId),
    /// Text, which the maker itself reads; only where its capabilities and the collection say so.
    Text(TextQuery),
}

/// A question for the best hits.
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
    /// How good it is.
    pub score: Score,
}

impl Hit {
    /// The documented JSON shape: a record with `score`, `measure` (what the score is) and `metric`
    /// (the same word where that is a metric between vectors, else null).
    pub fn to_json(&self) -> serde_json::Value {
        let mut value = self.record.to_json();
        if let Some(object) = value.as_object_mut() {
            object.insert("score".into(), super::record::shortest(self.score.value));
            object.insert("measure".into(), self.score.measure.name().into());
            object.insert("metric".into(), self.score.measure.metric().map(Metric::name).into());
        }
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_score_of_words_is_no_metric() {
        let record =
            Record { id: RecordId::from(1_u64), vectors: None, payload: super::super::Payload::new(), text: None };
        let json = |measure| Hit { record: record.clone(), score: Score::new(0.5, measure) }.to_json();
        let near = json(Measure::Metric(Metric::Euclidean));
        assert_eq!((near["measure"].as_str(), near["metric"].as_str()), (Some("euclidean"), Some("euclidean")));
        for (measure, word) in [(Measure::Bm25, "bm25"), (Measure::Hybrid, "hybrid")] {
            let hit = json(measure);
            assert_eq!((hit["measure"].as_str(), hit["metric"].is_null()), (Some(word), true));
            assert!(measure.higher_is_better() && measure.direction().starts_with("no metric"));
        }
    }
}
