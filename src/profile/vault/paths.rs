//! Where the files of the store are. The directory is the caller's choice (`runtime` and `cli` give
//! the user's configuration directory, tests a temporary one).

use std::path::{Path, PathBuf};

/// The files of one store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VaultPaths {
    dir: PathBuf,
}

impl VaultPaths {
    /// The store in that directory.
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self { dir: dir.into() }
    }

    /// The directory itself, mode 0700.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The profiles, encrypted.
    pub fn store(&self) -> PathBuf {
        self.dir.join("profiles.toml.age")
    }

    /// The key, wrapped by the passphrase.
    pub fn wrapped_identity(&self) -> PathBuf {
        self.dir.join("identity.age")
    }

    /// The key as it is: the key file of machines that nobody sits at.
    pub fn key_file(&self) -> PathBuf {
        self.dir.join("identity.txt")
    }

    /// An empty file, only to lock on.
    pub fn lock(&self) -> PathBuf {
        self.dir.join("profiles.lock")
    }

    /// The last stores.
    pub fn backups(&self) -> PathBuf {
        self.dir.join("backups")
    }
}
