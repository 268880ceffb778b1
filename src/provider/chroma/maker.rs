//! What people, addresses and panes need to know before one is opened.

use crate::provider::{Capabilities, Maker, OptionSpec, Place, Protocol, ProviderKind, ServerPlace, Support};

/// What people and addresses need to know of it.
pub const MAKER: Maker = Maker {
    kind: ProviderKind::Chroma,
    name: "chroma",
    title: "Chroma",
    place: Place::Server(ServerPlace {
        port: 8000,
        host: None,
        protocol: Protocol::Http,
        language: "Chroma's REST interface",
        schemes: &[("chroma", false), ("chroma+http", false), ("chroma+https", true)],
        user_option: None,
        path_option: None,
    }),
    address_help: "`https://host:8000`, `host:port` or `host`. Without a port 8000 is meant; Chroma Cloud is `https://api.trychroma.com:443`.",
    key_help: Some("Chroma's token, sent as `x-chroma-token`."),
    capabilities: capabilities(DEFAULT_BATCH),
    options: &[
        OptionSpec {
            name: "tenant",
            label: "tenant",
            help: "Chroma's tenant; empty means `default_tenant`. On Chroma Cloud it is the UUID of your team.",
            words: &[],
        },
        OptionSpec {
            name: "database",
            label: "database",
            help: "Chroma's database; empty means `default_database`. If it does not exist, the test says so.",
            words: &[],
        },
        OptionSpec {
            name: "arrays",
            label: "arrays",
            help: "Whether metadata may hold arrays. Chroma passes over them when it compares `<` and `>`, so that such filters are refused unless you say `none`.",
            words: &["maybe", "none"],
        },
    ],
};

/// Most records in one write, unless the server tells its own limit.
pub(super) const DEFAULT_BATCH: usize = 1_000;

/// What every Chroma server can do.
pub(super) const fn capabilities(batch: usize) -> Capabilities {
    Capabilities {
        integer_ids: Support::No("Chroma's ids are texts"),
        text_ids: Support::Yes,
        any_text_ids: Support::Yes,
        exact_count: Support::Yes,
        uuid_ids: Support::No("Chroma's ids are texts"),
        named_vectors: Support::No("a Chroma collection has one vector field"),
        sparse_vectors: Support::No("a Chroma server stores no sparse vectors"),
        multi_vectors: Support::No("a Chroma record has one vector"),
        nested_payload: Support::No("Chroma's metadata has no objects"),
        array_payload: Support::Yes,
        any_keys: Support::Yes,
        mixed_fields: Support::Yes,
        null_values: Support::No("Chroma drops null and empty arrays, and its arrays have one kind of value"),
        exact_integers: Support::Yes,
        whole_floats: Support::Yes,
        search_like: Support::Yes,
        exact_search: Support::No("Chroma searches through its index only"),
        filter: Support::Yes,
        write: Support::Yes,
        max_batch: Some(batch),
        ..Capabilities::ALL
    }
}
