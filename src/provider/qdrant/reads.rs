//! The reading half: list, count, scroll, get, search.

use std::collections::HashMap;

use futures::{StreamExt, TryStreamExt, stream};
use qdrant_client::qdrant::{
    self, CountPoints, GetPoints, PayloadSchemaType, Query, QueryPoints, ScrollPoints, SearchParams, VectorInput,
    WithPayloadSelector, WithVectorsSelector, query, vector_input, with_payload_selector, with_vectors_selector,
};

use super::{Qdrant, filter, translation, words};
use crate::provider::filter::Filter;
use crate::provider::model::{
    CollectionSummary, Count, Hit, Metric, Page, PageRequest, Record, RecordId, SearchQuery, SearchRequest, VectorSpec,
};
use crate::provider::{ProviderError, Result};

/// Collections asked at the same time for a list.
const ASKED_AT_ONCE: usize = 8;
/// Up to this estimate an exact count costs the server next to nothing, so the list shows one.
const COUNTED_EXACTLY: u64 = 10_000;

impl Qdrant {
    /// All collections with counts. One that was dropped meanwhile is left out; one that this key may
    /// not look into stands there without a count.
    pub(super) async fn summaries(&self) -> Result<Vec<CollectionSummary>> {
        let found: Vec<Option<CollectionSummary>> = stream::iter(self.names().await?)
            .map(|name| async move {
                let told = async { self.summary(&name, &self.info(&name).await?).await }.await;
                match told {
                    Ok(summary) => Ok(Some(summary)),
                    Err(ProviderError::NoSuchCollection { .. }) => Ok(None),
                    Err(ProviderError::Unauthorized { .. } | ProviderError::Server { .. }) => {
                        Ok(Some(CollectionSummary { name, count: None, vectors: Vec::new() }))
                    }
                    Err(error) => Err(error),
                }
            })
            .buffered(ASKED_AT_ONCE)
            .try_collect()
            .await?;
        Ok(found.into_iter().flatten().collect())
    }

    /// The summary with an exact count where that is cheap, else with the server's estimate.
    pub(super) async fn summary(&self, collection: &str, info: &qdrant::CollectionInfo) -> Result<CollectionSummary> {
        let small = info.points_count.is_some_and(|estimate| estimate <= COUNTED_EXACTLY);
        let exact = if small { Some(self.exact_count(collection, None).await?) } else { None };
        Ok(translation::summary_of(collection, info, exact))
    }

    pub(super) async fn exact_count(&self, collection: &str, filter: Option<&Filter>) -> Result<Count> {
        let request = CountPoints {
            collection_name: collection.to_owned(),
            filter: self.condition(collection, filter).await?,
            exact: Some(true),
            ..CountPoints::default()
        };
        let answer = self.connection.points().count(request).await;
        let answer = answer.map_err(|status| self.connection.failed_in(collection, status))?.into_inner();
        let count = answer.result.ok_or_else(|| self.connection.bad_answer("the count is missing"))?;
        Ok(Count { value: count.count, exact: true })
    }

    pub(super) async fn scroll(&self, collection: &str, request: &PageRequest) -> Result<Page> {
        let filter = self.condition(collection, request.filter.as_ref()).await?;
        let offset = match &request.cursor {
            None => None,
            Some(cursor) => Some(translation::from_cursor(cursor).ok_or_else(|| ProviderError::BadRequest {
                cause: format!("{:?} is no cursor of Qdrant", cursor.0),
                mend: "Take the cursor from the page before, or start at the beginning.".to_owned(),
            })?),
        };
        if request.limit == 0 {
            // The server refuses a limit of 0; nothing of nothing still leaves the reader where it was.
            return Ok(Page { records: Vec::new(), next: request.cursor.clone() });
        }
        let request_limit = u32::try_from(request.limit).unwrap_or(u32::MAX);
        let with_vectors = request.with_vectors;
        let scroll = ScrollPoints {
            collection_name: collection.to_owned(),
            filter,
            offset,
            limit: Some(request_limit),
            with_payload: Some(payload_selector()),
            with_vectors: Some(vectors_selector(with_vectors)),
            ..ScrollPoints::default()
        };
        let answer = self.connection.scroll(scroll).await;
        let answer = answer.map_err(|status| self.connection.failed_in(collection, status))?;
        let bad_answer = |cause| self.connection.bad_answer(cause);
        let next = answer.next_page_offset.map(translation::cursor_of).transpose().map_err(bad_answer)?;
        let mut records = Vec::with_capacity(answer.result.len());
        for point in answer.result {
            records.push(translation::listed(point, with_vectors).map_err(bad_answer)?);
        }
        Ok(Page { records, next })
    }

    pub(super) async fn fetch(&self, collection: &str, ids: &[RecordId], with_vectors: bool) -> Result<Vec<Record>> {
        let request = GetPoints {
            collection_name: collection.to_owned(),
            // An id of a kind that Qdrant does not have is the id of no record.
            ids: ids.iter().filter_map(translation::to_id).collect(),
            with_payload: Some(payload_selector()),
            with_vectors: Some(vectors_selector(with_vectors)),
            ..GetPoints::default()
        };
        let answer = self.connection.points().get(request).await;
        let answer = answer.map_err(|status| self.connection.failed_in(collection, status))?.into_inner();
        let found = self.records(answer.result, with_vectors)?;
        let by_id: HashMap<&RecordId, &Record> = found.iter().map(|record| (&record.id, record)).collect();
        Ok(ids.iter().filter_map(|id| by_id.get(id).map(|record| (*record).clone())).collect())
    }

    pub(super) async fn nearest(&self, collection: &str, request: &SearchRequest) -> Result<Vec<Hit>> {
        let filter = self.condition(collection, request.filter.as_ref()).await?;
        let input = match &request.query {
            SearchQuery::Vector(vector) => translation::query_input(vector),
            SearchQuery::Text(_) => return Err(ProviderError::not_by_text("Qdrant")),
            SearchQuery::Like(id) => VectorInput {
                variant: Some(vector_input::Variant::Id(translation::to_id(id).ok_or_else(|| {
                    ProviderError::NoSuchRecord { collection: collection.to_owned(), id: id.to_string() }
                })?)),
            },
        };
        // The answer holds bare numbers: only the field's metric tells what they mean.
        let field = self.field(collection, request.using.as_deref()).await?;
        let metric = field.metric.ok_or_else(|| self.connection.bad_answer("the metric of the vector is missing"))?;
        if request.top == 0 {
            return Ok(Vec::new());
        }
        let query = QueryPoints {
            collection_name: collection.to_owned(),
            query: Some(Query { variant: Some(query::Variant::Nearest(input)) }),
            using: (!field.name.is_empty()).then_some(field.name),
            filter,
            params: request.exact.then(|| SearchParams { exact: Some(true), ..SearchParams::default() }),
            limit: Some(request.top as u64),
            with_vectors: Some(vectors_selector(request.with_vectors)),
            with_payload: Some(payload_selector()),
            ..QueryPoints::default()
        };
        let answer = self.connection.points().query(query).await;
        let answer = answer.map_err(|status| self.connection.failed_in(collection, status))?.into_inner();
        self.hits(answer.result, metric, request.with_vectors)
    }

    /// The filter in Qdrant's form; where it looks for parts of texts, the indexes are asked for.
    pub(super) async fn condition(&self, collection: &str, filter: Option<&Filter>) -> Result<Option<qdrant::Filter>> {
        let Some(filter) = filter else { return Ok(None) };
        let condition = filter::translate(filter)?;
        if words::matter(filter.root()) {
            let fields = self.info(collection).await?.payload_schema;
            let of_words = |key: &str| fields.get(key).is_some_and(|f| f.data_type() == PayloadSchemaType::Text);
            words::check(filter.root(), &of_words, "Qdrant")?;
        }
        Ok(Some(condition))
    }

    /// The vector field that a search means.
    async fn field(&self, collection: &str, using: Option<&str>) -> Result<VectorSpec> {
        let mut fields = translation::specs(&self.info(collection).await?);
        let place = match using {
            None => 0,
            Some(name) => match fields.iter().position(|field| field.name == name) {
                Some(place) => place,
                None => return Err(no_such_field(collection, name, &fields)),
            },
        };
        if place < fields.len() {
            return Ok(fields.swap_remove(place));
        }
        Err(ProviderError::BadRequest {
            cause: format!("the collection {collection:?} has no vectors"),
            mend: "Choose a collection with vectors.".to_owned(),
        })
    }

    fn records(&self, points: Vec<qdrant::RetrievedPoint>, with_vectors: bool) -> Result<Vec<Record>> {
        let records = points.into_iter().map(|point| translation::record(point, with_vectors));
        records.collect::<std::result::Result<_, _>>().map_err(|cause| self.connection.bad_answer(cause))
    }

    fn hits(&self, points: Vec<qdrant::ScoredPoint>, metric: Metric, with_vectors: bool) -> Result<Vec<Hit>> {
        let hits = points.into_iter().map(|point| translation::hit(point, metric, with_vectors));
        hits.collect::<std::result::Result<_, _>>().map_err(|cause| self.connection.bad_answer(cause))
    }
}

fn no_such_field(collection: &str, name: &str, fields: &[VectorSpec]) -> ProviderError {
    let names: Vec<_> = fields.iter().map(|field| format!("{:?}", field.name)).collect();
    ProviderError::BadRequest {
        cause: format!("the collection {collection:?} has no vector {name:?}"),
        mend: format!("Choose one of {}.", names.join(", ")),
    }
}

fn payload_selector() -> WithPayloadSelector {
    WithPayloadSelector { selector_options: Some(with_payload_selector::SelectorOptions::Enable(true)) }
}

fn vectors_selector(enable: bool) -> WithVectorsSelector {
    WithVectorsSelector { selector_options: Some(with_vectors_selector::SelectorOptions::Enable(enable)) }
}
