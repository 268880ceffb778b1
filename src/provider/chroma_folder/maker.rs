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
    address_help: "Its directory on this machine, e.g. `/data/chroma`: the one with `chroma.sqlite3`. It is only read, also while a server has it open.",
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
    ],
};

/// What every one of them can do.
pub(super) const CAPABILITIES: Capabilities = Capabilities {
    integer_ids: Support::No("Chroma's ids are texts"),
    uuid_ids: Support::No("Chroma's ids are texts"),
    named_vectors: Support::No("a Chroma collection has one vector field"),
    sparse_vectors: Support::No("a Chroma folder stores no sparse vectors"),
    multi_vectors: Support::No("a Chroma record has one vector"),
    nested_payload: Support::No("Chroma's metadata has no objects"),
    null_values: Support::No("Chroma drops null and empty arrays, and its arrays have one kind of value"),
    write: Support::No(
        "a Chroma folder is only read here; to write, serve it with `chroma run --path DIR` and open that server",
    ),
    ..Capabilities::ALL
};
