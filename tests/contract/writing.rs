//! Writing, replacing, deleting, dropping.

use serde_json::json;
use vector_inspector::provider::ProviderError;
use vector_inspector::provider::model::{CollectionSpec, Metric, VectorKind, VectorSpec};

use crate::bench::{Bench, DIMENSION, dense, object, point, record};
use crate::copying::field;

crate::cases!(
    an_upsert_replaces_the_whole_record needs write,
    the_last_of_two_records_with_one_id_wins needs write,
    writing_nothing_is_no_error needs write,
    deleted_records_are_gone_and_missing_ones_no_error needs write,
    a_dropped_collection_is_gone_and_its_name_free needs write,
    what_cannot_be_made_is_told_beforehand_in_the_same_words needs write,
);

async fn an_upsert_replaces_the_whole_record(bench: &Bench) {
    let name = bench.filled(4).await;
    bench.put(&name, vec![record(bench.id(2), point(50), json!({ "only": "this" }))]).await;
    let got = bench.db.get(&name, &[bench.id(2)], true).await.unwrap();
    assert_eq!(got[0].payload, object(json!({ "only": "this" })), "no field of the old record is left");
    assert_eq!(dense(&got[0]), point(50));
    assert_eq!(bench.db.count(&name, None).await.unwrap().value, 4);
}

async fn the_last_of_two_records_with_one_id_wins(bench: &Bench) {
    let name = bench.empty(DIMENSION, Metric::Euclidean).await;
    let once = record(bench.id(1), point(1), json!({ "turn": 1, "first": true }));
    let again = record(bench.id(1), point(2), json!({ "turn": 2 }));
    bench.put(&name, vec![once, again]).await;
    let got = bench.db.get(&name, &[bench.id(1)], true).await.unwrap();
    assert_eq!(got[0].payload, object(json!({ "turn": 2 })));
    assert_eq!(dense(&got[0]), point(2));
    assert_eq!(bench.db.count(&name, None).await.unwrap().value, 1);
}

async fn writing_nothing_is_no_error(bench: &Bench) {
    let name = bench.filled(2).await;
    bench.db.upsert(&name, Vec::new()).await.unwrap();
    bench.db.delete(&name, &[]).await.unwrap();
    assert_eq!(bench.db.count(&name, None).await.unwrap().value, 2);
}

async fn deleted_records_are_gone_and_missing_ones_no_error(bench: &Bench) {
    let name = bench.filled(10).await;
    bench.db.delete(&name, &[3, 4, 999].map(|n| bench.id(n))).await.unwrap();
    bench.db.delete(&name, &[bench.id(3)]).await.unwrap();
    assert_eq!(bench.db.count(&name, None).await.unwrap().value, 8);
    let left: Vec<_> = bench.walk(&name, 3, false).await.into_iter().map(|record| record.id).collect();
    assert_eq!(left.len(), 8);
    assert!(!left.contains(&bench.id(3)) && !left.contains(&bench.id(4)), "{left:?}");
}

async fn a_dropped_collection_is_gone_and_its_name_free(bench: &Bench) {
    let name = bench.filled(3).await;
    bench.db.drop_collection(&name).await.unwrap();
    let missing = ProviderError::NoSuchCollection { collection: name.clone() };
    assert_eq!(bench.db.count(&name, None).await.unwrap_err(), missing);
    assert!(!bench.db.collections().await.unwrap().iter().any(|collection| collection.name == name));
    bench.db.create_collection(&CollectionSpec::dense(&name, 2, Metric::Cosine)).await.unwrap();
    assert_eq!(bench.db.count(&name, None).await.unwrap().value, 0, "nothing of the old one came back");
    bench.put(&name, vec![record(bench.id(1), vec![1.0, 0.0], json!({}))]).await;
    assert_eq!(bench.db.describe(&name).await.unwrap().summary.vectors[0].dimension, Some(2));
}

/// Names of which each maker takes some: around one that is free.
fn odd_names(free: &str) -> Vec<String> {
    let ends = ["/x", ".x", ":x", "..x", " x", "-", "_", ".", "\u{e9}", "*", "\\", "\"", "?"];
    let starts = ["-", "_", ".", "+", "1"];
    let mut names = vec![String::new(), free.to_uppercase(), format!("{free}{}", "x".repeat(600))];
    names.extend(ends.iter().map(|end| format!("{free}{end}")));
    names.extend(starts.iter().map(|start| format!("{start}{free}")));
    names
}

/// Vectors of which each maker makes some.
fn odd_vectors() -> Vec<Vec<VectorSpec>> {
    let plain = field("", DIMENSION, Metric::Dot);
    let of = |kind, dimension, metric| VectorSpec { kind, dimension, metric, ..plain.clone() };
    let (dot, some) = (Some(Metric::Dot), Some(DIMENSION));
    vec![
        Vec::new(),
        vec![of(VectorKind::Dense, None, dot)],
        vec![of(VectorKind::Dense, Some(0), dot)],
        vec![of(VectorKind::Dense, Some(1), dot)],
        vec![of(VectorKind::Dense, Some(70_000), dot)],
        vec![of(VectorKind::Dense, some, None)],
        vec![of(VectorKind::Dense, some, Some(Metric::Manhattan))],
        vec![of(VectorKind::Sparse, None, dot)],
        vec![of(VectorKind::Sparse, None, Some(Metric::Cosine))],
        vec![of(VectorKind::Multi, some, dot)],
        vec![plain.clone(), plain.clone()],
        vec![field("a", DIMENSION, Metric::Dot), field("b", DIMENSION, Metric::Cosine)],
        vec![field("my-title", DIMENSION, Metric::Dot)],
        vec![field("id", DIMENSION, Metric::Dot)],
        vec![field("a.b", DIMENSION, Metric::Dot)],
    ]
}

async fn what_cannot_be_made_is_told_beforehand_in_the_same_words(bench: &Bench) {
    let plain = CollectionSpec::dense(&bench.name(), DIMENSION, Metric::Euclidean);
    assert_eq!(bench.db.check_new(&plain).await, Ok(()));
    // Asked again, because it would be another answer if the question had made something.
    assert_eq!(bench.db.check_new(&plain).await, Ok(()));
    assert!(!bench.db.collections().await.unwrap().iter().any(|one| one.name == plain.name), "asking made it");
    let free = bench.name();
    let named = odd_names(&free).into_iter().map(|name| CollectionSpec { name, ..plain.clone() });
    let shaped = odd_vectors().into_iter().map(|vectors| CollectionSpec { name: free.clone(), vectors });
    for spec in named.chain(shaped) {
        let told = bench.db.check_new(&spec).await;
        let made = bench.db.create_collection(&spec).await;
        if made.is_ok() {
            let dropped = bench.db.drop_collection(&spec.name).await;
            assert_eq!(dropped, Ok(()), "{spec:?}");
        }
        // What is not told beforehand may still be refused by the server.
        if told.is_err() {
            assert_eq!(told, made, "{spec:?}");
        }
        // In memory anything is a name.
        let in_memory = ["scripted", "parquet_backup"].contains(&bench.maker);
        assert!(!spec.name.is_empty() || told.is_err() || in_memory, "the empty name is taken");
    }
}
