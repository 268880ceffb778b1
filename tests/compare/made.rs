//! A database of records that a test made, or that are made while they are read.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use serde_json::{Value, json};
use vector_inspector::jobs::Side;
use vector_inspector::provider::filter::Filter;
use vector_inspector::provider::model::{
    CollectionInfo, CollectionSpec, CollectionState, CollectionSummary, Count, Cursor, Hit, Metric, Page, PageRequest,
    Record, RecordId, Score, SearchQuery, SearchRequest, Vector, VectorSpec, Vectors,
};
use vector_inspector::provider::{Capabilities, Provider, ProviderError, Result, ServerInfo};

/// Where its records come from.
pub enum Rows {
    /// These.
    Held(Vec<Record>),
    /// So many, made by their number.
    Generated(u64, fn(u64) -> Record),
}

/// What is done to all records.
type Change = fn(&mut Vec<Record>);

/// The database.
pub struct Made {
    rows: Mutex<Rows>,
    can: Capabilities,
    vectors: Vec<VectorSpec>,
    /// Every so manyth hit is left out of searches that are not exact.
    pub misses: usize,
    pages: AtomicUsize,
    /// After so many pages, this is done to the records.
    pub later: Mutex<Option<(usize, Change)>>,
    fails: bool,
    /// Writes are refused where a record of theirs is so.
    pub refuses: fn(&Record) -> bool,
    /// Writes and deletions that were asked for.
    pub written: Arc<AtomicUsize>,
}

impl Made {
    pub fn new(rows: Rows) -> Self {
        let vectors = CollectionSpec::dense("c", 4, Metric::Cosine).vectors;
        let (pages, later) = (AtomicUsize::new(0), Mutex::new(None));
        Self {
            rows: Mutex::new(rows),
            can: Capabilities::ALL,
            vectors,
            misses: 0,
            pages,
            later,
            fails: false,
            refuses: |_| false,
            written: Arc::default(),
        }
    }

    pub fn of(records: Vec<Record>) -> Self {
        Self::new(Rows::Held(records))
    }

    pub fn with(mut self, change: impl FnOnce(&mut Capabilities)) -> Self {
        change(&mut self.can);
        self
    }

    /// With vectors of so many numbers.
    pub fn dimension(mut self, dimension: usize) -> Self {
        self.vectors = CollectionSpec::dense("c", dimension, Metric::Cosine).vectors;
        self
    }

    pub fn failing(mut self) -> Self {
        self.fails = true;
        self
    }

    pub fn side(self, label: &str) -> Side {
        let (label, collection) = (label.to_owned(), "c".to_owned());
        Side { label, provider: Arc::new(self), collection, request: Duration::from_secs(60) }
    }

    fn len(&self) -> u64 {
        match &*self.rows.lock().unwrap() {
            Rows::Held(records) => records.len() as u64,
            Rows::Generated(count, _) => *count,
        }
    }
}

fn unused<T>() -> Result<T> {
    Err(ProviderError::Unsupported { product: "made", reason: "no test asks this".to_owned() })
}

#[async_trait]
impl Provider for Made {
    fn capabilities(&self) -> &Capabilities {
        &self.can
    }

    async fn ping(&self) -> Result<ServerInfo> {
        Ok(ServerInfo { product: "made".to_owned(), version: "1".to_owned() })
    }

    async fn collections(&self) -> Result<Vec<CollectionSummary>> {
        unused()
    }

    async fn describe(&self, collection: &str) -> Result<CollectionInfo> {
        let count = Some(Count { value: self.len(), exact: true });
        let summary = CollectionSummary { name: collection.to_owned(), count, vectors: self.vectors.clone() };
        Ok(CollectionInfo { summary, state: CollectionState::Ready, fields: Vec::new(), details: json!({}) })
    }

    async fn count(&self, _: &str, _: Option<&Filter>) -> Result<Count> {
        Ok(Count { value: self.len(), exact: true })
    }

    async fn page(&self, _: &str, request: &PageRequest) -> Result<Page> {
        let at: u64 = request.cursor.as_ref().map_or(0, |cursor| cursor.0.parse().unwrap());
        let pages = self.pages.fetch_add(1, Ordering::SeqCst);
        if self.fails && pages > 2 {
            return Err(ProviderError::Interrupted {
                address: "made:1".to_owned(),
                cause: "it was told to".to_owned(),
            });
        }
        let mut rows = self.rows.lock().unwrap();
        let mut later = self.later.lock().unwrap();
        if let (Some((after, change)), Rows::Held(records)) = (*later, &mut *rows)
            && pages >= after
        {
            change(records);
            *later = None;
        }
        let limit = request.limit as u64;
        let (records, count): (Vec<Record>, u64) = match &*rows {
            Rows::Held(all) => {
                let some = all.iter().skip(at as usize).take(request.limit).cloned();
                (some.collect(), all.len() as u64)
            }
            Rows::Generated(count, make) => ((at..(at + limit).min(*count)).map(make).collect(), *count),
        };
        let next = (at + limit < count).then(|| Cursor((at + limit).to_string()));
        let with = |record: Record| Record { vectors: record.vectors.filter(|_| request.with_vectors), ..record };
        let wanted = |record: &Record| request.filter.as_ref().is_none_or(|filter| filter.selects(record));
        Ok(Page { records: records.into_iter().filter(wanted).map(with).collect(), next })
    }

    async fn get(&self, _: &str, ids: &[RecordId], _: bool) -> Result<Vec<Record>> {
        let rows = self.rows.lock().unwrap();
        let find = |id: &RecordId| match (&*rows, id) {
            (Rows::Held(all), id) => all.iter().find(|record| record.id == *id).cloned(),
            (Rows::Generated(count, make), RecordId::Integer(n)) => {
                u64::try_from(*n).ok().filter(|n| n < count).map(make)
            }
            _ => None,
        };
        Ok(ids.iter().filter_map(find).collect())
    }

    async fn search(&self, _: &str, request: &SearchRequest) -> Result<Vec<Hit>> {
        let SearchQuery::Vector(Vector::Dense(query)) = &request.query else { return unused() };
        let Rows::Held(all) = &*self.rows.lock().unwrap() else { return unused() };
        let mut hits: Vec<Hit> = all.iter().map(|record| hit(record, query)).collect();
        hits.sort_by(|one, other| other.score.value.total_cmp(&one.score.value));
        if !request.exact && self.misses > 0 {
            let mut at = 0;
            hits.retain(|_| {
                at += 1;
                at % self.misses != 0
            });
        }
        hits.truncate(request.top);
        Ok(hits)
    }

    async fn check_new(&self, _: &CollectionSpec) -> Result<()> {
        unused()
    }

    async fn create_collection(&self, _: &CollectionSpec) -> Result<()> {
        unused()
    }

    async fn upsert(&self, _: &str, records: Vec<Record>) -> Result<()> {
        self.written.fetch_add(1, Ordering::SeqCst);
        if let Some(one) = records.iter().find(|record| (self.refuses)(record)) {
            let (cause, mend) = (format!("{} is not to its taste", one.id), String::new());
            return Err(ProviderError::BadRequest { cause, mend });
        }
        let Rows::Held(all) = &mut *self.rows.lock().unwrap() else { return unused() };
        for record in records {
            match all.iter_mut().find(|old| old.id == record.id) {
                Some(old) => *old = record,
                None => all.push(record),
            }
        }
        Ok(())
    }

    async fn delete(&self, _: &str, ids: &[RecordId]) -> Result<()> {
        self.written.fetch_add(1, Ordering::SeqCst);
        let Rows::Held(all) = &mut *self.rows.lock().unwrap() else { return unused() };
        all.retain(|record| !ids.contains(&record.id));
        Ok(())
    }

    async fn drop_collection(&self, _: &str) -> Result<()> {
        unused()
    }
}

fn hit(record: &Record, query: &[f32]) -> Hit {
    let vectors = record.vectors.as_ref().unwrap();
    let Some(Vector::Dense(own)) = vectors.get("") else { panic!("no unnamed vector") };
    let score = own.iter().zip(query).map(|(x, y)| x * y).sum::<f32>();
    Hit { record: record.clone(), score: Score::new(score, Metric::Dot) }
}

/// A record with one unnamed vector.
pub fn record(id: impl Into<RecordId>, vector: Vec<f32>, payload: Value) -> Record {
    let Value::Object(payload) = payload else { panic!("{payload} is no object") };
    Record { id: id.into(), vectors: Some(Vectors::unnamed(vector)), payload, text: None }
}

/// The record of that number, with an integer as id.
#[allow(clippy::cast_precision_loss)]
pub fn numbered(n: u64) -> Record {
    let x = (n as f32 * 0.37).sin();
    record(n, vec![x, 1.0 - x, 0.25, x * x], json!({ "n": n, "title": format!("Record {n}"), "ratio": n as f64 / 7.0 }))
}
