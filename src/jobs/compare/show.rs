//! One record on both sides.

use serde::Serialize;

use super::fields;
use super::options::ContentOptions;
use super::shape::{Shaper, Which};
use super::structure::pairs;
use super::tolerance::declared;
use crate::jobs::model::comparison::FieldDifference;
use crate::jobs::{JobError, Side};
use crate::provider::model::RecordId;

/// What one record is on both sides.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Shown {
    /// Whether the first side has it.
    pub in_a: bool,
    /// Whether the second side has it.
    pub in_b: bool,
    /// In which fields they differ.
    pub fields: Vec<FieldDifference>,
}

/// Opens a record on both sides, by the ids that those know it by.
///
/// # Errors
/// A side that cannot be asked.
pub async fn show(
    a: &Side,
    b: &Side,
    (id_a, id_b): (RecordId, RecordId),
    options: &ContentOptions,
) -> Result<Shown, JobError> {
    let describe = |side: &Side| {
        let side = side.clone();
        async move { side.ask("the collection", side.provider.describe(&side.collection)).await }
    };
    let get = |side: &Side, id: RecordId| {
        let side = side.clone();
        async move { side.ask("the record", side.provider.get(&side.collection, &[id], true)).await }
    };
    let (info_a, info_b) = tokio::try_join!(describe(a), describe(b))?;
    let (of_a, of_b) = tokio::try_join!(get(a, id_a), get(b, id_b))?;
    let vectors = pairs(&info_a, &info_b);
    let mut options = options.clone();
    let can = |side: &Side| side.provider.capabilities().clone();
    options.tolerances = declared((&can(a), &info_a), (&can(b), &info_b), &vectors);
    options.rename.extend(vectors.into_iter().filter(|(one, other)| one != other));
    let (shaper_a, shaper_b) = (Shaper::new(Which::A, &options), Shaper::new(Which::B, &options));
    let (of_a, of_b) = (of_a.into_iter().next(), of_b.into_iter().next());
    let (in_a, in_b) = (of_a.is_some(), of_b.is_some());
    let fields = match (of_a, of_b) {
        (Some(a), Some(b)) => fields::compare(&shaper_a.shape(a).record, &shaper_b.shape(b).record, &shaper_b),
        _ => Vec::new(),
    };
    Ok(Shown { in_a, in_b, fields })
}
