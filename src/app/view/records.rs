//! The records of a collection, page by page.

use super::columns::Columns;
use super::window::Window;
use crate::app::list::ListState;
use crate::connection::message::{Question, RequestId};
use crate::provider::filter::Filter;
use crate::provider::model::{Count, Cursor, Page, PageRequest, Record};

/// A page that is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Loading {
    /// The question.
    pub request: RequestId,
    /// Which page.
    pub page: usize,
    /// Records that were asked for.
    pub limit: usize,
}

/// The filter of a table: what was typed, and what it means.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FilterState {
    /// The text, empty for none.
    pub text: String,
    /// The filter that the records are of.
    pub filter: Option<Filter>,
}

/// A filter that runs here, because the database refuses it and the user agreed to the reading.
#[derive(Debug, Clone, Default)]
pub struct Here {
    /// Records read for it so far.
    pub read: u64,
    /// The page that is not whole yet.
    part: Option<Part>,
}

#[derive(Debug, Clone)]
struct Part {
    page: usize,
    limit: usize,
    next: Option<Cursor>,
    kept: Vec<Record>,
}

/// A table of records.
#[derive(Debug, Clone)]
pub struct RecordsView {
    /// The collection.
    pub collection: String,
    /// What is loaded. Change it by [`RecordsView::install`].
    pub window: Window,
    /// Whether what is loaded answers an earlier question: it stays, dimmed, until the new answer comes.
    pub outdated: bool,
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
    /// Whether the database refused the filter.
    pub refused: bool,
    /// The filter running here.
    pub here: Option<Here>,
    /// Paths of the payload schema, once they were asked for.
    pub schema: Option<Vec<String>>,
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
            outdated: false,
            list: ListState::default(),
            columns: Columns::default(),
            filter: FilterState::default(),
            total: None,
            counting: None,
            loading: None,
            error: None,
            refused: false,
            here: None,
            schema: None,
            with_vectors: false,
            to_the_end: false,
        }
    }

    /// The selected record, if it is loaded.
    pub fn selected(&self) -> Option<&Record> {
        self.window.row(self.list.selected)
    }

    /// Starts over from the first page: another filter, or vectors on or off. What is there stays in
    /// sight until the first page of the new answer comes.
    pub fn restart(&mut self) {
        if self.window.is_fresh() {
            // Nothing to keep but a place that no longer holds.
            (self.window, self.list) = (Window::default(), ListState::default());
        } else {
            self.outdated = true;
        }
        (self.loading, self.error, self.to_the_end) = (None, None, false);
        if let Some(here) = &mut self.here {
            *here = Here::default();
        }
    }

    /// What is to be asked for a page that starts at a cursor; of one that is filtered here and not
    /// whole yet, the rest.
    pub fn question(&self, page: usize, cursor: Option<Cursor>, limit: usize) -> Question {
        let collection = self.collection.clone();
        let part = self.here.as_ref().map(|here| here.part.as_ref().filter(|part| part.page == page));
        match part {
            None => Question::Page { collection, request: self.page_request(cursor, limit) },
            Some(None) => Question::Sift { collection, request: self.page_request(cursor, limit) },
            Some(Some(part)) => {
                let room = part.limit.saturating_sub(part.kept.len());
                Question::Sift { collection, request: self.page_request(part.next.clone(), room) }
            }
        }
    }

    /// A piece of a page came that is filtered here; the page, if it is whole with it.
    pub fn sifted(&mut self, page: usize, limit: usize, piece: Page, read: u64) -> Option<Page> {
        let here = self.here.as_mut()?;
        here.read += read;
        let old = here.part.take_if(|part| part.page == page);
        let (limit, mut kept) = old.map_or((limit, Vec::new()), |part| (part.limit, part.kept));
        kept.extend(piece.records);
        if piece.next.is_none() || kept.len() >= limit {
            return Some(Page { records: kept, next: piece.next });
        }
        here.part = Some(Part { page, limit, next: piece.next, kept });
        None
    }

    /// Begins a page anew that is filtered here and not whole yet.
    pub fn forget_part(&mut self) {
        if let Some(here) = &mut self.here {
            here.part = None;
        }
    }

    /// A page came.
    pub fn install(&mut self, index: usize, page: Page) {
        if std::mem::take(&mut self.outdated) {
            (self.window, self.list) = (Window::default(), ListState::default());
        }
        self.columns.learn(page.records.iter());
        self.window.install(index, page);
    }

    /// The page to read again so that what is in sight is as it is now in the database.
    pub fn page_in_sight(&self) -> Option<(usize, Option<Cursor>)> {
        if self.outdated { Some((0, None)) } else { self.window.page_of(self.list.top) }
    }

    /// The same table without its records and questions: place, filter and columns.
    pub fn place(&self) -> Self {
        let (window, list) =
            if self.outdated { Default::default() } else { (self.window.without_records(), self.list) };
        Self {
            collection: self.collection.clone(),
            window,
            outdated: false,
            list,
            columns: self.columns.clone(),
            filter: self.filter.clone(),
            total: self.total,
            counting: None,
            loading: None,
            error: None,
            refused: false,
            // Who agreed to the reading did so for the filter, not for a while.
            here: self.here.as_ref().map(|_| Here::default()),
            schema: self.schema.clone(),
            with_vectors: self.with_vectors,
            to_the_end: false,
        }
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
        if let Some(part) = self.here.as_ref().and_then(|here| here.part.as_ref()) {
            return Some((part.page, part.next.clone()));
        }
        let window = &self.window;
        if window.is_fresh() || self.outdated {
            return self.page_in_sight();
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
