//! The TOML inside the store. Kept as an editable document from reading to writing, so that comments
//! and keys that this version does not know survive an edit.

mod apply;
mod arrange;
pub(in crate::profile) mod fields;
mod import;
mod oidc;
mod route;
mod time;

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use age::x25519;
use toml_edit::{DocumentMut, Item, Table, value};
use zeroize::Zeroizing;

use super::super::model::{Profile, ProfileId};
use super::super::secret::register_variables;
use super::VaultError;
pub use apply::usable_name;
pub use time::rfc3339;

/// The newest schema that this version writes.
pub const SCHEMA: i64 = 1;

/// A group as the user has arranged it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupPlace {
    /// Its path, `work/search`.
    pub path: String,
    /// Whether its profiles are folded away.
    pub collapsed: bool,
}

/// What is in the store, as data.
#[derive(Debug, Clone)]
pub struct Store {
    /// Counts the saves.
    pub rev: u64,
    /// When it was saved last, RFC 3339, UTC.
    pub saved_at: Option<String>,
    /// Written by a newer version of the program: it can be read, not changed.
    pub read_only: bool,
    /// All profiles that can be understood, in the order of the file.
    pub profiles: Vec<Profile>,
    /// All groups, of profiles and declared ones, sorted.
    pub groups: Vec<String>,
    /// Groups that the user has arranged, in that order.
    pub arranged: Vec<GroupPlace>,
    /// Who can open it: name in the store, and `age1...`.
    pub recipients: BTreeMap<String, String>,
    /// Profiles that cannot be understood, and why; they stay in the file as they are.
    pub problems: Vec<VaultError>,
}

impl Store {
    /// The profile of that name.
    ///
    /// # Errors
    /// [`VaultError::UnknownProfile`] with the nearest names, or why the profile of that name cannot
    /// be understood.
    pub fn get(&self, name: &str) -> Result<&Profile, VaultError> {
        if let Some(found) = self.profiles.iter().find(|profile| profile.name == name) {
            return Ok(found);
        }
        let broken = self.problems.iter().find(|problem| match problem {
            VaultError::BadProfile { profile, .. } => profile == name,
            _ => false,
        });
        Err(broken.cloned().unwrap_or_else(|| VaultError::UnknownProfile {
            name: name.to_owned(),
            near: crate::text::nearest(name, self.profiles.iter().map(|profile| profile.name.as_str())),
        }))
    }
}

/// The decrypted store, editable.
#[derive(Clone)]
pub(super) struct Document {
    toml: DocumentMut,
    path: PathBuf,
    schema: i64,
}

impl Document {
    /// A new store that these recipients can open.
    pub(super) fn new(path: &Path, recipients: &[(&str, x25519::Recipient)]) -> Self {
        let mut toml = DocumentMut::new();
        toml.decor_mut().set_prefix("# Profiles of vector-inspector. Comments and unknown keys are kept.\n");
        toml.insert("schema", value(SCHEMA));
        toml.insert("rev", value(0));
        if !recipients.is_empty() {
            let mut table = Table::new();
            for (name, recipient) in recipients {
                table.insert(name, value(recipient.to_string()));
            }
            toml.insert("recipients", Item::Table(table));
        }
        Self { toml, path: path.to_owned(), schema: SCHEMA }
    }

    /// Parses the plaintext of the store.
    pub(super) fn parse(plaintext: &[u8], path: &Path) -> Result<Self, VaultError> {
        let not_toml = |line| VaultError::NotToml { path: path.to_owned(), line };
        let text = std::str::from_utf8(plaintext).map_err(|error| {
            let before = plaintext.get(..error.valid_up_to()).unwrap_or_default();
            not_toml(line_of(before))
        })?;
        // The parser's message quotes the line, which may hold a secret: only its number is told.
        let toml: DocumentMut = text.parse().map_err(|error: toml_edit::TomlError| {
            let at = error.span().map_or(0, |span| span.start).min(text.len());
            not_toml(line_of(text.as_bytes().get(..at).unwrap_or_default()))
        })?;
        let wrong =
            |what: &str, expected| VaultError::BadDocument { path: path.to_owned(), what: what.to_owned(), expected };
        // Absent in a file that a user wrote by hand: then it is of the first schema.
        let schema = match toml.get("schema") {
            None => 1,
            Some(item) => item.as_integer().filter(|n| *n >= 1).ok_or_else(|| wrong("schema", "a number from 1"))?,
        };
        if toml.get("rev").is_some_and(|item| item.as_integer().is_none_or(|n| n < 0)) {
            return Err(wrong("rev", "a number from 0"));
        }
        if toml.get("profile").is_some_and(|item| !item.is_array_of_tables()) {
            return Err(wrong("profile", "a list of [[profile]] tables"));
        }
        if toml.get("group").is_some_and(|item| !item.is_array_of_tables()) {
            return Err(wrong("group", "a list of [[group]] tables"));
        }
        let recipients = toml.get("recipients");
        if recipients.is_some_and(|item| !item.is_table()) {
            return Err(wrong("recipients", "a table [recipients]"));
        }
        Ok(Self { toml, path: path.to_owned(), schema })
    }

    /// The text to encrypt.
    pub(super) fn to_text(&self) -> Zeroizing<String> {
        Zeroizing::new(self.toml.to_string())
    }

    /// Everything in it as data.
    pub(super) fn store(&self) -> Store {
        let mut profiles: Vec<Profile> = Vec::new();
        let mut problems = Vec::new();
        let (mut ids, mut names) = (HashSet::new(), HashSet::new());
        for (index, table) in self.profile_tables().enumerate() {
            match fields::read(table, index) {
                Ok(profile) if ids.contains(&profile.id) => problems.push(duplicate("id", profile)),
                Ok(profile) if names.contains(&profile.name) => problems.push(duplicate("name", profile)),
                Ok(profile) => {
                    ids.insert(profile.id);
                    names.insert(profile.name.clone());
                    profiles.push(profile);
                }
                Err(problem) => problems.push(problem),
            }
        }
        // Stable: those without a place keep the order of the file.
        profiles.sort_by_key(|profile| profile.place.unwrap_or(u32::MAX));
        let mut groups: Vec<String> = profiles.iter().map(|profile| profile.group.clone()).collect();
        groups.extend(self.declared_groups());
        groups.retain(|group| !group.is_empty());
        groups.sort();
        groups.dedup();
        profiles.iter().for_each(register_variables);
        Store {
            rev: self.rev(),
            saved_at: self.toml.get("saved_at").and_then(Item::as_str).map(str::to_owned),
            read_only: self.schema > SCHEMA,
            profiles,
            groups,
            arranged: self.arranged_groups(),
            recipients: self.listed_recipients(),
            problems,
        }
    }

    fn rev(&self) -> u64 {
        self.toml.get("rev").and_then(Item::as_integer).and_then(|n| u64::try_from(n).ok()).unwrap_or(0)
    }

    fn profile_tables(&self) -> impl Iterator<Item = &Table> {
        self.toml.get("profile").and_then(Item::as_array_of_tables).into_iter().flat_map(|tables| tables.iter())
    }

    fn declared_groups(&self) -> impl Iterator<Item = String> {
        let tables = self.toml.get("group").and_then(Item::as_array_of_tables);
        tables
            .into_iter()
            .flat_map(|tables| tables.iter())
            .filter_map(|table| table.get("path").and_then(Item::as_str).map(str::to_owned))
    }

    fn listed_recipients(&self) -> BTreeMap<String, String> {
        let table = self.toml.get("recipients").and_then(Item::as_table);
        table
            .into_iter()
            .flat_map(|table| table.iter())
            .map(|(name, item)| (name.to_owned(), item.as_str().unwrap_or_default().to_owned()))
            .collect()
    }

    /// Whom to encrypt to. One that cannot be read is an error: leaving it out would lock its owner
    /// out without a word.
    pub(super) fn recipients(&self) -> Result<Vec<x25519::Recipient>, VaultError> {
        self.listed_recipients()
            .into_iter()
            .map(|(name, text)| text.parse().map_err(|_| VaultError::BadRecipient { name }))
            .collect()
    }
}

fn duplicate(field: &str, profile: Profile) -> VaultError {
    VaultError::BadProfile {
        profile: profile.name,
        field: field.to_owned(),
        expected: "different from that of every other profile".to_owned(),
    }
}

fn line_of(before: &[u8]) -> usize {
    1 + before.iter().filter(|byte| **byte == b'\n').count()
}

/// The id of a profile that a user wrote by hand without one: made from its name.
fn id_from_name(name: &str) -> ProfileId {
    const NAMESPACE: uuid::Uuid = uuid::uuid!("7b3f7d52-0c1e-4f6c-9d55-3f7a5f0f6c11");
    ProfileId(uuid::Uuid::new_v5(&NAMESPACE, name.as_bytes()))
}
