//! A Chroma server over its REST interface v2.
//!
//! [`connection`] sends, [`translation`] reads Chroma's JSON, [`writing`] makes it, [`paging`] makes
//! cursors of offsets, [`filter`] translates our filter language. Nothing is cached: each question first
//! asks for the collection's id by its name, so that a collection that was dropped, renamed or
//! made again is never mistaken for another. Only a cursor keeps the id, for the pages behind it.

mod connection;
mod filter;
mod maker;
mod paging;
#[cfg(test)]
mod tests;
mod translation;
mod writing;

use async_trait::async_trait;
use futures::{StreamExt, TryStreamExt, stream};
use serde_json::{Value, json};

use super::filter::Filter;
use super::model::{
    CollectionInfo, CollectionSpec, CollectionState, CollectionSummary, Count, Hit, Metric, Page, PageRequest, Record,
    RecordId, SearchQuery, SearchRequest, Vector,
};
use super::transport::in_time;
use super::{Capabilities, ConnectSpec, Provider, ProviderError, Result, ServerInfo};
use connection::{Body, Http, Reply};
use filter::{Arrays, Where};
pub use maker::MAKER;
use maker::{DEFAULT_BATCH, capabilities};
use translation::{Collection, Columns, QueryAnswer};
use writing::{Leftovers, Upsert};

/// The maker's name in errors.
const PRODUCT: &str = "Chroma";
/// How many counts are asked at the same time while collections are listed.
const PARALLEL_COUNTS: usize = 8;
/// Collections in one answer of the list.
const LIST_STEP: usize = 100;
/// Ids in one answer when records are counted by their ids.
const COUNT_STEP: usize = 10_000;

/// An open Chroma database: one tenant and one database of a server.
pub struct Chroma {
    http: Http,
    tenant: String,
    database: String,
    arrays: Arrays,
    batch: usize,
    capabilities: Capabilities,
}

impl Chroma {
    /// Connects: checks that a Chroma server answers, that it takes the token, and that the tenant
    /// and the database exist (options `tenant` and `database`; a list of collections would be
    /// empty rather than an error for ones that do not).
    ///
    /// # Errors
    /// Every cause that a connect can have; none of them contains the token.
    pub async fn connect(spec: &ConnectSpec) -> Result<Self> {
        in_time(spec, Self::open(spec)).await
    }

    async fn open(spec: &ConnectSpec) -> Result<Self> {
        let option = |name: &str, default: &str| spec.option(name).unwrap_or(default).to_owned();
        let mut chroma = Self {
            http: Http::new(spec)?,
            tenant: option("tenant", "default_tenant"),
            database: option("database", "default_database"),
            arrays: Arrays::of(spec.option("arrays")),
            batch: DEFAULT_BATCH,
            capabilities: Capabilities::ALL,
        };
        if let Err(error) = chroma.greet().await {
            return Err(chroma.http.explain(error).await);
        }
        chroma.check_database().await?;
        chroma.batch = chroma.max_batch().await?;
        // One that tells no version is taken for an old one.
        let lengths = chroma.version().await.is_ok_and(|version| !version.starts_with("0."));
        chroma.capabilities = capabilities(chroma.batch, chroma.arrays, lengths);
        Ok(chroma)
    }

    /// Whether a Chroma server answers at all; needs no token.
    async fn greet(&self) -> Result<()> {
        let foreign = |cause: String| self.bad_answer(cause);
        let body = match self.http.get("heartbeat", &["heartbeat"], &[]).await? {
            Reply::Ok(body) => body,
            Reply::NotFound(said) => return Err(self.http.without_v2(&said).await),
        };
        let beat: Value = body.parse()?;
        beat.get("nanosecond heartbeat").map(drop).ok_or_else(|| foreign("a heartbeat without a time".to_owned()))
    }

    async fn version(&self) -> Result<String> {
        self.http.get("version", &["version"], &[]).await?.or_missing(|cause| self.bad_answer(cause))?.parse()
    }

    /// Whether we are let in, and whether tenant and database exist. The lightest question that
    /// needs the token.
    async fn check_database(&self) -> Result<()> {
        let path = ["tenants", &self.tenant, "databases", &self.database];
        match self.http.get("database", &path, &[]).await? {
            Reply::Ok(_) => Ok(()),
            Reply::NotFound(_) => Err(self.missing_database().await),
        }
    }

    /// Which of the two is missing.
    async fn missing_database(&self) -> ProviderError {
        let (tenant, database) = (&self.tenant, &self.database);
        match self.http.get("tenant", &["tenants", tenant], &[]).await {
            Ok(Reply::NotFound(_)) => ProviderError::BadRequest {
                cause: format!("the server has no tenant {tenant:?}"),
                mend: "Give the profile's option `tenant` the name of one that exists.".to_owned(),
            },
            Ok(Reply::Ok(_)) | Err(_) => ProviderError::BadRequest {
                cause: format!("the server has no database {database:?} in the tenant {tenant:?}"),
                mend: "Give the profile's option `database` the name of one that exists.".to_owned(),
            },
        }
    }

    /// What the server takes in one write.
    async fn max_batch(&self) -> Result<usize> {
        let Reply::Ok(body) = self.http.get("limits", &["pre-flight-checks"], &[]).await? else {
            return Ok(DEFAULT_BATCH);
        };
        let limits: Value = body.parse()?;
        let told = limits.get("max_batch_size").and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok());
        Ok(told.filter(|n| *n > 0).unwrap_or(DEFAULT_BATCH))
    }

    /// The path of the collections, with more segments behind it.
    fn path<'a>(&'a self, rest: &[&'a str]) -> Vec<&'a str> {
        let mut path = vec!["tenants", &self.tenant, "databases", &self.database, "collections"];
        path.extend(rest);
        path
    }

    /// The collection of that name.
    async fn resolve(&self, name: &str) -> Result<Collection> {
        // Such names would change the path of the request; Chroma has none of them.
        if matches!(name, "" | "." | "..") {
            return Err(missing(name));
        }
        let reply = self.http.get("collection", &self.path(&[name]), &[]).await?;
        self.read_collection(&self.present(name, reply).await?)
    }

    fn read_collection(&self, body: &Body) -> Result<Collection> {
        Collection::read(body.parse()?).map_err(|cause| self.bad_answer(cause))
    }

    /// The body, or why the collection is not there: it was dropped, or the database was.
    async fn present(&self, collection: &str, reply: Reply) -> Result<Body> {
        match reply {
            Reply::Ok(body) => Ok(body),
            Reply::NotFound(_) => {
                self.check_database().await?;
                Err(missing(collection))
            }
        }
    }

    async fn count_all(&self, name: &str, id: &str) -> Result<Count> {
        let reply = self.http.get("count", &self.path(&[id, "count"]), &[]).await?;
        self.present(name, reply).await?.parse().map(translation::exact)
    }

    /// Columns of some records in the collection's order.
    #[allow(clippy::too_many_arguments)] // one request's fields
    async fn get_columns(
        &self,
        what: &str,
        collection: &str,
        id: &str,
        selection: &Where,
        include: &[&str],
        offset: usize,
        limit: usize,
    ) -> Result<Columns> {
        let mut body = json!(selection);
        body["include"] = json!(include);
        body["offset"] = json!(offset);
        body["limit"] = json!(limit);
        let reply = self.http.post(what, &self.path(&[id, "get"]), &body).await?;
        self.present(collection, reply).await?.parse()
    }

    /// Columns of the records with these ids, in Chroma's order.
    async fn get_by_ids(&self, collection: &str, id: &str, ids: &[&str], include: &[&str]) -> Result<Vec<Columns>> {
        let mut found = Vec::new();
        for ids in ids.chunks(self.batch) {
            let body = json!({ "ids": ids, "include": include });
            let reply = self.http.post("records", &self.path(&[id, "get"]), &body).await?;
            found.push(self.present(collection, reply).await?.parse()?);
        }
        Ok(found)
    }

    async fn get_records(&self, name: &str, id: &str, ids: &[RecordId], with_vectors: bool) -> Result<Vec<Record>> {
        let parts = translation::include(with_vectors, false);
        let mut found = std::collections::HashMap::new();
        for columns in self.get_by_ids(name, id, &texts(ids), &parts).await? {
            let records = columns.records(with_vectors).map_err(|cause| self.bad_answer(cause))?;
            found.extend(records.into_iter().map(|record| (record.id.clone(), record)));
        }
        Ok(ids.iter().filter_map(|id| found.get(id).cloned()).collect())
    }

    /// The vector to search with, and the record that must not be among the hits.
    async fn query_vector(&self, name: &str, id: &str, query: &SearchQuery) -> Result<(Vec<f32>, Option<RecordId>)> {
        let (vector, like) = match query {
            SearchQuery::Vector(vector) => (Some(vector.clone()), None),
            SearchQuery::Text(_) => return Err(ProviderError::not_by_text(PRODUCT)),
            SearchQuery::Like(like) => {
                let found = self.get_records(name, id, std::slice::from_ref(like), true).await?;
                let record = found
                    .into_iter()
                    .next()
                    .ok_or_else(|| ProviderError::NoSuchRecord { collection: name.to_owned(), id: like.to_string() })?;
                (record.vectors.and_then(|vectors| vectors.get("").cloned()), Some(like.clone()))
            }
        };
        match vector {
            Some(Vector::Dense(values)) => Ok((values, like)),
            Some(Vector::Sparse { .. } | Vector::Multi(_)) => Err(ProviderError::Unsupported {
                product: PRODUCT,
                reason: "it searches with one dense vector".to_owned(),
            }),
            None => Err(self.bad_answer("a record without its vector".to_owned())),
        }
    }

    fn bad_answer(&self, cause: String) -> ProviderError {
        ProviderError::BadAnswer { address: self.http.address(), cause }
    }

    fn metric(&self, collection: &Collection) -> Result<Metric> {
        collection.metric.ok_or_else(|| {
            self.bad_answer(format!("collection {:?} has a metric that this version does not know", collection.name))
        })
    }

    /// Sends one batch in place of what is stored under its ids.
    async fn put(&self, name: &str, id: &str, mut batch: Upsert) -> Result<()> {
        // An upsert cannot take a text away, only a delete can.
        let old = self.leftovers(name, id, &mut batch).await?;
        let texts: Vec<&str> = old.texts.iter().map(String::as_str).collect();
        self.delete_ids(name, id, &texts).await?;
        self.send_batch(name, id, &batch).await?;
        // Dropping a collection leaves its arrays behind (seen on 1.5.9), and new records, also of
        // other collections, come up with them: what is stored now is read again.
        if self.leftovers(name, id, &mut batch).await?.fields > 0 {
            self.send_batch(name, id, &batch).await?;
        }
        Ok(())
    }

    /// What is stored under the batch's ids and is not part of it; the batch now takes it away.
    async fn leftovers(&self, name: &str, id: &str, batch: &mut Upsert) -> Result<Leftovers> {
        let ids: Vec<&str> = batch.ids.iter().map(String::as_str).collect();
        let stored = self.get_by_ids(name, id, &ids, &translation::include(false, false)).await?;
        let mut all = Leftovers::default();
        for columns in stored {
            let some = batch.replace(columns).map_err(|cause| self.bad_answer(cause))?;
            all.fields += some.fields;
            all.texts.extend(some.texts);
        }
        Ok(all)
    }

    async fn send_batch(&self, name: &str, id: &str, batch: &Upsert) -> Result<()> {
        let reply = self.http.post("write", &self.path(&[id, "upsert"]), batch).await?;
        self.present(name, reply).await.map(drop)
    }

    async fn delete_ids(&self, name: &str, id: &str, ids: &[&str]) -> Result<()> {
        for ids in ids.chunks(self.batch) {
            let reply = self.http.post("delete", &self.path(&[id, "delete"]), &json!({ "ids": ids })).await?;
            self.present(name, reply).await?;
        }
        Ok(())
    }
}

#[async_trait]
impl Provider for Chroma {
    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    async fn ping(&self) -> Result<ServerInfo> {
        let (version, ()) = tokio::try_join!(self.version(), self.check_database())?;
        Ok(ServerInfo { product: "chroma".to_owned(), version })
    }

    async fn collections(&self) -> Result<Vec<CollectionSummary>> {
        let mut found = Vec::new();
        let mut seen = std::collections::HashSet::new();
        loop {
            let query = [("limit", LIST_STEP), ("offset", found.len())];
            let reply = self.http.get("list of collections", &self.path(&[]), &query).await?;
            let page: Vec<Value> = reply.or_missing(|cause| self.bad_answer(cause))?.parse()?;
            if page.is_empty() {
                break;
            }
            let (before, full) = (seen.len(), page.len() >= LIST_STEP);
            for raw in page {
                let collection = Collection::read(raw).map_err(|cause| self.bad_answer(cause))?;
                seen.insert(collection.id.clone());
                found.push(collection);
            }
            if seen.len() == before && !full {
                // The rest moved back, because somebody made a collection meanwhile.
                break;
            }
            // A server that ignores the offset would be asked for ever.
            if seen.len() == before {
                return Err(self.bad_answer("a list that brings the same collections again".to_owned()));
            }
        }
        if found.is_empty() {
            // Chroma lists no collections, without an error, for a database that does not exist.
            self.check_database().await?;
        }
        found.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
        found.dedup_by(|a, b| a.id == b.id);
        let counts = found.iter().map(|collection| self.count_all(&collection.name, &collection.id));
        let counts: Vec<Result<Count>> =
            stream::iter(counts.collect::<Vec<_>>()).buffered(PARALLEL_COUNTS).collect().await;
        Ok(found
            .into_iter()
            .zip(counts)
            .filter(|(_, count)| !matches!(count, Err(ProviderError::NoSuchCollection { .. })))
            .map(|(collection, count)| CollectionSummary {
                vectors: vec![collection.vector()],
                name: collection.name,
                count: count.ok(),
            })
            .collect())
    }

    async fn describe(&self, collection: &str) -> Result<CollectionInfo> {
        let found = self.resolve(collection).await?;
        let count = self.count_all(collection, &found.id).await?;
        Ok(CollectionInfo {
            summary: CollectionSummary { name: found.name.clone(), count: Some(count), vectors: vec![found.vector()] },
            state: CollectionState::Unknown,
            fields: found.fields(),
            details: found.raw,
        })
    }

    async fn count(&self, collection: &str, filter: Option<&Filter>) -> Result<Count> {
        let selection = filter::translate(filter, self.arrays)?;
        let id = self.resolve(collection).await?.id;
        if filter.is_none() {
            return self.count_all(collection, &id).await;
        }
        let mut count = 0;
        loop {
            let step = self.get_columns("count", collection, &id, &selection, &[], count, COUNT_STEP).await?.ids.len();
            if step == 0 {
                return Ok(translation::exact(count as u64));
            }
            count += step;
        }
    }

    async fn page(&self, collection: &str, request: &PageRequest) -> Result<Page> {
        self.read_page(collection, request).await
    }

    async fn get(&self, collection: &str, ids: &[RecordId], with_vectors: bool) -> Result<Vec<Record>> {
        let id = self.resolve(collection).await?.id;
        self.get_records(collection, &id, ids, with_vectors).await
    }

    async fn search(&self, collection: &str, request: &SearchRequest) -> Result<Vec<Hit>> {
        let selection = filter::translate(request.filter.as_ref(), self.arrays)?;
        let found = self.resolve(collection).await?;
        check_search(request, &self.capabilities)?;
        let metric = self.metric(&found)?;
        let (vector, like) = self.query_vector(collection, &found.id, &request.query).await?;
        writing::finite(&vector, "the query")?;
        // Chroma 1.5.9 breaks the connection when it is asked for 0 hits.
        if request.top == 0 {
            return Ok(Vec::new());
        }
        let mut body = json!(selection);
        body["query_embeddings"] = json!([vector]);
        body["n_results"] = json!(request.top.saturating_add(usize::from(like.is_some())));
        body["include"] = json!(translation::include(request.with_vectors, true));
        let reply = self.http.post("search", &self.path(&[&found.id, "query"]), &body).await?;
        let answer: QueryAnswer = self.present(collection, reply).await?.parse()?;
        let mut hits = answer.hits(metric, request.with_vectors).map_err(|cause| self.bad_answer(cause))?;
        hits.retain(|hit| Some(&hit.record.id) != like.as_ref());
        hits.truncate(request.top);
        Ok(hits)
    }

    async fn native_filter(&self, _collection: &str, filter: &Filter) -> Result<String> {
        Ok(format!("{:#}", json!(filter::translate(Some(filter), self.arrays)?)))
    }

    async fn check_new(&self, spec: &CollectionSpec) -> Result<()> {
        translation::create(spec).map(drop)
    }

    async fn create_collection(&self, spec: &CollectionSpec) -> Result<()> {
        let body = translation::create(spec)?;
        let reply = self.http.post("new collection", &self.path(&[]), &body).await?;
        match reply {
            Reply::Ok(_) => Ok(()),
            Reply::NotFound(_) => Err(self.missing_database().await),
        }
    }

    async fn upsert(&self, collection: &str, records: Vec<Record>) -> Result<()> {
        let id = self.resolve(collection).await?.id;
        // All are checked before the first is sent.
        let mut records = records.into_iter().peekable();
        let mut batches = Vec::new();
        while records.peek().is_some() {
            batches.push(Upsert::new(records.by_ref().take(self.batch).collect())?);
        }
        stream::iter(batches.into_iter().map(Ok)).try_for_each(|batch| self.put(collection, &id, batch)).await
    }

    async fn delete(&self, collection: &str, ids: &[RecordId]) -> Result<()> {
        let id = self.resolve(collection).await?.id;
        self.delete_ids(collection, &id, &texts(ids)).await
    }

    async fn drop_collection(&self, collection: &str) -> Result<()> {
        let name = self.resolve(collection).await?.name;
        let reply = self.http.delete("drop", &self.path(&[&name])).await?;
        self.present(collection, reply).await.map(drop)
    }
}

fn check_search(request: &SearchRequest, capabilities: &Capabilities) -> Result<()> {
    if request.exact {
        capabilities.exact_search.require(PRODUCT)?;
    }
    match request.using.as_deref() {
        None | Some("") => Ok(()),
        Some(name) => Err(ProviderError::BadRequest {
            cause: format!("there is no vector {name:?}: a Chroma collection has one, without a name"),
            mend: "Leave the name of the vector out.".to_owned(),
        }),
    }
}

/// The ids that can exist in Chroma: texts. `1` is not `"1"`.
fn texts(ids: &[RecordId]) -> Vec<&str> {
    ids.iter()
        .filter_map(|id| match id {
            RecordId::Text(text) => Some(text.as_str()),
            RecordId::Integer(_) | RecordId::Uuid(_) => None,
        })
        .collect()
}

fn missing(collection: &str) -> ProviderError {
    ProviderError::NoSuchCollection { collection: collection.to_owned() }
}
