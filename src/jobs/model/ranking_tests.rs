use proptest::prelude::*;
use rstest::rstest;

use super::*;

fn list(text: &str) -> Vec<char> {
    text.chars().collect()
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-9
}

/// Table 1 of Webber et al. 2010: agreement of these two lists by depth, and its average.
#[test]
fn the_example_of_the_paper_comes_out() {
    let (s, t) = (list("abcdefg"), list("zcavwxy"));
    let agreement: Vec<f64> = (1..=7).map(|k| overlap_at(&s, &t, k)).collect();
    for (got, said) in agreement.iter().zip([0.0, 0.0, 0.667, 0.5, 0.4, 0.333, 0.286]) {
        assert!((got - said).abs() < 5e-4, "{got} is not {said}");
    }
    let average = agreement.iter().sum::<f64>() / 7.0;
    assert!((average - 0.312).abs() < 5e-4, "{average}");
}

#[rstest]
#[case("abcdefg", "bacdefg", 0.9, 0.9)]
#[case("abcdefg", "abcdefg", 0.5, 1.0)]
#[case("abc", "xyz", 0.9, 0.0)]
#[case("a", "abcde", 0.9, 1.0)]
#[case("", "", 0.9, 1.0)]
#[case("", "a", 0.9, 0.0)]
fn known_values_of_rbo(#[case] a: &str, #[case] b: &str, #[case] p: f64, #[case] known: f64) {
    assert!(near(rank_biased_overlap(&list(a), &list(b), p), known));
}

/// Wikipedia's example of intelligence and hours of television, and scipy's with a tie.
#[test]
fn known_values_of_spearman() {
    let iq = [106.0, 100.0, 86.0, 101.0, 99.0, 103.0, 97.0, 113.0, 112.0, 110.0];
    let hours = [7.0, 27.0, 2.0, 50.0, 28.0, 29.0, 20.0, 12.0, 6.0, 17.0];
    assert!(near(spearman(&iq, &hours).unwrap(), -29.0 / 165.0));
    let tied = spearman(&[1.0, 2.0, 3.0, 4.0, 5.0], &[5.0, 6.0, 7.0, 8.0, 7.0]).unwrap();
    assert!(near(tied, 0.820_782_681_668_123_3), "{tied}");
    assert_eq!(spearman(&[1.0], &[1.0]), None, "one pair has no order");
    assert_eq!(spearman(&[2.0, 2.0], &[1.0, 3.0]), None, "all are equal");
}

#[test]
fn equal_values_share_the_mean_of_their_ranks() {
    assert_eq!(ranks(&[10.0, 20.0, 10.0, 5.0]), [2.5, 4.0, 2.5, 1.0]);
}

#[test]
fn the_measures_of_two_lists_are_cut_at_k() {
    let agreement = Agreement::of(&list("abcx"), &list("acby"), 3);
    assert_eq!((agreement.k, agreement.common, agreement.overlap), (3, 3, 1.0));
    assert_eq!(agreement.spearman, Some(0.5));
    assert_eq!(Agreement::of(&list("abcx"), &list("acby"), 10).overlap, 0.75, "shorter than k: the length counts");
}

#[rstest]
#[case(Metric::Cosine, &[1.0, 0.0, -1.0], &[1.0, 0.5, 0.0])]
#[case(Metric::Dot, &[1.0, 0.0, -3.0], &[0.75, 0.5, 0.125])]
#[case(Metric::Euclidean, &[0.0, 1.0, 3.0], &[1.0, 0.5, 0.25])]
#[case(Metric::Manhattan, &[0.0, 3.0], &[1.0, 0.25])]
#[case(Measure::Bm25, &[8.0, 2.0], &[1.0, 0.25])]
fn scores_on_one_scale(#[case] measure: impl Into<Measure>, #[case] scores: &[f32], #[case] known: &[f64]) {
    let measure = measure.into();
    let scores: Vec<Score> = scores.iter().map(|value| Score::new(*value, measure)).collect();
    assert_eq!(normalised(&scores), known);
}

/// The definition itself, summed up far beyond the lists with the agreement that equation 32 supposes there.
fn summed(a: &[u8], b: &[u8], p: f64) -> f64 {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let x = |d: usize| {
        let (s, l) = (&short[..d.min(short.len())], &long[..d.min(long.len())]);
        s.iter().filter(|item| l.contains(item)).count() as f64
    };
    let (s, l) = (short.len(), long.len());
    let agreement = |d: usize| {
        if d <= s {
            x(d) / d as f64
        } else if d <= l {
            (x(d) + x(s) * (d - s) as f64 / s as f64) / d as f64
        } else {
            (x(l) - x(s)) / l as f64 + x(s) / s as f64
        }
    };
    (1_usize..3000).map(|d| (1.0 - p) * p.powi(d as i32 - 1) * agreement(d)).sum()
}

fn lists() -> impl Strategy<Value = (Vec<u8>, Vec<u8>)> {
    let items = || Just((0_u8..24).collect::<Vec<u8>>()).prop_shuffle();
    (items(), items(), 0_usize..=20, 0_usize..=20).prop_map(|(a, b, n, m)| (a[..n].to_vec(), b[..m].to_vec()))
}

proptest! {
    #[test]
    fn measures_keep_their_bounds_and_are_symmetric((a, b) in lists(), k in 0_usize..25, p in 0.05_f64..0.99) {
        let overlap = overlap_at(&a, &b, k);
        let rbo = rank_biased_overlap(&a, &b, p);
        prop_assert!((0.0..=1.0).contains(&overlap) && (0.0..=1.0).contains(&rbo));
        prop_assert_eq!(overlap, overlap_at(&b, &a, k));
        prop_assert!(near(rbo, rank_biased_overlap(&b, &a, p)));
        let (ab, ba) = (spearman_of(&a, &b), spearman_of(&b, &a));
        prop_assert_eq!(ab.is_some(), ba.is_some());
        if let (Some(ab), Some(ba)) = (ab, ba) {
            prop_assert!((-1.0..=1.0).contains(&ab) && near(ab, ba));
        }
    }

    #[test]
    fn a_list_is_like_itself_and_backwards_its_opposite((a, _) in lists(), p in 0.05_f64..0.99) {
        prop_assert_eq!(overlap_at(&a, &a, 10), 1.0);
        prop_assert!(near(rank_biased_overlap(&a, &a, p), 1.0));
        let back: Vec<u8> = a.iter().rev().copied().collect();
        if a.len() > 1 {
            prop_assert!(near(spearman_of(&a, &a).unwrap(), 1.0));
            prop_assert!(near(spearman_of(&a, &back).unwrap(), -1.0));
        }
    }

    #[test]
    fn rbo_is_the_sum_that_defines_it((a, b) in lists(), p in 0.05_f64..0.98) {
        if !a.is_empty() && !b.is_empty() {
            let (rbo, summed) = (rank_biased_overlap(&a, &b, p), summed(&a, &b, p));
            prop_assert!((rbo - summed).abs() < 1e-9, "{} is not {}", rbo, summed);
        }
    }

    #[test]
    fn swapping_late_ranks_matters_less(p in 0.1_f64..0.95) {
        let whole: Vec<u8> = (0..10).collect();
        let swapped = |at: usize| { let mut list = whole.clone(); list.swap(at, at + 1); list };
        let early = rank_biased_overlap(&whole, &swapped(0), p);
        prop_assert!(early < rank_biased_overlap(&whole, &swapped(7), p));
    }

    #[test]
    fn one_scale_keeps_order_and_bounds(values in prop::collection::vec(-1e6_f32..1e6, 0..20)) {
        for measure in [Metric::Cosine, Metric::Dot, Metric::Euclidean, Metric::Manhattan].map(Measure::from)
            .into_iter().chain([Measure::Bm25, Measure::Hybrid])
        {
            let scores: Vec<Score> = values.iter().map(|value| Score::new(*value, measure)).collect();
            let scaled = normalised(&scores);
            prop_assert!(scaled.iter().all(|value| (0.0..=1.0).contains(value)));
            for (i, j) in (0..values.len()).flat_map(|i| (0..values.len()).map(move |j| (i, j))) {
                let nearer = if measure.higher_is_better() { values[i] > values[j] } else { values[i] < values[j] };
                prop_assert!(!nearer || scaled[i] >= scaled[j], "{:?}", measure);
            }
        }
    }
}
