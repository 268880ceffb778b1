//! What is known of Redis before a server is asked.

use crate::provider::{Capabilities, Maker, OptionSpec, Place, Protocol, ProviderKind, ServerPlace, Support};

/// Redis with its search engine.
pub const MAKER: Maker = Maker {
    kind: ProviderKind::Redis,
    name: "redis",
    title: "Redis",
    place: Place::Server(ServerPlace {
        port: 6379,
        host: None,
        protocol: Protocol::Own,
        language: "Redis' protocol",
        schemes: &[("redis", false), ("rediss", true)],
        user_option: Some("username"),
        path_option: None,
        deep_path: false,
    }),
    address_help: "Host and port, e.g. localhost:6379; redis:// speaks plain text and rediss:// TLS. The server needs \
                   the search engine (Redis 8, Redis Stack, or the module RediSearch) or vector sets (Redis 8).",
    key_help: Some("The password of AUTH: of the user in `username`, or else of the user `default`."),
    capabilities: CAPABILITIES,
    options: &[
        OptionSpec {
            name: "username",
            label: "User",
            help: "The user of Redis' access lists, e.g. reader; without one it is `default`. It needs the right to \
                   run FT.* commands and to read the keys behind the indexes; for vector sets COMMAND, SCAN and V*.",
            words: &[],
        },
        OptionSpec {
            name: "vector_sets",
            label: "Vector sets",
            help: "Whether the whole keyspace is looked through for vector sets when collections are listed (SCAN). \
                   With `skip` they are not listed, but open by the name of their key.",
            words: &["list", "skip"],
        },
        OptionSpec {
            name: "attributes",
            label: "Attributes",
            help: "What the attributes of vector sets hold. A filter of Redis passes over fields with objects in \
                   them, so that filters on vector sets are refused unless you say `flat`: texts, numbers, booleans \
                   and arrays of these only.",
            words: &["any", "flat"],
        },
    ],
};

/// What a Redis without the search engine can do: its collections are vector sets.
pub(super) fn sets_only(flat: bool) -> Capabilities {
    Capabilities {
        named_vectors: Support::No("an element of a vector set has one vector"),
        sparse_vectors: Support::No("vector sets have no sparse vectors"),
        multi_vectors: Support::No("an element of a vector set has one vector"),
        filter: if flat {
            Support::Yes
        } else {
            Support::No("filters of vector sets pass over fields with objects; say so with attributes=flat if none has")
        },
        ..CAPABILITIES
    }
}

/// What every Redis with a search engine can do here.
pub(super) const CAPABILITIES: Capabilities = Capabilities {
    integer_ids: Support::No("Redis' keys are texts"),
    negative_ids: Support::No("Redis' keys are texts"),
    mixed_ids: Support::No("Redis' keys are texts"),
    text_ids: Support::Yes,
    any_text_ids: Support::Yes,
    exact_count: Support::Yes,
    uuid_ids: Support::No("Redis' keys are texts"),
    named_vectors: Support::Yes,
    manhattan: Support::No("Redis' metrics are cosine, dot and euclidean"),
    record_text: Support::No("Redis has no text beside the payload"),
    sparse_vectors: Support::No("RediSearch has no sparse vectors"),
    multi_vectors: Support::No("RediSearch compares one vector of a field, not several with several"),
    nested_payload: Support::Yes,
    array_payload: Support::Yes,
    any_keys: Support::Yes,
    reserved_keys: Support::Yes,
    mixed_fields: Support::Yes,
    null_values: Support::Yes,
    unsigned_integers: Support::Yes,
    exact_floats: Support::No("RedisJSON reads some floats of 16 and 17 digits with an error in the last place"),
    cosine_vectors: Support::Yes,
    nan_vectors: Support::No("only finite numbers are written to Redis"),
    large_payloads: Support::Yes,
    exact_integers: Support::Yes,
    whole_floats: Support::Yes,
    search_like: Support::Yes,
    exact_search: Support::Yes,
    filter: Support::Yes,
    order_in_arrays: Support::Yes,
    write: Support::Yes,
    max_batch: None,
    ..Capabilities::ALL
};
