//! Vector sets of Redis 8: keys of the type `vectorset` are collections beside the indexes of RediSearch.
//!
//! An element's name is the id, its attributes (JSON) are the payload. [`element`] reads vectors and
//! attributes, [`reads`] counts, pages and searches, [`filter`] makes expressions of `VSIM FILTER`,
//! [`writes`] changes elements. A set is asked for with each question, as an index is.

mod element;
mod filter;
mod reads;
mod writes;

use std::collections::BTreeSet;

use redis::Value;
use serde_json::{Value as Json, json};

use super::connection::Connection;
use super::reply::{array, bytes, field, number, text, to_object};
use super::{Database, STEP};
use crate::provider::model::{
    CollectionInfo, CollectionState, CollectionSummary, Count, Metric, VectorKind, VectorSpec,
};
use crate::provider::{ConnectSpec, ProviderError, Result};
use element::Quantisation;

/// What stands before the key of a set in its name where an index has the name already.
const PREFIX: &str = "vectorset:";
/// Keys that the server looks at in one step of `SCAN`.
const SCAN_STEP: usize = 5_000;

/// What the server can do with vector sets, and what the profile says of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Abilities {
    /// Whether it has vector sets.
    pub(super) sets: bool,
    /// Whether it lists elements in the order of their names (`VRANGE`, 8.4).
    range: bool,
    /// Whether it tells if an element is there (`VISMEMBER`, 8.2).
    member: bool,
    /// Whether the whole keyspace is looked through for sets.
    list: bool,
    /// Whether all attributes are texts, numbers, booleans and arrays of these: what `FILTER` reads whole.
    pub(super) flat: bool,
}

impl Abilities {
    /// Asks which commands the server has. Who may not ask that sees no vector sets.
    ///
    /// # Errors
    /// Only those after which the connection is of no use.
    pub(super) async fn ask(connection: &Connection, spec: &ConnectSpec) -> Result<Self> {
        let mut command = redis::cmd("COMMAND");
        command.arg("INFO").arg("VSIM").arg("VRANGE").arg("VISMEMBER");
        let answer = match connection.ask(&command).await {
            Ok(answer) => answer,
            Err(ProviderError::Unauthorized { .. } | ProviderError::Server { .. }) => return Ok(Self::default()),
            Err(ProviderError::Unsupported { .. }) => return Ok(Self::default()),
            Err(error) => return Err(error),
        };
        let known: Vec<bool> = array(&answer).unwrap_or_default().iter().map(|one| array(one).is_some()).collect();
        let has = |at: usize| known.get(at).copied().unwrap_or(false);
        Ok(Self {
            sets: has(0),
            range: has(1),
            member: has(2),
            list: spec.option("vector_sets") != Some("skip"),
            flat: spec.option("attributes") == Some("flat"),
        })
    }
}

/// A vector set: our collection.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct VectorSet {
    /// Its name here.
    pub(super) name: String,
    /// Its key.
    key: String,
    /// Number of elements.
    size: u64,
    /// Dimensions of what is stored.
    dimension: usize,
    /// Dimensions of what is given, where the server projects it to fewer.
    projected_from: Option<usize>,
    /// Links of each node of the graph, where the server tells.
    links: Option<u64>,
    quantisation: Quantisation,
    raw: Json,
}

impl VectorSet {
    /// Reads the answer of `VINFO`.
    ///
    /// # Errors
    /// What is missing in it.
    fn read(name: &str, key: &str, info: &Value) -> std::result::Result<Self, String> {
        let count = |name: &str| field(info, name).and_then(number);
        let whole = |name: &str| count(name).and_then(|n| usize::try_from(n).ok());
        let words = field(info, "quant-type").and_then(text).ok_or("VINFO without quant-type")?;
        Ok(Self {
            name: name.to_owned(),
            key: key.to_owned(),
            size: count("size").ok_or("VINFO without size")?,
            dimension: whole("vector-dim").ok_or("VINFO without vector-dim")?,
            projected_from: whole("projection-input-dim").filter(|dimension| *dimension > 0),
            links: count("hnsw-m"),
            quantisation: Quantisation::read(words)?,
            raw: to_object(info),
        })
    }

    /// Dimensions of a vector to store or to search with.
    fn taken(&self) -> usize {
        self.projected_from.unwrap_or(self.dimension)
    }

    /// A line of the sidebar.
    fn summary(&self) -> CollectionSummary {
        let mut words = "hnsw".to_owned();
        if let Some(links) = self.links {
            words += &format!(" m={links}");
        }
        words += &format!(", {}", self.quantisation.words());
        if let Some(from) = self.projected_from {
            words += &format!(", projected from {from} dimensions");
        }
        let vector = VectorSpec {
            name: String::new(),
            kind: VectorKind::Dense,
            dimension: Some(self.dimension),
            metric: Some(Metric::Cosine),
            index: Some(words),
            embedder: None,
        };
        let count = Some(Count { value: self.size, exact: true });
        CollectionSummary { name: self.name.clone(), count, vectors: vec![vector] }
    }

    /// All that can be told.
    pub(super) fn info(self) -> CollectionInfo {
        let mut vectors = self.quantisation.sentence().to_owned();
        if let Some(from) = self.projected_from {
            vectors += &format!(
                " What is given has {from} dimensions; the server projects it to {} and keeps those only.",
                self.dimension
            );
        }
        let summary = self.summary();
        let details = json!({ "type": "vectorset", "key": self.key, "vectors": vectors, "VINFO": self.raw });
        CollectionInfo { summary, state: CollectionState::Ready, fields: Vec::new(), details }
    }
}

impl Database {
    /// The vector set of that name, if there is one.
    pub(super) async fn find_set(&self, name: &str) -> Result<Option<VectorSet>> {
        if !self.sets.sets {
            return Ok(None);
        }
        if let Some(set) = self.set_of_key(name, name).await? {
            return Ok(Some(set));
        }
        match name.strip_prefix(PREFIX) {
            Some(key) => self.set_of_key(name, key).await,
            None => Ok(None),
        }
    }

    async fn set_of_key(&self, name: &str, key: &str) -> Result<Option<VectorSet>> {
        let mut command = redis::cmd("VINFO");
        command.arg(key);
        match self.connection.ask(&command).await {
            Ok(Value::Nil) => Ok(None),
            Ok(info) => VectorSet::read(name, key, &info).map(Some).map_err(|cause| self.connection.bad_answer(cause)),
            // A key of another type.
            Err(ProviderError::Server { cause, .. }) if cause.contains("WRONGTYPE") => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// All vector sets of the keyspace, beside indexes of these names.
    pub(super) async fn list_sets(&self, indexes: &[String]) -> Result<Vec<CollectionSummary>> {
        if !self.sets.sets || !self.sets.list {
            return Ok(Vec::new());
        }
        let keys: Vec<String> = self.scan().await?.into_iter().collect();
        let mut found = Vec::new();
        for keys in keys.chunks(STEP) {
            let questions = keys.iter().map(|key| {
                let mut command = redis::cmd("VINFO");
                command.arg(key);
                command
            });
            for (key, info) in keys.iter().zip(self.connection.ask_all(questions.collect()).await?) {
                // Dropped meanwhile.
                if info == Value::Nil {
                    continue;
                }
                let name = if indexes.contains(key) { format!("{PREFIX}{key}") } else { key.clone() };
                let set = VectorSet::read(&name, key, &info).map_err(|cause| self.connection.bad_answer(cause))?;
                found.push(set.summary());
            }
        }
        Ok(found)
    }

    /// The keys of the type `vectorset`, each once, although `SCAN` may give one twice. Who may not look
    /// through the keyspace sees none; keys that are no UTF-8 texts have no name here.
    async fn scan(&self) -> Result<BTreeSet<String>> {
        let (mut keys, mut cursor) = (BTreeSet::new(), "0".to_owned());
        loop {
            let mut command = redis::cmd("SCAN");
            command.arg(&cursor).arg("COUNT").arg(SCAN_STEP).arg("TYPE").arg("vectorset");
            let answer = match self.connection.ask(&command).await {
                Err(ProviderError::Unauthorized { .. }) => return Ok(BTreeSet::new()),
                answer => answer?,
            };
            let bad = || self.connection.bad_answer("a step of SCAN without a cursor and keys");
            let [next, found] = array(&answer).ok_or_else(bad)? else { return Err(bad()) };
            let found = array(found).ok_or_else(bad)?.iter().filter_map(bytes);
            keys.extend(found.filter_map(|key| std::str::from_utf8(key).ok()).map(str::to_owned));
            cursor = text(next).ok_or_else(bad)?.to_owned();
            if cursor == "0" {
                return Ok(keys);
            }
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// As Redis 8.6.2 writes it.
    pub(super) fn info(quantisation: &str, projected_from: i64) -> Value {
        let word = |text: &str| Value::SimpleString(text.to_owned());
        Value::Array(vec![
            word("quant-type"),
            word(quantisation),
            word("hnsw-m"),
            Value::Int(16),
            word("vector-dim"),
            Value::Int(3),
            word("projection-input-dim"),
            Value::Int(projected_from),
            word("size"),
            Value::Int(2),
        ])
    }

    #[test]
    fn a_set_says_how_its_numbers_are_kept() {
        let set = VectorSet::read("v", "v", &info("int8", 0)).unwrap();
        let vector = &set.summary().vectors[0];
        assert_eq!((vector.dimension, vector.metric), (Some(3), Some(Metric::Cosine)));
        let words = vector.index.clone().unwrap();
        assert!(words.starts_with("hnsw m=16, int8") && words.contains("changed"), "{words}");
        let info = set.info();
        assert_eq!(info.summary.count, Some(Count { value: 2, exact: true }));
        assert!(info.details["vectors"].as_str().unwrap().contains("255 steps"), "{}", info.details);
    }

    #[test]
    fn a_projected_set_takes_more_dimensions_than_it_keeps() {
        let set = VectorSet::read("v", "v", &info("f32", 300)).unwrap();
        assert_eq!((set.taken(), set.dimension), (300, 3));
        assert!(set.summary().vectors[0].index.clone().unwrap().contains("projected from 300"));
        assert!(VectorSet::read("v", "v", &info("pq", 0)).unwrap_err().contains("pq"));
    }
}
