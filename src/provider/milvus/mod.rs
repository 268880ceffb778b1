//! A Milvus server, Zilliz Cloud, or Milvus Lite, over gRPC.
//!
//! `proto` is the protocol, `connection` the channel with TLS, key and database, `failure` the causes
//! behind a status, `server` what the versions differ in. `layout` says which field of a collection is
//! what; `columns` and `rows` bring answers and writes into our records, `vectors` their numbers,
//! `expression` and `filter` what is asked for, `creating` what a new collection is made of. `reads`, `writes` and
//! `overview` ask.
//!
//! A collection is one of Milvus, with all its partitions; one partition of it is `collection/partition`.
//!
//! Nothing is cached: each question first asks for the collection's schema. Milvus reads only collections
//! that are loaded into its memory. Reading here never loads one, since that may take a server's memory
//! from others; only a collection that is created here is loaded.

mod columns;
mod connection;
mod creating;
mod expression;
mod failure;
mod filter;
mod layout;
mod maker;
mod overview;
mod proto;
mod reads;
mod rows;
mod server;
mod vectors;
mod writes;

use std::time::Duration;

use async_trait::async_trait;

use self::connection::Connection;
use self::layout::Layout;
use self::maker::CONSISTENCY;
pub use self::maker::MAKER;
use self::proto::{CollectionRequest, DescribeCollectionResponse, Empty, GetVersionResponse, consistency};
use self::server::Dialect;
use super::filter::Filter;
use super::model::{
    CollectionInfo, CollectionSpec, CollectionSummary, Count, Hit, Page, PageRequest, Record, RecordId, SearchRequest,
};
use super::transport::{is_explained, wrong_protocol};
use super::{Capabilities, ConnectSpec, Provider, ProviderError, ProviderKind, Result, ServerInfo};

/// The maker's name in errors.
const PRODUCT: &str = "Milvus";

/// A Milvus server over gRPC: one of its databases.
pub struct Milvus {
    connection: Connection,
    dialect: Dialect,
    capabilities: Capabilities,
    consistency: i32,
    /// How long a collection that is made here may take to be loaded.
    patience: Duration,
}

impl Milvus {
    /// Opens the channel and asks the server who it is, whether it lets us in, and whether it has the
    /// database, within the spec's connect timeout.
    ///
    /// # Errors
    /// Those of the transport; `Unauthorized`; `WrongProtocol` with who answered instead; `BadRequest`
    /// for a database that is not there.
    pub async fn connect(spec: &ConnectSpec) -> Result<Self> {
        let mut opened = Self {
            connection: Connection::new(spec).await?,
            dialect: Dialect::of("").0,
            capabilities: maker::CAPABILITIES,
            consistency: consistency_of(spec)?,
            patience: spec.timeouts.request,
        };
        let limit = spec.timeouts.connect;
        match tokio::time::timeout(limit, opened.greet()).await {
            Ok(Ok(dialect)) => {
                opened.dialect = dialect;
                opened.capabilities = dialect.capabilities();
                Ok(opened)
            }
            Ok(Err(error)) if is_explained(&error) => Err(error),
            Ok(Err(error)) => Err(wrong_protocol(ProviderKind::Milvus, &opened.connection.server, error).await),
            Err(_) => Err(ProviderError::TimedOut { what: opened.connection.server.to_string(), after: limit }),
        }
    }

    /// The version may be told to anybody; the list of collections needs the key and the database.
    async fn greet(&self) -> Result<Dialect> {
        let (dialect, _) = self.version().await?;
        self.names().await?;
        Ok(dialect)
    }

    async fn version(&self) -> Result<(Dialect, ServerInfo)> {
        let answer: GetVersionResponse = match self.connection.try_ask("GetVersion", None, Empty {}).await? {
            Ok(answer) => answer,
            Err(connection::Unknown) => {
                return Err(self.connection.bad_answer("it does not know Milvus' question for the version"));
            }
        };
        Ok(Dialect::of(&answer.version))
    }

    async fn schema(&self, collection: &str) -> Result<DescribeCollectionResponse> {
        let question = CollectionRequest { collection_name: collection.to_owned() };
        self.connection.ask("DescribeCollection", Some(collection), question).await
    }

    /// Which field of the collection is what.
    async fn layout(&self, name: &str) -> Result<Layout> {
        self.resolve(name).await.map(|(_, layout)| layout)
    }

    /// The collection behind a name, `collection` or `collection/partition`: no name of Milvus has a `/`.
    async fn resolve(&self, name: &str) -> Result<(DescribeCollectionResponse, Layout)> {
        let Some((collection, partition)) = name.split_once('/') else {
            let described = self.schema(name).await?;
            let layout = self.layout_of(name, &described)?;
            return Ok((described, layout));
        };
        let missing = || ProviderError::NoSuchCollection { collection: name.to_owned() };
        let (described, partitions) = match tokio::try_join!(self.schema(collection), self.partitions(collection)) {
            Err(ProviderError::NoSuchCollection { .. }) => return Err(missing()),
            found => found?,
        };
        let layout = self.layout_of(collection, &described)?;
        if layout.keyed || !partitions.iter().any(|known| known == partition) {
            return Err(missing());
        }
        Ok((described, layout.of_partition(partition)))
    }

    fn layout_of(&self, collection: &str, answer: &DescribeCollectionResponse) -> Result<Layout> {
        let schema = answer.schema.as_ref().ok_or_else(|| self.connection.bad_answer("the schema is missing"))?;
        Layout::of(collection, schema).map_err(|fault| self.connection.bad_answer(fault))
    }
}

/// How new the data of an answer must be: by default as new as the question.
fn consistency_of(spec: &ConnectSpec) -> Result<i32> {
    match spec.option(CONSISTENCY).unwrap_or_default() {
        "" | "strong" => Ok(consistency::STRONG),
        "session" => Ok(consistency::SESSION),
        "bounded" => Ok(consistency::BOUNDED),
        "eventually" => Ok(consistency::EVENTUALLY),
        other => Err(ProviderError::BadRequest {
            cause: format!("{other:?} is no consistency that Milvus has"),
            mend: "Give the option `consistency` one of strong, session, bounded, eventually.".to_owned(),
        }),
    }
}

#[async_trait]
impl Provider for Milvus {
    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    async fn ping(&self) -> Result<ServerInfo> {
        let (version, _) = tokio::try_join!(self.version(), self.names())?;
        Ok(version.1)
    }

    async fn collections(&self) -> Result<Vec<CollectionSummary>> {
        self.summaries().await
    }

    async fn describe(&self, collection: &str) -> Result<CollectionInfo> {
        self.overview(collection).await
    }

    async fn count(&self, collection: &str, filter: Option<&Filter>) -> Result<Count> {
        self.exact_count(&self.layout(collection).await?, filter).await
    }

    async fn page(&self, collection: &str, request: &PageRequest) -> Result<Page> {
        self.scroll(&self.layout(collection).await?, request).await
    }

    async fn get(&self, collection: &str, ids: &[RecordId], with_vectors: bool) -> Result<Vec<Record>> {
        self.fetch(&self.layout(collection).await?, ids, with_vectors).await
    }

    async fn search(&self, collection: &str, request: &SearchRequest) -> Result<Vec<Hit>> {
        self.nearest(&self.layout(collection).await?, request).await
    }

    async fn native_filter(&self, collection: &str, filter: &Filter) -> Result<String> {
        let layout = self.layout(collection).await?;
        Ok(filter::translate(filter, &layout, self.dialect)?.shown())
    }

    async fn check_new(&self, spec: &CollectionSpec) -> Result<()> {
        self.new_schema(spec).await.map(drop)
    }

    async fn create_collection(&self, spec: &CollectionSpec) -> Result<()> {
        self.create(spec).await
    }

    async fn upsert(&self, collection: &str, records: Vec<Record>) -> Result<()> {
        self.put(&self.layout(collection).await?, records).await
    }

    async fn delete(&self, collection: &str, ids: &[RecordId]) -> Result<()> {
        self.remove(&self.layout(collection).await?, ids).await
    }

    async fn drop_collection(&self, collection: &str) -> Result<()> {
        if collection.contains('/') {
            self.resolve(collection).await?;
            let reason = "partitions are released and dropped with Milvus' own tools".to_owned();
            return Err(ProviderError::Unsupported { product: PRODUCT, reason });
        }
        // Milvus drops what is not there without a word.
        self.schema(collection).await?;
        self.discard(collection).await
    }
}
