//! The answer to a scroll, read for speed: reading pages is what reads whole collections.
//!
//! The same message as `qdrant-client`'s `ScrollResponse`, but payloads come as lists of fields, which
//! is what a protobuf map is on the wire: no hash table is built for each record only to be taken
//! apart again. Fields that nothing here asks for are skipped.

use qdrant_client::qdrant::{PointId, Value, VectorsOutput};

/// Qdrant's `ScrollResponse`.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct ScrollResponse {
    /// The id that the next page starts with.
    #[prost(message, optional, tag = "1")]
    pub(super) next_page_offset: Option<PointId>,
    /// The page.
    #[prost(message, repeated, tag = "2")]
    pub(super) result: Vec<Point>,
}

/// Qdrant's `RetrievedPoint`.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Point {
    /// Its id.
    #[prost(message, optional, tag = "1")]
    pub(super) id: Option<PointId>,
    /// An entry of the map `payload`.
    #[prost(message, repeated, tag = "2")]
    pub(super) payload: Vec<Field>,
    /// Its vectors, if they were asked for.
    #[prost(message, optional, tag = "4")]
    pub(super) vectors: Option<VectorsOutput>,
}

/// An entry of a protobuf map from names to values.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Field {
    /// The name.
    #[prost(string, tag = "1")]
    pub(super) key: String,
    /// The value.
    #[prost(message, optional, tag = "2")]
    pub(super) value: Option<Value>,
}
