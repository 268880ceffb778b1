//! What an examination says, as data: steps, how each ended, causes. Named by `app` and `ui` too.

mod cause;

pub use cause::Cause;

/// A step of an examination, in the order of going.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum StepKind {
    /// The host name is looked up.
    Name,
    /// Whether this machine knows a way to the address.
    Route,
    /// Whether something takes connections there.
    Port,
    /// Encryption: whether both sides want it, and the certificate.
    Tls,
    /// Whether the right kind of server answers.
    Protocol,
    /// The directory is looked at.
    Path,
    /// Whether it may be read.
    Access,
    /// Whose files are in it.
    Contents,
    /// Whether another process has it open.
    Lock,
    /// Whether the key opens it.
    Authentication,
    /// Whether the server is new enough.
    Version,
    /// What the key may do: tenant, database, list of collections.
    Permission,
}

impl StepKind {
    /// The steps to a server.
    pub const SERVER: [Self; 8] = [
        Self::Name,
        Self::Route,
        Self::Port,
        Self::Tls,
        Self::Protocol,
        Self::Authentication,
        Self::Version,
        Self::Permission,
    ];

    /// The steps to a directory.
    pub const DIRECTORY: [Self; 6] =
        [Self::Path, Self::Access, Self::Contents, Self::Lock, Self::Version, Self::Permission];

    /// The word on the screen and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Route => "route",
            Self::Port => "port",
            Self::Tls => "tls",
            Self::Protocol => "protocol",
            Self::Path => "path",
            Self::Access => "access",
            Self::Contents => "contents",
            Self::Lock => "lock",
            Self::Authentication => "authentication",
            Self::Version => "version",
            Self::Permission => "permission",
        }
    }

    /// The steps of such an examination.
    pub fn all(directory: bool) -> &'static [Self] {
        if directory { &Self::DIRECTORY } else { &Self::SERVER }
    }
}

/// How a step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Well.
    Ok,
    /// Well, with something worth a look.
    Warn,
    /// Here it ends.
    Fail,
    /// Not reached, or not told.
    Skip,
}

impl State {
    /// The word in JSON and in the table.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "fail",
            Self::Skip => "skip",
        }
    }
}

/// One step: what was tried, what came back, what mends it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Which.
    pub kind: StepKind,
    /// How it ended.
    pub state: State,
    /// What was tried, in a few words.
    pub tried: String,
    /// What came back, a clause or sentence.
    pub found: String,
    /// Why it failed or warns.
    pub cause: Option<Cause>,
    /// What to do, a sentence.
    pub mend: Option<String>,
}

impl Step {
    /// A step that went well.
    pub fn ok(kind: StepKind, tried: impl Into<String>, found: impl Into<String>) -> Self {
        Self { kind, state: State::Ok, tried: tried.into(), found: found.into(), cause: None, mend: None }
    }

    /// A step that went well, with something worth a look.
    pub fn warn(
        kind: StepKind,
        tried: impl Into<String>,
        found: impl Into<String>,
        cause: Cause,
        mend: impl Into<String>,
    ) -> Self {
        Self { state: State::Warn, cause: Some(cause), mend: Some(mend.into()), ..Self::ok(kind, tried, found) }
    }

    /// The step at which it ends.
    pub fn fail(
        kind: StepKind,
        tried: impl Into<String>,
        found: impl Into<String>,
        cause: Cause,
        mend: impl Into<String>,
    ) -> Self {
        Self { state: State::Fail, cause: Some(cause), mend: Some(mend.into()), ..Self::ok(kind, tried, found) }
    }

    /// A step that was not reached.
    pub fn skip(kind: StepKind) -> Self {
        Self { state: State::Skip, ..Self::ok(kind, "", "not reached") }
    }
}

/// The step that explains everything: the first that failed.
pub fn verdict(steps: &[Step]) -> Option<&Step> {
    steps.iter().find(|step| step.state == State::Fail)
}
