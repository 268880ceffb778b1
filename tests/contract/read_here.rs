//! A provider that only reads, for the suite: what a case writes goes to another program, the one
//! that such a folder belongs to, and everything is read through the provider under test.

use std::sync::Arc;

use async_trait::async_trait;
use vector_inspector::provider::filter::Filter;
use vector_inspector::provider::model::{
    CollectionInfo, CollectionSpec, CollectionSummary, Count, Hit, Page, PageRequest, Record, RecordId, SearchRequest,
};
use vector_inspector::provider::{Capabilities, Provider, Result, ServerInfo, Support};

/// Where it is read.
#[async_trait]
pub trait Here: Send + Sync + 'static {
    /// What can be done with it.
    fn capabilities(&self) -> &Capabilities;
    /// The provider under test, as it is now.
    async fn now(&self) -> Arc<dyn Provider>;
    /// Something was written meanwhile.
    async fn changed(&self) {}
}

#[async_trait]
impl Here for Arc<dyn Provider> {
    fn capabilities(&self) -> &Capabilities {
        self.as_ref().capabilities()
    }

    async fn now(&self) -> Arc<dyn Provider> {
        Arc::clone(self)
    }
}

/// Reads here, writes there.
pub struct ReadHere<H> {
    here: H,
    there: Arc<dyn Provider>,
    capabilities: Capabilities,
}

impl<H: Here> ReadHere<H> {
    /// What only reads, and what writes to the same place.
    pub fn new(here: H, there: Arc<dyn Provider>) -> Self {
        assert!(!here.capabilities().write.is_yes(), "a provider that writes needs no other");
        let max_batch = there.capabilities().max_batch;
        let capabilities = Capabilities { write: Support::Yes, max_batch, ..here.capabilities().clone() };
        Self { here, there, capabilities }
    }

    async fn written<T>(&self, writing: impl Future<Output = T>) -> T {
        let answer = writing.await;
        self.here.changed().await;
        answer
    }
}

#[async_trait]
impl<H: Here> Provider for ReadHere<H> {
    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    async fn ping(&self) -> Result<ServerInfo> {
        self.here.now().await.ping().await
    }

    async fn collections(&self) -> Result<Vec<CollectionSummary>> {
        self.here.now().await.collections().await
    }

    async fn describe(&self, collection: &str) -> Result<CollectionInfo> {
        self.here.now().await.describe(collection).await
    }

    async fn count(&self, collection: &str, filter: Option<&Filter>) -> Result<Count> {
        self.here.now().await.count(collection, filter).await
    }

    async fn page(&self, collection: &str, request: &PageRequest) -> Result<Page> {
        self.here.now().await.page(collection, request).await
    }

    async fn get(&self, collection: &str, ids: &[RecordId], with_vectors: bool) -> Result<Vec<Record>> {
        self.here.now().await.get(collection, ids, with_vectors).await
    }

    async fn search(&self, collection: &str, request: &SearchRequest) -> Result<Vec<Hit>> {
        self.here.now().await.search(collection, request).await
    }

    async fn native_filter(&self, collection: &str, filter: &Filter) -> Result<String> {
        self.here.now().await.native_filter(collection, filter).await
    }

    async fn check_new(&self, spec: &CollectionSpec) -> Result<()> {
        self.there.check_new(spec).await
    }

    async fn create_collection(&self, spec: &CollectionSpec) -> Result<()> {
        self.written(self.there.create_collection(spec)).await
    }

    async fn upsert(&self, collection: &str, records: Vec<Record>) -> Result<()> {
        self.written(self.there.upsert(collection, records)).await
    }

    async fn delete(&self, collection: &str, ids: &[RecordId]) -> Result<()> {
        self.written(self.there.delete(collection, ids)).await
    }

    async fn drop_collection(&self, collection: &str) -> Result<()> {
        self.written(self.there.drop_collection(collection)).await
    }
}
