//! Questions to a folder: describe, count, page, get. Blocking; called by `mod`.

use serde_json::json;

use super::catalog::{self, Collection};
use super::folder::{Folder, Kept, View};
use super::queue;
use super::rows::{self, Row};
use super::vectors::{Placed, VectorSet};
use crate::provider::ahead::Answer;
use crate::provider::blocking::Stop;
use crate::provider::filter::Filter;
use crate::provider::model::{
    CollectionInfo, CollectionState, CollectionSummary, Count, Cursor, Page, PageRequest, Record, RecordId, Vectors,
};
use crate::provider::{ProviderError, Result};

/// Rows that are read before a writer gets its turn.
const BATCH: usize = 2_000;

/// Most records of one page.
const LARGEST_PAGE: usize = 10_000;

/// Lines of the list.
pub(super) fn collections(folder: &Folder) -> Result<Vec<CollectionSummary>> {
    let view = folder.view()?;
    view.collections()?.into_iter().map(|collection| summary(&view, &collection)).collect()
}

fn summary(view: &View<'_>, collection: &Collection) -> Result<CollectionSummary> {
    let value = view.asked(rows::count(&view.connection, collection))?;
    Ok(CollectionSummary {
        name: collection.name.clone(),
        count: Some(Count { value, exact: true }),
        vectors: vec![collection.vector()],
    })
}

/// All that the folder tells of a collection.
pub(super) fn describe(folder: &Folder, name: &str) -> Result<CollectionInfo> {
    let view = folder.view()?;
    let collection = view.collection(name)?;
    let summary = summary(&view, &collection)?;
    let done = view.asked(catalog::max_seq_id(&view.connection, &collection.records))?;
    let waiting = view.asked(queue::waiting(&view.connection, &collection, done.unwrap_or(0)))?;
    let vectors = view.vectors(&collection)?;
    let details = json!({
        "id": collection.id,
        "tenant": folder.scope().tenant,
        "database": folder.scope().database,
        "layout": { "sysdb": view.layout.versions[0], "metadb": view.layout.versions[1], "embeddings_queue": view.layout.versions[2] },
        "metadata": collection.metadata,
        "configuration_json": collection.configuration,
        "schema": collection.schema,
        "vectors": { "in the index": vectors.index.len(), "only in the queue": vectors.changes.len() },
    });
    let state = match waiting {
        0 => CollectionState::Ready,
        n => CollectionState::Busy(format!("{n} changes are in the queue that Chroma has not put into its tables yet")),
    };
    Ok(CollectionInfo { summary, state, fields: collection.fields(), details })
}

/// The exact number of records that the filter selects.
pub(super) fn count(folder: &Folder, name: &str, filter: Option<&Filter>, stop: &Stop) -> Result<Count> {
    let value = match filter {
        None => {
            let view = folder.view()?;
            let collection = view.collection(name)?;
            view.asked(rows::count(&view.connection, &collection))?
        }
        Some(filter) => {
            let mut count = 0;
            selected(folder, name, filter, stop, |_| count += 1)?;
            count
        }
    };
    Ok(Count { value, exact: true })
}

/// Gives every row that the filter selects, a batch at a time.
pub(super) fn selected(
    folder: &Folder,
    name: &str,
    filter: &Filter,
    stop: &Stop,
    mut use_it: impl FnMut(Row),
) -> Result<()> {
    let mut place = None;
    loop {
        let view = folder.view()?;
        let collection = view.collection(name)?;
        let behind = Place::at(place.as_ref(), &collection)?;
        let batch = view.asked(rows::behind(&view.connection, view.layout, &collection, behind, BATCH))?;
        let Some(last) = batch.last().map(|row| row.key) else { return Ok(()) };
        place = Some(Place { collection: collection.id, key: last });
        batch.into_iter().filter(|row| filter.selects(&row.record)).for_each(&mut use_it);
        stop.check()?;
    }
}

/// A place between records: behind that record of that collection.
#[derive(Debug, PartialEq, Eq)]
struct Place {
    collection: String,
    key: i64,
}

impl Place {
    fn read(cursor: &Cursor) -> Result<Self> {
        let parsed = cursor
            .0
            .rsplit_once('/')
            .and_then(|(collection, key)| Some(Self { collection: collection.to_owned(), key: key.parse().ok()? }));
        parsed.ok_or_else(|| ProviderError::BadRequest {
            cause: "this cursor was not made by a Chroma folder".to_owned(),
            mend: "Start again from the first page.".to_owned(),
        })
    }

    /// The key behind which to go on; a collection that was made again is another one.
    fn at(place: Option<&Self>, collection: &Collection) -> Result<i64> {
        match place {
            None => Ok(i64::MIN),
            Some(place) if place.collection == collection.id => Ok(place.key),
            Some(_) => Err(ProviderError::BadRequest {
                cause: format!("the collection {:?} was made again since the page before", collection.name),
                mend: "Start again from the first page.".to_owned(),
            }),
        }
    }
}

/// What is read of a page: all but the vectors that are in the files of the index.
pub(super) struct Rows {
    records: Vec<Record>,
    vectors: Option<Placed>,
    next: Option<Cursor>,
    kept: Option<Kept>,
}

impl Rows {
    fn of(rows: Vec<Row>, vectors: Option<&VectorSet<'_>>) -> Result<Self> {
        let records: Vec<Record> = rows.into_iter().map(|row| row.record).collect();
        let place = |vectors: &VectorSet<'_>| vectors.place(texts(records.iter().map(|record| &record.id)));
        let vectors = vectors.map(place).transpose()?;
        Ok(Self { records, vectors, next: None, kept: None })
    }

    /// The page, with the vectors. Blocking.
    pub(super) fn page(mut self) -> Result<Page> {
        if let Some(placed) = self.vectors {
            for (record, vector) in self.records.iter_mut().zip(placed.read()?) {
                record.vectors = Some(vector.map(Vectors::unnamed).unwrap_or_default());
            }
        }
        Ok(Page { records: self.records, next: self.next })
    }
}

impl Answer for Rows {
    type Rest = Option<Kept>;

    fn next(&self) -> Option<&Cursor> {
        self.next.as_ref()
    }

    fn rest(&mut self) -> Option<Kept> {
        self.kept.take()
    }
}

/// The rows of a page in the order in which the records were first written. `kept` is what the page before
/// has left to a reader who goes on.
pub(super) fn rows(
    folder: &Folder,
    name: &str,
    request: &PageRequest,
    mut kept: Option<Kept>,
    stop: &Stop,
) -> Result<Rows> {
    let limit = request.limit.clamp(1, LARGEST_PAGE);
    let mut place = request.cursor.as_ref().map(Place::read).transpose()?;
    let mut found: Vec<Row> = Vec::new();
    loop {
        let again = kept.take().map(|kept| folder.again(kept)).transpose()?.flatten();
        let (view, collection, known) = match again {
            Some(found) => found,
            None => {
                let view = folder.view()?;
                let collection = view.collection(name)?;
                (view, collection, None)
            }
        };
        let behind = Place::at(place.as_ref(), &collection)?;
        // one more than asked for tells whether there is a next page
        let batch = if request.filter.is_some() { BATCH } else { limit + 1 };
        let rows = view.asked(rows::behind(&view.connection, view.layout, &collection, behind, batch))?;
        let end = rows.len() < batch;
        if let Some(last) = rows.last() {
            place = Some(Place { collection: collection.id.clone(), key: last.key });
        }
        let filter = request.filter.as_ref();
        found.extend(rows.into_iter().filter(|row| filter.is_none_or(|filter| filter.selects(&row.record))));
        if end || found.len() > limit {
            let more = found.len() > limit;
            found.truncate(limit);
            let next = found.last().filter(|_| more).map(|row| Cursor(format!("{}/{}", collection.id, row.key)));
            let vectors = match known {
                _ if !request.with_vectors => None,
                Some(known) => Some(view.vectors_again(&collection, known)),
                None => Some(view.vectors(&collection)?),
            };
            let rows = Rows::of(found, vectors.as_ref())?;
            let known = vectors.map(|vectors| vectors.known());
            return Ok(Rows { next, kept: view.keep(collection, known), ..rows });
        }
        stop.check()?;
    }
}

/// The records with these ids, in that order; those that are not there are left out.
pub(super) fn get(folder: &Folder, name: &str, ids: &[RecordId], with_vectors: bool) -> Result<Vec<Record>> {
    let view = folder.view()?;
    let collection = view.collection(name)?;
    let found = view.asked(rows::by_ids(&view.connection, view.layout, &collection, texts(ids)))?;
    let vectors = with_vectors.then(|| view.vectors(&collection)).transpose()?;
    let rows = Rows::of(found, vectors.as_ref())?;
    drop(vectors);
    drop(view);
    rows.page().map(|page| page.records)
}

/// Ids of another kind are in no Chroma collection.
fn texts<'i>(ids: impl IntoIterator<Item = &'i RecordId>) -> impl Iterator<Item = &'i str> {
    ids.into_iter().filter_map(|id| match id {
        RecordId::Text(text) => Some(text.as_str()),
        RecordId::Integer(_) | RecordId::Uuid(_) => None,
    })
}
