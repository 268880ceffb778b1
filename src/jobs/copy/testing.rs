//! What the tests of this room share: plans, and a database in memory that can be made to fail.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use crate::jobs::model::plan::{Estimate, Holds, IdPlan, IdPolicy, Place, Plan, Target, TextPlan, VectorPlan, Wishes};

/// A target that can hold everything.
pub const EVERYTHING: Holds = Holds {
    nested: true,
    arrays: true,
    nulls: true,
    unsigned: true,
    exact_integers: true,
    exact_floats: true,
    whole_floats: true,
    negative_zeros: true,
    any_keys: true,
    reserved_keys: true,
};

/// A target that can hold texts, numbers and booleans.
pub const NOTHING: Holds = Holds {
    nested: false,
    arrays: false,
    nulls: false,
    unsigned: false,
    exact_integers: false,
    exact_floats: false,
    whole_floats: false,
    negative_zeros: false,
    any_keys: false,
    reserved_keys: false,
};

/// A plan that changes nothing, with the vectors `a` and `b`.
pub fn plan() -> Plan {
    let place = |label: &str| Place {
        label: label.to_owned(),
        target: label.to_owned(),
        product: label.to_owned(),
        version: "1".to_owned(),
        collection: "docs".to_owned(),
    };
    let vector = |name: &str| VectorPlan {
        from: name.to_owned(),
        to: name.to_owned(),
        kind: "dense".to_owned(),
        dimension: Some(1),
        metric_from: Some("dot".to_owned()),
        metric: Some("dot".to_owned()),
        normalised: false,
        rescaled: false,
        short: None,
    };
    Plan {
        from: place("here"),
        to: place("there"),
        target: Target::New,
        records: 10,
        records_exact: true,
        vectors: vec![vector("a"), vector("b")],
        ids: IdPlan { policy: IdPolicy::Kept, why: String::new(), example: None },
        text: TextPlan::Kept,
        holds: EVERYTHING,
        changes: Vec::new(),
        estimate: Estimate::default(),
        wishes: Wishes::default(),
    }
}

/// A database in memory that counts what is written to it, and does to a test's records what the test says.
pub mod memory {
    use std::collections::{BTreeMap, VecDeque};
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::sync::{Arc, Mutex};
    use std::time::Duration;

    use async_trait::async_trait;

    use crate::jobs::Side;
    use crate::provider::filter::Filter;
    use crate::provider::model::{
        CollectionInfo, CollectionSpec, CollectionState, CollectionSummary, Count, Cursor, Hit, Page, PageRequest,
        Record, RecordId, SearchRequest, VectorSpec,
    };
    use crate::provider::{Capabilities, Provider, ProviderError, Result, ServerInfo, Support};

    /// What may happen at a call: to the records, or instead of them.
    pub type Hook = Box<dyn Fn(u64, &mut BTreeMap<RecordId, Record>) + Send + Sync>;

    /// A database with one collection, which may not be there yet, and may have more names than one.
    pub struct Memory {
        pub can: Capabilities,
        pub vectors: Mutex<Option<Vec<VectorSpec>>>,
        pub records: Mutex<BTreeMap<RecordId, Record>>,
        /// Names under which it is there as well.
        pub also: Mutex<Vec<&'static str>>,
        /// Calls that write, and records in them.
        pub writes: AtomicU64,
        pub upserted: AtomicU64,
        pub gets: AtomicU64,
        /// Errors that the next writes give.
        pub errors: Mutex<VecDeque<ProviderError>>,
        /// Why no collection can be made there, which is known beforehand.
        pub not_new: Option<ProviderError>,
        /// The error that the next new collection gives.
        pub not_made: Mutex<Option<ProviderError>>,
        /// Refuses a record.
        pub refuses: fn(&Record) -> bool,
        /// Called at each read by ids, with its number.
        pub on_get: Option<Hook>,
        /// Called after each write, with its number.
        pub on_write: Option<Hook>,
    }

    impl Memory {
        pub fn new(vectors: Option<Vec<VectorSpec>>) -> Self {
            let filter = Support::No("it reads no filters");
            Self {
                can: Capabilities { filter, exact_search: Support::Yes, ..Capabilities::ALL },
                vectors: Mutex::new(vectors),
                records: Mutex::default(),
                also: Mutex::default(),
                writes: AtomicU64::new(0),
                upserted: AtomicU64::new(0),
                gets: AtomicU64::new(0),
                errors: Mutex::default(),
                not_new: None,
                not_made: Mutex::default(),
                refuses: |_| false,
                on_get: None,
                on_write: None,
            }
        }

        pub fn side(self: &Arc<Self>, label: &str) -> Side {
            let provider: Arc<dyn Provider> = Arc::clone(self) as _;
            let request = Duration::from_secs(30);
            Side { label: label.to_owned(), provider, collection: "docs".to_owned(), request }
        }

        fn is_there(&self) -> Result<Vec<VectorSpec>> {
            let gone = || ProviderError::NoSuchCollection { collection: "docs".to_owned() };
            self.vectors.lock().unwrap().clone().ok_or_else(gone)
        }

        fn summary(&self) -> Result<CollectionSummary> {
            let value = self.records.lock().unwrap().len() as u64;
            let count = Some(Count { value, exact: true });
            Ok(CollectionSummary { name: "docs".to_owned(), count, vectors: self.is_there()? })
        }
    }

    #[async_trait]
    impl Provider for Memory {
        fn capabilities(&self) -> &Capabilities {
            &self.can
        }

        async fn ping(&self) -> Result<ServerInfo> {
            Ok(ServerInfo { product: "memory".to_owned(), version: "1".to_owned() })
        }

        async fn collections(&self) -> Result<Vec<CollectionSummary>> {
            let Ok(one) = self.summary() else { return Ok(Vec::new()) };
            let also = self.also.lock().unwrap();
            let names = ["docs"].iter().chain(also.iter());
            Ok(names.map(|name| CollectionSummary { name: (*name).to_owned(), ..one.clone() }).collect())
        }

        async fn describe(&self, _: &str) -> Result<CollectionInfo> {
            let (summary, details) = (self.summary()?, serde_json::Value::Null);
            Ok(CollectionInfo { summary, state: CollectionState::Ready, fields: Vec::new(), details })
        }

        async fn count(&self, _: &str, _: Option<&Filter>) -> Result<Count> {
            self.is_there()?;
            Ok(Count { value: self.records.lock().unwrap().len() as u64, exact: true })
        }

        async fn page(&self, _: &str, request: &PageRequest) -> Result<Page> {
            self.is_there()?;
            let from: usize = request.cursor.as_ref().map_or(0, |cursor| cursor.0.parse().unwrap());
            let records = self.records.lock().unwrap();
            let end = (from + request.limit).min(records.len());
            let some = records.values().skip(from).take(request.limit).cloned();
            let next = (end < records.len()).then(|| Cursor(end.to_string()));
            Ok(Page { records: some.collect(), next })
        }

        async fn get(&self, _: &str, ids: &[RecordId], _: bool) -> Result<Vec<Record>> {
            self.is_there()?;
            let number = self.gets.fetch_add(1, Ordering::SeqCst);
            let mut records = self.records.lock().unwrap();
            if let Some(hook) = &self.on_get {
                hook(number, &mut records);
            }
            Ok(ids.iter().filter_map(|id| records.get(id).cloned()).collect())
        }

        async fn search(&self, _: &str, request: &SearchRequest) -> Result<Vec<Hit>> {
            let _ = request;
            Ok(Vec::new())
        }

        async fn check_new(&self, _: &CollectionSpec) -> Result<()> {
            self.not_new.clone().map_or(Ok(()), Err)
        }

        async fn create_collection(&self, spec: &CollectionSpec) -> Result<()> {
            self.check_new(spec).await?;
            if let Some(error) = self.not_made.lock().unwrap().take() {
                return Err(error);
            }
            self.writes.fetch_add(1, Ordering::SeqCst);
            *self.vectors.lock().unwrap() = Some(spec.vectors.clone());
            Ok(())
        }

        async fn upsert(&self, _: &str, some: Vec<Record>) -> Result<()> {
            let number = self.writes.fetch_add(1, Ordering::SeqCst);
            self.upserted.fetch_add(some.len() as u64, Ordering::SeqCst);
            if let Some(error) = self.errors.lock().unwrap().pop_front() {
                return Err(error);
            }
            if some.iter().any(self.refuses) {
                return Err(ProviderError::BadRequest {
                    cause: "not that one".to_owned(),
                    mend: "Mend it.".to_owned(),
                });
            }
            let mut records = self.records.lock().unwrap();
            records.extend(some.into_iter().map(|record| (record.id.clone(), record)));
            if let Some(hook) = &self.on_write {
                hook(number, &mut records);
            }
            Ok(())
        }

        async fn delete(&self, _: &str, _: &[RecordId]) -> Result<()> {
            panic!("a copy deletes nothing")
        }

        async fn drop_collection(&self, _: &str) -> Result<()> {
            panic!("a copy drops nothing")
        }
    }
}
