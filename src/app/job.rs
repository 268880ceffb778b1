//! Long work as the screen sees it: what was asked for, how far it is, how it ended.
//!
//! `reduce::jobs` starts, holds and ends jobs by effects; `runtime::jobs` runs them on the connections'
//! own databases and tells [`JobEvent`]s. Ended jobs stay in the list, with their reports, until the
//! program ends.

use crate::app::effect::OpenRequest;
use crate::app::event::Severity;
use crate::app::view::comparison;
use crate::app::view::report::{Line, Tone};
use crate::connection::message::ConnectionId;
use crate::jobs::model::Progress;
use crate::jobs::model::aligned::Aligned;
use crate::jobs::model::comparison::{Comparison, Outcome};
use crate::jobs::model::copied::{Copied, CopyState, Verdict};
use crate::jobs::model::plan::{Plan, Weight};
use crate::jobs::model::recall::Recall;
use crate::text::format;

/// Identity of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct JobId(pub u64);

/// Why a plan cannot be carried out as things are now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blocked {
    /// One of its connections was closed.
    Closed,
    /// Its target is read-only.
    Locked {
        /// Whether a write window opens it.
        opens: bool,
    },
}

/// One collection of an open connection, or the whole database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobPlace {
    /// The connection.
    pub connection: ConnectionId,
    /// What it is called.
    pub label: String,
    /// The word that opens the database again: a profile's name, a URL, a directory; never with a secret.
    pub word: String,
    /// The collection; empty for all of them.
    pub collection: String,
}

impl JobPlace {
    /// `label ▸ collection`, or only the label of a whole database, for people.
    pub fn name(&self) -> String {
        match self.collection.as_str() {
            "" => self.label.clone(),
            collection => format!("{} ▸ {collection}", self.label),
        }
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
    /// Make the second collection like the first, by a comparison that was seen.
    Align {
        /// The one that stays as it is.
        a: JobPlace,
        /// The one that is written to.
        b: JobPlace,
        /// Records to write and to delete, as the comparison had them: with other numbers nothing is written.
        agreed: (u64, u64),
        /// Delete what only the second one has.
        delete: bool,
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
        /// Only what this selects, as it was typed.
        filter: Option<String>,
        /// How, as it was typed: a line of `jobs::model::wishes`.
        options: String,
    },
    /// Copy, by a plan that was accepted.
    Copy {
        /// From where.
        from: JobPlace,
        /// To where.
        to: JobPlace,
        /// The plan.
        plan: Box<Plan>,
    },
    /// Find out what copying every collection would do; writes nothing.
    PlanCopyAll {
        /// The database.
        from: JobPlace,
        /// The other one.
        to: JobPlace,
        /// The directory of `from`, where that is a backup: its checksums are compared first.
        backup: Option<String>,
        /// How, as it was typed.
        options: String,
    },
    /// Copy several collections, by plans that were accepted.
    CopyAll {
        /// The database.
        from: JobPlace,
        /// The other one.
        to: JobPlace,
        /// One for each collection.
        plans: Vec<Plan>,
    },
    /// Write every collection into a directory of files.
    BackUp {
        /// The database.
        place: JobPlace,
        /// The directory, as it was typed.
        dir: String,
    },
    /// Go on with a copy that was stopped.
    ResumeCopy {
        /// Its name.
        copy: String,
        /// From where.
        from: JobPlace,
        /// To where.
        to: JobPlace,
    },
}

impl JobRequest {
    /// What it does, a few words.
    pub fn title(&self) -> String {
        match self {
            Self::Compare { a, b } => format!("compare {} with {}", a.name(), b.name()),
            Self::Align { a, b, .. } => format!("make {} like {}", b.name(), a.name()),
            Self::Recall { place } => format!("check the index of {}", place.name()),
            Self::PlanCopy { from, to, .. } => format!("plan the copy of {} to {}", from.name(), to.name()),
            Self::PlanCopyAll { from, to, .. } => format!("plan the copy of all of {} to {}", from.name(), to.name()),
            Self::BackUp { place, dir } => format!("back up {} into {dir}", place.name()),
            Self::Copy { from, to, .. } | Self::CopyAll { from, to, .. } | Self::ResumeCopy { from, to, .. } => {
                format!("copy {} to {}", from.name(), to.name())
            }
        }
    }

    /// The connections that it needs.
    pub fn connections(&self) -> Vec<ConnectionId> {
        match self {
            Self::Compare { a, b } | Self::Align { a, b, .. } => vec![a.connection, b.connection],
            Self::Recall { place } | Self::BackUp { place, .. } => vec![place.connection],
            Self::PlanCopy { from, to, .. }
            | Self::Copy { from, to, .. }
            | Self::PlanCopyAll { from, to, .. }
            | Self::CopyAll { from, to, .. }
            | Self::ResumeCopy { from, to, .. } => vec![from.connection, to.connection],
        }
    }

    /// The place that it writes to, or that what it finds out would be written to.
    pub fn target(&self) -> Option<&JobPlace> {
        match self {
            Self::Compare { b: to, .. }
            | Self::Align { b: to, .. }
            | Self::PlanCopy { to, .. }
            | Self::Copy { to, .. }
            | Self::PlanCopyAll { to, .. }
            | Self::CopyAll { to, .. }
            | Self::ResumeCopy { to, .. } => Some(to),
            Self::Recall { .. } | Self::BackUp { .. } => None,
        }
    }

    /// The connection that it writes to.
    pub fn written(&self) -> Option<ConnectionId> {
        match self {
            Self::Copy { to, .. } | Self::CopyAll { to, .. } | Self::ResumeCopy { to, .. } => Some(to.connection),
            Self::Align { b, .. } => Some(b.connection),
            Self::Compare { .. }
            | Self::Recall { .. }
            | Self::PlanCopy { .. }
            | Self::PlanCopyAll { .. }
            | Self::BackUp { .. } => None,
        }
    }
}

/// What a job found or did.
#[derive(Debug, Clone, PartialEq)]
pub enum JobReport {
    /// What two collections have in common.
    Comparison(Box<Comparison>),
    /// How one collection was made like another.
    Aligned(Box<Aligned>),
    /// What an index finds.
    Recall(Box<Recall>),
    /// What a copy would do; it waits to be accepted.
    Plan {
        /// The plan.
        plan: Box<Plan>,
        /// The same for people, some lines.
        text: String,
    },
    /// What copying several collections would do; it waits to be accepted.
    Plans {
        /// One for each collection.
        plans: Vec<Plan>,
        /// The same for people, some lines.
        text: String,
    },
    /// How several copies, or a backup of several collections, went.
    Whole {
        /// Collections that are well.
        well: usize,
        /// Of so many.
        of: usize,
        /// What is true of those: `copied and verified`, `copied`, `backed up and verified`.
        done: &'static str,
        /// The report for people, some lines.
        text: String,
    },
    /// How a copy went.
    Copied {
        /// The report.
        copied: Box<Copied>,
        /// The same for people, some lines.
        text: String,
    },
}

impl JobReport {
    /// How it ended, in a sentence.
    pub fn sentence(&self) -> String {
        match self {
            Self::Comparison(report) => comparison::sentence(report),
            Self::Aligned(report) => report.sentence(),
            Self::Recall(report) => {
                format!("recall@{} is {} on average.", report.top, format::share(report.recall.mean))
            }
            Self::Plan { .. } => "the plan is there; nothing is written before you accept it.".to_owned(),
            Self::Plans { .. } => "the plans are there; nothing is written before you accept them.".to_owned(),
            Self::Whole { well, of, done, .. } => format!("{well} of {of} collections are {done}."),
            Self::Copied { copied, .. } => format!("{}.", copied.verdict.words()),
        }
    }

    /// How much that matters.
    pub fn severity(&self) -> Severity {
        match self {
            Self::Comparison(report) if matches!(report.outcome(), Outcome::Equal | Outcome::Searched) => {
                Severity::Success
            }
            Self::Comparison(_) => Severity::Warning,
            Self::Aligned(report) if report.is_equal() => Severity::Success,
            Self::Aligned(_) => Severity::Error,
            Self::Recall(_) | Self::Plan { .. } | Self::Plans { .. } => Severity::Info,
            Self::Whole { well, of, .. } if well == of => Severity::Success,
            Self::Whole { .. } => Severity::Error,
            Self::Copied { copied, .. } => match copied.verdict {
                Verdict::Verified | Verdict::Copied => Severity::Success,
                Verdict::NotVerified => Severity::Error,
            },
        }
    }

    /// The report in lines.
    pub fn lines(&self) -> Vec<Line> {
        match self {
            Self::Comparison(report) => comparison::lines(report),
            Self::Aligned(report) => comparison::aligned_lines(report),
            Self::Recall(report) => comparison::recall_lines(report),
            Self::Plan { text, .. } => {
                let mut lines: Vec<Line> = text.lines().map(plan_line).collect();
                lines.push(Line::heading("enter copies by this plan; esc leaves it"));
                lines
            }
            Self::Plans { text, .. } => {
                let mut lines: Vec<Line> = text.lines().map(plan_line).collect();
                lines.push(Line::heading("enter copies by these plans; esc leaves them"));
                lines
            }
            Self::Whole { text, .. } | Self::Copied { text, .. } => text.lines().map(copied_line).collect(),
        }
    }
}

/// A line of a plan: what is lost stands out.
fn plan_line(text: &str) -> Line {
    let first = text.split(' ').next().unwrap_or_default();
    let tone = match first {
        word if word == Weight::Lost.name() || word == Weight::Refused.name() => Tone::Bad,
        word if word == Weight::Changed.name() || word == Weight::Moved.name() => Tone::Warn,
        _ => Tone::Plain,
    };
    Line::new("", text, tone)
}

/// A line of the report of a copy: what does not hold stands out.
fn copied_line(text: &str) -> Line {
    let tone = match text.trim_start().split(' ').next().unwrap_or_default() {
        "FAILS" => Tone::Bad,
        "holds" => Tone::Good,
        _ if text.contains(": stopped: ") || text.contains("not verified") || text.contains("NOT VERIFIED") => {
            Tone::Bad
        }
        _ => Tone::Plain,
    };
    Line::new("", text, tone)
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
    /// The name of the copy that it works on, as soon as that has one.
    pub copy: Option<String>,
    /// How it ended.
    pub ended: Option<Result<JobReport, String>>,
}

impl Job {
    /// A job that has just been started.
    pub fn new(id: JobId, title: String, request: Option<JobRequest>) -> Self {
        let progress = Progress::start("starting", "", None);
        Self { id, title, request, progress, paused: false, copy: None, ended: None }
    }

    /// Whether it has not ended.
    pub fn is_running(&self) -> bool {
        self.ended.is_none()
    }

    /// Whether it can be held and ended: it runs, and the user started it.
    pub fn can_be_held(&self) -> bool {
        self.is_running() && self.request.is_some()
    }

    /// Whether it copies, so that it has a rate.
    pub fn writes_a_copy(&self) -> bool {
        matches!(
            self.request,
            Some(JobRequest::Copy { .. } | JobRequest::CopyAll { .. } | JobRequest::ResumeCopy { .. })
        )
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
#[derive(Debug, Clone)]
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
    /// It is a copy, and has its name: what is certain is kept under it from now on.
    Copying {
        /// Which.
        id: JobId,
        /// The copy's name.
        copy: String,
    },
    /// The copies that the state directory has, the newest last, or the sentence why they cannot be told.
    Copies(Result<Vec<CopyState>, String>),
    /// What opens both ends of a copy that is to go on.
    Ends {
        /// The copy's name.
        copy: String,
        /// The source, or the sentence why not.
        from: Result<Box<OpenRequest>, String>,
        /// The target, or the sentence why not.
        to: Result<Box<OpenRequest>, String>,
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
