//! The options of a profile.

use std::collections::BTreeMap;

use crate::provider::{ConnectSpec, ProviderError, Result};

/// What the options say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Settings {
    /// The version of every table that is not named.
    everywhere: Option<u64>,
    /// Versions of single tables.
    single: BTreeMap<String, u64>,
    /// Partitions to look into.
    pub nprobes: Option<usize>,
    /// How many times the hits are read again in full.
    pub refine_factor: Option<u32>,
    /// Candidates of an HNSW index.
    pub ef: Option<usize>,
}

impl Settings {
    /// Reads them.
    ///
    /// # Errors
    /// `BadRequest` for what is no such number.
    pub(super) fn of(spec: &ConnectSpec) -> Result<Self> {
        let mut settings = Self {
            nprobes: number(spec, "nprobes")?,
            refine_factor: number(spec, "refine_factor")?,
            ef: number(spec, "ef")?,
            ..Self::default()
        };
        for part in spec.option("version").unwrap_or_default().split(',').filter(|part| !part.trim().is_empty()) {
            let (table, version) = part.rsplit_once('=').unwrap_or(("", part));
            let version = version.trim().parse().map_err(|_| wrong("version", part))?;
            if table.is_empty() {
                settings.everywhere = Some(version);
            } else {
                settings.single.insert(table.trim().to_owned(), version);
            }
        }
        Ok(settings)
    }

    /// The version at which a table is to be opened; the newest if nothing is said.
    pub(super) fn version(&self, table: &str) -> Option<u64> {
        self.single.get(table).copied().or(self.everywhere)
    }

    /// Whether any table is opened as it was, so that nothing is written.
    pub(super) fn looks_back(&self) -> bool {
        self.everywhere.is_some() || !self.single.is_empty()
    }
}

fn number<T: std::str::FromStr + PartialOrd + From<u8>>(spec: &ConnectSpec, name: &str) -> Result<Option<T>> {
    let Some(text) = spec.option(name) else { return Ok(None) };
    let number = text.trim().parse::<T>().ok().filter(|number| *number >= T::from(1));
    number.map(Some).ok_or_else(|| wrong(name, text))
}

fn wrong(name: &str, text: &str) -> ProviderError {
    ProviderError::BadRequest {
        cause: format!("{text:?} is no value of the option {name}"),
        mend: "Give a whole number from 1 on; for versions also NAME=NUMBER, several with commas between.".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::provider::ProviderKind;

    fn settings(name: &str, value: &str) -> Result<Settings> {
        let mut spec = ConnectSpec::directory(ProviderKind::LanceDb, "/x");
        spec.options.insert(name.to_owned(), value.to_owned());
        Settings::of(&spec)
    }

    #[test]
    fn versions_are_of_all_tables_or_of_one() {
        let settings = settings("version", "3, a=b=7").unwrap();
        assert_eq!((settings.version("x"), settings.version("a=b")), (Some(3), Some(7)));
        assert!(settings.looks_back() && !Settings::default().looks_back());
        assert_eq!(Settings::default().version("x"), None);
    }

    #[test]
    fn what_is_no_number_is_refused_by_name() {
        for (name, value) in [("version", "x"), ("nprobes", "0"), ("ef", "-1"), ("refine_factor", "1.5")] {
            let error = settings(name, value).unwrap_err().to_string();
            assert!(error.contains(name) && error.contains(value), "{error}");
        }
        assert_eq!(settings("nprobes", "20").unwrap().nprobes, Some(20));
    }
}
