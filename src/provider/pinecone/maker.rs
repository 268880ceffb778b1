//! What people, addresses and panes need to know before one is opened.

use crate::provider::{Capabilities, Maker, OptionSpec, Place, Protocol, ProviderKind, ServerPlace, Support};

/// What people and addresses need to know of it.
pub const MAKER: Maker = Maker {
    kind: ProviderKind::Pinecone,
    name: "pinecone",
    title: "Pinecone",
    place: Place::Server(ServerPlace {
        port: 443,
        host: Some("api.pinecone.io"),
        protocol: Protocol::Http,
        language: "Pinecone's REST interface",
        schemes: &[("pinecone", true), ("pinecone+https", true), ("pinecone+http", false)],
        user_option: None,
        path_option: None,
        deep_path: false,
    }),
    address_help: "`https://api.pinecone.io`, Pinecone's one address for all. The hosts of the indexes are asked there. Another one is for a local emulator: `http://127.0.0.1:5080`.",
    key_help: Some("Pinecone's API key, sent as `Api-Key` to the address and to the hosts of the indexes."),
    capabilities: CAPABILITIES,
    options: &[
        OptionSpec {
            name: "cloud",
            label: "cloud",
            help: "The cloud in which new serverless indexes are made, `aws`, `gcp` or `azure`. Empty means `aws`.",
            words: &[],
        },
        OptionSpec {
            name: "region",
            label: "region",
            help: "The region of that cloud in which new serverless indexes are made. Empty means `us-east-1`.",
            words: &[],
        },
    ],
};

/// What every serverless index can do.
pub(super) const CAPABILITIES: Capabilities = Capabilities {
    integer_ids: Support::No("Pinecone's ids are texts"),
    negative_ids: Support::No("Pinecone's ids are texts"),
    mixed_ids: Support::No("Pinecone's ids are texts"),
    uuid_ids: Support::No("Pinecone's ids are texts"),
    any_text_ids: Support::No("Pinecone's ids have 1 to 512 ASCII characters"),
    manhattan: Support::No("Pinecone's metrics are cosine, dot and euclidean"),
    record_text: Support::No("Pinecone has no text beside the metadata"),
    named_vectors: Support::No("a record of Pinecone has one vector, and in dense indexes a sparse one beside it"),
    multi_vectors: Support::No("a record of Pinecone has one vector"),
    nested_payload: Support::No("Pinecone's metadata has no objects"),
    array_payload: Support::No("Pinecone's metadata has lists of texts only"),
    null_values: Support::No("Pinecone's metadata has no null, and lists of texts only"),
    exact_integers: Support::No("Pinecone keeps numbers as 64-bit floats: integers are exact to 2^53"),
    unsigned_integers: Support::No("Pinecone keeps numbers as 64-bit floats: integers are exact to 2^53"),
    nan_vectors: Support::No("JSON has no NaN"),
    large_payloads: Support::No("Pinecone's metadata has 40 KB in a record"),
    reserved_keys: Support::No("Pinecone's keys are not empty and do not begin with $"),
    whole_floats: Support::No("Pinecone keeps one kind of numbers, and writes 1.0 as 1"),
    exact_count: Support::No(
        "Pinecone's counts follow its writes some seconds later, and it counts no filtered records",
    ),
    exact_search: Support::No("Pinecone searches through its index only"),
    near_text: Support::Yes,
    bm25: Support::No("Pinecone compares no words; a sparse index with a model of its own is searched by near-text"),
    hybrid: Support::No("Pinecone mixes no search by words with one by vectors"),
    ..Capabilities::ALL
};
