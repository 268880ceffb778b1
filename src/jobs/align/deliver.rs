//! Brings records to the second side: tried again while it is away for a moment, halved where it refuses some.

use std::time::Duration;

use crate::jobs::{Control, JobError, Side};
use crate::provider::model::Record;
use crate::provider::{ErrorKind, ProviderError};

/// Attempts while a database does not answer.
const ATTEMPTS: u32 = 6;
/// The wait after the first one; each is twice as long as the one before.
const WAIT: Duration = Duration::from_millis(250);

/// Records that were taken, and those that were not, each with the reason.
#[derive(Debug, Default)]
pub(super) struct Delivered {
    pub(super) written: u64,
    pub(super) refused: Vec<(Record, String)>,
}

/// Writes all of them.
///
/// # Errors
/// A side that stays away or does not let us in, or that the job was cancelled.
pub(super) async fn deliver(side: &Side, records: Vec<Record>, control: &Control) -> Result<Delivered, JobError> {
    let mut done = Delivered::default();
    let mut parts = vec![records];
    while let Some(mut part) = parts.pop() {
        if part.is_empty() {
            continue;
        }
        let Err(error) = send(side, &part, control).await else {
            done.written += part.len() as u64;
            continue;
        };
        let JobError::Provider { source, .. } = &error else { return Err(error) };
        match (part.len(), source) {
            (1, ProviderError::BadRequest { .. } | ProviderError::Unsupported { .. }) => {
                done.refused.extend(part.pop().map(|record| (record, source.to_string())));
            }
            // Too much at once, or one of them is at fault.
            (some, ProviderError::BadRequest { .. } | ProviderError::Unsupported { .. })
            | (some @ 2.., ProviderError::TimedOut { .. }) => {
                let second = part.split_off(some / 2);
                parts.extend([second, part]);
            }
            _ => return Err(error),
        }
    }
    Ok(done)
}

async fn send(side: &Side, records: &[Record], control: &Control) -> Result<(), JobError> {
    let mut wait = WAIT;
    for attempt in 1.. {
        // Not cut off by the end of the job: whether it arrived would not be known.
        let asked = side.provider.upsert(&side.collection, records.to_vec());
        let Err(error) = side.ask("the write", asked).await else { return Ok(()) };
        let JobError::Provider { source, .. } = &error else { return Err(error) };
        let may_pass = matches!(source.kind(), ErrorKind::Unreachable | ErrorKind::Server)
            || matches!(source, ProviderError::Busy);
        if !may_pass || attempt == ATTEMPTS || matches!(source, ProviderError::TimedOut { .. }) && records.len() > 1 {
            return Err(error);
        }
        tracing::warn!(%error, records = records.len(), attempt, "a write failed");
        control
            .unless_cancelled(async {
                tokio::time::sleep(wait).await;
                Ok::<_, JobError>(())
            })
            .await?;
        wait *= 2;
    }
    Ok(())
}
