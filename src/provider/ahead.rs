//! What is asked of a database before anybody asks for it: the next page, while the page before is
//! made of the answer.
//!
//! Only who goes on without a pause (a copy, a comparison, an export) is read ahead for; a person who
//! turns pages never is. An answer that was asked ahead is given only to who comes within [`FRESH`], and
//! only if nothing was written through the same connection since: it is as old as an answer on a slow
//! line would be. Used by the providers whose answers take work here (`pgvector`, `redis`, `lancedb`, the
//! folders); `qdrant_edge` has a line of pages of its own, which is filled without changing threads.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio_util::task::AbortOnDropHandle;

use super::Result;
use super::blocking::broken;
use super::model::{Cursor, PageRequest};

/// How long a reader may take until it asks for the next page.
const FRESH: Duration = Duration::from_millis(if cfg!(test) { 3_000 } else { 200 });
/// Readers that are remembered at a time: the two sides of a comparison.
const READERS: usize = 2;

/// An answer of which a page can be made.
pub(super) trait Answer: Send + 'static {
    /// What else came that the next question can use.
    type Rest: Send + 'static;

    /// Where the next page begins; known before the records are made.
    fn next(&self) -> Option<&Cursor>;

    /// Takes the rest out.
    fn rest(&mut self) -> Self::Rest;
}

/// The readers of one open database.
pub(super) struct Ahead<A: Answer>(Arc<Mutex<Readers<A>>>);

struct Readers<A: Answer> {
    waiting: VecDeque<Turn<A>>,
    /// How many turns there have been.
    number: u64,
    /// How often something was written.
    changes: u64,
}

/// A page that was given.
struct Turn<A: Answer> {
    number: u64,
    collection: String,
    /// What is asked if the reader goes on.
    next: PageRequest,
    given: Instant,
    state: Next<A>,
}

/// How far the next page is.
enum Next<A: Answer> {
    /// It is not asked yet.
    Rest(A::Rest),
    /// It is asked.
    Asked(AbortOnDropHandle<Result<A>>),
}

impl<A: Answer> Default for Ahead<A> {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Readers { waiting: VecDeque::new(), number: 0, changes: 0 })))
    }
}

impl<A: Answer> Ahead<A> {
    /// The answer to that question, from before if it was asked ahead; asks the next one ahead for a
    /// reader who goes on. `ask` is given the rest of the page before for a reader who goes on.
    ///
    /// # Errors
    /// Those of `ask`, and what [`broken`] says of a task that did not end well.
    pub(super) async fn follow<F>(
        &self,
        collection: &str,
        request: &PageRequest,
        ask: impl Fn(PageRequest, Option<A::Rest>) -> F,
    ) -> Result<A>
    where
        F: Future<Output = Result<A>> + Send + 'static,
    {
        let (before, changes) = self.take(collection, request);
        let goes_on = before.is_some();
        let mut answer = match before {
            Some(Next::Asked(asked)) => asked.await.map_err(broken)??,
            Some(Next::Rest(rest)) => ask(request.clone(), Some(rest)).await?,
            None => ask(request.clone(), None).await?,
        };
        if let Some(cursor) = answer.next() {
            let next = PageRequest { cursor: Some(cursor.clone()), ..request.clone() };
            let rest = answer.rest();
            let state = if goes_on {
                Next::Asked(AbortOnDropHandle::new(tokio::spawn(ask(next.clone(), Some(rest)))))
            } else {
                Next::Rest(rest)
            };
            self.note(collection, next, state, changes);
        }
        Ok(answer)
    }

    /// To be held while something is written, also by a question that is dropped half-way: from its end on
    /// nothing is given that was asked before.
    pub(super) fn changing(&self) -> Changing<'_, A> {
        Changing(self)
    }

    /// What is there for that question, and how often something was written until now.
    fn take(&self, collection: &str, request: &PageRequest) -> (Option<Next<A>>, u64) {
        let mut readers = self.readers();
        let at = readers.waiting.iter().position(|turn| turn.collection == collection && turn.next == *request);
        let turn = at.and_then(|at| readers.waiting.remove(at)).filter(|turn| turn.given.elapsed() < FRESH);
        (turn.map(|turn| turn.state), readers.changes)
    }

    /// Notes what comes next, unless something was written while this page was read: its rest, and what was
    /// asked ahead by then, are of before.
    fn note(&self, collection: &str, next: PageRequest, state: Next<A>, changes: u64) {
        let mut readers = self.readers();
        if readers.changes != changes {
            return;
        }
        readers.number += 1;
        let number = readers.number;
        // Who does not come for it leaves nothing behind.
        let all = Arc::downgrade(&self.0);
        tokio::spawn(async move {
            tokio::time::sleep(FRESH).await;
            if let Some(all) = all.upgrade() {
                guard(&all).waiting.retain(|turn| turn.number != number);
            }
        });
        let given = Instant::now();
        readers.waiting.push_back(Turn { number, collection: collection.to_owned(), next, given, state });
        if readers.waiting.len() > READERS {
            readers.waiting.pop_front();
        }
    }

    fn readers(&self) -> MutexGuard<'_, Readers<A>> {
        guard(&self.0)
    }
}

/// Something is being written.
pub(super) struct Changing<'a, A: Answer>(&'a Ahead<A>);

impl<A: Answer> Drop for Changing<'_, A> {
    fn drop(&mut self) {
        let mut readers = self.0.readers();
        readers.changes += 1;
        readers.waiting.clear();
    }
}

fn guard<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::super::ProviderError;
    use super::super::model::Page;
    use super::*;

    impl Answer for Page {
        type Rest = ();

        fn next(&self) -> Option<&Cursor> {
            self.next.as_ref()
        }

        fn rest(&mut self) {}
    }

    /// Ten pages of nothing, and every question that was asked.
    #[derive(Default, Clone)]
    struct Database(Arc<Mutex<Vec<(usize, bool)>>>);

    impl Database {
        fn ask(&self, request: &PageRequest, goes_on: bool) -> std::future::Ready<Result<Page>> {
            let number: usize = request.cursor.as_ref().map_or(0, |cursor| cursor.0.parse().unwrap());
            guard(&self.0).push((number, goes_on));
            let next = (number < 9).then(|| Cursor((number + 1).to_string()));
            std::future::ready(Ok(Page { records: Vec::new(), next }))
        }

        /// The numbers of the questions, once there are so many.
        async fn asked(&self, many: usize) -> Vec<usize> {
            let there = async {
                while guard(&self.0).len() < many {
                    tokio::task::yield_now().await;
                }
            };
            tokio::time::timeout(Duration::from_secs(10), there).await.unwrap();
            guard(&self.0).iter().map(|(number, _)| *number).collect()
        }
    }

    fn place(number: usize) -> PageRequest {
        let cursor = (number > 0).then(|| Cursor(number.to_string()));
        PageRequest { cursor, ..PageRequest::first(10) }
    }

    async fn page(ahead: &Ahead<Page>, database: &Database, collection: &str, number: usize) -> Option<Cursor> {
        let at = place(number);
        ahead.follow(collection, &at, |request, rest| database.ask(&request, rest.is_some())).await.unwrap().next
    }

    #[tokio::test]
    async fn who_goes_on_is_read_ahead_for_and_nobody_else() {
        let (ahead, database) = (Ahead::default(), Database::default());
        page(&ahead, &database, "a", 0).await;
        assert_eq!(database.asked(1).await, [0], "one page may be all that is wanted");
        page(&ahead, &database, "a", 1).await;
        assert_eq!(database.asked(3).await, [0, 1, 2]);
        assert_eq!(page(&ahead, &database, "a", 2).await, Some(Cursor("3".to_owned())));
        assert_eq!(database.asked(4).await, [0, 1, 2, 3], "2 was not asked again");
        page(&ahead, &database, "a", 7).await;
        assert_eq!(database.asked(5).await, [0, 1, 2, 3, 7], "who jumps is not read ahead for");
        assert_eq!(guard(&database.0).iter().filter(|(_, goes_on)| !goes_on).count(), 2, "0 and 7");
    }

    #[tokio::test]
    async fn all_pages_come_once_and_nothing_is_asked_behind_the_last() {
        let (ahead, database) = (Ahead::default(), Database::default());
        for number in 0..10 {
            page(&ahead, &database, "a", number).await;
        }
        assert_eq!(database.asked(10).await, (0..10).collect::<Vec<_>>());
        assert!(ahead.readers().waiting.is_empty());
    }

    #[tokio::test]
    async fn two_readers_do_not_disturb_each_other() {
        let (ahead, database) = (Ahead::default(), Database::default());
        for number in 0..5 {
            page(&ahead, &database, "a", number).await;
            page(&ahead, &database, "b", number).await;
        }
        let mut asked = database.asked(12).await;
        asked.sort_unstable();
        assert_eq!(asked, [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]);
    }

    #[tokio::test]
    async fn what_was_asked_before_a_change_is_asked_again() {
        let (ahead, database) = (Ahead::default(), Database::default());
        page(&ahead, &database, "a", 0).await;
        page(&ahead, &database, "a", 1).await;
        database.asked(3).await;
        drop(ahead.changing());
        page(&ahead, &database, "a", 2).await;
        assert_eq!(database.asked(4).await, [0, 1, 2, 2]);
    }

    #[tokio::test]
    async fn a_change_while_a_page_is_read_leaves_nothing_of_before() {
        let (ahead, database) = (Ahead::default(), Database::default());
        page(&ahead, &database, "a", 0).await;
        let ask = |request: PageRequest, rest: Option<()>| {
            let answer = database.ask(&request, rest.is_some());
            // Written after this page was read, and before it is given.
            drop(ahead.changing());
            answer
        };
        ahead.follow("a", &place(1), ask).await.unwrap();
        assert!(ahead.readers().waiting.is_empty(), "what was asked ahead may be of before");
        page(&ahead, &database, "a", 2).await;
        assert_eq!(guard(&database.0).last(), Some(&(2, false)), "asked anew, without a rest");
    }

    #[tokio::test(start_paused = true)]
    async fn what_nobody_comes_for_is_freed() {
        let (ahead, database) = (Ahead::default(), Database::default());
        page(&ahead, &database, "a", 0).await;
        page(&ahead, &database, "a", 1).await;
        assert!(ahead.readers().waiting.iter().any(|turn| matches!(turn.state, Next::Asked(_))));
        tokio::time::sleep(FRESH * 2).await;
        assert!(ahead.readers().waiting.is_empty());
    }

    #[tokio::test]
    async fn an_error_that_was_asked_ahead_is_told_to_who_comes_for_it() {
        let ahead: Ahead<Page> = Ahead::default();
        let ask = |request: PageRequest, _| async move {
            match request.cursor.as_ref().map(|cursor| cursor.0.as_str()) {
                Some("2") => Err(ProviderError::Busy),
                Some(_) => Ok(Page { records: Vec::new(), next: Some(Cursor("2".to_owned())) }),
                None => Ok(Page { records: Vec::new(), next: Some(Cursor("1".to_owned())) }),
            }
        };
        for number in 0..2 {
            ahead.follow("a", &place(number), ask).await.unwrap();
        }
        assert!(matches!(ahead.follow("a", &place(2), ask).await, Err(ProviderError::Busy)));
    }
}
