//! What providers share that work on threads of tokio's blocking pool.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::task::JoinError;

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
