//! The hits of one search.

use std::time::Duration;

use super::columns::Columns;
use crate::app::list::ListState;
use crate::app::loadable::Loadable;
use crate::provider::model::{Hit, SearchRequest};

/// A table of hits.
#[derive(Debug, Clone)]
pub struct HitsView {
    /// The collection.
    pub collection: String,
    /// What was searched, in words: `like 17`, `vector of 384`.
    pub title: String,
    /// The question, to ask it again.
    pub request: SearchRequest,
    /// The hits, best first.
    pub hits: Loadable<Vec<Hit>>,
    /// How long the answer took.
    pub took: Option<Duration>,
    /// Selection.
    pub list: ListState,
    /// Columns.
    pub columns: Columns,
}

impl HitsView {
    /// A search that is not answered yet.
    pub fn new(collection: &str, title: String, request: SearchRequest) -> Self {
        Self {
            collection: collection.to_owned(),
            title,
            request,
            hits: Loadable::default(),
            took: None,
            list: ListState::default(),
            columns: Columns::default(),
        }
    }

    /// The selected hit.
    pub fn selected(&self) -> Option<&Hit> {
        self.hits.value.as_ref()?.get(self.list.selected)
    }

    /// Number of hits.
    pub fn len(&self) -> usize {
        self.hits.value.as_ref().map_or(0, Vec::len)
    }

    /// Whether there is no hit.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
