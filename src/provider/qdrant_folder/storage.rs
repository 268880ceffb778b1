//! What a server's storage holds, read from names and JSON files; nothing is opened.

use std::collections::BTreeMap;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use crate::provider::model::{Metric, VectorKind, VectorSpec};
use crate::provider::{ProviderError, Result};

/// Bytes of a file of the copy's own write-ahead log, in which nothing is ever written.
const LOG_CAPACITY: usize = 64 * 1024;

/// The directory with `collections`: this one, or its `storage` as the server's packages lay it out.
pub(super) fn root(dir: &Path) -> Option<PathBuf> {
    [dir.to_owned(), dir.join("storage")].into_iter().find(|root| {
        let marked = root.join("raft_state.json").is_file() || root.join("aliases").is_dir();
        marked && root.join("collections").is_dir()
    })
}

/// Whether the directory is the storage of a Qdrant server.
pub(super) fn is_storage(dir: &Path) -> bool {
    root(dir).is_some()
}

/// A collection on disk.
#[derive(Debug, Clone)]
pub(super) struct Stored {
    /// Its name, which is also that of its directory.
    pub(super) name: String,
    /// Its directory.
    pub(super) dir: PathBuf,
    /// The server's description.
    pub(super) config: Value,
    /// The shards that are here, by number.
    pub(super) shards: Vec<(u64, PathBuf)>,
}

/// The names of all collections, sorted.
pub(super) fn names(root: &Path) -> Result<Vec<String>> {
    let dir = root.join("collections");
    let entries = fs::read_dir(&dir).map_err(|e| file_error(&dir, &e))?;
    let mut names: Vec<String> = entries
        .flatten()
        .filter(|entry| entry.path().join("config.json").is_file())
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    names.sort_unstable();
    Ok(names)
}

/// Other names of collections.
pub(super) fn aliases(root: &Path) -> BTreeMap<String, String> {
    let text = fs::read(root.join("aliases").join("data.json")).unwrap_or_default();
    serde_json::from_slice(&text).unwrap_or_default()
}

impl Stored {
    /// The collection of that name or alias.
    pub(super) fn read(root: &Path, name: &str) -> Result<Self> {
        let missing = || ProviderError::NoSuchCollection { collection: name.to_owned() };
        // names are directories: only those that are listed, so that none leads elsewhere
        let known = names(root)?;
        let aliases = aliases(root);
        let real =
            if known.iter().any(|known| known == name) { name } else { aliases.get(name).ok_or_else(missing)? };
        let real = known.into_iter().find(|known| known == real).ok_or_else(missing)?;
        let dir = root.join("collections").join(&real);
        let file = dir.join("config.json");
        let config = fs::read(&file).map_err(|e| file_error(&file, &e))?;
        let config = serde_json::from_slice(&config).map_err(|e| bad_file(&file, &e.to_string()))?;
        let mut shards: Vec<(u64, PathBuf)> = fs::read_dir(&dir)
            .map_err(|e| file_error(&dir, &e))?
            .flatten()
            .filter(|entry| entry.path().join("segments").is_dir())
            .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path())))
            .collect();
        shards.sort_unstable();
        Ok(Self { name: real, dir, config, shards })
    }

    /// How many shards the whole collection has; the others are on other machines of a cluster.
    pub(super) fn shard_number(&self) -> u64 {
        self.config.pointer("/params/shard_number").and_then(Value::as_u64).unwrap_or(1)
    }

    /// Bytes on disk that a copy has to read.
    pub(super) fn size(&self) -> u64 {
        self.files("segments").iter().map(|(_, metadata)| on_disk(metadata)).sum()
    }

    /// Tells whether anything has changed.
    pub(super) fn stamp(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        for (path, metadata) in self.files("segments").into_iter().chain(self.files("wal")) {
            (path, metadata.len(), metadata.modified().ok()).hash(&mut hasher);
        }
        hasher.finish()
    }

    /// Every file in that directory of the shards. Segments are copied, the log is only read.
    fn files(&self, of: &str) -> Vec<(PathBuf, fs::Metadata)> {
        let mut files = Vec::new();
        let mut open: Vec<PathBuf> = self.shards.iter().map(|(_, dir)| dir.join(of)).collect();
        while let Some(dir) = open.pop() {
            for entry in fs::read_dir(&dir).into_iter().flatten().flatten() {
                match entry.metadata() {
                    Ok(metadata) if metadata.is_dir() => open.push(entry.path()),
                    Ok(metadata) => files.push((entry.path(), metadata)),
                    Err(_) => {}
                }
            }
        }
        files.sort_by(|a, b| a.0.cmp(&b.0));
        files
    }

    fn dense(&self) -> Vec<(String, Value)> {
        match self.config.pointer("/params/vectors") {
            Some(Value::Object(one)) if one.contains_key("size") => vec![(String::new(), Value::Object(one.clone()))],
            Some(Value::Object(named)) => named.iter().map(|(name, value)| (name.clone(), value.clone())).collect(),
            _ => Vec::new(),
        }
    }

    fn sparse(&self) -> Map<String, Value> {
        let sparse = self.config.pointer("/params/sparse_vectors").and_then(Value::as_object);
        sparse.cloned().unwrap_or_default()
    }

    /// Its vector fields, sorted by name.
    pub(super) fn vectors(&self) -> Vec<VectorSpec> {
        let dense = self.dense().into_iter().map(|(name, params)| VectorSpec {
            name,
            kind: if params["multivector_config"].is_object() { VectorKind::Multi } else { VectorKind::Dense },
            dimension: params["size"].as_u64().and_then(|size| usize::try_from(size).ok()),
            metric: match params["distance"].as_str() {
                Some("Cosine") => Some(Metric::Cosine),
                Some("Dot") => Some(Metric::Dot),
                Some("Euclid") => Some(Metric::Euclidean),
                Some("Manhattan") => Some(Metric::Manhattan),
                _ => None,
            },
            index: None,
            embedder: None,
        });
        let sparse = self.sparse().into_iter().map(|(name, _)| VectorSpec {
            name,
            kind: VectorKind::Sparse,
            dimension: None,
            metric: Some(Metric::Dot),
            index: None,
            embedder: None,
        });
        let mut vectors: Vec<VectorSpec> = dense.chain(sparse).collect();
        vectors.sort_by(|a, b| a.name.cmp(&b.name));
        vectors
    }

    /// The description that the engine wants beside the segments: what they cannot do without, in the
    /// server's own words, and a small log.
    pub(super) fn engine_config(&self) -> Value {
        let keep = |params: &Value, keys: &[&str]| -> Value {
            let kept = keys.iter().filter_map(|key| Some(((*key).to_owned(), params.get(key)?.clone())));
            Value::Object(kept.filter(|(_, value)| !value.is_null()).collect())
        };
        let dense = |(name, params): (String, Value)| {
            (name, keep(&params, &["size", "distance", "multivector_config", "datatype", "on_disk"]))
        };
        let vectors: Map<String, Value> = self.dense().into_iter().map(dense).collect();
        let sparse = |(name, params): (String, Value)| {
            let mut kept = keep(&params, &["modifier"]);
            if let Some(datatype) = params.pointer("/index/datatype").filter(|datatype| !datatype.is_null()) {
                kept["datatype"] = datatype.clone();
            }
            (name, kept)
        };
        let sparse: Map<String, Value> = self.sparse().into_iter().map(sparse).collect();
        let on_disk = self.config.pointer("/params/on_disk_payload").and_then(Value::as_bool).unwrap_or(true);
        let log = json!({ "segment_capacity": LOG_CAPACITY, "segment_queue_len": 0, "retain_closed": 1 });
        json!({ "on_disk_payload": on_disk, "vectors": vectors, "sparse_vectors": sparse, "wal_options": log })
    }
}

#[cfg(unix)]
fn on_disk(metadata: &fs::Metadata) -> u64 {
    use std::os::unix::fs::MetadataExt;
    metadata.blocks() * 512
}

#[cfg(not(unix))]
fn on_disk(metadata: &fs::Metadata) -> u64 {
    metadata.len()
}

/// The system's refusal of a file, in our words.
pub(super) fn file_error(path: &Path, error: &io::Error) -> ProviderError {
    ProviderError::File { path: path.display().to_string(), cause: error.to_string() }
}

fn bad_file(path: &Path, cause: &str) -> ProviderError {
    ProviderError::BadAnswer { address: path.display().to_string(), cause: cause.to_owned() }
}
