//! An open directory and its tables. Nothing of a table is kept between questions but whether its
//! column of ids has each id once: each question opens the table anew and stays on the version that it
//! found, so that another writer changes nothing in the middle of an answer.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use futures::TryStreamExt;
use lancedb::Connection;
use lancedb::arrow::arrow_schema::SchemaRef;
use lancedb::query::{ExecutableQuery, QueryBase, Select};

use super::failure::{self, Explain, failed, unreadable};
use super::home::Home;
use super::rows::id_at;
use super::schema::{Id, Layout, is_own, key_candidates};
use super::settings::Settings;
use crate::provider::{Address, ConnectSpec, ProviderError, Result};

/// Most rows whose ids are compared with each other to tell whether each is there once.
const MOST_COMPARED: usize = 2_000_000;

/// An open directory.
pub(super) struct Database {
    /// The library's side of it.
    pub connection: Connection,
    /// Where it is.
    pub home: Home,
    /// What the profile says.
    pub settings: Settings,
    /// By table and columns: the column that is its key, if one is.
    keys: Mutex<HashMap<String, (SchemaRef, Key)>>,
}

/// What identifies the records of a table, and why.
#[derive(Debug, Clone)]
pub(super) struct Key {
    /// The column or row.
    pub id: Id,
    /// A sentence for the description.
    pub why: String,
}

/// A table at one version.
pub(super) struct Table {
    /// The library's side of it.
    pub handle: lancedb::Table,
    /// Its name.
    pub name: String,
    /// The version that is read.
    pub version: u64,
    /// When that version was made, in nanoseconds: tells a table from a later one of its name.
    pub born: u128,
    /// What it is made of.
    pub layout: Layout,
    /// Why its id is the id.
    pub why: String,
}

impl Database {
    /// Opens the directory of the spec; changes nothing in it.
    pub(super) async fn open(spec: &ConnectSpec) -> Result<Self> {
        let Address::Directory(dir) = &spec.address else {
            return Err(ProviderError::BadRequest {
                cause: "LanceDB is opened from a directory, not from a host".to_owned(),
                mend: "Give a directory. LanceDB's cloud is not supported.".to_owned(),
            });
        };
        let settings = Settings::of(spec)?;
        let checked = dir.clone();
        let dir =
            tokio::task::spawn_blocking(move || check(&checked)).await.map_err(crate::provider::blocking::broken)??;
        let uri = dir.to_str().ok_or_else(|| not_a_database(&dir, "its path is not valid UTF-8"))?;
        let connection = lancedb::connect(uri).execute().await;
        let home = Home::Directory(dir.clone());
        let connection = connection.map_err(|error| failure::of(&home, &error))?;
        Ok(Self::with(connection, home, settings))
    }

    /// The same of tables that the library has found already.
    pub(super) fn with(connection: Connection, home: Home, settings: Settings) -> Self {
        Self { connection, home, settings, keys: Mutex::default() }
    }

    /// Proves that the directory is still there; asks a store for its first table.
    pub(super) async fn ping(&self) -> Result<()> {
        let Home::Directory(dir) = &self.home else {
            let first = self.connection.table_names().limit(1).execute().await;
            return first.map(drop).map_err(|error| failure::of(&self.home, &error));
        };
        let looked = dir.clone();
        let there = tokio::task::spawn_blocking(move || std::fs::read_dir(&looked).is_ok());
        if there.await.map_err(crate::provider::blocking::broken)? {
            return Ok(());
        }
        Err(not_a_database(dir, "the directory was removed or cannot be read any more"))
    }

    /// The names of all tables, sorted.
    pub(super) async fn names(&self) -> Result<Vec<String>> {
        self.ping().await?;
        let names = self.connection.table_names().execute().await;
        let mut names = names.map_err(|error| failure::of(&self.home, &error))?;
        names.sort_unstable();
        Ok(names)
    }

    /// A table at the version that the profile says, or else the newest.
    pub(super) async fn table(&self, name: &str) -> Result<Table> {
        self.table_at(name, self.settings.version(name)).await
    }

    /// A table at a version.
    pub(super) async fn table_at(&self, name: &str, version: Option<u64>) -> Result<Table> {
        let opened = self.connection.open_table(name).execute().await;
        let handle = opened.explain(&self.home, name)?;
        if let Some(version) = version {
            handle.checkout(version).await.map_err(|error| match failed(&self.home, name, &error) {
                gone @ ProviderError::NoSuchCollection { .. } => gone,
                other => ProviderError::BadRequest {
                    cause: format!("the table {name:?} cannot be opened at version {version} ({other})"),
                    mend: "Its versions are in the collection's details; old ones are removed by clean-ups.".to_owned(),
                },
            })?;
        }
        let native = handle.as_native().ok_or_else(|| unreadable(&self.home, "a table that is not on this machine"))?;
        let manifest = native.manifest().await.explain(&self.home, name)?;
        let schema = handle.schema().await.explain(&self.home, name)?;
        let key = self.key(&handle, name, &schema).await?;
        let (version, born) = (manifest.version, manifest.timestamp_nanos);
        let layout = Layout::new(schema, key.id);
        Ok(Table { handle, name: name.to_owned(), version, born, layout, why: key.why })
    }

    /// The key of a table, found once for each connection.
    async fn key(&self, handle: &lancedb::Table, name: &str, schema: &SchemaRef) -> Result<Key> {
        let known = self.keys().get(name).filter(|(known, _)| known == schema).map(|(_, key)| key.clone());
        if let Some(key) = known {
            return Ok(key);
        }
        let key = find_key(handle, schema).await.explain(&self.home, name)?;
        self.keys().insert(name.to_owned(), (schema.clone(), key.clone()));
        Ok(key)
    }

    fn keys(&self) -> std::sync::MutexGuard<'_, HashMap<String, (SchemaRef, Key)>> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The directory, if LanceDB's tables are in it or nothing is.
fn check(dir: &Path) -> Result<PathBuf> {
    let file =
        |error: std::io::Error| ProviderError::File { path: dir.display().to_string(), cause: error.to_string() };
    let dir = std::fs::canonicalize(dir).map_err(file)?;
    if !dir.is_dir() {
        return Err(not_a_database(&dir, "it is a file"));
    }
    if dir.join("_versions").is_dir() {
        return Err(not_a_database(&dir, "it is a single table, the database is the directory above"));
    }
    let empty = std::fs::read_dir(&dir).map_err(file)?.next().is_none();
    if empty || super::is_database(&dir) {
        return Ok(dir);
    }
    Err(not_a_database(&dir, "no directory in it is called NAME.lance"))
}

fn not_a_database(dir: &Path, cause: &str) -> ProviderError {
    ProviderError::NotADatabase {
        path: dir.display().to_string(),
        expected: super::super::PRODUCT,
        cause: cause.to_owned(),
    }
}

/// The first candidate whose values are each there once.
async fn find_key(handle: &lancedb::Table, schema: &SchemaRef) -> lancedb::Result<Key> {
    let mut passed_over = String::new();
    for (field, declared) in key_candidates(schema) {
        let name = field.name().clone();
        let why = if is_own(schema) {
            "the table was made by vector-inspector".to_owned()
        } else if declared {
            "the table names it as its primary key".to_owned()
        } else if handle.count_rows(None).await? > MOST_COMPARED {
            format!("by its name; the table has more than {MOST_COMPARED} rows, so that nobody looked for one twice")
        } else if has_each_once(handle, &name).await? {
            "by its name; each value was there once when the table was opened".to_owned()
        } else {
            passed_over.push_str(&format!("the column {name:?} has a value twice or none, so it is no key; "));
            continue;
        };
        return Ok(Key { id: Id::Column(field), why: format!("the column {name:?}: {why}") });
    }
    let why = format!(
        "{passed_over}the row's number {:?}, which LanceDB changes when it compacts the table, and which cannot be \
         written",
        super::schema::ROW_ID
    );
    Ok(Key { id: Id::Row, why })
}

async fn has_each_once(handle: &lancedb::Table, column: &str) -> lancedb::Result<bool> {
    let mut rows = handle.query().select(Select::columns(&[column])).execute().await?;
    let (mut seen, hasher) = (HashSet::new(), RandomState::new());
    while let Some(batch) = rows.try_next().await? {
        for row in 0..batch.num_rows() {
            // the hash is enough: two of 64 bits that are equal by chance only cost the key
            match id_at(batch.column(0), row) {
                Some(id) if seen.insert(hasher.hash_one(&id)) => {}
                _ => return Ok(false),
            }
        }
    }
    Ok(true)
}
