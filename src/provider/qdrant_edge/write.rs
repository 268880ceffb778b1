//! Changes to one shard. Blocking, called by `mod`; `shard` makes them durable afterwards.

use qdrant_edge::{EdgeShard, PointInsertOperations, PointOperations, PointStructPersisted, UpdateOperation};

use super::translation;
use crate::provider::Result;
use crate::provider::model::{Record, RecordId, Vector};

/// Floats in one operation: the engine writes each operation to its log as a whole, and a file of
/// the log grows to hold the largest.
const FLOATS: usize = 40_000;

/// Records in one operation, for payloads without vectors.
const RECORDS: usize = 1_000;

/// Inserts or replaces records. All are checked before the first is written.
pub(super) fn upsert(shard: &EdgeShard, records: Vec<Record>) -> Result<()> {
    let specs = translation::vector_specs(&shard.config());
    let floats = records.first().map_or(0, size).max(1);
    let points: Vec<PointStructPersisted> =
        records.into_iter().map(|record| translation::point(record, &specs)).collect::<Result<_>>()?;
    let chunk = (FLOATS / floats).clamp(1, RECORDS);
    let mut points = points.into_iter().peekable();
    while points.peek().is_some() {
        let some = points.by_ref().take(chunk).collect();
        update(shard, PointOperations::UpsertPoints(PointInsertOperations::PointsList(some)))?;
    }
    Ok(())
}

/// Deletes records; ids that are not there or that the engine cannot have are no error.
pub(super) fn delete(shard: &EdgeShard, ids: &[RecordId]) -> Result<()> {
    let ids: Vec<_> = ids.iter().filter_map(translation::point_id).collect();
    if ids.is_empty() {
        return Ok(());
    }
    update(shard, PointOperations::DeletePoints { ids })
}

fn update(shard: &EdgeShard, operation: PointOperations) -> Result<()> {
    shard.update(UpdateOperation::PointOperation(operation)).map_err(|e| translation::error(shard.path(), &e))
}

/// How many floats a record has.
fn size(record: &Record) -> usize {
    let vectors = record.vectors.iter().flat_map(|vectors| &vectors.0);
    vectors
        .map(|(_, vector)| match vector {
            Vector::Dense(values) | Vector::Sparse { values, .. } => values.len(),
            Vector::Multi(rows) => rows.iter().map(Vec::len).sum(),
        })
        .sum()
}
