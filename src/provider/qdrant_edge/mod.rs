//! Qdrant embedded in a directory, through the `qdrant-edge` engine: no server, no network.
//!
//! One directory is a database (`connection`), each directory in it a collection with one shard of
//! the engine (`shard`). `lock` tells what is a database and keeps other programs out, `names` which
//! names a collection may have, `translation` and `filter` bring types back and forth, `read` and
//! `write` are the requests; `ahead` reads pages before they are asked for. The engine blocks, so each
//! request runs on a thread of tokio's blocking pool; it has no threads of its own while nothing is
//! asked.
//!
//! A request that is cancelled or too slow stops being waited for; the engine cannot be interrupted,
//! its thread ends by itself.

mod ahead;
mod connection;
mod filter;
mod lock;
mod maker;
mod names;
pub(super) mod read;
mod shard;
#[cfg(test)]
mod tests;
pub(super) mod translation;
mod write;

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::task;

use super::blocking::broken;
use super::filter::Filter;
use super::model::{
    CollectionInfo, CollectionSpec, CollectionSummary, Count, Hit, Page, PageRequest, Record, RecordId, SearchRequest,
};
use super::{Address, Capabilities, ConnectSpec, Provider, ProviderError, Result, ServerInfo};

use connection::Database;
pub use lock::is_database;
use maker::CAPABILITIES;
pub use maker::MAKER;

/// The engine's name for itself.
const PRODUCT: &str = "qdrant-edge";

/// The engine's version; `Cargo.toml` pins it exactly.
pub(super) const VERSION: &str = "0.7.2";

/// Requests that run at a time. More would only wait for the same disk and cores, and each holds a
/// thread, also after it was cancelled.
const AT_A_TIME: usize = 4;

/// Makes an empty database in a directory that is absent or empty; nothing stays open.
///
/// # Errors
/// [`ProviderError::BadRequest`] where there is a database already, [`ProviderError::NotADatabase`] for a directory
/// with other files, [`ProviderError::File`] for one that cannot be made.
pub(super) async fn make_new(dir: &Path) -> Result<()> {
    let dir = dir.to_owned();
    task::spawn_blocking(move || lock::make_new(&dir)).await.map_err(broken)?
}

/// An open database of embedded Qdrant.
///
/// Several may be open on one directory in one process; another process is refused.
pub struct QdrantEdge {
    /// `None` only while it is being dropped.
    database: Option<Arc<Database>>,
    places: Arc<Semaphore>,
    reader: ahead::Reader,
}

impl QdrantEdge {
    /// Opens the database in the spec's directory.
    ///
    /// # Errors
    /// [`ProviderError::NotADatabase`], [`ProviderError::Locked`] by another process,
    /// [`ProviderError::File`] for a directory that cannot be read or written.
    pub async fn open(spec: &ConnectSpec) -> Result<Self> {
        match &spec.address {
            Address::Directory(dir) => Self::at(dir, false).await,
            Address::Server { host, port, .. } => Err(ProviderError::BadRequest {
                cause: format!("embedded Qdrant is opened from a directory, not from {host}:{port}"),
                mend: "Give a directory, or use the provider qdrant for a server.".into(),
            }),
        }
    }

    /// Opens the database in a directory and makes it if the directory is empty or absent.
    ///
    /// # Errors
    /// Those of [`Self::open`]; [`ProviderError::NotADatabase`] too for a directory with other files.
    pub async fn create(dir: &Path) -> Result<Self> {
        Self::at(dir, true).await
    }

    async fn at(dir: &Path, make: bool) -> Result<Self> {
        let dir = dir.to_owned();
        let open = move || {
            if make {
                lock::initialise(&dir)?;
            }
            Database::open(&dir)
        };
        let database = task::spawn_blocking(open).await.map_err(broken)??;
        Ok(Self {
            database: Some(database),
            places: Arc::new(Semaphore::new(AT_A_TIME)),
            reader: ahead::Reader::default(),
        })
    }

    /// Closes the database and waits until all is on disk and the lock is given back. Dropping does
    /// the same without waiting.
    pub async fn close(mut self) {
        // A thread that still reads has the database, too.
        let _all = self.places.acquire_many(AT_A_TIME as u32).await;
        if let Some(database) = self.database.take() {
            let _ = task::spawn_blocking(move || drop(database)).await;
        }
    }

    /// Runs a request on a thread that may block. The place is given back by that thread, not by a
    /// caller that has stopped waiting.
    async fn run<T: Send + 'static>(&self, ask: impl FnOnce(&Database) -> Result<T> + Send + 'static) -> Result<T> {
        let database = Arc::clone(self.database.as_ref().ok_or(ProviderError::NotConnected)?);
        let place = Arc::clone(&self.places).acquire_owned().await.map_err(|_| ProviderError::NotConnected)?;
        task::spawn_blocking(move || {
            let result = ask(&database);
            drop(database);
            drop(place);
            result
        })
        .await
        .map_err(broken)?
    }
}

impl Drop for QdrantEdge {
    fn drop(&mut self) {
        // the last one flushes to disk, which a thread of the runtime must not wait for
        if let (Some(database), Ok(runtime)) = (self.database.take(), Handle::try_current()) {
            runtime.spawn_blocking(move || drop(database));
        }
    }
}

#[async_trait]
impl Provider for QdrantEdge {
    fn capabilities(&self) -> &Capabilities {
        &CAPABILITIES
    }

    async fn ping(&self) -> Result<ServerInfo> {
        // not through `run`: slow requests must not make the database look dead
        let database = Arc::clone(self.database.as_ref().ok_or(ProviderError::NotConnected)?);
        task::spawn_blocking(move || database.ping()).await.map_err(broken)??;
        Ok(ServerInfo { product: PRODUCT.into(), version: VERSION.into() })
    }

    async fn collections(&self) -> Result<Vec<CollectionSummary>> {
        self.run(|database| {
            let names = database.names()?;
            Ok(names.iter().filter_map(|name| summary(database, name)).collect())
        })
        .await
    }

    async fn describe(&self, collection: &str) -> Result<CollectionInfo> {
        let name = collection.to_owned();
        self.run(move |database| database.collection(&name)?.read(|shard| read::describe(shard, &name))).await
    }

    async fn count(&self, collection: &str, filter: Option<&Filter>) -> Result<Count> {
        let (name, filter) = (collection.to_owned(), filter.cloned());
        self.run(move |database| database.collection(&name)?.read(|shard| read::count(shard, filter.as_ref()))).await
    }

    async fn page(&self, collection: &str, request: &PageRequest) -> Result<Page> {
        let database = self.database.as_ref().ok_or(ProviderError::NotConnected)?;
        let line = self.reader.follow(database, collection, request);
        let mut read_ahead = None;
        if let Some(line) = &line {
            read_ahead = line.take(|| Arc::clone(&self.places).try_acquire_owned().ok()).await;
        }
        // A line that had nothing is at its end.
        let line = line.filter(|_| read_ahead.is_some());
        let page = match read_ahead {
            Some(page) => page,
            None => {
                let (name, request) = (collection.to_owned(), request.clone());
                self.run(move |database| database.collection(&name)?.read(|shard| read::page(shard, &request))).await?
            }
        };
        self.reader.given(collection, request, &page, line);
        Ok(page)
    }

    async fn get(&self, collection: &str, ids: &[RecordId], with_vectors: bool) -> Result<Vec<Record>> {
        let (name, ids) = (collection.to_owned(), ids.to_owned());
        self.run(move |database| database.collection(&name)?.read(|shard| read::get(shard, &ids, with_vectors))).await
    }

    async fn search(&self, collection: &str, request: &SearchRequest) -> Result<Vec<Hit>> {
        let (name, request) = (collection.to_owned(), request.clone());
        self.run(move |database| database.collection(&name)?.read(|shard| read::search(shard, &name, &request))).await
    }

    async fn native_filter(&self, _collection: &str, filter: &Filter) -> Result<String> {
        super::qdrant::native::native(filter, PRODUCT)
    }

    async fn check_new(&self, spec: &CollectionSpec) -> Result<()> {
        let spec = spec.clone();
        self.run(move |database| database.check_new(&spec).map(drop)).await
    }

    async fn create_collection(&self, spec: &CollectionSpec) -> Result<()> {
        let spec = spec.clone();
        self.run(move |database| database.create(&spec)).await
    }

    async fn upsert(&self, collection: &str, records: Vec<Record>) -> Result<()> {
        let name = collection.to_owned();
        self.run(move |database| database.collection(&name)?.write(|shard| write::upsert(shard, records))).await
    }

    async fn delete(&self, collection: &str, ids: &[RecordId]) -> Result<()> {
        let (name, ids) = (collection.to_owned(), ids.to_owned());
        self.run(move |database| database.collection(&name)?.write(|shard| write::delete(shard, &ids))).await
    }

    async fn drop_collection(&self, collection: &str) -> Result<()> {
        let name = collection.to_owned();
        self.run(move |database| database.drop_collection(&name)).await
    }
}

/// A line of the list. One damaged collection must not hide the others: it has no count; one that
/// has just been removed has no line.
fn summary(database: &Database, name: &str) -> Option<CollectionSummary> {
    let asked = database.collection(name).and_then(|c| c.read(|shard| read::summary(shard, name)));
    match asked {
        Ok(summary) => Some(summary),
        Err(ProviderError::NoSuchCollection { .. }) => None,
        Err(error) => {
            tracing::warn!(collection = name, directory = %database.dir().display(), %error, "not counted");
            Some(CollectionSummary { name: name.to_owned(), count: None, vectors: Vec::new() })
        }
    }
}
