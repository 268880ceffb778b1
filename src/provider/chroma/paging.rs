//! Pages of a collection.
//!
//! REST has no cursor, only `limit` and `offset`. The order behind them is that of first insertion
//! and an update keeps a record's place (seen on 1.5.9), so offsets are exact while nobody
//! deletes. A delete moves all later records up: an offset alone would skip some in silence. The
//! cursor therefore carries the last records that were given, and each page starts by reading the
//! last of them again; when it has moved or is gone, the last one that is left is looked for nearby.
//! As nothing is ever inserted before the end, all behind that one is new.

use std::collections::HashMap;

use super::Chroma;
use super::filter::Where;
use super::translation::{Columns, include};
use crate::provider::model::{Cursor, Page, PageRequest};
use crate::provider::{ProviderError, Result};

/// How far around its old place a record is looked for.
const WINDOW: usize = 10_000;
/// How many of the last records a cursor carries at most,
const LAST: usize = 32;
/// and how many bytes of ids, but always one id.
const LAST_BYTES: usize = 2_048;
/// How often a page is looked for anew while another writer moves it.
const TRIES: usize = 8;

/// The inside of a [`Cursor`]: where the next page starts, and behind what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Position {
    /// UUID of the collection: one that was dropped and made again is another.
    pub(super) collection: String,
    /// Number of records before the page, at least 1.
    pub(super) offset: usize,
    /// Ids of the last of these records, from the end backwards; never empty.
    pub(super) last: Vec<String>,
}

impl Position {
    /// Reads a cursor that [`Position::cursor`] made.
    ///
    /// # Errors
    /// [`ProviderError::BadRequest`] for any other text.
    pub(super) fn read(cursor: &Cursor) -> Result<Self> {
        let parse = || {
            let mut parts = cursor.0.splitn(3, '/');
            let (collection, offset, last) = (parts.next()?, parts.next()?.parse().ok()?, parts.next()?);
            let last: Vec<String> = serde_json::from_str(last).ok()?;
            let whole = uuid::Uuid::parse_str(collection).is_ok() && offset > 0 && !last.is_empty();
            whole.then(|| Self { collection: collection.to_owned(), offset, last })
        };
        parse().ok_or_else(|| ProviderError::BadRequest {
            cause: "this cursor was not made by a Chroma connection".to_owned(),
            mend: "Start again from the first page.".to_owned(),
        })
    }

    fn cursor(&self) -> Cursor {
        Cursor(format!("{}/{}/{}", self.collection, self.offset, serde_json::json!(self.last)))
    }
}

impl Chroma {
    /// One page; `collection` is only the name for errors once there is a cursor.
    pub(super) async fn read_page(&self, collection: &str, request: &PageRequest) -> Result<Page> {
        let selection = super::filter::translate(request.filter.as_ref(), self.arrays)?;
        if request.limit == 0 {
            return Err(ProviderError::BadRequest {
                cause: "a page of 0 records was asked for".to_owned(),
                mend: "Ask for at least one.".to_owned(),
            });
        }
        let Some(cursor) = &request.cursor else {
            let id = self.resolve(collection).await?.id;
            let columns = self.read(collection, &id, request, &selection, 0).await?;
            return self.cut(columns, request, id, 0);
        };
        let position = Position::read(cursor)?;
        match self.read_after(collection, position, request, &selection).await {
            // The collection behind the cursor is gone: is there another of that name?
            Err(ProviderError::NoSuchCollection { .. }) => {
                self.resolve(collection).await?;
                Err(ProviderError::BadRequest {
                    cause: format!("the collection {collection:?} was dropped and created again since the page before"),
                    mend: "Start again from the first page.".to_owned(),
                })
            }
            answer => answer,
        }
    }

    async fn read_after(
        &self,
        collection: &str,
        mut position: Position,
        request: &PageRequest,
        selection: &Where,
    ) -> Result<Page> {
        for _ in 0..TRIES {
            let mut columns = self.read_behind(collection, &position, request, selection).await?;
            if columns.ids.first() == position.last.first() {
                columns.remove_first();
                return self.cut(columns, request, position.collection, position.offset);
            }
            self.find(collection, &mut position, selection).await?;
        }
        Err(ProviderError::BadRequest {
            cause: "the collection changes faster than it is read".to_owned(),
            mend: "Ask for the page again, or start again from the first page.".to_owned(),
        })
    }

    /// The page with the record before it, and one more to know whether another page follows.
    async fn read_behind(
        &self,
        collection: &str,
        position: &Position,
        request: &PageRequest,
        selection: &Where,
    ) -> Result<Columns> {
        let request = PageRequest { limit: request.limit.saturating_add(1), ..request.clone() };
        self.read(collection, &position.collection, &request, selection, position.offset - 1).await
    }

    async fn read(
        &self,
        collection: &str,
        id: &str,
        request: &PageRequest,
        selection: &Where,
        offset: usize,
    ) -> Result<Columns> {
        let parts = include(request.with_vectors, false);
        self.get_columns("page", collection, id, selection, &parts, offset, request.limit.saturating_add(1)).await
    }

    /// Moves the position behind the last of its records that is left, wherever that is now.
    async fn find(&self, collection: &str, position: &mut Position, selection: &Where) -> Result<()> {
        let start = position.offset.saturating_sub(WINDOW);
        let ids =
            self.get_columns("page", collection, &position.collection, selection, &[], start, 2 * WINDOW).await?.ids;
        let places: HashMap<&str, usize> = ids.iter().enumerate().map(|(place, id)| (id.as_str(), place)).collect();
        let left = position.last.iter().enumerate().find_map(|(gone, id)| Some((gone, *places.get(id.as_str())?)));
        let (gone, place) = left.ok_or_else(|| changed(position.last.first().map_or("", String::as_str)))?;
        position.last.drain(..gone);
        position.offset = start + place + 1;
        Ok(())
    }

    fn cut(&self, mut columns: Columns, request: &PageRequest, collection: String, offset: usize) -> Result<Page> {
        let more = columns.ids.len() > request.limit;
        if more {
            columns.truncate(request.limit);
        }
        let next = more.then(|| {
            let last = last_of(&columns.ids);
            Position { collection, offset: offset + columns.ids.len(), last }.cursor()
        });
        Ok(Page { records: columns.records(request.with_vectors).map_err(|cause| self.bad_answer(cause))?, next })
    }
}

/// The last ids, from the end backwards, as many as a cursor carries.
fn last_of(ids: &[String]) -> Vec<String> {
    let mut bytes = 0;
    let fits = |id: &&String| {
        bytes += id.len();
        bytes == id.len() || bytes <= LAST_BYTES
    };
    ids.iter().rev().take(LAST).take_while(fits).cloned().collect()
}

fn changed(last: &str) -> ProviderError {
    ProviderError::BadRequest {
        cause: format!(
            "the collection changed while it was read: record {last:?}, where the page before ended, is gone, and so \
             are those before it"
        ),
        mend: "Start again from the first page.".to_owned(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back_with_any_id() {
        for last in ["a", "a/b/c", "ü💥", " "] {
            let last = vec![last.to_owned(), "before".to_owned()];
            let position = Position { collection: uuid::Uuid::new_v4().to_string(), offset: 7, last };
            assert_eq!(Position::read(&position.cursor()).unwrap(), position);
        }
    }

    #[test]
    fn a_cursor_carries_the_last_ids_but_not_without_end() {
        let ids = |length: usize| {
            (0..100).map(|n: u32| format!("{}{n}", "0".repeat(length - n.to_string().len()))).collect::<Vec<_>>()
        };
        assert_eq!(last_of(&ids(4)[..3]), ["0002", "0001", "0000"]);
        assert_eq!(last_of(&ids(4)).len(), LAST);
        assert_eq!(last_of(&ids(1_000)).len(), 2);
        assert_eq!(last_of(&ids(60_000)).len(), 1, "one in any case");
        assert_eq!(last_of(&["".to_owned(), "b".to_owned()]), ["b", ""]);
    }

    #[test]
    fn a_foreign_cursor_is_refused() {
        let one = "00000000-0000-0000-0000-000000000001";
        for text in ["", "17", "no-uuid/1/[\"a\"]", &format!("{one}/0/[\"a\"]"), &format!("{one}/1/[]"), "//"] {
            let error = Position::read(&Cursor(text.to_owned())).unwrap_err();
            assert!(error.to_string().contains("cursor"), "{text:?}: {error}");
        }
    }
}
