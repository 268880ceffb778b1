//! A Qdrant server, cluster or cloud, over gRPC.
//!
//! `connection` is the channel with TLS and key, `translation` their types and ours, `wire` how the
//! answer with a page is read, `failure` the causes behind a gRPC status, `filter` our filter as
//! theirs. The generated clients of `qdrant-client` are used on a channel of our own: its high-level
//! client blocks, prints, and puts the key into error texts.

pub(super) mod conditions;
mod connection;
mod failure;
mod filter;
mod maker;
pub(super) mod native;
mod reads;
mod translation;
mod wire;
pub(super) mod words;
mod writes;

use async_trait::async_trait;
use futures::TryFutureExt;
use qdrant_client::qdrant::{self, GetCollectionInfoRequest, HealthCheckRequest, ListCollectionsRequest};
use tonic::Code;

use self::connection::Connection;
use super::filter::Filter;
use super::model::{
    CollectionInfo, CollectionSpec, CollectionSummary, Count, Hit, Page, PageRequest, Record, RecordId, SearchRequest,
};
use super::transport::{is_explained, wrong_protocol};
use super::{Capabilities, ConnectSpec, Provider, ProviderError, ProviderKind, Result, ServerInfo};
use maker::CAPABILITIES;
pub use maker::MAKER;

/// A Qdrant server over gRPC.
pub struct Qdrant {
    connection: Connection,
}

impl Qdrant {
    /// Opens the channel and asks the server who it is and whether it lets us in, within the spec's
    /// connect timeout.
    ///
    /// # Errors
    /// Those of the transport; `Unauthorized`; `WrongProtocol` with who answered instead.
    pub async fn connect(spec: &ConnectSpec) -> Result<Self> {
        let opened = Self { connection: Connection::new(spec).await? };
        let server = &opened.connection.server;
        let limit = spec.timeouts.connect;
        match tokio::time::timeout(limit, opened.ping()).await {
            Ok(Ok(_)) => Ok(opened),
            Ok(Err(error)) if is_explained(&error) => Err(error),
            Ok(Err(error)) => Err(wrong_protocol(ProviderKind::Qdrant, server, error).await),
            Err(_) => Err(ProviderError::TimedOut { what: server.to_string(), after: limit }),
        }
    }

    async fn info(&self, collection: &str) -> Result<qdrant::CollectionInfo> {
        let request = GetCollectionInfoRequest { collection_name: collection.to_owned() };
        let answer = self.connection.collections().get(request).await;
        let answer = answer.map_err(|status| self.connection.failed_in(collection, status))?;
        answer.into_inner().result.ok_or_else(|| self.connection.bad_answer("the collection's info is missing"))
    }

    async fn names(&self) -> Result<Vec<String>> {
        let answer = self.connection.collections().list(ListCollectionsRequest {}).await;
        let answer = answer.map_err(|status| self.connection.failed(status))?.into_inner();
        let mut names: Vec<_> = answer.collections.into_iter().map(|collection| collection.name).collect();
        names.sort();
        Ok(names)
    }
}

#[async_trait]
impl Provider for Qdrant {
    fn capabilities(&self) -> &Capabilities {
        &CAPABILITIES
    }

    /// The health check answers without a key, so it proves only half; the list of names proves the
    /// other half, and works with keys that may see but one collection.
    async fn ping(&self) -> Result<ServerInfo> {
        let mut client = self.connection.server_questions();
        let health = client.health_check(HealthCheckRequest {}).map_err(|status| match status.code() {
            Code::Unimplemented => self.connection.bad_answer("it does not know Qdrant's health check"),
            _ => self.connection.failed(status),
        });
        let (reply, _) = tokio::try_join!(health, self.names())?;
        let reply = reply.into_inner();
        let product = reply.title.split_whitespace().next().unwrap_or("qdrant").to_owned();
        Ok(ServerInfo { product, version: reply.version })
    }

    async fn collections(&self) -> Result<Vec<CollectionSummary>> {
        self.summaries().await
    }

    async fn describe(&self, collection: &str) -> Result<CollectionInfo> {
        let info = self.info(collection).await?;
        Ok(CollectionInfo {
            summary: self.summary(collection, &info).await?,
            state: translation::state(&info),
            fields: translation::fields(&info),
            details: translation::details(&info),
        })
    }

    async fn count(&self, collection: &str, filter: Option<&Filter>) -> Result<Count> {
        self.exact_count(collection, filter).await
    }

    async fn page(&self, collection: &str, request: &PageRequest) -> Result<Page> {
        self.scroll(collection, request).await
    }

    async fn get(&self, collection: &str, ids: &[RecordId], with_vectors: bool) -> Result<Vec<Record>> {
        self.fetch(collection, ids, with_vectors).await
    }

    async fn search(&self, collection: &str, request: &SearchRequest) -> Result<Vec<Hit>> {
        self.nearest(collection, request).await
    }

    async fn native_filter(&self, collection: &str, filter: &Filter) -> Result<String> {
        self.condition(collection, Some(filter)).await?;
        native::native(filter, "Qdrant")
    }

    async fn check_new(&self, spec: &CollectionSpec) -> Result<()> {
        translation::create_request(spec).map(drop)
    }

    async fn create_collection(&self, spec: &CollectionSpec) -> Result<()> {
        self.create(spec).await
    }

    async fn upsert(&self, collection: &str, records: Vec<Record>) -> Result<()> {
        self.put(collection, records).await
    }

    async fn delete(&self, collection: &str, ids: &[RecordId]) -> Result<()> {
        self.remove(collection, ids).await
    }

    async fn drop_collection(&self, collection: &str) -> Result<()> {
        self.discard(collection).await
    }
}
