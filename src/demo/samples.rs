//! The sample data shipped in the program, and how it is decoded. `make_samples.py` made the files
//! and describes their format.

use std::io::{self, BufRead, BufReader, Lines};

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

/// A sample that is being decoded, a few records at a time: the whole would stay in memory for as
/// long as the program runs.
pub(super) struct Reader {
    lines: Lines<BufReader<GzDecoder<&'static [u8]>>>,
    vectors: &'static [u8],
    /// The collection to create.
    pub(super) spec: CollectionSpec,
    /// How many records there are in all.
    pub(super) len: usize,
    read: usize,
}

impl Sample {
    /// Reads what the sample is, and none of its records yet.
    ///
    /// # Errors
    /// A few words on what is damaged; the tests decode every sample, so that no release has one.
    pub(super) fn open(&self) -> Result<Reader, &'static str> {
        let mut lines = BufReader::new(GzDecoder::new(self.lines)).lines();
        let head = next_object(&mut lines)?.ok_or("no first line")?;
        let len = head.get("records").and_then(Value::as_u64).and_then(|n| n.try_into().ok()).ok_or("the length")?;
        Ok(Reader { lines, vectors: self.vectors, spec: spec(&head).ok_or("the first line")?, len, read: 0 })
    }
}

impl Reader {
    /// The next records, exactly as they are stored; none at the end.
    ///
    /// # Errors
    /// A few words on what is damaged.
    pub(super) fn take(&mut self, most: usize) -> Result<Vec<Record>, &'static str> {
        let mut records = Vec::with_capacity(most.min(self.len - self.read));
        while records.len() < most {
            let Some(mut line) = next_object(&mut self.lines)? else { break };
            let id = line.get("id").and_then(id).ok_or("an id")?;
            let Some(Value::Object(payload)) = line.remove("payload") else { return Err("a payload") };
            let fields = self.spec.vectors.iter();
            let vectors = fields.map(|field| Some((field.name.clone(), vector(&mut self.vectors, field)?)));
            let vectors = Vectors(vectors.collect::<Option<_>>().ok_or("too few vectors")?);
            records.push(Record { id, vectors: Some(vectors), payload, text: None });
        }
        self.read += records.len();
        let at_end = records.len() < most;
        if self.read > self.len || (at_end && (self.read < self.len || !self.vectors.is_empty())) {
            return Err("the number of records");
        }
        Ok(records)
    }
}

fn next_object(
    lines: &mut impl Iterator<Item = io::Result<String>>,
) -> Result<Option<Map<String, Value>>, &'static str> {
    let Some(line) = lines.next() else { return Ok(None) };
    let line = line.map_err(|_| "the compression")?;
    serde_json::from_str(&line).map(Some).map_err(|_| "a line")
}

fn spec(head: &Map<String, Value>) -> Option<CollectionSpec> {
    let field = |value: &Value| {
        Some(VectorSpec {
            name: value.get("name")?.as_str()?.to_owned(),
            kind: VectorKind::Dense,
            dimension: Some(usize::try_from(value.get("dimension")?.as_u64()?).ok()?),
            metric: Some(metric(value.get("metric")?.as_str()?)?),
            index: None,
            embedder: None,
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
