//! A backup that the command `backup` wrote: a directory of Parquet files with a manifest and checksums, read in
//! place; nothing in it is changed.
//!
//! `manifest` is what a backup has, and the check of its checksums; `columns` what a record is in the columns of a
//! file; `part` writes a file, for `jobs::backup`; `rows` reads some records of one. `opened` finds records in the
//! files, `read` and `search` are the requests; `sums` lets no record through of a file that is not as it was written.
//!
//! Reading blocks, so each request runs on a thread of tokio's blocking pool. Memory does not depend on the size of
//! a collection: what is kept are the ends of some files, and the ids of some row groups. Filters are evaluated here
//! on records as they are read, so every filter works.

mod columns;
mod maker;
pub mod manifest;
mod opened;
pub mod part;
mod read;
mod rows;
mod search;
mod sums;

use async_trait::async_trait;
use tokio::task;

use super::blocking::{Desk, broken};
use super::filter::Filter;
use super::model::{
    CollectionInfo, CollectionSpec, CollectionSummary, Count, Hit, Page, PageRequest, Record, RecordId, SearchRequest,
};
use super::{Address, Capabilities, ConnectSpec, Provider, ProviderError, Result, ServerInfo};
use maker::CAPABILITIES;
pub use maker::MAKER;
use opened::Opened;

/// The maker's name in errors.
const PRODUCT: &str = "Parquet backup";

/// Requests that run at a time. More would only wait for the same disk and cores.
const AT_A_TIME: usize = 4;

/// An open backup.
pub struct ParquetBackup {
    desk: Desk<Opened>,
}

impl ParquetBackup {
    /// Opens the backup in the spec's directory. The manifest is compared with its checksum
    /// now, each file before its first record is given; [`manifest::check`] compares all at once.
    ///
    /// # Errors
    /// [`ProviderError::NotADatabase`], also for a backup that was interrupted; [`ProviderError::Damaged`].
    pub async fn open(spec: &ConnectSpec) -> Result<Self> {
        let Address::Directory(dir) = &spec.address else {
            return Err(ProviderError::BadRequest {
                cause: "a backup is opened from a directory, not from a host".to_owned(),
                mend: "Give the directory with its `manifest.json`.".to_owned(),
            });
        };
        let dir = dir.clone();
        let opened = task::spawn_blocking(move || Opened::open(&dir)).await.map_err(broken)??;
        Ok(Self { desk: Desk::new(opened, AT_A_TIME) })
    }
}

#[async_trait]
impl Provider for ParquetBackup {
    fn capabilities(&self) -> &Capabilities {
        &CAPABILITIES
    }

    async fn ping(&self) -> Result<ServerInfo> {
        self.desk
            .at_once(|backup| {
                let path = backup.dir.join(manifest::MANIFEST);
                std::fs::metadata(&path).map(drop).map_err(|error| manifest::file(&path, &error))
            })
            .await?;
        let version = self.desk.open().manifest.version.to_string();
        Ok(ServerInfo { product: "parquet-backup".to_owned(), version })
    }

    async fn collections(&self) -> Result<Vec<CollectionSummary>> {
        Ok(self.desk.open().manifest.collections.iter().map(read::summary).collect())
    }

    async fn describe(&self, collection: &str) -> Result<CollectionInfo> {
        read::describe(self.desk.open(), collection)
    }

    async fn count(&self, collection: &str, filter: Option<&Filter>) -> Result<Count> {
        let (name, filter) = (collection.to_owned(), filter.cloned());
        self.desk.run(move |backup, stop| read::count(backup, &name, filter.as_ref(), stop)).await
    }

    async fn page(&self, collection: &str, request: &PageRequest) -> Result<Page> {
        let (name, request) = (collection.to_owned(), request.clone());
        self.desk.run(move |backup, stop| read::page(backup, &name, &request, stop)).await
    }

    async fn get(&self, collection: &str, ids: &[RecordId], with_vectors: bool) -> Result<Vec<Record>> {
        let (name, ids) = (collection.to_owned(), ids.to_owned());
        self.desk.run(move |backup, stop| read::get(backup, &name, &ids, with_vectors, stop)).await
    }

    async fn search(&self, collection: &str, request: &SearchRequest) -> Result<Vec<Hit>> {
        let (name, request) = (collection.to_owned(), request.clone());
        self.desk.run(move |backup, stop| search::search(backup, &name, &request, stop)).await
    }

    async fn native_filter(&self, collection: &str, filter: &Filter) -> Result<String> {
        self.desk.open().collection(collection)?;
        Ok(format!("No request: the records are read, and on each is evaluated here\n\n{filter}"))
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
