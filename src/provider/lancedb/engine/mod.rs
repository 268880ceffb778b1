//! The part that talks to the library. `connection` opens the directory and its tables, `schema` says
//! what in a table is the id, the vectors and the payload; `values` and `rows` make records of columns,
//! `batch` columns of records. `reads`, `paging`, `search`, `describe` and `writes` are the methods;
//! `filter` translates our filter, with `selects` for what the engine cannot say itself.
//!
//! The library is asynchronous and computes on threads of its own.

mod batch;
mod connection;
mod describe;
mod failure;
mod filter;
mod home;
mod paging;
mod reads;
mod rows;
mod schema;
mod search;
mod selects;
mod settings;
#[cfg(test)]
mod tests;
mod values;
mod writes;

use std::sync::Arc;

use async_trait::async_trait;

use super::PRODUCT;
use super::maker::{CAPABILITIES, ENDING, is_database};
use crate::provider::ahead::Ahead;
use crate::provider::filter::Filter;
use crate::provider::model::{
    CollectionInfo, CollectionSpec, CollectionSummary, Count, Hit, Page, PageRequest, Record, RecordId, SearchRequest,
};
use crate::provider::{Capabilities, ConnectSpec, Provider, Result, ServerInfo, Support};
use connection::Database;
pub(in crate::provider) use failure::of as meaning;
pub use home::{Home, Trouble};
use lancedb::Connection;
use paging::{Readers, Rows};
use settings::Settings;

/// The library's version.
const VERSION: &str = "0.41.0";

/// An open directory of tables.
pub struct LanceDb {
    database: Arc<Database>,
    readers: Arc<Readers>,
    /// Pages whose rows are read while those before become records.
    ahead: Ahead<Rows>,
    capabilities: Capabilities,
}

impl LanceDb {
    /// Opens the spec's directory; changes nothing in it.
    ///
    /// # Errors
    /// [`NotADatabase`](crate::provider::ProviderError::NotADatabase) and
    /// [`File`](crate::provider::ProviderError::File) for what cannot be opened,
    /// [`BadRequest`](crate::provider::ProviderError::BadRequest) for options that mean nothing.
    pub async fn open(spec: &ConnectSpec) -> Result<Self> {
        Ok(Self::of(Database::open(spec).await?))
    }

    /// The tables of a connection that the library has made, with the spec's options.
    ///
    /// # Errors
    /// [`BadRequest`](crate::provider::ProviderError::BadRequest) for options that mean nothing.
    pub(in crate::provider) fn with(connection: Connection, home: Home, spec: &ConnectSpec) -> Result<Self> {
        Ok(Self::of(Database::with(connection, home, Settings::of(spec)?)))
    }

    fn of(database: Database) -> Self {
        let write = if database.settings.looks_back() {
            Support::No("the profile opens tables as they were at a version, which nothing can change")
        } else {
            Support::Yes
        };
        Self {
            database: Arc::new(database),
            readers: Arc::default(),
            ahead: Ahead::default(),
            capabilities: Capabilities { write, ..CAPABILITIES },
        }
    }

    fn may_write(&self) -> Result<()> {
        self.capabilities.write.require(PRODUCT)
    }
}

#[async_trait]
impl Provider for LanceDb {
    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    async fn ping(&self) -> Result<ServerInfo> {
        self.database.ping().await?;
        Ok(ServerInfo { product: "lancedb".to_owned(), version: VERSION.to_owned() })
    }

    async fn collections(&self) -> Result<Vec<CollectionSummary>> {
        self.database.collections().await
    }

    async fn describe(&self, collection: &str) -> Result<CollectionInfo> {
        self.database.describe(collection).await
    }

    async fn count(&self, collection: &str, filter: Option<&Filter>) -> Result<Count> {
        self.database.count(collection, filter).await
    }

    async fn page(&self, collection: &str, request: &PageRequest) -> Result<Page> {
        let rows = self.ahead.follow(collection, request, |request, _| {
            let (database, readers) = (Arc::clone(&self.database), Arc::clone(&self.readers));
            let collection = collection.to_owned();
            async move { database.read(&readers, &collection, &request).await }
        });
        rows.await?.page(&self.database.home)
    }

    async fn get(&self, collection: &str, ids: &[RecordId], with_vectors: bool) -> Result<Vec<Record>> {
        self.database.get(collection, ids, with_vectors).await
    }

    async fn search(&self, collection: &str, request: &SearchRequest) -> Result<Vec<Hit>> {
        self.database.search(collection, request).await
    }

    async fn native_filter(&self, collection: &str, filter: &Filter) -> Result<String> {
        let table = self.database.table(collection).await?;
        filter::shown(&filter::plan(Some(filter), &table.layout)?)
    }

    async fn check_new(&self, spec: &CollectionSpec) -> Result<()> {
        self.may_write()?;
        writes::new_table(spec).map(drop)
    }

    async fn create_collection(&self, spec: &CollectionSpec) -> Result<()> {
        self.may_write()?;
        let _changing = self.ahead.changing();
        self.database.create(spec).await
    }

    async fn upsert(&self, collection: &str, records: Vec<Record>) -> Result<()> {
        self.may_write()?;
        let _changing = self.ahead.changing();
        self.database.upsert(collection, records).await
    }

    async fn delete(&self, collection: &str, ids: &[RecordId]) -> Result<()> {
        self.may_write()?;
        let _changing = self.ahead.changing();
        self.database.delete(collection, ids).await
    }

    async fn drop_collection(&self, collection: &str) -> Result<()> {
        self.may_write()?;
        let _changing = self.ahead.changing();
        self.database.discard(collection).await
    }
}
