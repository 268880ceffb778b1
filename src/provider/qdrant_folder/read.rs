//! Questions to all shards of a collection, and their answers put together. Blocking.
//!
//! Shards share the records by id, so that each is in one of them. Where shard keys put one id into
//! several, the first shard's record is the one that is shown.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use serde_json::json;

use super::opened::{MIB, Opened, Storage};
use super::storage;
use crate::provider::ahead::Answer;
use crate::provider::filter::Filter;
use crate::provider::model::{
    CollectionInfo, CollectionState, CollectionSummary, Count, Cursor, Hit, Page, PageRequest, PayloadField, Record,
    RecordId, SearchQuery, SearchRequest,
};
use crate::provider::qdrant_edge::{read, translation};
use crate::provider::{ProviderError, Result};

/// Largest collection that is copied only to count its records for the list.
const COUNTED_UP_TO: u64 = 64 * MIB;

/// A line of the list: without a count where that would take a large copy.
pub(super) fn summary(storage: &Storage, name: &str) -> Option<CollectionSummary> {
    let stored = storage.stored(name).ok()?;
    let value = if stored.size() <= COUNTED_UP_TO { count(storage, name, None) } else { Err(ProviderError::Busy) };
    if let Err(error) = &value {
        tracing::debug!(collection = name, %error, "not counted");
    }
    Some(CollectionSummary { name: stored.name.clone(), count: value.ok(), vectors: stored.vectors() })
}

/// All that is told about a collection.
pub(super) fn describe(storage: &Storage, name: &str) -> Result<CollectionInfo> {
    let opened = storage.collection(name)?;
    let stored = &opened.stored;
    let mut summary = CollectionSummary {
        name: stored.name.clone(),
        count: Some(counted(&opened, None)?),
        vectors: stored.vectors(),
    };
    let mut fields = Vec::new();
    for shard in opened.shards() {
        let info = read::describe(shard, name)?;
        summary.vectors = info.summary.vectors;
        for field in info.fields {
            match fields.iter_mut().find(|known: &&mut PayloadField| known.path == field.path) {
                Some(known) => known.indexed = known.indexed.zip(field.indexed).map(|(a, b)| a + b),
                None => fields.push(field),
            }
        }
    }
    let aliases: Vec<String> = storage::aliases(storage.root())
        .into_iter()
        .filter(|(_, collection)| *collection == stored.name)
        .map(|(alias, _)| alias)
        .collect();
    let details = json!({
        "directory": stored.dir.display().to_string(),
        "shards": stored.shards.iter().map(|(number, _)| *number).collect::<Vec<_>>(),
        "aliases": aliases,
        "copied_bytes": opened.copied,
        "from_the_log": opened.replayed.done,
        "refused_in_the_log": opened.replayed.refused,
        "only_in_the_log": opened.replayed.left,
        "config": stored.config,
    });
    Ok(CollectionInfo { summary, state: state(&opened), fields, details })
}

fn state(opened: &Opened) -> CollectionState {
    let (here, all) = (opened.stored.shards.len() as u64, opened.stored.shard_number());
    if here < all {
        return CollectionState::Degraded(format!("{here} of {all} shards are here, the others are on other machines"));
    }
    match &opened.replayed.why {
        None => CollectionState::Ready,
        Some(why) => CollectionState::Degraded(format!(
            "the last {} changes are only in the write-ahead log and not shown ({why}); start and stop Qdrant on the \
             folder",
            opened.replayed.left
        )),
    }
}

/// The number of records that the filter selects.
pub(super) fn count(storage: &Storage, name: &str, filter: Option<&Filter>) -> Result<Count> {
    counted(&*storage.collection(name)?, filter)
}

fn counted(opened: &Opened, filter: Option<&Filter>) -> Result<Count> {
    let mut value = 0;
    for shard in opened.shards() {
        value += read::count(shard, filter)?.value;
    }
    Ok(Count { value, exact: true })
}

/// Records that are read at a time for a reader who goes on: what takes less time than two changes of
/// threads is read together.
const AT_ONCE: usize = 2_000;
/// Most pages of them: who asks for small pages may have large records.
const PAGES: usize = 8;

/// Pages of one copy: the first is given, the others wait for who goes on at once.
pub(super) struct Read {
    pages: VecDeque<Page>,
    opened: Arc<Opened>,
}

impl Read {
    /// Whether the next page is there.
    pub(super) fn is_waiting(&self) -> bool {
        !self.pages.is_empty()
    }

    /// The copy that is read.
    pub(super) fn copy(self) -> Arc<Opened> {
        self.opened
    }

    /// The page that was asked for.
    pub(super) fn page(mut self) -> Page {
        self.pages.pop_front().unwrap_or_else(|| Page { records: Vec::new(), next: None })
    }
}

impl Answer for Read {
    type Rest = Self;

    fn next(&self) -> Option<&Cursor> {
        self.pages.front()?.next.as_ref()
    }

    fn rest(&mut self) -> Self {
        let others = self.pages.split_off(self.pages.len().min(1));
        Self { pages: others, opened: Arc::clone(&self.opened) }
    }
}

/// A page; for a reader who goes on, those behind it as well.
pub(super) fn pages(storage: &Storage, name: &str, request: &PageRequest, copy: Option<Arc<Opened>>) -> Result<Read> {
    let (opened, most) = match copy {
        Some(opened) => (opened, (AT_ONCE / request.limit.max(1)).clamp(1, PAGES)),
        None => (storage.collection(name)?, 1),
    };
    let (mut pages, mut request) = (VecDeque::new(), request.clone());
    while pages.len() < most {
        let page = page(&opened, &request)?;
        let next = page.next.clone();
        pages.push_back(page);
        if next.is_none() {
            break;
        }
        request.cursor = next;
    }
    Ok(Read { pages, opened })
}

/// A page in the order of ids: numbers first, then UUIDs. The cursor is the next page's first id.
fn page(opened: &Opened, request: &PageRequest) -> Result<Page> {
    // no shard gives more; a longer page would skip what the others have in between
    let limit = request.limit.clamp(1, read::LARGEST_PAGE);
    let (mut records, mut following): (Vec<Record>, Vec<RecordId>) = (Vec::new(), Vec::new());
    for shard in opened.shards() {
        let page = read::page(shard, request)?;
        records.extend(page.records);
        following.extend(page.next.map(|cursor| read::cursor_id(&cursor)).transpose()?);
    }
    // stable: of one id in several shards, the first shard's comes first
    records.sort_by(|a, b| a.id.cmp(&b.id));
    records.dedup_by(|later, first| later.id == first.id);
    if let Some(rest) = records.get(limit..) {
        following.extend(rest.iter().map(|record| record.id.clone()));
    }
    records.truncate(limit);
    let last = records.last().map(|record| &record.id);
    // what another shard has of a record that is on this page is not to come again
    let next = following.into_iter().filter(|id| last.is_none_or(|last| id > last)).min();
    Ok(Page { records, next: next.map(|id| Cursor(id.to_string())) })
}

/// The records with these ids, in that order; those that are not there are left out.
pub(super) fn get(storage: &Storage, name: &str, ids: &[RecordId], with_vectors: bool) -> Result<Vec<Record>> {
    found(&*storage.collection(name)?, ids, with_vectors)
}

fn found(opened: &Opened, ids: &[RecordId], with_vectors: bool) -> Result<Vec<Record>> {
    let mut by_id = HashMap::new();
    for shard in opened.shards() {
        for record in read::get(shard, ids, with_vectors)? {
            by_id.entry(record.id.clone()).or_insert(record);
        }
    }
    Ok(ids.iter().filter_map(|id| by_id.get(id).cloned()).collect())
}

/// The nearest records of all shards, best first.
pub(super) fn search(storage: &Storage, name: &str, request: &SearchRequest) -> Result<Vec<Hit>> {
    let opened = storage.collection(name)?;
    let (query, itself) = match &request.query {
        SearchQuery::Vector(_) => (request.query.clone(), None),
        SearchQuery::Text(_) => return Err(ProviderError::not_by_text("Qdrant")),
        SearchQuery::Like(id) => (like(&opened, name, id, request)?, Some(id)),
    };
    // one more, for the record itself
    let top = request.top + usize::from(itself.is_some());
    let request_of_each = SearchRequest { query, top, ..request.clone() };
    let mut hits = Vec::new();
    for shard in opened.shards() {
        hits.extend(read::search(shard, name, &request_of_each)?);
    }
    hits.retain(|hit| Some(&hit.record.id) != itself);
    hits.sort_by(|a, b| {
        let nearer = a.score.value.total_cmp(&b.score.value);
        let nearer = if a.score.measure.higher_is_better() { nearer.reverse() } else { nearer };
        nearer.then_with(|| a.record.id.cmp(&b.record.id))
    });
    let mut seen = HashSet::new();
    hits.retain(|hit| seen.insert(hit.record.id.clone()));
    hits.truncate(request.top);
    Ok(hits)
}

/// The stored vector of a record, whichever shard it is in.
fn like(opened: &Opened, name: &str, id: &RecordId, request: &SearchRequest) -> Result<SearchQuery> {
    let record = found(opened, std::slice::from_ref(id), true)?
        .pop()
        .ok_or_else(|| ProviderError::NoSuchRecord { collection: name.to_owned(), id: id.to_string() })?;
    let vectors = opened.stored.vectors();
    let field = translation::field(&vectors, request.using.as_deref())?;
    let vector = record.vectors.and_then(|vectors| vectors.get(&field.name).cloned());
    vector.map(SearchQuery::Vector).ok_or_else(|| {
        translation::bad(format!("record {id} has no vector {:?}", field.name), "Choose another record or vector.")
    })
}
