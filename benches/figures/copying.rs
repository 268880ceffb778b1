//! Copying beside a bare loop that only reads and one that only writes, through the same providers, on the same
//! records: the copy may not be much slower than the slower of both. What a copy does before its first write
//! (plan, list of ids) and its journal are in its time; the proof is not.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::runtime::Runtime;
use vector_inspector::jobs::copy::{Folder, Words, plan, run};
use vector_inspector::jobs::model::plan::{Verify, Wishes};
use vector_inspector::jobs::{Control, Meter, Side};
use vector_inspector::provider::model::{CollectionSpec, Metric, PageRequest, Record, Vectors};
use vector_inspector::provider::qdrant_edge::QdrantEdge;
use vector_inspector::provider::{self, Address, ConnectSpec, Provider, ProviderKind, transport};

use crate::parameters;
use crate::report::{Row, Verdict};

const DIMENSION: usize = 384;
/// Records of a page and of a write of the bare loops.
const BATCH: usize = 1_000;
/// The part of the slower loop's speed that a copy has to have.
const WANTED: f64 = 0.8;

pub fn rows() -> Vec<Row> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = Runtime::new().unwrap();
    let pairs = [(None, Some("PGVECTOR")), (Some("CHROMA"), None)];
    pairs.into_iter().map(|(from, to)| runtime.block_on(one(from, to))).collect()
}

/// A database under test, its name, and the directory that it lives in, if it does.
struct End {
    db: Arc<dyn Provider>,
    name: &'static str,
    _dir: Option<tempfile::TempDir>,
}

async fn end(server: Option<&str>) -> Option<End> {
    let Some(variable) = server else {
        let dir = tempfile::tempdir().unwrap();
        let db = QdrantEdge::create(&dir.path().join("database")).await.unwrap();
        return Some(End { db: Arc::new(db), name: "Qdrant embedded", _dir: Some(dir) });
    };
    let (host, port) = parameters::server(variable)?;
    let kind = if variable == "CHROMA" { ProviderKind::Chroma } else { ProviderKind::Pgvector };
    let mut spec = ConnectSpec::new(kind, Address::Server { host, port, tls: false });
    spec.timeouts.request = Duration::from_secs(600);
    if kind == ProviderKind::Pgvector {
        let (user, database) = parameters::user_and_path(variable);
        spec.secret = std::env::var("VECTOR_INSPECTOR_TEST_PGVECTOR_KEY").ok().map(Into::into);
        spec.options.extend([("user".to_owned(), user), ("database".to_owned(), database)]);
        spec.options.insert(transport::ALLOW_PLAINTEXT_KEY.to_owned(), "true".to_owned());
    }
    let db = provider::connect(&spec).await.unwrap();
    Some(End { db: db.into(), name: kind.maker().title, _dir: None })
}

async fn one(from: Option<&str>, to: Option<&str>) -> Row {
    let title = |end: Option<&str>| end.map_or("Qdrant embedded".to_owned(), str::to_lowercase);
    let figure = format!("copying {} to {}", title(from), title(to));
    let limit = format!("≥ {WANTED} of the slower bare loop");
    let (Some(source), Some(target)) = (end(from).await, end(to).await) else {
        return Row::not_run(&figure, &limit, "the tests' servers are not given".to_owned());
    };
    let count = parameters::copy_records();
    let pid = std::process::id();
    let (first, bare, copied) =
        (format!("vi_copy_{pid}"), format!("vi_copy_{pid}_bare"), format!("vi_copy_{pid}_copy"));
    for (db, name) in [(&source.db, &first), (&target.db, &bare)] {
        db.create_collection(&CollectionSpec::dense(name, DIMENSION, Metric::Cosine)).await.unwrap();
    }
    let texts = !source.db.capabilities().integer_ids.is_yes();
    write(source.db.as_ref(), &first, count, texts).await;
    let started = Instant::now();
    read(source.db.as_ref(), &first, count).await;
    let reading = started.elapsed().as_secs_f64();
    // The records of the bare writes have the ids that they get by the copy.
    let texts_there = !target.db.capabilities().integer_ids.is_yes();
    let writing = write(target.db.as_ref(), &bare, count, texts_there).await;

    let side = |end: &End, collection: &str| Side {
        label: end.name.to_owned(),
        provider: Arc::clone(&end.db),
        collection: collection.to_owned(),
        request: Duration::from_secs(600),
    };
    let (from, to) = (side(&source, &first), side(&target, &copied));
    let state = tempfile::tempdir().unwrap();
    let started = Instant::now();
    let wishes = Wishes { verify: Verify::None, ..Wishes::default() };
    let (words, control) = (Words { from: "from".to_owned(), to: "to".to_owned() }, Control::default());
    let plan = plan(&from, &to, words, wishes, &control, &mut Meter::silent()).await.unwrap();
    let folder = Folder::create(state.path(), &plan).unwrap();
    let report = run(&folder, &plan, &from, &to, &control, &mut Meter::silent()).await.unwrap();
    let copying = started.elapsed().as_secs_f64();
    assert_eq!(report.counts.written, count);
    for (db, name) in [(&source.db, &first), (&target.db, &bare), (&target.db, &copied)] {
        let _ = db.drop_collection(name).await;
    }
    let slower = reading.max(writing);
    let speed = |seconds: f64| count as f64 / seconds;
    Row::new(
        &figure,
        &limit,
        format!("{:.2} ({:.0}/s)", slower / copying, speed(copying)),
        Verdict::of(slower / copying >= WANTED),
        format!(
            "{count} x {DIMENSION}; bare reading {:.0}/s, bare writing {:.0}/s, pages and writes of {BATCH}; listing and journal are in, the proof is not",
            speed(reading),
            speed(writing)
        ),
    )
}

/// Fills a collection; seconds that the writes took, without making the records.
async fn write(db: &dyn Provider, collection: &str, count: u64, texts: bool) -> f64 {
    let all: Vec<u64> = (0..count).collect();
    let mut took = 0.0;
    for some in all.chunks(BATCH) {
        let records = some.iter().map(|n| record(*n, texts)).collect();
        let started = Instant::now();
        db.upsert(collection, records).await.unwrap();
        took += started.elapsed().as_secs_f64();
    }
    took
}

async fn read(db: &dyn Provider, collection: &str, count: u64) {
    let (mut request, mut many) = (PageRequest { with_vectors: true, ..PageRequest::first(BATCH) }, 0);
    loop {
        let page = db.page(collection, &request).await.unwrap();
        many += page.records.len() as u64;
        request.cursor = page.next;
        if request.cursor.is_none() {
            break;
        }
    }
    assert_eq!(many, count);
}

fn record(n: u64, text_id: bool) -> Record {
    let payload = json!({ "title": format!("Record number {n}"), "year": 1900 + n % 125, "open": n.is_multiple_of(2) });
    let mut random = fastrand::Rng::with_seed(n);
    let vector = (0..DIMENSION).map(|_| random.f32() - 0.5).collect();
    let id = if text_id { format!("record {n:08}").as_str().into() } else { n.into() };
    Record { id, vectors: Some(Vectors::unnamed(vector)), payload: payload.as_object().unwrap().clone(), text: None }
}
