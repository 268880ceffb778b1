//! Changes that are in Chroma's queue and not yet in the files of the index.
//!
//! Chroma writes each change into `embeddings_queue` first, then into the tables of the metadata, and
//! only after a threshold (1,000 changes unless set otherwise) into the files of the index. What is
//! between is read from here. Kept in memory is where each vector is, not the vector.

use std::collections::HashMap;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension};

use super::catalog::{Asked, Collection};
use super::hnsw;

/// What has become of one record's vector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    /// It is in that row of the queue.
    At(i64),
    /// The record was deleted.
    Gone,
}

/// The last change of each record.
pub(super) type Changes = HashMap<String, Change>;

/// Chroma's numbers for what is done.
const ADD: i64 = 0;
const UPDATE: i64 = 1;
const UPSERT: i64 = 2;
const DELETE: i64 = 3;

/// The topic's name ends with the collection's id; what stands before it depends on settings.
const OF_COLLECTION: &str = "substr(topic, -length(?1)) = ?1";

/// The changes in rows `after < row <= until`, on top of what the index has.
pub(super) fn changes(
    connection: &Connection,
    collection: &Collection,
    after: i64,
    until: i64,
    in_index: impl Fn(&str) -> bool,
) -> Asked<Changes> {
    let sql = format!(
        "SELECT seq_id, id, operation, vector IS NOT NULL FROM embeddings_queue
         WHERE seq_id > ?2 AND seq_id <= ?3 AND {OF_COLLECTION} ORDER BY seq_id"
    );
    let mut statement = connection.prepare(&sql)?;
    let mut rows = statement.query((&collection.id, after, until))?;
    let mut changes = Changes::new();
    while let Some(row) = rows.next()? {
        let (place, id): (i64, String) = (row.get(0)?, row.get(1)?);
        let (operation, has_vector): (i64, bool) = (row.get(2)?, row.get(3)?);
        let there = match changes.get(&id) {
            Some(change) => *change != Change::Gone,
            None => in_index(&id),
        };
        let change = match operation {
            // adding what is there, updating what is not, changes nothing
            ADD if !there && has_vector => Change::At(place),
            UPDATE if there && has_vector => Change::At(place),
            UPSERT if has_vector => Change::At(place),
            DELETE if there => Change::Gone,
            _ => continue,
        };
        changes.insert(id, change);
    }
    Ok(changes)
}

/// How many changes the tables of the metadata lack: a program was stopped between the two writes, or
/// is between them at this moment.
pub(super) fn waiting(connection: &Connection, collection: &Collection, after: i64) -> Asked<u64> {
    let sql = format!("SELECT count(*) FROM embeddings_queue WHERE seq_id > ?2 AND {OF_COLLECTION}");
    connection.query_row(&sql, (&collection.id, after), |row| row.get(0)).map(i64::unsigned_abs)
}

/// The vector in that row of the queue, as it was given to Chroma.
pub(super) fn vector(connection: &Connection, place: i64) -> Asked<Option<Vec<f32>>> {
    let mut statement = connection.prepare("SELECT vector, encoding FROM embeddings_queue WHERE seq_id = ?1")?;
    let found = statement.query_row([place], |row| {
        let bytes = match row.get_ref(0)? {
            ValueRef::Blob(bytes) => bytes,
            _ => &[],
        };
        let mut vector = Vec::new();
        hnsw::floats(bytes, &mut vector);
        if row.get_ref(1)?.as_str_or_null()? == Some("INT32") {
            // whole numbers, which Chroma itself makes floats when it puts them into the index
            #[allow(clippy::cast_precision_loss)]
            vector.iter_mut().for_each(|value| *value = i32::from_le_bytes(value.to_le_bytes()) as f32);
        }
        Ok(vector)
    });
    found.optional()
}
