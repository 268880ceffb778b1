//! Chroma's JSON to our data model and back. Pure: `mod` sends and receives.

use serde::Deserialize;
use serde_json::Value;

use crate::provider::model::{
    CollectionSpec, Count, Hit, Metric, Payload, PayloadField, Record, RecordId, Score, VectorKind, VectorSpec, Vectors,
};
use crate::provider::{ProviderError, Result};

/// A collection as Chroma describes it; what we do not read stays in `raw`.
pub(super) struct Collection {
    /// Its UUID: most requests name a collection by it.
    pub(super) id: String,
    /// Its name.
    pub(super) name: String,
    /// Dimension of its vectors, known after the first record.
    pub(super) dimension: Option<usize>,
    /// Its metric; `None` for a word that we do not know.
    pub(super) metric: Option<Metric>,
    /// All that the server told.
    pub(super) raw: Value,
}

impl Collection {
    /// Reads the server's description.
    ///
    /// # Errors
    /// The name of the part that is missing.
    pub(super) fn read(raw: Value) -> std::result::Result<Self, String> {
        let text = |key: &str| {
            raw.get(key)
                .and_then(Value::as_str)
                .map(str::to_owned)
                .ok_or_else(|| format!("a collection without `{key}`"))
        };
        Ok(Self {
            id: text("id")?,
            name: text("name")?,
            dimension: raw.get("dimension").and_then(Value::as_u64).and_then(|d| usize::try_from(d).ok()),
            metric: metric(&raw),
            raw,
        })
    }

    /// Its only vector field.
    pub(super) fn vector(&self) -> VectorSpec {
        VectorSpec {
            name: String::new(),
            kind: VectorKind::Dense,
            dimension: self.dimension,
            metric: self.metric,
            index: index(&self.raw),
            embedder: None,
        }
    }

    /// The payload fields of the server's schema, sorted; `#embedding` and `#document` are its own.
    pub(super) fn fields(&self) -> Vec<PayloadField> {
        let Some(keys) = self.raw.pointer("/schema/keys").and_then(Value::as_object) else { return Vec::new() };
        let mut fields: Vec<_> = keys
            .iter()
            .filter(|(key, _)| !key.starts_with('#'))
            .map(|(key, kinds)| {
                let kinds = kinds.as_object().map(|kinds| kinds.keys().cloned().collect::<Vec<_>>().join(" or "));
                PayloadField { path: key.clone(), kind: kinds.unwrap_or_default(), indexed: None }
            })
            .collect();
        fields.sort_by(|a, b| a.path.cmp(&b.path));
        fields
    }
}

/// The metric from wherever this server version has it. Without any word it is `l2`.
fn metric(raw: &Value) -> Option<Metric> {
    let word = ["/configuration_json/hnsw/space", "/configuration_json/spann/space", "/metadata/hnsw:space"]
        .iter()
        .find_map(|place| raw.pointer(place).and_then(Value::as_str))
        .unwrap_or("l2");
    match word {
        "l2" => Some(Metric::Euclidean),
        "cosine" => Some(Metric::Cosine),
        "ip" => Some(Metric::Dot),
        _ => None,
    }
}

/// Chroma's word for a metric.
fn space(metric: Metric) -> Option<&'static str> {
    match metric {
        Metric::Euclidean => Some("l2"),
        Metric::Cosine => Some("cosine"),
        Metric::Dot => Some("ip"),
        Metric::Manhattan => None,
    }
}

/// The index in words: `hnsw ef_construction=100 ef_search=100 max_neighbors=16`.
fn index(raw: &Value) -> Option<String> {
    let configuration = raw.get("configuration_json")?;
    let (kind, values) =
        ["hnsw", "spann"].iter().find_map(|kind| Some((kind, configuration.get(kind)?.as_object()?)))?;
    let mut words = vec![(*kind).to_owned()];
    for key in ["ef_construction", "ef_search", "max_neighbors", "search_nprobe", "write_nprobe"] {
        words.extend(values.get(key).filter(|value| !value.is_null()).map(|value| format!("{key}={value}")));
    }
    Some(words.join(" "))
}

/// The body that creates a collection. Chroma fixes the dimension with the first record.
///
/// # Errors
/// What Chroma has no collections for.
pub(super) fn create(spec: &CollectionSpec) -> Result<Value> {
    if let Some(fault) = name_fault(&spec.name) {
        return Err(ProviderError::BadRequest {
            cause: format!("no collection of Chroma can be called {:?}: {fault}", spec.name),
            mend:
                "Take 3 to 512 letters without accents, digits, dots, dashes and underscores, with a letter or a digit \
                   at both ends."
                    .to_owned(),
        });
    }
    let [vector] = spec.vectors.as_slice() else {
        return Err(unsupported(format!("a collection has one vector field, not {}", spec.vectors.len())));
    };
    if vector.kind != VectorKind::Dense || !vector.name.is_empty() {
        return Err(unsupported("a collection has one unnamed dense vector".to_owned()));
    }
    let metric = vector.metric.unwrap_or(Metric::Cosine);
    let space = space(metric)
        .ok_or_else(|| unsupported(format!("it has no metric {}; use cosine, dot or euclidean", metric.name())))?;
    Ok(serde_json::json!({
        "name": spec.name,
        "get_or_create": false,
        "configuration": { "hnsw": { "space": space } },
    }))
}

/// Why no collection can be called that; `None` if one can. What every server with the interface v2 refuses, by its
/// sources: `validate_name` in `rust/types/src/validators.rs`, and `check_index_name` of the servers in Python before
/// 1.0, which end at 63 characters already.
fn name_fault(name: &str) -> Option<&'static str> {
    let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    if !(3..=512).contains(&name.len()) {
        Some("it does not have 3 to 512 characters")
    } else if !name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-')) {
        Some("it has other characters than letters, digits, dots, dashes and underscores")
    } else if !edge(name.chars().next()) || !edge(name.chars().next_back()) {
        Some("it does not begin and end with a letter or a digit")
    } else if name.contains("..") {
        Some("it has two dots one after the other")
    } else if name.parse::<std::net::Ipv4Addr>().is_ok() {
        Some("it is an IP address")
    } else {
        None
    }
}

/// The parts of a record that are asked for.
pub(super) fn include(with_vectors: bool, scores: bool) -> Vec<&'static str> {
    let mut parts = vec!["metadatas", "documents"];
    parts.extend(with_vectors.then_some("embeddings"));
    parts.extend(scores.then_some("distances"));
    parts
}

/// A dense vector as JSON has it: NaN and infinities arrive as `null`.
type Embedding = Vec<Option<f32>>;

/// The answer to `get`: columns of equal length.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Columns {
    /// Ids.
    pub(super) ids: Vec<String>,
    #[serde(default)]
    embeddings: Option<Vec<Option<Embedding>>>,
    #[serde(default)]
    documents: Option<Vec<Option<String>>>,
    #[serde(default)]
    metadatas: Option<Vec<Option<Payload>>>,
}

impl Columns {
    /// Drops the first row.
    pub(super) fn remove_first(&mut self) {
        if !self.ids.is_empty() {
            self.ids.remove(0);
        }
        remove_first(&mut self.embeddings);
        remove_first(&mut self.documents);
        remove_first(&mut self.metadatas);
    }

    /// Keeps the first rows.
    pub(super) fn truncate(&mut self, rows: usize) {
        self.ids.truncate(rows);
        self.embeddings.iter_mut().for_each(|column| column.truncate(rows));
        self.documents.iter_mut().for_each(|column| column.truncate(rows));
        self.metadatas.iter_mut().for_each(|column| column.truncate(rows));
    }

    /// The rows.
    ///
    /// # Errors
    /// Which column has another length.
    pub(super) fn records(self, with_vectors: bool) -> std::result::Result<Vec<Record>, String> {
        let rows = self.ids.len();
        let mut documents = column("documents", self.documents, rows)?;
        let mut metadatas = column("metadatas", self.metadatas, rows)?;
        let mut embeddings =
            if with_vectors { column("embeddings", self.embeddings, rows)? } else { Vec::new().into_iter() };
        Ok(self
            .ids
            .into_iter()
            .map(|id| Record {
                id: RecordId::Text(id),
                vectors: with_vectors.then(|| vectors(embeddings.next().flatten())),
                payload: payload(metadatas.next().flatten()),
                text: documents.next().flatten(),
            })
            .collect())
    }
}

fn remove_first<T>(column: &mut Option<Vec<T>>) {
    if let Some(column) = column.as_mut().filter(|column| !column.is_empty()) {
        column.remove(0);
    }
}

/// A column of `rows` values; one that was left out counts as all empty.
fn column<T>(
    name: &str,
    values: Option<Vec<Option<T>>>,
    rows: usize,
) -> std::result::Result<std::vec::IntoIter<Option<T>>, String> {
    match values {
        None => Ok((0..rows).map(|_| None).collect::<Vec<_>>().into_iter()),
        Some(values) if values.len() == rows => Ok(values.into_iter()),
        Some(values) => Err(format!("{} {name} for {rows} ids", values.len())),
    }
}

fn vectors(embedding: Option<Embedding>) -> Vectors {
    embedding.map_or_else(Vectors::default, |values| {
        Vectors::unnamed(values.into_iter().map(|value| value.unwrap_or(f32::NAN)).collect())
    })
}

/// Metadata comes in an order that changes from answer to answer: sorted by key it stays still on
/// the screen.
fn payload(metadata: Option<Payload>) -> Payload {
    let mut fields: Vec<_> = metadata.unwrap_or_default().into_iter().collect();
    fields.sort_by(|a, b| a.0.cmp(&b.0));
    fields.into_iter().collect()
}

/// The answer to `query`: a list of columns for each vector asked with. We ask with one.
#[derive(Debug, Deserialize)]
pub(super) struct QueryAnswer {
    ids: Vec<Vec<String>>,
    #[serde(default)]
    embeddings: Option<Vec<Option<Vec<Option<Embedding>>>>>,
    #[serde(default)]
    documents: Option<Vec<Option<Vec<Option<String>>>>>,
    #[serde(default)]
    metadatas: Option<Vec<Option<Vec<Option<Payload>>>>>,
    #[serde(default)]
    distances: Option<Vec<Option<Vec<Option<f32>>>>>,
}

impl QueryAnswer {
    /// The hits, best first.
    ///
    /// # Errors
    /// Which column is missing or has another length.
    pub(super) fn hits(self, metric: Metric, with_vectors: bool) -> std::result::Result<Vec<Hit>, String> {
        let columns = Columns {
            ids: self.ids.into_iter().next().unwrap_or_default(),
            embeddings: first(self.embeddings),
            documents: first(self.documents),
            metadatas: first(self.metadatas),
        };
        let rows = columns.ids.len();
        let distances = first(self.distances).unwrap_or_default();
        if distances.len() != rows {
            return Err(format!("{} distances for {rows} ids", distances.len()));
        }
        let records = columns.records(with_vectors)?;
        Ok(records
            .into_iter()
            .zip(distances)
            .map(|(record, distance)| Hit { record, score: score(metric, distance.unwrap_or(f32::NAN)) })
            .collect())
    }
}

fn first<T>(lists: Option<Vec<Option<T>>>) -> Option<T> {
    lists?.into_iter().next()?
}

/// Chroma's distance in our meaning: `l2` is squared, `cosine` is 1 - similarity, `ip` is
/// 1 - product. Computed in `f64`, so that the subtraction adds no noise of its own.
fn score(metric: Metric, distance: f32) -> Score {
    let distance = f64::from(distance);
    let value = match metric {
        Metric::Cosine | Metric::Dot => 1.0 - distance,
        Metric::Euclidean => distance.max(0.0).sqrt(),
        Metric::Manhattan => distance,
    };
    #[allow(clippy::cast_possible_truncation)] // scores are f32 by the model
    Score::new(value as f32, metric)
}

/// The exact count from a server's answer.
pub(super) fn exact(value: u64) -> Count {
    Count { value, exact: true }
}

/// An error for what Chroma cannot do.
pub(super) fn unsupported(reason: String) -> ProviderError {
    ProviderError::Unsupported { product: super::PRODUCT, reason }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::provider::model::Vector;

    #[test]
    fn the_metric_is_found_wherever_a_version_keeps_it() {
        let cases = [
            (json!({}), Some(Metric::Euclidean)),
            (json!({ "configuration_json": { "hnsw": { "space": "cosine" } } }), Some(Metric::Cosine)),
            (json!({ "configuration_json": { "hnsw": null, "spann": { "space": "ip" } } }), Some(Metric::Dot)),
            (json!({ "configuration_json": {}, "metadata": { "hnsw:space": "cosine" } }), Some(Metric::Cosine)),
            (json!({ "configuration_json": { "hnsw": { "space": "hamming" } } }), None),
        ];
        for (raw, expected) in cases {
            assert_eq!(metric(&raw), expected, "{raw}");
        }
    }

    #[test]
    fn distances_become_scores_of_the_same_meaning_everywhere() {
        assert_eq!(score(Metric::Euclidean, 4.0).value, 2.0);
        assert_eq!(score(Metric::Cosine, 2.0).value, -1.0);
        assert_eq!(score(Metric::Dot, 7.0).value, -6.0);
        assert!(score(Metric::Dot, f32::NAN).value.is_nan());
    }

    #[test]
    fn columns_of_unequal_length_are_refused() {
        let columns: Columns = serde_json::from_value(json!({ "ids": ["a", "b"], "documents": ["x"] })).unwrap();
        assert_eq!(columns.records(false).unwrap_err(), "1 documents for 2 ids");
    }

    #[test]
    fn a_vector_of_nulls_is_nan_not_an_error() {
        let columns: Columns = serde_json::from_value(json!({ "ids": ["a"], "embeddings": [[null, 1.5]] })).unwrap();
        let records = columns.records(true).unwrap();
        let Some(Vector::Dense(values)) = records[0].vectors.as_ref().and_then(|v| v.get("")) else { panic!("dense") };
        assert!(values[0].is_nan());
        assert_eq!(values[1], 1.5);
    }
}
