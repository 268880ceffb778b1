//! The one gate to writing. [`super::connect`] puts every database behind it, so that neither the
//! screen nor a command holds one that can be written to around it. `tests/tidy/gate.rs` reads the
//! sources to keep that so.
//!
//! What may be written is decided when a write begins, by the lock of its connection (run, profile,
//! environment) and by what was opened in spite of it: a window that ends by itself, or the one
//! collection that a command's user has named. Whoever holds a clone of the [`Gate`] sets both:
//! `runtime` and `cli` the lock, the connection's task the window.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use tokio::time::Instant;

use super::filter::Filter;
use super::model::{
    CollectionInfo, CollectionSpec, CollectionSummary, Count, Hit, Page, PageRequest, Record, RecordId, SearchRequest,
};
use super::{Capabilities, Provider, ProviderError, Result, ServerInfo};

/// The longest write window; a longer wish is cut to it.
pub const LONGEST_WINDOW: Duration = Duration::from_secs(4 * 60 * 60);

/// Why a database is read-only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lock {
    /// The program was started with `--read-only`: nothing opens it.
    Run,
    /// The profile says so: nothing opens it but another profile.
    Profile,
    /// The environment of that name says so: a write window opens it for a while.
    Environment(&'static str),
    /// Another profile leads to the same database, and is read-only.
    SameDatabase {
        /// Its name.
        profile: &'static str,
        /// The environment that makes it so, which a write window opens; `None` where it says so itself.
        environment: Option<&'static str>,
    },
}

impl Lock {
    /// What to do about it, a sentence.
    pub fn mend(self) -> &'static str {
        match self {
            Self::Run => "Start the program again without --read-only.",
            Self::Profile => {
                "Edit the profile (e in the sidebar, or profiles edit NAME --read-only=false) if it may be written to."
            }
            Self::SameDatabase { environment: None, .. } => {
                "Edit that profile (e in the sidebar, or profiles edit NAME --read-only=false) if the database may be written to."
            }
            Self::Environment(_) | Self::SameDatabase { environment: Some(_), .. } => {
                "Open a write window (W on the screen)."
            }
        }
    }

    /// Whether a write window, or a named collection, opens it.
    pub fn opens(self) -> bool {
        matches!(self, Self::Environment(_) | Self::SameDatabase { environment: Some(_), .. })
    }
}

impl fmt::Display for Lock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Run => f.write_str("this run is read-only (--read-only)"),
            Self::Profile => f.write_str("the profile is read-only"),
            Self::Environment(name) => write!(f, "{name} is read-only"),
            Self::SameDatabase { profile, environment } => {
                write!(
                    f,
                    "{} is read-only: {profile:?} leads to the same database",
                    environment.unwrap_or("the profile")
                )
            }
        }
    }
}

/// What may be written, as plain data for the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Access {
    /// Why it is read-only; `None` where it is not.
    pub lock: Option<Lock>,
    /// Seconds, rounded up, for which a window holds the lock open.
    pub window_s: Option<u64>,
}

impl Access {
    /// Locked like this, without a window.
    pub fn locked(lock: Option<Lock>) -> Self {
        Self { lock, window_s: None }
    }

    /// Whether writing is refused now.
    pub fn is_read_only(self) -> bool {
        self.lock.is_some() && self.window_s.is_none()
    }
}

/// Decides about writing to one connection's database. Clones are the same gate. The default has no lock.
#[derive(Clone, Default)]
pub struct Gate(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    lock: Option<Lock>,
    /// The end of the window.
    until: Option<Instant>,
    /// The collection that may be written to for the whole run.
    collection: Option<String>,
}

impl State {
    fn window_left(&self) -> Option<Duration> {
        let left = self.until?.saturating_duration_since(Instant::now());
        (!left.is_zero()).then_some(left)
    }
}

impl Gate {
    /// A gate with that lock.
    pub fn new(lock: Option<Lock>) -> Self {
        let gate = Self::default();
        gate.set_lock(lock);
        gate
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing that holds the lock can panic; a poisoned state would be as good as before.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets the lock, as the profile is now. Another one than before ends what was opened.
    pub fn set_lock(&self, lock: Option<Lock>) {
        let mut state = self.state();
        if state.lock != lock {
            *state = State { lock, ..State::default() };
        }
    }

    /// Opens a write window of that length from now on, at most [`LONGEST_WINDOW`].
    ///
    /// # Errors
    /// The lock, if no window opens it.
    pub fn open_window(&self, length: Duration) -> std::result::Result<(), Lock> {
        let mut state = self.state();
        match state.lock {
            Some(lock) if !lock.opens() => Err(lock),
            Some(_) => {
                state.until = Some(Instant::now() + length.min(LONGEST_WINDOW));
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Ends the window, if there is one. A write that has begun is not cut off.
    pub fn close_window(&self) {
        self.state().until = None;
    }

    /// Lets one collection be written to for as long as the gate lives: its name was given with
    /// `--allow-production`.
    ///
    /// # Errors
    /// The lock, if a name does not open it.
    pub fn allow(&self, collection: &str) -> std::result::Result<(), Lock> {
        let mut state = self.state();
        if let Some(lock) = state.lock.filter(|lock| !lock.opens()) {
            return Err(lock);
        }
        state.collection = Some(collection.to_owned());
        Ok(())
    }

    /// What may be written now.
    pub fn access(&self) -> Access {
        let state = self.state();
        let window_s = state.window_left().map(|left| left.as_secs() + u64::from(left.subsec_nanos() > 0));
        Access { lock: state.lock, window_s }
    }

    /// When [`Self::access`] says something else by itself: at the window's next full second.
    pub fn changes_at(&self) -> Option<Instant> {
        let state = self.state();
        let left = state.window_left()?;
        let to_next = Duration::from_nanos(u64::from(left.subsec_nanos()));
        let to_next = if to_next.is_zero() { Duration::from_secs(1) } else { to_next };
        state.until?.checked_sub(left.saturating_sub(to_next))
    }

    /// Puts a database behind this gate.
    pub fn guard(&self, provider: Box<dyn Provider>) -> Box<dyn Provider> {
        Box::new(Guarded { provider, gate: self.clone() })
    }

    /// Refuses what is locked.
    pub(super) fn check(&self, collection: &str, what: &str) -> Result<()> {
        let state = self.state();
        match state.lock {
            Some(lock) if state.window_left().is_none() && state.collection.as_deref() != Some(collection) => {
                Err(ProviderError::ReadOnly { what: format!("{what} {collection:?}"), lock })
            }
            Some(_) | None => Ok(()),
        }
    }
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Gate").field(&self.access()).finish()
    }
}

/// A database behind a gate: reads pass, writes are asked about.
struct Guarded {
    provider: Box<dyn Provider>,
    gate: Gate,
}

#[async_trait]
impl Provider for Guarded {
    fn capabilities(&self) -> &Capabilities {
        self.provider.capabilities()
    }

    async fn ping(&self) -> Result<ServerInfo> {
        self.provider.ping().await
    }

    async fn collections(&self) -> Result<Vec<CollectionSummary>> {
        self.provider.collections().await
    }

    async fn describe(&self, collection: &str) -> Result<CollectionInfo> {
        self.provider.describe(collection).await
    }

    async fn count(&self, collection: &str, filter: Option<&Filter>) -> Result<Count> {
        self.provider.count(collection, filter).await
    }

    async fn page(&self, collection: &str, request: &PageRequest) -> Result<Page> {
        self.provider.page(collection, request).await
    }

    async fn get(&self, collection: &str, ids: &[RecordId], with_vectors: bool) -> Result<Vec<Record>> {
        self.provider.get(collection, ids, with_vectors).await
    }

    async fn search(&self, collection: &str, request: &SearchRequest) -> Result<Vec<Hit>> {
        self.provider.search(collection, request).await
    }

    async fn native_filter(&self, collection: &str, filter: &Filter) -> Result<String> {
        self.provider.native_filter(collection, filter).await
    }

    async fn check_new(&self, spec: &CollectionSpec) -> Result<()> {
        self.provider.check_new(spec).await
    }

    async fn create_collection(&self, spec: &CollectionSpec) -> Result<()> {
        self.gate.check(&spec.name, "creating")?;
        self.provider.create_collection(spec).await
    }

    async fn create_collection_to_fill(&self, spec: &CollectionSpec) -> Result<()> {
        self.gate.check(&spec.name, "creating")?;
        self.provider.create_collection_to_fill(spec).await
    }

    async fn build_indexes(&self, spec: &CollectionSpec, told: &(dyn Fn(u64, u64) + Send + Sync)) -> Result<()> {
        self.gate.check(&spec.name, "indexing")?;
        self.provider.build_indexes(spec, told).await
    }

    async fn upsert(&self, collection: &str, records: Vec<Record>) -> Result<()> {
        self.gate.check(collection, "writing to")?;
        self.provider.upsert(collection, records).await
    }

    async fn delete(&self, collection: &str, ids: &[RecordId]) -> Result<()> {
        self.gate.check(collection, "deleting from")?;
        self.provider.delete(collection, ids).await
    }

    async fn drop_collection(&self, collection: &str) -> Result<()> {
        self.gate.check(collection, "dropping")?;
        self.provider.drop_collection(collection).await
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const PRODUCTION: Lock = Lock::Environment("production");

    fn refused(gate: &Gate, collection: &str) -> bool {
        matches!(gate.check(collection, "writing to"), Err(ProviderError::ReadOnly { .. }))
    }

    #[tokio::test(start_paused = true)]
    async fn a_window_opens_production_and_ends_by_itself() {
        let gate = Gate::new(Some(PRODUCTION));
        assert!(refused(&gate, "a"));
        gate.open_window(Duration::from_secs(900)).unwrap();
        assert!(!refused(&gate, "a"));
        assert_eq!(gate.access(), Access { lock: Some(PRODUCTION), window_s: Some(900) });
        tokio::time::advance(Duration::from_millis(1)).await;
        assert_eq!(gate.access().window_s, Some(900), "seconds are rounded up");
        assert_eq!(gate.changes_at(), Some(Instant::now() + Duration::from_millis(999)));
        tokio::time::advance(Duration::from_millis(899_998)).await;
        assert!(!refused(&gate, "a"));
        tokio::time::advance(Duration::from_millis(1)).await;
        assert!(refused(&gate, "a"));
        assert_eq!((gate.access(), gate.changes_at()), (Access::locked(Some(PRODUCTION)), None));
    }

    #[tokio::test(start_paused = true)]
    async fn a_window_is_ended_by_hand_and_by_another_lock_and_is_never_longer_than_four_hours() {
        let gate = Gate::new(Some(PRODUCTION));
        gate.open_window(Duration::from_secs(60)).unwrap();
        gate.close_window();
        assert!(refused(&gate, "a"));
        gate.open_window(Duration::from_secs(60)).unwrap();
        gate.set_lock(Some(PRODUCTION));
        assert!(!refused(&gate, "a"), "the same lock again changes nothing");
        gate.set_lock(Some(Lock::Environment("staging")));
        assert!(refused(&gate, "a"));
        gate.open_window(Duration::MAX).unwrap();
        assert_eq!(gate.access().window_s, Some(LONGEST_WINDOW.as_secs()));
    }

    #[tokio::test]
    async fn neither_a_window_nor_a_name_opens_a_read_only_run_or_profile() {
        for lock in [Lock::Run, Lock::Profile, Lock::SameDatabase { profile: "p", environment: None }] {
            let gate = Gate::new(Some(lock));
            assert_eq!(gate.open_window(Duration::from_secs(60)), Err(lock));
            assert_eq!(gate.allow("a"), Err(lock));
            assert!(refused(&gate, "a"));
        }
    }

    #[tokio::test]
    async fn a_name_opens_that_collection_and_no_other_and_closing_the_window_does_not_end_it() {
        let gate = Gate::new(Some(PRODUCTION));
        gate.allow("a").unwrap();
        gate.close_window();
        assert!(!refused(&gate, "a"));
        assert!(refused(&gate, "b"));
    }

    #[test]
    fn a_refusal_says_what_why_and_what_to_do() {
        let error = Gate::new(Some(PRODUCTION)).check("docs", "dropping").unwrap_err().to_string();
        assert!(error.starts_with("dropping \"docs\" was refused here: production is read-only. Open a write window"));
    }
}
