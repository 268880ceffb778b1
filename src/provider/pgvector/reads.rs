//! Pages, records by id, counts.

use std::collections::HashMap;
use std::sync::Arc;

use tokio_postgres::Row;

use super::connection::Backend;
use super::filter::condition;
use super::key::Key;
use super::pool::Lease;
use super::rows::Projection;
use super::sql::Sql;
use super::table::Table;
use super::{Database, PRODUCT, catalog};
use crate::provider::ahead::Answer;
use crate::provider::filter::Filter;
use crate::provider::model::{Count, Cursor, Page, PageRequest, Record, RecordId};
use crate::provider::{ProviderError, Result};

use super::names::TableName;

/// The beginning of our cursors; the words of the last record's key follow as JSON.
const CURSOR: &str = "key";
/// Most ids in one question.
const MOST_IDS: usize = 10_000;

impl Database {
    /// The table of that name.
    ///
    /// # Errors
    /// `NoSuchCollection` also for a table without vectors.
    pub(super) async fn table(&self, lease: &Lease, collection: &str) -> Result<Table> {
        let missing = || ProviderError::NoSuchCollection { collection: collection.to_owned() };
        let name = TableName::parse(collection).ok_or_else(missing)?;
        let relation = catalog::find(&self.backend, lease, &name).await?;
        relation.and_then(Table::of).ok_or_else(missing)
    }

    /// Runs a question of some table.
    ///
    /// # Errors
    /// `NoSuchCollection` if the table went away since its description was read.
    pub(super) async fn ask(&self, lease: &Lease, table: &Table, sql: Sql) -> Result<Vec<Row>> {
        sql.run(lease).await.map_err(|error| self.failed_in(table, &error))
    }

    /// What an error of the driver means for a question about that table.
    pub(super) fn failed_in(&self, table: &Table, error: &tokio_postgres::Error) -> ProviderError {
        if error.code() == Some(&tokio_postgres::error::SqlState::UNDEFINED_TABLE) {
            return ProviderError::NoSuchCollection { collection: table.name.shown() };
        }
        self.backend.failed(error)
    }

    /// The exact number of records that the filter selects.
    pub(super) async fn exact_count(&self, lease: &Lease, table: &Table, filter: Option<&Filter>) -> Result<Count> {
        let mut sql = Sql::default();
        let selection = selection(filter, None, table, &mut sql)?;
        sql.text = format!("SELECT pg_catalog.count(*) FROM {}{selection}", table.from());
        let rows = self.ask(lease, table, sql).await?;
        let count: Option<i64> = rows.first().and_then(|row| row.try_get(0).ok());
        let value = count.and_then(|count| u64::try_from(count).ok());
        let value = value.ok_or_else(|| self.backend.bad_answer("a count that is no number"))?;
        Ok(Count { value, exact: true })
    }

    /// The rows of one page in the order of the key, behind the key that the cursor names. Who goes on at once
    /// has the description of the table from the page before; where that does not fit any more, it is read.
    pub(super) async fn read_rows(
        &self,
        lease: &Lease,
        collection: &str,
        request: &PageRequest,
        known: Option<Arc<Table>>,
    ) -> Result<Rows> {
        if request.limit == 0 {
            return Err(ProviderError::BadRequest {
                cause: "a page of 0 records was asked for".to_owned(),
                mend: "Ask for at least one.".to_owned(),
            });
        }
        if let Some(table) = known {
            match self.rows_behind(lease, table, request).await {
                // a column is gone, or the table is another one
                Err(ProviderError::BadRequest { .. } | ProviderError::NoSuchCollection { .. }) => {}
                answer => return answer,
            }
        }
        let table = self.table(lease, collection).await?;
        self.rows_behind(lease, Arc::new(table), request).await
    }

    async fn rows_behind(&self, lease: &Lease, table: Arc<Table>, request: &PageRequest) -> Result<Rows> {
        let key = key_of(&table)?;
        let mut sql = Sql::default();
        let behind = match &request.cursor {
            Some(cursor) => Some(key.behind(&read_cursor(cursor, key)?, &mut sql)),
            None => None,
        };
        let selection = selection(request.filter.as_ref(), behind, &table, &mut sql)?;
        let projection = Projection::new(&table, key, request.with_vectors);
        sql.text = format!(
            "SELECT {} FROM {}{selection} ORDER BY {} LIMIT {}",
            projection.sql(),
            table.from(),
            key.order(),
            // one more tells whether another page follows
            request.limit.saturating_add(1).min(i64::MAX as usize)
        );
        let mut rows = self.ask(lease, &table, sql).await?;
        let more = rows.len() > request.limit;
        rows.truncate(request.limit);
        let next = match rows.last().filter(|_| more) {
            Some(row) => Some(write_cursor(&projection.key_words(&self.backend, row)?)),
            None => None,
        };
        Ok(Rows { table, rows, with_vectors: request.with_vectors, next })
    }

    /// The records with these ids, in the order asked for.
    pub(super) async fn fetch(
        &self,
        lease: &Lease,
        table: &Table,
        ids: &[RecordId],
        with_vectors: bool,
    ) -> Result<Vec<Record>> {
        let key = key_of(table)?;
        let projection = Projection::new(table, key, with_vectors);
        let mut found = HashMap::new();
        let keys: Vec<Vec<String>> = ids.iter().filter_map(|id| key.words(id)).collect();
        for some in keys.chunks(MOST_IDS) {
            for row in self.rows_of(lease, table, key, &projection, some).await? {
                let record = projection.record(&self.backend, &row)?;
                found.insert(record.id.clone(), record);
            }
        }
        Ok(ids.iter().filter_map(|id| found.get(id).cloned()).collect())
    }

    async fn rows_of(
        &self,
        lease: &Lease,
        table: &Table,
        key: &Key,
        projection: &Projection<'_>,
        keys: &[Vec<String>],
    ) -> Result<Vec<Row>> {
        let select = format!("SELECT {} FROM {} WHERE ", projection.sql(), table.from());
        let mut sql = Sql::default();
        sql.text = format!("{select}{}", key.among(keys.to_vec(), &mut sql));
        match sql.run(lease).await {
            Ok(rows) => Ok(rows),
            // some word is no value of the key's type; the others may be
            Err(error) if is_about_data(&error) => {
                let mut sql = Sql::default();
                sql.text = format!("{select}{}", key.among_words(keys, &mut sql));
                self.ask(lease, table, sql).await
            }
            Err(error) => Err(self.failed_in(table, &error)),
        }
    }
}

/// The rows of a page, as they came.
pub(super) struct Rows {
    table: Arc<Table>,
    rows: Vec<Row>,
    with_vectors: bool,
    next: Option<Cursor>,
}

impl Answer for Rows {
    type Rest = Arc<Table>;

    fn next(&self) -> Option<&Cursor> {
        self.next.as_ref()
    }

    fn rest(&mut self) -> Arc<Table> {
        Arc::clone(&self.table)
    }
}

impl Rows {
    /// The records in them.
    ///
    /// # Errors
    /// `BadAnswer` with what is wrong with one.
    pub(super) fn page(self, backend: &Backend) -> Result<Page> {
        let projection = Projection::new(&self.table, key_of(&self.table)?, self.with_vectors);
        let records = self.rows.iter().map(|row| projection.record(backend, row)).collect::<Result<_>>()?;
        Ok(Page { records, next: self.next })
    }
}

/// Whether the server did not understand a value.
pub(super) fn is_about_data(error: &tokio_postgres::Error) -> bool {
    error.code().is_some_and(|state| state.code().starts_with("22"))
}

/// The table's key.
///
/// # Errors
/// `Unsupported` for a table that has none.
pub(super) fn key_of(table: &Table) -> Result<&Key> {
    table.key.as_ref().ok_or_else(|| ProviderError::Unsupported {
        product: PRODUCT,
        reason: format!(
            "the {} {:?} has neither a primary key nor a unique index over columns that are NOT NULL, so that \
             nothing tells its records apart",
            table.relation.kind_name(),
            table.name.shown()
        ),
    })
}

/// ` WHERE ...`, or nothing.
pub(super) fn selection(filter: Option<&Filter>, also: Option<String>, table: &Table, sql: &mut Sql) -> Result<String> {
    let filter = filter.map(|filter| condition(filter, table, sql)).transpose()?;
    let all: Vec<String> = filter.into_iter().chain(also).collect();
    Ok(if all.is_empty() { String::new() } else { format!(" WHERE {}", all.join(" AND ")) })
}

fn write_cursor(words: &[String]) -> Cursor {
    Cursor(format!("{CURSOR}{}", serde_json::Value::from(words)))
}

fn read_cursor(cursor: &Cursor, key: &Key) -> Result<Vec<String>> {
    let words: Option<Vec<String>> = cursor.0.strip_prefix(CURSOR).and_then(|words| serde_json::from_str(words).ok());
    words.filter(|words| words.len() == key.columns.len()).ok_or_else(|| ProviderError::BadRequest {
        cause: "this cursor was not made for this table".to_owned(),
        mend: "Start again from the first page.".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::super::key::tests::key;
    use super::*;

    #[test]
    fn a_cursor_reads_back_and_a_foreign_one_is_refused() {
        let key = key(&[("a", "text"), ("b", "int8")]);
        let words = ["it's \"x\"/\u{1}".to_owned(), "9007199254740993".to_owned()];
        assert_eq!(read_cursor(&write_cursor(&words), &key).unwrap(), words);
        for text in ["", "key", "key[]", "key[\"a\"]", "key[1,2]", "[\"a\",\"b\"]", "\u{1}no cursor of ours"] {
            let error = read_cursor(&Cursor(text.to_owned()), &key).unwrap_err().to_string();
            assert!(error.contains("cursor"), "{text:?}: {error}");
        }
    }
}
