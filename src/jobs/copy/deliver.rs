//! Bringing a batch to the target: tried again while the target is away, halved until a record that it refuses
//! stands alone.

use std::time::Instant;

use super::batch::Sizer;
use super::rejects::Reject;
use crate::jobs::patience::{ATTEMPTS, ATTEMPTS_OF_SERVER, After, Waits, after};
use crate::jobs::{Control, JobError, Side};
use crate::provider::ProviderError;
use crate::provider::model::{Record, RecordId};

/// Refused records after which a copy stops, unless told otherwise.
const MOST_REJECTS: u64 = 1_000;
/// The same as long as not one record was accepted: then it is hardly the records.
const MOST_AT_FIRST: u64 = 50;

/// A record on its way.
#[derive(Debug, Clone)]
pub struct Item {
    /// Its place in the list.
    pub at: u64,
    /// Its id at the source.
    pub id: RecordId,
    /// The record as the target is to have it.
    pub record: Record,
}

/// What became of a batch.
#[derive(Debug, Default)]
pub struct Delivered {
    /// Acknowledged records.
    pub written: u64,
    /// Refused records, those that were none before they were sent first.
    pub rejects: Vec<Reject>,
    /// There were too many of these.
    pub stopped: bool,
}

/// What became of the batches before.
#[derive(Debug, Clone, Copy, Default)]
pub struct Before {
    /// Acknowledged records.
    pub written: u64,
    /// Refused records.
    pub refused: u64,
}

/// Why some records were not taken.
enum Refusal {
    /// One of them is at fault.
    Records(String),
    /// They are too much at once.
    TooMuch,
    /// Nothing more can be done.
    Stop(JobError),
}

/// Brings records to the target.
pub struct Deliver<'a> {
    /// The target.
    pub target: &'a Side,
    /// The reins.
    pub control: &'a Control,
    /// Learns from answers.
    pub sizer: &'a mut Sizer,
    /// How many records may be refused.
    pub most_rejects: Option<u64>,
}

impl Deliver<'_> {
    /// Writes all of them. `unfit` are those of the same batch of which no record could be made; they count as
    /// refused, whoever refuses.
    ///
    /// # Errors
    /// A target that stays away, or that refuses more than records.
    pub async fn all(&mut self, items: Vec<Item>, unfit: Vec<Reject>, before: Before) -> Result<Delivered, JobError> {
        let mut done = Delivered::default();
        let mut parts = vec![items];
        while let Some(mut part) = parts.pop() {
            if part.is_empty() {
                continue;
            }
            let refusal = match self.send(&part).await {
                Ok(()) => {
                    done.written += part.len() as u64;
                    continue;
                }
                Err(refusal) => refusal,
            };
            match (refusal, part.len()) {
                (Refusal::Stop(error), _) => return Err(error),
                (Refusal::Records(reason), 1) => {
                    done.rejects.extend(part.pop().map(|Item { at, id, record }| Reject { at, id, reason, record }));
                }
                (Refusal::Records(_) | Refusal::TooMuch, some) => {
                    let second = part.split_off(some / 2);
                    parts.extend([second, part]);
                }
            }
            if self.are_too_many(&done, before) {
                done.stopped = true;
                return Ok(done);
            }
        }
        // Now, and not before the others had the chance to be the first that is accepted.
        for reject in unfit {
            done.rejects.push(reject);
            if self.are_too_many(&done, before) {
                done.stopped = true;
                break;
            }
        }
        Ok(done)
    }

    fn are_too_many(&self, done: &Delivered, before: Before) -> bool {
        let first = done.written + before.written == 0;
        let most = self.most_rejects.unwrap_or(if first { MOST_AT_FIRST } else { MOST_REJECTS });
        before.refused + done.rejects.len() as u64 > most
    }

    async fn send(&mut self, part: &[Item]) -> Result<(), Refusal> {
        let mut waits = Waits::new();
        loop {
            let records: Vec<Record> = part.iter().map(|item| item.record.clone()).collect();
            let asked = Instant::now();
            // Not cut off by the end of the job: whether it arrived would not be known.
            let answer =
                self.target.ask("the write", self.target.provider.upsert(&self.target.collection, records)).await;
            let error = match answer {
                Ok(()) => {
                    self.sizer.acknowledged(asked.elapsed());
                    waits.over(self.control);
                    return Ok(());
                }
                Err(error) => error,
            };
            let JobError::Provider { source, .. } = &error else { return Err(Refusal::Stop(error)) };
            let after = after(source);
            if after == After::Stop {
                return Err(Refusal::Stop(error));
            }
            let late = matches!(source, ProviderError::TimedOut { .. });
            if after != After::Records || late {
                self.sizer.failed();
            }
            tracing::warn!(%error, records = part.len(), attempt = waits.tried() + 1, "a write failed");
            match after {
                After::Records => return Err(Refusal::Records(source.to_string())),
                _ if late && part.len() > 1 => return Err(Refusal::TooMuch),
                After::AgainOrRecords if waits.tried() + 1 >= ATTEMPTS_OF_SERVER => {
                    let reason = source.to_string();
                    // One that is down as a whole would refuse all others as well.
                    return match self.target.ask("the ping", self.target.provider.ping()).await {
                        Ok(_) => Err(Refusal::Records(reason)),
                        Err(_) => Err(Refusal::Stop(error)),
                    };
                }
                _ if waits.tried() + 1 >= ATTEMPTS => return Err(Refusal::Stop(error)),
                _ => waits.wait(&self.target.label, self.control).await.map_err(Refusal::Stop)?,
            }
        }
    }
}
