//! The gRPC channel to one Milvus server: our own transport, key and database as headers, one way of
//! asking. `failure` says what goes wrong; nobody else knows that gRPC is spoken.

use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, Engine};
use prost::Message;
use secrecy::{ExposeSecret, SecretString};
use tonic::client::Grpc;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::transport::Channel;
use tonic::{Request, Status};
use tonic_prost::ProstCodec;

use super::failure::Failures;
use super::proto::Answer;
use crate::provider::transport::{KeepAlive, Server, grpc_channel};
use crate::provider::{ConnectSpec, ProviderError, Result};

/// The option that names the database.
pub(super) const DATABASE: &str = "database";
/// Largest answer. A page of a thousand records with vectors of 4,096 dimensions has 16 MiB; gRPC's own
/// default of 4 MiB refuses it.
const LARGEST_ANSWER: usize = 128 * 1024 * 1024;
/// Largest request: Milvus takes 64 MiB unless it is told otherwise.
const LARGEST_REQUEST: usize = 64 * 1024 * 1024;
/// A peer that answers no HTTP/2 ping is gone: found after 40 s at most, and only while something is
/// asked. Milvus hangs up on a client that pings more often than every 5 s or while it is idle.
const KEEP_ALIVE: KeepAlive =
    KeepAlive { every: Duration::from_secs(30), patience: Duration::from_secs(10), while_idle: false };
/// What comes before the name of each request.
const SERVICE: &str = "/milvus.proto.milvus.MilvusService/";

/// A request that a server of this version does not know.
pub(super) struct Unknown;

/// The channel. Reconnects by itself with the next request; never repeats one.
pub(super) struct Connection {
    /// Where it leads.
    pub(super) server: Server,
    failures: Failures,
    channel: Channel,
    key: Option<MetadataValue<Ascii>>,
    database: Option<MetadataValue<Ascii>>,
}

impl Connection {
    /// Prepares the channel; the first request opens it.
    pub(super) async fn new(spec: &ConnectSpec) -> Result<Self> {
        let (server, channel) = grpc_channel(spec, KEEP_ALIVE).await?;
        Ok(Self {
            channel,
            failures: Failures::new(server.clone(), spec.timeouts.request, spec.secret.clone()),
            server,
            key: spec.secret.as_ref().map(authorization).transpose()?,
            database: spec.option(DATABASE).map(database).transpose()?,
        })
    }

    /// Asks, and takes a status that tells of a failure as one. `collection` is the one that it is about.
    pub(super) async fn ask<Q, A>(&self, method: &str, collection: Option<&str>, question: Q) -> Result<A>
    where
        Q: Message + Send + Sync + 'static,
        A: Message + Default + Answer + Send + Sync + 'static,
    {
        match self.try_ask(method, collection, question).await? {
            Ok(answer) => Ok(answer),
            Err(Unknown) => Err(self.failures.unknown_request(method)),
        }
    }

    /// As [`Self::ask`], for a request that an older server may not know.
    pub(super) async fn try_ask<Q, A>(
        &self,
        method: &str,
        collection: Option<&str>,
        question: Q,
    ) -> Result<std::result::Result<A, Unknown>>
    where
        Q: Message + Send + Sync + 'static,
        A: Message + Default + Answer + Send + Sync + 'static,
    {
        match self.exchange(method, question).await {
            Ok(answer) => match self.failures.of_answer(&answer, collection) {
                None => Ok(Ok(answer)),
                Some(error) => Err(error),
            },
            Err(status) if Failures::is_unknown_request(&status) => Ok(Err(Unknown)),
            Err(status) => Err(self.failures.of_status(status, collection)),
        }
    }

    async fn exchange<Q, A>(&self, method: &str, question: Q) -> std::result::Result<A, Status>
    where
        Q: Message + Send + Sync + 'static,
        A: Message + Default + Send + Sync + 'static,
    {
        let path = PathAndQuery::try_from(format!("{SERVICE}{method}"))
            .map_err(|error| Status::internal(format!("no path: {error}")))?;
        let mut request = Request::new(question);
        if let Some(key) = &self.key {
            request.metadata_mut().insert("authorization", key.clone());
        }
        if let Some(database) = &self.database {
            request.metadata_mut().insert("dbname", database.clone());
        }
        let mut grpc = Grpc::new(self.channel.clone())
            .max_decoding_message_size(LARGEST_ANSWER)
            .max_encoding_message_size(LARGEST_REQUEST);
        grpc.ready().await.map_err(|error| Status::from_error(error.into()))?;
        Ok(grpc.unary(request, path, ProstCodec::<Q, A>::default()).await?.into_inner())
    }

    /// An answer that breaks the protocol.
    pub(super) fn bad_answer(&self, cause: impl Into<String>) -> ProviderError {
        ProviderError::BadAnswer { address: self.server.to_string(), cause: cause.into() }
    }
}

/// `user:password`, a token or an API key, as Milvus wants each: in base64.
fn authorization(secret: &SecretString) -> Result<MetadataValue<Ascii>> {
    let mut value = MetadataValue::<Ascii>::try_from(BASE64_STANDARD.encode(secret.expose_secret())).map_err(|_| {
        ProviderError::BadRequest {
            cause: "the key cannot be sent".to_owned(),
            mend: "Store the key anew: user:password, a token or an API key.".to_owned(),
        }
    })?;
    value.set_sensitive(true);
    Ok(value)
}

fn database(name: &str) -> Result<MetadataValue<Ascii>> {
    name.parse().map_err(|_| ProviderError::BadRequest {
        cause: format!("{name:?} is no name of a Milvus database"),
        mend: "Names have letters, digits and underscores.".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use super::*;

    #[test]
    fn the_key_is_marked_so_that_nothing_prints_it() {
        let value = authorization(&SecretString::from("root:Milvus")).unwrap();
        assert_eq!(value.to_str().unwrap(), "cm9vdDpNaWx2dXM=");
        assert!(value.is_sensitive() && !format!("{value:?}").contains("cm9vd"), "{value:?}");
    }
}
