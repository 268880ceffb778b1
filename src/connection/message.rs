//! What is said to a connection's task, and what it says.

use std::time::Duration;

use crate::connection::health::Health;
use crate::provider::filter::Filter;
use crate::provider::model::{
    CollectionInfo, CollectionSummary, Count, Hit, Page, PageRequest, Record, RecordId, SearchRequest,
};
use crate::provider::{Access, Capabilities, Lock, ProviderError, ServerInfo};

/// Identity of one open connection for the life of the program; never used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConnectionId(pub u64);

/// Identity of one question. An answer with another id changes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RequestId(pub u64);

/// One life of a connection: counts up with every successful connect. What an earlier life
/// answers is ignored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Epoch(pub u64);

/// Which database an attempt to connect leads to, only to be compared: whoever is given another address, way, part of a
/// server, or a key that names the database, has another one. `runtime` makes it of a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct LeadsTo(pub u64);

/// A message in the inbox of one connection's task.
#[derive(Debug, Clone, PartialEq)]
#[allow(clippy::large_enum_variant, reason = "the largest is the most frequent one, moved once for each question")]
pub enum Command {
    /// Ask the database; the answer comes as [`ConnectionEvent::Answer`] with the same id.
    Ask {
        /// Identity of the question.
        id: RequestId,
        /// The question.
        question: Question,
        /// When to give up; `None` means the connection's own request timeout.
        deadline: Option<Duration>,
    },
    /// Stop working on that question; it is answered with [`ProviderError::Cancelled`].
    Cancel(RequestId),
    /// Ping now, or connect now if it is waiting to, has given up, or is paused.
    CheckNow,
    /// Let go of the database: neither ping nor connect until [`Command::CheckNow`].
    Pause,
    /// Tell its [`Vitals`] from now on, or no longer.
    Watch(bool),
    /// Let the database be written to for so long, where its lock can be opened at all; told by
    /// [`ConnectionEventKind::Access`]. Means nothing while it is not connected.
    OpenWindow(Duration),
    /// Make it read-only again now.
    CloseWindow,
    /// The profile was changed: this is what forbids writing from now on. Another lock than before ends a window.
    /// Means nothing while it is not connected; the next connect reads the profile.
    SetLock(Option<Lock>),
    /// End the task; everything that runs is cancelled.
    Close,
}

/// A question to a database.
#[derive(Debug, Clone, PartialEq)]
pub enum Question {
    /// List the collections.
    Collections,
    /// Describe one.
    Describe {
        /// Its name.
        collection: String,
    },
    /// Count exactly.
    Count {
        /// The collection.
        collection: String,
        /// Which records.
        filter: Option<Filter>,
    },
    /// Read a page.
    Page {
        /// The collection.
        collection: String,
        /// Which page.
        request: PageRequest,
    },
    /// Read a page of what a refused filter selects, filtered here.
    Sift {
        /// The collection.
        collection: String,
        /// Which page, with the filter.
        request: PageRequest,
    },
    /// Show the request that a filter becomes.
    NativeFilter {
        /// The collection.
        collection: String,
        /// The filter.
        filter: Filter,
    },
    /// Read some records whole.
    Get {
        /// The collection.
        collection: String,
        /// Their ids.
        ids: Vec<RecordId>,
        /// Whether vectors come along.
        with_vectors: bool,
    },
    /// Search.
    Search {
        /// The collection.
        collection: String,
        /// What for.
        request: SearchRequest,
    },
}

impl Question {
    /// What runs, in a few words for status lines and errors, e.g. `page of articles`.
    pub fn describe(&self) -> String {
        match self {
            Self::Collections => "list of collections".to_owned(),
            Self::Describe { collection } => format!("description of {collection}"),
            Self::Count { collection, .. } => format!("count of {collection}"),
            Self::Page { collection, .. } => format!("page of {collection}"),
            Self::Sift { collection, .. } => format!("page of {collection}, filtered here"),
            Self::NativeFilter { collection, .. } => format!("native filter of {collection}"),
            Self::Get { collection, .. } => format!("record of {collection}"),
            Self::Search { collection, .. } => format!("search in {collection}"),
        }
    }
}

/// The answer to the [`Question`] of the same name.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// All collections.
    Collections(Vec<CollectionSummary>),
    /// One collection.
    Describe(Box<CollectionInfo>),
    /// A count.
    Count(Count),
    /// A page.
    Page(Page),
    /// Some of a page, filtered here: with a `next` there is more.
    Sift {
        /// The records, and where to go on.
        page: Page,
        /// Records read for them.
        read: u64,
    },
    /// The request, as the maker's documentation writes it.
    NativeFilter(String),
    /// Records.
    Get(Vec<Record>),
    /// Hits.
    Search(Vec<Hit>),
}

/// Something a connection's task has to say.
#[derive(Debug, Clone, PartialEq)]
pub struct ConnectionEvent {
    /// Which connection.
    pub connection: ConnectionId,
    /// In which of its lives.
    pub epoch: Epoch,
    /// What.
    pub kind: ConnectionEventKind,
}

/// What a connection's task has to say.
#[derive(Debug, Clone, PartialEq)]
pub enum ConnectionEventKind {
    /// The health changed in a way that shows (state, word, or latency as printed).
    Health(Health),
    /// The life that now begins leads there; told before its [`Self::Connected`] where the attempt knew it.
    LeadsTo(LeadsTo),
    /// It is connected; `epoch` of the event is the new life.
    Connected {
        /// Who answered.
        server: ServerInfo,
        /// What it can do.
        capabilities: Box<Capabilities>,
    },
    /// What its details show; only after [`Command::Watch`].
    Vitals(Box<Vitals>),
    /// What may be written has changed, or a second of a write window is over.
    Access(Access),
    /// The answer to a question, or why there is none.
    Answer {
        /// The question's id.
        id: RequestId,
        /// The answer.
        result: Result<Answer, ProviderError>,
        /// From asking to the answer.
        took: Duration,
    },
    /// The task has ended; nothing follows.
    Closed,
}

/// What the details of a connection show beyond its health, as of now.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Vitals {
    /// How long the last pings took, oldest first.
    pub latencies: Vec<Duration>,
    /// How long it is up; `None` while it is not.
    pub up: Option<Duration>,
    /// How often it was connected in this session.
    pub connects: u64,
    /// Attempts to connect since it was up the last time.
    pub attempts: u32,
    /// How often it was lost within the last five minutes.
    pub losses: u32,
    /// The last error, also one that is over.
    pub last_error: Option<PastError>,
}

/// An error that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastError {
    /// What happened, why, what to do.
    pub sentence: String,
    /// From the brief cause down to the words of the system, each the reason of the one before.
    pub chain: Vec<String>,
    /// How long ago.
    pub ago: Duration,
}
