//! Vectors: exact, named, sparse, several in one field.

use serde_json::json;
use vector_inspector::provider::model::{
    CollectionSpec, Metric, Record, SearchQuery, SearchRequest, Vector, VectorKind, VectorSpec, Vectors,
};
use vector_inspector::provider::{ErrorKind, ProviderError};

use crate::bench::{Bench, dense, object, record};

crate::cases!(
    vectors_are_exact_to_the_last_bit,
    a_record_of_another_dimension_is_refused,
    named_vectors_are_listed_read_and_searched needs named_vectors,
    sparse_vectors_are_read_and_searched needs sparse_vectors,
    multi_vectors_are_read_and_searched needs multi_vectors,
);

/// In a Euclidean collection: makers may normalise vectors where the metric is cosine.
async fn vectors_are_exact_to_the_last_bit(bench: &Bench) {
    let values = vec![0.1, 1.0 / 3.0, -0.0, 16_777_216.0, 1e-7, 123_456.79, f32::EPSILON, -2.5e10];
    let name = bench.empty(values.len(), Metric::Euclidean).await;
    bench.put(&name, vec![record(bench.id(1), values.clone(), json!({}))]).await;
    let bits = |values: &[f32]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
    let got = bench.db.get(&name, &[bench.id(1)], true).await.unwrap();
    assert_eq!(bits(dense(&got[0])), bits(&values), "{:?}", dense(&got[0]));
    assert!(got[0].to_json()["vectors"].to_string().starts_with("[0.1,0.33333334,"));
    let paged = bench.walk(&name, 10, true).await;
    assert_eq!(bits(dense(&paged[0])), bits(&values));
}

async fn a_record_of_another_dimension_is_refused(bench: &Bench) {
    let name = bench.filled(3).await;
    let error = bench.db.upsert(&name, vec![record(bench.id(9), vec![1.0], json!({}))]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Request, "{error}");
    assert_eq!(bench.db.count(&name, None).await.unwrap().value, 3);
}

fn field(name: &str, kind: VectorKind, dimension: Option<usize>, metric: Metric) -> VectorSpec {
    VectorSpec { name: name.to_owned(), kind, dimension, metric: Some(metric), index: None, embedder: None }
}

async fn with_fields(bench: &Bench, vectors: Vec<VectorSpec>) -> String {
    let name = bench.name();
    bench.db.create_collection(&CollectionSpec { name: name.clone(), vectors }).await.unwrap();
    name
}

fn named(bench: &Bench, n: usize, vectors: Vec<(&str, Vector)>) -> Record {
    let vectors = vectors.into_iter().map(|(name, vector)| (name.to_owned(), vector)).collect();
    Record { id: bench.id(n), vectors: Some(Vectors(vectors)), payload: object(json!({ "n": n })), text: None }
}

async fn search(bench: &Bench, collection: &str, using: &str, vector: Vector) -> Vec<String> {
    let request = SearchRequest { using: Some(using.to_owned()), ..SearchRequest::new(SearchQuery::Vector(vector), 2) };
    let hits = bench.db.search(collection, &request).await.unwrap();
    hits.iter().map(|hit| hit.record.id.to_string()).collect()
}

async fn named_vectors_are_listed_read_and_searched(bench: &Bench) {
    let name = with_fields(
        bench,
        vec![
            field("title", VectorKind::Dense, Some(2), Metric::Euclidean),
            field("body", VectorKind::Dense, Some(3), Metric::Dot),
        ],
    )
    .await;
    let one = vec![("title", Vector::Dense(vec![0.0, 0.5])), ("body", Vector::Dense(vec![9.0, 0.0, 0.0]))];
    let two = vec![("title", Vector::Dense(vec![5.0, 5.0])), ("body", Vector::Dense(vec![1.0, 0.0, 0.0]))];
    bench.put(&name, vec![named(bench, 1, one.clone()), named(bench, 2, two)]).await;

    let mut fields = bench.db.describe(&name).await.unwrap().summary.vectors;
    fields.sort_by(|a, b| a.name.cmp(&b.name));
    let fields: Vec<_> = fields.iter().map(|f| (f.name.as_str(), f.dimension, f.metric)).collect();
    assert_eq!(fields, [("body", Some(3), Some(Metric::Dot)), ("title", Some(2), Some(Metric::Euclidean))]);

    let got = bench.db.get(&name, &[bench.id(1)], true).await.unwrap();
    let vectors = got[0].vectors.as_ref().unwrap();
    for (field, vector) in &one {
        assert_eq!(vectors.get(field), Some(vector));
    }
    let order = |ns: [usize; 2]| ns.map(|n| bench.id(n).to_string()).to_vec();
    assert_eq!(search(bench, &name, "title", Vector::Dense(vec![5.0, 4.0])).await, order([2, 1]));
    assert_eq!(search(bench, &name, "body", Vector::Dense(vec![1.0, 0.0, 0.0])).await, order([1, 2]));
    let query = SearchQuery::Vector(Vector::Dense(vec![1.0, 2.0]));
    let unknown = SearchRequest { using: Some("nope".to_owned()), ..SearchRequest::new(query, 1) };
    let error = bench.db.search(&name, &unknown).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Request, "{error}");
}

async fn sparse_vectors_are_read_and_searched(bench: &Bench) {
    // Beside a dense one, or alone and without a name where a maker has one vector for each record.
    let both = vec![
        field("dense", VectorKind::Dense, Some(2), Metric::Euclidean),
        field("words", VectorKind::Sparse, None, Metric::Dot),
    ];
    let name = bench.name();
    let spec = CollectionSpec { name: name.clone(), vectors: both };
    let (name, words) = match bench.db.create_collection(&spec).await {
        Ok(()) => (name, "words"),
        Err(ProviderError::Unsupported { .. }) => {
            (with_fields(bench, vec![field("", VectorKind::Sparse, None, Metric::Dot)]).await, "")
        }
        Err(error) => panic!("{error}"),
    };
    let named_ones = !words.is_empty();
    let sparse =
        |indices: &[u32], values: &[f32]| Vector::Sparse { indices: indices.to_vec(), values: values.to_vec() };
    let with = |n: usize, vector: Vector| {
        let dense = named_ones.then(|| ("dense", Vector::Dense(vec![1.0, 2.0])));
        named(bench, n, dense.into_iter().chain([(words, vector)]).collect())
    };
    let first = sparse(&[1, 70_000], &[0.5, 2.0]);
    bench.put(&name, vec![with(1, first.clone()), with(2, sparse(&[1, 2], &[3.0, 1.0]))]).await;
    let got = bench.db.get(&name, &[bench.id(1)], true).await.unwrap();
    assert_eq!(got[0].vectors.as_ref().unwrap().get(words), Some(&first));
    let found = search(bench, &name, words, sparse(&[1], &[1.0])).await;
    assert_eq!(found, [2, 1].map(|n| bench.id(n).to_string()));
}

async fn multi_vectors_are_read_and_searched(bench: &Bench) {
    let name = with_fields(bench, vec![field("tokens", VectorKind::Multi, Some(2), Metric::Dot)]).await;
    let first = Vector::Multi(vec![vec![1.0, 0.0], vec![0.0, 0.25]]);
    let one = named(bench, 1, vec![("tokens", first.clone())]);
    let two = named(bench, 2, vec![("tokens", Vector::Multi(vec![vec![0.0, 4.0]]))]);
    bench.put(&name, vec![one, two]).await;
    let got = bench.db.get(&name, &[bench.id(1)], true).await.unwrap();
    assert_eq!(got[0].vectors.as_ref().unwrap().get("tokens"), Some(&first));
    let found = search(bench, &name, "tokens", Vector::Multi(vec![vec![0.0, 1.0]])).await;
    assert_eq!(found, [2, 1].map(|n| bench.id(n).to_string()));
}
