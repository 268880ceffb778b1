//! Counting, and records by their ids.

use std::collections::HashMap;

use futures::TryStreamExt;
use lancedb::arrow::arrow_array::RecordBatch;
use lancedb::arrow::arrow_schema::DataType;
use lancedb::datafusion::common::ScalarValue;
use lancedb::expr::{DfExpr, col, lit};
use lancedb::query::{ExecutableQuery, Query, QueryBase, Select};

use super::connection::{Database, Table};
use super::failure::Explain;
use super::filter::{Plan, integer, plan};
use super::rows::records;
use super::schema::{Id, Layout, ROW_ID};
use crate::provider::Result;
use crate::provider::filter::Filter;
use crate::provider::model::{Count, Record, RecordId};

/// Ids of one question.
const IDS: usize = 2_000;

impl Database {
    /// The exact number of records that the filter selects.
    pub(super) async fn count(&self, name: &str, filter: Option<&Filter>) -> Result<Count> {
        let table = self.table(name).await?;
        let value = match plan(filter, &table.layout)? {
            Plan::Never => 0,
            Plan::All => table.handle.count_rows(None).await.explain(&self.home, name)?,
            Plan::Where(condition) => {
                let nothing: [&str; 0] = [];
                let query =
                    table.handle.query().only_if_expr(condition).select(Select::columns(&nothing)).with_row_id();
                let mut rows = query.execute().await.explain(&self.home, name)?;
                let mut value = 0;
                while let Some(batch) = rows.try_next().await.explain(&self.home, name)? {
                    value += batch.num_rows();
                }
                value
            }
        };
        Ok(Count { value: value as u64, exact: true })
    }

    /// The records with these ids, in that order.
    pub(super) async fn get(&self, name: &str, ids: &[RecordId], with_vectors: bool) -> Result<Vec<Record>> {
        let table = self.table(name).await?;
        self.fetch(&table, ids, with_vectors).await
    }

    /// [`Self::get`] from an open table.
    pub(super) async fn fetch(&self, table: &Table, ids: &[RecordId], with_vectors: bool) -> Result<Vec<Record>> {
        let mut found: HashMap<RecordId, Record> = HashMap::with_capacity(ids.len());
        for some in ids.chunks(IDS) {
            let Some(condition) = one_of(&table.layout, some) else { continue };
            let query = projected(table.handle.query(), &table.layout, with_vectors).only_if_expr(condition);
            let rows = query.execute().await.explain(&self.home, &table.name)?;
            let batches: Vec<RecordBatch> = rows.try_collect().await.explain(&self.home, &table.name)?;
            for batch in batches {
                let records = records(&self.home, &batch, &table.layout, with_vectors)?;
                found.extend(records.into_iter().map(|record| (record.id.clone(), record)));
            }
        }
        Ok(ids.iter().filter_map(|id| found.get(id).cloned()).collect())
    }
}

/// A query for all that a record is made of.
pub(super) fn projected(query: Query, layout: &Layout, with_vectors: bool) -> Query {
    let query = query.select(Select::columns(&layout.columns(with_vectors)));
    if layout.id == Id::Row { query.with_row_id() } else { query }
}

/// The condition that a record has one of these ids; `None` if it can have none of them.
pub(super) fn one_of(layout: &Layout, ids: &[RecordId]) -> Option<DfExpr> {
    let (name, kind) = match &layout.id {
        Id::Column(field) => (field.name().as_str(), field.data_type()),
        Id::Row => (ROW_ID, &DataType::UInt64),
    };
    let literals: Vec<DfExpr> = ids.iter().filter_map(|id| literal(kind, id)).map(lit).collect();
    (!literals.is_empty()).then(|| col(name).in_list(literals, false))
}

/// The id as a value of its column, `None` if the column cannot hold it.
fn literal(kind: &DataType, id: &RecordId) -> Option<ScalarValue> {
    match (kind, id) {
        (DataType::Utf8, RecordId::Text(text)) => Some(ScalarValue::Utf8(Some(text.clone()))),
        (DataType::LargeUtf8, RecordId::Text(text)) => Some(ScalarValue::LargeUtf8(Some(text.clone()))),
        (kind, RecordId::Integer(number)) => integer(kind, *number),
        _ => None,
    }
}
