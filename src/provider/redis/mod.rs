//! Redis with its search engine: indexes of RediSearch are collections, their documents are records.
//!
//! [`connection`] asks, [`reply`] reads RESP, [`index`] is what `FT.INFO` tells, [`query`] makes the
//! questions, [`documents`] turns documents into records and back, [`filter`] translates our filter
//! language, [`writes`] changes things. Nothing is cached: each question first asks for the index, so that
//! one that was dropped or made again is noticed.
//!
//! Vector sets of Redis 8 are not read.

mod bounded;
mod connection;
mod documents;
mod filter;
mod index;
mod json_path;
mod maker;
mod query;
mod reply;
mod writes;

use std::collections::HashMap;

use async_trait::async_trait;
use futures::{StreamExt, TryStreamExt, stream};
use redis::{Cmd, Value};

use super::filter::Filter;
use super::model::{
    CollectionInfo, CollectionSpec, CollectionSummary, Count, Cursor, Hit, Metric, Page, PageRequest, Record, RecordId,
    Score, SearchQuery, SearchRequest, Vector,
};
use super::{Capabilities, ConnectSpec, Provider, ProviderError, Result, ServerInfo};
use connection::Connection;
use index::{Index, VectorField};
pub use maker::MAKER;
use query::{Nearest, Row};

/// The maker's name in errors.
const PRODUCT: &str = "Redis";
/// How many indexes are asked at the same time while they are listed.
const PARALLEL: usize = 8;
/// Documents in one go.
const STEP: usize = 1_000;
/// What our cursors begin with.
const CURSOR: &str = "after:";

/// An open Redis.
pub struct Redis {
    connection: Connection,
    version: String,
    capabilities: Capabilities,
}

impl Redis {
    /// Connects: dials, lets the server check user and password, and asks for the search engine.
    ///
    /// # Errors
    /// Every cause that a connect can have; none of them contains the password.
    pub async fn connect(spec: &ConnectSpec) -> Result<Self> {
        let connection = Connection::open(spec).await?;
        // Asks for a right to read, too: an unknown password shows here if nobody asked for it before.
        connection.ask_first(&redis::cmd("FT._LIST")).await?;
        let version = match connection.ask(&redis::cmd("HELLO")).await {
            Ok(hello) => reply::field(&hello, "version").and_then(reply::text).unwrap_or("0").to_owned(),
            // Not everybody may ask.
            Err(ProviderError::Server { .. } | ProviderError::Unauthorized { .. }) => "0 (not told)".to_owned(),
            Err(error) => return Err(error),
        };
        Ok(Self { connection, version, capabilities: maker::CAPABILITIES })
    }

    /// The index of that name.
    async fn resolve(&self, collection: &str) -> Result<Index> {
        let mut command = redis::cmd("FT.INFO");
        command.arg(collection);
        let info = self.ask(collection, &command).await?;
        Index::read(&info).map_err(|cause| self.connection.bad_answer(cause))
    }

    /// Asks about an index that may be gone.
    async fn ask(&self, collection: &str, command: &Cmd) -> Result<Value> {
        self.connection.ask(command).await.map_err(|error| match error {
            ProviderError::Server { cause, .. } if is_missing(&cause) => {
                ProviderError::NoSuchCollection { collection: collection.to_owned() }
            }
            error => error,
        })
    }

    async fn count_all(&self, collection: &str) -> Result<u64> {
        let answer = self.ask(collection, &query::count_all(collection, self.limit())).await?;
        query::read_total(&answer).ok_or_else(|| self.connection.bad_answer("a search without a total"))
    }

    fn limit(&self) -> u64 {
        self.connection.query_limit()
    }

    async fn rows(&self, collection: &str, command: &Cmd) -> Result<Vec<Row>> {
        let answer = self.ask(collection, command).await?;
        query::read_rows(&answer).ok_or_else(|| self.connection.bad_answer("documents without a key"))
    }

    /// The records behind these keys, in their order; documents that are gone meanwhile are left out.
    async fn read(&self, index: &Index, keys: &[Vec<u8>], with_vectors: bool) -> Result<Vec<Option<Record>>> {
        let mut records = Vec::with_capacity(keys.len());
        for keys in keys.chunks(STEP) {
            let questions = keys.iter().map(|key| documents::question(index, key)).collect();
            for (key, document) in keys.iter().zip(self.connection.ask_all(questions).await?) {
                let record = documents::record(index, key, &document, with_vectors);
                records.push(record.map_err(|cause| self.connection.bad_answer(cause))?);
            }
        }
        Ok(records)
    }

    /// Those of the keys that are documents of the index, in their order.
    async fn members(&self, index: &Index, keys: &[String]) -> Result<Vec<Vec<u8>>> {
        let mut found = Vec::new();
        for keys in keys.chunks(STEP) {
            let answer = self.ask(&index.name, &query::members(&index.name, keys, self.limit())).await?;
            let members = query::read_members(&answer);
            let members = members.ok_or_else(|| self.connection.bad_answer("a list of keys that is none"))?;
            found.extend(keys.iter().map(String::as_bytes).filter(|key| members.contains(*key)).map(<[u8]>::to_vec));
        }
        Ok(found)
    }

    async fn get_records(&self, index: &Index, ids: &[RecordId], with_vectors: bool) -> Result<Vec<Record>> {
        let keys: Vec<String> = ids.iter().filter_map(|id| index.key(id)).collect();
        let keys = self.members(index, &keys).await?;
        let records = self.read(index, &keys, with_vectors).await?.into_iter().flatten();
        let found: HashMap<RecordId, Record> = records.map(|record| (record.id.clone(), record)).collect();
        Ok(ids.iter().filter_map(|id| found.get(id).cloned()).collect())
    }

    /// The rows of a page and one more, behind the key `last`.
    async fn page_rows(
        &self,
        index: &Index,
        selection: &filter::Selection,
        last: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Row>> {
        // The page, the record before it, and one to know whether another page follows.
        let mut most = limit.saturating_add(2);
        loop {
            let command = query::page(&index.name, selection, last, most, self.limit());
            let mut rows = self.rows(&index.name, &command).await?;
            let all = rows.len() < most;
            if rows.iter().any(|row| row.key.contains(&0)) {
                return Err(unsupported("its order of keys ends at a NUL, and a key of this index has one"));
            }
            rows.retain(|row| last.is_none_or(|last| row.key.as_slice() > last.as_bytes()));
            if all || rows.len() > limit {
                return Ok(rows);
            }
            // Many keys share the part of `last` that can be compared.
            most = most.saturating_mul(4);
        }
    }

    /// The vector to search with, and the record that must not be among the hits.
    async fn query_vector(
        &self,
        index: &Index,
        field: &VectorField,
        query: &SearchQuery,
    ) -> Result<(Vec<f32>, Option<RecordId>)> {
        match query {
            SearchQuery::Vector(Vector::Dense(values)) => Ok((values.clone(), None)),
            SearchQuery::Vector(_) => Err(unsupported("it searches with one dense vector")),
            SearchQuery::Text(_) => Err(ProviderError::not_by_text(PRODUCT)),
            SearchQuery::Like(like) => {
                let found = self.get_records(index, std::slice::from_ref(like), true).await?;
                let record = found.first().ok_or_else(|| ProviderError::NoSuchRecord {
                    collection: index.name.clone(),
                    id: like.to_string(),
                })?;
                Ok((documents::vector_of(record, field, like)?, Some(like.clone())))
            }
        }
    }

    /// The nearest documents that are selected. The vector index knows nothing of the selection: it is
    /// asked for more candidates until enough are selected, or there are no more.
    async fn nearest(
        &self,
        index: &Index,
        field: &VectorField,
        vector: &[f32],
        selection: &filter::Selection,
        request: &SearchRequest,
        most: usize,
    ) -> Result<Vec<Row>> {
        let encoding = field.encoding.ok_or_else(|| {
            unsupported(format!("the kind of numbers of the vector {:?} is not known here", field.attribute))
        })?;
        let all = usize::try_from(self.count_all(&index.name).await?).unwrap_or(usize::MAX);
        let mut candidates = most;
        if selection.condition.is_some() {
            candidates = most.saturating_mul(10).max(STEP);
        }
        loop {
            candidates = candidates.min(all.max(1));
            let asked = Nearest { field, blob: encoding.write(vector), candidates, most, exact: request.exact };
            let rows = self.rows(&index.name, &query::search(&index.name, &asked, selection, self.limit())).await?;
            if rows.len() >= most || candidates >= all || selection.condition.is_none() {
                return Ok(rows);
            }
            candidates = candidates.saturating_mul(10);
        }
    }
}

#[async_trait]
impl Provider for Redis {
    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    async fn ping(&self) -> Result<ServerInfo> {
        self.connection.ask(&redis::cmd("PING")).await?;
        Ok(ServerInfo { product: "redis".to_owned(), version: self.version.clone() })
    }

    async fn collections(&self) -> Result<Vec<CollectionSummary>> {
        let list = self.connection.ask(&redis::cmd("FT._LIST")).await?;
        let mut names =
            index::names(&list).ok_or_else(|| self.connection.bad_answer("a list of indexes that is none"))?;
        names.sort();
        let each = names.iter().map(|name| async move {
            match self.resolve(name).await {
                Ok(index) => Ok(Some(index.summary(self.count_all(name).await.ok()))),
                // Dropped meanwhile.
                Err(ProviderError::NoSuchCollection { .. }) => Ok(None),
                Err(error) => Err(error),
            }
        });
        let summaries = stream::iter(each.collect::<Vec<_>>()).buffered(PARALLEL).try_collect::<Vec<_>>();
        Ok(summaries.await?.into_iter().flatten().collect())
    }

    async fn describe(&self, collection: &str) -> Result<CollectionInfo> {
        let index = self.resolve(collection).await?;
        let count = self.count_all(collection).await?;
        Ok(index.info(count))
    }

    async fn count(&self, collection: &str, filter: Option<&Filter>) -> Result<Count> {
        let index = self.resolve(collection).await?;
        let value = match filter {
            None => self.count_all(&index.name).await?,
            Some(_) => {
                let selection = filter::translate(&index, filter)?;
                let answer = self.ask(collection, &query::count(&index.name, &selection, self.limit())).await?;
                query::read_count(&answer).ok_or_else(|| self.connection.bad_answer("a count without a number"))?
            }
        };
        Ok(Count { value, exact: true })
    }

    async fn page(&self, collection: &str, request: &PageRequest) -> Result<Page> {
        let last = request.cursor.as_ref().map(behind).transpose()?;
        if request.limit == 0 {
            return Err(ProviderError::BadRequest {
                cause: "a page of 0 records was asked for".to_owned(),
                mend: "Ask for at least one.".to_owned(),
            });
        }
        let index = self.resolve(collection).await?;
        let selection = filter::translate(&index, request.filter.as_ref())?;
        let mut rows = self.page_rows(&index, &selection, last, request.limit).await?;
        let more = rows.len() > request.limit;
        rows.truncate(request.limit);
        let keys: Vec<Vec<u8>> = rows.into_iter().map(|row| row.key).collect();
        let last = keys.last().filter(|_| more).map(|key| cursor(key)).transpose();
        let next = last.map_err(|cause| self.connection.bad_answer(cause))?;
        let records = self.read(&index, &keys, request.with_vectors).await?;
        Ok(Page { records: records.into_iter().flatten().collect(), next })
    }

    async fn get(&self, collection: &str, ids: &[RecordId], with_vectors: bool) -> Result<Vec<Record>> {
        let index = self.resolve(collection).await?;
        self.get_records(&index, ids, with_vectors).await
    }

    async fn search(&self, collection: &str, request: &SearchRequest) -> Result<Vec<Hit>> {
        let index = self.resolve(collection).await?;
        let selection = filter::translate(&index, request.filter.as_ref())?;
        let bad = |cause: String, mend: &str| ProviderError::BadRequest { cause, mend: mend.to_owned() };
        let field = index.vector(request.using.as_deref()).ok_or_else(|| {
            let names: Vec<&str> = index.vectors.iter().map(|field| field.attribute.as_str()).collect();
            bad(format!("there is no such vector in {collection:?}"), &format!("It has: {}.", names.join(", ")))
        })?;
        let metric = field.metric.ok_or_else(|| {
            self.connection.bad_answer(format!("the vector {:?} has no metric that is known here", field.attribute))
        })?;
        let (vector, like) = self.query_vector(&index, field, &request.query).await?;
        documents::check(field, &vector).map_err(|cause| bad(cause, "Search with a vector of that kind."))?;
        if request.top == 0 {
            return Ok(Vec::new());
        }
        let most = request.top.saturating_add(usize::from(like.is_some()));
        let rows = self.nearest(&index, field, &vector, &selection, request, most).await?;
        let keys: Vec<Vec<u8>> = rows.iter().map(|row| row.key.clone()).collect();
        let records = self.read(&index, &keys, request.with_vectors).await?;
        let hits = records.into_iter().zip(rows).filter_map(|(record, row)| {
            let score = Score::new(score(metric, row.distance.unwrap_or(f32::NAN)), metric);
            record.filter(|record| Some(&record.id) != like.as_ref()).map(|record| Hit { record, score })
        });
        Ok(hits.take(request.top).collect())
    }

    async fn native_filter(&self, collection: &str, filter: &Filter) -> Result<String> {
        let index = self.resolve(collection).await?;
        Ok(format!("FT.AGGREGATE {collection:?} *\n{}", filter::translate(&index, Some(filter))?.shown()))
    }

    async fn create_collection(&self, spec: &CollectionSpec) -> Result<()> {
        self.create(spec).await
    }

    async fn upsert(&self, collection: &str, records: Vec<Record>) -> Result<()> {
        self.write(collection, records).await
    }

    async fn delete(&self, collection: &str, ids: &[RecordId]) -> Result<()> {
        self.remove(collection, ids).await
    }

    async fn drop_collection(&self, collection: &str) -> Result<()> {
        let index = self.resolve(collection).await?;
        let mut command = redis::cmd("FT.DROPINDEX");
        command.arg(&index.name).arg("DD");
        self.ask(collection, &command).await.map(drop)
    }
}

/// What a distance of Redis is in our words: L2 is squared, IP and COSINE are told as 1 minus them.
fn score(metric: Metric, distance: f32) -> f32 {
    match metric {
        Metric::Euclidean | Metric::Manhattan => distance.max(0.0).sqrt(),
        Metric::Dot | Metric::Cosine => 1.0 - distance,
    }
}

/// The key behind which a page begins.
fn behind(cursor: &Cursor) -> Result<&str> {
    cursor.0.strip_prefix(CURSOR).ok_or_else(|| ProviderError::BadRequest {
        cause: "this cursor was not made by a Redis connection".to_owned(),
        mend: "Start again from the first page.".to_owned(),
    })
}

fn cursor(key: &[u8]) -> std::result::Result<Cursor, String> {
    let key = std::str::from_utf8(key).map_err(|_| "a key that is no UTF-8 text".to_owned())?;
    Ok(Cursor(format!("{CURSOR}{key}")))
}

/// Whether these words say that there is no such index, as versions 1.x to 8.x say it.
fn is_missing(said: &str) -> bool {
    let said = said.to_ascii_lowercase();
    ["no such index", "unknown index name", "index not found", "index_not_found"]
        .iter()
        .any(|words| said.contains(words))
}

fn unsupported(reason: impl Into<String>) -> ProviderError {
    ProviderError::Unsupported { product: PRODUCT, reason: reason.into() }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn distances_become_scores() {
        assert_eq!(score(Metric::Euclidean, 25.0), 5.0);
        assert_eq!(score(Metric::Dot, -9.0), 10.0);
        assert_eq!(score(Metric::Cosine, 0.25), 0.75);
        // A rounding error below zero is a distance of zero, and NaN stays what it is.
        assert_eq!(score(Metric::Euclidean, -1e-9), 0.0);
        assert!(score(Metric::Cosine, f32::NAN).is_nan());
    }

    #[test]
    fn a_cursor_reads_back_with_any_key() {
        for key in ["", "a", "after:b", "a\nb", "ü💥"] {
            assert_eq!(behind(&cursor(key.as_bytes()).unwrap()).unwrap(), key);
        }
        assert!(behind(&Cursor("17".to_owned())).unwrap_err().to_string().contains("cursor"));
    }

    #[test]
    fn a_missing_index_is_known_by_its_words() {
        for said in [
            "Unknown index name",
            "nope: no such index",
            "Unknown Index name",
            "SEARCH_INDEX_NOT_FOUND Index not found: nope",
        ] {
            assert!(is_missing(said), "{said}");
        }
        assert!(!is_missing("Index already exists"));
    }
}
