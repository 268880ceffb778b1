//! The plan of a copy: what both ends are, what becomes of what, how much it is. Reads only.

use std::time::{Duration, Instant};

use super::ids::{self, Seen};
use super::{CopyError, columns, losses, vectors, wished};
use crate::jobs::model::noted::{SOURCE_ID, noted_id};
use crate::jobs::model::plan::{Estimate, IdPlan, IdPolicy, Place, Plan, Target, TextPlan, VectorPlan, Wishes};
use crate::jobs::patience::persistently;
use crate::jobs::weigh;
use crate::jobs::{Control, JobError, Meter, Side};
use crate::provider::filter::Filter;
use crate::provider::model::{CollectionInfo, Page, PageRequest, Record, Vector, VectorKind};
use crate::provider::sift::sift;
use crate::provider::{Capabilities, ProviderError};
use crate::text::format;

/// Records that are looked at for the plan.
const SAMPLE: usize = 100;
/// Records of one question while ids are looked through.
const PAGE: usize = 1_000;
/// How long one call filters here, well below the limit of a request.
const PATIENCE: Duration = Duration::from_secs(2);

/// The words that open both ends again, for a resume. They never hold a secret.
#[derive(Debug, Clone)]
pub struct Words {
    /// The source.
    pub from: String,
    /// The target.
    pub to: String,
}

/// Looks at both ends and says what a copy would do.
///
/// # Errors
/// An end that does not answer, a wish that cannot be, or a new collection that the target would refuse to make.
pub async fn plan(
    source: &Side,
    target: &Side,
    words: Words,
    wishes: Wishes,
    control: &Control,
    meter: &mut Meter,
) -> Result<Plan, CopyError> {
    meter.phase("planning", "steps", None);
    let _telling = control.tell_waits(meter);
    if words.from == words.to && source.collection == target.collection {
        return Err(CopyError::Itself { name: source.name() });
    }
    let (from, to) = (place(source, words.from, control).await?, place(target, words.to, control).await?);
    let info = describe(source, control).await?;
    let there = match describe(target, control).await {
        Ok(info) => Some(info),
        Err(JobError::Provider { source: ProviderError::NoSuchCollection { .. }, .. }) => None,
        Err(error) => return Err(error.into()),
    };
    let state = match &there {
        None => Target::New,
        Some(_) => match count(target, control).await? {
            0 => Target::Empty,
            records if wishes.into_existing => Target::Existing(records),
            records => return Err(CopyError::NotEmpty { name: target.name(), records }),
        },
    };
    let filter = filter_of(&wishes)?;
    let (records, records_exact) = selected(source, filter.as_ref(), &wishes, control).await?;
    let (source_can, can) = (source.provider.capabilities(), target.provider.capabilities());
    can.write
        .require("the target")
        .map_err(|error| JobError::Provider { label: target.label.clone(), source: error })?;

    let mut changes = Vec::new();
    let there_now = there.as_ref().map(|info| info.summary.vectors.as_slice());
    let mut planned =
        vectors::planned(&source.collection, &info.summary.vectors, there_now, can, &wishes, &mut changes)?;
    if let Some(there) = &there {
        vectors::shortened(&mut planned, &info.details, &there.details, &mut changes);
    }

    let started = Instant::now();
    let sample = page(source, &wishes, filter.as_ref(), None, SAMPLE, true, control).await?.records;
    let took = started.elapsed();
    for vector in planned.iter_mut().filter(|vector| vector.dimension.is_none()) {
        let first = sample.iter().find_map(|record| record.vectors.as_ref()?.get(&vector.from));
        vector.dimension = match first {
            Some(Vector::Dense(values)) => Some(values.len()),
            Some(Vector::Multi(rows)) => rows.first().map(Vec::len),
            Some(Vector::Sparse { .. }) | None => None,
        };
    }
    let ids = id_plan(source, &from, &wishes, filter.as_ref(), can, &sample, control, meter).await?;
    let product = to.product.as_str();
    let seen =
        losses::Seen { source: source_can, target: can, product, info: &info, sample: &sample, vectors: &planned };
    changes.extend(seen.changes());
    changes.extend(columns::changes(&info, &sample));
    if let Some(reason) =
        filter.as_ref().filter(|_| !wishes.filter_here).and_then(|filter| source_can.passes_over(filter))
    {
        let why = format!("{reason}: records that only an element of an array would select are left out.");
        let what = "the filter".to_owned();
        changes.push(crate::jobs::model::plan::Change {
            weight: crate::jobs::model::plan::Weight::Lost,
            what,
            why,
            sampled: None,
        });
    }
    let mut plan = Plan {
        estimate: estimate(&sample, records, took),
        text: if can.record_text.is_yes() { TextPlan::Kept } else { TextPlan::Field },
        holds: losses::holds(can),
        vectors: planned,
        target: state,
        from,
        to,
        records,
        records_exact,
        ids,
        changes,
        wishes,
    };
    plan.changes.extend(wished::changes(&plan, &sample));
    if let Some(there) = &there {
        plan.changes.extend(columns::placeless(there, &plan, &sample)?);
    }
    plan.changes.sort_by_key(|change| change.weight);
    if plan.target == Target::New && !selects_nothing(&plan, &sample) {
        makeable(&plan, target, control).await?;
    }
    Ok(plan)
}

/// Whether a filter seems to select nothing, and the source does not tell what its vectors are: then nothing is known
/// of the collection that would be made, and none is made.
fn selects_nothing(plan: &Plan, sample: &[Record]) -> bool {
    let unknown = |vector: &VectorPlan| vector.kind() != VectorKind::Sparse && vector.dimension.is_none();
    plan.wishes.filter.is_some() && sample.is_empty() && plan.vectors.iter().any(unknown)
}

/// Asks the target whether the collection that the copy would make could be made there; nothing is written.
async fn makeable(plan: &Plan, target: &Side, control: &Control) -> Result<(), JobError> {
    let spec = vectors::spec(&target.collection, &plan.vectors);
    persistently(control, || target.ask("the check of the new collection", target.provider.check_new(&spec))).await
}

async fn place(side: &Side, target: String, control: &Control) -> Result<Place, JobError> {
    let server = persistently(control, || side.ask("the ping", side.provider.ping())).await?;
    Ok(Place {
        label: side.label.clone(),
        target,
        product: server.product,
        version: server.version,
        collection: side.collection.clone(),
    })
}

/// What is told of a side's collection.
pub(super) async fn describe(side: &Side, control: &Control) -> Result<CollectionInfo, JobError> {
    persistently(control, || side.ask("the description", side.provider.describe(&side.collection))).await
}

/// How many records a side has.
pub(super) async fn count(side: &Side, control: &Control) -> Result<u64, JobError> {
    let count = persistently(control, || side.ask("the count", side.provider.count(&side.collection, None))).await?;
    Ok(count.value)
}

/// The filter that is wished.
pub(super) fn filter_of(wishes: &Wishes) -> Result<Option<Filter>, CopyError> {
    let parse = |text: &String| {
        Filter::parse(text)
            .map_err(|error| CopyError::wish(error.to_string().trim_end_matches('.'), "Correct the filter."))
    };
    wishes.filter.as_ref().map(parse).transpose()
}

/// How many records the filter selects, and whether that is exact.
async fn selected(
    source: &Side,
    filter: Option<&Filter>,
    wishes: &Wishes,
    control: &Control,
) -> Result<(u64, bool), JobError> {
    let ask = |filter| source.ask("the count", source.provider.count(&source.collection, filter));
    match persistently(control, || ask(filter)).await {
        Err(JobError::Provider { source: ProviderError::FilterRefused { .. }, .. }) if wishes.filter_here => {
            Ok((persistently(control, || ask(None)).await?.value, false))
        }
        counted => counted.map(|count| (count.value, count.exact)),
    }
}

/// A page of what is copied. Where the database refuses the filter and the user said so, it is filtered here.
pub(super) async fn page(
    source: &Side,
    wishes: &Wishes,
    filter: Option<&Filter>,
    cursor: Option<crate::provider::model::Cursor>,
    limit: usize,
    with_vectors: bool,
    control: &Control,
) -> Result<Page, JobError> {
    let request = PageRequest { limit, cursor, filter: filter.cloned(), with_vectors };
    let (db, collection) = (source.provider.as_ref(), source.collection.as_str());
    if wishes.filter_here && filter.is_some() {
        let sifted = || source.ask("a page, filtered here", sift(db, collection, &request, PATIENCE));
        return Ok(persistently(control, sifted).await?.page);
    }
    persistently(control, || source.ask("a page", db.page(collection, &request))).await
}

fn estimate(sample: &[Record], records: u64, took: Duration) -> Estimate {
    let bytes: u64 = sample.iter().map(weigh::bytes).sum();
    let sampled = sample.len() as u64;
    let each = bytes.checked_div(sampled).unwrap_or(0);
    #[expect(clippy::cast_precision_loss, reason = "an estimate for people")]
    let read_seconds = if sampled == 0 { 0.0 } else { took.as_secs_f64() / sampled as f64 * records as f64 };
    Estimate { sampled, bytes_per_record: each, bytes: each.saturating_mul(records), read_seconds }
}

#[expect(clippy::too_many_arguments, reason = "all of what the decision rests on, once")]
async fn id_plan(
    source: &Side,
    from: &Place,
    wishes: &Wishes,
    filter: Option<&Filter>,
    can: &Capabilities,
    sample: &[Record],
    control: &Control,
    meter: &mut Meter,
) -> Result<IdPlan, CopyError> {
    let first = sample.first();
    if wishes.restore {
        if !sample.is_empty() && !sample.iter().any(|record| noted_id(&record.payload).is_some()) {
            let cause =
                format!("no record of the first {} has an id of an earlier copy in {}", sample.len(), SOURCE_ID);
            return Err(CopyError::wish(cause, "Leave --restore out."));
        }
        let example = first.and_then(|record| Some((ids::shown(&record.id), ids::shown(&noted_id(&record.payload)?))));
        let why = format!("ids come back from the field {}", SOURCE_ID);
        return Ok(IdPlan { policy: IdPolicy::Restored, why, example });
    }
    let mut seen = Seen::default();
    sample.iter().for_each(|record| seen.add(&record.id, can));
    let mut why = "every id that the source can have is one at the target, too".to_owned();
    if seen.obstacle(can).is_none() && !ids::always_native(source.provider.capabilities(), can) {
        let looked = look_through(source, wishes, filter, can, &mut seen, control, meter).await?;
        why = match looked {
            0 => "there are none".to_owned(),
            looked => format!("all {} ids were looked at, and the target can have each of them", format::exact(looked)),
        };
    }
    let (policy, why) = match seen.obstacle(can) {
        None => (IdPolicy::Kept, why),
        Some(obstacle) => {
            let policy = if can.uuid_ids.is_yes() { IdPolicy::Uuid } else { IdPolicy::UuidText };
            (policy, format!("{obstacle}; each id becomes a UUID made of it, and stays in the field {}", SOURCE_ID))
        }
    };
    let example = first.and_then(|record| {
        Some((ids::shown(&record.id), ids::shown(&ids::mapped(policy, &from.product, &record.id)?)))
    });
    Ok(IdPlan { policy, why, example })
}

/// Looks at all ids until one cannot be kept; how many there were.
async fn look_through(
    source: &Side,
    wishes: &Wishes,
    filter: Option<&Filter>,
    can: &Capabilities,
    seen: &mut Seen,
    control: &Control,
    meter: &mut Meter,
) -> Result<u64, CopyError> {
    meter.phase("looking at the ids", "records", None);
    let (mut cursor, mut looked) = (None, 0);
    loop {
        control.checkpoint().await?;
        let page = page(source, wishes, filter, cursor, PAGE, false, control).await?;
        page.records.iter().for_each(|record| seen.add(&record.id, can));
        looked += page.records.len() as u64;
        meter.advance(page.records.len() as u64);
        cursor = page.next;
        if cursor.is_none() || seen.obstacle(can).is_some() {
            return Ok(looked);
        }
    }
}
