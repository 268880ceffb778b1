//! PostgreSQL with pgvector: any table with a column of vectors.
//!
//! `settings` and `files` read the profile, `.pgpass` and services; `connection` opens sessions and
//! `pool` lends them out; `catalog` asks what a table is, `table` and `key` make a collection of
//! it, `rows` and `vectors` its rows into records. `reads`, `search`, `describe`, `create`, `writes`
//! and `insert` are the methods; `filter`, `fields` and `numbers` translate our filter. Nothing is
//! cached: each question first reads the table's description, so that a table that was changed,
//! dropped or made again is never mistaken for what it was; only a page that follows another at once
//! takes that one's.
//!
//! All names are quoted and all values are parameters.

mod catalog;
mod connection;
mod create;
mod describe;
mod failure;
mod fields;
mod files;
mod filter;
mod insert;
mod json;
mod key;
mod maker;
mod names;
mod numbers;
mod pool;
mod reads;
mod rows;
mod search;
mod settings;
mod sql;
mod table;
mod vectors;
mod wire;
mod writes;

use std::sync::Arc;

use async_trait::async_trait;
use tokio_postgres::Client;

use super::ahead::Ahead;
use super::filter::Filter;
use super::model::{
    CollectionInfo, CollectionSpec, CollectionSummary, Count, Hit, Page, PageRequest, Record, RecordId, SearchRequest,
};
use super::transport::{is_explained, wrong_protocol};
use super::{Capabilities, ConnectSpec, Provider, ProviderError, ProviderKind, Result, ServerInfo};
use connection::Backend;
pub use maker::MAKER;
use pool::Pool;
use reads::Rows;
use settings::{Settings, Tuning};
use sql::Sql;

/// The maker's name in errors.
const PRODUCT: &str = "PostgreSQL";
/// Sessions for questions. Each question has one for itself; more of them wait.
const SESSIONS: usize = 4;

/// An open database of a PostgreSQL server.
pub struct Pgvector {
    database: Arc<Database>,
    /// Pages whose rows are read while those before become records.
    ahead: Ahead<Rows>,
    capabilities: Capabilities,
}

/// What answers questions.
struct Database {
    backend: Arc<Backend>,
    questions: Pool,
    /// A session of its own, so that no slow question holds up a ping.
    pulse: Pool,
    extension: Extension,
}

/// The extension `vector` in the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Extension {
    /// Its version; `None` if it is not installed.
    version: Option<(u32, u32)>,
}

impl Extension {
    /// Whether searches go on through an index until enough records pass the filter.
    fn iterates(self) -> bool {
        self.version.is_some_and(|version| version >= (0, 8))
    }

    fn read(text: Option<&str>) -> Self {
        let mut parts = text.unwrap_or_default().split('.').map(|part| part.parse().ok());
        let version = parts.next().flatten().zip(parts.next().flatten());
        Self { version }
    }
}

impl Pgvector {
    /// Connects and asks the server who it is, within the spec's connect timeout.
    ///
    /// # Errors
    /// Every cause that a connect can have; none of them contains the password.
    pub async fn connect(spec: &ConnectSpec) -> Result<Self> {
        let limits = spec.timeouts;
        let spec = spec.clone();
        // files of certificates, passwords and services
        let reading =
            tokio::task::spawn_blocking(move || Backend::new(Settings::of(&spec)?, limits.connect, limits.request));
        let backend = reading.await.map_err(|error| ProviderError::Panicked { cause: error.to_string() })??;
        let server = backend.settings.server.clone();
        match tokio::time::timeout(limits.connect, Self::open(Arc::new(backend))).await {
            Ok(Err(error)) if !is_explained(&error) => {
                Err(wrong_protocol(ProviderKind::Pgvector, &server, error).await)
            }
            Ok(answer) => answer,
            Err(_) => Err(ProviderError::TimedOut { what: server.to_string(), after: limits.connect }),
        }
    }

    async fn open(backend: Arc<Backend>) -> Result<Self> {
        let (questions, pulse) = (Pool::new(Arc::clone(&backend), SESSIONS), Pool::new(Arc::clone(&backend), 1));
        let lease = pulse.lease().await?;
        let greeting = greet(&backend, &lease).await?;
        lease.give_back();
        let extension = Extension::read(greeting.extension.as_deref());
        let capabilities = if greeting.standby { maker::STANDBY } else { maker::CAPABILITIES };
        let database = Arc::new(Database { backend, questions, pulse, extension });
        Ok(Self { database, ahead: Ahead::default(), capabilities })
    }
}

impl Database {
    fn extension(&self) -> Extension {
        self.extension
    }

    fn tuning(&self) -> &Tuning {
        &self.backend.settings.tuning
    }
}

/// What a server says of itself.
struct Greeting {
    version: String,
    extension: Option<String>,
    standby: bool,
}

async fn greet(backend: &Backend, client: &Client) -> Result<Greeting> {
    let text = "SELECT pg_catalog.current_setting('server_version'), \
                (SELECT extversion FROM pg_catalog.pg_extension WHERE extname = 'vector'), \
                pg_catalog.pg_is_in_recovery()";
    let failed = |error| backend.failed(&error);
    let rows = Sql::plain(text).run(client).await.map_err(failed)?;
    let row = rows.first().ok_or_else(|| backend.bad_answer("no row for a question that always has one"))?;
    Ok(Greeting {
        version: row.try_get(0).map_err(failed)?,
        extension: row.try_get(1).map_err(failed)?,
        standby: row.try_get(2).map_err(failed)?,
    })
}

/// Runs a question in a session of its own and gives the session back. An error gives it back, too:
/// the server has answered. Only a question that is dropped half-way keeps it.
macro_rules! in_session {
    ($pool:expr, $lease:ident => $question:expr) => {{
        let $lease = $pool.lease().await?;
        let answer = $question.await;
        $lease.give_back();
        answer
    }};
}

#[async_trait]
impl Provider for Pgvector {
    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    async fn ping(&self) -> Result<ServerInfo> {
        let greeting = in_session!(self.database.pulse, lease => greet(&self.database.backend, &lease))?;
        let number = greeting.version.split(' ').next().unwrap_or_default();
        let extension = greeting.extension.map_or("without pgvector".to_owned(), |v| format!("pgvector {v}"));
        Ok(ServerInfo { product: "postgresql".to_owned(), version: format!("{number} ({extension})") })
    }

    async fn collections(&self) -> Result<Vec<CollectionSummary>> {
        in_session!(self.database.questions, lease => self.database.summaries(&lease))
    }

    async fn describe(&self, collection: &str) -> Result<CollectionInfo> {
        in_session!(self.database.questions, lease => self.database.info(&lease, collection))
    }

    async fn count(&self, collection: &str, filter: Option<&Filter>) -> Result<Count> {
        in_session!(self.database.questions, lease => async {
            let table = self.database.table(&lease, collection).await?;
            self.database.exact_count(&lease, &table, filter).await
        })
    }

    async fn page(&self, collection: &str, request: &PageRequest) -> Result<Page> {
        let rows =
            self.ahead.follow(collection, request, |request, table| {
                let (database, collection) = (Arc::clone(&self.database), collection.to_owned());
                async move {
                    in_session!(database.questions, lease => database.read_rows(&lease, &collection, &request, table))
                }
            });
        rows.await?.page(&self.database.backend)
    }

    async fn get(&self, collection: &str, ids: &[RecordId], with_vectors: bool) -> Result<Vec<Record>> {
        in_session!(self.database.questions, lease => async {
            let table = self.database.table(&lease, collection).await?;
            self.database.fetch(&lease, &table, ids, with_vectors).await
        })
    }

    async fn search(&self, collection: &str, request: &SearchRequest) -> Result<Vec<Hit>> {
        in_session!(self.database.questions, lease => self.database.nearest(&lease, collection, request))
    }

    async fn native_filter(&self, collection: &str, filter: &Filter) -> Result<String> {
        in_session!(self.database.questions, lease => async {
            let table = self.database.table(&lease, collection).await?;
            let mut sql = Sql::default();
            let selection = reads::selection(Some(filter), None, &table, &mut sql)?;
            sql.text = format!("SELECT * FROM {}{selection}", table.from());
            Ok(sql.shown())
        })
    }

    async fn check_new(&self, spec: &CollectionSpec) -> Result<()> {
        in_session!(self.database.questions, lease => self.database.check(&lease, spec))
    }

    async fn create_collection(&self, spec: &CollectionSpec) -> Result<()> {
        let _changing = self.ahead.changing();
        in_session!(self.database.questions, lease => self.database.create(&lease, spec, true))
    }

    async fn create_collection_to_fill(&self, spec: &CollectionSpec) -> Result<()> {
        let _changing = self.ahead.changing();
        in_session!(self.database.questions, lease => self.database.create(&lease, spec, false))
    }

    async fn build_indexes(&self, spec: &CollectionSpec, told: &(dyn Fn(u64, u64) + Send + Sync)) -> Result<()> {
        in_session!(self.database.questions, lease => self.database.index(&lease, spec, told))
    }

    async fn upsert(&self, collection: &str, records: Vec<Record>) -> Result<()> {
        let _changing = self.ahead.changing();
        in_session!(self.database.questions, lease => self.database.put(&lease, collection, records))
    }

    async fn delete(&self, collection: &str, ids: &[RecordId]) -> Result<()> {
        let _changing = self.ahead.changing();
        in_session!(self.database.questions, lease => self.database.remove(&lease, collection, ids))
    }

    async fn drop_collection(&self, collection: &str) -> Result<()> {
        let _changing = self.ahead.changing();
        in_session!(self.database.questions, lease => self.database.discard(&lease, collection))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_extensions_version_is_compared_as_numbers() {
        assert!(Extension::read(Some("0.8.5")).iterates() && Extension::read(Some("0.10.0")).iterates());
        assert!(!Extension::read(Some("0.7.4")).iterates() && !Extension::read(None).iterates());
    }
}
