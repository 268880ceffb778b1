//! Elasticsearch and OpenSearch: indices with fields of vectors are collections, their documents are
//! records.
//!
//! [`connection`] asks and tells the two products apart, [`mapping`] is what an index is, [`documents`]
//! turns documents into records and back, [`filter`] translates our filter language, [`paging`] and
//! [`writing`] do what they say. Nothing is cached: each question first asks for the index's mapping.

mod connection;
mod documents;
mod filter;
mod maker;
mod mapping;
mod paging;
mod searching;
#[cfg(test)]
mod tests;
mod writing;

use std::collections::HashMap;

use async_trait::async_trait;
use futures::{StreamExt, stream};
use reqwest::Method;
use serde_json::{Value, json};

use super::filter::Filter;
use super::model::{
    CollectionInfo, CollectionSpec, CollectionState, CollectionSummary, Count, Hit, Page, PageRequest, Record,
    RecordId, SearchRequest,
};
use super::transport::{Refusal, in_time};
use super::{Capabilities, ConnectSpec, Provider, ProviderError, Result, ServerInfo};
use connection::{Http, Product};
use documents::Docs;
pub use maker::MAKER;
use mapping::Index;

/// The maker's name in errors.
const PRODUCT: &str = "Elasticsearch";
/// How many counts are asked at the same time while collections are listed.
const PARALLEL: usize = 8;
/// Documents in one `_mget`.
const STEP: usize = 1_000;

/// An open Elasticsearch or OpenSearch.
pub struct Elasticsearch {
    http: Http,
    product: Product,
    capabilities: Capabilities,
}

impl Elasticsearch {
    /// Connects: asks who is there and whether the key is taken.
    ///
    /// # Errors
    /// Every cause that a connect can have; none of them contains the key.
    pub async fn connect(spec: &ConnectSpec) -> Result<Self> {
        let http = Http::new(spec)?;
        let product = in_time(spec, http.greet()).await?;
        let capabilities = maker::capabilities(!product.open);
        Ok(Self { http, product, capabilities })
    }

    /// The index of that name.
    async fn resolve(&self, collection: &str) -> Result<Index> {
        let name = checked(collection).ok_or_else(|| missing(collection))?;
        let answer = self.http.ask("index", Method::GET, &[name, "_mapping"], &[], None).await?;
        let answer = answer.map_err(|refusal| self.refused(collection, refusal))?;
        let indices = answer.as_object().ok_or_else(|| self.http.bad_answer("a mapping that is no object"))?;
        let mut found = indices.iter();
        match (found.next(), found.next()) {
            (Some((name, mapping)), None) => Ok(Index::read(name, mapping)),
            (Some(_), Some(_)) => Err(ProviderError::BadRequest {
                cause: format!("{collection:?} is an alias of several indices"),
                mend: "Name one of them.".to_owned(),
            }),
            _ => Err(missing(collection)),
        }
    }

    /// What a refusal of a question about an index means.
    fn refused(&self, collection: &str, refusal: Refusal) -> ProviderError {
        let kind = refusal.body.pointer("/error/type").and_then(Value::as_str).unwrap_or_default();
        if refusal.status == 404 && (kind == "index_not_found_exception" || kind.is_empty()) {
            return missing(collection);
        }
        refusal.error()
    }

    /// Whether vectors are left out of `_source` unless they are asked for.
    fn hides_vectors(&self) -> bool {
        !self.product.open && self.product.is_from(9, 2)
    }

    fn query(&self, index: &Index, filter: Option<&Filter>) -> Result<Value> {
        match filter {
            Some(filter) => filter::translate(self.product.name(), index, filter),
            None => Ok(json!({ "match_all": {} })),
        }
    }

    async fn count_of(&self, index: &Index, filter: Option<&Filter>) -> Result<u64> {
        let body = json!({ "query": self.query(index, filter)? });
        let answer = self.http.ask("count", Method::POST, &[&index.name, "_count"], &[], Some(&body)).await?;
        let answer = answer.map_err(|refusal| self.refused(&index.name, refusal))?;
        let failed = answer.pointer("/_shards/failed").and_then(Value::as_u64).unwrap_or(0);
        if failed > 0 {
            return Err(self.http.failed(&format!("{failed} shards of {:?} did not count", index.name)));
        }
        let count = answer.get("count").and_then(Value::as_u64);
        count.ok_or_else(|| self.http.bad_answer("a count without a number"))
    }

    async fn get_records(&self, index: &Index, ids: &[RecordId], with_vectors: bool) -> Result<Vec<Record>> {
        let texts: Vec<&str> = ids.iter().filter_map(text).filter(|id| !id.is_empty()).collect();
        let excluded = documents::paths(index).join(",");
        let parameter = match (with_vectors, self.hides_vectors()) {
            (true, true) => Some(("_source_exclude_vectors", "false")),
            (true, false) => None,
            (false, _) => Some(("_source_excludes", excluded.as_str())),
        };
        let parameters: Vec<_> = parameter.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        let mut found = HashMap::new();
        for ids in texts.chunks(STEP) {
            let body = json!({ "ids": ids });
            let path = [&index.name, "_mget"];
            let answer = self.http.read("records", Method::POST, &path, &parameters, Some(&body)).await?;
            let Docs { docs } = answer.map_err(|refusal| self.refused(&index.name, refusal))?;
            for doc in docs {
                if let Some(reason) = doc.error.as_ref().and_then(|error| error.get("reason")?.as_str()) {
                    return Err(self.http.failed(reason));
                }
                if doc.found {
                    let record = documents::record(index, doc, with_vectors);
                    let record = record.map_err(|cause| self.http.bad_answer(cause))?;
                    found.insert(record.id.clone(), record);
                }
            }
        }
        Ok(ids.iter().filter_map(|id| found.get(id).cloned()).collect())
    }
}

#[async_trait]
impl Provider for Elasticsearch {
    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    async fn ping(&self) -> Result<ServerInfo> {
        let product = self.http.greet().await?;
        let name = if product.open { "opensearch" } else { "elasticsearch" };
        Ok(ServerInfo { product: name.to_owned(), version: product.version })
    }

    async fn collections(&self) -> Result<Vec<CollectionSummary>> {
        let parameters = [("expand_wildcards", "open")];
        let answer = self.http.ask("list of indices", Method::GET, &["_mapping"], &parameters, None).await?;
        let answer = match answer {
            Ok(answer) => answer,
            // A server without an index.
            Err(refusal) if refusal.status == 404 => json!({}),
            Err(refusal) => return Err(refusal.error()),
        };
        let indices = answer.as_object().ok_or_else(|| self.http.bad_answer("a list of indices that is no object"))?;
        let mut found: Vec<Index> = indices.iter().map(|(name, mapping)| Index::read(name, mapping)).collect();
        found.retain(|index| !index.vectors.is_empty());
        found.sort_by(|a, b| a.name.cmp(&b.name));
        let counts = found.iter().map(|index| self.count_of(index, None));
        let counts: Vec<Result<u64>> = stream::iter(counts.collect::<Vec<_>>()).buffered(PARALLEL).collect().await;
        let all = found.iter().zip(counts);
        let there = all.filter(|(_, count)| !matches!(count, Err(ProviderError::NoSuchCollection { .. })));
        Ok(there.map(|(index, count)| index.summary(count.ok())).collect())
    }

    async fn describe(&self, collection: &str) -> Result<CollectionInfo> {
        let index = self.resolve(collection).await?;
        let count = self.count_of(&index, None).await?;
        let fields = index.payload_fields();
        let summary = index.summary(Some(count));
        Ok(CollectionInfo { summary, state: CollectionState::Unknown, fields, details: index.raw })
    }

    async fn count(&self, collection: &str, filter: Option<&Filter>) -> Result<Count> {
        let index = self.resolve(collection).await?;
        let value = self.count_of(&index, filter).await?;
        Ok(Count { value, exact: true })
    }

    async fn page(&self, collection: &str, request: &PageRequest) -> Result<Page> {
        self.read_page(collection, request).await
    }

    async fn get(&self, collection: &str, ids: &[RecordId], with_vectors: bool) -> Result<Vec<Record>> {
        let index = self.resolve(collection).await?;
        self.get_records(&index, ids, with_vectors).await
    }

    async fn search(&self, collection: &str, request: &SearchRequest) -> Result<Vec<Hit>> {
        self.best(collection, request).await
    }

    async fn native_filter(&self, collection: &str, filter: &Filter) -> Result<String> {
        let index = self.resolve(collection).await?;
        let query = json!({ "query": self.query(&index, Some(filter))? });
        serde_json::to_string_pretty(&query).map_err(|error| ProviderError::Panicked { cause: error.to_string() })
    }

    async fn check_new(&self, spec: &CollectionSpec) -> Result<()> {
        writing::new_index(&self.product, spec).map(drop)
    }

    async fn create_collection(&self, spec: &CollectionSpec) -> Result<()> {
        self.create(spec).await
    }

    async fn upsert(&self, collection: &str, records: Vec<Record>) -> Result<()> {
        self.write(collection, records).await
    }

    async fn delete(&self, collection: &str, ids: &[RecordId]) -> Result<()> {
        self.remove(collection, ids).await
    }

    async fn drop_collection(&self, collection: &str) -> Result<()> {
        let index = self.resolve(collection).await?;
        let answer = self.http.ask("drop", Method::DELETE, &[&index.name], &[], None).await?;
        answer.map(drop).map_err(|refusal| self.refused(collection, refusal))
    }
}

/// The ids that documents can have: texts. `1` is not `"1"`.
fn text(id: &RecordId) -> Option<&str> {
    match id {
        RecordId::Text(text) => Some(text),
        RecordId::Integer(_) | RecordId::Uuid(_) => None,
    }
}

/// A name that means one index: none with a wildcard, of several, or of an interface (`_all`).
fn checked(name: &str) -> Option<&str> {
    let special = ['*', ',', '?', '"', '<', '>', '|', '\\', '/', '#', ' ', ':'];
    let one = !name.is_empty() && !name.starts_with(['_', '-', '+', '.']) && !name.contains(special);
    one.then_some(name)
}

fn missing(collection: &str) -> ProviderError {
    ProviderError::NoSuchCollection { collection: collection.to_owned() }
}

fn unsupported(reason: impl Into<String>) -> ProviderError {
    ProviderError::Unsupported { product: PRODUCT, reason: reason.into() }
}
