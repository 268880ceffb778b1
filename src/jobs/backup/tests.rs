#![allow(clippy::unwrap_used, clippy::panic)]

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use super::{BackupError, Proved, Wish, prove, prove_all, run};
use crate::jobs::copy::testing::memory::Memory;
use crate::jobs::{Control, Meter, Side};
use crate::provider::filter::Filter;
use crate::provider::model::{
    Metric, PageRequest, Record, RecordId, SearchQuery, SearchRequest, Vector, VectorKind, VectorSpec, Vectors,
};
use crate::provider::parquet_backup::manifest::check;
use crate::provider::{Address, ConnectSpec, ProviderError, ProviderKind, connect};

fn field(name: &str, kind: VectorKind) -> VectorSpec {
    VectorSpec {
        name: name.to_owned(),
        kind,
        dimension: Some(2),
        metric: Some(Metric::Dot),
        index: None,
        embedder: None,
    }
}

/// Ids, values and vectors that are easily taken for each other.
fn records(many: u64) -> Vec<Record> {
    let uuid = uuid::Uuid::from_u128(7);
    let odd =
        [RecordId::from("1"), "".into(), RecordId::Uuid(uuid), uuid.to_string().as_str().into(), RecordId::Integer(-1)];
    let ids = odd.into_iter().chain((1..many).map(RecordId::from));
    ids.enumerate()
        .map(|(n, id)| {
            let payload = json!({
                "n": n, "unsigned": u64::MAX, "small": i64::MIN, "whole": 1.0, "zero": -0.0, "tenth": 0.1 + 0.2,
                "mixed": [1, "a", null, [], {}], "": "\u{0}ü", "deep": { "b": { "a": [1.5e300] } },
            });
            let dense = Vector::Dense(vec![f32::from_bits(0x7fc0_0001), -0.0]);
            let sparse = Vector::Sparse { indices: vec![u32::MAX, 3], values: vec![f32::INFINITY, 0.1] };
            let multi = Vector::Multi(vec![vec![1.0, 2.0], vec![0.3, f32::MIN_POSITIVE]]);
            let all = [("", dense), ("s.x", sparse), ("s_x", multi)];
            // Each record lacks another one, and some have none.
            let vectors = all.into_iter().enumerate().filter(|(at, _)| n % 4 != *at && n % 5 != 0);
            Record {
                id,
                vectors: Some(Vectors(vectors.map(|(_, (name, vector))| (name.to_owned(), vector)).collect())),
                payload: payload.as_object().cloned().unwrap(),
                text: [None, Some(String::new()), Some("text".to_owned())][n % 3].clone(),
            }
        })
        .collect()
}

fn source(many: u64) -> (Arc<Memory>, Side) {
    let specs = [field("", VectorKind::Dense), field("s.x", VectorKind::Sparse), field("s_x", VectorKind::Multi)];
    let memory = Arc::new(Memory::new(Some(specs.to_vec())));
    memory.records.lock().unwrap().extend(records(many).into_iter().map(|record| (record.id.clone(), record)));
    let side = memory.side("memory");
    (memory, side)
}

async fn back(dir: &Path, side: &Side, part_bytes: u64) -> Result<super::Done, BackupError> {
    let wish = Wish { collections: Vec::new(), part_bytes, prove: true };
    run(dir, "memory", side, &wish, &Control::default(), &mut Meter::silent()).await
}

async fn open(dir: &Path) -> Side {
    let spec = ConnectSpec::new(ProviderKind::ParquetBackup, Address::Directory(dir.to_owned()));
    let provider = Arc::from(connect(&spec).await.unwrap());
    Side { label: "backup".to_owned(), provider, collection: "docs".to_owned(), request: Duration::from_secs(30) }
}

#[tokio::test]
async fn every_bit_of_awkward_records_comes_back_from_several_files() {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().join("backup");
    let (_, side) = source(500);
    let done = back(&dir, &side, 5_000).await.unwrap();
    let stored = &done.manifest.collections[0];
    assert!(stored.parts.len() > 2 && stored.records == 504, "{stored:?}");
    assert_eq!(check(&dir, &mut |_| true).unwrap().0, stored.parts.len() + 1);
    let backup = open(&dir).await;
    let proof = prove(&side, &backup, &Control::default(), &mut Meter::silent()).await.unwrap();
    assert!(proof.holds() && proof.equal == 504, "{proof:?}");
    let wanted: Vec<RecordId> = vec![400_u64.into(), "1".into(), 1_u64.into(), "no".into()];
    let got = backup.provider.get("docs", &wanted, false).await.unwrap();
    assert_eq!(got.into_iter().map(|record| record.id).collect::<Vec<_>>(), wanted[..3]);

    // Nothing is known of a proof: the same words tell it as it is, and prove it once.
    let (control, meter) = (Control::default(), &mut Meter::silent());
    let again = back(&dir, &side, 5_000).await.unwrap();
    assert_eq!((&again.manifest, again.resumed), (&done.manifest, true));
    let wish = Wish { prove: true, ..Wish::default() };
    let other = run(&dir, "another", &side, &wish, &control, meter).await;
    assert!(matches!(other, Err(BackupError::Whole { .. })), "of another source");
    let no_more = run(&dir, "memory", &side, &Wish::default(), &control, meter).await;
    assert!(matches!(no_more, Err(BackupError::Whole { .. })), "nothing would be written and nothing proved");
    assert!(!Proved::read(&dir).unwrap().holds());
    prove_all(&dir, &again, &side, &backup, &control, meter).await.unwrap();
    assert!(Proved::read(&dir).unwrap().holds());
    assert!(matches!(back(&dir, &side, 5_000).await, Err(BackupError::Whole { .. })));
}

#[tokio::test]
async fn a_flipped_bit_in_any_file_is_found() {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().join("backup");
    back(&dir, &source(50).1, 10_000).await.unwrap();
    let files = fs::read_dir(&dir).unwrap().map(|entry| entry.unwrap().path());
    // It tells of the backup, and is none of its files.
    let files: Vec<_> = files.filter(|path| !path.ends_with("proof.json")).collect();
    assert!(files.len() >= 3, "{files:?}");
    for path in files {
        let whole = fs::read(&path).unwrap();
        for at in [0, whole.len() / 2, whole.len() - 1] {
            let mut damaged = whole.clone();
            damaged[at] ^= 1;
            fs::write(&path, &damaged).unwrap();
            let found = check(&dir, &mut |_| true);
            assert!(found.is_err(), "{} at {at}", path.display());
        }
        fs::write(&path, &whole).unwrap();
    }
    check(&dir, &mut |_| true).unwrap();
}

#[tokio::test]
async fn no_record_of_a_damaged_file_is_read_and_one_put_right_is() {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().join("backup");
    let done = back(&dir, &source(500).1, 5_000).await.unwrap();
    let parts = &done.manifest.collections[0].parts;
    assert!(parts.len() > 2, "{parts:?}");
    let last = parts.last().unwrap();
    let path = dir.join(&last.file);
    let whole = fs::read(&path).unwrap();
    let all = PageRequest { with_vectors: true, ..PageRequest::first(10_000) };
    let backup = open(&dir).await;
    assert_eq!(backup.provider.page("docs", &all).await.unwrap().records.len(), 504);
    // Damaged while it is open, and before: in place, so that who has it open sees it, too.
    for at in [whole.len() / 3, whole.len() / 2] {
        let mut damaged = whole.clone();
        damaged[at] ^= 1;
        fs::write(&path, &damaged).unwrap();
        for side in [&backup, &open(&dir).await] {
            let query = SearchRequest {
                using: None,
                ..SearchRequest::new(SearchQuery::Vector(Vector::Dense(vec![1.0, 2.0])), 3)
            };
            let asked = [
                side.provider.page("docs", &all).await.map(drop),
                side.provider.get("docs", &["no".into()], false).await.map(drop),
                side.provider.search("docs", &query).await.map(drop),
                side.provider.count("docs", Some(&Filter::parse("n >= 0").unwrap())).await.map(drop),
            ];
            for answer in asked {
                let error = answer.unwrap_err();
                assert!(matches!(&error, ProviderError::Damaged { path, .. } if path.ends_with(&last.file)), "{error}");
            }
            // What is in the other files is as it was written.
            assert_eq!(side.provider.page("docs", &PageRequest::first(5)).await.unwrap().records.len(), 5);
        }
    }
    let half = dir.join("half");
    fs::write(&half, &whole).unwrap();
    fs::rename(&half, &path).unwrap();
    assert_eq!(backup.provider.page("docs", &all).await.unwrap().records.len(), 504, "put right");
}

/// What a backup of that database runs under: it is ended when the third batch is asked for.
fn ended_in_its_third_batch(memory: &mut Arc<Memory>) -> Control {
    let control = Control::default();
    let ended = control.clone();
    Arc::get_mut(memory).unwrap().on_get = Some(Box::new(move |number, _| {
        if number == 3 {
            ended.cancel();
        }
    }));
    control
}

#[tokio::test]
async fn an_interrupted_backup_is_seen_as_such_and_goes_on_behind_its_files() {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().join("backup");
    let (mut memory, _) = source(500);
    let control = ended_in_its_third_batch(&mut memory);
    let wish = Wish { collections: Vec::new(), part_bytes: 5_000, prove: true };
    let stopped = run(&dir, "memory", &memory.side("memory"), &wish, &control, &mut Meter::silent()).await;
    assert!(stopped.unwrap_err().is_cancelled());
    let spec = ConnectSpec::directory(ProviderKind::ParquetBackup, &dir);
    assert!(matches!(connect(&spec).await, Err(ProviderError::NotADatabase { .. })));
    assert!(check(&dir, &mut |_| true).unwrap_err().to_string().contains("interrupted"));
    let names: Vec<_> = fs::read_dir(&dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    let whole: Vec<_> =
        names.iter().filter(|path| path.is_file()).map(|p| (p.clone(), fs::metadata(p).unwrap())).collect();
    assert!(!whole.is_empty(), "no file was whole");
    let (_, side) = source(500);
    let done = back(&dir, &side, 5_000).await.unwrap();
    assert!(done.resumed && !dir.join("unfinished").exists());
    for (path, before) in whole {
        assert_eq!(fs::metadata(&path).unwrap().modified().unwrap(), before.modified().unwrap(), "{}", path.display());
    }
    let proof = prove(&side, &open(&dir).await, &Control::default(), &mut Meter::silent()).await.unwrap();
    assert!(proof.holds(), "{proof:?}");
}

#[tokio::test]
async fn a_backup_of_all_has_the_collections_that_are_there_now_or_is_refused() {
    let home = tempfile::tempdir().unwrap();
    let (memory, side) = source(20);
    memory.also.lock().unwrap().push("more");
    let some = Wish { collections: vec!["docs".to_owned()], part_bytes: 5_000, prove: true };
    let dir = home.path().join("some");
    run(&dir, "memory", &side, &some, &Control::default(), &mut Meter::silent()).await.unwrap();
    let refused = back(&dir, &side, 5_000).await.unwrap_err();
    assert!(matches!(refused, BackupError::OtherCollections { .. }), "{refused}");
    assert!(refused.to_string().contains("not one of all that memory has now: it lacks more."), "{refused}");
    let same = run(&dir, "memory", &side, &some, &Control::default(), &mut Meter::silent()).await.unwrap();
    assert!(same.resumed, "what it is one of is proved");

    let dir = home.path().join("all");
    back(&dir, &side, 5_000).await.unwrap();
    memory.also.lock().unwrap().push("later");
    let refused = back(&dir, &side, 5_000).await.unwrap_err().to_string();
    assert!(refused.contains("it lacks later."), "{refused}");
    *memory.also.lock().unwrap() = Vec::new();
    let refused = back(&dir, &side, 5_000).await.unwrap_err().to_string();
    assert!(refused.ends_with("only it has more. Give another directory."), "what is gone cannot be named: {refused}");
}

/// A backup of these collections (all without any) of a database with `docs` and `zoo`, interrupted after some batches.
async fn interrupted(dir: &Path, collections: &[&str]) -> (Arc<Memory>, Side) {
    let (mut memory, _) = source(500);
    let control = ended_in_its_third_batch(&mut memory);
    memory.also.lock().unwrap().push("zoo");
    let collections = collections.iter().map(|name| (*name).to_owned()).collect();
    let (side, wish) = (memory.side("memory"), Wish { collections, part_bytes: 5_000, prove: true });
    let stopped = run(dir, "memory", &side, &wish, &control, &mut Meter::silent()).await;
    assert!(stopped.unwrap_err().is_cancelled());
    (memory, side)
}

#[tokio::test]
async fn an_interrupted_backup_of_some_collections_does_not_become_one_of_all() {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().join("backup");
    let (_, side) = interrupted(&dir, &["docs"]).await;
    let refused = back(&dir, &side, 5_000).await.unwrap_err();
    assert!(matches!(&refused, BackupError::OtherCollections { difference, .. } if difference == "it lacks zoo"));
    assert!(!dir.join("manifest.json").exists());
    let some = Wish { collections: vec!["docs".to_owned()], part_bytes: 5_000, prove: true };
    let done = run(&dir, "memory", &side, &some, &Control::default(), &mut Meter::silent()).await.unwrap();
    assert_eq!((done.resumed, done.manifest.collections.len()), (true, 1));
}

#[tokio::test]
async fn an_interrupted_backup_of_all_takes_in_what_came_since_and_is_refused_where_one_went() {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().join("backup");
    let (memory, side) = interrupted(&dir, &[]).await;
    let of_one = Wish { collections: vec!["docs".to_owned()], part_bytes: 5_000, prove: true };
    let other = run(&dir, "memory", &side, &of_one, &Control::default(), &mut Meter::silent()).await;
    assert!(matches!(other, Err(BackupError::OfAnother { .. })), "it is another backup");
    memory.also.lock().unwrap().clear();
    let gone = back(&dir, &side, 5_000).await.unwrap_err().to_string();
    assert!(gone.contains("only it has zoo."), "{gone}");
    *memory.also.lock().unwrap() = vec!["early", "zoo"];
    let done = back(&dir, &side, 5_000).await.unwrap();
    let found: Vec<_> = done.manifest.collections.iter().map(|one| (one.name.as_str(), one.records)).collect();
    assert_eq!(found, [("docs", 504), ("early", 504), ("zoo", 504)]);
    assert_eq!(done.vanished, [0, 0, 0]);
    check(&dir, &mut |_| true).unwrap();
}
