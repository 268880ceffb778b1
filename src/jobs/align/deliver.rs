//! Brings records to the second side, as a copy does: tried again while it is away, halved where it refuses some.

use crate::jobs::copy::batch::Sizer;
use crate::jobs::copy::deliver::{Before, Deliver, Delivered, Item};
use crate::jobs::{Control, JobError, Side};
use crate::provider::model::Record;

/// Writes all of them; tells those that were refused, each with the reason. When there are too many, the caller
/// stops: it counts over all batches.
///
/// # Errors
/// A side that stays away or does not let us in, or that the job was cancelled.
pub(super) async fn deliver(
    side: &Side,
    records: Vec<Record>,
    sizer: &mut Sizer,
    control: &Control,
) -> Result<Delivered, JobError> {
    let items = records.into_iter().zip(0..).map(|(record, at)| Item { at, id: record.id.clone(), record });
    let mut deliver = Deliver { target: side, control, sizer, most_rejects: Some(u64::MAX) };
    deliver.all(items.collect(), Vec::new(), Before::default()).await
}
