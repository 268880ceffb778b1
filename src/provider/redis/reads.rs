//! Counting, paging, reading and searching an index.

use std::collections::{HashMap, VecDeque};

use redis::{Cmd, Value};

use super::index::{Index, VectorField};
use super::query::{self, Nearest, Row};
use super::{Database, PRODUCT, STEP, behind, cursor, documents, filter, score, unsupported};
use crate::provider::filter::Filter;
use crate::provider::like::query_vector;
use crate::provider::model::{Cursor, Hit, Page, PageRequest, Record, RecordId, Score, SearchRequest};
use crate::provider::{ProviderError, Result};

/// Keys that a reader who goes on is asked for at a time, if a page is not larger.
const LISTED: usize = 10_000;

/// Keys in their order behind those of a page.
#[derive(Default)]
pub(super) struct Keys {
    keys: VecDeque<Vec<u8>>,
    /// Whether none is behind them.
    end: bool,
}

/// The documents of a page, as they came.
pub(super) struct Documents {
    index: Index,
    keys: Vec<Vec<u8>>,
    documents: Vec<Value>,
    with_vectors: bool,
    pub(super) next: Option<Cursor>,
    pub(super) rest: Keys,
}

impl Documents {
    /// The records in them; documents that are gone meanwhile are left out.
    ///
    /// # Errors
    /// What cannot be read, as a clause.
    pub(super) fn page(self) -> std::result::Result<Page, String> {
        let mut records = Vec::with_capacity(self.keys.len());
        for (key, document) in self.keys.iter().zip(&self.documents) {
            records.extend(documents::record(&self.index, key, document, self.with_vectors)?);
        }
        Ok(Page { records, next: self.next })
    }
}

impl Database {
    /// The number of documents that a filter selects.
    pub(super) async fn count_index(&self, index: &Index, filter: Option<&Filter>) -> Result<u64> {
        if filter.is_none() {
            return self.count_all(&index.name).await;
        }
        let selection = filter::translate(index, filter)?;
        let answer = self.ask(&index.name, &query::count(&index.name, &selection, self.limit())).await?;
        query::read_count(&answer).ok_or_else(|| self.connection.bad_answer("a count without a number"))
    }

    /// The documents of a page in the order of the keys; of a reader who goes on more keys are asked for
    /// at a time, because each such question walks over all keys of the index.
    pub(super) async fn page_index(
        &self,
        index: Index,
        request: &PageRequest,
        rest: Option<Keys>,
    ) -> Result<Documents> {
        let last = request.cursor.as_ref().map(behind).transpose()?;
        let mut listed = match rest {
            Some(rest) if rest.end || rest.keys.len() > request.limit => rest,
            goes_on => {
                let selection = filter::translate(&index, request.filter.as_ref())?;
                let most = if goes_on.is_some() { request.limit.max(LISTED) } else { request.limit };
                let rows = self.page_rows(&index, &selection, last, most).await?;
                Keys { end: rows.len() <= most, keys: rows.into_iter().map(|row| row.key).collect() }
            }
        };
        let here = request.limit.min(listed.keys.len());
        let keys: Vec<Vec<u8>> = listed.keys.drain(..here).collect();
        let last = keys.last().filter(|_| !listed.keys.is_empty()).map(|key| cursor(key)).transpose();
        let next = last.map_err(|cause| self.connection.bad_answer(cause))?;
        let documents = self.documents(&index, &keys).await?;
        Ok(Documents { index, keys, documents, with_vectors: request.with_vectors, next, rest: listed })
    }

    /// The nearest documents, best first.
    pub(super) async fn search_index(&self, index: &Index, request: &SearchRequest) -> Result<Vec<Hit>> {
        let selection = filter::translate(index, request.filter.as_ref())?;
        let bad = |cause: String, mend: &str| ProviderError::BadRequest { cause, mend: mend.to_owned() };
        let field = index.vector(request.using.as_deref()).ok_or_else(|| {
            let names: Vec<&str> = index.vectors.iter().map(|field| field.attribute.as_str()).collect();
            bad(format!("there is no such vector in {:?}", index.name), &format!("It has: {}.", names.join(", ")))
        })?;
        let metric = field.metric.ok_or_else(|| {
            self.connection.bad_answer(format!("the vector {:?} has no metric that is known here", field.attribute))
        })?;
        let found = |id| async move { self.get_records(index, &[id], true).await };
        let vector_of = |record: &Record| documents::vector_of(record, field);
        let (vector, like) = query_vector(PRODUCT, &index.name, &request.query, found, vector_of).await?;
        documents::check(field, &vector).map_err(|cause| bad(cause, "Search with a vector of that kind."))?;
        if request.top == 0 {
            return Ok(Vec::new());
        }
        let most = request.top.saturating_add(usize::from(like.is_some()));
        let rows = self.nearest(index, field, &vector, &selection, request, most).await?;
        let keys: Vec<Vec<u8>> = rows.iter().map(|row| row.key.clone()).collect();
        let records = self.read(index, &keys, request.with_vectors).await?;
        let hits = records.into_iter().zip(rows).filter_map(|(record, row)| {
            let score = Score::new(score(metric, row.distance.unwrap_or(f32::NAN)), metric);
            record.filter(|record| Some(&record.id) != like.as_ref()).map(|record| Hit { record, score })
        });
        Ok(hits.take(request.top).collect())
    }

    /// The number of all documents.
    pub(super) async fn count_all(&self, collection: &str) -> Result<u64> {
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

    /// The records behind these keys, in their order; `None` where a document is gone meanwhile.
    async fn read(&self, index: &Index, keys: &[Vec<u8>], with_vectors: bool) -> Result<Vec<Option<Record>>> {
        let documents = self.documents(index, keys).await?;
        let records = keys.iter().zip(&documents).map(|(key, document)| {
            let record = documents::record(index, key, document, with_vectors);
            record.map_err(|cause| self.connection.bad_answer(cause))
        });
        records.collect()
    }

    /// What is under these keys.
    async fn documents(&self, index: &Index, keys: &[Vec<u8>]) -> Result<Vec<Value>> {
        let mut documents = Vec::with_capacity(keys.len());
        for keys in keys.chunks(STEP) {
            let questions = keys.iter().map(|key| documents::question(index, key)).collect();
            documents.extend(self.connection.ask_all(questions).await?);
        }
        Ok(documents)
    }

    /// Those of the keys that are documents of the index, in their order.
    pub(super) async fn members(&self, index: &Index, keys: &[String]) -> Result<Vec<Vec<u8>>> {
        let mut found = Vec::new();
        for keys in keys.chunks(STEP) {
            let answer = self.ask(&index.name, &query::members(&index.name, keys, self.limit())).await?;
            let members = query::read_members(&answer);
            let members = members.ok_or_else(|| self.connection.bad_answer("a list of keys that is none"))?;
            found.extend(keys.iter().map(String::as_bytes).filter(|key| members.contains(*key)).map(<[u8]>::to_vec));
        }
        Ok(found)
    }

    /// The documents with these ids, in the order asked for.
    pub(super) async fn get_records(&self, index: &Index, ids: &[RecordId], with_vectors: bool) -> Result<Vec<Record>> {
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
