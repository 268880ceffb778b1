//! The reducer's only input.

use secrecy::SecretString;

use crate::app::profiles::{ProfileSummary, StoreState};
use crate::cloud::model::Updates;
use crate::connection::message::{ConnectionEvent, ConnectionId};
use crate::doctor::model::Step;
use crate::keymap::Chord;
use crate::profile::model::ProfileId;

use super::effect::OpenRequest;
use super::job::JobEvent;
use super::overlay::sign_in::{Row, ShownCode};
use super::session::Plan;

/// Something happened.
#[derive(Debug, Clone)]
pub enum Event {
    /// A key was pressed.
    Key(Chord),
    /// The mouse did something.
    Mouse(Mouse),
    /// Text was pasted (bracketed paste).
    Paste(String),
    /// The terminal has another size now: columns, rows.
    Resize(u16, u16),
    /// A frame of animation is due (only asked for while something spins or counts down).
    Tick,
    /// A connection's task has something to say.
    Connection(Box<ConnectionEvent>),
    /// The store of profiles has something to say.
    Store(StoreEvent),
    /// A target that was typed is understood, or not.
    TargetResolved {
        /// What was typed.
        text: String,
        /// What to open, or why nothing is.
        result: Result<Box<OpenRequest>, Unopened>,
    },
    /// Long work has something to say.
    Job(JobEvent),
    /// A session was found at the start.
    SessionFound(Box<Plan>),
    /// An examination has come further.
    Examined(Examined),
    /// A sign-in to a cloud has something to say.
    SignIn(SignInEvent),
    /// Something worth a line in the status bar and the log.
    Notice(Notice),
    /// The program must end: a signal came.
    Terminate(&'static str),
}

/// Why nothing is opened for a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unopened {
    /// Why, a sentence.
    pub why: String,
    /// The directory in which an empty embedded database can be made, if nothing else is missing.
    pub makeable: Option<String>,
}

/// How far an examination is.
#[derive(Debug, Clone)]
pub struct Examined {
    /// The ticket of who asked.
    pub ticket: u64,
    /// All steps that are done.
    pub steps: Vec<Step>,
    /// Whether it ended; with the sentence why it could not begin, where it could not.
    pub ended: Option<Result<(), String>>,
}

/// How much a notice matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// Good to know.
    Info,
    /// Done as wished.
    Success,
    /// Worth a look.
    Warning,
    /// Failed.
    Error,
}

/// A sentence for the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// How much it matters.
    pub severity: Severity,
    /// The sentence.
    pub text: String,
}

impl Notice {
    /// Good to know.
    pub fn info(text: impl Into<String>) -> Self {
        Self { severity: Severity::Info, text: text.into() }
    }

    /// Done as wished.
    pub fn success(text: impl Into<String>) -> Self {
        Self { severity: Severity::Success, text: text.into() }
    }

    /// Worth a look.
    pub fn warning(text: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, text: text.into() }
    }

    /// Failed.
    pub fn error(text: impl Into<String>) -> Self {
        Self { severity: Severity::Error, text: text.into() }
    }
}

/// What a save made, or gave another place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Made {
    /// A profile.
    Profile(ProfileId),
    /// A group, by its path.
    Group(String),
}

/// Why something was not saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsaved {
    /// Why, a sentence.
    pub why: String,
    /// The form's field that is to blame, by its name, if it is one.
    pub field: Option<&'static str>,
}

impl Unsaved {
    /// A field of the form is wrong.
    pub fn at(field: &'static str, why: impl Into<String>) -> Self {
        Self { why: why.into(), field: Some(field) }
    }
}

impl From<String> for Unsaved {
    fn from(why: String) -> Self {
        Self { why, field: None }
    }
}

/// What the store of profiles says.
#[derive(Debug, Clone)]
pub enum StoreEvent {
    /// Its state, and the profiles if it is unlocked.
    State {
        /// Locked, unlocked, absent ...
        state: StoreState,
        /// Its profiles, in the store's order; empty unless unlocked.
        profiles: Vec<ProfileSummary>,
        /// Names of those that are opened when the program starts without a target.
        open_at_start: Vec<String>,
    },
    /// Its groups as the user has arranged them, each with whether it is folded; comes before a state
    /// with profiles.
    Groups(Vec<(String, bool)>),
    /// The passphrase (or key) was refused; the sentence says why.
    UnlockFailed(String),
    /// An edit was saved; a state event with the new profiles came before.
    Saved {
        /// What was done, a short sentence.
        text: String,
        /// A recovery key that was made and must be shown once.
        recovery_key: Option<SecretString>,
        /// What is new in the sidebar: the cursor goes there.
        made: Option<Made>,
    },
    /// A connection that was opened by its address was saved: it is that profile's now.
    Adopted {
        /// The connection.
        connection: ConnectionId,
        /// Its profile.
        profile: ProfileId,
    },
    /// A file was read that is to be imported.
    Import(Box<super::sharing::ImportList>),
    /// No key opens the file that is to be imported; the sentence says so, and another key may.
    ImportKeyWanted {
        /// The file, as it was typed.
        file: String,
        /// The key file that was given for it, as it was typed.
        key: String,
        /// Why.
        why: String,
    },
    /// Profiles were exported; the sentence says what is in the file.
    Exported(String),
    /// An export was not written.
    ExportFailed(super::sharing::ExportFault),
    /// A profile was used.
    Used {
        /// Which.
        id: crate::profile::model::ProfileId,
        /// When, in seconds since 1970.
        at: u64,
    },
    /// An edit was not saved; the sentence says why. Nothing on disk changed.
    SaveFailed(Unsaved),
    /// A test of a form's connection ended.
    Tested {
        /// The form's ticket.
        ticket: u64,
        /// Product, version and latency, or the sentence why not.
        result: Result<String, String>,
    },
    /// A profile's fields for the form.
    Fields(Box<super::profiles::ProfileFields>),
}

/// What comes of a sign-in.
#[derive(Debug, Clone)]
pub struct SignInEvent {
    /// Which question it answers.
    pub ticket: u64,
    /// What.
    pub said: SignInSaid,
}

/// What a sign-in says.
#[derive(Debug, Clone)]
pub enum SignInSaid {
    /// A code is to be typed on another screen.
    Code(ShownCode),
    /// Where it goes on: to be known before a secret is sent there.
    Told(String),
    /// What was found.
    Found {
        /// What can be opened.
        rows: Vec<Row>,
        /// Names of what is still being made.
        coming: Vec<String>,
    },
    /// Why nothing was found, a sentence.
    NotFound(String),
    /// What each row would be saved in place of, where that was not said yet: nothing is saved before it was seen.
    Updates(Vec<Option<Updates>>),
    /// Why nothing is saved, a sentence.
    NotSaved(String),
    /// One of those chosen was tested, and saved if it answered.
    Ended {
        /// Which.
        row: usize,
        /// What it is saved as, or the sentence why not.
        result: Result<String, String>,
    },
    /// All that were chosen have ended.
    Done,
}

/// What the mouse did, in cells from the top left corner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mouse {
    /// What.
    pub kind: MouseKind,
    /// Column.
    pub x: u16,
    /// Row.
    pub y: u16,
}

/// Kinds of mouse events that mean something here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MouseKind {
    /// The left button went down.
    Press,
    /// The left button went down a second time at the same place.
    DoublePress,
    /// The left button is held and moved.
    Drag,
    /// The left button went up.
    Release,
    /// The wheel turned towards the user.
    ScrollDown,
    /// The wheel turned away.
    ScrollUp,
}
