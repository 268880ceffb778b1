//! The whole model: plain data, no handles, no clock.

use std::collections::{BTreeMap, HashMap};

use super::connections::Connection;
use super::effect::OpenSource;
use super::event::Notice;
use super::geometry::SIDEBAR_FROM_WIDTH;
use super::job::{Blocked, Job, JobId, JobReport, JobRequest};
use super::links::Links;
use super::overlay::Overlay;
use super::panes::{Pane, PaneId, Tab};
use super::profiles::Profiles;
use super::settings::Settings;
use super::sidebar::Sidebar;
use super::view::View;
use super::view::job::{JobRow, Resuming};
use super::view::log::Log;
use super::view::report::{Line, Tone};
use super::visited::Visited;
use crate::connection::message::{ConnectionId, Epoch, RequestId};
use crate::jobs::model::copied::CopyState;
use crate::keymap::{Chord, Keymap, Layer};
use crate::profile::model::ProfileId;

/// What has the keys when no overlay is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Focus {
    /// The sidebar.
    #[default]
    Sidebar,
    /// The pane in focus of the active tab.
    Pane,
}

/// What an answer is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The connection's list of collections.
    Collections,
    /// A page of a pane's table.
    Page(PaneId),
    /// The number of records of a pane's table.
    Count(PaneId),
    /// The record of a pane.
    Record(PaneId),
    /// The hits of a pane.
    Hits(PaneId),
    /// The description in a pane.
    Info(PaneId),
    /// The native request of a pane's filter.
    NativeFilter(PaneId),
    /// The payload schema, for the filter bar of a pane.
    Fields(PaneId),
    /// The record that a linked pane is to show, or to say that it has none.
    Counterpart(PaneId),
    /// The vector of a record in this pane, for a search in all panes that are linked with it.
    QueryVector(PaneId),
}

impl Purpose {
    /// The pane that waits for it.
    pub fn pane(self) -> Option<PaneId> {
        match self {
            Self::Collections => None,
            Self::Page(pane)
            | Self::Count(pane)
            | Self::Record(pane)
            | Self::Hits(pane)
            | Self::Info(pane)
            | Self::NativeFilter(pane)
            | Self::Fields(pane)
            | Self::Counterpart(pane)
            | Self::QueryVector(pane) => Some(pane),
        }
    }
}

/// A question that is not answered yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// Whom it was asked.
    pub connection: ConnectionId,
    /// In which life of the connection.
    pub epoch: Epoch,
    /// What the answer is for.
    pub purpose: Purpose,
    /// What was asked, in a few words.
    pub what: String,
}

/// The whole state of the program.
#[derive(Debug, Clone, Default)]
pub struct AppState {
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    /// Settings.
    pub settings: Settings,
    /// Keys.
    pub keymap: Keymap,
    /// Keys of an unfinished sequence.
    pub typed: Vec<Chord>,
    /// Open connections, in the order of opening: the order of their numbers.
    pub connections: Vec<Connection>,
    /// Tabs.
    pub tabs: Vec<Tab>,
    /// The active tab.
    pub tab: usize,
    /// All panes of all tabs.
    pub panes: BTreeMap<PaneId, Pane>,
    /// Which panes follow each other.
    pub links: Links,
    /// Collections that were left, to be found again as they were.
    pub visited: Visited,
    /// The sidebar.
    pub sidebar: Sidebar,
    /// What has the keys.
    pub focus: Focus,
    /// What lies over the panes, the last is on top.
    pub overlays: Vec<Overlay>,
    /// Saved connections.
    pub profiles: Profiles,
    /// Filters of this session by connection and collection, the newest last.
    pub filters: BTreeMap<(ConnectionId, String), Vec<String>>,
    /// Questions that are not answered yet.
    pub pending: HashMap<RequestId, Pending>,
    /// The sentence in the status line.
    pub notice: Option<Notice>,
    /// What happened.
    pub log: Log,
    /// Long work of this session, oldest first, also what has ended.
    pub jobs: Vec<Job>,
    /// The copies that the state directory had when it was looked at last, oldest first.
    pub copies: Vec<CopyState>,
    /// A copy that goes on as soon as both ends are connected.
    pub resuming: Option<Resuming>,
    /// The time of the event that is taken in, in seconds since 1970, told by the loop: the reducer has no clock.
    pub now: Option<u64>,
    /// Counts up with each tick: animation.
    pub frame: usize,
    /// The last identity given out, of any kind.
    pub last_id: u64,
    /// A save that waits for the store to be made or unlocked.
    pub waiting_save: Option<super::effect::StoreRequest>,
    /// What is being exported, while its file and recipients are asked for.
    pub export: super::sharing::Export,
    /// The file to import, while the key that opens it is asked for.
    pub import_file: String,
    /// Profiles named at launch, to be opened as soon as the store is unlocked, each with its place among all that was
    /// named.
    pub wanted_profiles: Vec<(usize, String)>,
    /// What was open at the end of the last session, as long as not all of it is open again.
    pub session: Option<super::session::Plan>,
    /// Whether the profiles that open at start are wanted: no target was named.
    pub wants_start_profiles: bool,
}

impl AppState {
    /// A new identity.
    pub fn fresh_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    /// The connection with this identity.
    pub fn connection(&self, id: ConnectionId) -> Option<&Connection> {
        self.connections.iter().find(|c| c.id == id)
    }

    /// The connection with this identity, to change it.
    pub fn connection_mut(&mut self, id: ConnectionId) -> Option<&mut Connection> {
        self.connections.iter_mut().find(|c| c.id == id)
    }

    /// The open connection of a profile.
    pub fn connection_of_profile(&self, id: ProfileId) -> Option<&Connection> {
        self.connections.iter().find(|c| matches!(c.source, OpenSource::Profile(p) if p == id))
    }

    /// The number under which a connection is reached, counted from 1.
    pub fn number_of(&self, id: ConnectionId) -> Option<usize> {
        self.connections.iter().position(|c| c.id == id).map(|i| i + 1)
    }

    /// The tab in front.
    pub fn active_tab(&self) -> Option<&Tab> {
        self.tabs.get(self.tab)
    }

    /// The tab in front, to change it.
    pub fn active_tab_mut(&mut self) -> Option<&mut Tab> {
        self.tabs.get_mut(self.tab)
    }

    /// The pane in focus of the tab in front.
    pub fn active_pane(&self) -> Option<&Pane> {
        self.panes.get(&self.active_tab()?.focus)
    }

    /// The pane in focus of the tab in front, to change it.
    pub fn active_pane_mut(&mut self) -> Option<&mut Pane> {
        let id = self.active_tab()?.focus;
        self.panes.get_mut(&id)
    }

    /// The connection that a tab is named after, and marked like: that of its focused pane, never another one.
    pub fn connection_in(&self, tab: &Tab) -> Option<&Connection> {
        self.connection(self.panes.get(&tab.focus)?.connection?)
    }

    /// The connection that the focused pane shows.
    pub fn active_connection(&self) -> Option<&Connection> {
        self.connection(self.active_pane()?.connection?)
    }

    /// Whether the sidebar is drawn: wanted, and the screen wide enough (or in focus).
    pub fn sidebar_in_sight(&self) -> bool {
        self.sidebar.visible && (self.size.0 >= SIDEBAR_FROM_WIDTH || self.focus == Focus::Sidebar)
    }

    /// The layers of keys that hold now, nearest first.
    pub fn layers(&self) -> &'static [Layer] {
        if let Some(overlay) = self.overlays.last() {
            return overlay.layers();
        }
        match self.focus {
            Focus::Sidebar => &[Layer::Sidebar, Layer::List, Layer::Global],
            Focus::Pane => match self.active_pane().map(Pane::view) {
                Some(View::Records(_) | View::Hits(_)) => &[Layer::Records, Layer::List, Layer::Global],
                Some(View::Record(_)) => &[Layer::Record, Layer::List, Layer::Global],
                Some(View::Job(_) | View::Jobs(_)) => &[Layer::Jobs, Layer::List, Layer::Global],
                Some(View::Info(_) | View::Log(_) | View::Welcome) | None => &[Layer::List, Layer::Global],
            },
        }
    }

    /// Whether anything spins or counts down, so that ticks are wanted.
    pub fn is_animated(&self) -> bool {
        use crate::connection::health::HealthState;
        self.running_jobs().next().is_some()
            || !self.pending.is_empty()
            || self
                .connections
                .iter()
                .any(|c| matches!(c.health.state, HealthState::Connecting | HealthState::Active { .. }))
            || self.overlays.iter().any(|o| matches!(o, Overlay::Examination(it) if it.ended.is_none()))
            || matches!(self.profiles.state, super::profiles::StoreState::Unlocking)
    }

    /// The jobs that have not ended, oldest first.
    pub fn running_jobs(&self) -> impl Iterator<Item = &Job> {
        self.jobs.iter().filter(|job| job.is_running())
    }

    /// The job with this identity.
    pub fn job(&self, id: JobId) -> Option<&Job> {
        self.jobs.iter().find(|job| job.id == id)
    }

    /// The report of a job in lines; a plan that cannot be accepted as things are now says so in its last but one.
    pub fn report_of(&self, job: &Job) -> Vec<Line> {
        let mut lines = job.lines();
        if let (Some(Ok(JobReport::Plan { .. } | JobReport::Plans { .. })), Some(target)) =
            (&job.ended, job.request.as_ref().and_then(JobRequest::target))
            && let Some(why) = self.connection(target.connection).and_then(Connection::unwritable)
        {
            lines.insert(lines.len().saturating_sub(1), Line::new("", why, Tone::Bad));
        }
        lines
    }

    /// Why a plan cannot be carried out now; `None` where it can, or is none.
    pub fn plan_blocked(&self, job: &Job) -> Option<Blocked> {
        let Some(Ok(JobReport::Plan { .. } | JobReport::Plans { .. })) = &job.ended else { return None };
        let request = job.request.as_ref()?;
        if request.connections().into_iter().any(|id| self.connection(id).is_none()) {
            return Some(Blocked::Closed);
        }
        let access = self.connection(request.target()?.connection)?.access;
        access.lock.filter(|_| access.is_read_only()).map(|lock| Blocked::Locked { opens: lock.opens() })
    }

    /// The lines of the list of jobs, newest first: those of this session, then the copies of others that the state
    /// directory has. What this session copies now is told by its job.
    pub fn job_rows(&self) -> Vec<JobRow<'_>> {
        let own = |copy: &CopyState| self.running_jobs().any(|job| job.copy.as_ref() == Some(&copy.id));
        let jobs = self.jobs.iter().rev().map(JobRow::Job);
        jobs.chain(self.copies.iter().rev().filter(|copy| !own(copy)).map(JobRow::Copy)).collect()
    }

    /// A sentence for the status line and the log.
    pub fn notify(&mut self, notice: Notice) {
        self.log.push(self.now, notice.clone());
        self.notice = Some(notice);
    }
}
