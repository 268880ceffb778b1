//! One collection: its directory and the engine's shard in it, opened at first use and kept open.
//!
//! Readers share the shard, a writer has it alone: the engine's `flush` panics when it meets another
//! writer. Every use first looks whether the directory is still the one that was opened, because it
//! may have been removed or replaced meanwhile.

use std::fs::{self, File};
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock, RwLockWriteGuard};

use qdrant_edge::EdgeShard;

use super::lock::{self, SHARD_CONFIG};
use super::translation;
use crate::provider::{ProviderError, Result};

/// Bytes of write-ahead log after which a shard is closed and opened again to shorten it.
///
/// The engine never reads its log again and never shortens it: everything in it is in the segments
/// once they are flushed, which is what we do after every write.
const LONGEST_LOG: u64 = 16 * 1024 * 1024;

/// One collection of an open database.
pub(super) struct Collection {
    name: String,
    path: PathBuf,
    open: RwLock<Option<Open>>,
    /// How often it was written or closed.
    changes: AtomicU64,
}

struct Open {
    shard: EdgeShard,
    identity: Identity,
}

/// Tells a directory from another one that later stands in the same place.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Identity(u64, u64);

impl Collection {
    /// The collection in that directory; nothing is opened yet.
    pub(super) fn new(name: &str, path: PathBuf) -> Self {
        Self { name: name.to_owned(), path, open: RwLock::new(None), changes: AtomicU64::new(0) }
    }

    /// Its directory.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// How often it was written or closed through this program: what was read before is old after.
    pub(super) fn changes(&self) -> u64 {
        self.changes.load(Ordering::SeqCst)
    }

    /// Asks the shard something; several may do so at a time.
    pub(super) fn read<T>(&self, ask: impl FnOnce(&EdgeShard) -> Result<T>) -> Result<T> {
        loop {
            let identity = self.identity()?;
            let open = self.open.read().unwrap_or_else(PoisonError::into_inner);
            match open.as_ref() {
                Some(open) if open.identity == identity => return ask(&open.shard),
                _ => {
                    drop(open);
                    self.ensure_open(&mut self.alone())?;
                }
            }
        }
    }

    /// Changes the shard, alone, and makes the change durable.
    pub(super) fn write(&self, change: impl FnOnce(&EdgeShard) -> Result<()>) -> Result<()> {
        let mut open = self.alone();
        self.changes.fetch_add(1, Ordering::SeqCst);
        let shard = &self.ensure_open(&mut open)?.shard;
        let result = change(shard);
        // after a failure as well: a part may have been written
        shard.flush();
        if log_size(&self.path) > LONGEST_LOG {
            // dropping gives back the engine's lock on the log; the next use opens it shortened
            *open = None;
        }
        result
    }

    /// Closes the shard; the next use opens it again.
    pub(super) fn close(&self) {
        let mut open = self.alone();
        self.changes.fetch_add(1, Ordering::SeqCst);
        let identity = self.identity().ok();
        close_quietly(open.take(), identity);
    }

    /// Waits until nobody uses the shard.
    fn alone(&self) -> RwLockWriteGuard<'_, Option<Open>> {
        self.open.write().unwrap_or_else(|poisoned| {
            // The engine panicked in the middle of a write, e.g. because the disk is full. It flushes
            // once more when dropped and may panic again; what it holds open is closed all the same.
            let mut open = poisoned.into_inner();
            self.open.clear_poison();
            let broken = open.take();
            if panic::catch_unwind(AssertUnwindSafe(|| drop(broken))).is_err() {
                tracing::warn!(collection = self.name, "the engine could not flush a shard that failed before");
            }
            open
        })
    }

    fn ensure_open<'a>(&self, slot: &'a mut Option<Open>) -> Result<&'a Open> {
        let identity = self.identity();
        if slot.as_ref().is_some_and(|open| Ok(open.identity) != identity) {
            close_quietly(slot.take(), identity.as_ref().ok().copied());
        }
        let identity = identity?;
        match slot {
            Some(open) => Ok(open),
            None => {
                let shard = lock::patiently(|| {
                    shorten_log(&self.path)?;
                    EdgeShard::load(&self.path, None).map_err(|e| translation::error(&self.path, &e))
                })?;
                Ok(slot.insert(Open { shard, identity }))
            }
        }
    }

    fn identity(&self) -> Result<Identity> {
        let gone = |_| ProviderError::NoSuchCollection { collection: self.name.clone() };
        fs::metadata(self.path.join(SHARD_CONFIG)).map_err(gone)?;
        fs::metadata(&self.path).map_err(gone).map(|metadata| Identity::of(&metadata))
    }
}

impl Drop for Collection {
    fn drop(&mut self) {
        self.close();
    }
}

impl Identity {
    #[cfg(unix)]
    fn of(metadata: &fs::Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;
        Self(metadata.dev(), metadata.ino())
    }

    #[cfg(not(unix))]
    fn of(metadata: &fs::Metadata) -> Self {
        use std::time::UNIX_EPOCH;
        let created = metadata.created().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        created.map_or(Self(0, 0), |age| Self(age.as_secs(), u64::from(age.subsec_nanos())))
    }
}

/// Drops a shard, or forgets it when its directory is not there any more: dropping flushes, and the
/// engine panics when there is nothing to flush to. What is forgotten is a few memory maps.
fn close_quietly(open: Option<Open>, on_disk: Option<Identity>) {
    if let Some(open) = open
        && on_disk != Some(open.identity)
    {
        std::mem::forget(open);
    }
}

/// Bytes in the shard's write-ahead log.
fn log_size(path: &Path) -> u64 {
    fs::read_dir(path.join("wal"))
        .map(|entries| entries.flatten().filter_map(|entry| entry.metadata().ok()).map(|m| m.len()).sum())
        .unwrap_or(0)
}

/// Removes those closed parts of the log that only cost time and memory at every opening. The last
/// closed part stays, because the numbering of operations goes on from it.
fn shorten_log(path: &Path) -> Result<()> {
    let wal = path.join("wal");
    let Ok(directory) = File::open(&wal) else {
        return Ok(()); // the engine makes one
    };
    // a program that opens only this shard holds the engine's lock, not ours
    lock::lock_now(&directory, path)?;
    let mut closed: Vec<(u64, PathBuf)> = fs::read_dir(&wal)
        .map_err(|e| lock::file_error(&wal, &e))?
        .flatten()
        .filter_map(|entry| {
            let start = entry.file_name().to_str()?.strip_prefix("closed-")?.parse().ok()?;
            Some((start, entry.path()))
        })
        .collect();
    closed.sort_unstable();
    closed.pop();
    for (_, file) in closed {
        fs::remove_file(&file).map_err(|e| lock::file_error(&file, &e))?;
    }
    Ok(())
}
