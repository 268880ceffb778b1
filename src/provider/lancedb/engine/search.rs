//! The nearest records.
//!
//! LanceDB answers with distances: squared ones for l2, `1 - similarity` for cosine, `1 - product` for
//! dot. They become the scores that mean the same for every maker.

use std::sync::Arc;

use futures::TryStreamExt;
use lancedb::DistanceType;
use lancedb::arrow::arrow_array::cast::AsArray;
use lancedb::arrow::arrow_array::types::Float32Type;
use lancedb::arrow::arrow_array::{Array, ArrayRef, Float32Array, RecordBatch};
use lancedb::query::{ExecutableQuery, QueryBase, Select};

use super::super::PRODUCT;
use super::connection::{Database, Table};
use super::failure::{Explain, unreadable};
use super::filter::plan;
use super::rows::records;
use super::schema::{Id, VectorColumn};
use crate::provider::model::{Hit, Metric, RecordId, Score, SearchQuery, SearchRequest, Vector};
use crate::provider::{ProviderError, Result};

/// The column of distances.
const DISTANCE: &str = "_distance";

impl Database {
    /// The nearest records, best first.
    pub(super) async fn search(&self, name: &str, request: &SearchRequest) -> Result<Vec<Hit>> {
        let table = self.table(name).await?;
        let column = column(&table, request.using.as_deref())?;
        let (numbers, itself) = self.numbers(&table, column, &request.query).await?;
        if numbers.len() != column.dimension {
            return Err(ProviderError::BadRequest {
                cause: format!(
                    "the vector has {} dimensions, and {:?} has {}",
                    numbers.len(),
                    column.column,
                    column.dimension
                ),
                mend: "Give a vector of that length.".to_owned(),
            });
        }
        let Ok(condition) = plan(request.filter.as_ref(), &table.layout)?.condition() else { return Ok(Vec::new()) };
        if request.top == 0 {
            return Ok(Vec::new());
        }
        let index = self.index(&table, column).await?;
        let metric = index.map(|index| index.metric).or(column.metric).unwrap_or(Metric::Euclidean);
        // the record itself is among the nearest, and is left out below
        let top = request.top.saturating_add(usize::from(itself.is_some()));
        let mut columns = table.layout.columns(request.with_vectors);
        columns.push(DISTANCE.to_owned());
        let query = Arc::new(Float32Array::from(numbers)) as ArrayRef;
        let mut query = table
            .handle
            .query()
            .nearest_to(query)
            .explain(&self.home, name)?
            .column(&column.column)
            .distance_type(distance(metric))
            .limit(top)
            .select(Select::columns(&columns));
        if table.layout.id == Id::Row {
            query = query.with_row_id();
        }
        if let Some(condition) = condition {
            query = query.only_if_expr(condition);
        }
        if request.exact {
            query = query.bypass_vector_index();
        }
        if let Some(nprobes) = self.settings.nprobes {
            query = query.nprobes(nprobes).explain(&self.home, name)?;
        }
        if let Some(factor) = self.settings.refine_factor {
            query = query.refine_factor(factor);
        }
        if let Some(ef) = self.settings.ef {
            query = query.ef(ef);
        }
        let rows = query.execute().await.explain(&self.home, name)?;
        let batches: Vec<RecordBatch> = rows.try_collect().await.explain(&self.home, name)?;
        let mut hits = Vec::new();
        for batch in batches {
            let found = records(&self.home, &batch, &table.layout, request.with_vectors)?;
            let distances = batch.column_by_name(DISTANCE).and_then(|column| column.as_primitive_opt::<Float32Type>());
            let distances = distances.ok_or_else(|| unreadable(&self.home, "a search without distances"))?;
            hits.extend(found.into_iter().enumerate().map(|(row, record)| {
                let distance = if distances.is_valid(row) { distances.value(row) } else { f32::NAN };
                Hit { record, score: Score::new(score(metric, distance), metric) }
            }));
        }
        hits.retain(|hit| Some(&hit.record.id) != itself.as_ref());
        hits.truncate(request.top);
        Ok(hits)
    }

    /// The numbers to search with, and the record that they are of.
    async fn numbers(
        &self,
        table: &Table,
        column: &VectorColumn,
        query: &SearchQuery,
    ) -> Result<(Vec<f32>, Option<RecordId>)> {
        match query {
            SearchQuery::Vector(Vector::Dense(numbers)) => Ok((numbers.clone(), None)),
            SearchQuery::Vector(_) => Err(ProviderError::BadRequest {
                cause: format!("{:?} is searched with one dense vector", column.column),
                mend: "Give a list of numbers.".to_owned(),
            }),
            SearchQuery::Text(_) => Err(ProviderError::not_by_text(PRODUCT)),
            SearchQuery::Like(id) => {
                let missing = || ProviderError::NoSuchRecord { collection: table.name.clone(), id: id.to_string() };
                let record = self.fetch(table, std::slice::from_ref(id), true).await?.pop().ok_or_else(missing)?;
                match record.vectors.as_ref().and_then(|vectors| vectors.get(&column.name)) {
                    Some(Vector::Dense(numbers)) => Ok((numbers.clone(), Some(id.clone()))),
                    _ => Err(ProviderError::BadRequest {
                        cause: format!("the record {id} has no vector {:?}", column.column),
                        mend: "Choose another record or vector.".to_owned(),
                    }),
                }
            }
        }
    }
}

/// The column to search in.
fn column<'a>(table: &'a Table, using: Option<&str>) -> Result<&'a VectorColumn> {
    let Some(column) = table.layout.vector(using) else {
        let names: Vec<String> = table.layout.vectors.iter().map(|vector| format!("{:?}", vector.name)).collect();
        return Err(ProviderError::BadRequest {
            cause: match using {
                Some(name) => format!("the collection {:?} has no vector {name:?}", table.name),
                None => format!("the collection {:?} has no column of vectors", table.name),
            },
            mend: if names.is_empty() { String::new() } else { format!("It has {}.", names.join(", ")) },
        });
    };
    if !column.is_searched() {
        return Err(ProviderError::Unsupported {
            product: PRODUCT,
            reason: format!(
                "the column {:?} holds bits or several vectors for each record, which are shown but not searched here",
                column.column
            ),
        });
    }
    Ok(column)
}

fn distance(metric: Metric) -> DistanceType {
    match metric {
        Metric::Cosine => DistanceType::Cosine,
        Metric::Dot => DistanceType::Dot,
        // no table has another: see `create` and `index`
        Metric::Euclidean | Metric::Manhattan => DistanceType::L2,
    }
}

fn score(metric: Metric, distance: f32) -> f32 {
    match metric {
        Metric::Cosine | Metric::Dot => 1.0 - distance,
        // an approximate index may go below 0
        Metric::Euclidean | Metric::Manhattan => distance.max(0.0).sqrt(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_become_scores() {
        assert!((score(Metric::Euclidean, 9.0) - 3.0).abs() < f32::EPSILON);
        assert!((score(Metric::Cosine, 0.25) - 0.75).abs() < f32::EPSILON);
        assert!((score(Metric::Dot, -4.0) - 5.0).abs() < f32::EPSILON);
        assert!(score(Metric::Euclidean, -1e-9).abs() < f32::EPSILON);
        assert!(score(Metric::Cosine, f32::NAN).is_nan());
    }
}
