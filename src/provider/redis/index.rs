//! What an index is: the answer of `FT.INFO` in our words.

use redis::Value;

use super::json_path;
use super::reply::{array, bytes, field, number, pairs, text, to_object};
use crate::provider::model::{
    CollectionInfo, CollectionState, CollectionSummary, Count, Metric, PayloadField, RecordId, VectorKind, VectorSpec,
};

/// An index of RediSearch: our collection.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Index {
    /// Its name.
    pub(super) name: String,
    /// Whether its documents are JSON; else they are hashes.
    pub(super) json: bool,
    /// What the keys of its documents begin with.
    pub(super) prefixes: Vec<String>,
    /// Its vector fields.
    pub(super) vectors: Vec<VectorField>,
    /// Its other fields.
    pub(super) fields: Vec<SchemaField>,
    /// Documents that it could not take.
    failures: u64,
    /// How far it is in reading the documents that were there before it, 0 to 1.
    progress: Option<f64>,
    raw: serde_json::Value,
}

/// A field of the kind VECTOR.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct VectorField {
    /// Its name here: `""` if it is the only one and is called `vector`.
    pub(super) name: String,
    /// Its name in queries.
    pub(super) attribute: String,
    /// Where documents have it: keys of objects in objects, or the one field of a hash. `None` for a
    /// JSONPath that is no plain path.
    pub(super) path: Option<Vec<String>>,
    /// How its numbers are encoded in queries and hashes; `None` for a kind that we do not know.
    pub(super) encoding: Option<Encoding>,
    /// Number of dimensions.
    pub(super) dimension: Option<usize>,
    /// Its metric.
    pub(super) metric: Option<Metric>,
    /// Whether it is searched without a graph, always exactly.
    pub(super) flat: bool,
    /// The kind of index in words.
    words: String,
}

/// How the numbers of a vector are encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    /// IEEE 754, 4 bytes.
    F32,
    /// IEEE 754, 8 bytes.
    F64,
    /// IEEE 754, 2 bytes.
    F16,
    /// The upper half of 4 bytes.
    Bf16,
}

/// A field that is no vector.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SchemaField {
    /// Path in the document, as Redis has it.
    pub(super) identifier: String,
    /// Its name in queries.
    pub(super) attribute: String,
    /// `TAG`, `NUMERIC`, `TEXT`, `GEO`, `GEOSHAPE`.
    pub(super) kind: String,
}

impl Index {
    /// Reads the answer of `FT.INFO`.
    ///
    /// # Errors
    /// What is missing in it.
    pub(super) fn read(info: &Value) -> Result<Self, String> {
        let name = field(info, "index_name").and_then(text).ok_or("FT.INFO without index_name")?.to_owned();
        let definition = field(info, "index_definition").ok_or("FT.INFO without index_definition")?;
        let json = field(definition, "key_type").and_then(text).is_some_and(|kind| kind.eq_ignore_ascii_case("JSON"));
        let prefixes = field(definition, "prefixes").and_then(array).unwrap_or_default();
        let prefixes = prefixes.iter().filter_map(text).map(str::to_owned).collect();
        let attributes = field(info, "attributes").or_else(|| field(info, "fields"));
        let attributes = attributes.and_then(array).ok_or("FT.INFO without attributes")?;
        let (mut vectors, mut fields) = (Vec::new(), Vec::new());
        for attribute in attributes {
            let of = |key| field(attribute, key).and_then(text).map(str::to_owned);
            let identifier = of("identifier").ok_or("a field without an identifier")?;
            let name = of("attribute").unwrap_or_else(|| identifier.clone());
            let kind = of("type").unwrap_or_default();
            if kind.eq_ignore_ascii_case("VECTOR") {
                vectors.push(VectorField::read(attribute, json, &identifier, name));
            } else {
                fields.push(SchemaField { identifier, attribute: name, kind });
            }
        }
        if let [only] = vectors.as_mut_slice()
            && only.attribute == LONE
        {
            only.name.clear();
        }
        Ok(Self {
            name,
            json,
            prefixes,
            vectors,
            fields,
            failures: field(info, "hash_indexing_failures").and_then(number).unwrap_or(0),
            progress: field(info, "percent_indexed").and_then(text).and_then(|share| share.parse().ok()),
            raw: to_object(info),
        })
    }

    /// The key of the record with that id.
    pub(super) fn key(&self, id: &RecordId) -> Option<String> {
        match id {
            RecordId::Text(id) => Some(format!("{}{id}", self.own_prefix())),
            RecordId::Integer(_) | RecordId::Uuid(_) => None,
        }
    }

    /// The id of the record with that key: what is behind the prefix, if there is only one.
    ///
    /// # Errors
    /// A sentence, for a key that is no text.
    pub(super) fn id(&self, key: &[u8]) -> Result<RecordId, String> {
        let key = std::str::from_utf8(key)
            .map_err(|_| format!("a key that is no UTF-8 text, {:?}", String::from_utf8_lossy(key)))?;
        Ok(RecordId::from(key.strip_prefix(self.own_prefix()).unwrap_or(key)))
    }

    fn own_prefix(&self) -> &str {
        match self.prefixes.as_slice() {
            [only] => only,
            _ => "",
        }
    }

    /// The vector field of that name, the first without one.
    pub(super) fn vector(&self, name: Option<&str>) -> Option<&VectorField> {
        match name {
            None => self.vectors.first(),
            Some(name) => self.vectors.iter().find(|field| field.name == name || field.attribute == name),
        }
    }

    /// A line of the sidebar.
    pub(super) fn summary(&self, count: Option<u64>) -> CollectionSummary {
        CollectionSummary {
            name: self.name.clone(),
            count: count.map(|value| Count { value, exact: true }),
            vectors: self.vectors.iter().map(VectorField::spec).collect(),
        }
    }

    /// All that can be told.
    pub(super) fn info(self, count: u64) -> CollectionInfo {
        let state = match self.progress {
            Some(share) if share < 1.0 => CollectionState::Busy(format!("indexing, {:.0} % done", share * 100.0)),
            _ if self.failures > 0 => CollectionState::Degraded(format!(
                "{} documents could not be indexed, so they are no records",
                self.failures
            )),
            _ => CollectionState::Ready,
        };
        let fields = self.fields.iter();
        let fields = fields.map(|field| PayloadField {
            path: field.attribute.clone(),
            kind: field.kind.to_ascii_lowercase(),
            indexed: None,
        });
        CollectionInfo { summary: self.summary(Some(count)), state, fields: fields.collect(), details: self.raw }
    }
}

/// The attribute of the only vector field of a collection with an unnamed vector.
pub(super) const LONE: &str = "vector";

impl VectorField {
    fn read(attribute: &Value, json: bool, identifier: &str, name: String) -> Self {
        let of = |key| field(attribute, key).and_then(text);
        let algorithm = of("algorithm").unwrap_or_default().to_ascii_lowercase();
        let known = ["identifier", "attribute", "type", "algorithm", "data_type", "dim", "distance_metric"];
        let mut words = algorithm.clone();
        for (key, value) in pairs(attribute).filter(|(key, _)| !known.contains(&key.to_ascii_lowercase().as_str())) {
            let value = number(value).map(|n| n.to_string()).or_else(|| text(value).map(str::to_owned));
            words += &format!(" {}={}", key.to_ascii_lowercase(), value.unwrap_or_default());
        }
        Self {
            path: if json { json_path::read(identifier) } else { Some(vec![identifier.to_owned()]) },
            encoding: of("data_type").and_then(|kind| match kind.to_ascii_uppercase().as_str() {
                "FLOAT32" => Some(Encoding::F32),
                "FLOAT64" => Some(Encoding::F64),
                "FLOAT16" => Some(Encoding::F16),
                "BFLOAT16" => Some(Encoding::Bf16),
                _ => None,
            }),
            dimension: field(attribute, "dim").and_then(number).and_then(|n| usize::try_from(n).ok()),
            metric: of("distance_metric").and_then(|metric| match metric.to_ascii_uppercase().as_str() {
                "L2" => Some(Metric::Euclidean),
                "IP" => Some(Metric::Dot),
                "COSINE" => Some(Metric::Cosine),
                _ => None,
            }),
            flat: algorithm == "flat",
            words,
            name: name.clone(),
            attribute: name,
        }
    }

    fn spec(&self) -> VectorSpec {
        VectorSpec {
            name: self.name.clone(),
            kind: VectorKind::Dense,
            dimension: self.dimension,
            metric: self.metric,
            index: Some(self.words.clone()).filter(|words| !words.is_empty()),
            embedder: None,
        }
    }
}

impl Encoding {
    /// The bytes that Redis takes for a vector.
    pub(super) fn write(self, values: &[f32]) -> Vec<u8> {
        let each = values.iter().copied();
        match self {
            Self::F32 => each.flat_map(f32::to_le_bytes).collect(),
            Self::F64 => each.flat_map(|value| f64::from(value).to_le_bytes()).collect(),
            Self::F16 => each.flat_map(|value| half::f16::from_f32(value).to_le_bytes()).collect(),
            Self::Bf16 => each.flat_map(|value| half::bf16::from_f32(value).to_le_bytes()).collect(),
        }
    }

    /// The vector in a hash; `None` if the bytes do not come out even.
    pub(super) fn read(self, bytes: &[u8]) -> Option<Vec<f32>> {
        fn each<const N: usize>(bytes: &[u8], one: impl Fn([u8; N]) -> f32) -> Option<Vec<f32>> {
            let parts = bytes.chunks_exact(N);
            if !parts.remainder().is_empty() {
                return None;
            }
            parts.map(|part| part.try_into().ok().map(&one)).collect()
        }
        match self {
            Self::F32 => each(bytes, f32::from_le_bytes),
            #[allow(clippy::cast_possible_truncation)] // our vectors are of f32: docs/providers.md says so
            Self::F64 => each(bytes, |part| f64::from_le_bytes(part) as f32),
            Self::F16 => each(bytes, |part| half::f16::from_le_bytes(part).to_f32()),
            Self::Bf16 => each(bytes, |part| half::bf16::from_le_bytes(part).to_f32()),
        }
    }
}

/// The names in the answer of `FT._LIST`.
pub(super) fn names(list: &Value) -> Option<Vec<String>> {
    let names = array(list)?.iter();
    names.map(|name| bytes(name).map(|name| String::from_utf8_lossy(name).into_owned())).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn bulk(text: &str) -> Value {
        Value::BulkString(text.as_bytes().to_vec())
    }

    fn list(values: &[Value]) -> Value {
        Value::Array(values.to_vec())
    }

    fn texts(values: &[&str]) -> Value {
        Value::Array(values.iter().map(|text| bulk(text)).collect())
    }

    /// As Redis 7.4 with RediSearch 2.10 writes it, shortened.
    fn info(prefixes: &[&str]) -> Value {
        let vector =
            ["identifier", "v", "attribute", "v", "type", "VECTOR", "algorithm", "HNSW", "data_type", "FLOAT16"];
        let mut vector: Vec<Value> = vector.map(bulk).to_vec();
        vector.extend([bulk("dim"), Value::Int(4), bulk("distance_metric"), bulk("IP"), bulk("M"), Value::Int(16)]);
        list(&[
            bulk("index_name"),
            bulk("books"),
            bulk("index_definition"),
            list(&[bulk("key_type"), bulk("HASH"), bulk("prefixes"), texts(prefixes)]),
            bulk("attributes"),
            list(&[texts(&["identifier", "lang", "attribute", "l", "type", "TAG"]), list(&vector)]),
            bulk("hash_indexing_failures"),
            Value::Int(3),
            bulk("percent_indexed"),
            bulk("0.25"),
        ])
    }

    #[test]
    fn an_index_is_read() {
        let index = Index::read(&info(&["book:"])).unwrap();
        let vector = &index.vectors[0];
        assert_eq!((vector.name.as_str(), vector.encoding, vector.dimension), ("v", Some(Encoding::F16), Some(4)));
        assert_eq!((vector.metric, vector.words.as_str()), (Some(Metric::Dot), "hnsw m=16"));
        assert_eq!(index.fields[0].attribute, "l");
        assert_eq!(index.info(7).state, CollectionState::Busy("indexing, 25 % done".to_owned()));
    }

    #[test]
    fn an_id_is_what_is_behind_the_only_prefix() {
        let one = Index::read(&info(&["book:"])).unwrap();
        assert_eq!(one.id(b"book:7"), Ok("7".into()));
        assert_eq!(one.key(&"7".into()).unwrap(), "book:7");
        let two = Index::read(&info(&["book:", "old:"])).unwrap();
        assert_eq!(two.id(b"book:7"), Ok("book:7".into()));
        assert_eq!(two.key(&"old:7".into()).unwrap(), "old:7");
        assert!(one.id(b"book:\xff").unwrap_err().contains("no UTF-8"));
        assert_eq!(one.key(&7_u64.into()), None);
    }

    #[test]
    fn vectors_of_every_encoding_come_back() {
        for encoding in [Encoding::F32, Encoding::F64, Encoding::F16, Encoding::Bf16] {
            let values = [1.5, -0.0, 2.0, -0.25];
            assert_eq!(encoding.read(&encoding.write(&values)).unwrap(), values, "{encoding:?}");
            assert_eq!(encoding.read(&[1]), None, "{encoding:?}");
        }
        assert_eq!(Encoding::F16.write(&[1.0]), [0, 0x3c]);
    }
}
