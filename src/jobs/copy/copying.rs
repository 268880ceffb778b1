//! Batches of the list: read ahead by tasks of their own, written one after the other, each journalled before
//! the next begins.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::batch::Sizer;
use super::blocking::blocking;
use super::deliver::{Before, Deliver, Delivered, Item};
use super::fingerprints::{self, Fingerprints};
use super::journal::{Entry, Journal, Known};
use super::rejects::{Reject, Rejects};
use super::spool::{Listed, Reader};
use super::{CopyError, shape};
use crate::jobs::ahead::Ahead;
use crate::jobs::model::plan::Plan;
use crate::jobs::patience::persistently;
use crate::jobs::weigh;
use crate::jobs::{Control, JobError, Meter, Side};
use crate::provider::model::{Payload, Record, RecordId};

/// Batches that are read ahead of the one that is written. Each has some mebibytes.
const AHEAD: usize = 3;

/// A batch as it was read.
struct Batch {
    /// Place in the list behind it: records and bytes.
    end: (u64, u64),
    from: u64,
    records: Vec<Item>,
    /// Of which there is no record for the target.
    unfit: Vec<Reject>,
    /// One for each line of the list, 0 where the record is gone.
    fingerprints: Vec<u64>,
    vanished: u64,
    bytes: u64,
}

/// The files that a batch is written into.
pub struct Ledger {
    /// What is certain.
    pub journal: Journal,
    /// What was refused.
    pub rejects: Rejects,
    /// What was read.
    pub fingerprints: Fingerprints,
}

/// The copying of what the list has behind a mark.
pub struct Copying<'a> {
    /// The plan.
    pub plan: &'a Arc<Plan>,
    /// The source.
    pub source: &'a Side,
    /// The target.
    pub target: &'a Side,
    /// The reins.
    pub control: &'a Control,
    /// Who is told.
    pub meter: &'a mut Meter,
    /// Where the file of rejects is, for the error.
    pub rejects_path: String,
}

impl Copying<'_> {
    /// Copies the rest of the list; the journal's knowledge grows with it.
    ///
    /// # Errors
    /// A database that does not do what it is asked, a file that cannot be written, or that the user ended it. What
    /// was journalled before stays.
    pub async fn run(&mut self, list: Reader, mut ledger: Ledger, known: &mut Known) -> Result<Ledger, CopyError> {
        let wishes = &self.plan.wishes;
        // Not by the rate, which may be lifted meanwhile: the throttle limits by what it is then.
        let limits = [self.target.provider.capabilities().max_batch, wishes.batch];
        let mut sizer = Sizer::new(limits, self.plan.estimate.bytes_per_record);
        let (before, started) = (known.mark.seconds, Instant::now());
        let mut throttle = Throttle { planned: wishes.rate, rate: wishes.rate, started, done: 0 };
        let mut list = Some(list);
        let mut ahead: Ahead<Batch, CopyError> = Ahead::new(AHEAD);
        loop {
            self.pause(&mut throttle).await?;
            while ahead.has_room()
                && let Some(mut reader) = list.take()
            {
                let most = sizer.next().min(throttle.most(self.control));
                let (rest, some) = blocking(move || {
                    let some = reader.next(most)?;
                    Ok((reader, some))
                })
                .await?;
                if some.is_empty() {
                    break;
                }
                let end = rest.place();
                list = Some(rest);
                let (plan, source) = (Arc::clone(self.plan), self.source.clone());
                ahead.begin(read(plan, source, some, end, self.control.clone()));
            }
            let Some(next) = ahead.next().await else { break };
            let batch = next?;
            sizer.read(batch.fingerprints.len(), batch.bytes);
            let lines = batch.fingerprints.len() as u64;
            ledger = self.write(batch, ledger, known, &mut sizer, before, started).await?;
            self.meter.advance(lines);
            throttle.done += lines;
            throttle.wait(self.control).await?;
        }
        Ok(ledger)
    }

    async fn pause(&mut self, throttle: &mut Throttle) -> Result<(), CopyError> {
        let held = self.control.is_paused();
        self.control.checkpoint().await?;
        if held {
            self.meter.paused();
            *throttle = Throttle { started: Instant::now(), done: 0, ..*throttle };
        }
        Ok(())
    }

    /// Writes a batch, and then what is certain of it into the files: the journal's line is the last.
    async fn write(
        &mut self,
        batch: Batch,
        mut ledger: Ledger,
        known: &mut Known,
        sizer: &mut Sizer,
        seconds: f64,
        started: Instant,
    ) -> Result<Ledger, CopyError> {
        let Batch { end, from, records, unfit, fingerprints, vanished, bytes } = batch;
        let mark = known.mark;
        ledger = blocking(move || {
            ledger.journal.note(&Entry::Sending { from, to: end.0 })?;
            Ok(ledger)
        })
        .await?;
        known.sending(from, end.0);
        let mut deliver =
            Deliver { target: self.target, control: self.control, sizer, most_rejects: self.plan.wishes.max_rejects };
        let before = Before { written: mark.counts.written, refused: mark.counts.rejected };
        let Delivered { written, mut rejects, stopped } = deliver.all(records, unfit, before).await?;
        let rejected = rejects.len() as u64;
        let stopped = stopped.then(|| CopyError::Rejects {
            count: mark.counts.rejected + rejected,
            last: rejects.last().map(|last| last.reason.trim_end_matches('.').to_owned()).unwrap_or_default(),
            file: self.rejects_path.clone(),
        });
        rejects.sort_by_key(|reject| reject.at);
        let mut next = mark;
        next.at = end.0;
        next.offset = end.1;
        next.counts.written += written;
        next.counts.rejected += rejected;
        next.counts.vanished += vanished;
        next.batches += 1;
        next.bytes += bytes;
        next.seconds = seconds + started.elapsed().as_secs_f64();
        let (ledger, stopped) = blocking(move || {
            ledger.rejects.add(&rejects)?;
            // A batch that was stopped in the middle is not done: a resume writes it again.
            if stopped.is_none() {
                ledger.fingerprints.write(from, &fingerprints)?;
                ledger.journal.append(&Entry::Written(next))?;
            }
            Ok((ledger, stopped))
        })
        .await?;
        if let Some(error) = stopped {
            return Err(error);
        }
        known.mark = next;
        Ok(ledger)
    }
}

/// Reads the records of some lines, and makes of them what is to be written.
async fn read(
    plan: Arc<Plan>,
    source: Side,
    lines: Vec<Listed>,
    end: (u64, u64),
    control: Control,
) -> Result<Batch, CopyError> {
    let ids: Vec<RecordId> = lines.iter().map(|listed| listed.id.clone()).collect();
    let get = || source.ask("the records", source.provider.get(&source.collection, &ids, true));
    let mut found = persistently(&control, get).await?.into_iter().peekable();
    let mut batch = Batch {
        end,
        from: lines.first().map_or(0, |listed| listed.at),
        records: Vec::with_capacity(lines.len()),
        unfit: Vec::new(),
        fingerprints: Vec::with_capacity(lines.len()),
        vanished: 0,
        bytes: 0,
    };
    let mut faults = Vec::new();
    for Listed { at, id, .. } in lines {
        // They come in the order asked for; what is gone is left out.
        let Some(record) = found.next_if(|record| record.id == id) else {
            batch.fingerprints.push(0);
            batch.vanished += 1;
            continue;
        };
        batch.fingerprints.push(fingerprints::of(&record));
        batch.bytes += weigh::bytes(&record);
        match shape::shaped(&plan, record) {
            Ok(record) => batch.records.push(Item { at, id, record }),
            Err(reason) => faults.push((at, id, reason)),
        }
    }
    if faults.is_empty() {
        return Ok(batch);
    }
    // Asked for once more, for the file of rejects: what was made of them is gone.
    let ids: Vec<RecordId> = faults.iter().map(|(_, id, _)| id.clone()).collect();
    let get = || source.ask("the records", source.provider.get(&source.collection, &ids, false));
    let mut found = persistently(&control, get).await?.into_iter().peekable();
    for (at, id, reason) in faults {
        let record = found.next_if(|record| record.id == id);
        let gone = || Record { id: id.clone(), vectors: None, payload: Payload::new(), text: None };
        batch.unfit.push(Reject { at, reason, record: record.unwrap_or_else(gone), id });
    }
    Ok(batch)
}

/// How far a copy with a limit may lag behind it and still catch up.
const CREDIT: Duration = Duration::from_secs(1);

/// At most so many records a second: as planned, or as somebody has said since.
struct Throttle {
    planned: Option<u64>,
    rate: Option<u64>,
    started: Instant,
    done: u64,
}

impl Throttle {
    /// The most records of one write: those of a second.
    fn most(&self, control: &Control) -> usize {
        let rate = control.limited(self.planned).0;
        rate.map_or(usize::MAX, |rate| usize::try_from(rate).unwrap_or(usize::MAX))
    }

    async fn wait(&mut self, control: &Control) -> Result<(), JobError> {
        loop {
            let (rate, mut told) = control.limited(self.planned);
            if rate != self.rate {
                (self.rate, self.started, self.done) = (rate, Instant::now(), 0);
            }
            let Some(rate) = rate.filter(|rate| *rate > 0) else { return Ok(()) };
            #[expect(clippy::cast_precision_loss, reason = "a time to wait")]
            let due = Duration::from_secs_f64(self.done as f64 / rate as f64);
            let passed = self.started.elapsed();
            // What was not written while it stood still is not made up for: who comes back is not to be overrun.
            self.started += passed.saturating_sub(due + CREDIT);
            let early = due.saturating_sub(passed);
            let changed = control
                .unless_cancelled(async {
                    // The sender lives as long as `control`.
                    Ok::<_, JobError>(tokio::time::timeout(early, told.changed()).await.is_ok())
                })
                .await?;
            if !changed {
                return Ok(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_was_not_written_while_it_stood_still_is_not_made_up_for() {
        let control = Control::default();
        let minute = Duration::from_secs(60);
        let started = Instant::now().checked_sub(minute).unwrap_or_else(Instant::now);
        let mut throttle = Throttle { planned: Some(1_000), rate: Some(1_000), started, done: 1_000 };
        assert_eq!(throttle.wait(&control).await, Ok(()));
        let ahead = throttle.started.elapsed().saturating_sub(Duration::from_secs(1));
        assert!((CREDIT..minute / 2).contains(&ahead), "a second of it, and not a minute: {ahead:?}");
    }

    #[tokio::test]
    async fn a_limit_that_is_lifted_lets_a_waiting_copy_go_on_at_once() {
        let control = Control::default();
        let mut throttle = Throttle { planned: Some(1), rate: Some(1), started: Instant::now(), done: 100_000 };
        assert_eq!(throttle.most(&control), 1);
        let waiting = throttle.wait(&control);
        let lifted = async {
            tokio::task::yield_now().await;
            control.limit(None);
        };
        let (waited, ()) = tokio::join!(waiting, lifted);
        assert_eq!(waited, Ok(()), "a day and more were left to wait");
        assert_eq!(throttle.most(&control), usize::MAX);
        control.limit(Some(7));
        assert_eq!(throttle.most(&control), 7, "and another one holds from then on");
    }
}
