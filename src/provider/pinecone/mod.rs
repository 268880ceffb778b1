//! Pinecone over its REST interface: the control plane for indexes, the host of each index for records.
//!
//! [`connection`] sends, [`index`] reads what an index is, [`translation`] reads and makes vectors,
//! [`filter`] translates our filter language; `reads`, `searching` and `writes` are the parts of the provider.
//! Nothing is cached: each question first asks the control plane for the index and its host.
//!
//! A collection is an index, which stands for its namespace without a name; the other namespaces of
//! it are `index/namespace`.

mod connection;
mod filter;
mod index;
mod maker;
mod reads;
mod searching;
mod translation;
mod writes;

use async_trait::async_trait;
use serde_json::Value;

use super::filter::Filter;
use super::model::{
    CollectionInfo, CollectionSpec, CollectionSummary, Count, Hit, Page, PageRequest, Record, RecordId, SearchRequest,
};
use super::transport::in_time;
use super::{Capabilities, ConnectSpec, Provider, ProviderError, Result, ServerInfo};
use connection::{Http, VERSION};
use index::{DEFAULT, Index};
pub use maker::MAKER;

/// The maker's name in errors.
const PRODUCT: &str = "Pinecone";

/// An open project of Pinecone.
pub struct Pinecone {
    control: Http,
    cloud: String,
    region: String,
}

/// A collection that was looked up.
struct Place {
    index: Index,
    /// The host of the index.
    data: Http,
    /// The namespace, [`DEFAULT`] for the one without a name.
    namespace: String,
    /// The name that was asked for.
    name: String,
}

impl Pinecone {
    /// Connects: checks that Pinecone answers and takes the key.
    ///
    /// # Errors
    /// Every cause that a connect can have; none of them contains the key.
    pub async fn connect(spec: &ConnectSpec) -> Result<Self> {
        in_time(spec, Self::open(spec)).await
    }

    async fn open(spec: &ConnectSpec) -> Result<Self> {
        let option = |name: &str, default: &str| spec.option(name).unwrap_or(default).to_owned();
        let opened =
            Self { control: Http::new(spec)?, cloud: option("cloud", "aws"), region: option("region", "us-east-1") };
        match opened.indexes().await {
            Ok(_) => Ok(opened),
            Err(error) => Err(opened.control.explain(error).await),
        }
    }

    /// All indexes. The lightest question that needs the key.
    async fn indexes(&self) -> Result<Vec<Index>> {
        let mut answer = self.control.get("list of indexes", &["indexes"], &[]).await?.value()?;
        let Some(Value::Array(list)) = answer.get_mut("indexes").map(Value::take) else {
            return Err(self.control.bad_answer("a list of indexes that is none"));
        };
        list.into_iter().map(|raw| Index::read(raw).map_err(|cause| self.control.bad_answer(cause))).collect()
    }

    /// The index of that name, if there is one.
    async fn index(&self, name: &str) -> Result<Option<Index>> {
        if !index::is_name(name) {
            return Ok(None);
        }
        match self.control.get("index", &["indexes", name], &[]).await? {
            connection::Answer::NotFound(_) => Ok(None),
            found => Index::read(found.value()?).map(Some).map_err(|cause| self.control.bad_answer(cause)),
        }
    }

    /// The index and namespace behind a collection's name.
    async fn resolve(&self, name: &str) -> Result<Place> {
        let (index, namespace) = match name.split_once('/') {
            Some((index, namespace)) => (index, namespace),
            None => (name, DEFAULT),
        };
        let index = self.index(index).await?.filter(|_| !namespace.is_empty()).ok_or_else(|| missing(name))?;
        self.place(index, namespace, name)
    }

    fn place(&self, index: Index, namespace: &str, name: &str) -> Result<Place> {
        if !index.ready {
            return Err(ProviderError::BadRequest {
                cause: format!("the index {:?} takes no questions yet", index.name),
                mend: "Wait until it is ready.".to_owned(),
            });
        }
        let data = self.control.index(&index.host)?;
        Ok(Place { index, data, namespace: namespace.to_owned(), name: name.to_owned() })
    }
}

#[async_trait]
impl Provider for Pinecone {
    fn capabilities(&self) -> &Capabilities {
        &maker::MAKER.capabilities
    }

    async fn ping(&self) -> Result<ServerInfo> {
        self.indexes().await?;
        Ok(ServerInfo { product: "pinecone".to_owned(), version: VERSION.to_owned() })
    }

    async fn collections(&self) -> Result<Vec<CollectionSummary>> {
        self.list().await
    }

    async fn describe(&self, collection: &str) -> Result<CollectionInfo> {
        self.info(collection).await
    }

    async fn count(&self, collection: &str, filter: Option<&Filter>) -> Result<Count> {
        let selection = filter::translate(filter)?;
        let place = self.resolve(collection).await?;
        if selection.is_some() {
            return Err(unsupported("it counts no filtered records; page to the end instead"));
        }
        place.count().await
    }

    async fn page(&self, collection: &str, request: &PageRequest) -> Result<Page> {
        let selection = filter::translate(request.filter.as_ref())?;
        self.resolve(collection).await?.page(request, selection).await
    }

    async fn get(&self, collection: &str, ids: &[RecordId], with_vectors: bool) -> Result<Vec<Record>> {
        let place = self.resolve(collection).await?;
        place.fetch(&reads::texts(ids), with_vectors).await
    }

    async fn search(&self, collection: &str, request: &SearchRequest) -> Result<Vec<Hit>> {
        let selection = filter::translate(request.filter.as_ref())?;
        self.resolve(collection).await?.search(request, selection).await
    }

    async fn native_filter(&self, _collection: &str, filter: &Filter) -> Result<String> {
        let selection = filter::translate(Some(filter))?.unwrap_or_default();
        serde_json::to_string_pretty(&selection).map_err(|error| ProviderError::Panicked { cause: error.to_string() })
    }

    async fn check_new(&self, spec: &CollectionSpec) -> Result<()> {
        self.new_index(spec).map(drop)
    }

    async fn create_collection(&self, spec: &CollectionSpec) -> Result<()> {
        self.create(spec).await
    }

    async fn upsert(&self, collection: &str, records: Vec<Record>) -> Result<()> {
        self.resolve(collection).await?.upsert(records).await
    }

    async fn delete(&self, collection: &str, ids: &[RecordId]) -> Result<()> {
        self.resolve(collection).await?.delete(&reads::texts(ids)).await
    }

    async fn drop_collection(&self, collection: &str) -> Result<()> {
        self.drop_place(collection).await
    }
}

fn missing(collection: &str) -> ProviderError {
    ProviderError::NoSuchCollection { collection: collection.to_owned() }
}

fn unsupported(reason: impl Into<String>) -> ProviderError {
    ProviderError::Unsupported { product: PRODUCT, reason: reason.into() }
}
