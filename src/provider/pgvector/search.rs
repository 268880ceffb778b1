//! Nearest neighbours: the operator of the column's index, and what it returns as a score.

use super::filter::condition;
use super::names::quote;
use super::pool::Lease;
use super::reads::key_of;
use super::rows::Projection;
use super::settings::Tuning;
use super::sql::Sql;
use super::table::{Table, VectorColumn};
use super::vectors::{Form, Raw, dimension_of};
use super::{Database, Extension, PRODUCT};
use crate::provider::model::{Hit, Metric, RecordId, Score, SearchQuery, SearchRequest, Vector};
use crate::provider::{ProviderError, Result};

/// The metric of a column whose index and comment tell none.
const USUAL: Metric = Metric::Cosine;
/// The most candidates that HNSW keeps.
const MOST_CANDIDATES: u32 = 1000;
/// What it keeps unless told otherwise.
const USUAL_CANDIDATES: u32 = 40;

impl Database {
    /// The nearest records, best first.
    pub(super) async fn nearest(&self, lease: &Lease, collection: &str, request: &SearchRequest) -> Result<Vec<Hit>> {
        let table = self.table(lease, collection).await?;
        let column = table.vector(request.using.as_deref()).ok_or_else(|| no_vector(&table, request))?;
        let metric = metric(column);
        let (vector, like) = match &request.query {
            SearchQuery::Vector(vector) => (vector.clone(), None),
            SearchQuery::Text(_) => return Err(ProviderError::not_by_text(PRODUCT)),
            SearchQuery::Like(id) => (self.stored(lease, &table, column, id).await?, Some(id)),
        };
        if request.top == 0 {
            return Ok(Vec::new());
        }
        let dimension = match column.dimension {
            None if column.form == Form::Sparse => self.first_dimension(lease, &table, column).await?,
            dimension => dimension,
        };
        let sql = self.question(&table, column, metric, (&vector, dimension), like, request)?;
        let extension = self.extension();
        let mode = mode(column, request, extension);
        lease.begin("READ ONLY", &settings(mode, request, self.tuning(), extension)).await?;
        let rows = self.ask(lease, &table, sql).await;
        let rows = lease.finish(rows).await?;
        let projection = Projection::new(&table, key_of(&table)?, request.with_vectors);
        rows.iter()
            .map(|row| {
                let distance: f64 = row.try_get(projection.width()).map_err(|error| self.backend.failed(&error))?;
                let record = projection.record(&self.backend, row)?;
                Ok(Hit { record, score: Score::new(score(metric, distance), metric) })
            })
            .collect()
    }

    fn question(
        &self,
        table: &Table,
        column: &VectorColumn,
        metric: Metric,
        (vector, dimension): (&Vector, Option<usize>),
        like: Option<&RecordId>,
        request: &SearchRequest,
    ) -> Result<Sql> {
        let key = key_of(table)?;
        let mut sql = Sql::default();
        let home = table.relation.extension.as_deref().unwrap_or("public");
        // An index on the column as another type serves only what is written like it.
        let halved = column.index.as_ref().filter(|index| index.valid && !request.exact).and_then(|index| index.halved);
        let (left, cast) = match halved {
            Some(dimension) => {
                let cast = format!("{}.halfvec({dimension})", quote(home));
                (format!("{}::{cast}", column.sql()), cast)
            }
            None => (column.sql(), column.cast.clone()),
        };
        let value = column.form.bind(vector, dimension, &cast, &mut sql).map_err(|cause| {
            ProviderError::BadRequest { cause, mend: "Give a vector of the kind of the column.".to_owned() }
        })?;
        let distance = format!("({left} OPERATOR({}.{}) {value})", quote(home), operator(metric, column.form));
        let mut conditions = vec![format!("{} IS NOT NULL", column.sql())];
        if let Some(words) = like.and_then(|id| key.words(id)) {
            conditions.push(format!("NOT ({})", key.is(&words, &mut sql)));
        }
        if let Some(filter) = &request.filter {
            conditions.push(condition(filter, table, &mut sql)?);
        }
        sql.text = format!(
            "SELECT {}, {distance} FROM {} WHERE {} ORDER BY {distance} LIMIT {}",
            Projection::new(table, key, request.with_vectors).sql(),
            table.from(),
            conditions.join(" AND "),
            request.top.min(i64::MAX as usize)
        );
        Ok(sql)
    }

    /// The stored vector of a record.
    async fn stored(&self, lease: &Lease, table: &Table, column: &VectorColumn, id: &RecordId) -> Result<Vector> {
        let missing = || ProviderError::NoSuchRecord { collection: table.name.shown(), id: id.to_string() };
        let record = self.fetch(lease, table, std::slice::from_ref(id), true).await?.pop().ok_or_else(missing)?;
        let vector = record.vectors.and_then(|vectors| vectors.get(&column.name).cloned());
        vector.ok_or_else(|| ProviderError::BadRequest {
            cause: format!("record {id} has no vector in the column {:?}", column.column),
            mend: "Choose another record, or another vector.".to_owned(),
        })
    }

    /// The dimension of a column that names none, from its first value.
    pub(super) async fn first_dimension(
        &self,
        lease: &Lease,
        table: &Table,
        column: &VectorColumn,
    ) -> Result<Option<usize>> {
        let name = column.sql();
        let sql = Sql::plain(format!("SELECT {name} FROM {} WHERE {name} IS NOT NULL LIMIT 1", table.from()));
        let rows = self.ask(lease, table, sql).await?;
        let raw =
            rows.first().and_then(|row| row.try_get::<_, Raw<'_>>(0).ok().map(|raw| dimension_of(column.form, raw.0)));
        Ok(raw.flatten())
    }
}

/// The metric that a column is searched with.
fn metric(column: &VectorColumn) -> Metric {
    if column.form == Form::Bits {
        return Metric::Manhattan;
    }
    column.metric.unwrap_or(USUAL)
}

fn operator(metric: Metric, form: Form) -> &'static str {
    match metric {
        Metric::Manhattan if form == Form::Bits => "<~>",
        Metric::Manhattan => "<+>",
        Metric::Euclidean => "<->",
        Metric::Dot => "<#>",
        Metric::Cosine => "<=>",
    }
}

/// pgvector's distance in the meaning of the metric.
#[allow(clippy::cast_possible_truncation)] // scores have 32 bits
fn score(metric: Metric, distance: f64) -> f32 {
    match metric {
        Metric::Cosine => (1.0 - distance) as f32,
        // the operator gives the negative product; 0.0 - x has no negative zero
        Metric::Dot => (0.0 - distance) as f32,
        Metric::Euclidean | Metric::Manhattan => distance as f32,
    }
}

/// How a search goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// Through the index, as the planner sees fit.
    Index,
    /// Around it.
    Exact,
}

/// Before pgvector 0.8 an index gives its candidates once: with a filter, or for more records than it
/// keeps, too few of them would be left, and the search goes around it.
fn mode(column: &VectorColumn, request: &SearchRequest, extension: Extension) -> Mode {
    let many = request.top >= MOST_CANDIDATES as usize;
    let too_few = !extension.iterates() && (request.filter.is_some() || many);
    if request.exact || (column.index.is_some() && too_few) { Mode::Exact } else { Mode::Index }
}

/// What the transaction of a search is told.
fn settings(mode: Mode, request: &SearchRequest, tuning: &Tuning, extension: Extension) -> String {
    if mode == Mode::Exact {
        return "SET LOCAL enable_indexscan = off".to_owned();
    }
    let top = u32::try_from(request.top).unwrap_or(u32::MAX).saturating_add(1);
    let candidates = tuning.ef_search.unwrap_or(USUAL_CANDIDATES).max(top).min(MOST_CANDIDATES);
    let mut all = format!("SET LOCAL hnsw.ef_search = {candidates}");
    if let Some(probes) = tuning.probes {
        all.push_str(&format!("; SET LOCAL ivfflat.probes = {probes}"));
    }
    if extension.iterates() {
        // goes on until there are enough that pass the filter
        all.push_str(
            "; SET LOCAL hnsw.iterative_scan = strict_order; SET LOCAL ivfflat.iterative_scan = relaxed_order",
        );
    }
    all
}

fn no_vector(table: &Table, request: &SearchRequest) -> ProviderError {
    let names: Vec<&str> = table.vectors.iter().map(|vector| vector.column.as_str()).collect();
    ProviderError::BadRequest {
        cause: format!(
            "{} has no vector {:?}: {PRODUCT} sees {}",
            table.name.shown(),
            request.using.as_deref().unwrap_or_default(),
            names.join(", ")
        ),
        mend: "Choose one of these.".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(top: usize, exact: bool) -> SearchRequest {
        SearchRequest { exact, ..SearchRequest::new(SearchQuery::Vector(Vector::Dense(vec![1.0])), top) }
    }

    #[test]
    fn scores_mean_what_the_metric_says() {
        assert_eq!(score(Metric::Cosine, 0.25), 0.75);
        assert_eq!(score(Metric::Dot, -3.5), 3.5);
        assert!(score(Metric::Dot, 0.0).is_sign_positive());
        assert_eq!(score(Metric::Euclidean, 2.0), 2.0);
    }

    #[test]
    fn an_exact_search_switches_the_index_off_and_another_asks_it_for_enough() {
        let new = Extension { version: Some((0, 8)) };
        assert_eq!(
            settings(Mode::Exact, &request(5, true), &Tuning::default(), new),
            "SET LOCAL enable_indexscan = off"
        );
        let usual = settings(Mode::Index, &request(5, false), &Tuning::default(), new);
        assert!(usual.contains("ef_search = 40") && usual.contains("iterative_scan"), "{usual}");
        let many = settings(
            Mode::Index,
            &request(300, false),
            &Tuning { ef_search: Some(100), probes: Some(7), ..Tuning::default() },
            new,
        );
        assert!(many.contains("ef_search = 301") && many.contains("probes = 7"), "{many}");
        let old = settings(Mode::Index, &request(5000, false), &Tuning::default(), Extension { version: Some((0, 5)) });
        assert_eq!(old, "SET LOCAL hnsw.ef_search = 1000");
    }
}
