//! What providers share that work on threads of tokio's blocking pool.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Semaphore;
use tokio::task::{JoinError, spawn_blocking};

use super::{ProviderError, Result};

/// Set when nobody waits for the answer any more.
#[derive(Debug, Clone, Default)]
pub(super) struct Stop(Arc<AtomicBool>);

/// Somebody waits for the answer for as long as this lives.
pub(super) struct Waiting(pub(super) Stop);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.set();
    }
}

impl Stop {
    /// An error once nobody waits any more.
    pub(super) fn check(&self) -> Result<()> {
        if self.is_set() { Err(ProviderError::Cancelled) } else { Ok(()) }
    }

    /// Whether nobody waits any more.
    pub(super) fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Nobody waits any more.
    pub(super) fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// What became of a request whose thread did not end well.
pub(super) fn broken(error: JoinError) -> ProviderError {
    match error.try_into_panic() {
        Ok(panic) => ProviderError::Panicked {
            cause: panic
                .downcast_ref::<&str>()
                .map(|text| (*text).to_owned())
                .or_else(|| panic.downcast_ref::<String>().cloned())
                .unwrap_or_else(|| "no message".into()),
        },
        Err(_) => ProviderError::Cancelled,
    }
}

/// Something in a directory that is asked on threads of its own, some requests at a time.
pub(super) struct Desk<S> {
    open: Arc<S>,
    places: Arc<Semaphore>,
}

impl<S> Clone for Desk<S> {
    fn clone(&self) -> Self {
        Self { open: Arc::clone(&self.open), places: Arc::clone(&self.places) }
    }
}

impl<S: Send + Sync + 'static> Desk<S> {
    /// At that desk so many requests run at a time: more would only wait for the same disk and cores.
    pub(super) fn new(open: S, at_a_time: usize) -> Self {
        Self { open: Arc::new(open), places: Arc::new(Semaphore::new(at_a_time)) }
    }

    /// What is asked there, for what blocks nobody.
    pub(super) fn open(&self) -> &S {
        &self.open
    }

    /// Runs a request on a thread that may block; it is told to stop when nobody waits any more.
    ///
    /// # Errors
    /// The request's own, and what [`broken`] says of a thread that did not end well.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&S, &Stop) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let place = Arc::clone(&self.places).acquire_owned().await.map_err(|_| ProviderError::NotConnected)?;
        let stop = Stop::default();
        let _waiting = Waiting(stop.clone());
        self.at_once(move |open| {
            let answer = ask(open, &stop);
            drop(place);
            answer
        })
        .await
    }

    /// The same without a place: for the ping, as slow requests must not make the directory look dead.
    ///
    /// # Errors
    /// As [`Self::run`].
    pub(super) async fn at_once<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&S) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let open = Arc::clone(&self.open);
        let asked = spawn_blocking(move || {
            let answer = ask(&open);
            // The last one to be dropped may flush and remove files: here, where that holds nobody up.
            drop(open);
            answer
        });
        asked.await.map_err(broken)?
    }
}
