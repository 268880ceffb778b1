//! Carries out what the reducer wants done. Nothing here waits: what takes time is given to a task,
//! whose result comes back as an event.

use std::path::Path;
use std::sync::Arc;

use tokio::sync::mpsc::Sender;
use tokio::sync::mpsc::error::TrySendError;
use tokio::task::spawn_blocking;

use super::examining::examine;
use super::jobs::Jobs;
use super::opening::{Opener, open_request};
use super::sign_in::SignIns;
use crate::app::effect::{Effect, OpenRequest, StoreRequest};
use crate::app::event::{Event, Notice, Unopened};
use crate::app::job::JobEvent;
use crate::connection::registry::Registry;
use crate::profile::target::{self, TargetError};
use crate::provider::{Gate, make_embedded};
use tokio_util::task::AbortOnDropHandle;

/// What effects are carried out with.
pub struct Executor {
    /// The handles of all connections.
    pub registry: Registry,
    /// How connections are opened.
    pub opener: Opener,
    /// Long work.
    pub jobs: Jobs,
    /// The store's inbox.
    pub store: Sender<StoreRequest>,
    /// The sign-in that is under way; the store's task saves from it.
    pub sign_ins: SignIns,
    /// Where results go that come later.
    pub events: Sender<Event>,
    /// The examination that runs or has ended last; a new one ends it.
    pub examination: Option<AbortOnDropHandle<()>>,
}

/// What only the loop itself can do, because it holds the terminal.
#[derive(Debug)]
pub enum ForTheLoop {
    /// Write a sequence that copies this text.
    Copy {
        /// The text.
        text: String,
        /// What it is.
        what: &'static str,
    },
    /// Show this text in an editor.
    Edit {
        /// The text.
        text: String,
        /// Ending of the file's name.
        extension: &'static str,
    },
    /// Stop as ctrl-z does.
    Suspend,
    /// Draw every cell anew.
    Redraw,
    /// End.
    Quit,
}

impl Executor {
    /// Carries out one effect. Returns what the loop must do itself, and an event that is known at
    /// once.
    pub fn execute(&mut self, effect: Effect) -> (Option<ForTheLoop>, Option<Event>) {
        match effect {
            Effect::Open { connection, source, paused } => {
                self.opener.open(&mut self.registry, connection, source, paused);
                (None, None)
            }
            Effect::Send { connection, command } => {
                let refused = self.registry.send(connection, command).err();
                (None, refused.and_then(|refused| refused.into_event()).map(|event| Event::Connection(Box::new(event))))
            }
            Effect::Examine { ticket, connection, source } => {
                let run = examine(self.opener.clone(), ticket, connection, source, self.events.clone());
                self.examination = Some(AbortOnDropHandle::new(tokio::spawn(run)));
                (None, None)
            }
            Effect::FollowLocks(connections) => {
                self.opener.locks.follow(&connections, &self.registry, self.opener.rules);
                (None, None)
            }
            Effect::GiveKey { connection, key } => {
                self.opener.secrets.give(connection, key);
                (None, None)
            }
            Effect::SignIn { ticket, cloud, answers } => {
                let vault = Arc::clone(&self.opener.vault);
                self.sign_ins.find(ticket, cloud, answers, vault, self.events.clone());
                (None, None)
            }
            Effect::EndSignIn => {
                self.sign_ins.end();
                (None, None)
            }
            Effect::StopSaving => {
                self.sign_ins.stop_saving();
                (None, None)
            }
            Effect::ResolveTarget(text) => {
                self.resolve(text);
                (None, None)
            }
            Effect::MakeDatabase(directory) => {
                self.make(directory);
                (None, None)
            }
            Effect::Store(request) => (None, self.ask_store(request)),
            Effect::StartJob { id, request } => (None, self.jobs.start(&self.registry, id, *request)),
            Effect::PauseJob { id, paused } => {
                self.jobs.pause(id, paused);
                (None, None)
            }
            Effect::LimitJob { id, rate } => {
                self.jobs.limit(id, rate);
                (None, None)
            }
            Effect::CancelJob(id) => {
                self.jobs.cancel(id);
                (None, None)
            }
            Effect::ListCopies => {
                self.jobs.list_copies();
                (None, None)
            }
            Effect::FindEnds { copy, from, to } => {
                let (events, opener) = (self.events.clone(), self.opener.clone());
                tokio::spawn(async move {
                    let end = async |word| request_of(word, &opener).await.map_err(|unopened| unopened.why);
                    let (from, to) = (end(from).await, end(to).await);
                    let _ = events.send(Event::Job(JobEvent::Ends { copy, from, to })).await;
                });
                (None, None)
            }
            Effect::Copy { text, what } => (Some(ForTheLoop::Copy { text, what }), None),
            Effect::Edit { text, extension } => (Some(ForTheLoop::Edit { text, extension }), None),
            Effect::Suspend => (Some(ForTheLoop::Suspend), None),
            Effect::Redraw => (Some(ForTheLoop::Redraw), None),
            Effect::Quit => (Some(ForTheLoop::Quit), None),
        }
    }

    fn ask_store(&self, request: StoreRequest) -> Option<Event> {
        let refused = self.store.try_send(request).err()?;
        let why = match refused {
            TrySendError::Full(_) => {
                "the store of profiles is busy with earlier requests. Wait for them, then try again."
            }
            TrySendError::Closed(_) => "the store of profiles is closed: the program is ending.",
        };
        Some(Event::Notice(Notice::error(why)))
    }

    /// Reads a typed word; looking at directories is done on a blocking thread.
    fn resolve(&self, text: String) {
        let (events, opener) = (self.events.clone(), self.opener.clone());
        tokio::spawn(async move {
            let result = request_of(text.clone(), &opener).await;
            let _ = events.send(Event::TargetResolved { text, result }).await;
        });
    }

    fn make(&self, directory: String) {
        let (events, opener) = (self.events.clone(), self.opener.clone());
        tokio::spawn(async move {
            let gate = Gate::new(opener.rules.lock_of_ad_hoc());
            let made = make_embedded(Path::new(&directory), &gate).await;
            let result = match made {
                Ok(()) => request_of(directory.clone(), &opener).await,
                Err(error) => Err(because(error.to_string())),
            };
            let _ = events.send(Event::TargetResolved { text: directory, result }).await;
        });
    }
}

/// What opens the database that a word means, or why nothing does.
async fn request_of(word: String, opener: &Opener) -> Result<Box<OpenRequest>, Unopened> {
    let (rules, known) = (opener.rules, opener.locks.known.clone());
    let parsed = spawn_blocking(move || {
        let target = target::parse(&word, &|name| std::env::var(name).ok())?;
        Ok::<_, TargetError>(open_request(target, rules, Some(&known)))
    });
    match parsed.await {
        // The name of a profile.
        Ok(Ok(Err(name))) => Err(because(format!(
            "there is no profile {name:?} in sight, and it is no URL and no directory. Unlock the profiles (U), or type qdrant://host:6334."
        ))),
        Ok(Ok(Ok(request))) => Ok(Box::new(request)),
        Ok(Err(error)) => Err(Unopened { why: error.to_string(), makeable: error.makeable().map(ToOwned::to_owned) }),
        Err(fault) => Err(because(fault.to_string())),
    }
}

/// Nothing can be done about it here.
fn because(why: String) -> Unopened {
    Unopened { why, makeable: None }
}
