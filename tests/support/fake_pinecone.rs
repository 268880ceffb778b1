//! A Pinecone in this process: a control plane and a host for each index, on free ports of the loopback
//! interface. There is no Pinecone to be had for tests; this one does what the OpenAPI document
//! 2025-10 says, refuses requests that it does not know, and does what a fault is named for.
//!
//! Metadata is kept as Pinecone keeps it: numbers are 64-bit floats, whole ones written without a
//! point. Where the documentation is silent (`$ne` of a missing field) it does what hurts most.

#[path = "fake_pinecone_search.rs"]
mod search;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::fake_http::{self, Answer, Asked, Fault, respond};

/// The version that requests must name.
const VERSION: &str = "2025-10";
/// Looks at a new index before it is ready.
const LOOKS: usize = 2;

/// The vectors of a namespace by id.
type Namespace = BTreeMap<String, Value>;

/// The fake; clones are the same one.
#[derive(Clone)]
pub struct Fake {
    key: &'static str,
    /// `host:port` of the control plane.
    pub address: String,
    state: Arc<Mutex<State>>,
    tasks: Arc<Mutex<JoinSet<()>>>,
}

#[derive(Default)]
struct State {
    /// The key of another project at the same address.
    other_key: Option<&'static str>,
    indexes: BTreeMap<String, Index>,
    /// The requests that came, `POST /query`.
    heard: Vec<String>,
    /// The next request of that kind is answered so.
    fault: Fault,
}

struct Index {
    description: Value,
    looks: usize,
    namespaces: BTreeMap<String, Namespace>,
}

impl Fake {
    /// Serves until the last clone is dropped.
    pub async fn start(key: &'static str) -> Self {
        let (listener, address) = fake_http::listen().await;
        let fake = Self { key, address, state: Arc::default(), tasks: Arc::default() };
        fake.serve(listener, None);
        fake
    }

    /// This key is taken, too.
    #[allow(dead_code)]
    pub fn take(&self, key: &'static str) {
        self.state.lock().unwrap().other_key = Some(key);
    }

    /// The next request `METHOD /path` gets this answer.
    pub fn fail(&self, request: &str, status: u16, body: Value) {
        self.state.lock().unwrap().fault.set(request, (status, body));
    }

    /// The answer to the next request `METHOD /path` ends in the middle.
    pub fn cut(&self, request: &str) {
        self.state.lock().unwrap().fault.set_cut(request);
    }

    /// The requests that came until now.
    pub fn heard(&self) -> Vec<String> {
        self.state.lock().unwrap().heard.clone()
    }

    /// Changes the description of an index, e.g. its host.
    pub fn describe(&self, index: &str, key: &str, value: Value) {
        self.state.lock().unwrap().indexes.get_mut(index).unwrap().description[key] = value;
    }

    fn serve(&self, listener: TcpListener, index: Option<String>) {
        // A weak part only: the tasks belong to the fake, not the fake to its tasks.
        let (key, address, state) = (self.key, self.address.clone(), self.state.clone());
        let tasks = Arc::downgrade(&self.tasks);
        let answer = move |asked: Asked| {
            let (address, state, tasks, index) = (address.clone(), state.clone(), tasks.clone(), index.clone());
            async move {
                let Some(tasks) = tasks.upgrade() else { return StatusCode::GONE.into_response() };
                Self { key, address, state, tasks }.answer(index.as_deref(), &asked).await
            }
        };
        fake_http::serve(&mut self.tasks.lock().unwrap(), listener, answer);
    }

    async fn answer(&self, index: Option<&str>, asked: &Asked) -> Response {
        let other = self.state.lock().unwrap().other_key;
        if ![Some(self.key), other].contains(&asked.header("api-key")) || asked.header("api-key").is_none() {
            return (StatusCode::UNAUTHORIZED, "Unauthorized").into_response();
        }
        if asked.header("x-pinecone-api-version") != Some(VERSION) {
            return respond((400, refusal("no version of the interface")));
        }
        {
            let mut state = self.state.lock().unwrap();
            state.heard.push(asked.words());
            if let Some(fault) = state.fault.take(&asked.words()) {
                return respond(fault);
            }
        }
        let body = match asked.json() {
            Ok(body) => body,
            Err(error) => return respond((400, refusal(&error))),
        };
        let (method, uri) = (&asked.method, &asked.uri);
        let query: Vec<(String, String)> =
            url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).into_owned().collect();
        // `%20` and the like; there is no `+` and no `&` in our paths
        let plain = |segment: &str| {
            url::form_urlencoded::parse(segment.as_bytes()).map(|(name, _)| name.into_owned()).collect()
        };
        let segments: Vec<String> = uri.path().trim_matches('/').split('/').map(plain).collect();
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        let known: &[&str] = match (method.as_str(), segments.as_slice()) {
            ("GET", ["vectors", "list"]) => &["namespace", "limit", "paginationToken", "prefix"],
            ("GET", ["vectors", "fetch"]) => &["ids", "namespace"],
            _ => &[],
        };
        let answer = match (fake_http::unknown_parameter(uri, known), index) {
            (Some(name), _) => (400, refusal(&format!("unknown parameter {name}"))),
            (None, None) => self.control(method, &segments, &body).await,
            (None, Some(index)) => self.data(index, method, &segments, &query, &body),
        };
        self.state.lock().unwrap().fault.respond(&asked.words(), answer)
    }

    async fn control(&self, method: &Method, path: &[&str], body: &Value) -> Answer {
        match (method.as_str(), path) {
            ("GET", ["indexes"]) => {
                let state = self.state.lock().unwrap();
                let all: Vec<Value> = state.indexes.values().map(|index| index.description.clone()).collect();
                (200, json!({ "indexes": all }))
            }
            ("POST", ["indexes"]) => self.create(body).await,
            ("GET", ["indexes", name]) => {
                let mut state = self.state.lock().unwrap();
                let Some(index) = state.indexes.get_mut(*name) else { return no_index(name) };
                index.looks += 1;
                if index.looks > LOOKS && index.description["status"]["state"] == "Initializing" {
                    index.description["status"] = json!({ "ready": true, "state": "Ready" });
                }
                (200, index.description.clone())
            }
            ("DELETE", ["indexes", name]) => match self.state.lock().unwrap().indexes.remove(*name) {
                Some(_) => (202, Value::Null),
                None => no_index(name),
            },
            _ => (404, json!({ "error": { "code": "NOT_FOUND", "message": "no such path" }, "status": 404 })),
        }
    }

    async fn create(&self, body: &Value) -> Answer {
        let bad = |message: &str| {
            (400, json!({ "error": { "code": "INVALID_ARGUMENT", "message": message }, "status": 400 }))
        };
        if let Some(key) =
            unknown(body, &["name", "dimension", "metric", "spec", "vector_type", "tags", "deletion_protection"])
        {
            return bad(&format!("unknown field {key}"));
        }
        let name = body["name"].as_str().unwrap_or_default().to_owned();
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if name.is_empty() || name.len() > 45 || !name.chars().all(plain) {
            return bad("Name must consist of lower case alphanumeric characters or '-'");
        }
        let sparse = body["vector_type"] == "sparse";
        if sparse != body["dimension"].is_null()
            || !["cosine", "dotproduct", "euclidean"].contains(&body["metric"].as_str().unwrap_or_default())
        {
            return bad("dimension or metric");
        }
        if !body["spec"]["serverless"]["cloud"].is_string() || !body["spec"]["serverless"]["region"].is_string() {
            return bad("spec");
        }
        if self.state.lock().unwrap().indexes.contains_key(&name) {
            return (
                409,
                json!({ "error": { "code": "ALREADY_EXISTS", "message": "Resource already exists" }, "status": 409 }),
            );
        }
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let mut description = body.clone();
        description["host"] = json!(listener.local_addr().unwrap().to_string());
        description["status"] = json!({ "ready": false, "state": "Initializing" });
        self.serve(listener, Some(name.clone()));
        let index = Index { description: description.clone(), looks: 0, namespaces: BTreeMap::new() };
        self.state.lock().unwrap().indexes.insert(name, index);
        (201, description)
    }

    fn data(&self, index: &str, method: &Method, path: &[&str], query: &[(String, String)], body: &Value) -> Answer {
        let mut state = self.state.lock().unwrap();
        let Some(index) = state.indexes.get_mut(index) else { return (404, refusal("the index is gone")) };
        let named = body["namespace"].as_str().map(str::to_owned);
        let named = named.or_else(|| query.iter().find(|(key, _)| key == "namespace").map(|(_, value)| value.clone()));
        let namespace = named.unwrap_or_else(|| "__default__".to_owned());
        match (method.as_str(), path) {
            ("POST", ["describe_index_stats"]) if !body.is_object() => (400, refusal("no body")),
            ("POST", ["describe_index_stats"]) => index.stats(),
            ("POST", ["vectors", "upsert"]) => index.upsert(namespace, body),
            ("POST", ["vectors", "delete"]) => index.delete(&namespace, body),
            ("POST", ["query"]) => index.query(&namespace, body),
            ("POST", ["records", "namespaces", namespace, "search"]) => index.search_records(namespace, body),
            ("POST", ["vectors", "fetch_by_metadata"]) => index.fetch_by_metadata(&namespace, body),
            ("GET", ["vectors", "fetch"]) => index.fetch(&namespace, query),
            ("GET", ["vectors", "list"]) => index.list(&namespace, query),
            ("DELETE", ["namespaces", name]) => match index.namespaces.remove(*name) {
                Some(_) => (200, json!({})),
                None => (404, refusal("Namespace not found")),
            },
            _ => (404, refusal("no such path")),
        }
    }
}

impl Index {
    fn stats(&self) -> Answer {
        let count = |all: &Namespace| json!({ "vectorCount": all.len() });
        let namespaces: Map<String, Value> = self
            .namespaces
            .iter()
            .filter(|(_, all)| !all.is_empty())
            .map(|(name, all)| (name.clone(), count(all)))
            .collect();
        let total: usize = self.namespaces.values().map(BTreeMap::len).sum();
        (200, json!({ "namespaces": namespaces, "totalVectorCount": total, "indexFullness": 0 }))
    }

    fn upsert(&mut self, namespace: String, body: &Value) -> Answer {
        if let Some(key) = unknown(body, &["namespace", "vectors"]) {
            return (400, refusal(&format!("unknown field {key}")));
        }
        let vectors = body["vectors"].as_array().cloned().unwrap_or_default();
        if vectors.is_empty() || vectors.len() > 1000 {
            return (400, refusal("1 to 1000 vectors"));
        }
        let dimension = self.description["dimension"].as_u64();
        for vector in &vectors {
            if let Some(key) = unknown(vector, &["id", "values", "sparseValues", "metadata"]) {
                return (400, refusal(&format!("unknown field {key}")));
            }
            if !vector["id"].as_str().is_some_and(|id| !id.is_empty() && id.is_ascii()) {
                return (400, refusal("Vector ID must be ASCII"));
            }
            if vector["values"].as_array().map(|values| values.len() as u64) != dimension {
                return (400, refusal("Vector dimension does not match the dimension of the index"));
            }
            let fields = vector["metadata"].as_object().cloned().unwrap_or_default();
            let texts = |list: &Vec<Value>| list.iter().all(Value::is_string);
            if fields
                .values()
                .any(|value| value.is_null() || value.is_object() || value.as_array().is_some_and(|list| !texts(list)))
            {
                return (400, refusal("Metadata value must be a string, number, boolean or list of strings"));
            }
        }
        let all = self.namespaces.entry(namespace).or_default();
        for mut vector in vectors.clone() {
            if let Some(metadata) = vector.get_mut("metadata").and_then(Value::as_object_mut) {
                metadata.values_mut().for_each(as_float);
            }
            all.insert(vector["id"].as_str().unwrap().to_owned(), vector);
        }
        (200, json!({ "upsertedCount": vectors.len() }))
    }

    fn delete(&mut self, namespace: &str, body: &Value) -> Answer {
        let ids = body["ids"].as_array().cloned().unwrap_or_default();
        if unknown(body, &["namespace", "ids"]).is_some() || ids.is_empty() || ids.len() > 1000 {
            return (400, refusal("1 to 1000 ids"));
        }
        let Some(all) = self.namespaces.get_mut(namespace) else { return (404, refusal("Namespace not found")) };
        for id in ids {
            all.remove(id.as_str().unwrap_or_default());
        }
        (200, json!({}))
    }

    fn all(&self, namespace: &str) -> Vec<(&String, &Value)> {
        self.namespaces.get(namespace).into_iter().flatten().collect()
    }

    fn fetch(&self, namespace: &str, query: &[(String, String)]) -> Answer {
        let ids: Vec<&String> = query.iter().filter(|(key, _)| key == "ids").map(|(_, id)| id).collect();
        if ids.is_empty() || ids.len() > 1000 {
            return (400, refusal("1 to 1000 ids"));
        }
        // in an order of its own
        let found: Map<String, Value> = self
            .all(namespace)
            .into_iter()
            .rev()
            .filter(|(id, _)| ids.contains(id))
            .map(|(id, vector)| (id.clone(), vector.clone()))
            .collect();
        (200, json!({ "vectors": found, "namespace": namespace, "usage": { "readUnits": 1 } }))
    }

    fn list(&self, namespace: &str, query: &[(String, String)]) -> Answer {
        let value = |name: &str| query.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
        let limit: usize = value("limit").map_or(100, |limit| limit.parse().unwrap_or(0));
        if !(1..=100).contains(&limit) {
            return (400, refusal("limit must be between 1 and 100"));
        }
        let after = value("paginationToken");
        let mut ids = self
            .all(namespace)
            .into_iter()
            .map(|(id, _)| id)
            .filter(|id| after.as_ref().is_none_or(|after| *id > after));
        let page: Vec<&String> = ids.by_ref().take(limit).collect();
        let items: Vec<Value> = page.iter().map(|id| json!({ "id": id })).collect();
        let mut answer = json!({ "vectors": items, "namespace": namespace });
        if ids.next().is_some() {
            answer["pagination"] = json!({ "next": page.last() });
        }
        (200, answer)
    }

    fn fetch_by_metadata(&self, namespace: &str, body: &Value) -> Answer {
        if let Some(key) = unknown(body, &["namespace", "filter", "limit", "paginationToken"]) {
            return (400, refusal(&format!("unknown field {key}")));
        }
        let limit = body["limit"].as_u64().unwrap_or(100) as usize;
        let after = body["paginationToken"].as_str();
        let mut found = Vec::new();
        for (id, vector) in self.all(namespace) {
            match selects(&body["filter"], vector) {
                Ok(true) if after.is_none_or(|after| id.as_str() > after) => found.push((id.clone(), vector.clone())),
                Ok(_) => {}
                Err(message) => return (400, refusal(&message)),
            }
        }
        let more = found.len() > limit;
        found.truncate(limit);
        let last = found.last().map(|(id, _)| id.clone());
        let mut answer = json!({ "vectors": found.into_iter().collect::<Map<_, _>>(), "namespace": namespace });
        if let Some(last) = last.filter(|_| more) {
            answer["pagination"] = json!({ "next": last });
        }
        (200, answer)
    }
}

/// The metadata filter, as documented.
fn selects(filter: &Value, vector: &Value) -> Result<bool, String> {
    let Some(filter) = filter.as_object() else { return Ok(true) };
    let mut all = true;
    for (key, value) in filter {
        all &= match key.as_str() {
            "$and" | "$or" => {
                let parts = value.as_array().filter(|parts| !parts.is_empty()).ok_or("an empty list of conditions")?;
                let parts: Vec<bool> = parts.iter().map(|part| selects(part, vector)).collect::<Result<_, _>>()?;
                if key == "$and" { parts.iter().all(|part| *part) } else { parts.iter().any(|part| *part) }
            }
            key if key.starts_with('$') => return Err(format!("unknown operator {key}")),
            key => {
                let operators = value.as_object().ok_or("a condition is an object")?;
                let mut passed = true;
                for (operator, asked) in operators {
                    passed &= passes(vector["metadata"].get(key), operator, asked)?;
                }
                passed
            }
        };
    }
    Ok(all)
}

fn passes(stored: Option<&Value>, operator: &str, asked: &Value) -> Result<bool, String> {
    let elements: Vec<&Value> = match stored {
        None => Vec::new(),
        Some(Value::Array(list)) => list.iter().collect(),
        Some(single) => vec![single],
    };
    let equal = |stored: &Value| match (stored.as_f64(), asked.as_f64()) {
        (Some(a), Some(b)) => a == b,
        _ => stored == asked,
    };
    let order = |check: fn(f64, f64) -> bool| match (stored.and_then(Value::as_f64), asked.as_f64()) {
        (_, None) => Err(format!("{operator} must be followed by a number")),
        (Some(a), Some(b)) => Ok(check(a, b)),
        (None, _) => Ok(false),
    };
    match operator {
        "$exists" => Ok(asked.as_bool().ok_or("$exists must be followed by a boolean")? == stored.is_some()),
        "$eq" => Ok(elements.into_iter().any(equal)),
        // also of a missing field
        "$ne" => Ok(!elements.into_iter().any(equal)),
        "$gt" => order(|a, b| a > b),
        "$gte" => order(|a, b| a >= b),
        "$lt" => order(|a, b| a < b),
        "$lte" => order(|a, b| a <= b),
        other => Err(format!("unknown operator {other}")),
    }
}

/// Numbers are floats, and whole ones are written without a point.
fn as_float(value: &mut Value) {
    if let Some(number) = value.as_f64() {
        *value = if number.fract() == 0.0 && number.abs() < 9.1e15 { json!(number as i64) } else { json!(number) };
    }
}

fn unknown(body: &Value, known: &[&str]) -> Option<String> {
    body.as_object()?.keys().find(|key| !known.contains(&key.as_str())).cloned()
}

fn refusal(message: &str) -> Value {
    json!({ "code": 3, "message": message, "details": [] })
}

fn no_index(name: &str) -> Answer {
    (404, json!({ "error": { "code": "NOT_FOUND", "message": format!("Resource {name} not found") }, "status": 404 }))
}
