//! The records that were refused, each with the reason, in a file for people and scripts: one JSON object a
//! line, `{at, id, target_id, reason, record}`. A batch that is written again after a kill has its lines once.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::{CopyError, ids};
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
        let mut kept = String::new();
        for line in lines(path)? {
            if place(&line).is_some_and(|at| at < before) {
                kept += &line;
                kept.push('\n');
            }
        }
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true).mode(0o600);
        let mut file = options.open(path).map_err(failed)?;
        file.write_all(kept.as_bytes()).and_then(|()| file.sync_data()).map_err(failed)?;
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
                "id": ids::tag(&reject.id),
                "target_id": ids::tag(&reject.record.id),
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

/// The reasons by place in the list.
///
/// # Errors
/// A file that cannot be read.
pub fn reasons(path: &Path) -> Result<HashMap<u64, String>, CopyError> {
    let mut found = HashMap::new();
    for line in lines(path)? {
        let Ok(value) = serde_json::from_str::<Value>(&line) else { continue };
        if let (Some(at), Some(reason)) = (value["at"].as_u64(), value["reason"].as_str()) {
            found.insert(at, reason.to_owned());
        }
    }
    Ok(found)
}

/// There are at most as many lines as rejects are allowed.
fn lines(path: &Path) -> Result<Vec<String>, CopyError> {
    match File::open(path) {
        Ok(file) => BufReader::new(file).lines().collect::<Result<_, _>>().map_err(|e| CopyError::file(path, &e)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(CopyError::file(path, &error)),
    }
}

fn place(line: &str) -> Option<u64> {
    serde_json::from_str::<Value>(line).ok()?["at"].as_u64()
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
        let mut found: Vec<_> = reasons(&path).unwrap().into_iter().collect();
        found.sort();
        assert_eq!(found, [1, 5, 6].map(|at| (at, format!("reason {at}"))));
    }
}
