//! The open questions of one connection. Each leaves here exactly once, as a [`Done`]: whoever
//! takes it out (answer, cancel, deadline, loss of the connection) gives the answer, and what the
//! provider says afterwards finds nobody.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use tokio::task::{self, AbortHandle, JoinSet};
use tokio::time::Instant;

use super::handle::{Ask, INBOX};
use super::message::{Answer, Question, RequestId};
use super::phase::{PATIENCE, fault};
use crate::provider::sift::sift;
use crate::provider::{Provider, ProviderError, Result};

/// How long records are filtered here before the asker hears how far that is.
const SIFT_PATIENCE: Duration = Duration::from_millis(700);

/// A question with its answer.
pub(super) struct Done {
    pub id: RequestId,
    pub result: Result<Answer>,
    pub took: Duration,
}

struct Open {
    /// Place in the order of asking: clocks are too coarse for that.
    turn: u64,
    id: RequestId,
    what: String,
    asked_at: Instant,
    limit: Duration,
    /// Whether the limit is the connection's, because the question brought none.
    by_default: bool,
}

impl Open {
    fn due(&self) -> Instant {
        self.asked_at + self.limit
    }

    fn done(&self, result: Result<Answer>) -> Done {
        Done { id: self.id, result, took: self.asked_at.elapsed() }
    }

    fn timed_out(&self) -> Done {
        self.done(Err(ProviderError::TimedOut { what: self.what.clone(), after: self.limit }))
    }
}

type Reply = std::result::Result<(task::Id, Result<Answer>), task::JoinError>;

pub(super) struct Requests {
    concurrency: usize,
    default_limit: Duration,
    /// Whether the default is the profile's. Before the first connect it is not known; that has a limit
    /// of its own, and what waits for it ends with it.
    limit_known: bool,
    turns: u64,
    waiting: VecDeque<(Open, Question)>,
    running: HashMap<task::Id, (Open, AbortHandle)>,
    replies: JoinSet<Result<Answer>>,
}

impl Requests {
    pub(super) fn new(concurrency: usize, default_limit: Duration) -> Self {
        Self {
            concurrency: concurrency.max(1),
            default_limit,
            limit_known: false,
            turns: 0,
            waiting: VecDeque::new(),
            running: HashMap::new(),
            replies: JoinSet::new(),
        }
    }

    /// Sets the limit of questions that bring none, those that wait already included: the profile is
    /// known by now.
    pub(super) fn limit(&mut self, limit: Duration) {
        (self.default_limit, self.limit_known) = (limit, true);
        let open = self.waiting.iter_mut().map(|(open, _)| open);
        for open in open.chain(self.running.values_mut().map(|(open, _)| open)).filter(|open| open.by_default) {
            open.limit = limit;
        }
    }

    /// Whether further questions should stay in the inbox for now.
    pub(super) fn is_full(&self) -> bool {
        self.waiting.len() >= INBOX
    }

    /// Takes a question in, to be started when there is a database and its turn has come.
    pub(super) fn take(&mut self, ask: Ask) {
        self.turns += 1;
        let open = self.open(&ask);
        self.waiting.push_back((open, ask.question));
    }

    /// The answer to a question that is not taken in.
    pub(super) fn refuse(&self, ask: &Ask, error: ProviderError) -> Done {
        self.open(ask).done(Err(error))
    }

    fn open(&self, ask: &Ask) -> Open {
        Open {
            turn: self.turns,
            id: ask.id,
            what: ask.question.describe(),
            asked_at: ask.asked_at,
            limit: ask.deadline.unwrap_or(self.default_limit),
            by_default: ask.deadline.is_none(),
        }
    }

    /// Puts waiting questions to the database, as many as may run; tells which.
    pub(super) fn start(&mut self, provider: &Arc<dyn Provider>) -> Vec<(RequestId, String)> {
        let mut started = Vec::new();
        while self.running.len() < self.concurrency {
            let Some((open, question)) = self.waiting.pop_front() else { break };
            started.push((open.id, open.what.clone()));
            let provider = Arc::clone(provider);
            let abort = self.replies.spawn(async move { put(provider.as_ref(), question).await });
            self.running.insert(abort.id(), (open, abort));
        }
        started
    }

    /// The next reply of the database; waits for ever while nothing runs.
    pub(super) async fn reply(&mut self) -> Reply {
        match self.replies.join_next_with_id().await {
            Some(reply) => reply,
            None => std::future::pending().await,
        }
    }

    /// What a reply means: nothing, if its question was answered already.
    pub(super) fn replied(&mut self, reply: Reply) -> Option<Done> {
        let (task, result) = match reply {
            Ok((task, result)) => (task, result),
            Err(error) => (error.id(), Err(fault(error))),
        };
        self.running.remove(&task).map(|(open, _)| open.done(result))
    }

    /// Stops one question.
    pub(super) fn cancel(&mut self, id: RequestId) -> Option<Done> {
        if let Some(at) = self.waiting.iter().position(|(open, _)| open.id == id) {
            return self.waiting.remove(at).map(|(open, _)| open.done(Err(ProviderError::Cancelled)));
        }
        let task = self.running.iter().find(|(_, (open, _))| open.id == id).map(|(task, _)| *task)?;
        let (open, abort) = self.running.remove(&task)?;
        abort.abort();
        Some(open.done(Err(ProviderError::Cancelled)))
    }

    /// When the next deadline ends.
    pub(super) fn due(&self) -> Option<Instant> {
        let limited = |open: &&Open| self.limit_known || !open.by_default;
        let waiting = self.waiting.iter().map(|(open, _)| open).filter(limited).map(Open::due);
        waiting.chain(self.running.values().map(|(open, _)| open.due())).min()
    }

    /// Stops what is past its deadline.
    pub(super) fn expire(&mut self, now: Instant) -> Vec<Done> {
        let (mut done, known) = (Vec::new(), self.limit_known);
        self.waiting.retain(|(open, _)| {
            let late = open.due() <= now && (known || !open.by_default);
            if late {
                done.push(open.timed_out());
            }
            !late
        });
        self.running.retain(|_, (open, abort)| {
            let late = open.due() <= now;
            if late {
                abort.abort();
                done.push(open.timed_out());
            }
            !late
        });
        done
    }

    /// Stops everything, with that error as the answer, oldest first.
    pub(super) fn end_all(&mut self, error: &ProviderError) -> Vec<Done> {
        let mut open: Vec<Open> = self.waiting.drain(..).map(|(open, _)| open).collect();
        for (_, (running, abort)) in self.running.drain() {
            abort.abort();
            open.push(running);
        }
        open.sort_by_key(|open| open.turn);
        open.iter().map(|open| open.done(Err(error.clone()))).collect()
    }

    /// Waits until everything that was stopped has let go of the database, a little while at most.
    pub(super) async fn settle(&mut self) {
        let _too_long = tokio::time::timeout(PATIENCE, self.replies.shutdown()).await;
    }
}

/// Puts one question to the database.
async fn put(provider: &dyn Provider, question: Question) -> Result<Answer> {
    match question {
        Question::Collections => provider.collections().await.map(Answer::Collections),
        Question::Describe { collection } => {
            provider.describe(&collection).await.map(|info| Answer::Describe(Box::new(info)))
        }
        Question::Count { collection, filter } => provider.count(&collection, filter.as_ref()).await.map(Answer::Count),
        Question::Page { collection, request } => provider.page(&collection, &request).await.map(Answer::Page),
        Question::Sift { collection, request } => {
            let sifted = sift(provider, &collection, &request, SIFT_PATIENCE).await?;
            Ok(Answer::Sift { page: sifted.page, read: sifted.read })
        }
        Question::NativeFilter { collection, filter } => {
            provider.native_filter(&collection, &filter).await.map(Answer::NativeFilter)
        }
        Question::Get { collection, ids, with_vectors } => {
            provider.get(&collection, &ids, with_vectors).await.map(Answer::Get)
        }
        Question::Search { collection, request } => provider.search(&collection, &request).await.map(Answer::Search),
    }
}
