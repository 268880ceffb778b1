//! What is written: indexes, records.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::connection::Answer;
use super::index::{DEFAULT, Index, is_name};
use super::{Pinecone, Place, missing, translation, unsupported};
use crate::provider::model::{CollectionSpec, Metric, Record, VectorKind, VectorSpec};
use crate::provider::{ProviderError, Result};

/// Most records, and about the most bytes, in one request; the server takes 1,000 and 2 MB.
const BATCH: usize = 500;
const BATCH_BYTES: usize = 1_500_000;
/// Most ids in one request to delete.
const DELETED: usize = 1_000;
/// Dimensions of a dense index, as Pinecone's interface of the control plane gives them (`CreateIndexRequest`).
const DIMENSIONS: std::ops::RangeInclusive<usize> = 1..=20_000;
/// How long an index is waited for, when it is made or deleted.
const READY: Duration = Duration::from_secs(120);
/// The pause between two looks grows from one to the other.
const PAUSES: [Duration; 2] = [Duration::from_millis(20), Duration::from_secs(2)];

impl Pinecone {
    /// Makes a serverless index and waits until it takes questions.
    pub(super) async fn create(&self, spec: &CollectionSpec) -> Result<()> {
        let body = self.new_index(spec)?;
        self.control.post("new index", &["indexes"], &body).await?.value()?;
        self.wait(&spec.name, |index| index.is_some_and(|index| index.ready)).await
    }

    /// What makes the index, if it can be made here.
    pub(super) fn new_index(&self, spec: &CollectionSpec) -> Result<Value> {
        if spec.name.contains('/') {
            return Err(unsupported("a namespace is made by its first record; only indexes are made before"));
        }
        if !is_name(&spec.name) {
            let reason = "its indexes are named with 1 to 45 small letters, digits and - (not at the ends)";
            return Err(unsupported(format!("{reason}, and {:?} is not", spec.name)));
        }
        let [VectorSpec { name, kind, dimension, metric, .. }] = spec.vectors.as_slice() else {
            return Err(unsupported("an index has one vector"));
        };
        if !name.is_empty() {
            return Err(unsupported(format!("the vector of an index has no name, and {name:?} is one")));
        }
        let metric = match metric {
            None if *kind == VectorKind::Sparse => "dotproduct",
            None | Some(Metric::Cosine) => "cosine",
            Some(Metric::Dot) => "dotproduct",
            Some(Metric::Euclidean) => "euclidean",
            Some(Metric::Manhattan) => return Err(unsupported("its metrics are cosine, dot and euclidean")),
        };
        let place = json!({ "serverless": { "cloud": self.cloud, "region": self.region } });
        match (kind, dimension) {
            (VectorKind::Dense, Some(dimension)) if !DIMENSIONS.contains(dimension) => Err(ProviderError::BadRequest {
                cause: format!(
                    "the vectors of an index have {} to {} dimensions, not {dimension}",
                    DIMENSIONS.start(),
                    DIMENSIONS.end()
                ),
                mend: "Copy such vectors into another database.".to_owned(),
            }),
            (VectorKind::Dense, Some(dimension)) => Ok(
                json!({ "name": spec.name, "dimension": dimension, "metric": metric, "spec": place, "vector_type": "dense" }),
            ),
            (VectorKind::Dense, None) => Err(ProviderError::BadRequest {
                cause: "a dense index needs its number of dimensions".to_owned(),
                mend: "Give it.".to_owned(),
            }),
            (VectorKind::Sparse, _) if metric != "dotproduct" => Err(unsupported("a sparse index compares by dot")),
            (VectorKind::Sparse, _) => {
                Ok(json!({ "name": spec.name, "metric": metric, "spec": place, "vector_type": "sparse" }))
            }
            (VectorKind::Multi, _) => Err(unsupported("a record has one vector")),
        }
    }

    /// Looks at an index until it is as it should be.
    async fn wait(&self, name: &str, done: fn(Option<&Index>) -> bool) -> Result<()> {
        let end = Instant::now() + READY;
        let mut pause = PAUSES[0];
        loop {
            let index = self.index(name).await?;
            if done(index.as_ref()) {
                return Ok(());
            }
            if Instant::now() >= end {
                return Err(ProviderError::TimedOut { what: format!("the index {name:?}"), after: READY });
            }
            sleep(pause).await;
            pause = (pause * 2).min(PAUSES[1]);
        }
    }

    /// Drops an index with its one namespace, or a namespace with a name.
    pub(super) async fn drop_place(&self, name: &str) -> Result<()> {
        let place = self.resolve(name).await?;
        let namespaces = place.namespaces().await?;
        if place.namespace != DEFAULT {
            if !namespaces.contains_key(&place.namespace) {
                return Err(missing(name));
            }
            let path = ["namespaces", place.namespace.as_str()];
            return place.data.delete("drop", &path).await?.or(|| missing(name)).map(drop);
        }
        let others: Vec<&str> = namespaces.keys().map(String::as_str).filter(|name| *name != DEFAULT).collect();
        if let Some(first) = others.first() {
            return Err(unsupported(format!(
                "to drop {name:?} would delete its {} other namespaces, such as {first:?}: drop these first",
                others.len()
            )));
        }
        self.control.delete("drop", &["indexes", name]).await?.or(|| missing(name))?;
        self.wait(name, |index| index.is_none()).await
    }
}

impl Place {
    /// Inserts or replaces records. All are checked before the first is sent.
    pub(super) async fn upsert(&self, records: Vec<Record>) -> Result<()> {
        let vectors = translation::to_send(records, &self.index)?;
        let all = vectors.len();
        let (mut batch, mut bytes, mut written) = (Vec::new(), 0, 0);
        for vector in vectors {
            let size = vector.to_string().len();
            if !batch.is_empty() && (batch.len() >= BATCH || bytes + size > BATCH_BYTES) {
                written += self.send(std::mem::take(&mut batch), written, all).await?;
                bytes = 0;
            }
            bytes += size;
            batch.push(vector);
        }
        if !batch.is_empty() {
            self.send(batch, written, all).await?;
        }
        Ok(())
    }

    async fn send(&self, batch: Vec<Value>, written: usize, all: usize) -> Result<usize> {
        let count = batch.len();
        let body = json!({ "namespace": self.namespace, "vectors": batch });
        let answer = self.data.post("write", &["vectors", "upsert"], &body).await?.value()?;
        let upserted = answer.get("upsertedCount").and_then(Value::as_u64);
        match upserted.and_then(|upserted| usize::try_from(upserted).ok()) {
            Some(upserted) if upserted == count => Ok(count),
            Some(upserted) => Err(ProviderError::Server {
                address: self.data.address(),
                cause: format!("{} of {all} records were written, and it gives no reason", written + upserted),
            }),
            None => Err(self.data.bad_answer("a write without a count")),
        }
    }

    /// Deletes records by their ids.
    pub(super) async fn delete(&self, ids: &[&str]) -> Result<()> {
        for ids in ids.chunks(DELETED) {
            let body = json!({ "namespace": self.namespace, "ids": ids });
            match self.data.post("delete", &["vectors", "delete"], &body).await? {
                // A namespace that does not exist has none of them.
                Answer::NotFound(_) => {}
                done => drop(done.value()?),
            }
        }
        Ok(())
    }
}
