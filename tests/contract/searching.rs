//! Nearest neighbours and what their scores mean.

use vector_inspector::provider::model::{Hit, Metric, SearchQuery, SearchRequest, Vector};
use vector_inspector::provider::{ErrorKind, ProviderError};

use crate::bench::{Bench, METRICS, dense, point, record};

crate::cases!(
    search_finds_the_known_neighbours_with_right_scores,
    search_gives_no_more_than_asked_for,
    search_like_leaves_out_the_record_itself needs search_like,
    search_like_a_missing_record_names_it needs search_like,
    search_brings_vectors_only_when_asked,
    search_with_a_wrong_dimension_is_refused,
    search_around_the_index_agrees needs exact_search,
);

fn near(vector: Vec<f32>, top: usize) -> SearchRequest {
    SearchRequest::new(SearchQuery::Vector(Vector::Dense(vector)), top)
}

fn ids(hits: &[Hit]) -> Vec<String> {
    hits.iter().map(|hit| hit.record.id.to_string()).collect()
}

/// What the score of a metric is by definition, in `f64`.
fn expected(metric: Metric, a: &[f32], b: &[f32]) -> f64 {
    let pairs = || a.iter().zip(b).map(|(x, y)| (f64::from(*x), f64::from(*y)));
    let dot = pairs().map(|(x, y)| x * y).sum::<f64>();
    match metric {
        Metric::Dot => dot,
        Metric::Cosine => {
            let norm = |v: &[f32]| v.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>().sqrt();
            dot / (norm(a) * norm(b))
        }
        Metric::Euclidean => pairs().map(|(x, y)| (x - y).powi(2)).sum::<f64>().sqrt(),
        Metric::Manhattan => pairs().map(|(x, y)| (x - y).abs()).sum(),
    }
}

async fn search_finds_the_known_neighbours_with_right_scores(bench: &Bench) {
    let vectors = [
        vec![3.0, 4.0, 0.0],
        vec![6.0, 8.0, 1.0],
        vec![-3.0, -4.0, 0.25],
        vec![0.0, 2.0, 0.0],
        vec![10.0, -1.0, 0.25],
        vec![0.5, 0.0, -7.0],
    ];
    let query = vec![1.0, 2.0, 0.5];
    for metric in METRICS {
        let Some(name) = bench.try_empty(3, metric).await else { continue };
        let records = vectors.iter().enumerate();
        let records = records.map(|(n, vector)| record(bench.id(n), vector.clone(), serde_json::json!({ "n": n })));
        bench.put(&name, records.collect()).await;

        let mut scores: Vec<_> =
            vectors.iter().enumerate().map(|(n, vector)| (n, expected(metric, &query, vector))).collect();
        scores.sort_by(|a, b| if metric.higher_is_better() { b.1.total_cmp(&a.1) } else { a.1.total_cmp(&b.1) });
        let hits = bench.db.search(&name, &near(query.clone(), 4)).await.unwrap();

        let wanted: Vec<_> = scores.iter().take(4).map(|(n, _)| bench.id(*n).to_string()).collect();
        assert_eq!(ids(&hits), wanted, "{}", metric.name());
        for (hit, (n, score)) in hits.iter().zip(&scores) {
            assert_eq!(hit.score.measure, metric);
            let found = f64::from(hit.score.value);
            assert!((found - score).abs() < 1e-4 * score.abs().max(1.0), "{}: {found} for {score}", metric.name());
            assert_eq!(hit.record.payload["n"], serde_json::json!(n), "{}", metric.name());
        }
    }
}

async fn search_gives_no_more_than_asked_for(bench: &Bench) {
    let name = bench.filled(8).await;
    for (top, expected) in [(1, 1), (5, 5), (8, 8), (1000, 8)] {
        let hits = bench.db.search(&name, &near(point(3), top)).await.unwrap();
        assert_eq!(hits.len(), expected, "top {top}");
        assert_eq!(hits[0].record.id, bench.id(3), "the nearest is first");
    }
}

async fn search_like_leaves_out_the_record_itself(bench: &Bench) {
    let name = bench.filled(10).await;
    let hits = bench.db.search(&name, &SearchRequest::new(SearchQuery::Like(bench.id(0)), 3)).await.unwrap();
    assert_eq!(ids(&hits), [1, 2, 3].map(|n| bench.id(n).to_string()));
    assert!((hits[0].score.value - 1.0).abs() < 1e-5, "{:?}", hits[0].score);
    let all = bench.db.search(&name, &SearchRequest::new(SearchQuery::Like(bench.id(0)), 100)).await.unwrap();
    assert_eq!(all.len(), 9);
}

async fn search_like_a_missing_record_names_it(bench: &Bench) {
    let name = bench.filled(2).await;
    let missing = bench.id(77);
    let answer = bench.db.search(&name, &SearchRequest::new(SearchQuery::Like(missing.clone()), 3)).await;
    assert_eq!(answer.unwrap_err(), ProviderError::NoSuchRecord { collection: name, id: missing.to_string() });
}

async fn search_brings_vectors_only_when_asked(bench: &Bench) {
    let name = bench.filled(5).await;
    let without = bench.db.search(&name, &near(point(2), 2)).await.unwrap();
    assert!(without.iter().all(|hit| hit.record.vectors.is_none()));
    assert_eq!(without[0].record.payload, bench.record(2).payload);
    let with = bench.db.search(&name, &SearchRequest { with_vectors: true, ..near(point(2), 2) }).await.unwrap();
    assert_eq!(dense(&with[0].record), point(2));
}

async fn search_with_a_wrong_dimension_is_refused(bench: &Bench) {
    let name = bench.filled(5).await;
    let error = bench.db.search(&name, &near(vec![1.0, 2.0], 2)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Request, "{error}");
    assert_eq!(bench.db.count(&name, None).await.unwrap().value, 5, "the connection is well");
}

async fn search_around_the_index_agrees(bench: &Bench) {
    let name = bench.filled(60).await;
    let exact = bench.db.search(&name, &SearchRequest { exact: true, ..near(point(30), 5) }).await.unwrap();
    let mut nearest = ids(&exact);
    nearest.sort();
    let mut wanted = [28, 29, 30, 31, 32].map(|n| bench.id(n).to_string());
    wanted.sort();
    assert_eq!(nearest, wanted);
    assert_eq!(exact[0].record.id, bench.id(30));
}
