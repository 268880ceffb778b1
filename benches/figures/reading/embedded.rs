//! Embedded Qdrant and the storage of a stopped Qdrant server, and a bare loop on the engine.

use std::fs;
use std::path::Path;
use std::time::Instant;

use qdrant_edge::{EdgeShard, ScrollRequest, WithPayloadInterface, WithVector};
use serde_json::json;
use tokio::runtime::Runtime;
use vector_inspector::provider::model::PageRequest;
use vector_inspector::provider::qdrant_edge::QdrantEdge;
use vector_inspector::provider::{self, ConnectSpec, Provider, ProviderKind};

use super::{DIMENSION, PAGE, ROUNDS, Read, fill, own_name, read_all, row};
use crate::report::Row;

/// The engine holds a shard for one user only, so each side opens it anew in its turn, outside the
/// time that is taken.
pub fn embedded(runtime: &Runtime) -> Row {
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
    row(ProviderKind::QdrantEdge, &rounds, "the bare loop runs on one thread")
}

/// Reads all of a shard that nobody has open.
pub fn read_shard(dir: &Path) -> Read {
    edge_bare(&EdgeShard::load(dir, None).unwrap(), usize::MAX)
}

pub fn edge_bare(shard: &EdgeShard, pages: usize) -> Read {
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

/// A storage with one shard, as a stopped server leaves it; the provider reads a copy of it.
pub fn folder(runtime: &Runtime) -> Row {
    let dir = tempfile::tempdir().unwrap();
    let (made, storage) = (dir.path().join("made"), dir.path().join("storage"));
    let name = own_name();
    runtime.block_on(async {
        let database = QdrantEdge::create(&made).await.unwrap();
        fill(&database, &name, false).await;
        database.close().await;
    });
    arrange(&made.join(&name), &storage, &name);
    let provider = runtime.block_on(async {
        let spec = ConnectSpec::directory(ProviderKind::QdrantFolder, &storage);
        let provider = provider::connect(&spec).await.unwrap();
        // Makes the copy, outside the time that is taken.
        provider.page(&name, &PageRequest::first(1)).await.unwrap();
        provider
    });
    let shard = EdgeShard::load(&made.join(&name), None).unwrap();
    edge_bare(&shard, 1);
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let started = Instant::now();
        let by_bare = edge_bare(&shard, usize::MAX);
        let bare_took = started.elapsed().as_secs_f64();
        let started = Instant::now();
        let by_ours = runtime.block_on(read_all(provider.as_ref(), &name));
        rounds.push((bare_took, started.elapsed().as_secs_f64()));
        assert_eq!(by_bare, by_ours);
    }
    row(ProviderKind::QdrantFolder, &rounds, "one shard; the bare loop runs on one thread, on the embedded engine")
}

fn arrange(shard: &Path, storage: &Path, name: &str) {
    let collection = storage.join("collections").join(name);
    fs::create_dir_all(collection.join("0")).unwrap();
    fs::write(storage.join("raft_state.json"), "{}").unwrap();
    let vectors = json!({ "size": DIMENSION, "distance": "Cosine" });
    let config = json!({ "params": { "vectors": vectors, "shard_number": 1 } });
    fs::write(collection.join("config.json"), config.to_string()).unwrap();
    copy(&shard.join("segments"), &collection.join("0/segments"));
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().flatten() {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
