//! Long work as the screen sees it: what was asked for, how far it is, how it ended.
//!
//! `reduce::jobs` starts, holds and ends jobs by effects; `runtime::jobs` runs them on the connections'
//! own databases and tells [`JobEvent`]s. Ended jobs stay in the list, with their reports, until the
//! program ends.

use crate::app::event::Severity;
use crate::app::view::report::{Line, Tone};
use crate::connection::message::ConnectionId;
use crate::jobs::model::Progress;
use crate::provider::filter::Filter;

/// Identity of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct JobId(pub u64);

/// One collection of an open connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobPlace {
    /// The connection.
    pub connection: ConnectionId,
    /// What it is called.
    pub label: String,
    /// The collection.
    pub collection: String,
}

impl JobPlace {
    /// `label ▸ collection`, for people.
    pub fn name(&self) -> String {
        format!("{} ▸ {}", self.label, self.collection)
    }
}

/// What a job is to do.
#[derive(Debug, Clone, PartialEq)]
pub enum JobRequest {
    /// Compare two collections.
    Compare {
        /// One.
        a: JobPlace,
        /// The other.
        b: JobPlace,
    },
    /// Compare the index of a collection with exact search.
    Recall {
        /// The collection.
        place: JobPlace,
    },
    /// Find out what a copy would do; writes nothing.
    PlanCopy {
        /// From where.
        from: JobPlace,
        /// To where; the collection may not be there yet.
        to: JobPlace,
        /// Only what this selects.
        filter: Option<Filter>,
    },
}

impl JobRequest {
    /// What it does, a few words.
    pub fn title(&self) -> String {
        match self {
            Self::Compare { a, b } => format!("compare {} with {}", a.name(), b.name()),
            Self::Recall { place } => format!("check the index of {}", place.name()),
            Self::PlanCopy { from, to, .. } => format!("plan the copy of {} to {}", from.name(), to.name()),
        }
    }

    /// The connections that it needs.
    pub fn connections(&self) -> Vec<ConnectionId> {
        match self {
            Self::Compare { a, b } => vec![a.connection, b.connection],
            Self::Recall { place } => vec![place.connection],
            Self::PlanCopy { from, to, .. } => vec![from.connection, to.connection],
        }
    }
}

/// What a job found or did.
#[derive(Debug, Clone, PartialEq)]
pub enum JobReport {
    /// A sentence is all there is to say.
    Sentence(String),
}

impl JobReport {
    /// How it ended, in a sentence.
    pub fn sentence(&self) -> String {
        match self {
            Self::Sentence(text) => text.clone(),
        }
    }

    /// How much that matters.
    pub fn severity(&self) -> Severity {
        match self {
            Self::Sentence(_) => Severity::Success,
        }
    }

    /// The report in lines.
    pub fn lines(&self) -> Vec<Line> {
        match self {
            Self::Sentence(text) => vec![Line::new("", text, Tone::Plain)],
        }
    }
}

/// A job in the list.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// Identity.
    pub id: JobId,
    /// What it does, a few words.
    pub title: String,
    /// What was asked for; `None` for what the program does by itself.
    pub request: Option<JobRequest>,
    /// How far it is, or was.
    pub progress: Progress,
    /// Held by the user.
    pub paused: bool,
    /// How it ended.
    pub ended: Option<Result<JobReport, String>>,
}

impl Job {
    /// A job that has just been started.
    pub fn new(id: JobId, title: String, request: Option<JobRequest>) -> Self {
        let progress = Progress::start("starting", "", None);
        Self { id, title, request, progress, paused: false, ended: None }
    }

    /// Whether it has not ended.
    pub fn is_running(&self) -> bool {
        self.ended.is_none()
    }

    /// Whether it can be held and ended: it runs, and the user started it.
    pub fn can_be_held(&self) -> bool {
        self.is_running() && self.request.is_some()
    }

    /// Its report in lines; none while it runs.
    pub fn lines(&self) -> Vec<Line> {
        match &self.ended {
            Some(Ok(report)) => report.lines(),
            Some(Err(why)) => vec![Line::new("", why, Tone::Bad)],
            None => Vec::new(),
        }
    }
}

/// What a job says.
#[derive(Debug, Clone, PartialEq)]
pub enum JobEvent {
    /// It runs; shown in the footer with rate and time left.
    Progress {
        /// Which.
        id: JobId,
        /// What it does, a few words: for jobs that the program starts by itself.
        title: String,
        /// How far it is.
        progress: Progress,
    },
    /// It ended, and somebody else says how.
    Ended(JobId),
    /// It ended.
    Finished {
        /// Which.
        id: JobId,
        /// What it found or did, or the sentence why not.
        result: Result<JobReport, String>,
    },
}
