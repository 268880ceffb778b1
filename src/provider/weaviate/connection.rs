//! The way to a Weaviate server: the shared REST client with Weaviate's header and errors. `mod`
//! asks through [`Http`].

use reqwest::Method;
use reqwest::header::{AUTHORIZATION, HeaderMap};
use serde::Serialize;
use serde_json::{Value, json};

use super::graphql;
use crate::provider::transport::{self, Body, Dialect, Question, Reply, Rest, Server};
use crate::provider::{ConnectSpec, ProviderError, ProviderKind, Result};

/// What this provider speaks, and Weaviate's forms of an error: `{"error": [{"message": text}]}`, and
/// `{"code": n, "message": text}` of what stands before it.
static DIALECT: Dialect = Dialect {
    expected: "Weaviate's REST interface",
    message: |body| {
        let list = body.get("error").and_then(Value::as_array);
        let all = list.map(|errors| errors.iter().filter_map(message).collect::<Vec<_>>().join("; "));
        all.filter(|text| !text.is_empty()).or_else(|| message(body).map(str::to_owned))
    },
};

fn message(value: &Value) -> Option<&str> {
    value.get("message").and_then(Value::as_str)
}

/// How often a class that GraphQL does not know yet is asked for again: its schema follows the
/// creation of a class a moment later.
const GRAPHQL_TRIES: usize = 40;
const GRAPHQL_PAUSE: std::time::Duration = std::time::Duration::from_millis(50);

/// One Weaviate server.
pub(super) struct Http(Rest);

impl Http {
    /// Prepares the client; nothing is sent yet.
    ///
    /// # Errors
    /// Those of [`Rest::new`], or a key that no header can hold.
    pub(super) fn new(spec: &ConnectSpec) -> Result<Self> {
        let mut headers = HeaderMap::new();
        if let Some(secret) = &spec.secret {
            headers.insert(AUTHORIZATION, transport::secret_header("Bearer ", secret, &Server::of(spec)?)?);
        }
        Rest::new(spec, &DIALECT, &["v1"], headers).map(Self)
    }

    /// Whether a Weaviate server answers and lets us in; its version.
    pub(super) async fn version(&self) -> Result<String> {
        let body = match self.0.ask(Question::new(Method::GET, "version", &["meta"])).await? {
            Reply::Ok(body) => body,
            Reply::Refused(refusal) if refusal.status == 404 => {
                return Err(self.0.wrong_server("it has no /v1/meta", "Correct host and port."));
            }
            Reply::Refused(refusal) => return Err(refusal.error()),
        };
        let meta: Value = body.parse()?;
        // Others have a version, too; only Weaviate tells of its modules or its own name.
        let ours = meta.get("modules").is_some() || meta.get("hostname").is_some();
        match meta.get("version").and_then(Value::as_str) {
            Some(version) if ours => Ok(version.to_owned()),
            _ => Err(self.0.wrong_server("its /v1/meta is not Weaviate's", "Correct host and port.")),
        }
    }

    /// GET, `None` for 404. `what` is named in errors.
    pub(super) async fn get(&self, what: &str, path: &[&str], query: &[(&str, &str)]) -> Result<Option<Body>> {
        let question = Question::new(Method::GET, what, path);
        self.ask(query.iter().fold(question, |question, (name, value)| question.with(name, value))).await
    }

    /// POST of JSON, `None` for 404.
    pub(super) async fn post(&self, what: &str, path: &[&str], body: &(impl Serialize + Sync)) -> Result<Option<Body>> {
        self.ask(Question::new(Method::POST, what, path).json(body)?).await
    }

    /// DELETE, with a body where the interface wants one.
    pub(super) async fn delete(
        &self,
        what: &str,
        path: &[&str],
        tenant: Option<&str>,
        body: Option<&Value>,
    ) -> Result<Option<Body>> {
        let mut question = Question::new(Method::DELETE, what, path);
        if let Some(tenant) = tenant {
            question = question.with("tenant", tenant);
        }
        if let Some(body) = body {
            question = question.json(body)?;
        }
        self.ask(question).await
    }

    async fn ask(&self, question: Question<'_>) -> Result<Option<Body>> {
        match self.0.ask(question).await? {
            Reply::Ok(body) => Ok(Some(body)),
            Reply::Refused(refusal) if refusal.status == 404 => Ok(None),
            Reply::Refused(refusal) => Err(refusal.error()),
        }
    }

    /// The data of a GraphQL query. `known` is a class that is known to exist.
    pub(super) async fn graphql(&self, what: &str, known: &str, query: &str) -> Result<Value> {
        for turn in 1.. {
            let body = self.post(what, &["graphql"], &json!({ "query": query })).await?;
            let body = body.ok_or_else(|| self.bad_answer(format!("404 to the {what}")))?;
            let Some(said) = graphql::error(&body.parse()?) else {
                return Ok(body.parse::<Value>()?.get_mut("data").map(Value::take).unwrap_or_default());
            };
            if said.contains(&format!("Cannot query field \"{known}\"")) && turn < GRAPHQL_TRIES {
                tokio::time::sleep(GRAPHQL_PAUSE).await;
                continue;
            }
            return Err(self.refused(what, &said));
        }
        Err(self.bad_answer("no end of tries"))
    }

    /// The error for a no in an answer whose status was yes.
    pub(super) fn refused(&self, what: &str, said: &str) -> ProviderError {
        let said = self.0.clean(said);
        if said.contains("forbidden") {
            return ProviderError::Unauthorized { address: self.0.address(), cause: said };
        }
        ProviderError::BadRequest {
            cause: format!("the server refused the {what}: {said}"),
            mend: "Correct what it names.".to_owned(),
        }
    }

    /// `host:port`, for errors.
    pub(super) fn address(&self) -> String {
        self.0.address()
    }

    /// The error for an answer that cannot be understood.
    pub(super) fn bad_answer(&self, cause: impl Into<String>) -> ProviderError {
        self.0.bad_answer(cause)
    }

    /// Asks the port who it is, if the error of a first request does not tell what is wrong.
    pub(super) async fn explain(&self, error: ProviderError) -> ProviderError {
        if transport::is_explained(&error) {
            return error;
        }
        transport::wrong_protocol(ProviderKind::Weaviate, self.0.server(), error).await
    }
}
