//! The reading half: count, pages, records by id, search.

use std::collections::HashMap;

use futures::future::try_join_all;
use prost::Message;
use serde_json::{Value, json};

use super::columns;
use super::expression::{self, both};
use super::filter::{self, Doubt};
use super::layout::{Layout, VectorField, metric};
use super::proto::{
    EXPRESSION, IndexDescription, KeyValuePair, PlaceholderGroup, PlaceholderValue, QueryRequest, QueryResults,
    SearchRequest as NativeSearch, SearchResults, value_of,
};
use super::rows::{bad_vector, check_dimension};
use super::{Milvus, PRODUCT};
use crate::provider::filter::Filter;
use crate::provider::model::{
    Count, Cursor, Hit, Metric, Page, PageRequest, Record, RecordId, Score, SearchQuery, SearchRequest, Vector,
};
use crate::provider::{ProviderError, Result};

/// Most records in one answer: Milvus refuses more.
const MOST: usize = 16_384;
/// Ids in one question.
const IDS_AT_ONCE: usize = 1_000;

impl Milvus {
    /// The expression for a filter, after the questions that it needs.
    async fn condition(&self, layout: &Layout, filter: Option<&Filter>, settled: bool) -> Result<Option<String>> {
        let Some(filter) = filter else { return Ok(None) };
        let translated = filter::translate(filter, layout, self.dialect)?;
        if !settled {
            try_join_all(translated.doubts.into_iter().map(|doubt| self.settle(layout, doubt))).await?;
        }
        Ok(Some(translated.expr))
    }

    async fn settle(&self, layout: &Layout, doubt: Doubt) -> Result<()> {
        if let Some(known) = doubt.unless {
            let (all, well) = tokio::try_join!(self.number_of(layout, doubt.expr), self.number_of(layout, known))?;
            return if all == well { Ok(()) } else { Err(doubt.refusal) };
        }
        let key = vec![layout.key.field.clone()];
        let answer = self.query(layout, doubt.expr, key, Some(1), false).await?;
        let found = columns::records(layout, answer.fields_data, None, false);
        match found.map_err(|fault| self.connection.bad_answer(fault))?.is_empty() {
            true => Ok(()),
            false => Err(doubt.refusal),
        }
    }

    pub(super) async fn exact_count(&self, layout: &Layout, filter: Option<&Filter>) -> Result<Count> {
        // Milvus Lite counts deleted records too, unless it is given a condition.
        let everything = || expression::constant(&layout.key, true);
        let expr = self.condition(layout, filter, false).await?.unwrap_or_else(everything);
        Ok(Count { value: self.number_of(layout, expr).await?, exact: true })
    }

    /// How many records an expression selects.
    async fn number_of(&self, layout: &Layout, expr: String) -> Result<u64> {
        let answer = self.query(layout, expr, vec!["count(*)".to_owned()], None, false).await?;
        columns::count(&answer.fields_data).ok_or_else(|| self.connection.bad_answer("the count is missing"))
    }

    /// A page in the order of the keys, and one record more, to know whether another page follows.
    pub(super) async fn scroll(&self, layout: &Layout, request: &PageRequest) -> Result<Page> {
        let mut behind = request.cursor.as_ref().map(|cursor| from_cursor(layout, cursor)).transpose()?;
        let limit = request.limit.clamp(1, MOST - 1);
        let condition = self.condition(layout, request.filter.as_ref(), behind.is_some()).await?;
        let mut records: Vec<Record> = Vec::new();
        loop {
            let expr = both(behind, condition.clone()).unwrap_or_else(|| expression::constant(&layout.key, true));
            let (output, wanted) = (layout.output(request.with_vectors), limit + 1 - records.len());
            let answer = self.query(layout, expr, output, Some(wanted), true).await?;
            let mut found = self.records(layout, answer, request.with_vectors)?;
            // The servers seen give them in this order; what follows relies on it.
            found.sort_by(|a, b| a.id.cmp(&b.id));
            let before = records.last().map(|record| record.id.clone());
            let Some(last) = found.last().map(|record| record.id.clone()) else { break };
            if before.is_some_and(|before| last <= before) {
                return Err(self.connection.bad_answer("a page that does not go on"));
            }
            behind = expression::behind(&layout.key, &last);
            records.extend(found);
            // A server joins the answers of partitions and segments, and stops where one of them is at
            // its end: fewer than were asked for need not be the last ones.
            if records.len() > limit || self.dialect.is_lite() || behind.is_none() {
                break;
            }
        }
        let more = records.len() > limit;
        records.truncate(if request.limit == 0 { 0 } else { limit });
        let next = if more { records.last().map(|record| to_cursor(&record.id)) } else { None };
        Ok(Page { records, next })
    }

    pub(super) async fn fetch(&self, layout: &Layout, ids: &[RecordId], with_vectors: bool) -> Result<Vec<Record>> {
        let wanted: Vec<RecordId> = ids.iter().filter_map(|id| expression::normal(&layout.key, id)).collect();
        let mut found: HashMap<RecordId, Record> = HashMap::new();
        for chunk in wanted.chunks(IDS_AT_ONCE) {
            let Some(expr) = expression::one_of(&layout.key, chunk) else { continue };
            let answer = self.query(layout, expr, layout.output(with_vectors), None, false).await?;
            let records = self.records(layout, answer, with_vectors)?;
            found.extend(records.into_iter().map(|record| (record.id.clone(), record)));
        }
        Ok(wanted.iter().filter_map(|id| found.get(id).cloned()).collect())
    }

    pub(super) async fn nearest(&self, layout: &Layout, request: &SearchRequest) -> Result<Vec<Hit>> {
        if request.exact {
            let reason = "it searches through the index that a field has; a FLAT index is exact".to_owned();
            return Err(ProviderError::Unsupported { product: PRODUCT, reason });
        }
        let field = vector_field(layout, request.using.as_deref())?;
        let (indexes, condition) =
            tokio::try_join!(self.indexes(&layout.collection), self.condition(layout, request.filter.as_ref(), false))?;
        let index = indexes.iter().find(|index| index.field_name == field.field);
        let metric = usable_metric(layout, field, index)?;
        let (vector, condition) = match &request.query {
            SearchQuery::Vector(vector) => (vector.clone(), condition),
            SearchQuery::Text(_) => return Err(ProviderError::not_by_text(PRODUCT)),
            SearchQuery::Like(id) => {
                let vector = self.vector_of(layout, field, id).await?;
                (vector, both(condition, expression::other_than(&layout.key, id)))
            }
        };
        let bytes = field.kind.encode(&vector).map_err(|fault| bad_vector(field, "to search with", &fault))?;
        check_dimension(field, &vector, "to search with")?;
        if request.top == 0 {
            return Ok(Vec::new());
        }
        let top = request.top.min(MOST);
        let placeholder = PlaceholderValue { tag: "$0".to_owned(), kind: field.kind.number(), values: vec![bytes] };
        let search = NativeSearch {
            collection_name: layout.collection.clone(),
            partition_names: layout.partitions(),
            dsl: condition.unwrap_or_default(),
            placeholder_group: PlaceholderGroup { placeholders: vec![placeholder] }.encode_to_vec(),
            dsl_type: EXPRESSION,
            output_fields: layout.output(request.with_vectors),
            search_params: search_params(&field.field, index, top),
            nq: 1,
            consistency_level: self.consistency,
            ..NativeSearch::default()
        };
        let answer: SearchResults = self.connection.ask("Search", Some(&layout.collection), search).await?;
        let results = answer.results.unwrap_or_default();
        let ids = results.ids.unwrap_or_default();
        let records = columns::records(layout, results.fields_data, Some(ids), request.with_vectors)
            .map_err(|fault| self.connection.bad_answer(fault))?;
        if records.len() != results.scores.len() {
            let fault = format!("{} scores for {} hits", results.scores.len(), records.len());
            return Err(self.connection.bad_answer(fault));
        }
        let hits = records.into_iter().zip(results.scores);
        Ok(hits.map(|(record, value)| Hit { record, score: score(metric, value) }).collect())
    }

    async fn vector_of(&self, layout: &Layout, field: &VectorField, id: &RecordId) -> Result<Vector> {
        let mut found = self.fetch(layout, std::slice::from_ref(id), true).await?;
        let record =
            found.pop().ok_or_else(|| ProviderError::NoSuchRecord { collection: layout.name(), id: id.to_string() })?;
        record.vectors.as_ref().and_then(|vectors| vectors.get(&field.name)).cloned().ok_or_else(|| {
            ProviderError::BadRequest {
                cause: format!("record {id} has no vector {:?}", field.name),
                mend: "Choose a record with one, or another vector field.".to_owned(),
            }
        })
    }

    /// One `Query`. With `in_order` the answer has the records with the smallest keys, as for Milvus'
    /// own iterators; without it, `limit` gives any records.
    async fn query(
        &self,
        layout: &Layout,
        expr: String,
        output_fields: Vec<String>,
        limit: Option<usize>,
        in_order: bool,
    ) -> Result<QueryResults> {
        let mut query_params = Vec::new();
        if let Some(limit) = limit {
            query_params.push(KeyValuePair::new("limit", limit.to_string()));
        }
        if in_order {
            query_params.push(KeyValuePair::new("iterator", "True"));
            query_params.push(KeyValuePair::new("reduce_stop_for_best", "True"));
        }
        let question = QueryRequest {
            collection_name: layout.collection.clone(),
            partition_names: layout.partitions(),
            expr,
            output_fields,
            query_params,
            consistency_level: self.consistency,
            ..QueryRequest::default()
        };
        self.connection.ask("Query", Some(&layout.collection), question).await
    }

    fn records(&self, layout: &Layout, answer: QueryResults, with_vectors: bool) -> Result<Vec<Record>> {
        columns::records(layout, answer.fields_data, None, with_vectors)
            .map_err(|fault| self.connection.bad_answer(fault))
    }
}

/// The last id of the page before.
fn to_cursor(id: &RecordId) -> Cursor {
    Cursor(json!({ "after": id.to_json() }).to_string())
}

fn from_cursor(layout: &Layout, cursor: &Cursor) -> Result<String> {
    let id = serde_json::from_str::<Value>(&cursor.0).ok().and_then(|value| match value.get("after")? {
        Value::String(text) if layout.key.text => Some(RecordId::Text(text.clone())),
        Value::Number(number) if !layout.key.text => number.as_i64().map(RecordId::from),
        _ => None,
    });
    id.and_then(|id| expression::behind(&layout.key, &id)).ok_or_else(|| ProviderError::BadRequest {
        cause: "the cursor is none of this collection".to_owned(),
        mend: "Start again with the first page.".to_owned(),
    })
}

/// The vector field that a search means.
fn vector_field<'a>(layout: &'a Layout, using: Option<&str>) -> Result<&'a VectorField> {
    let named = |name: &str| layout.vectors.iter().find(|field| field.name == name || field.field == name);
    if let Some(field) = using.map_or_else(|| layout.vectors.first(), named) {
        return Ok(field);
    }
    let names: Vec<_> = layout.vectors.iter().map(|field| format!("{:?}", field.name)).collect();
    Err(ProviderError::BadRequest {
        cause: format!("the collection {:?} has no vector {:?}", layout.collection, using.unwrap_or_default()),
        mend: format!("Choose one of {}.", names.join(", ")),
    })
}

fn usable_metric(layout: &Layout, field: &VectorField, index: Option<&IndexDescription>) -> Result<Metric> {
    let Some(index) = index else {
        return Err(ProviderError::BadRequest {
            cause: format!("the vector field {:?} of {:?} has no index", field.field, layout.collection),
            mend: "Create one with Milvus' own tools, then load the collection.".to_owned(),
        });
    };
    let word = value_of(&index.params, "metric_type").unwrap_or("unknown");
    metric(word).ok_or_else(|| {
        let reason = format!("the metric {word} of {:?} is none that can be searched with here", field.field);
        ProviderError::Unsupported { product: PRODUCT, reason }
    })
}

/// What kinds of index want to be told; more than the default, because many are asked for here.
fn search_params(field: &str, index: Option<&IndexDescription>, top: usize) -> Vec<KeyValuePair> {
    let param = |key: &str| index.and_then(|index| value_of(&index.params, key));
    let kind = param("index_type").unwrap_or_default().to_uppercase();
    let params = if kind.contains("HNSW") {
        json!({ "ef": (top * 2).clamp(64, 32_768) })
    } else if kind.contains("IVF") || kind == "SCANN" {
        json!({ "nprobe": 32 })
    } else if kind == "DISKANN" {
        json!({ "search_list": (top * 2).clamp(64, 65_535) })
    } else {
        json!({})
    };
    let mut pairs = vec![
        KeyValuePair::new("anns_field", field),
        KeyValuePair::new("topk", top.to_string()),
        KeyValuePair::new("params", params.to_string()),
        KeyValuePair::new("round_decimal", "-1"),
    ];
    pairs.extend(param("metric_type").map(|metric| KeyValuePair::new("metric_type", metric)));
    pairs
}

/// Milvus' number in our meaning: its Euclidean distances are squared. Computed in `f64`, so that it adds
/// no noise of its own.
fn score(metric: Metric, value: f32) -> Score {
    #[allow(clippy::cast_possible_truncation)] // scores are f32 by the model
    let value = match metric {
        Metric::Euclidean => f64::from(value).max(0.0).sqrt() as f32,
        _ => value,
    };
    Score::new(value, metric)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use super::super::layout::tests::{field, layout};
    use super::super::proto::data_type;
    use super::*;

    #[test]
    fn a_cursor_keeps_any_key_and_refuses_others() {
        let layout = layout(Vec::new(), true);
        let id = RecordId::from("quote\" back\\slash\n日本");
        let behind = from_cursor(&layout, &to_cursor(&id)).unwrap();
        assert_eq!(behind, "_id > \"quote\\\" back\\\\slash\\n日本\"");
        for foreign in ["", "{}", "{\"after\":5}", "\u{1}no cursor of ours"] {
            assert!(from_cursor(&layout, &Cursor(foreign.to_owned())).is_err(), "{foreign}");
        }
    }

    #[test]
    fn only_squared_distances_are_brought_back() {
        assert_eq!(score(Metric::Euclidean, 9.0).value, 3.0);
        assert_eq!(score(Metric::Dot, -6.0).value, -6.0);
        assert_eq!(score(Metric::Manhattan, 4.0).value, 4.0);
    }

    #[test]
    fn a_vector_field_is_found_by_its_name_and_by_ours() {
        let one = layout(Vec::new(), true);
        assert!([None, Some(""), Some("_vector")].iter().all(|using| vector_field(&one, *using).is_ok()));
        let two = layout(vec![field("words", data_type::SPARSE_FLOAT_VECTOR)], true);
        assert_eq!(vector_field(&two, Some("words")).unwrap().field, "words");
        let error = vector_field(&two, Some("nope")).unwrap_err().to_string();
        assert!(error.contains("\"nope\"") && error.contains("\"words\""), "{error}");
    }

    #[test]
    fn an_index_is_told_to_look_at_more_than_is_asked_for() {
        let index = |kind: &str| IndexDescription {
            params: vec![KeyValuePair::new("index_type", kind), KeyValuePair::new("metric_type", "L2")],
            ..IndexDescription::default()
        };
        let params = |kind: &str| {
            let pairs = search_params("v", Some(&index(kind)), 100);
            value_of(&pairs, "params").unwrap().to_owned()
        };
        assert_eq!(params("HNSW"), r#"{"ef":200}"#);
        assert_eq!(params("IVF_FLAT"), r#"{"nprobe":32}"#);
        assert_eq!(params("AUTOINDEX"), "{}");
    }
}
