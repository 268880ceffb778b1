//! One copy from where its folder says it stands to its report.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use super::blocking::blocking;
use super::copying::{Copying, Ledger};
use super::fingerprints::Fingerprints;
use super::folder::Folder;
use super::journal::{Entry, Journal, Known};
use super::prepare::{prepare, target_id};
use super::rejects::Rejects;
use super::verify::{Found, Proof, check};
use super::{CopyError, indexing, listing, report, searches, spool};
use crate::jobs::model::copied::{Check, Copied, Counts, Standing, Verdict};
use crate::jobs::model::noted::tag;
use crate::jobs::model::plan::{Plan, Verify};
use crate::jobs::{Control, JobError, Meter, Side};
use crate::provider::ProviderError;
use crate::text::format;

/// Does what is left of a copy, and proves it. Called for a new folder and again for one whose copy was
/// stopped or killed; `verify` of the plan says what is proved. A copy that is finished and verified is told as it
/// was: proving it anew is comparing.
///
/// # Errors
/// Why it stopped. What is in the journal stays, and another call goes on from there; but where nothing was written
/// and it would end the same way again, the folder is gone.
pub async fn run(
    folder: &Folder,
    plan: &Plan,
    source: &Side,
    target: &Side,
    control: &Control,
    meter: &mut Meter,
) -> Result<Copied, CopyError> {
    let path = folder.journal();
    let (journal, mut known) = blocking(move || Journal::open(&path)).await?;
    // The journal is looked at once more only where it is at its end.
    if known.verdict.is_some()
        && let Some(copied) = folder.proved(plan.wishes.verify)
    {
        return Ok(copied);
    }
    let _telling = control.tell_waits(meter);
    let before = known.mark.at;
    let copied = match rest(folder, plan, [source, target], (journal, &mut known), control, meter).await {
        Err(CopyError::Job(JobError::Provider { label, source: ProviderError::NoSuchCollection { collection } }))
            if known.prepared.is_some() =>
        {
            Err(CopyError::Gone { label, collection, id: folder.id.clone() })
        }
        copied => copied,
    };
    match &copied {
        // A folder that cannot be removed is no reason to hide why the copy stopped.
        Err(error) if known.prepared.is_none() && error.is_final() => drop(folder.discard()),
        Err(error) if error.is_lasting() => folder.note_damage(error),
        Err(_) if known.mark.at == before => {}
        Ok(_) | Err(_) => folder.forget_damage(),
    }
    copied
}

async fn rest(
    folder: &Folder,
    plan: &Plan,
    [source, target]: [&Side; 2],
    (mut journal, known): (Journal, &mut Known),
    control: &Control,
    meter: &mut Meter,
) -> Result<Copied, CopyError> {
    let plan = Arc::new(plan.clone());
    if known.listed.is_some() {
        known.resumed += 1;
        journal = appended(journal, Entry::Resumed {}).await?;
    }
    if known.listed.is_none() {
        let entry = listing::list(&plan, source, target, folder.ids(), control, meter).await?;
        if let Entry::Listed { records, bytes, sha256, seconds } = &entry {
            known.listed = Some((*records, *bytes, sha256.clone()));
            known.listing_seconds = *seconds;
        }
        journal = appended(journal, entry).await?;
    }
    if let (Some((0, ..)), Some(filter)) = (&known.listed, &plan.wishes.filter) {
        return Err(CopyError::NothingSelected { name: source.name(), filter: filter.clone() });
    }
    if known.prepared.is_none() {
        let before = prepare(&plan, target, list(folder, known, 0, 0)?, control, meter).await?;
        known.prepared = Some(before);
        journal = appended(journal, Entry::Prepared { before }).await?;
    }
    let (records, ..) = known.listed.clone().unwrap_or_default();
    meter.phase("copying", "records", Some(records));
    meter.resume_at(known.mark.at);
    let (at, offset) = (known.mark.at, known.mark.offset);
    let (rejects, fingerprints) = (folder.rejects(), folder.fingerprints());
    let ledger = blocking(move || {
        let (rejects, fingerprints) = (Rejects::open(&rejects, at)?, Fingerprints::open(&fingerprints)?);
        Ok(Ledger { journal, rejects, fingerprints })
    })
    .await?;
    let rest = list(folder, known, at, offset)?;
    let rejects_path = folder.rejects().display().to_string();
    let mut copying = Copying { plan: &plan, source, target, control, meter: &mut *meter, rejects_path };
    let ledger = copying.run(rest, ledger, known).await?;
    indexing::build(&plan, target, control, meter).await?;

    let counts = Counts { listed: records, ..known.mark.counts };
    let before = known.prepared.unwrap_or(0);
    let mut proof = Proof { plan: &plan, source, target, counts, before, control, meter: &mut *meter };
    let mut found = Found::default();
    if plan.wishes.verify != Verify::None {
        proof.counts(&mut found).await?;
    }
    if plan.wishes.verify == Verify::Full {
        proof.records(list(folder, known, 0, 0)?, ledger.fingerprints, folder.rejects(), &mut found).await?;
        let from = list(folder, known, 0, 0)?;
        let asked = searches::searches(&plan, source, target, from, records, before == 0, control, meter).await?;
        let asked = searches::explained(asked, &found.checks, target);
        found.checks.push(asked);
    } else if counts.vanished > 0 {
        found.source_changed = true;
        let gone = format::many(counts.vanished, "record was", "records were");
        let says = format!("the source was changed meanwhile: {gone} gone");
        found.checks.push(check("source", false, says));
    }
    let copied = copied(folder, &plan, known, counts, found);
    let (json, text) = (serde_json::to_vec_pretty(&copied).unwrap_or_default(), report::text(&copied));
    folder.save(report::JSON, &json)?;
    folder.save(report::TEXT, text.as_bytes())?;
    appended(ledger.journal, Entry::Finished { verdict: copied.verdict }).await?;
    Ok(copied)
}

fn copied(folder: &Folder, plan: &Plan, known: &Known, counts: Counts, found: Found) -> Copied {
    let fails = |check: &Check| check.standing == Standing::Fails;
    let verdict = match plan.wishes.verify {
        _ if counts.rejected > 0 || found.checks.iter().any(fails) => Verdict::NotVerified,
        Verify::None => Verdict::Copied,
        Verify::Full | Verify::Counts => Verdict::Verified,
    };
    Copied {
        id: folder.id.clone(),
        folder: folder.path().display().to_string(),
        from: plan.from.clone(),
        to: plan.to.clone(),
        verdict,
        counts,
        source_changed: found.source_changed,
        batches: known.mark.batches,
        bytes: known.mark.bytes,
        seconds: known.listing_seconds + known.mark.seconds,
        resumed: known.resumed,
        resent: known.resent,
        checks: found.checks,
        differences: found.differences,
        different: found.different,
    }
}

/// The list of ids, from a place on.
fn list(folder: &Folder, known: &Known, at: u64, offset: u64) -> Result<spool::Reader, CopyError> {
    let (records, bytes, _) = known.listed.clone().unwrap_or_default();
    spool::Reader::open(&folder.ids(), records, bytes, at, offset)
}

async fn appended(mut journal: Journal, entry: Entry) -> Result<Journal, CopyError> {
    blocking(move || {
        journal.append(&entry)?;
        Ok(journal)
    })
    .await
}

/// Writes which id became which, one JSON object a line: `{"from": "integer:5", "to": "uuid:..."}`.
///
/// # Errors
/// A copy whose ids are not listed yet, or a file that cannot be written.
pub fn export_ids(folder: &Folder, plan: &Plan, path: &Path) -> Result<u64, CopyError> {
    let known = Journal::look(&folder.journal())?;
    let mut list = list(folder, &known, 0, 0)?;
    let failed = |error: std::io::Error| CopyError::file(path, &error);
    let mut file = std::io::BufWriter::new(std::fs::File::create(path).map_err(failed)?);
    let mut many = 0;
    loop {
        let some = list.next(1_000)?;
        if some.is_empty() {
            file.flush().map_err(failed)?;
            return Ok(many);
        }
        for listed in &some {
            let (from, to) = (tag(&listed.id), tag(&target_id(plan, listed)));
            writeln!(file, "{}", serde_json::json!({ "from": from, "to": to })).map_err(failed)?;
        }
        many += some.len() as u64;
    }
}
