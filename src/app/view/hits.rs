//! The hits of one search.

use std::time::Duration;

use super::columns::Columns;
use crate::app::list::ListState;
use crate::app::loadable::Loadable;
use crate::connection::message::RequestId;
use crate::jobs::model::matching::Itself;
use crate::provider::model::{Hit, SearchRequest};

/// What a search has in common with those that were asked with it in linked panes.
#[derive(Debug, Clone, PartialEq)]
pub struct Shared {
    /// The same for all of them.
    pub token: u64,
    /// The record whose vector was taken: it is not among the hits of any.
    pub without: Option<Itself>,
    /// How many hits are kept.
    pub top: usize,
}

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
    /// The search in linked panes that it is part of.
    pub shared: Option<Shared>,
    /// Whether the question of the linked panes does not fit here: nothing was asked.
    pub unfit: bool,
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
            shared: None,
            unfit: false,
        }
    }

    /// The answer came; answers to other questions change nothing: `false`.
    pub fn finish(&mut self, request: RequestId, result: Result<Vec<Hit>, String>) -> bool {
        let result = result.map(|hits| self.without_the_record(hits));
        let finished = self.hits.finish(request, result);
        if finished {
            self.list.selected = self.list.selected.min(self.len().saturating_sub(1));
        }
        finished
    }

    /// Makers that search by a vector find the record that it is of, at other ids perhaps than elsewhere.
    fn without_the_record(&self, mut hits: Vec<Hit>) -> Vec<Hit> {
        if let Some(shared) = &self.shared {
            hits.retain(|hit| shared.without.as_ref().is_none_or(|itself| !itself.is(&hit.record)));
            hits.truncate(shared.top);
        }
        hits
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
