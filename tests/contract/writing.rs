//! Writing, replacing, deleting, dropping.

use serde_json::json;
use vector_inspector::provider::ProviderError;
use vector_inspector::provider::model::{CollectionSpec, Metric};

use crate::bench::{Bench, DIMENSION, dense, object, point, record};

crate::cases!(
    an_upsert_replaces_the_whole_record needs write,
    the_last_of_two_records_with_one_id_wins needs write,
    writing_nothing_is_no_error needs write,
    deleted_records_are_gone_and_missing_ones_no_error needs write,
    a_dropped_collection_is_gone_and_its_name_free needs write,
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
