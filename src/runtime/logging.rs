//! The log file: in the state directory, readable by its owner only, bounded, without secrets.
//!
//! Everything that `tracing` is told goes through the redactor into this file and nowhere else.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use thiserror::Error;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

use crate::text::redact;

/// The variable that says what is logged, in the form of `RUST_LOG`.
pub const VARIABLE: &str = "VECTOR_INSPECTOR_LOG";

/// Logged when the variable says nothing.
const DEFAULT: &str = "info";

/// Size at which a file is put aside, in bytes.
const LARGEST: u64 = 4 * 1024 * 1024;

/// Files that were put aside and are kept.
const KEPT: u32 = 3;

/// Why there is no log. The program can go on without.
#[derive(Debug, Error)]
pub enum LogError {
    /// The file cannot be opened.
    #[error("cannot open the log {}: {source}; there will be none. Make its directory writable", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The variable holds no filter.
    #[error("{VARIABLE} is not a log filter: {reason}; an example: `vector_inspector=debug,info`")]
    Filter {
        /// What is wrong with it.
        reason: String,
    },
    /// Somebody else has taken the place of the logger.
    #[error("the log was started already")]
    Started,
}

/// Starts to log into `vector-inspector.log` in `directory`, which is made if need be. `filter` is
/// the value of [`VARIABLE`].
///
/// # Errors
/// [`LogError`]; nothing is logged then.
pub fn start(directory: &Path, filter: Option<&str>) -> Result<PathBuf, LogError> {
    let filter = parse_filter(filter)?;
    let path = directory.join("vector-inspector.log");
    let log = LogFile::open(&path, LARGEST).map_err(|source| LogError::File { path: path.clone(), source })?;
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(false)
        .with_thread_names(true)
        .with_writer(log)
        .try_init()
        .map_err(|_| LogError::Started)?;
    Ok(path)
}

fn parse_filter(filter: Option<&str>) -> Result<EnvFilter, LogError> {
    let text = filter.map(str::trim).filter(|text| !text.is_empty()).unwrap_or(DEFAULT);
    EnvFilter::try_new(text).map_err(|error| LogError::Filter { reason: redact(&error.to_string()).into_owned() })
}

/// A file that never grows beyond a bound: then it is renamed to `.1`, that to `.2`, and so on.
#[derive(Clone)]
struct LogFile(Arc<Mutex<Inner>>);

struct Inner {
    path: PathBuf,
    file: File,
    size: u64,
    largest: u64,
}

impl LogFile {
    fn open(path: &Path, largest: u64) -> io::Result<Self> {
        if let Some(directory) = path.parent() {
            DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
        }
        let file = open(path)?;
        let size = file.metadata()?.len();
        let mut inner = Inner { path: path.to_owned(), file, size, largest };
        if size >= largest {
            inner.rotate()?;
        }
        Ok(Self(Arc::new(Mutex::new(inner))))
    }
}

impl Inner {
    fn write(&mut self, text: &str) -> io::Result<()> {
        let length = text.len() as u64;
        if self.size > 0 && self.size + length > self.largest {
            self.rotate()?;
        }
        self.size += length;
        self.file.write_all(text.as_bytes())
    }

    fn rotate(&mut self) -> io::Result<()> {
        let aside = |number: u32| {
            let mut name = self.path.clone().into_os_string();
            name.push(format!(".{number}"));
            PathBuf::from(name)
        };
        for number in (1..KEPT).rev() {
            // Not there yet, the first times.
            let _ = fs::rename(aside(number), aside(number + 1));
        }
        fs::rename(&self.path, aside(1))?;
        self.file = open(&self.path)?;
        self.size = 0;
        Ok(())
    }
}

/// For appending, with mode 0600, also when an older file is more open.
fn open(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new().create(true).append(true).mode(0o600).open(path)?;
    if file.metadata()?.permissions().mode() & 0o077 != 0 {
        file.set_permissions(Permissions::from_mode(0o600))?;
    }
    Ok(file)
}

impl MakeWriter<'_> for LogFile {
    type Writer = Line;

    fn make_writer(&self) -> Line {
        Line(self.clone())
    }
}

/// Writes one entry, which `tracing-subscriber` hands over as a whole.
struct Line(LogFile);

impl Write for Line {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(bytes);
        // Outside the lock, so that a slow pattern delays nobody.
        let clean = redact(&text);
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner).write(&clean)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn entries_are_redacted_and_only_the_owner_reads_them() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("state/x.log");
        fs::create_dir(dir.path().join("state")).unwrap();
        fs::write(&path, "old\n").unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();

        let log = LogFile::open(&path, LARGEST).unwrap();
        let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(log).finish();
        tracing::subscriber::with_default(subscriber, || {
            tracing::info!(api_key = "s3cr3t", "connect to http://u:hunter2@host");
        });

        let text = fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("old\n") && text.contains("connect to http://***@host"), "{text}");
        assert!(!text.contains("s3cr3t") && !text.contains("hunter2"), "{text}");
        assert_eq!(mode(&path), 0o600);
    }

    #[test]
    fn a_full_file_is_put_aside_and_only_some_are_kept() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("new/x.log");
        let log = LogFile::open(&path, 10).unwrap();
        for number in 0..6 {
            writeln!(Line(log.clone()), "entry {number}").unwrap();
        }
        let mut names: Vec<_> = fs::read_dir(path.parent().unwrap()).unwrap().map(|e| e.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["x.log", "x.log.1", "x.log.2", "x.log.3"]);
        assert_eq!(fs::read_to_string(&path).unwrap(), "entry 5\n");
        assert_eq!(fs::read_to_string(dir.path().join("new/x.log.3")).unwrap(), "entry 2\n");
        assert_eq!(mode(&dir.path().join("new/x.log.1")), 0o600);
        assert_eq!(mode(&dir.path().join("new")), 0o700);
    }

    #[test]
    fn a_bad_filter_is_a_sentence() {
        let error = parse_filter(Some("a=b=c")).unwrap_err().to_string();
        assert!(error.starts_with("VECTOR_INSPECTOR_LOG is not a log filter: "), "{error}");
        assert!(parse_filter(Some(" ")).is_ok() && parse_filter(None).is_ok() && parse_filter(Some("off")).is_ok());
    }

    #[test]
    fn a_place_that_cannot_be_written_is_a_sentence() {
        let error = start(Path::new("/dev/null/x"), None).unwrap_err().to_string();
        assert!(error.starts_with("cannot open the log /dev/null/x/vector-inspector.log: "), "{error}");
    }
}
