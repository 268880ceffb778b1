//! The reducer's only output: what it wants done, as plain data. `runtime::effects` does it.

use secrecy::SecretString;

use crate::cloud::model::{Answers, Cloud};
use crate::connection::message::{Command, ConnectionId};
use crate::profile::model::{Environment, KeyFacts, ProfileId, SecretSource};
use crate::provider::{ConnectSpec, Lock, ProviderKind};

use super::job::{JobId, JobRequest};
use super::profiles::{NewStore, ProfileFields};

/// Something to be done outside.
#[derive(Debug, Clone)]
#[allow(clippy::large_enum_variant, reason = "the largest is the most frequent one, moved once for each question")]
pub enum Effect {
    /// Start a connection's task.
    Open {
        /// Its identity from now on.
        connection: ConnectionId,
        /// What it connects to.
        source: OpenSource,
        /// It is paused from the beginning: nothing is fetched or dialled before that is asked for.
        paused: bool,
    },
    /// Put a command into a connection's inbox.
    Send {
        /// Which connection.
        connection: ConnectionId,
        /// The command.
        command: Command,
    },
    /// Go the way to a database step by step; answered by `Event::Examined`, again and again as it goes.
    Examine {
        /// The ticket of who asks.
        ticket: u64,
        /// Where it is open, if it is: a typed key is taken from there.
        connection: Option<ConnectionId>,
        /// What would be opened.
        source: OpenSource,
    },
    /// Profiles were read: lock these connections, which have none, as those do that lead to the same database.
    FollowLocks(Vec<ConnectionId>),
    /// Keep a typed key for a connection, in memory and as long as that is open.
    GiveKey {
        /// Which connection.
        connection: ConnectionId,
        /// The key.
        key: SecretString,
    },
    /// Ask a cloud what is there; answered by `Event::SignIn`.
    SignIn {
        /// The question's ticket.
        ticket: u64,
        /// Which cloud.
        cloud: Cloud,
        /// What was filled in.
        answers: Box<Answers>,
    },
    /// End a sign-in that is under way, and forget what it found.
    EndSignIn,
    /// End the testing and saving of what a sign-in found, which is kept.
    StopSaving,
    /// Find out what a typed target is; answered by `Event::TargetResolved`.
    ResolveTarget(String),
    /// Make an empty embedded database in this directory; answered by `Event::TargetResolved`, as it is opened then.
    MakeDatabase(String),
    /// Ask the store of profiles; answered by `Event::Store`.
    Store(StoreRequest),
    /// Start long work; answered by `Event::Job`.
    StartJob {
        /// Its identity.
        id: JobId,
        /// What to do.
        request: Box<JobRequest>,
    },
    /// Hold a job, or let it go on.
    PauseJob {
        /// Which.
        id: JobId,
        /// Whether it is held.
        paused: bool,
    },
    /// Let a copy write at most so many records a second from now on, or as fast as it can.
    LimitJob {
        /// Which.
        id: JobId,
        /// Records a second.
        rate: Option<u64>,
    },
    /// End a job.
    CancelJob(JobId),
    /// List the copies that the state directory has; answered by `JobEvent::Copies`.
    ListCopies,
    /// Find out what opens both ends of a copy that is to go on; answered by `JobEvent::Ends`.
    FindEnds {
        /// The copy's name.
        copy: String,
        /// The word of the source: a profile's name, a URL, a directory.
        from: String,
        /// The word of the target.
        to: String,
    },
    /// Put text on the user's clipboard.
    Copy {
        /// The text, exactly.
        text: String,
        /// What it is, for the notice: `id`, `record`.
        what: &'static str,
    },
    /// Show text in `$EDITOR`.
    Edit {
        /// The text.
        text: String,
        /// Ending of the temporary file's name.
        extension: &'static str,
    },
    /// Stop the program as the shell's ctrl-z does.
    Suspend,
    /// Draw every cell anew.
    Redraw,
    /// End the program.
    Quit,
}

/// What a connection connects to.
#[derive(Debug, Clone)]
pub enum OpenSource {
    /// A saved profile: its secrets are resolved anew at every connect.
    Profile(ProfileId),
    /// An address without a profile.
    AdHoc(Box<AdHoc>),
    /// The demo database.
    Demo,
}

/// An address without a profile.
#[derive(Debug, Clone)]
pub struct AdHoc {
    /// How to open it.
    pub spec: ConnectSpec,
    /// `Some` when the maker is not known and the port must be asked: with, without, or with either
    /// of TLS.
    pub ask: Option<Option<bool>>,
    /// Where its key comes from, for saving it as a profile.
    pub secret: Option<SecretSource>,
}

/// What is known of a database before it is connected: enough for its line in the sidebar.
#[derive(Debug, Clone)]
pub struct OpenRequest {
    /// Its name on the screen.
    pub label: String,
    /// The kind of database.
    pub kind: ProviderKind,
    /// Its address as shown.
    pub address: String,
    /// Dev, staging, production.
    pub environment: Environment,
    /// Why nothing may be written through it; `None` where it may.
    pub lock: Option<Lock>,
    /// Certificates are not checked.
    pub insecure: bool,
    /// What is to be known of its key.
    pub key: KeyFacts,
    /// Name of a color that marks it.
    pub color: Option<String>,
    /// What it connects to.
    pub source: OpenSource,
}

/// A question to the store of profiles.
#[derive(Debug, Clone)]
pub enum StoreRequest {
    /// Tell state and profiles, unlocking it in every way that asks nobody.
    Load,
    /// Unlock with a passphrase.
    Unlock(SecretString),
    /// Forget the key.
    Lock,
    /// Make a new store; its first profile follows as a `Save`.
    Create(NewStore),
    /// Save a new or changed profile.
    Save(Box<ProfileFields>),
    /// Save an open ad-hoc connection's spec as a profile of that name.
    SaveAdHoc {
        /// The connection, which is the profile's from then on.
        connection: ConnectionId,
        /// The new profile's name.
        name: String,
        /// The kind of database that answered.
        kind: ProviderKind,
        /// Its address and settings.
        ad_hoc: Box<AdHoc>,
    },
    /// Rename a profile.
    Rename {
        /// Which.
        id: ProfileId,
        /// The new name.
        name: String,
    },
    /// Give a group another path, with all profiles in it.
    RenameGroup {
        /// The path as it is.
        from: String,
        /// The new one.
        to: String,
    },
    /// Delete a profile.
    Delete(ProfileId),
    /// Mark a profile as a favourite, or no longer.
    Favourite {
        /// Which.
        id: ProfileId,
        /// Whether it is one.
        on: bool,
    },
    /// Write profiles to a new file; without recipients without secrets.
    Export {
        /// Which.
        profiles: Vec<ProfileId>,
        /// The file, as typed.
        file: String,
        /// Who can open it.
        recipients: Vec<String>,
    },
    /// Read a file and tell what it would change.
    ReadImport {
        /// Which reading it is.
        ticket: u64,
        /// The file, as typed; empty for those of the desktop tool.
        file: String,
        /// The key file that opens it, as typed; empty for the keys that are known.
        key: String,
    },
    /// Save what was chosen of a file that was read.
    ApplyImport {
        /// Which reading it is.
        ticket: u64,
        /// What becomes of each of its profiles.
        choices: Vec<super::sharing::Choice>,
    },
    /// A profile's connection stands: keep the moment.
    Used(ProfileId),
    /// Keep this order of all profiles.
    ArrangeProfiles(Vec<ProfileId>),
    /// Keep this order of all groups, and which are folded.
    ArrangeGroups(Vec<(String, bool)>),
    /// Send the fields of a profile for the form; with `copy`, for a new profile like it.
    Fields {
        /// Which.
        id: ProfileId,
        /// Whether the form makes a new one.
        copy: bool,
    },
    /// Test those of a sign-in's finds, and save what answers; answered by `Event::SignIn`.
    SaveSignedIn {
        /// The sign-in's ticket.
        ticket: u64,
        /// Which rows.
        chosen: Vec<usize>,
    },
    /// Connect with the form's fields and say what happened.
    Test {
        /// The form's ticket.
        ticket: u64,
        /// The fields.
        fields: Box<ProfileFields>,
    },
}

impl OpenRequest {
    /// The demo database.
    pub fn demo() -> Self {
        Self {
            label: "demo".to_owned(),
            kind: ProviderKind::QdrantEdge,
            address: "embedded sample data".to_owned(),
            environment: Environment::Dev,
            lock: None,
            insecure: false,
            key: KeyFacts::default(),
            color: None,
            source: OpenSource::Demo,
        }
    }
}
