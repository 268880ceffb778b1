//! Compares what searches find on two sides.

use super::shape::plain;
use crate::jobs::model::comparison::{Retrieval, Way};
use crate::jobs::model::noted::known_id;
use crate::jobs::model::ranking::overlap_at;
use crate::jobs::queries::Queries;
use crate::jobs::recall::search;
use crate::jobs::{Control, JobError, Meter, Side};
use crate::provider::model::{Hit, Vector};

/// What is searched.
#[derive(Debug, Clone, PartialEq)]
pub struct RetrievalOptions {
    /// The vector's names on both sides.
    pub vector: (String, String),
    /// Hits of each search.
    pub top: usize,
    /// The questions; sampled ones are taken from the first side.
    pub queries: Queries,
    /// Hits of the first, of the second side are known by the ids that a copy has noted.
    pub noted: (bool, bool),
}

/// Asks both sides the same questions, through their indexes and, where they can, around them. Ids are
/// compared by their text, as another maker may have to keep them so.
///
/// # Errors
/// A search that fails, or that the job was cancelled.
pub async fn retrieval(
    a: &Side,
    b: &Side,
    options: &RetrievalOptions,
    control: &Control,
    meter: &mut Meter,
) -> Result<Retrieval, JobError> {
    let (name_a, name_b) = &options.vector;
    let queries = options.queries.vectors(a, name_a, control, meter).await?;
    let exact = |side: &Side| side.provider.capabilities().exact_search.clone();
    let (exact_a, exact_b) = (exact(a).is_yes(), exact(b).is_yes());
    let mut values = Values::default();
    let mut measures = [None, None];
    meter.phase("searching both sides", "queries", Some(queries.len() as u64));
    let overlap = |one: &Vec<String>, other: &Vec<String>| overlap_at(one, other, options.top);
    for query in &queries {
        let of = |side, name, noted, exact| Asked { side, name, query, top: options.top, noted, exact, control };
        let of_a = |exact| of(a, name_a, options.noted.0, exact).ids();
        let of_b = |exact| of(b, name_b, options.noted.1, exact).ids();
        let exactly_a = async { if exact_a { of_a(true).await.map(|(ids, _)| Some(ids)) } else { Ok(None) } };
        let exactly_b = async { if exact_b { of_b(true).await.map(|(ids, _)| Some(ids)) } else { Ok(None) } };
        let ((of_a, by_a), (of_b, by_b)) = tokio::try_join!(of_a(false), of_b(false))?;
        measures = [measures[0].or(by_a), measures[1].or(by_b)];
        let (true_a, true_b) = tokio::try_join!(exactly_a, exactly_b)?;
        values.answers.push(overlap(&of_a, &of_b));
        if let Some(truth) = &true_a {
            values.b_in_a.push(overlap(truth, &of_b));
        }
        if let Some(truth) = &true_b {
            values.a_in_b.push(overlap(truth, &of_a));
        }
        if let (Some(one), Some(other)) = (&true_a, &true_b) {
            values.exact.push(overlap(one, other));
        }
        meter.advance(1);
    }
    let mut left_out = Vec::new();
    for (letter, side) in [("A", a), ("B", b)] {
        if let crate::provider::Support::No(reason) = exact(side) {
            left_out.push(format!("{letter} ({}) is not searched exactly: {reason}", side.label));
        }
    }
    Ok(Retrieval {
        vector: name_b.clone(),
        top: options.top,
        queries: queries.len(),
        seed: options.queries.seed(),
        measures,
        ways: values.ways(),
        left_out,
    })
}

#[derive(Default)]
struct Values {
    answers: Vec<f64>,
    b_in_a: Vec<f64>,
    a_in_b: Vec<f64>,
    exact: Vec<f64>,
}

impl Values {
    fn ways(self) -> Vec<Way> {
        let all = [
            ("B's answers and A's", self.answers),
            ("B's answers in A's exact ones", self.b_in_a),
            ("A's answers in B's exact ones", self.a_in_b),
            ("B's exact answers and A's", self.exact),
        ];
        all.into_iter().filter(|(_, values)| !values.is_empty()).map(|(what, values)| Way::of(what, &values)).collect()
    }
}

/// One search of one side.
struct Asked<'a> {
    side: &'a Side,
    name: &'a str,
    query: &'a Vector,
    top: usize,
    noted: bool,
    exact: bool,
    control: &'a Control,
}

impl Asked<'_> {
    /// The ids that it finds, without their kinds, and by which measure they are scored.
    async fn ids(self) -> Result<(Vec<String>, Option<&'static str>), JobError> {
        let Self { side, name, query, top, noted, exact, control } = self;
        let hits = search(side, name, query, top, exact, control).await?;
        let id = |hit: &Hit| if noted { plain(&known_id(&hit.record)) } else { plain(&hit.record.id) };
        Ok((hits.iter().map(id).collect(), hits.first().map(|hit| hit.score.measure.name())))
    }
}
