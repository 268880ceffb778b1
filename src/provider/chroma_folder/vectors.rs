//! The vectors of one collection as of one moment: the index's files, and the queue on top of them.

use std::fs::File;
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
    pub(super) changes: Changes,
    data: Option<File>,
    lengths: Option<File>,
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
        let cosine = of.metric() == Some(Metric::Cosine);
        Ok(Self { connection, file, cosine, index, changes, data: None, lengths: None })
    }

    /// The vector of a record, `None` if it has none: as Chroma gives it back, so with cosine the
    /// normalised one times its old length.
    pub(super) fn of(&mut self, id: &str) -> Result<Option<Vec<f32>>> {
        match self.changes.get(id) {
            Some(Change::Gone) => return Ok(None),
            Some(Change::At(place)) => return self.queued(*place),
            None => {}
        }
        let failed = |dir: &Path, error: &io::Error| ProviderError::File {
            path: dir.display().to_string(),
            cause: error.to_string(),
        };
        let stored = self.index.stored(&mut self.data, id).map_err(|e| failed(self.index.dir(), &e))?;
        let Some((slot, mut vector)) = stored else { return Ok(None) };
        if self.cosine {
            let length = self.index.length(&mut self.lengths, slot).map_err(|e| failed(self.index.dir(), &e))?;
            vector.iter_mut().for_each(|value| *value *= length);
        }
        Ok(Some(vector))
    }

    /// The vector in a row of the queue.
    pub(super) fn queued(&self, place: i64) -> Result<Option<Vec<f32>>> {
        let vector: Asked<_> = queue::vector(self.connection, place);
        vector.map_err(|e| file::failure(&self.file, &e))
    }
}
