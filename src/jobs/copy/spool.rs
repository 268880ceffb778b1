//! The list of ids of a copy, fixed before the first write: one line each, with the id at the source, and the
//! id at the target where that is not made of it. Read in order, so that no place of it can be skipped.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, BufWriter, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::CopyError;
use super::journal::hex;
use crate::jobs::model::noted::{tag, untag};
use crate::provider::model::RecordId;

/// One line of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its place, from 0.
    pub at: u64,
    /// The id at the source.
    pub id: RecordId,
    /// The id at the target, where it is restored.
    pub to: Option<RecordId>,
}

/// Writes the list.
pub struct Writer {
    file: BufWriter<File>,
    path: PathBuf,
    sha256: Sha256,
    records: u64,
    bytes: u64,
}

/// A list that is on the disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// Records.
    pub records: u64,
    /// Bytes.
    pub bytes: u64,
    /// SHA-256.
    pub sha256: String,
}

impl Writer {
    /// Begins the list anew.
    ///
    /// # Errors
    /// A file that cannot be made.
    pub fn create(path: &Path) -> Result<Self, CopyError> {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true).mode(0o600);
        let file = options.open(path).map_err(|error| CopyError::file(path, &error))?;
        Ok(Self { file: BufWriter::new(file), path: path.to_owned(), sha256: Sha256::new(), records: 0, bytes: 0 })
    }

    /// Adds an id.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn add(&mut self, id: &RecordId, to: Option<&RecordId>) -> Result<(), CopyError> {
        let failed = |error: std::io::Error| CopyError::file(&self.path, &error);
        let from = tag(id);
        let line = match to {
            None => serde_json::to_string(&from),
            Some(to) => serde_json::to_string(&[from, tag(to)]),
        };
        let line = line.map_err(|error| failed(error.into()))? + "\n";
        self.file.write_all(line.as_bytes()).map_err(failed)?;
        self.sha256.update(line.as_bytes());
        self.records += 1;
        self.bytes += line.len() as u64;
        Ok(())
    }

    /// Waits until all of it is on the disk.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn finish(self) -> Result<Done, CopyError> {
        let failed = |error: std::io::Error| CopyError::file(&self.path, &error);
        let file = self.file.into_inner().map_err(|error| failed(error.into_error()))?;
        file.sync_all().map_err(failed)?;
        Ok(Done { records: self.records, bytes: self.bytes, sha256: hex(&self.sha256.finalize()) })
    }
}

/// Reads the list in order.
pub struct Reader {
    file: BufReader<File>,
    path: PathBuf,
    at: u64,
    offset: u64,
    records: u64,
}

impl Reader {
    /// Reads on from a place of a list that has so many records and bytes.
    ///
    /// # Errors
    /// A file that cannot be read, or that is not as long as it was.
    pub fn open(path: &Path, records: u64, bytes: u64, at: u64, offset: u64) -> Result<Self, CopyError> {
        let failed = |error: std::io::Error| CopyError::file(path, &error);
        let mut file = File::open(path).map_err(failed)?;
        let length = file.metadata().map_err(failed)?.len();
        if length != bytes {
            let cause = format!("it has {length} bytes, and was written with {bytes}");
            return Err(CopyError::Damaged { path: path.display().to_string(), cause });
        }
        file.seek(SeekFrom::Start(offset)).map_err(failed)?;
        Ok(Self { file: BufReader::new(file), path: path.to_owned(), at, offset, records })
    }

    /// Where the next id stands: records and bytes before it.
    pub fn place(&self) -> (u64, u64) {
        (self.at, self.offset)
    }

    /// The next ids, at most so many; none at the end.
    ///
    /// # Errors
    /// A file that cannot be read, or is not as it was written.
    pub fn next(&mut self, most: usize) -> Result<Vec<Listed>, CopyError> {
        let mut found = Vec::with_capacity(most.min(10_000));
        let mut line = String::new();
        while found.len() < most && self.at < self.records {
            line.clear();
            let read = self.file.read_line(&mut line).map_err(|error| CopyError::file(&self.path, &error))?;
            let Some((id, to)) = parse(&line) else {
                let cause = format!("line {} is no id", self.at + 1);
                return Err(CopyError::Damaged { path: self.path.display().to_string(), cause });
            };
            found.push(Listed { at: self.at, id, to });
            self.at += 1;
            self.offset += read as u64;
        }
        Ok(found)
    }

    /// Passes over so many ids, or to the end of the list.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn skip(&mut self, many: u64) -> Result<(), CopyError> {
        let to = self.records.min(self.at.saturating_add(many));
        while self.at < to {
            let read = self.file.skip_until(b'\n').map_err(|error| CopyError::file(&self.path, &error))?;
            if read == 0 {
                let cause = format!("it ends before line {}", self.at + 1);
                return Err(CopyError::Damaged { path: self.path.display().to_string(), cause });
            }
            self.at += 1;
            self.offset += read as u64;
        }
        Ok(())
    }
}

fn parse(line: &str) -> Option<(RecordId, Option<RecordId>)> {
    let value: serde_json::Value = serde_json::from_str(line.strip_suffix('\n')?).ok()?;
    match &value {
        serde_json::Value::String(id) => Some((untag(id)?, None)),
        serde_json::Value::Array(both) => match both.as_slice() {
            [id, to] => Some((untag(id.as_str()?)?, Some(untag(to.as_str()?)?))),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_every_kind_come_back_in_order_and_from_any_place() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ids");
        let ids: Vec<RecordId> = vec![
            "line\nbreak \"quoted\" \\ \u{2028}".into(),
            "".into(),
            1_u64.into(),
            "1".into(),
            RecordId::Integer(i128::MAX),
            RecordId::Uuid(uuid::Uuid::from_u128(7)),
        ];
        let mut writer = Writer::create(&path).unwrap();
        for id in &ids {
            writer.add(id, Some(id).filter(|_| *id == "1".into())).unwrap();
        }
        let done = writer.finish().unwrap();
        let mut reader = Reader::open(&path, done.records, done.bytes, 0, 0).unwrap();
        let mut found = Vec::new();
        let mut places = Vec::new();
        loop {
            places.push(reader.place());
            let some = reader.next(2).unwrap();
            if some.is_empty() {
                break;
            }
            found.extend(some);
        }
        assert_eq!(found.iter().map(|listed| listed.id.clone()).collect::<Vec<_>>(), ids);
        assert_eq!(found.iter().filter(|listed| listed.to.is_some()).count(), 1);
        for (at, offset) in places {
            let open = || Reader::open(&path, done.records, done.bytes, at, offset).unwrap();
            let behind = &found[usize::try_from(at).unwrap()..];
            assert_eq!(open().next(100).unwrap(), behind);
            let mut reader = open();
            reader.skip(3).unwrap();
            assert_eq!(reader.next(100).unwrap(), behind.get(3..).unwrap_or_default());
        }
        assert!(Reader::open(&path, done.records, done.bytes + 1, 0, 0).is_err(), "a list of another length is said");
    }
}
