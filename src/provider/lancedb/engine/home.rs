//! Where the tables are, as errors say it.

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use crate::provider::ProviderError;

/// What went wrong last on the way to a store, until something goes well: the library turns some causes into
/// text before it tells them.
#[derive(Debug, Clone, Default)]
pub struct Trouble(Arc<Mutex<Option<ProviderError>>>);

impl Trouble {
    /// Keeps it, or forgets the last one.
    pub(in crate::provider) fn note(&self, trouble: Option<ProviderError>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = trouble;
    }

    /// The last one.
    pub(super) fn last(&self) -> Option<ProviderError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// A directory, or a folder in an object store.
#[derive(Debug, Clone)]
pub enum Home {
    /// On this machine.
    Directory(PathBuf),
    /// In an object store.
    Store {
        /// The store, `host:port`.
        address: String,
        /// What went wrong on the way there.
        trouble: Trouble,
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
