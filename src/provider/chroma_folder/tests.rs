#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
//! A folder that Chroma 0.6.3 wrote, held against what that Chroma said of it; and folders in states
//! that a real server does not leave behind on demand.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use serde_json::Value;
use tempfile::TempDir;

use super::ChromaFolder;
use super::catalog::Scope;
use super::folder::Folder;
use crate::provider::filter::Filter;
use crate::provider::model::{
    CollectionState, Metric, PageRequest, Record, RecordId, SearchQuery, SearchRequest, Vector,
};
use crate::provider::unchanged::everything;
use crate::provider::{ConnectSpec, Provider, ProviderError, ProviderKind};

/// Made by `tests/fixtures/chroma/make.py`.
const PACKED: &[u8] = include_bytes!("../../../tests/fixtures/chroma/0.6.3.gz");

/// The folder, and what its Chroma said of it.
fn unpack() -> (TempDir, Value) {
    let mut text = String::new();
    flate2::read::GzDecoder::new(PACKED).read_to_string(&mut text).unwrap();
    let (dir, mut expected) = (tempfile::tempdir().unwrap(), Value::Null);
    for line in text.lines() {
        let (name, hex) = line.split_once(' ').unwrap();
        let digits: Vec<u32> = hex.chars().map(|c| c.to_digit(16).unwrap()).collect();
        let bytes: Vec<u8> = digits.chunks(2).map(|pair| u8::try_from(pair[0] * 16 + pair[1]).unwrap()).collect();
        if name == "expected.json" {
            expected = serde_json::from_slice(&bytes).unwrap();
        } else {
            let path = dir.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
    }
    (dir, expected)
}

async fn open(dir: &Path) -> Result<ChromaFolder, ProviderError> {
    ChromaFolder::open(&ConnectSpec::directory(ProviderKind::ChromaFolder, dir)).await
}

async fn all(folder: &ChromaFolder, collection: &str) -> Vec<Record> {
    let request = PageRequest { with_vectors: true, ..PageRequest::first(1_000) };
    folder.page(collection, &request).await.unwrap().records
}

fn floats(record: &Record) -> Vec<f32> {
    match record.vectors.as_ref().unwrap().get("") {
        Some(Vector::Dense(values)) => values.clone(),
        other => panic!("{}: {other:?}", record.id),
    }
}

const COLLECTIONS: [&str; 5] = ["by-cosine", "by-ip", "by-l2", "empty", "small"];

#[tokio::test]
async fn an_old_folder_reads_as_its_own_chroma_read_it() {
    let (dir, expected) = unpack();
    let folder = open(dir.path()).await.unwrap();
    assert_eq!(folder.ping().await.unwrap().version, "9.4.2");
    let names: Vec<_> = folder.collections().await.unwrap().into_iter().map(|c| c.name).collect();
    assert_eq!(names, COLLECTIONS);
    for name in COLLECTIONS {
        let expected = &expected[name];
        let ids = expected["ids"].as_array().unwrap();
        let records = all(&folder, name).await;
        assert_eq!(records.len(), ids.len(), "{name}");
        for (n, record) in records.iter().enumerate() {
            assert_eq!(record.id.to_json(), ids[n]);
            let metadata = expected["metadatas"][n].as_object().cloned().unwrap_or_default();
            assert_eq!(record.payload, metadata, "{name} {}", record.id);
            assert_eq!(Value::from(record.text.clone()), expected["documents"][n], "{name} {}", record.id);
            let theirs = expected["embeddings"][n].as_array().unwrap();
            for (ours, theirs) in floats(record).iter().zip(theirs) {
                let (ours, theirs) = (f64::from(*ours), theirs.as_f64().unwrap());
                // 0.6 gave normalised vectors back as they are stored, and so without their length
                assert!((ours - theirs).abs() < 1e-5 * theirs.abs().max(1.0), "{name} {}: {ours} {theirs}", record.id);
            }
        }
    }
}

#[tokio::test]
async fn search_in_an_old_folder_finds_what_its_own_chroma_found() {
    let (dir, expected) = unpack();
    let folder = open(dir.path()).await.unwrap();
    for (name, metric) in [("by-l2", Metric::Euclidean), ("by-cosine", Metric::Cosine), ("by-ip", Metric::Dot)] {
        let query = SearchQuery::Vector(Vector::Dense(vec![1.0, 2.0, 3.0, 4.0, 5.0]));
        let hits = folder.search(name, &SearchRequest::new(query, 5)).await.unwrap();
        let theirs = expected[name]["hits"]["distances"].as_array().unwrap();
        for (hit, theirs) in hits.iter().zip(theirs) {
            assert_eq!(hit.score.measure, metric, "the settings of the index decide, not the configuration");
            let (ours, theirs) = (f64::from(hit.score.value), theirs.as_f64().unwrap());
            let theirs = if metric == Metric::Euclidean { theirs.sqrt() } else { 1.0 - theirs };
            assert!((ours - theirs).abs() < 1e-4 * theirs.abs().max(1.0), "{name} {}: {ours} {theirs}", hit.record.id);
        }
        // as sets: two of them are equally near
        let ids: BTreeSet<_> = hits.iter().map(|hit| hit.record.id.to_string()).collect();
        let theirs = expected[name]["hits"]["ids"].as_array().unwrap().iter();
        assert_eq!(ids, theirs.map(|id| id.as_str().unwrap().to_owned()).collect(), "{name}");
    }
}

#[tokio::test]
async fn filters_are_evaluated_on_old_rows() {
    let (dir, _) = unpack();
    let folder = open(dir.path()).await.unwrap();
    let filter = Filter::parse("b = true and n >= 40 and f < 8.6").unwrap();
    assert_eq!(folder.count("by-l2", Some(&filter)).await.unwrap().value, 11);
    let query = SearchQuery::Like(RecordId::from("r40"));
    let request = SearchRequest { filter: Some(filter), ..SearchRequest::new(query, 100) };
    assert_eq!(folder.search("by-l2", &request).await.unwrap().len(), 10, "all but the record itself");
}

#[tokio::test]
async fn nothing_in_the_folder_changes() {
    let (dir, _) = unpack();
    let before = everything(dir.path());
    let folder = open(dir.path()).await.unwrap();
    for name in COLLECTIONS {
        all(&folder, name).await;
        folder.describe(name).await.unwrap();
    }
    let query = SearchQuery::Like(RecordId::from("r1"));
    folder.search("by-cosine", &SearchRequest::new(query, 3)).await.unwrap();
    drop(folder);
    assert_eq!(before.len(), 4 * 5 - 1 + 4 + 1, "the fixture's own files");
    assert!(everything(dir.path()) == before);
}

#[cfg(unix)]
#[tokio::test]
async fn a_directory_that_may_not_be_written_is_read() {
    use std::os::unix::fs::PermissionsExt;
    let (dir, _) = unpack();
    let permit = |mode| fs::set_permissions(dir.path(), fs::Permissions::from_mode(mode)).unwrap();
    permit(0o555);
    let folder = open(dir.path()).await;
    let records = all(folder.as_ref().unwrap(), "small").await;
    permit(0o755);
    assert_eq!(records.len(), 2);
}

fn sqlite(dir: &Path) -> Connection {
    let connection = Connection::open(dir.join("chroma.sqlite3")).unwrap();
    connection.pragma_update(None, "foreign_keys", "off").unwrap(); // as Chroma has them
    connection
}

#[tokio::test]
async fn changes_between_the_queue_and_the_tables_are_told() {
    let (dir, _) = unpack();
    let writer = sqlite(dir.path());
    let topic: String =
        writer.query_row("SELECT 'x/' || id FROM collections WHERE name = 'small'", [], |r| r.get(0)).unwrap();
    let insert = "INSERT INTO embeddings_queue (operation, topic, id) VALUES (3, ?1, 'a')";
    writer.execute(insert, [&topic]).unwrap();
    let folder = open(dir.path()).await.unwrap();
    let state = folder.describe("small").await.unwrap().state;
    assert!(matches!(&state, CollectionState::Busy(words) if words.starts_with("1 changes")), "{state:?}");
    // and they are taken for done neither in the tables nor in the vectors
    assert_eq!(all(&folder, "small").await.len(), 2);
    assert_eq!(floats(&all(&folder, "small").await[0]), [1.0, 2.0, 3.0]);
}

#[tokio::test]
async fn a_writer_is_waited_for_and_its_work_is_seen() {
    let (dir, _) = unpack();
    let folder = open(dir.path()).await.unwrap();
    let writer = sqlite(dir.path());
    writer.execute_batch("BEGIN EXCLUSIVE; DELETE FROM embeddings WHERE embedding_id = 'a'").unwrap();
    let counting = folder.count("small", None);
    tokio::pin!(counting);
    let early = tokio::time::timeout(std::time::Duration::from_millis(50), counting.as_mut()).await;
    assert!(early.is_err(), "nothing is read while somebody writes");
    writer.execute_batch("COMMIT").unwrap();
    assert_eq!(counting.await.unwrap().value, 1);
}

#[tokio::test]
async fn a_file_in_write_ahead_mode_is_read_beside_its_writer_and_refused_without() {
    let (dir, _) = unpack();
    let writer = sqlite(dir.path());
    writer.pragma_update(None, "journal_mode", "wal").unwrap();
    writer.execute("DELETE FROM embeddings WHERE embedding_id = 'a'", []).unwrap();
    let before = everything(dir.path());
    let folder = open(dir.path()).await.unwrap();
    assert_eq!(folder.count("small", None).await.unwrap().value, 1, "what is only in the log is seen");
    // the shared memory is the writer's own here: SQLite has one for all connections of a process
    let without_memory = |mut files: BTreeMap<PathBuf, _>| {
        files.remove(&dir.path().join("chroma.sqlite3-shm")).unwrap();
        files
    };
    assert!(without_memory(everything(dir.path())) == without_memory(before));
    drop(writer); // the last one to close moves the log into the file and removes it
    let before = everything(dir.path());
    let error = folder.count("small", None).await.unwrap_err();
    assert!(matches!(&error, ProviderError::File { cause, .. } if cause.contains("write-ahead")), "{error}");
    assert!(everything(dir.path()) == before);
}

#[tokio::test]
async fn what_is_no_folder_of_chroma_is_told_apart() {
    let dir = tempfile::tempdir().unwrap();
    let cause = |error: ProviderError| match error {
        ProviderError::NotADatabase { cause, .. } => cause,
        other => panic!("{other}"),
    };
    assert!(cause(open(dir.path()).await.err().unwrap()).contains("no chroma.sqlite3"));
    assert!(cause(open(&dir.path().join("x")).await.err().unwrap()).contains("does not exist"));
    let file = dir.path().join("chroma.sqlite3");
    fs::write(&file, "").unwrap();
    assert!(cause(open(dir.path()).await.err().unwrap()).contains("is empty"));
    fs::write(&file, "no SQLite file, but long enough to be one").unwrap();
    assert!(cause(open(dir.path()).await.err().unwrap()).contains("no SQLite file"));
    fs::remove_file(&file).unwrap();
    Connection::open(&file).unwrap().execute_batch("CREATE TABLE cats (name TEXT)").unwrap();
    let error = open(dir.path()).await.err().unwrap().to_string();
    assert!(error.contains("no such table"), "{error}");
}

#[tokio::test]
async fn damaged_files_of_an_index_are_an_error_and_not_other_vectors() {
    for name in ["index_metadata.pickle", "header.bin", "data_level0.bin"] {
        let (dir, _) = unpack();
        for entry in fs::read_dir(dir.path()).unwrap().flatten().filter(|entry| entry.path().is_dir()) {
            let file = entry.path().join(name);
            if let Ok(content) = fs::read(&file) {
                fs::write(&file, &content[..content.len() / 50]).unwrap();
            }
        }
        let folder = open(dir.path()).await.unwrap();
        let request = PageRequest { with_vectors: true, ..PageRequest::first(10) };
        let error = folder.page("by-l2", &request).await.unwrap_err();
        assert!(matches!(&error, ProviderError::BadAnswer { cause, .. } if cause.contains(name)), "{name}: {error}");
        assert_eq!(folder.page("by-l2", &PageRequest::first(10)).await.unwrap().records.len(), 10, "without vectors");
    }
}

/// Its search for the collection, its vectors' places and its connection are good until somebody writes.
#[tokio::test]
async fn what_a_page_leaves_to_the_next_one_is_good_until_somebody_writes() {
    let (dir, _) = unpack();
    let scope = Scope { tenant: "default_tenant".to_owned(), database: "default_database".to_owned() };
    let folder = Folder::open(dir.path(), scope).unwrap();
    let kept = || {
        let view = folder.view().unwrap();
        let collection = view.collection("small").unwrap();
        view.keep(collection, None).expect("SQLite tells whether somebody writes")
    };
    let (view, collection, _) = folder.again(kept()).unwrap().expect("nobody has written");
    assert_eq!(collection.name, "small");
    drop(view);
    let before = kept();
    // Nobody has to wait for what is kept.
    let server = Connection::open(dir.path().join("chroma.sqlite3")).unwrap();
    server.execute("UPDATE collections SET name = 'other' WHERE name = 'small'", ()).unwrap();
    assert!(folder.again(before).unwrap().is_none(), "it is looked up again");
}
