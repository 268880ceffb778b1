//! What providers share that work on threads of tokio's blocking pool.

use tokio::task::JoinError;

use super::ProviderError;

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
