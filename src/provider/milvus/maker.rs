//! What people, addresses and panes need to know before one is opened.

use super::connection::DATABASE;
use crate::provider::{Capabilities, Maker, OptionSpec, Place, Protocol, ProviderKind, ServerPlace, Support};

/// The option for how new the data of an answer must be.
pub(super) const CONSISTENCY: &str = "consistency";

/// What people and addresses need to know of it.
pub const MAKER: Maker = Maker {
    kind: ProviderKind::Milvus,
    name: "milvus",
    title: "Milvus",
    place: Place::Server(ServerPlace {
        port: 19530,
        host: None,
        protocol: Protocol::Grpc,
        language: "Milvus' gRPC interface",
        schemes: &[("milvus", false), ("milvus+http", false), ("milvus+https", true)],
        user_option: None,
        path_option: Some(DATABASE),
        deep_path: false,
    }),
    address_help: "`https://host:19530`, `host:port` or `host`. Without a port 19530 is meant; Zilliz Cloud is `https://….zillizcloud.com:443`, or the port that its page shows.",
    key_help: Some("`user:password`, or the API key of Zilliz Cloud."),
    capabilities: CAPABILITIES,
    options: &[
        OptionSpec {
            name: DATABASE,
            label: "database",
            help: "The database; empty means `default`. If it does not exist, the test says so.",
            words: &[],
        },
        OptionSpec {
            name: CONSISTENCY,
            label: "consistency",
            help: "How new the data of an answer must be. `strong` sees every write, and may wait for it a fifth of a second; `bounded` may miss the last seconds, `eventually` more.",
            words: &["strong", "session", "bounded", "eventually"],
        },
    ],
};

/// What Milvus from 2.4 on can do; `server` takes away what a server's version cannot.
pub(super) const CAPABILITIES: Capabilities = Capabilities {
    integer_ids: Support::No(
        "Milvus collections made here have text keys; those of other tools with whole numbers are read and written",
    ),
    negative_ids: Support::No("Milvus collections made here have text keys"),
    mixed_ids: Support::No("Milvus collections made here have text keys"),
    uuid_ids: Support::No("Milvus has no UUIDs; they are texts"),
    manhattan: Support::No("Milvus has no manhattan distance"),
    record_text: Support::No("Milvus has no text beside the fields"),
    nan_vectors: Support::No("Milvus takes finite numbers only"),
    large_payloads: Support::No("Milvus holds 65,536 bytes of a record's dynamic fields; Milvus Lite takes more"),
    multi_vectors: Support::No("Milvus' lists of vectors are not shown yet"),
    exact_search: Support::No("Milvus searches through the index that a field has; a FLAT index is exact"),
    ..Capabilities::ALL
};
