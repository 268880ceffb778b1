//! How a copy went, as data: the report that is shown, saved beside the journal and printed as JSON.

use serde::{Deserialize, Serialize};

use super::plan::Place;

/// What a copy can be said to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Copied, and everything that was to be proved holds.
    Verified,
    /// Copied; nothing was to be proved.
    Copied,
    /// Copied, but not everything that was to be proved holds.
    NotVerified,
}

impl Verdict {
    /// The words for people.
    pub fn words(self) -> &'static str {
        match self {
            Self::Verified => "copied and verified",
            Self::Copied => "copied",
            Self::NotVerified => "copied, not verified",
        }
    }
}

/// How one thing that was to be proved stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It holds.
    Holds,
    /// It does not.
    Fails,
    /// It could not be asked; this alone makes no copy bad.
    LeftOut,
}

/// One thing that was to be proved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// What: `counts`, `ids`, `content`, `source`, `searches`.
    pub name: String,
    /// How it stands.
    pub standing: Standing,
    /// What was found, a sentence.
    pub says: String,
}

/// A record that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// Its id at the source.
    pub id: String,
    /// Its id at the target.
    pub target_id: String,
    /// What is wrong.
    pub what: String,
}

/// How many records did what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Were listed before the first write.
    pub listed: u64,
    /// Were written.
    pub written: u64,
    /// Were refused by the target or had no place in it; the file of rejects has them with the reason.
    pub rejected: u64,
    /// Were gone from the source when they were to be read.
    pub vanished: u64,
}

/// How a copy went.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Copied {
    /// The copy's name.
    pub id: String,
    /// Directory of its journal, rejects and report.
    pub folder: String,
    /// From where.
    pub from: Place,
    /// To where.
    pub to: Place,
    /// What it can be said to be.
    pub verdict: Verdict,
    /// How many records did what.
    pub counts: Counts,
    /// The source was changed while it was copied.
    pub source_changed: bool,
    /// Batches that were written.
    pub batches: u64,
    /// Bytes that were read, about.
    pub bytes: u64,
    /// Seconds of listing and copying, over all runs; building an index and verifying are not counted.
    pub seconds: f64,
    /// How often it was resumed.
    pub resumed: u64,
    /// Records that were sent to the target a second time, because a run broke off while they were on their way.
    pub resent: u64,
    /// What was proved.
    pub checks: Vec<Check>,
    /// Records that differ, the first of them.
    pub differences: Vec<Difference>,
    /// How many differ in all.
    pub different: u64,
}

/// An unfinished or finished copy, for a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CopyState {
    /// Its name.
    pub id: String,
    /// From where, for people.
    pub from: String,
    /// To where, for people.
    pub to: String,
    /// Records that were listed; `None` before that was done.
    pub listed: Option<u64>,
    /// Records that are done.
    pub done: u64,
    /// How it ended; `None` while it has not.
    pub verdict: Option<Verdict>,
    /// Somebody works on it now.
    pub running: bool,
    /// Why it cannot be read, where it cannot.
    pub fault: Option<String>,
    /// Its directory.
    #[serde(skip)]
    pub folder: String,
    /// Both ends, where the plan can be read.
    #[serde(skip)]
    pub ends: Option<(Place, Place)>,
}
