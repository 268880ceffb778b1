//! The proof at the end: the list is read once more, with the records of both sides.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;

use super::blocking::blocking;
use super::difference::difference;
use super::fingerprints::{self, Fingerprints};
use super::planning::{filter_of, page};
use super::prepare::target_id;
use super::spool::{Listed, Reader};
use super::{CopyError, shape};
use crate::jobs::ahead::Ahead;
use crate::jobs::model::copied::{Check, Counts, Difference, Standing};
use crate::jobs::model::noted::tag;
use crate::jobs::model::plan::Plan;
use crate::jobs::patience::persistently;
use crate::jobs::{Control, JobError, Meter, Side};
use crate::provider::ProviderError;
use crate::provider::model::{PageRequest, Record, RecordId};
use crate::text::format;

/// Differences that are listed; all are counted.
const LISTED: usize = 100;
/// Bytes of a piece, about.
const BYTES: u64 = 2 * 1024 * 1024;
/// Pieces that are compared at a time.
const AHEAD: usize = 3;

/// What the proof needs.
pub struct Proof<'a> {
    /// The plan.
    pub plan: &'a Arc<Plan>,
    /// The source.
    pub source: &'a Side,
    /// The target.
    pub target: &'a Side,
    /// What the copy counted.
    pub counts: Counts,
    /// Records at the target before.
    pub before: u64,
    /// The reins.
    pub control: &'a Control,
    /// Who is told.
    pub meter: &'a mut Meter,
}

/// What was found.
#[derive(Debug, Default)]
pub struct Found {
    /// What was proved.
    pub checks: Vec<Check>,
    /// The first records that differ.
    pub differences: Vec<Difference>,
    /// How many there are.
    pub different: u64,
    /// The source is not what it was when it was listed.
    pub source_changed: bool,
}

/// What a piece of the list, or all of it, shows.
#[derive(Debug, Default)]
struct Tally {
    same: u64,
    missing: u64,
    different: u64,
    /// Read differently from the source than before.
    changed: u64,
    /// Gone from the source since they were copied.
    gone: u64,
    differences: Vec<Difference>,
}

impl Proof<'_> {
    /// Whether the numbers agree.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn counts(&mut self, found: &mut Found) -> Result<(), CopyError> {
        self.meter.phase("counting", "records", None);
        let (here, wanted) = (count(self.target, self.control).await?, self.before + self.counts.written);
        let says = match self.before {
            0 => format!("{} at the target, {} written", records(here), format::exact(wanted)),
            before => {
                let (before, written) = (format::exact(before), format::exact(self.counts.written));
                format!("{} at the target, {before} before and {written} written", records(here))
            }
        };
        found.checks.push(check("counts", here == wanted, says));
        if self.counts.rejected > 0 {
            let refused = format::many(self.counts.rejected, "record was", "records were");
            let says = format!("{refused} refused; the file of rejects says why");
            found.checks.push(check("rejects", false, says));
        }
        Ok(())
    }

    /// Whether every record is there as it was to be, and the source as it was.
    ///
    /// # Errors
    /// A database that does not answer, or a file that cannot be read.
    pub async fn records(
        &mut self,
        mut list: Reader,
        fingerprints: Fingerprints,
        rejects: PathBuf,
        found: &mut Found,
    ) -> Result<(), CopyError> {
        self.meter.phase("verifying", "records", Some(self.counts.listed));
        let refused = Arc::new(blocking(move || super::rejects::places(&rejects)).await?);
        let fingerprints = Arc::new(fingerprints);
        let each = self.plan.estimate.bytes_per_record.max(1);
        let most = usize::try_from(BYTES / each).unwrap_or(1).clamp(1, 1_000);
        let mut all = Tally::default();
        let mut ahead: Ahead<(u64, Tally), CopyError> = Ahead::new(AHEAD);
        let mut at_end = false;
        loop {
            let held = self.control.is_paused();
            self.control.checkpoint().await?;
            if held {
                self.meter.paused();
            }
            while !at_end && ahead.has_room() {
                let (rest, some) = blocking(move || {
                    let some = list.next(most)?;
                    Ok((list, some))
                })
                .await?;
                list = rest;
                at_end = some.is_empty();
                if !at_end {
                    let piece = Piece {
                        plan: Arc::clone(self.plan),
                        source: self.source.clone(),
                        target: self.target.clone(),
                        control: self.control.clone(),
                        fingerprints: Arc::clone(&fingerprints),
                        refused: Arc::clone(&refused),
                    };
                    ahead.begin(piece.tally(some));
                }
            }
            let Some(next) = ahead.next().await else { break };
            let (lines, tally) = next?;
            self.meter.advance(lines);
            all.add(tally);
        }
        self.tell(all, found).await
    }

    async fn tell(&mut self, all: Tally, found: &mut Found) -> Result<(), CopyError> {
        let Tally { same, missing, different, changed, gone, differences } = all;
        let written = self.counts.written;
        // All ids are there, and the counts say that there are no others.
        let alone = found.checks.iter().all(|check| check.name != "counts" || check.standing == Standing::Holds);
        let says = match (missing, alone) {
            (0, true) => format!("all {} ids are there, and no others", format::exact(written)),
            (0, false) => format!("all {} ids are there, but others, too", format::exact(written)),
            (1, _) => format!("1 of {written} ids is missing"),
            (missing, _) => format!("{missing} of {written} ids are missing"),
        };
        found.checks.push(check("ids", missing == 0 && alone, says));
        let says = match different {
            0 => format::many(same, "record is what it was to be", "records are what they were to be"),
            different => {
                format::many(different, "record is not what it was to be", "records are not what they were to be")
            }
        };
        found.checks.push(check("content", different == 0, says));
        let now = self.selected_now().await?;
        let expected = self.counts.listed - self.counts.vanished - gone;
        let added = now.and_then(|now| now.checked_sub(expected)).unwrap_or(0);
        let deleted = self.counts.vanished + gone;
        found.source_changed = changed + added + deleted > 0;
        let says = if found.source_changed {
            let changed = records(changed);
            format!("the source was changed meanwhile: {changed} changed, {deleted} deleted, {added} added")
        } else if now.is_none() {
            "every record is what it was when it was copied; whether others were added is not known".to_owned()
        } else {
            "the source is what it was when it was listed".to_owned()
        };
        found.checks.push(check("source", !found.source_changed, says));
        (found.differences, found.different) = (differences, different + missing);
        Ok(())
    }

    /// How many records the source has now, of those that are copied; `None` where that cannot be told.
    async fn selected_now(&mut self) -> Result<Option<u64>, CopyError> {
        let filter = filter_of(&self.plan.wishes)?;
        let side = self.source;
        if filter.is_some() && self.plan.wishes.filter_here {
            let (mut cursor, mut many) = (None, 0);
            loop {
                self.control.checkpoint().await?;
                let page = page(side, &self.plan.wishes, filter.as_ref(), cursor, 1_000, false, self.control).await?;
                many += page.records.len() as u64;
                cursor = page.next;
                if cursor.is_none() {
                    return Ok(Some(many));
                }
            }
        }
        let ask = || side.ask("the count", side.provider.count(&side.collection, filter.as_ref()));
        match persistently(self.control, ask).await {
            Ok(count) => Ok(Some(count.value).filter(|_| count.exact)),
            Err(JobError::Provider { source: ProviderError::FilterRefused { .. }, .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

/// What is needed to compare a piece of the list.
struct Piece {
    plan: Arc<Plan>,
    source: Side,
    target: Side,
    control: Control,
    fingerprints: Arc<Fingerprints>,
    refused: Arc<HashSet<u64>>,
}

impl Piece {
    async fn tally(self, lines: Vec<Listed>) -> Result<(u64, Tally), CopyError> {
        let ids: Vec<RecordId> = lines.iter().map(|listed| listed.id.clone()).collect();
        let there: Vec<RecordId> = lines.iter().map(|listed| target_id(&self.plan, listed)).collect();
        let (from, count) = (lines.first().map_or(0, |listed| listed.at), lines.len());
        let fingerprints = Arc::clone(&self.fingerprints);
        let (sources, targets, known) = tokio::try_join!(
            get(&self.source, &self.control, &ids),
            get(&self.target, &self.control, &there),
            blocking(move || fingerprints.read(from, count)),
        )?;
        let (mut sources, mut targets) = (sources.into_iter().peekable(), targets.into_iter().peekable());
        let mut tally = Tally::default();
        for ((listed, there), known) in lines.into_iter().zip(there).zip(known) {
            let here = sources.next_if(|record| record.id == listed.id);
            let got = targets.next_if(|record| record.id == there);
            // It was gone before it was copied, or refused.
            if known != 0 && !self.refused.contains(&listed.at) {
                self.one(&listed.id, &there, here, got, known, &mut tally);
            }
        }
        Ok((count as u64, tally))
    }

    fn one(
        &self,
        id: &RecordId,
        there: &RecordId,
        here: Option<Record>,
        got: Option<Record>,
        known: u64,
        tally: &mut Tally,
    ) {
        let same_source = here.as_ref().map(|record| fingerprints::of(record) == known);
        match same_source {
            None => tally.gone += 1,
            Some(false) => tally.changed += 1,
            Some(true) => {}
        }
        let what = match (got, here) {
            (None, _) => {
                tally.missing += 1;
                "missing at the target".to_owned()
            }
            // What was copied is not there any more to be compared with.
            (Some(_), None) => return,
            (Some(_), Some(_)) if same_source == Some(false) => return,
            (Some(got), Some(here)) => match shape::shaped(&self.plan, here) {
                Ok(wanted) => match difference(&self.plan, &wanted, &got) {
                    None => {
                        tally.same += 1;
                        return;
                    }
                    Some(what) => {
                        tally.different += 1;
                        what
                    }
                },
                Err(reason) => {
                    tally.different += 1;
                    reason
                }
            },
        };
        if tally.differences.len() < LISTED {
            tally.differences.push(Difference { id: tag(id), target_id: tag(there), what });
        }
    }
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.same += other.same;
        self.missing += other.missing;
        self.different += other.different;
        self.changed += other.changed;
        self.gone += other.gone;
        let room = LISTED.saturating_sub(self.differences.len());
        self.differences.extend(other.differences.into_iter().take(room));
    }
}

async fn get(side: &Side, control: &Control, ids: &[RecordId]) -> Result<Vec<Record>, CopyError> {
    let get = || side.ask("the records", side.provider.get(&side.collection, ids, true));
    Ok(persistently(control, get).await?)
}

/// Counts exactly, by reading all ids where the maker's count is not exact.
async fn count(side: &Side, control: &Control) -> Result<u64, CopyError> {
    let ask = || side.ask("the count", side.provider.count(&side.collection, None));
    let count = persistently(control, ask).await?;
    if count.exact {
        return Ok(count.value);
    }
    let (mut request, mut many) = (PageRequest::first(1_000), 0);
    loop {
        control.checkpoint().await?;
        let ask = || side.ask("a page", side.provider.page(&side.collection, &request));
        let page = persistently(control, ask).await?;
        many += page.records.len() as u64;
        match page.next {
            Some(next) => request.cursor = Some(next),
            None => return Ok(many),
        }
    }
}

fn records(count: u64) -> String {
    format::many(count, "record", "records")
}

/// A check that holds or fails.
pub fn check(name: &str, holds: bool, says: String) -> Check {
    let standing = if holds { Standing::Holds } else { Standing::Fails };
    Check { name: name.to_owned(), standing, says }
}
