//! The kinds of database that the program can open. What is known of each stands in its
//! [`Maker`](super::Maker).

use super::maker::Place;

/// A kind of database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProviderKind {
    /// A Qdrant server, cluster or cloud, over gRPC.
    Qdrant,
    /// Qdrant embedded: a directory of `qdrant-edge` shards.
    QdrantEdge,
    /// A Chroma server, over its REST interface v2.
    Chroma,
    /// Redis with its search engine.
    Redis,
    /// A folder that a Chroma server or client wrote, read in place.
    ChromaFolder,
    /// The storage of a Qdrant server that does not run.
    QdrantFolder,
    /// A Weaviate server or cloud, over REST and GraphQL.
    Weaviate,
    /// A Milvus server, Zilliz Cloud or Milvus Lite, over gRPC.
    Milvus,
    /// An Elasticsearch or OpenSearch server or cloud, over REST.
    Elasticsearch,
    /// PostgreSQL with pgvector, over its own protocol.
    Pgvector,
    /// Pinecone's service.
    Pinecone,
    /// A directory of LanceDB's tables; opened by builds with the cargo feature `lancedb`.
    LanceDb,
    /// LanceDB's tables in an object store (S3, Google Cloud, Azure); opened by the same builds.
    LanceStore,
    /// A directory of Parquet files that the command `backup` wrote.
    ParquetBackup,
}

impl ProviderKind {
    /// How many kinds there are.
    pub const COUNT: usize = Self::ALL.len();

    /// Every kind, in the order of menus.
    pub const ALL: [Self; 14] = [
        Self::Qdrant,
        Self::Chroma,
        Self::Pgvector,
        Self::Milvus,
        Self::Weaviate,
        Self::Pinecone,
        Self::Elasticsearch,
        Self::Redis,
        Self::QdrantEdge,
        Self::QdrantFolder,
        Self::ChromaFolder,
        Self::LanceDb,
        Self::LanceStore,
        Self::ParquetBackup,
    ];

    /// Their names, in the same order.
    pub const NAMES: [&'static str; Self::COUNT] = {
        let mut names = [""; Self::COUNT];
        let mut at = 0;
        while at < Self::COUNT {
            names[at] = Self::ALL[at].name();
            at += 1;
        }
        names
    };

    /// The word used in the store, on screen and in JSON.
    pub const fn name(self) -> &'static str {
        self.maker().name
    }

    /// The kind of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The port that its server listens on unless told otherwise; `None` for a directory.
    pub fn default_port(self) -> Option<u16> {
        self.maker().server().map(|server| server.port)
    }

    /// Whether this build opens it, rather than only knows it: heavy makers are behind cargo features.
    pub const fn is_in_this_build(self) -> bool {
        !matches!(self, Self::LanceDb | Self::LanceStore) || cfg!(feature = "lancedb")
    }

    /// Whether it is opened from a directory rather than over the network.
    pub fn is_embedded(self) -> bool {
        matches!(self.maker().place, Place::Directory(_))
    }
}
