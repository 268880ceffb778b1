//! Writing and deleting records.
//!
//! Records travel as arrays, one for each column, in statements of some megabytes; all statements of
//! one `upsert` are one transaction. An own table that is empty takes the kind of id of the first
//! records: `bigint` becomes `numeric(20)`, `uuid` or `text`.

use std::collections::HashMap;

use super::insert::{Shape, insert};
use super::key::{Key, Origin};
use super::names::quote;
use super::pool::Lease;
use super::reads::{is_about_data, key_of};
use super::sql::Sql;
use super::table::{ID, Table};
use super::{Database, PRODUCT};
use crate::provider::model::{Record, RecordId};
use crate::provider::{ProviderError, Result};

/// Most records in one statement.
const MOST_RECORDS: usize = 1_000;
/// Bytes after which a statement is full.
const MOST_BYTES: usize = 8 * 1024 * 1024;
/// Most ids in one statement that deletes.
const MOST_IDS: usize = 10_000;

impl Database {
    /// Inserts or replaces records: all of them or none.
    pub(super) async fn put(&self, lease: &Lease, collection: &str, records: Vec<Record>) -> Result<()> {
        let table = self.table(lease, collection).await?;
        if records.is_empty() {
            return Ok(());
        }
        writable(&table)?;
        let records = last_of_each(records);
        lease.begin("", "").await?;
        let written = self.put_now(lease, table, &records).await;
        lease.finish(written).await
    }

    async fn put_now(&self, lease: &Lease, table: Table, records: &[Record]) -> Result<()> {
        let table = self.fit_ids(lease, table, records).await?;
        let shaped = Shape::of_all(&table, records)?;
        for (shape, records) in &shaped {
            for some in pieces(records) {
                let sql = insert(&table, shape, some)?;
                sql.run(lease).await.map_err(|error| self.failed_in(&table, &error))?;
            }
        }
        Ok(())
    }

    /// The table, with a key that can hold the records' ids.
    async fn fit_ids(&self, lease: &Lease, table: Table, records: &[Record]) -> Result<Table> {
        let key = key_of(&table)?;
        let Some(misfit) = records.iter().find(|record| key.words(&record.id).is_none()) else {
            return Ok(table);
        };
        let kind = id_type(records).filter(|_| table.own);
        let name = table.name.sql();
        let refuse = |why: &str| {
            let types: Vec<&str> = key.columns.iter().map(|column| column.shown.as_str()).collect();
            let types = types.join(", ");
            Err(ProviderError::BadRequest {
                cause: format!("record {} cannot be stored: the table's key is of the type {types}{why}", misfit.id),
                mend: "Give an id of that type, or write to another collection.".to_owned(),
            })
        };
        let Some(kind) = kind else { return refuse("") };
        self.ask(lease, &table, Sql::plain(format!("LOCK TABLE {name} IN ACCESS EXCLUSIVE MODE"))).await?;
        if !self.ask(lease, &table, Sql::plain(format!("SELECT 1 FROM {name} LIMIT 1"))).await?.is_empty() {
            return refuse(", and it has records already");
        }
        let alter = format!("ALTER TABLE {name} ALTER COLUMN {} TYPE {kind} USING NULL", quote(ID));
        self.ask(lease, &table, Sql::plain(alter)).await?;
        let fitted = self.table(lease, &table.name.shown()).await?;
        let fits = |key: &Key| records.iter().all(|record| key.words(&record.id).is_some());
        if fitted.key.as_ref().is_some_and(fits) { Ok(fitted) } else { refuse("") }
    }

    /// Deletes records by id.
    pub(super) async fn remove(&self, lease: &Lease, collection: &str, ids: &[RecordId]) -> Result<()> {
        let table = self.table(lease, collection).await?;
        writable(&table)?;
        let key = key_of(&table)?;
        let keys: Vec<Vec<String>> = ids.iter().filter_map(|id| key.words(id)).collect();
        for some in keys.chunks(MOST_IDS) {
            let mut sql = Sql::default();
            let delete = format!("DELETE FROM {} WHERE ", table.from());
            sql.text = format!("{delete}{}", key.among(some.to_vec(), &mut sql));
            match sql.run(lease).await {
                Ok(_) => {}
                Err(error) if is_about_data(&error) => {
                    let mut sql = Sql::default();
                    sql.text = format!("{delete}{}", key.among_words(some, &mut sql));
                    self.ask(lease, &table, sql).await?;
                }
                Err(error) => return Err(self.failed_in(&table, &error)),
            }
        }
        Ok(())
    }
}

/// Refuses to write where ids are only places of rows.
fn writable(table: &Table) -> Result<()> {
    if key_of(table)?.origin != Origin::Place {
        return Ok(());
    }
    Err(ProviderError::Unsupported {
        product: PRODUCT,
        reason: format!(
            "the table {:?} has no key (a primary key, or a unique index over columns that are NOT NULL), so that no \
             record of it can be named safely",
            table.name.shown()
        ),
    })
}

/// Of several records with one id the last one counts: one statement cannot write a row twice.
fn last_of_each(records: Vec<Record>) -> Vec<Record> {
    let mut places: HashMap<RecordId, usize> = HashMap::with_capacity(records.len());
    let mut kept: Vec<Record> = Vec::with_capacity(records.len());
    for record in records {
        match places.get(&record.id) {
            Some(place) => kept[*place] = record,
            None => {
                places.insert(record.id.clone(), kept.len());
                kept.push(record);
            }
        }
    }
    kept
}

/// The type of key that holds all these ids, `None` if they are of several kinds.
fn id_type(records: &[Record]) -> Option<&'static str> {
    let kind = |id: &RecordId| match id {
        RecordId::Integer(n) if i64::try_from(*n).is_ok() => "pg_catalog.int8",
        RecordId::Integer(_) => "pg_catalog.numeric(20,0)",
        RecordId::Uuid(_) => "pg_catalog.uuid",
        RecordId::Text(_) => "pg_catalog.text COLLATE \"C\"",
    };
    let mut kinds: Vec<&str> = records.iter().map(|record| kind(&record.id)).collect();
    kinds.sort_unstable();
    kinds.dedup();
    match kinds.as_slice() {
        [one] => Some(one),
        // all whole numbers, some of them large
        ["pg_catalog.int8", large @ "pg_catalog.numeric(20,0)"] => Some(large),
        _ => None,
    }
}

/// Cuts records into pieces for one statement each.
fn pieces<'a>(records: &'a [&'a Record]) -> Vec<&'a [&'a Record]> {
    let mut found = Vec::new();
    let (mut start, mut bytes) = (0, 0);
    for (place, record) in records.iter().enumerate() {
        let size = weight(record);
        if place > start && (place - start >= MOST_RECORDS || bytes + size > MOST_BYTES) {
            found.push(&records[start..place]);
            (start, bytes) = (place, 0);
        }
        bytes += size;
    }
    found.push(&records[start..]);
    found
}

/// About how many bytes a record is on the way.
fn weight(record: &Record) -> usize {
    fn of(value: &serde_json::Value) -> usize {
        match value {
            serde_json::Value::String(text) => text.len(),
            serde_json::Value::Array(values) => values.iter().map(of).sum(),
            serde_json::Value::Object(fields) => fields.iter().map(|(key, value)| key.len() + of(value)).sum(),
            _ => 8,
        }
    }
    let fields: usize = record.payload.iter().map(|(key, value)| key.len() + of(value)).sum();
    let vectors: usize = record.vectors.iter().flat_map(|vectors| &vectors.0).map(|(_, vector)| numbers(vector)).sum();
    fields + vectors * 12 + record.text.as_ref().map_or(0, String::len) + 32
}

fn numbers(vector: &crate::provider::model::Vector) -> usize {
    use crate::provider::model::Vector;
    match vector {
        Vector::Dense(values) | Vector::Sparse { values, .. } => values.len(),
        Vector::Multi(rows) => rows.iter().map(Vec::len).sum(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::provider::model::{Payload, Vectors};

    fn record(id: RecordId, text: &str) -> Record {
        let payload = Payload::from_iter([("t".to_owned(), json!(text))]);
        Record { id, vectors: Some(Vectors::unnamed(vec![1.0])), payload, text: None }
    }

    #[test]
    fn the_last_record_of_an_id_is_kept() {
        let kept = last_of_each(vec![record("a".into(), "1"), record("b".into(), "2"), record("a".into(), "3")]);
        let kept: Vec<_> = kept.iter().map(|record| (record.id.to_string(), record.payload["t"].clone())).collect();
        assert_eq!(kept, [("a".to_owned(), json!("3")), ("b".to_owned(), json!("2"))]);
    }

    #[test]
    fn the_first_ids_decide_the_type_of_the_key() {
        let of = |ids: Vec<RecordId>| id_type(&ids.into_iter().map(|id| record(id, "")).collect::<Vec<_>>());
        assert_eq!(of(vec![1_u64.into(), (-5_i64).into()]), Some("pg_catalog.int8"));
        assert_eq!(of(vec![1_u64.into(), u64::MAX.into()]), Some("pg_catalog.numeric(20,0)"));
        assert_eq!(of(vec!["a".into()]), Some("pg_catalog.text COLLATE \"C\""));
        assert_eq!(of(vec!["a".into(), 1_u64.into()]), None);
    }

    #[test]
    fn large_records_do_not_share_a_statement() {
        let large = "x".repeat(5 * 1024 * 1024);
        let records = [record("a".into(), &large), record("b".into(), &large), record("c".into(), "")];
        let records: Vec<&Record> = records.iter().collect();
        let sizes: Vec<usize> = pieces(&records).iter().map(|some| some.len()).collect();
        assert_eq!(sizes, [1, 2]);
    }
}
