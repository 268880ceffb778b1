//! Searches: by vectors, by records, and by words.

use reqwest::Method;
use serde_json::{Value, json};

use super::documents::Found;
use super::mapping::{Index, Similarity, VectorField};
use super::{Elasticsearch, PRODUCT, documents, unsupported};
use crate::provider::like::query_vector;
use crate::provider::model::{
    Hit, Measure, Record, RecordId, Score, SearchQuery, SearchRequest, TextQuery, TextWay, Vector,
};
use crate::provider::{Provider, ProviderError, Result};

/// The most candidates of a search in the index, which both products allow.
const MOST_CANDIDATES: usize = 10_000;

/// A search that was made ready.
struct Asked {
    body: Value,
    /// What the scores mean: BM25 without a similarity of vectors.
    similarity: Option<Similarity>,
    /// The record that must not be among the hits.
    like: Option<RecordId>,
}

impl Elasticsearch {
    /// The best hits.
    pub(super) async fn best(&self, collection: &str, request: &SearchRequest) -> Result<Vec<Hit>> {
        let index = self.resolve(collection).await?;
        let filter = request.filter.as_ref().map(|filter| self.query(&index, Some(filter))).transpose()?;
        let asked = match &request.query {
            SearchQuery::Text(query) => self.by_words(&index, request, query, filter)?,
            _ => self.by_vector(&index, request, filter).await?,
        };
        let Asked { mut body, similarity, like } = asked;
        if request.top == 0 {
            return Ok(Vec::new());
        }
        body["_source"] = documents::source(&index, request.with_vectors, self.hides_vectors());
        let parameters = [("allow_partial_search_results", "false")];
        let path = [&index.name, "_search"];
        let answer = self.http.read("search", Method::POST, &path, &parameters, Some(&body)).await?;
        let answer: Found = answer.map_err(|refusal| self.refused(collection, refusal))?;
        let hits = answer.hits().into_iter().map(|hit| {
            let score = hit.score.ok_or("a hit without a score")?;
            #[allow(clippy::cast_possible_truncation)] // the server computes in f32
            let score = match similarity {
                Some(similarity) => Score::new(similarity.value(score) as f32, similarity.metric()),
                None => Score::new(score as f32, Measure::Bm25),
            };
            Ok(Hit { record: documents::record(&index, hit, request.with_vectors)?, score })
        });
        let hits =
            hits.collect::<std::result::Result<Vec<_>, String>>().map_err(|cause| self.http.bad_answer(cause))?;
        Ok(hits.into_iter().filter(|hit| Some(&hit.record.id) != like.as_ref()).take(request.top).collect())
    }

    /// A search by the words of a text, in the fields that are cut into words.
    fn by_words(
        &self,
        index: &Index,
        request: &SearchRequest,
        query: &TextQuery,
        filter: Option<Value>,
    ) -> Result<Asked> {
        self.capabilities().text(query.way).require(PRODUCT)?;
        debug_assert_eq!(query.way, TextWay::Bm25);
        let fields: Vec<&str> =
            index.fields.iter().filter(|field| field.has_words()).map(|f| f.path.as_str()).collect();
        if fields.is_empty() {
            return Err(bad(
                format!("no field of {:?} is cut into words", index.name),
                "Choose an index with a field of the type text.",
            ));
        }
        let words = json!({ "multi_match": { "query": query.text, "fields": fields, "lenient": true } });
        let mut all = json!({ "must": [words] });
        if let Some(filter) = filter {
            all["filter"] = filter;
        }
        let body = json!({ "size": within(request.top)?, "query": { "bool": all } });
        Ok(Asked { body, similarity: None, like: None })
    }

    /// A search by a vector, or by that of a record.
    async fn by_vector(&self, index: &Index, request: &SearchRequest, filter: Option<Value>) -> Result<Asked> {
        let field = index.vector(request.using.as_deref()).ok_or_else(|| {
            let names = documents::paths(index).join(", ");
            bad(format!("there is no such vector in {:?}", index.name), format!("It has: {names}."))
        })?;
        if request.exact {
            self.capabilities().exact_search.require(PRODUCT)?;
        }
        let similarity = field.similarity.ok_or_else(|| {
            unsupported(format!(
                "what the scores of {:?} mean is not known here (its kind of numbers or its space)",
                field.path
            ))
        })?;
        let found = |id| async move { self.get_records(index, &[id], true).await };
        let vector_of = |record: &Record| documents::vector_of(record, field);
        let (vector, like) = query_vector(PRODUCT, &index.name, &request.query, found, vector_of).await?;
        documents::check(field, &vector).map_err(|cause| bad(cause, "Search with a vector of that kind."))?;
        let most = within(request.top.saturating_add(usize::from(like.is_some())))?;
        let body = self.nearest(field, similarity, &vector, filter, most, request.exact)?;
        Ok(Asked { body, similarity: Some(similarity), like })
    }

    /// The body of a search for the `most` nearest.
    fn nearest(
        &self,
        field: &VectorField,
        similarity: Similarity,
        vector: &[f32],
        query: Option<Value>,
        most: usize,
        exact: bool,
    ) -> Result<Value> {
        let values = Vector::Dense(vector.to_vec()).to_json();
        if self.product.open {
            let mut asked = json!({ "vector": values, "k": most });
            if let Some(query) = query {
                asked["filter"] = query;
            }
            return Ok(json!({ "size": most, "query": { "knn": { &field.path: asked } } }));
        }
        if !exact && field.indexed && self.product.is_from(8, 4) {
            let candidates = most.saturating_mul(10).clamp(100, MOST_CANDIDATES);
            let mut asked =
                json!({ "field": field.path, "query_vector": values, "k": most, "num_candidates": candidates });
            if let Some(query) = query {
                asked["filter"] = query;
            }
            return Ok(json!({ "size": most, "knn": asked }));
        }
        let source =
            script(similarity).ok_or_else(|| unsupported("its scripts have no distance of this kind".to_owned()))?;
        let mut conditions = vec![json!({ "exists": { "field": field.path } })];
        conditions.extend(query);
        let script = json!({ "source": source, "params": { "query": values, "field": field.path } });
        let all = json!({ "bool": { "filter": conditions } });
        Ok(json!({ "size": most, "query": { "script_score": { "query": all, "script": script } } }))
    }
}

/// A script that gives the score that a search in the index gives.
fn script(similarity: Similarity) -> Option<&'static str> {
    match similarity {
        Similarity::Cosine => Some("(1.0 + cosineSimilarity(params.query, params.field)) / 2.0"),
        Similarity::UnitDot => Some("(1.0 + dotProduct(params.query, params.field)) / 2.0"),
        Similarity::Dot => {
            Some("double d = dotProduct(params.query, params.field); return d < 0 ? 1.0 / (1.0 - d) : d + 1.0;")
        }
        Similarity::SquaredEuclidean => {
            Some("double d = l2norm(params.query, params.field); return 1.0 / (1.0 + d * d);")
        }
        Similarity::CosineDistance | Similarity::Manhattan => None,
    }
}

/// Not more hits than the servers give.
fn within(top: usize) -> Result<usize> {
    if top > MOST_CANDIDATES {
        return Err(bad(format!("{top} hits were asked for"), format!("Ask for at most {MOST_CANDIDATES}.")));
    }
    Ok(top)
}

fn bad(cause: String, mend: impl Into<String>) -> ProviderError {
    ProviderError::BadRequest { cause, mend: mend.into() }
}
