//! Making, writing, deleting. Each call is one version of the table, whole or not there.

use std::collections::HashMap;

use lancedb::arrow::arrow_array::{RecordBatch, RecordBatchIterator};
use lancedb::arrow::arrow_schema::{DataType, SchemaRef};
use lancedb::database::CreateTableMode;
use lancedb::utils::validate_table_name;

use super::batch::{id_kind, new_schema, rows, with_ids};
use super::connection::Database;
use super::failure::{self, Explain};
use super::reads::one_of;
use super::schema::{Id, Layout};
use crate::provider::Result;
use crate::provider::model::{CollectionSpec, Record, RecordId};

/// Ids of one deletion.
const IDS: usize = 2_000;

impl Database {
    /// Makes an empty table.
    pub(super) async fn create(&self, spec: &CollectionSpec) -> Result<()> {
        let made = self.connection.create_empty_table(&spec.name, new_table(spec)?).execute().await;
        made.map(drop).map_err(|error| failure::of(&self.home, &error))
    }

    /// Inserts or replaces records, the last of those with one id.
    pub(super) async fn upsert(&self, name: &str, records: Vec<Record>) -> Result<()> {
        let table = self.table(name).await?;
        let records = last_of_each(records);
        if records.is_empty() {
            return Ok(());
        }
        let key = match &table.layout.id {
            Id::Column(field) => field,
            // refused there
            Id::Row => return rows(&table.layout, &records).map(drop),
        };
        let wanted = id_kind(&records);
        if table.layout.own
            && *key.data_type() != wanted
            && table.handle.count_rows(None).await.explain(&self.home, name)? == 0
        {
            // the first records say what ids are
            return self.begin(name, &table.layout, &wanted, &records).await;
        }
        let batch = rows(&table.layout, &records)?;
        let schema = batch.schema();
        let mut merge = table.handle.merge_insert(&[key.name().as_str()]);
        merge.when_matched_update_all(None).when_not_matched_insert_all();
        let merged = merge.execute(Box::new(RecordBatchIterator::new([Ok(batch)], schema))).await;
        merged.map(drop).explain(&self.home, name)
    }

    /// Writes the first records of a table, whose ids are of that kind.
    async fn begin(&self, name: &str, layout: &Layout, kind: &DataType, records: &[Record]) -> Result<()> {
        let schema = with_ids(&layout.schema, kind);
        let key = schema
            .field_with_name(super::schema::ID)
            .cloned()
            .map_err(|error| failure::unreadable(&self.home, error.to_string()))?;
        let layout = Layout::new(schema, Id::Column(key.into()));
        let batch: RecordBatch = rows(&layout, records)?;
        let made = self.connection.create_table(name, batch).mode(CreateTableMode::Overwrite).execute().await;
        made.map(drop).explain(&self.home, name)
    }

    /// Deletes records; ids that are not there are no error.
    pub(super) async fn delete(&self, name: &str, ids: &[RecordId]) -> Result<()> {
        let table = self.table(name).await?;
        for some in ids.chunks(IDS) {
            let Some(condition) = one_of(&table.layout, some) else { continue };
            table.handle.delete(&condition).await.explain(&self.home, name)?;
        }
        Ok(())
    }

    /// Deletes a table with all its versions.
    pub(super) async fn discard(&self, name: &str) -> Result<()> {
        // says whether it is there
        self.table(name).await?;
        self.connection.drop_table(name, &[]).await.explain(&self.home, name)
    }
}

/// The columns of a new table, if it can be made; the name is checked as the library does before it makes one.
pub(super) fn new_table(spec: &CollectionSpec) -> Result<SchemaRef> {
    validate_table_name(&spec.name).map_err(|error| failure::bad_name(&error))?;
    new_schema(spec)
}

/// Of records with the same id the last one.
fn last_of_each(records: Vec<Record>) -> Vec<Record> {
    let mut places: HashMap<RecordId, usize> = HashMap::with_capacity(records.len());
    let mut kept: Vec<Record> = Vec::with_capacity(records.len());
    for record in records {
        match places.get(&record.id).and_then(|place| kept.get_mut(*place)) {
            Some(earlier) => *earlier = record,
            None => {
                places.insert(record.id.clone(), kept.len());
                kept.push(record);
            }
        }
    }
    kept
}
