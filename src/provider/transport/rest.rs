//! One HTTP client with its limits, for the makers whose interface is REST: requests, bounded
//! answers, and what their failures mean.
//!
//! Redirects are not followed, and the client knows one server, so that a key goes to the profile's own
//! host only. Answers are read in pieces and refused beyond [`MAX_BODY`]. A server's
//! words are shortened, and freed of the key, before they go into an error.

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION, USER_AGENT};
use reqwest::{Method, StatusCode};
use rustls::ClientConfig;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

use super::http::{Answer, Http};
use super::wrong::PAST_THE_PROXY;
use super::{Server, check_credentials_are_private, client_config};
use crate::provider::{ConnectSpec, ProviderError, Result};

/// The most bytes of one answer that are read. A page of 1,000 records of 1,536 dimensions with
/// vectors is about 20 MiB of JSON.
pub const MAX_BODY: usize = 64 * 1024 * 1024;

/// The most characters of a server's message that go into an error.
const MAX_MESSAGE: usize = 300;

/// What differs between the REST interfaces of makers.
#[derive(Debug)]
pub struct Dialect {
    /// What is spoken, in errors, e.g. `Chroma's REST interface v2`.
    pub expected: &'static str,
    /// Finds the words of an error in the JSON of an answer that is no success; `None` when the
    /// answer is not of the maker's form.
    pub message: fn(&Value) -> Option<String>,
}

/// A question to be sent.
pub struct Question<'a> {
    what: &'a str,
    method: Method,
    path: &'a [&'a str],
    query: Vec<(&'a str, String)>,
    body: Option<(&'static str, Vec<u8>)>,
}

impl<'a> Question<'a> {
    /// `what` is asked for, in errors (`page`, `list of collections`); the path's segments are encoded.
    pub fn new(method: Method, what: &'a str, path: &'a [&'a str]) -> Self {
        Self { what, method, path, query: Vec::new(), body: None }
    }

    /// With a parameter behind the path.
    #[must_use]
    pub fn with(mut self, name: &'a str, value: impl ToString) -> Self {
        self.query.push((name, value.to_string()));
        self
    }

    /// With JSON as its body.
    ///
    /// # Errors
    /// `Panicked`, for a body that is no JSON: a fault of ours.
    pub fn json(self, body: &(impl Serialize + ?Sized)) -> Result<Self> {
        let bytes = serde_json::to_vec(body).map_err(|error| ProviderError::Panicked { cause: error.to_string() })?;
        Ok(self.bytes("application/json", bytes))
    }

    /// With these bytes as its body.
    #[must_use]
    pub fn bytes(mut self, content_type: &'static str, bytes: Vec<u8>) -> Self {
        self.body = Some((content_type, bytes));
        self
    }
}

/// An answer that is no failure of the connection, the key or the server.
#[derive(Debug)]
pub enum Reply {
    /// 2xx with its body.
    Ok(Body),
    /// 4xx: the caller knows what was asked for, and what that means.
    Refused(Refusal),
}

impl Reply {
    /// The body; a refusal is the error that it is where nothing more is known.
    ///
    /// # Errors
    /// [`Refusal::error`].
    pub fn body(self) -> Result<Body> {
        match self {
            Self::Ok(body) => Ok(body),
            Self::Refused(refusal) => Err(refusal.error()),
        }
    }
}

/// A server's no to a question.
#[derive(Debug)]
pub struct Refusal {
    /// The HTTP status, 400 to 499.
    pub status: u16,
    /// The server's words, shortened; `None` when the answer was not of the maker's form.
    pub message: Option<String>,
    /// What was asked for.
    pub what: String,
    /// The whole answer, if it was JSON.
    pub body: Value,
}

impl Refusal {
    /// The refusal as an error of the request.
    pub fn error(self) -> ProviderError {
        let said = match self.message.filter(|message| !message.is_empty()) {
            Some(message) => message,
            None => format!("HTTP {}", self.status),
        };
        ProviderError::BadRequest {
            cause: format!("the server refused the {}: {said}", self.what),
            mend: "Correct what it names.".to_owned(),
        }
    }
}

/// The body of a good answer, not yet parsed.
#[derive(Debug)]
pub struct Body {
    /// The bytes.
    pub bytes: Vec<u8>,
    address: String,
}

impl Body {
    /// Parses it.
    ///
    /// # Errors
    /// [`ProviderError::BadAnswer`] when it is not the JSON that was expected.
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_slice(&self.bytes)
            .map_err(|error| ProviderError::BadAnswer { address: self.address.clone(), cause: error.to_string() })
    }
}

/// One server with a REST interface. Cheap to clone.
#[derive(Clone)]
pub struct Rest {
    client: Http,
    headers: HeaderMap,
    tls: Arc<ClientConfig>,
    base: Url,
    server: Server,
    secret: Option<SecretString>,
    connect: Duration,
    timeout: Duration,
    dialect: &'static Dialect,
}

impl Rest {
    /// Prepares the client; nothing is sent yet. `base` are the segments that every path begins with;
    /// `headers` go with every question, a key among them made by [`secret_header`].
    ///
    /// # Errors
    /// A directory given as address, a key that would travel in plain text, an unreadable CA file.
    pub fn new(spec: &ConnectSpec, dialect: &'static Dialect, base: &[&str], mut headers: HeaderMap) -> Result<Self> {
        check_credentials_are_private(spec)?;
        let server = Server::of(spec)?;
        let base = base_url(&server, base)?;
        // Also without TLS: settings that cannot be used are told before a plain port answers.
        let tls = Arc::new(client_config(&spec.tls, &[b"http/1.1"])?);
        headers.insert(ACCEPT, HeaderValue::from_static("*/*"));
        let agent = concat!("vector-inspector/", env!("CARGO_PKG_VERSION"));
        headers.insert(USER_AGENT, HeaderValue::from_static(agent));
        let (connect, timeout) = (spec.timeouts.connect, spec.timeouts.request);
        let client = client(&server, &tls, connect, timeout);
        Ok(Self { client, headers, tls, base, server, secret: spec.secret.clone(), connect, timeout, dialect })
    }

    /// The same questions, with the same key, for another server on the same way: the caller has made sure
    /// that the key may go there.
    ///
    /// # Errors
    /// `BadRequest` when it has no valid name.
    pub fn at(&self, server: Server) -> Result<Self> {
        let base = base_url(&server, &[])?;
        let client = client(&server, &self.tls, self.connect, self.timeout);
        Ok(Self { client, base, server, ..self.clone() })
    }

    /// The server that is asked.
    pub fn server(&self) -> &Server {
        &self.server
    }

    /// `host:port`, for errors.
    pub fn address(&self) -> String {
        self.server.to_string()
    }

    /// The error for an answer that cannot be understood.
    pub fn bad_answer(&self, cause: impl Into<String>) -> ProviderError {
        ProviderError::BadAnswer { address: self.address(), cause: cause.into() }
    }

    /// The error for something that speaks HTTP, but not this maker's interface.
    pub fn wrong_server(&self, cause: impl Into<String>, mend: &str) -> ProviderError {
        ProviderError::WrongProtocol {
            address: self.address(),
            expected: self.dialect.expected,
            cause: cause.into(),
            mend: mend.to_owned(),
        }
    }

    /// Asks, and reads the whole answer.
    ///
    /// # Errors
    /// Failures of the transport; `Unauthorized` for 401 and 403, `WrongProtocol` for a redirect, `Server`
    /// for 429 and 5xx with the server's words, `BadAnswer` for one that is too large.
    pub async fn ask(&self, question: Question<'_>) -> Result<Reply> {
        let what = question.what;
        let url = self.url(question.path, &question.query);
        let mut headers = self.headers.clone();
        let mut body = Vec::new();
        if let Some((content_type, bytes)) = question.body {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
            body = bytes;
        }
        let sent = self.client.send(question.method, &url, headers, body).await;
        let answer = sent.map_err(|error| self.failure(what, error))?;
        let status = answer.status;
        let location = answer.headers.get(LOCATION).and_then(|l| l.to_str().ok().map(str::to_owned));
        let bytes = self.read(what, answer).await?;
        if status.is_success() {
            return Ok(Reply::Ok(Body { bytes, address: self.address() }));
        }
        self.refusal(what, status, location.as_deref(), &bytes)
    }

    fn url(&self, path: &[&str], query: &[(&str, String)]) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }

    /// The body, bounded.
    async fn read(&self, what: &str, mut answer: Answer) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        loop {
            match self.client.piece(&mut answer).await {
                Ok(Some(chunk)) if bytes.len() + chunk.len() > MAX_BODY => {
                    return Err(self.bad_answer(format!(
                        "the {what} is larger than {} MiB; ask for fewer records or leave the vectors out",
                        MAX_BODY >> 20
                    )));
                }
                Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
                Ok(None) => return Ok(bytes),
                Err(error) => return Err(self.failure(what, error)),
            }
        }
    }

    /// What a status that is no success means.
    fn refusal(&self, what: &str, status: StatusCode, location: Option<&str>, bytes: &[u8]) -> Result<Reply> {
        let body: Value = serde_json::from_slice(bytes).unwrap_or(Value::Null);
        let message = (self.dialect.message)(&body).map(|text| self.clean(&text));
        let said = match message.as_deref() {
            None | Some("") => format!("HTTP {status}"),
            Some(text) => text.to_owned(),
        };
        let address = self.address();
        match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                Err(ProviderError::Unauthorized { address, cause: said })
            }
            StatusCode::TOO_MANY_REQUESTS => {
                Err(ProviderError::Server { address, cause: format!("too many requests ({said})") })
            }
            StatusCode::PROXY_AUTHENTICATION_REQUIRED => Err(self.wrong_server(
                "a proxy answers in the server's place, and wants a password (HTTP 407)",
                PAST_THE_PROXY,
            )),
            _ if status.is_redirection() => Err(self.wrong_server(
                format!(
                    "it sends us elsewhere ({}), and a key must not follow",
                    self.clean(location.unwrap_or("no location"))
                ),
                "If that is your server's own address, give it; the key does not belong into a login page.",
            )),
            _ if status.is_client_error() => {
                Ok(Reply::Refused(Refusal { status: status.as_u16(), message, what: what.to_owned(), body }))
            }
            _ => Err(ProviderError::Server { address, cause: said }),
        }
    }

    /// A failure of the transport, with what was asked for and without the key.
    fn failure(&self, what: &str, error: ProviderError) -> ProviderError {
        match error {
            ProviderError::TimedOut { what: server, after } => {
                ProviderError::TimedOut { what: format!("{server} ({what})"), after }
            }
            ProviderError::Interrupted { address, cause } => {
                ProviderError::Interrupted { address, cause: self.clean(&cause) }
            }
            other => other,
        }
    }

    /// A text of the server, shortened and without the key, should the server repeat it.
    pub fn clean(&self, text: &str) -> String {
        let text = match &self.secret {
            Some(secret) if !secret.expose_secret().is_empty() => text.replace(secret.expose_secret(), "[key]"),
            _ => text.to_owned(),
        };
        match text.char_indices().nth(MAX_MESSAGE) {
            Some((end, _)) => format!("{}…", &text[..end]),
            None => text,
        }
    }
}

fn client(server: &Server, tls: &Arc<ClientConfig>, connect: Duration, limit: Duration) -> Http {
    Http::new(server, server.tls.then(|| Arc::clone(tls)), connect, limit)
}

fn base_url(server: &Server, base: &[&str]) -> Result<Url> {
    let mut url = Url::parse(&server.url()).map_err(|error| ProviderError::BadRequest {
        cause: format!("{:?} is no address of a server ({error})", server.to_string()),
        mend: "Give a host name or an IP address.".to_owned(),
    })?;
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().extend(base);
    }
    Ok(url)
}

/// The key as a header that no log shows: `prefix` and the key (`Bearer `, or nothing).
///
/// # Errors
/// `Unauthorized` for a key that no header can hold.
pub fn secret_header(prefix: &str, secret: &SecretString, server: &Server) -> Result<HeaderValue> {
    let text = zeroize::Zeroizing::new(format!("{prefix}{}", secret.expose_secret()));
    let mut value = HeaderValue::from_str(&text).map_err(|_| ProviderError::Unauthorized {
        address: server.to_string(),
        cause: "the key has characters that no HTTP header can hold (a line break at its end?)".to_owned(),
    })?;
    value.set_sensitive(true);
    Ok(value)
}
