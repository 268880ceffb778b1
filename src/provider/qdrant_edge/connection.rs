//! The open database: its directory, its lock, its collections. Used by the [`Provider`] in `mod`,
//! always on a thread that may block.
//!
//! [`Provider`]: crate::provider::Provider

use std::collections::HashMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;
use std::time::{Duration, Instant};

use qdrant_edge::{EdgeConfig, EdgeShard};

use super::lock::{self, SHARD_CONFIG, file_error};
use super::shard::Collection;
use super::{names, translation};
use crate::provider::model::CollectionSpec;
use crate::provider::{ProviderError, Result};

/// Collections that are being made or removed have a name that no user can give.
const CREATING: &str = ".creating-";
const DROPPING: &str = ".dropping-";

/// How long opening waits for an earlier life of the same database in this process to finish its
/// last flush.
const CLOSING: Duration = Duration::from_secs(2);

/// What this process has open, so that two connections to one directory share it: the lock keeps
/// out other processes, not ourselves.
static OPEN: LazyLock<Mutex<HashMap<PathBuf, Weak<Database>>>> = LazyLock::new(Mutex::default);

/// One open database.
pub(super) struct Database {
    // before the lock: fields are dropped in this order, and the lock goes last
    collections: Mutex<HashMap<String, Arc<Collection>>>,
    dir: PathBuf,
    /// Held while a collection is made or removed.
    structure: Mutex<()>,
    _lock: File,
}

impl Database {
    /// Opens the database in a directory; shards are opened at first use.
    pub(super) fn open(dir: &Path) -> Result<Arc<Self>> {
        lock::check_is_database(dir)?;
        let dir = fs::canonicalize(dir).map_err(|e| file_error(dir, &e))?;
        let give_up = Instant::now() + CLOSING;
        loop {
            let mut open = guard(&OPEN);
            let ours = open.get(&dir).map(Weak::upgrade);
            if let Some(Some(database)) = ours {
                return Ok(database);
            }
            match lock::acquire(&dir) {
                Ok(lock) => {
                    sweep(&dir);
                    let database = Arc::new(Self {
                        collections: Mutex::default(),
                        dir: dir.clone(),
                        structure: Mutex::default(),
                        _lock: lock,
                    });
                    open.insert(dir, Arc::downgrade(&database));
                    return Ok(database);
                }
                Err(ProviderError::Locked { .. }) if ours.is_some() && Instant::now() < give_up => {
                    drop(open);
                    thread::sleep(Duration::from_millis(5));
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Its directory.
    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    /// The names of all collections, sorted. Names that are no text are left out.
    pub(super) fn names(&self) -> Result<Vec<String>> {
        let entries = fs::read_dir(&self.dir).map_err(|_| self.gone())?;
        let mut names: Vec<String> = entries
            .flatten()
            .filter(|entry| entry.path().join(SHARD_CONFIG).is_file())
            .filter_map(|entry| entry.file_name().into_string().ok())
            .filter(|name| names::is_possible(name))
            .collect();
        names.sort_unstable();
        Ok(names)
    }

    /// Proves that the directory is still there.
    pub(super) fn ping(&self) -> Result<()> {
        fs::metadata(&self.dir).map(drop).map_err(|_| self.gone())
    }

    /// The collection of that name.
    pub(super) fn collection(&self, name: &str) -> Result<Arc<Collection>> {
        let path = self.dir.join(name);
        if !names::is_possible(name) || !path.join(SHARD_CONFIG).is_file() {
            guard(&self.collections).remove(name);
            return Err(ProviderError::NoSuchCollection { collection: name.to_owned() });
        }
        let mut collections = guard(&self.collections);
        let collection = collections.entry(name.to_owned()).or_insert_with(|| Arc::new(Collection::new(name, path)));
        Ok(Arc::clone(collection))
    }

    /// What a new collection is and where, if it can be made; changes nothing.
    pub(super) fn check_new(&self, spec: &CollectionSpec) -> Result<(EdgeConfig, PathBuf)> {
        names::check(&spec.name)?;
        let config = translation::config(spec)?;
        let target = self.dir.join(&spec.name);
        if target.symlink_metadata().is_ok() {
            return Err(ProviderError::BadRequest {
                cause: format!("there is already a collection {:?}", spec.name),
                mend: "Choose another name, or drop the old collection first.".into(),
            });
        }
        Ok((config, target))
    }

    /// Makes an empty collection; whole or not at all.
    pub(super) fn create(&self, spec: &CollectionSpec) -> Result<()> {
        let _alone = guard(&self.structure);
        let (config, target) = self.check_new(spec)?;
        let half = self.temporary(CREATING);
        fs::create_dir(&half).map_err(|e| file_error(&half, &e))?;
        let made = EdgeShard::new(&half, config).map_err(|e| translation::error(&target, &e)).map(drop);
        let moved = made.and_then(|()| fs::rename(&half, &target).map_err(|e| file_error(&target, &e)));
        if moved.is_err() {
            let _ = fs::remove_dir_all(&half);
        }
        moved?;
        sync(&self.dir);
        Ok(())
    }

    /// Removes a collection; after a kill it is there whole or gone.
    pub(super) fn drop_collection(&self, name: &str) -> Result<()> {
        let _alone = guard(&self.structure);
        let collection = self.collection(name)?;
        collection.close();
        guard(&self.collections).remove(name);
        let dropped = self.temporary(DROPPING);
        fs::rename(collection.path(), &dropped).map_err(|e| file_error(collection.path(), &e))?;
        sync(&self.dir);
        fs::remove_dir_all(&dropped).map_err(|e| file_error(&dropped, &e))
    }

    fn temporary(&self, prefix: &str) -> PathBuf {
        self.dir.join(format!("{prefix}{:016x}", fastrand::u64(..)))
    }

    fn gone(&self) -> ProviderError {
        lock::not_a_database(&self.dir, "the directory was removed or cannot be read any more")
    }
}

fn guard<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Removes what a killed process left half made or half removed. We hold the lock.
fn sweep(dir: &Path) {
    let Ok(entries) = fs::read_dir(dir) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let ours = name.to_str().is_some_and(|name| name.starts_with(CREATING) || name.starts_with(DROPPING));
        if ours && let Err(error) = fs::remove_dir_all(entry.path()) {
            tracing::warn!(path = %entry.path().display(), %error, "a left-over directory could not be removed");
        }
    }
}

/// Makes a rename in the directory durable, where the system can.
fn sync(dir: &Path) {
    if let Err(error) = File::open(dir).and_then(|file| file.sync_all()) {
        tracing::debug!(path = %dir.display(), %error, "the directory could not be synced");
    }
}
