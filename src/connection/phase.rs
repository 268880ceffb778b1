//! Where the link to the database stands, and the attempts (connect, ping) that may change it.
//! Each attempt is a spawned task with its own time limit, so that neither a hanging nor a
//! panicking provider touches the connection's loop. Dropping an attempt aborts it.

use std::any::Any;
use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinError;
use tokio::time::{Instant, timeout};
use tokio_util::task::AbortOnDropHandle;

use super::handle::Connector;
use super::registry::Shared;
use crate::provider::{Capabilities, Provider, ProviderError, Result, ServerInfo};

/// How long to wait for stopped work to let go of the database when a connection is closed.
pub(super) const PATIENCE: Duration = Duration::from_secs(1);

/// A connected database that has answered its first ping.
pub(super) struct Connected {
    pub provider: Arc<dyn Provider>,
    pub server: ServerInfo,
    pub capabilities: Capabilities,
    pub latency: Duration,
}

/// Something under way at the provider.
pub(super) struct Attempt<T>(AbortOnDropHandle<Result<T>>);

impl<T: Send + 'static> Attempt<T> {
    fn spawn(what: impl Future<Output = Result<T>> + Send + 'static) -> Self {
        Self(AbortOnDropHandle::new(tokio::spawn(what)))
    }

    /// Aborts it and waits until it has let go of what it holds, a little while at most.
    async fn end(self) {
        self.0.abort();
        let _too_long = timeout(PATIENCE, self.0).await;
    }

    async fn outcome(&mut self) -> Result<T> {
        match (&mut self.0).await {
            Ok(result) => result,
            Err(error) => Err(fault(error)),
        }
    }
}

/// Connects and asks for a sign of life. Waits for its turn among all connections first; that
/// wait is not part of the limit.
pub(super) fn connect(connector: &Arc<dyn Connector>, shared: &Shared, limit: Duration) -> Attempt<Connected> {
    let (connector, connects) = (Arc::clone(connector), Arc::clone(&shared.connects));
    Attempt::spawn(async move {
        let _turn = connects.acquire_owned().await.map_err(|_| ProviderError::NotConnected)?;
        let opening = async {
            let provider: Arc<dyn Provider> = Arc::from(connector.connect().await?);
            let asked_at = Instant::now();
            let server = provider.ping().await?;
            let latency = asked_at.elapsed();
            let capabilities = provider.capabilities().clone();
            Ok(Connected { provider, server, capabilities, latency })
        };
        within(limit, "the connection", opening).await
    })
}

/// Pings; gives the latency.
pub(super) fn ping(provider: &Arc<dyn Provider>, limit: Duration) -> Attempt<Duration> {
    let provider = Arc::clone(provider);
    Attempt::spawn(async move {
        let asked_at = Instant::now();
        within(limit, "ping", provider.ping()).await?;
        Ok(asked_at.elapsed())
    })
}

async fn within<T>(limit: Duration, what: &str, work: impl Future<Output = Result<T>>) -> Result<T> {
    timeout(limit, work).await.unwrap_or_else(|_| Err(ProviderError::TimedOut { what: what.to_owned(), after: limit }))
}

/// What became of a task of ours that did not end by itself.
pub(super) fn fault(error: JoinError) -> ProviderError {
    match error.try_into_panic() {
        Ok(panic) => ProviderError::Panicked { cause: panic_words(panic.as_ref()) },
        Err(_aborted) => ProviderError::Cancelled,
    }
}

/// The message of a panic.
pub(super) fn panic_words(panic: &(dyn Any + Send)) -> String {
    let words = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    words.unwrap_or("a panic without a message").to_owned()
}

/// Where the link stands.
pub(super) enum Phase {
    /// An attempt to connect is under way.
    Connecting(Attempt<Connected>),
    /// Connected. Either a ping is under way or the next one is due at `ping_at`.
    Up { provider: Arc<dyn Provider>, ping: Option<Attempt<Duration>>, ping_at: Instant },
    /// Not connected; the next attempt begins at that time.
    Waiting { until: Instant },
    /// Not connected; only the user can begin an attempt.
    Stuck,
}

/// What came out of an attempt.
pub(super) enum Outcome {
    Connected(Result<Connected>),
    Pinged(Result<Duration>),
}

impl Phase {
    /// The outcome of the attempt that is under way; waits for ever if there is none.
    pub(super) async fn outcome(&mut self) -> Outcome {
        match self {
            Self::Connecting(attempt) => Outcome::Connected(attempt.outcome().await),
            Self::Up { ping, .. } => match ping {
                Some(attempt) => {
                    let result = attempt.outcome().await;
                    *ping = None;
                    Outcome::Pinged(result)
                }
                None => pending().await,
            },
            Self::Waiting { .. } | Self::Stuck => pending().await,
        }
    }

    /// Ends the attempt that is under way, if any, and lets go of the database.
    pub(super) async fn end(self) {
        match self {
            Self::Connecting(attempt) => attempt.end().await,
            Self::Up { ping: Some(attempt), .. } => attempt.end().await,
            Self::Up { ping: None, .. } | Self::Waiting { .. } | Self::Stuck => {}
        }
    }

    /// When the phase wants to be looked at again without an outcome.
    pub(super) fn due(&self) -> Option<Instant> {
        match self {
            Self::Up { ping: None, ping_at, .. } => Some(*ping_at),
            Self::Waiting { until } => Some(*until),
            Self::Up { ping: Some(_), .. } | Self::Connecting(_) | Self::Stuck => None,
        }
    }

    /// The database, while it is connected.
    pub(super) fn provider(&self) -> Option<&Arc<dyn Provider>> {
        match self {
            Self::Up { provider, .. } => Some(provider),
            Self::Connecting(_) | Self::Waiting { .. } | Self::Stuck => None,
        }
    }
}
