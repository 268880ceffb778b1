//! The storage of a Qdrant server, for the suite, where no server is: the embedded engine writes two
//! shards for each collection, and links arrange their segments as a server does.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use serde_json::{Map, Value, json};
use vector_inspector::provider::filter::Filter;
use vector_inspector::provider::model::{
    CollectionInfo, CollectionSpec, CollectionSummary, Count, Hit, Metric, Page, PageRequest, Record, RecordId,
    SearchRequest, VectorKind,
};
use vector_inspector::provider::qdrant_edge::QdrantEdge;
use vector_inspector::provider::{Capabilities, Provider, ProviderError, Result, ServerInfo};

const SHARDS: u64 = 2;

/// Writes; what it has written is read through the provider under test.
pub struct ServerStorage {
    edge: QdrantEdge,
    made: PathBuf,
    collections: PathBuf,
}

impl ServerStorage {
    /// An empty storage in that directory.
    pub async fn new(dir: &Path) -> Result<Self> {
        let (made, collections) = (dir.join("made"), dir.join("storage/collections"));
        fs::create_dir_all(&collections).unwrap();
        fs::write(dir.join("storage/raft_state.json"), "{}").unwrap();
        Ok(Self { edge: QdrantEdge::create(&made).await?, made, collections })
    }

    fn check(&self, name: &str) -> Result<()> {
        let missing = || ProviderError::NoSuchCollection { collection: name.to_owned() };
        if self.collections.join(name).is_dir() { Ok(()) } else { Err(missing()) }
    }
}

fn shard_name(name: &str, shard: u64) -> String {
    format!("{name}.{shard}")
}

fn shard_of(id: &RecordId) -> u64 {
    let mut hasher = DefaultHasher::new();
    id.hash(&mut hasher);
    hasher.finish() % SHARDS
}

/// As the server writes it into `config.json`.
fn config(spec: &CollectionSpec) -> Value {
    let (mut dense, mut sparse) = (Map::new(), Map::new());
    for field in &spec.vectors {
        let distance = match field.metric {
            Some(Metric::Cosine) => "Cosine",
            Some(Metric::Euclidean) => "Euclid",
            Some(Metric::Manhattan) => "Manhattan",
            Some(Metric::Dot) | None => "Dot",
        };
        let mut params = json!({ "size": field.dimension, "distance": distance });
        match field.kind {
            VectorKind::Sparse => drop(sparse.insert(field.name.clone(), json!({}))),
            VectorKind::Multi => {
                params["multivector_config"] = json!({ "comparator": "max_sim" });
                dense.insert(field.name.clone(), params);
            }
            VectorKind::Dense => drop(dense.insert(field.name.clone(), params)),
        }
    }
    let dense = if dense.len() == 1 { dense.remove("").unwrap_or(Value::Object(dense)) } else { Value::Object(dense) };
    json!({ "params": { "vectors": dense, "sparse_vectors": sparse, "shard_number": SHARDS } })
}

#[cfg(unix)]
fn link(from: &Path, to: &Path) {
    std::os::unix::fs::symlink(from, to).unwrap();
}

#[cfg(windows)]
fn link(from: &Path, to: &Path) {
    std::os::windows::fs::symlink_dir(from, to).unwrap();
}

#[async_trait]
impl Provider for ServerStorage {
    fn capabilities(&self) -> &Capabilities {
        self.edge.capabilities()
    }

    async fn check_new(&self, spec: &CollectionSpec) -> Result<()> {
        let first = CollectionSpec { name: shard_name(&spec.name, 0), ..spec.clone() };
        self.edge.check_new(&first).await
    }

    async fn create_collection(&self, spec: &CollectionSpec) -> Result<()> {
        let dir = self.collections.join(&spec.name);
        for shard in 0..SHARDS {
            let name = shard_name(&spec.name, shard);
            self.edge.create_collection(&CollectionSpec { name: name.clone(), ..spec.clone() }).await?;
            fs::create_dir_all(dir.join(shard.to_string())).unwrap();
            link(&self.made.join(name).join("segments"), &dir.join(shard.to_string()).join("segments"));
        }
        fs::write(dir.join("config.json"), config(spec).to_string()).unwrap();
        Ok(())
    }

    async fn upsert(&self, collection: &str, records: Vec<Record>) -> Result<()> {
        self.check(collection)?;
        for shard in 0..SHARDS {
            let part = records.iter().filter(|record| shard_of(&record.id) == shard).cloned().collect();
            self.edge.upsert(&shard_name(collection, shard), part).await?;
        }
        Ok(())
    }

    async fn delete(&self, collection: &str, ids: &[RecordId]) -> Result<()> {
        self.check(collection)?;
        for shard in 0..SHARDS {
            self.edge.delete(&shard_name(collection, shard), ids).await?;
        }
        Ok(())
    }

    async fn drop_collection(&self, collection: &str) -> Result<()> {
        self.check(collection)?;
        fs::remove_dir_all(self.collections.join(collection)).unwrap();
        for shard in 0..SHARDS {
            self.edge.drop_collection(&shard_name(collection, shard)).await?;
        }
        Ok(())
    }

    async fn ping(&self) -> Result<ServerInfo> {
        self.edge.ping().await
    }

    async fn collections(&self) -> Result<Vec<CollectionSummary>> {
        panic!("this one only writes")
    }

    async fn describe(&self, _: &str) -> Result<CollectionInfo> {
        panic!("this one only writes")
    }

    async fn count(&self, _: &str, _: Option<&Filter>) -> Result<Count> {
        panic!("this one only writes")
    }

    async fn page(&self, _: &str, _: &PageRequest) -> Result<Page> {
        panic!("this one only writes")
    }

    async fn get(&self, _: &str, _: &[RecordId], _: bool) -> Result<Vec<Record>> {
        panic!("this one only writes")
    }

    async fn search(&self, _: &str, _: &SearchRequest) -> Result<Vec<Hit>> {
        panic!("this one only writes")
    }
}
