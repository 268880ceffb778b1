//! Questions to one shard: describe, count, page, get, search. Blocking; called by `mod`.

use std::collections::HashMap;

use qdrant_edge::{
    CountRequest, EdgeShard, NamedQuery, OperationError, PointId, QueryEnum, ScrollRequest, SearchParams,
    SearchRequest as EngineSearch, VectorInternal, WithPayloadInterface, WithVector,
};
use serde_json::json;
use uuid::Uuid;

use super::{filter, translation};
use crate::provider::filter::Filter;
use crate::provider::model::{
    CollectionInfo, CollectionState, CollectionSummary, Count, Cursor, Hit, Page, PageRequest, PayloadField, Record,
    RecordId, Score, SearchQuery, SearchRequest, VectorKind, VectorSpec,
};
use crate::provider::qdrant::words;
use crate::provider::{ProviderError, Result};

/// Most records of one page: the engine makes room for as many as it is asked for.
pub(in crate::provider) const LARGEST_PAGE: usize = 10_000;

/// Name, exact count and vectors.
pub(super) fn summary(shard: &EdgeShard, name: &str) -> Result<CollectionSummary> {
    Ok(CollectionSummary { name: name.to_owned(), count: Some(count(shard, None)?), vectors: vectors(shard) })
}

/// All that the shard tells.
pub(in crate::provider) fn describe(shard: &EdgeShard, name: &str) -> Result<CollectionInfo> {
    let info = shard.info();
    let mut fields: Vec<PayloadField> = info
        .payload_schema
        .iter()
        .map(|(path, index)| PayloadField {
            path: path.to_string(),
            kind: index.data_type.name().to_owned(),
            indexed: Some(index.points as u64),
        })
        .collect();
    fields.sort_unstable_by(|a, b| a.path.cmp(&b.path));
    let mut summary = summary(shard, name)?;
    let config = shard.config();
    for spec in &mut summary.vectors {
        spec.index = Some(index_words(spec, info.indexed_vectors_count > 0, &config));
    }
    let details = json!({
        "directory": shard.path().display().to_string(),
        "segments": info.segments_count,
        "indexed_vectors": info.indexed_vectors_count,
        "config": serde_json::to_value(&*config).unwrap_or_default(),
    });
    Ok(CollectionInfo { summary, state: CollectionState::Ready, fields, details })
}

fn index_words(spec: &VectorSpec, indexed: bool, config: &qdrant_edge::EdgeConfig) -> String {
    match spec.kind {
        VectorKind::Sparse => "inverted lists".to_owned(),
        VectorKind::Dense | VectorKind::Multi if indexed => {
            let hnsw = config.vectors.get(&spec.name).and_then(|v| v.hnsw_config).unwrap_or(config.hnsw_config);
            format!("hnsw m={} ef_construct={}", hnsw.m, hnsw.ef_construct)
        }
        VectorKind::Dense | VectorKind::Multi => "none, every search is exact".to_owned(),
    }
}

/// The exact number of records that the filter selects.
pub(in crate::provider) fn count(shard: &EdgeShard, filter: Option<&Filter>) -> Result<Count> {
    let filter = condition(shard, filter)?;
    let value = shard.count(CountRequest { filter, exact: true }).map_err(fail(shard))?;
    Ok(Count { value: value as u64, exact: true })
}

/// A page in the order of ids: numbers first, then UUIDs. The cursor is the next page's first id.
pub(in crate::provider) fn page(shard: &EdgeShard, request: &PageRequest) -> Result<Page> {
    let (records, next) = shard
        .scroll(ScrollRequest {
            offset: request.cursor.as_ref().map(parse_cursor).transpose()?,
            limit: Some(request.limit.clamp(1, LARGEST_PAGE)),
            filter: condition(shard, request.filter.as_ref())?,
            with_payload: Some(WithPayloadInterface::Bool(true)),
            with_vector: WithVector::Bool(request.with_vectors),
            order_by: None,
        })
        .map_err(fail(shard))?;
    Ok(Page {
        records: records.into_iter().map(|r| our_record(r, request.with_vectors)).collect(),
        next: next.map(|id| Cursor(translation::record_id(id).to_string())),
    })
}

/// The id with which the cursor's page begins.
pub(in crate::provider) fn cursor_id(cursor: &Cursor) -> Result<RecordId> {
    parse_cursor(cursor).map(translation::record_id)
}

fn parse_cursor(cursor: &Cursor) -> Result<PointId> {
    let text = &cursor.0;
    let uuid = |_| Uuid::parse_str(text).map(PointId::Uuid);
    text.parse().map(PointId::NumId).or_else(uuid).map_err(|_| {
        translation::bad(format!("{text:?} is no place in this collection"), "Start again at the first page.")
    })
}

/// The records with these ids, in that order; those that are not there are left out.
pub(in crate::provider) fn get(shard: &EdgeShard, ids: &[RecordId], with_vectors: bool) -> Result<Vec<Record>> {
    let wanted: Vec<PointId> = ids.iter().filter_map(translation::point_id).collect();
    let found = shard
        .retrieve(&wanted, Some(WithPayloadInterface::Bool(true)), Some(WithVector::Bool(with_vectors)))
        .map_err(fail(shard))?;
    if found.len() == ids.len() {
        return Ok(found.into_iter().map(|r| our_record(r, with_vectors)).collect());
    }
    // an id asked for twice is given twice, the engine gives it once
    let by_id: HashMap<RecordId, Record> =
        found.into_iter().map(|r| our_record(r, with_vectors)).map(|r| (r.id.clone(), r)).collect();
    Ok(ids.iter().filter_map(|id| by_id.get(id).cloned()).collect())
}

/// The nearest records, best first.
pub(in crate::provider) fn search(shard: &EdgeShard, collection: &str, request: &SearchRequest) -> Result<Vec<Hit>> {
    let specs = vectors(shard);
    let spec = translation::field(&specs, request.using.as_deref())?;
    let metric = spec.metric.ok_or_else(|| translation::bad("the vector has no metric".into(), "Use another."))?;
    let filter = condition(shard, request.filter.as_ref())?;
    let (vector, itself) = match &request.query {
        SearchQuery::Vector(vector) => (translation::engine_vector(vector.clone(), spec)?, None),
        SearchQuery::Text(_) => return Err(ProviderError::not_by_text("Qdrant")),
        SearchQuery::Like(id) => (vector_of(shard, collection, id, spec)?, Some(id)),
    };
    // the engine makes room for as many hits as it is asked for
    let top = request.top.min(count(shard, None)?.value as usize);
    if top == 0 {
        return Ok(Vec::new());
    }
    let hits = shard
        .search(EngineSearch {
            query: QueryEnum::Nearest(NamedQuery::new(vector, spec.name.clone())),
            filter,
            params: Some(SearchParams { exact: request.exact, ..SearchParams::default() }),
            // one more, for the record itself
            limit: top + usize::from(itself.is_some()),
            offset: 0,
            with_payload: Some(WithPayloadInterface::Bool(true)),
            with_vector: Some(WithVector::Bool(request.with_vectors)),
            score_threshold: None,
        })
        .map_err(fail(shard))?;
    Ok(hits
        .into_iter()
        .map(|point| Hit {
            record: translation::record(point.id, point.payload, point.vector, request.with_vectors),
            score: Score::new(translation::score(point.score, metric), metric),
        })
        .filter(|hit| Some(&hit.record.id) != itself)
        .take(top)
        .collect())
}

/// The stored vector of a record, in the engine's form.
fn vector_of(shard: &EdgeShard, collection: &str, id: &RecordId, spec: &VectorSpec) -> Result<VectorInternal> {
    let record = get(shard, std::slice::from_ref(id), true)?
        .pop()
        .ok_or_else(|| ProviderError::NoSuchRecord { collection: collection.to_owned(), id: id.to_string() })?;
    let vector = record.vectors.as_ref().and_then(|vectors| vectors.get(&spec.name)).cloned().ok_or_else(|| {
        translation::bad(format!("record {id} has no vector {:?}", spec.name), "Choose another record or vector.")
    })?;
    translation::engine_vector(vector, spec)
}

/// The filter in the engine's form; where it looks for parts of texts, the indexes are looked at.
fn condition(shard: &EdgeShard, filter: Option<&Filter>) -> Result<Option<qdrant_edge::Filter>> {
    if let Some(filter) = filter.filter(|filter| words::matter(filter.root())) {
        let fields = shard.info().payload_schema;
        let of_words =
            |key: &str| fields.iter().any(|(path, f)| path.to_string() == key && f.data_type.name() == "text");
        words::check(filter.root(), &of_words, super::PRODUCT)?;
    }
    filter::translate_optional(filter)
}

fn vectors(shard: &EdgeShard) -> Vec<VectorSpec> {
    translation::vector_specs(&shard.config())
}

fn our_record(record: qdrant_edge::Record, with_vectors: bool) -> Record {
    translation::record(record.id, record.payload, record.vector, with_vectors)
}

/// Turns the engine's error into ours, with the collection's directory.
fn fail(shard: &EdgeShard) -> impl FnOnce(OperationError) -> ProviderError {
    |error| translation::error(shard.path(), &error)
}
