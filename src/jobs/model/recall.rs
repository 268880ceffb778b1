//! What an index check says: how much of the true neighbours a search through the index finds.

use std::collections::HashSet;
use std::hash::Hash;

use serde::Serialize;

use super::comparison::Way;

/// The outcome of checking an index against exact search.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Recall {
    /// What the database is called.
    pub target: String,
    /// The collection.
    pub collection: String,
    /// The vector field.
    pub vector: String,
    /// The index and its parameters, where the maker tells.
    pub index: Option<String>,
    /// Hits of each search.
    pub top: usize,
    /// Queries.
    pub queries: usize,
    /// With which seed they were taken from the collection; null where they were given.
    pub seed: Option<u64>,
    /// Mean, lowest and histogram.
    pub recall: Way,
    /// Mean time of a search through the index, in milliseconds.
    pub index_ms: f64,
    /// Mean time of an exact search.
    pub exact_ms: f64,
}

/// One hit as recall sees it: what it is, and how far away (lower is nearer).
#[derive(Debug, Clone, PartialEq)]
pub struct Found<T> {
    /// Its identity.
    pub id: T,
    /// The distance; scores of metrics where higher is nearer are negated.
    pub distance: f64,
}

/// The part of the true nearest that were found, 0 to 1. A hit that is as near as the last of the true
/// ones counts as one of them: which of several equally near records an answer has is chance.
pub fn recall<T: Eq + Hash>(found: &[Found<T>], truth: &[Found<T>]) -> f64 {
    let Some(last) = truth.last() else { return 1.0 };
    let ids: HashSet<&T> = truth.iter().map(|hit| &hit.id).collect();
    let slack = last.distance.abs() * 1e-6;
    let right = found.iter().filter(|hit| ids.contains(&hit.id) || hit.distance <= last.distance + slack).count();
    #[expect(clippy::cast_precision_loss, reason = "some thousand hits")]
    let part = right.min(truth.len()) as f64 / truth.len() as f64;
    part
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hits(of: &[(u64, f64)]) -> Vec<Found<u64>> {
        of.iter().map(|(id, distance)| Found { id: *id, distance: *distance }).collect()
    }

    #[test]
    fn an_equally_near_hit_is_as_good_and_a_farther_one_is_missed() {
        let truth = hits(&[(1, 0.1), (2, 0.2), (3, 0.2), (4, 0.5)]);
        assert_eq!(recall(&truth, &truth), 1.0);
        assert_eq!(recall(&hits(&[(1, 0.1), (2, 0.2), (3, 0.2), (9, 0.5)]), &truth), 1.0, "a tie at the end");
        assert_eq!(recall(&hits(&[(1, 0.1), (2, 0.2), (3, 0.2), (9, 0.6)]), &truth), 0.75);
        assert_eq!(recall(&[], &truth), 0.0);
        assert_eq!(recall(&truth, &[]), 1.0);
        // Scores where higher is nearer are below 0 here.
        assert_eq!(recall(&hits(&[(1, -0.9), (7, -0.7)]), &hits(&[(1, -0.9), (2, -0.8)])), 0.5);
    }
}
