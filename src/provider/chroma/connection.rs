//! The way to a Chroma server: the shared REST client with Chroma's header, paths and errors. `mod`
//! asks through [`Http`]; nobody else knows that HTTP is spoken.

use reqwest::Method;
use reqwest::header::{HeaderMap, HeaderName};
use serde_json::Value;

use crate::provider::transport::{self, Dialect, Question, Rest, Server};
use crate::provider::{ConnectSpec, ProviderError, ProviderKind, Result};

pub(super) use crate::provider::transport::Body;

/// What this provider speaks, and Chroma's form of an error: `{"error": kind, "message": text}`, or
/// `{"detail": text}` of a proxy.
static DIALECT: Dialect = Dialect {
    expected: "Chroma's REST interface v2",
    message: |body| {
        ["message", "detail", "error"].iter().find_map(|key| body.get(key).and_then(Value::as_str)).map(str::to_owned)
    },
};

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

/// One Chroma server.
pub(super) struct Http(Rest);

impl Http {
    /// Prepares the client; nothing is sent yet.
    ///
    /// # Errors
    /// Those of [`Rest::new`], or a token that no header can hold.
    pub(super) fn new(spec: &ConnectSpec) -> Result<Self> {
        let mut headers = HeaderMap::new();
        if let Some(secret) = &spec.secret {
            let token = transport::secret_header("", secret, &Server::of(spec)?)?;
            headers.insert(HeaderName::from_static("x-chroma-token"), token);
        }
        Rest::new(spec, &DIALECT, &["api", "v2"], headers).map(Self)
    }

    /// `host:port`, for errors.
    pub(super) fn address(&self) -> String {
        self.0.address()
    }

    /// GET of a path below `/api/v2/`.
    pub(super) async fn get(&self, what: &str, path: &[&str], query: &[(&str, usize)]) -> Result<Reply> {
        let question = Question::new(Method::GET, what, path);
        self.ask(what, query.iter().fold(question, |question, (name, value)| question.with(name, value))).await
    }

    /// POST of JSON to a path below `/api/v2/`.
    pub(super) async fn post(&self, what: &str, path: &[&str], body: &(impl serde::Serialize + Sync)) -> Result<Reply> {
        self.ask(what, Question::new(Method::POST, what, path).json(body)?).await
    }

    /// DELETE of a path below `/api/v2/`.
    pub(super) async fn delete(&self, what: &str, path: &[&str]) -> Result<Reply> {
        self.ask(what, Question::new(Method::DELETE, what, path)).await
    }

    async fn ask(&self, what: &str, question: Question<'_>) -> Result<Reply> {
        let refusal = match self.0.ask(question).await? {
            transport::Reply::Ok(body) => return Ok(Reply::Ok(body)),
            transport::Reply::Refused(refusal) => refusal,
        };
        match (refusal.status, refusal.message) {
            // Chroma's own 404 has a message; an empty or foreign one means that the path is unknown.
            (404, Some(message)) => Ok(Reply::NotFound(message)),
            (404, None) => Err(self.0.bad_answer(format!("404 to the {what}, without a reason"))),
            (410, said) => Err(self.too_old(said.as_deref().unwrap_or("HTTP 410 Gone"))),
            (_, message) => Err(transport::Refusal { message, ..refusal }.error()),
        }
    }

    /// The error for a server that does not know our first path: a Chroma from before its interface v2, or any web
    /// server.
    pub(super) async fn without_v2(&self, said: &str) -> ProviderError {
        transport::wrong_protocol(ProviderKind::Chroma, self.0.server(), self.too_old(said)).await
    }

    fn too_old(&self, said: &str) -> ProviderError {
        let mend = "Update the Chroma server: v2 came with version 0.6.";
        self.0.wrong_server(format!("it has no interface v2 ({said})"), mend)
    }

    /// Asks the port who it is, if the error of a first request does not tell what is wrong.
    pub(super) async fn explain(&self, error: ProviderError) -> ProviderError {
        if transport::is_explained(&error) {
            return error;
        }
        transport::wrong_protocol(ProviderKind::Chroma, self.0.server(), error).await
    }
}
