//! What an index is: its mapping in our words.

use serde_json::Value;

use crate::provider::model::{CollectionSummary, Count, Metric, PayloadField, VectorKind, VectorSpec};

/// An index with vector fields: our collection.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Index {
    /// Its name.
    pub(super) name: String,
    /// Its vector fields.
    pub(super) vectors: Vec<VectorField>,
    /// Its other fields, with those in objects and those below another field.
    pub(super) fields: Vec<Field>,
    /// The mapping as it came.
    pub(super) raw: Value,
}

/// A field of vectors.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct VectorField {
    /// Its name here: `""` if it is the only one and is called `vector`.
    pub(super) name: String,
    /// Its path, with points.
    pub(super) path: String,
    /// Number of dimensions, if the mapping tells.
    pub(super) dimension: Option<usize>,
    /// What the scores mean; `None` for one that we do not know.
    pub(super) similarity: Option<Similarity>,
    /// Whether there is a vector index.
    pub(super) indexed: bool,
    words: String,
}

/// The similarity of a field, named after what the score of a hit is made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Similarity {
    /// `(1 + cosine) / 2`.
    Cosine,
    /// `1 / (1 + (1 - cosine))`, of the engine nmslib.
    CosineDistance,
    /// `(1 + dot) / 2`, of normalised vectors.
    UnitDot,
    /// `dot + 1`, and `1 / (1 - dot)` below zero.
    Dot,
    /// `1 / (1 + distance²)`.
    SquaredEuclidean,
    /// `1 / (1 + distance)`.
    Manhattan,
}

/// A field that is no vector.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Field {
    /// Its path, with points.
    pub(super) path: String,
    /// The type, e.g. `keyword`.
    pub(super) kind: String,
    /// Texts longer than that are not in the index.
    pub(super) ignore_above: Option<u64>,
    /// Whether the index holds what the document has, and nothing made of it.
    pub(super) plain: bool,
    /// Whether it is another view of the field above it.
    pub(super) below: bool,
}

impl Field {
    /// Whether its texts are cut into words, which a search by words finds.
    pub(super) fn has_words(&self) -> bool {
        self.plain && matches!(self.kind.as_str(), "text" | "match_only_text" | "search_as_you_type" | "annotated_text")
    }
}

impl Similarity {
    /// The metric in our words.
    pub(super) fn metric(self) -> Metric {
        match self {
            Self::Cosine | Self::CosineDistance => Metric::Cosine,
            Self::UnitDot | Self::Dot => Metric::Dot,
            Self::SquaredEuclidean => Metric::Euclidean,
            Self::Manhattan => Metric::Manhattan,
        }
    }

    /// The value of our metric for the score of a hit.
    pub(super) fn value(self, score: f64) -> f64 {
        match self {
            Self::Cosine | Self::UnitDot => 2.0 * score - 1.0,
            Self::CosineDistance => 2.0 - 1.0 / score,
            Self::Dot if score < 1.0 => 1.0 - 1.0 / score,
            Self::Dot => score - 1.0,
            Self::SquaredEuclidean => (1.0 / score - 1.0).max(0.0).sqrt(),
            Self::Manhattan => (1.0 / score - 1.0).max(0.0),
        }
    }
}

impl Index {
    /// Reads the mapping of one index, `{"mappings": {"properties": {..}}}`.
    pub(super) fn read(name: &str, raw: &Value) -> Self {
        let mut index = Self { name: name.to_owned(), vectors: Vec::new(), fields: Vec::new(), raw: raw.clone() };
        if let Some(properties) = raw.pointer("/mappings/properties") {
            index.properties("", properties, false);
        }
        if let [only] = index.vectors.as_mut_slice()
            && only.path == LONE
        {
            only.name.clear();
        }
        index
    }

    fn properties(&mut self, above: &str, properties: &Value, below: bool) {
        for (key, field) in properties.as_object().into_iter().flatten() {
            let path = if above.is_empty() { key.clone() } else { format!("{above}.{key}") };
            let kind = field.get("type").and_then(Value::as_str).unwrap_or("object");
            match kind {
                "dense_vector" => self.vectors.push(VectorField::dense(path, field)),
                "knn_vector" => self.vectors.push(VectorField::knn(path, field)),
                _ => {
                    self.fields.push(Field {
                        kind: kind.to_owned(),
                        ignore_above: field.get("ignore_above").and_then(Value::as_u64),
                        plain: is_plain(field),
                        below,
                        path: path.clone(),
                    });
                    // Objects of a nested field are documents of their own: their vectors are not records'.
                    if kind == "object"
                        && let Some(inner) = field.get("properties")
                    {
                        self.properties(&path, inner, below);
                    }
                    if let Some(inner) = field.get("fields") {
                        self.properties(&path, inner, true);
                    }
                }
            }
        }
    }

    /// The vector field of that name, the first without one.
    pub(super) fn vector(&self, name: Option<&str>) -> Option<&VectorField> {
        match name {
            None => self.vectors.first(),
            Some(name) => self.vectors.iter().find(|field| field.name == name || field.path == name),
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

    /// The fields of the payload.
    pub(super) fn payload_fields(&self) -> Vec<PayloadField> {
        let fields = self.fields.iter().filter(|field| field.kind != "object");
        fields.map(|field| PayloadField { path: field.path.clone(), kind: field.kind.clone(), indexed: None }).collect()
    }
}

/// The path of the only vector field of a collection with an unnamed vector.
pub(super) const LONE: &str = "vector";

/// Whether the index has the values of the documents as they are.
fn is_plain(field: &Value) -> bool {
    let off = |name: &str| field.get(name) == Some(&Value::Bool(false));
    let changed =
        ["normalizer", "null_value", "script"].iter().any(|name| field.get(*name).is_some_and(|v| !v.is_null()));
    !changed && !off("index") && field.get("type").is_some_and(|kind| kind != "alias")
}

impl VectorField {
    fn dense(path: String, field: &Value) -> Self {
        let text = |name: &str| field.get(name).and_then(Value::as_str);
        // Without an index there is no similarity: scores are those of our own script.
        let indexed = field.get("index").and_then(Value::as_bool).unwrap_or(true);
        let similarity = match text("similarity") {
            None | Some("cosine") => Some(Similarity::Cosine),
            Some("dot_product") => Some(Similarity::UnitDot),
            Some("max_inner_product") => Some(Similarity::Dot),
            Some("l2_norm") => Some(Similarity::SquaredEuclidean),
            Some(_) => None,
        };
        let options = field.get("index_options").and_then(|options| options.get("type")).and_then(Value::as_str);
        let words = if indexed { options.unwrap_or("hnsw") } else { "none" };
        // Of vectors of bytes and bits the score has other scales.
        let plain = matches!(text("element_type"), None | Some("float" | "bfloat16"));
        Self::new(path, field.get("dims"), similarity.filter(|_| plain), indexed, words.to_owned())
    }

    fn knn(path: String, field: &Value) -> Self {
        let method = field.get("method");
        let text = |name: &str| {
            let own = field.get(name).and_then(Value::as_str);
            method.and_then(|method| method.get(name)?.as_str()).or(own)
        };
        let engine = text("engine").unwrap_or("faiss");
        let similarity = match text("space_type") {
            None | Some("l2") => Some(Similarity::SquaredEuclidean),
            Some("cosinesimil") if engine == "nmslib" => Some(Similarity::CosineDistance),
            Some("cosinesimil") => Some(Similarity::Cosine),
            Some("innerproduct") => Some(Similarity::Dot),
            Some("l1") => Some(Similarity::Manhattan),
            Some(_) => None,
        };
        let plain = matches!(text("data_type"), None | Some("float"));
        let words = format!("{} {engine}", text("name").unwrap_or("hnsw"));
        Self::new(path, field.get("dimension"), similarity.filter(|_| plain), true, words)
    }

    fn new(
        path: String,
        dimension: Option<&Value>,
        similarity: Option<Similarity>,
        indexed: bool,
        words: String,
    ) -> Self {
        let dimension = dimension.and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok());
        Self { name: path.clone(), path, dimension, similarity, indexed, words }
    }

    fn spec(&self) -> VectorSpec {
        VectorSpec {
            name: self.name.clone(),
            kind: VectorKind::Dense,
            dimension: self.dimension,
            metric: self.similarity.map(Similarity::metric),
            index: Some(self.words.clone()),
            embedder: None,
        }
    }
}
