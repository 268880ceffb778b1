//! Questions to an identity provider: a document, a form.

use std::path::{Path, PathBuf};

use base64::prelude::{BASE64_STANDARD, Engine};
use reqwest::Method;
use reqwest::header::{AUTHORIZATION, HeaderMap};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use url::{Host, Url};
use zeroize::Zeroizing;

use crate::provider::transport::{Body, Dialect, Question, Refusal, Reply, Rest, Server, secret_header};
use crate::provider::{Address, ConnectSpec, ProviderError, ProviderKind, Result};
use crate::text::register_secret;

const DIALECT: Dialect = Dialect { expected: "OpenID Connect", message };

/// `error` and `error_description`, as OAuth 2.0 has them.
fn message(body: &Value) -> Option<String> {
    let text = |name: &str| body.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    match (text("error"), text("error_description")) {
        (Some(code), Some(more)) if code != more => Some(format!("{code}: {more}")),
        (code, more) => code.or(more).map(str::to_owned),
    }
}

/// A refusal of the identity provider is none of the database, and another key mends nothing.
fn of_the_provider(error: ProviderError) -> ProviderError {
    match error {
        ProviderError::Unauthorized { address, cause } => ProviderError::SignInRefused { address, cause },
        other => other,
    }
}

/// A client's name and secret as a header has them (RFC 6749, 2.3.1): each escaped as in a form, both in base64.
pub(super) fn basic(id: &str, secret: &SecretString) -> SecretString {
    let escaped = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let pair = Zeroizing::new(format!("{}:{}", escaped(id), *Zeroizing::new(escaped(secret.expose_secret()))));
    let text = SecretString::from(BASE64_STANDARD.encode(pair.as_bytes()));
    register_secret(text.expose_secret());
    text
}

/// A URL of the provider. It is asked under TLS, or on this machine: a secret may go there, and what it says of
/// other endpoints is its own word.
#[derive(Debug, Clone)]
pub(super) struct Endpoint {
    ca_file: Option<PathBuf>,
    url: Url,
    host: String,
    port: u16,
    query: Vec<(String, String)>,
}

/// What the provider says to a form.
pub(super) enum Said {
    Yes(Body),
    No(No),
}

/// A refusal in the provider's words.
pub(super) struct No {
    /// `invalid_grant`, `authorization_pending` and so on.
    pub code: String,
    refusal: Refusal,
}

impl No {
    /// The refusal as an error: what is shown is refused, or the question is wrong.
    pub(super) fn into_error(self, endpoint: &Endpoint) -> ProviderError {
        match self.code.as_str() {
            "invalid_request" | "unsupported_grant_type" | "" => self.refusal.error(),
            code => ProviderError::SignInRefused {
                address: endpoint.place(),
                cause: self.refusal.message.unwrap_or_else(|| code.to_owned()),
            },
        }
    }
}

impl Endpoint {
    /// # Errors
    /// `BadRequest` for what is no URL of a server.
    pub(super) fn parse(text: &str, ca_file: Option<&Path>) -> Result<Self> {
        let wrong = |why: &str| ProviderError::BadRequest {
            cause: format!("the address of the identity provider is not usable: {why}"),
            mend: "Check what the server says at /v1/.well-known/openid-configuration.".to_owned(),
        };
        let url = Url::parse(text).map_err(|error| wrong(&error.to_string()))?;
        if !matches!(url.scheme(), "https" | "http") {
            return Err(wrong("it begins with neither https:// nor http://"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(wrong("it has a user name or a password"));
        }
        let host = match url.host() {
            Some(Host::Domain(name)) => name.to_owned(),
            Some(Host::Ipv4(ip)) => ip.to_string(),
            Some(Host::Ipv6(ip)) => ip.to_string(),
            None => return Err(wrong("it has no host")),
        };
        let port = url.port_or_known_default().unwrap_or(443);
        let query = url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
        Ok(Self { ca_file: ca_file.map(Path::to_owned), url, host, port, query })
    }

    /// `host:port`.
    pub(super) fn place(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }

    pub(super) async fn get(&self, what: &str) -> Result<Body> {
        let path = self.path();
        let asked = self.rest(None, HeaderMap::new())?.ask(self.question(Method::GET, what, &path)).await;
        asked.map_err(of_the_provider)?.body()
    }

    /// Sends a form, with that client in a header if there is one; `secrets` are those that are shown, which no
    /// error may hold.
    pub(super) async fn post(
        &self,
        what: &str,
        form: &[(&str, &str)],
        secrets: &[&SecretString],
        client: Option<&SecretString>,
    ) -> Result<Said> {
        let path = self.path();
        let mut headers = HeaderMap::new();
        if let Some(client) = client {
            headers.insert(AUTHORIZATION, secret_header("Basic ", client, &self.server())?);
        }
        let encoded = Zeroizing::new(url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish());
        let question = self.question(Method::POST, what, &path);
        let question = question.bytes("application/x-www-form-urlencoded", encoded.as_bytes().to_vec());
        // Also a form without a secret is answered with one.
        let first = secrets.first().copied().cloned().unwrap_or_else(|| SecretString::from(String::new()));
        match self.rest(Some(first), headers)?.ask(question).await.map_err(of_the_provider)? {
            Reply::Ok(body) => Ok(Said::Yes(body)),
            Reply::Refused(mut refusal) => {
                for secret in secrets.iter().filter(|secret| !secret.expose_secret().is_empty()) {
                    refusal.message = refusal.message.map(|message| message.replace(secret.expose_secret(), "[key]"));
                }
                let code = refusal.body.get("error").and_then(Value::as_str).unwrap_or_default();
                // A word of the standard, or nothing that we repeat.
                let plain = code.len() <= 40 && code.chars().all(|c| c.is_ascii_lowercase() || c == '_');
                let code = if plain { code.to_owned() } else { String::new() };
                Ok(Said::No(No { code, refusal }))
            }
        }
    }

    fn server(&self) -> Server {
        Server::new(&self.host, self.port, self.url.scheme() == "https")
    }

    fn rest(&self, secret: Option<SecretString>, headers: HeaderMap) -> Result<Rest> {
        let server = self.server();
        if !server.tls && !server.is_loopback() {
            return Err(ProviderError::BadRequest {
                cause: format!(
                    "the identity provider at {server} would be asked without encryption, so that others could read \
                     what is shown to it, or answer in its place"
                ),
                mend: "Have the server name it by https://; plain http serves on this machine only.".to_owned(),
            });
        }
        let address = Address::Server { host: server.host, port: server.port, tls: server.tls };
        // The kind is not looked at: the address is a server's.
        let mut spec = ConnectSpec::new(ProviderKind::Weaviate, address);
        spec.secret = secret;
        spec.tls.ca_file.clone_from(&self.ca_file);
        Rest::new(&spec, &DIALECT, &[], headers)
    }

    fn path(&self) -> Vec<&str> {
        self.url.path_segments().map(|segments| segments.collect()).unwrap_or_default()
    }

    fn question<'a>(&'a self, method: Method, what: &'a str, path: &'a [&'a str]) -> Question<'a> {
        let question = Question::new(method, what, path);
        self.query.iter().fold(question, |question, (name, value)| question.with(name, value))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;

    fn refused(text: &str, secret: Option<SecretString>) -> String {
        Endpoint::parse(text, None).unwrap().rest(secret, HeaderMap::new()).err().unwrap().to_string()
    }

    /// A provider that answers the next question with that status and body.
    async fn answering(status: &str, body: &str) -> Endpoint {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let length = body.len();
        let answer =
            format!("HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}");
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let _ = stream.read(&mut [0_u8; 4096]).await;
            let _ = stream.write_all(answer.as_bytes()).await;
            let _ = stream.read(&mut [0_u8; 64]).await;
        });
        Endpoint::parse(&format!("http://127.0.0.1:{port}/token"), None).unwrap()
    }

    #[tokio::test]
    async fn a_refusal_is_the_providers_and_says_to_sign_in_again_whatever_its_status() {
        let body = r#"{"error": "invalid_client", "error_description": "no such client"}"#;
        for status in ["400 Bad Request", "401 Unauthorized"] {
            let endpoint = answering(status, body).await;
            let error = match endpoint.post("token", &[("client_id", "c")], &[], None).await {
                Ok(Said::No(no)) => no.into_error(&endpoint),
                Ok(Said::Yes(_)) => panic!("{status}: a token"),
                Err(error) => error,
            };
            assert!(matches!(&error, ProviderError::SignInRefused { address, .. } if *address == endpoint.place()));
            let text = error.to_string();
            assert!(text.contains("invalid_client: no such client") && text.contains("Sign in again"), "{text}");
            assert!(!text.contains("key"), "{text}");
        }
    }

    #[test]
    fn a_secret_goes_under_tls_or_stays_on_this_machine() {
        let secret = || Some(SecretString::from("canary-oidc"));
        for good in ["https://idp.example.com/token", "http://127.0.0.1:9/token"] {
            assert!(Endpoint::parse(good, None).unwrap().rest(secret(), HeaderMap::new()).is_ok(), "{good}");
        }
        let refused = refused("http://idp.example.com/token", secret());
        assert!(refused.contains("without encryption") && !refused.contains("canary"), "{refused}");
        for wrong in ["ftp://idp/token", "idp/token", "https://me:pw@idp/token", "file:///etc/passwd"] {
            assert!(Endpoint::parse(wrong, None).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_document_that_others_could_have_written_is_not_read() {
        let refused = refused("http://idp.example.com/.well-known/openid-configuration", None);
        assert!(refused.contains("answer in its place") && refused.contains("https://"), "{refused}");
    }

    #[test]
    fn name_and_secret_of_a_client_are_escaped_before_they_are_joined() {
        let header = basic("my app", &SecretString::from("a:b%c"));
        assert_eq!(BASE64_STANDARD.decode(header.expose_secret()).unwrap(), b"my+app:a%3Ab%25c");
    }
}
