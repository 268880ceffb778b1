//! Collections in memory: what the scripted provider answers from when nothing is scripted.

use std::collections::BTreeMap;
use std::ops::Bound;

use serde_json::json;
use vector_inspector::provider::model::{
    CollectionInfo, CollectionSpec, CollectionState, CollectionSummary, Count, Cursor, Hit, Metric, Page, PageRequest,
    Record, RecordId, Score, SearchQuery, SearchRequest, Vector, VectorKind, VectorSpec,
};
use vector_inspector::provider::{ProviderError, Result};

#[derive(Default)]
pub struct Memory(BTreeMap<String, Stored>);

struct Stored {
    fields: Vec<VectorSpec>,
    records: BTreeMap<RecordId, Record>,
}

fn bad(cause: impl Into<String>, mend: &str) -> ProviderError {
    ProviderError::BadRequest { cause: cause.into(), mend: mend.to_owned() }
}

fn shown(record: &Record, with_vectors: bool) -> Record {
    Record { vectors: record.vectors.clone().filter(|_| with_vectors), ..record.clone() }
}

impl Stored {
    fn summary(&self, name: &str) -> CollectionSummary {
        let count = Count { value: self.records.len() as u64, exact: true };
        CollectionSummary { name: name.to_owned(), count: Some(count), vectors: self.fields.clone() }
    }

    fn field(&self, name: Option<&str>) -> Result<&VectorSpec> {
        let found = match name {
            Some(name) => self.fields.iter().find(|field| field.name == name),
            None => self.fields.first(),
        };
        found.ok_or_else(|| bad("there is no such vector field", "Name one that the collection has."))
    }

    fn check(&self, record: &Record) -> Result<()> {
        let vectors = record.vectors.iter().flat_map(|vectors| vectors.0.iter());
        for (name, vector) in vectors {
            let field = self.field(Some(name))?;
            fits(field, vector)?;
        }
        Ok(())
    }
}

fn fits(field: &VectorSpec, vector: &Vector) -> Result<()> {
    let fits = |length: usize| field.dimension.is_none_or(|dimension| dimension == length);
    let right = match (field.kind, vector) {
        (VectorKind::Dense, Vector::Dense(values)) => fits(values.len()),
        (VectorKind::Multi, Vector::Multi(rows)) => rows.iter().all(|row| fits(row.len())),
        (VectorKind::Sparse, Vector::Sparse { .. }) => true,
        _ => false,
    };
    if right { Ok(()) } else { Err(bad("the vector is of another kind or dimension", "Give one that fits.")) }
}

fn dense_score(metric: Metric, a: &[f32], b: &[f32]) -> f64 {
    let pairs = || a.iter().zip(b).map(|(x, y)| (f64::from(*x), f64::from(*y)));
    let dot = pairs().map(|(x, y)| x * y).sum::<f64>();
    let norm = |v: &[f32]| v.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>().sqrt();
    match metric {
        Metric::Cosine => dot / (norm(a) * norm(b)).max(f64::MIN_POSITIVE),
        Metric::Dot => dot,
        Metric::Euclidean => pairs().map(|(x, y)| (x - y).powi(2)).sum::<f64>().sqrt(),
        Metric::Manhattan => pairs().map(|(x, y)| (x - y).abs()).sum(),
    }
}

fn score(metric: Metric, query: &Vector, stored: &Vector) -> Option<f64> {
    match (query, stored) {
        (Vector::Dense(a), Vector::Dense(b)) => Some(dense_score(metric, a, b)),
        (Vector::Sparse { indices: ai, values: av }, Vector::Sparse { indices: bi, values: bv }) => {
            let b: BTreeMap<_, _> = bi.iter().zip(bv).collect();
            Some(ai.iter().zip(av).filter_map(|(i, x)| b.get(i).map(|y| f64::from(*x) * f64::from(**y))).sum())
        }
        (Vector::Multi(a), Vector::Multi(b)) => {
            let best = |row: &Vec<f32>| b.iter().map(|other| dense_score(metric, row, other)).fold(f64::MIN, f64::max);
            Some(a.iter().map(best).sum())
        }
        _ => None,
    }
}

fn cursor(id: &RecordId) -> Cursor {
    Cursor(match id {
        RecordId::Integer(n) => format!("integer {n}"),
        RecordId::Text(text) => format!("text {text}"),
        RecordId::Uuid(uuid) => format!("uuid {uuid}"),
    })
}

fn read_cursor(cursor: &Cursor) -> Option<RecordId> {
    let (kind, id) = cursor.0.split_once(' ')?;
    match kind {
        "integer" => id.parse().ok().map(RecordId::Integer),
        "text" => Some(RecordId::from(id)),
        "uuid" => id.parse().ok().map(RecordId::Uuid),
        _ => None,
    }
}

impl Memory {
    fn of(&self, collection: &str) -> Result<&Stored> {
        self.0.get(collection).ok_or_else(|| ProviderError::NoSuchCollection { collection: collection.to_owned() })
    }

    fn of_mut(&mut self, collection: &str) -> Result<&mut Stored> {
        self.0.get_mut(collection).ok_or_else(|| ProviderError::NoSuchCollection { collection: collection.to_owned() })
    }

    pub fn collections(&self) -> Vec<CollectionSummary> {
        self.0.iter().map(|(name, stored)| stored.summary(name)).collect()
    }

    pub fn describe(&self, collection: &str) -> Result<CollectionInfo> {
        let summary = self.of(collection)?.summary(collection);
        let details = json!({ "kept in": "memory" });
        Ok(CollectionInfo { summary, state: CollectionState::Ready, fields: Vec::new(), details })
    }

    pub fn count(&self, collection: &str) -> Result<Count> {
        Ok(Count { value: self.of(collection)?.records.len() as u64, exact: true })
    }

    /// The cursor is the number of records before the page.
    pub fn page(&self, collection: &str, request: &PageRequest) -> Result<Page> {
        let stored = self.of(collection)?;
        let foreign = || bad("the cursor is not of this maker", "Begin again.");
        // The last record's id, not a number of records: others may be written and deleted meanwhile.
        let behind = match &request.cursor {
            None => Bound::Unbounded,
            Some(cursor) => Bound::Excluded(read_cursor(cursor).ok_or_else(foreign)?),
        };
        let mut found = stored.records.range((behind, Bound::Unbounded)).map(|(_, record)| record);
        let records: Vec<_> = found.by_ref().take(request.limit).collect();
        let next = records.last().filter(|_| found.next().is_some()).map(|record| cursor(&record.id));
        Ok(Page { records: records.into_iter().map(|record| shown(record, request.with_vectors)).collect(), next })
    }

    pub fn get(&self, collection: &str, ids: &[RecordId], with_vectors: bool) -> Result<Vec<Record>> {
        let stored = self.of(collection)?;
        Ok(ids.iter().filter_map(|id| stored.records.get(id)).map(|record| shown(record, with_vectors)).collect())
    }

    pub fn search(&self, collection: &str, request: &SearchRequest) -> Result<Vec<Hit>> {
        let stored = self.of(collection)?;
        let field = stored.field(request.using.as_deref())?;
        let (query, like) = match &request.query {
            SearchQuery::Vector(vector) => (vector, None),
            SearchQuery::Text(_) => return Err(ProviderError::not_by_text("scripted")),
            SearchQuery::Like(id) => {
                let missing = || ProviderError::NoSuchRecord { collection: collection.to_owned(), id: id.to_string() };
                let record = stored.records.get(id).ok_or_else(missing)?;
                (record.vectors.as_ref().and_then(|v| v.get(&field.name)).ok_or_else(missing)?, Some(id))
            }
        };
        fits(field, query)?;
        let metric = field.metric.unwrap_or(Metric::Dot);
        let mut found: Vec<(f64, &Record)> = stored
            .records
            .values()
            .filter(|record| Some(&record.id) != like)
            .filter_map(|record| {
                let vector = record.vectors.as_ref()?.get(&field.name)?;
                Some((score(metric, query, vector)?, record))
            })
            .collect();
        found.sort_by(|a, b| if metric.higher_is_better() { b.0.total_cmp(&a.0) } else { a.0.total_cmp(&b.0) });
        found.truncate(request.top);
        #[allow(clippy::cast_possible_truncation)]
        let hit = |(value, record): (f64, &Record)| Hit {
            record: shown(record, request.with_vectors),
            score: Score::new(value as f32, metric),
        };
        Ok(found.into_iter().map(hit).collect())
    }

    pub fn check_new(&self, spec: &CollectionSpec) -> Result<()> {
        if self.0.contains_key(&spec.name) {
            return Err(bad(format!("there is a collection {:?} already", spec.name), "Choose another name."));
        }
        Ok(())
    }

    pub fn create(&mut self, spec: &CollectionSpec) -> Result<()> {
        self.check_new(spec)?;
        self.0.insert(spec.name.clone(), Stored { fields: spec.vectors.clone(), records: BTreeMap::new() });
        Ok(())
    }

    pub fn upsert(&mut self, collection: &str, records: Vec<Record>) -> Result<()> {
        let stored = self.of_mut(collection)?;
        records.iter().try_for_each(|record| stored.check(record))?;
        stored.records.extend(records.into_iter().map(|record| (record.id.clone(), record)));
        Ok(())
    }

    pub fn delete(&mut self, collection: &str, ids: &[RecordId]) -> Result<()> {
        let stored = self.of_mut(collection)?;
        ids.iter().for_each(|id| drop(stored.records.remove(id)));
        Ok(())
    }

    pub fn drop_collection(&mut self, collection: &str) -> Result<()> {
        self.of(collection)?;
        self.0.remove(collection);
        Ok(())
    }
}
