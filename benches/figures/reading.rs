//! Reading a whole collection with its vectors through each provider, beside the fastest bare loop on
//! the client that the provider uses: pages of the same size, the answer in that client's own types (JSON
//! in structs with just its fields), then dropped.

pub mod chroma;
pub mod embedded;
mod fakes;
mod milvus;
pub mod pgvector;
mod qdrant;
mod redis;

pub use embedded::edge_bare;

use std::time::Instant;

use serde_json::json;
use tokio::runtime::Runtime;
use vector_inspector::provider::model::{CollectionSpec, Metric, PageRequest, Record, Vector, Vectors};
use vector_inspector::provider::{Provider, ProviderKind};

use crate::parameters;
use crate::report::{Row, Sorted, Verdict};

/// Dimension of the vectors.
const DIMENSION: usize = 384;
/// Records of a page.
const PAGE: usize = 1000;
/// How often each side reads everything, in turn.
pub const ROUNDS: usize = 5;

/// What one side has read: records and numbers of their vectors, so that neither can leave a part out.
pub type Read = (u64, u64);

/// One line for each maker of this build, in the order of menus.
pub fn rows() -> Vec<Row> {
    let runtime = Runtime::new().unwrap();
    // As the program does when it starts.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut rows: Vec<Row> = Vec::new();
    for kind in ProviderKind::ALL.into_iter().filter(|kind| parameters::is_wanted(kind.name())) {
        eprintln!("  reading: {}", kind.name());
        match kind {
            ProviderKind::Qdrant => rows.push(runtime.block_on(qdrant::server())),
            ProviderKind::QdrantEdge => rows.push(embedded::embedded(&runtime)),
            ProviderKind::QdrantFolder => rows.push(embedded::folder(&runtime)),
            ProviderKind::Weaviate => rows.push(runtime.block_on(fakes::weaviate())),
            ProviderKind::Elasticsearch => rows.push(runtime.block_on(fakes::elasticsearch())),
            ProviderKind::Pinecone => rows.push(runtime.block_on(fakes::pinecone())),
            // Its folder is read while the server has the collection; nobody but the program reads backups, and a store
            // is as fast as its network.
            ProviderKind::ChromaFolder | ProviderKind::ParquetBackup | ProviderKind::LanceStore => {}
            ProviderKind::Chroma => match parameters::server("CHROMA") {
                Some(address) => rows.extend(runtime.block_on(chroma::server(address))),
                None => rows.push(not_given(kind, "CHROMA")),
            },
            ProviderKind::Pgvector => match parameters::server("PGVECTOR") {
                Some(address) => rows.push(runtime.block_on(pgvector::server(address))),
                None => rows.push(not_given(kind, "PGVECTOR")),
            },
            ProviderKind::Redis => match parameters::server("REDIS") {
                Some(address) => rows.push(runtime.block_on(redis::server(address))),
                None => rows.push(not_given(kind, "REDIS")),
            },
            ProviderKind::Milvus => match parameters::server("MILVUS") {
                Some(address) => rows.push(runtime.block_on(milvus::server(address))),
                None => rows.push(not_given(kind, "MILVUS")),
            },
            #[cfg(feature = "lancedb")]
            ProviderKind::LanceDb => rows.extend(crate::lance::rows(&runtime)),
            #[cfg(not(feature = "lancedb"))]
            ProviderKind::LanceDb => {
                rows.push(Row::not_run(&figure(kind), &limit(kind), "build with `--features lancedb`".to_owned()));
            }
        }
        if let Some(row) = rows.last() {
            eprintln!("  {}: {} {}", row.figure, row.measured, row.note);
        }
    }
    rows
}

fn not_given(kind: ProviderKind, name: &str) -> Row {
    let why = format!("give a server's address in VECTOR_INSPECTOR_TEST_{name}_URL");
    Row::not_run(&figure(kind), &limit(kind), why)
}

fn figure(kind: ProviderKind) -> String {
    let records = parameters::reading_records();
    format!("reading {records} x {DIMENSION}, {}, provider against a bare loop", kind.name())
}

/// The part of the bare loop's speed that is wanted.
fn wanted(kind: ProviderKind) -> f64 {
    if matches!(kind.name(), "qdrant" | "pgvector" | "lancedb") { 0.9 } else { 0.8 }
}

fn limit(kind: ProviderKind) -> String {
    format!(">= {} of the bare loop", wanted(kind))
}

pub fn row(kind: ProviderKind, rounds: &[(f64, f64)], note: &str) -> Row {
    let records = parameters::reading_records();
    let ratio = Sorted::new(rounds.iter().map(|(bare, ours)| bare / ours).collect());
    let speed = |times: Vec<f64>| records as f64 / Sorted::new(times).median() / 1e3;
    let bare = speed(rounds.iter().map(|round| round.0).collect());
    let ours = speed(rounds.iter().map(|round| round.1).collect());
    Row::new(
        &figure(kind),
        &limit(kind),
        format!("{:.2} ({ours:.1} k/s / {bare:.1} k/s)", ratio.median()),
        Verdict::of(ratio.median() >= wanted(kind)),
        format!(
            "medians of {ROUNDS} rounds in turn, ratios {}; pages of {PAGE}, payload and vectors; {note}",
            ratio.range(2)
        ),
    )
}

/// Both sides in turn, and that they have read the same.
pub async fn in_turn(provider: &dyn Provider, collection: &str, bare: impl AsyncFn() -> Read) -> Vec<(f64, f64)> {
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let started = Instant::now();
        let by_bare = bare().await;
        let bare_took = started.elapsed().as_secs_f64();
        let started = Instant::now();
        let by_ours = read_all(provider, collection).await;
        rounds.push((bare_took, started.elapsed().as_secs_f64()));
        assert_eq!(by_bare, by_ours);
        assert_eq!(by_ours.0, parameters::reading_records());
    }
    rounds
}

pub async fn read_all(provider: &dyn Provider, collection: &str) -> Read {
    let mut request = PageRequest { with_vectors: true, ..PageRequest::first(PAGE) };
    let mut read = (0, 0);
    loop {
        let page = provider.page(collection, &request).await.unwrap();
        read.0 += page.records.len() as u64;
        read.1 += page.records.iter().map(numbers_of).sum::<u64>();
        request.cursor = page.next;
        if request.cursor.is_none() {
            return read;
        }
    }
}

fn numbers_of(record: &Record) -> u64 {
    let vectors = record.vectors.as_ref().map_or(&[][..], |vectors| vectors.0.as_slice());
    vectors.iter().map(|(_, vector)| if let Vector::Dense(values) = vector { values.len() as u64 } else { 0 }).sum()
}

/// Makes the collection and fills it, through the provider.
pub async fn fill(provider: &dyn Provider, collection: &str, text_ids: bool) {
    let _ = provider.drop_collection(collection).await;
    provider.create_collection(&CollectionSpec::dense(collection, DIMENSION, Metric::Cosine)).await.unwrap();
    put(provider, collection, text_ids).await;
}

/// Fills a collection that is there.
async fn put(provider: &dyn Provider, collection: &str, text_ids: bool) {
    let all: Vec<u64> = (0..parameters::reading_records()).collect();
    for batch in all.chunks(1000) {
        let records = batch.iter().map(|n| record(*n, text_ids)).collect();
        provider.upsert(collection, records).await.unwrap();
    }
}

fn record(n: u64, text_id: bool) -> Record {
    let payload = json!({
        "title": format!("Record number {n}"), "year": 1900 + n % 125, "score": (n % 1000) as f64 / 1000.0, "open": n.is_multiple_of(2),
    });
    let vector = (0..DIMENSION).map(|i| ((n as usize + i * 7) % 97 + 1) as f32 / 97.0).collect();
    let id = if text_id { format!("record {n:08}").as_str().into() } else { n.into() };
    Record { id, vectors: Some(Vectors::unnamed(vector)), payload: payload.as_object().unwrap().clone(), text: None }
}

pub fn own_name() -> String {
    format!("vi-bench-{}", std::process::id())
}
