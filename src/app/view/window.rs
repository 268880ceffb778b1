//! The part of a collection that is in memory: a few consecutive pages, and the cursor of every
//! page that was ever seen, so that going back needs no OFFSET.

use std::collections::VecDeque;

use crate::provider::model::{Cursor, Page, Record};

/// Most pages kept, however large the collection.
pub const MAX_PAGES: usize = 5;

/// Where a page starts.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Mark {
    cursor: Option<Cursor>,
    first_row: usize,
}

/// A window of loaded records over a collection.
#[derive(Debug, Clone, PartialEq)]
pub struct Window {
    /// Start of page `i`, for each page seen and the one after the last seen.
    marks: Vec<Mark>,
    /// Records of the pages `first_page ..`.
    pages: VecDeque<Vec<Record>>,
    first_page: usize,
    /// Number of rows in all, once the end was seen.
    end: Option<usize>,
}

impl Default for Window {
    fn default() -> Self {
        Self { marks: vec![Mark { cursor: None, first_row: 0 }], pages: VecDeque::new(), first_page: 0, end: None }
    }
}

impl Window {
    /// Takes in page `index`. Pages next to the loaded ones join them, and the farthest leaves when
    /// there are too many; any other page replaces them all.
    pub fn install(&mut self, index: usize, page: Page) {
        let Some(mark) = self.marks.get(index) else { return };
        let after = mark.first_row + page.records.len();
        match page.next {
            Some(next) => {
                let next = Mark { cursor: Some(next), first_row: after };
                if self.marks.get(index + 1).is_some_and(|known| *known != next) {
                    // Somebody wrote meanwhile: what was known of later pages no longer holds.
                    self.marks.truncate(index + 1);
                    self.pages.truncate((index + 1).saturating_sub(self.first_page));
                    self.end = None;
                }
                if self.marks.len() == index + 1 {
                    self.marks.push(next);
                }
                if self.end.is_some_and(|end| end <= after) {
                    self.end = None;
                }
            }
            None => {
                self.marks.truncate(index + 1);
                self.pages.truncate((index + 1).saturating_sub(self.first_page));
                self.end = Some(after);
            }
        }
        if let Some(slot) = index.checked_sub(self.first_page).and_then(|i| self.pages.get_mut(i)) {
            *slot = page.records;
        } else if !self.pages.is_empty() && index == self.first_page + self.pages.len() {
            self.pages.push_back(page.records);
            if self.pages.len() > MAX_PAGES {
                self.pages.pop_front();
                self.first_page += 1;
            }
        } else if !self.pages.is_empty() && index + 1 == self.first_page {
            self.pages.push_front(page.records);
            self.first_page = index;
            self.pages.truncate(MAX_PAGES);
        } else {
            self.pages = VecDeque::from([page.records]);
            self.first_page = index;
        }
    }

    /// Where the pages start, without their records: from it the same place is found again.
    pub fn without_records(&self) -> Self {
        Self { marks: self.marks.clone(), pages: VecDeque::new(), first_page: 0, end: self.end }
    }

    /// Number of pages whose start is known.
    pub fn known_pages(&self) -> usize {
        self.marks.len()
    }

    /// The record in a row, if it is loaded.
    pub fn row(&self, row: usize) -> Option<&Record> {
        let mut start = self.first_row();
        for page in &self.pages {
            if let Some(record) = row.checked_sub(start).and_then(|i| page.get(i)) {
                return Some(record);
            }
            start += page.len();
        }
        None
    }

    /// The first loaded row.
    pub fn first_row(&self) -> usize {
        self.marks.get(self.first_page).map_or(0, |mark| mark.first_row)
    }

    /// The row after the last loaded one.
    pub fn last_row(&self) -> usize {
        self.first_row() + self.loaded()
    }

    /// Number of loaded records.
    pub fn loaded(&self) -> usize {
        self.pages.iter().map(Vec::len).sum()
    }

    /// Number of rows in all, once the end was seen.
    pub fn end(&self) -> Option<usize> {
        self.end
    }

    /// Rows that were read so far, loaded or not.
    pub fn seen(&self) -> usize {
        self.end.unwrap_or_else(|| self.marks.last().map_or(0, |mark| mark.first_row))
    }

    /// Whether nothing is loaded.
    pub fn is_fresh(&self) -> bool {
        self.pages.is_empty()
    }

    /// The page after the loaded ones, with its cursor.
    pub fn next_page(&self) -> Option<(usize, Option<Cursor>)> {
        self.start_of(self.first_page + self.pages.len())
    }

    /// The page before the loaded ones, with its cursor.
    pub fn previous_page(&self) -> Option<(usize, Option<Cursor>)> {
        self.start_of(self.first_page.checked_sub(1)?)
    }

    /// The page that a row is in, if where it starts is known.
    pub fn page_of(&self, row: usize) -> Option<(usize, Option<Cursor>)> {
        let index = self.marks.partition_point(|mark| mark.first_row <= row).checked_sub(1)?;
        self.start_of(index)
    }

    fn start_of(&self, index: usize) -> Option<(usize, Option<Cursor>)> {
        self.marks.get(index).map(|mark| (index, mark.cursor.clone()))
    }

    /// The loaded records.
    pub fn records(&self) -> impl Iterator<Item = &Record> {
        self.pages.iter().flatten()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::provider::model::RecordId;

    /// A collection of `len` rows with ids equal to the row, in pages of 10; the cursor is the row.
    fn page(len: u64, cursor: Option<&Cursor>) -> Page {
        let start: u64 = cursor.map_or(0, |c| c.0.parse().unwrap());
        let stop = (start + 10).min(len);
        let records = (start..stop)
            .map(|n| Record { id: RecordId::from(n), vectors: None, payload: Default::default(), text: None })
            .collect();
        Page { records, next: (stop < len).then(|| Cursor(stop.to_string())) }
    }

    fn load(window: &mut Window, len: u64, at: (usize, Option<Cursor>)) {
        window.install(at.0, page(len, at.1.as_ref()));
    }

    fn holds_what_it_says(window: &Window) {
        for row in window.first_row()..window.last_row() {
            assert_eq!(window.row(row).unwrap().id, RecordId::from(row as u64));
        }
        assert!(window.row(window.last_row()).is_none());
        assert!(window.loaded() <= MAX_PAGES * 10);
    }

    #[test]
    fn down_to_the_end_and_back_up_with_few_pages_in_memory() {
        let mut window = Window::default();
        load(&mut window, 1005, (0, None));
        while let Some(at) = window.next_page() {
            load(&mut window, 1005, at);
            holds_what_it_says(&window);
        }
        assert_eq!(window.end(), Some(1005));
        assert_eq!(window.last_row(), 1005);
        while let Some(at) = window.previous_page() {
            load(&mut window, 1005, at);
            holds_what_it_says(&window);
        }
        assert_eq!(window.first_row(), 0);
        assert_eq!(window.end(), Some(1005), "going up forgets nothing about the end");
    }

    #[test]
    fn the_first_page_comes_back_by_its_row() {
        let mut window = Window::default();
        load(&mut window, 500, (0, None));
        for _ in 0..20 {
            let at = window.next_page().unwrap();
            load(&mut window, 500, at);
        }
        assert!(window.row(0).is_none());
        let at = window.page_of(0).unwrap();
        load(&mut window, 500, at);
        holds_what_it_says(&window);
        assert_eq!(window.last_row(), 10);
    }

    #[test]
    fn a_collection_that_shrank_is_believed() {
        let mut window = Window::default();
        load(&mut window, 40, (0, None));
        let at = window.next_page().unwrap();
        load(&mut window, 40, at.clone());
        load(&mut window, 15, at);
        assert_eq!(window.end(), Some(15));
        assert_eq!(window.next_page(), None);
        holds_what_it_says(&window);
    }

    #[test]
    fn an_empty_collection_has_an_end() {
        let mut window = Window::default();
        load(&mut window, 0, (0, None));
        assert_eq!((window.end(), window.loaded(), window.next_page()), (Some(0), 0, None));
    }
}
