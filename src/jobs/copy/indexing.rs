//! The indexes of a new target, where its maker builds them best once all records are there.

use std::sync::{Mutex, PoisonError};

use super::{CopyError, vectors};
use crate::jobs::model::plan::{Plan, Target};
use crate::jobs::patience::persistently;
use crate::jobs::{Control, JobError, Meter, Side};

/// Builds what `prepare` left out; done at once where nothing was, or all is there.
///
/// # Errors
/// A target that does not do what it is asked, or that the user ended it. Going on begins with what is missing.
pub async fn build(plan: &Plan, target: &Side, control: &Control, meter: &mut Meter) -> Result<(), CopyError> {
    if plan.target != Target::New {
        return Ok(());
    }
    let spec = vectors::spec(&target.collection, &plan.vectors);
    // The meter, and how many parts of how many it was told.
    let told = Mutex::new((meter, (0, 0)));
    let tell = |done: u64, all: u64| {
        let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
        let (meter, (before, of)) = &mut *told;
        if *of != all || done < *before {
            // The server does it in one go, and goes on while the job is held.
            meter.phase("building the index (cannot be held)", "blocks", Some(all));
            (*before, *of) = (0, all);
        }
        meter.advance(done - *before);
        *before = done;
    };
    // No limit in time: it takes as long as it takes, and can be ended.
    let build = async || {
        target
            .provider
            .build_indexes(&spec, &tell)
            .await
            .map_err(|source| JobError::Provider { label: target.label.clone(), source })
    };
    control.unless_cancelled(persistently(control, build)).await?;
    Ok(())
}
