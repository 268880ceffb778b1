//! A gRPC channel over our own transport, and what a failure of it means. `qdrant` and `milvus` put
//! their clients on it; what their servers' own statuses mean is theirs to say.

use std::error::Error;
use std::time::Duration;

use hyper_util::rt::TokioIo;
use tonic::transport::{Channel, Endpoint, Uri};
use tonic::{Status, TimeoutExpired};

use super::{Server, check_credentials_are_private, failure, open, tls_config};
use crate::provider::{ConnectSpec, ProviderError, Result};

/// How tonic begins its message when an answer came over HTTP but was no gRPC.
pub const NOT_GRPC: &str = "grpc-status header missing";

/// How a dead peer is found: by HTTP/2 pings that it does not answer.
#[derive(Debug, Clone, Copy)]
pub struct KeepAlive {
    /// Between two pings.
    pub every: Duration,
    /// How long an answer may take.
    pub patience: Duration,
    /// Also while nothing is asked; some servers hang up on such a client.
    pub while_idle: bool,
}

/// Prepares a channel to the spec's server; the first request opens it. It reconnects by itself with
/// the next request and never repeats one.
///
/// # Errors
/// Credentials that would travel unencrypted, certificates that cannot be read, a wrong address.
pub async fn grpc_channel(spec: &ConnectSpec, keep_alive: KeepAlive) -> Result<(Server, Channel)> {
    check_credentials_are_private(spec)?;
    let server = Server::of(spec)?;
    let tls = if server.tls { Some(tls_config(&spec.tls, &[b"h2"]).await?) } else { None };
    let endpoint = endpoint(&server, spec.timeouts.request, keep_alive).map_err(|error| ProviderError::BadRequest {
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
    Ok((server, endpoint.connect_with_connector_lazy(connector)))
}

fn endpoint(server: &Server, limit: Duration, keep_alive: KeepAlive) -> std::result::Result<Endpoint, Box<dyn Error>> {
    let origin: Uri = server.url().parse()?;
    // tonic refuses https without its own TLS; ours is in the connector, so it is told http and the
    // requests carry the true scheme.
    let plain = Server { tls: false, ..server.clone() };
    Ok(Endpoint::from_shared(plain.url())?
        .origin(origin)
        .user_agent(concat!("vector-inspector/", env!("CARGO_PKG_VERSION")))?
        .timeout(limit)
        .http2_keep_alive_interval(keep_alive.every)
        .keep_alive_timeout(keep_alive.patience)
        .keep_alive_while_idle(keep_alive.while_idle))
}

/// The failure behind a status that was made on this side, of a transport that failed; `None` for one
/// that the server sent. `after` is the limit of a request, `clean` takes secrets out of a text.
pub fn grpc_transport_failure(
    status: &Status,
    server: &Server,
    after: Duration,
    clean: impl Fn(&str) -> String,
) -> Option<ProviderError> {
    let mut link = Some(status.source()?);
    while let Some(error) = link {
        if error.is::<TimeoutExpired>() {
            return Some(ProviderError::TimedOut { what: server.to_string(), after });
        }
        link = error.source();
    }
    Some(match failure(status, server, after) {
        ProviderError::Interrupted { address, cause } => ProviderError::Interrupted { address, cause: clean(&cause) },
        other => other,
    })
}

/// The server takes no more work.
pub fn grpc_busy(cause: &str) -> ProviderError {
    ProviderError::BadRequest {
        cause: format!("the server takes no more work now: {cause}"),
        mend: "Wait a moment and try again, or ask for less.".to_owned(),
    }
}

/// A message beyond the limit of either side.
pub fn grpc_too_large(cause: &str) -> ProviderError {
    ProviderError::BadRequest {
        cause: format!("the message is too large ({cause})"),
        mend: "Ask for or send fewer records at once, or leave the vectors out.".to_owned(),
    }
}
