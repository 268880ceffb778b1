//! Whether the files of a backup are what was written.

use std::path::Path;

use super::BackupError;
use crate::jobs::{Control, JobError, Meter};
use crate::provider::parquet_backup::manifest::{self, Manifest};

/// Compares every file of the backup in that directory with its checksum: how many files and bytes it has.
///
/// # Errors
/// The first file that is not as it was written, an unfinished backup, or that the job was cancelled.
pub async fn check(dir: &Path, control: &Control, meter: &mut Meter) -> Result<(usize, u64), BackupError> {
    let (path, reins) = (dir.to_owned(), control.clone());
    // Lent to the thread that reads.
    let mut counting = std::mem::replace(meter, Meter::silent());
    let checked = tokio::task::spawn_blocking(move || {
        let known = Manifest::read(&path).ok();
        let parts = known.iter().flat_map(|manifest| &manifest.collections).flat_map(|stored| &stored.parts);
        let total = parts.map(|part| part.bytes).sum::<u64>() >> 10;
        counting.phase("checking the checksums", "KiB", Some(total));
        let mut rest = 0;
        let checked = manifest::check(&path, &mut |bytes| {
            rest += bytes;
            counting.advance(rest >> 10);
            rest &= 1023;
            !reins.is_cancelled()
        });
        (counting, checked)
    });
    let (counted, checked) = checked.await.map_err(|fault| JobError::Broken { cause: fault.to_string() })?;
    *meter = counted;
    match checked {
        Err(_) if control.is_cancelled() => Err(JobError::Cancelled.into()),
        Err(source) => Err(JobError::Provider { label: dir.display().to_string(), source }.into()),
        Ok(found) => Ok(found),
    }
}
