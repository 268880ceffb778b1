//! What people, addresses and panes need to know before one is opened.

use crate::provider::{Capabilities, DirectoryPlace, Maker, OptionSpec, Place, ProviderKind, Support};

use super::storage::is_storage;

/// What people and addresses need to know of it.
pub const MAKER: Maker = Maker {
    kind: ProviderKind::QdrantFolder,
    name: "qdrant-folder",
    title: "Qdrant folder",
    place: Place::Directory(DirectoryPlace {
        recognise: is_storage,
        holds: "the `collections` of a Qdrant server that does not run, usually called `storage`",
        schemes: &[],
    }),
    address_help: "Its directory on this machine, e.g. `/data/qdrant/storage`: the one with `collections`. It stays as it is: what is opened is copied to a temporary directory.",
    key_help: None,
    capabilities: CAPABILITIES,
    options: &[OptionSpec {
        name: COPY_LIMIT,
        label: "copy up to",
        help: "The largest collection, in MiB on disk, that is copied to the temporary directory when it is opened; empty means 1024. A larger one is refused with its size.",
        words: &[],
    }],
};

/// The option's name.
pub(super) const COPY_LIMIT: &str = "copy_limit";

/// What every one of them can do.
pub(super) const CAPABILITIES: Capabilities = Capabilities {
    text_ids: Support::No("Qdrant's ids are whole numbers or UUIDs"),
    negative_ids: Support::No("Qdrant's whole numbers as ids begin at 0"),
    record_text: Support::No("Qdrant has no text beside the payload"),
    cosine_vectors: Support::No("Qdrant keeps vectors at the length 1 where the metric is cosine"),
    cosine_lengths: Support::No("Qdrant keeps vectors at the length 1 where the metric is cosine"),
    nan_vectors: Support::No("only finite numbers are written to Qdrant"),
    write: Support::No("a Qdrant folder is only read here; to write, start Qdrant on it and open that server"),
    ..Capabilities::ALL
};
