//! The storage of a Qdrant server that does not run, read without the server.
//!
//! The engine (`qdrant-edge`) writes to what it opens, so `opened` works on a private copy of a
//! collection's segments (`copy`), made at first use. `storage` reads what there is from names and JSON
//! files, `log` reads what a server left unwritten, `replay` (with `cbor`) does it on the copy, `read` asks all shards and puts their answers
//! together, with the requests and types of `qdrant_edge`.

mod cbor;
mod copy;
mod log;
mod maker;
mod opened;
mod read;
mod replay;
mod storage;
#[cfg(test)]
mod tests;

use async_trait::async_trait;
use tokio::task;

use super::ahead::Ahead;
use super::blocking::{Desk, broken};
use super::filter::Filter;
use super::model::{
    CollectionInfo, CollectionSpec, CollectionSummary, Count, Hit, Page, PageRequest, Record, RecordId, SearchRequest,
};
use super::{Address, Capabilities, ConnectSpec, Provider, ProviderError, Result, ServerInfo};
pub use maker::MAKER;
use maker::{CAPABILITIES, COPY_LIMIT};
use opened::{MIB, Storage};
use read::Read;

/// The maker's name in errors.
const PRODUCT: &str = "Qdrant folder";

/// Largest collection that is copied unless the profile says otherwise, in MiB.
const DEFAULT_LIMIT: u64 = 1024;

/// Requests that run at a time. More would only wait for the same disk and cores.
const AT_A_TIME: usize = 4;

/// An open storage of a Qdrant server.
pub struct QdrantFolder {
    desk: Desk<Storage>,
    ahead: Ahead<Read>,
}

impl QdrantFolder {
    /// Opens the storage in the spec's directory; nothing is copied before a collection is used.
    ///
    /// # Errors
    /// [`ProviderError::NotADatabase`], [`ProviderError::Locked`] where a server runs on it,
    /// [`ProviderError::BadRequest`] for an option that is no number.
    pub async fn open(spec: &ConnectSpec) -> Result<Self> {
        let Address::Directory(dir) = &spec.address else {
            return Err(ProviderError::BadRequest {
                cause: "a Qdrant folder is opened from a directory, not from a host".to_owned(),
                mend: "Give a directory, or use the provider qdrant for a server.".to_owned(),
            });
        };
        let limit = match spec.option(COPY_LIMIT) {
            None => DEFAULT_LIMIT,
            Some(text) => text.parse().map_err(|_| ProviderError::BadRequest {
                cause: format!("the option {COPY_LIMIT} is no whole number of MiB"),
                mend: "Give e.g. copy_limit=2048.".to_owned(),
            })?,
        };
        let dir = dir.clone();
        let open = move || Storage::open(&dir, limit.saturating_mul(MIB));
        let storage = task::spawn_blocking(open).await.map_err(broken)??;
        Ok(Self { desk: Desk::new(storage, AT_A_TIME), ahead: Ahead::default() })
    }
}

#[async_trait]
impl Provider for QdrantFolder {
    fn capabilities(&self) -> &Capabilities {
        &CAPABILITIES
    }

    async fn ping(&self) -> Result<ServerInfo> {
        self.desk.at_once(|storage| storage.names().map(drop)).await?;
        Ok(ServerInfo { product: "qdrant-folder".to_owned(), version: super::qdrant_edge::VERSION.to_owned() })
    }

    async fn collections(&self) -> Result<Vec<CollectionSummary>> {
        self.desk
            .run(|storage, _| Ok(storage.names()?.iter().filter_map(|name| read::summary(storage, name)).collect()))
            .await
    }

    async fn describe(&self, collection: &str) -> Result<CollectionInfo> {
        let name = collection.to_owned();
        self.desk.run(move |storage, _| read::describe(storage, &name)).await
    }

    async fn count(&self, collection: &str, filter: Option<&Filter>) -> Result<Count> {
        let (name, filter) = (collection.to_owned(), filter.cloned());
        self.desk.run(move |storage, _| read::count(storage, &name, filter.as_ref())).await
    }

    async fn page(&self, collection: &str, request: &PageRequest) -> Result<Page> {
        let read = self.ahead.follow(collection, request, |request, before| {
            let (desk, name) = (self.desk.clone(), collection.to_owned());
            async move {
                match before {
                    Some(read) if read.is_waiting() => Ok(read),
                    before => {
                        let copy = before.map(Read::copy);
                        desk.run(move |storage, _| read::pages(storage, &name, &request, copy)).await
                    }
                }
            }
        });
        Ok(read.await?.page())
    }

    async fn get(&self, collection: &str, ids: &[RecordId], with_vectors: bool) -> Result<Vec<Record>> {
        let (name, ids) = (collection.to_owned(), ids.to_owned());
        self.desk.run(move |storage, _| read::get(storage, &name, &ids, with_vectors)).await
    }

    async fn search(&self, collection: &str, request: &SearchRequest) -> Result<Vec<Hit>> {
        let (name, request) = (collection.to_owned(), request.clone());
        self.desk.run(move |storage, _| read::search(storage, &name, &request)).await
    }

    async fn native_filter(&self, collection: &str, filter: &Filter) -> Result<String> {
        let name = collection.to_owned();
        self.desk.run(move |storage, _| storage.stored(&name).map(drop)).await?;
        super::qdrant::native::native(filter, PRODUCT)
    }

    async fn check_new(&self, _: &CollectionSpec) -> Result<()> {
        CAPABILITIES.write.require(PRODUCT)
    }

    async fn create_collection(&self, _: &CollectionSpec) -> Result<()> {
        CAPABILITIES.write.require(PRODUCT)
    }

    async fn upsert(&self, _: &str, _: Vec<Record>) -> Result<()> {
        CAPABILITIES.write.require(PRODUCT)
    }

    async fn delete(&self, _: &str, _: &[RecordId]) -> Result<()> {
        CAPABILITIES.write.require(PRODUCT)
    }

    async fn drop_collection(&self, _: &str) -> Result<()> {
        CAPABILITIES.write.require(PRODUCT)
    }
}
