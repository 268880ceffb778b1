//! What the library's client of a store asks, sent by our own transport: the profile's TLS settings,
//! its proxy or tunnel, no redirects, and no host but the profile's.

use std::fmt;

use async_trait::async_trait;
use http_body_util::BodyExt;
use object_store::ClientOptions;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpService,
};
use url::Url;

use super::place::Place;
use crate::provider::lancedb::Trouble;
use crate::provider::transport::{Http, Server, client_config};
use crate::provider::{ConnectSpec, ProviderError, Result};

/// By what the three kinds of stores say that a bucket is not there.
const NO_BUCKET: [&str; 3] = ["NoSuchBucket", "ContainerNotFound", "bucket does not exist"];

/// One store, reached the profile's way.
#[derive(Clone)]
pub(super) struct Wire {
    http: Http,
    server: Server,
    folder: String,
    trouble: Trouble,
}

impl Wire {
    /// Prepares it; nothing is dialled yet.
    ///
    /// # Errors
    /// An unreadable CA file and the like.
    pub(super) fn new(place: &Place, spec: &ConnectSpec, trouble: Trouble) -> Result<Self> {
        let server = &place.server;
        let tls = std::sync::Arc::new(client_config(&spec.tls, &[b"http/1.1"])?);
        let http = Http::new(server, server.tls.then_some(tls), spec.timeouts.connect, spec.timeouts.request);
        Ok(Self { http, server: server.clone(), folder: place.folder(), trouble })
    }

    async fn ask(&self, request: HttpRequest) -> Result<HttpResponse> {
        let (head, body) = request.into_parts();
        let asked = head.uri.to_string();
        let url = Url::parse(&asked).map_err(|error| self.strange(&format!("{asked} is no address ({error})")))?;
        if url.host_str() != Some(self.server.name()) {
            return Err(self.strange(&format!("another host was to be asked, {}", url.host_str().unwrap_or_default())));
        }
        let body = body.collect().await.map_err(|error| self.strange(&error.to_string()))?.to_bytes();
        let mut answer = self.http.send(head.method, &url, head.headers, body).await?;
        let mut read = Vec::new();
        while let Some(piece) = self.http.piece(&mut answer).await? {
            read.extend_from_slice(&piece);
        }
        self.trouble.note(self.refusal(answer.status.as_u16(), &read));
        let mut response = HttpResponse::new(read.into());
        *response.status_mut() = answer.status;
        *response.headers_mut() = answer.headers;
        Ok(response)
    }

    /// What an answer says of the key or the bucket.
    fn refusal(&self, status: u16, body: &[u8]) -> Option<ProviderError> {
        let (address, folder) = (self.server.to_string(), &self.folder);
        match status {
            401 | 403 => {
                let cause = format!("it may not use {folder:?}, or key, id or region are wrong (HTTP {status})");
                Some(ProviderError::Unauthorized { address, cause })
            }
            404 if NO_BUCKET.iter().any(|code| body.windows(code.len()).any(|part| part == code.as_bytes())) => {
                let bucket = folder.split('/').next().unwrap_or_default();
                Some(ProviderError::BadRequest {
                    cause: format!("{address} has no bucket {bucket:?}"),
                    mend: "Correct its name; buckets are made in the store itself.".to_owned(),
                })
            }
            _ => None,
        }
    }

    fn strange(&self, cause: &str) -> ProviderError {
        ProviderError::BadAnswer { address: self.server.to_string(), cause: cause.to_owned() }
    }
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Wire({})", self.server)
    }
}

#[async_trait]
impl HttpService for Wire {
    async fn call(&self, request: HttpRequest) -> std::result::Result<HttpResponse, HttpError> {
        self.ask(request).await.map_err(|error| {
            self.trouble.note(Some(error.clone()));
            HttpError::new(kind(&error), error)
        })
    }
}

impl HttpConnector for Wire {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(self.clone()))
    }
}

/// Which of them the library tries again by itself: only those in mid-answer. A server that is not there is
/// the connection task's part.
fn kind(error: &ProviderError) -> HttpErrorKind {
    match error {
        ProviderError::Interrupted { .. } => HttpErrorKind::Interrupted,
        _ => HttpErrorKind::Unknown,
    }
}
