//! Small questions: a line of text, a passphrase, yes or no.

use crate::app::field::{SecretField, TextField};
use crate::app::panes::PaneId;
use crate::connection::message::ConnectionId;
use crate::profile::model::ProfileId;

/// What the typed line is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PromptPurpose {
    /// The filter of a table.
    Filter(PaneId),
    /// A search of a pane's collection.
    Search(PaneId),
    /// The id of a record of a pane's collection.
    GoToId(PaneId),
    /// A new name for a profile.
    RenameProfile(ProfileId),
    /// The name under which an ad-hoc connection is saved.
    SaveAsProfile(ConnectionId),
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
}

impl Prompt {
    /// A prompt with some text in it.
    pub fn new(purpose: PromptPurpose, text: &str) -> Self {
        Self { purpose, field: TextField::new(text), error: None }
    }

    /// Its title.
    pub fn title(&self) -> &'static str {
        match self.purpose {
            PromptPurpose::Filter(_) => "filter",
            PromptPurpose::Search(_) => "search the nearest records",
            PromptPurpose::GoToId(_) => "go to the record with the id",
            PromptPurpose::RenameProfile(_) => "new name of the profile",
            PromptPurpose::SaveAsProfile(_) => "save this connection under the name",
        }
    }

    /// What can be typed, with an example.
    pub fn hint(&self) -> &'static str {
        match self.purpose {
            PromptPurpose::Filter(_) => "e.g. year >= 2017 and lang = \"en\"; empty shows all",
            PromptPurpose::Search(_) => "[0.1, 0.2, ...] or: like 17, like \"text id\"",
            PromptPurpose::GoToId(_) => "17 is a number, \"17\" a text; a UUID as it is",
            PromptPurpose::RenameProfile(_) | PromptPurpose::SaveAsProfile(_) => "letters, digits, - _ .",
        }
    }
}

/// What a passphrase is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretPurpose {
    /// To unlock the store.
    Unlock,
    /// For a new store, typed twice; an empty one chooses the key file.
    NewStore,
}

/// A passphrase.
#[derive(Debug, Clone)]
pub struct SecretPrompt {
    /// What it is for.
    pub purpose: SecretPurpose,
    /// The passphrase.
    pub field: SecretField,
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
        Self { purpose, field: SecretField::default(), first: None, error: None, busy: false }
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

/// What is done after yes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Confirmed {
    /// End the program.
    Quit,
    /// Delete a profile.
    DeleteProfile(ProfileId),
    /// Throw away what was typed in the form.
    DiscardForm,
}
