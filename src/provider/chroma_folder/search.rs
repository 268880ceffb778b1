//! Search: the query against every vector, one after the other. Exact; Chroma's graph is not used,
//! which saves reading it and gives what a graph might miss.

use std::cmp::Ordering;
use std::collections::{BinaryHeap, HashMap, HashSet};
use std::sync::Arc;

use super::catalog::Collection;
use super::folder::{Folder, View};
use super::queue::Change;
use super::{PRODUCT, read, rows};
use crate::provider::blocking::Stop;
use crate::provider::closeness::Comparison;
use crate::provider::model::{Hit, Metric, RecordId, Score, SearchQuery, SearchRequest, Vector};
use crate::provider::{ProviderError, Result};

/// The nearest records, best first.
pub(super) fn search(folder: &Folder, name: &str, request: &SearchRequest, stop: &Stop) -> Result<Vec<Hit>> {
    let allowed = match &request.filter {
        None => None,
        Some(filter) => {
            let mut ids = HashSet::new();
            read::selected(folder, name, filter, stop, |row| {
                ids.insert(row.record.id.to_string());
            })?;
            Some(ids)
        }
    };
    let view = folder.view()?;
    let collection = view.collection(name)?;
    let metric = metric(&collection, request)?;
    let (query, itself) = query(&view, &collection, &request.query)?;
    check_dimension(&collection, &query)?;

    let vectors = view.vectors(&collection)?;
    let wanted =
        |id: &str| itself.as_deref() != Some(id) && allowed.as_ref().is_none_or(|allowed| allowed.contains(id));
    let comparison = Comparison::new(metric, query);
    let mut best = Best { top: request.top, heap: BinaryHeap::new() };
    for (id, change) in vectors.changes.iter().filter(|(id, _)| wanted(id)) {
        if let Change::At(place) = change
            && let Some(vector) = vectors.queued(*place)?
        {
            best.offer(&Arc::from(id.as_str()), comparison.score(&vector), metric);
        }
    }
    // the files need no lock: a server that writes does not have to wait for them to be read
    let (index, changes) = (Arc::clone(&vectors.index), Arc::clone(&vectors.changes));
    drop(view);
    let read = index.scan(|id, vector| {
        if wanted(id) && !changes.contains_key(&**id) {
            best.offer(id, comparison.score(vector), metric);
        }
        !stop.is_set()
    });
    stop.check()?;
    read.map_err(|e| ProviderError::File { path: index.dir().display().to_string(), cause: e.to_string() })?;
    hits(folder, name, best.sorted(), metric, request.with_vectors)
}

fn metric(collection: &Collection, request: &SearchRequest) -> Result<Metric> {
    if let Some(field) = request.using.as_deref().filter(|field| !field.is_empty()) {
        return Err(bad(
            format!("the collection has no vector named {field:?}"),
            "Chroma has one vector without a name: leave the name out.",
        ));
    }
    collection.metric().ok_or_else(|| {
        bad(format!("the collection {:?} has a metric that is not known here", collection.name), "Use another.")
    })
}

/// The vector to search with, and the record that must not be among the hits.
fn query(view: &View<'_>, collection: &Collection, query: &SearchQuery) -> Result<(Vec<f32>, Option<String>)> {
    match query {
        SearchQuery::Vector(Vector::Dense(values)) => Ok((values.clone(), None)),
        SearchQuery::Vector(Vector::Sparse { .. } | Vector::Multi(_)) => {
            Err(ProviderError::Unsupported { product: PRODUCT, reason: "it searches with one dense vector".to_owned() })
        }
        SearchQuery::Text(_) => Err(ProviderError::not_by_text(PRODUCT)),
        SearchQuery::Like(id) => {
            let missing = || ProviderError::NoSuchRecord { collection: collection.name.clone(), id: id.to_string() };
            let RecordId::Text(text) = id else { return Err(missing()) };
            let found = rows::by_ids(&view.connection, view.layout, collection, [text.as_str()]);
            if view.asked(found)?.is_empty() {
                return Err(missing());
            }
            let vector = view.vectors(collection)?.of(text)?;
            let vector = vector.ok_or_else(|| bad(format!("record {id} has no vector"), "Choose another record."))?;
            Ok((vector, Some(text.clone())))
        }
    }
}

fn check_dimension(collection: &Collection, query: &[f32]) -> Result<()> {
    match collection.vector().dimension {
        Some(dimension) if dimension != query.len() => Err(bad(
            format!("the vector has {} dimensions, the collection has {dimension}", query.len()),
            "Correct the vector.",
        )),
        _ => Ok(()),
    }
}

fn bad(cause: String, mend: &str) -> ProviderError {
    ProviderError::BadRequest { cause, mend: mend.to_owned() }
}

/// The records of the hits, as they are now: one that was deleted meanwhile is left out.
fn hits(
    folder: &Folder,
    name: &str,
    best: Vec<(Arc<str>, f32)>,
    metric: Metric,
    with_vectors: bool,
) -> Result<Vec<Hit>> {
    let ids: Vec<RecordId> = best.iter().map(|(id, _)| RecordId::Text(id.to_string())).collect();
    let scores: HashMap<&str, f32> = best.iter().map(|(id, score)| (&**id, *score)).collect();
    let records = read::get(folder, name, &ids, with_vectors)?;
    Ok(records
        .into_iter()
        .filter_map(|record| {
            let value = *scores.get(record.id.to_string().as_str())?;
            Some(Hit { record, score: Score::new(value, metric) })
        })
        .collect())
}

/// The best so far, the worst of them on top.
struct Best {
    top: usize,
    heap: BinaryHeap<Candidate>,
}

struct Candidate {
    /// Lower is nearer.
    distance: f32,
    score: f32,
    id: Arc<str>,
}

impl Best {
    fn offer(&mut self, id: &Arc<str>, score: f32, metric: Metric) {
        let distance = if metric.higher_is_better() { -score } else { score };
        let candidate = Candidate { distance, score, id: Arc::clone(id) };
        if self.heap.len() < self.top {
            self.heap.push(candidate);
        } else if let Some(mut worst) = self.heap.peek_mut()
            && candidate < *worst
        {
            *worst = candidate;
        }
    }

    fn sorted(self) -> Vec<(Arc<str>, f32)> {
        self.heap.into_sorted_vec().into_iter().map(|candidate| (candidate.id, candidate.score)).collect()
    }
}

impl Ord for Candidate {
    /// Nearest first; what is equally near in the order of ids, so that an answer can be repeated.
    fn cmp(&self, other: &Self) -> Ordering {
        self.distance.total_cmp(&other.distance).then_with(|| self.id.cmp(&other.id))
    }
}

impl PartialOrd for Candidate {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Candidate {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Candidate {}
