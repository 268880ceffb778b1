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

use super::handle::{Connector, Prepared, SecretUse, Settings, connect_limit};
use super::message::LeadsTo;
use super::registry::Shared;
use super::turns::Turns;
use crate::provider::{Address, Capabilities, ErrorKind, Gate, Provider, ProviderError, Result, ServerInfo};

/// How long to wait for stopped work to let go of the database when a connection is closed.
pub(super) const PATIENCE: Duration = Duration::from_secs(1);

/// A connected database that has answered its first ping.
pub(super) struct Connected {
    pub provider: Arc<dyn Provider>,
    pub server: ServerInfo,
    pub capabilities: Capabilities,
    pub latency: Duration,
    pub limits: Limits,
}

/// What the attempt knew that a connection came from.
#[derive(Clone)]
pub(super) struct Limits {
    /// Deadline of a question that brings none.
    pub request: Duration,
    /// Where it leads, if the attempt said so.
    pub address: Option<Address>,
    /// The same with all that tells one database from another.
    pub leads_to: Option<LeadsTo>,
    /// Whether another secret may be had by fetching it again.
    pub renewable: bool,
    /// When the secret ends, if it does.
    pub secret_ends: Option<Instant>,
    /// What the database stands behind.
    pub gate: Gate,
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

/// Connects and asks for a sign of life. Waits for its turn among all connections before it touches the
/// network; that wait is not part of the limit. A secret that was kept and is refused now is fetched
/// once anew.
pub(super) fn connect(
    connector: &Arc<dyn Connector>,
    shared: &Shared,
    settings: Settings,
    secret: SecretUse,
) -> Attempt<Connected> {
    let (connector, turns) = (Arc::clone(connector), Arc::clone(&shared.turns));
    Attempt::spawn(async move {
        let prepare = |secret| within(settings.prepare, "the profile's secret", connector.prepare(secret));
        let prepared = prepare(secret).await?;
        let kept = prepared.secret.kept;
        match open(prepared, &turns, settings).await {
            Err(error) if kept && error.kind() == ErrorKind::Authentication => {
                open(prepare(SecretUse::Fresh).await?, &turns, settings).await
            }
            result => result,
        }
    })
}

async fn open(prepared: Prepared, turns: &Turns, settings: Settings) -> Result<Connected> {
    let Prepared { open, timeouts, address, leads_to, secret, gate } = prepared;
    let limits = Limits {
        request: timeouts.map_or(settings.request, |timeouts| timeouts.request),
        address,
        leads_to,
        renewable: secret.renewable,
        secret_ends: secret.left.map(|left| Instant::now() + left),
        gate,
    };
    let limit = timeouts.map_or(settings.connect, connect_limit);
    let _turn = turns.turn().await.ok_or(ProviderError::NotConnected)?;
    let opening = async {
        let provider: Arc<dyn Provider> = Arc::from(open.await?);
        let asked_at = Instant::now();
        let server = provider.ping().await?;
        let latency = asked_at.elapsed();
        let capabilities = provider.capabilities().clone();
        Ok(Connected { provider, server, capabilities, latency, limits })
    };
    within(limit, "the connection", opening).await
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
    /// Connected.
    Up(Box<Up>),
    /// Not connected; the next attempt begins at that time.
    Waiting { until: Instant },
    /// Not connected; only the user can begin an attempt.
    Stuck,
}

/// A link that is up.
pub(super) struct Up {
    pub provider: Arc<dyn Provider>,
    pub limits: Limits,
    /// The ping that is under way, if any.
    pub ping: Option<Attempt<Duration>>,
    /// When the next ping is due, while none is under way.
    pub ping_at: Instant,
    /// The attempt to connect with a fresh secret that is under way, while this link still serves.
    pub renewal: Option<Attempt<Connected>>,
    /// When such an attempt is due.
    pub renew_at: Option<Instant>,
}

/// What came out of an attempt.
pub(super) enum Outcome {
    Connected(Result<Connected>),
    Pinged(Result<Duration>),
    Renewed(Result<Connected>),
}

impl Up {
    async fn outcome(&mut self) -> Outcome {
        tokio::select! {
            result = under_way(&mut self.ping) => {
                self.ping = None;
                Outcome::Pinged(result)
            }
            result = under_way(&mut self.renewal) => {
                self.renewal = None;
                Outcome::Renewed(result)
            }
        }
    }

    /// When it wants to be looked at again without an outcome.
    fn due(&self) -> Option<Instant> {
        let ping = self.ping.is_none().then_some(self.ping_at);
        let renewal = self.renew_at.filter(|_| self.renewal.is_none());
        [ping, renewal].into_iter().flatten().min()
    }
}

/// The outcome of an attempt; waits for ever if there is none.
async fn under_way<T: Send + 'static>(attempt: &mut Option<Attempt<T>>) -> Result<T> {
    match attempt {
        Some(attempt) => attempt.outcome().await,
        None => pending().await,
    }
}

impl Phase {
    /// The outcome of the attempt that is under way; waits for ever if there is none.
    pub(super) async fn outcome(&mut self) -> Outcome {
        match self {
            Self::Connecting(attempt) => Outcome::Connected(attempt.outcome().await),
            Self::Up(up) => up.outcome().await,
            Self::Waiting { .. } | Self::Stuck => pending().await,
        }
    }

    /// Ends the attempts that are under way, if any, and lets go of the database.
    pub(super) async fn end(self) {
        match self {
            Self::Connecting(attempt) => attempt.end().await,
            Self::Up(up) => {
                let Up { ping, renewal, .. } = *up;
                if let Some(ping) = ping {
                    ping.end().await;
                }
                if let Some(renewal) = renewal {
                    renewal.end().await;
                }
            }
            Self::Waiting { .. } | Self::Stuck => {}
        }
    }

    /// When the phase wants to be looked at again without an outcome.
    pub(super) fn due(&self) -> Option<Instant> {
        match self {
            Self::Up(up) => up.due(),
            Self::Waiting { until } => Some(*until),
            Self::Connecting(_) | Self::Stuck => None,
        }
    }

    /// The database, while it is connected.
    pub(super) fn provider(&self) -> Option<&Arc<dyn Provider>> {
        match self {
            Self::Up(up) => Some(&up.provider),
            Self::Connecting(_) | Self::Waiting { .. } | Self::Stuck => None,
        }
    }
}
