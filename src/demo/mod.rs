//! The sample database of `vector-inspector demo`: made from data in the program on first use, then
//! an embedded Qdrant database like any other. No network, no profile.
//!
//! `samples` decodes what `make_samples.py` has written; this module puts it into a directory through
//! the provider's own trait. Called by `cli` and `runtime`, which know where the user's data lives.
//!
//! The database is built in a directory beside its place and renamed when it is whole, so that a kill
//! at any moment leaves no half of it, and two programs that start at once leave one whole database.

mod samples;
#[cfg(test)]
mod tests;

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use tokio::task;

use crate::provider::qdrant_edge::{QdrantEdge, is_database};
use crate::provider::{Provider, ProviderError};
use samples::{Reader, Sample};

/// Changes with the sample data. A demo of another version is left as it is (the user may have
/// written to it) until it is reset.
const VERSION: u32 = 1;

/// Holds the version of the data that the demo was made from.
const MARKER: &str = "vector-inspector-demo";

/// Name of the demo inside the data directory, and the start of the names that it has while it is
/// being made or removed.
const NAME: &str = "demo";
const MAKING: &str = ".demo-making-";
const REMOVING: &str = ".demo-removing-";

/// Records that are written at a time; each time is flushed to disk and reported.
const BATCH: usize = 256;

/// What a killed program left beside the demo is removed when it is older than this: younger ones
/// may belong to another program that is at work.
const ABANDONED: Duration = Duration::from_secs(600);

/// How far the making of the demo has come, in records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Records that are written.
    pub done: usize,
    /// Records in all.
    pub total: usize,
}

/// How the demo came to be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prepared {
    /// It was there already.
    Present,
    /// It was there already, made by another version of the program from other data; `demo --reset`
    /// brings it up to date.
    OtherVersion,
    /// It has just been made.
    Made,
}

/// The directory of the demo inside the program's data directory.
pub fn directory(data_dir: &Path) -> PathBuf {
    data_dir.join(NAME)
}

/// Makes the demo in `dir` if it is not there. Nothing is overwritten.
///
/// # Errors
/// [`ProviderError::File`] if the directory cannot be written, [`ProviderError::NotADatabase`] if
/// there is something else at that place.
pub async fn ensure(dir: &Path, progress: impl FnMut(Progress) + Send) -> Result<Prepared, ProviderError> {
    match present(dir)? {
        Some(prepared) => Ok(prepared),
        None => make(dir, progress).await,
    }
}

/// Removes the demo in `dir` with all that was changed in it, and makes it anew.
///
/// # Errors
/// Those of [`ensure`]; [`ProviderError::Locked`] while another program has the demo open. A
/// directory that this program has not made is never removed.
pub async fn reset(dir: &Path, progress: impl FnMut(Progress) + Send) -> Result<Prepared, ProviderError> {
    if present(dir)?.is_some() {
        // holding the lock proves that nobody else has it open
        let demo = QdrantEdge::create(dir).await?;
        let old = beside(dir, REMOVING)?;
        let moved = fs::rename(dir, &old).map_err(|e| file_error(dir, &e));
        demo.close().await;
        moved?;
        blocking(move || fs::remove_dir_all(&old).map_err(|e| file_error(&old, &e))).await?;
    }
    make(dir, progress).await
}

/// The collections of the demo in `dir` that are not its own, by name; none where there is no demo.
///
/// # Errors
/// Those of [`reset`], which would come to the same.
pub async fn others(dir: &Path) -> Result<Vec<String>, ProviderError> {
    if present(dir)?.is_none() {
        return Ok(Vec::new());
    }
    let demo = QdrantEdge::create(dir).await?;
    let all = demo.collections().await;
    demo.close().await;
    let own = samples::ALL.iter().map(Sample::open).collect::<Result<Vec<Reader>, _>>().map_err(damaged)?;
    let is_own = |name: &str| own.iter().any(|sample| sample.spec.name == name);
    let mut others: Vec<String> = all?.into_iter().map(|one| one.name).filter(|name| !is_own(name)).collect();
    others.sort();
    Ok(others)
}

/// Whether there is a demo, or something else that must not be touched.
fn present(dir: &Path) -> Result<Option<Prepared>, ProviderError> {
    let foreign = |cause: &str| ProviderError::NotADatabase {
        path: dir.display().to_string(),
        expected: "sample",
        cause: cause.to_owned(),
    };
    match fs::read_to_string(dir.join(MARKER)) {
        Ok(version) if version.trim() == VERSION.to_string() => Ok(Some(Prepared::Present)),
        Ok(_) => Ok(Some(Prepared::OtherVersion)),
        Err(_) if is_database(dir) => Err(foreign("it is a database that the demo command has not made")),
        Err(_) => match fs::read_dir(dir) {
            Ok(entries) => match entries.count() {
                0 => Ok(None),
                _ => Err(foreign("other files are at the place of the demo")),
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(file_error(dir, &error)),
        },
    }
}

async fn make(dir: &Path, progress: impl FnMut(Progress) + Send) -> Result<Prepared, ProviderError> {
    let parent = dir.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(parent).map_err(|e| file_error(parent, &e))?;
    sweep(parent);
    let half = beside(dir, MAKING)?;
    let filled = fill(&half, progress).await;
    let moved = filled.and_then(|()| fs::rename(&half, dir).map_err(|e| file_error(dir, &e)));
    match moved {
        Ok(()) => {
            // the rename lasts when the directory is on disk; not every system can do that
            let _ = fs::File::open(parent).and_then(|parent| parent.sync_all());
            Ok(Prepared::Made)
        }
        Err(error) => {
            let _ = fs::remove_dir_all(&half);
            // another program may have been faster, then its demo is as good as ours
            present(dir)?.ok_or(error)
        }
    }
}

/// Writes all samples into a new database.
async fn fill(dir: &Path, mut progress: impl FnMut(Progress) + Send) -> Result<(), ProviderError> {
    let samples = samples::ALL.iter().map(Sample::open).collect::<Result<Vec<Reader>, _>>().map_err(damaged)?;
    let total = samples.iter().map(|sample| sample.len).sum();
    let mut done = 0;
    progress(Progress { done, total });
    let demo = QdrantEdge::create(dir).await?;
    for mut sample in samples {
        let name = sample.spec.name.clone();
        demo.create_collection(&sample.spec).await?;
        loop {
            let decode = move || sample.take(BATCH).map(|records| (sample, records)).map_err(damaged);
            let records;
            (sample, records) = blocking(decode).await?;
            if records.is_empty() {
                break;
            }
            done += records.len();
            demo.upsert(&name, records).await?;
            progress(Progress { done, total });
        }
    }
    demo.close().await;
    let marker = dir.join(MARKER);
    let written = fs::File::create(&marker).and_then(|mut file| {
        writeln!(file, "{VERSION}")?;
        file.sync_all()
    });
    written.map_err(|e| file_error(&marker, &e))
}

/// A new name in the directory of the demo.
fn beside(dir: &Path, prefix: &str) -> Result<PathBuf, ProviderError> {
    let parent = dir.parent().ok_or_else(|| file_error(dir, &io::ErrorKind::InvalidInput.into()))?;
    Ok(parent.join(format!("{prefix}{:016x}", fastrand::u64(..))))
}

/// Removes what killed programs have left.
fn sweep(parent: &Path) {
    let now = SystemTime::now();
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let ours = name.to_str().is_some_and(|name| name.starts_with(MAKING) || name.starts_with(REMOVING));
        let age = entry.metadata().and_then(|m| m.modified()).ok().and_then(|time| now.duration_since(time).ok());
        if ours && age.is_some_and(|age| age > ABANDONED) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ProviderError> + Send + 'static,
) -> Result<T, ProviderError> {
    task::spawn_blocking(work).await.map_err(|error| ProviderError::Panicked { cause: error.to_string() })?
}

fn damaged(what: &'static str) -> ProviderError {
    ProviderError::Panicked { cause: format!("the sample data in the program is damaged: {what}") }
}

fn file_error(path: &Path, error: &io::Error) -> ProviderError {
    ProviderError::File { path: path.display().to_string(), cause: error.to_string() }
}
