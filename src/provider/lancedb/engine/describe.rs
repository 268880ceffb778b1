//! The list of tables, and all that can be told about one.

use futures::StreamExt;
use lancedb::DistanceType;
use lancedb::index::{IndexConfig, IndexType};
use serde_json::{Value, json};

use super::connection::{Database, Table};
use super::failure::Explain;
use super::schema::{PAYLOAD, VectorColumn};
use crate::provider::model::{
    CollectionInfo, CollectionState, CollectionSummary, Count, Metric, PayloadField, VectorSpec,
};
use crate::provider::{ProviderError, Result};

/// Tables that are looked at at a time.
const AT_A_TIME: usize = 4;
/// Most versions that the details list, the newest.
const VERSIONS: usize = 100;

/// The index of a vector.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct VectorIndex {
    /// What it is built for.
    pub metric: Metric,
    /// Its kind in words.
    pub words: String,
}

impl Database {
    /// Lines of the list. One damaged table must not hide the others: it has no count.
    pub(super) async fn collections(&self) -> Result<Vec<CollectionSummary>> {
        let names = self.names().await?;
        let lines = futures::stream::iter(names).map(|name| self.line(name)).buffered(AT_A_TIME);
        Ok(lines.filter_map(std::future::ready).collect().await)
    }

    async fn line(&self, name: String) -> Option<CollectionSummary> {
        let asked = async { self.summary(&self.table(&name).await?).await }.await;
        match asked {
            Ok(summary) => Some(summary),
            Err(ProviderError::NoSuchCollection { .. }) => None,
            Err(error) => {
                tracing::warn!(collection = name, directory = %self.home, %error, "not counted");
                Some(CollectionSummary { name, count: None, vectors: Vec::new() })
            }
        }
    }

    async fn summary(&self, table: &Table) -> Result<CollectionSummary> {
        let rows = table.handle.count_rows(None).await.explain(&self.home, &table.name)?;
        let mut vectors: Vec<VectorSpec> = Vec::new();
        for vector in &table.layout.vectors {
            let index = self.index(table, vector).await?;
            vectors.push(vector.spec(index.map(|index| (index.metric, index.words))));
        }
        let count = Some(Count { value: rows as u64, exact: true });
        Ok(CollectionSummary { name: table.name.clone(), count, vectors })
    }

    /// The index of a vector, if it has one of a metric that this program has a name for.
    pub(super) async fn index(&self, table: &Table, vector: &VectorColumn) -> Result<Option<VectorIndex>> {
        let indices = table.handle.list_indices().await.explain(&self.home, &table.name)?;
        for index in indices.iter().filter(|index| is_of_vectors(index) && index.columns.contains(&vector.column)) {
            let told = table.handle.index_stats(&index.name).await.explain(&self.home, &table.name)?;
            let metric = match told.as_ref().and_then(|stats| stats.distance_type) {
                Some(DistanceType::Cosine) => Metric::Cosine,
                Some(DistanceType::Dot) => Metric::Dot,
                Some(DistanceType::L2) => Metric::Euclidean,
                _ => continue,
            };
            let words = match told.map_or(0, |stats| stats.num_unindexed_rows) {
                0 => index.index_type.to_string().to_lowercase(),
                n => format!("{}, {n} rows not in it yet", index.index_type.to_string().to_lowercase()),
            };
            return Ok(Some(VectorIndex { metric, words }));
        }
        Ok(None)
    }

    /// All that can be told about a table.
    pub(super) async fn describe(&self, name: &str) -> Result<CollectionInfo> {
        let table = self.table(name).await?;
        let summary = self.summary(&table).await?;
        let indices = table.handle.list_indices().await.explain(&self.home, name)?;
        let versions = table.handle.list_versions().await.explain(&self.home, name)?;
        let listed = versions.iter().rev().take(VERSIONS).map(|version| {
            json!({ "version": version.version, "made": version.timestamp.to_rfc3339(), "metadata": version.metadata })
        });
        let listed: Vec<Value> = listed.collect();
        let columns = table.layout.schema.fields().iter().map(|field| {
            json!({ "name": field.name(), "type": field.data_type().to_string(), "nullable": field.is_nullable() })
        });
        let details = json!({
            "id": table.why,
            "version": table.version,
            "versions": { "kept": versions.len(), "newest": listed },
            "columns": columns.collect::<Vec<_>>(),
            "indices": indices.iter().map(index_details).collect::<Vec<_>>(),
        });
        let indexed = |column: &str| {
            let index = indices.iter().find(|index| !is_of_vectors(index) && index.columns.iter().any(|c| c == column));
            index.map(|index| index.num_indexed_rows.unwrap_or_default())
        };
        let mut fields: Vec<PayloadField> = Vec::new();
        for field in &table.layout.fields {
            let (path, kind) = (field.name().clone(), field.data_type().to_string());
            fields.push(PayloadField { indexed: indexed(&path), path, kind });
        }
        if table.layout.own {
            tracing::debug!(collection = name, column = PAYLOAD, "fields of JSON have no schema");
        }
        let state = match self.settings.version(name) {
            None => CollectionState::Ready,
            Some(version) => CollectionState::Busy(format!("opened as it was at version {version}, by the profile")),
        };
        Ok(CollectionInfo { summary, state, fields, details })
    }
}

fn index_details(index: &IndexConfig) -> Value {
    json!({
        "name": index.name,
        "type": index.index_type.to_string(),
        "columns": index.columns,
        "rows": index.num_indexed_rows,
        "rows not in it": index.num_unindexed_rows,
    })
}

fn is_of_vectors(index: &IndexConfig) -> bool {
    matches!(
        index.index_type,
        IndexType::IvfFlat
            | IndexType::IvfSq
            | IndexType::IvfPq
            | IndexType::IvfRq
            | IndexType::IvfHnswPq
            | IndexType::IvfHnswSq
            | IndexType::IvfHnswFlat
    )
}
