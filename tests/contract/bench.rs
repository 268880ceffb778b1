//! What a case works on: a provider, collections of its own with names that nobody else uses, and
//! sample records that every maker can hold.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use vector_inspector::provider::model::{
    CollectionSpec, Cursor, Metric, PageRequest, Payload, Record, RecordId, Vector, Vectors,
};
use vector_inspector::provider::{Provider, ProviderError};

/// The metrics that a provider may be asked for.
pub const METRICS: [Metric; 4] = [Metric::Cosine, Metric::Dot, Metric::Euclidean, Metric::Manhattan];

/// What a maker lets a collection be called: makes a name of theirs of one of ours.
pub type Naming = fn(&str) -> String;

static MADE: AtomicUsize = AtomicUsize::new(0);

/// A provider and what a case has made in it.
#[derive(Clone)]
pub struct Bench {
    /// The provider under test.
    pub db: Arc<dyn Provider>,
    /// Its name in the suite.
    pub maker: &'static str,
    case: &'static str,
    naming: Naming,
    made: Arc<Mutex<Vec<String>>>,
}

impl Bench {
    pub fn new(db: Arc<dyn Provider>, maker: &'static str, case: &'static str, naming: Naming) -> Self {
        Self { db, maker, case, naming, made: Arc::default() }
    }

    /// The same bench on another provider.
    pub fn on(&self, db: Arc<dyn Provider>) -> Self {
        Self { db, ..self.clone() }
    }

    /// A name that no collection has. It is dropped at the end, should the case create it.
    pub fn name(&self) -> String {
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let name = (self.naming)(&format!("vi-test-{}-{number}-{}", std::process::id(), self.case));
        self.made.lock().unwrap().push(name.clone());
        name
    }

    /// A new empty collection.
    pub async fn empty(&self, dimension: usize, metric: Metric) -> String {
        self.try_empty(dimension, metric).await.expect("every provider has this metric")
    }

    /// A new empty collection, `None` where the maker does not have the metric.
    pub async fn try_empty(&self, dimension: usize, metric: Metric) -> Option<String> {
        let name = self.name();
        match self.db.create_collection(&CollectionSpec::dense(&name, dimension, metric)).await {
            Ok(()) => Some(name),
            Err(ProviderError::Unsupported { .. }) => None,
            Err(error) => panic!("create with {}: {error}", metric.name()),
        }
    }

    /// A Euclidean collection with the records [`Bench::record`] of `0..count`.
    pub async fn filled(&self, count: usize) -> String {
        let name = self.empty(DIMENSION, Metric::Euclidean).await;
        self.put(&name, (0..count).map(|n| self.record(n)).collect()).await;
        name
    }

    /// Writes, in as many steps as the provider wants.
    pub async fn put(&self, collection: &str, mut records: Vec<Record>) {
        let most = self.db.capabilities().max_batch.unwrap_or(usize::MAX).max(1);
        while !records.is_empty() {
            let rest = records.split_off(records.len().min(most));
            self.db.upsert(collection, records).await.expect("upsert");
            records = rest;
        }
    }

    /// An id of a kind that the maker has.
    pub fn id(&self, n: usize) -> RecordId {
        let can = self.db.capabilities();
        if can.integer_ids.is_yes() {
            RecordId::from(n as u64)
        } else if can.text_ids.is_yes() {
            RecordId::Text(format!("record {n}"))
        } else {
            RecordId::Uuid(uuid::Uuid::from_u128(0x5eed_0000_0000_4000_8000_0000_0000_0000 + n as u128))
        }
    }

    /// The sample record of that number.
    pub fn record(&self, n: usize) -> Record {
        record(
            self.id(n),
            point(n),
            json!({ "n": n, "title": format!("Nummer {n} – 番号"), "even": n.is_multiple_of(2) }),
        )
    }

    /// Every record of a collection, read in pages of that size, with checks that each page may ask.
    pub async fn walk(&self, collection: &str, limit: usize, with_vectors: bool) -> Vec<Record> {
        let mut found = Vec::new();
        let mut cursors: Vec<Cursor> = Vec::new();
        loop {
            let request = PageRequest { cursor: cursors.last().cloned(), with_vectors, ..PageRequest::first(limit) };
            let page = self.db.page(collection, &request).await.expect("page");
            assert!(page.records.len() <= limit, "{} records in a page of {limit}", page.records.len());
            assert!(page.next.is_none() || !page.records.is_empty(), "an empty page with another behind it");
            found.extend(page.records);
            let Some(next) = page.next else { return found };
            assert!(!cursors.contains(&next), "the cursor {next:?} came twice: paging would never end");
            cursors.push(next);
        }
    }

    /// Drops what the case has made.
    pub async fn clear(&self) {
        let names = std::mem::take(&mut *self.made.lock().unwrap());
        for name in names {
            match self.db.drop_collection(&name).await {
                Ok(()) | Err(ProviderError::NoSuchCollection { .. }) => {}
                Err(error) => eprintln!("left behind: {name}: {error}"),
            }
        }
    }
}

/// Dimension of the sample records.
pub const DIMENSION: usize = 4;

/// The vector of the sample record `n`: on a line, so that neighbours are known.
pub fn point(n: usize) -> Vec<f32> {
    #[allow(clippy::cast_precision_loss)]
    let x = n as f32;
    vec![x, 1.0, 0.5, -0.25]
}

/// A record with one unnamed vector.
pub fn record(id: RecordId, vector: Vec<f32>, payload: Value) -> Record {
    Record { id, vectors: Some(Vectors::unnamed(vector)), payload: object(payload), text: None }
}

/// A payload from `json!({..})`.
pub fn object(value: Value) -> Payload {
    let Value::Object(payload) = value else { panic!("{value} is no object") };
    payload
}

/// The unnamed dense vector of a record.
pub fn dense(record: &Record) -> &[f32] {
    match record.vectors.as_ref().and_then(|vectors| vectors.get("")) {
        Some(Vector::Dense(values)) => values,
        other => panic!("record {} has no dense vector but {other:?}", record.id),
    }
}
