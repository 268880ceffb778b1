//! Pages that are read before they are asked for.
//!
//! Each page is read on a thread that may block: two changes of threads, which for a hundred records
//! take a quarter of the time. Who asks for one page after the other without a pause (a scan, an
//! export) is given pages that such a thread has read meanwhile; a person who turns pages never is. A
//! page that was read ahead is given only for [`FRESH`], and only if nothing was written since.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use tokio::sync::{Notify, OwnedSemaphorePermit};
use tokio::task;

use super::connection::Database;
use super::read;
use super::shard::Collection;
use crate::provider::model::{Page, PageRequest};

/// How long a reader may take until it asks for the next page, and how old a page may become.
const FRESH: Duration = Duration::from_millis(if cfg!(test) { 3_000 } else { 200 });
/// Most records that are read ahead; pages with more of them are not.
const RECORDS: usize = 1_000;
/// Most pages that are read ahead.
const PAGES: usize = 8;

/// The reader that asked last.
#[derive(Default)]
pub(super) struct Reader(Mutex<Option<Turn>>);

/// A page that was given.
struct Turn {
    collection: String,
    /// What is asked if the reader goes on.
    next: PageRequest,
    given: Instant,
    /// Where the pages behind it are read ahead, once the reader has gone on.
    line: Option<Arc<Line>>,
}

impl Reader {
    /// The line of a reader who goes on at once with that page; `None` for anybody else.
    pub(super) fn follow(
        &self,
        database: &Arc<Database>,
        collection: &str,
        request: &PageRequest,
    ) -> Option<Arc<Line>> {
        let turn = guard(&self.0).take()?;
        let goes_on = turn.collection == collection && turn.next == *request && turn.given.elapsed() < FRESH;
        let most = (RECORDS / request.limit.max(1)).min(PAGES);
        if !goes_on || most == 0 {
            return None;
        }
        turn.line.or_else(|| Some(Line::new(database, collection, request.clone(), most)))
    }

    /// Notes the page that was given, and the line that it came from.
    pub(super) fn given(&self, collection: &str, request: &PageRequest, page: &Page, line: Option<Arc<Line>>) {
        *guard(&self.0) = page.next.clone().map(|cursor| Turn {
            collection: collection.to_owned(),
            next: PageRequest { cursor: Some(cursor), ..request.clone() },
            given: Instant::now(),
            line,
        });
    }
}

/// Pages in a row, filled by a thread that may block and emptied by the reader.
pub(super) struct Line {
    database: Weak<Database>,
    collection: String,
    most: usize,
    state: Mutex<State>,
    changed: Notify,
}

struct State {
    pages: VecDeque<Page>,
    /// What is read next; `None` behind the last page, after an error, and when nobody reads on.
    next: Option<PageRequest>,
    /// Whether a thread is at work.
    working: bool,
    /// The collection, and how often it had been changed when the first page was read.
    source: Option<(Weak<Collection>, u64)>,
    taken: Instant,
}

impl State {
    /// Whether nothing was written since the first page was read.
    fn is_current(&self) -> bool {
        let source = self.source.as_ref();
        let unchanged = source.map(|(source, then)| source.upgrade().is_some_and(|source| source.changes() == *then));
        unchanged.unwrap_or_default()
    }
}

impl Line {
    fn new(database: &Arc<Database>, collection: &str, next: PageRequest, most: usize) -> Arc<Self> {
        let state = State {
            pages: VecDeque::with_capacity(most),
            next: Some(next),
            working: false,
            source: None,
            taken: Instant::now(),
        };
        let line = Arc::new(Self {
            database: Arc::downgrade(database),
            collection: collection.to_owned(),
            most,
            state: Mutex::new(state),
            changed: Notify::new(),
        });
        tokio::spawn(let_go(Arc::downgrade(&line)));
        line
    }

    /// The next page; `None` if it must be asked for: at the end, after an error or a change, or when
    /// `place` finds no room for a thread.
    pub(super) async fn take(self: &Arc<Self>, place: impl Fn() -> Option<OwnedSemaphorePermit>) -> Option<Page> {
        loop {
            self.keep_filled(&place);
            {
                let mut state = guard(&self.state);
                if let Some(page) = state.pages.pop_front() {
                    state.taken = Instant::now();
                    return Some(page).filter(|_| state.is_current());
                }
                if !state.working {
                    return None;
                }
            }
            self.changed.notified().await;
        }
    }

    /// Sets a thread to work once half of the pages are gone.
    fn keep_filled(self: &Arc<Self>, place: impl Fn() -> Option<OwnedSemaphorePermit>) {
        let mut state = guard(&self.state);
        if state.working || state.next.is_none() || state.pages.len() > self.most / 2 {
            return;
        }
        let (Some(place), Some(database)) = (place(), self.database.upgrade()) else { return };
        state.working = true;
        let line = Arc::clone(self);
        task::spawn_blocking(move || {
            let ended = Ended(line);
            ended.0.fill(&database);
            drop(database);
            drop(place);
        });
    }

    /// Reads until there are enough pages. Blocking.
    fn fill(&self, database: &Database) {
        while let Some(request) = self.wanted() {
            let page = database.collection(&self.collection).and_then(|collection| {
                let changes = collection.changes();
                let page = collection.read(|shard| read::page(shard, &request))?;
                Ok((collection, changes, page))
            });
            let mut state = guard(&self.state);
            match page {
                Ok((collection, changes, page)) => {
                    state.source.get_or_insert((Arc::downgrade(&collection), changes));
                    state.next = page.next.clone().map(|cursor| PageRequest { cursor: Some(cursor), ..request });
                    state.pages.push_back(page);
                }
                // Who asks for that page is told.
                Err(_) => state.next = None,
            }
            drop(state);
            self.changed.notify_one();
        }
    }

    fn wanted(&self) -> Option<PageRequest> {
        let state = guard(&self.state);
        state.next.clone().filter(|_| state.pages.len() < self.most)
    }

    fn is_left(&self) -> bool {
        guard(&self.state).taken.elapsed() >= FRESH
    }

    fn clear(&self) {
        let mut state = guard(&self.state);
        (state.pages, state.next, state.source) = (VecDeque::new(), None, None);
    }
}

/// Tells the reader that the thread has ended, also by a panic.
struct Ended(Arc<Line>);

impl Drop for Ended {
    fn drop(&mut self) {
        guard(&self.0.state).working = false;
        self.0.changed.notify_one();
    }
}

/// Frees the pages that nobody came for.
async fn let_go(line: Weak<Line>) {
    loop {
        tokio::time::sleep(FRESH).await;
        let Some(line) = line.upgrade() else { return };
        if line.is_left() {
            return line.clear();
        }
    }
}

fn guard<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use serde_json::Map;
    use tempfile::TempDir;

    use super::super::QdrantEdge;
    use super::*;
    use crate::provider::Provider;
    use crate::provider::model::{CollectionSpec, Metric, Record, RecordId, Vectors};

    const NAME: &str = "many";

    fn record(n: u64) -> Record {
        Record { id: n.into(), vectors: Some(Vectors::unnamed(vec![1.0, 0.5])), payload: Map::new(), text: None }
    }

    /// A database with the even numbers below 2,000.
    async fn database() -> (TempDir, QdrantEdge) {
        let dir = TempDir::new().unwrap();
        let database = QdrantEdge::create(dir.path()).await.unwrap();
        database.create_collection(&CollectionSpec::dense(NAME, 2, Metric::Dot)).await.unwrap();
        database.upsert(NAME, (0..1_000).map(|n| record(n * 2)).collect()).await.unwrap();
        (dir, database)
    }

    /// Pages of 50 behind that one.
    async fn pages(database: &QdrantEdge, request: &mut PageRequest, most: usize) -> Vec<RecordId> {
        let mut found = Vec::new();
        for _ in 0..most {
            let page = database.page(NAME, request).await.unwrap();
            found.extend(page.records.into_iter().map(|record| record.id));
            request.cursor = page.next;
            if request.cursor.is_none() {
                break;
            }
        }
        found
    }

    fn line(database: &QdrantEdge) -> Option<Arc<Line>> {
        guard(&database.reader.0).as_ref().and_then(|turn| turn.line.clone())
    }

    #[tokio::test]
    async fn who_goes_on_at_once_gets_the_same_pages_from_a_line() {
        let (_dir, database) = database().await;
        let mut request = PageRequest::first(50);
        let first = pages(&database, &mut request, 1).await;
        assert!(line(&database).is_none(), "nothing is read ahead of a single page");
        let second = pages(&database, &mut request, 1).await;
        assert!(line(&database).is_some());
        let rest = pages(&database, &mut request, 100).await;
        let all: Vec<_> = [first, second, rest].concat();
        assert_eq!(all, (0..1_000).map(|n| RecordId::from(n * 2_u64)).collect::<Vec<_>>());
    }

    #[tokio::test]
    async fn what_is_written_meanwhile_is_on_the_next_page() {
        let (_dir, database) = database().await;
        let mut request = PageRequest::first(50);
        let before = pages(&database, &mut request, 3).await;
        assert_eq!(before.last(), Some(&298_u64.into()));
        // By another connection to the same directory.
        let other = QdrantEdge::create(database.database.as_ref().unwrap().dir()).await.unwrap();
        other.upsert(NAME, vec![record(301)]).await.unwrap();
        other.delete(NAME, &[302_u64.into()]).await.unwrap();
        let next = pages(&database, &mut request, 1).await;
        assert_eq!(next[..3], [300_u64, 301, 304].map(RecordId::from));
    }

    #[tokio::test]
    async fn a_dropped_collection_is_missing_at_once() {
        let (_dir, database) = database().await;
        let mut request = PageRequest::first(50);
        pages(&database, &mut request, 3).await;
        database.drop_collection(NAME).await.unwrap();
        assert!(database.page(NAME, &request).await.is_err());
    }

    #[tokio::test]
    async fn pages_that_nobody_comes_for_are_freed_and_closing_waits_for_the_thread() {
        let (dir, database) = database().await;
        let mut request = PageRequest::first(50);
        pages(&database, &mut request, 3).await;
        let line = line(&database).expect("it went on at once");
        let freed = async {
            while guard(&line.state).working || !guard(&line.state).pages.is_empty() {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), freed).await.expect("freed");
        // Late: it is read anew, and is right.
        assert_eq!(pages(&database, &mut request, 1).await.first(), Some(&300_u64.into()));
        pages(&database, &mut request, 2).await;
        database.close().await;
        QdrantEdge::create(dir.path()).await.unwrap().close().await;
    }
}
