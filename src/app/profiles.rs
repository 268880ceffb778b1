//! Saved connections as the screen sees them: never with their secrets.

use secrecy::SecretString;

use crate::connection::message::LeadsTo;
use crate::profile::model::{Environment, KeyFacts, ProfileId};
use crate::provider::{Lock, ProviderKind};

/// The state of the encrypted store.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum StoreState {
    /// Not asked yet.
    #[default]
    Unknown,
    /// There is none; the first save makes one.
    Absent,
    /// There is one, and a passphrase is needed.
    Locked,
    /// A passphrase is being tried.
    Unlocking,
    /// Open.
    Unlocked,
    /// Open, but only for reading: a newer program wrote it.
    ReadOnly(String),
    /// It cannot be used; the sentence says why.
    Broken(String),
}

/// A profile in lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileSummary {
    /// Identity.
    pub id: ProfileId,
    /// Name.
    pub name: String,
    /// Path of its group, `work/search`; empty for none.
    pub group: String,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// Name of the color that marks it.
    pub color: Option<String>,
    /// Dev, staging, production.
    pub environment: Environment,
    /// Why nothing may be written through it; `None` where it may.
    pub lock: Option<Lock>,
    /// Certificates are not checked.
    pub insecure: bool,
    /// What is to be known of its key.
    pub key: KeyFacts,
    /// The kind of database.
    pub kind: ProviderKind,
    /// Address as shown.
    pub address: String,
    /// Which database it leads to, to be compared with where an open connection does.
    pub leads_to: LeadsTo,
    /// What stands between this machine and the server, in words; empty for nothing.
    pub way: String,
    /// What a colleague should know.
    pub notes: String,
    /// Marked, and offered first.
    pub favourite: bool,
    /// When it was opened last, in seconds since 1970.
    pub last_used: Option<u64>,
    /// It is offered by the project's file, and not in the store.
    pub of_project: bool,
}

/// Whether a group's path is that group, or one inside it.
pub fn is_within(path: &str, group: &str) -> bool {
    path.strip_prefix(group).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

impl ProfileSummary {
    /// Whether it is in that group, or in one inside it.
    pub fn is_in(&self, group: &str) -> bool {
        is_within(&self.group, group)
    }

    /// What it is called and found by first: group, name, tags.
    pub fn name_words(&self) -> String {
        let mut words = vec![self.group.as_str(), self.name.as_str()];
        words.extend(self.tags.iter().map(String::as_str));
        words.join(" ").trim().to_owned()
    }

    /// Everything that it can be found by.
    pub fn all_words(&self) -> String {
        let favourite = if self.favourite { "favourite" } else { "" };
        let words = [self.environment.name(), self.kind.name(), &self.address, favourite, &self.notes];
        format!("{} {}", self.name_words(), words.join(" "))
    }
}

/// All the profiles, and the state of their store.
#[derive(Debug, Clone, Default)]
pub struct Profiles {
    /// The store's state.
    pub state: StoreState,
    /// The profiles; empty unless the store is open.
    pub list: Vec<ProfileSummary>,
    /// Paths of groups in the order that the user gave them; others follow by name.
    pub groups: Vec<String>,
}

/// What a form holds: text as typed, checked by the store when it saves.
#[derive(Debug, Clone, Default)]
pub struct ProfileFields {
    /// The profile that is changed; `None` for a new one.
    pub id: Option<ProfileId>,
    /// Text of each field by its name, see `app::form`.
    pub values: std::collections::BTreeMap<&'static str, String>,
    /// What happens to the secret.
    pub secret: SecretChange,
}

impl ProfileFields {
    /// The text of a field, empty if it has none.
    pub fn value(&self, name: &str) -> &str {
        self.values.get(name).map_or("", String::as_str)
    }
}

/// What saving does to the secret.
#[derive(Debug, Clone, Default)]
pub enum SecretChange {
    /// Nothing: keep what is stored (none for a new profile).
    #[default]
    Keep,
    /// Take the secret over from another profile (duplicate).
    CopyFrom(ProfileId),
    /// Store this one.
    Set(SecretString),
}

/// How a new store is protected.
#[derive(Debug, Clone)]
pub enum NewStore {
    /// By a passphrase.
    Passphrase(SecretString),
    /// By a key file that only this user can read.
    KeyFile,
    /// By an age key that the user has already, in this file; `~` is the home directory.
    OwnKey(String),
}
