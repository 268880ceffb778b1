//! One Parquet file being read: some records of a row group, and only the columns that are wanted. Blocking.

use std::fs::{File, Metadata};
use std::io::{self, BufReader, Read};
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use parquet::column::reader::{ColumnReaderImpl, get_typed_column_reader};
use parquet::data_type::{ByteArray, ByteArrayType, DataType, FloatType, Int32Type};
use parquet::errors::ParquetError;
use parquet::file::reader::{ChunkReader, FileReader, Length, RowGroupReader};
use parquet::file::serialized_reader::{ReadOptionsBuilder, SerializedFileReader};
use serde_json::Value;

use super::columns::{self, Leaf, Levels};
use super::manifest::{StoredVector, damaged, file};
use crate::provider::Result;
use crate::provider::model::{Record, RecordId, Vector, Vectors};

/// Which vectors come along.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    All,
    /// That one of the list.
    One(usize),
    None,
}

/// An open file.
pub(super) struct Part {
    path: PathBuf,
    file: Arc<File>,
    reader: SerializedFileReader<At>,
    vectors: Vec<StoredVector>,
}

impl Part {
    /// Opens the file; reads what stands at its end.
    pub(super) fn open(path: &Path, vectors: &[StoredVector]) -> Result<Self> {
        let failed = |error: io::Error| file(path, &error);
        let opened = Arc::new(File::open(path).map_err(failed)?);
        let length = opened.metadata().map_err(failed)?.len();
        let options = ReadOptionsBuilder::new().with_page_index().build();
        let at = At { file: Arc::clone(&opened), at: 0, length };
        let reader = SerializedFileReader::new_with_options(at, options).map_err(|error| damaged(path, error))?;
        Ok(Self { path: path.to_owned(), file: opened, reader, vectors: vectors.to_vec() })
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// What the system tells of the file that is open, whatever has its name now.
    pub(super) fn metadata(&self) -> io::Result<Metadata> {
        self.file.metadata()
    }

    /// Bytes as they are in the file.
    pub(super) fn read_at(&self, buffer: &mut [u8], at: u64) -> io::Result<usize> {
        self.file.read_at(buffer, at)
    }

    /// How many records each row group has.
    pub(super) fn groups(&self) -> Vec<usize> {
        let groups = self.reader.metadata().row_groups();
        groups.iter().map(|group| usize::try_from(group.num_rows()).unwrap_or(0)).collect()
    }

    /// All ids of a row group.
    pub(super) fn ids(&self, group: usize) -> Result<Vec<RecordId>> {
        let rows = self.groups().get(group).copied().unwrap_or(0);
        self.ids_of(self.group(group)?.as_ref(), std::slice::from_ref(&(0..rows)))
    }

    /// The records at these places of a row group, which follow each other in order.
    pub(super) fn records(&self, group: usize, runs: &[Range<usize>], wanted: Wanted) -> Result<Vec<Record>> {
        let group = self.group(group)?;
        let group = group.as_ref();
        let mut records: Vec<Record> = Vec::new();
        let ids = self.ids_of(group, runs)?;
        let payloads = self.column::<ByteArrayType>(group, Leaf::Payload, runs)?.values;
        let texts = self.column::<ByteArrayType>(group, Leaf::Text, runs)?;
        let mut values = texts.values.into_iter();
        let texts = texts.defs.into_iter().map(|def| if def > 0 { values.next() } else { None });
        let vectors = (wanted != Wanted::None).then(Vectors::default);
        for ((id, payload), text) in ids.into_iter().zip(payloads).zip(texts) {
            let Ok(Value::Object(payload)) = serde_json::from_slice(payload.data()) else {
                return Err(self.damaged(format!("the payload of {id} is no JSON object")));
            };
            let text = text.map(|text| self.text(&text)).transpose()?;
            records.push(Record { id, vectors: vectors.clone(), payload, text });
        }
        for at in (0..self.vectors.len()).filter(|at| wanted == Wanted::All || wanted == Wanted::One(*at)) {
            self.add_vector(group, at, runs, &mut records)?;
        }
        Ok(records)
    }

    fn add_vector(
        &self,
        group: &dyn RowGroupReader,
        at: usize,
        runs: &[Range<usize>],
        to: &mut [Record],
    ) -> Result<()> {
        let Some(spec) = self.vectors.get(at) else { return Ok(()) };
        let broken = || self.damaged(format!("the lists of the column {} do not end where they should", spec.column));
        let leaves = columns::leaves(&self.vectors);
        let found: Vec<Option<Vector>> = if leaves.contains(&Leaf::Dense(at)) {
            let lists = self.column::<FloatType>(group, Leaf::Dense(at), runs)?.into_list_of().ok_or_else(broken)?;
            lists.into_iter().map(|list| list.map(Vector::Dense)).collect()
        } else if leaves.contains(&Leaf::Multi(at)) {
            let lists = self.column::<FloatType>(group, Leaf::Multi(at), runs)?.into_lists_of().ok_or_else(broken)?;
            lists.into_iter().map(|rows| rows.map(Vector::Multi)).collect()
        } else {
            let indices =
                self.column::<Int32Type>(group, Leaf::Indices(at), runs)?.into_list_of().ok_or_else(broken)?;
            let values = self.column::<FloatType>(group, Leaf::Values(at), runs)?.into_list_of().ok_or_else(broken)?;
            let both = indices.into_iter().zip(values);
            both.map(|(indices, values)| {
                let indices = indices?.into_iter().map(i32::cast_unsigned).collect();
                Some(Vector::Sparse { indices, values: values? })
            })
            .collect()
        };
        if found.len() != to.len() {
            return Err(broken());
        }
        for (record, vector) in to.iter_mut().zip(found) {
            if let (Some(vectors), Some(vector)) = (&mut record.vectors, vector) {
                vectors.0.push((spec.name.clone(), vector));
            }
        }
        Ok(())
    }

    fn ids_of(&self, group: &dyn RowGroupReader, runs: &[Range<usize>]) -> Result<Vec<RecordId>> {
        let ids = self.column::<ByteArrayType>(group, Leaf::Id, runs)?.values;
        let kinds = self.column::<ByteArrayType>(group, Leaf::IdKind, runs)?.values;
        let pairs = ids.into_iter().zip(kinds);
        pairs
            .map(|(id, kind)| {
                let (id, kind) = (self.text(&id)?, self.text(&kind)?);
                columns::id_of(&id, &kind).ok_or_else(|| self.damaged(format!("{id:?} is no id of the kind {kind:?}")))
            })
            .collect()
    }

    fn group(&self, group: usize) -> Result<Box<dyn RowGroupReader + '_>> {
        self.reader.get_row_group(group).map_err(|error| self.damaged(error))
    }

    /// What a column has at these places.
    fn column<T: DataType>(
        &self,
        group: &dyn RowGroupReader,
        leaf: Leaf,
        runs: &[Range<usize>],
    ) -> Result<Levels<T::T>> {
        let read = || {
            let place = columns::leaves(&self.vectors).iter().position(|known| *known == leaf);
            let place = place.ok_or_else(|| ParquetError::General("there is no such column".to_owned()))?;
            let mut column: ColumnReaderImpl<T> = get_typed_column_reader(group.get_column_reader(place)?);
            let (mut levels, mut at) = (Levels::default(), 0);
            for run in runs {
                column.skip_records(run.start.saturating_sub(at))?;
                let Levels { values, defs, reps } = &mut levels;
                let (read, ..) = column.read_records(run.len(), Some(defs), Some(reps), values)?;
                if read != run.len() {
                    return Err(ParquetError::General(format!("{read} records where {} should be", run.len())));
                }
                at = run.end;
            }
            Ok(levels)
        };
        read().map_err(|error: ParquetError| self.damaged(error))
    }

    fn text(&self, bytes: &ByteArray) -> Result<String> {
        bytes.as_utf8().map(str::to_owned).map_err(|error| self.damaged(error))
    }

    fn damaged(&self, cause: impl ToString) -> crate::provider::ProviderError {
        damaged(&self.path, cause)
    }
}

/// A place in a file that is read by several at a time, each with a place of its own.
struct At {
    file: Arc<File>,
    at: u64,
    length: u64,
}

impl Read for At {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read_at(buffer, self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}

impl Length for At {
    fn len(&self) -> u64 {
        self.length
    }
}

impl ChunkReader for At {
    type T = BufReader<Self>;

    fn get_read(&self, start: u64) -> std::result::Result<Self::T, ParquetError> {
        Ok(BufReader::new(Self { file: Arc::clone(&self.file), at: start, length: self.length }))
    }

    fn get_bytes(&self, start: u64, length: usize) -> std::result::Result<Bytes, ParquetError> {
        if start.saturating_add(length as u64) > self.length {
            return Err(ParquetError::EOF("the file is too short".to_owned()));
        }
        let mut bytes = vec![0; length];
        self.file.read_exact_at(&mut bytes, start)?;
        Ok(bytes.into())
    }
}
