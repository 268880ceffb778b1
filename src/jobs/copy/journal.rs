//! The journal of a copy: what is certain, one line each, never changed once it is there.
//!
//! A line is a checksum, a space and JSON. It is on the disk before [`Journal::append`] returns. A last line that
//! a kill has torn is cut off when the journal is opened; a line in the middle that is not as it was written
//! makes the journal useless, and is said. It is read line by line: one of a million batches takes no memory.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::CopyError;
use crate::jobs::model::copied::{Counts, Verdict};

/// What is certain.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Entry {
    /// The ids are listed, and that list is on the disk. Nothing was written to the target before.
    Listed {
        /// Records.
        records: u64,
        /// Bytes of the list.
        bytes: u64,
        /// Its SHA-256.
        sha256: String,
        /// How long that took.
        seconds: f64,
    },
    /// The target is there, and had so many records that are not of this copy.
    Prepared {
        /// Records.
        before: u64,
    },
    /// These places of the list go to the target now; see [`Journal::note`].
    Sending {
        /// Records of the list before the batch.
        from: u64,
        /// Records of the list up to its end.
        to: u64,
    },
    /// Everything before this place of the list is acknowledged by the target, or among the rejects.
    Written(Mark),
    /// A later run goes on.
    Resumed {},
    /// All of the list is written, and so much of what was to be proved holds.
    Finished {
        /// How it ended.
        verdict: Verdict,
    },
}

/// A place in the list of ids, and what was done before it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Mark {
    /// Records of the list before it.
    pub at: u64,
    /// Bytes of the list before it.
    pub offset: u64,
    /// What became of these records.
    pub counts: Counts,
    /// Batches that were written.
    pub batches: u64,
    /// Bytes that were read, about.
    pub bytes: u64,
    /// Seconds of copying.
    pub seconds: f64,
}

/// What a journal says so far.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Known {
    /// Records, bytes and checksum of the list.
    pub listed: Option<(u64, u64, String)>,
    /// Seconds that the list took.
    pub listing_seconds: f64,
    /// Records that were at the target before.
    pub prepared: Option<u64>,
    /// How far it came.
    pub mark: Mark,
    /// The farthest place of the list that was ever sent.
    pub sent_to: u64,
    /// Records that were sent a second time.
    pub resent: u64,
    /// How often it was resumed.
    pub resumed: u64,
    /// How it ended, if it did.
    pub verdict: Option<Verdict>,
}

impl Known {
    /// These places of the list are sent: what was sent before, by a run that broke off, is sent again.
    pub fn sending(&mut self, from: u64, to: u64) {
        self.resent += self.sent_to.min(to).saturating_sub(from);
        self.sent_to = self.sent_to.max(to);
    }

    fn learn(&mut self, entry: Entry) {
        match entry {
            Entry::Listed { records, bytes, sha256, seconds } => {
                self.listed = Some((records, bytes, sha256));
                self.listing_seconds = seconds;
            }
            Entry::Prepared { before } => self.prepared = Some(before),
            Entry::Sending { from, to } => self.sending(from, to),
            Entry::Written(mark) => self.mark = mark,
            Entry::Resumed {} => self.resumed += 1,
            Entry::Finished { verdict } => self.verdict = Some(verdict),
        }
    }
}

/// An open journal.
#[derive(Debug)]
pub struct Journal {
    file: File,
    path: PathBuf,
}

impl Journal {
    /// Opens the journal, made if it is not there, and cuts a torn line off.
    ///
    /// # Errors
    /// A file that cannot be used, or a journal that is damaged.
    pub fn open(path: &Path) -> Result<(Self, Known), CopyError> {
        let failed = |error: std::io::Error| CopyError::file(path, &error);
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(path)
            .map_err(failed)?;
        let (known, whole) = read(path, &mut BufReader::new(&file))?;
        if whole < file.metadata().map_err(failed)?.len() {
            file.set_len(whole).and_then(|()| file.sync_data()).map_err(failed)?;
        }
        file.seek(SeekFrom::Start(whole)).map_err(failed)?;
        Ok((Self { file, path: path.to_owned() }, known))
    }

    /// What a journal says, without opening it for writing.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn look(path: &Path) -> Result<Known, CopyError> {
        match File::open(path) {
            Ok(file) => Ok(read(path, &mut BufReader::new(file))?.0),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Known::default()),
            Err(error) => Err(CopyError::file(path, &error)),
        }
    }

    /// Writes a line, and waits until it is on the disk.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn append(&mut self, entry: &Entry) -> Result<(), CopyError> {
        self.note(entry)?;
        self.file.sync_data().map_err(|error| CopyError::file(&self.path, &error))
    }

    /// Writes a line and does not wait for the disk: a kill of this process leaves it there, a power cut may
    /// not. For what only counts, and is nothing that a resume relies on.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn note(&mut self, entry: &Entry) -> Result<(), CopyError> {
        let failed = |error: std::io::Error| CopyError::file(&self.path, &error);
        let json = serde_json::to_string(entry).map_err(|error| failed(error.into()))?;
        let line = format!("{} {json}\n", checksum(json.as_bytes()));
        self.file.write_all(line.as_bytes()).map_err(failed)
    }
}

/// Reads whole lines; how many bytes of them are good.
fn read(path: &Path, file: &mut impl BufRead) -> Result<(Known, u64), CopyError> {
    let failed = |error: std::io::Error| CopyError::file(path, &error);
    let (mut known, mut whole, mut number, mut line) = (Known::default(), 0, 0, Vec::new());
    loop {
        line.clear();
        let length = file.read_until(b'\n', &mut line).map_err(failed)?;
        number += 1;
        match entry(&line) {
            Some(entry) => known.learn(entry),
            // Only the last line can be torn.
            None if length == 0 || file.fill_buf().map_err(failed)?.is_empty() => return Ok((known, whole)),
            None => {
                let cause = format!("line {number} is not as it was written");
                return Err(CopyError::Damaged { path: path.display().to_string(), cause });
            }
        }
        whole += length as u64;
    }
}

fn entry(line: &[u8]) -> Option<Entry> {
    let line = line.strip_suffix(b"\n")?;
    let (sum, json) = (line.get(..16)?, line.get(17..)?);
    if line.get(16) != Some(&b' ') || sum != checksum(json).as_bytes() {
        return None;
    }
    serde_json::from_slice(json).ok()
}

fn checksum(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes)).chars().take(16).collect()
}

/// Bytes in hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn mark(at: u64) -> Mark {
        Mark { at, offset: at * 10, batches: at, ..Mark::default() }
    }

    fn written() -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("journal.jsonl");
        let (mut journal, known) = Journal::open(&path).unwrap();
        assert_eq!(known, Known::default());
        let sha256 = "ab".to_owned();
        journal.append(&Entry::Listed { records: 9, bytes: 90, sha256, seconds: 1.5 }).unwrap();
        journal.append(&Entry::Prepared { before: 0 }).unwrap();
        journal.append(&Entry::Written(mark(3))).unwrap();
        journal.append(&Entry::Written(mark(6))).unwrap();
        (dir, path)
    }

    #[test]
    fn what_was_appended_is_known_again() {
        let (_dir, path) = written();
        let (_, known) = Journal::open(&path).unwrap();
        assert_eq!((known.listed, known.prepared, known.mark), (Some((9, 90, "ab".to_owned())), Some(0), mark(6)));
    }

    #[test]
    fn cut_off_anywhere_it_knows_the_whole_lines_and_goes_on_behind_them() {
        let (_dir, path) = written();
        let whole = std::fs::read(&path).unwrap();
        let lines: Vec<usize> = (0..whole.len()).filter(|at| whole[*at] == b'\n').collect();
        for length in 0..=whole.len() {
            std::fs::write(&path, &whole[..length]).unwrap();
            let (mut journal, known) = Journal::open(&path).unwrap();
            let complete = lines.iter().filter(|end| **end < length).count();
            let wanted = [0, 0, 0, 3, 6][complete];
            assert_eq!(known.mark.at, wanted, "cut at {length}");
            journal.append(&Entry::Written(mark(8))).unwrap();
            assert_eq!(Journal::look(&path).unwrap().mark, mark(8), "cut at {length}");
        }
    }

    #[test]
    fn what_was_sent_and_is_not_certain_is_sent_again_and_counted() {
        let (_dir, path) = written();
        let (mut journal, _) = Journal::open(&path).unwrap();
        let mut sent = |from, to| journal.note(&Entry::Sending { from, to }).unwrap();
        sent(6, 16);
        assert_eq!(Journal::look(&path).unwrap().resent, 0, "once is not again");
        // Two runs that were killed in smaller batches, and one that came through.
        sent(6, 8);
        sent(6, 8);
        sent(8, 12);
        sent(12, 20);
        assert_eq!(Journal::look(&path).unwrap().resent, 2 + 2 + 4 + 4);
    }

    #[test]
    fn a_changed_line_in_the_middle_is_said_and_not_passed_over() {
        let (_dir, path) = written();
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, text.replacen("\"at\":3", "\"at\":4", 1)).unwrap();
        let error = Journal::open(&path).unwrap_err().to_string();
        assert!(error.contains("damaged: line 3"), "{error}");
    }
}
