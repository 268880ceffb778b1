//! A backup, for the suite: what a case writes goes into a database in memory that can hold everything, and before
//! the next question that is backed up into a new directory, which the provider under test reads.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::Mutex;
use vector_inspector::jobs::backup::{Wish, run};
use vector_inspector::jobs::{Control, Meter, Side};
use vector_inspector::provider::filter::Filter;
use vector_inspector::provider::model::{
    CollectionInfo, CollectionSpec, CollectionSummary, Count, Hit, Page, PageRequest, Record, RecordId, SearchRequest,
};
use vector_inspector::provider::{
    Capabilities, ConnectSpec, Provider, ProviderKind, Result, ServerInfo, Support, connect,
};

/// The newest backup of a database in memory.
pub struct BackedUp {
    there: Arc<dyn Provider>,
    home: PathBuf,
    made: AtomicUsize,
    /// `None` since the last write.
    newest: Mutex<Option<Arc<dyn Provider>>>,
    capabilities: Capabilities,
}

impl BackedUp {
    /// Backups of that database, in directories of `home`.
    pub fn new(there: Arc<dyn Provider>, home: &Path) -> Self {
        let backup = &ProviderKind::ParquetBackup.maker().capabilities;
        assert!(!backup.write.is_yes(), "a backup that is written needs no database behind it");
        let capabilities = Capabilities { write: Support::Yes, ..backup.clone() };
        Self { there, home: home.to_owned(), made: AtomicUsize::new(0), newest: Mutex::default(), capabilities }
    }

    async fn here(&self) -> Arc<dyn Provider> {
        let mut newest = self.newest.lock().await;
        if let Some(provider) = &*newest {
            return Arc::clone(provider);
        }
        let dir = self.home.join(self.made.fetch_add(1, Ordering::Relaxed).to_string());
        let source = Side {
            label: "memory".to_owned(),
            provider: Arc::clone(&self.there),
            collection: String::new(),
            request: Duration::from_secs(30),
        };
        // Small files: a collection of some records has several.
        let wish = Wish { collections: Vec::new(), part_bytes: 20_000 };
        run(&dir, "memory", &source, &wish, &Control::default(), &mut Meter::silent()).await.expect("a backup");
        let spec = ConnectSpec::directory(ProviderKind::ParquetBackup, &dir);
        let opened: Arc<dyn Provider> = connect(&spec).await.expect("the backup opens").into();
        *newest = Some(Arc::clone(&opened));
        opened
    }

    async fn written<T>(&self, writing: impl Future<Output = T>) -> T {
        let mut newest = self.newest.lock().await;
        *newest = None;
        writing.await
    }
}

#[async_trait]
impl Provider for BackedUp {
    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    async fn ping(&self) -> Result<ServerInfo> {
        self.here().await.ping().await
    }

    async fn collections(&self) -> Result<Vec<CollectionSummary>> {
        self.here().await.collections().await
    }

    async fn describe(&self, collection: &str) -> Result<CollectionInfo> {
        self.here().await.describe(collection).await
    }

    async fn count(&self, collection: &str, filter: Option<&Filter>) -> Result<Count> {
        self.here().await.count(collection, filter).await
    }

    async fn page(&self, collection: &str, request: &PageRequest) -> Result<Page> {
        self.here().await.page(collection, request).await
    }

    async fn get(&self, collection: &str, ids: &[RecordId], with_vectors: bool) -> Result<Vec<Record>> {
        self.here().await.get(collection, ids, with_vectors).await
    }

    async fn search(&self, collection: &str, request: &SearchRequest) -> Result<Vec<Hit>> {
        self.here().await.search(collection, request).await
    }

    async fn native_filter(&self, collection: &str, filter: &Filter) -> Result<String> {
        self.here().await.native_filter(collection, filter).await
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
