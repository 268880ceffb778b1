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

use std::collections::{HashMap, HashSet};

use secrecy::SecretString;

use super::model::{Profile, ProfileId};
use super::share::fields::Path;

pub use error::ImportError;
pub use names::identity;
pub use plan::{Beside, Change, Choice, Clash, Item, KeyMove, Plan, State};
pub use source::{Format, Wish, read};

/// A profile that a file proposes.
#[derive(Debug, Clone)]
pub struct Proposal {
    /// The profile.
    pub profile: Profile,
    /// What the file speaks for: where a known profile is replaced, all else of it stays.
    pub speaks: Speaks,
    /// The fields that a file of this program has; in a known profile no other is touched.
    pub said: Vec<Path>,
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
    /// Another copy of this program: of all that it says and that may be shared.
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

impl Reading {
    /// Takes in what another file gave. The same connection in both is one; another one of a known name gets a free
    /// name.
    fn join(&mut self, more: Self) {
        let mut ids: HashMap<ProfileId, usize> = HashMap::new();
        let mut names: HashMap<String, usize> = HashMap::new();
        for (at, known) in self.proposals.iter().enumerate() {
            ids.insert(known.profile.id, at);
            names.insert(known.profile.name.clone(), at);
        }
        let mut taken: HashSet<String> = names.keys().cloned().collect();
        for mut proposal in more.proposals {
            let other = &proposal.profile;
            let named = names.get(&other.name).copied();
            let named =
                named.filter(|at| self.proposals.get(*at).is_some_and(|known| same_place(&known.profile, other)));
            let at = ids.get(&other.id).copied().or(named);
            if let Some(known) = at.and_then(|at| self.proposals.get_mut(at)) {
                // Of the two files of the desktop tool only the older one has keys.
                known.plain_key = known.plain_key.take().or(proposal.plain_key);
                continue;
            }
            proposal.profile.name = names::free(&proposal.profile.name, &taken);
            taken.insert(proposal.profile.name.clone());
            self.proposals.push(proposal);
        }
        self.skipped.extend(more.skipped);
    }
}

fn same_place(a: &Profile, b: &Profile) -> bool {
    (a.provider, &a.address, &a.options) == (b.provider, &b.address, &b.options)
}

impl Proposal {
    /// A proposal of where a database is.
    fn of_place(profile: Profile) -> Self {
        let speaks = Speaks::Place;
        Self { profile, speaks, said: Vec::new(), notes: Vec::new(), refused: Vec::new(), plain_key: None }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::ProviderKind;

    #[test]
    fn of_two_files_one_connection_is_one_and_two_of_a_name_are_two() {
        let of = |address: &str, key: Option<&str>| {
            let mut proposal = Proposal::of_place(Profile::new("pg", ProviderKind::Pgvector, address));
            proposal.plain_key = key.map(SecretString::from);
            proposal
        };
        let reading = |proposals| Reading { proposals, skipped: Vec::new() };
        let mut both = reading(vec![of("db:5432", None)]);
        both.join(reading(vec![of("other:5432", None), of("db:5432", Some("s3same"))]));
        let names: Vec<&str> = both.proposals.iter().map(|p| p.profile.name.as_str()).collect();
        assert_eq!(names, ["pg", "pg-2"]);
        assert!(both.proposals[0].plain_key.is_some(), "the key is where either file has it");
        let mut other = of("db:5432", None);
        other.profile.options.insert("database".to_owned(), "shop".to_owned());
        both.join(reading(vec![other]));
        assert_eq!(both.proposals[2].profile.name, "pg-3", "another database of that server");
    }
}
