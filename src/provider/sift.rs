//! Filtering here, for filters that a maker refuses: records are read without the filter, and the
//! evaluation in memory decides. Callers (`connection`, `cli`) do this only after the user was shown
//! how many records that reads, and agreed.

use std::time::{Duration, Instant};

use super::model::{Page, PageRequest, Record};
use super::{Provider, Result};

/// Records of one question to the maker; with vectors, fewer.
const STEP: usize = 1_000;
/// Records of one question that brings vectors along, which are most of the bytes.
const STEP_WITH_VECTORS: usize = 100;

/// Some records that the filter selects, and how many were read for them.
#[derive(Debug, Clone, PartialEq)]
pub struct Sifted {
    /// The records; `next` goes on behind the last one read. Fewer records than asked for and a
    /// `next` mean that time was up.
    pub page: Page,
    /// Records read.
    pub read: u64,
}

/// Reads on from the request's cursor until there are as many records as its limit, the collection
/// ends, or so much time has passed.
///
/// # Errors
/// The provider's, as in [`Provider::page`].
pub async fn sift(db: &dyn Provider, collection: &str, request: &PageRequest, patience: Duration) -> Result<Sifted> {
    let started = Instant::now();
    let most = if request.with_vectors { STEP_WITH_VECTORS } else { STEP };
    let selects = |record: &Record| request.filter.as_ref().is_none_or(|filter| filter.selects(record));
    let mut all = Sifted { page: Page { records: Vec::new(), next: request.cursor.clone() }, read: 0 };
    loop {
        let room = request.limit.saturating_sub(all.page.records.len());
        let mut step =
            PageRequest { limit: most, cursor: all.page.next.take(), filter: None, with_vectors: request.with_vectors };
        let mut page = db.page(collection, &step).await?;
        // A cursor stands only behind a page: where there is no room for all of it, it is read again
        // as far as the last record that there is room for.
        let at = page.records.iter().enumerate().filter(|(_, record)| selects(record)).map(|(at, _)| at);
        let at: Vec<usize> = at.take(room.saturating_add(1)).collect();
        if let (true, Some(last)) = (at.len() > room, room.checked_sub(1).and_then(|last| at.get(last))) {
            step.limit = last + 1;
            page = db.page(collection, &step).await?;
        }
        all.read += page.records.len() as u64;
        all.page.records.extend(page.records.into_iter().filter(selects));
        all.page.next = page.next;
        if all.page.next.is_none() || all.page.records.len() >= request.limit || started.elapsed() >= patience {
            return Ok(all);
        }
    }
}
