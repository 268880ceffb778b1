//! The way to an Elasticsearch or OpenSearch: the shared REST client with their key and errors, and which
//! of the two it is.

use base64::prelude::{BASE64_STANDARD, Engine};
use reqwest::Method;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::provider::transport::{self, Dialect, Question, Refusal, Reply, Rest, Server};
use crate::provider::{ConnectSpec, ProviderError, ProviderKind, Result};

/// What is spoken, and the form of an error: `{"error": {"type", "reason", "root_cause": [..]}}`, or
/// `{"error": text}` and `{"message": text}` of what stands before the server.
static DIALECT: Dialect = Dialect {
    expected: "the REST interface of Elasticsearch or OpenSearch",
    message: |body| {
        let error = body.get("error");
        let cause = error.and_then(|error| error.get("root_cause")?.get(0));
        let reason = |of: Option<&Value>| of.and_then(|of| of.get("reason")?.as_str()).map(str::to_owned);
        reason(cause)
            .or_else(|| reason(error))
            .or_else(|| error.and_then(Value::as_str).map(str::to_owned))
            .or_else(|| body.get("message").and_then(Value::as_str).map(str::to_owned))
    },
};

/// Which product answers, and of which version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Product {
    /// Whether it is OpenSearch.
    pub(super) open: bool,
    /// Its version as it tells it.
    pub(super) version: String,
}

impl Product {
    /// Reads the answer of `GET /`; `None` if neither of the two wrote it.
    fn read(root: &Value) -> Option<Self> {
        let version = root.get("version")?;
        let number = version.get("number")?.as_str()?.to_owned();
        let open = version.get("distribution").and_then(Value::as_str) == Some("opensearch");
        let tagline = root.get("tagline").and_then(Value::as_str).unwrap_or_default();
        (open || tagline.contains("You Know, for Search")).then_some(Self { open, version: number })
    }

    /// Whether its version is at least that.
    pub(super) fn is_from(&self, major: u32, minor: u32) -> bool {
        let mut parts = self.version.split(['.', '-']).map(|part| part.parse::<u32>().unwrap_or(0));
        (parts.next().unwrap_or(0), parts.next().unwrap_or(0)) >= (major, minor)
    }

    /// The maker's name in errors.
    pub(super) fn name(&self) -> &'static str {
        if self.open { "OpenSearch" } else { super::PRODUCT }
    }
}

/// One server.
pub(super) struct Http(Rest);

impl Http {
    /// Prepares the client; nothing is sent yet.
    ///
    /// # Errors
    /// Those of `Rest::new`, or a key that no header can hold.
    pub(super) fn new(spec: &ConnectSpec) -> Result<Self> {
        let mut headers = HeaderMap::new();
        if let Some(secret) = &spec.secret {
            let user = spec.option("username");
            headers.insert(AUTHORIZATION, authorization(secret, user, &Server::of(spec)?)?);
        }
        Rest::new(spec, &DIALECT, &[], headers).map(Self)
    }

    /// Who answers; the first question.
    ///
    /// # Errors
    /// Those of the transport, `Unauthorized`, `WrongProtocol` with what answers instead.
    pub(super) async fn greet(&self) -> Result<Product> {
        let root = match self.ask("root", Method::GET, &[], &[], None).await {
            Err(error) if !transport::is_explained(&error) => {
                return Err(transport::wrong_protocol(ProviderKind::Elasticsearch, self.0.server(), error).await);
            }
            answer => answer?,
        };
        let foreign = || {
            let mend = "Choose the kind of database that lives there, or correct the port (9200 by default).";
            self.0.wrong_server("another HTTP server answers", mend)
        };
        Product::read(&root.map_err(|_| foreign())?).ok_or_else(foreign)
    }

    /// Asks; a 4xx is `Ok(Err(..))`, because the caller knows what was asked for.
    ///
    /// # Errors
    /// Those of `Rest::ask`, and `BadAnswer` for what is no JSON.
    pub(super) async fn ask(
        &self,
        what: &str,
        method: Method,
        path: &[&str],
        query: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Result<std::result::Result<Value, Refusal>> {
        self.read(what, method, path, query, body).await
    }

    /// As [`Self::ask`], the answer in a type of its own.
    ///
    /// # Errors
    /// As [`Self::ask`].
    pub(super) async fn read<T: DeserializeOwned>(
        &self,
        what: &str,
        method: Method,
        path: &[&str],
        query: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Result<std::result::Result<T, Refusal>> {
        let question =
            query.iter().fold(Question::new(method, what, path), |question, (name, value)| question.with(name, value));
        let question = match body {
            Some(body) => question.json(body)?,
            None => question,
        };
        self.send(question).await
    }

    /// Sends lines of JSON, as `_bulk` takes them.
    ///
    /// # Errors
    /// As [`Self::ask`].
    pub(super) async fn bulk(&self, path: &[&str], lines: Vec<u8>) -> Result<std::result::Result<Value, Refusal>> {
        let question = Question::new(Method::POST, "write", path).with("refresh", "true");
        self.send(question.bytes("application/x-ndjson", lines)).await
    }

    async fn send<T: DeserializeOwned>(&self, question: Question<'_>) -> Result<std::result::Result<T, Refusal>> {
        Ok(match self.0.ask(question).await? {
            Reply::Ok(body) => Ok(body.parse()?),
            Reply::Refused(refusal) => Err(refusal),
        })
    }

    /// The error for an answer that makes no sense.
    pub(super) fn bad_answer(&self, cause: impl Into<String>) -> ProviderError {
        self.0.bad_answer(cause)
    }

    /// The error for a failure inside the server.
    pub(super) fn failed(&self, cause: &str) -> ProviderError {
        ProviderError::Server { address: self.0.address(), cause: self.0.clean(cause) }
    }

    /// A text of the server, shortened and without the key.
    pub(super) fn clean(&self, text: &str) -> String {
        self.0.clean(text)
    }
}

/// `ApiKey …` or `Basic …`: a user, or a colon in the secret, means a password.
fn authorization(secret: &SecretString, user: Option<&str>, server: &Server) -> Result<HeaderValue> {
    let text = secret.expose_secret();
    let pair = match user {
        Some(user) => Some(zeroize::Zeroizing::new(format!("{user}:{text}"))),
        None if text.contains(':') => Some(zeroize::Zeroizing::new(text.to_owned())),
        None => None,
    };
    match pair {
        Some(pair) => {
            transport::secret_header("Basic ", &SecretString::from(BASE64_STANDARD.encode(pair.as_bytes())), server)
        }
        None => transport::secret_header("ApiKey ", secret, server),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    #[test]
    fn a_password_and_an_api_key_are_told_apart_and_hidden() {
        let server = Server::new("h", 9200, true);
        let header = |secret: &str, user| authorization(&SecretString::from(secret), user, &server).unwrap();
        assert_eq!(header("VnVhQ2ZHY0JDZGJrU==", None), "ApiKey VnVhQ2ZHY0JDZGJrU==");
        assert_eq!(header("elastic:changeme", None), "Basic ZWxhc3RpYzpjaGFuZ2VtZQ==");
        assert_eq!(header("changeme", Some("elastic")), "Basic ZWxhc3RpYzpjaGFuZ2VtZQ==");
        assert!(header("changeme", Some("elastic")).is_sensitive());
    }

    #[test]
    fn products_and_versions_are_told_apart() {
        let elastic = json!({ "version": { "number": "8.15.2" }, "tagline": "You Know, for Search" });
        let elastic = Product::read(&elastic).unwrap();
        assert!(!elastic.open && elastic.is_from(8, 4) && !elastic.is_from(9, 2) && !elastic.is_from(8, 16));
        let open = json!({ "version": { "number": "3.3.0-SNAPSHOT", "distribution": "opensearch" } });
        let open = Product::read(&open).unwrap();
        assert!(open.open && open.is_from(3, 3));
        assert_eq!(Product::read(&json!({ "version": { "number": "1" } })), None);
        assert_eq!(Product::read(&json!("Hello")), None);
    }
}
