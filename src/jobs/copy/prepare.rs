//! The target made ready: a new collection, an empty one, or one without any of the ids.

use super::blocking::blocking;
use super::ids::{self, mapped};
use super::planning::{count, describe};
use super::spool::{Listed, Reader};
use super::{CopyError, vectors};
use crate::jobs::model::plan::Plan;
use crate::jobs::patience::persistently;
use crate::jobs::{Control, JobError, Meter, Side};
use crate::provider::ProviderError;
use crate::provider::model::RecordId;

/// Ids of one question.
const IDS: usize = 500;

/// Makes the target, or makes sure that nothing there can be overwritten; how many records it has before.
///
/// # Errors
/// Records where none may be, and a target that does not do what it is asked.
pub async fn prepare(
    plan: &Plan,
    target: &Side,
    list: Reader,
    control: &Control,
    meter: &mut Meter,
) -> Result<u64, CopyError> {
    match describe(target, control).await {
        Ok(_) => {}
        Err(JobError::Provider { source: ProviderError::NoSuchCollection { .. }, .. }) => {
            let spec = vectors::spec(&target.collection, &plan.vectors);
            target.ask("the new collection", target.provider.create_collection_to_fill(&spec)).await?;
            return Ok(0);
        }
        Err(error) => return Err(error.into()),
    }
    let before = count(target, control).await?;
    if before > 0 && !plan.wishes.into_existing {
        return Err(CopyError::NotEmpty { name: target.name(), records: before });
    }
    if before > 0 {
        without_collisions(plan, target, list, control, meter).await?;
    }
    Ok(before)
}

async fn without_collisions(
    plan: &Plan,
    target: &Side,
    mut list: Reader,
    control: &Control,
    meter: &mut Meter,
) -> Result<(), CopyError> {
    meter.phase("looking for the ids at the target", "records", Some(plan.records));
    let most = target.provider.capabilities().max_batch.unwrap_or(IDS).min(IDS);
    let (mut count, mut example) = (0, None);
    loop {
        control.checkpoint().await?;
        let (rest, some) = blocking(move || {
            let some = list.next(most)?;
            Ok((list, some))
        })
        .await?;
        list = rest;
        if some.is_empty() {
            break;
        }
        let wanted: Vec<RecordId> = some.iter().map(|listed| target_id(plan, listed)).collect();
        let get = || target.ask("the ids", target.provider.get(&target.collection, &wanted, false));
        let found = persistently(control, get).await?;
        count += found.len() as u64;
        example = example.or_else(|| found.first().map(|record| ids::shown(&record.id)));
        meter.advance(some.len() as u64);
    }
    match example {
        None => Ok(()),
        Some(example) => Err(CopyError::Collisions { name: target.name(), count, example }),
    }
}

/// The id that a line of the list has at the target.
pub fn target_id(plan: &Plan, listed: &Listed) -> RecordId {
    let made = || mapped(plan.ids.policy, &plan.from.product, &listed.id);
    listed.to.clone().or_else(made).unwrap_or_else(|| listed.id.clone())
}
