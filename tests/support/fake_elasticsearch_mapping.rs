//! The mapping of the fake: what a first value makes of a field, and what fits a field afterwards.

use serde_json::{Map, Value, json};

use super::{Document, Refused, bad, only};

/// The most fields of an index (`index.mapping.total_fields.limit`).
const MOST_FIELDS: usize = 1_000;
/// How deep objects may lie (`index.mapping.depth.limit`).
const DEEPEST: usize = 20;

/// A mapping.
#[derive(Clone)]
pub struct Mapping {
    properties: Map<String, Value>,
    rest: Map<String, Value>,
    fields: usize,
}

impl Mapping {
    /// Reads `mappings` of a request.
    pub fn read(mappings: &Value, open: bool) -> Result<Self, Refused> {
        let known = ["properties", "dynamic_templates", "date_detection", "dynamic"];
        let mut rest = only("_doc", mappings, &known)?.clone();
        let properties = rest.shift_remove("properties").unwrap_or_else(|| json!({}));
        let Value::Object(properties) = properties else { return Err(bad("mapper_parsing_exception", "properties")) };
        for (name, field) in &properties {
            check(name, field, open)?;
        }
        let fields = count(&properties);
        Ok(Self { properties, rest, fields })
    }

    /// As `GET _mapping` shows it.
    pub fn shown(&self) -> Value {
        let mut all = self.rest.clone();
        all.insert("properties".to_owned(), Value::Object(self.properties.clone()));
        json!({ "mappings": all })
    }

    /// The paths of its vectors.
    pub fn vectors(&self) -> Vec<String> {
        let vectors = self.properties.iter().filter(|(_, field)| is_vector(field));
        vectors.map(|(name, _)| name.clone()).collect()
    }

    pub fn has_vectors(&self) -> bool {
        !self.vectors().is_empty()
    }

    /// The field at a path, and the path where documents have its values: that above it for another
    /// view of a field.
    pub fn field<'a>(&'a self, path: &'a str) -> Option<(&'a Value, &'a str)> {
        let (mut found, mut inner, mut values) = (None, Some(&self.properties), path);
        let mut end = 0;
        for part in path.split('.') {
            let field = inner?.get(part)?;
            let above = end;
            end += part.len() + usize::from(end > 0);
            inner = match field.get("properties") {
                Some(properties) => properties.as_object(),
                None => field.get("fields").and_then(Value::as_object),
            };
            // Behind a value no object goes on.
            if found.is_some_and(|above: &Value| above.get("type").is_some()) {
                values = &path[..above];
            }
            found = Some(field);
        }
        found.map(|field| (field, values))
    }

    /// Takes a document in: new fields are made, known ones must fit.
    pub fn learn(&mut self, id: &str, document: &Map<String, Value>) -> Result<(), String> {
        let mut new = Vec::new();
        for (key, value) in document {
            self.look(&[], key, value, &mut new)?;
        }
        if self.fields + new.len() > MOST_FIELDS {
            return Err(format!("Limit of total fields [{MOST_FIELDS}] has been exceeded while adding new fields"));
        }
        for (path, kind) in new {
            self.add(&path, kind).map_err(|words| format!("{words} in document with id '{id}'"))?;
        }
        Ok(())
    }

    fn look(
        &self,
        above: &[String],
        key: &str,
        value: &Value,
        new: &mut Vec<(Vec<String>, Value)>,
    ) -> Result<(), String> {
        if key.trim().is_empty() {
            return Err("field name cannot be an empty string".to_owned());
        }
        let mut path = above.to_vec();
        for part in key.split('.') {
            if part.trim().is_empty() {
                return Err(format!("field name cannot contain only whitespace or begin or end with a point: [{key}]"));
            }
            path.push(part.to_owned());
        }
        if path.len() > DEEPEST {
            return Err(format!("Limit of mapping depth [{DEEPEST}] has been exceeded due to object field [{key}]"));
        }
        let name = path.join(".");
        let known = self.field(&name).map(|(field, _)| field.clone());
        let known = known.or_else(|| new.iter().find(|(other, _)| *other == path).map(|(_, field)| field.clone()));
        if let Some(field) = known.as_ref().filter(|field| is_vector(field)) {
            return vector(&name, field, value);
        }
        match value {
            Value::Null => Ok(()),
            Value::Array(list) => list.iter().try_for_each(|value| self.look(above, key, value, new)),
            Value::Object(inner) => {
                match known.as_ref().and_then(|field| field.get("type")) {
                    Some(kind) if kind != "object" => {
                        return Err(format!("failed to parse field [{name}] of type [{kind}]: it is an object"));
                    }
                    _ => {}
                }
                if known.is_none() {
                    new.push((path.clone(), json!({ "properties": {} })));
                }
                inner.iter().try_for_each(|(key, value)| self.look(&path, key, value, new))
            }
            scalar => match known {
                Some(field) => fits(&name, &field, scalar),
                None => {
                    let field = self.dynamic(scalar);
                    fits(&name, &field, scalar)?;
                    new.push((path, field));
                    Ok(())
                }
            },
        }
    }

    /// What a new value makes of its field.
    fn dynamic(&self, value: &Value) -> Value {
        let (kind, plain) = match value {
            Value::String(_) => {
                let keyword = json!({ "keyword": { "type": "keyword", "ignore_above": 256 } });
                ("string", json!({ "type": "text", "fields": keyword }))
            }
            Value::Bool(_) => ("boolean", json!({ "type": "boolean" })),
            value if value.is_f64() => ("double", json!({ "type": "float" })),
            _ => ("long", json!({ "type": "long" })),
        };
        let templates = self.rest.get("dynamic_templates").and_then(Value::as_array);
        let mut templates = templates.into_iter().flatten().filter_map(|one| one.as_object()?.values().next());
        let template = templates.find(|template| template["match_mapping_type"] == kind);
        template.map_or(plain, |template| template["mapping"].clone())
    }

    fn add(&mut self, path: &[String], field: Value) -> Result<(), String> {
        let Some((name, above)) = path.split_last() else { return Ok(()) };
        let mut inner = &mut self.properties;
        for part in above {
            let object = inner.entry(part.clone()).or_insert_with(|| json!({ "properties": {} }));
            let Some(properties) = object.get_mut("properties").and_then(Value::as_object_mut) else {
                return Err(format!(
                    "object mapping for [{part}] tried to parse it as object, but found a concrete value"
                ));
            };
            inner = properties;
        }
        inner.entry(name.clone()).or_insert(field);
        self.fields += 1;
        Ok(())
    }
}

/// The values of a path in a document, elements of arrays each for itself.
pub fn values<'a>(document: &'a Document, path: &str) -> Vec<&'a Value> {
    let mut found = Vec::new();
    gather(&document.source, path, &mut found);
    found
}

fn gather<'a>(object: &'a Map<String, Value>, path: &str, found: &mut Vec<&'a Value>) {
    for (key, value) in object {
        if key == path {
            flatten(value, found);
        } else if let Some(rest) = path.strip_prefix(key.as_str()).and_then(|rest| rest.strip_prefix('.')) {
            let mut inner = Vec::new();
            flatten(value, &mut inner);
            inner.into_iter().filter_map(Value::as_object).for_each(|object| gather(object, rest, found));
        }
    }
}

fn flatten<'a>(value: &'a Value, found: &mut Vec<&'a Value>) {
    match value {
        Value::Null => {}
        Value::Array(list) => list.iter().for_each(|value| flatten(value, found)),
        value => found.push(value),
    }
}

/// Takes what is at a path out of a document.
pub fn remove(object: &mut Map<String, Value>, path: &str) {
    object.shift_remove(path);
    for (key, value) in object.iter_mut() {
        let rest = path.strip_prefix(key.as_str()).and_then(|rest| rest.strip_prefix('.'));
        if let (Some(rest), Value::Object(inner)) = (rest, value) {
            remove(inner, rest);
        }
    }
}

fn is_vector(field: &Value) -> bool {
    matches!(field["type"].as_str(), Some("dense_vector" | "knn_vector"))
}

fn count(properties: &Map<String, Value>) -> usize {
    let inner = |field: &Value, key: &str| field[key].as_object().map_or(0, count);
    properties.values().map(|field| 1 + inner(field, "properties") + inner(field, "fields")).sum()
}

/// Whether a field of a new mapping is one.
fn check(name: &str, field: &Value, open: bool) -> Result<(), Refused> {
    let wrong = |words: &str| bad("mapper_parsing_exception", format!("Failed to parse mapping: {words} on [{name}]"));
    let kind = field["type"].as_str().unwrap_or("object");
    let known: &[&str] = match kind {
        "dense_vector" if !open => &["type", "dims", "index", "similarity", "element_type", "index_options"],
        "knn_vector" if open => &["type", "dimension", "method", "data_type", "space_type"],
        "keyword" => &["type", "ignore_above", "normalizer", "fields", "index"],
        "text" => &["type", "fields", "index", "analyzer"],
        "object" => &["type", "properties", "dynamic"],
        "nested" => &["type", "properties"],
        "long" | "integer" | "double" | "float" | "boolean" | "date" => &["type", "index", "coerce"],
        _ => return Err(wrong(&format!("No handler for type [{kind}]"))),
    };
    only(name, field, known)?;
    let within = |key: &str, most: u64| field[key].as_u64().is_some_and(|n| (1..=most).contains(&n));
    match kind {
        "dense_vector" => {
            let similarity = field["similarity"].as_str().unwrap_or("cosine");
            if !within("dims", 4_096)
                || !["l2_norm", "dot_product", "cosine", "max_inner_product"].contains(&similarity)
            {
                return Err(wrong("dims or similarity"));
            }
        }
        "knn_vector" => {
            only("method", &field["method"], &["name", "engine", "space_type", "parameters"])?;
            let method =
                |key: &str, words: &[&str]| field["method"][key].as_str().is_some_and(|word| words.contains(&word));
            if !within("dimension", 16_000)
                || !method("name", &["hnsw"])
                || !method("engine", &["lucene"])
                || !method("space_type", &["l2", "cosinesimil", "innerproduct"])
            {
                return Err(wrong("dimension or method"));
            }
        }
        _ => {}
    }
    field["properties"].as_object().into_iter().flatten().try_for_each(|(name, field)| check(name, field, open))
}

fn vector(name: &str, field: &Value, value: &Value) -> Result<(), String> {
    let dimension = field["dims"].as_u64().or(field["dimension"].as_u64());
    let values: Option<Vec<f64>> = value.as_array().and_then(|list| list.iter().map(Value::as_f64).collect());
    let values = values.ok_or_else(|| format!("failed to parse: the vector [{name}] is no array of numbers"))?;
    if Some(values.len() as u64) != dimension {
        return Err(format!(
            "The [dense_vector] field [{name}] has a different number of dimensions [{}]",
            values.len()
        ));
    }
    let cosine = field["similarity"] == "cosine" || field.pointer("/method/space_type") == Some(&json!("cosinesimil"));
    if cosine && values.iter().all(|value| *value == 0.0) {
        return Err("The [cosine] similarity does not support vectors with zero magnitude.".to_owned());
    }
    Ok(())
}

/// Whether a value can be one of that field, as a field coerces.
fn fits(name: &str, field: &Value, value: &Value) -> Result<(), String> {
    let kind = field["type"].as_str().unwrap_or("object");
    let fits = match (kind, value) {
        ("object", _) => {
            return Err(format!(
                "object mapping for [{name}] tried to parse field [{name}] as object, but found a concrete value"
            ));
        }
        ("keyword" | "text", _) => {
            let long = value.as_str().is_some_and(|text| text.len() > 32_766) && kind == "keyword";
            !long || field.get("ignore_above").is_some()
        }
        ("boolean", Value::String(text)) => ["true", "false", ""].contains(&text.as_str()),
        ("boolean", _) => value.is_boolean(),
        ("long" | "integer" | "double" | "float", Value::String(text)) => text.parse::<f64>().is_ok(),
        ("long" | "integer" | "double" | "float", _) => value.is_number(),
        _ => true,
    };
    if fits { Ok(()) } else { Err(format!("failed to parse field [{name}] of type [{kind}]")) }
}
