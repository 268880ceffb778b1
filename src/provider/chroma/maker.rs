//! What people, addresses and panes need to know before one is opened.

use super::filter::Arrays;
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
        deep_path: false,
    }),
    address_help: "`https://host:8000`, `host:port` or `host`. Without a port 8000 is meant; Chroma Cloud is `https://api.trychroma.com:443`.",
    key_help: Some("Chroma's token, sent as `x-chroma-token`."),
    capabilities: capabilities(DEFAULT_BATCH, Arrays::PassedOver, true),
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
            help: "Chroma passes over arrays in metadata when it compares `<` and `>`. Empty: such filters run, and the answer says so. `refused`: they are refused. `none`: your metadata has no arrays, and nothing is said.",
            words: &["passed-over", "refused", "none"],
        },
    ],
};

/// Most records in one write, unless the server tells its own limit.
pub(super) const DEFAULT_BATCH: usize = 1_000;

/// What every Chroma server can do. Since 1.0 the `lengths` of vectors come back.
pub(super) const fn capabilities(batch: usize, arrays: Arrays, lengths: bool) -> Capabilities {
    Capabilities {
        integer_ids: Support::No("Chroma's ids are texts"),
        negative_ids: Support::No("Chroma's ids are texts"),
        mixed_ids: Support::No("Chroma's ids are texts"),
        text_ids: Support::Yes,
        any_text_ids: Support::Yes,
        exact_count: Support::Yes,
        uuid_ids: Support::No("Chroma's ids are texts"),
        named_vectors: Support::No("a Chroma collection has one vector field"),
        manhattan: Support::No("Chroma's metrics are cosine, dot and euclidean"),
        sparse_vectors: Support::No("a Chroma server stores no sparse vectors"),
        multi_vectors: Support::No("a Chroma record has one vector"),
        nested_payload: Support::No("Chroma's metadata has no objects"),
        array_payload: Support::Yes,
        any_keys: Support::Yes,
        mixed_fields: Support::Yes,
        null_values: Support::No("Chroma drops null and empty arrays, and its arrays have one kind of value"),
        unsigned_integers: Support::No("Chroma's whole numbers end at 2^63 - 1"),
        exact_floats: Support::No("Chroma reads some floats of 16 and 17 digits with an error in the last place"),
        cosine_vectors: Support::No(match lengths {
            true => {
                "Chroma computes vectors anew from their direction and length where the metric is cosine, with an error of 1e-7"
            }
            false => "Chroma keeps vectors at the length 1 where the metric is cosine, with an error of 1e-7",
        }),
        cosine_lengths: if lengths {
            Support::Yes
        } else {
            Support::No("Chroma before 1.0 gives vectors back at the length 1")
        },
        nan_vectors: Support::No("JSON has no NaN"),
        reserved_keys: Support::No("Chroma's keys are not empty and do not begin with $"),
        large_payloads: Support::Yes,
        exact_integers: Support::Yes,
        whole_floats: Support::Yes,
        search_like: Support::Yes,
        exact_search: Support::No("Chroma searches through its index only"),
        filter: Support::Yes,
        order_in_arrays: match arrays {
            Arrays::PassedOver => Support::No("Chroma's < and > pass over arrays"),
            Arrays::Refused | Arrays::None => Support::Yes,
        },
        write: Support::Yes,
        max_batch: Some(batch),
        ..Capabilities::ALL
    }
}
