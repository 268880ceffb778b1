//! Collections that are open: copied, each with the engine's shards on its copy. A copy is made at
//! first use and again when the storage has changed.

use std::collections::HashMap;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use qdrant_edge::EdgeShard;

use super::copy::{self, Scratch};
use super::log;
use super::replay::{self, Replayed};
use super::storage::{self, Stored, file_error};
use crate::provider::qdrant_edge::translation;
use crate::provider::{ProviderError, Result};

/// Bytes of a MiB.
pub(super) const MIB: u64 = 1 << 20;

/// An open storage.
pub(super) struct Storage {
    root: PathBuf,
    /// Largest collection that is copied, in bytes.
    copy_limit: u64,
    /// One lock for each name: making one copy holds up no other collection.
    open: Mutex<HashMap<String, Slot>>,
}

type Slot = Arc<Mutex<Option<Arc<Opened>>>>;

/// One collection as it was when it was copied.
pub(super) struct Opened {
    // before the directory: shards are flushed to it when they are dropped
    shards: Vec<EdgeShard>,
    /// What was copied.
    pub(super) stored: Stored,
    /// What came of the changes that are only in the logs of its shards.
    pub(super) replayed: Replayed,
    /// Bytes that were copied.
    pub(super) copied: u64,
    stamp: u64,
    _scratch: Scratch,
}

impl Opened {
    /// The shards that are here.
    pub(super) fn shards(&self) -> &[EdgeShard] {
        &self.shards
    }
}

impl Storage {
    /// Opens the storage in that directory; nothing is copied yet.
    pub(super) fn open(dir: &Path, copy_limit: u64) -> Result<Self> {
        fs::metadata(dir).map_err(|e| file_error(dir, &e))?;
        let root = storage::root(dir).ok_or_else(|| ProviderError::NotADatabase {
            path: dir.display().to_string(),
            expected: "Qdrant server's",
            cause: "it has no `collections` beside a `raft_state.json` or `aliases`".to_owned(),
        })?;
        let storage = Self { root, copy_limit, open: Mutex::default() };
        for name in storage.names()? {
            refuse_running(&Stored::read(&storage.root, &name)?)?;
        }
        Ok(storage)
    }

    /// Its directory.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// The names of all collections, sorted.
    pub(super) fn names(&self) -> Result<Vec<String>> {
        storage::names(&self.root)
    }

    /// What is on disk under that name or alias.
    pub(super) fn stored(&self, name: &str) -> Result<Stored> {
        Stored::read(&self.root, name)
    }

    /// The collection, copied now if it was not yet or has changed since.
    pub(super) fn collection(&self, name: &str) -> Result<Arc<Opened>> {
        let stored = self.stored(name)?;
        let slot = Arc::clone(guard(&self.open).entry(stored.name.clone()).or_default());
        let mut open = guard(&slot);
        match open.as_ref() {
            Some(opened) if opened.stamp == stored.stamp() => Ok(Arc::clone(opened)),
            _ => {
                *open = None;
                let opened = Arc::new(self.copy(stored)?);
                *open = Some(Arc::clone(&opened));
                Ok(opened)
            }
        }
    }

    fn copy(&self, stored: Stored) -> Result<Opened> {
        refuse_running(&stored)?;
        let (size, stamp) = (stored.size(), stored.stamp());
        if size > self.copy_limit {
            let mib = size.div_ceil(MIB);
            return Err(ProviderError::BadRequest {
                cause: format!(
                    "the collection {:?} has {mib} MiB, which would be copied before it is opened",
                    stored.name
                ),
                mend: format!("Give the profile the option copy_limit={mib}, or start Qdrant on the folder."),
            });
        }
        let scratch = Scratch::new().map_err(|e| file_error(&std::env::temp_dir(), &e))?;
        let (mut shards, mut replayed) = (Vec::new(), Replayed::default());
        for (number, dir) in &stored.shards {
            let target = scratch.path().join(number.to_string());
            let tail = log::tail(dir);
            let prepare = || {
                fs::create_dir(&target)?;
                replay::prepare(&target, &tail)?;
                copy::tree(&dir.join("segments"), &target.join("segments"))?;
                fs::write(target.join("edge_config.json"), stored.engine_config().to_string())
            };
            prepare().map_err(|e| file_error(&target, &e))?;
            let shard = EdgeShard::load(&target, None).map_err(|e| translation::error(dir, &e))?;
            replayed = replayed.and(replay::replay(&shard, &tail));
            shards.push(shard);
        }
        // a server that came while we copied may have changed half of it
        refuse_running(&stored)?;
        if stored.stamp() != stamp {
            return Err(ProviderError::Locked { path: stored.dir.display().to_string() });
        }
        Ok(Opened { shards, stored, replayed, copied: size, stamp, _scratch: scratch })
    }
}

/// A server locks the logs of its shards. The lock is only tried, and given back at once: one that we
/// kept would keep a server from starting.
fn refuse_running(stored: &Stored) -> Result<()> {
    for (_, dir) in &stored.shards {
        let wal = dir.join("wal");
        let Ok(log) = File::open(&wal) else { continue };
        match log.try_lock_shared() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(ProviderError::Locked { path: stored.dir.display().to_string() });
            }
            Err(TryLockError::Error(error)) => tracing::debug!(path = %wal.display(), %error, "no lock can be tried"),
        }
    }
    Ok(())
}

fn guard<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
