//! An index as Pinecone describes it. Pure.

use serde_json::Value;

use crate::provider::model::{CollectionState, Metric, VectorKind, VectorSpec};

/// The name of the sparse vector beside a dense one.
pub(super) const SPARSE: &str = "sparse";
/// What Pinecone calls the namespace without a name.
pub(super) const DEFAULT: &str = "__default__";

/// An index.
#[derive(Debug, Clone)]
pub(super) struct Index {
    /// Its name.
    pub(super) name: String,
    /// Where its records are read and written.
    pub(super) host: String,
    /// Number of dimensions; none in a sparse index.
    pub(super) dimension: Option<usize>,
    /// How it compares.
    pub(super) metric: Option<Metric>,
    /// Whether its vectors are sparse.
    pub(super) sparse: bool,
    /// Whether it runs on pods, which list no ids.
    pub(super) pods: bool,
    /// Whether it takes questions.
    pub(super) ready: bool,
    /// As the server describes it.
    pub(super) raw: Value,
}

impl Index {
    /// Reads one of the server's descriptions.
    ///
    /// # Errors
    /// What is missing.
    pub(super) fn read(raw: Value) -> Result<Self, String> {
        let text = |key: &str| raw.get(key).and_then(Value::as_str).map(str::to_owned);
        let status = raw.get("status");
        Ok(Self {
            name: text("name").ok_or("an index without a name")?,
            host: text("host").unwrap_or_default(),
            dimension: raw.get("dimension").and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok()),
            metric: match text("metric").as_deref() {
                Some("cosine") => Some(Metric::Cosine),
                Some("dotproduct") => Some(Metric::Dot),
                Some("euclidean") => Some(Metric::Euclidean),
                _ => None,
            },
            sparse: text("vector_type").as_deref() == Some("sparse"),
            pods: raw.get("spec").is_some_and(|spec| spec.get("pod").is_some()),
            ready: status.and_then(|status| status.get("ready")) == Some(&Value::Bool(true)),
            raw,
        })
    }

    /// How it is doing.
    pub(super) fn state(&self) -> CollectionState {
        let state = self.raw.get("status").and_then(|status| status.get("state")).and_then(Value::as_str);
        match (self.ready, state) {
            (_, Some(state @ ("InitializationFailed" | "Disabled"))) => CollectionState::Degraded(state.to_owned()),
            (true, Some("Ready") | None) => CollectionState::Ready,
            (_, Some(state)) => CollectionState::Busy(state.to_owned()),
            (false, None) => CollectionState::Unknown,
        }
    }

    /// Its vectors: the one that every record has, and the sparse one that a dense index of products
    /// takes beside it.
    pub(super) fn vectors(&self) -> Vec<VectorSpec> {
        let kind = if self.sparse { VectorKind::Sparse } else { VectorKind::Dense };
        let mut index = match self.raw.get("spec").and_then(Value::as_object).and_then(|spec| spec.iter().next()) {
            Some((kind, spec)) => {
                let part = |key: &str| spec.get(key).and_then(Value::as_str);
                let parts = ["cloud", "region", "environment", "pod_type"].into_iter().filter_map(part);
                std::iter::once(kind.as_str()).chain(parts).collect::<Vec<_>>().join(" ")
            }
            None => "unknown".to_owned(),
        };
        let model = self.raw.get("embed").and_then(|embed| embed.get("model")).and_then(Value::as_str);
        if let Some(model) = model {
            index += &format!(", made by {model}");
        }
        let spec = |name: &str, kind, dimension| VectorSpec {
            name: name.to_owned(),
            kind,
            dimension,
            metric: self.metric,
            index: Some(index.clone()),
            embedder: model.map(str::to_owned),
        };
        vec![spec("", kind, self.dimension)]
    }
}

/// Whether an index may be called that.
pub(super) fn is_name(name: &str) -> bool {
    let edge = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    (1..=45).contains(&name.len())
        && name.starts_with(edge)
        && name.ends_with(edge)
        && name.chars().all(|c| edge(c) || c == '-')
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use serde_json::json;

    use super::*;

    #[test]
    fn an_index_is_read_with_its_model_and_place() {
        let index = Index::read(json!({
            "name": "a-1", "host": "a-1.svc.pinecone.io", "dimension": 3, "metric": "euclidean", "vector_type": "dense",
            "status": { "ready": false, "state": "Initializing" },
            "spec": { "serverless": { "cloud": "aws", "region": "us-east-1" } }, "embed": { "model": "e5" },
        }))
        .unwrap();
        assert!(!index.ready && !index.pods && !index.sparse);
        assert_eq!(index.state(), CollectionState::Busy("Initializing".to_owned()));
        let vectors = index.vectors();
        assert_eq!((vectors[0].dimension, vectors[0].metric), (Some(3), Some(Metric::Euclidean)));
        assert_eq!(vectors[0].index.as_deref(), Some("serverless aws us-east-1, made by e5"));
        assert_eq!(vectors[0].embedder.as_deref(), Some("e5"));
        assert!(Index::read(json!({ "host": "x" })).is_err());
    }

    #[test]
    fn a_sparse_index_and_one_on_pods_are_told() {
        let raw = json!({ "name": "s", "metric": "dotproduct", "vector_type": "sparse", "status": { "ready": true, "state": "Ready" },
                          "spec": { "pod": { "environment": "e", "pod_type": "p1.x1" } } });
        let index = Index::read(raw).unwrap();
        assert!(index.pods && index.sparse && index.ready);
        assert_eq!(index.vectors()[0].kind, VectorKind::Sparse);
        assert_eq!(index.state(), CollectionState::Ready);
    }

    #[test]
    fn names_of_indexes_are_small_letters() {
        assert!(is_name("a-1") && is_name("a"));
        for name in ["", "A", "a_b", "-a", "a-", "ä", "a/b", &"a".repeat(46)] {
            assert!(!is_name(name), "{name}");
        }
    }
}
