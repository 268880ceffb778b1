//! The records that were refused, each with the reason, in a file for people and scripts: one JSON object a
//! line, `{at, id, target_id, reason, record}`, in the order of their places. A batch that is written again after
//! a kill has its lines once. The file is never held in memory: how many records may be refused is the user's wish.

use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::json;

use super::CopyError;
use crate::jobs::model::noted::tag;
use crate::provider::model::{Record, RecordId};

/// A record that was refused.
#[derive(Debug, Clone, PartialEq)]
pub struct Reject {
    /// Its place in the list.
    pub at: u64,
    /// Its id at the source.
    pub id: RecordId,
    /// Why.
    pub reason: String,
    /// The record as it was to be written, or as it was read.
    pub record: Record,
}

/// The file of them.
#[derive(Debug)]
pub struct Rejects {
    file: File,
    path: PathBuf,
}

impl Rejects {
    /// Opens the file and takes out what lies behind that place: it will be written again.
    ///
    /// # Errors
    /// A file that cannot be used.
    pub fn open(path: &Path, before: u64) -> Result<Self, CopyError> {
        let failed = |error: std::io::Error| CopyError::file(path, &error);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false).mode(0o600);
        let mut file = options.open(path).map_err(failed)?;
        let mut kept = 0;
        each(path, &file, |at, end| {
            let stays = at < before;
            kept = if stays { end } else { kept };
            stays
        })?;
        file.set_len(kept).and_then(|()| file.sync_data()).map_err(failed)?;
        file.seek(SeekFrom::Start(kept)).map_err(failed)?;
        Ok(Self { file, path: path.to_owned() })
    }

    /// Adds some, and waits until they are on the disk.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn add(&mut self, rejects: &[Reject]) -> Result<(), CopyError> {
        if rejects.is_empty() {
            return Ok(());
        }
        let mut text = String::new();
        for reject in rejects {
            let line = json!({
                "at": reject.at,
                "id": tag(&reject.id),
                "target_id": tag(&reject.record.id),
                "reason": reject.reason,
                "record": reject.record.to_json(),
            });
            text += &line.to_string();
            text.push('\n');
        }
        let written = self.file.write_all(text.as_bytes()).and_then(|()| self.file.sync_data());
        written.map_err(|error| CopyError::file(&self.path, &error))
    }
}

/// The places in the list of all of them.
///
/// # Errors
/// A file that cannot be read.
pub fn places(path: &Path) -> Result<HashSet<u64>, CopyError> {
    let mut found = HashSet::new();
    match File::open(path) {
        Ok(file) => each(path, &file, |at, _| {
            found.insert(at);
            true
        })?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(CopyError::file(path, &error)),
    }
    Ok(found)
}

/// Tells of each whole line its place in the list and where it ends in the file, until that says to stop.
fn each(path: &Path, file: &File, mut tell: impl FnMut(u64, u64) -> bool) -> Result<(), CopyError> {
    let (mut reader, mut line, mut end) = (BufReader::new(file), Vec::new(), 0);
    loop {
        line.clear();
        let read = reader.read_until(b'\n', &mut line).map_err(|error| CopyError::file(path, &error))?;
        end += read as u64;
        // The last line may be torn.
        match serde_json::from_slice::<Place>(&line).ok().filter(|_| line.ends_with(b"\n")) {
            Some(Place { at }) if tell(at, end) => {}
            _ => return Ok(()),
        }
    }
}

/// What is read of a line.
#[derive(Deserialize)]
struct Place {
    at: u64,
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::provider::model::Payload;

    #[test]
    fn lines_behind_the_place_are_written_again_and_a_torn_one_is_no_line() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("rejects.jsonl");
        let reject = |at: u64| Reject {
            at,
            id: at.into(),
            reason: format!("reason {at}"),
            record: Record { id: at.into(), vectors: None, payload: Payload::new(), text: None },
        };
        Rejects::open(&path, 0).unwrap().add(&[reject(1), reject(5), reject(7)]).unwrap();
        let mut text = std::fs::read_to_string(&path).unwrap();
        text += "{\"at\":8,\"id";
        std::fs::write(&path, text).unwrap();
        Rejects::open(&path, 6).unwrap().add(&[reject(6)]).unwrap();
        assert_eq!(places(&path).unwrap(), HashSet::from([1, 5, 6]));
        let text = std::fs::read_to_string(&path).unwrap();
        let lines = text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        assert_eq!(
            lines.map(|line| line["reason"].to_string()).collect::<Vec<_>>().concat(),
            "\"reason 1\"\"reason 5\"\"reason 6\""
        );
    }
}
