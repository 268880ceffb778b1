//! Pages: the rows of one version of a table, in the table's own order.
//!
//! A cursor names the version and how many selected rows come before it. Old versions stay readable
//! until somebody removes them, so that every record of that version comes exactly once, whatever others
//! write meanwhile. Behind the first page more is read than was asked for, up to a bound of bytes,
//! and what is left waits for the page that goes on there.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use futures::TryStreamExt;
use lancedb::arrow::SendableRecordBatchStream;
use lancedb::arrow::arrow_array::RecordBatch;
use lancedb::query::{ExecutableQuery, QueryBase};

use super::connection::{Database, Table};
use super::failure::Explain;
use super::filter::plan;
use super::home::Home;
use super::reads::projected;
use super::rows::records;
use crate::provider::ahead::Answer;
use crate::provider::model::{Cursor, Page, PageRequest, Record};
use crate::provider::{ProviderError, Result};

/// Most records of one page.
const LARGEST_PAGE: usize = 10_000;
/// Most bytes, about, that are read ahead for pages to come.
const AHEAD: usize = 32 * 1024 * 1024;
/// Readers that wait at a time for somebody to go on.
const WAITING: usize = 2;

/// Where a page begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    version: u64,
    born: u128,
    /// Selected rows before it.
    offset: usize,
}

impl Place {
    fn read(cursor: &Cursor) -> Result<Self> {
        let mut parts = cursor.0.split('-');
        let mut next = |radix| u128::from_str_radix(parts.next()?, radix).ok();
        let read = (next(10), next(16), next(10));
        let whole = parts.next().is_none();
        let place = match read {
            (Some(version), Some(born), Some(offset)) if whole => {
                let numbers = u64::try_from(version).ok().zip(usize::try_from(offset).ok());
                numbers.map(|(version, offset)| Self { version, born, offset })
            }
            _ => None,
        };
        place.ok_or_else(|| ProviderError::BadRequest {
            cause: "this cursor was not made by LanceDB".to_owned(),
            mend: "Start again from the first page.".to_owned(),
        })
    }

    fn cursor(self) -> Cursor {
        Cursor(format!("{}-{:x}-{}", self.version, self.born, self.offset))
    }
}

/// The rows of a page, as they came.
#[derive(Default)]
pub(super) struct Rows {
    batches: Vec<RecordBatch>,
    /// `None` where there is nothing to read.
    table: Option<Arc<Table>>,
    with_vectors: bool,
    next: Option<Cursor>,
}

impl Rows {
    fn last(batches: Vec<RecordBatch>, table: Arc<Table>, request: &PageRequest) -> Self {
        Self { batches, table: Some(table), with_vectors: request.with_vectors, next: None }
    }

    /// The records in them.
    ///
    /// # Errors
    /// `BadAnswer` for what cannot be read.
    pub(super) fn page(self, home: &Home) -> Result<Page> {
        let mut found: Vec<Record> = Vec::with_capacity(self.batches.iter().map(RecordBatch::num_rows).sum());
        if let Some(table) = self.table {
            for batch in self.batches {
                found.extend(records(home, &batch, &table.layout, self.with_vectors)?);
            }
        }
        Ok(Page { records: found, next: self.next })
    }
}

impl Answer for Rows {
    type Rest = ();

    fn next(&self) -> Option<&Cursor> {
        self.next.as_ref()
    }

    fn rest(&mut self) {}
}

/// What a reader reads.
#[derive(Debug, Clone, PartialEq, Eq)]
struct What {
    collection: String,
    filter: Option<String>,
    with_vectors: bool,
}

/// Rows under way.
struct Reader {
    what: What,
    place: Place,
    table: Arc<Table>,
    rows: SendableRecordBatchStream,
    /// Rows that the stream was asked for and has not given yet.
    due: usize,
    batches: VecDeque<RecordBatch>,
}

/// Readers that wait for the next page.
#[derive(Default)]
pub(super) struct Readers(Mutex<VecDeque<Reader>>);

impl Readers {
    fn take(&self, what: &What, place: Place) -> Option<Reader> {
        let mut readers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = readers.iter().position(|reader| reader.what == *what && reader.place == place)?;
        readers.remove(at)
    }

    fn keep(&self, reader: Reader) {
        let mut readers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        readers.push_back(reader);
        if readers.len() > WAITING {
            readers.pop_front();
        }
    }
}

impl Database {
    /// The rows of a page in the order of the table.
    pub(super) async fn read(&self, readers: &Readers, name: &str, request: &PageRequest) -> Result<Rows> {
        let limit = request.limit.clamp(1, LARGEST_PAGE);
        let what = What {
            collection: name.to_owned(),
            filter: request.filter.as_ref().map(ToString::to_string),
            with_vectors: request.with_vectors,
        };
        let start = request.cursor.as_ref().map(Place::read).transpose()?;
        let mut reader = match start.and_then(|place| readers.take(&what, place)) {
            Some(reader) => reader,
            None => match self.reader(what, request, start, limit + 1).await? {
                Some(reader) => reader,
                None => return Ok(Rows::default()),
            },
        };
        let (mut found, mut count) = (Vec::new(), 0);
        loop {
            while let Some(some) = reader.some(limit - count) {
                count += some.num_rows();
                found.push(some);
            }
            if count == limit && !reader.batches.is_empty() {
                let (next, table) = (Some(reader.place.cursor()), Some(Arc::clone(&reader.table)));
                if start.is_some() {
                    readers.keep(reader);
                }
                return Ok(Rows { batches: found, table, with_vectors: request.with_vectors, next });
            }
            match reader.rows.try_next().await.explain(&self.home, name)? {
                Some(batch) => {
                    reader.due = reader.due.saturating_sub(batch.num_rows());
                    if batch.num_rows() > 0 {
                        reader.batches.push_back(batch);
                    }
                }
                // all that was asked for has come, so there may be more
                None if reader.due == 0 => {
                    let (what, place) = (reader.what.clone(), Some(reader.place));
                    let room = limit + 1 - count;
                    let table = Arc::clone(&reader.table);
                    match self.rows(what, request, Arc::clone(&table), place, room).await? {
                        Some(next) => reader = next,
                        None => return Ok(Rows::last(found, table, request)),
                    }
                }
                None => return Ok(Rows::last(found, reader.table, request)),
            }
        }
    }

    /// Opens the table of a page and reads from its beginning; `None` if nothing is selected.
    async fn reader(
        &self,
        what: What,
        request: &PageRequest,
        start: Option<Place>,
        least: usize,
    ) -> Result<Option<Reader>> {
        let name = what.collection.clone();
        let table = match start {
            None => self.table(&name).await?,
            Some(place) => {
                let table = self.table_at(&name, Some(place.version)).await?;
                if table.born != place.born {
                    return Err(ProviderError::BadRequest {
                        cause: format!("the collection {name:?} was made again since the page before"),
                        mend: "Start again from the first page.".to_owned(),
                    });
                }
                table
            }
        };
        self.rows(what, request, Arc::new(table), start, least).await
    }

    async fn rows(
        &self,
        what: What,
        request: &PageRequest,
        table: Arc<Table>,
        start: Option<Place>,
        least: usize,
    ) -> Result<Option<Reader>> {
        let place = start.unwrap_or(Place { version: table.version, born: table.born, offset: 0 });
        let Ok(condition) = plan(request.filter.as_ref(), &table.layout)?.condition() else { return Ok(None) };
        let ahead = AHEAD / table.layout.record_size(request.with_vectors);
        let due = if start.is_some() { least.max(ahead) } else { least };
        let mut query = projected(table.handle.query(), &table.layout, request.with_vectors);
        if let Some(condition) = condition {
            query = query.only_if_expr(condition);
        }
        let rows = query.offset(place.offset).limit(due).execute().await.explain(&self.home, &what.collection)?;
        Ok(Some(Reader { what, place, table, rows, due, batches: VecDeque::new() }))
    }
}

impl Reader {
    /// Up to that many rows of what has come; counts them as read.
    fn some(&mut self, most: usize) -> Option<RecordBatch> {
        if most == 0 {
            return None;
        }
        let batch = self.batches.pop_front()?;
        let taken = batch.num_rows().min(most);
        if taken < batch.num_rows() {
            self.batches.push_front(batch.slice(taken, batch.num_rows() - taken));
        }
        self.place.offset += taken;
        Some(batch.slice(0, taken))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_cursor_is_read_back_and_no_other_is() {
        let place = Place { version: 7, born: 0x1234_5678_9abc_def0_1234, offset: 5_000 };
        assert_eq!(Place::read(&place.cursor()).unwrap(), place);
        for text in ["", "7", "7-a", "7-a-1-2", "x-a-1", "7-g-1", "\u{1}no cursor", "99999999999999999999999-a-1"] {
            assert!(matches!(Place::read(&Cursor(text.to_owned())), Err(ProviderError::BadRequest { .. })), "{text}");
        }
    }
}
