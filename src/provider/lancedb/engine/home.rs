//! Where the tables are, as errors say it.

use std::fmt;
use std::path::PathBuf;

/// A directory, or a folder in an object store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Home {
    /// On this machine.
    Directory(PathBuf),
    /// In an object store.
    Store {
        /// The store, `host:port`.
        address: String,
        /// Bucket and folder.
        folder: String,
    },
}

impl Home {
    /// Whether the table is known to be gone: of a store that is asked nothing for it.
    pub(super) fn has_lost(&self, table: &str) -> bool {
        match self {
            Self::Directory(dir) => !dir.join(format!("{table}.{}", super::ENDING)).is_dir(),
            Self::Store { .. } => false,
        }
    }
}

impl fmt::Display for Home {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Directory(dir) => write!(f, "{}", dir.display()),
            Self::Store { address, .. } => f.write_str(address),
        }
    }
}
