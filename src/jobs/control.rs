//! The reins of a job: who started it holds a clone and pauses or ends it.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::meter::Told;
use super::{JobError, Meter};

/// Pauses and ends a job. Clones are of the same job.
#[derive(Clone)]
pub struct Control {
    cancel: CancellationToken,
    paused: watch::Sender<bool>,
    /// At most so many units a second, or without a limit, whatever was planned; `None` until somebody says so.
    limit: watch::Sender<Option<Option<u64>>>,
    /// Who is told while a database does not answer.
    waits: Arc<Mutex<Option<Arc<Told>>>>,
}

impl fmt::Debug for Control {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Control").field("cancelled", &self.is_cancelled()).field("paused", &self.is_paused()).finish()
    }
}

/// Waits are told as long as this lives.
pub struct Telling(Control);

impl Drop for Telling {
    fn drop(&mut self) {
        self.0.listen(None);
    }
}

impl Default for Control {
    fn default() -> Self {
        let (paused, limit) = (watch::Sender::new(false), watch::Sender::new(None));
        Self { cancel: CancellationToken::new(), paused, limit, waits: Arc::default() }
    }
}

impl Control {
    /// Ends the job at its next checkpoint.
    pub fn cancel(&self) {
        self.cancel.cancel();
    }

    /// Whether it was ended.
    pub fn is_cancelled(&self) -> bool {
        self.cancel.is_cancelled()
    }

    /// Holds the job at its next checkpoint, or lets it go on.
    pub fn pause(&self, paused: bool) {
        self.paused.send_replace(paused);
    }

    /// Whether it is held.
    pub fn is_paused(&self) -> bool {
        *self.paused.borrow()
    }

    /// Lets the job do at most so many units a second from now on, or as many as it can, whatever was planned.
    pub fn limit(&self, rate: Option<u64>) {
        self.limit.send_replace(Some(rate));
    }

    /// What the limit is for a job that was planned with this one, and how to learn of another.
    pub fn limited(&self, planned: Option<u64>) -> (Option<u64>, watch::Receiver<Option<Option<u64>>>) {
        let mut told = self.limit.subscribe();
        let now = *told.borrow_and_update();
        (now.unwrap_or(planned), told)
    }

    /// Where a job may be held or ended: between two questions. Returns when it may go on.
    ///
    /// # Errors
    /// [`JobError::Cancelled`].
    pub async fn checkpoint(&self) -> Result<(), JobError> {
        let mut paused = self.paused.subscribe();
        let may_go_on = async {
            // The sender lives as long as `self`.
            let _ = paused.wait_for(|paused| !paused).await;
        };
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => Err(JobError::Cancelled),
            () = may_go_on => Ok(()),
        }
    }

    /// Whoever waits for a database under these reins is told of by that meter.
    #[must_use]
    pub fn tell_waits(&self, meter: &Meter) -> Telling {
        self.listen(Some(meter.told()));
        Telling(self.clone())
    }

    fn listen(&self, listener: Option<Arc<Told>>) {
        *self.waits.lock().unwrap_or_else(PoisonError::into_inner) = listener;
    }

    /// That database does not answer; this attempt will be the next.
    pub(super) fn waits_for(&self, label: &str, attempt: u32) {
        self.tell(Some(format!("waiting for {label}, attempt {attempt}")));
    }

    /// It has answered.
    pub(super) fn waits_no_more(&self) {
        self.tell(None);
    }

    fn tell(&self, waiting: Option<String>) {
        let listener = self.waits.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(listener) = listener {
            listener.waiting(waiting);
        }
    }

    /// Waits for an answer, but not beyond the end of the job.
    ///
    /// # Errors
    /// The work's own error, or [`JobError::Cancelled`]; the work is dropped then.
    pub async fn unless_cancelled<T, E: From<JobError>>(
        &self,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => Err(JobError::Cancelled.into()),
            result = work => result,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;

    #[tokio::test]
    async fn a_paused_job_waits_and_a_cancelled_one_ends_even_while_paused() {
        let control = Control::default();
        assert_eq!(control.checkpoint().await, Ok(()));
        control.pause(true);
        assert_eq!(control.checkpoint().now_or_never(), None);
        control.pause(false);
        assert_eq!(control.checkpoint().await, Ok(()));
        control.pause(true);
        control.cancel();
        assert_eq!(control.checkpoint().await, Err(JobError::Cancelled));
    }
}
