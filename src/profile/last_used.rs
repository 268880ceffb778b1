//! When each profile was opened last. A small private file in the state directory, by the ids of profiles:
//! opening a connection must not encrypt and write the store anew, and nothing here says what a profile is.
//!
//! `runtime` and `cli` note a use when a connection stands; lists show it. A file that is lost or damaged
//! costs nothing but these moments.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use uuid::Uuid;

use super::model::ProfileId;
use super::vault::rfc3339;

/// The name of the file.
const FILE: &str = "last-used";
/// The most profiles that are remembered; those used longest ago go first.
const MOST: usize = 5_000;
/// More is no file of ours.
const LIMIT: u64 = 1 << 20;

/// The moments, in seconds since 1970.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LastUsed(BTreeMap<ProfileId, u64>);

impl LastUsed {
    /// What is known; nothing where there is no file, or none that can be understood.
    pub fn read(state_dir: &Path) -> Self {
        let mut text = String::new();
        let read = File::open(state_dir.join(FILE)).and_then(|file| file.take(LIMIT).read_to_string(&mut text));
        if read.is_err() {
            return Self::default();
        }
        let line = |line: &str| {
            let (id, seconds) = line.split_once(' ')?;
            Some((ProfileId(Uuid::parse_str(id).ok()?), seconds.trim().parse().ok()?))
        };
        Self(text.lines().filter_map(line).collect())
    }

    /// When a profile was used, RFC 3339, UTC.
    pub fn of(&self, id: ProfileId) -> Option<String> {
        self.0.get(&id).map(|seconds| rfc3339(*seconds))
    }

    /// The same in seconds since 1970.
    pub fn seconds(&self, id: ProfileId) -> Option<u64> {
        self.0.get(&id).copied()
    }

    fn text(&self) -> String {
        let mut newest: Vec<(&ProfileId, &u64)> = self.0.iter().collect();
        newest.sort_by_key(|(_, seconds)| std::cmp::Reverse(**seconds));
        newest.iter().take(MOST).map(|(id, seconds)| format!("{} {seconds}\n", id.0)).collect()
    }
}

/// Notes that a profile is used now. Blocking, and of no consequence where it fails: nobody would want a
/// connection to fail because its moment cannot be kept.
///
/// # Errors
/// What the system says.
pub fn note(state_dir: &Path, id: ProfileId) -> std::io::Result<u64> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    fs::DirBuilder::new().recursive(true).mode(0o700).create(state_dir)?;
    // Two instances at once: each adds to what the other wrote.
    let lock = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(state_dir.join("last-used.lock"))?;
    lock.lock()?;
    let mut known = LastUsed::read(state_dir);
    known.0.insert(id, now);
    let temporary = Temporary(state_dir.join(format!(".last-used-{}", std::process::id())));
    let mut file = OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&temporary.0)?;
    file.write_all(known.text().as_bytes())?;
    fs::rename(&temporary.0, state_dir.join(FILE))?;
    Ok(now)
}

/// A file under a passing name, gone when it was not renamed.
struct Temporary(PathBuf);

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_use_is_remembered_in_a_private_file_and_a_damaged_one_is_begun_anew() {
        let outer = tempfile::tempdir().unwrap();
        let dir = outer.path().join("state");
        let (a, b) = (ProfileId(Uuid::new_v4()), ProfileId(Uuid::new_v4()));
        assert_eq!(LastUsed::read(&dir).of(a), None);
        let now = note(&dir, a).unwrap();
        note(&dir, b).unwrap();
        assert_eq!(LastUsed::read(&dir).seconds(a), Some(now));
        assert!(LastUsed::read(&dir).of(b).unwrap().starts_with("20"));
        assert_eq!(fs::metadata(dir.join(FILE)).unwrap().permissions().mode() & 0o777, 0o600);
        fs::write(dir.join(FILE), b"\xff\x00 not ours").unwrap();
        assert_eq!(LastUsed::read(&dir), LastUsed::default());
        note(&dir, a).unwrap();
        assert!(LastUsed::read(&dir).of(a).is_some());
        assert_eq!(fs::read_dir(&dir).unwrap().count(), 2, "the file and its lock");
    }
}
