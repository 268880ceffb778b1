//! Eight bytes of a digest for each record, as it was read from the source: whether the source was changed
//! meanwhile is told by reading it again. A record that was never read has zeros.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::CopyError;
use crate::jobs::canon::{self, Rules};
use crate::provider::model::Record;

const WIDTH: u64 = 8;

/// The digest of a record: of its payload, text and vectors. Never 0.
pub fn of(record: &Record) -> u64 {
    let mut bytes = Vec::with_capacity(1024);
    canon::write_payload(&record.payload, Rules::default(), &mut bytes, &mut Vec::new());
    canon::write_optional(record.text.as_deref(), &mut bytes);
    let mut vectors: Vec<_> = record.vectors.iter().flat_map(|vectors| &vectors.0).collect();
    vectors.sort_unstable_by(|a, b| a.0.cmp(&b.0));
    for (name, vector) in vectors {
        canon::write_text(name, &mut bytes);
        canon::write_vector(vector, false, &mut bytes);
    }
    #[expect(clippy::cast_possible_truncation, reason = "64 of the 128 bits")]
    let half = canon::digest(&bytes) as u64;
    half.max(1)
}

/// The file of them, by the record's place in the list.
#[derive(Debug)]
pub struct Fingerprints {
    file: File,
    path: PathBuf,
}

impl Fingerprints {
    /// Opens the file, made if it is not there.
    ///
    /// # Errors
    /// A file that cannot be used.
    pub fn open(path: &Path) -> Result<Self, CopyError> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false).mode(0o600);
        let file = options.open(path).map_err(|error| CopyError::file(path, &error))?;
        Ok(Self { file, path: path.to_owned() })
    }

    /// Writes those of records that follow each other, and waits until they are on the disk.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn write(&self, at: u64, digests: &[u64]) -> Result<(), CopyError> {
        let bytes: Vec<u8> = digests.iter().flat_map(|digest| digest.to_le_bytes()).collect();
        let written = self.file.write_all_at(&bytes, at * WIDTH).and_then(|()| self.file.sync_data());
        written.map_err(|error| CopyError::file(&self.path, &error))
    }

    /// Reads those of so many records.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn read(&self, at: u64, count: usize) -> Result<Vec<u64>, CopyError> {
        let mut bytes = vec![0; count * WIDTH as usize];
        self.file.read_exact_at(&mut bytes, at * WIDTH).map_err(|error| CopyError::file(&self.path, &error))?;
        Ok(bytes.as_chunks::<8>().0.iter().map(|chunk| u64::from_le_bytes(*chunk)).collect())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::provider::model::Vectors;

    #[test]
    fn every_part_of_a_record_counts_and_the_order_of_keys_does_not() {
        let record = |payload: serde_json::Value, text: Option<&str>, x: f32| Record {
            id: 1_u64.into(),
            vectors: Some(Vectors::unnamed(vec![x])),
            payload: payload.as_object().cloned().unwrap_or_default(),
            text: text.map(str::to_owned),
        };
        let one = of(&record(json!({ "a": 1, "b": 2 }), None, 1.0));
        assert_eq!(one, of(&record(json!({ "b": 2, "a": 1 }), None, 1.0)));
        for other in [
            record(json!({ "a": 1.0, "b": 2 }), None, 1.0),
            record(json!({ "a": 1 }), None, 1.0),
            record(json!({ "a": 1, "b": 2 }), Some(""), 1.0),
            record(json!({ "a": 1, "b": 2 }), None, f32::from_bits(1.0_f32.to_bits() + 1)),
        ] {
            assert_ne!(one, of(&other));
        }
    }

    #[test]
    fn they_are_read_where_they_were_written() {
        let dir = tempfile::tempdir().unwrap();
        let file = Fingerprints::open(&dir.path().join("f")).unwrap();
        file.write(0, &[1, 2, 3]).unwrap();
        file.write(3, &[u64::MAX, 0]).unwrap();
        assert_eq!(file.read(1, 4).unwrap(), [2, 3, u64::MAX, 0]);
        assert!(file.read(4, 2).is_err(), "what was never written cannot be read");
    }
}
