//! What people, addresses and panes need to know before one is opened.

use crate::provider::{Capabilities, DirectoryPlace, Maker, OptionSpec, Place, ProviderKind, Support};

use super::is_database;

/// What people and addresses need to know of it.
pub const MAKER: Maker = Maker {
    kind: ProviderKind::ChromaFolder,
    name: "chroma-folder",
    title: "Chroma folder",
    place: Place::Directory(DirectoryPlace {
        recognise: is_database,
        holds: "a `chroma.sqlite3`, as a Chroma server or a `PersistentClient` writes it",
        schemes: &[],
    }),
    address_help: "Its directory on this machine, e.g. `/data/chroma`: the one with `chroma.sqlite3`. It is only read, also while a server has it open, unless `write` asks for more.",
    key_help: None,
    capabilities: CAPABILITIES,
    options: &[
        OptionSpec {
            name: "tenant",
            label: "tenant",
            help: "Chroma's tenant; empty means `default_tenant`. If it does not exist, the test names those that do.",
            words: &[],
        },
        OptionSpec {
            name: "database",
            label: "database",
            help: "Chroma's database; empty means `default_database`. If it does not exist, the test names those that do.",
            words: &[],
        },
        OptionSpec {
            name: "write",
            label: "write",
            help: "With `serve` a Chroma server is started on the folder (`chroma run`, on this machine only) and stopped with the connection; changes go through it. A newer Chroma brings the folder to its own layout. Read-only profiles start none.",
            words: &["no", "serve"],
        },
        OptionSpec {
            name: "program",
            label: "program",
            help: "Chroma's program for `write`, e.g. `/opt/venv/bin/chroma`; empty means `chroma` on the PATH.",
            words: &[],
        },
    ],
};

/// What every one of them can do.
pub(super) const CAPABILITIES: Capabilities = Capabilities {
    integer_ids: Support::No("Chroma's ids are texts"),
    negative_ids: Support::No("Chroma's ids are texts"),
    mixed_ids: Support::No("Chroma's ids are texts"),
    uuid_ids: Support::No("Chroma's ids are texts"),
    named_vectors: Support::No("a Chroma collection has one vector field"),
    manhattan: Support::No("Chroma's metrics are cosine, dot and euclidean"),
    sparse_vectors: Support::No("a Chroma folder stores no sparse vectors"),
    multi_vectors: Support::No("a Chroma record has one vector"),
    nested_payload: Support::No("Chroma's metadata has no objects"),
    unsigned_integers: Support::No("Chroma's whole numbers end at 2^63 - 1"),
    exact_floats: Support::No("Chroma reads some floats of 16 and 17 digits with an error in the last place"),
    cosine_vectors: Support::No(
        "Chroma keeps vectors at the length 1 where the metric is cosine, and gives them back with an error of 1e-7",
    ),
    cosine_lengths: Support::No(
        "Chroma keeps vectors at the length 1 where the metric is cosine, and gives them back with an error of 1e-7",
    ),
    nan_vectors: Support::No("JSON has no NaN"),
    reserved_keys: Support::No("Chroma's keys are not empty and do not begin with $"),
    null_values: Support::No("Chroma drops null and empty arrays, and its arrays have one kind of value"),
    write: Support::No(
        "a Chroma folder is only read unless its option `write` is `serve`, which starts a `chroma run` on it",
    ),
    ..Capabilities::ALL
};
