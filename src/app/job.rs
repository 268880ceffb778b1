//! Long work as the screen sees it.

/// Identity of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct JobId(pub u64);

/// What a job says.
#[derive(Debug, Clone, PartialEq)]
pub enum JobEvent {
    /// It runs; shown in the footer with rate and time left.
    Progress(JobProgress),
    /// It ended, and somebody else says how.
    Ended(JobId),
    /// It ended; the sentence says how.
    Finished {
        /// Which.
        id: JobId,
        /// What was done, or why not.
        result: Result<String, String>,
    },
}

/// How far a job is.
#[derive(Debug, Clone, PartialEq)]
pub struct JobProgress {
    /// Which.
    pub id: JobId,
    /// What it does, a few words.
    pub title: String,
    /// Units done.
    pub done: u64,
    /// Units in all, if known.
    pub total: Option<u64>,
    /// Units a second.
    pub rate: f64,
}
