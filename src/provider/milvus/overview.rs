//! What there is: names, counts, states, indexes, partitions.

use futures::{StreamExt, TryStreamExt, stream};
use serde_json::{Value, json};

use super::Milvus;
use super::connection::Unknown;
use super::failure::is_gone;
use super::layout::Layout;
use super::proto::{
    CollectionRequest, DescribeCollectionResponse, DescribeIndexResponse, Empty, GetLoadStateRequest,
    GetLoadStateResponse, IndexDescription, ListDatabasesResponse, ShowCollectionsResponse, ShowPartitionsResponse,
    StatisticsResponse, index_state, load_state, value_of,
};
use crate::provider::model::{CollectionInfo, CollectionState, CollectionSummary, Count};
use crate::provider::{ProviderError, Result};

/// Collections asked at the same time for a list.
const ASKED_AT_ONCE: usize = 8;
/// Of a collection with more partitions than this only the collection is listed.
const LISTED_PARTITIONS: usize = 64;

impl Milvus {
    /// The names of all collections of the database, sorted.
    pub(super) async fn names(&self) -> Result<Vec<String>> {
        let list = || self.connection.ask::<_, ShowCollectionsResponse>("ShowCollections", None, Empty {});
        let answer = match list().await {
            // Milvus Lite looks at each while it lists them: one that is dropped meanwhile fails the whole list.
            Err(ProviderError::Server { cause, .. }) if is_gone(&cause) => list().await?,
            answer => answer?,
        };
        let mut names = answer.collection_names;
        names.sort();
        Ok(names)
    }

    /// All collections with counts. One that was dropped meanwhile is left out; one that this key may
    /// not look into stands there without a count.
    pub(super) async fn summaries(&self) -> Result<Vec<CollectionSummary>> {
        let found: Vec<Vec<CollectionSummary>> = stream::iter(self.names().await?)
            .map(|name| async move {
                let told = async {
                    let layout = self.layout(&name).await?;
                    let (indexes, partitions) = tokio::try_join!(self.indexes(&name), self.partitions(&name))?;
                    let parts = listed(&layout, &partitions);
                    let all = std::iter::once(layout.clone()).chain(parts.map(|part| layout.of_partition(part)));
                    let summaries = all.map(|layout| async { self.summary(layout, &indexes).await });
                    stream::iter(summaries.collect::<Vec<_>>()).buffered(ASKED_AT_ONCE).try_collect().await
                };
                match told.await {
                    Ok(summaries) => Ok(summaries),
                    Err(ProviderError::NoSuchCollection { .. }) => Ok(Vec::new()),
                    Err(
                        ProviderError::Unauthorized { .. }
                        | ProviderError::Server { .. }
                        | ProviderError::BadAnswer { .. }
                        | ProviderError::BadRequest { .. },
                    ) => Ok(vec![CollectionSummary { name, count: None, vectors: Vec::new() }]),
                    Err(error) => Err(error),
                }
            })
            .buffered(ASKED_AT_ONCE)
            .try_collect()
            .await?;
        Ok(found.concat())
    }

    /// The exact count of what is loaded, else the server's estimate, which it has of collections.
    async fn summary(&self, layout: Layout, indexes: &[IndexDescription]) -> Result<CollectionSummary> {
        let state = self.load_state(&layout).await?;
        self.summary_in(&layout, indexes, state).await
    }

    async fn summary_in(&self, layout: &Layout, indexes: &[IndexDescription], state: i32) -> Result<CollectionSummary> {
        let count = match (state, &layout.partition) {
            (load_state::LOADED, _) => Some(self.exact_count(layout, None).await?),
            (_, None) => self.estimate(&layout.collection).await?,
            (_, Some(_)) => None,
        };
        Ok(CollectionSummary { name: layout.name(), count, vectors: layout.specs(indexes) })
    }

    /// The rows that were written and not yet compacted away: deleted ones may be among them.
    async fn estimate(&self, collection: &str) -> Result<Option<Count>> {
        let question = CollectionRequest { collection_name: collection.to_owned() };
        let answer: StatisticsResponse =
            self.connection.ask("GetCollectionStatistics", Some(collection), question).await?;
        let rows = value_of(&answer.stats, "row_count").and_then(|rows| rows.parse().ok());
        Ok(rows.map(|value| Count { value, exact: false }))
    }

    pub(super) async fn overview(&self, name: &str) -> Result<CollectionInfo> {
        let (described, layout) = self.resolve(name).await?;
        let collection = &layout.collection;
        let (indexes, state, partitions, databases) = tokio::try_join!(
            self.indexes(collection),
            self.load_state(&layout),
            self.partitions(collection),
            self.databases(),
        )?;
        Ok(CollectionInfo {
            summary: self.summary_in(&layout, &indexes, state).await?,
            state: collection_state(state, &indexes),
            fields: layout.payload_fields(&indexes),
            details: details(&layout, &described, &indexes, state, &partitions, databases),
        })
    }

    /// The indexes of a collection, of vectors and others; none is no error.
    pub(super) async fn indexes(&self, collection: &str) -> Result<Vec<IndexDescription>> {
        let question = CollectionRequest { collection_name: collection.to_owned() };
        match self.connection.ask::<_, DescribeIndexResponse>("DescribeIndex", Some(collection), question).await {
            Ok(answer) => Ok(answer.index_descriptions),
            Err(ProviderError::Server { cause, .. } | ProviderError::BadRequest { cause, .. })
                if cause.to_lowercase().contains("index not found")
                    || cause.to_lowercase().contains("index not exist")
                    || cause.to_lowercase().contains("no index on") =>
            {
                Ok(Vec::new())
            }
            Err(error) => Err(error),
        }
    }

    pub(super) async fn load_state(&self, layout: &Layout) -> Result<i32> {
        let (collection, partitions) = (&layout.collection, layout.partitions());
        let question = GetLoadStateRequest { collection_name: collection.clone(), partition_names: partitions };
        let answer: GetLoadStateResponse = self.connection.ask("GetLoadState", Some(collection), question).await?;
        Ok(answer.state)
    }

    /// The names of the partitions of a collection, the one for all that names none among them.
    pub(super) async fn partitions(&self, collection: &str) -> Result<Vec<String>> {
        let question = CollectionRequest { collection_name: collection.to_owned() };
        let answer: ShowPartitionsResponse = self.connection.ask("ShowPartitions", Some(collection), question).await?;
        Ok(answer.partition_names)
    }

    /// The databases of the server; `None` if this key may not see them, or the server has none.
    async fn databases(&self) -> Result<Option<Vec<String>>> {
        match self.connection.try_ask::<_, ListDatabasesResponse>("ListDatabases", None, Empty {}).await {
            Ok(Ok(answer)) => Ok(Some(answer.db_names)),
            Ok(Err(Unknown)) | Err(ProviderError::Unauthorized { .. } | ProviderError::Server { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// The partitions that stand in the list: none where there is one only, where the server fills them by
/// a field, or where they are too many for a list.
fn listed<'a>(layout: &Layout, partitions: &'a [String]) -> impl Iterator<Item = &'a String> + use<'a> {
    let several = (2..=LISTED_PARTITIONS).contains(&partitions.len()) && !layout.keyed;
    let mut names: Vec<&String> = partitions.iter().filter(|_| several).collect();
    names.sort();
    names.into_iter()
}

fn collection_state(state: i32, indexes: &[IndexDescription]) -> CollectionState {
    if let Some(failed) = indexes.iter().find(|index| index.state == index_state::FAILED) {
        return CollectionState::Degraded(format!("the index of {} failed: {}", failed.field_name, failed.fail_reason));
    }
    match state {
        load_state::NOT_LOADED => {
            CollectionState::Degraded("not loaded into memory: nothing can be read until it is".to_owned())
        }
        load_state::LOADING => CollectionState::Busy("being loaded into memory".to_owned()),
        load_state::LOADED => {
            let under_way = [index_state::UNISSUED, index_state::IN_PROGRESS];
            match indexes.iter().find(|index| under_way.contains(&index.state)) {
                Some(index) => CollectionState::Busy(format!(
                    "indexing {}: {} of {} rows",
                    index.field_name, index.indexed_rows, index.total_rows
                )),
                None => CollectionState::Ready,
            }
        }
        _ => CollectionState::Unknown,
    }
}

fn details(
    layout: &Layout,
    described: &DescribeCollectionResponse,
    indexes: &[IndexDescription],
    state: i32,
    partitions: &[String],
    databases: Option<Vec<String>>,
) -> Value {
    let pairs = |pairs: &[super::proto::KeyValuePair]| {
        Value::Object(pairs.iter().map(|pair| (pair.key.clone(), Value::from(pair.value.as_str()))).collect())
    };
    let loaded = match state {
        load_state::LOADED => "loaded",
        load_state::LOADING => "loading",
        load_state::NOT_LOADED => "not loaded",
        _ => "unknown",
    };
    let consistency = ["strong", "session", "bounded", "eventually"];
    let level = usize::try_from(described.consistency_level).ok().and_then(|level| consistency.get(level));
    json!({
        "key": {
            "field": layout.key.field,
            "type": if layout.key.text { "VarChar" } else { "Int64" },
            "made_by_the_server": layout.key.automatic,
        },
        "description": described.schema.as_ref().map_or("", |schema| schema.description.as_str()),
        "dynamic_fields": layout.dynamic,
        "fields_not_shown": layout.hidden_fields(),
        "load_state": loaded,
        "partition": layout.partition,
        "partitions": partitions,
        "partitions_by_a_key_field": layout.keyed,
        "aliases": described.aliases,
        "shards": described.shards_num,
        "consistency": level.copied().unwrap_or("customized"),
        "created_ms": described.created_utc_timestamp,
        "properties": pairs(&described.properties),
        "indexes": indexes.iter().map(|index| json!({
            "name": index.index_name,
            "field": index.field_name,
            "params": pairs(&index.params),
            "rows": index.total_rows,
            "indexed": index.indexed_rows,
        })).collect::<Vec<_>>(),
        "databases": databases,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partitions_are_listed_where_a_person_made_several() {
        let mut layout = super::super::layout::tests::layout(Vec::new(), true);
        let names = |count: usize| (0..count).map(|n| format!("p{n}")).collect::<Vec<_>>();
        let of = |layout: &Layout, count| listed(layout, &names(count)).count();
        assert_eq!([1, 2, 64, 65].map(|count| of(&layout, count)), [0, 2, 64, 0]);
        assert_eq!((layout.name(), layout.of_partition("p1").name()), ("docs".to_owned(), "docs/p1".to_owned()));
        layout.keyed = true;
        assert_eq!(of(&layout, 2), 0);
    }

    #[test]
    fn the_worst_state_is_shown() {
        let index = |state| IndexDescription { state, field_name: "v".to_owned(), ..IndexDescription::default() };
        assert_eq!(collection_state(load_state::LOADED, &[index(3)]), CollectionState::Ready);
        assert!(matches!(collection_state(load_state::LOADED, &[index(2)]), CollectionState::Busy(_)));
        assert!(matches!(collection_state(load_state::LOADED, &[index(4)]), CollectionState::Degraded(_)));
        assert!(matches!(collection_state(load_state::NOT_LOADED, &[]), CollectionState::Degraded(_)));
        assert_eq!(collection_state(0, &[]), CollectionState::Unknown);
    }
}
