//! `chroma.sqlite3`, opened so that not a byte of the folder changes.
//!
//! Chroma keeps a rollback journal: then SQLite reads under a shared lock and touches nothing, and a
//! server that writes meanwhile is waited for. A file in write-ahead mode (somebody switched it) can
//! be read without a trace only while its `-wal` file is there; without one, SQLite would make files
//! in the folder, so that is refused. The file is never declared immutable: a server may come.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags, ffi};

use crate::provider::{ProviderError, Result};

/// The file that makes a directory a Chroma folder.
const FILE: &str = "chroma.sqlite3";

/// How long a writer is waited for. It holds its lock for one write.
const PATIENCE: Duration = Duration::from_secs(10);

/// Whether the directory is a folder of Chroma.
pub fn is_database(dir: &Path) -> bool {
    dir.join(FILE).is_file()
}

/// The database's file in that directory.
pub(super) fn path_in(dir: &Path) -> PathBuf {
    dir.join(FILE)
}

/// Opens the file for reading and begins a transaction, so that what is read through this
/// connection is of one moment. It ends with the connection.
pub(super) fn open(path: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = if in_write_ahead_mode(path)? {
        let log = beside(path, "-wal");
        if !log.is_file() {
            return Err(ProviderError::File {
                path: path.display().to_string(),
                cause: "it is in SQLite's write-ahead mode and no program has it open, so that reading it would make \
                        new files beside it; switch it back with `PRAGMA journal_mode=DELETE`, or open a copy"
                    .to_owned(),
            });
        }
        Connection::open_with_flags(shared_memory_untouched(path), flags | OpenFlags::SQLITE_OPEN_URI)
    } else {
        Connection::open_with_flags(path, flags)
    };
    let connection = connection.map_err(|e| failure(path, &e))?;
    let begin = |connection: &Connection| {
        connection.busy_timeout(PATIENCE)?;
        connection.execute_batch("BEGIN")
    };
    begin(&connection).map_err(|e| failure(path, &e))?;
    Ok(connection)
}

/// The path as SQLite's URI, with the word that keeps the file of shared memory as it is.
fn shared_memory_untouched(path: &Path) -> String {
    let mut uri = "file:".to_owned();
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'/' | b'-' | b'_' | b'.' | b'~' => uri.push(char::from(*byte)),
            other if other.is_ascii_alphanumeric() => uri.push(char::from(*other)),
            other => uri += &format!("%{other:02X}"),
        }
    }
    uri + "?mode=ro&readonly_shm=1"
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// What the file's header says of its journal.
fn in_write_ahead_mode(path: &Path) -> Result<bool> {
    let mut header = [0; 20];
    header::read(path, &mut header).map_err(|error| match error.kind() {
        io::ErrorKind::UnexpectedEof => not_a_database(path, "its chroma.sqlite3 is empty"),
        io::ErrorKind::NotFound => not_a_database(path, "it has no chroma.sqlite3"),
        _ => ProviderError::File { path: path.display().to_string(), cause: error.to_string() },
    })?;
    if !header.starts_with(b"SQLite format 3\0") {
        return Err(not_a_database(path, "its chroma.sqlite3 is no SQLite file"));
    }
    Ok(header[18] == 2 || header[19] == 2)
}

#[cfg(unix)]
mod header {
    //! POSIX gives back all locks that a process has on a file as soon as the process closes any of
    //! its handles on it: SQLite's locks, too. A handle that is opened here is therefore kept.

    use std::collections::HashMap;
    use std::fs::{self, File};
    use std::io;
    use std::os::unix::fs::{FileExt, MetadataExt};
    use std::path::Path;
    use std::sync::{LazyLock, Mutex, PoisonError};

    /// Handles by device and inode, one for each folder that this process ever opened.
    static KEPT: LazyLock<Mutex<HashMap<(u64, u64), File>>> = LazyLock::new(Mutex::default);

    pub(super) fn read(path: &Path, header: &mut [u8]) -> io::Result<()> {
        let identity = |metadata: &fs::Metadata| (metadata.dev(), metadata.ino());
        let now = identity(&fs::metadata(path)?);
        let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = kept.get(&now) {
            return file.read_exact_at(header, 0);
        }
        let file = File::open(path)?;
        let opened = identity(&file.metadata()?);
        kept.entry(opened).or_insert(file).read_exact_at(header, 0)
    }
}

#[cfg(not(unix))]
mod header {
    use std::fs::File;
    use std::io::{self, Read};
    use std::path::Path;

    pub(super) fn read(path: &Path, header: &mut [u8]) -> io::Result<()> {
        File::open(path)?.read_exact(header)
    }
}

/// The directory is something else.
pub(super) fn not_a_database(path: &Path, cause: &str) -> ProviderError {
    let dir = path.parent().unwrap_or(path);
    ProviderError::NotADatabase { path: dir.display().to_string(), expected: "Chroma", cause: cause.to_owned() }
}

/// SQLite's error in ours.
pub(super) fn failure(path: &Path, error: &rusqlite::Error) -> ProviderError {
    let shown = path.display().to_string();
    let extended = error.sqlite_error().map_or(0, |e| e.extended_code);
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            ProviderError::TimedOut { what: format!("the program that writes to {shown}"), after: PATIENCE }
        }
        Some(ErrorCode::ReadOnly)
            if [ffi::SQLITE_READONLY_ROLLBACK, ffi::SQLITE_READONLY_RECOVERY].contains(&extended) =>
        {
            ProviderError::File {
                path: shown,
                cause: "a program was stopped in the middle of writing to it; start Chroma on the folder once, which \
                        clears that up, or open a copy"
                    .to_owned(),
            }
        }
        Some(
            ErrorCode::CannotOpen | ErrorCode::PermissionDenied | ErrorCode::SystemIoFailure | ErrorCode::ReadOnly,
        ) => ProviderError::File { path: shown, cause: error.to_string() },
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => not_a_database(path, &error.to_string()),
        _ => ProviderError::BadAnswer { address: shown, cause: error.to_string() },
    }
}
