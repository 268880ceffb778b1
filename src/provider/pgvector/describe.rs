//! What a collection is: its size, its columns, its indexes.

use serde_json::{Value, json};
use tokio_postgres::Client;

use super::Database;
use super::catalog::{Column, Relation};
use super::names::quote;
use super::pool::Lease;
use super::sql::Sql;
use super::table::{PAYLOAD, Table};
use crate::provider::Result;
use crate::provider::model::{CollectionInfo, CollectionState, CollectionSummary, Count, PayloadField};

/// Tables of up to about so many rows are counted while they are listed; of larger ones the server's
/// estimate is shown.
const COUNTED_ROWS: f64 = 100_000.0;
/// How long a count in the list waits for a table that somebody has locked, in milliseconds.
const LOCK_LIMIT: u32 = 500;
/// How many payloads of an own table are looked at for its fields.
const SAMPLE: usize = 200;

impl Database {
    /// All collections, sorted by name.
    pub(super) async fn summaries(&self, lease: &Lease) -> Result<Vec<CollectionSummary>> {
        let relations = super::catalog::list(&self.backend, lease).await?;
        let mut tables: Vec<(String, Table)> =
            relations.into_iter().filter_map(Table::of).map(|table| (table.name.shown(), table)).collect();
        tables.sort_by(|a, b| a.0.cmp(&b.0));
        // asked at once: the answers come in one round trip
        self.run(lease, format!("SET lock_timeout = {LOCK_LIMIT}")).await?;
        let counts: Vec<_> = tables.iter().map(|(_, table)| self.cheap_count(lease, table)).collect();
        let counts = futures::future::join_all(counts).await;
        self.run(lease, "SET lock_timeout = 0".to_owned()).await?;
        Ok(tables
            .into_iter()
            .zip(counts)
            .filter_map(|((name, table), count)| {
                // dropped since it was listed
                let count = count.ok()?;
                let vectors = table.vectors.iter().map(super::table::VectorColumn::spec).collect();
                Some(CollectionSummary { name, count, vectors })
            })
            .collect())
    }

    async fn run(&self, lease: &Lease, text: String) -> Result<()> {
        Sql::plain(text).run(lease).await.map(drop).map_err(|error| self.backend.failed(&error))
    }

    /// An exact count of a small table, the server's estimate of a large one. An error only if the
    /// table is gone.
    async fn cheap_count(&self, client: &Client, table: &Table) -> std::result::Result<Option<Count>, ()> {
        let relation = &table.relation;
        if relation.rows > COUNTED_ROWS {
            return Ok(estimate(relation));
        }
        let text = format!("SELECT pg_catalog.count(*) FROM {}", table.name.sql());
        match Sql::plain(text).run(client).await {
            Ok(rows) => {
                let count: Option<i64> = rows.first().and_then(|row| row.try_get(0).ok());
                Ok(count.and_then(|n| u64::try_from(n).ok()).map(|value| Count { value, exact: true }))
            }
            Err(error) if error.code() == Some(&tokio_postgres::error::SqlState::UNDEFINED_TABLE) => Err(()),
            Err(error) => {
                tracing::debug!(%error, "a table could not be counted");
                Ok(estimate(relation))
            }
        }
    }

    /// All that can be told about one collection.
    pub(super) async fn info(&self, lease: &Lease, collection: &str) -> Result<CollectionInfo> {
        let mut table = self.table(lease, collection).await?;
        let count = self.exact_count(lease, &table, None).await?;
        for place in 0..table.vectors.len() {
            let Some(column) = table.vectors.get(place).filter(|column| column.dimension.is_none()) else { continue };
            let dimension = self.first_dimension(lease, &table, column).await?;
            if let Some(column) = table.vectors.get_mut(place) {
                column.dimension = dimension;
            }
        }
        let fields = if table.own {
            self.sampled_fields(lease, &table).await?
        } else {
            table.payload().map(|column| field(column, &table.relation)).collect()
        };
        let vectors = table.vectors.iter().map(super::table::VectorColumn::spec).collect();
        Ok(CollectionInfo {
            summary: CollectionSummary { name: table.name.shown(), count: Some(count), vectors },
            state: state(&table),
            fields,
            details: self.details(lease, &table).await?,
        })
    }

    /// The fields of the first payloads, with the kinds of values seen in them.
    async fn sampled_fields(&self, lease: &Lease, table: &Table) -> Result<Vec<PayloadField>> {
        let payload = quote(PAYLOAD);
        let sql = Sql::plain(format!(
            "SELECT f.key, pg_catalog.string_agg(DISTINCT pg_catalog.jsonb_typeof(f.value), ', ') \
             FROM (SELECT {payload} AS p FROM {} WHERE pg_catalog.jsonb_typeof({payload}) = 'object' LIMIT {SAMPLE}) s \
             CROSS JOIN LATERAL pg_catalog.jsonb_each(s.p) f GROUP BY f.key ORDER BY f.key",
            table.name.sql()
        ));
        let rows = self.ask(lease, table, sql).await?;
        let read = |row: &tokio_postgres::Row| {
            let get = |place| row.try_get::<_, String>(place).map_err(|error| self.backend.failed(&error));
            Ok(PayloadField { path: get(0)?, kind: get(1)?, indexed: None })
        };
        rows.iter().map(read).collect()
    }

    async fn details(&self, lease: &Lease, table: &Table) -> Result<Value> {
        let relation = &table.relation;
        let sizes = format!(
            "SELECT COALESCE(pg_catalog.sum(pg_catalog.pg_table_size(p)), 0)::int8, \
             COALESCE(pg_catalog.sum(pg_catalog.pg_indexes_size(p)), 0)::int8 \
             FROM (SELECT {oid}::oid AS p UNION SELECT relid FROM pg_catalog.pg_partition_tree({oid}::oid)) s",
            oid = relation.oid
        );
        let rows = self.ask(lease, table, Sql::plain(sizes)).await?;
        let size = |place| rows.first().and_then(|row| row.try_get::<_, i64>(place).ok());
        let columns: Vec<Value> = relation
            .columns
            .iter()
            .map(|column| json!({ "name": column.name, "type": column.shown, "not_null": column.not_null }))
            .collect();
        let indexes: Vec<Value> = relation.indexes.iter().map(super::catalog::Index::details).collect();
        Ok(json!({
            "table": table.name.sql(),
            "kind": relation.kind_name(),
            "oid": relation.oid,
            "comment": relation.comment,
            "layout": if table.own { "id, payload, text, vectors" } else { "columns" },
            "key": table.key.as_ref().map(super::key::Key::describe),
            "estimated_rows": estimate(relation).map(|count| count.value),
            "bytes": { "table": size(0), "indexes": size(1) },
            "columns": columns,
            "indexes": indexes,
            "database": self.backend.settings.database,
        }))
    }
}

/// The server's own estimate; none before the table was first analysed.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // not negative, and far below 2^63
fn estimate(relation: &Relation) -> Option<Count> {
    (relation.rows >= 0.0).then_some(Count { value: relation.rows as u64, exact: false })
}

fn field(column: &Column, relation: &Relation) -> PayloadField {
    let serves = |index: &&super::catalog::Index| {
        index.valid && index.keys.first().is_some_and(|key| key.column == column.number)
    };
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // as above
    let indexed = relation.indexes.iter().find(serves).map(|index| index.rows.max(0.0) as u64);
    PayloadField { path: column.name.clone(), kind: column.shown.clone(), indexed }
}

fn state(table: &Table) -> CollectionState {
    let unusable = table.relation.indexes.iter().find(|index| !index.valid);
    match unusable {
        None => CollectionState::Ready,
        Some(index) => CollectionState::Degraded(format!(
            "the index {} is not valid: it is being built, or its building failed",
            index.name
        )),
    }
}
