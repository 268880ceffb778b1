//! Checks an index: the same questions through it and around it.

use std::time::{Duration, Instant};

use super::model::comparison::Way;
use super::model::recall::{Found, Recall, recall};
use super::queries::Queries;
use super::{Control, JobError, Meter, Side};
use crate::provider::model::{Hit, RecordId, SearchQuery, SearchRequest, Vector, VectorSpec};

/// What is checked.
#[derive(Debug, Clone, PartialEq)]
pub struct RecallOptions {
    /// The vector field; the only one, or the first, if it is left out.
    pub using: Option<String>,
    /// Hits of each search.
    pub top: usize,
    /// The questions.
    pub queries: Queries,
}

/// Searches through the index and around it, and compares.
///
/// # Errors
/// A maker that cannot search exactly, a vector field that is not there, a search that fails, or that the job was cancelled.
pub async fn check(
    side: &Side,
    options: &RecallOptions,
    control: &Control,
    meter: &mut Meter,
) -> Result<Recall, JobError> {
    let refused = |source| JobError::Provider { label: side.label.clone(), source };
    side.provider.capabilities().exact_search.require("this database").map_err(refused)?;
    let info = side.ask("the collection", side.provider.describe(&side.collection)).await?;
    let field = field(side, &info.summary.vectors, options.using.as_deref())?;
    let queries = options.queries.vectors(side, &field.name, control, meter).await?;
    meter.phase("searching", "queries", Some(queries.len() as u64));
    let (mut values, mut through, mut around) = (Vec::with_capacity(queries.len()), Duration::ZERO, Duration::ZERO);
    for query in &queries {
        let (truth, took) = timed(search(side, &field.name, query, options.top, true, control)).await?;
        around += took;
        let (found, took) = timed(search(side, &field.name, query, options.top, false, control)).await?;
        through += took;
        values.push(recall(&near(&found), &near(&truth)));
        meter.advance(1);
    }
    #[expect(clippy::cast_precision_loss, reason = "a mean for people")]
    let mean = |all: Duration| all.as_secs_f64() * 1e3 / (queries.len().max(1) as f64);
    Ok(Recall {
        target: side.label.clone(),
        collection: side.collection.clone(),
        vector: field.name.clone(),
        index: field.index.clone(),
        top: options.top,
        queries: queries.len(),
        seed: options.queries.seed(),
        recall: Way::of("the index against exact search", &values),
        index_ms: mean(through),
        exact_ms: mean(around),
    })
}

/// The vector field of that name, or the first.
pub(super) fn field<'a>(side: &Side, fields: &'a [VectorSpec], name: Option<&str>) -> Result<&'a VectorSpec, JobError> {
    let found = match name {
        Some(name) => fields.iter().find(|field| field.name == name),
        None => fields.first(),
    };
    let names: Vec<String> = fields.iter().map(|field| format!("{:?}", field.name)).collect();
    found.ok_or_else(|| JobError::NoVectorField { side: side.name(), fields: names.join(", ") })
}

/// The hits of one search.
pub(super) async fn search(
    side: &Side,
    vector: &str,
    query: &Vector,
    top: usize,
    exact: bool,
    control: &Control,
) -> Result<Vec<Hit>, JobError> {
    control.checkpoint().await?;
    let using = Some(vector.to_owned()).filter(|name| !name.is_empty());
    let request = SearchRequest { using, exact, ..SearchRequest::new(SearchQuery::Vector(query.clone()), top) };
    let asked = side.ask("a search", side.provider.search(&side.collection, &request));
    control.unless_cancelled(asked).await
}

async fn timed<T>(work: impl Future<Output = Result<T, JobError>>) -> Result<(T, Duration), JobError> {
    let started = Instant::now();
    let done = work.await?;
    Ok((done, started.elapsed()))
}

/// Hits with their distances, lower nearer.
fn near(hits: &[Hit]) -> Vec<Found<RecordId>> {
    let one = |hit: &Hit| {
        let value = f64::from(hit.score.value);
        let distance = if hit.score.measure.higher_is_better() { -value } else { value };
        Found { id: hit.record.id.clone(), distance }
    };
    hits.iter().map(one).collect()
}
