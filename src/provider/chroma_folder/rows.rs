//! Records without their vectors: ids, fields and texts, from the tables of the metadata.

use std::collections::BTreeMap;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension};
use serde_json::{Number, Value};

use super::catalog::{Asked, Collection, Layout};
use crate::provider::model::{Record, RecordId};

/// Fields of Chroma itself begin with this.
pub(super) const OWN: &str = "chroma:";
/// The field that holds the text.
const DOCUMENT: &str = "chroma:document";

/// A record without its vector.
#[derive(Debug)]
pub(super) struct Row {
    /// Its number in the table: the order of the records.
    pub(super) key: i64,
    /// Its id, its fields sorted by name, its text.
    pub(super) record: Record,
}

/// The number of records.
pub(super) fn count(connection: &Connection, collection: &Collection) -> Asked<u64> {
    let sql = "SELECT count(*) FROM embeddings WHERE segment_id = ?1";
    connection.query_row(sql, [&collection.records], |row| row.get(0)).map(i64::unsigned_abs)
}

/// Records behind the one with that key, in the order in which they were first written.
pub(super) fn behind(
    connection: &Connection,
    layout: Layout,
    collection: &Collection,
    key: i64,
    most: usize,
) -> Asked<Vec<Row>> {
    // NOT INDEXED: by number, not by the index on ids, which would sort the whole collection each time
    let sql = "SELECT id, embedding_id FROM embeddings NOT INDEXED
               WHERE id > ?1 AND segment_id = ?2 ORDER BY id LIMIT ?3";
    let mut statement = connection.prepare(sql)?;
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let found = statement.query_map((key, &collection.records, most), |row| Ok((row.get(0)?, row.get(1)?)))?;
    let mut fields = Fields::new(connection, layout)?;
    found.map(|row| row.and_then(|(key, id)| fields.of(key, id))).collect()
}

/// The records with these ids, in that order; those that are not there are left out.
pub(super) fn by_ids<'i>(
    connection: &Connection,
    layout: Layout,
    collection: &Collection,
    ids: impl IntoIterator<Item = &'i str>,
) -> Asked<Vec<Row>> {
    let sql = "SELECT id FROM embeddings WHERE segment_id = ?1 AND embedding_id = ?2";
    let mut statement = connection.prepare(sql)?;
    let mut fields = Fields::new(connection, layout)?;
    let mut found = Vec::new();
    for id in ids {
        let key = statement.query_row([&collection.records, id], |row| row.get(0)).optional()?;
        found.extend(key.map(|key| fields.of(key, id.to_owned())).transpose()?);
    }
    Ok(found)
}

/// Reads the fields of one record after the other.
struct Fields<'a> {
    values: rusqlite::Statement<'a>,
    arrays: Option<rusqlite::Statement<'a>>,
}

impl<'a> Fields<'a> {
    fn new(connection: &'a Connection, layout: Layout) -> Asked<Self> {
        let booleans = if layout.booleans { "bool_value" } else { "NULL" };
        let columns = format!("SELECT key, string_value, int_value, float_value, {booleans} FROM");
        let values = connection.prepare(&format!("{columns} embedding_metadata WHERE id = ?1"))?;
        let is_used = "SELECT EXISTS (SELECT 1 FROM embedding_metadata_array)";
        let arrays = layout.arrays && connection.query_row(is_used, (), |row| row.get(0))?;
        let arrays = arrays.then(|| {
            // the elements were written in their order
            let sql = "SELECT key, string_value, int_value, float_value, bool_value
                       FROM embedding_metadata_array WHERE id = ?1 ORDER BY rowid";
            connection.prepare(sql)
        });
        Ok(Self { values, arrays: arrays.transpose()? })
    }

    fn of(&mut self, key: i64, id: String) -> Asked<Row> {
        let mut fields = BTreeMap::new();
        let mut text = None;
        let mut rows = self.values.query([key])?;
        while let Some(row) = rows.next()? {
            let name: String = row.get(0)?;
            if name == DOCUMENT {
                text = row.get(1)?;
            } else if !name.starts_with(OWN) {
                fields.insert(name, of_columns(row)?);
            }
        }
        if let Some(arrays) = &mut self.arrays {
            let mut rows = arrays.query([key])?;
            while let Some(row) = rows.next()? {
                let array = fields.entry(row.get(0)?).or_insert_with(|| Value::Array(Vec::new()));
                if let Value::Array(elements) = array {
                    elements.push(of_columns(row)?);
                }
            }
        }
        let payload = fields.into_iter().collect();
        Ok(Row { key, record: Record { id: RecordId::Text(id), vectors: None, payload, text } })
    }
}

/// The value of that column, of four, that has one.
fn of_columns(row: &rusqlite::Row<'_>) -> Asked<Value> {
    for column in 1..=4 {
        let found = row.get_ref(column)?;
        if found != ValueRef::Null {
            return Ok(value(found, column == 4));
        }
    }
    Ok(Value::Null)
}

/// A stored value; JSON has no infinity, so that one becomes its name as a text.
pub(super) fn value(stored: ValueRef<'_>, is_boolean: bool) -> Value {
    match stored {
        ValueRef::Integer(flag) if is_boolean => Value::Bool(flag != 0),
        ValueRef::Integer(number) => Value::from(number),
        ValueRef::Real(number) => {
            Number::from_f64(number).map_or_else(|| Value::from(number.to_string()), Value::Number)
        }
        ValueRef::Text(text) | ValueRef::Blob(text) => Value::from(String::from_utf8_lossy(text)),
        ValueRef::Null => Value::Null,
    }
}
