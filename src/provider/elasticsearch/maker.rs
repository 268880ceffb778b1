//! What is known of Elasticsearch and OpenSearch before a server is asked.

use crate::provider::{Capabilities, Maker, OptionSpec, Place, Protocol, ProviderKind, ServerPlace, Support};

/// Elasticsearch and OpenSearch: one interface with two dialects, told apart when connecting.
pub const MAKER: Maker = Maker {
    kind: ProviderKind::Elasticsearch,
    name: "elasticsearch",
    title: "Elasticsearch",
    place: Place::Server(ServerPlace {
        port: 9200,
        host: None,
        protocol: Protocol::Http,
        language: "the REST interface of Elasticsearch and OpenSearch",
        schemes: &[
            ("es", false),
            ("es+http", false),
            ("es+https", true),
            ("elasticsearch", false),
            ("elasticsearch+https", true),
            ("opensearch", false),
            ("opensearch+https", true),
        ],
        user_option: Some("username"),
        path_option: None,
        deep_path: false,
    }),
    address_help: "Host and port, e.g. https://search.example.com:9200, of Elasticsearch or OpenSearch; which of the two, \
                   the server tells.",
    key_help: Some("An API key (its encoded form), `user:password`, or the password alone where `username` is set."),
    capabilities: capabilities(true),
    options: &[OptionSpec {
        name: "username",
        label: "User",
        help: "The user for basic authentication, e.g. elastic; the secret is then its password. Leave it empty for \
               an API key.",
        words: &[],
    }],
};

/// What can be done here; `exact` is whether a search can go around the index.
pub(super) const fn capabilities(exact: bool) -> Capabilities {
    let exact_search = match exact {
        true => Support::Yes,
        false => Support::No("OpenSearch is asked through its vector index only"),
    };
    Capabilities {
        integer_ids: Support::No("a document's id is a text"),
        text_ids: Support::Yes,
        any_text_ids: Support::Yes,
        exact_count: Support::Yes,
        uuid_ids: Support::No("a document's id is a text"),
        named_vectors: Support::Yes,
        negative_ids: Support::No("a document's id is a text"),
        mixed_ids: Support::No("a document's id is a text"),
        manhattan: Support::No("the metrics of an index are cosine, dot and euclidean"),
        record_text: Support::No("a document is its fields, without a text beside them"),
        sparse_vectors: Support::No("sparse_vector fields hold words with weights, which are shown as payload"),
        multi_vectors: Support::No("rank_vectors fields are shown as payload"),
        nested_payload: Support::Yes,
        array_payload: Support::Yes,
        any_keys: Support::No("a point in a key makes it a path"),
        mixed_fields: Support::No("an index has one kind of value for each field"),
        null_values: Support::No("an array has values of one kind, because its field has"),
        unsigned_integers: Support::Yes,
        reserved_keys: Support::No("an empty key is refused"),
        exact_floats: Support::Yes,
        cosine_vectors: Support::Yes,
        cosine_lengths: Support::Yes,
        nan_vectors: Support::No("JSON has no NaN"),
        large_payloads: Support::Yes,
        exact_integers: Support::Yes,
        whole_floats: Support::Yes,
        negative_zeros: Support::Yes,
        search_like: Support::Yes,
        exact_search,
        near_text: Support::No("semantic_text fields are shown as payload; their models are not asked here"),
        bm25: Support::Yes,
        hybrid: Support::No(
            "the servers' ways of mixing searches differ by version and licence, and are not asked here",
        ),
        filter: Support::Yes,
        order_in_arrays: Support::Yes,
        write: Support::Yes,
        max_batch: None,
    }
}
