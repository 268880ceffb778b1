//! Every kind of vector database behind one trait.
//!
//! `model` is the data that all of them speak, `filter` the one filter language, `error` the causes
//! of failure. Each maker has a folder with the same files: `mod` (the [`Provider`]), `connection`
//! (channel, TLS, key), `translation` (their types to ours), `filter` (our filter to their request).
//!
//! A provider is owned by one connection task (`connection`) or by one command (`cli`). It does not
//! print, does not block the runtime, keeps no settings and knows nothing of the screen. What a
//! maker cannot do is told by [`Capabilities`], before anything is asked.

mod ahead;
mod blocking;
mod capabilities;
mod closeness;
mod error;
mod gate;
mod kind;
mod like;
mod maker;
mod route;
mod spec;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod unchanged;

pub mod chroma;
pub mod chroma_folder;
pub mod elasticsearch;
pub mod filter;
pub mod ids;
pub mod lancedb;
pub mod lancedb_store;
pub mod matrix;
pub mod milvus;
pub mod model;
pub mod parquet_backup;
pub mod pgvector;
pub mod pinecone;
pub mod qdrant;
pub mod qdrant_edge;
pub mod qdrant_folder;
pub mod redis;
pub mod sift;
pub mod transport;
pub mod weaviate;

use std::path::Path;

use async_trait::async_trait;

pub use capabilities::{Capabilities, Support};
pub(crate) use error::clause;
pub use error::{ErrorKind, NO_TLS_MEND, ProviderError};
pub use gate::{Access, Gate, LONGEST_WINDOW, Lock};
pub use kind::ProviderKind;
pub use maker::{DirectoryPlace, Maker, OptionSpec, Place, Protocol, ServerPlace};
pub use route::{PORT_MARK, ProxyAddress, ProxyKind, ProxySpec, RouteSpec, SshSpec, TUNNEL_WAIT, WAIT};
pub use spec::{Address, ConnectSpec, Timeouts, TlsSpec};

use filter::Filter;
use model::{
    CollectionInfo, CollectionSpec, CollectionSummary, Count, Hit, Page, PageRequest, Record, RecordId, SearchRequest,
};

/// Who answered a ping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerInfo {
    /// The product as it calls itself, e.g. `qdrant`.
    pub product: String,
    /// Its version, e.g. `1.18.3`.
    pub version: String,
}

/// The result of everything that a provider is asked.
pub type Result<T> = std::result::Result<T, ProviderError>;

/// One open database.
///
/// All methods may be called at the same time. They have no deadline of their own beyond the
/// transport's: the connection task sets one and cancels by dropping the future.
#[async_trait]
pub trait Provider: Send + Sync + 'static {
    /// What this database can do, known once it is connected.
    fn capabilities(&self) -> &Capabilities;

    /// The lightest question that proves that the server is alive and lets us in.
    async fn ping(&self) -> Result<ServerInfo>;

    /// All collections, sorted by name, with a count where that is cheap.
    async fn collections(&self) -> Result<Vec<CollectionSummary>>;

    /// All that can be told about one collection.
    async fn describe(&self, collection: &str) -> Result<CollectionInfo>;

    /// The exact number of records that the filter selects (all without one).
    async fn count(&self, collection: &str, filter: Option<&Filter>) -> Result<Count>;

    /// Some records in the collection's own order; following `next` to the end gives each record
    /// exactly once while nobody writes.
    async fn page(&self, collection: &str, request: &PageRequest) -> Result<Page>;

    /// The records with these ids, in the order asked for; missing ones are left out.
    async fn get(&self, collection: &str, ids: &[RecordId], with_vectors: bool) -> Result<Vec<Record>>;

    /// The nearest records, best first.
    async fn search(&self, collection: &str, request: &SearchRequest) -> Result<Vec<Hit>>;

    /// The request that the filter becomes, for people: as the maker's documentation writes such a
    /// filter (JSON on several lines, a statement with its parameters, an expression). Asks the
    /// server for the collection's schema at most. A filter that is refused is refused here as in
    /// [`Self::page`].
    async fn native_filter(&self, collection: &str, filter: &Filter) -> Result<String> {
        let (_, _) = (collection, filter);
        let reason = "this provider does not show its requests yet".to_owned();
        Err(ProviderError::Unsupported { product: "this database", reason })
    }

    /// Whether such a collection could be made here, as far as that can be told without making it: nothing is written.
    ///
    /// Each maker checks here what its [`Self::create_collection`] checks before its first request that writes, by the
    /// same function: what is refused here is refused there, in the same words. What only the server knows (a limit of
    /// its settings, a right) is refused when the collection is made.
    async fn check_new(&self, spec: &CollectionSpec) -> Result<()>;

    /// Creates an empty collection; an error if there is one of that name.
    async fn create_collection(&self, spec: &CollectionSpec) -> Result<()>;

    /// Creates an empty collection that is filled at once: indexes that the maker would build record by record, and
    /// the caller would wait for, are left to [`Self::build_indexes`]. All others are made as ever.
    async fn create_collection_to_fill(&self, spec: &CollectionSpec) -> Result<()> {
        self.create_collection(spec).await
    }

    /// Builds the indexes that [`Self::create_collection_to_fill`] left out and that are not there yet. This may take
    /// hours, so the caller's usual limit is none; `told` hears how far it is, as parts that are done and all parts.
    async fn build_indexes(&self, spec: &CollectionSpec, told: &(dyn Fn(u64, u64) + Send + Sync)) -> Result<()> {
        let (_, _) = (spec, told);
        Ok(())
    }

    /// Inserts or replaces records, durably when it returns.
    async fn upsert(&self, collection: &str, records: Vec<Record>) -> Result<()>;

    /// Deletes records by id; ids that are not there are no error.
    async fn delete(&self, collection: &str, ids: &[RecordId]) -> Result<()>;

    /// Deletes a collection with all that is in it.
    async fn drop_collection(&self, collection: &str) -> Result<()>;
}

/// Opens the database with its maker's own code, on a way that stands.
async fn open(spec: &ConnectSpec) -> Result<Box<dyn Provider>> {
    Ok(match spec.kind {
        ProviderKind::Qdrant => Box::new(qdrant::Qdrant::connect(spec).await?),
        ProviderKind::QdrantEdge => Box::new(qdrant_edge::QdrantEdge::open(spec).await?),
        ProviderKind::Chroma => Box::new(chroma::Chroma::connect(spec).await?),
        ProviderKind::Elasticsearch => Box::new(elasticsearch::Elasticsearch::connect(spec).await?),
        ProviderKind::Redis => Box::new(redis::Redis::connect(spec).await?),
        ProviderKind::QdrantFolder => Box::new(qdrant_folder::QdrantFolder::open(spec).await?),
        ProviderKind::ChromaFolder => Box::new(chroma_folder::ChromaFolder::open(spec).await?),
        ProviderKind::ParquetBackup => Box::new(parquet_backup::ParquetBackup::open(spec).await?),
        ProviderKind::Pinecone => Box::new(pinecone::Pinecone::connect(spec).await?),
        ProviderKind::Weaviate => Box::new(weaviate::Weaviate::connect(spec).await?),
        ProviderKind::Milvus => Box::new(milvus::Milvus::connect(spec).await?),
        ProviderKind::LanceDb => lancedb::open(spec).await?,
        ProviderKind::LanceStore => lancedb_store::open(spec).await?,
        ProviderKind::Pgvector => Box::new(pgvector::Pgvector::connect(spec).await?),
    })
}

/// Makes an empty database embedded in this program, in a directory that is absent or empty, unless the gate is
/// locked: making one is writing.
///
/// # Errors
/// [`ProviderError::ReadOnly`]; a directory that is a database already, holds other files, or cannot be made.
pub async fn make_embedded(directory: &Path, gate: &Gate) -> Result<()> {
    gate.check(&directory.display().to_string(), "making a database in")?;
    qdrant_edge::make_new(directory).await
}

/// Opens the database that the spec describes, behind the spec's gate to writing, and asks it who it
/// is: first the way to it (proxy, tunnel, commands), then the database. The only way to an open
/// database outside this folder. Tunnel and commands end with the database.
///
/// # Errors
/// Every cause of [`ProviderError`] that a connect can have; none of them contains a credential.
pub async fn connect(spec: &ConnectSpec) -> Result<Box<dyn Provider>> {
    let spec = transport::under_way(spec).await?;
    let provider = match open(&spec).await {
        Ok(provider) => provider,
        // The end of a tunnel or command says more than a connection that broke.
        Err(error) => Err(spec.way.explain(error).await)?,
    };
    Ok(spec.gate.guard(provider))
}
