//! Small questions: a line of text, a passphrase, yes or no.

use crate::app::field::{SecretField, TextField};
use crate::app::filter_bar::Bar;
use crate::app::job::JobId;
use crate::app::overlay::by_text::ByText;
use crate::app::panes::PaneId;
use crate::app::view::job::Resuming;
use crate::connection::message::ConnectionId;
use crate::jobs::model::wishes;
use crate::profile::model::ProfileId;
use crate::profile::vault::strength::{Strength, strength};

/// What the typed line is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PromptPurpose {
    /// The filter of a table.
    Filter(PaneId),
    /// A search of a pane's collection.
    Search(PaneId),
    /// A text to search a pane's collection by.
    Text(PaneId),
    /// The id of a record of a pane's collection.
    GoToId(PaneId),
    /// A new name for a profile.
    RenameProfile(ProfileId),
    /// A new path for a group.
    RenameGroup,
    /// The name under which an ad-hoc connection is saved.
    SaveAsProfile(ConnectionId),
    /// The field that records of panes linked with this one are matched by.
    LinkBy(PaneId),
    /// What the sidebar is to show.
    FindProfile,
    /// The file of an export.
    ExportFile,
    /// Who can open an export.
    ExportRecipients,
    /// The file to import.
    ImportFile,
    /// The key file that opens the file to import.
    ImportKey,
    /// Minutes and name of a connection that is to be writable for a while.
    WriteWindow(ConnectionId),
    /// The name of the collection that the one of this pane is copied to.
    CopyName {
        /// The pane with the source.
        pane: PaneId,
        /// The database to copy to.
        target: ConnectionId,
    },
    /// How a copy is to be made, whose plan this job has made.
    CopyOptions(JobId),
    /// How fast this copy may write.
    Rate(JobId),
    /// The directory that this connection is backed up into.
    BackupDir(ConnectionId),
    /// The name of the second collection of this comparison, which is to be made like the first.
    Align(JobId),
}

/// A line of text.
#[derive(Debug, Clone)]
pub struct Prompt {
    /// What it is for.
    pub purpose: PromptPurpose,
    /// The text.
    pub field: TextField,
    /// What is wrong with it.
    pub error: Option<String>,
    /// What it is about, where the title does not say that.
    pub about: Option<String>,
    /// What is known of a filter while it is typed.
    pub bar: Bar,
    /// The ways of a search by text.
    pub by_text: Option<ByText>,
}

impl Prompt {
    /// A prompt with some text in it.
    pub fn new(purpose: PromptPurpose, text: &str) -> Self {
        let field = TextField::new(text);
        Self { purpose, field, error: None, about: None, bar: Bar::default(), by_text: None }
    }

    /// The same with a line about what it is for.
    #[must_use]
    pub fn about(self, text: &str) -> Self {
        Self { about: Some(text.to_owned()), ..self }
    }

    /// The same with what is wrong with its text, if anything is.
    #[must_use]
    pub fn wrong(self, why: Option<String>) -> Self {
        Self { error: why, ..self }
    }

    /// Looks at the text after a change.
    pub fn look(&mut self) {
        self.error = None;
        if matches!(self.purpose, PromptPurpose::Filter(_)) {
            self.bar.look(self.field.text());
        }
    }

    /// Its title.
    pub fn title(&self) -> &'static str {
        match self.purpose {
            PromptPurpose::Filter(_) => "filter",
            PromptPurpose::Search(_) => "search the nearest records",
            PromptPurpose::Text(_) => "search by text",
            PromptPurpose::GoToId(_) => "go to the record with the id",
            PromptPurpose::RenameProfile(_) => "new name of the profile",
            PromptPurpose::RenameGroup => "new path of the group",
            PromptPurpose::SaveAsProfile(_) => "save this connection under the name",
            PromptPurpose::LinkBy(_) => "match linked records by the field",
            PromptPurpose::FindProfile => "find in the sidebar",
            PromptPurpose::ExportFile => "export to the file",
            PromptPurpose::ExportRecipients => "with secrets, encrypted to (empty: without secrets)",
            PromptPurpose::ImportFile => "import the file",
            PromptPurpose::ImportKey => "the key file that opens it",
            PromptPurpose::WriteWindow(_) => "writable for: minutes and the connection's name",
            PromptPurpose::CopyName { .. } => "copy to the collection",
            PromptPurpose::BackupDir(_) => "back up into the directory",
            PromptPurpose::CopyOptions(_) => "options of the copy",
            PromptPurpose::Rate(_) => "at most so many records a second",
            PromptPurpose::Align(_) => "make B like A: type the name of B's collection",
        }
    }

    /// What can be typed, with an example.
    pub fn hint(&self) -> &'static str {
        match self.purpose {
            PromptPurpose::Filter(_) => "e.g. year >= 2017 and lang = \"en\"; tab completes; empty shows all",
            PromptPurpose::Search(_) => "[0.1, 0.2, ...] or: like 17, like \"text id\"",
            PromptPurpose::Text(_) => self.by_text.as_ref().map_or("", ByText::hint),
            PromptPurpose::GoToId(_) => "17 is a number, \"17\" a text; a UUID as it is",
            PromptPurpose::LinkBy(_) => "a field of the payload that both have, e.g. url; empty for the id",
            PromptPurpose::FindProfile => "group, name, tag, production, qdrant, a word of the notes; enter keeps it",
            PromptPurpose::ExportFile => "a new file, e.g. ~/team.toml; empty: profiles.toml here",
            PromptPurpose::ExportRecipients => "age1... or ssh-ed25519 AAAA..., with commas between",
            PromptPurpose::ImportFile => "an export, compose.yaml, .env or their folder; empty: the desktop tool's",
            PromptPurpose::ImportKey => "an age key or an ssh-ed25519 key, e.g. ~/.ssh/id_ed25519",
            PromptPurpose::WriteWindow(_) => "minutes, then its name; read-only after it or a disconnect",
            PromptPurpose::RenameGroup => "a path, e.g. work/search",
            PromptPurpose::Align(_) => "the name of B's collection; esc leaves all as it is",
            PromptPurpose::CopyOptions(_) => wishes::OPTIONS,
            PromptPurpose::Rate(_) => "e.g. 500; empty: as fast as it can",
            PromptPurpose::BackupDir(_) => "new or empty, e.g. ~/backup-1; an interrupted one goes on",
            PromptPurpose::CopyName { .. } => "made if it is not there; enter shows the plan, nothing is written yet",
            PromptPurpose::RenameProfile(_) | PromptPurpose::SaveAsProfile(_) => "letters, digits, - _ .",
        }
    }
}

/// What a passphrase is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretPurpose {
    /// To unlock the store.
    Unlock,
    /// For a new store, typed twice; or another way to keep its key.
    NewStore,
}

/// How the key of a new store is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum KeyChoice {
    /// Wrapped by a passphrase.
    #[default]
    Passphrase,
    /// In a file that only this user can read: for machines where nobody is there to type.
    KeyFile,
    /// It is an age key that the user has already.
    OwnKey,
}

impl KeyChoice {
    /// All, in the order of the prompt.
    pub const ALL: [Self; 3] = [Self::Passphrase, Self::KeyFile, Self::OwnKey];

    /// The word on screen.
    pub fn name(self) -> &'static str {
        match self {
            Self::Passphrase => "passphrase",
            Self::KeyFile => "key file",
            Self::OwnKey => "own age key",
        }
    }

    /// The next one, around the end.
    pub fn next(self) -> Self {
        match self {
            Self::Passphrase => Self::KeyFile,
            Self::KeyFile => Self::OwnKey,
            Self::OwnKey => Self::Passphrase,
        }
    }
}

/// A passphrase.
#[derive(Debug, Clone)]
pub struct SecretPrompt {
    /// What it is for.
    pub purpose: SecretPurpose,
    /// The passphrase.
    pub field: SecretField,
    /// How the key of a new store is kept.
    pub choice: KeyChoice,
    /// The file of the user's own key, if that is the choice.
    pub path: TextField,
    /// The first typing, when it is asked twice.
    pub first: Option<SecretField>,
    /// What is wrong.
    pub error: Option<String>,
    /// Whether it is being tried: keys wait.
    pub busy: bool,
}

impl SecretPrompt {
    /// An empty prompt.
    pub fn new(purpose: SecretPurpose) -> Self {
        Self {
            purpose,
            field: SecretField::default(),
            choice: KeyChoice::default(),
            path: TextField::default(),
            first: None,
            error: None,
            busy: false,
        }
    }

    /// Whether the file of the user's own key is being typed.
    pub fn wants_path(&self) -> bool {
        self.purpose == SecretPurpose::NewStore && self.choice == KeyChoice::OwnKey
    }

    /// How good the passphrase is that is being chosen; `None` when none is, or nothing was typed yet.
    pub fn strength(&self) -> Option<Strength> {
        let choosing = self.purpose == SecretPurpose::NewStore && self.choice == KeyChoice::Passphrase;
        (choosing && self.first.is_none() && !self.field.is_empty()).then(|| strength(&self.field.secret()))
    }
}

/// A question with yes and no.
#[derive(Debug, Clone)]
pub struct Confirm {
    /// The question, a sentence.
    pub text: String,
    /// What yes does.
    pub yes: Confirmed,
}

impl Confirm {
    /// Whether yes has to be said by its letter: enter alone is typed too easily.
    pub fn is_grave(&self) -> bool {
        matches!(self.yes, Confirmed::DeleteProfile(_) | Confirmed::SaveForm | Confirmed::Import)
    }
}

/// What is done after yes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Confirmed {
    /// End the program.
    Quit,
    /// Delete a profile.
    DeleteProfile(ProfileId),
    /// Read all records of a pane's collection to filter them here.
    FilterHere(PaneId),
    /// Throw away what was typed in the form.
    DiscardForm,
    /// Save the form, which opens what was read-only.
    SaveForm,
    /// Import what was chosen, which opens what was read-only.
    Import,
    /// Open every profile of this group.
    OpenGroup(String),
    /// Open a profile of the project, while the store cannot say what it would do with a key of the user's.
    OpenUnchecked(ProfileId),
    /// Open again what was open.
    Restore,
    /// Close this connection, and end what works on it.
    CloseConnection(ConnectionId),
    /// Close every connection of this group, and end what works on them.
    CloseGroup(String),
    /// Make an empty embedded database in this directory, and open it.
    MakeDatabase(String),
    /// Copy, by the plan of this job.
    Copy(JobId),
    /// Go on with this copy.
    Resume(Resuming),
}
