//! What is read ahead by tasks of its own: taken in the order in which it was begun, ended with whoever waits.

use std::collections::VecDeque;

use tokio_util::task::AbortOnDropHandle;

use super::JobError;

/// Questions under way, the first one first.
pub struct Ahead<T, E> {
    most: usize,
    begun: VecDeque<AbortOnDropHandle<Result<T, E>>>,
}

impl<T, E> Ahead<T, E>
where
    T: Send + 'static,
    E: From<JobError> + Send + 'static,
{
    /// So many at a time.
    pub fn new(most: usize) -> Self {
        Self { most, begun: VecDeque::new() }
    }

    /// Whether one more may be begun.
    pub fn has_room(&self) -> bool {
        self.begun.len() < self.most
    }

    /// Begins one.
    pub fn begin(&mut self, work: impl Future<Output = Result<T, E>> + Send + 'static) {
        self.begun.push_back(AbortOnDropHandle::new(tokio::spawn(work)));
    }

    /// The next answer; `None` when none is under way. A panic goes on here.
    ///
    /// # Errors
    /// The work's own; [`JobError::Cancelled`] where the program ends meanwhile.
    pub async fn next(&mut self) -> Option<Result<T, E>> {
        match self.begun.pop_front()?.await {
            Ok(answer) => Some(answer),
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => Some(Err(JobError::Cancelled.into())),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn answers_come_in_the_order_of_the_questions() {
        let mut ahead: Ahead<u8, JobError> = Ahead::new(2);
        let (go, wait) = tokio::sync::oneshot::channel::<()>();
        ahead.begin(async move { wait.await.map(|()| 1).map_err(|_| JobError::Cancelled) });
        ahead.begin(async move { go.send(()).map(|()| 2).map_err(|()| JobError::Cancelled) });
        assert!(!ahead.has_room());
        assert_eq!((ahead.next().await, ahead.next().await, ahead.next().await), (Some(Ok(1)), Some(Ok(2)), None));
    }

    #[tokio::test]
    #[should_panic(expected = "a fault of the work")]
    async fn a_panic_is_no_cancelled_job() {
        let mut ahead: Ahead<u8, JobError> = Ahead::new(1);
        ahead.begin(async { std::panic::resume_unwind(Box::new("a fault of the work")) });
        let _ = ahead.next().await;
    }
}
