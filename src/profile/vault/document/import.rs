//! Many profiles in one save. Names and ids are looked up in tables made once: a thousand profiles must
//! not be compared with a thousand others each.

use std::collections::{HashMap, HashSet};

use toml_edit::{ArrayOfTables, Item, Table};

use super::super::super::model::{Profile, ProfileId};
use super::super::VaultError;
use super::{Document, apply, fields};

impl Document {
    /// Replaces the profiles whose ids are known and adds the others.
    pub(super) fn import(&mut self, rev: u64, profiles: &[Profile]) -> Result<(), VaultError> {
        if self.rev() != rev {
            return Err(VaultError::Changed);
        }
        let mut places: HashMap<ProfileId, usize> = HashMap::new();
        let mut names: HashMap<String, Option<ProfileId>> = HashMap::new();
        for (index, table) in self.profile_tables().enumerate() {
            // Of a profile that cannot be understood name and id are taken, and it is replaced by nothing.
            let id = fields::id(table).filter(|_| fields::read(table, index).is_ok());
            if let Some(name) = table.get("name").and_then(Item::as_str) {
                names.insert(name.to_owned(), id);
            }
            if let Some(id) = id {
                places.entry(id).or_insert(index);
            }
        }
        let wrong = VaultError::BadDocument {
            path: self.path.clone(),
            what: "profile".to_owned(),
            expected: "a list of [[profile]] tables",
        };
        // Names that become free by a rename are free at once: first all that is replaced lets go.
        let replaced: HashSet<ProfileId> = profiles.iter().map(|profile| profile.id).collect();
        names.retain(|_, id| id.is_none_or(|id| !replaced.contains(&id)));
        let item = self.toml.entry("profile").or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()));
        let tables = item.as_array_of_tables_mut().ok_or(wrong)?;
        for profile in profiles {
            apply::usable_name(&profile.name)?;
            if names.insert(profile.name.clone(), Some(profile.id)).is_some() {
                return Err(VaultError::NameTaken { name: profile.name.clone() });
            }
            match places.get(&profile.id) {
                Some(index) => {
                    if let Some(table) = tables.get_mut(*index) {
                        fields::write(table, profile)?;
                    }
                }
                None => {
                    let mut table = Table::new();
                    fields::write(&mut table, profile)?;
                    tables.push(table);
                    places.insert(profile.id, tables.len() - 1);
                }
            }
        }
        Ok(())
    }
}
