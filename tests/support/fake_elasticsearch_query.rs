//! The query language of the fake: the queries that we send, by what the documentation says of them.

use std::cmp::Ordering;
use std::sync::Arc;

use serde_json::{Value, json};

use super::mapping::{Mapping, values};
use super::{Document, Refused, bad, only};

/// A query that was checked.
pub struct Query<'a> {
    mapping: &'a Mapping,
    query: &'a Value,
}

/// The documents that a query selects.
pub fn select<'a>(
    mapping: &Mapping,
    query: &Value,
    documents: impl Iterator<Item = &'a Arc<Document>>,
) -> Result<Vec<&'a Arc<Document>>, Refused> {
    let query = Query::read(mapping, query)?;
    Ok(documents.filter(|document| query.selects(document)).collect())
}

impl<'a> Query<'a> {
    /// Checks a query.
    pub fn read(mapping: &'a Mapping, query: &'a Value) -> Result<Self, Refused> {
        check(mapping, query)?;
        Ok(Self { mapping, query })
    }

    /// Whether it selects a document.
    pub fn selects(&self, document: &Document) -> bool {
        holds(self.mapping, self.query, document)
    }
}

/// The kind of a query and its body: an object with one key.
fn single(value: &Value) -> Result<(&str, &Value), Refused> {
    let object = value.as_object().filter(|object| object.len() == 1);
    let found = object.and_then(|object| object.iter().next());
    found.map(|(key, value)| (key.as_str(), value)).ok_or_else(|| {
        bad("parsing_exception", format!("[_na] query malformed, one query with one body was expected: {value}"))
    })
}

/// One or several queries.
fn several(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(list) => list.iter().collect(),
        Value::Null => Vec::new(),
        one => vec![one],
    }
}

fn check(mapping: &Mapping, query: &Value) -> Result<(), Refused> {
    let (kind, body) = single(query)?;
    match kind {
        "match_all" | "match_none" => only(kind, body, &[]).map(drop),
        "exists" => {
            only(kind, body, &["field"])?;
            body["field"]
                .as_str()
                .map(drop)
                .ok_or_else(|| bad("parsing_exception", "[exists] must be provided with a [field]"))
        }
        "bool" => {
            only(kind, body, &["filter", "must", "must_not", "should", "minimum_should_match"])?;
            let parts = ["filter", "must", "must_not", "should"].into_iter().flat_map(|key| several(&body[key]));
            parts.into_iter().try_for_each(|part| check(mapping, part))
        }
        "terms" => {
            let (field, list) = single(body)?;
            let list = list.as_array().filter(|list| list.len() <= 65_536);
            let list = list.ok_or_else(|| bad("parsing_exception", "[terms] query requires an array of terms"))?;
            list.iter().try_for_each(|value| comparable(mapping, field, value))
        }
        "term" => {
            let (field, value) = single(body)?;
            match (field, value) {
                ("_ignored", Value::String(_)) => Ok(()),
                _ => comparable(mapping, field, value),
            }
        }
        "range" => {
            let (field, bounds) = single(body)?;
            let bounds = only("range", bounds, &["lt", "lte", "gt", "gte"])?;
            bounds.values().try_for_each(|value| comparable(mapping, field, value))
        }
        "multi_match" => {
            only(kind, body, &["query", "fields", "lenient"])?;
            let fields = body["fields"].as_array().filter(|fields| !fields.is_empty());
            let known = |field: &Value| field.as_str().is_some_and(|path| mapping.field(path).is_some());
            match fields.is_some_and(|fields| fields.iter().all(known)) && body["query"].is_string() {
                true => Ok(()),
                false => Err(bad("parsing_exception", "[multi_match] needs a query and fields that are there")),
            }
        }
        _ => Err(bad("parsing_exception", format!("unknown query [{kind}]"))),
    }
}

/// Whether a field can be asked for that value: servers turn `"5"` into 5 and the reverse, which
/// would select what was not asked for.
fn comparable(mapping: &Mapping, path: &str, value: &Value) -> Result<(), Refused> {
    let Some((field, _)) = mapping.field(path) else { return Ok(()) };
    let fits = match field["type"].as_str().unwrap_or("object") {
        "keyword" => value.is_string(),
        "boolean" => value.is_boolean(),
        "long" | "integer" => value.is_number(),
        "double" => value.is_number(),
        _ => false,
    };
    let words = || format!("failed to create query: {value} asked of the field [{path}]");
    if fits { Ok(()) } else { Err(bad("query_shard_exception", words())) }
}

fn holds(mapping: &Mapping, query: &Value, document: &Document) -> bool {
    let Ok((kind, body)) = single(query) else { return false };
    let all = |key: &str| several(&body[key]).into_iter().all(|part| holds(mapping, part, document));
    let any = |key: &str| several(&body[key]).into_iter().any(|part| holds(mapping, part, document));
    match kind {
        "match_all" => true,
        "exists" => !seen(mapping, document, body["field"].as_str().unwrap_or_default()).is_empty(),
        "bool" => {
            let due = body["minimum_should_match"].as_u64().unwrap_or(0) > 0;
            all("filter") && all("must") && !any("must_not") && (!due || any("should"))
        }
        "terms" => single(body).is_ok_and(|(field, list)| {
            seen(mapping, document, field)
                .iter()
                .any(|value| several(list).iter().any(|asked| order(value, asked).is_some_and(Ordering::is_eq)))
        }),
        "term" => single(body).is_ok_and(|(field, asked)| match field {
            "_ignored" => asked.as_str().is_some_and(|path| ignored(mapping, document, path)),
            _ => seen(mapping, document, field).iter().any(|value| order(value, asked).is_some_and(Ordering::is_eq)),
        }),
        "range" => single(body).is_ok_and(|(field, bounds)| {
            let within = |value: &Value| {
                bounds.as_object().into_iter().flatten().all(|(name, bound)| {
                    order(value, bound).is_some_and(|order| match name.as_str() {
                        "lt" => order.is_lt(),
                        "lte" => order.is_le(),
                        "gt" => order.is_gt(),
                        _ => order.is_ge(),
                    })
                })
            };
            seen(mapping, document, field).into_iter().any(within)
        }),
        "multi_match" => words_of(mapping, document, body) > 0,
        _ => false,
    }
}

/// The values that the index has of a field.
fn seen<'a>(mapping: &Mapping, document: &'a Document, path: &str) -> Vec<&'a Value> {
    let Some((field, place)) = mapping.field(path) else { return Vec::new() };
    if matches!(field["type"].as_str(), Some("dense_vector" | "knn_vector")) {
        return document.source.get(place).into_iter().filter(|value| !value.is_null()).collect();
    }
    let most = field["ignore_above"].as_u64();
    values(document, place).into_iter().filter(|value| !too_long(value, most)).collect()
}

fn ignored(mapping: &Mapping, document: &Document, path: &str) -> bool {
    let Some((field, place)) = mapping.field(path) else { return false };
    values(document, place).into_iter().any(|value| too_long(value, field["ignore_above"].as_u64()))
}

fn too_long(value: &Value, most: Option<u64>) -> bool {
    let length = value.as_str().map(|text| text.encode_utf16().count() as u64);
    length.zip(most).is_some_and(|(length, most)| length > most)
}

fn order(value: &Value, asked: &Value) -> Option<Ordering> {
    match (value, asked) {
        (Value::String(a), Value::String(b)) => Some(a.cmp(b)),
        (Value::Bool(a), Value::Bool(b)) => Some(a.cmp(b)),
        // A double of the index.
        (Value::Number(a), Value::Number(b)) => a.as_f64()?.partial_cmp(&b.as_f64()?),
        _ => None,
    }
}

fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
}

/// How many of the words asked for the best field has.
fn words_of(mapping: &Mapping, document: &Document, asked: &Value) -> usize {
    let wanted = words(asked["query"].as_str().unwrap_or_default());
    let fields = several(&asked["fields"]).into_iter().filter_map(Value::as_str);
    let counts = fields.map(|path| {
        let found: Vec<String> =
            seen(mapping, document, path).into_iter().filter_map(Value::as_str).flat_map(words).collect();
        wanted.iter().filter(|word| found.contains(word)).count()
    });
    counts.max().unwrap_or(0)
}

/// The best of an index with their scores, best first.
pub fn best<'a>(
    mapping: &Mapping,
    body: &Value,
    documents: impl Iterator<Item = &'a Arc<Document>>,
) -> Result<Vec<(f32, &'a Document)>, Refused> {
    let mut found: Vec<(f32, &Document)> = if let Some(knn) = body.get("knn") {
        only("knn", knn, &["field", "query_vector", "k", "num_candidates", "filter"])?;
        let (k, candidates) = (knn["k"].as_u64().unwrap_or(0), knn["num_candidates"].as_u64().unwrap_or(0));
        if k == 0 || k > candidates || candidates > 10_000 {
            return Err(bad(
                "illegal_argument_exception",
                "[num_candidates] cannot be less than [k], or exceeds 10000",
            ));
        }
        nearest(mapping, knn["field"].as_str().unwrap_or_default(), &knn["query_vector"], &knn["filter"], k, documents)?
    } else {
        let (kind, asked) = single(&body["query"])?;
        match kind {
            "knn" => {
                let (field, asked) = single(asked)?;
                only("knn", asked, &["vector", "k", "filter"])?;
                let k = asked["k"].as_u64().filter(|k| (1..=10_000).contains(k));
                let k = k.ok_or_else(|| bad("illegal_argument_exception", "[knn] requires k from 1 to 10000"))?;
                nearest(mapping, field, &asked["vector"], &asked["filter"], k, documents)?
            }
            "script_score" => scripted(mapping, asked, documents)?,
            _ => {
                let query = Query::read(mapping, &body["query"])?;
                let words = several(&body["query"]["bool"]["must"]);
                let words = words.first().map_or(&Value::Null, |must| &must["multi_match"]);
                let scored = documents.filter(|document| query.selects(document));
                #[allow(clippy::cast_precision_loss)]
                let scored = scored.map(|document| (words_of(mapping, document, words) as f32, document.as_ref()));
                scored.collect()
            }
        }
    };
    found.sort_by(|a, b| b.0.total_cmp(&a.0));
    Ok(found)
}

/// What the score of a field is made from.
fn similarity(field: &Value) -> &str {
    let space = field.pointer("/method/space_type").and_then(Value::as_str);
    match space {
        Some("l2") => "l2_norm",
        Some("innerproduct") => "max_inner_product",
        Some(_) => "cosine",
        None => field["similarity"].as_str().unwrap_or("cosine"),
    }
}

fn nearest<'a>(
    mapping: &Mapping,
    path: &str,
    asked: &Value,
    filter: &Value,
    k: u64,
    documents: impl Iterator<Item = &'a Arc<Document>>,
) -> Result<Vec<(f32, &'a Document)>, Refused> {
    let (field, _) = mapping.field(path).ok_or_else(|| {
        bad("query_shard_exception", format!("failed to create query: field [{path}] does not exist in the mapping"))
    })?;
    let asked = vector(field, asked)?;
    let everything = json!({ "match_all": {} });
    let filter = if filter.is_null() { &everything } else { filter };
    let query = Query::read(mapping, filter)?;
    let kind = similarity(field);
    let mut found: Vec<(f32, &Document)> = documents
        .filter(|document| query.selects(document))
        .filter_map(|document| Some((score(kind, &asked, &floats(document.source.get(path)?)?), document.as_ref())))
        .collect();
    found.sort_by(|a, b| b.0.total_cmp(&a.0));
    found.truncate(usize::try_from(k).unwrap_or(usize::MAX));
    Ok(found)
}

fn vector(field: &Value, asked: &Value) -> Result<Vec<f64>, Refused> {
    let dimension = field["dims"].as_u64().or(field["dimension"].as_u64());
    let asked = floats(asked).ok_or_else(|| bad("parsing_exception", "the vector is no array of numbers"))?;
    if Some(asked.len() as u64) != dimension {
        let reason = format!("the query vector has a different dimension [{}] than the index vectors", asked.len());
        return Err(bad("illegal_argument_exception", reason));
    }
    Ok(asked)
}

/// The scripts that we send, and what they compute.
const SCRIPTS: [(&str, &str); 4] = [
    ("cosine", "(1.0 + cosineSimilarity(params.query, params.field)) / 2.0"),
    ("dot_product", "(1.0 + dotProduct(params.query, params.field)) / 2.0"),
    (
        "max_inner_product",
        "double d = dotProduct(params.query, params.field); return d < 0 ? 1.0 / (1.0 - d) : d + 1.0;",
    ),
    ("l2_norm", "double d = l2norm(params.query, params.field); return 1.0 / (1.0 + d * d);"),
];

fn scripted<'a>(
    mapping: &Mapping,
    asked: &Value,
    documents: impl Iterator<Item = &'a Arc<Document>>,
) -> Result<Vec<(f32, &'a Document)>, Refused> {
    only("script_score", asked, &["query", "script"])?;
    only("script", &asked["script"], &["source", "params"])?;
    let params = &asked["script"]["params"];
    only("params", params, &["query", "field"])?;
    let known = SCRIPTS.iter().find(|(_, source)| asked["script"]["source"] == *source);
    let (kind, _) = known.ok_or_else(|| bad("script_exception", "compile error"))?;
    let path = params["field"].as_str().unwrap_or_default();
    let (field, _) = mapping
        .field(path)
        .ok_or_else(|| bad("script_exception", format!("No field found for [{path}] in mapping")))?;
    let vector = vector(field, &params["query"])?;
    let mut found = Vec::new();
    for document in select(mapping, &asked["query"], documents)? {
        let stored = document.source.get(path).and_then(floats);
        let stored =
            stored.ok_or_else(|| bad("script_exception", "A document doesn't have a value for a vector field!"))?;
        found.push((score(kind, &vector, &stored), document.as_ref()));
    }
    Ok(found)
}

#[allow(clippy::cast_possible_truncation)] // as the servers do
fn score(kind: &str, a: &[f64], b: &[f64]) -> f32 {
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let dot = product(a, b);
    let score = match kind {
        "cosine" => f64::midpoint(1.0, dot / (product(a, a) * product(b, b)).sqrt()),
        "dot_product" => f64::midpoint(1.0, dot),
        "max_inner_product" if dot < 0.0 => 1.0 / (1.0 - dot),
        "max_inner_product" => dot + 1.0,
        _ => 1.0 / (1.0 + a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>()),
    };
    score as f32
}

fn floats(value: &Value) -> Option<Vec<f64>> {
    value.as_array()?.iter().map(Value::as_f64).collect()
}
