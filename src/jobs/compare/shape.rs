//! A record as it is compared: mapped, with the names of the second side, without what is not looked at.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;

use super::entry::{Entry, Soft};
use super::noted::restored;
use super::options::{ContentOptions, Depth, RecordMap};
use crate::jobs::canon::{self, Rules};
use crate::jobs::model::comparison::Tolerances;
use crate::provider::model::{Record, RecordId, Vector, Vectors};

/// Which side a record is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    A,
    B,
}

/// Brings the records of one side into the form in which they are compared.
#[derive(Clone)]
pub(super) struct Shaper {
    pub(super) which: Which,
    map: Option<RecordMap>,
    noted: bool,
    rename: std::collections::BTreeMap<String, String>,
    fields: Option<Arc<Wanted>>,
    vectors: Option<Vec<String>>,
    depth: Depth,
    pub(super) tolerances: Tolerances,
}

/// The fields that are compared, and whether any record had them.
pub(super) struct Wanted {
    fields: Vec<(String, AtomicBool)>,
}

impl Wanted {
    fn new(names: &[String]) -> Self {
        Self { fields: names.iter().map(|name| (name.clone(), AtomicBool::new(false))).collect() }
    }

    /// Whether it is one of them; notes that it was there.
    fn takes(&self, key: &str) -> bool {
        let found = self.fields.iter().find(|(name, _)| name == key);
        found.inspect(|(_, seen)| seen.store(true, Relaxed)).is_some()
    }

    /// Those that no record had.
    pub(super) fn unseen(&self) -> Vec<String> {
        self.fields.iter().filter(|(_, seen)| !seen.load(Relaxed)).map(|(name, _)| name.clone()).collect()
    }
}

/// A record in that form.
pub(super) struct Shaped {
    /// The id that its own side knows it by.
    pub original: RecordId,
    /// The rest.
    pub record: Record,
}

impl Shaper {
    pub(super) fn new(which: Which, options: &ContentOptions) -> Self {
        let first = which == Which::A;
        Self {
            which,
            map: options.map_a.clone().filter(|_| first),
            noted: if first { options.tolerances.noted.0 } else { options.tolerances.noted.1 },
            rename: if first { options.rename.clone() } else { Default::default() },
            fields: options.fields.as_deref().map(|names| Arc::new(Wanted::new(names))),
            vectors: options.vectors.clone(),
            depth: options.depth,
            tolerances: options.tolerances.clone(),
        }
    }

    /// The fields that are compared, if not all are.
    pub(super) fn wanted(&self) -> Option<Arc<Wanted>> {
        self.fields.clone()
    }

    /// The record in the form in which it is compared.
    pub(super) fn shape(&self, record: Record) -> Shaped {
        let original = record.id.clone();
        let record = if self.noted { restored(record) } else { record };
        let mut record = match &self.map {
            Some(map) => map(record),
            None => record,
        };
        record.id = self.plain_id(record.id);
        if let Some(fields) = &self.fields {
            record.payload.retain(|key, _| fields.takes(key));
        }
        if self.depth == Depth::Ids {
            record.payload.clear();
            record.text = None;
        }
        let mut vectors =
            if self.depth == Depth::All { record.vectors.take().unwrap_or_default() } else { Vectors::default() };
        for (name, _) in &mut vectors.0 {
            if let Some(other) = self.rename.get(name) {
                name.clone_from(other);
            }
        }
        if let Some(wanted) = &self.vectors {
            vectors.0.retain(|(name, _)| wanted.contains(name));
        }
        vectors.0.sort_by(|(one, _), (other, _)| one.cmp(other));
        record.vectors = Some(vectors);
        Shaped { original, record }
    }

    /// The id without the kinds that one of the sides does not have.
    fn plain_id(&self, id: RecordId) -> RecordId {
        match id {
            RecordId::Integer(n) if self.tolerances.integer_ids => RecordId::Text(n.to_string()),
            RecordId::Uuid(uuid) if self.tolerances.uuid_ids => RecordId::Text(uuid.hyphenated().to_string()),
            other => other,
        }
    }

    /// What is overlooked in payloads.
    pub(super) fn rules(&self, soft_floats: bool) -> Rules {
        let tolerances = &self.tolerances;
        Rules {
            nulls: tolerances.nulls,
            whole_floats: tolerances.whole_floats,
            negative_zeros: tolerances.negative_zeros,
            integers_as_floats: tolerances.integers_as_floats,
            soft_floats: soft_floats && tolerances.floats.is_some(),
        }
    }

    /// The digest of all of a record, each bit of its numbers, and how long its bytes are.
    pub(super) fn digest(&self, record: &Record) -> (u128, usize) {
        let mut bytes = Vec::with_capacity(1024);
        canon::write_record(record, self.rules(false), &mut bytes);
        (canon::digest(&bytes), bytes.len())
    }

    /// What is kept of a record to be compared with another one, part by part.
    pub(super) fn entry(&self, shaped: Shaped) -> Entry {
        let Shaped { original, record } = shaped;
        let mut soft = Soft::default();
        let mut bytes = Vec::with_capacity(1024);
        canon::write_payload(&record.payload, self.rules(true), &mut bytes, &mut soft.floats);
        canon::write_optional(record.text.as_deref(), &mut bytes);
        let payload = canon::digest(&bytes);
        bytes.clear();
        for (name, vector) in record.vectors.into_iter().flat_map(|vectors| vectors.0) {
            let is_soft = self.tolerances.vectors.contains_key(&name);
            canon::write_text(&name, &mut bytes);
            canon::write_vector(&vector, is_soft, &mut bytes);
            if is_soft {
                soft.vectors.push((name, rows(vector)));
            }
        }
        let vectors = canon::digest(&bytes);
        Entry { hash: hash(&record.id), original, id: record.id, payload, vectors, soft }
    }
}

/// The numbers of a vector, row by row; those of a sparse one in the order of their places.
fn rows(vector: Vector) -> Vec<Vec<f32>> {
    match vector {
        Vector::Dense(values) => vec![values],
        Vector::Multi(rows) => rows,
        Vector::Sparse { indices, values } => {
            let mut places: Vec<(u32, f32)> = indices.into_iter().zip(values).collect();
            places.sort_unstable_by_key(|(index, _)| *index);
            vec![places.into_iter().map(|(_, value)| value).collect()]
        }
    }
}

/// A number for the id that does not know its kind, so that `1` and `"1"` meet in one bucket.
pub(super) fn hash(id: &RecordId) -> u64 {
    let mut hasher = DefaultHasher::new();
    match id {
        RecordId::Text(text) if uuid::Uuid::parse_str(text).is_err() => text.hash(&mut hasher),
        other => plain(other).hash(&mut hasher),
    }
    hasher.finish()
}

/// The id without its kind.
pub(super) fn plain(id: &RecordId) -> String {
    match id {
        RecordId::Text(text) => match uuid::Uuid::parse_str(text) {
            Ok(uuid) => uuid.hyphenated().to_string(),
            Err(_) => text.clone(),
        },
        other => other.to_string(),
    }
}
