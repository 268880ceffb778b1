//! What PostgreSQL's catalog says of tables: one question, answered as one JSON document for each.

use serde::Deserialize;
use serde_json::Value;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Row};

use super::connection::Backend;
use super::names::{TableName, quote};
use super::sql::Sql;
use crate::provider::Result;

/// A table as the catalog has it.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Relation {
    pub(super) oid: u32,
    pub(super) schema: String,
    pub(super) table: String,
    /// `r` a table, `p` a partitioned one, `m` a materialized view.
    pub(super) kind: String,
    /// How many rows the server thinks that there are, without looking.
    pub(super) rows: f64,
    /// The schema that the extension `vector` lives in; `None` where it is not installed.
    pub(super) extension: Option<String>,
    pub(super) comment: Option<String>,
    pub(super) columns: Vec<Column>,
    pub(super) indexes: Vec<Index>,
}

/// A column as the catalog has it.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Column {
    pub(super) number: i16,
    pub(super) name: String,
    /// The type's bare name, e.g. `int8`.
    pub(super) kind: String,
    /// The type's schema.
    pub(super) home: String,
    /// The type as people know it, e.g. `character varying(20)`.
    pub(super) shown: String,
    /// The type's modifier, -1 for none.
    pub(super) modifier: i32,
    pub(super) not_null: bool,
    /// Computed by the server, so that it cannot be written.
    pub(super) generated: bool,
    /// Whether texts that look alike count as equal there.
    pub(super) loose: bool,
    pub(super) comment: Option<String>,
}

/// An index as the catalog has it.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Index {
    pub(super) name: String,
    /// `btree`, `hnsw`, `ivfflat` and so on.
    pub(super) method: String,
    pub(super) unique: bool,
    pub(super) primary: bool,
    pub(super) valid: bool,
    pub(super) partial: bool,
    /// Rows in it, as estimated.
    pub(super) rows: f64,
    pub(super) options: Option<Vec<String>>,
    pub(super) definition: String,
    pub(super) keys: Vec<IndexKey>,
}

/// One key of an index.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct IndexKey {
    /// The column's number, 0 for an expression.
    pub(super) column: i16,
    /// The operator class, e.g. `vector_cosine_ops`.
    pub(super) class: String,
    /// What is indexed, as SQL.
    pub(super) expression: String,
}

/// Everything of a table in one document. Nothing in it waits for a lock on the table. The catalog's names are written with their schema: what a
/// user puts into the search path cannot take their place.
const DOCUMENT: &str = r"
SELECT pg_catalog.jsonb_build_object(
  'oid', c.oid::int8, 'schema', n.nspname, 'table', c.relname, 'kind', c.relkind,
  'rows', GREATEST(c.reltuples::float8, (SELECT pg_catalog.sum(pg_catalog.pg_stat_get_live_tuples(p.oid))::float8
    FROM (WITH RECURSIVE parts(oid) AS (SELECT c.oid UNION ALL SELECT i.inhrelid
      FROM pg_catalog.pg_inherits i JOIN parts ON i.inhparent = parts.oid) SELECT oid FROM parts) p)),
  'extension', (SELECT xn.nspname FROM pg_catalog.pg_extension x
    JOIN pg_catalog.pg_namespace xn ON xn.oid = x.extnamespace WHERE x.extname = 'vector'),
  'comment', pg_catalog.obj_description(c.oid, 'pg_class'),
  'columns', (SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
      'number', a.attnum, 'name', a.attname, 'kind', t.typname, 'home', tn.nspname,
      'shown', pg_catalog.format_type(a.atttypid, a.atttypmod),
      'modifier', a.atttypmod, 'not_null', a.attnotnull, 'generated', a.attgenerated <> '',
      'loose', COALESCE((SELECT NOT l.collisdeterministic FROM pg_catalog.pg_collation l WHERE l.oid = a.attcollation),
        false),
      'comment', pg_catalog.col_description(c.oid, a.attnum)) ORDER BY a.attnum)
    FROM pg_catalog.pg_attribute a
    JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
    JOIN pg_catalog.pg_namespace tn ON tn.oid = t.typnamespace
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
  'indexes', COALESCE((SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
      'name', ic.relname, 'method', m.amname, 'unique', i.indisunique, 'primary', i.indisprimary,
      'valid', i.indisvalid, 'partial', i.indpred IS NOT NULL,
      'rows', ic.reltuples::float8, 'options', ic.reloptions, 'definition', COALESCE(pg_catalog.pg_get_indexdef(i.indexrelid), ''),
      'keys', (SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
          'column', i.indkey[k - 1], 'class', o.opcname,
          'expression', COALESCE(pg_catalog.pg_get_indexdef(i.indexrelid, k::int4, false), '')) ORDER BY k)
        FROM pg_catalog.generate_series(1, i.indnkeyatts::int8) AS k
        JOIN pg_catalog.pg_opclass o ON o.oid = i.indclass[k - 1])) ORDER BY ic.relname)
    FROM pg_catalog.pg_index i
    JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid
    JOIN pg_catalog.pg_am m ON m.oid = ic.relam
    WHERE i.indrelid = c.oid), '[]'))::text
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'm')";

/// Tables with a column that may be a vector, that we may read, and that are no part of another.
const LISTED: &str = r"
  AND NOT c.relispartition AND n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'
  AND pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND pg_catalog.has_table_privilege(c.oid, 'SELECT')
  AND EXISTS (SELECT 1 FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      AND t.typname IN ('vector', 'halfvec', 'sparsevec', 'bit'))";

/// How often the catalog is asked again when a table is dropped in the midst of the answer.
const TRIES: usize = 5;

/// All tables that may be collections.
pub(super) async fn list(backend: &Backend, client: &Client) -> Result<Vec<Relation>> {
    ask(backend, client, || Sql::plain(format!("{DOCUMENT}{LISTED}"))).await
}

/// One table, `None` if there is none of that name.
pub(super) async fn find(backend: &Backend, client: &Client, name: &TableName) -> Result<Option<Relation>> {
    let question = || {
        let mut sql = Sql::default();
        let (schema, table) = (sql.text(name.schema.as_str()), sql.text(name.table.as_str()));
        sql.text = format!("{DOCUMENT} AND n.nspname = {schema} AND c.relname = {table}");
        sql
    };
    Ok(ask(backend, client, question).await?.pop())
}

async fn ask(backend: &Backend, client: &Client, question: impl Fn() -> Sql) -> Result<Vec<Relation>> {
    for _ in 1..TRIES {
        match question().run(client).await {
            Ok(rows) => return rows.iter().map(|row| read(backend, row)).collect(),
            // "could not open relation": it was there when the question began
            Err(error) if error.code() == Some(&SqlState::INTERNAL_ERROR) => {}
            Err(error) => return Err(backend.failed(&error)),
        }
    }
    let rows = question().run(client).await.map_err(|error| backend.failed(&error))?;
    rows.iter().map(|row| read(backend, row)).collect()
}

fn read(backend: &Backend, row: &Row) -> Result<Relation> {
    let text: &str = row.try_get(0).map_err(|error| backend.failed(&error))?;
    serde_json::from_str(text).map_err(|error| backend.bad_answer(format!("the catalog's description: {error}")))
}

impl Relation {
    /// Its name.
    pub(super) fn name(&self) -> TableName {
        TableName { schema: self.schema.clone(), table: self.table.clone() }
    }

    /// The catalog's word for its kind.
    pub(super) fn kind_name(&self) -> &'static str {
        match self.kind.as_str() {
            "p" => "partitioned table",
            "m" => "materialized view",
            _ => "table",
        }
    }
}

impl Column {
    /// The type as SQL. Quoted, so that `bit` and `character` mean any length and not one.
    pub(super) fn cast(&self) -> String {
        format!("{}.{}", quote(&self.home), quote(&self.kind))
    }
}

impl Index {
    /// The catalog's description, for `details`.
    pub(super) fn details(&self) -> Value {
        serde_json::json!({
            "name": self.name, "method": self.method, "definition": self.definition,
            "unique": self.unique, "valid": self.valid,
        })
    }
}
