//! The library's errors in our words.

use std::error::Error as Cause;

use lancedb::Error;

use super::home::Home;
use crate::provider::{ProviderError, Result};

/// The longest piece of the library's words.
const LONGEST: usize = 500;

/// What an error means that a question to a table met with.
pub(super) fn failed(home: &Home, collection: &str, error: &Error) -> ProviderError {
    let gone = || ProviderError::NoSuchCollection { collection: collection.to_owned() };
    match error {
        Error::TableNotFound { .. } | Error::InvalidTableName { .. } => gone(),
        // dropped meanwhile, whatever the library met with first
        _ if !collection.is_empty() && home.has_lost(collection) => gone(),
        _ => of(home, error),
    }
}

/// What any other error means.
pub(in crate::provider) fn of(home: &Home, error: &Error) -> ProviderError {
    if let Some(meaning) = of_store(home, error) {
        return meaning;
    }
    let cause = words(error);
    let bad = |mend: &str| ProviderError::BadRequest { cause: cause.clone(), mend: mend.to_owned() };
    match error {
        Error::InvalidTableName { .. } => bad_name(error),
        Error::TableAlreadyExists { .. } => bad("Choose another name, or drop the old one first."),
        Error::InvalidInput { .. } | Error::Schema { .. } | Error::NotSupported { .. } => {
            bad("Change what LanceDB names.")
        }
        Error::CreateDir { path, source } => ProviderError::File { path: path.clone(), cause: source.to_string() },
        _ => ProviderError::Server { address: home.to_string(), cause },
    }
}

/// What it means that no table can be called so.
pub(super) fn bad_name(error: &Error) -> ProviderError {
    let mend = "A table's name has letters without accents, digits, dashes, underscores and periods.";
    ProviderError::BadRequest { cause: words(error), mend: mend.to_owned() }
}

/// What an object store said, or what happened on the way to it: deep in the library's error.
fn of_store(home: &Home, error: &Error) -> Option<ProviderError> {
    let Home::Store { trouble, .. } = home else { return None };
    let mut cause: Option<&(dyn Cause + 'static)> = Some(error);
    while let Some(error) = cause {
        if let Some(ours) = error.downcast_ref::<ProviderError>() {
            return Some(ours.clone());
        }
        cause = error.source();
    }
    trouble.last()
}

/// An error of the columns that the library gave us.
pub(super) fn unreadable(home: &Home, cause: impl Into<String>) -> ProviderError {
    ProviderError::BadAnswer { address: home.to_string(), cause: cause.into() }
}

/// The first line, without the places in the library's sources that it adds.
fn words(error: &Error) -> String {
    let text = error.to_string();
    let line = text.lines().next().unwrap_or_default();
    let end = [", /", ", rust/"].iter().filter_map(|mark| line.find(mark)).min();
    let line = end.and_then(|end| line.get(..end)).unwrap_or(line).trim_end_matches(['.', ' ']);
    line.chars().take(LONGEST).collect()
}

/// Brings the library's errors of one table into ours.
pub(super) trait Explain<T> {
    /// The same with our errors.
    fn explain(self, home: &Home, collection: &str) -> Result<T>;
}

impl<T> Explain<T> for lancedb::Result<T> {
    fn explain(self, home: &Home, collection: &str) -> Result<T> {
        self.map_err(|error| failed(home, collection, &error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_in_sources_are_left_out() {
        let message = "no such field, /root/.cargo/registry/src/lance/src/x.rs:12:3\nmore".to_owned();
        assert_eq!(words(&Error::Schema { message }), "Schema Error: no such field");
    }

    #[test]
    fn a_name_that_no_table_can_have_names_no_collection() {
        let error = Error::InvalidTableName { name: "a b".to_owned(), reason: "spaces".to_owned() };
        let collection = "a b".to_owned();
        assert_eq!(failed(&Home::Directory("/".into()), "a b", &error), ProviderError::NoSuchCollection { collection });
        assert!(matches!(of(&Home::Directory("/".into()), &error), ProviderError::BadRequest { .. }));
    }
}
