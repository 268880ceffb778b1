//! Pages and the opaque cursors between them.

use super::Record;
use crate::provider::filter::Filter;

/// Opaque position of a page: made by a provider, handed back to the same provider, never read by
/// anybody else.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Cursor(pub String);

/// A bounded question for some records.
#[derive(Debug, Clone, PartialEq)]
pub struct PageRequest {
    /// At most so many records.
    pub limit: usize,
    /// Where to go on; `None` starts at the beginning.
    pub cursor: Option<Cursor>,
    /// Only records that this selects.
    pub filter: Option<Filter>,
    /// Whether vectors come along; they are most of the bytes.
    pub with_vectors: bool,
}

impl PageRequest {
    /// The first page of so many records, without vectors or filter.
    pub fn first(limit: usize) -> Self {
        Self { limit, cursor: None, filter: None, with_vectors: false }
    }
}

/// Some records, and where the next ones start.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// The records, in the order of the collection.
    pub records: Vec<Record>,
    /// The next page, `None` at the end of the collection.
    pub next: Option<Cursor>,
}
