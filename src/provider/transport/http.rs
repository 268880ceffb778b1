//! The HTTP client of makers with a REST interface: hyper's, on our own connections.
//!
//! It knows one server. Whatever it is asked for goes there: there is nothing that follows a redirect, and
//! the way is that of [`open`](super::open).

use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::client::legacy::{Builder, Client};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use reqwest::header::HeaderMap;
use reqwest::{Method, StatusCode};
use rustls::ClientConfig;
use tokio::time::{Instant, timeout_at};
use tower::util::BoxCloneSyncService;
use url::Url;

use super::dial::timed_out;
use super::{Duplex, Server, failure, open};
use crate::provider::{ProviderError, Result};

/// How long an idle connection is kept.
const IDLE: Duration = Duration::from_secs(30);

type Wire = TokioIo<Box<dyn Duplex>>;
type Connector = BoxCloneSyncService<tonic::transport::Uri, Wire, ProviderError>;

impl Connection for Box<dyn Duplex> {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

/// A client of one server. Cheap to clone.
#[derive(Clone)]
pub(in crate::provider) struct Http {
    client: Client<Connector, Full<bytes::Bytes>>,
    server: Server,
    limit: Duration,
}

/// The head of an answer, and its body to be read.
pub(in crate::provider) struct Answer {
    /// The status.
    pub(in crate::provider) status: StatusCode,
    /// The headers.
    pub(in crate::provider) headers: HeaderMap,
    body: hyper::body::Incoming,
    /// When the whole answer must be there.
    end: Instant,
}

impl Http {
    /// Prepares it; nothing is dialled yet. `connect` and `limit` are how long a connection and a wait for
    /// bytes may take.
    pub(in crate::provider) fn new(
        server: &Server,
        tls: Option<Arc<ClientConfig>>,
        connect: Duration,
        limit: Duration,
    ) -> Self {
        let target = server.clone();
        // Whatever address is asked for, there is only one server that the key may go to.
        let connector = tower::service_fn(move |_: tonic::transport::Uri| {
            let (server, tls) = (target.clone(), tls.clone());
            async move { open(&server, tls.as_ref(), connect).await.map(TokioIo::new) }
        });
        let client = Builder::new(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE)
            .build(BoxCloneSyncService::new(connector));
        Self { client, server: server.clone(), limit }
    }

    /// Sends a request; waits for the head of the answer.
    ///
    /// # Errors
    /// Those of a connection, `TimedOut`.
    pub(in crate::provider) async fn send(
        &self,
        method: Method,
        url: &Url,
        headers: HeaderMap,
        body: impl Into<bytes::Bytes>,
    ) -> Result<Answer> {
        let started = Instant::now();
        // A long answer may take longer than one wait for bytes; one byte a second for ever may not.
        let end = started + self.limit.saturating_mul(4);
        let mut request = hyper::Request::new(Full::new(body.into()));
        *request.method_mut() = method;
        *request.headers_mut() = headers;
        *request.uri_mut() = url.as_str().parse().map_err(|error| ProviderError::BadRequest {
            cause: format!("{url} cannot be asked for: {error}"),
            mend: "Correct the name.".to_owned(),
        })?;
        match timeout_at(started + self.limit, self.client.request(request)).await {
            Ok(Ok(response)) => {
                let (head, body) = response.into_parts();
                Ok(Answer { status: head.status, headers: head.headers, body, end })
            }
            Ok(Err(error)) => Err(failure(&error, &self.server, self.limit)),
            Err(_) => Err(timed_out(&self.server, self.limit)),
        }
    }

    /// The next piece of the body, `None` at its end.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub(in crate::provider) async fn piece(&self, answer: &mut Answer) -> Result<Option<bytes::Bytes>> {
        loop {
            let deadline = answer.end.min(Instant::now() + self.limit);
            match timeout_at(deadline, answer.body.frame()).await {
                Ok(None) => return Ok(None),
                // Trailers say nothing that is needed.
                Ok(Some(Ok(frame))) => match frame.into_data() {
                    Ok(bytes) => return Ok(Some(bytes)),
                    Err(_trailers) => {}
                },
                Ok(Some(Err(error))) => return Err(failure(&error, &self.server, self.limit)),
                Err(_) => return Err(timed_out(&self.server, self.limit)),
            }
        }
    }
}
