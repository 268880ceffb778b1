//! Redis with its search engine: indexes of RediSearch are collections, their documents are records.
//!
//! [`connection`] asks, [`reply`] reads RESP, [`index`] is what `FT.INFO` tells, [`query`] makes the
//! questions, [`reads`] asks them, [`documents`] turns documents into records and back, [`filter`] translates our filter
//! language, [`writes`] changes things. Nothing is cached: each question first asks for the index, so that
//! one that was dropped or made again is noticed. Only keys behind a page are kept, for who goes on at once.
//!
//! [`vector_sets`] are the collections of Redis 8 that need no search engine.

mod bounded;
mod connection;
mod documents;
mod filter;
mod index;
mod json_path;
mod maker;
mod query;
mod reads;
mod reply;
mod vector_sets;
mod writes;

use std::sync::Arc;

use async_trait::async_trait;
use futures::{StreamExt, TryStreamExt, stream};
use redis::{Cmd, Value};

use super::ahead::{Ahead, Answer};
use super::filter::Filter;
use super::model::{
    CollectionInfo, CollectionSpec, CollectionSummary, Count, Cursor, Hit, Metric, Page, PageRequest, Record, RecordId,
    SearchRequest,
};
use super::{Capabilities, ConnectSpec, Provider, ProviderError, Result, ServerInfo};
use connection::Connection;
use index::Index;
pub use maker::MAKER;
use reads::{Documents, Keys};
use vector_sets::{Abilities, VectorSet};

/// The maker's name in errors.
const PRODUCT: &str = "Redis";
/// How many indexes are asked at the same time while they are listed.
const PARALLEL: usize = 8;
/// Documents in one go.
const STEP: usize = 1_000;
/// What our cursors begin with.
const CURSOR: &str = "after:";

/// An open Redis.
pub struct Redis {
    database: Arc<Database>,
    /// Pages whose documents are read while those before become records.
    ahead: Ahead<Read>,
    capabilities: Capabilities,
}

/// What answers questions.
struct Database {
    connection: Connection,
    version: String,
    /// Whether it has RediSearch.
    search_engine: bool,
    sets: Abilities,
}

/// What was read of a page.
enum Read {
    /// Documents of an index.
    Documents(Box<Documents>),
    /// Elements of a vector set.
    Elements(Page),
}

impl Answer for Read {
    type Rest = Keys;

    fn next(&self) -> Option<&Cursor> {
        match self {
            Self::Documents(documents) => documents.next.as_ref(),
            Self::Elements(page) => page.next.as_ref(),
        }
    }

    fn rest(&mut self) -> Keys {
        match self {
            Self::Documents(documents) => std::mem::take(&mut documents.rest),
            Self::Elements(_) => Keys::default(),
        }
    }
}

/// What a name belongs to.
enum Found {
    /// An index of RediSearch.
    Index(Index),
    /// A vector set.
    Set(VectorSet),
}

impl Redis {
    /// Connects: dials, lets the server check user and password, and asks for the search engine and for
    /// vector sets; one of them must be there.
    ///
    /// # Errors
    /// Every cause that a connect can have; none of them contains the password.
    pub async fn connect(spec: &ConnectSpec) -> Result<Self> {
        let connection = Connection::open(spec).await?;
        // Asks for a right to read, too: an unknown password shows here if nobody asked for it before.
        let list = connection.ask_first(&redis::cmd("FT._LIST")).await;
        let engine_is_missing = matches!(list, Err(ProviderError::Unsupported { .. }));
        if !engine_is_missing {
            list.as_ref().map_err(Clone::clone)?;
        }
        let sets = Abilities::ask(&connection, spec).await?;
        if !sets.sets {
            list?;
        }
        let version = match connection.ask(&redis::cmd("HELLO")).await {
            Ok(hello) => reply::field(&hello, "version").and_then(reply::text).unwrap_or("0").to_owned(),
            // Not everybody may ask.
            Err(ProviderError::Server { .. } | ProviderError::Unauthorized { .. }) => "0 (not told)".to_owned(),
            Err(error) => return Err(error),
        };
        let capabilities = if engine_is_missing { maker::sets_only(sets.flat) } else { maker::CAPABILITIES };
        let database = Arc::new(Database { connection, version, search_engine: !engine_is_missing, sets });
        Ok(Self { database, ahead: Ahead::default(), capabilities })
    }
}

impl Database {
    async fn read_page(&self, collection: &str, request: &PageRequest, rest: Option<Keys>) -> Result<Read> {
        match self.find(collection).await? {
            Found::Index(index) => {
                self.page_index(index, request, rest).await.map(|read| Read::Documents(Box::new(read)))
            }
            Found::Set(set) => self.page_set(&set, request).await.map(Read::Elements),
        }
    }

    /// What is called so: an index, or else a vector set.
    async fn find(&self, collection: &str) -> Result<Found> {
        if self.search_engine {
            match self.resolve(collection).await {
                Err(ProviderError::NoSuchCollection { .. }) => {}
                found => return found.map(Found::Index),
            }
        }
        let set = self.find_set(collection).await?.map(Found::Set);
        set.ok_or_else(|| ProviderError::NoSuchCollection { collection: collection.to_owned() })
    }

    /// The index of that name.
    async fn resolve(&self, collection: &str) -> Result<Index> {
        let mut command = redis::cmd("FT.INFO");
        command.arg(collection);
        let info = self.ask(collection, &command).await?;
        Index::read(&info).map_err(|cause| self.connection.bad_answer(cause))
    }

    /// Asks about an index that may be gone.
    async fn ask(&self, collection: &str, command: &Cmd) -> Result<Value> {
        self.connection.ask(command).await.map_err(|error| match error {
            ProviderError::Server { cause, .. } if is_missing(&cause) => {
                ProviderError::NoSuchCollection { collection: collection.to_owned() }
            }
            error => error,
        })
    }
}

#[async_trait]
impl Provider for Redis {
    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    async fn ping(&self) -> Result<ServerInfo> {
        self.database.connection.ask(&redis::cmd("PING")).await?;
        Ok(ServerInfo { product: "redis".to_owned(), version: self.database.version.clone() })
    }

    async fn collections(&self) -> Result<Vec<CollectionSummary>> {
        let mut names = Vec::new();
        if self.database.search_engine {
            let list = self.database.connection.ask(&redis::cmd("FT._LIST")).await?;
            names = index::names(&list)
                .ok_or_else(|| self.database.connection.bad_answer("a list of indexes that is none"))?;
        }
        let each = names.iter().map(|name| async move {
            match self.database.resolve(name).await {
                Ok(index) => Ok(Some(index.summary(self.database.count_all(name).await.ok()))),
                // Dropped meanwhile.
                Err(ProviderError::NoSuchCollection { .. }) => Ok(None),
                Err(error) => Err(error),
            }
        });
        let indexes = stream::iter(each.collect::<Vec<_>>()).buffered(PARALLEL).try_collect::<Vec<_>>().await?;
        let mut all: Vec<CollectionSummary> = indexes.into_iter().flatten().collect();
        all.extend(self.database.list_sets(&names).await?);
        all.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(all)
    }

    async fn describe(&self, collection: &str) -> Result<CollectionInfo> {
        match self.database.find(collection).await? {
            Found::Index(index) => {
                let count = self.database.count_all(collection).await?;
                Ok(index.info(count))
            }
            Found::Set(set) => Ok(set.info()),
        }
    }

    async fn count(&self, collection: &str, filter: Option<&Filter>) -> Result<Count> {
        let value = match self.database.find(collection).await? {
            Found::Index(index) => self.database.count_index(&index, filter).await?,
            Found::Set(set) => self.database.count_set(&set, filter).await?,
        };
        Ok(Count { value, exact: true })
    }

    async fn page(&self, collection: &str, request: &PageRequest) -> Result<Page> {
        request.cursor.as_ref().map(behind).transpose()?;
        if request.limit == 0 {
            return Err(ProviderError::BadRequest {
                cause: "a page of 0 records was asked for".to_owned(),
                mend: "Ask for at least one.".to_owned(),
            });
        }
        let read = self.ahead.follow(collection, request, |request, rest| {
            let (database, collection) = (Arc::clone(&self.database), collection.to_owned());
            async move { database.read_page(&collection, &request, rest).await }
        });
        match read.await? {
            Read::Documents(documents) => documents.page().map_err(|cause| self.database.connection.bad_answer(cause)),
            Read::Elements(page) => Ok(page),
        }
    }

    async fn get(&self, collection: &str, ids: &[RecordId], with_vectors: bool) -> Result<Vec<Record>> {
        match self.database.find(collection).await? {
            Found::Index(index) => self.database.get_records(&index, ids, with_vectors).await,
            Found::Set(set) => self.database.get_set(&set, ids, with_vectors).await,
        }
    }

    async fn search(&self, collection: &str, request: &SearchRequest) -> Result<Vec<Hit>> {
        match self.database.find(collection).await? {
            Found::Index(index) => self.database.search_index(&index, request).await,
            Found::Set(set) => self.database.search_set(&set, request).await,
        }
    }

    async fn native_filter(&self, collection: &str, filter: &Filter) -> Result<String> {
        match self.database.find(collection).await? {
            Found::Index(index) => {
                Ok(format!("FT.AGGREGATE {collection:?} *\n{}", filter::translate(&index, Some(filter))?.shown()))
            }
            Found::Set(set) => self.database.native_set(&set, filter),
        }
    }

    async fn check_new(&self, spec: &CollectionSpec) -> Result<()> {
        self.database.new_index(spec).await.map(drop)
    }

    async fn create_collection(&self, spec: &CollectionSpec) -> Result<()> {
        let _changing = self.ahead.changing();
        self.database.create(spec).await
    }

    async fn upsert(&self, collection: &str, records: Vec<Record>) -> Result<()> {
        let _changing = self.ahead.changing();
        match self.database.find(collection).await? {
            Found::Index(index) => self.database.write(&index, records).await,
            Found::Set(set) => self.database.write_set(&set, records).await,
        }
    }

    async fn delete(&self, collection: &str, ids: &[RecordId]) -> Result<()> {
        let _changing = self.ahead.changing();
        match self.database.find(collection).await? {
            Found::Index(index) => self.database.remove(&index, ids).await,
            Found::Set(set) => self.database.remove_set(&set, ids).await,
        }
    }

    async fn drop_collection(&self, collection: &str) -> Result<()> {
        let _changing = self.ahead.changing();
        match self.database.find(collection).await? {
            Found::Index(index) => {
                let mut command = redis::cmd("FT.DROPINDEX");
                command.arg(&index.name).arg("DD");
                self.database.ask(collection, &command).await.map(drop)
            }
            Found::Set(set) => self.database.drop_set(&set).await,
        }
    }
}

/// What a distance of Redis is in our words: L2 is squared, IP and COSINE are told as 1 minus them.
fn score(metric: Metric, distance: f32) -> f32 {
    match metric {
        Metric::Euclidean | Metric::Manhattan => distance.max(0.0).sqrt(),
        Metric::Dot | Metric::Cosine => 1.0 - distance,
    }
}

/// The key behind which a page begins.
fn behind(cursor: &Cursor) -> Result<&str> {
    cursor.0.strip_prefix(CURSOR).ok_or_else(|| ProviderError::BadRequest {
        cause: "this cursor was not made by a Redis connection".to_owned(),
        mend: "Start again from the first page.".to_owned(),
    })
}

fn cursor(key: &[u8]) -> std::result::Result<Cursor, String> {
    let key = std::str::from_utf8(key).map_err(|_| "a key that is no UTF-8 text".to_owned())?;
    Ok(Cursor(format!("{CURSOR}{key}")))
}

/// Whether these words say that there is no such index, as versions 1.x to 8.x say it.
fn is_missing(said: &str) -> bool {
    let said = said.to_ascii_lowercase();
    ["no such index", "unknown index name", "index not found", "index_not_found"]
        .iter()
        .any(|words| said.contains(words))
}

fn unsupported(reason: impl Into<String>) -> ProviderError {
    ProviderError::Unsupported { product: PRODUCT, reason: reason.into() }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn distances_become_scores() {
        assert_eq!(score(Metric::Euclidean, 25.0), 5.0);
        assert_eq!(score(Metric::Dot, -9.0), 10.0);
        assert_eq!(score(Metric::Cosine, 0.25), 0.75);
        // A rounding error below zero is a distance of zero, and NaN stays what it is.
        assert_eq!(score(Metric::Euclidean, -1e-9), 0.0);
        assert!(score(Metric::Cosine, f32::NAN).is_nan());
    }

    #[test]
    fn a_cursor_reads_back_with_any_key() {
        for key in ["", "a", "after:b", "a\nb", "ü💥"] {
            assert_eq!(behind(&cursor(key.as_bytes()).unwrap()).unwrap(), key);
        }
        assert!(behind(&Cursor("17".to_owned())).unwrap_err().to_string().contains("cursor"));
    }

    #[test]
    fn a_missing_index_is_known_by_its_words() {
        for said in [
            "Unknown index name",
            "nope: no such index",
            "Unknown Index name",
            "SEARCH_INDEX_NOT_FOUND Index not found: nope",
        ] {
            assert!(is_missing(said), "{said}");
        }
        assert!(!is_missing("Index already exists"));
    }
}
