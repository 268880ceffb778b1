//! Questions to a backup: describe, count, page, get. Blocking; called by `mod`.

use serde_json::json;

use super::manifest::Stored;
use super::opened::Opened;
use super::rows::Wanted;
use crate::provider::blocking::Stop;
use crate::provider::filter::Filter;
use crate::provider::model::{
    CollectionInfo, CollectionState, CollectionSummary, Count, Cursor, Page, PageRequest, PayloadField, Record,
    RecordId,
};
use crate::provider::{ProviderError, Result};

/// Records that are read at a time where a filter decides.
const BATCH: u64 = 1_000;
/// Most records of one page.
const LARGEST_PAGE: usize = 10_000;

/// A line of the list.
pub(super) fn summary(collection: &Stored) -> CollectionSummary {
    CollectionSummary {
        name: collection.name.clone(),
        count: Some(Count { value: collection.records, exact: true }),
        vectors: collection.vectors.iter().map(super::manifest::StoredVector::spec).collect(),
    }
}

/// All that the backup tells of a collection.
pub(super) fn describe(backup: &Opened, name: &str) -> Result<CollectionInfo> {
    let collection = backup.collection(name)?;
    let manifest = &backup.manifest;
    let field = |field: &super::manifest::StoredField| PayloadField {
        path: field.path.clone(),
        kind: field.kind.clone(),
        indexed: None,
    };
    let details = json!({
        "made_by": manifest.made_by,
        "made_at": manifest.made_at,
        "source": manifest.source,
        "digest": collection.digest,
        "files": collection.parts,
        "indexed at the source": collection.fields.iter().filter(|f| f.indexed.is_some()).map(|f| &f.path).collect::<Vec<_>>(),
        "at the source": collection.details,
    });
    let fields = collection.fields.iter().map(field).collect();
    Ok(CollectionInfo { summary: summary(collection), state: CollectionState::Ready, fields, details })
}

/// The exact number of records that the filter selects.
pub(super) fn count(backup: &Opened, name: &str, filter: Option<&Filter>, stop: &Stop) -> Result<Count> {
    let collection = backup.collection(name)?;
    let Some(filter) = filter else { return Ok(Count { value: collection.records, exact: true }) };
    let mut value = 0;
    each(backup, collection, 0, Wanted::None, stop, |_, record| {
        value += u64::from(filter.selects(&record));
        true
    })?;
    Ok(Count { value, exact: true })
}

/// Gives each record from that place on, with its place, until it is told to end.
pub(super) fn each(
    backup: &Opened,
    collection: &Stored,
    from: u64,
    wanted: Wanted,
    stop: &Stop,
    mut use_it: impl FnMut(u64, Record) -> bool,
) -> Result<()> {
    let mut at = from;
    while at < collection.records {
        stop.check()?;
        let end = collection.records.min(at + BATCH);
        for (row, record) in (at..end).zip(backup.range(collection, at..end, wanted, stop)?) {
            if !use_it(row, record) {
                return Ok(());
            }
        }
        at = end;
    }
    Ok(())
}

/// A page in the order of the backup, which is that of its source.
pub(super) fn page(backup: &Opened, name: &str, request: &PageRequest, stop: &Stop) -> Result<Page> {
    let collection = backup.collection(name)?;
    let limit = request.limit.clamp(1, LARGEST_PAGE);
    let from = match &request.cursor {
        None => 0,
        Some(cursor) => cursor.0.parse::<u64>().map_err(|_| ProviderError::BadRequest {
            cause: "this cursor was not made by a backup".to_owned(),
            mend: "Start again from the first page.".to_owned(),
        })?,
    };
    let wanted = if request.with_vectors { Wanted::All } else { Wanted::None };
    let next = |at: u64| (at < collection.records).then(|| Cursor(at.to_string()));
    let Some(filter) = &request.filter else {
        let end = collection.records.min(from.saturating_add(limit as u64));
        let records = backup.range(collection, from..end.max(from), wanted, stop)?;
        return Ok(Page { records, next: next(end) });
    };
    // One more than asked for tells whether there is a next page.
    let mut selected: Vec<(u64, Record)> = Vec::new();
    each(backup, collection, from, Wanted::None, stop, |row, record| {
        if filter.selects(&record) {
            selected.push((row, record));
        }
        selected.len() <= limit
    })?;
    let next = selected.get(limit).and_then(|(row, _)| next(*row));
    selected.truncate(limit);
    if !request.with_vectors {
        return Ok(Page { records: selected.into_iter().map(|(_, record)| record).collect(), next });
    }
    let mut records = Vec::with_capacity(selected.len());
    for (row, _) in selected {
        stop.check()?;
        records.extend(backup.range(collection, row..row + 1, wanted, stop)?);
    }
    Ok(Page { records, next })
}

/// The records with these ids, in that order; those that are not there are left out.
pub(super) fn get(
    backup: &Opened,
    name: &str,
    ids: &[RecordId],
    with_vectors: bool,
    stop: &Stop,
) -> Result<Vec<Record>> {
    let collection = backup.collection(name)?;
    let wanted = if with_vectors { Wanted::All } else { Wanted::None };
    let found = backup.get(collection, ids, wanted, stop)?;
    Ok(ids.iter().filter_map(|id| found.get(id).cloned()).collect())
}
