//! What is read: lists, counts, pages, records.

use std::collections::{BTreeMap, HashMap};

use futures::{StreamExt, TryStreamExt, stream};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::index::{DEFAULT, Index};
use super::translation::Stored;
use super::{Pinecone, Place, missing, translation, unsupported};
use crate::provider::model::{CollectionInfo, CollectionSummary, Count, Cursor, Page, PageRequest, Record, RecordId};
use crate::provider::transport::Entries;
use crate::provider::{ProviderError, Result};

/// How many questions are asked at the same time.
const PARALLEL: usize = 8;
/// Most ids in one answer of the list.
const LISTED: usize = 100;
/// Most ids, and most bytes of ids, in one question for records: they stand in the address.
const FETCHED: usize = 100;
const FETCHED_BYTES: usize = 4_000;
/// What a cursor of ours begins with; the rest is Pinecone's token.
const CURSOR: &str = "pinecone:";

/// Records as both ways of reading them give them.
#[derive(Deserialize)]
struct Fetched {
    vectors: Option<Entries<Stored>>,
    pagination: Option<Value>,
}

impl Fetched {
    fn entries(&mut self) -> impl Iterator<Item = (String, Stored)> + use<> {
        self.vectors.take().map(|vectors| vectors.0).unwrap_or_default().into_iter()
    }
}

impl Pinecone {
    /// All indexes and their namespaces, with counts.
    pub(super) async fn list(&self) -> Result<Vec<CollectionSummary>> {
        let summaries = self.indexes().await?.into_iter().map(|index| async move {
            let name = index.name.clone();
            let namespaces = match self.place(index.clone(), DEFAULT, &name) {
                Ok(place) => place.namespaces().await.ok(),
                Err(_) => None,
            };
            summaries(&index, namespaces)
        });
        let all: Vec<Vec<CollectionSummary>> =
            stream::iter(summaries.collect::<Vec<_>>()).buffered(PARALLEL).collect().await;
        let mut all = all.concat();
        all.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(all)
    }

    /// All that can be told about one collection.
    pub(super) async fn info(&self, name: &str) -> Result<CollectionInfo> {
        let (index, namespace) = name.split_once('/').unwrap_or((name, DEFAULT));
        let index = self.index(index).await?.ok_or_else(|| missing(name))?;
        let namespaces = match self.place(index.clone(), DEFAULT, name) {
            Ok(place) => Some(place.namespaces().await?),
            // It is still being made, which its state tells.
            Err(ProviderError::BadRequest { .. }) => None,
            Err(error) => return Err(error),
        };
        let mut details = index.raw.clone();
        let mut count = None;
        if let Some(namespaces) = &namespaces {
            let found = namespaces.get(namespace).copied();
            if found.is_none() && namespace != DEFAULT {
                return Err(missing(name));
            }
            count = Some(about(found.unwrap_or_default()));
            details["namespaces"] = json!(namespaces);
        }
        let summary = CollectionSummary { name: name.to_owned(), count, vectors: index.vectors() };
        Ok(CollectionInfo { summary, state: index.state(), fields: Vec::new(), details })
    }
}

/// The collections that an index is.
fn summaries(index: &Index, namespaces: Option<BTreeMap<String, u64>>) -> Vec<CollectionSummary> {
    let one = |name: String, count| CollectionSummary { name, count, vectors: index.vectors() };
    let Some(mut namespaces) = namespaces else { return vec![one(index.name.clone(), None)] };
    let unnamed = namespaces.remove(DEFAULT).unwrap_or_default();
    let mut all = vec![one(index.name.clone(), Some(about(unnamed)))];
    all.extend(namespaces.into_iter().map(|(name, count)| one(format!("{}/{name}", index.name), Some(about(count)))));
    all
}

/// Pinecone's counts follow its writes after a while.
fn about(value: u64) -> Count {
    Count { value, exact: false }
}

impl Place {
    /// The namespaces of the index with their counts.
    pub(super) async fn namespaces(&self) -> Result<BTreeMap<String, u64>> {
        let stats = self.data.post("statistics", &["describe_index_stats"], &json!({})).await?.value()?;
        let none = Map::new();
        let list = stats.get("namespaces").and_then(Value::as_object).unwrap_or(&none);
        let mut found = BTreeMap::new();
        for (name, summary) in list {
            let count = summary.get("vectorCount").and_then(Value::as_u64);
            let count = count.ok_or_else(|| self.data.bad_answer(format!("no count of the namespace {name:?}")))?;
            // Both are the namespace without a name.
            let name = if name.is_empty() { DEFAULT } else { name.as_str() };
            *found.entry(name.to_owned()).or_default() += count;
        }
        Ok(found)
    }

    pub(super) async fn count(&self) -> Result<Count> {
        Ok(about(self.namespaces().await?.get(&self.namespace).copied().unwrap_or_default()))
    }

    /// One page: ids from the list and their records, or records by metadata where there is a filter.
    pub(super) async fn page(&self, request: &PageRequest, selection: Option<Value>) -> Result<Page> {
        if request.limit == 0 {
            return Err(ProviderError::BadRequest {
                cause: "a page of 0 records was asked for".to_owned(),
                mend: "Ask for at least one.".to_owned(),
            });
        }
        if self.index.pods {
            return Err(unsupported("an index on pods lists no ids; records can be read by id and searched"));
        }
        let mut token = request.cursor.as_ref().map(position).transpose()?;
        let mut records = Vec::new();
        loop {
            let limit = (request.limit - records.len()).min(LISTED);
            let (found, next) = match &selection {
                None => self.listed(limit, token.as_deref(), request.with_vectors).await?,
                Some(selection) => self.selected(limit, token.as_deref(), selection, request.with_vectors).await?,
            };
            records.extend(found);
            // The same token again would be asked for ever.
            if next.is_some() && next == token {
                return Err(self.data.bad_answer("a list that does not go on"));
            }
            token = next;
            if token.is_none() || records.len() >= request.limit {
                return Ok(Page { records, next: token.map(|token| Cursor(format!("{CURSOR}{token}"))) });
            }
        }
    }

    async fn listed(&self, limit: usize, token: Option<&str>, vectors: bool) -> Result<(Vec<Record>, Option<String>)> {
        let limit = limit.to_string();
        let mut query = vec![("namespace", self.namespace.as_str()), ("limit", &limit)];
        query.extend(token.map(|token| ("paginationToken", token)));
        let answer = self.data.get("page", &["vectors", "list"], &query).await?.value()?;
        let list = answer.get("vectors").and_then(Value::as_array);
        let ids: Option<Vec<&str>> =
            list.into_iter().flatten().map(|item| item.get("id").and_then(Value::as_str)).collect();
        let ids = ids.ok_or_else(|| self.data.bad_answer("a list of ids that are none"))?;
        Ok((self.fetch(&ids, vectors).await?, next(&answer)))
    }

    async fn selected(
        &self,
        limit: usize,
        token: Option<&str>,
        selection: &Value,
        vectors: bool,
    ) -> Result<(Vec<Record>, Option<String>)> {
        let mut body = json!({ "namespace": self.namespace, "filter": selection, "limit": limit });
        if let Some(token) = token {
            body["paginationToken"] = token.into();
        }
        let mut answer: Fetched = self.data.post("page", &["vectors", "fetch_by_metadata"], &body).await?.read()?;
        let records = answer.entries().map(|(_, raw)| self.record(raw, vectors)).collect::<Result<_>>()?;
        Ok((records, answer.pagination.as_ref().and_then(token_of)))
    }

    pub(super) fn record(&self, raw: Stored, vectors: bool) -> Result<Record> {
        translation::record(raw, self.index.sparse, vectors).map_err(|cause| self.data.bad_answer(cause))
    }

    /// The records with these ids, in that order; missing ones are left out.
    pub(super) async fn fetch(&self, ids: &[&str], vectors: bool) -> Result<Vec<Record>> {
        let questions: Vec<_> = chunks(ids).into_iter().map(|ids| self.fetch_some(ids)).collect();
        let answers: Vec<Fetched> = stream::iter(questions).buffered(PARALLEL).try_collect().await?;
        let mut found = HashMap::new();
        for (id, raw) in answers.into_iter().flat_map(|mut answer| answer.entries()) {
            found.insert(id, self.record(raw, vectors)?);
        }
        Ok(ids.iter().filter_map(|id| found.remove(*id)).collect())
    }

    async fn fetch_some(&self, ids: &[&str]) -> Result<Fetched> {
        let mut query: Vec<(&str, &str)> = ids.iter().map(|id| ("ids", *id)).collect();
        query.push(("namespace", &self.namespace));
        self.data.get("records", &["vectors", "fetch"], &query).await?.read()
    }
}

/// The token of the next page.
fn next(answer: &Value) -> Option<String> {
    token_of(answer.get("pagination")?)
}

fn token_of(pagination: &Value) -> Option<String> {
    let token = pagination.get("next")?.as_str()?;
    (!token.is_empty()).then(|| token.to_owned())
}

fn position(cursor: &Cursor) -> Result<String> {
    cursor.0.strip_prefix(CURSOR).filter(|token| !token.is_empty()).map(str::to_owned).ok_or_else(|| {
        ProviderError::BadRequest {
            cause: "this cursor was not made by a Pinecone connection".to_owned(),
            mend: "Start again from the first page.".to_owned(),
        }
    })
}

/// Pieces that fit into an address.
fn chunks<'a, 'b>(ids: &'a [&'b str]) -> Vec<&'a [&'b str]> {
    let mut pieces = Vec::new();
    let (mut start, mut bytes) = (0, 0);
    for (at, id) in ids.iter().enumerate() {
        // each byte may take three
        let size = id.len() * 3 + 5;
        if at > start && (at - start >= FETCHED || bytes + size > FETCHED_BYTES) {
            pieces.push(&ids[start..at]);
            (start, bytes) = (at, 0);
        }
        bytes += size;
    }
    if start < ids.len() {
        pieces.push(&ids[start..]);
    }
    pieces
}

/// The ids that can exist in Pinecone.
pub(super) fn texts(ids: &[RecordId]) -> Vec<&str> {
    ids.iter()
        .filter_map(|id| match id {
            RecordId::Text(text) if translation::is_id(text) => Some(text.as_str()),
            RecordId::Text(_) | RecordId::Integer(_) | RecordId::Uuid(_) => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use super::*;

    #[test]
    fn ids_are_cut_into_pieces_that_fit_an_address() {
        let long = "x".repeat(512);
        let ids: Vec<&str> = std::iter::repeat_n(long.as_str(), 5).chain(std::iter::repeat_n("a", 300)).collect();
        let pieces = chunks(&ids);
        assert!(pieces.iter().all(|piece| piece.len() <= FETCHED));
        assert!(pieces.iter().all(|piece| piece.iter().map(|id| id.len() * 3 + 5).sum::<usize>() <= FETCHED_BYTES));
        assert_eq!(pieces.concat(), ids);
        assert!(chunks(&[]).is_empty());
    }

    #[test]
    fn a_foreign_cursor_is_refused() {
        assert_eq!(position(&Cursor("pinecone:abc".to_owned())).unwrap(), "abc");
        assert!(position(&Cursor("abc".to_owned())).is_err() && position(&Cursor("pinecone:".to_owned())).is_err());
    }
}
