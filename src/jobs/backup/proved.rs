//! Whether a backup was compared with its source: a small file beside the manifest, written before it and again once
//! the proof is done. So a run that was killed while it proved is known, and the same command proves what it left. It
//! is no part of the backup: no checksum is kept of it, and it may be removed.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{BackupError, Proof};
use crate::provider::parquet_backup::manifest::write_whole;

/// The file.
const FILE: &str = "proof.json";

/// What is known of the proof of a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proved {
    /// The word that opened the source.
    pub target: String,
    /// Records of each collection that were gone when they were to be read.
    pub vanished: Vec<u64>,
    /// What was found; empty until it was compared.
    pub proofs: Vec<Proof>,
}

impl Proved {
    /// That of a backup; `None` where nothing is known.
    pub fn read(dir: &Path) -> Option<Self> {
        serde_json::from_slice(&std::fs::read(dir.join(FILE)).ok()?).ok()
    }

    /// Whether it was compared with its source, and has all that the source had.
    pub fn holds(&self) -> bool {
        self.proofs.len() == self.vanished.len() && self.proofs.iter().all(Proof::holds)
    }

    /// Writes it.
    ///
    /// # Errors
    /// The system's.
    pub(super) fn write(&self, dir: &Path) -> Result<(), BackupError> {
        let failed = |error: std::io::Error| BackupError::file(&dir.join(FILE), &error);
        let text = serde_json::to_vec_pretty(self).map_err(|error| failed(error.into()))?;
        write_whole(dir, FILE, &text).map_err(failed)
    }
}
