//! What a collection is: its vectors, its size, its state.

use serde_json::Value;

use super::Metric;

/// A number of records, and whether it is exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// How many.
    pub value: u64,
    /// `false` for an estimate of the server.
    pub exact: bool,
}

/// The kind of a vector field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VectorKind {
    /// One number per dimension.
    Dense,
    /// Places and values.
    Sparse,
    /// Several dense vectors per record.
    Multi,
}

impl VectorKind {
    /// The word used on screen and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Dense => "dense",
            Self::Sparse => "sparse",
            Self::Multi => "multi",
        }
    }
}

/// One vector field of a collection.
#[derive(Debug, Clone, PartialEq)]
pub struct VectorSpec {
    /// Its name, `""` for the unnamed vector.
    pub name: String,
    /// Dense, sparse or multi.
    pub kind: VectorKind,
    /// Number of dimensions, `None` where the maker does not fix it (sparse; an empty Chroma collection).
    pub dimension: Option<usize>,
    /// The metric that the index is built for.
    pub metric: Option<Metric>,
    /// The index and its parameters in words, e.g. `hnsw m=16 ef_construct=100`.
    pub index: Option<String>,
    /// The maker's model that makes its vectors of text, where the collection has one.
    pub embedder: Option<String>,
}

/// A line of the sidebar: enough to choose a collection.
#[derive(Debug, Clone, PartialEq)]
pub struct CollectionSummary {
    /// The name, exactly as the maker has it.
    pub name: String,
    /// Number of records, `None` where listing does not tell and asking failed.
    pub count: Option<Count>,
    /// Its vector fields.
    pub vectors: Vec<VectorSpec>,
}

/// How a collection is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CollectionState {
    /// All is well.
    Ready,
    /// The server is building or optimising the index.
    Busy(String),
    /// The server reports a fault.
    Degraded(String),
    /// The maker does not tell.
    Unknown,
}

/// A field of the payload, as far as the maker knows its schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayloadField {
    /// Path of the field.
    pub path: String,
    /// The maker's word for its type.
    pub kind: String,
    /// Number of records that the payload index holds, where there is one.
    pub indexed: Option<u64>,
}

/// All that can be told about a collection.
#[derive(Debug, Clone, PartialEq)]
pub struct CollectionInfo {
    /// Name, count, vectors.
    pub summary: CollectionSummary,
    /// Its state.
    pub state: CollectionState,
    /// Payload schema where the maker has one.
    pub fields: Vec<PayloadField>,
    /// The maker's own description, for the curious.
    pub details: Value,
}

/// What to create.
#[derive(Debug, Clone, PartialEq)]
pub struct CollectionSpec {
    /// The new collection's name.
    pub name: String,
    /// Its vector fields; `index` and `embedder` are ignored.
    pub vectors: Vec<VectorSpec>,
}

impl CollectionSpec {
    /// A collection with one unnamed dense vector.
    pub fn dense(name: &str, dimension: usize, metric: Metric) -> Self {
        Self {
            name: name.to_owned(),
            vectors: vec![VectorSpec {
                name: String::new(),
                kind: VectorKind::Dense,
                dimension: Some(dimension),
                metric: Some(metric),
                index: None,
                embedder: None,
            }],
        }
    }
}
