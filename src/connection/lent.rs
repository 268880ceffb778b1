//! The database of a connection, lent to a job for as long as the job lasts.
//!
//! The task tells through a watch which link serves now; [`Lent`] passes each question to that one, so
//! that a job goes on over a reconnect and with a fresh secret. Questions of a job do not go through the
//! connection's inbox: they must not stand in the way of the screen's.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::watch;
use tokio::time::timeout;

use super::message::LeadsTo;
use crate::provider::filter::Filter;
use crate::provider::model::{
    CollectionInfo, CollectionSpec, CollectionSummary, Count, Hit, Page, PageRequest, Record, RecordId, SearchRequest,
};
use crate::provider::{Address, Capabilities, Provider, ProviderError, Result, ServerInfo};

/// The link that serves now.
#[derive(Clone)]
pub(super) struct Link {
    pub provider: Arc<dyn Provider>,
    /// Longest wait for one answer.
    pub request: Duration,
    /// Where it leads, if that is known: the server, and what else tells one database from another.
    pub place: (Option<Address>, Option<LeadsTo>),
}

/// The link that serves now; `None` while there is none.
pub(super) type Links = watch::Receiver<Option<Link>>;

/// How long a question waits for a connection that is being found again: longer than the longest wait
/// between two attempts to connect.
const PATIENCE: Duration = Duration::from_secs(40);

/// A database behind its connection, whichever link that has.
pub struct Lent {
    links: Links,
    capabilities: Capabilities,
    request: Duration,
    place: (Option<Address>, Option<LeadsTo>),
}

impl Lent {
    /// The database as it is connected now.
    ///
    /// # Errors
    /// [`ProviderError::NotConnected`].
    pub(super) fn new(links: Links) -> Result<Self> {
        let now = links.borrow().clone().ok_or(ProviderError::NotConnected)?;
        let capabilities = now.provider.capabilities().clone();
        Ok(Self { links, capabilities, request: now.request, place: now.place })
    }

    /// Longest time that the connection waits for one answer.
    pub fn request_limit(&self) -> Duration {
        self.request
    }

    /// The link that serves now; waits a while for one. A profile that was given another address
    /// meanwhile leads to another database, which is none of the job's.
    async fn provider(&self) -> Result<Arc<dyn Provider>> {
        let mut links = self.links.clone();
        let found = timeout(PATIENCE, links.wait_for(Option::is_some)).await;
        let link = found.ok().and_then(|found| found.ok().and_then(|link| link.clone()));
        match link {
            Some(link) if link.place == self.place => Ok(link.provider),
            Some(_) | None => Err(ProviderError::NotConnected),
        }
    }
}

#[async_trait]
impl Provider for Lent {
    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    async fn ping(&self) -> Result<ServerInfo> {
        self.provider().await?.ping().await
    }

    async fn collections(&self) -> Result<Vec<CollectionSummary>> {
        self.provider().await?.collections().await
    }

    async fn describe(&self, collection: &str) -> Result<CollectionInfo> {
        self.provider().await?.describe(collection).await
    }

    async fn count(&self, collection: &str, filter: Option<&Filter>) -> Result<Count> {
        self.provider().await?.count(collection, filter).await
    }

    async fn page(&self, collection: &str, request: &PageRequest) -> Result<Page> {
        self.provider().await?.page(collection, request).await
    }

    async fn get(&self, collection: &str, ids: &[RecordId], with_vectors: bool) -> Result<Vec<Record>> {
        self.provider().await?.get(collection, ids, with_vectors).await
    }

    async fn search(&self, collection: &str, request: &SearchRequest) -> Result<Vec<Hit>> {
        self.provider().await?.search(collection, request).await
    }

    async fn native_filter(&self, collection: &str, filter: &Filter) -> Result<String> {
        self.provider().await?.native_filter(collection, filter).await
    }

    async fn check_new(&self, spec: &CollectionSpec) -> Result<()> {
        self.provider().await?.check_new(spec).await
    }

    async fn create_collection(&self, spec: &CollectionSpec) -> Result<()> {
        self.provider().await?.create_collection(spec).await
    }

    async fn create_collection_to_fill(&self, spec: &CollectionSpec) -> Result<()> {
        self.provider().await?.create_collection_to_fill(spec).await
    }

    async fn build_indexes(&self, spec: &CollectionSpec, told: &(dyn Fn(u64, u64) + Send + Sync)) -> Result<()> {
        self.provider().await?.build_indexes(spec, told).await
    }

    async fn upsert(&self, collection: &str, records: Vec<Record>) -> Result<()> {
        self.provider().await?.upsert(collection, records).await
    }

    async fn delete(&self, collection: &str, ids: &[RecordId]) -> Result<()> {
        self.provider().await?.delete(collection, ids).await
    }

    async fn drop_collection(&self, collection: &str) -> Result<()> {
        self.provider().await?.drop_collection(collection).await
    }
}
