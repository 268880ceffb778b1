//! Why a file could not be imported. No variant holds a line of it: it may hold a key.

use thiserror::Error;

use super::source::Format;
use crate::profile::vault::VaultError;

/// Why nothing could be imported.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ImportError {
    /// The file cannot be read.
    #[error("{path} could not be read: {cause}. Check its name and that you may read it.")]
    File {
        /// The file.
        path: String,
        /// The system's words.
        cause: String,
    },
    /// The file is larger than any list of profiles.
    #[error("{path} is larger than {limit} MiB, more than a list of profiles has. Check that it is the right file.")]
    TooLarge {
        /// The file.
        path: String,
        /// The limit.
        limit: u64,
    },
    /// Which reader is meant cannot be told.
    #[error("it cannot be told what {path} is. Say it with --from: {}.", Format::NAMES.join(", "))]
    UnknownFormat {
        /// The file.
        path: String,
    },
    /// The text is not what it should be.
    #[error("{path} is no {what}: {why}.")]
    Malformed {
        /// The file.
        path: String,
        /// What it should be, e.g. `docker compose file`.
        what: &'static str,
        /// What is wrong, with the line where it is known.
        why: String,
    },
    /// A newer version of the program wrote it.
    #[error("{path} has schema {found}, and this version knows up to {known}. Update vector-inspector to import it.")]
    NewerSchema {
        /// The file.
        path: String,
        /// Its schema.
        found: i64,
        /// The newest that is known.
        known: i64,
    },
    /// There is nothing in it.
    #[error("{path} holds no connection that this program knows.{}", behind(.skipped))]
    Nothing {
        /// The file.
        path: String,
        /// What looked like one.
        skipped: Vec<String>,
    },
    /// A folder without a file that is looked for.
    #[error("there is neither a compose file nor a .env in the folder {path}. Give the file itself.")]
    EmptyFolder {
        /// The folder.
        path: String,
    },
    /// There is no file of the desktop tool.
    #[error(
        "there is no file of the desktop tool: neither ~/.vector-inspector/profiles.json nor ~/.vector-viewer/connections.json. Give the file."
    )]
    NoDesktopFile,
    /// The store, or the key to an encrypted file.
    #[error(transparent)]
    Store(#[from] VaultError),
}

fn behind(skipped: &[String]) -> String {
    skipped.iter().map(|text| format!(" {text}")).collect()
}
