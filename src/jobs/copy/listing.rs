//! The list of ids, written to the disk before anything is written to the target.

use std::path::PathBuf;
use std::time::Instant;

use super::blocking::blocking;
use super::ids::Seen;
use super::journal::Entry;
use super::planning::{filter_of, page};
use super::{CopyError, spool};
use crate::jobs::model::noted::noted_id;
use crate::jobs::model::plan::{IdPolicy, Plan};
use crate::jobs::{Control, Meter, Side};
use crate::provider::model::RecordId;

/// Records of one question.
const PAGE: usize = 1_000;

/// Lists all ids of what is copied; the line for the journal.
///
/// # Errors
/// A source that does not answer, a file that cannot be written, ids that the plan was not made for.
pub async fn list(
    plan: &Plan,
    source: &Side,
    target: &Side,
    path: PathBuf,
    control: &Control,
    meter: &mut Meter,
) -> Result<Entry, CopyError> {
    meter.phase("listing the ids", "records", Some(plan.records));
    let started = Instant::now();
    let (can, mut seen) = (target.provider.capabilities(), Seen::default());
    let filter = filter_of(&plan.wishes)?;
    let mut writer = blocking(move || spool::Writer::create(&path)).await?;
    let mut cursor = None;
    loop {
        control.checkpoint().await?;
        let page = page(source, &plan.wishes, filter.as_ref(), cursor, PAGE, false, control).await?;
        meter.advance(page.records.len() as u64);
        let restored = |record: &crate::provider::model::Record| {
            (plan.ids.policy == IdPolicy::Restored)
                .then(|| noted_id(&record.payload).unwrap_or_else(|| record.id.clone()))
        };
        let ids: Vec<(RecordId, Option<RecordId>)> =
            page.records.into_iter().map(|record| (restored(&record), record.id)).map(|(to, id)| (id, to)).collect();
        if plan.ids.policy == IdPolicy::Kept {
            ids.iter().for_each(|(id, _)| seen.add(id, can));
            if let (Some(_), Some((id, _))) = (seen.obstacle(can), ids.last()) {
                let example = seen.foreign().unwrap_or(id);
                return Err(CopyError::OtherIds { name: source.name(), example: super::ids::shown(example) });
            }
        }
        writer = blocking(move || {
            for (id, to) in &ids {
                writer.add(id, to.as_ref())?;
            }
            Ok(writer)
        })
        .await?;
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    let done = blocking(move || writer.finish()).await?;
    let seconds = started.elapsed().as_secs_f64();
    Ok(Entry::Listed { records: done.records, bytes: done.bytes, sha256: done.sha256, seconds })
}
