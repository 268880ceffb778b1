//! One Parquet file being written: records are gathered to row groups of some mebibytes, and the checksum is made
//! on the way.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::Arc;

use parquet::data_type::{ByteArray, ByteArrayType, FloatType, Int32Type};
use parquet::errors::ParquetError;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use sha2::{Digest as _, Sha256};

use super::columns::{self, Leaf, Levels};
use super::manifest::{PartFile, StoredVector, hex};
use crate::provider::model::{Record, Vector};

/// Bytes of a row group, about, before compression.
const GROUP: u64 = 8 << 20;
/// Most records of a row group.
pub(super) const GROUP_RECORDS: usize = 8_192;

/// A file that is being written.
pub struct Writer {
    file: SerializedFileWriter<Summed>,
    vectors: Vec<StoredVector>,
    leaves: Vec<Leaf>,
    group: Vec<Record>,
    group_bytes: u64,
    records: u64,
    bytes: u64,
}

impl Writer {
    /// Begins a file, for records with these vectors.
    ///
    /// # Errors
    /// The system's.
    pub fn create(path: &Path, vectors: &[StoredVector]) -> io::Result<Self> {
        let schema = Arc::new(columns::schema(vectors).map_err(failed)?);
        let file = Summed { file: BufWriter::new(File::create(path)?), sha256: Sha256::new(), bytes: 0 };
        let file = SerializedFileWriter::new(file, schema, Arc::new(columns::properties())).map_err(failed)?;
        let (vectors, leaves) = (vectors.to_vec(), columns::leaves(vectors));
        Ok(Self { file, vectors, leaves, group: Vec::new(), group_bytes: 0, records: 0, bytes: 0 })
    }

    /// Adds a record of so many bytes, about.
    ///
    /// # Errors
    /// The system's, or a record that has other vectors than its collection.
    pub fn add(&mut self, record: Record, bytes: u64) -> io::Result<()> {
        if let Some(cause) = columns::misfit(&record, &self.vectors) {
            return Err(io::Error::new(io::ErrorKind::InvalidData, format!("record {}: {cause}", record.id)));
        }
        self.group.push(record);
        self.group_bytes += bytes;
        self.records += 1;
        self.bytes += bytes;
        if self.group_bytes >= GROUP || self.group.len() >= GROUP_RECORDS { self.flush() } else { Ok(()) }
    }

    /// Bytes of all records, about.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Ends the file and waits until it is on the disk; what the manifest says of it, without its name.
    ///
    /// # Errors
    /// The system's.
    pub fn finish(mut self) -> io::Result<PartFile> {
        if !self.group.is_empty() {
            self.flush()?;
        }
        let Summed { file, sha256, bytes } = self.file.into_inner().map_err(failed)?;
        file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
        Ok(PartFile { file: String::new(), records: self.records, bytes, sha256: hex(&sha256.finalize()) })
    }

    fn flush(&mut self) -> io::Result<()> {
        let group = std::mem::take(&mut self.group);
        self.group_bytes = 0;
        let mut writer = self.file.next_row_group().map_err(failed)?;
        for leaf in &self.leaves {
            let Some(mut column) = writer.next_column().map_err(failed)? else { break };
            write(&mut column, *leaf, &group, &self.vectors).map_err(failed)?;
            column.close().map_err(failed)?;
        }
        writer.close().map(drop).map_err(failed)
    }
}

fn write(
    column: &mut SerializedColumnWriter<'_>,
    leaf: Leaf,
    group: &[Record],
    vectors: &[StoredVector],
) -> Result<(), ParquetError> {
    let texts = |text: &dyn Fn(&Record) -> ByteArray| group.iter().map(text).collect::<Vec<_>>();
    let of = |record, at| vector(record, vectors, at);
    match leaf {
        Leaf::Id => {
            let values = texts(&|record| columns::id_texts(&record.id).0.into_bytes().into());
            column.typed::<ByteArrayType>().write_batch(&values, None, None)
        }
        Leaf::IdKind => {
            let values = texts(&|record| columns::id_texts(&record.id).1.into());
            column.typed::<ByteArrayType>().write_batch(&values, None, None)
        }
        Leaf::Payload => {
            let json = |record: &Record| serde_json::to_vec(&record.payload).unwrap_or_default().into();
            column.typed::<ByteArrayType>().write_batch(&texts(&json), None, None)
        }
        Leaf::Text => {
            let values: Vec<ByteArray> =
                group.iter().filter_map(|record| record.text.as_deref()).map(ByteArray::from).collect();
            let defs: Vec<i16> = group.iter().map(|record| i16::from(record.text.is_some())).collect();
            column.typed::<ByteArrayType>().write_batch(&values, Some(&defs), None)
        }
        Leaf::Dense(at) => {
            let mut levels = Levels::default();
            for record in group {
                let values = match of(record, at) {
                    Some(Vector::Dense(values)) => Some(values.iter().copied()),
                    _ => None,
                };
                levels.list(values);
            }
            column.typed::<FloatType>().write_batch(&levels.values, Some(&levels.defs), Some(&levels.reps))
        }
        Leaf::Multi(at) => {
            let mut levels = Levels::default();
            for record in group {
                let rows = match of(record, at) {
                    Some(Vector::Multi(rows)) => Some(rows.as_slice()),
                    _ => None,
                };
                levels.lists(rows);
            }
            column.typed::<FloatType>().write_batch(&levels.values, Some(&levels.defs), Some(&levels.reps))
        }
        Leaf::Indices(at) => {
            let mut levels = Levels::default();
            for record in group {
                let places = match of(record, at) {
                    Some(Vector::Sparse { indices, .. }) => Some(indices.iter()),
                    _ => None,
                };
                // The column is of unsigned integers, whose bits these are.
                levels.list(places.map(|places| places.map(|place| place.cast_signed())));
            }
            column.typed::<Int32Type>().write_batch(&levels.values, Some(&levels.defs), Some(&levels.reps))
        }
        Leaf::Values(at) => {
            let mut levels = Levels::default();
            for record in group {
                let values = match of(record, at) {
                    Some(Vector::Sparse { values, .. }) => Some(values.iter().copied()),
                    _ => None,
                };
                levels.list(values);
            }
            column.typed::<FloatType>().write_batch(&levels.values, Some(&levels.defs), Some(&levels.reps))
        }
    }
    .map(drop)
}

/// A record's vector, by its place in the list of all.
fn vector<'a>(record: &'a Record, vectors: &[StoredVector], at: usize) -> Option<&'a Vector> {
    record.vectors.as_ref()?.get(&vectors.get(at)?.name)
}

/// The system's error inside of one of Parquet.
fn failed(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(inner) => match inner.downcast::<io::Error>() {
            Ok(error) => *error,
            Err(other) => io::Error::other(other.to_string()),
        },
        other => io::Error::other(other.to_string()),
    }
}

/// A file whose checksum is made as it is written.
struct Summed {
    file: BufWriter<File>,
    sha256: Sha256,
    bytes: u64,
}

impl Write for Summed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.sha256.update(bytes.get(..written).unwrap_or_default());
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
