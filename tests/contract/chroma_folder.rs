//! What a Chroma folder has beyond the shared suite: it is read while a real server writes to it,
//! vectors move from the queue into the files of the index, and nothing in the folder changes by it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde_json::json;
use vector_inspector::provider::model::{Metric, Record, SearchQuery, SearchRequest, Vector};
use vector_inspector::provider::{ConnectSpec, Provider, ProviderError, ProviderKind, connect};

use crate::bench::{Bench, DIMENSION, dense, point, record};
use crate::makers::server;

crate::cases!(
    the_folder_reads_as_the_server_does,
    vectors_are_read_from_the_index_and_from_the_queue,
    reading_changes_nothing_in_the_folder,
    a_missing_database_is_answered_with_those_that_exist,
    writing_is_refused_with_the_way_to_write,
);

fn folder() -> PathBuf {
    std::env::var_os("VECTOR_INSPECTOR_TEST_CHROMA_FOLDER").expect("given, or the case would not run").into()
}

async fn open() -> Box<dyn Provider> {
    connect(&ConnectSpec::directory(ProviderKind::ChromaFolder, folder())).await.unwrap()
}

/// More records than go into the queue before the index is written (1,000), then changes of some.
async fn changed(bench: &Bench, metric: Metric) -> String {
    let name = bench.empty(DIMENSION, metric).await;
    let with_text = |n: usize| Record { text: (!n.is_multiple_of(3)).then(|| format!("text {n}")), ..bench.record(n) };
    for step in 0..15 {
        bench.put(&name, (step * 100..step * 100 + 100).map(with_text).collect()).await;
    }
    bench.db.delete(&name, &[3, 700, 1_480].map(|n| bench.id(n))).await.unwrap();
    let again = [(3, 3.0), (5, 5.0), (1_400, 1_400.0)];
    let again = again.map(|(n, y)| record(bench.id(n), vec![-1.0, y, 0.3, 0.7], json!({ "n": n })));
    bench.put(&name, again.to_vec()).await;
    name
}

/// Payloads, texts and order are those of the server; vectors to the bit where the server's are.
async fn the_folder_reads_as_the_server_does(bench: &Bench) {
    let server = connect(&server(ProviderKind::Chroma, "VECTOR_INSPECTOR_TEST_CHROMA_URL").unwrap()).await.unwrap();
    let there = bench.on(server.into());
    for metric in [Metric::Euclidean, Metric::Dot, Metric::Cosine] {
        let name = changed(bench, metric).await;
        let (here, there) = (bench.walk(&name, 400, true).await, there.walk(&name, 400, true).await);
        assert_eq!(here.len(), 1_498, "{}", metric.name());
        assert_eq!(here.len(), there.len());
        for (here, there) in here.iter().zip(&there) {
            assert_eq!((&here.id, &here.payload, &here.text), (&there.id, &there.payload, &there.text));
            for (a, b) in dense(here).iter().zip(dense(there)) {
                // what is only in the queue is exact here, and was normalised by the server
                let room = if metric == Metric::Cosine { 1e-6 * b.abs().max(1.0) } else { 0.0 };
                assert!((a - b).abs() <= room, "{} {}: {a} for {b}", metric.name(), here.id);
            }
        }
        let request = SearchRequest::new(SearchQuery::Vector(Vector::Dense(vec![-1.0, 4.0, 0.2, 0.6])), 3);
        let hits = bench.db.search(&name, &SearchRequest { exact: true, ..request }).await.unwrap();
        assert_eq!(hits.len(), 3, "{}", metric.name());
        if metric == Metric::Euclidean {
            assert!(hits[..2].iter().all(|hit| ["record 3", "record 5"].contains(&&*hit.record.id.to_string())));
        }
    }
}

async fn vectors_are_read_from_the_index_and_from_the_queue(bench: &Bench) {
    let name = changed(bench, Metric::Euclidean).await;
    // The server writes the index when it counted 1,000 entries of its queue, which all collections
    // share: what other cases write decides at which of ours that is. Until both ways are used.
    for round in 0.. {
        let details = bench.db.describe(&name).await.unwrap().details;
        let count = |place: &str| details["vectors"][place].as_u64().unwrap();
        if count("in the index") >= 1 && count("only in the queue") >= 3 {
            break;
        }
        assert!(round < 20, "both ways are used: {}", details["vectors"]);
        bench.put(&name, (0..100).map(|n| bench.record(1_000 + n)).collect()).await;
    }
    let [first, last, changed, again] = [0, 1_499, 5, 3].map(|n| bench.id(n));
    let wanted = [first, bench.id(700), last, changed, again];
    let got = bench.db.get(&name, &wanted, true).await.unwrap();
    let [first, last, changed, again] = got.as_slice() else { panic!("the deleted one is there: {got:?}") };
    assert_eq!(dense(first), point(0), "of the first batch");
    assert_eq!(dense(last), point(1_499), "of the last batch");
    assert_eq!(dense(changed), [-1.0, 5.0, 0.3, 0.7], "changed since the index was written");
    assert_eq!(dense(again), [-1.0, 3.0, 0.3, 0.7], "deleted and written again");
}

/// Path, content and time of every file.
fn everything(dir: &Path, into: &mut BTreeMap<PathBuf, (Vec<u8>, Option<SystemTime>)>) {
    for entry in std::fs::read_dir(dir).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            everything(&path, into);
        } else if let Ok(content) = std::fs::read(&path) {
            into.insert(path.clone(), (content, path.metadata().ok().and_then(|m| m.modified().ok())));
        }
    }
}

/// In a copy, because other cases write to the server's folder meanwhile.
async fn reading_changes_nothing_in_the_folder(bench: &Bench) {
    let name = changed(bench, Metric::Cosine).await;
    let copy = tempfile::tempdir().unwrap();
    let mut from = BTreeMap::new();
    // the server may be in the middle of a write for another case: until the copy can be read
    let db = loop {
        everything(&folder(), &mut from);
        for (path, (content, _)) in &from {
            let to = copy.path().join(path.strip_prefix(folder()).unwrap());
            std::fs::create_dir_all(to.parent().unwrap()).unwrap();
            std::fs::write(to, content).unwrap();
        }
        let spec = ConnectSpec::directory(ProviderKind::ChromaFolder, copy.path());
        match connect(&spec).await {
            Ok(db) if db.describe(&name).await.is_ok() => break db,
            _ => from.clear(),
        }
    };
    let mut before = BTreeMap::new();
    everything(copy.path(), &mut before);
    let here = bench.on(db.into());
    assert_eq!(here.walk(&name, 100, true).await.len(), 1_498);
    let request = SearchRequest::new(SearchQuery::Vector(Vector::Dense(point(3))), 5);
    assert_eq!(here.db.search(&name, &request).await.unwrap().len(), 5);
    here.db.collections().await.unwrap();
    here.db.ping().await.unwrap();
    drop(here);
    let mut after = BTreeMap::new();
    everything(copy.path(), &mut after);
    assert!(before.len() > 4 && before == after, "a file was made, removed or changed");
}

async fn a_missing_database_is_answered_with_those_that_exist(_: &Bench) {
    let mut spec = ConnectSpec::directory(ProviderKind::ChromaFolder, folder());
    spec.options.insert("database".to_owned(), "nowhere".to_owned());
    let error = connect(&spec).await.err().expect("an error").to_string();
    assert!(error.contains("no database \"nowhere\"") && error.contains("\"default_database\""), "{error}");
}

async fn writing_is_refused_with_the_way_to_write(bench: &Bench) {
    let db = open().await;
    for answer in [
        db.upsert("x", vec![bench.record(1)]).await,
        db.delete("x", &[bench.id(1)]).await,
        db.drop_collection("x").await,
    ] {
        let error = answer.unwrap_err();
        assert!(matches!(error, ProviderError::Unsupported { .. }), "{error}");
        assert!(error.to_string().contains("chroma run"), "{error}");
    }
}
