//! The library's clients of the three kinds of stores, and LanceDB on one of them.
//!
//! LanceDB's own features for stores bring a second TLS stack; its registry takes stores of others, so
//! the registry that it is opened with has ours.

use std::sync::Arc;

use async_trait::async_trait;
use lance_io::object_store::{DEFAULT_CLOUD_IO_PARALLELISM, ObjectStore, ObjectStoreParams, ObjectStoreProvider};
use lancedb::{ObjectStoreRegistry, Session};
use object_store::aws::{AmazonS3Builder, S3CopyIfNotExists};
use object_store::azure::MicrosoftAzureBuilder;
use object_store::gcp::GoogleCloudStorageBuilder;
use object_store::{ObjectStore as Store, RetryConfig};
use secrecy::ExposeSecret;
use url::Url;

use super::place::{Place, Speaks};
use super::wire::Wire;
use crate::provider::lancedb::{Home, Trouble, meaning};
use crate::provider::{ConnectSpec, ProviderError, Result};

/// How often the library repeats a request that the store called too early or too busy.
const REPEATS: usize = 2;
/// What a session keeps of indexes and of tables' descriptions, in bytes.
const INDEX_CACHE: usize = 64 * 1024 * 1024;
const METADATA_CACHE: usize = 64 * 1024 * 1024;

/// LanceDB's connection to the folder; asks nothing yet but what the library wants to know.
///
/// # Errors
/// A key that is none, and the causes of a connect.
pub(super) async fn connect(place: &Place, spec: &ConnectSpec) -> Result<(lancedb::Connection, Home)> {
    let trouble = Trouble::default();
    let store = client(place, spec, trouble.clone())?;
    let home = Home::Store { address: place.server.to_string(), trouble };
    let registry = ObjectStoreRegistry::default();
    registry.insert(place.speaks.scheme(), Arc::new(Provided { store, place: place.folder() }));
    let session = Session::new(INDEX_CACHE, METADATA_CACHE, Arc::new(registry));
    let uri = format!("{}://{}", place.speaks.scheme(), place.folder());
    let opened = lancedb::connect(&uri).session(Arc::new(session)).execute().await;
    let connection = opened.map_err(|error| meaning(&home, &error))?;
    Ok((connection, home))
}

fn client(place: &Place, spec: &ConnectSpec, trouble: Trouble) -> Result<Arc<dyn Store>> {
    let wire = Wire::new(place, spec, trouble)?;
    let key = spec.secret.as_ref().map(|key| key.expose_secret().trim()).filter(|key| !key.is_empty());
    let retry = RetryConfig { max_retries: REPEATS, retry_timeout: spec.timeouts.request, ..RetryConfig::default() };
    let made: object_store::Result<Arc<dyn Store>> = match place.speaks {
        Speaks::S3 => {
            let mut builder = AmazonS3Builder::new()
                .with_endpoint(place.server.url())
                .with_bucket_name(&place.bucket)
                .with_region(&place.region)
                .with_virtual_hosted_style_request(false)
                .with_allow_http(true)
                .with_copy_if_not_exists(S3CopyIfNotExists::Multipart)
                .with_retry(retry)
                .with_http_connector(wire)
                .with_skip_signature(key.is_none());
            if let (Some(key), Some(account)) = (key, &place.account) {
                builder = builder.with_access_key_id(account).with_secret_access_key(key);
            }
            builder.build().map(|store| Arc::new(store) as Arc<dyn Store>)
        }
        Speaks::Google => {
            let builder = GoogleCloudStorageBuilder::new()
                .with_base_url(&place.server.url())
                .with_bucket_name(&place.bucket)
                .with_retry(retry)
                .with_http_connector(wire)
                .with_skip_signature(key.is_none());
            let builder = match key {
                Some(json) if json.starts_with('{') => builder.with_service_account_key(json),
                Some(token) => builder.with_bearer_token(token),
                None => builder,
            };
            builder.build().map(|store| Arc::new(store) as Arc<dyn Store>)
        }
        Speaks::Azure => {
            let account = place.account.clone().unwrap_or_default();
            let own = place.server.host.starts_with(&format!("{account}."));
            let endpoint = if own { place.server.url() } else { format!("{}/{account}", place.server.url()) };
            let builder = MicrosoftAzureBuilder::new()
                .with_account(account)
                .with_container_name(&place.bucket)
                .with_endpoint(endpoint)
                .with_allow_http(true)
                .with_retry(retry)
                .with_http_connector(wire)
                .with_skip_signature(key.is_none());
            let builder = match key {
                Some(signature) if signature.contains("sig=") => builder.with_sas_authorization(pairs(signature)),
                Some(key) => builder.with_access_key(key),
                None => builder,
            };
            builder.build().map(|store| Arc::new(store) as Arc<dyn Store>)
        }
    };
    // The library's words may repeat what it could not read, a key among it.
    made.map_err(|_| ProviderError::BadRequest {
        cause: format!("the settings of the store do not fit together, or its key is none ({})", super::PRODUCT),
        mend: "Check account and key: S3 has an id and a secret, Google Cloud a JSON, Azure a key in base64."
            .to_owned(),
    })
}

/// The pairs of a shared access signature, `?sv=...&sig=...`.
fn pairs(signature: &str) -> Vec<(String, String)> {
    let query = signature.trim_start_matches('?');
    url::form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}

/// The store of one connection, for the library's registry.
#[derive(Debug)]
struct Provided {
    store: Arc<dyn Store>,
    place: String,
}

#[async_trait]
impl ObjectStoreProvider for Provided {
    async fn new_store(&self, base: Url, params: &ObjectStoreParams) -> lance_core::Result<ObjectStore> {
        tracing::debug!(place = self.place, "LanceDB opens the object store");
        Ok(ObjectStore::new(
            Arc::clone(&self.store),
            base,
            params.block_size,
            None,
            // stores beside Amazon's want parts of one size
            true,
            true,
            DEFAULT_CLOUD_IO_PARALLELISM,
            REPEATS,
            params.storage_options(),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_taken_apart_once() {
        let pairs = pairs("?sv=2020&sig=a%2Bb%3D");
        assert_eq!(pairs, [("sv".to_owned(), "2020".to_owned()), ("sig".to_owned(), "a+b=".to_owned())]);
    }
}
