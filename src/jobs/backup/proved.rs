//! Whether a backup was compared with its source: a small file beside the manifest, written before it and again once
//! the proof is done. So a run that was killed while it proved is known, and the same command proves what it left. It
//! is no part of the backup: no checksum is kept of it, and it may be removed.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{BackupError, Proof};
use crate::provider::parquet_backup::manifest::write_whole;
use crate::text::format;

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

    /// What is to be known before it is brought back, where it does not hold; a sentence.
    pub fn doubt(&self) -> Option<String> {
        if self.holds() {
            return None;
        }
        if self.proofs.len() != self.vanished.len() {
            return Some(
                "this backup was never found to have what its source had: it was not compared with it; `backup` with \
                 the same words does that."
                    .to_owned(),
            );
        }
        let bad = |proof: &&Proof| !proof.holds();
        let names: Vec<&str> = self.proofs.iter().filter(bad).map(|proof| proof.collection.as_str()).collect();
        let different: u64 = self.proofs.iter().map(|proof| proof.different).sum();
        let found = match different {
            0 => "the source was changed meanwhile".to_owned(),
            some => format!("{} different or missing", format::many(some, "record is", "records are")),
        };
        let names = names.join(", ");
        Some(format!("this backup was compared with its source and does not have what that had: {found} in {names}."))
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_backup_that_was_found_different_is_not_called_one_that_was_never_compared() {
        let proof = |different: u64, moved: bool| Proof {
            collection: "docs".to_owned(),
            records: 5,
            equal: 5 - different,
            different,
            moved,
        };
        let doubt = |proofs: Vec<Proof>| Proved { target: "x".to_owned(), vanished: vec![0], proofs }.doubt();
        assert_eq!(doubt(vec![proof(0, false)]), None);
        assert!(doubt(Vec::new()).unwrap().contains("never found to have what its source had"));
        let found = doubt(vec![proof(2, false)]).unwrap();
        assert!(
            found.contains("was compared") && found.contains("2 records are different or missing in docs"),
            "{found}"
        );
        assert!(doubt(vec![proof(0, true)]).unwrap().contains("changed meanwhile in docs"));
    }
}
