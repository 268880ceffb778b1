//! A job, and the list of all jobs, in a pane. What they show is in `AppState::jobs`.

use crate::app::job::JobId;
use crate::app::list::ListState;

/// One job in a pane.
#[derive(Debug, Clone)]
pub struct JobView {
    /// Which.
    pub id: JobId,
    /// Selection among the lines of its report.
    pub list: ListState,
}

impl JobView {
    /// The job from its first line on.
    pub fn new(id: JobId) -> Self {
        Self { id, list: ListState::default() }
    }
}

/// All jobs of this session in a pane, newest first.
#[derive(Debug, Clone, Default)]
pub struct JobsView {
    /// Selection.
    pub list: ListState,
}
