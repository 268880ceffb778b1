//! The records of a collection, page by page.

use super::columns::Columns;
use super::window::Window;
use crate::app::list::ListState;
use crate::connection::message::RequestId;
use crate::provider::filter::Filter;
use crate::provider::model::{Count, Cursor, PageRequest, Record};

/// A page that is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Loading {
    /// The question.
    pub request: RequestId,
    /// Which page.
    pub page: usize,
}

/// The filter of a table: what was typed, and what it means.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FilterState {
    /// The text, empty for none.
    pub text: String,
    /// The filter that the records are of.
    pub filter: Option<Filter>,
}

/// A table of records.
#[derive(Debug, Clone)]
pub struct RecordsView {
    /// The collection.
    pub collection: String,
    /// What is loaded.
    pub window: Window,
    /// Selection (a row of the collection) and what is in sight.
    pub list: ListState,
    /// Columns.
    pub columns: Columns,
    /// The filter.
    pub filter: FilterState,
    /// Number of records that the filter selects, when known.
    pub total: Option<Count>,
    /// The question for `total`.
    pub counting: Option<RequestId>,
    /// The page that is under way.
    pub loading: Option<Loading>,
    /// Why the last page did not come.
    pub error: Option<String>,
    /// Whether vectors are read along.
    pub with_vectors: bool,
    /// Whether it reads on until the end of the collection.
    pub to_the_end: bool,
}

impl RecordsView {
    /// An empty table.
    pub fn new(collection: &str) -> Self {
        Self {
            collection: collection.to_owned(),
            window: Window::default(),
            list: ListState::default(),
            columns: Columns::default(),
            filter: FilterState::default(),
            total: None,
            counting: None,
            loading: None,
            error: None,
            with_vectors: false,
            to_the_end: false,
        }
    }

    /// The selected record, if it is loaded.
    pub fn selected(&self) -> Option<&Record> {
        self.window.row(self.list.selected)
    }

    /// Starts over from the first page: another filter, or vectors on or off.
    pub fn restart(&mut self) {
        self.window = Window::default();
        self.list = ListState::default();
        (self.loading, self.error, self.to_the_end) = (None, None, false);
    }

    /// The request for a page that starts at a cursor.
    pub fn page_request(&self, cursor: Option<Cursor>, limit: usize) -> PageRequest {
        PageRequest { limit, cursor, filter: self.filter.filter.clone(), with_vectors: self.with_vectors }
    }

    /// The page that should be loaded now for `height` rows in sight: the one that is missing, or
    /// the next one when the selection comes near an edge.
    pub fn wanted_page(&self, height: usize) -> Option<(usize, Option<Cursor>)> {
        if self.loading.is_some() || self.error.is_some() {
            return None;
        }
        let window = &self.window;
        if window.is_fresh() {
            return window.page_of(0);
        }
        if self.window.row(self.list.top).is_none() && window.end() != Some(0) {
            return window.page_of(self.list.top);
        }
        if (self.to_the_end || self.list.top + 2 * height >= window.last_row())
            && let Some(next) = window.next_page()
        {
            return Some(next);
        }
        if self.list.top < window.first_row() + height {
            return window.previous_page();
        }
        None
    }
}
