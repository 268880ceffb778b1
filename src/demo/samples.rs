//! The sample data shipped in the program, and how it is decoded. `make_samples.py` made the files
//! and describes their format.

use std::io::{BufRead, BufReader};

use flate2::read::GzDecoder;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::provider::model::{CollectionSpec, Metric, Record, RecordId, Vector, VectorKind, VectorSpec, Vectors};

/// One collection as it lies in the program.
pub(super) struct Sample {
    lines: &'static [u8],
    vectors: &'static [u8],
}

macro_rules! sample {
    ($name:literal) => {
        Sample {
            lines: include_bytes!(concat!("samples/", $name, ".jsonl.gz")),
            vectors: include_bytes!(concat!("samples/", $name, ".vectors")),
        }
    };
}

/// All sample collections.
pub(super) const ALL: [Sample; 4] =
    [sample!("articles"), sample!("places"), sample!("characters"), sample!("languages")];

/// A decoded sample: what to create, and what to put into it.
pub(super) struct Decoded {
    /// The collection.
    pub(super) spec: CollectionSpec,
    /// Its records, exactly as they are stored.
    pub(super) records: Vec<Record>,
}

impl Sample {
    /// How many records there are, without decoding them.
    pub(super) fn len(&self) -> Option<usize> {
        let head = BufReader::new(GzDecoder::new(self.lines)).lines().next()?.ok()?;
        usize::try_from(serde_json::from_str::<Value>(&head).ok()?.get("records")?.as_u64()?).ok()
    }

    /// Decodes it.
    ///
    /// # Errors
    /// A few words on what is damaged; the tests decode every sample, so that no release has one.
    pub(super) fn decode(&self) -> Result<Decoded, &'static str> {
        let mut lines = BufReader::new(GzDecoder::new(self.lines)).lines();
        let mut next = move || -> Option<Map<String, Value>> { serde_json::from_str(&lines.next()?.ok()?).ok() };
        let spec = spec(&next().ok_or("no first line")?).ok_or("the first line")?;
        let mut bytes = self.vectors;
        let mut records = Vec::new();
        while let Some(mut line) = next() {
            let id = line.get("id").and_then(id).ok_or("an id")?;
            let Some(Value::Object(payload)) = line.remove("payload") else { return Err("a payload") };
            let vectors = spec.vectors.iter().map(|field| Some((field.name.clone(), vector(&mut bytes, field)?)));
            let vectors = Vectors(vectors.collect::<Option<_>>().ok_or("too few vectors")?);
            records.push(Record { id, vectors: Some(vectors), payload, text: None });
        }
        let whole = bytes.is_empty() && Some(records.len()) == self.len();
        if whole { Ok(Decoded { spec, records }) } else { Err("the number of records") }
    }
}

fn spec(head: &Map<String, Value>) -> Option<CollectionSpec> {
    let field = |value: &Value| {
        Some(VectorSpec {
            name: value.get("name")?.as_str()?.to_owned(),
            kind: VectorKind::Dense,
            dimension: Some(usize::try_from(value.get("dimension")?.as_u64()?).ok()?),
            metric: Some(metric(value.get("metric")?.as_str()?)?),
            index: None,
        })
    };
    let vectors = head.get("vectors")?.as_array()?.iter().map(field).collect::<Option<_>>()?;
    Some(CollectionSpec { name: head.get("name")?.as_str()?.to_owned(), vectors })
}

fn metric(name: &str) -> Option<Metric> {
    [Metric::Cosine, Metric::Dot, Metric::Euclidean, Metric::Manhattan].into_iter().find(|m| m.name() == name)
}

fn id(value: &Value) -> Option<RecordId> {
    match value {
        Value::String(text) => Uuid::parse_str(text).ok().map(RecordId::Uuid),
        number => number.as_u64().map(RecordId::from),
    }
}

/// Takes the next vector from the front of the bytes.
fn vector(bytes: &mut &[u8], field: &VectorSpec) -> Option<Vector> {
    let (scale, rest) = bytes.split_first_chunk()?;
    let (values, rest) = rest.split_at_checked(field.dimension?)?;
    *bytes = rest;
    let values = values.iter().map(|byte| byte.cast_signed());
    if field.metric == Some(Metric::Cosine) {
        // Qdrant stores vectors of a cosine field with length 1 and leaves alone those that have it
        let length = values.clone().map(|value| f64::from(value).powi(2)).sum::<f64>().sqrt();
        return Some(Vector::Dense(values.map(|value| (f64::from(value) / length) as f32).collect()));
    }
    let scale = f32::from_le_bytes(*scale);
    Some(Vector::Dense(values.map(|value| scale * f32::from(value)).collect()))
}
