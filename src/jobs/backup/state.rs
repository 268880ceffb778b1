//! How far a backup is: one file, replaced as a whole whenever a file of the backup is, so that it is never half
//! written. It lies with the lists of ids in `unfinished/` of the backup's directory.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};

use super::BackupError;
use crate::provider::parquet_backup::manifest::{MANIFEST, Source, Stored, UNFINISHED, write_whole};

const STATE: &str = "state.json";

/// How far a backup is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// The word that opens the source.
    pub target: String,
    /// Where the records are from.
    pub source: Source,
    /// Some collections were named: it is no backup of the whole database.
    #[serde(default)]
    pub chosen: bool,
    /// The collections, sorted by name; those that came while it was interrupted behind them.
    pub collections: Vec<Progress>,
}

/// How far a collection is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// What the source told of it, and the files that are whole.
    pub stored: Stored,
    /// Records and bytes of its list of ids, once that is on the disk.
    pub listed: Option<(u64, u64)>,
    /// Place in the list behind the files that are whole: records and bytes.
    pub at: (u64, u64),
    /// Records of the list that were gone when they were to be read.
    pub vanished: u64,
    /// All of it is in files.
    pub done: bool,
}

/// The directory of a backup that is being written, held by this process as long as this lives.
#[derive(Debug)]
pub struct Place {
    /// The directory.
    pub dir: PathBuf,
    _lock: File,
}

impl Place {
    /// Opens the directory: a new or an empty one, or one with an interrupted backup, whose state comes along.
    ///
    /// # Errors
    /// A directory with something else in it, or that another process writes.
    pub fn open(dir: &Path) -> Result<(Self, Option<State>), BackupError> {
        let shown = || dir.display().to_string();
        let unfinished = dir.join(UNFINISHED);
        let begun = Self::is_begun(dir);
        if !begun {
            if dir.join(MANIFEST).exists() {
                return Err(BackupError::Whole { dir: shown() });
            }
            let other = |name: &String| *name != UNFINISHED;
            if let Some(example) = names(dir)?.into_iter().find(other) {
                return Err(BackupError::NotEmpty { dir: shown(), example });
            }
        }
        fs::create_dir_all(&unfinished).map_err(|error| BackupError::file(&unfinished, &error))?;
        let path = unfinished.join("lock");
        let failed = |error: io::Error| BackupError::file(&path, &error);
        let lock = OpenOptions::new().write(true).create(true).truncate(false).open(&path).map_err(failed)?;
        match flock(&lock, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(rustix::io::Errno::WOULDBLOCK) => return Err(BackupError::Running { dir: shown() }),
            Err(error) => return Err(failed(error.into())),
        }
        let place = Self { dir: dir.to_owned(), _lock: lock };
        let state = if begun { Some(place.load()?) } else { None };
        Ok((place, state))
    }

    /// Whether a backup there is not at its end.
    pub fn is_begun(dir: &Path) -> bool {
        dir.join(UNFINISHED).join(STATE).is_file()
    }

    fn load(&self) -> Result<State, BackupError> {
        let path = self.unfinished().join(STATE);
        let text = fs::read(&path).map_err(|error| BackupError::file(&path, &error))?;
        serde_json::from_slice(&text).map_err(|error| BackupError::file(&path, &error.into()))
    }

    /// Saves how far it is, and waits until that is on the disk.
    ///
    /// # Errors
    /// The system's.
    pub fn save(&self, state: &State) -> Result<(), BackupError> {
        let (dir, path) = (self.unfinished(), self.unfinished().join(STATE));
        let text = serde_json::to_vec(state).map_err(|error| BackupError::file(&path, &error.into()))?;
        write_whole(&dir, STATE, &text).map_err(|error| BackupError::file(&path, &error))
    }

    /// Where what is not finished lies.
    pub fn unfinished(&self) -> PathBuf {
        self.dir.join(UNFINISHED)
    }

    /// The list of ids of the collection with that number.
    pub fn ids(&self, number: usize) -> PathBuf {
        self.unfinished().join(format!("{:04}.ids", number + 1))
    }

    /// Removes what was only for going on.
    ///
    /// # Errors
    /// The system's.
    pub fn finish(self) -> Result<(), BackupError> {
        let unfinished = self.unfinished();
        let remove = || {
            // The state goes last: as long as it is there, the same command ends what a kill left here.
            let entries = fs::read_dir(&unfinished)?.flatten().filter(|entry| entry.file_name() != STATE);
            entries.into_iter().try_for_each(|entry| fs::remove_file(entry.path()))?;
            fs::remove_dir_all(&unfinished)
        };
        remove().map_err(|error| BackupError::file(&unfinished, &error))
    }
}

fn names(dir: &Path) -> Result<Vec<String>, BackupError> {
    match fs::read_dir(dir) {
        Ok(entries) => Ok(entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(BackupError::file(dir, &error)),
    }
}
