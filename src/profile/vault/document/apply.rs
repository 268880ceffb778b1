//! Operations on the document.

use age::x25519;
use toml_edit::{ArrayOfTables, Item, Table, value};
use uuid::Uuid;

use super::super::super::model::{Profile, ProfileId};
use super::super::{Operation, VaultError};
use super::{Document, SCHEMA, fields, time};

impl Document {
    /// Applies an operation and counts the revision; on an error the document must not be saved.
    pub(in super::super) fn apply(&mut self, operation: &Operation) -> Result<(), VaultError> {
        if self.schema > SCHEMA {
            return Err(VaultError::NewerSchema { found: self.schema, known: SCHEMA });
        }
        match operation {
            Operation::Add(profile) => self.add(profile)?,
            Operation::Update(profile) => self.update(profile)?,
            Operation::Duplicate { id, name } => {
                let mut copy = self.find(*id)?;
                copy.id = ProfileId(Uuid::new_v4());
                copy.name.clone_from(name);
                copy.open_at_start = false;
                copy.secret = copy.secret.and_then(|secret| secret.for_a_copy());
                self.add(&copy)?;
            }
            Operation::Remove(id) => self.remove(*id)?,
            Operation::RenameGroup { from, to } => self.rename_group(from, to)?,
            Operation::ArrangeProfiles(order) => self.arrange_profiles(order),
            Operation::ArrangeGroups(groups) => self.arrange_groups(groups)?,
            Operation::AddRecipient { name, recipient } => self.add_recipient(name, recipient)?,
            Operation::RemoveRecipient { name } => self.remove_recipient(name)?,
            Operation::Import { rev, profiles } => self.import(*rev, profiles)?,
        }
        self.touch();
        Ok(())
    }

    /// Counts a save.
    pub(in super::super) fn touch(&mut self) {
        let rev = i64::try_from(self.rev().saturating_add(1)).unwrap_or(i64::MAX);
        let table = self.toml.as_table_mut();
        fields::set(table, "schema", Some(self.schema.into()));
        fields::set(table, "rev", Some(rev.into()));
        fields::set(table, "saved_at", Some(time::now().into()));
    }

    /// Makes sure that the key that opened the store will open it after the save, too.
    pub(in super::super) fn keep_recipient(&mut self, own: &[x25519::Recipient]) {
        let listed = self.listed_recipients();
        let known = own.iter().any(|key| listed.values().any(|text| *text == key.to_string()));
        if let (false, Some(first)) = (known, own.first()) {
            let name =
                if listed.contains_key("owner") { format!("owner-{}", listed.len()) } else { "owner".to_owned() };
            self.insert_recipient(&name, &first.to_string());
        }
    }

    fn find(&self, id: ProfileId) -> Result<Profile, VaultError> {
        self.profile_tables()
            .enumerate()
            .filter(|(_, table)| fields::id(table) == Some(id))
            .find_map(|(index, table)| fields::read(table, index).ok())
            .ok_or_else(|| VaultError::ProfileGone { name: id.0.to_string() })
    }

    fn add(&mut self, profile: &Profile) -> Result<(), VaultError> {
        self.check_name(profile)?;
        // Also one that cannot be understood keeps its id.
        if let Some(known) = self.profile_tables().find(|table| fields::id(table) == Some(profile.id)) {
            let name = known.get("name").and_then(Item::as_str).unwrap_or_default().to_owned();
            return Err(VaultError::NameTaken { name });
        }
        let mut table = Table::new();
        fields::write(&mut table, profile)?;
        let wrong = VaultError::BadDocument {
            path: self.path.clone(),
            what: "profile".to_owned(),
            expected: "a list of [[profile]] tables",
        };
        self.toml
            .entry("profile")
            .or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()))
            .as_array_of_tables_mut()
            .ok_or(wrong)?
            .push(table);
        Ok(())
    }

    fn update(&mut self, profile: &Profile) -> Result<(), VaultError> {
        self.check_name(profile)?;
        let index = self.position(profile.id).ok_or_else(|| VaultError::ProfileGone { name: profile.name.clone() })?;
        match self.tables().and_then(|tables| tables.get_mut(index)) {
            Some(table) => fields::write(table, profile),
            None => Err(VaultError::ProfileGone { name: profile.name.clone() }),
        }
    }

    fn remove(&mut self, id: ProfileId) -> Result<(), VaultError> {
        let index = self.position(id).ok_or_else(|| VaultError::ProfileGone { name: id.0.to_string() })?;
        if let Some(tables) = self.tables() {
            tables.remove(index);
        }
        Ok(())
    }

    fn tables(&mut self) -> Option<&mut ArrayOfTables> {
        self.toml.get_mut("profile").and_then(Item::as_array_of_tables_mut)
    }

    /// The place of the table with that id, as it is read: the first one counts.
    fn position(&self, id: ProfileId) -> Option<usize> {
        self.profile_tables()
            .enumerate()
            .position(|(index, table)| fields::id(table) == Some(id) && fields::read(table, index).is_ok())
    }

    fn check_name(&self, profile: &Profile) -> Result<(), VaultError> {
        let name = profile.name.as_str();
        usable_name(name)?;
        // Also the names of profiles that cannot be understood count as taken.
        let taken = self.profile_tables().enumerate().any(|(index, table)| {
            table.get("name").and_then(Item::as_str) == Some(name)
                && (fields::id(table) != Some(profile.id) || fields::read(table, index).is_err())
        });
        if taken { Err(VaultError::NameTaken { name: name.to_owned() }) } else { Ok(()) }
    }

    fn add_recipient(&mut self, name: &str, recipient: &str) -> Result<(), VaultError> {
        let bad = || VaultError::BadRecipient { name: name.to_owned() };
        let recipient: x25519::Recipient = recipient.trim().parse().map_err(|_| bad())?;
        if name.trim().is_empty() {
            return Err(bad());
        }
        if self.listed_recipients().contains_key(name) {
            let why = "another key has that name; remove it first";
            return Err(VaultError::RecipientKept { name: name.to_owned(), why });
        }
        self.insert_recipient(name, &recipient.to_string());
        Ok(())
    }

    fn remove_recipient(&mut self, name: &str) -> Result<(), VaultError> {
        let kept = |why| VaultError::RecipientKept { name: name.to_owned(), why };
        let table = self.toml.get_mut("recipients").and_then(Item::as_table_mut);
        table.and_then(|table| table.remove(name)).map(drop).ok_or_else(|| kept("there is no recipient of that name"))
    }

    fn insert_recipient(&mut self, name: &str, text: &str) {
        let item = self.toml.entry("recipients").or_insert_with(|| Item::Table(Table::new()));
        if let Some(table) = item.as_table_mut() {
            table.insert(name, value(text));
        }
    }
}

/// Whether a text can be the name of a profile, whatever else is in the store.
///
/// # Errors
/// [`VaultError::BadName`], with the reason.
pub fn usable_name(name: &str) -> Result<(), VaultError> {
    let bad = |why| Err(VaultError::BadName { name: name.to_owned(), why });
    if name.trim().is_empty() {
        return bad("it is empty");
    }
    if name.trim() != name {
        return bad("it begins or ends with a space");
    }
    if name.chars().any(char::is_control) {
        return bad("it has a control character");
    }
    if name.starts_with('-') {
        return bad("it would look like an option on the command line");
    }
    if name.contains(['/', '\\']) || name.contains("://") {
        return bad("it would look like a path or a URL on the command line");
    }
    if name == "demo" {
        return bad("it is the name of the demonstration database");
    }
    Ok(())
}
