//! Copying beside a bare loop that only reads and one that only writes, both through the makers' own clients, on
//! the same records: the copy may not be much slower than the slower of both. It is the real program that copies, a
//! process of its own: its start, the plan, the list of ids and the journal are in its time; the proof is a second
//! run, whose memory counts, too.

mod bare;
mod program;

use std::fs;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::runtime::Runtime;
use vector_inspector::provider::model::{CollectionSpec, Metric, Record, Vectors};
use vector_inspector::provider::qdrant_edge::QdrantEdge;
use vector_inspector::provider::{self, Address, ConnectSpec, Provider, ProviderKind, transport};

use crate::parameters;
use crate::reading;
use crate::report::{Row, Verdict};

const DIMENSION: usize = 384;
/// Records of a page and of a write of the bare loops.
const BATCH: usize = 1_000;
/// The part of the slower loop's speed that a copy has to have.
const WANTED: f64 = 0.8;
/// `maintenance_work_mem` of PostgreSQL while an index is built, for the copy and the bare loop.
const INDEX_MEMORY: &str = "1GB";
/// Most resident memory of a copy, in MiB.
const MEMORY: f64 = 150.0;

pub fn rows() -> Vec<Row> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = Runtime::new().unwrap();
    let mut rows = embedded_to_pgvector(&runtime);
    rows.extend(chroma_to_embedded(&runtime));
    rows
}

/// A home for the program with the embedded database `database`.
struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        ["config", "data", "state"].iter().for_each(|name| fs::create_dir(dir.path().join(name)).unwrap());
        Self(dir)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn database(&self) -> PathBuf {
        self.path().join("database")
    }
}

fn embedded_to_pgvector(runtime: &Runtime) -> Vec<Row> {
    let figure = "Qdrant embedded to pgvector";
    let Some((host, port)) = parameters::server("PGVECTOR") else { return not_run(figure) };
    let (user, database) = parameters::user_and_path("PGVECTOR");
    let key = std::env::var("VECTOR_INSPECTOR_TEST_PGVECTOR_KEY").unwrap_or_default();
    let (home, names, count) = (Home::new(), names(), parameters::copy_records());
    let mut options = fs::OpenOptions::new();
    let mut file = options.write(true).create_new(true).mode(0o600).open(home.path().join("pgpass")).unwrap();
    std::io::Write::write_all(&mut file, format!("{host}:{port}:*:*:{key}\n").as_bytes()).unwrap();

    runtime.block_on(async {
        let source = QdrantEdge::create(&home.database()).await.unwrap();
        fill(&source, &names.source, count, false).await;
        source.close().await;
    });
    let started = Instant::now();
    let read = reading::embedded::read_shard(&home.database().join(&names.source));
    let reading = started.elapsed().as_secs_f64();
    assert_eq!(read.0, count);

    let mut spec = spec(ProviderKind::Pgvector, &host, port);
    spec.secret = Some(key.clone().into());
    spec.options.extend([("user".to_owned(), user.clone()), ("database".to_owned(), database.clone())]);
    spec.options.insert(transport::ALLOW_PLAINTEXT_KEY.to_owned(), "true".to_owned());
    spec.options.insert("index_memory".to_owned(), INDEX_MEMORY.to_owned());
    let target = runtime.block_on(provider::connect(&spec)).unwrap();
    let writing = runtime.block_on(async {
        let bare = CollectionSpec::dense(&names.bare, DIMENSION, Metric::Cosine);
        target.create_collection_to_fill(&bare).await.unwrap();
        let client = reading::pgvector::client(&host, port).await;
        bare::pgvector(&client, &names.bare, count).await + bare::pgvector_index(&client, &names.bare).await
    });
    let from = home.database().display().to_string();
    let url =
        format!("postgres://{user}@{host}:{port}/{database}?allow_plaintext_key=true&index_memory={INDEX_MEMORY}");
    let rows = copied(figure, &home, [&from, &names.source, &url, &names.copy], (reading, writing));
    runtime.block_on(async {
        for name in [&names.bare, &names.copy] {
            let _ = target.drop_collection(name).await;
        }
    });
    rows
}

fn chroma_to_embedded(runtime: &Runtime) -> Vec<Row> {
    let figure = "Chroma to Qdrant embedded";
    let Some((host, port)) = parameters::server("CHROMA") else { return not_run(figure) };
    let (home, names, count) = (Home::new(), names(), parameters::copy_records());
    let source = runtime.block_on(provider::connect(&spec(ProviderKind::Chroma, &host, port))).unwrap();
    let reading = runtime.block_on(async {
        fill(source.as_ref(), &names.source, count, true).await;
        let started = Instant::now();
        let read = reading::chroma::read_server(&host, port, &names.source).await;
        assert_eq!(read.0, count);
        started.elapsed().as_secs_f64()
    });
    runtime.block_on(async {
        let target = QdrantEdge::create(&home.database()).await.unwrap();
        target.create_collection(&CollectionSpec::dense(&names.bare, DIMENSION, Metric::Cosine)).await.unwrap();
        target.close().await;
    });
    let writing = bare::embedded(&home.database().join(&names.bare), count);
    let (from, to) = (format!("chroma://{host}:{port}"), home.database().display().to_string());
    let rows = copied(figure, &home, [&from, &names.source, &to, &names.copy], (reading, writing));
    let _ = runtime.block_on(source.drop_collection(&names.source));
    rows
}

/// Copies, proves, and compares with the two bare loops' seconds.
fn copied(figure: &str, home: &Home, words: [&str; 4], (reading, writing): (f64, f64)) -> Vec<Row> {
    let count = parameters::copy_records();
    let copy = [&["copy"], &words[..], &["--yes", "--json", "--verify", "none", "--timeout", "600"]].concat();
    let copied = program::run(home.path(), &copy);
    assert_eq!(copied.report["counts"]["written"], count);
    let id = copied.report["id"].as_str().unwrap().to_owned();
    let proved =
        program::run(home.path(), &["copy", "--resume", &id, "--json", "--verify", "full", "--timeout", "600"]);
    assert_eq!(proved.report["verdict"], "verified");
    let slower = reading.max(writing);
    let speed = |seconds: f64| count as f64 / seconds;
    let part = slower / copied.seconds;
    let resident = copied.peak.resident.max(proved.peak.resident);
    let parts = |peak: program::Peak| format!("{:.0} anonymous and {:.0} of files", peak.anonymous, peak.files);
    vec![
        Row::new(
            &format!("copying {figure}"),
            &speed_limit(),
            format!("{part:.2} ({:.0}/s)", speed(copied.seconds)),
            Verdict::of(part >= WANTED),
            format!(
                "{count} x {DIMENSION}; bare reading {:.0}/s, bare writing {:.0}/s, by the makers' clients, {BATCH} at a \
                 time, each durable; start, plan, list and journal are in, the proof is not ({:.0} s)",
                speed(reading),
                speed(writing),
                proved.seconds
            ),
        ),
        Row::new(
            &memory(figure),
            &memory_limit(),
            format!("{resident:.0} MiB"),
            Verdict::of(resident <= MEMORY),
            format!(
                "{count} x {DIMENSION}; most at a time while copying: {}; while proving: {}; what is mapped of an \
                 embedded engine's files grows with the collection, and the kernel takes it back at need",
                parts(copied.peak),
                parts(proved.peak)
            ),
        ),
    ]
}

fn not_run(figure: &str) -> Vec<Row> {
    let why = || "the tests' servers are not given".to_owned();
    vec![
        Row::not_run(&format!("copying {figure}"), &speed_limit(), why()),
        Row::not_run(&memory(figure), &memory_limit(), why()),
    ]
}

fn speed_limit() -> String {
    format!(">= {WANTED} of the slower bare loop")
}

fn memory(figure: &str) -> String {
    format!("resident memory of copying {figure}")
}

fn memory_limit() -> String {
    format!("<= {MEMORY} MiB")
}

/// Names of collections of this run.
struct Names {
    source: String,
    bare: String,
    copy: String,
}

fn names() -> Names {
    let name = |what: &str| format!("vi_copy_{}_{what}", std::process::id());
    Names { source: name("source"), bare: name("bare"), copy: name("copy") }
}

fn spec(kind: ProviderKind, host: &str, port: u16) -> ConnectSpec {
    let mut spec = ConnectSpec::new(kind, Address::Server { host: host.to_owned(), port, tls: false });
    spec.timeouts.request = Duration::from_secs(600);
    spec
}

/// Makes and fills the source.
async fn fill(db: &dyn Provider, collection: &str, count: u64, text_ids: bool) {
    db.create_collection(&CollectionSpec::dense(collection, DIMENSION, Metric::Cosine)).await.unwrap();
    let all: Vec<u64> = (0..count).collect();
    for some in all.chunks(BATCH) {
        db.upsert(collection, some.iter().map(|n| record(*n, text_ids)).collect()).await.unwrap();
    }
}

fn record(n: u64, text_id: bool) -> Record {
    let id = if text_id { format!("record {n:08}").as_str().into() } else { n.into() };
    let payload = payload(n).as_object().unwrap().clone();
    Record { id, vectors: Some(Vectors::unnamed(vector(n))), payload, text: None }
}

fn payload(n: u64) -> Value {
    json!({ "title": format!("Record number {n}"), "year": 1900 + n % 125, "open": n.is_multiple_of(2) })
}

fn vector(n: u64) -> Vec<f32> {
    let mut random = fastrand::Rng::with_seed(n);
    (0..DIMENSION).map(|_| random.f32() - 0.5).collect()
}
