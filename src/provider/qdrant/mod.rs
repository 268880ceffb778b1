//! A Qdrant server over gRPC.

use async_trait::async_trait;

use super::filter::Filter;
use super::model::{
    CollectionInfo, CollectionSpec, CollectionSummary, Count, Hit, Page, PageRequest, Record, RecordId, SearchRequest,
};
use super::{Capabilities, ConnectSpec, Provider, Result, ServerInfo};

/// A Qdrant server over gRPC.
pub struct Qdrant {}

impl Qdrant {
    /// Opens it.
    pub async fn connect(_spec: &ConnectSpec) -> Result<Self> {
        Ok(Self {})
    }
}

#[async_trait]
impl Provider for Qdrant {
    fn capabilities(&self) -> &Capabilities {
        &Capabilities::ALL
    }
    async fn ping(&self) -> Result<ServerInfo> {
        Err(super::ProviderError::NotConnected)
    }
    async fn collections(&self) -> Result<Vec<CollectionSummary>> {
        Err(super::ProviderError::NotConnected)
    }
    async fn describe(&self, _collection: &str) -> Result<CollectionInfo> {
        Err(super::ProviderError::NotConnected)
    }
    async fn count(&self, _collection: &str, _filter: Option<&Filter>) -> Result<Count> {
        Err(super::ProviderError::NotConnected)
    }
    async fn page(&self, _collection: &str, _request: &PageRequest) -> Result<Page> {
        Err(super::ProviderError::NotConnected)
    }
    async fn get(&self, _collection: &str, _ids: &[RecordId], _with_vectors: bool) -> Result<Vec<Record>> {
        Err(super::ProviderError::NotConnected)
    }
    async fn search(&self, _collection: &str, _request: &SearchRequest) -> Result<Vec<Hit>> {
        Err(super::ProviderError::NotConnected)
    }
    async fn create_collection(&self, _spec: &CollectionSpec) -> Result<()> {
        Err(super::ProviderError::NotConnected)
    }
    async fn upsert(&self, _collection: &str, _records: Vec<Record>) -> Result<()> {
        Err(super::ProviderError::NotConnected)
    }
    async fn delete(&self, _collection: &str, _ids: &[RecordId]) -> Result<()> {
        Err(super::ProviderError::NotConnected)
    }
    async fn drop_collection(&self, _collection: &str) -> Result<()> {
        Err(super::ProviderError::NotConnected)
    }
}
