//! How alike two ranked lists are: overlap@k, rank-biased overlap, Spearman's rho, scores on one scale.
//!
//! Pure maths over lists of distinct items, best first. What makes two items the same is the caller's
//! business: `matching` gives hits of two databases common keys. The screen's side by side, the command
//! `search --also` and the comparing of two collections all count with this.

use std::collections::HashMap;
use std::hash::Hash;

use crate::provider::model::{Measure, Metric, Score};

/// The persistence of [`rank_biased_overlap`] that screen and commands use: with 0.9 the first ten ranks
/// have about 86 percent of the weight (Webber et al. 2010, equation 21).
pub const RBO_P: f64 = 0.9;

/// What two ranked lists have in common, as numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Agreement {
    /// How deep the lists were asked for.
    pub k: usize,
    /// Items that both have.
    pub common: usize,
    /// [`overlap_at`] k.
    pub overlap: f64,
    /// [`rank_biased_overlap`] at [`RBO_P`].
    pub rbo: f64,
    /// [`spearman_of`] the common items; `None` with fewer than two of them.
    pub spearman: Option<f64>,
}

impl Agreement {
    /// Of two lists, each cut at k.
    pub fn of<T: Eq + Hash>(a: &[T], b: &[T], k: usize) -> Self {
        let (a, b) = (cut(a, k), cut(b, k));
        let common = positions(a, b).iter().flatten().count();
        Self {
            k,
            common,
            overlap: overlap_at(a, b, k),
            rbo: rank_biased_overlap(a, b, RBO_P),
            spearman: spearman_of(a, b),
        }
    }
}

fn cut<T>(list: &[T], k: usize) -> &[T] {
    list.get(..k).unwrap_or(list)
}

/// Where each item of `a` is in `b`, counted from 0; `None` where it is not.
pub fn positions<T: Eq + Hash>(a: &[T], b: &[T]) -> Vec<Option<usize>> {
    let places: HashMap<&T, usize> = b.iter().enumerate().map(|(place, item)| (item, place)).collect();
    a.iter().map(|item| places.get(item).copied()).collect()
}

/// The part of the first k that both lists have, 0 to 1, whatever the order. Where both lists are shorter
/// than k (a small collection, a narrow filter) the longer one's length counts as k. Two empty lists are
/// equal: 1.
pub fn overlap_at<T: Eq + Hash>(a: &[T], b: &[T], k: usize) -> f64 {
    let (a, b) = (cut(a, k), cut(b, k));
    let longest = a.len().max(b.len());
    if longest == 0 {
        return 1.0;
    }
    number(positions(a, b).iter().flatten().count()) / number(longest)
}

/// Rank-biased overlap, extrapolated: `RBO_EXT` of Webber, Moffat and Zobel, "A similarity measure for
/// indefinite rankings", ACM TOIS 28(4), 2010, equation 32, which also holds for lists of different length:
///
/// ```text
/// (1-p)/p · ( Σ d=1..l  X_d/d · p^d  +  Σ d=s+1..l  X_s·(d-s)/(s·d) · p^d )  +  ( (X_l-X_s)/l + X_s/s ) · p^l
/// ```
///
/// with s and l the lengths of the shorter and the longer list and `X_d` the number of items that both have
/// down to depth d. 0 for lists without a common item, 1 for equal ones; early ranks weigh more, the more
/// so the smaller p is (0 < p < 1). Two empty lists are equal: 1; an empty one and another: 0.
pub fn rank_biased_overlap<T: Eq + Hash>(a: &[T], b: &[T], p: f64) -> f64 {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let (s, l) = (short.len(), long.len());
    if s == 0 {
        return if l == 0 { 1.0 } else { 0.0 };
    }
    // The depth from which on an item counts: where the later of its two places is.
    let mut new_at = vec![0_usize; l];
    for (place, other) in positions(short, long).into_iter().enumerate() {
        if let Some(at) = other.and_then(|other| new_at.get_mut(place.max(other))) {
            *at += 1;
        }
    }
    let x_s = number(new_at.iter().take(s).sum());
    let (mut sum, mut x, mut weight) = (0.0, 0.0, 1.0);
    for (before, new) in new_at.into_iter().enumerate() {
        let depth = number(before + 1);
        weight *= p;
        x += number(new);
        let unseen = if before < s { 0.0 } else { x_s * (depth - number(s)) / number(s) };
        sum += (x + unseen) / depth * weight;
    }
    let rest = (x - x_s) / number(l) + x_s / number(s);
    ((1.0 - p) / p * sum + rest * weight).clamp(0.0, 1.0)
}

/// Spearman's rho of the order in which two lists have their common items, -1 to 1; `None` with fewer than
/// two of them.
pub fn spearman_of<T: Eq + Hash>(a: &[T], b: &[T]) -> Option<f64> {
    let pairs = positions(a, b).into_iter().enumerate().filter_map(|(place, other)| Some((place, other?)));
    let (x, y): (Vec<f64>, Vec<f64>) = pairs.map(|(place, other)| (number(place), number(other))).unzip();
    spearman(&x, &y)
}

/// Spearman's rho of paired values: Pearson's correlation of their ranks, where equal values share the mean
/// of their ranks. `None` with fewer than two pairs, or where all values of one side are equal.
pub fn spearman(x: &[f64], y: &[f64]) -> Option<f64> {
    let paired = x.len().min(y.len());
    let (x, y) = (ranks(cut(x, paired)), ranks(cut(y, paired)));
    let mean = (number(paired) + 1.0) / 2.0;
    let (mut xy, mut xx, mut yy) = (0.0, 0.0, 0.0);
    for (x, y) in x.into_iter().zip(y) {
        let (x, y) = (x - mean, y - mean);
        (xy, xx, yy) = (xy + x * y, xx + x * x, yy + y * y);
    }
    let spread = (xx * yy).sqrt();
    (spread > 0.0).then(|| (xy / spread).clamp(-1.0, 1.0))
}

/// The ranks of values from 1, the smallest first; equal values share the mean of their ranks.
pub fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<(usize, f64)> = values.iter().copied().enumerate().collect();
    order.sort_by(|(_, a), (_, b)| a.total_cmp(b));
    let mut ranks = vec![0.0; values.len()];
    let mut before = 0;
    for equal in order.chunk_by(|(_, a), (_, b)| a == b) {
        let mean = number(before) + (number(equal.len()) + 1.0) / 2.0;
        for (place, _) in equal {
            if let Some(rank) = ranks.get_mut(*place) {
                *rank = mean;
            }
        }
        before += equal.len();
    }
    ranks
}

/// The scores of one list on a scale from 0 to 1 where higher is nearer, whatever the metric:
///
/// | measure | formula |
/// |---|---|
/// | cosine | `(1 + s) / 2` |
/// | dot | `1/2 + s / (2 · (1 + abs(s)))` |
/// | euclidean, manhattan | `1 / (1 + d)` |
/// | bm25, hybrid | `s / best of this list` |
///
/// Each keeps the order of its list. Values of the same metric compare across lists, those of two metrics
/// only roughly, and words' scores (BM25, hybrid) not at all. What is no number becomes 0.
pub fn normalised(scores: &[Score]) -> Vec<f64> {
    let best = scores.iter().map(|score| f64::from(score.value)).fold(0.0, f64::max);
    scores.iter().map(|score| on_one_scale(*score, best)).collect()
}

fn on_one_scale(score: Score, best: f64) -> f64 {
    let s = f64::from(score.value);
    let value = match score.measure {
        Measure::Metric(Metric::Cosine) => f64::midpoint(1.0, s),
        Measure::Metric(Metric::Dot) if s.is_infinite() => f64::from(u8::from(s > 0.0)),
        Measure::Metric(Metric::Dot) => 0.5 + s / (2.0 * (1.0 + s.abs())),
        Measure::Metric(Metric::Euclidean | Metric::Manhattan) => 1.0 / (1.0 + s.max(0.0)),
        Measure::Bm25 | Measure::Hybrid if best > 0.0 => s / best,
        Measure::Bm25 | Measure::Hybrid => 0.0,
    };
    if value.is_nan() { 0.0 } else { value.clamp(0.0, 1.0) }
}

/// The formula of [`normalised`] for a measure, in words for people.
pub fn formula(measure: Measure) -> &'static str {
    match measure {
        Measure::Metric(Metric::Cosine) => "(1+s)/2",
        Measure::Metric(Metric::Dot) => "1/2+s/(2(1+|s|))",
        Measure::Metric(Metric::Euclidean | Metric::Manhattan) => "1/(1+d)",
        Measure::Bm25 | Measure::Hybrid => "s/best",
    }
}

#[expect(clippy::cast_precision_loss, reason = "lists of hits are short")]
fn number(count: usize) -> f64 {
    count as f64
}

#[cfg(test)]
#[path = "ranking_tests.rs"]
#[allow(clippy::unwrap_used)]
mod tests;
