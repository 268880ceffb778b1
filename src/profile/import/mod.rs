//! Profiles from elsewhere. One reader per format gives the same plain [`Proposal`]s; `plan` compares them
//! with the store and says what would change; nothing is saved before somebody has seen that.
//!
//! Readers: `shared` (what `share` writes), `desktop`, `compose`, `dotenv`. They are pure functions of a text
//! and of variables that they are given; `source` reads the files and finds out which reader is meant.

mod compose;
mod desktop;
mod dotenv;
pub mod error;
mod names;
pub mod plan;
mod ports;
pub mod shared;
pub mod source;

use secrecy::SecretString;

use super::model::Profile;

pub use error::ImportError;
pub use names::identity;
pub use plan::{Choice, Clash, Item, KeyMove, Plan, State};
pub use source::{Format, Wish, read};

/// A profile that a file proposes.
#[derive(Debug, Clone)]
pub struct Proposal {
    /// The profile.
    pub profile: Profile,
    /// What the file speaks for: where a known profile is replaced, all else of it stays.
    pub speaks: Speaks,
    /// What whoever imports should know, e.g. that a key is not there. Sentences.
    pub notes: Vec<String>,
    /// Fields that were not taken over, and why.
    pub refused: Vec<Refused>,
    /// A key in plain text that the file has; it is taken over where that is asked for.
    pub plain_key: Option<SecretString>,
}

/// What a file speaks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speaks {
    /// Another copy of this program: of all that may be shared.
    Profile,
    /// Something else: of where the database is.
    Place,
}

/// A field that was not taken over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The field: `tls.ca_file`.
    pub field: String,
    /// Why.
    pub why: &'static str,
}

/// What a reader found.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    /// The profiles.
    pub proposals: Vec<Proposal>,
    /// What looked like one and is none, each a sentence.
    pub skipped: Vec<String>,
}

impl Proposal {
    /// A proposal of where a database is.
    fn of_place(profile: Profile) -> Self {
        Self { profile, speaks: Speaks::Place, notes: Vec::new(), refused: Vec::new(), plain_key: None }
    }
}

/// Where a text is from.
#[derive(Debug, Clone, Copy)]
pub struct Origin<'a> {
    /// The file, as it is shown in errors.
    pub shown: &'a str,
    /// The file, so that what is read again is known again.
    pub id: &'a str,
    /// The name of the folder that it is in: what is found gets its name after it. Empty for none.
    pub project: &'a str,
}

impl Origin<'_> {
    /// `shop-vectors` for the service `vectors` in the folder `shop`.
    fn name(&self, part: &str) -> String {
        let whole = if self.project.is_empty() { part.to_owned() } else { format!("{}-{part}", self.project) };
        names::clean(&whole)
    }
}
