//! What a pane can show. Each view is plain data with the moves that need no database; the
//! questions that fill it are asked by `app::reduce`.

pub mod columns;
pub mod comparison;
pub mod contrast;
pub mod hits;
pub mod info;
pub mod job;
pub mod log;
pub mod record;
pub mod records;
pub mod report;
pub mod tabs;
pub mod tree;
pub mod window;

use hits::HitsView;
use info::InfoView;
use job::{JobView, JobsView};
use log::LogView;
use record::RecordView;
use records::RecordsView;

/// What a pane shows.
#[derive(Debug, Clone)]
pub enum View {
    /// Nothing yet: the keys that fill it; for a connection, how it is.
    Welcome,
    /// The records of a collection.
    Records(Box<RecordsView>),
    /// One record.
    Record(Box<RecordView>),
    /// The hits of a search.
    Hits(Box<HitsView>),
    /// All about a collection.
    Info(Box<InfoView>),
    /// What happened in this session.
    Log(LogView),
    /// One job: how far it is, then its report.
    Job(JobView),
    /// All jobs of this session.
    Jobs(JobsView),
}

impl View {
    /// The collection that it shows, if it shows one.
    pub fn collection(&self) -> Option<&str> {
        match self {
            Self::Welcome | Self::Log(_) | Self::Job(_) | Self::Jobs(_) => None,
            Self::Records(view) => Some(&view.collection),
            Self::Record(view) => Some(&view.collection),
            Self::Hits(view) => Some(&view.collection),
            Self::Info(view) => Some(&view.collection),
        }
    }
}
