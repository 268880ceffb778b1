//! Whether a backup has what its source has: both are read, and every record is compared to the last bit.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{BackupError, Done, Proved};
use crate::jobs::compare::{ContentOptions, contents, pass_over};
use crate::jobs::{Control, JobError, Meter, Side};

/// How a collection of a backup stands beside its source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// The collection.
    pub collection: String,
    /// Records of the backup.
    pub records: u64,
    /// Records that are the same on both sides.
    pub equal: u64,
    /// Records that differ, are missing, or are in the backup only.
    pub different: u64,
    /// The source was changed while it was compared.
    pub moved: bool,
}

impl Proof {
    /// Whether the backup has what the source has.
    pub fn holds(&self) -> bool {
        self.different == 0 && self.equal == self.records && !self.moved
    }
}

/// Compares a collection of the source with the same one of the backup.
///
/// # Errors
/// A side that cannot be read, or that the job was cancelled.
pub async fn prove(source: &Side, backup: &Side, control: &Control, meter: &mut Meter) -> Result<Proof, JobError> {
    let options = ContentOptions::default();
    let found = contents(source, backup, &options, control, meter, &mut pass_over).await?;
    Ok(Proof {
        collection: backup.collection.clone(),
        records: found.records_b,
        equal: found.equal,
        different: found.different(),
        moved: !found.moved.is_empty() || found.repeated != (0, 0),
    })
}

/// Compares every collection of the backup in that directory, in its order, and keeps there what was found; the
/// collections of the sides mean nothing.
///
/// # Errors
/// As [`prove`]: the backup is whole then, and not compared.
pub async fn prove_all(
    dir: &Path,
    done: &Done,
    source: &Side,
    backup: &Side,
    control: &Control,
    meter: &mut Meter,
) -> Result<Vec<Proof>, BackupError> {
    let _telling = control.tell_waits(meter);
    let mut proofs = Vec::new();
    for stored in &done.manifest.collections {
        proofs.push(prove(&source.of(&stored.name), &backup.of(&stored.name), control, meter).await?);
    }
    if let Some(known) = Proved::read(dir) {
        Proved { proofs: proofs.clone(), ..known }.write(dir)?;
    }
    Ok(proofs)
}
