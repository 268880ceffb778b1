#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
//! A storage as a server lays it out, with segments that the engine wrote.

use std::fs;
use std::path::Path;

use serde_json::json;
use tempfile::TempDir;

use super::QdrantFolder;
use crate::provider::filter::Filter;
use crate::provider::model::{
    CollectionSpec, CollectionState, Cursor, Metric, PageRequest, Record, RecordId, SearchQuery, SearchRequest, Vectors,
};
use crate::provider::qdrant_edge::QdrantEdge;
use crate::provider::unchanged::everything;
use crate::provider::{ConnectSpec, Provider, ProviderError, ProviderKind, Result};

/// A collection `c` of three shards with the even numbers, every third of them in each, an alias
/// `also`, and a collection `none` without a shard.
async fn storage() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let made = dir.path().join("made");
    let edge = QdrantEdge::create(&made).await.unwrap();
    for shard in 0..3_u64 {
        let name = shard.to_string();
        edge.create_collection(&CollectionSpec::dense(&name, 2, Metric::Euclidean)).await.unwrap();
        let records = (0..30).filter(|n| n % 3 == shard).map(record).collect();
        edge.upsert(&name, records).await.unwrap();
    }
    edge.close().await;
    let config = |shards| {
        json!({ "params": { "vectors": { "size": 2, "distance": "Euclid" }, "shard_number": shards } }).to_string()
    };
    let collections = dir.path().join("storage/collections");
    for shard in ["0", "1", "2"] {
        fs::create_dir_all(collections.join("c").join(shard).join("wal")).unwrap();
        fs::rename(made.join(shard).join("segments"), collections.join("c").join(shard).join("segments")).unwrap();
    }
    fs::write(collections.join("c/config.json"), config(3)).unwrap();
    fs::create_dir_all(collections.join("none")).unwrap();
    fs::write(collections.join("none/config.json"), config(1)).unwrap();
    fs::create_dir_all(dir.path().join("storage/aliases")).unwrap();
    fs::write(dir.path().join("storage/aliases/data.json"), r#"{"also":"c"}"#).unwrap();
    fs::remove_dir_all(made).unwrap();
    dir
}

fn record(n: u64) -> Record {
    #[allow(clippy::cast_precision_loss)]
    let vector = vec![n as f32, 0.5];
    let payload = json!({ "n": n * 2 }).as_object().cloned().unwrap();
    Record { id: RecordId::from(n * 2), vectors: Some(Vectors::unnamed(vector)), payload, text: None }
}

async fn open(dir: &Path) -> Result<QdrantFolder> {
    QdrantFolder::open(&ConnectSpec::directory(ProviderKind::QdrantFolder, dir)).await
}

fn numbers(records: &[Record]) -> Vec<u64> {
    records.iter().map(|record| record.payload["n"].as_u64().unwrap()).collect()
}

#[tokio::test]
async fn shards_are_one_collection_and_nothing_changes() {
    let dir = storage().await;
    let before = everything(dir.path());
    // the directory above is what the server's packages call their own
    let folder = open(dir.path()).await.unwrap();
    let listed = folder.collections().await.unwrap();
    let listed: Vec<_> = listed.iter().map(|c| (c.name.as_str(), c.count.map(|count| count.value))).collect();
    assert_eq!(listed, [("c", Some(30)), ("none", Some(0))]);

    let expected: Vec<u64> = (0..30).map(|n| n * 2).collect();
    for limit in [1, 4, 29, 30, 31] {
        let (mut read, mut cursor): (Vec<u64>, Option<Cursor>) = (Vec::new(), None);
        loop {
            let request = PageRequest { cursor, with_vectors: true, ..PageRequest::first(limit) };
            let page = folder.page("c", &request).await.unwrap();
            read.extend(numbers(&page.records));
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(read, expected, "pages of {limit}: each record once, in the order of ids");
    }
    let hits = folder.search("c", &SearchRequest::new(SearchQuery::Like(RecordId::from(20_u64)), 4)).await.unwrap();
    let mut near: Vec<u64> = hits.iter().map(|hit| hit.record.payload["n"].as_u64().unwrap()).collect();
    assert!((hits[0].score.value - 1.0).abs() < 1e-6 && (hits[3].score.value - 2.0).abs() < 1e-6);
    near.sort_unstable();
    assert_eq!(near, [16, 18, 22, 24]);
    let wanted = [58_u64, 1, 0].map(RecordId::from);
    assert_eq!(numbers(&folder.get("c", &wanted, false).await.unwrap()), [58, 0]);
    folder.describe("c").await.unwrap();
    assert!(everything(dir.path()) == before);
    drop(folder);
    assert!(everything(dir.path()) == before);
}

#[tokio::test]
async fn an_alias_is_the_collection() {
    let dir = storage().await;
    let folder = open(&dir.path().join("storage")).await.unwrap();
    assert_eq!(folder.count("also", None).await.unwrap().value, 30);
    assert_eq!(folder.describe("also").await.unwrap().details["aliases"], json!(["also"]));
    for missing in ["nope", "", "..", "../storage", "c/0"] {
        let error = folder.count(missing, None).await.unwrap_err();
        assert_eq!(error, ProviderError::NoSuchCollection { collection: missing.to_owned() });
    }
}

#[tokio::test]
async fn what_is_not_here_is_told() {
    let dir = storage().await;
    let c = dir.path().join("storage/collections/c");
    // a log with one change that no segment has; `log` tests how it is counted
    fs::write(c.join("1/wal/open-1"), super::log::with_entries(&[5; 40])).unwrap();
    let folder = open(dir.path()).await.unwrap();
    let state = folder.describe("c").await.unwrap().state;
    assert!(matches!(&state, CollectionState::Degraded(words) if words.contains("write-ahead log")), "{state:?}");
    fs::remove_dir_all(c.join("2")).unwrap();
    let state = folder.describe("c").await.unwrap().state;
    assert!(matches!(&state, CollectionState::Degraded(words) if words.starts_with("2 of 3 shards")), "{state:?}");
    assert_eq!(folder.count("c", None).await.unwrap().value, 20, "the change on disk was seen");
}

/// A shard whose segments were written before its last changes, as a server leaves it that is stopped
/// within five seconds of them; the log is the engine's own, which is that of the server.
#[tokio::test]
async fn changes_that_are_only_in_the_log_are_done_on_the_copy() {
    let dir = storage().await;
    let made = dir.path().join("made");
    let shard = dir.path().join("storage/collections/c/0");
    let uuid = RecordId::Uuid(uuid::Uuid::from_u128(7));
    let edge = QdrantEdge::create(&made).await.unwrap();
    edge.create_collection(&CollectionSpec::dense("0", 2, Metric::Euclidean)).await.unwrap();
    edge.upsert("0", (0..10).map(|n| record(n * 3)).collect()).await.unwrap();
    edge.close().await;
    fs::remove_dir_all(shard.join("segments")).unwrap();
    copy(&made.join("0/segments"), &shard.join("segments"));
    let edge = QdrantEdge::create(&made).await.unwrap();
    edge.delete("0", &[RecordId::from(0_u64)]).await.unwrap();
    let changed = json!({ "n": 6, "new": [1.5, null, "ü"], "high": u64::MAX });
    let changed = Record { payload: changed.as_object().cloned().unwrap(), ..record(3) };
    let new = Record { id: uuid.clone(), ..record(1_000) };
    edge.upsert("0", vec![changed.clone(), new.clone()]).await.unwrap();
    edge.close().await;
    fs::remove_dir_all(shard.join("wal")).unwrap();
    copy(&made.join("0/wal"), &shard.join("wal"));
    fs::remove_dir_all(made).unwrap();

    let before = everything(dir.path());
    let folder = open(dir.path()).await.unwrap();
    assert_eq!(folder.count("c", None).await.unwrap().value, 30, "one gone, one new");
    let found = folder.get("c", &[RecordId::from(0_u64), changed.id.clone(), uuid], true).await.unwrap();
    assert_eq!(found, [changed, new]);
    let info = folder.describe("c").await.unwrap();
    assert_eq!((info.state, &info.details["only_in_the_log"]), (CollectionState::Ready, &json!(0)));
    assert!(info.details["from_the_log"].as_u64().unwrap() >= 2, "{}", info.details);
    drop(folder);
    assert!(everything(dir.path()) == before);

    // What the server has taken for flushed is not done again; here it never was.
    let log = info.details["from_the_log"].as_u64().unwrap();
    fs::write(shard.join("wal/first-index"), json!({ "ack_index": log }).to_string()).unwrap();
    let folder = open(dir.path()).await.unwrap();
    assert_eq!(folder.describe("c").await.unwrap().details["from_the_log"], json!(0));
    assert_eq!(folder.get("c", &[RecordId::from(0_u64)], false).await.unwrap().len(), 1);
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().flatten() {
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

#[tokio::test]
async fn a_filter_is_shown_as_the_server_takes_it() {
    let dir = storage().await;
    let folder = open(dir.path()).await.unwrap();
    let filter = Filter::parse("n = 5").unwrap();
    let shown: serde_json::Value = serde_json::from_str(&folder.native_filter("c", &filter).await.unwrap()).unwrap();
    assert!(shown.to_string().contains("\"key\":\"n\""), "{shown}");
    let missing = folder.native_filter("nope", &filter).await.unwrap_err();
    assert!(matches!(missing, ProviderError::NoSuchCollection { .. }), "{missing}");
}

#[tokio::test]
async fn a_running_server_is_refused() {
    let dir = storage().await;
    let folder = open(dir.path()).await.unwrap();
    let wal = fs::File::open(dir.path().join("storage/collections/c/1/wal")).unwrap();
    wal.lock().unwrap();
    assert!(matches!(folder.count("c", None).await.unwrap_err(), ProviderError::Locked { .. }));
    assert!(matches!(open(dir.path()).await.err().unwrap(), ProviderError::Locked { .. }));
    wal.unlock().unwrap();
    assert_eq!(folder.count("c", None).await.unwrap().value, 30);
    wal.try_lock().expect("the lock was only tried, not kept");
}

#[tokio::test]
async fn a_collection_beyond_the_limit_is_refused_with_its_size() {
    let dir = storage().await;
    let mut spec = ConnectSpec::directory(ProviderKind::QdrantFolder, dir.path());
    spec.options.insert("copy_limit".to_owned(), "0".to_owned());
    let folder = QdrantFolder::open(&spec).await.unwrap();
    assert_eq!(folder.collections().await.unwrap()[0].count, None, "listed without a count");
    let error = folder.count("c", None).await.unwrap_err().to_string();
    assert!(error.contains("MiB, which would be copied") && error.contains("copy_limit="), "{error}");
    spec.options.insert("copy_limit".to_owned(), "much".to_owned());
    assert!(matches!(QdrantFolder::open(&spec).await.err().unwrap(), ProviderError::BadRequest { .. }));
}

#[tokio::test]
async fn what_is_no_storage_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    assert!(matches!(open(dir.path()).await.err().unwrap(), ProviderError::NotADatabase { .. }));
    assert!(matches!(open(&dir.path().join("x")).await.err().unwrap(), ProviderError::File { .. }));
    let write = open(storage().await.path()).await.unwrap().drop_collection("c").await.unwrap_err();
    assert!(write.to_string().contains("start Qdrant"), "{write}");
}
