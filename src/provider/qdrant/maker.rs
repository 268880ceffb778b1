//! What people, addresses and panes need to know before one is opened.

use crate::provider::{Capabilities, Maker, Place, Protocol, ProviderKind, ServerPlace, Support};

/// What people and addresses need to know of it.
pub const MAKER: Maker = Maker {
    kind: ProviderKind::Qdrant,
    name: "qdrant",
    title: "Qdrant",
    place: Place::Server(ServerPlace {
        port: 6334,
        host: None,
        protocol: Protocol::Grpc,
        language: "Qdrant's gRPC interface",
        schemes: &[("qdrant", false), ("qdrant+http", false), ("qdrant+https", true)],
        user_option: None,
        path_option: None,
        deep_path: false,
    }),
    address_help: "`https://host:6334`, `host:port` or `host`. Qdrant wants its gRPC port: 6334 by default, not the 6333 of its REST interface.",
    key_help: Some("Qdrant's API key; a read-only one is enough to look around."),
    capabilities: CAPABILITIES,
    options: &[],
};

/// What every one of them can do.
pub(super) const CAPABILITIES: Capabilities = Capabilities {
    text_ids: Support::No("Qdrant's ids are whole numbers or UUIDs"),
    unsigned_integers: Support::No("Qdrant's interface has whole numbers to 2^63 - 1"),
    negative_ids: Support::No("Qdrant's whole numbers as ids begin at 0"),
    record_text: Support::No("Qdrant has no text beside the payload"),
    cosine_vectors: Support::No("Qdrant keeps vectors at the length 1 where the metric is cosine"),
    cosine_lengths: Support::No("Qdrant keeps vectors at the length 1 where the metric is cosine"),
    nan_vectors: Support::No("only finite numbers are written to Qdrant"),
    ..Capabilities::ALL
};
