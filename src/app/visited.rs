//! Collections that were looked at and left: their place, filter, selection and columns, so that going
//! back shows the same. Never their records.

use std::collections::VecDeque;

use super::view::records::RecordsView;
use crate::connection::message::ConnectionId;

/// Most collections that are kept.
pub const MAX_VISITED: usize = 32;
/// Most starts of pages that all of them together keep: a few MiB at most, however far somebody read.
const MAX_PAGES: usize = 20_000;

/// The collections that were left, the last one at the end.
#[derive(Debug, Clone, Default)]
pub struct Visited {
    places: VecDeque<(ConnectionId, RecordsView)>,
}

impl Visited {
    /// Keeps the place of a table that is about to go.
    pub fn keep(&mut self, connection: ConnectionId, view: &RecordsView) {
        self.forget(connection, &view.collection);
        self.places.push_back((connection, view.place()));
        while self.places.len() > MAX_VISITED || (self.places.len() > 1 && self.pages() > MAX_PAGES) {
            self.places.pop_front();
        }
    }

    /// The table of a collection as it was left, without records.
    pub fn take(&mut self, connection: ConnectionId, collection: &str) -> Option<RecordsView> {
        let at = self.at(connection, collection)?;
        self.places.remove(at).map(|(_, view)| view)
    }

    /// Forgets all of a connection that is closed.
    pub fn forget_connection(&mut self, connection: ConnectionId) {
        self.places.retain(|(of, _)| *of != connection);
    }

    /// How many are kept.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether none is kept.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    fn forget(&mut self, connection: ConnectionId, collection: &str) {
        if let Some(at) = self.at(connection, collection) {
            self.places.remove(at);
        }
    }

    fn at(&self, connection: ConnectionId, collection: &str) -> Option<usize> {
        self.places.iter().position(|(of, view)| *of == connection && view.collection == collection)
    }

    fn pages(&self) -> usize {
        self.places.iter().map(|(_, view)| view.window.known_pages()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_ones_are_kept() {
        let mut visited = Visited::default();
        for n in 0..100 {
            visited.keep(ConnectionId(1), &RecordsView::new(&format!("c{n}")));
        }
        assert_eq!(visited.len(), MAX_VISITED);
        assert!(visited.take(ConnectionId(1), "c0").is_none());
        assert!(visited.take(ConnectionId(2), "c99").is_none());
        assert!(visited.take(ConnectionId(1), "c99").is_some());
        visited.forget_connection(ConnectionId(1));
        assert!(visited.is_empty());
    }
}
