//! Work on files, on a thread that may wait for the disk.

use super::CopyError;
use crate::jobs::JobError;

/// Runs it where waiting holds nobody up.
///
/// # Errors
/// Its own; [`JobError::Cancelled`] where the program ends meanwhile.
pub async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, CopyError> + Send + 'static,
) -> Result<T, CopyError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => Err(JobError::Cancelled.into()),
        },
    }
}
