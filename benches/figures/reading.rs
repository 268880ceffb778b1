//! Reading a whole collection with its vectors through each provider, beside the fastest bare loop on
//! the client that the provider uses: pages of the same size, the answer in that client's own types,
//! then dropped.

use std::time::Instant;

use qdrant_client::qdrant::points_client::PointsClient;
use qdrant_client::qdrant::vectors_output::VectorsOptions;
use qdrant_client::qdrant::{
    RetrievedPoint, ScrollPoints, VectorsOutput, WithPayloadSelector, WithVectorsSelector, vector_output,
    with_payload_selector, with_vectors_selector,
};
use qdrant_edge::{EdgeShard, ScrollRequest, WithPayloadInterface, WithVector};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tokio::runtime::Runtime;
use tonic::transport::Channel;
use vector_inspector::provider::model::{CollectionSpec, Metric, PageRequest, Record, Vector, Vectors};
use vector_inspector::provider::qdrant_edge::QdrantEdge;
use vector_inspector::provider::{self, Address, ConnectSpec, Provider, ProviderKind};

use crate::fake_qdrant::Fake;
use crate::fake_qdrant::many_records::Many;
use crate::parameters;
use crate::report::{Row, Sorted, Verdict};

/// Dimension of the vectors.
const DIMENSION: usize = 384;
/// Records of a page.
const PAGE: usize = 1000;
/// How often each side reads everything, in turn.
const ROUNDS: usize = 3;
/// Room for a page with vectors, as the provider has it.
const LARGEST_MESSAGE: usize = 64 * 1024 * 1024;

/// What one side has read: records and numbers of their vectors, so that neither can leave a part out.
pub type Read = (u64, u64);

/// One line for each maker of this build.
pub fn rows() -> Vec<Row> {
    let runtime = Runtime::new().unwrap();
    ProviderKind::ALL
        .into_iter()
        .map(|kind| match kind {
            ProviderKind::Qdrant => match parameters::server("QDRANT") {
                Some(address) => runtime.block_on(qdrant_server(address)),
                None => runtime.block_on(qdrant_fake()),
            },
            ProviderKind::QdrantEdge => embedded(&runtime),
            ProviderKind::Chroma => match parameters::server("CHROMA") {
                Some(address) => runtime.block_on(chroma(address)),
                None => not_run(kind, "give a server's address in VECTOR_INSPECTOR_TEST_CHROMA_URL"),
            },
            #[cfg(feature = "lancedb")]
            ProviderKind::LanceDb => crate::lance::row(&runtime),
            #[cfg(not(feature = "lancedb"))]
            ProviderKind::LanceDb => not_run(kind, "build with `--features lancedb`"),
            _ => not_run(kind, "no bare loop was written for it"),
        })
        .collect()
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

fn not_run(kind: ProviderKind, why: &str) -> Row {
    Row::not_run(&figure(kind), &limit(kind), why.to_owned())
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

async fn read_all(provider: &dyn Provider, collection: &str) -> Read {
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

async fn qdrant_fake() -> Row {
    let many = Many { name: own_name(), records: parameters::reading_records(), dimension: DIMENSION };
    let server = Fake::with_records(many).serve().await;
    let address = Address::Server { host: server.address.ip().to_string(), port: server.address.port(), tls: false };
    let provider = provider::connect(&ConnectSpec::new(ProviderKind::Qdrant, address)).await.unwrap();
    let bare = PointsClient::connect(format!("http://{}", server.address)).await.unwrap();
    let rounds = in_turn(provider.as_ref(), &own_name(), async || qdrant_bare(bare.clone()).await).await;
    row(ProviderKind::Qdrant, &rounds, "fake server in this process, same cores")
}

async fn qdrant_server(address: (String, u16)) -> Row {
    let (host, port) = address;
    let bare = PointsClient::connect(format!("http://{host}:{port}")).await.unwrap();
    let spec = ConnectSpec::new(ProviderKind::Qdrant, Address::Server { host, port, tls: false });
    let provider = provider::connect(&spec).await.unwrap();
    fill(provider.as_ref(), &own_name(), false).await;
    let rounds = in_turn(provider.as_ref(), &own_name(), async || qdrant_bare(bare.clone()).await).await;
    provider.drop_collection(&own_name()).await.unwrap();
    row(ProviderKind::Qdrant, &rounds, "real server")
}

async fn qdrant_bare(client: PointsClient<Channel>) -> Read {
    let mut client = client.max_decoding_message_size(LARGEST_MESSAGE);
    let payload = with_payload_selector::SelectorOptions::Enable(true);
    let vectors = with_vectors_selector::SelectorOptions::Enable(true);
    let (mut offset, mut read) = (None, (0, 0));
    loop {
        let request = ScrollPoints {
            collection_name: own_name(),
            offset,
            limit: Some(PAGE as u32),
            with_payload: Some(WithPayloadSelector { selector_options: Some(payload.clone()) }),
            with_vectors: Some(WithVectorsSelector { selector_options: Some(vectors.clone()) }),
            ..ScrollPoints::default()
        };
        let page = client.scroll(request).await.unwrap().into_inner();
        read.0 += page.result.len() as u64;
        read.1 += page.result.iter().map(numbers_of_point).sum::<u64>();
        offset = page.next_page_offset;
        if offset.is_none() {
            return read;
        }
    }
}

#[allow(deprecated)]
fn numbers_of_point(point: &RetrievedPoint) -> u64 {
    match &point.vectors {
        Some(VectorsOutput { vectors_options: Some(VectorsOptions::Vector(output)) }) => match &output.vector {
            Some(vector_output::Vector::Dense(dense)) => dense.data.len() as u64,
            _ => output.data.len() as u64,
        },
        _ => 0,
    }
}

/// The engine holds a shard for one user only, so each side opens it anew in its turn, outside the
/// time that is taken.
fn embedded(runtime: &Runtime) -> Row {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path().join("database");
    let name = own_name();
    runtime.block_on(async {
        let database = QdrantEdge::create(&dir).await.unwrap();
        fill(&database, &name, false).await;
        database.close().await;
    });
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let shard = EdgeShard::load(&dir.join(&name), None).unwrap();
        edge_bare(&shard, 1);
        let started = Instant::now();
        let by_bare = edge_bare(&shard, usize::MAX);
        let bare_took = started.elapsed().as_secs_f64();
        drop(shard);
        let (by_ours, ours_took) = runtime.block_on(async {
            let spec = ConnectSpec::directory(ProviderKind::QdrantEdge, &dir);
            let provider = QdrantEdge::open(&spec).await.unwrap();
            provider.page(&name, &PageRequest::first(1)).await.unwrap();
            let started = Instant::now();
            let read = read_all(&provider, &name).await;
            let took = started.elapsed().as_secs_f64();
            provider.close().await;
            (read, took)
        });
        assert_eq!(by_bare, by_ours);
        rounds.push((bare_took, ours_took));
    }
    row(ProviderKind::QdrantEdge, &rounds, "the bare loop runs on one thread, the provider on one for each page")
}

fn edge_bare(shard: &EdgeShard, pages: usize) -> Read {
    let (mut offset, mut read) = (None, (0, 0));
    for _ in 0..pages {
        let request = ScrollRequest {
            offset,
            limit: Some(PAGE),
            filter: None,
            with_payload: Some(WithPayloadInterface::Bool(true)),
            with_vector: WithVector::Bool(true),
            order_by: None,
        };
        let (page, next) = shard.scroll(request).unwrap();
        read.0 += page.len() as u64;
        // Each record has the one vector that it was stored with.
        read.1 += page.iter().filter(|record| record.vector.is_some()).count() as u64 * DIMENSION as u64;
        offset = next;
        if offset.is_none() {
            break;
        }
    }
    read
}

/// A page of Chroma in plain columns.
#[derive(Deserialize)]
struct Columns {
    ids: Vec<String>,
    embeddings: Vec<Vec<f32>>,
    #[serde(rename = "documents")]
    _documents: Vec<Option<String>>,
    #[serde(rename = "metadatas")]
    _metadatas: Vec<Option<Map<String, Value>>>,
}

async fn chroma(address: (String, u16)) -> Row {
    let (host, port) = address;
    let base = format!("http://{host}:{port}/api/v2/tenants/default_tenant/databases/default_database/collections");
    let spec = ConnectSpec::new(ProviderKind::Chroma, Address::Server { host, port, tls: false });
    let provider = provider::connect(&spec).await.unwrap();
    fill(provider.as_ref(), &own_name(), true).await;
    // As the program does when it starts.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let found = client.get(format!("{base}/{}", own_name())).send().await.unwrap().bytes().await.unwrap();
    let found: Value = serde_json::from_slice(&found).unwrap();
    let url = format!("{base}/{}/get", found["id"].as_str().unwrap());
    let bare = async || chroma_bare(&client, &url).await;
    let rounds = in_turn(provider.as_ref(), &own_name(), bare).await;
    provider.drop_collection(&own_name()).await.unwrap();
    row(ProviderKind::Chroma, &rounds, "real server; the bare loop reads JSON into plain columns")
}

async fn chroma_bare(client: &reqwest::Client, url: &str) -> Read {
    let mut read = (0, 0);
    loop {
        let body = json!({ "limit": PAGE, "offset": read.0, "include": ["embeddings", "documents", "metadatas"] });
        let answer = client.post(url).json(&body).send().await.unwrap().bytes().await.unwrap();
        let page: Columns = serde_json::from_slice(&answer).unwrap();
        read.0 += page.ids.len() as u64;
        read.1 += page.embeddings.iter().map(|vector| vector.len() as u64).sum::<u64>();
        if page.ids.len() < PAGE {
            return read;
        }
    }
}
