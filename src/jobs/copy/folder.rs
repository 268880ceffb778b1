//! The directory of one copy: its plan, the list of ids, the journal, the rejects, the report. It is made when a
//! plan is accepted, and lies in `copies/` of the state directory under the copy's name.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use rustix::fs::{FlockOperation, flock};

use super::journal::{Journal, Known};
use super::{CopyError, spool};
use crate::jobs::model::copied::{Copied, CopyState, Verdict};
use crate::jobs::model::plan::{Place, Plan, Verify};

/// The directory of all copies, in the state directory.
pub(super) const COPIES: &str = "copies";

/// The directory of one copy, held by this process as long as this lives.
#[derive(Debug)]
pub struct Folder {
    /// The copy's name.
    pub id: String,
    path: PathBuf,
    /// Locked.
    _lock: File,
}

impl Folder {
    /// A new directory with the plan in it.
    ///
    /// # Errors
    /// A directory that cannot be made.
    pub fn create(state_dir: &Path, plan: &Plan) -> Result<Self, CopyError> {
        let copies = state_dir.join(COPIES);
        let make = |path: &Path, recursive: bool| {
            DirBuilder::new().recursive(recursive).mode(0o700).create(path).map_err(|e| CopyError::file(path, &e))
        };
        make(&copies, true)?;
        let id = new_id();
        let path = copies.join(&id);
        make(&path, false)?;
        let folder = Self { _lock: locked(&path, &id)?, id, path };
        folder.save_plan(plan)?;
        Ok(folder)
    }

    /// The directory of a copy that was begun, by its name or its path.
    ///
    /// # Errors
    /// There is none, it is damaged, or another process works on it.
    pub fn open(state_dir: &Path, id: &str) -> Result<(Self, Plan), CopyError> {
        let path = if id.contains('/') { PathBuf::from(id) } else { state_dir.join(COPIES).join(id) };
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if name.is_empty() || !path.join(PLAN).is_file() {
            return Err(CopyError::NoSuchCopy { id: id.to_owned() });
        }
        let lock = held(&path, &name)?;
        let plan = plan_in(&path)?;
        Ok((Self { id: name, path, _lock: lock }, plan))
    }

    /// Every copy of that state directory, the newest last.
    ///
    /// # Errors
    /// A directory that cannot be read.
    pub fn list(state_dir: &Path) -> Result<Vec<CopyState>, CopyError> {
        let copies = state_dir.join(COPIES);
        let entries = match fs::read_dir(&copies) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(CopyError::file(&copies, &error)),
        };
        let mut found: Vec<CopyState> = entries
            .flatten()
            .filter(|entry| entry.path().join(PLAN).is_file())
            .map(|entry| state(&entry.path()))
            .collect();
        found.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(found)
    }

    /// Saves the plan: in another file first, so that it is whole or not there.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn save_plan(&self, plan: &Plan) -> Result<(), CopyError> {
        self.save(PLAN, &serde_json::to_vec_pretty(plan).unwrap_or_default())
    }

    /// Saves a file of the copy.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn save(&self, name: &str, bytes: &[u8]) -> Result<(), CopyError> {
        save_in(&self.path, name, bytes)
    }

    /// The report of a copy that is at its end, if all holds there that was to be proved.
    pub fn finished(&self) -> Option<Copied> {
        let known = Journal::look(&self.journal()).ok()?;
        known.verdict.filter(|verdict| *verdict != Verdict::NotVerified)?;
        serde_json::from_slice(&fs::read(self.path.join(super::report::JSON)).ok()?).ok()
    }

    /// The same where it was proved as far as is wished now: then there is nothing to go on with.
    pub fn proved(&self, wish: Verify) -> Option<Copied> {
        let is_full = |copied: &Copied| copied.checks.iter().any(|check| check.name == "content");
        self.finished()
            .filter(|copied| copied.verdict == Verdict::Verified && (wish != Verify::Full || is_full(copied)))
    }

    /// Whether a copy that ended with this error can go on from here.
    pub fn can_go_on(&self, error: &CopyError) -> bool {
        self.path.join(PLAN).is_file() && !error.is_lasting()
    }

    /// Keeps for the list of copies why it cannot go on: that something was found damaged, which only reading all of it
    /// shows, or is gone.
    pub(super) fn note_damage(&self, error: &CopyError) {
        if error.is_lasting() {
            // Where it cannot be noted it is found again.
            let _ = self.save(DAMAGED, shown(error, &self.path).as_bytes());
        }
    }

    /// It went on behind what had been found damaged: somebody has mended that.
    pub(super) fn forget_damage(&self) {
        // Mostly there is no such file.
        let _ = fs::remove_file(self.path.join(DAMAGED));
    }

    /// Whether it is listed with a fault, and so cannot go on as it is.
    pub(super) fn is_damaged(&self) -> bool {
        state(&self.path).fault.is_some()
    }

    /// Removes it all, for a copy that has written nothing and would end the same way again.
    ///
    /// # Errors
    /// The system's.
    pub(super) fn discard(&self) -> Result<(), CopyError> {
        fs::remove_dir_all(&self.path).map_err(|error| CopyError::file(&self.path, &error))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The journal.
    pub fn journal(&self) -> PathBuf {
        self.path.join(JOURNAL)
    }

    /// The list of ids.
    pub fn ids(&self) -> PathBuf {
        self.path.join(IDS)
    }

    /// The digests of what was read.
    pub fn fingerprints(&self) -> PathBuf {
        self.path.join("fingerprints.bin")
    }

    /// The records that were refused.
    pub fn rejects(&self) -> PathBuf {
        self.path.join("rejects.jsonl")
    }
}

pub(super) const PLAN: &str = "plan.json";
const JOURNAL: &str = "journal.jsonl";
const LOCK: &str = "lock";
const IDS: &str = "ids.jsonl";
/// What an attempt to go on has found damaged, in words.
const DAMAGED: &str = "damaged.txt";

/// Saves a file, for its owner only: under another name until it is whole and on the disk.
pub(super) fn save_in(dir: &Path, name: &str, bytes: &[u8]) -> Result<(), CopyError> {
    let (path, half) = (dir.join(name), dir.join(format!(".{name}")));
    let write = || {
        let mut options = OpenOptions::new();
        let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(&half)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&half, &path)?;
        File::open(dir)?.sync_all()
    };
    write().map_err(|error| CopyError::file(&path, &error))
}

fn plan_in(path: &Path) -> Result<Plan, CopyError> {
    let path = path.join(PLAN);
    let bytes = fs::read(&path).map_err(|error| CopyError::file(&path, &error))?;
    serde_json::from_slice(&bytes)
        .map_err(|error| CopyError::Damaged { path: path.display().to_string(), cause: error.to_string() })
}

/// The lock of a copy. Who lists the copies has it for a moment. Blocking.
pub(super) fn held(path: &Path, id: &str) -> Result<File, CopyError> {
    let mut lock = locked(path, id);
    for _ in 0..5 {
        if matches!(lock, Err(CopyError::Running { .. })) {
            std::thread::sleep(std::time::Duration::from_millis(20));
            lock = locked(path, id);
        }
    }
    lock
}

fn locked(path: &Path, id: &str) -> Result<File, CopyError> {
    let path = path.join(LOCK);
    let failed = |error: std::io::Error| CopyError::file(&path, &error);
    let mut options = OpenOptions::new();
    let file = options.write(true).create(true).truncate(false).mode(0o600).open(&path).map_err(failed)?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(file),
        Err(rustix::io::Errno::WOULDBLOCK) => Err(CopyError::Running { id: id.to_owned() }),
        Err(error) => Err(failed(error.into())),
    }
}

fn state(path: &Path) -> CopyState {
    let id = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let running = matches!(locked(path, &id), Err(CopyError::Running { .. }));
    let (plan, known) = (plan_in(path), Journal::look(&path.join(JOURNAL)));
    let fault = match (&plan, &known) {
        // What is at its end is not gone on with.
        (Ok(_), Ok(known)) if known.verdict.is_some() => None,
        (Ok(_), Ok(known)) => list_fault(path, known).or_else(|| noted_fault(path)),
        (Err(error), _) | (_, Err(error)) => Some(shown(error, path)),
    };
    let ends = plan.ok().map(|plan| (plan.from, plan.to));
    let name = |of: fn(&(Place, Place)) -> &Place| ends.as_ref().map_or_else(String::new, |ends| of(ends).name());
    let known = known.unwrap_or_default();
    CopyState {
        id,
        folder: path.display().to_string(),
        from: name(|ends| &ends.0),
        to: name(|ends| &ends.1),
        listed: known.listed.map(|(records, ..)| records),
        done: known.mark.at,
        verdict: known.verdict,
        running,
        fault,
        ends,
    }
}

/// What is wrong with the list of ids, as far as its length tells: all of it is read only when the copy goes on.
fn list_fault(path: &Path, known: &Known) -> Option<String> {
    let (records, bytes, _) = known.listed.as_ref()?;
    let opened = spool::Reader::open(&path.join(IDS), *records, *bytes, 0, 0);
    opened.err().map(|error| shown(&error, path))
}

/// What an attempt to go on has found damaged.
fn noted_fault(path: &Path) -> Option<String> {
    fs::read_to_string(path.join(DAMAGED)).ok()
}

/// A fault in the list of copies: nothing goes on from there, and nobody is to look for what to do.
fn shown(error: &CopyError, path: &Path) -> String {
    match error {
        CopyError::Damaged { path: file, cause } => {
            let file = Path::new(file).file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let id = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let path = path.display();
            format!("{file} is damaged: {cause}. It cannot go on; copy anew, and `copy --forget {id}` or remove {path}")
        }
        error => error.to_string(),
    }
}

/// A name that sorts by time and that nobody else has: `1790000000-3f9a`.
pub(super) fn new_id() -> String {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    format!("{seconds}-{:04x}", fastrand::u16(..))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::jobs::copy::journal::Entry;
    use crate::jobs::copy::testing::plan;

    #[test]
    fn a_copy_is_found_again_and_only_one_works_on_it() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::create(dir.path(), &plan()).unwrap();
        let id = folder.id.clone();
        assert_eq!(Folder::open(dir.path(), &id).unwrap_err(), CopyError::Running { id: id.clone() });
        assert!(Folder::list(dir.path()).unwrap()[0].running);
        let path = folder.path().to_str().unwrap().to_owned();
        drop(folder);
        assert_eq!(Folder::open(dir.path(), &id).unwrap().1, plan());
        assert_eq!(Folder::open(Path::new("/elsewhere"), &path).unwrap().1, plan());
        let listed = Folder::list(dir.path()).unwrap();
        assert_eq!((listed.len(), listed[0].running, listed[0].listed), (1, false, None));
        assert!(matches!(Folder::open(dir.path(), "nobody"), Err(CopyError::NoSuchCopy { .. })));
        assert!(matches!(Folder::open(dir.path(), ".."), Err(CopyError::NoSuchCopy { .. })));
    }
    #[test]
    fn a_damaged_copy_is_listed_as_such_with_its_ends_and_what_to_do() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::create(dir.path(), &plan()).unwrap();
        let listed = |fault: Option<&str>| {
            let found = Folder::list(dir.path()).unwrap().remove(0);
            let text = found.fault.clone().unwrap_or_default();
            match fault {
                Some(says) => {
                    assert!(text.contains(says) && text.ends_with(&format!("remove {}", found.folder)), "{text}")
                }
                None => assert_eq!(found.fault, None),
            }
            assert_eq!((found.from, found.ends.is_some()), (plan().from.name(), true), "{text}");
        };
        let (mut journal, _) = Journal::open(&folder.journal()).unwrap();
        let entry = Entry::Listed { records: 2, bytes: 4, sha256: String::new(), seconds: 0.0 };
        journal.append(&entry).unwrap();
        journal.append(&Entry::Prepared { before: 0 }).unwrap();
        fs::write(folder.ids(), "1\n2\n").unwrap();
        listed(None);
        fs::write(folder.ids(), "1\n").unwrap();
        listed(Some("ids.jsonl is damaged: it has 2 bytes"));
        // What has the right length is found out by going on.
        fs::write(folder.ids(), "1\nx\n").unwrap();
        listed(None);
        let path = folder.ids().display().to_string();
        folder.note_damage(&CopyError::Damaged { path, cause: "line 2 is no id".to_owned() });
        listed(Some("ids.jsonl is damaged: line 2"));
        let text = fs::read_to_string(folder.journal()).unwrap();
        fs::write(folder.journal(), text.replacen("\"records\":2", "\"records\":3", 1)).unwrap();
        listed(Some("journal.jsonl is damaged: line 1"));
    }
}
