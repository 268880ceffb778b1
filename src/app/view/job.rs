//! A job, and the list of all jobs, in a pane. What they show is in `AppState::jobs`.

use crate::app::job::{Job, JobId};
use crate::app::list::ListState;
use crate::connection::message::ConnectionId;
use crate::jobs::model::copied::CopyState;

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

/// One line of the list.
#[derive(Debug, Clone, Copy)]
pub enum JobRow<'a> {
    /// A job of this session.
    Job(&'a Job),
    /// A copy that the state directory has.
    Copy(&'a CopyState),
}

/// A copy whose ends are being connected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resuming {
    /// The copy's name.
    pub copy: String,
    /// The connection of the source.
    pub from: ConnectionId,
    /// The connection of the target.
    pub to: ConnectionId,
}

/// All jobs of this session in a pane, newest first, and below them the copies that are on the disk.
#[derive(Debug, Clone, Default)]
pub struct JobsView {
    /// Selection.
    pub list: ListState,
}
