//! The vectors of one collection as of one moment: the index's files, and the queue on top of them.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;

use super::catalog::{self, Asked, Collection};
use super::file;
use super::hnsw::{Index, Stamp};
use super::queue::{self, Change, Changes};
use crate::provider::model::Metric;
use crate::provider::{ProviderError, Result};

/// Indexes whose ids stay in memory.
const KEPT: usize = 4;

/// What was read of indexes and is not to be read again while they are the same.
#[derive(Default)]
pub(super) struct Cache(Mutex<Vec<Kept>>);

struct Kept {
    segment: String,
    /// Where the index stood in the queue, and its files.
    version: (Option<i64>, Stamp),
    index: Arc<Index>,
}

impl Cache {
    fn index(&self, dir: &Path, segment: &str, max_seq_id: Option<i64>) -> Result<Arc<Index>> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let dir = dir.join(segment);
        let now = (max_seq_id, Stamp::of(&dir));
        if let Some(at) = kept.iter().position(|k| k.segment == segment && k.version == now) {
            let found = kept.remove(at);
            let index = Arc::clone(&found.index);
            kept.push(found);
            return Ok(index);
        }
        let (stamp, index) = Index::read(&dir)?;
        let index = Arc::new(index);
        kept.retain(|k| k.segment != segment);
        kept.push(Kept { segment: segment.to_owned(), version: (max_seq_id, stamp), index: Arc::clone(&index) });
        let too_many = kept.len().saturating_sub(KEPT);
        kept.drain(..too_many);
        Ok(index)
    }
}

/// The vectors of a collection.
pub(super) struct VectorSet<'a> {
    connection: &'a Connection,
    file: PathBuf,
    cosine: bool,
    /// The files of the index.
    pub(super) index: Arc<Index>,
    /// What came after them.
    pub(super) changes: Arc<Changes>,
}

/// Where vectors are, while nobody writes.
#[derive(Clone)]
pub(super) struct Known {
    index: Arc<Index>,
    changes: Arc<Changes>,
}

/// The vectors of some records: those that were in the queue, and where the others are.
pub(super) struct Placed {
    index: Arc<Index>,
    cosine: bool,
    places: Vec<At>,
}

/// Where a vector is.
enum At {
    /// Nowhere: the record has none.
    Nowhere,
    /// It was in the queue.
    Here(Vec<f32>),
    /// In that slot of the index.
    Slot(usize),
}

impl<'a> VectorSet<'a> {
    /// Reads where the vectors are. The connection's moment comes first: files that are newer hold only
    /// changes that are in the queue as well.
    pub(super) fn open(connection: &'a Connection, dir: &Path, cache: &Cache, of: &Collection) -> Result<Self> {
        let file = file::path_in(dir);
        let failed = |e: rusqlite::Error| file::failure(&file, &e);
        let in_tables = catalog::max_seq_id(connection, &of.records).map_err(failed)?;
        let in_index = catalog::max_seq_id(connection, &of.vectors).map_err(failed)?;
        let index = cache.index(dir, &of.vectors, in_index)?;
        let after = in_index.or(index.max_seq_id).unwrap_or(0);
        let until = in_tables.unwrap_or(i64::MAX);
        let changes = queue::changes(connection, of, after, until, |id| index.has(id)).map_err(failed)?;
        Ok(Self::again(connection, dir, of, Known { index, changes: Arc::new(changes) }))
    }

    /// The vectors where they are known to be.
    pub(super) fn again(connection: &'a Connection, dir: &Path, of: &Collection, known: Known) -> Self {
        let (file, cosine) = (file::path_in(dir), of.metric() == Some(Metric::Cosine));
        Self { connection, file, cosine, index: known.index, changes: known.changes }
    }

    /// Where they are.
    pub(super) fn known(&self) -> Known {
        Known { index: Arc::clone(&self.index), changes: Arc::clone(&self.changes) }
    }

    /// The vector of a record, `None` if it has none.
    pub(super) fn of(&self, id: &str) -> Result<Option<Vec<f32>>> {
        Ok(self.place([id])?.read()?.pop().flatten())
    }

    /// Reads what of these records is in the queue, and finds where the rest is.
    pub(super) fn place<'i>(&self, ids: impl IntoIterator<Item = &'i str>) -> Result<Placed> {
        let place = |id: &str| {
            Ok(match self.changes.get(id) {
                Some(Change::Gone) => At::Nowhere,
                Some(Change::At(row)) => self.queued(*row)?.map_or(At::Nowhere, At::Here),
                None => self.index.slot(id).map_or(At::Nowhere, At::Slot),
            })
        };
        let places = ids.into_iter().map(place).collect::<Result<_>>()?;
        Ok(Placed { index: Arc::clone(&self.index), cosine: self.cosine, places })
    }

    /// The vector in a row of the queue.
    pub(super) fn queued(&self, place: i64) -> Result<Option<Vec<f32>>> {
        let vector: Asked<_> = queue::vector(self.connection, place);
        vector.map_err(|e| file::failure(&self.file, &e))
    }
}

impl Placed {
    /// The vectors, `None` for a record without one: as Chroma gives them back, so with cosine the
    /// normalised one times its old length. Needs no lock: a server that writes need not wait for it.
    pub(super) fn read(self) -> Result<Vec<Option<Vec<f32>>>> {
        let slots: Vec<usize> =
            self.places.iter().filter_map(|at| if let At::Slot(slot) = at { Some(*slot) } else { None }).collect();
        let failed = |error: io::Error| ProviderError::File {
            path: self.index.dir().display().to_string(),
            cause: error.to_string(),
        };
        let mut stored = Vec::new();
        if !slots.is_empty() {
            stored = self.index.stored(&slots).map_err(failed)?;
            if self.cosine {
                let lengths = self.index.lengths(&slots).map_err(failed)?;
                for (vector, length) in stored.iter_mut().zip(lengths) {
                    vector.iter_mut().for_each(|value| *value *= length);
                }
            }
        }
        let mut stored = stored.into_iter();
        let vectors = self.places.into_iter().map(|at| match at {
            At::Nowhere => None,
            At::Here(vector) => Some(vector),
            At::Slot(_) => stored.next(),
        });
        Ok(vectors.collect())
    }
}
