//! What is known of LanceDB before a database is opened. Compiled into every build, so that the
//! documents and the store of profiles are the same in all of them.

use std::path::Path;

use crate::provider::{Capabilities, DirectoryPlace, Maker, OptionSpec, Place, ProviderKind, Support};

/// LanceDB.
pub const MAKER: Maker = Maker {
    kind: ProviderKind::LanceDb,
    name: "lancedb",
    title: "LanceDB",
    place: Place::Directory(DirectoryPlace {
        recognise: is_database,
        holds: "LanceDB's tables, each in a directory `NAME.lance`",
        schemes: &[("lance", false)],
    }),
    address_help: "Its directory on this machine, e.g. `/data/lancedb`: the one that holds a directory `NAME.lance` for \
                   each table. Object stores (s3://, gs://, az://) are not opened.",
    key_help: None,
    capabilities: CAPABILITIES,
    options: &[
        OptionSpec {
            name: "version",
            label: "Version",
            help: "Opens each table as it was at that version, e.g. 3, and only reads it; `docs=3,notes=7` does so for \
                   single tables. The details of a collection list its versions.",
            words: &[],
        },
        OptionSpec {
            name: "nprobes",
            label: "nprobes",
            help: "Partitions that a search through an IVF index looks into; the library's choice if it is left out. More \
                   find more of the true neighbours and take longer.",
            words: &[],
        },
        OptionSpec {
            name: "refine_factor",
            label: "Refine",
            help: "How many times the hits asked for are read again in full to correct what a quantised index rounds. \
                   Without it, scores from such an index are approximate.",
            words: &[],
        },
        OptionSpec {
            name: "ef",
            label: "ef",
            help: "Candidates that a search through an HNSW index keeps; the library's choice if it is left out. More find \
                   more of the true neighbours and take longer.",
            words: &[],
        },
    ],
};

/// What every one of them can do.
pub(in crate::provider) const CAPABILITIES: Capabilities = Capabilities {
    uuid_ids: Support::No("LanceDB's tables have no key of UUIDs; they are texts"),
    mixed_ids: Support::No("a table's key has one type"),
    manhattan: Support::No("LanceDB has no manhattan distance"),
    sparse_vectors: Support::No("LanceDB has no sparse vectors"),
    multi_vectors: Support::No("LanceDB's columns of several vectors are shown, and not searched or made here"),
    ..Capabilities::ALL
};

/// The ending of a table's directory.
pub(super) const ENDING: &str = "lance";

/// Whether the directory holds a table.
pub fn is_database(dir: &Path) -> bool {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.path())
        .any(|path| path.extension().is_some_and(|ending| ending == ENDING) && path.is_dir())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_directory_of_tables_is_recognised() {
        let home = tempfile::tempdir().unwrap();
        assert!(!is_database(home.path()));
        std::fs::write(home.path().join("x.lance"), "a file").unwrap();
        assert!(!is_database(home.path()));
        std::fs::create_dir(home.path().join("docs.lance")).unwrap();
        assert!(is_database(home.path()));
        assert!(!is_database(&home.path().join("nothing")));
    }
}
