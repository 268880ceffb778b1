//! Which directory is a database, and whose it is at the moment.
//!
//! A lock file in the directory is held (flock) for as long as the database is open, so that two
//! programs never share it by halves; every shard's own log is locked by the engine besides. The
//! same file marks a directory without collections as a database.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use crate::provider::{ProviderError, Result};

/// Locked while the database is open; empty.
const LOCK_FILE: &str = "vector-inspector.lock";

/// Present in every shard that the engine made or opened.
pub(super) const SHARD_CONFIG: &str = "edge_config.json";

/// Whether the directory is a database of embedded Qdrant: it bears our mark, or a directory in it
/// is a shard.
pub fn is_database(dir: &Path) -> bool {
    dir.join(LOCK_FILE).is_file()
        || std::fs::read_dir(dir)
            .is_ok_and(|entries| entries.flatten().any(|entry| entry.path().join(SHARD_CONFIG).is_file()))
}

/// Refuses directories that hold no database of this kind, saying what they are instead.
pub(super) fn check_is_database(dir: &Path) -> Result<()> {
    if std::fs::metadata(dir).map_err(|e| file_error(dir, &e))?.is_file() {
        return Err(not_a_database(dir, "it is a file"));
    }
    if dir.join(SHARD_CONFIG).is_file() {
        return Err(not_a_database(dir, "it is a single collection, the database is the directory above"));
    }
    if is_database(dir) {
        return Ok(());
    }
    let cause = if dir.join("chroma.sqlite3").is_file() {
        "its chroma.sqlite3 is a database of Chroma"
    } else if dir.join("collections").is_dir() || dir.join("segments").is_dir() || dir.join("raft_state.json").is_file()
    {
        "it looks like the storage of a Qdrant server, which is opened as qdrant-folder"
    } else if std::fs::read_dir(dir).map_err(|e| file_error(dir, &e))?.next().is_none() {
        "it is empty"
    } else {
        "no directory in it has an edge_config.json"
    };
    Err(not_a_database(dir, cause))
}

/// Makes an absent or empty directory a database without collections, and refuses one that is a database already.
pub(super) fn make_new(dir: &Path) -> Result<()> {
    if is_database(dir) {
        return Err(ProviderError::BadRequest {
            cause: format!("{} is a database already", dir.display()),
            mend: "Open it as it is, or choose another directory.".into(),
        });
    }
    initialise(dir)
}

/// Makes an absent or empty directory a database without collections; a database stays as it is.
pub(super) fn initialise(dir: &Path) -> Result<()> {
    std::fs::create_dir_all(dir).map_err(|e| file_error(dir, &e))?;
    if is_database(dir) {
        return Ok(());
    }
    if std::fs::read_dir(dir).map_err(|e| file_error(dir, &e))?.next().is_some() {
        return Err(not_a_database(dir, "it holds other files"));
    }
    open_lock_file(dir).map(drop)
}

/// How long a lock may be held by nobody in particular.
const MOMENT: Duration = Duration::from_millis(500);
/// The wait between two looks.
const LOOK: Duration = Duration::from_millis(5);

/// Opens what may be locked for a moment although the directory is ours: a program that this process is just
/// starting has all its open files until it runs, those that were closed here meanwhile, too. Blocks for half a
/// second at most.
pub(super) fn patiently<T>(mut open: impl FnMut() -> Result<T>) -> Result<T> {
    let give_up = Instant::now() + MOMENT;
    loop {
        match open() {
            Err(ProviderError::Locked { .. }) if Instant::now() < give_up => thread::sleep(LOOK),
            answer => return answer,
        }
    }
}

/// Takes the lock; it is given back when the file is dropped, also when the process is killed.
pub(super) fn acquire(dir: &Path) -> Result<File> {
    let file = open_lock_file(dir)?;
    lock_now(&file, dir)?;
    Ok(file)
}

/// Takes the lock of one open file or says that somebody else has it.
pub(super) fn lock_now(file: &File, dir: &Path) -> Result<()> {
    match file.try_lock() {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => Err(ProviderError::Locked { path: dir.display().to_string() }),
        Err(TryLockError::Error(error)) => Err(file_error(dir, &error)),
    }
}

fn open_lock_file(dir: &Path) -> Result<File> {
    let path = dir.join(LOCK_FILE);
    OpenOptions::new().create(true).truncate(false).write(true).open(&path).map_err(|e| file_error(&path, &e))
}

/// The system's refusal of a file, in our words.
pub(super) fn file_error(path: &Path, error: &io::Error) -> ProviderError {
    ProviderError::File { path: path.display().to_string(), cause: error.to_string() }
}

/// The directory is something else.
pub(super) fn not_a_database(dir: &Path, cause: &str) -> ProviderError {
    ProviderError::NotADatabase {
        path: dir.display().to_string(),
        expected: "embedded Qdrant",
        cause: cause.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_of_a_moment_is_waited_for_and_another_error_is_not() {
        let locked = || ProviderError::Locked { path: "x".to_owned() };
        let mut looks = 0;
        let opened = patiently(|| {
            looks += 1;
            if looks < 4 { Err(locked()) } else { Ok(looks) }
        });
        assert_eq!(opened, Ok(4));
        let mut looks = 0;
        let refused: Result<()> = patiently(|| {
            looks += 1;
            Err(ProviderError::Cancelled)
        });
        assert_eq!((refused, looks), (Err(ProviderError::Cancelled), 1));
        assert_eq!(patiently(|| Err::<(), _>(locked())), Err(locked()), "not for ever");
    }
}
