//! The gRPC channel to one Qdrant server: our own transport, the key as a header, and what a failure
//! of it means.

use std::time::Duration;

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
use tonic::transport::Channel;
use tonic::{Request, Status};
use tonic_prost::ProstCodec;

use super::failure::Failures;
use super::wire;
use crate::provider::transport::{KeepAlive, Server, grpc_channel};
use crate::provider::{ConnectSpec, ProviderError, Result};

/// Largest message in either direction. A page of a thousand records with vectors of 4,096
/// dimensions has 16 MiB; gRPC's own default of 4 MiB refuses it.
const LARGEST_MESSAGE: usize = 64 * 1024 * 1024;
/// A peer that answers no HTTP/2 ping is gone: found after 25 s at most, also while nothing is asked.
const KEEP_ALIVE: KeepAlive =
    KeepAlive { every: Duration::from_secs(15), patience: Duration::from_secs(10), while_idle: true };

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
        let key = ApiKey::new(spec.secret.as_ref())?;
        let (server, channel) = grpc_channel(spec, KEEP_ALIVE).await?;
        Ok(Self {
            channel,
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
