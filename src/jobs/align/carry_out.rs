//! Writes what is missing or different, deletes what is extra where that is wanted, and compares again.

use std::collections::{HashMap, HashSet};

use super::deliver::deliver;
use super::forms::forms;
use super::writes::{Reader, Upsert, Writes};
use crate::jobs::compare::{CompareOptions, ContentOptions, compare, notes, pairs, typed};
use crate::jobs::copy::batch::Sizer;
use crate::jobs::copy::shape::shaped;
use crate::jobs::copy::{CopyError, Words, plan};
use crate::jobs::model::Plan;
use crate::jobs::model::aligned::{Aligned, Refusal};
use crate::jobs::model::noted::noted_id;
use crate::jobs::model::plan::Wishes;
use crate::jobs::patience::persistently;
use crate::jobs::{Control, JobError, Meter, Side, weigh};
use crate::provider::model::{CollectionInfo, Record, RecordId, VectorSpec};

/// Bytes of a record, as long as none was read.
const RECORD: u64 = 16 * 1024;
/// Ids of one question and of one order to delete.
const IDS: usize = 256;
/// Refused records that are listed.
const LISTED: usize = 20;
/// Refused records after which no more are tried, and the same where none was accepted.
const MOST_REFUSED: u64 = 1_000;
const MOST_AT_FIRST: u64 = 50;

/// How one side is made like the other.
#[derive(Debug, Clone, Default)]
pub struct AlignOptions {
    /// Delete what only the second side has.
    pub delete_extra: bool,
    /// How both were compared, and are compared again.
    pub contents: ContentOptions,
}

/// Makes the second side like the first, by what a comparison has noted, and compares again.
///
/// # Errors
/// Two sides that cannot be alike, a side that cannot be asked or written to, or that the job was cancelled.
/// What was written by then stays; the next run goes on with what is left.
pub async fn align(
    a: &Side,
    b: &Side,
    writes: Writes,
    options: &AlignOptions,
    control: &Control,
    meter: &mut Meter,
) -> Result<Aligned, JobError> {
    let refused = |source| JobError::Provider { label: b.label.clone(), source };
    b.provider.capabilities().write.require("this database").map_err(refused)?;
    let renamed = fitting(a, b, control).await?;
    let copied = copied(a, b, control, meter).await?;
    let mut done = Aligned { upserts: writes.upserts(), deletes: writes.deletes(), ..Aligned::default() };
    let (upserts, deletes) = writes.read()?;
    let mut hand = Hand { a, b, renamed, copied, control, meter };
    hand.write(upserts, &mut done).await?;
    if !options.delete_extra {
        done.left = done.deletes;
    } else if done.refused == 0 && done.stopped.is_none() {
        hand.delete(deletes, &mut done).await?;
    } else {
        // What was refused may be what was to take the place of what would be deleted.
        done.left = done.deletes;
    }
    let again =
        CompareOptions { structure: false, contents: Some(options.contents.clone()), retrieval: None, using: None };
    let proof = compare(a, b, &again, control, meter, &mut |_| Ok(())).await?;
    done.after = proof.contents.unwrap_or_default();
    Ok(done)
}

/// The same for who has seen a report and agreed to its numbers: compares, and goes on only if they still hold.
///
/// # Errors
/// As [`align`], and numbers that are others now.
pub async fn align_agreed(
    a: &Side,
    b: &Side,
    agreed: (u64, u64),
    options: &AlignOptions,
    control: &Control,
    meter: &mut Meter,
) -> Result<Aligned, JobError> {
    let mut writes = Writes::default();
    let first =
        CompareOptions { structure: false, contents: Some(options.contents.clone()), retrieval: None, using: None };
    compare(a, b, &first, control, meter, &mut |one| writes.note(one)).await?;
    if (writes.upserts(), writes.deletes()) != agreed {
        return Err(JobError::NotAsAgreed { a: a.name(), b: b.name() });
    }
    align(a, b, writes, options, control, meter).await
}

/// Whether records of the first side fit into the second, whoever writes them there; names of vectors that are others
/// there. Who shows or accepts a plan asks this first.
///
/// # Errors
/// Two sides that cannot be alike, or a side that cannot be asked.
pub async fn fitting(a: &Side, b: &Side, control: &Control) -> Result<Vec<(String, String)>, JobError> {
    let describe = async |side: &Side| {
        let asked = side.ask("the collection", side.provider.describe(&side.collection));
        control.unless_cancelled(asked).await
    };
    let (info_a, info_b) = (describe(a).await?, describe(b).await?);
    let pairs = pairs(&info_a, &info_b);
    let unlike = |why: String| JobError::NotAlike { b: b.name(), why };
    let spec = |info: &CollectionInfo, name: &str| info.summary.vectors.iter().find(|spec| spec.name == name).cloned();
    for (side, info, of) in [(a, &info_a, 0), (b, &info_b, 1)] {
        let known = |spec: &&VectorSpec| pairs.iter().any(|pair| [&pair.0, &pair.1][of] == &spec.name);
        if let Some(lone) = info.summary.vectors.iter().find(|spec| !known(spec)) {
            return Err(unlike(format!("only {} has a vector {:?}", side.name(), lone.name)));
        }
    }
    for (one, other) in &pairs {
        let (Some(one), Some(other)) = (spec(&info_a, one), spec(&info_b, other)) else { continue };
        if one.kind != other.kind {
            let (one, other) = (one.kind.name(), other.kind.name());
            return Err(unlike(format!("its vectors are {other}, those of {} {one}", a.name())));
        }
        if let (Some(one), Some(other)) = (one.dimension, other.dimension)
            && one != other
        {
            return Err(unlike(format!("its vectors have {other} numbers, those of {} {one}", a.name())));
        }
    }
    Ok(pairs.into_iter().filter(|(one, other)| one != other).collect())
}

/// Where the second side bears the notes of a copy and the first does not: what a copy makes of each record now.
async fn copied(a: &Side, b: &Side, control: &Control, meter: &mut Meter) -> Result<Option<Plan>, JobError> {
    let (of_a, of_b) = (notes(a, control).await?, notes(b, control).await?);
    match (of_a.any, of_b.any) {
        (false, true) => {}
        (true, false) => {
            let why = format!("{} is a copy that bears notes of its source, and this would write them there", a.name());
            return Err(JobError::NotAlike { b: b.name(), why });
        }
        (true, true) | (false, false) => return Ok(None),
    }
    let words = Words { from: a.label.clone(), to: b.label.clone() };
    let wishes = Wishes { into_existing: true, ..Wishes::default() };
    let planned = plan(a, b, words, wishes, control, meter).await;
    planned.map(Some).map_err(|error| match error {
        CopyError::Job(error) => error,
        other => JobError::Told { cause: other.to_string() },
    })
}

/// What writes.
struct Hand<'a> {
    a: &'a Side,
    b: &'a Side,
    /// What a copy makes of each record, where the second side is one.
    copied: Option<Plan>,
    renamed: Vec<(String, String)>,
    control: &'a Control,
    meter: &'a mut Meter,
}

impl Hand<'_> {
    async fn write(&mut self, mut list: Reader, done: &mut Aligned) -> Result<(), JobError> {
        self.meter.phase(format!("writing to {}", self.b.label), "records", Some(done.upserts));
        let mut sizer = Sizer::new([self.b.provider.capabilities().max_batch, None], RECORD);
        loop {
            self.hold().await?;
            let part = list.next(sizer.next())?;
            if part.is_empty() {
                return Ok(());
            }
            let ids: Vec<RecordId> = part.iter().map(|(id, _)| id.clone()).collect();
            let records = self.read(&ids).await?;
            sizer.read(records.len(), records.iter().map(weigh::bytes).sum());
            done.gone += part.len().saturating_sub(records.len()) as u64;
            let many = part.len() as u64;
            let mut known: HashMap<RecordId, Option<RecordId>> = part.into_iter().collect();
            let mut batch = Vec::with_capacity(records.len());
            for record in records {
                let (own, there) = (record.id.clone(), known.remove(&record.id).flatten());
                match self.shaped(record, there) {
                    Ok(record) => batch.push(record),
                    Err(why) => refuse(done, &own, why),
                }
            }
            let delivered = deliver(self.b, batch, &mut sizer, self.control).await?;
            done.upserted += delivered.written;
            for reject in delivered.rejects {
                refuse(done, &reject.id, reject.reason);
            }
            self.meter.advance(many);
            if done.refused >= if done.upserted == 0 { MOST_AT_FIRST } else { MOST_REFUSED } {
                done.stopped = done.refusals.last().map(|last| last.why.clone());
                return Ok(());
            }
        }
    }

    /// Deletes what only the second side has: the first one is asked once more whether that is so.
    async fn delete(&mut self, mut list: Reader, done: &mut Aligned) -> Result<(), JobError> {
        self.meter.phase(format!("deleting in {}", self.b.label), "records", Some(done.deletes));
        let (own, there) = (self.b.provider.capabilities().clone(), self.a.provider.capabilities().clone());
        loop {
            self.hold().await?;
            let part = list.next(IDS)?;
            if part.is_empty() {
                return Ok(());
            }
            let noted = self.noted(&part).await?;
            let forms_of = |id: &RecordId| match noted.get(id) {
                Some(before) => vec![before.clone()],
                None => forms(id, &own, &there),
            };
            let asked: Vec<RecordId> = part.iter().flat_map(|(id, _)| forms_of(id)).collect();
            let mut found = HashSet::new();
            if !asked.is_empty() {
                let get = || self.a.ask("the ids", self.a.provider.get(&self.a.collection, &asked, false));
                let records = persistently(self.control, get).await?;
                found.extend(records.into_iter().map(|record| record.id));
            }
            let many = part.len() as u64;
            let (kept, lone): (Vec<_>, Vec<_>) =
                part.into_iter().map(|(id, _)| id).partition(|id| forms_of(id).iter().any(|form| found.contains(form)));
            if !lone.is_empty() {
                // Not cut off by the end of the job, as a write.
                self.b.ask("the deletion", self.b.provider.delete(&self.b.collection, &lone)).await?;
            }
            done.deleted += lone.len() as u64;
            done.left += kept.len() as u64;
            self.meter.advance(many);
        }
    }

    /// Where the second side is a copy: the ids that it has noted of these.
    async fn noted(&self, part: &[Upsert]) -> Result<HashMap<RecordId, RecordId>, JobError> {
        if self.copied.is_none() {
            return Ok(HashMap::new());
        }
        let ids: Vec<RecordId> = part.iter().map(|(id, _)| id.clone()).collect();
        let get = || self.b.ask("the records", self.b.provider.get(&self.b.collection, &ids, false));
        let records = persistently(self.control, get).await?;
        Ok(records
            .into_iter()
            .filter_map(|record| noted_id(&record.payload).map(|before| (record.id, before)))
            .collect())
    }

    async fn hold(&mut self) -> Result<(), JobError> {
        let held = self.control.is_paused();
        self.control.checkpoint().await?;
        if held {
            self.meter.paused();
        }
        Ok(())
    }

    async fn read(&self, ids: &[RecordId]) -> Result<Vec<Record>, JobError> {
        persistently(self.control, || self.a.ask("the records", self.a.provider.get(&self.a.collection, ids, true)))
            .await
    }

    /// The record as the second side is to have it, under the id that it has there, if it is there.
    fn shaped(&self, mut record: Record, there: Option<RecordId>) -> Result<Record, String> {
        if let Some(plan) = &self.copied {
            let record = shaped(plan, record)?;
            return Ok(Record { id: there.unwrap_or_else(|| record.id.clone()), ..record });
        }
        let (own, other) = (self.a.provider.capabilities(), self.b.provider.capabilities());
        record.id = there
            .or_else(|| forms(&record.id, own, other).into_iter().next())
            .ok_or_else(|| "the database has no ids of that kind".to_owned())?;
        for (name, _) in record.vectors.iter_mut().flat_map(|vectors| &mut vectors.0) {
            if let Some((_, other)) = self.renamed.iter().find(|(own, _)| own == name) {
                name.clone_from(other);
            }
        }
        Ok(record)
    }
}

fn refuse(done: &mut Aligned, id: &RecordId, why: String) {
    done.refused += 1;
    if done.refusals.len() < LISTED {
        done.refusals.push(Refusal { id: typed(id), why });
    }
}
