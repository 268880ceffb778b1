//! What people, addresses and panes need to know before one is opened.

use std::path::Path;

use super::manifest::{MANIFEST, SUMS, UNFINISHED};
use crate::provider::{Capabilities, DirectoryPlace, Maker, Place, ProviderKind, Support};

/// What people and addresses need to know of it.
pub const MAKER: Maker = Maker {
    kind: ProviderKind::ParquetBackup,
    name: "parquet-backup",
    title: "Parquet backup",
    place: Place::Directory(DirectoryPlace {
        recognise: is_backup,
        holds: "a `manifest.json` and `SHA256SUMS` beside Parquet files, as `vector-inspector backup` writes them",
        schemes: &[],
    }),
    address_help: "Its directory on this machine, e.g. `/backups/docs-monday`: the one with `manifest.json`. It is only read; `restore` brings it back into a database.",
    key_help: None,
    capabilities: CAPABILITIES,
    options: &[],
};

/// What every one of them can do. A backup holds what its source had; it can have everything.
pub(super) const CAPABILITIES: Capabilities = Capabilities {
    write: Support::No("a backup is only read; `restore` brings it back into a database"),
    ..Capabilities::ALL
};

/// Whether a whole or an unfinished backup is there, judging by names.
fn is_backup(dir: &Path) -> bool {
    (dir.join(MANIFEST).is_file() && dir.join(SUMS).is_file()) || dir.join(UNFINISHED).join("state.json").is_file()
}
