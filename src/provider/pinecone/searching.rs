//! Searches: by vectors, by records, and by text where an index has a model.

use serde::Deserialize;
use serde_json::{Value, json};

use super::index::SPARSE;
use super::maker::CAPABILITIES;
use super::reads::texts;
use super::translation::Stored;
use super::{PRODUCT, Place, translation, unsupported};
use crate::provider::model::{
    Hit, Metric, NO_MODEL, RecordId, SearchQuery, SearchRequest, TextQuery, TextWay, Vector, embedding,
};
use crate::provider::{ProviderError, Result};

/// The answer of a search.
#[derive(Deserialize)]
struct Found {
    matches: Option<Vec<Stored>>,
}

impl Place {
    /// The nearest records.
    pub(super) async fn search(&self, request: &SearchRequest, selection: Option<Value>) -> Result<Vec<Hit>> {
        if request.exact {
            return Err(unsupported("it searches through its index only"));
        }
        let metric = self.index.metric.ok_or_else(|| {
            self.data
                .bad_answer(format!("the index {:?} has a metric that this version does not know", self.index.name))
        })?;
        if let SearchQuery::Text(text) = &request.query {
            return self.search_text(request, text, metric, selection).await;
        }
        let (vector, like) = self.query(request).await?;
        if request.top == 0 {
            return Ok(Vec::new());
        }
        let top = request.top.saturating_add(usize::from(like.is_some()));
        let mut body = json!({
            "namespace": self.namespace, "topK": top, "includeMetadata": true, "includeValues": request.with_vectors,
        });
        let key = if matches!(vector, Vector::Sparse { .. }) { "sparseVector" } else { "vector" };
        body[key] = vector.to_json();
        if let Some(selection) = selection {
            body["filter"] = selection;
        }
        let answer: Found = self.data.post("search", &["query"], &body).await?.read()?;
        let hits = answer.matches.into_iter().flatten().map(|found| self.hit(found, metric, request.with_vectors));
        let mut hits = hits.collect::<Result<Vec<Hit>>>()?;
        hits.retain(|hit| Some(&hit.record.id) != like.as_ref());
        hits.truncate(request.top);
        Ok(hits)
    }

    /// The nearest records to a text, of which the index's own model makes a vector.
    async fn search_text(
        &self,
        request: &SearchRequest,
        query: &TextQuery,
        metric: Metric,
        selection: Option<Value>,
    ) -> Result<Vec<Hit>> {
        CAPABILITIES.text(query.way).require(PRODUCT)?;
        self.check_name(request.using.as_deref())?;
        if query.way != TextWay::Near || embedding(&self.index.vectors(), None).is_none() {
            return Err(unsupported(NO_MODEL));
        }
        if request.top == 0 {
            return Ok(Vec::new());
        }
        let mut asked = json!({ "inputs": { "text": query.text }, "top_k": request.top });
        if let Some(selection) = selection {
            asked["filter"] = selection;
        }
        let path = ["records", "namespaces", &self.namespace, "search"];
        let answer = self.data.post("search", &path, &json!({ "query": asked })).await?.value()?;
        let found = answer.pointer("/result/hits").and_then(Value::as_array);
        let found = found.ok_or_else(|| self.data.bad_answer("a search without hits"))?;
        let mut hits = Vec::new();
        for hit in found {
            let id = hit.get("_id").and_then(Value::as_str).map(str::to_owned);
            let raw = Stored::plain(id, hit.get("fields").cloned());
            let score = hit.get("_score").and_then(Value::as_f64).unwrap_or(f64::NAN);
            hits.push(Hit { record: self.record(raw, false)?, score: translation::score(score, metric) });
        }
        if request.with_vectors {
            // That search gives none.
            let ids: Vec<RecordId> = hits.iter().map(|hit| hit.record.id.clone()).collect();
            let whole = self.fetch(&texts(&ids), true).await?;
            hits.retain_mut(|hit| {
                let found = whole.iter().find(|record| record.id == hit.record.id).cloned();
                found.map(|record| hit.record = record).is_some()
            });
        }
        Ok(hits)
    }

    fn hit(&self, found: Stored, metric: Metric, vectors: bool) -> Result<Hit> {
        let score = found.score.unwrap_or(f64::NAN);
        Ok(Hit { record: self.record(found, vectors)?, score: translation::score(score, metric) })
    }

    /// The vector to search with, and the record that must not be among the hits.
    async fn query(&self, request: &SearchRequest) -> Result<(Vector, Option<RecordId>)> {
        self.check_name(request.using.as_deref())?;
        let (vector, like) = match &request.query {
            SearchQuery::Vector(vector) => (vector.clone(), None),
            SearchQuery::Text(_) => return Err(ProviderError::not_by_text(PRODUCT)),
            SearchQuery::Like(id) => {
                let missing = || ProviderError::NoSuchRecord { collection: self.name.clone(), id: id.to_string() };
                let found = self.fetch(&texts(std::slice::from_ref(id)), true).await?;
                let record = found.into_iter().next().ok_or_else(missing)?;
                let vector = record.vectors.and_then(|vectors| vectors.get("").cloned());
                let none = || self.data.bad_answer("a record without its vector");
                (vector.ok_or_else(none)?, Some(id.clone()))
            }
        };
        let fits = match &vector {
            Vector::Dense(values) => !self.index.sparse && values.iter().all(|value| value.is_finite()),
            Vector::Sparse { values, .. } => self.index.sparse && values.iter().all(|value| value.is_finite()),
            Vector::Multi(_) => false,
        };
        if fits {
            return Ok((vector, like));
        }
        let kind = if self.index.sparse { "sparse" } else { "dense" };
        Err(ProviderError::BadRequest {
            cause: format!("the index is searched with one {kind} vector of finite numbers"),
            mend: "Give a query of that kind.".to_owned(),
        })
    }

    /// The vector of an index has no name.
    fn check_name(&self, using: Option<&str>) -> Result<()> {
        let Some(using) = using.filter(|name| !name.is_empty()) else { return Ok(()) };
        let cause = if using == SPARSE && !self.index.sparse {
            "the sparse vectors beside dense ones are not searched alone".to_owned()
        } else {
            format!("there is no vector {using:?}: an index has one, without a name")
        };
        Err(ProviderError::BadRequest { cause, mend: "Leave the name of the vector out.".to_owned() })
    }
}
