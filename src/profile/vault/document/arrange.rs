//! The order of profiles and groups, and which groups are folded: `place` in a `[[profile]]`, `place`
//! and `collapsed` in a `[[group]]`. A store without them is read as it always was.

use std::collections::BTreeMap;

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
