//! The way to Pinecone: the shared REST client for the control plane, and for the host of each index,
//! which the control plane names. The key goes along, so a host outside of Pinecone's is refused.

use std::net::IpAddr;

use reqwest::Method;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

use crate::provider::transport::{self, Body, Dialect, Question, Refusal, Reply, Rest, Server};
use crate::provider::{ConnectSpec, ProviderError, ProviderKind, Result};

/// The version of the interface that is spoken; sent with every question.
pub(super) const VERSION: &str = "2025-10";

/// What this provider speaks, and Pinecone's forms of an error: `{"error": {"code", "message"}}` of the
/// control plane, `{"code", "message"}` of an index, or a bare text.
static DIALECT: Dialect = Dialect {
    expected: "Pinecone's REST interface",
    message: |body| {
        let inner = body.get("error").and_then(|error| error.get("message"));
        let message = inner.or_else(|| body.get("message")).unwrap_or(body);
        message.as_str().map(str::to_owned)
    },
};

/// A plane of Pinecone: the control plane, or one index.
#[derive(Clone)]
pub(super) struct Http(Rest);

impl Http {
    /// Prepares the client for the control plane; nothing is sent yet.
    ///
    /// # Errors
    /// Those of [`Rest::new`], or a key that no header can hold.
    pub(super) fn new(spec: &ConnectSpec) -> Result<Self> {
        let mut headers = HeaderMap::new();
        headers.insert(HeaderName::from_static("x-pinecone-api-version"), HeaderValue::from_static(VERSION));
        if let Some(secret) = &spec.secret {
            headers
                .insert(HeaderName::from_static("api-key"), transport::secret_header("", secret, &Server::of(spec)?)?);
        }
        Rest::new(spec, &DIALECT, &[], headers).map(Self)
    }

    /// The same for the host of an index.
    ///
    /// # Errors
    /// `BadAnswer` for a host to which the key must not go.
    pub(super) fn index(&self, host: &str) -> Result<Self> {
        let control = self.0.server();
        let server = server(host, control.tls)
            .filter(|server| is_near(control, server))
            .ok_or_else(|| self.bad_answer(format!("the key must not go to the host {host:?} that it names")))?;
        self.0.at(control.beside(server.host, server.port, server.tls)).map(Self)
    }

    /// GET. `what` is named in errors.
    pub(super) async fn get(&self, what: &str, path: &[&str], query: &[(&str, &str)]) -> Result<Answer> {
        let question = Question::new(Method::GET, what, path);
        self.ask(query.iter().fold(question, |question, (name, value)| question.with(name, value))).await
    }

    /// POST of JSON.
    pub(super) async fn post(&self, what: &str, path: &[&str], body: &(impl Serialize + Sync)) -> Result<Answer> {
        self.ask(Question::new(Method::POST, what, path).json(body)?).await
    }

    /// DELETE.
    pub(super) async fn delete(&self, what: &str, path: &[&str]) -> Result<Answer> {
        self.ask(Question::new(Method::DELETE, what, path)).await
    }

    async fn ask(&self, question: Question<'_>) -> Result<Answer> {
        match self.0.ask(question).await? {
            Reply::Ok(body) => Ok(Answer::Ok(body)),
            Reply::Refused(refusal) if refusal.status == 404 => Ok(Answer::NotFound(refusal)),
            Reply::Refused(refusal) => Err(refusal.error()),
        }
    }

    /// The error for an answer that cannot be understood.
    pub(super) fn bad_answer(&self, cause: impl Into<String>) -> ProviderError {
        self.0.bad_answer(cause)
    }

    /// `host:port`, for errors.
    pub(super) fn address(&self) -> String {
        self.0.address()
    }

    /// Asks the port who it is, if the error of a first request does not tell what is wrong.
    pub(super) async fn explain(&self, error: ProviderError) -> ProviderError {
        if transport::is_explained(&error) {
            return error;
        }
        transport::wrong_protocol(ProviderKind::Pinecone, self.0.server(), error).await
    }
}

/// An answer that is no failure of the connection or of the key.
pub(super) enum Answer {
    /// 2xx with its body.
    Ok(Body),
    /// 404.
    NotFound(Refusal),
}

impl Answer {
    /// The JSON, or the error of a 404.
    ///
    /// # Errors
    /// `missing`, or a body that is none.
    pub(super) fn or(self, missing: impl FnOnce() -> ProviderError) -> Result<Value> {
        match self {
            Self::Ok(body) if body.bytes.is_empty() => Ok(Value::Null),
            Self::Ok(body) => body.parse(),
            Self::NotFound(_) => Err(missing()),
        }
    }

    /// The answer in a type of its own, or what the 404 says.
    ///
    /// # Errors
    /// The refusal, or a body that is no such JSON.
    pub(super) fn read<T: DeserializeOwned>(self) -> Result<T> {
        match self {
            Self::Ok(body) => body.parse(),
            Self::NotFound(refusal) => Err(refusal.error()),
        }
    }

    /// The JSON, or what the 404 says.
    ///
    /// # Errors
    /// The refusal, or a body that is none.
    pub(super) fn value(self) -> Result<Value> {
        match self {
            Self::NotFound(refusal) => Err(refusal.error()),
            ok => ok.or(|| ProviderError::NotConnected),
        }
    }
}

/// `host`, `host:port` or a URL; `None` for anything else.
fn server(host: &str, tls: bool) -> Option<Server> {
    let with_scheme = match (host.contains("://"), tls) {
        (true, _) => host.to_owned(),
        (false, true) => format!("https://{host}"),
        (false, false) => format!("http://{host}"),
    };
    let url = Url::parse(&with_scheme).ok()?;
    let tls = match url.scheme() {
        "https" => true,
        "http" => false,
        _ => return None,
    };
    let name = url.host_str()?.trim_matches(['[', ']']).to_owned();
    Some(Server::new(name, url.port_or_known_default()?, tls))
}

/// Whether the key may go there: to the same domain under TLS, or from this machine to this machine.
fn is_near(control: &Server, index: &Server) -> bool {
    if control.is_loopback() {
        return index.is_loopback();
    }
    let is_address = control.host.parse::<IpAddr>().is_ok();
    // `api.pinecone.io` vouches for `*.pinecone.io`; a name of two labels for those below itself.
    let domain = match control.host.split_once('.') {
        Some((_, rest)) if rest.contains('.') && !is_address => rest,
        _ => control.host.as_str(),
    };
    let inside = index.host == domain || index.host.ends_with(&format!(".{domain}"));
    inside && (index.tls || !control.tls)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use super::*;

    #[test]
    fn the_key_goes_to_hosts_of_the_same_domain_only() {
        let near = |control: &str, tls, host: &str| {
            let control = Server::new(control, 443, tls);
            server(host, tls).is_some_and(|index| is_near(&control, &index))
        };
        assert!(near("api.pinecone.io", true, "a-1.svc.eu.pinecone.io"));
        assert!(near("api.pinecone.io", true, "https://a-1.svc.eu.pinecone.io"));
        for host in [
            "evil.io",
            "pinecone.io.evil.io",
            "xpinecone.io",
            "http://a.pinecone.io",
            "127.0.0.1",
            "ftp://a.pinecone.io",
            "",
        ] {
            assert!(!near("api.pinecone.io", true, host), "{host}");
        }
        assert!(near("localhost", false, "127.0.0.1:5081") && near("127.0.0.1", false, "http://localhost:5081"));
        assert!(!near("127.0.0.1", false, "db.example.com"));
        assert!(!near("10.0.0.7", false, "8.0.0.7") && near("10.0.0.7", false, "10.0.0.7:5081"));
    }
}
