//! The cheap side of a connection: what `runtime` and `cli` keep of a task.
//!
//! A handle never waits. Questions and control messages go through two bounded inboxes, so that a
//! full inbox of questions cannot hold up a cancel; closing is a flag and always gets through.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures::future::BoxFuture;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::lent::{Lent, Link, Links};
use super::message::{
    Command, ConnectionEvent, ConnectionEventKind, ConnectionId, Epoch, LeadsTo, Question, RequestId,
};
use super::pace::Pace;
use crate::provider::{self, Address, Gate, Lock, Provider, ProviderError, Timeouts};

/// How many questions, and how many control messages, may wait in an inbox.
pub const INBOX: usize = 32;

/// Which secret an attempt to connect may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretUse {
    /// One that was fetched for an earlier attempt, as long as its lifetime lasts.
    Kept,
    /// Only one that is fetched now: the server refused the last one, or its lifetime ends.
    Fresh,
}

/// An attempt that can begin: the profile is read and its secret is had.
pub struct Prepared {
    /// Opens the database.
    pub open: BoxFuture<'static, provider::Result<Box<dyn Provider>>>,
    /// Limits of the profile as it is now; `None` for those of the connection's [`Settings`].
    pub timeouts: Option<Timeouts>,
    /// Where it leads, to notice that a profile was given another address meanwhile.
    pub address: Option<Address>,
    /// The same with all that tells one database from another, for whoever follows a profile.
    pub leads_to: Option<LeadsTo>,
    /// What is known of the secret's life.
    pub secret: SecretLife,
    /// The gate that `open` puts the database behind: the same one at every attempt that leads to the same database.
    /// What leads elsewhere has one of its own, so that its lock opens nothing that still serves.
    pub gate: Gate,
}

/// What is known of the life of a secret.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SecretLife {
    /// It may be another one when it is fetched again: a file or a command gives it.
    pub renewable: bool,
    /// It was fetched for an earlier attempt.
    pub kept: bool,
    /// How long it is still good, if its profile says so.
    pub left: Option<Duration>,
}

impl Prepared {
    /// An attempt that nothing is known of but how to make it.
    pub fn new(open: BoxFuture<'static, provider::Result<Box<dyn Provider>>>) -> Self {
        let (secret, gate) = (SecretLife::default(), Gate::default());
        Self { open, timeouts: None, address: None, leads_to: None, secret, gate }
    }
}

/// Longest time to make an attempt ready: longer than the 30 s that `profile::secret` gives a command,
/// so that its own error is heard.
const PREPARE: Duration = Duration::from_secs(40);

/// Opens the database of one connection, again for each attempt. Any
/// `Fn() -> impl Future<Output = provider::Result<Box<dyn Provider>>>` is one.
pub trait Connector: Send + Sync + 'static {
    /// Makes one attempt ready, without touching the network: reads the profile, has the secret.
    fn prepare(&self, secret: SecretUse) -> BoxFuture<'static, provider::Result<Prepared>>;
}

impl<F, Fut> Connector for F
where
    F: Fn() -> Fut + Send + Sync + 'static,
    Fut: Future<Output = provider::Result<Box<dyn Provider>>> + Send + 'static,
{
    fn prepare(&self, _secret: SecretUse) -> BoxFuture<'static, provider::Result<Prepared>> {
        let open = self();
        Box::pin(async { Ok(Prepared::new(Box::pin(open))) })
    }
}

/// What may differ between connections.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// Longest time to make an attempt ready: a command may have to fetch the secret.
    pub prepare: Duration,
    /// Longest time to connect, the first ping included. The provider's own connect timeout, which is
    /// shorter, gives the better error. An attempt may bring its own: [`Prepared::timeouts`].
    pub connect: Duration,
    /// Deadline of a question that brings none, until an attempt brings its own.
    pub request: Duration,
    /// How many questions are put to the provider at the same time; more wait for their turn.
    pub concurrency: usize,
    /// How often it is looked at, and how long it waits between attempts.
    pub pace: Pace,
    /// It begins as a paused one does: nothing is made ready or dialled before it is told to.
    pub paused: bool,
    /// Seed of the jitter; `None` outside of tests.
    pub seed: Option<u64>,
}

impl From<Timeouts> for Settings {
    fn from(timeouts: Timeouts) -> Self {
        Self {
            prepare: PREPARE,
            connect: connect_limit(timeouts),
            request: timeouts.request,
            concurrency: 16,
            pace: Pace::default(),
            paused: false,
            seed: None,
        }
    }
}

/// Longest time of an attempt with these limits: some seconds more than the provider's own connect
/// timeout, for the first ping.
pub(super) fn connect_limit(timeouts: Timeouts) -> Duration {
    timeouts.connect + Duration::from_secs(10)
}

impl Default for Settings {
    fn default() -> Self {
        Timeouts::default().into()
    }
}

/// A command that was not taken; nothing of it will happen.
#[derive(Debug, Clone, PartialEq)]
pub struct Refused {
    /// The command, given back.
    pub command: Command,
    /// [`ProviderError::Busy`] if the inbox is full, [`ProviderError::NotConnected`] if the task has ended.
    pub error: ProviderError,
    connection: ConnectionId,
    epoch: Epoch,
}

impl Refused {
    pub(super) fn unknown(connection: ConnectionId, command: Command) -> Self {
        Self { command, error: ProviderError::NotConnected, connection, epoch: Epoch(0) }
    }

    /// The refusal of a question as its answer, for a loop that wants one path for all answers;
    /// `None` for other commands.
    pub fn into_event(self) -> Option<ConnectionEvent> {
        match self.command {
            Command::Ask { id, .. } => Some(ConnectionEvent {
                connection: self.connection,
                epoch: self.epoch,
                kind: ConnectionEventKind::Answer { id, result: Err(self.error), took: Duration::ZERO },
            }),
            Command::Cancel(_)
            | Command::CheckNow
            | Command::Pause
            | Command::Watch(_)
            | Command::OpenWindow(_)
            | Command::CloseWindow
            | Command::SetLock(_)
            | Command::Close => None,
        }
    }
}

/// A question on its way, with the time at which it was asked.
#[derive(Debug)]
pub(super) struct Ask {
    pub id: RequestId,
    pub question: Question,
    pub deadline: Option<Duration>,
    pub asked_at: Instant,
}

/// A message that must not wait behind questions.
#[derive(Debug)]
pub(super) enum Control {
    Cancel(RequestId),
    CheckNow,
    Pause,
    Watch(bool),
    OpenWindow(Duration),
    CloseWindow,
    SetLock(Option<Lock>),
}

/// The task's ends of what a handle writes to.
pub(super) struct Inboxes {
    pub asks: Receiver<Ask>,
    pub control: Receiver<Control>,
    pub close: CancellationToken,
    pub epoch: Arc<AtomicU64>,
    pub link: watch::Sender<Option<Link>>,
}

/// The way to one connection's task. Dropping the last clone ends the task without a word.
#[derive(Clone)]
pub struct ConnectionHandle {
    connection: ConnectionId,
    asks: Sender<Ask>,
    control: Sender<Control>,
    close: CancellationToken,
    epoch: Arc<AtomicU64>,
    links: Links,
}

impl ConnectionHandle {
    pub(super) fn new(connection: ConnectionId) -> (Self, Inboxes) {
        let (asks, asks_out) = mpsc::channel(INBOX);
        let (control, control_out) = mpsc::channel(INBOX);
        let close = CancellationToken::new();
        let epoch = Arc::new(AtomicU64::new(0));
        let (link, links) = watch::channel(None);
        let (close_out, epoch_out) = (close.clone(), Arc::clone(&epoch));
        let inboxes = Inboxes { asks: asks_out, control: control_out, close: close_out, epoch: epoch_out, link };
        (Self { connection, asks, control, close, epoch, links }, inboxes)
    }

    /// Which connection this is.
    pub fn connection(&self) -> ConnectionId {
        self.connection
    }

    /// The current life of the connection, 0 before the first connect.
    pub fn epoch(&self) -> Epoch {
        Epoch(self.epoch.load(Ordering::Acquire))
    }

    /// The database, for a job that asks it for itself; behind the same gate.
    ///
    /// # Errors
    /// [`ProviderError::NotConnected`] while it is not connected.
    pub fn lend(&self) -> provider::Result<Lent> {
        Lent::new(self.links.clone())
    }

    /// Gives the task a command, without waiting.
    ///
    /// # Errors
    /// Gives the command back if the inbox is full or the task has ended. `Close` is never refused.
    pub fn try_send(&self, command: Command) -> Result<(), Box<Refused>> {
        match command {
            Command::Ask { id, question, deadline } => {
                let ask = Ask { id, question, deadline, asked_at: Instant::now() };
                self.asks.try_send(ask).map_err(|refusal| {
                    self.refused(refusal, |ask| Command::Ask {
                        id: ask.id,
                        question: ask.question,
                        deadline: ask.deadline,
                    })
                })
            }
            Command::Cancel(id) => self.try_control(Control::Cancel(id)),
            Command::CheckNow => self.try_control(Control::CheckNow),
            Command::Pause => self.try_control(Control::Pause),
            Command::Watch(on) => self.try_control(Control::Watch(on)),
            Command::OpenWindow(length) => self.try_control(Control::OpenWindow(length)),
            Command::CloseWindow => self.try_control(Control::CloseWindow),
            Command::SetLock(lock) => self.try_control(Control::SetLock(lock)),
            Command::Close => {
                self.close.cancel();
                Ok(())
            }
        }
    }

    fn try_control(&self, control: Control) -> Result<(), Box<Refused>> {
        self.control.try_send(control).map_err(|refusal| {
            self.refused(refusal, |control| match control {
                Control::Cancel(id) => Command::Cancel(id),
                Control::CheckNow => Command::CheckNow,
                Control::Pause => Command::Pause,
                Control::Watch(on) => Command::Watch(on),
                Control::OpenWindow(length) => Command::OpenWindow(length),
                Control::CloseWindow => Command::CloseWindow,
                Control::SetLock(lock) => Command::SetLock(lock),
            })
        })
    }

    fn refused<T>(&self, refusal: TrySendError<T>, back: impl FnOnce(T) -> Command) -> Box<Refused> {
        let (command, error) = match refusal {
            TrySendError::Full(message) => (back(message), ProviderError::Busy),
            TrySendError::Closed(message) => (back(message), ProviderError::NotConnected),
        };
        Box::new(Refused { command, error, connection: self.connection, epoch: self.epoch() })
    }
}

impl fmt::Debug for ConnectionHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnectionHandle").field("connection", &self.connection).finish_non_exhaustive()
    }
}
