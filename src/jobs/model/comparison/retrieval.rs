//! What searches find on two sides.

use serde::Serialize;

/// Two answers to the same questions, against each other.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Way {
    /// What is measured, a few words: `B's answers against A's exact ones`.
    pub what: String,
    /// The part of the first k hits of one answer that the other has, mean over the queries.
    pub mean: f64,
    /// The worst query.
    pub lowest: f64,
    /// Queries by their value: 0 to below 10 %, …, 90 to below 100 %, and 100 %.
    pub histogram: [u64; 11],
}

impl Way {
    /// Of the values of each query, 0 to 1.
    pub fn of(what: impl Into<String>, values: &[f64]) -> Self {
        let mut histogram = [0; 11];
        for value in values {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 10")]
            let at = (value.clamp(0.0, 1.0) * 10.0 + 1e-9) as usize;
            if let Some(bin) = histogram.get_mut(at) {
                *bin += 1;
            }
        }
        #[expect(clippy::cast_precision_loss, reason = "some thousand queries")]
        let mean = if values.is_empty() { 1.0 } else { values.iter().sum::<f64>() / values.len() as f64 };
        // Tenths do not add up to the last bit: 449 hits of 500 are 0.898, and pass a limit of 0.898.
        let mean = (mean * 1e12).round() / 1e12;
        Self { what: what.into(), mean, lowest: values.iter().copied().fold(1.0, f64::min), histogram }
    }
}

/// What searches find on both sides.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Retrieval {
    /// The vector that was searched, by the second side's name.
    pub vector: String,
    /// Hits of each search.
    pub top: usize,
    /// Queries.
    pub queries: usize,
    /// With which seed they were taken from the first side; null where they were given.
    pub seed: Option<u64>,
    /// By which measure the first, the second side scores its hits; null where none had any.
    pub measures: [Option<&'static str>; 2],
    /// Overlap and recall, one for each pair of answers that both sides can give.
    pub ways: Vec<Way>,
    /// What could not be measured, and why.
    pub left_out: Vec<String>,
}

impl Retrieval {
    /// The lowest mean of all ways; `None` where nothing could be measured.
    pub fn lowest_mean(&self) -> Option<f64> {
        let means = self.ways.iter().map(|way| way.mean).reduce(f64::min);
        means.filter(|_| self.queries > 0)
    }

    /// That the sides have two measures, where they have: then the nearest of one are not those of the other.
    pub fn unlike(&self) -> Option<String> {
        match self.measures {
            [Some(a), Some(b)] if a != b => {
                Some(format!("A is searched by {a}, B by {b}: the nearest by one are not those by the other"))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_stands_in_its_tenth_and_full_marks_apart() {
        let way = Way::of("x", &[0.0, 0.3, 0.99, 1.0, 1.0]);
        assert_eq!(way.histogram, [1, 0, 0, 1, 0, 0, 0, 0, 0, 1, 2]);
        assert!((way.mean - 0.658).abs() < 1e-9 && way.lowest == 0.0);
        let queries: Vec<f64> = (0..50).map(|at| if at == 0 { 0.8 } else { 0.9 }).collect();
        assert!(Way::of("x", &queries).mean >= 0.898, "tenths that are added up");
    }
}
