//! What people, addresses and panes need to know before one is opened.

use crate::provider::{Capabilities, Maker, OptionSpec, Place, Protocol, ProviderKind, ServerPlace, Support};

/// What people and addresses need to know of it.
pub const MAKER: Maker = Maker {
    kind: ProviderKind::Weaviate,
    name: "weaviate",
    title: "Weaviate",
    place: Place::Server(ServerPlace {
        port: 8080,
        host: None,
        protocol: Protocol::Http,
        language: "Weaviate's REST interface",
        schemes: &[("weaviate", false), ("weaviate+http", false), ("weaviate+https", true)],
        user_option: None,
        path_option: None,
        deep_path: false,
    }),
    address_help: "`https://host:8080`, `host:port` or `host`. Without a port 8080 is meant, the one of its REST interface; Weaviate Cloud is `https://NAME.weaviate.cloud:443`.",
    key_help: Some(
        "Weaviate's API key, sent as a bearer token; one with the right to read is enough to look around. With OpenID Connect: `vector-inspector login weaviate`.",
    ),
    capabilities: CAPABILITIES,
    options: &[OptionSpec {
        name: "tenant",
        label: "tenant",
        help: "The tenant that is read and written in collections with tenants. Empty lists each tenant as a collection of its own, `Collection/tenant`.",
        words: &[],
    }],
};

/// What every Weaviate server can do.
pub(super) const CAPABILITIES: Capabilities = Capabilities {
    integer_ids: Support::No("Weaviate's ids are UUIDs"),
    negative_ids: Support::No("Weaviate's ids are UUIDs"),
    mixed_ids: Support::No("Weaviate's ids are UUIDs"),
    text_ids: Support::No("Weaviate's ids are UUIDs"),
    uuid_ids: Support::Yes,
    record_text: Support::No("Weaviate has no text beside the properties"),
    sparse_vectors: Support::No("Weaviate stores no sparse vectors"),
    any_keys: Support::No(
        "the names of Weaviate's properties are letters, digits and _, the first a small letter or _",
    ),
    reserved_keys: Support::No(
        "the names of Weaviate's properties are letters, digits and _, the first a small letter or _",
    ),
    mixed_fields: Support::No("a property of Weaviate has one type in all objects"),
    null_values: Support::No(
        "Weaviate drops null, and its arrays have one kind of value: integers among floats become floats",
    ),
    unsigned_integers: Support::No("Weaviate keeps integers as 64-bit floats: exact to 2^53"),
    nan_vectors: Support::No("JSON has no NaN"),
    exact_integers: Support::No("Weaviate keeps integers as 64-bit floats: exact to 2^53"),
    exact_search: Support::No("Weaviate searches through its index only"),
    near_text: Support::Yes,
    bm25: Support::Yes,
    hybrid: Support::Yes,
    ..Capabilities::ALL
};
