//! The provider on real shards in temporary directories. What holds for every provider is in the
//! contract suite (`tests/contract.rs`); here is what is peculiar to a directory on disk.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs::{self, File};
use std::path::Path;

use serde_json::json;
use tempfile::TempDir;
use uuid::Uuid;

use super::*;
use crate::provider::model::{Metric, Payload, SearchQuery, Vector, VectorKind, VectorSpec, Vectors};
use crate::provider::{Gate, Lock, ProviderKind, make_embedded};

fn record(id: impl Into<RecordId>, vector: &[f32]) -> Record {
    let id = id.into();
    let payload = json!({ "name": id.to_string() }).as_object().unwrap().clone();
    Record { id, vectors: Some(Vectors::unnamed(vector.to_vec())), payload, text: None }
}

async fn reopen(dir: &Path) -> Result<QdrantEdge> {
    QdrantEdge::open(&ConnectSpec::directory(ProviderKind::QdrantEdge, dir)).await
}

async fn database_with(records: Vec<Record>, metric: Metric) -> (TempDir, QdrantEdge) {
    let dir = tempfile::tempdir().unwrap();
    let database = QdrantEdge::create(dir.path()).await.unwrap();
    database.create_collection(&CollectionSpec::dense("c", 2, metric)).await.unwrap();
    database.upsert("c", records).await.unwrap();
    (dir, database)
}

async fn all_ids(database: &QdrantEdge, limit: usize) -> Vec<RecordId> {
    let mut request = PageRequest::first(limit);
    let mut ids = Vec::new();
    loop {
        let page = database.page("c", &request).await.unwrap();
        assert!(page.records.len() <= limit);
        ids.extend(page.records.into_iter().map(|r| r.id));
        match page.next {
            Some(cursor) => request.cursor = Some(cursor),
            None => return ids,
        }
    }
}

#[tokio::test]
async fn it_says_who_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let database = QdrantEdge::create(dir.path()).await.unwrap();
    let info = database.ping().await.unwrap();
    assert_eq!((info.product.as_str(), info.version.as_str()), ("qdrant-edge", "0.7.2"));
}

#[test]
fn the_version_told_is_the_version_built() {
    let lock = include_str!("../../../Cargo.lock");
    assert!(lock.contains(&format!("name = \"qdrant-edge\"\nversion = \"{VERSION}\"\n")));
}

#[tokio::test]
async fn ids_at_both_ends_and_uuids_come_back_in_order_page_by_page() {
    let uuids = [Uuid::nil(), Uuid::from_u128(1 << 100), Uuid::max()];
    let mut ids: Vec<RecordId> =
        [0, 1, u64::from(u32::MAX), 1 << 53, (1 << 53) + 1, u64::MAX].map(RecordId::from).into();
    ids.extend(uuids.map(RecordId::Uuid));
    let records = ids.iter().rev().map(|id| record(id.clone(), &[1.0, 2.0])).collect();
    let (_dir, database) = database_with(records, Metric::Dot).await;
    for limit in [1, 2, 4, 100] {
        assert_eq!(all_ids(&database, limit).await, ids, "pages of {limit}");
    }
    assert_eq!(database.count("c", None).await.unwrap(), Count { value: 9, exact: true });
}

#[tokio::test]
async fn records_are_given_in_the_order_asked_for_with_payload_and_vectors() {
    let mut rich = record(7_u64, &[0.1, -2.5]);
    rich.payload = json!({
        "big": u64::MAX, "small": i64::MIN, "float": 0.1, "none": null, "nested": {"a": [1, {"b": "ü"}]}, "": true
    })
    .as_object()
    .unwrap()
    .clone();
    let (_dir, database) = database_with(vec![record(1_u64, &[1.0, 1.0]), rich.clone()], Metric::Dot).await;
    let ids = [7_u64.into(), "7".into(), 99_u64.into(), 1_u64.into(), 7_u64.into()];
    let found = database.get("c", &ids, true).await.unwrap();
    assert_eq!(found.iter().map(|r| r.id.to_string()).collect::<Vec<_>>(), ["7", "1", "7"]);
    assert_eq!(found[0], rich);
    assert_eq!(found[0].payload.keys().collect::<Vec<_>>(), rich.payload.keys().collect::<Vec<_>>());
    assert_eq!(database.get("c", &ids, false).await.unwrap()[0].vectors, None);
}

#[tokio::test]
async fn floats_of_payloads_come_back_to_the_last_bit() {
    let mut random = fastrand::Rng::with_seed(7);
    let floats: Vec<f64> =
        std::iter::repeat_with(|| f64::from_bits(random.u64(..))).filter(|f| f.is_finite()).take(2_000).collect();
    let mut stored = record(1_u64, &[1.0, 2.0]);
    stored.payload.insert("floats".into(), json!(floats));
    let (_dir, database) = database_with(vec![stored.clone()], Metric::Dot).await;
    let found = database.get("c", &[1_u64.into()], false).await.unwrap();
    let wrong =
        found[0].payload["floats"].as_array().unwrap().iter().zip(&floats).filter(|(a, b)| a.as_f64() != Some(**b));
    assert_eq!(wrong.count(), 0);
}

/// A point at a known place must get the known value, in the meaning of the metric.
#[rstest::rstest]
#[case(Metric::Cosine, 0.6)]
#[case(Metric::Dot, 6.0)]
#[case(Metric::Euclidean, 17_f32.sqrt())] // from (2, 0) to (3, 4): 1² + 4²
#[case(Metric::Manhattan, 5.0)]
#[tokio::test]
async fn scores_mean_what_the_metric_says(#[case] metric: Metric, #[case] expected: f32) {
    let (_dir, database) = database_with(vec![record(1_u64, &[3.0, 4.0]), record(2_u64, &[-3.0, -4.0])], metric).await;
    let request = SearchRequest::new(SearchQuery::Vector(Vector::Dense(vec![2.0, 0.0])), 10);
    let hits = database.search("c", &request).await.unwrap();
    assert_eq!(hits.len(), 2);
    assert_eq!(hits[0].record.id.to_string(), "1");
    let score = hits[0].score;
    assert_eq!(score.measure, metric);
    let ordered =
        if metric.higher_is_better() { score.value > hits[1].score.value } else { score.value < hits[1].score.value };
    assert!(ordered, "{hits:?}");
    assert!((score.value - expected).abs() < 1e-5, "{} is not {expected}", score.value);
}

#[tokio::test]
async fn more_like_this_leaves_the_record_itself_out() {
    let records = (0..5_u8).map(|n| record(u64::from(n), &[f32::from(n), 0.0])).collect();
    let (_dir, database) = database_with(records, Metric::Euclidean).await;
    let hits = database.search("c", &SearchRequest::new(SearchQuery::Like(2_u64.into()), 2)).await.unwrap();
    let mut ids: Vec<String> = hits.iter().map(|hit| hit.record.id.to_string()).collect();
    ids.sort();
    assert_eq!(ids, ["1", "3"]);
    let missing = database.search("c", &SearchRequest::new(SearchQuery::Like(9_u64.into()), 2)).await;
    assert!(matches!(missing, Err(ProviderError::NoSuchRecord { .. })), "{missing:?}");
}

#[tokio::test]
async fn named_sparse_and_multi_vectors_are_stored_and_searched() {
    let dir = tempfile::tempdir().unwrap();
    let database = QdrantEdge::create(dir.path()).await.unwrap();
    let spec = |name: &str, kind, dimension, metric| VectorSpec {
        name: name.into(),
        kind,
        dimension,
        metric: Some(metric),
        index: None,
        embedder: None,
    };
    let fields = vec![
        spec("dense", VectorKind::Dense, Some(2), Metric::Manhattan),
        spec("multi", VectorKind::Multi, Some(2), Metric::Dot),
        spec("sparse", VectorKind::Sparse, None, Metric::Dot),
    ];
    database.create_collection(&CollectionSpec { name: "c".into(), vectors: fields.clone() }).await.unwrap();
    let vectors = |x: f32| {
        Vectors(vec![
            ("dense".into(), Vector::Dense(vec![x, 0.0])),
            ("multi".into(), Vector::Multi(vec![vec![x, 1.0], vec![0.0, x]])),
            ("sparse".into(), Vector::Sparse { indices: vec![3, 70_000], values: vec![x, 0.5] }),
        ])
    };
    let make = |id: u64, x| Record { id: id.into(), vectors: Some(vectors(x)), payload: Payload::new(), text: None };
    database.upsert("c", vec![make(1, 1.0), make(2, 5.0)]).await.unwrap();
    assert_eq!(database.get("c", &[1_u64.into()], true).await.unwrap()[0], make(1, 1.0));
    for (name, vector) in vectors(5.0).0 {
        let mut request = SearchRequest::new(SearchQuery::Vector(vector), 1);
        request.using = Some(name.clone());
        let hits = database.search("c", &request).await.unwrap();
        assert_eq!(hits[0].record.id, RecordId::from(2_u64), "{name}");
    }
    let info = database.describe("c").await.unwrap();
    assert_eq!(info.summary.vectors.iter().map(|v| v.name.as_str()).collect::<Vec<_>>(), ["dense", "multi", "sparse"]);
    assert_eq!(info.summary.vectors[1].kind, VectorKind::Multi);
    assert_eq!(info.summary.vectors[0].metric, Some(Metric::Manhattan));
    let mut unknown = SearchRequest::new(SearchQuery::Like(1_u64.into()), 1);
    unknown.using = Some("image".into());
    let text = database.search("c", &unknown).await.unwrap_err().to_string();
    assert!(text.contains("\"image\"") && text.contains("\"dense\", \"multi\", \"sparse\""), "{text}");
}

#[tokio::test]
async fn what_was_written_is_there_after_a_kill() {
    let (dir, database) =
        database_with(vec![record(1_u64, &[1.0, 2.0]), record(2_u64, &[1.0, 2.0])], Metric::Dot).await;
    database.delete("c", &[2_u64.into(), 3_u64.into(), "x".into()]).await.unwrap();
    // as after a kill: the files as they are now, without any closing
    let copy = tempfile::tempdir().unwrap();
    copy_all(dir.path(), copy.path());
    let reopened = reopen(copy.path()).await.unwrap();
    assert_eq!(all_ids(&reopened, 10).await, [RecordId::from(1_u64)]);
    assert_eq!(reopened.get("c", &[1_u64.into()], true).await.unwrap()[0], record(1_u64, &[1.0, 2.0]));
}

fn copy_all(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            fs::create_dir(&target).unwrap();
            copy_all(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), &target).unwrap();
        }
    }
}

#[tokio::test]
async fn a_replaced_record_keeps_nothing_of_the_old_one_also_after_reopening() {
    let (dir, database) = database_with(vec![record(1_u64, &[1.0, 2.0])], Metric::Dot).await;
    database.close().await;
    for round in 0..3_u8 {
        let database = reopen(dir.path()).await.unwrap();
        let mut new = record(1_u64, &[f32::from(round), 9.0]);
        new.payload = json!({ "round": round }).as_object().unwrap().clone();
        database.upsert("c", vec![new.clone()]).await.unwrap();
        assert_eq!(database.get("c", &[1_u64.into()], true).await.unwrap(), [new]);
        database.close().await;
    }
}

#[tokio::test]
async fn the_log_of_operations_does_not_grow_for_ever_and_later_writes_still_count() {
    let dir = tempfile::tempdir().unwrap();
    let database = QdrantEdge::create(dir.path()).await.unwrap();
    database.create_collection(&CollectionSpec::dense("c", 512, Metric::Dot)).await.unwrap();
    let wal = || -> u64 {
        let entries = fs::read_dir(dir.path().join("c/wal")).unwrap();
        entries.map(|entry| entry.unwrap().metadata().unwrap().len()).sum()
    };
    // about 2.6 MB of log each; the fraction keeps the log from packing floats into two bytes
    for round in 0..12_u64 {
        let records = (0..1_000_u64).map(|n| record(n, &[round as f32 + 0.1; 512])).collect();
        database.upsert("c", records).await.unwrap();
        assert!(wal() < 24 * 1024 * 1024, "round {round}: {}", wal());
        let one = &database.get("c", &[999_u64.into()], true).await.unwrap()[0];
        assert_eq!(one.vectors.as_ref().unwrap().get(""), Some(&Vector::Dense(vec![round as f32 + 0.1; 512])));
    }
    assert_eq!(database.count("c", None).await.unwrap().value, 1_000);
}

#[tokio::test]
async fn another_process_is_kept_out() {
    let (dir, database) = database_with(vec![record(1_u64, &[1.0, 2.0])], Metric::Dot).await;
    // a second file handle stands for the other process: flock tells handles apart, not processes
    let other = File::open(dir.path().join("vector-inspector.lock")).unwrap();
    assert!(other.try_lock().is_err(), "the directory is not locked while it is open");
    let again = reopen(dir.path()).await.expect("the same process may open it twice");
    assert_eq!(again.count("c", None).await.unwrap().value, 1);
    drop(again);
    database.close().await;
    other.lock().unwrap();
    let refused = reopen(dir.path()).await.err().unwrap();
    let path = dir.path().canonicalize().unwrap().display().to_string();
    assert_eq!(refused, ProviderError::Locked { path });
    drop(other);
    reopen(dir.path()).await.expect("free again");
}

#[tokio::test]
async fn a_collection_that_another_program_has_open_is_locked_the_others_are_not() {
    let (dir, database) = database_with(vec![record(1_u64, &[1.0, 2.0])], Metric::Dot).await;
    database.create_collection(&CollectionSpec::dense("d", 3, Metric::Dot)).await.unwrap();
    database.close().await;
    let other = File::open(dir.path().join("c/wal")).unwrap();
    other.lock().unwrap();
    let database = reopen(dir.path()).await.unwrap();
    assert!(matches!(database.count("c", None).await, Err(ProviderError::Locked { .. })));
    let list = database.collections().await.unwrap();
    assert_eq!(
        list.iter().map(|c| (c.name.as_str(), c.count.is_some())).collect::<Vec<_>>(),
        [("c", false), ("d", true)]
    );
    drop(other);
    assert_eq!(database.count("c", None).await.unwrap().value, 1);
}

#[tokio::test]
async fn dropping_the_last_handle_frees_the_directory() {
    let (dir, database) = database_with(vec![record(1_u64, &[1.0, 2.0])], Metric::Dot).await;
    drop(database);
    // opening waits for the flush of the one that is being dropped
    assert_eq!(reopen(dir.path()).await.unwrap().count("c", None).await.unwrap().value, 1);
}

#[tokio::test]
async fn a_collection_removed_from_disk_is_missing_and_a_new_one_in_its_place_is_seen() {
    let (dir, database) = database_with(vec![record(1_u64, &[1.0, 2.0])], Metric::Dot).await;
    fs::remove_dir_all(dir.path().join("c")).unwrap();
    let gone = database.count("c", None).await;
    assert_eq!(gone, Err(ProviderError::NoSuchCollection { collection: "c".into() }));
    assert_eq!(database.collections().await.unwrap(), []);
    database.create_collection(&CollectionSpec::dense("c", 3, Metric::Dot)).await.unwrap();
    assert_eq!(database.count("c", None).await.unwrap().value, 0);
}

#[tokio::test]
async fn a_collection_replaced_on_disk_is_opened_anew() {
    let (dir, database) = database_with(vec![record(1_u64, &[1.0, 2.0])], Metric::Dot).await;
    let (other_dir, other) =
        database_with(vec![record(5_u64, &[1.0, 2.0]), record(6_u64, &[1.0, 2.0])], Metric::Dot).await;
    other.close().await;
    fs::rename(dir.path().join("c"), dir.path().join("old")).unwrap();
    fs::rename(other_dir.path().join("c"), dir.path().join("c")).unwrap();
    assert_eq!(all_ids(&database, 10).await, [5_u64, 6].map(RecordId::from));
}

#[tokio::test]
async fn a_directory_removed_meanwhile_fails_the_ping() {
    let (dir, database) = database_with(vec![], Metric::Dot).await;
    fs::remove_dir_all(dir.path()).unwrap();
    assert!(matches!(database.ping().await, Err(ProviderError::NotADatabase { .. })));
}

#[tokio::test]
async fn what_is_no_database_is_named_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let cases: [(&str, &str, &str); 5] = [
        ("empty", "", "it is empty"),
        ("chroma", "chroma.sqlite3", "Chroma"),
        ("shard", "edge_config.json", "single collection"),
        ("server", "raft_state.json", "Qdrant server"),
        ("other", "notes.txt", "no directory in it"),
    ];
    for (name, file, cause) in cases {
        let path = dir.path().join(name);
        fs::create_dir(&path).unwrap();
        if !file.is_empty() {
            fs::write(path.join(file), "x").unwrap();
        }
        let error = reopen(&path).await.err().unwrap();
        assert!(matches!(error, ProviderError::NotADatabase { .. }), "{error}");
        assert!(error.to_string().contains(cause), "{error}");
        assert!(!path.join("vector-inspector.lock").exists(), "nothing is written to {name}");
        assert!(!is_database(&path));
    }
    fs::write(dir.path().join("file"), "x").unwrap();
    assert!(matches!(reopen(&dir.path().join("file")).await, Err(ProviderError::NotADatabase { .. })));
    assert!(matches!(reopen(&dir.path().join("absent")).await, Err(ProviderError::File { .. })));
    let foreign = QdrantEdge::create(&dir.path().join("other")).await;
    assert!(matches!(foreign, Err(ProviderError::NotADatabase { .. })), "other people's files are not taken over");
}

#[tokio::test]
async fn an_empty_database_is_made_where_nothing_is_and_nowhere_else() {
    let dir = TempDir::new().unwrap();
    let at = dir.path().join("far/away");
    let locked = Gate::new(Some(Lock::Run));
    let refused = make_embedded(&at, &locked).await.unwrap_err();
    assert!(matches!(refused, ProviderError::ReadOnly { .. }) && !at.exists(), "{refused}");
    make_embedded(&at, &Gate::default()).await.unwrap();
    assert_eq!(reopen(&at).await.unwrap().collections().await.unwrap(), []);
    let again = make_embedded(&at, &Gate::default()).await.unwrap_err();
    assert!(again.to_string().contains("is a database already"), "{again}");
    let other = dir.path().join("far");
    let refused = make_embedded(&other, &Gate::default()).await.unwrap_err();
    assert!(matches!(refused, ProviderError::NotADatabase { .. }), "{refused}");
    std::fs::write(dir.path().join("file"), "").unwrap();
    let refused = make_embedded(&dir.path().join("file"), &Gate::default()).await.unwrap_err();
    assert!(matches!(refused, ProviderError::File { .. }), "{refused}");
}

#[tokio::test]
async fn a_database_without_collections_is_still_one() {
    let (dir, database) = database_with(vec![], Metric::Dot).await;
    database.drop_collection("c").await.unwrap();
    assert_eq!(database.drop_collection("c").await, Err(ProviderError::NoSuchCollection { collection: "c".into() }));
    database.close().await;
    assert_eq!(reopen(dir.path()).await.unwrap().collections().await.unwrap(), []);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "only the lock file is left");
}

#[tokio::test]
async fn half_made_and_half_dropped_collections_vanish_at_the_next_opening() {
    let (dir, database) = database_with(vec![record(1_u64, &[1.0, 2.0])], Metric::Dot).await;
    database.close().await;
    for left_over in [".creating-0123", ".dropping-4567"] {
        fs::rename(dir.path().join("c"), dir.path().join(left_over)).unwrap();
        let database = reopen(dir.path()).await.unwrap();
        assert_eq!(database.collections().await.unwrap(), []);
        assert!(!dir.path().join(left_over).exists());
        database.create_collection(&CollectionSpec::dense("c", 2, Metric::Dot)).await.unwrap();
        database.close().await;
    }
}

#[tokio::test]
async fn refused_records_change_nothing() {
    let (_dir, database) = database_with(vec![record(1_u64, &[1.0, 2.0])], Metric::Dot).await;
    let mut unknown_field = record(3_u64, &[1.0, 2.0]);
    unknown_field.vectors = Some(Vectors(vec![("x".into(), Vector::Dense(vec![1.0, 2.0]))]));
    for wrong in
        [record("text", &[1.0, 2.0]), record(3_u64, &[1.0]), record(3_u64, &[f32::INFINITY, 0.0]), unknown_field]
    {
        let result = database.upsert("c", vec![record(2_u64, &[1.0, 2.0]), wrong]).await;
        assert!(matches!(result, Err(ProviderError::BadRequest { .. })), "{result:?}");
        assert_eq!(all_ids(&database, 10).await, [RecordId::from(1_u64)]);
    }
    // and the shard still takes right ones
    database.upsert("c", vec![record(2_u64, &[1.0, 2.0])]).await.unwrap();
    assert_eq!(database.count("c", None).await.unwrap().value, 2);
}

#[tokio::test]
async fn names_that_lead_elsewhere_are_refused_or_unknown() {
    let (_dir, database) = database_with(vec![], Metric::Dot).await;
    for name in ["", "..", "a/b", "../c", ".creating-1"] {
        let made = database.create_collection(&CollectionSpec::dense(name, 2, Metric::Dot)).await;
        assert!(matches!(made, Err(ProviderError::BadRequest { .. })), "{name:?}: {made:?}");
        for result in [database.count(name, None).await.map(drop), database.drop_collection(name).await] {
            assert_eq!(result, Err(ProviderError::NoSuchCollection { collection: name.into() }));
        }
    }
    let twice = database.create_collection(&CollectionSpec::dense("c", 2, Metric::Dot)).await;
    assert!(matches!(twice, Err(ProviderError::BadRequest { .. })), "{twice:?}");
}

#[tokio::test]
async fn odd_requests_are_answered_or_refused_without_a_panic() {
    let (_dir, database) = database_with(vec![record(1_u64, &[1.0, 2.0])], Metric::Cosine).await;
    let query = |v: Vec<f32>, top| SearchRequest::new(SearchQuery::Vector(Vector::Dense(v)), top);
    assert_eq!(database.search("c", &query(vec![1.0, 0.0], 0)).await.unwrap(), []);
    assert_eq!(database.search("c", &query(vec![1.0, 0.0], usize::MAX)).await.unwrap().len(), 1);
    assert_eq!(database.search("c", &query(vec![0.0, 0.0], 1)).await.unwrap().len(), 1);
    assert!(matches!(
        database.search("c", &query(vec![f32::NAN, 0.0], 1)).await,
        Err(ProviderError::BadRequest { .. })
    ));
    assert!(matches!(database.search("c", &query(vec![1.0], 1)).await, Err(ProviderError::BadRequest { .. })));
    assert_eq!(database.page("c", &PageRequest::first(usize::MAX)).await.unwrap().records.len(), 1);
    let mut request = PageRequest::first(1);
    request.cursor = Some(super::super::model::Cursor("x".into()));
    assert!(matches!(database.page("c", &request).await, Err(ProviderError::BadRequest { .. })));
    database.upsert("c", vec![]).await.unwrap();
    database.create_collection(&CollectionSpec::dense("empty", 2, Metric::Dot)).await.unwrap();
    assert_eq!(database.search("empty", &query(vec![1.0, 0.0], 5)).await.unwrap(), []);
    assert_eq!(database.page("empty", &PageRequest::first(5)).await.unwrap().next, None);
}

#[tokio::test]
async fn readers_and_writers_work_at_the_same_time() {
    let (_dir, database) = database_with(vec![], Metric::Dot).await;
    let database = &database;
    let writes = (0..8_u64)
        .map(|n| async move { database.upsert("c", (0..50).map(|m| record(n * 50 + m, &[1.0, 2.0])).collect()).await });
    let reads = (0..8).map(|_| async { database.page("c", &PageRequest::first(100)).await.map(drop) });
    let (written, read) = futures::join!(futures::future::join_all(writes), futures::future::join_all(reads));
    assert!(written.into_iter().chain(read).all(|result| result == Ok(())));
    assert_eq!(database.count("c", None).await.unwrap().value, 400);
}
