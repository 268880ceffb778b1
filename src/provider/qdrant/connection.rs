//! The gRPC channel to one Qdrant server: our own transport, the key as a header, and what a failure
//! of it means.

use std::sync::Arc;
use std::time::Duration;

use hyper_util::rt::TokioIo;
use qdrant_client::qdrant::ScrollPoints;
use qdrant_client::qdrant::collections_client::CollectionsClient;
use qdrant_client::qdrant::points_client::PointsClient;
use qdrant_client::qdrant::qdrant_client::QdrantClient;
use secrecy::{ExposeSecret, SecretString};
use tonic::client::Grpc;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Channel, Endpoint, Uri};
use tonic::{Request, Status};
use tonic_prost::ProstCodec;

use super::failure::Failures;
use super::wire;
use crate::provider::transport::{Server, check_credentials_are_private, client_config, open};
use crate::provider::{ConnectSpec, ProviderError, Result};

/// Largest message in either direction. A page of a thousand records with vectors of 4,096
/// dimensions has 16 MiB; gRPC's own default of 4 MiB refuses it.
const LARGEST_MESSAGE: usize = 64 * 1024 * 1024;
/// A peer that answers no HTTP/2 ping is gone: found after 25 s at most, also while nothing is asked.
const PING_EVERY: Duration = Duration::from_secs(15);
const PING_PATIENCE: Duration = Duration::from_secs(10);

pub(super) type Authenticated = InterceptedService<Channel, ApiKey>;

/// Adds the key to each request, marked so that nothing prints it.
#[derive(Clone)]
pub(super) struct ApiKey(Option<MetadataValue<Ascii>>);

impl ApiKey {
    fn new(secret: Option<&SecretString>) -> Result<Self> {
        let Some(secret) = secret else { return Ok(Self(None)) };
        let mut value: MetadataValue<Ascii> =
            secret.expose_secret().parse().map_err(|_| ProviderError::BadRequest {
                cause: "the key holds characters that no API key can have (a line break, perhaps)".to_owned(),
                mend: "Store the key anew, without spaces or line breaks around it.".to_owned(),
            })?;
        value.set_sensitive(true);
        Ok(Self(Some(value)))
    }
}

impl Interceptor for ApiKey {
    fn call(&mut self, mut request: Request<()>) -> std::result::Result<Request<()>, Status> {
        if let Some(key) = &self.0 {
            request.metadata_mut().insert("api-key", key.clone());
        }
        Ok(request)
    }
}

/// The channel and the generated clients on it. Reconnects by itself with the next request; never
/// repeats one.
pub(super) struct Connection {
    /// Where it leads.
    pub(super) server: Server,
    failures: Failures,
    channel: Channel,
    key: ApiKey,
}

impl Connection {
    /// Prepares the channel; the first request opens it.
    pub(super) async fn new(spec: &ConnectSpec) -> Result<Self> {
        check_credentials_are_private(spec)?;
        let server = Server::of(spec)?;
        let key = ApiKey::new(spec.secret.as_ref())?;
        let tls = if server.tls { Some(Arc::new(tls_config(spec).await?)) } else { None };
        let endpoint = endpoint(&server, spec.timeouts.request).map_err(|error| ProviderError::BadRequest {
            cause: format!("{server} is no valid address: {error}"),
            mend: "Give host:port, or https://host:port.".to_owned(),
        })?;
        let target = server.clone();
        let limit = spec.timeouts.connect;
        // Whatever address tonic asks for, there is only one server that the key may go to.
        let connector = tower::service_fn(move |_: Uri| {
            let (server, tls) = (target.clone(), tls.clone());
            async move { open(&server, tls.as_ref(), limit).await.map(TokioIo::new) }
        });
        Ok(Self {
            channel: endpoint.connect_with_connector_lazy(connector),
            failures: Failures::new(server.clone(), spec.timeouts.request, spec.secret.clone()),
            server,
            key,
        })
    }

    /// Questions about points.
    pub(super) fn points(&self) -> PointsClient<Authenticated> {
        PointsClient::with_interceptor(self.channel.clone(), self.key.clone())
            .max_decoding_message_size(LARGEST_MESSAGE)
            .max_encoding_message_size(LARGEST_MESSAGE)
    }

    /// A page of a collection, through the generated clients' own machinery but into types of ours.
    pub(super) async fn scroll(&self, request: ScrollPoints) -> std::result::Result<wire::ScrollResponse, Status> {
        let service = InterceptedService::new(self.channel.clone(), self.key.clone());
        let mut client = Grpc::new(service).max_decoding_message_size(LARGEST_MESSAGE);
        client.ready().await.map_err(|error| Status::unknown(format!("Service was not ready: {error}")))?;
        let path = PathAndQuery::from_static("/qdrant.Points/Scroll");
        Ok(client.unary(Request::new(request), path, ProstCodec::default()).await?.into_inner())
    }

    /// Questions about collections.
    pub(super) fn collections(&self) -> CollectionsClient<Authenticated> {
        CollectionsClient::with_interceptor(self.channel.clone(), self.key.clone())
            .max_decoding_message_size(LARGEST_MESSAGE)
            .max_encoding_message_size(LARGEST_MESSAGE)
    }

    /// Questions about the server.
    pub(super) fn server_questions(&self) -> QdrantClient<Authenticated> {
        QdrantClient::with_interceptor(self.channel.clone(), self.key.clone())
    }

    /// What a status means when no collection is involved.
    pub(super) fn failed(&self, status: Status) -> ProviderError {
        self.failures.of(status, None)
    }

    /// What a status means for a question about this collection.
    pub(super) fn failed_in(&self, collection: &str, status: Status) -> ProviderError {
        self.failures.of(status, Some(collection))
    }

    /// An answer that breaks the protocol.
    pub(super) fn bad_answer(&self, cause: impl Into<String>) -> ProviderError {
        ProviderError::BadAnswer { address: self.server.to_string(), cause: cause.into() }
    }
}

/// Reading certificates takes some milliseconds of disk: not on a thread of the runtime.
async fn tls_config(spec: &ConnectSpec) -> Result<rustls::ClientConfig> {
    let tls = spec.tls.clone();
    tokio::task::spawn_blocking(move || client_config(&tls, &[b"h2"]))
        .await
        .map_err(|error| ProviderError::Panicked { cause: error.to_string() })?
}

fn endpoint(server: &Server, limit: Duration) -> std::result::Result<Endpoint, Box<dyn std::error::Error>> {
    let origin: Uri = server.url().parse()?;
    // tonic refuses https without its own TLS; ours is in the connector, so it is told http and the
    // requests carry the true scheme.
    let plain = Server { tls: false, ..server.clone() };
    Ok(Endpoint::from_shared(plain.url())?
        .origin(origin)
        .user_agent(concat!("vector-inspector/", env!("CARGO_PKG_VERSION")))?
        .timeout(limit)
        .http2_keep_alive_interval(PING_EVERY)
        .keep_alive_timeout(PING_PATIENCE)
        .keep_alive_while_idle(true))
}
