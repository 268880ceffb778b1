//! A folder of Chroma, read without Python and without a server; nothing in it is changed, unless the
//! profile asks for writing: then `served` starts a server on it (`program`) and sends changes there.
//!
//! `folder` is an open one and a view of it at one moment, `file` opens its SQLite file, `catalog`
//! reads collections from the tables of every layout since 0.4, `rows` ids, fields and texts. Vectors
//! are in the files of an index (`hnsw`, with `pickle` for the labels) and in Chroma's queue of
//! changes (`queue`); `vectors` puts both together. `read` and `search` are the requests.
//!
//! Reading blocks, so each request runs on a thread of tokio's blocking pool. Nothing is kept between
//! requests but which id is in which slot of an index, and that only while its files are the same; who
//! reads on at once has the connection and the collection from the page before, while nobody writes.
//! Filters are evaluated here on rows as they are read, so every filter works.

mod catalog;
mod file;
mod folder;
mod hnsw;
mod maker;
mod pickle;
mod program;
mod queue;
mod read;
mod rows;
mod search;
mod served;
#[cfg(test)]
mod tests;
mod vectors;

use async_trait::async_trait;
use tokio::task;

use super::ahead::Ahead;
use super::blocking::{Desk, broken};
use super::filter::Filter;
use super::model::{
    CollectionInfo, CollectionSpec, CollectionSummary, Count, Hit, Page, PageRequest, Record, RecordId, SearchRequest,
};
use super::{Address, Capabilities, ConnectSpec, Provider, ProviderError, Result, ServerInfo, Support};
use catalog::Scope;
pub use file::is_database;
use folder::Folder;
use maker::CAPABILITIES;
pub use maker::MAKER;
use served::Served;

/// The maker's name in errors.
const PRODUCT: &str = "Chroma folder";

/// Requests that run at a time. More would only wait for the same disk and cores.
const AT_A_TIME: usize = 4;

/// An open folder: one tenant and one database of it.
pub struct ChromaFolder {
    desk: Desk<Folder>,
    ahead: Ahead<read::Rows>,
    capabilities: Capabilities,
    /// What takes changes; none where the folder is only read.
    served: Option<Served>,
}

impl ChromaFolder {
    /// Opens the folder in the spec's directory, with the tenant and the database of its options.
    ///
    /// # Errors
    /// [`ProviderError::NotADatabase`], [`ProviderError::File`] for what cannot be read without a
    /// change, [`ProviderError::BadRequest`] for a tenant or database that it does not have; where the
    /// option `write` asks for a server, all that keeps one from starting.
    pub async fn open(spec: &ConnectSpec) -> Result<Self> {
        let Address::Directory(dir) = &spec.address else {
            return Err(ProviderError::BadRequest {
                cause: "a Chroma folder is opened from a directory, not from a host".to_owned(),
                mend: "Give a directory, or use the provider chroma for a server.".to_owned(),
            });
        };
        let option = |name: &str, default: &str| spec.option(name).unwrap_or(default).to_owned();
        let scope =
            Scope { tenant: option("tenant", "default_tenant"), database: option("database", "default_database") };
        let path = dir.clone();
        let folder = task::spawn_blocking(move || Folder::open(&path, scope)).await.map_err(broken)??;
        let mut capabilities = CAPABILITIES;
        let mut served = None;
        if spec.option("write") == Some("serve") && !spec.gate.access().is_read_only() {
            let started = Served::start(spec, dir).await?;
            capabilities.write = Support::Yes;
            capabilities.max_batch = started.max_batch();
            served = Some(started);
        }
        Ok(Self { desk: Desk::new(folder, AT_A_TIME), ahead: Ahead::default(), capabilities, served })
    }
}

impl ChromaFolder {
    /// What takes changes.
    fn writer(&self) -> Result<&Served> {
        self.capabilities.write.require(PRODUCT)?;
        self.served.as_ref().ok_or(ProviderError::NotConnected)
    }
}

#[async_trait]
impl Provider for ChromaFolder {
    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    async fn ping(&self) -> Result<ServerInfo> {
        let layout = self.desk.at_once(|folder| folder.view().map(|view| view.layout)).await?;
        let [sysdb, metadb, queue] = layout.versions;
        if let Some(served) = &self.served {
            served.ping().await?;
        }
        Ok(ServerInfo { product: "chroma-folder".to_owned(), version: format!("{sysdb}.{metadb}.{queue}") })
    }

    async fn collections(&self) -> Result<Vec<CollectionSummary>> {
        self.desk.run(|folder, _| read::collections(folder)).await
    }

    async fn describe(&self, collection: &str) -> Result<CollectionInfo> {
        let name = collection.to_owned();
        self.desk.run(move |folder, _| read::describe(folder, &name)).await
    }

    async fn count(&self, collection: &str, filter: Option<&Filter>) -> Result<Count> {
        let (name, filter) = (collection.to_owned(), filter.cloned());
        self.desk.run(move |folder, stop| read::count(folder, &name, filter.as_ref(), stop)).await
    }

    async fn page(&self, collection: &str, request: &PageRequest) -> Result<Page> {
        let read = self.ahead.follow(collection, request, |request, kept| {
            let (desk, name) = (self.desk.clone(), collection.to_owned());
            async move { desk.run(move |folder, stop| read::rows(folder, &name, &request, kept.flatten(), stop)).await }
        });
        let rows = read.await?;
        self.desk.at_once(|_| rows.page()).await
    }

    async fn get(&self, collection: &str, ids: &[RecordId], with_vectors: bool) -> Result<Vec<Record>> {
        let (name, ids) = (collection.to_owned(), ids.to_owned());
        self.desk.run(move |folder, _| read::get(folder, &name, &ids, with_vectors)).await
    }

    async fn search(&self, collection: &str, request: &SearchRequest) -> Result<Vec<Hit>> {
        let (name, request) = (collection.to_owned(), request.clone());
        self.desk.run(move |folder, stop| search::search(folder, &name, &request, stop)).await
    }

    async fn native_filter(&self, collection: &str, filter: &Filter) -> Result<String> {
        let name = collection.to_owned();
        self.desk.run(move |folder, _| folder.view()?.collection(&name).map(drop)).await?;
        Ok(format!("No request: the rows are read, and on each is evaluated here\n\n{filter}"))
    }

    async fn check_new(&self, spec: &CollectionSpec) -> Result<()> {
        self.writer()?.check_new(spec).await
    }

    async fn create_collection(&self, spec: &CollectionSpec) -> Result<()> {
        let _changing = self.ahead.changing();
        self.writer()?.create_collection(spec).await
    }

    async fn upsert(&self, collection: &str, records: Vec<Record>) -> Result<()> {
        let _changing = self.ahead.changing();
        self.writer()?.upsert(collection, records).await
    }

    async fn delete(&self, collection: &str, ids: &[RecordId]) -> Result<()> {
        let _changing = self.ahead.changing();
        self.writer()?.delete(collection, ids).await
    }

    async fn drop_collection(&self, collection: &str) -> Result<()> {
        let _changing = self.ahead.changing();
        self.writer()?.drop_collection(collection).await
    }
}
