//! The way to a Chroma server: one HTTP client with its limits, requests, and what their failures
//! mean. `mod` asks through [`Http`]; nobody else knows that HTTP is spoken.
//!
//! Redirects are not followed and environment proxies are not used, so that the token goes to the
//! profile's own host only. Answers are read in pieces and refused beyond [`MAX_BODY`].

use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Method, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

use crate::provider::transport::{self, Server};
use crate::provider::{ConnectSpec, ProviderError, ProviderKind, Result};

/// The most bytes of one answer that are read. A page of 1,000 records of 1,536 dimensions with
/// vectors is about 20 MiB of JSON.
pub(super) const MAX_BODY: usize = 64 * 1024 * 1024;

/// The most characters of a server's message that go into an error.
const MAX_MESSAGE: usize = 300;

/// What this provider speaks, in errors.
const EXPECTED: &str = "Chroma's REST interface v2";

/// An answer that is no failure of the connection or of the key.
pub(super) enum Reply {
    /// 2xx with its body.
    Ok(Body),
    /// 404 with the server's words: the caller knows what was asked for.
    NotFound(String),
}

impl Reply {
    /// The body, or the error that a 404 means here.
    pub(super) fn or_missing(self, missing: impl FnOnce(String) -> ProviderError) -> Result<Body> {
        match self {
            Self::Ok(body) => Ok(body),
            Self::NotFound(message) => Err(missing(message)),
        }
    }
}

/// The body of a good answer, not yet parsed.
pub(super) struct Body {
    bytes: Vec<u8>,
    address: String,
}

impl Body {
    /// Parses it.
    ///
    /// # Errors
    /// [`ProviderError::BadAnswer`] when it is not the JSON that was expected.
    pub(super) fn parse<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_slice(&self.bytes)
            .map_err(|error| ProviderError::BadAnswer { address: self.address.clone(), cause: error.to_string() })
    }
}

/// One Chroma server.
pub(super) struct Http {
    client: Client,
    base: Url,
    server: Server,
    secret: Option<SecretString>,
    timeout: Duration,
}

impl Http {
    /// Prepares the client; nothing is sent yet.
    ///
    /// # Errors
    /// A directory given as address, a token that would travel in plain text, an unreadable CA
    /// file, or a token that no header can hold.
    pub(super) fn new(spec: &ConnectSpec) -> Result<Self> {
        transport::check_credentials_are_private(spec)?;
        let server = Server::of(spec)?;
        let base = Url::parse(&format!("{}/api/v2/", server.url())).map_err(|error| ProviderError::BadRequest {
            cause: format!("{:?} is no address of a server ({error})", server.to_string()),
            mend: "Give a host name or an IP address.".to_owned(),
        })?;
        let mut headers = HeaderMap::new();
        if let Some(secret) = &spec.secret {
            headers.insert(HeaderName::from_static("x-chroma-token"), token(secret, &server)?);
        }
        let timeout = spec.timeouts.request;
        let client = transport::http_client_builder(spec)?
            .default_headers(headers)
            .read_timeout(timeout)
            // A long answer may take longer than one wait for bytes; one byte a second for ever may not.
            .timeout(timeout.saturating_mul(4))
            .pool_idle_timeout(Duration::from_secs(30))
            .build()
            .map_err(|error| transport::failure(&error, &server, timeout))?;
        Ok(Self { client, base, server, secret: spec.secret.clone(), timeout })
    }

    /// `host:port`, for errors.
    pub(super) fn address(&self) -> String {
        self.server.to_string()
    }

    /// GET of a path below `/api/v2/`.
    pub(super) async fn get(&self, what: &str, path: &[&str], query: &[(&str, usize)]) -> Result<Reply> {
        self.send(what, Method::GET, path, query, None).await
    }

    /// POST of JSON to a path below `/api/v2/`.
    pub(super) async fn post(&self, what: &str, path: &[&str], body: &(impl serde::Serialize + Sync)) -> Result<Reply> {
        let body = serde_json::to_vec(body).map_err(|error| ProviderError::Panicked { cause: error.to_string() })?;
        self.send(what, Method::POST, path, &[], Some(body)).await
    }

    /// DELETE of a path below `/api/v2/`.
    pub(super) async fn delete(&self, what: &str, path: &[&str]) -> Result<Reply> {
        self.send(what, Method::DELETE, path, &[], None).await
    }

    async fn send(
        &self,
        what: &str,
        method: Method,
        path: &[&str],
        query: &[(&str, usize)],
        body: Option<Vec<u8>>,
    ) -> Result<Reply> {
        let mut request = self.client.request(method, self.url(path, query));
        if let Some(body) = body {
            request = request.header(reqwest::header::CONTENT_TYPE, "application/json").body(body);
        }
        let response = match request.send().await {
            Ok(response) => response,
            Err(error) => return Err(self.failure(what, error)),
        };
        let status = response.status();
        let location =
            response.headers().get(reqwest::header::LOCATION).and_then(|l| l.to_str().ok().map(str::to_owned));
        let bytes = self.read(what, response).await?;
        if status.is_success() {
            return Ok(Reply::Ok(Body { bytes, address: self.address() }));
        }
        self.refusal(what, status, location.as_deref(), &bytes)
    }

    fn url(&self, path: &[&str], query: &[(&str, usize)]) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query.iter().map(|(key, value)| (key, value.to_string())));
        }
        url
    }

    /// The body, bounded.
    async fn read(&self, what: &str, mut response: reqwest::Response) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) if bytes.len() + chunk.len() > MAX_BODY => {
                    return Err(ProviderError::BadAnswer {
                        address: self.address(),
                        cause: format!(
                            "the {what} is larger than {} MiB; ask for fewer records or leave the vectors out",
                            MAX_BODY >> 20
                        ),
                    });
                }
                Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
                Ok(None) => return Ok(bytes),
                Err(error) => return Err(self.failure(what, error)),
            }
        }
    }

    /// What a status that is no success means.
    fn refusal(&self, what: &str, status: StatusCode, location: Option<&str>, body: &[u8]) -> Result<Reply> {
        let answer = ServerMessage::read(body);
        let message = self.clean(answer.as_ref().map_or("", |answer| answer.text.as_str()));
        let said = if message.is_empty() { format!("HTTP {status}") } else { message.clone() };
        let address = self.address();
        Err(match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => ProviderError::Unauthorized { address, cause: said },
            // Chroma's own 404 has a message; an empty or foreign one means that the path is unknown.
            StatusCode::NOT_FOUND if answer.is_some() => return Ok(Reply::NotFound(message)),
            StatusCode::NOT_FOUND => {
                ProviderError::BadAnswer { address, cause: format!("404 to the {what}, without a reason") }
            }
            StatusCode::GONE => self.not_chroma(
                format!("it has no interface v2 ({said})"),
                "Update the Chroma server: v2 came with version 0.6.",
            ),
            StatusCode::TOO_MANY_REQUESTS => {
                ProviderError::Server { address, cause: format!("too many requests ({said})") }
            }
            _ if status.is_redirection() => self.not_chroma(
                format!(
                    "it sends us elsewhere ({}), and a key must not follow",
                    self.clean(location.unwrap_or("no location"))
                ),
                "Give the address that it names.",
            ),
            _ if status.is_client_error() => ProviderError::BadRequest {
                cause: format!("the server refused the {what}: {said}"),
                mend: "Correct what it names.".to_owned(),
            },
            _ => ProviderError::Server { address, cause: said },
        })
    }

    /// What a failure of the transport means.
    fn failure(&self, what: &str, error: reqwest::Error) -> ProviderError {
        match transport::failure(&error.without_url(), &self.server, self.timeout) {
            ProviderError::TimedOut { what: server, after } => {
                ProviderError::TimedOut { what: format!("{server} ({what})"), after }
            }
            ProviderError::Interrupted { address, cause } => {
                ProviderError::Interrupted { address, cause: self.clean(&cause) }
            }
            other => other,
        }
    }

    /// Asks the port who it is, if the error of a first request does not tell what is wrong.
    pub(super) async fn explain(&self, error: ProviderError) -> ProviderError {
        if transport::is_explained(&error) {
            return error;
        }
        transport::wrong_protocol(ProviderKind::Chroma, &self.server, error).await
    }

    /// The error for something that speaks HTTP but is no Chroma server.
    fn not_chroma(&self, cause: String, mend: &str) -> ProviderError {
        ProviderError::WrongProtocol { address: self.address(), expected: EXPECTED, cause, mend: mend.to_owned() }
    }

    /// A text of the server, shortened and without the token, should the server repeat it.
    fn clean(&self, text: &str) -> String {
        let text = match &self.secret {
            Some(secret) if !secret.expose_secret().is_empty() => text.replace(secret.expose_secret(), "[token]"),
            _ => text.to_owned(),
        };
        match text.char_indices().nth(MAX_MESSAGE) {
            Some((end, _)) => format!("{}…", &text[..end]),
            None => text,
        }
    }
}

/// The token as a header that no log shows.
fn token(secret: &SecretString, server: &Server) -> Result<HeaderValue> {
    let mut value = HeaderValue::from_str(secret.expose_secret()).map_err(|_| ProviderError::Unauthorized {
        address: server.to_string(),
        cause: "the token has characters that no HTTP header can hold (a line break at its end?)".to_owned(),
    })?;
    value.set_sensitive(true);
    Ok(value)
}

/// An error in Chroma's form: `{"error": kind, "message": text}`, or `{"detail": text}` of a proxy.
struct ServerMessage {
    text: String,
}

impl ServerMessage {
    fn read(body: &[u8]) -> Option<Self> {
        let value: Value = serde_json::from_slice(body).ok()?;
        let text = ["message", "detail", "error"].iter().find_map(|key| value.get(key).and_then(Value::as_str))?;
        Some(Self { text: text.to_owned() })
    }
}
