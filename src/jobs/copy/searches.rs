//! Searches that are asked of both sides: whether the copy finds what the source finds.

use std::collections::HashSet;
use std::sync::Arc;

use super::blocking::blocking;
use super::planning::filter_of;
use super::spool::Reader;
use super::verify::check;
use super::{CopyError, shape};
use crate::jobs::model::copied::{Check, Standing};
use crate::jobs::model::plan::{Plan, VectorPlan};
use crate::jobs::patience::persistently;
use crate::jobs::{Control, JobError, Meter, Side};
use crate::provider::ProviderError;
use crate::provider::model::{Hit, RecordId, SearchQuery, SearchRequest, Vector};
use crate::text::format;

/// Hits of a search.
const TOP: usize = 10;
/// Below this the searches fail: an index that is only near the truth finds nine of ten.
const ENOUGH: f64 = 0.9;
/// Scores this near are a tie: which of two records comes first is then nobody's fault.
const TIE: f32 = 1e-5;

/// Asks both sides for the neighbours of some records, spread over the list.
///
/// # Errors
/// A database that does not answer.
#[expect(clippy::too_many_arguments, reason = "both sides, the list, and who is asked and told")]
pub async fn searches(
    plan: &Arc<Plan>,
    source: &Side,
    target: &Side,
    mut list: Reader,
    listed: u64,
    alone: bool,
    control: &Control,
    meter: &mut Meter,
) -> Result<Check, CopyError> {
    let left_out = |why: &str| {
        Ok(Check { name: "searches".to_owned(), standing: Standing::LeftOut, says: format!("not compared: {why}") })
    };
    let wanted = plan.wishes.queries as u64;
    let field = plan.vectors.iter().find(|vector| vector.kind == "dense");
    let field = match field {
        _ if wanted == 0 => return left_out("none were asked for"),
        _ if !alone => return left_out("the target has records of others"),
        None => return left_out("there is no dense vector"),
        Some(field) if field.metric_from != field.metric => return left_out("the metric is another"),
        Some(field) => field,
    };
    meter.phase("searching both sides", "searches", Some(wanted.min(listed)));
    let filter = filter_of(&plan.wishes)?;
    let exact = |side: &Side| side.provider.capabilities().exact_search.is_yes();
    let step = (listed / wanted).max(1);
    let (mut found, mut best, mut asked) = (0.0, 0.0, 0_u64);
    while asked < wanted {
        control.checkpoint().await?;
        let (rest, some) = blocking(move || {
            let some = list.next(1)?;
            list.skip(step - 1)?;
            Ok((list, some))
        })
        .await?;
        list = rest;
        let Some(first) = some.into_iter().next() else { break };
        let Some(query) = vector_of(source, control, &first.id, field).await? else { continue };
        let request = |using: &str, side: &Side, filter| SearchRequest {
            using: (!using.is_empty()).then(|| using.to_owned()),
            filter,
            exact: exact(side),
            ..SearchRequest::new(SearchQuery::Vector(query.clone()), TOP)
        };
        let of_source = request(&field.from, source, filter.clone());
        let asked_of =
            persistently(control, || source.ask("a search", source.provider.search(&source.collection, &of_source)));
        let here = match asked_of.await {
            Err(JobError::Provider { source: ProviderError::FilterRefused { .. }, .. }) => {
                return left_out("the source refuses the filter in searches");
            }
            answer => answer?,
        };
        let of_target = request(&field.to, target, None);
        let there =
            persistently(control, || target.ask("a search", target.provider.search(&target.collection, &of_target)))
                .await?;
        found += shared(plan, &here, &there) as f64;
        best += here.len() as f64;
        asked += 1;
        meter.advance(1);
    }
    if best == 0.0 {
        return left_out("there was nothing to search with");
    }
    let recall = found / best;
    let how = match (exact(source), exact(target)) {
        (true, true) => "both exact",
        (true, false) => "the target through its index",
        (false, true) => "the source through its index",
        (false, false) => "both through their indexes",
    };
    let says = format!("{asked} searches find {} of the source's {TOP} nearest ({how})", format::share(recall));
    Ok(check("searches", recall >= ENOUGH, says))
}

/// Searches that fail although every record is what it was to be are a matter of the target's index: says so.
pub fn explained(mut searches: Check, others: &[Check], target: &Side) -> Check {
    let holds = |name: &str| others.iter().any(|check| check.name == name && check.standing == Standing::Holds);
    let by_index = !target.provider.capabilities().exact_search.is_yes();
    if searches.standing == Standing::Fails && by_index && holds("ids") && holds("content") {
        searches.says += "; the contents are equal, so it is the target's index that does not find them";
    }
    searches
}

async fn vector_of(
    source: &Side,
    control: &Control,
    id: &RecordId,
    field: &VectorPlan,
) -> Result<Option<Vector>, CopyError> {
    let ids = std::slice::from_ref(id);
    let get = || source.ask("a record", source.provider.get(&source.collection, ids, true));
    let record = persistently(control, get).await?.pop();
    let vector = record.and_then(|record| record.vectors).and_then(|vectors| vectors.get(&field.from).cloned());
    // Nothing is near to a vector without a length.
    Ok(vector.filter(|vector| vector.norm() > 0.0))
}

/// How many of the source's hits the target has, ties counted as found.
fn shared(plan: &Plan, here: &[Hit], there: &[Hit]) -> usize {
    let ids: HashSet<RecordId> =
        here.iter().filter_map(|hit| shape::shaped(plan, hit.record.clone()).ok()).map(|record| record.id).collect();
    let Some(last) = here.last() else { return 0 };
    let tie = |hit: &Hit| {
        let (a, b) = (hit.score.value, last.score.value);
        let room = TIE * a.abs().max(b.abs()).max(1.0);
        if last.score.measure.higher_is_better() { a >= b - room } else { a <= b + room }
    };
    there.iter().take(here.len()).filter(|hit| ids.contains(&hit.record.id) || tie(hit)).count()
}
