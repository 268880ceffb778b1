//! A provider that only reads, for the suite: what a case writes goes to another program, the one
//! that such a folder belongs to, and everything is read through the provider under test.

use std::sync::Arc;

use async_trait::async_trait;
use vector_inspector::provider::filter::Filter;
use vector_inspector::provider::model::{
    CollectionInfo, CollectionSpec, CollectionSummary, Count, Hit, Page, PageRequest, Record, RecordId, SearchRequest,
};
use vector_inspector::provider::{Capabilities, Provider, Result, ServerInfo, Support};

/// Reads here, writes there.
pub struct ReadHere {
    here: Arc<dyn Provider>,
    there: Arc<dyn Provider>,
    capabilities: Capabilities,
}

impl ReadHere {
    /// What only reads, and what writes to the same place.
    pub fn new(here: Arc<dyn Provider>, there: Arc<dyn Provider>) -> Self {
        assert!(!here.capabilities().write.is_yes(), "a provider that writes needs no other");
        let max_batch = there.capabilities().max_batch;
        let capabilities = Capabilities { write: Support::Yes, max_batch, ..here.capabilities().clone() };
        Self { here, there, capabilities }
    }
}

#[async_trait]
impl Provider for ReadHere {
    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    async fn ping(&self) -> Result<ServerInfo> {
        self.here.ping().await
    }

    async fn collections(&self) -> Result<Vec<CollectionSummary>> {
        self.here.collections().await
    }

    async fn describe(&self, collection: &str) -> Result<CollectionInfo> {
        self.here.describe(collection).await
    }

    async fn count(&self, collection: &str, filter: Option<&Filter>) -> Result<Count> {
        self.here.count(collection, filter).await
    }

    async fn page(&self, collection: &str, request: &PageRequest) -> Result<Page> {
        self.here.page(collection, request).await
    }

    async fn get(&self, collection: &str, ids: &[RecordId], with_vectors: bool) -> Result<Vec<Record>> {
        self.here.get(collection, ids, with_vectors).await
    }

    async fn search(&self, collection: &str, request: &SearchRequest) -> Result<Vec<Hit>> {
        self.here.search(collection, request).await
    }

    async fn native_filter(&self, collection: &str, filter: &Filter) -> Result<String> {
        self.here.native_filter(collection, filter).await
    }

    async fn create_collection(&self, spec: &CollectionSpec) -> Result<()> {
        self.there.create_collection(spec).await
    }

    async fn upsert(&self, collection: &str, records: Vec<Record>) -> Result<()> {
        self.there.upsert(collection, records).await
    }

    async fn delete(&self, collection: &str, ids: &[RecordId]) -> Result<()> {
        self.there.delete(collection, ids).await
    }

    async fn drop_collection(&self, collection: &str) -> Result<()> {
        self.there.drop_collection(collection).await
    }
}
