//! An open folder, and a view of it at one moment. Blocking; used on threads that may.

use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::catalog::{self, Asked, Collection, Layout, Scope};
use super::file;
use super::vectors::{Cache, Known, VectorSet};
use crate::provider::{ProviderError, Result};

/// A folder of Chroma, with one tenant and one database of it chosen.
pub(super) struct Folder {
    dir: PathBuf,
    file: PathBuf,
    scope: Scope,
    cache: Cache,
}

/// The folder at one moment: all that is read through a view belongs together. While it lives, a
/// server that writes waits, so none is kept for longer than a batch of rows takes.
pub(super) struct View<'a> {
    folder: &'a Folder,
    /// The connection to the tables.
    pub(super) connection: Connection,
    /// What tables there are.
    pub(super) layout: Layout,
}

/// What a reader who goes on need not look up again while nobody writes: the connection, with no
/// transaction, so that nobody waits for it.
pub(super) struct Kept {
    connection: Connection,
    /// SQLite's count of what others have written.
    version: i64,
    layout: Layout,
    collection: Collection,
    vectors: Option<Known>,
}

impl Folder {
    /// Opens a folder and checks that it has that tenant and database.
    pub(super) fn open(dir: &Path, scope: Scope) -> Result<Self> {
        if !dir.is_dir() {
            let cause = if dir.exists() { "it is a file" } else { "it does not exist" };
            return Err(file::not_a_database(&file::path_in(dir), cause));
        }
        let folder = Self { file: file::path_in(dir), dir: dir.to_owned(), scope, cache: Cache::default() };
        let view = folder.view()?;
        let databases = view.asked(catalog::databases(&view.connection, view.layout))?;
        drop(view);
        let Scope { tenant, database } = &folder.scope;
        if databases.iter().any(|scope| scope.tenant == *tenant && scope.database == *database) {
            return Ok(folder);
        }
        let known: Vec<String> = databases.iter().map(|s| format!("{:?} of {:?}", s.database, s.tenant)).collect();
        Err(ProviderError::BadRequest {
            cause: format!("the folder has no database {database:?} in the tenant {tenant:?}"),
            mend: format!("Give the profile's options `database` and `tenant`; it has {}.", known.join(", ")),
        })
    }

    /// Looks at it now.
    pub(super) fn view(&self) -> Result<View<'_>> {
        let connection = file::open(&self.file)?;
        let layout = Layout::read(&connection).map_err(|e| file::failure(&self.file, &e))?;
        Ok(View { folder: self, connection, layout })
    }

    /// Looks at it now through what was kept; `None` if something was written since.
    pub(super) fn again(&self, kept: Kept) -> Result<Option<(View<'_>, Collection, Option<Known>)>> {
        let Kept { connection, version, layout, collection, vectors } = kept;
        let begin = || {
            connection.execute_batch("BEGIN")?;
            data_version(&connection)
        };
        let now = begin().map_err(|e| file::failure(&self.file, &e))?;
        Ok((now == version).then(|| (View { folder: self, connection, layout }, collection, vectors)))
    }

    /// The tenant and database that are open.
    pub(super) fn scope(&self) -> &Scope {
        &self.scope
    }
}

/// Tells whether another connection has written; begins to read in an open transaction.
fn data_version(connection: &Connection) -> Asked<i64> {
    connection.query_row("PRAGMA data_version", (), |row| row.get(0))
}

impl View<'_> {
    /// Ends the moment, and keeps what is good for as long as nobody writes; `None` if SQLite does not say
    /// whether somebody does.
    pub(super) fn keep(self, collection: Collection, vectors: Option<Known>) -> Option<Kept> {
        let Self { connection, layout, .. } = self;
        let version = data_version(&connection).ok()?;
        connection.execute_batch("COMMIT").ok()?;
        Some(Kept { connection, version, layout, collection, vectors })
    }

    /// SQLite's answer in ours.
    pub(super) fn asked<T>(&self, answer: Asked<T>) -> Result<T> {
        answer.map_err(|error| file::failure(&self.folder.file, &error))
    }

    /// All collections, sorted by name.
    pub(super) fn collections(&self) -> Result<Vec<Collection>> {
        self.asked(catalog::collections(&self.connection, self.layout, &self.folder.scope, None))
    }

    /// The collection of that name.
    pub(super) fn collection(&self, name: &str) -> Result<Collection> {
        let found = catalog::collections(&self.connection, self.layout, &self.folder.scope, Some(name));
        let missing = || ProviderError::NoSuchCollection { collection: name.to_owned() };
        self.asked(found)?.into_iter().next().ok_or_else(missing)
    }

    /// A collection's vectors.
    pub(super) fn vectors(&self, collection: &Collection) -> Result<VectorSet<'_>> {
        VectorSet::open(&self.connection, &self.folder.dir, &self.folder.cache, collection)
    }

    /// The same, from what was known.
    pub(super) fn vectors_again(&self, collection: &Collection, known: Known) -> VectorSet<'_> {
        VectorSet::again(&self.connection, &self.folder.dir, collection, known)
    }
}
