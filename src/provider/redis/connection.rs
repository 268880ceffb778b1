//! The way to a Redis server: one connection that carries all questions, and what its failures mean.
//!
//! The transport is ours (`transport::open`), so that TLS, the own CA and the deadlines are those of
//! every maker; the crate `redis` speaks RESP2 on it. Dropping a question leaves the connection whole:
//! its answer is read and thrown away. A connection that broke stays broken; the connection task
//! connects anew.

use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Cmd, ErrorKind, Pipeline, RedisConnectionInfo, RedisError, ServerErrorKind, Value};
use secrecy::{ExposeSecret, SecretString};

use super::PRODUCT;
use super::bounded::Bounded;
use crate::provider::transport::{self, Server};
use crate::provider::{ConnectSpec, ProviderError, ProviderKind, Result};

/// The most bytes that may come in while nothing goes out.
const MOST_BYTES: u64 = 256 << 20;
/// The most characters of a server's message that go into an error.
const MOST_WORDS: usize = 300;

/// An open connection. Questions may be asked at the same time.
pub(super) struct Connection {
    link: MultiplexedConnection,
    server: Server,
    secret: Option<SecretString>,
    timeout: Duration,
}

impl Connection {
    /// Dials, and lets the server check user and password.
    ///
    /// # Errors
    /// Those of `transport::open`, a refused password, something else that answers there.
    pub(super) async fn open(spec: &ConnectSpec) -> Result<Self> {
        transport::check_credentials_are_private(spec)?;
        let server = Server::of(spec)?;
        let tls = if server.tls { Some(transport::tls_config(&spec.tls, &[]).await?) } else { None };
        let limit = spec.timeouts.connect;
        let stream = transport::open(&server, tls.as_ref(), limit).await?;
        let mut who = RedisConnectionInfo::default().set_lib_name("vector-inspector", env!("CARGO_PKG_VERSION"));
        if let Some(secret) = &spec.secret {
            who = who.set_password(secret.expose_secret());
            if let Some(user) = spec.option("username") {
                who = who.set_username(user);
            }
        }
        let config = AsyncConnectionConfig::new().set_response_timeout(Some(spec.timeouts.request));
        let shake = MultiplexedConnection::new_with_config(&who, Bounded::new(stream, MOST_BYTES), config);
        let dialled = tokio::time::timeout(limit, shake).await;
        let timeout = spec.timeouts.request;
        let failed = |error: RedisError| failure(&error, &server, timeout, spec.secret.as_ref());
        let (link, driver) = match dialled {
            Ok(Ok(made)) => made,
            Ok(Err(error)) => return Err(explain(failed(error), &server).await),
            Err(_) => {
                let late = ProviderError::TimedOut { what: server.to_string(), after: limit };
                return Err(late);
            }
        };
        // Ends by itself when the last question and this handle are gone.
        tokio::spawn(driver);
        Ok(Self { link, server, secret: spec.secret.clone(), timeout })
    }

    /// Asks one question.
    ///
    /// # Errors
    /// `Unauthorized`, `TimedOut`, `Interrupted`, `Unsupported` for a command that the server does not
    /// have, `Server` for any other no.
    pub(super) async fn ask(&self, command: &Cmd) -> Result<Value> {
        let answer = self.link.clone().send_packed_command(command).await;
        match answer.and_then(Value::extract_error) {
            Ok(value) => Ok(value),
            Err(error) => Err(failure(&error, &self.server, self.timeout, self.secret.as_ref())),
        }
    }

    /// Asks several questions in one go; the first no is the error.
    ///
    /// # Errors
    /// As [`Self::ask`].
    pub(super) async fn ask_all(&self, commands: Vec<Cmd>) -> Result<Vec<Value>> {
        let mut pipeline = Pipeline::with_capacity(commands.len());
        let count = commands.len();
        for command in commands {
            pipeline.add_command(command);
        }
        if count == 0 {
            return Ok(Vec::new());
        }
        let mut link = self.link.clone();
        let answers = link.send_packed_commands(&pipeline, 0, count).await;
        let answers = answers.and_then(|all| all.into_iter().map(Value::extract_error).collect());
        answers.map_err(|error| failure(&error, &self.server, self.timeout, self.secret.as_ref()))
    }

    /// As [`Self::ask`] while connecting: asks the port who it is where the error does not tell.
    ///
    /// # Errors
    /// As [`Self::ask`], and `WrongProtocol`.
    pub(super) async fn ask_first(&self, command: &Cmd) -> Result<Value> {
        match self.ask(command).await {
            Err(error) => Err(explain(error, &self.server).await),
            answer => answer,
        }
    }

    /// The error for an answer that makes no sense.
    pub(super) fn bad_answer(&self, cause: impl Into<String>) -> ProviderError {
        ProviderError::BadAnswer { address: self.server.to_string(), cause: cause.into() }
    }

    /// What the server may take for one query, in milliseconds: longer than we wait, because a query
    /// that runs out of its time gives a part of its result without a word.
    pub(super) fn query_limit(&self) -> u64 {
        u64::try_from(self.timeout.as_millis()).unwrap_or(u64::MAX).saturating_mul(2).clamp(1_000, 3_600_000)
    }
}

/// Names who is there if the error does not tell.
async fn explain(error: ProviderError, server: &Server) -> ProviderError {
    match error {
        // An answer of Redis itself.
        ProviderError::Server { .. } => error,
        error if transport::is_explained(&error) => error,
        error => transport::wrong_protocol(ProviderKind::Redis, server, error).await,
    }
}

/// What an error of the driver means.
fn failure(error: &RedisError, server: &Server, after: Duration, secret: Option<&SecretString>) -> ProviderError {
    let address = server.to_string();
    let said = clean(&words(error), secret);
    if error.is_timeout() {
        return ProviderError::TimedOut { what: address, after };
    }
    match error.kind() {
        ErrorKind::AuthenticationFailed => ProviderError::Unauthorized { address, cause: said },
        ErrorKind::Server(ServerErrorKind::NoPerm) => ProviderError::Unauthorized { address, cause: said },
        ErrorKind::Io => match transport::failure(error, server, after) {
            ProviderError::Interrupted { address, cause } => {
                ProviderError::Interrupted { address, cause: clean(&cause, secret) }
            }
            other => other,
        },
        ErrorKind::Parse | ErrorKind::UnexpectedReturnType => ProviderError::BadAnswer { address, cause: said },
        _ if matches!(error.code(), Some("NOAUTH" | "WRONGPASS" | "NOPERM")) => {
            ProviderError::Unauthorized { address, cause: said }
        }
        _ if said.to_ascii_lowercase().contains("unknown command") => ProviderError::Unsupported {
            product: PRODUCT,
            reason: format!(
                "the server does not know a command ({said}); Redis 8, Redis Stack or the modules \
                 RediSearch and RedisJSON have all that are needed"
            ),
        },
        _ => ProviderError::Server { address, cause: said },
    }
}

/// The server's own words.
fn words(error: &RedisError) -> String {
    match (error.code(), error.detail()) {
        (Some("ERR") | None, Some(detail)) => detail.to_owned(),
        (Some(code), Some(detail)) => format!("{code} {detail}"),
        _ => error.to_string(),
    }
}

/// A text of the server, shortened and without the password, should the server repeat it.
fn clean(text: &str, secret: Option<&SecretString>) -> String {
    let text = match secret.map(|secret| secret.expose_secret()) {
        Some(secret) if !secret.is_empty() => text.replace(secret, "[password]"),
        _ => text.to_owned(),
    };
    match text.char_indices().nth(MOST_WORDS) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}
