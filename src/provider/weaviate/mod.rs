//! A Weaviate server over its REST interface, and GraphQL where REST has no question for it.
//!
//! [`connection`] sends, [`schema`] reads what a class is, [`translation`] reads objects, [`writing`]
//! makes them, [`graphql`] has the queries, [`filter`], [`elements`] and [`condition`] translate our filter language.
//! `reads`, `searching` and `writes` are the parts of the provider. Nothing is cached: each question first
//! reads the class, whose types decide what numbers and conditions mean.
//!
//! A collection is a class, or one tenant of a class that has tenants: `Class/tenant`.

mod condition;
mod connection;
mod elements;
mod filter;
#[cfg(test)]
mod filter_tests;
mod graphql;
mod maker;
mod reads;
mod schema;
mod searching;
mod translation;
mod writes;
mod writing;
#[cfg(test)]
mod writing_tests;

use async_trait::async_trait;

use super::filter::Filter;
use super::model::{
    CollectionInfo, CollectionSpec, CollectionSummary, Count, Hit, Page, PageRequest, Record, RecordId, SearchRequest,
};
use super::transport::in_time;
use super::{Capabilities, ConnectSpec, Provider, ProviderError, Result, ServerInfo};
use connection::Http;
pub use maker::MAKER;
use schema::Class;

/// The maker's name in errors.
const PRODUCT: &str = "Weaviate";

/// An open Weaviate server.
pub struct Weaviate {
    http: Http,
    /// The tenant of the profile.
    tenant: Option<String>,
    /// Whether the server has the operator `Not`.
    negation: bool,
}

/// A collection that was looked up.
struct Place {
    class: Class,
    /// The tenant, in a class that has them.
    tenant: Option<String>,
    /// The name that was asked for.
    name: String,
}

impl Weaviate {
    /// Connects: checks that a Weaviate server answers and takes the key.
    ///
    /// # Errors
    /// Every cause that a connect can have; none of them contains the key.
    pub async fn connect(spec: &ConnectSpec) -> Result<Self> {
        in_time(spec, Self::open(spec)).await
    }

    async fn open(spec: &ConnectSpec) -> Result<Self> {
        let http = Http::new(spec)?;
        let version = match http.version().await {
            Ok(version) => version,
            Err(error) => return Err(http.explain(error).await),
        };
        let tenant = spec.option("tenant").map(str::to_owned);
        Ok(Self { http, tenant, negation: is_at_least(&version, (1, 33)) })
    }

    /// The class behind a collection's name.
    async fn resolve(&self, name: &str) -> Result<Place> {
        let (class, tenant) = match name.split_once('/') {
            Some((class, tenant)) => (class, Some(tenant.to_owned())),
            None => (name, None),
        };
        // Weaviate would capitalise another spelling and answer for that class.
        if !writing::is_class_name(class) {
            return Err(missing(name));
        }
        let body = self.http.get("collection", &["schema", class], &[]).await?.ok_or_else(|| missing(name))?;
        let found = Class::read(body.parse()?).map_err(|cause| self.http.bad_answer(cause))?;
        if found.name != class || (tenant.is_some() && !found.has_tenants) {
            return Err(missing(name));
        }
        let tenant = if found.has_tenants { tenant.or_else(|| self.tenant.clone()) } else { None };
        Ok(Place { class: found, tenant, name: name.to_owned() })
    }

    /// As [`Self::resolve`], for questions about objects: those of a class with tenants belong to one.
    async fn objects_of(&self, name: &str) -> Result<Place> {
        let place = self.resolve(name).await?;
        if place.class.has_tenants && place.tenant.is_none() {
            return Err(ProviderError::BadRequest {
                cause: format!("the collection {name:?} keeps its objects by tenant, and none was named"),
                mend: format!("Ask for {name}/TENANT, or give the profile's option `tenant` a name."),
            });
        }
        Ok(place)
    }
}

#[async_trait]
impl Provider for Weaviate {
    fn capabilities(&self) -> &Capabilities {
        &maker::MAKER.capabilities
    }

    async fn ping(&self) -> Result<ServerInfo> {
        let version = self.http.version().await?;
        Ok(ServerInfo { product: "weaviate".to_owned(), version })
    }

    async fn collections(&self) -> Result<Vec<CollectionSummary>> {
        self.list().await
    }

    async fn describe(&self, collection: &str) -> Result<CollectionInfo> {
        self.info(collection).await
    }

    async fn count(&self, collection: &str, filter: Option<&Filter>) -> Result<Count> {
        let place = self.objects_of(collection).await?;
        let condition = filter::translate(filter, &place.class, self.negation)?;
        self.count_of(&place, &condition).await
    }

    async fn page(&self, collection: &str, request: &PageRequest) -> Result<Page> {
        self.read_page(collection, request).await
    }

    async fn get(&self, collection: &str, ids: &[RecordId], with_vectors: bool) -> Result<Vec<Record>> {
        let place = self.objects_of(collection).await?;
        self.read_ids(&place, &reads::uuids(ids), with_vectors).await
    }

    async fn search(&self, collection: &str, request: &SearchRequest) -> Result<Vec<Hit>> {
        self.best(collection, request).await
    }

    async fn native_filter(&self, collection: &str, filter: &Filter) -> Result<String> {
        let place = self.resolve(collection).await?;
        let condition = filter::translate(Some(filter), &place.class, self.negation)?;
        Ok(condition.to_graphql().unwrap_or_else(|| match condition {
            condition::Condition::Nothing => "no request: the types of the class rule every record out".to_owned(),
            _ => "no condition: every record".to_owned(),
        }))
    }

    async fn check_new(&self, spec: &CollectionSpec) -> Result<()> {
        writing::class(spec).map(drop)
    }

    async fn create_collection(&self, spec: &CollectionSpec) -> Result<()> {
        self.create(spec).await
    }

    async fn upsert(&self, collection: &str, records: Vec<Record>) -> Result<()> {
        self.write(collection, records).await
    }

    async fn delete(&self, collection: &str, ids: &[RecordId]) -> Result<()> {
        self.delete_ids(collection, &reads::uuids(ids)).await
    }

    async fn drop_collection(&self, collection: &str) -> Result<()> {
        self.drop_place(collection).await
    }
}

/// Whether a version is that one or later; one that cannot be read is.
fn is_at_least(version: &str, wanted: (u32, u32)) -> bool {
    let mut parts = version.split(['.', '-']).map(str::parse::<u32>);
    match (parts.next(), parts.next()) {
        (Some(Ok(major)), Some(Ok(minor))) => (major, minor) >= wanted,
        _ => true,
    }
}

fn missing(collection: &str) -> ProviderError {
    ProviderError::NoSuchCollection { collection: collection.to_owned() }
}

fn unsupported(reason: impl Into<String>) -> ProviderError {
    ProviderError::Unsupported { product: PRODUCT, reason: reason.into() }
}
