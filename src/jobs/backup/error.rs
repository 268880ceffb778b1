//! Why a backup was not begun, or stopped.

use std::path::Path;

use thiserror::Error;

use crate::jobs::JobError;
use crate::jobs::copy::CopyError;

/// Why a backup was not begun, or stopped. Files that are whole stay.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum BackupError {
    /// The user ended it, or the database did not do what it was asked.
    #[error(transparent)]
    Job(#[from] JobError),
    /// The list of ids could not be written or read.
    #[error(transparent)]
    List(#[from] CopyError),
    /// There is a whole backup already.
    #[error("{dir} holds a whole backup already, and no backup is ever overwritten. Give another directory.")]
    Whole {
        /// The directory.
        dir: String,
    },
    /// There are other things.
    #[error(
        "{dir} is not empty, e.g. it has {example}; a backup goes into a new or an empty directory. Give another one."
    )]
    NotEmpty {
        /// The directory.
        dir: String,
        /// A name in it.
        example: String,
    },
    /// The interrupted backup there is of something else.
    #[error("the interrupted backup in {dir} is of {of}. Go on with that, or give another directory.")]
    OfAnother {
        /// The directory.
        dir: String,
        /// What it is of.
        of: String,
    },
    /// A backup of the whole database is wished, and that there has other collections.
    #[error("the backup in {dir} is not one of all that {label} has now: {difference}. {mend}")]
    OtherCollections {
        /// The directory.
        dir: String,
        /// The database.
        label: String,
        /// Which collections only one of them has.
        difference: String,
        /// What to do.
        mend: &'static str,
    },
    /// Another process writes it.
    #[error("another process writes the backup in {dir}. Wait for it, or end it first.")]
    Running {
        /// The directory.
        dir: String,
    },
    /// There is no such collection, or none at all.
    #[error("{label} has no collection {name:?}. It has: {known}.")]
    NoSuchCollection {
        /// The database.
        label: String,
        /// The name.
        name: String,
        /// Those that there are.
        known: String,
    },
    /// A file of the backup could not be written or read.
    #[error("{path} could not be used for the backup: {cause}. Check the disk; the same command goes on.")]
    File {
        /// The file.
        path: String,
        /// The system's words.
        cause: String,
    },
}

impl BackupError {
    /// A file that failed.
    pub(super) fn file(path: &Path, error: &std::io::Error) -> Self {
        Self::File { path: path.display().to_string(), cause: error.to_string() }
    }

    /// Whether the user ended it.
    pub fn is_cancelled(&self) -> bool {
        matches!(self, Self::Job(JobError::Cancelled))
    }
}
