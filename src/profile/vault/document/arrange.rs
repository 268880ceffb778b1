//! The order of profiles and groups, and which groups are folded: `place` in a `[[profile]]`, `place`
//! and `collapsed` in a `[[group]]`. A store without them is read as it always was.

use std::collections::{BTreeMap, BTreeSet};

use toml_edit::{ArrayOfTables, Item, Table};

use super::super::super::model::ProfileId;
use super::super::VaultError;
use super::{Document, GroupPlace, fields};

impl Document {
    /// The groups that have a place, in its order.
    pub(super) fn arranged_groups(&self) -> Vec<GroupPlace> {
        let tables = self.toml.get("group").and_then(Item::as_array_of_tables);
        let placed = tables.into_iter().flat_map(|tables| tables.iter()).filter_map(|table| {
            let path = table.get("path").and_then(Item::as_str)?.to_owned();
            let place = table.get("place").and_then(Item::as_integer)?;
            let collapsed = table.get("collapsed").and_then(Item::as_bool).unwrap_or(false);
            Some((place, GroupPlace { path, collapsed }))
        });
        let mut placed: Vec<_> = placed.collect();
        placed.sort_by_key(|(place, _)| *place);
        placed.into_iter().map(|(_, group)| group).collect()
    }

    /// Gives these profiles their places, from 1 in this order. One that is gone meanwhile is left out;
    /// one that came meanwhile has none and so comes last.
    pub(super) fn arrange_profiles(&mut self, order: &[ProfileId]) {
        let wanted: BTreeMap<ProfileId, i64> = order.iter().copied().zip(1..).collect();
        let Some(tables) = self.toml.get_mut("profile").and_then(Item::as_array_of_tables_mut) else { return };
        for table in tables.iter_mut() {
            if let Some(place) = fields::id(table).and_then(|id| wanted.get(&id)) {
                fields::set(table, "place", Some((*place).into()));
            }
        }
    }

    /// Gives a group another path: its profiles and those of the groups inside it go along, and where it stands and
    /// whether it is folded. A group that is there already under the new path stays as it is, with the profiles of both.
    pub(super) fn rename_group(&mut self, from: &str, to: &str) -> Result<(), VaultError> {
        let renamed = |path: &str| {
            let rest = path.strip_prefix(from)?;
            (rest.is_empty() || rest.starts_with('/')).then(|| format!("{to}{rest}"))
        };
        let mut found = false;
        let profiles = self.toml.get_mut("profile").and_then(Item::as_array_of_tables_mut);
        for table in profiles.into_iter().flat_map(ArrayOfTables::iter_mut) {
            if let Some(path) = table.get("group").and_then(Item::as_str).and_then(renamed) {
                fields::set(table, "group", Some(path.into()));
                found = true;
            }
        }
        if !found {
            return Err(VaultError::GroupGone { path: from.to_owned() });
        }
        if let Some(groups) = self.toml.get_mut("group").and_then(Item::as_array_of_tables_mut) {
            let path = |table: &Table| table.get("path").and_then(Item::as_str).map(str::to_owned);
            let before: BTreeSet<String> = groups.iter().filter_map(path).filter(|p| renamed(p).is_none()).collect();
            groups.retain(|table| {
                let new = path(table).and_then(|path| renamed(&path));
                new.is_none_or(|new| !before.contains(&new))
            });
            for table in groups.iter_mut() {
                if let Some(new) = path(table).and_then(|path| renamed(&path)) {
                    fields::set(table, "path", Some(new.into()));
                }
            }
        }
        Ok(())
    }

    /// Writes order and folding of the groups; what else stands in their tables is kept.
    pub(super) fn arrange_groups(&mut self, groups: &[GroupPlace]) -> Result<(), VaultError> {
        let wrong = VaultError::BadDocument {
            path: self.path.clone(),
            what: "group".to_owned(),
            expected: "a list of [[group]] tables",
        };
        let item = self.toml.entry("group").or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()));
        let tables = item.as_array_of_tables_mut().ok_or(wrong)?;
        for (place, group) in (1_i64..).zip(groups) {
            let of = |table: &Table| table.get("path").and_then(Item::as_str) == Some(group.path.as_str());
            if !tables.iter().any(of) {
                let mut table = Table::new();
                fields::set(&mut table, "path", Some(group.path.as_str().into()));
                tables.push(table);
            }
            if let Some(table) = tables.iter_mut().find(|table| of(table)) {
                fields::set(table, "place", Some(place.into()));
                fields::set(table, "collapsed", group.collapsed.then(|| true.into()));
            }
        }
        Ok(())
    }
}
