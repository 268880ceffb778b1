//! What is read: lists, counts, pages, records.
//!
//! Payloads always come through REST. Pages without a filter follow its cursor, `after` an id;
//! with one, which that cursor cannot be combined with, GraphQL gives the next ids in order and REST
//! their objects.

use std::collections::HashMap;

use futures::{StreamExt, TryStreamExt, stream};
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use super::condition::Condition;
use super::schema::Class;
use super::translation::Object;
use super::{Place, Weaviate, filter, graphql, missing, translation};
use crate::provider::model::{
    CollectionInfo, CollectionState, CollectionSummary, Count, Cursor, Page, PageRequest, Record, RecordId, VectorSpec,
};
use crate::provider::transport::Body;
use crate::provider::{ProviderError, Result};

/// How many questions about single collections or objects are asked at the same time.
const PARALLEL: usize = 16;
/// Most records of one page: the server gives no more in one answer, unless it is told to
/// (`QUERY_MAXIMUM_RESULTS`).
const LARGEST_PAGE: usize = 9_999;
/// Of a class with more tenants than this only the class is listed.
const LISTED_TENANTS: usize = 200;

/// A page of REST.
#[derive(Deserialize)]
struct Objects {
    objects: Option<Vec<Object>>,
}

impl Place {
    /// The parameter that names the tenant in REST.
    fn tenant(&self) -> Option<(&str, &str)> {
        self.tenant.as_deref().map(|tenant| ("tenant", tenant))
    }
}

impl Weaviate {
    /// All classes, or their tenants, with counts.
    pub(super) async fn list(&self) -> Result<Vec<CollectionSummary>> {
        let body = self.http.get("list of collections", &["schema"], &[]).await?;
        let mut raw: Value = body.ok_or_else(|| self.http.bad_answer("404 to the list of collections"))?.parse()?;
        let classes = match raw.get_mut("classes").map(Value::take) {
            Some(Value::Array(classes)) => classes,
            Some(Value::Null) | None => Vec::new(),
            Some(_) => return Err(self.http.bad_answer("a list of collections that is none")),
        };
        let mut places = Vec::new();
        for class in classes {
            let class = Class::read(class).map_err(|cause| self.http.bad_answer(cause))?;
            places.extend(self.places(class).await?);
        }
        places.sort_by(|a, b| a.name.cmp(&b.name));
        let summaries = places.into_iter().map(|place| self.summary(place));
        Ok(stream::iter(summaries.collect::<Vec<_>>()).buffered(PARALLEL).collect().await)
    }

    /// The collections that a class is.
    async fn places(&self, class: Class) -> Result<Vec<Place>> {
        let itself = |class: Class, tenant| Place { name: class.name.clone(), class, tenant };
        if !class.has_tenants || self.tenant.is_some() {
            let tenant = self.tenant.clone().filter(|_| class.has_tenants);
            return Ok(vec![itself(class, tenant)]);
        }
        let tenants = self.tenants(&class.name).await?;
        if tenants.is_empty() || tenants.len() > LISTED_TENANTS {
            return Ok(vec![itself(class, None)]);
        }
        let place = |(name, _): (String, String)| Place {
            name: format!("{}/{name}", class.name),
            class: class.clone(),
            tenant: Some(name),
        };
        Ok(tenants.into_iter().map(place).collect())
    }

    /// The tenants of a class, with their states.
    async fn tenants(&self, class: &str) -> Result<Vec<(String, String)>> {
        let body = self.http.get("list of tenants", &["schema", class, "tenants"], &[]).await?;
        let list: Vec<Value> = body.ok_or_else(|| missing(class))?.parse()?;
        let text = |tenant: &Value, key: &str| tenant.get(key).and_then(Value::as_str).map(str::to_owned);
        let one = |tenant: &Value| Some((text(tenant, "name")?, text(tenant, "activityStatus").unwrap_or_default()));
        let tenants: Option<_> = list.iter().map(one).collect();
        tenants.ok_or_else(|| self.http.bad_answer("a tenant without a name"))
    }

    /// A line of the list. What cannot be asked (a tenant that is not active) is left out of it.
    async fn summary(&self, place: Place) -> CollectionSummary {
        let asked = !place.class.has_tenants || place.tenant.is_some();
        let (count, vectors) = if asked {
            let (count, vectors) = tokio::join!(self.count_of(&place, &Condition::All), self.vectors(&place));
            (count.ok(), vectors.unwrap_or_else(|_| place.class.vectors.clone()))
        } else {
            (None, place.class.vectors.clone())
        };
        CollectionSummary { name: place.name, count, vectors }
    }

    /// The vectors of a class with their dimensions, which no description tells: those of the first
    /// object.
    async fn vectors(&self, place: &Place) -> Result<Vec<VectorSpec>> {
        let dimensions = self.dimensions(place).await?;
        let with =
            |vector: &VectorSpec| VectorSpec { dimension: dimensions.get(&vector.name).copied(), ..vector.clone() };
        Ok(place.class.vectors.iter().map(with).collect())
    }

    /// The dimensions of the first object's vectors, by name.
    pub(super) async fn dimensions(&self, place: &Place) -> Result<HashMap<String, usize>> {
        let first = self.objects(place, None, 1, true).await?;
        let vectors = first.into_iter().filter_map(|record| record.vectors).flat_map(|vectors| vectors.0);
        Ok(vectors.filter_map(|(name, vector)| Some((name, translation::dimension(&vector)?))).collect())
    }

    /// All that can be told about one collection.
    pub(super) async fn info(&self, name: &str) -> Result<CollectionInfo> {
        let place = self.resolve(name).await?;
        let mut details = place.class.raw.clone();
        if place.class.has_tenants {
            let tenants = self.tenants(&place.class.name).await?;
            if let Some(tenant) = &place.tenant
                && !tenants.iter().any(|(known, _)| known == tenant)
            {
                return Err(missing(name));
            }
            let list = tenants.into_iter().map(|(name, state)| serde_json::json!({ "name": name, "state": state }));
            details["tenants"] = list.collect();
        }
        let fields = place.class.fields();
        let state = self.state(&place).await;
        Ok(CollectionInfo { summary: self.summary(place).await, state, fields, details })
    }

    async fn state(&self, place: &Place) -> CollectionState {
        let query: Vec<_> = place.tenant().into_iter().collect();
        let answer = self.http.get("state", &["schema", &place.class.name, "shards"], &query).await;
        let Ok(Some(body)) = answer else { return CollectionState::Unknown };
        let Ok(shards) = body.parse::<Vec<Value>>() else { return CollectionState::Unknown };
        let status = |shard: &Value| shard.get("status").and_then(Value::as_str).unwrap_or_default().to_owned();
        let other = shards.iter().map(status).find(|status| status != "READY" && status != "ACTIVE");
        match other.as_deref() {
            None => CollectionState::Ready,
            Some("INDEXING" | "LOADING" | "LAZY_LOADING") => CollectionState::Busy(other.unwrap_or_default()),
            Some(status) => CollectionState::Degraded(format!("a shard is {status}")),
        }
    }

    /// The number of objects that a condition selects.
    pub(super) async fn count_of(&self, place: &Place, condition: &Condition) -> Result<Count> {
        if *condition == Condition::Nothing {
            return Ok(Count { value: 0, exact: true });
        }
        let class = &place.class.name;
        let query = graphql::count(class, place.tenant.as_deref(), condition);
        let data = self.http.graphql("count", class, &query).await.map_err(|error| of_tenant(place, error))?;
        let value = graphql::read_count(&data, class).ok_or_else(|| self.http.bad_answer("no count in it"))?;
        Ok(Count { value, exact: true })
    }

    /// One page.
    pub(super) async fn read_page(&self, name: &str, request: &PageRequest) -> Result<Page> {
        let place = self.objects_of(name).await?;
        let condition = filter::translate(request.filter.as_ref(), &place.class, self.negation)?;
        let after = request.cursor.as_ref().map(position).transpose()?;
        if request.limit == 0 {
            return Err(ProviderError::BadRequest {
                cause: "a page of 0 records was asked for".to_owned(),
                mend: "Ask for at least one.".to_owned(),
            });
        }
        let limit = request.limit.min(LARGEST_PAGE);
        let (records, last) = match condition {
            Condition::Nothing => (Vec::new(), None),
            Condition::All => {
                let mut records = self.objects(&place, after, limit + 1, request.with_vectors).await?;
                let more = records.len() > limit;
                records.truncate(limit);
                let last = records.last().filter(|_| more).map(|record| record.id.to_string());
                (records, last)
            }
            condition => {
                let query = graphql::ids(&place.class.name, place.tenant.as_deref(), &condition, after, limit + 1);
                let mut ids = self.ids(&place, "page", &query).await?;
                let more = ids.len() > limit;
                ids.truncate(limit);
                let ids: Vec<Uuid> = ids.into_iter().map(|(id, _)| id).collect();
                let last = ids.last().filter(|_| more).map(Uuid::to_string);
                (self.read_ids(&place, &ids, request.with_vectors).await?, last)
            }
        };
        Ok(Page { records, next: last.map(Cursor) })
    }

    /// Ids that a query finds, and their distances or scores.
    pub(super) async fn ids(&self, place: &Place, what: &str, query: &str) -> Result<Vec<(Uuid, Option<f64>)>> {
        let class = &place.class.name;
        let data = self.http.graphql(what, class, query).await.map_err(|error| of_tenant(place, error))?;
        graphql::read_ids(&data, class).ok_or_else(|| self.http.bad_answer(format!("a {what} without ids")))
    }

    /// Objects behind an id, in the order of their ids.
    async fn objects(
        &self,
        place: &Place,
        after: Option<Uuid>,
        limit: usize,
        with_vectors: bool,
    ) -> Result<Vec<Record>> {
        let (after, limit) = (after.map(|id| id.to_string()).unwrap_or_default(), limit.to_string());
        let mut query = vec![("class", place.class.name.as_str()), ("limit", &limit), ("after", &after)];
        query.extend(with_vectors.then_some(("include", "vector")));
        query.extend(place.tenant());
        let body = self.http.get("page", &["objects"], &query).await.map_err(|error| of_tenant(place, error))?;
        let answer: Objects = body.ok_or_else(|| missing(&place.name))?.parse()?;
        let objects = answer.objects.unwrap_or_default();
        objects.into_iter().map(|object| self.record(place, object, with_vectors)).collect()
    }

    fn record(&self, place: &Place, object: Object, with_vectors: bool) -> Result<Record> {
        translation::record(object, &place.class, with_vectors).map_err(|cause| self.http.bad_answer(cause))
    }

    /// The records with these ids, in that order; missing ones are left out.
    pub(super) async fn read_ids(&self, place: &Place, ids: &[Uuid], with_vectors: bool) -> Result<Vec<Record>> {
        let one = |id: Uuid| async move {
            let id = id.to_string();
            let mut query: Vec<_> = with_vectors.then_some(("include", "vector")).into_iter().collect();
            query.extend(place.tenant());
            let body = self.http.get("record", &["objects", &place.class.name, &id], &query).await;
            let body: Option<Body> = body.map_err(|error| of_tenant(place, error))?;
            body.map(|body| self.record(place, body.parse()?, with_vectors)).transpose()
        };
        let questions: Vec<_> = ids.iter().map(|id| one(*id)).collect();
        let found: Vec<Option<Record>> = stream::iter(questions).buffered(PARALLEL).try_collect().await?;
        Ok(found.into_iter().flatten().collect())
    }
}

/// The inside of a cursor: the last id of the page before.
fn position(cursor: &Cursor) -> Result<Uuid> {
    Uuid::parse_str(&cursor.0).map_err(|_| ProviderError::BadRequest {
        cause: "this cursor was not made by a Weaviate connection".to_owned(),
        mend: "Start again from the first page.".to_owned(),
    })
}

/// A tenant that does not exist is a collection that does not exist.
pub(super) fn of_tenant(place: &Place, error: ProviderError) -> ProviderError {
    match &error {
        ProviderError::BadRequest { cause, .. } if place.tenant.is_some() && cause.contains("tenant not found") => {
            missing(&place.name)
        }
        _ => error,
    }
}

/// The ids that can exist in Weaviate.
pub(super) fn uuids(ids: &[RecordId]) -> Vec<Uuid> {
    ids.iter()
        .filter_map(|id| match id {
            RecordId::Uuid(id) => Some(*id),
            RecordId::Integer(_) | RecordId::Text(_) => None,
        })
        .collect()
}
