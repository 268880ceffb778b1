//! What a collection's fields are to us: one is the id, some are vectors, the rest is payload.

use serde_json::{Value, json};

use super::proto::{self, data_type, value_of};
use super::vectors::VectorType;
use crate::provider::model::{Metric, PayloadField, VectorKind, VectorSpec};

/// The key field of collections that this program makes. Records may have an `id` in their payload, so
/// that common name is left to them.
pub(super) const OWN_KEY: &str = "_id";
/// The field of the unnamed vector in such collections.
pub(super) const OWN_VECTOR: &str = "_vector";
/// The hidden field that holds dynamic fields.
pub(super) const DYNAMIC: &str = "$meta";

/// A collection's fields.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Layout {
    pub(super) collection: String,
    /// The partition that is read and written; `None` for all of them.
    pub(super) partition: Option<String>,
    /// The server itself spreads the records over partitions, by a field: no request may name one.
    pub(super) keyed: bool,
    pub(super) key: Key,
    pub(super) vectors: Vec<VectorField>,
    /// The declared fields that make up the payload, together with the dynamic ones.
    pub(super) fields: Vec<Field>,
    /// Whether records may have fields that the schema does not name.
    pub(super) dynamic: bool,
    /// Fields of types that are not shown.
    pub(super) hidden: Vec<(String, i32)>,
}

/// The primary key.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Key {
    pub(super) field: String,
    /// A text, else a whole number.
    pub(super) text: bool,
    /// The server makes it.
    pub(super) automatic: bool,
}

/// A vector field.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct VectorField {
    pub(super) field: String,
    /// The name that we show: none for the only vector of a collection that we made.
    pub(super) name: String,
    pub(super) kind: VectorType,
    pub(super) dimension: Option<usize>,
    pub(super) nullable: bool,
    /// The server computes it from another field.
    pub(super) computed: bool,
}

/// A declared field of the payload.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) kind: i32,
    /// The kind of an array's elements.
    pub(super) element: i32,
    pub(super) nullable: bool,
}

impl Layout {
    /// What the server's schema means.
    ///
    /// # Errors
    /// What is missing in it.
    pub(super) fn of(collection: &str, schema: &proto::CollectionSchema) -> Result<Self, String> {
        let mut layout = Self {
            collection: collection.to_owned(),
            partition: None,
            keyed: schema.fields.iter().any(|field| field.is_partition_key),
            key: Key { field: String::new(), text: false, automatic: false },
            vectors: Vec::new(),
            fields: Vec::new(),
            dynamic: schema.enable_dynamic_field,
            hidden: Vec::new(),
        };
        for field in &schema.fields {
            if field.is_primary_key {
                let text = match field.data_type {
                    data_type::INT64 => false,
                    data_type::VARCHAR => true,
                    other => return Err(format!("a key of the type {}", data_type::name(other))),
                };
                layout.key = Key { field: field.name.clone(), text, automatic: field.auto_id };
            } else if let Some(kind) = VectorType::of(field.data_type) {
                layout.vectors.push(vector_field(field, kind));
            } else if field.is_dynamic || field.name == DYNAMIC {
                layout.dynamic = true;
            } else if is_shown(field.data_type) {
                layout.fields.push(Field {
                    name: field.name.clone(),
                    kind: field.data_type,
                    element: field.element_type,
                    nullable: field.nullable,
                });
            } else {
                layout.hidden.push((field.name.clone(), field.data_type));
            }
        }
        if layout.key.field.is_empty() {
            return Err("a schema without a key field".to_owned());
        }
        if let [only] = layout.vectors.as_mut_slice()
            && only.field == OWN_VECTOR
        {
            only.name.clear();
        }
        Ok(layout)
    }

    /// The name that we show: `collection`, or `collection/partition`.
    pub(super) fn name(&self) -> String {
        match &self.partition {
            Some(partition) => format!("{}/{partition}", self.collection),
            None => self.collection.clone(),
        }
    }

    /// One of its partitions.
    pub(super) fn of_partition(&self, partition: &str) -> Self {
        Self { partition: Some(partition.to_owned()), ..self.clone() }
    }

    /// The partitions that a question is about: none means all.
    pub(super) fn partitions(&self) -> Vec<String> {
        self.partition.iter().cloned().collect()
    }

    /// The declared field of that name.
    pub(super) fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// What a read asks for.
    pub(super) fn output(&self, with_vectors: bool) -> Vec<String> {
        let mut names = vec![self.key.field.clone()];
        names.extend(self.fields.iter().map(|field| field.name.clone()));
        if self.dynamic {
            names.push(DYNAMIC.to_owned());
        }
        if with_vectors {
            names.extend(self.vectors.iter().map(|vector| vector.field.clone()));
        }
        names
    }

    /// The vector fields, with what their indexes tell.
    pub(super) fn specs(&self, indexes: &[proto::IndexDescription]) -> Vec<VectorSpec> {
        self.vectors
            .iter()
            .map(|vector| {
                let index = indexes.iter().find(|index| index.field_name == vector.field);
                VectorSpec {
                    name: vector.name.clone(),
                    kind: if vector.kind == VectorType::Sparse { VectorKind::Sparse } else { VectorKind::Dense },
                    dimension: vector.dimension,
                    metric: index.and_then(|index| metric(value_of(&index.params, "metric_type")?)),
                    index: index.map(in_words),
                    embedder: None,
                }
            })
            .collect()
    }

    /// The payload's fields that the schema names.
    pub(super) fn payload_fields(&self, indexes: &[proto::IndexDescription]) -> Vec<PayloadField> {
        self.fields
            .iter()
            .map(|field| {
                let index = indexes.iter().find(|index| index.field_name == field.name);
                let null = if field.nullable { ", may be null" } else { "" };
                let kind = match field.kind {
                    data_type::ARRAY => format!("Array of {}{null}", data_type::name(field.element)),
                    kind => format!("{}{null}", data_type::name(kind)),
                };
                let indexed = index.and_then(|index| u64::try_from(index.indexed_rows).ok());
                PayloadField { path: field.name.clone(), kind, indexed }
            })
            .collect()
    }

    /// For the description of the collection.
    pub(super) fn hidden_fields(&self) -> Value {
        let fields = self.hidden.iter().map(|(name, kind)| json!({ "name": name, "type": data_type::name(*kind) }));
        Value::Array(fields.collect())
    }
}

/// Types of the payload that can be read; later Milvus has more.
fn is_shown(kind: i32) -> bool {
    matches!(
        kind,
        data_type::BOOL
            | data_type::INT8
            | data_type::INT16
            | data_type::INT32
            | data_type::INT64
            | data_type::FLOAT
            | data_type::DOUBLE
            | data_type::STRING
            | data_type::VARCHAR
            | data_type::ARRAY
            | data_type::JSON
            | data_type::GEOMETRY
            | data_type::TEXT
            | data_type::TIMESTAMPTZ
    )
}

fn vector_field(field: &proto::FieldSchema, kind: VectorType) -> VectorField {
    VectorField {
        field: field.name.clone(),
        name: field.name.clone(),
        kind,
        dimension: value_of(&field.type_params, "dim").and_then(|dim| dim.parse().ok()),
        nullable: field.nullable,
        computed: field.is_function_output,
    }
}

/// Our metric for Milvus' word. The Hamming distance of bits, which we show as numbers 0 and 1, is their
/// Manhattan distance.
pub(super) fn metric(word: &str) -> Option<Metric> {
    match word.to_ascii_uppercase().as_str() {
        "COSINE" => Some(Metric::Cosine),
        "IP" => Some(Metric::Dot),
        "L2" => Some(Metric::Euclidean),
        "HAMMING" => Some(Metric::Manhattan),
        _ => None,
    }
}

fn in_words(index: &proto::IndexDescription) -> String {
    let kind = value_of(&index.params, "index_type").unwrap_or("unknown").to_lowercase();
    let mut words = vec![kind];
    // The build parameters come in one text of JSON, or each by itself.
    let nested: Value =
        value_of(&index.params, "params").and_then(|text| serde_json::from_str(text).ok()).unwrap_or(Value::Null);
    let single = index.params.iter().map(|pair| (pair.key.clone(), pair.value.clone()));
    let nested = nested.as_object().into_iter().flatten().map(|(key, value)| (key.clone(), value.to_string()));
    let mut told: Vec<String> = single
        .chain(nested)
        .filter(|(key, _)| !matches!(key.as_str(), "index_type" | "metric_type" | "params" | "search_params" | "dim"))
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    told.sort();
    told.dedup();
    words.extend(told);
    words.join(" ")
}

#[cfg(test)]
pub(super) mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use super::*;
    use crate::provider::milvus::proto::{FieldSchema, KeyValuePair};

    /// A declared field.
    pub(in crate::provider::milvus) fn field(name: &str, kind: i32) -> FieldSchema {
        FieldSchema { name: name.to_owned(), data_type: kind, ..FieldSchema::default() }
    }

    /// A collection with a text key, a vector of two dimensions, and these fields.
    pub(in crate::provider::milvus) fn layout(fields: Vec<FieldSchema>, dynamic: bool) -> Layout {
        let mut key = field(OWN_KEY, data_type::VARCHAR);
        key.is_primary_key = true;
        let mut vector = field(OWN_VECTOR, data_type::FLOAT_VECTOR);
        vector.type_params = vec![KeyValuePair::new("dim", "2")];
        let fields = [key, vector].into_iter().chain(fields).collect();
        let schema =
            proto::CollectionSchema { fields, enable_dynamic_field: dynamic, ..proto::CollectionSchema::default() };
        Layout::of("docs", &schema).unwrap()
    }

    #[test]
    fn only_a_lone_vector_of_our_own_name_is_unnamed() {
        assert_eq!(layout(Vec::new(), true).vectors[0].name, "");
        let two = layout(vec![field("words", data_type::SPARSE_FLOAT_VECTOR)], false);
        assert_eq!(two.vectors.iter().map(|v| v.name.as_str()).collect::<Vec<_>>(), [OWN_VECTOR, "words"]);
    }

    #[test]
    fn a_schema_without_a_key_or_with_an_odd_one_is_told() {
        let empty = proto::CollectionSchema::default();
        assert_eq!(Layout::of("docs", &empty).unwrap_err(), "a schema without a key field");
        let mut key = field("k", data_type::BOOL);
        key.is_primary_key = true;
        let odd = proto::CollectionSchema { fields: vec![key], ..proto::CollectionSchema::default() };
        assert_eq!(Layout::of("docs", &odd).unwrap_err(), "a key of the type Bool");
    }

    #[test]
    fn fields_of_unknown_types_are_not_asked_for() {
        let layout = layout(vec![field("n", data_type::INT64), field("new", 31)], true);
        assert_eq!(layout.output(false), ["_id", "n", "$meta"]);
        assert_eq!(layout.output(true), ["_id", "n", "$meta", "_vector"]);
        assert_eq!(layout.hidden_fields()[0]["name"], "new");
    }
}
