//! What an error of a database means for a copy, and how long to wait before the next attempt.

use std::time::Duration;

use fastrand::Rng;

use crate::jobs::{Control, JobError};
use crate::provider::{ErrorKind, ProviderError};

/// What to do after an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum After {
    /// Try the same again: the database may be back.
    Again,
    /// Try the same again a few times; then it is the records' fault.
    AgainOrRecords,
    /// The records are at fault, or one of them.
    Records,
    /// Stop: it would be the same with every record.
    Stop,
}

/// What an error of a database means.
pub fn after(error: &ProviderError) -> After {
    match error {
        ProviderError::BadRequest { .. } | ProviderError::Unsupported { .. } => After::Records,
        ProviderError::Busy => After::Again,
        _ => match error.kind() {
            ErrorKind::Unreachable => After::Again,
            ErrorKind::Server => After::AgainOrRecords,
            // Never after a refused key: that locks accounts.
            ErrorKind::Authentication | ErrorKind::Certificate | ErrorKind::Protocol | ErrorKind::Request => {
                After::Stop
            }
        },
    }
}

/// Attempts while a database does not answer: some minutes.
pub const ATTEMPTS: u32 = 12;
/// Attempts after which the records are looked at.
pub const ATTEMPTS_OF_SERVER: u32 = 3;

const SHORTEST: Duration = Duration::from_millis(200);
const LONGEST: Duration = Duration::from_secs(30);

/// The waits between attempts: longer each time, with jitter.
#[derive(Debug)]
pub struct Waits {
    rng: Rng,
    tried: u32,
}

impl Waits {
    /// Nothing was tried yet.
    pub fn new() -> Self {
        Self { rng: Rng::new(), tried: 0 }
    }

    /// How many attempts have failed.
    pub fn tried(&self) -> u32 {
        self.tried
    }

    /// There is an answer: says so where it was waited for.
    pub fn over(&self, control: &Control) {
        if self.tried > 0 {
            control.waits_no_more();
        }
    }

    /// The wait before the next attempt.
    fn next(&mut self) -> Duration {
        let ceiling = SHORTEST.saturating_mul(1 << self.tried.min(10)).min(LONGEST);
        self.tried += 1;
        ceiling.mul_f64(0.5 + self.rng.f64() / 2.0)
    }

    /// Waits for that database, and says so, but not beyond the end of the job.
    ///
    /// # Errors
    /// [`JobError::Cancelled`].
    pub async fn wait(&mut self, label: &str, control: &Control) -> Result<(), JobError> {
        let wait = self.next();
        control.waits_for(label, self.tried + 1);
        control
            .unless_cancelled(async {
                tokio::time::sleep(wait).await;
                Ok(())
            })
            .await
    }
}

/// Asks until there is an answer, or the attempts are used up, or the error is one that stays.
///
/// # Errors
/// The last error, or that the user ended the job.
pub async fn persistently<T, Fut>(control: &Control, mut ask: impl FnMut() -> Fut) -> Result<T, JobError>
where
    Fut: Future<Output = Result<T, JobError>>,
{
    let mut waits = Waits::new();
    loop {
        let error = match control.unless_cancelled(ask()).await {
            Ok(answer) => {
                waits.over(control);
                return Ok(answer);
            }
            Err(error) => error,
        };
        let JobError::Provider { source, label } = &error else { return Err(error) };
        let most = match after(source) {
            After::Again => ATTEMPTS,
            After::AgainOrRecords => ATTEMPTS_OF_SERVER,
            After::Records | After::Stop => return Err(error),
        };
        if waits.tried() + 1 >= most {
            return Err(error);
        }
        tracing::warn!(%error, attempt = waits.tried() + 1, "asked again");
        waits.wait(label, control).await?;
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::jobs::Meter;

    #[tokio::test(start_paused = true)]
    async fn a_wait_is_told_with_its_attempt_and_without_a_rate() {
        type Told = Vec<(Option<String>, bool)>;
        let told: Arc<Mutex<Told>> = Arc::default();
        let heard = Arc::clone(&told);
        let mut meter = Meter::new(Arc::new(move |progress| {
            heard.lock().unwrap().push((progress.waiting.clone(), progress.left().is_some()));
        }));
        meter.phase("copying", "records", Some(100));
        let control = Control::default();
        let telling = control.tell_waits(&meter);
        let mut asked = 0;
        let answer = persistently(&control, || {
            asked += 1;
            let refused = ProviderError::Refused { address: "x".to_owned() };
            let back = asked == 3;
            async move { if back { Ok(()) } else { Err(JobError::Provider { label: "x".to_owned(), source: refused }) } }
        });
        answer.await.unwrap();
        let words = |attempt: u32| (Some(format!("waiting for x, attempt {attempt}")), false);
        assert_eq!(told.lock().unwrap()[1..], [words(2), words(3), (None, false)]);
        drop(telling);
        control.waits_for("x", 9);
        assert_eq!(told.lock().unwrap().len(), 4, "nobody listens any more");
    }

    #[test]
    fn a_refused_key_is_never_tried_again_and_a_wrong_record_is_looked_for() {
        let unauthorized = ProviderError::Unauthorized { address: "x".to_owned(), cause: "no".to_owned() };
        assert_eq!(after(&unauthorized), After::Stop);
        assert_eq!(after(&ProviderError::NoSuchCollection { collection: "x".to_owned() }), After::Stop);
        assert_eq!(after(&ProviderError::Refused { address: "x".to_owned() }), After::Again);
        assert_eq!(after(&ProviderError::BadRequest { cause: String::new(), mend: String::new() }), After::Records);
        assert_eq!(
            after(&ProviderError::Server { address: String::new(), cause: String::new() }),
            After::AgainOrRecords
        );
    }

    #[tokio::test(start_paused = true)]
    async fn who_is_away_for_a_while_is_asked_again_and_who_refuses_is_not() {
        let control = Control::default();
        let mut asked = 0;
        let answer = persistently(&control, || {
            asked += 1;
            let back = asked == 5;
            let refused = ProviderError::Refused { address: "x".to_owned() };
            async move { if back { Ok(7) } else { Err(JobError::Provider { label: "x".to_owned(), source: refused }) } }
        })
        .await;
        assert_eq!((answer, asked), (Ok(7), 5));
        let mut asked = 0;
        let answer: Result<(), _> = persistently(&control, || {
            asked += 1;
            let source = ProviderError::Unauthorized { address: "x".to_owned(), cause: "no".to_owned() };
            async move { Err(JobError::Provider { label: "x".to_owned(), source }) }
        })
        .await;
        assert!(answer.is_err() && asked == 1);
    }
}
