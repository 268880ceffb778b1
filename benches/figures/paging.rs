//! Reading a whole collection through a provider, beside a bare loop on the client that the provider
//! uses.

use std::time::Instant;

use qdrant_client::qdrant::points_client::PointsClient;
use qdrant_client::qdrant::{ScrollPoints, WithPayloadSelector, with_payload_selector};
use qdrant_edge::{EdgeShard, ScrollRequest, WithPayloadInterface, WithVector};
use tokio::runtime::Runtime;
use vector_inspector::provider::model::{CollectionSpec, Metric, PageRequest, Record, Vectors};
use vector_inspector::provider::qdrant_edge::QdrantEdge;
use vector_inspector::provider::{self, Address, ConnectSpec, Provider, ProviderKind};

use crate::fake_qdrant::Fake;
use crate::fake_qdrant::many_records::Many;
use crate::parameters;
use crate::report::{Row, Sorted, Verdict};

const NAME: &str = "many";
const DIMENSION: usize = 384;
/// Records of a page: the default of `config.toml`.
const PAGE: usize = 100;
const ROUNDS: usize = 5;
const LIMIT: &str = ">= 0.9 of the bare loop";

pub fn grpc() -> Vec<Row> {
    let records = parameters::grpc_records();
    let runtime = Runtime::new().unwrap();
    let rounds = runtime.block_on(async {
        let server = Fake::with_records(Many { name: NAME.to_owned(), records, dimension: DIMENSION }).serve().await;
        let address =
            Address::Server { host: server.address.ip().to_string(), port: server.address.port(), tls: false };
        let provider = provider::connect(&ConnectSpec::new(ProviderKind::Qdrant, address)).await.unwrap();
        let mut bare = PointsClient::connect(format!("http://{}", server.address)).await.unwrap();
        let mut rounds = Vec::new();
        for _ in 0..ROUNDS {
            let started = Instant::now();
            let mut offset = None;
            let mut seen = 0;
            loop {
                let all = with_payload_selector::SelectorOptions::Enable(true);
                let request = ScrollPoints {
                    collection_name: NAME.to_owned(),
                    offset,
                    limit: Some(PAGE as u32),
                    with_payload: Some(WithPayloadSelector { selector_options: Some(all) }),
                    ..ScrollPoints::default()
                };
                let page = bare.scroll(request).await.unwrap().into_inner();
                seen += page.result.len() as u64;
                offset = page.next_page_offset;
                if offset.is_none() {
                    break;
                }
            }
            assert_eq!(seen, records);
            let bare_took = started.elapsed().as_secs_f64();
            rounds.push((bare_took, read_all(provider.as_ref(), records).await));
        }
        rounds
    });
    vec![row("Qdrant over gRPC", records, &rounds, "fake server in this process, same cores")]
}

pub fn embedded() -> Vec<Row> {
    let records = parameters::embedded_records();
    let runtime = Runtime::new().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path().join("database");
    runtime.block_on(fill(&dir, records));
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let shard = EdgeShard::load(&dir.join(NAME), None).unwrap();
        let started = Instant::now();
        let mut offset = None;
        let mut seen = 0;
        loop {
            let request = ScrollRequest {
                offset,
                limit: Some(PAGE),
                filter: None,
                with_payload: Some(WithPayloadInterface::Bool(true)),
                with_vector: WithVector::Bool(false),
                order_by: None,
            };
            let (page, next) = shard.scroll(request).unwrap();
            seen += page.len() as u64;
            offset = next;
            if offset.is_none() {
                break;
            }
        }
        assert_eq!(seen, records);
        let bare = started.elapsed().as_secs_f64();
        drop(shard);
        let ours = runtime.block_on(async {
            let provider = QdrantEdge::open(&ConnectSpec::directory(ProviderKind::QdrantEdge, &dir)).await.unwrap();
            // Opens the shard, as the bare loop had it open.
            provider.page(NAME, &PageRequest::first(1)).await.unwrap();
            let took = read_all(&provider, records).await;
            provider.close().await;
            took
        });
        rounds.push((bare, ours));
    }
    vec![row("embedded Qdrant", records, &rounds, "the bare loop is on a thread of its own, without conversion")]
}

async fn fill(dir: &std::path::Path, records: u64) {
    let database = QdrantEdge::create(dir).await.unwrap();
    database.create_collection(&CollectionSpec::dense(NAME, DIMENSION, Metric::Cosine)).await.unwrap();
    let ids: Vec<u64> = (0..records).collect();
    for batch in ids.chunks(1000) {
        database.upsert(NAME, batch.iter().map(|n| record(*n)).collect()).await.unwrap();
    }
    database.close().await;
}

fn record(n: u64) -> Record {
    let payload = serde_json::json!({
        "title": format!("Record number {n}"), "year": 1900 + n % 125, "score": (n % 1000) as f64 / 1000.0, "open": n.is_multiple_of(2),
    });
    let vector = (0..DIMENSION).map(|i| ((n as usize + i * 7) % 97 + 1) as f32 / 97.0).collect();
    let payload = payload.as_object().unwrap().clone();
    Record { id: n.into(), vectors: Some(Vectors::unnamed(vector)), payload, text: None }
}

/// Seconds to read everything through the provider.
async fn read_all(provider: &dyn Provider, records: u64) -> f64 {
    let started = Instant::now();
    let mut request = PageRequest::first(PAGE);
    let mut seen = 0;
    loop {
        let page = provider.page(NAME, &request).await.unwrap();
        seen += page.records.len() as u64;
        request.cursor = page.next;
        if request.cursor.is_none() {
            break;
        }
    }
    assert_eq!(seen, records);
    started.elapsed().as_secs_f64()
}

fn row(what: &str, records: u64, rounds: &[(f64, f64)], note: &str) -> Row {
    let ratios = Sorted::new(rounds.iter().map(|(bare, ours)| bare / ours).collect());
    let speed = |times: Vec<f64>| records as f64 / Sorted::new(times).median() / 1e3;
    let ours = speed(rounds.iter().map(|round| round.1).collect());
    let bare = speed(rounds.iter().map(|round| round.0).collect());
    Row::new(
        &format!("paging {records} records, {what}, provider against a bare loop"),
        LIMIT,
        format!("{:.2} ({ours:.0} k/s / {bare:.0} k/s)", ratios.median()),
        Verdict::of(ratios.median() >= 0.9),
        format!(
            "medians of {ROUNDS} rounds in turn, ratios {}; pages of {PAGE}, payload, no vectors; {note}",
            ratios.range(2)
        ),
    )
}
