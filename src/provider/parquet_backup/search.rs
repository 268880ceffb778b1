//! Search: the query against every record, one after the other. Exact.

use std::cmp::Ordering;
use std::collections::HashMap;

use super::PRODUCT;
use super::manifest::{Stored, StoredVector};
use super::opened::Opened;
use super::read::each;
use super::rows::Wanted;
use crate::provider::blocking::Stop;
use crate::provider::closeness::Comparison;
use crate::provider::model::{Hit, Metric, RecordId, Score, SearchQuery, SearchRequest, Vector, VectorKind};
use crate::provider::{ProviderError, Result};

/// The nearest records, best first.
pub(super) fn search(backup: &Opened, name: &str, request: &SearchRequest, stop: &Stop) -> Result<Vec<Hit>> {
    let collection = backup.collection(name)?;
    let (at, field) = field(collection, request.using.as_deref())?;
    let (query, itself) = query(backup, collection, (at, field), &request.query, stop)?;
    let metric = field.metric().unwrap_or(Metric::Dot);
    let query = Query::new(collection, field, metric, query)?;
    let mut best: Vec<(f32, u64, RecordId)> = Vec::new();
    each(backup, collection, 0, Wanted::One(at), stop, |row, record| {
        let selected =
            itself.as_ref() != Some(&record.id) && request.filter.as_ref().is_none_or(|filter| filter.selects(&record));
        let vector = record.vectors.as_ref().and_then(|vectors| vectors.get(&field.name));
        if let Some(score) = vector.filter(|_| selected).and_then(|vector| query.score(vector)) {
            best.push((score, row, record.id));
            if best.len() >= request.top.saturating_mul(2).max(64) {
                shorten(&mut best, metric, request.top);
            }
        }
        true
    })?;
    shorten(&mut best, metric, request.top);
    let ids: Vec<RecordId> = best.iter().map(|(.., id)| id.clone()).collect();
    let wanted = if request.with_vectors { Wanted::All } else { Wanted::None };
    let mut records: HashMap<_, _> = backup.get(collection, &ids, wanted, stop)?;
    let hits = best.into_iter().filter_map(|(score, _, id)| {
        let record = records.remove(&id)?;
        Some(Hit { record, score: Score::new(score, metric) })
    });
    Ok(hits.collect())
}

/// Keeps the best; of equal ones those that come first.
fn shorten(best: &mut Vec<(f32, u64, RecordId)>, metric: Metric, top: usize) {
    best.sort_by(|(a, row_a, _), (b, row_b, _)| {
        let order = if metric.higher_is_better() { b.total_cmp(a) } else { a.total_cmp(b) };
        if order == Ordering::Equal { row_a.cmp(row_b) } else { order }
    });
    best.truncate(top);
}

/// The vector that is searched, and its place in the list.
fn field<'a>(collection: &'a Stored, using: Option<&str>) -> Result<(usize, &'a StoredVector)> {
    let mut fields = collection.vectors.iter().enumerate();
    let found = match using {
        Some(name) => fields.find(|(_, field)| field.name == name),
        None => fields.next(),
    };
    found.ok_or_else(|| {
        let names: Vec<String> = collection.vectors.iter().map(|field| format!("{:?}", field.name)).collect();
        bad(
            format!("the collection has no vector {:?}", using.unwrap_or_default()),
            format!("It has: {}.", names.join(", ")),
        )
    })
}

/// The vector to search with, and the record that must not be among the hits.
fn query(
    backup: &Opened,
    collection: &Stored,
    (at, field): (usize, &StoredVector),
    query: &SearchQuery,
    stop: &Stop,
) -> Result<(Vector, Option<RecordId>)> {
    match query {
        SearchQuery::Vector(vector) => Ok((vector.clone(), None)),
        SearchQuery::Text(_) => Err(ProviderError::not_by_text(PRODUCT)),
        SearchQuery::Like(id) => {
            let missing = || ProviderError::NoSuchRecord { collection: collection.name.clone(), id: id.to_string() };
            let record = backup.get(collection, std::slice::from_ref(id), Wanted::One(at), stop)?.remove(id);
            let vectors = record.ok_or_else(missing)?.vectors.unwrap_or_default();
            let vector = vectors.get(&field.name).cloned();
            let vector =
                vector.ok_or_else(|| bad(format!("record {id} has no such vector"), "Choose another.".into()))?;
            Ok((vector, Some(id.clone())))
        }
    }
}

fn bad(cause: String, mend: String) -> ProviderError {
    ProviderError::BadRequest { cause, mend }
}

/// A query, ready to be compared with many vectors.
enum Query {
    Dense(Comparison),
    /// Each row against all rows of a record: the sum of the best of each.
    Multi(Vec<Comparison>, Metric),
    Sparse(HashMap<u32, f32>),
}

impl Query {
    fn new(collection: &Stored, field: &StoredVector, metric: Metric, query: Vector) -> Result<Self> {
        let dimension = |rows: &[Vec<f32>]| match (field.dimension, rows.iter().map(Vec::len).next()) {
            (Some(known), Some(found)) if known != found => Err(bad(
                format!("the vector has {found} dimensions, the collection has {known}"),
                "Correct the vector.".to_owned(),
            )),
            _ => Ok(()),
        };
        match (query, field.kind()) {
            (Vector::Dense(values), VectorKind::Dense) => {
                dimension(std::slice::from_ref(&values))?;
                Ok(Self::Dense(Comparison::new(metric, values)))
            }
            (Vector::Dense(values), VectorKind::Multi) => {
                Self::new(collection, field, metric, Vector::Multi(vec![values]))
            }
            (Vector::Multi(rows), VectorKind::Multi) => {
                dimension(&rows)?;
                Ok(Self::Multi(rows.into_iter().map(|row| Comparison::new(metric, row)).collect(), metric))
            }
            (Vector::Sparse { indices, values }, VectorKind::Sparse) => {
                Ok(Self::Sparse(indices.into_iter().zip(values).collect()))
            }
            (_, kind) => Err(bad(
                format!("the vector {:?} of {:?} is {}", field.name, collection.name, kind.name()),
                "Search with a vector of that kind.".to_owned(),
            )),
        }
    }

    fn score(&self, vector: &Vector) -> Option<f32> {
        match (self, vector) {
            (Self::Dense(query), Vector::Dense(values)) => Some(query.score(values)),
            (Self::Multi(query, metric), Vector::Multi(rows)) => {
                let nearest = |row: &Comparison| {
                    let scores = rows.iter().map(|other| row.score(other));
                    if metric.higher_is_better() {
                        scores.reduce(f32::max).unwrap_or(0.0)
                    } else {
                        scores.reduce(f32::min).unwrap_or(0.0)
                    }
                };
                Some(query.iter().map(nearest).sum())
            }
            (Self::Sparse(query), Vector::Sparse { indices, values }) => {
                let places = indices.iter().zip(values);
                let both = places.filter_map(|(index, value)| query.get(index).map(|other| other * value));
                both.reduce(|a, b| a + b)
            }
            _ => None,
        }
    }
}
