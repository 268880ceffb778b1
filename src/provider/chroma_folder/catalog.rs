//! Which collections there are, in the tables of every layout from Chroma 0.4 to 1.x.

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row};
use serde_json::Value;

use super::rows;
use crate::provider::model::{Metric, Payload, PayloadField, VectorKind, VectorSpec};

/// A result that may be SQLite's error; the caller knows the path.
pub(super) type Asked<T> = rusqlite::Result<T>;

/// What the tables of this folder have.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layout {
    /// Numbers of the last changes that Chroma made to its tables: `sysdb`, `metadb`, the queue.
    pub(super) versions: [i64; 3],
    databases: bool,
    configuration: bool,
    schema: bool,
    /// Booleans have a column of their own.
    pub(super) booleans: bool,
    /// Arrays have a table of their own.
    pub(super) arrays: bool,
}

impl Layout {
    /// Looks at the tables.
    pub(super) fn read(connection: &Connection) -> Asked<Self> {
        let column = |table: &str, column: &str| {
            let sql = "SELECT count(*) FROM pragma_table_info(?1) WHERE name = ?2";
            connection.query_row(sql, [table, column], |row| row.get::<_, bool>(0))
        };
        let version = |dir: &str| {
            let sql = "SELECT coalesce(max(version), 0) FROM migrations WHERE dir = ?1";
            connection.query_row(sql, [dir], |row| row.get(0))
        };
        Ok(Self {
            versions: [version("sysdb")?, version("metadb")?, version("embeddings_queue")?],
            databases: column("collections", "database_id")?,
            configuration: column("collections", "config_json_str")?,
            schema: column("collections", "schema_str")?,
            booleans: column("embedding_metadata", "bool_value")?,
            arrays: column("embedding_metadata_array", "id")?,
        })
    }
}

/// The tenant and the database in it that are open.
#[derive(Debug, Clone)]
pub(super) struct Scope {
    /// The tenant.
    pub(super) tenant: String,
    /// The database.
    pub(super) database: String,
}

/// A collection as its folder has it.
#[derive(Debug, Clone)]
pub(super) struct Collection {
    /// Its UUID.
    pub(super) id: String,
    /// Its name.
    pub(super) name: String,
    /// Dimension, known after the first record.
    dimension: Option<usize>,
    /// Where its records are.
    pub(super) records: String,
    /// Where its vectors are; also the name of that directory.
    pub(super) vectors: String,
    /// Its metadata, Chroma's own settings among them.
    pub(super) metadata: Payload,
    settings: Payload,
    /// Chroma's description of the index.
    pub(super) configuration: Value,
    /// Chroma's description of the fields, in the newest layout.
    pub(super) schema: Value,
}

/// The names of all databases, each behind its tenant.
pub(super) fn databases(connection: &Connection, layout: Layout) -> Asked<Vec<Scope>> {
    if !layout.databases {
        return Ok(vec![Scope { tenant: "default_tenant".to_owned(), database: "default_database".to_owned() }]);
    }
    let mut statement = connection.prepare("SELECT tenant_id, name FROM databases ORDER BY tenant_id, name")?;
    let scopes = statement.query_map([], |row| Ok(Scope { tenant: row.get(0)?, database: row.get(1)? }))?;
    scopes.collect()
}

/// The collections of a database, or the one of that name, sorted by name.
pub(super) fn collections(
    connection: &Connection,
    layout: Layout,
    scope: &Scope,
    name: Option<&str>,
) -> Asked<Vec<Collection>> {
    let or_null = |there: bool, column: &'static str| if there { column } else { "NULL" };
    let configuration = or_null(layout.configuration, "c.config_json_str");
    let schema = or_null(layout.schema, "c.schema_str");
    let within = if layout.databases {
        "JOIN databases d ON d.id = c.database_id WHERE d.tenant_id = ?1 AND d.name = ?2"
    } else {
        // before there were databases, all was in the default one
        "WHERE ?1 = 'default_tenant' AND ?2 = 'default_database'"
    };
    let sql = format!(
        "SELECT c.id, c.name, c.dimension, {configuration}, {schema},
           (SELECT id FROM segments WHERE collection = c.id AND scope = 'METADATA'),
           (SELECT id FROM segments WHERE collection = c.id AND scope = 'VECTOR')
         FROM collections c {within} AND (?3 IS NULL OR c.name = ?3) ORDER BY c.name"
    );
    let mut statement = connection.prepare(&sql)?;
    let found = statement.query_map((&scope.tenant, &scope.database, name), |row| {
        Ok(Collection {
            id: row.get(0)?,
            name: row.get(1)?,
            dimension: row.get::<_, Option<i64>>(2)?.and_then(|n| usize::try_from(n).ok()),
            configuration: json(row, 3)?,
            schema: json(row, 4)?,
            records: row.get::<_, Option<String>>(5)?.unwrap_or_default(),
            vectors: row.get::<_, Option<String>>(6)?.unwrap_or_default(),
            metadata: Payload::new(),
            settings: Payload::new(),
        })
    })?;
    let mut collections: Vec<Collection> = found.collect::<Asked<_>>()?;
    for collection in &mut collections {
        collection.metadata = pairs(connection, "collection_metadata", "collection_id", &collection.id)?;
        collection.settings = pairs(connection, "segment_metadata", "segment_id", &collection.vectors)?;
    }
    Ok(collections)
}

/// Chroma writes JSON into text columns; what is none is shown as the text that it is.
fn json(row: &Row<'_>, column: usize) -> Asked<Value> {
    let text: Option<String> = row.get(column)?;
    Ok(text.map_or(Value::Null, |text| serde_json::from_str(&text).unwrap_or(Value::String(text))))
}

/// A table of keys with a column for each kind of value.
fn pairs(connection: &Connection, table: &str, of: &str, id: &str) -> Asked<Payload> {
    let sql = format!("SELECT * FROM {table} WHERE {of} = ?1 ORDER BY key");
    let mut statement = connection.prepare(&sql)?;
    let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
    let mut rows = statement.query([id])?;
    let mut pairs = Payload::new();
    while let Some(row) = rows.next()? {
        let mut value = Value::Null;
        for (at, column) in columns.iter().enumerate().filter(|(_, column)| column.ends_with("_value")) {
            if row.get_ref(at)? != ValueRef::Null {
                value = rows::value(row.get_ref(at)?, column == "bool_value");
            }
        }
        pairs.insert(row.get("key")?, value);
    }
    Ok(pairs)
}

/// How far a part of a collection has read the queue of changes; `None` if it does not say.
pub(super) fn max_seq_id(connection: &Connection, segment: &str) -> Asked<Option<i64>> {
    let mut statement = connection.prepare("SELECT seq_id FROM max_seq_id WHERE segment_id = ?1")?;
    let mut rows = statement.query([segment])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    Ok(match row.get_ref(0)? {
        ValueRef::Integer(place) => Some(place),
        // until 0.6 a number of eight bytes, the highest first
        ValueRef::Blob(bytes) => bytes.first_chunk().map(|bytes| i64::from_be_bytes(*bytes)),
        ValueRef::Null | ValueRef::Real(_) | ValueRef::Text(_) => None,
    })
}

impl Collection {
    /// Its metric; `None` for a word that we do not know.
    ///
    /// Up to 0.6 the settings of the index decide and the configuration tells something else; since
    /// 1.0 it is the other way round.
    pub(super) fn metric(&self) -> Option<Metric> {
        let schema = "/keys/#embedding/float_list/vector_index/config/space";
        let word = (self.schema.pointer(schema).or_else(|| self.configuration.pointer("/hnsw/space")))
            .or_else(|| self.settings.get("hnsw:space"))
            .or_else(|| self.metadata.get("hnsw:space"))
            .or_else(|| self.configuration.pointer("/hnsw_configuration/space"));
        match word.and_then(Value::as_str).unwrap_or("l2") {
            "l2" => Some(Metric::Euclidean),
            "cosine" => Some(Metric::Cosine),
            "ip" => Some(Metric::Dot),
            _ => None,
        }
    }

    /// Its only vector field.
    pub(super) fn vector(&self) -> VectorSpec {
        VectorSpec {
            name: String::new(),
            kind: VectorKind::Dense,
            dimension: self.dimension,
            metric: self.metric(),
            index: Some("none in use here, every search is exact".to_owned()),
            embedder: None,
        }
    }

    /// The payload's fields as the newest layout lists them, sorted; those with `#` are Chroma's own.
    pub(super) fn fields(&self) -> Vec<PayloadField> {
        let Some(keys) = self.schema.pointer("/keys").and_then(Value::as_object) else { return Vec::new() };
        let mut fields: Vec<PayloadField> = keys
            .iter()
            .filter(|(key, _)| !key.starts_with('#') && !key.starts_with(rows::OWN))
            .map(|(key, kinds)| {
                let kinds = kinds.as_object().map(|kinds| kinds.keys().cloned().collect::<Vec<_>>().join(" or "));
                PayloadField { path: key.clone(), kind: kinds.unwrap_or_default(), indexed: None }
            })
            .collect();
        fields.sort_by(|a, b| a.path.cmp(&b.path));
        fields
    }
}
