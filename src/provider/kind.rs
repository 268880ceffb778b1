//! The kinds of database that this build can open.

/// A kind of database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProviderKind {
    /// A Qdrant server, cluster or cloud, over gRPC.
    Qdrant,
    /// Qdrant embedded: a directory of `qdrant-edge` shards.
    QdrantEdge,
    /// A Chroma server, over its REST interface v2.
    Chroma,
}

impl ProviderKind {
    /// Every kind, in the order of menus.
    pub const ALL: [Self; 3] = [Self::Qdrant, Self::QdrantEdge, Self::Chroma];

    /// The word used in the store, on screen and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Qdrant => "qdrant",
            Self::QdrantEdge => "qdrant-edge",
            Self::Chroma => "chroma",
        }
    }

    /// The kind of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The port that its server listens on unless told otherwise; `None` for a directory.
    pub fn default_port(self) -> Option<u16> {
        match self {
            Self::Qdrant => Some(6334),
            Self::QdrantEdge => None,
            Self::Chroma => Some(8000),
        }
    }

    /// Whether it is opened from a directory rather than over the network.
    pub fn is_embedded(self) -> bool {
        self.default_port().is_none()
    }
}
