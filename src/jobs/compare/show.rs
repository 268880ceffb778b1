//! One record on both sides.

use serde::Serialize;
use serde_json::Value;

use super::fields;
use super::noted::{self, notes};
use super::options::ContentOptions;
use super::shape::{Shaper, Which};
use super::structure::pairs;
use super::tolerance::declared;
use crate::jobs::model::comparison::FieldDifference;
use crate::jobs::model::noted::{SOURCE_ID, tag};
use crate::jobs::{Control, JobError, Side};
use crate::provider::filter::Filter;
use crate::provider::model::{PageRequest, Record, RecordId};

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
    let control = Control::default();
    let (info_a, info_b) = tokio::try_join!(describe(a), describe(b))?;
    let noted = tokio::try_join!(notes(a, &control), notes(b, &control))?;
    let (of_a, of_b) = tokio::try_join!(get(a, id_a.clone()), get(b, id_b.clone()))?;
    // A copy knows the record by the id that it has noted.
    let of_a = if of_a.is_empty() && noted.0.ids { by_note(a, &id_b).await? } else { of_a };
    let of_b = if of_b.is_empty() && noted.1.ids { by_note(b, &id_a).await? } else { of_b };
    let vectors = pairs(&info_a, &info_b);
    let mut options = options.clone();
    let can = |side: &Side| side.provider.capabilities().clone();
    options.tolerances = declared((&can(a), &info_a), (&can(b), &info_b), &vectors);
    noted::declare(noted.into(), [&a.name(), &b.name()], &mut options.tolerances);
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

/// The records that bear the note of that id: one, or none.
async fn by_note(side: &Side, id: &RecordId) -> Result<Vec<Record>, JobError> {
    // A filter writes a text as JSON does.
    let Ok(filter) = Filter::parse(&format!("{SOURCE_ID} = {}", Value::from(tag(id)))) else { return Ok(Vec::new()) };
    let request = PageRequest { filter: Some(filter), with_vectors: true, ..PageRequest::first(1) };
    Ok(side.ask("the record", side.provider.page(&side.collection, &request)).await?.records)
}
