//! A private copy of a collection's segments: the engine writes to what it opens.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// Bytes that are read at a time.
const BLOCK: usize = 1 << 20;

/// A temporary directory of this user only, removed when it is dropped.
#[derive(Debug)]
pub(super) struct Scratch(PathBuf);

impl Scratch {
    /// Makes one in the system's place for temporary files (`TMPDIR`).
    pub(super) fn new() -> io::Result<Self> {
        let name = format!("vector-inspector-{}-{:016x}", std::process::id(), fastrand::u64(..));
        let path = std::env::temp_dir().join(name);
        // fails if somebody else made it before
        make_private(&path)?;
        Ok(Self(path))
    }

    /// Its path.
    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            tracing::warn!(path = %self.0.display(), %error, "a temporary copy could not be removed");
        }
    }
}

#[cfg(unix)]
fn make_private(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().mode(0o700).create(path)
}

#[cfg(not(unix))]
fn make_private(path: &Path) -> io::Result<()> {
    fs::create_dir(path)
}

/// Copies a directory with all that is in it. Links are not followed: storage has none.
pub(super) fn tree(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (kind, target) = (entry.file_type()?, to.join(entry.file_name()));
        if kind.is_dir() {
            tree(&entry.path(), &target)?;
        } else if kind.is_file() {
            file(&entry.path(), &target)?;
        }
    }
    Ok(())
}

/// Copies one file: sharing its blocks where the file system can, else leaving out what is empty. The
/// files of a segment are large and mostly empty as long as there are few records.
fn file(from: &Path, to: &Path) -> io::Result<()> {
    let mut source = File::open(from)?;
    let mut target = File::create(to)?;
    if shared(&source, &target) {
        return Ok(());
    }
    let (mut block, nothing) = (vec![0; BLOCK], vec![0; BLOCK]);
    let size = source.metadata()?.len();
    let mut at = 0;
    while let Some(data) = next_data(&source, at) {
        source.seek(SeekFrom::Start(data))?;
        let read = source.read(&mut block)?;
        let (Some(part), Some(nothing)) = (block.get(..read), nothing.get(..read)) else { break };
        if part.is_empty() {
            break;
        }
        if part != nothing {
            target.seek(SeekFrom::Start(data))?;
            target.write_all(part)?;
        }
        at = data + read as u64;
    }
    target.set_len(size)
}

/// Where the next piece of a file with holes begins.
#[cfg(target_os = "linux")]
fn next_data(file: &File, at: u64) -> Option<u64> {
    match rustix::fs::seek(file, rustix::fs::SeekFrom::Data(at)) {
        Ok(data) => Some(data),
        Err(rustix::io::Errno::NXIO) => None,
        Err(_) => Some(at), // a file system that knows no holes
    }
}

#[cfg(not(target_os = "linux"))]
fn next_data(_: &File, at: u64) -> Option<u64> {
    Some(at)
}

#[cfg(target_os = "linux")]
fn shared(source: &File, target: &File) -> bool {
    rustix::fs::ioctl_ficlone(target, source).is_ok()
}

#[cfg(not(target_os = "linux"))]
fn shared(_: &File, _: &File) -> bool {
    false
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use super::*;

    #[test]
    fn a_copy_has_the_same_bytes_and_its_directory_goes_away() {
        let source = tempfile::tempdir().unwrap();
        fs::create_dir(source.path().join("deep")).unwrap();
        let mut content = vec![0; 3 * BLOCK + 5];
        content[2 * BLOCK + 1] = 7;
        fs::write(source.path().join("deep/holes"), &content).unwrap();
        fs::write(source.path().join("empty"), "").unwrap();
        let scratch = Scratch::new().unwrap();
        let copy = scratch.path().join("copy");
        tree(source.path(), &copy).unwrap();
        assert!(fs::read(copy.join("deep/holes")).unwrap() == content);
        assert_eq!(fs::read(copy.join("empty")).unwrap(), b"");
        let path = scratch.path().to_owned();
        drop(scratch);
        assert!(!path.exists());
    }
}
