//! A class as Weaviate describes it: properties with their types, vectors, tenants. Pure.

use serde_json::Value;

use crate::provider::model::{Metric, PayloadField, VectorKind, VectorSpec};

/// A class, Weaviate's word for a collection.
#[derive(Debug, Clone)]
pub(super) struct Class {
    /// Its name.
    pub(super) name: String,
    /// Its properties.
    pub(super) properties: Vec<Property>,
    /// Its vectors; one with the name `""` is Weaviate's unnamed one.
    pub(super) vectors: Vec<VectorSpec>,
    /// Whether each object belongs to a tenant.
    pub(super) has_tenants: bool,
    /// Whether it can be asked for missing values (`indexNullState`).
    pub(super) knows_null: bool,
    /// As the server describes it.
    pub(super) raw: Value,
}

/// A property of a class, or of an object in it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Property {
    /// Its name.
    pub(super) name: String,
    /// Its type.
    pub(super) kind: Kind,
    /// Whether it can be filtered by.
    pub(super) filterable: bool,
    /// How its texts are cut for filters; `field` leaves them whole.
    pub(super) tokenization: Option<String>,
    /// The properties of an object.
    pub(super) nested: Vec<Property>,
}

/// A type: what a single value is, and whether the property has an array of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Kind {
    /// The type of one value.
    pub(super) element: Element,
    /// Whether it is an array.
    pub(super) array: bool,
}

/// The type of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Element {
    /// `text`, `string`.
    Text,
    /// `int`.
    Int,
    /// `number`.
    Number,
    /// `boolean`.
    Boolean,
    /// `uuid`.
    Uuid,
    /// `object`.
    Object,
    /// References to objects of these classes.
    Reference(String),
    /// `date`, `geoCoordinates`, `phoneNumber`, `blob`, and what a later version adds.
    Other(String),
}

impl Class {
    /// Reads one of the server's descriptions.
    ///
    /// # Errors
    /// What is missing.
    pub(super) fn read(raw: Value) -> Result<Self, String> {
        let name = raw.get("class").and_then(Value::as_str).ok_or("a class without a name")?.to_owned();
        let flag = |outer: &str, inner: &str| raw.get(outer).and_then(|o| o.get(inner)) == Some(&Value::Bool(true));
        Ok(Self {
            properties: properties(raw.get("properties"))?,
            vectors: vectors(&raw),
            has_tenants: flag("multiTenancyConfig", "enabled"),
            knows_null: flag("invertedIndexConfig", "indexNullState"),
            name,
            raw,
        })
    }

    /// The property of that name.
    pub(super) fn property(&self, name: &str) -> Option<&Property> {
        self.properties.iter().find(|property| property.name == name)
    }

    /// Its properties, those of objects with their paths.
    pub(super) fn fields(&self) -> Vec<PayloadField> {
        fn add(fields: &mut Vec<PayloadField>, before: &str, properties: &[Property]) {
            for property in properties {
                let path = format!("{before}{}", property.name);
                add_one(fields, &path, property);
                add(fields, &format!("{path}."), &property.nested);
            }
        }
        fn add_one(fields: &mut Vec<PayloadField>, path: &str, property: &Property) {
            let mut kind = property.kind.to_string();
            if let Some(tokenization) = &property.tokenization {
                kind += &format!(", {tokenization}");
            }
            if !property.filterable {
                kind += ", not filterable";
            }
            fields.push(PayloadField { path: path.to_owned(), kind, indexed: None });
        }
        let mut fields = Vec::new();
        add(&mut fields, "", &self.properties);
        fields
    }
}

impl Kind {
    fn read(name: &str) -> Self {
        let (element, array) = name.strip_suffix("[]").map_or((name, false), |element| (element, true));
        let element = match element {
            "text" | "string" => Element::Text,
            "int" => Element::Int,
            "number" => Element::Number,
            "boolean" => Element::Boolean,
            "uuid" => Element::Uuid,
            "object" => Element::Object,
            class if class.starts_with(|c: char| c.is_ascii_uppercase()) => Element::Reference(class.to_owned()),
            other => Element::Other(other.to_owned()),
        };
        Self { element, array }
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match &self.element {
            Element::Text => "text",
            Element::Int => "int",
            Element::Number => "number",
            Element::Boolean => "boolean",
            Element::Uuid => "uuid",
            Element::Object => "object",
            Element::Reference(class) => class,
            Element::Other(name) => name,
        })?;
        f.write_str(if self.array { "[]" } else { "" })
    }
}

fn properties(list: Option<&Value>) -> Result<Vec<Property>, String> {
    let Some(list) = list.and_then(Value::as_array) else { return Ok(Vec::new()) };
    list.iter().map(property).collect()
}

fn property(raw: &Value) -> Result<Property, String> {
    let text = |key: &str| raw.get(key).and_then(Value::as_str).map(str::to_owned);
    let name = text("name").ok_or("a property without a name")?;
    // Several types are several classes that a reference may lead to.
    let kind = raw.get("dataType").and_then(|types| types.get(0)).and_then(Value::as_str);
    let kind = kind.ok_or_else(|| format!("the property {name:?} without a type"))?;
    Ok(Property {
        name,
        kind: Kind::read(kind),
        // Old servers leave it out where it is the default, which is yes.
        filterable: raw.get("indexFilterable") != Some(&Value::Bool(false)),
        tokenization: text("tokenization").filter(|tokenization| !tokenization.is_empty()),
        nested: properties(raw.get("nestedProperties"))?,
    })
}

fn vectors(raw: &Value) -> Vec<VectorSpec> {
    let mut found = Vec::new();
    let unnamed = raw.get("vectorIndexType").and_then(Value::as_str).is_some_and(|kind| !kind.is_empty());
    if unnamed {
        found.push(vector("", raw));
    }
    if let Some(named) = raw.get("vectorConfig").and_then(Value::as_object) {
        found.extend(named.iter().map(|(name, config)| vector(name, config)));
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

fn vector(name: &str, raw: &Value) -> VectorSpec {
    let config = raw.get("vectorIndexConfig").unwrap_or(&Value::Null);
    let on = |key: &str| config.get(key).and_then(|part| part.get("enabled")) == Some(&Value::Bool(true));
    let metric = match config.get("distance").and_then(Value::as_str) {
        Some("cosine") => Some(Metric::Cosine),
        Some("dot") => Some(Metric::Dot),
        Some("l2-squared") => Some(Metric::Euclidean),
        Some("manhattan") => Some(Metric::Manhattan),
        // `hamming` has no name here
        _ => None,
    };
    let mut index = raw.get("vectorIndexType").and_then(Value::as_str).unwrap_or("no index").to_owned();
    for (key, label) in [("maxConnections", "m"), ("efConstruction", "ef_construction"), ("ef", "ef")] {
        if let Some(value) = config.get(key).and_then(Value::as_i64) {
            index += &format!(" {label}={value}");
        }
    }
    for quantization in ["pq", "bq", "sq", "rq"].into_iter().filter(|key| on(key)) {
        index += &format!(" {quantization}");
    }
    if config.get("skip") == Some(&Value::Bool(true)) {
        index += " skipped";
    }
    if let Some(vectorizer) = vectorizer(raw) {
        index += &format!(", made by {vectorizer}");
    }
    let kind = if on("multivector") { VectorKind::Multi } else { VectorKind::Dense };
    VectorSpec { name: name.to_owned(), kind, dimension: None, metric, index: Some(index), embedder: embedder(raw) }
}

/// The module that makes the vectors, if one does.
fn vectorizer(raw: &Value) -> Option<&str> {
    let module = match raw.get("vectorizer")? {
        Value::String(module) => module.as_str(),
        Value::Object(modules) => modules.keys().next()?.as_str(),
        _ => return None,
    };
    (module != "none" && !module.is_empty()).then_some(module)
}

/// That module, if it makes vectors of text too.
fn embedder(raw: &Value) -> Option<String> {
    let module = vectorizer(raw)?;
    (module.starts_with("text2") || module.starts_with("multi2")).then(|| module.to_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use serde_json::json;

    use super::*;

    #[test]
    fn a_class_with_named_vectors_and_objects_is_read() {
        let class = Class::read(json!({
            "class": "Books",
            "multiTenancyConfig": { "enabled": true },
            "invertedIndexConfig": { "indexNullState": true },
            "properties": [
                { "name": "title", "dataType": ["text"], "tokenization": "word" },
                { "name": "author", "dataType": ["object"], "nestedProperties": [
                    { "name": "names", "dataType": ["text[]"], "tokenization": "field", "indexFilterable": false } ] },
                { "name": "sequel", "dataType": ["Books", "Films"] },
            ],
            "vectorConfig": {
                "b": { "vectorIndexType": "hnsw", "vectorIndexConfig": { "distance": "hamming", "bq": { "enabled": true } },
                       "vectorizer": { "text2vec-openai": { "model": "x" } } },
                "a": { "vectorIndexType": "flat", "vectorizer": { "none": {} },
                       "vectorIndexConfig": { "distance": "l2-squared", "multivector": { "enabled": true } } },
            },
        }))
        .unwrap();
        assert!(class.has_tenants && class.knows_null);
        let vectors: Vec<_> = class.vectors.iter().map(|v| (v.name.as_str(), v.kind, v.metric)).collect();
        assert_eq!(vectors, [("a", VectorKind::Multi, Some(Metric::Euclidean)), ("b", VectorKind::Dense, None)]);
        assert_eq!(class.vectors[1].index.as_deref(), Some("hnsw bq, made by text2vec-openai"));
        let embedders: Vec<_> = class.vectors.iter().map(|v| v.embedder.as_deref()).collect();
        assert_eq!(embedders, [None, Some("text2vec-openai")]);
        assert_eq!(embedder(&json!({ "vectorizer": "img2vec-neural" })), None);
        assert_eq!(embedder(&json!({ "vectorizer": { "multi2vec-clip": {} } })).as_deref(), Some("multi2vec-clip"));
        let fields: Vec<_> = class.fields().into_iter().map(|f| format!("{}: {}", f.path, f.kind)).collect();
        let expected =
            ["title: text, word", "author: object", "author.names: text[], field, not filterable", "sequel: Books"];
        assert_eq!(fields, expected);
    }

    #[test]
    fn the_unnamed_vector_has_no_name() {
        let raw = json!({ "class": "A", "vectorizer": "none", "vectorIndexType": "hnsw",
                          "vectorIndexConfig": { "distance": "dot", "maxConnections": 32 }, "properties": null });
        let class = Class::read(raw).unwrap();
        assert_eq!(class.vectors.len(), 1);
        assert_eq!((class.vectors[0].name.as_str(), class.vectors[0].metric), ("", Some(Metric::Dot)));
        assert_eq!(class.vectors[0].index.as_deref(), Some("hnsw m=32"));
        assert!(Class::read(json!({ "name": "A" })).is_err());
    }
}
