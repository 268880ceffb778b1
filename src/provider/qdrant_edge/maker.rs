//! What people, addresses and panes need to know before one is opened.

use crate::provider::{Capabilities, DirectoryPlace, Maker, Place, ProviderKind, Support};

use super::is_database;

/// What people and addresses need to know of it.
pub const MAKER: Maker = Maker {
    kind: ProviderKind::QdrantEdge,
    name: "qdrant-edge",
    title: "Qdrant embedded",
    place: Place::Directory(DirectoryPlace {
        recognise: is_database,
        holds: "the collections of an embedded Qdrant, each in a directory of its own",
        schemes: &[],
    }),
    address_help: "Its directory on this machine, e.g. `/data/vectors`: the one that holds a directory for each collection.",
    key_help: None,
    capabilities: CAPABILITIES,
    options: &[],
};

/// What every one of them can do.
pub(super) const CAPABILITIES: Capabilities = Capabilities {
    text_ids: Support::No("Qdrant's ids are whole numbers or UUIDs"),
    negative_ids: Support::No("Qdrant's whole numbers as ids begin at 0"),
    record_text: Support::No("Qdrant has no text beside the payload"),
    cosine_vectors: Support::No("Qdrant keeps vectors at the length 1 where the metric is cosine"),
    cosine_lengths: Support::No("Qdrant keeps vectors at the length 1 where the metric is cosine"),
    nan_vectors: Support::No("only finite numbers are written to Qdrant"),
    ..Capabilities::ALL
};
