//! How near two vectors are, for providers that search by looking at every vector.

use super::model::Metric;

/// A query, ready to be compared with many vectors. Sums are of `f64`.
pub(super) struct Comparison {
    metric: Metric,
    query: Vec<f32>,
    norm: f64,
}

impl Comparison {
    /// Ready to compare with this one.
    pub(super) fn new(metric: Metric, query: Vec<f32>) -> Self {
        let norm = dot(&query, &query).sqrt();
        Self { metric, query, norm }
    }

    /// The score in the meaning of the metric. A vector of length 0 is similar to nothing.
    pub(super) fn score(&self, vector: &[f32]) -> f32 {
        let score = match self.metric {
            Metric::Dot => dot(&self.query, vector),
            Metric::Cosine => {
                let norms = self.norm * dot(vector, vector).sqrt();
                if norms == 0.0 { 0.0 } else { (dot(&self.query, vector) / norms).clamp(-1.0, 1.0) }
            }
            Metric::Euclidean => self.differences(vector).map(|d| d * d).sum::<f64>().sqrt(),
            Metric::Manhattan => self.differences(vector).map(f64::abs).sum(),
        };
        #[allow(clippy::cast_possible_truncation)] // scores are f32 everywhere
        let score = score as f32;
        score
    }

    fn differences<'a>(&'a self, vector: &'a [f32]) -> impl Iterator<Item = f64> + 'a {
        self.query.iter().zip(vector).map(|(a, b)| f64::from(*a) - f64::from(*b))
    }
}

fn dot(a: &[f32], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
}
