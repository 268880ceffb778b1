//! An Elasticsearch or OpenSearch in this process, for runs without a real one: the paths, parameters and
//! bodies that we send, by the published specification (`elastic/elasticsearch-specification`, and the
//! OpenSearch documentation), on a free port of the loopback interface. What it does not know it refuses
//! as the servers do, so that a request of ours that is misspelt fails.
//!
//! It does what hurts: a point in time gets another name with each page, vectors are left out of `_source`
//! unless they are asked for (Elasticsearch from 9.2), a bulk succeeds while documents of it fail, a field keeps the
//! kind of its first value, and nothing is found before a refresh.

#[path = "fake_elasticsearch_mapping.rs"]
mod mapping;
#[path = "fake_elasticsearch_query.rs"]
mod query;
#[path = "fake_elasticsearch_reading.rs"]
mod reading;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

use axum::response::Response;
use serde_json::{Map, Value, json};
use tokio::task::JoinSet;

use crate::fake_http::{self, Answer, Asked, Fault, respond};
use mapping::Mapping;

/// Which of the two products it is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Product {
    Elasticsearch,
    OpenSearch,
}

/// Why a request is not carried out: status, type and reason.
pub struct Refused(u16, &'static str, String);

type Outcome = Result<Value, Refused>;

/// The fake; clones are the same one.
#[derive(Clone)]
pub struct Fake {
    /// `host:port`.
    pub address: String,
    state: Arc<Mutex<State>>,
    _tasks: Arc<Mutex<JoinSet<()>>>,
}

struct State {
    product: Product,
    indices: BTreeMap<String, Index>,
    aliases: BTreeMap<String, Vec<String>>,
    points: HashMap<String, Point>,
    names: usize,
    fault: Fault,
    heard: Vec<String>,
}

struct Index {
    mapping: Mapping,
    /// In the order of writing: an update is a new document.
    documents: BTreeMap<u64, Arc<Document>>,
    places: HashMap<String, u64>,
    written: u64,
}

/// A document as it was written.
pub struct Document {
    id: String,
    source: Map<String, Value>,
}

/// An index as it was.
#[derive(Clone)]
struct Point {
    index: String,
    mapping: Mapping,
    documents: Vec<Arc<Document>>,
}

impl Fake {
    /// Serves until the last clone is dropped.
    pub async fn start(product: Product, key: &'static str) -> Self {
        let (listener, address) = fake_http::listen().await;
        let state = State {
            product,
            indices: BTreeMap::new(),
            aliases: BTreeMap::new(),
            points: HashMap::new(),
            names: 0,
            fault: Fault::default(),
            heard: Vec::new(),
        };
        let state = Arc::new(Mutex::new(state));
        let mut tasks = JoinSet::new();
        let shared = state.clone();
        fake_http::serve(&mut tasks, listener, move |asked| {
            let state = shared.clone();
            async move { answer(key, &state, &asked) }
        });
        Self { address, state, _tasks: Arc::new(Mutex::new(tasks)) }
    }

    /// The next request `METHOD /path` gets this answer.
    pub fn fail(&self, request: &str, status: u16, body: Value) {
        self.state.lock().unwrap().fault.set(request, (status, body));
    }

    /// The next answer to `METHOD /path` ends in the middle.
    pub fn cut(&self, request: &str) {
        self.state.lock().unwrap().fault.set_cut(request);
    }

    /// The requests that came until now, `POST /books/_count`.
    pub fn heard(&self) -> Vec<String> {
        self.state.lock().unwrap().heard.clone()
    }

    /// Makes an index as another client would.
    pub fn make(&self, name: &str, mappings: &Value) {
        let mut state = self.state.lock().unwrap();
        let made = state.create(name, &json!({ "mappings": mappings }));
        assert!(made.is_ok(), "{}", made.err().unwrap().2);
    }

    /// Gives indices another name together.
    pub fn alias(&self, alias: &str, indices: &[&str]) {
        let indices = indices.iter().map(|name| (*name).to_owned()).collect();
        self.state.lock().unwrap().aliases.insert(alias.to_owned(), indices);
    }

    /// Points in time that are open.
    pub fn open_points(&self) -> usize {
        self.state.lock().unwrap().points.len()
    }

    /// What a server does after five minutes.
    pub fn forget_points(&self) {
        self.state.lock().unwrap().points.clear();
    }
}

fn answer(key: &str, state: &Mutex<State>, asked: &Asked) -> Response {
    let mut state = state.lock().unwrap();
    state.heard.push(asked.words());
    if asked.header("authorization") != Some(&format!("ApiKey {key}")) {
        return respond(refused(&Refused(401, "security_exception", "missing authentication credentials".to_owned())));
    }
    if let Some(fault) = state.fault.take(&asked.words()) {
        return respond(fault);
    }
    let answer = match state.answer(asked) {
        Ok(body) => (200, body),
        Err(why) => refused(&why),
    };
    state.fault.respond(&asked.words(), answer)
}

fn refused(Refused(status, kind, reason): &Refused) -> Answer {
    let cause = json!({ "type": kind, "reason": reason });
    (*status, json!({ "error": { "root_cause": [cause], "type": kind, "reason": reason }, "status": status }))
}

fn bad(kind: &'static str, reason: impl Into<String>) -> Refused {
    Refused(400, kind, reason.into())
}

/// An object with no keys but these.
fn only<'a>(what: &str, value: &'a Value, known: &[&str]) -> Result<&'a Map<String, Value>, Refused> {
    let object = value.as_object().ok_or_else(|| bad("parsing_exception", format!("[{what}] must be an object")))?;
    match fake_http::unknown_key(value, known) {
        Some(key) => Err(bad("parsing_exception", format!("Unknown key [{key}] in [{what}]"))),
        None => Ok(object),
    }
}

/// The parameters of the address, of which none is unknown.
fn parameters(asked: &Asked, known: &[&str]) -> Result<BTreeMap<String, String>, Refused> {
    if let Some(name) = fake_http::unknown_parameter(&asked.uri, known) {
        let reason = format!("request [{}] contains unrecognized parameter: [{name}]", asked.uri.path());
        return Err(bad("illegal_argument_exception", reason));
    }
    let query = asked.uri.query().unwrap_or_default();
    Ok(url::form_urlencoded::parse(query.as_bytes()).into_owned().collect())
}

/// The body, which must be JSON and say so.
fn body(asked: &Asked) -> Result<Value, Refused> {
    if !asked.body.is_empty() && asked.header("content-type") != Some("application/json") {
        return Err(Refused(406, "media_type_header_exception", "Content-Type header is not supported".to_owned()));
    }
    asked.json().map_err(|error| bad("x_content_parse_exception", error))
}

impl State {
    fn answer(&mut self, asked: &Asked) -> Outcome {
        let path = asked.uri.path().trim_start_matches('/').to_owned();
        let plain =
            |part: &str| url::form_urlencoded::parse(part.as_bytes()).map(|(name, _)| name.into_owned()).collect();
        let parts: Vec<String> = path.split('/').map(plain).collect();
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let open = self.product == Product::OpenSearch;
        match (asked.method.as_str(), parts.as_slice()) {
            ("GET", [""]) => Ok(self.greeting()),
            ("GET", ["_mapping"]) => {
                parameters(asked, &["expand_wildcards", "ignore_unavailable", "allow_no_indices"])?;
                Ok(self.indices.iter().map(|(name, index)| (name.clone(), index.mapping.shown())).collect())
            }
            ("GET", [name, "_mapping"]) => {
                parameters(asked, &[])?;
                let names = self.names_of(name)?;
                Ok(names.into_iter().map(|name| (name.clone(), self.indices[&name].mapping.shown())).collect())
            }
            ("PUT", [name]) => {
                parameters(asked, &[])?;
                self.create(name, &body(asked)?)
            }
            ("DELETE", [name]) if !name.starts_with('_') => {
                parameters(asked, &[])?;
                self.indices.remove(*name).ok_or_else(|| no_index(name))?;
                Ok(json!({ "acknowledged": true }))
            }
            ("POST", [name, "_count"]) => {
                parameters(asked, &[])?;
                let body = body(asked)?;
                only("count", &body, &["query"])?;
                let index = self.index(name)?;
                let found = query::select(&index.mapping, &body["query"], index.documents.values())?;
                Ok(json!({ "count": found.len(), "_shards": shards() }))
            }
            ("POST", [name, "_mget"]) => self.many(asked, name),
            ("POST", [name, "_bulk"]) => self.bulk(asked, name),
            ("POST", [name, "_pit"]) if !open => {
                let id = self.point(asked, name)?;
                Ok(json!({ "id": id, "_shards": shards() }))
            }
            ("POST", [name, "_search", "point_in_time"]) if open => {
                let id = self.point(asked, name)?;
                Ok(json!({ "pit_id": id, "_shards": shards(), "creation_time": 0 }))
            }
            ("DELETE", ["_pit"]) if !open => {
                let body = body(asked)?;
                only("close_point_in_time", &body, &["id"])?;
                self.close(&body["id"])?;
                Ok(json!({ "succeeded": true, "num_freed": 1 }))
            }
            ("DELETE", ["_search", "point_in_time"]) if open => {
                let body = body(asked)?;
                only("delete_pit", &body, &["pit_id"])?;
                let ids =
                    body["pit_id"].as_array().ok_or_else(|| bad("parsing_exception", "pit_id must be an array"))?;
                ids.iter().try_for_each(|id| self.close(id))?;
                Ok(json!({ "pits": [{ "successful": true }] }))
            }
            ("POST", ["_search"]) => self.page(asked),
            ("POST", [name, "_search"]) => self.search(asked, name),
            (method, _) => {
                let reason = format!("no handler found for uri [/{path}] and method [{method}]");
                Err(bad("illegal_argument_exception", reason))
            }
        }
    }

    fn greeting(&self) -> Value {
        let (number, distribution, tagline) = match self.product {
            Product::Elasticsearch => ("9.2.0", None, "You Know, for Search"),
            Product::OpenSearch => ("2.19.1", Some("opensearch"), "The OpenSearch Project: https://opensearch.org/"),
        };
        let mut version = json!({ "number": number, "build_type": "fake", "lucene_version": "10.3.1" });
        if let Some(distribution) = distribution {
            version["distribution"] = json!(distribution);
        }
        json!({ "name": "fake", "cluster_name": "fake", "version": version, "tagline": tagline })
    }

    fn names_of(&self, name: &str) -> Result<Vec<String>, Refused> {
        if let Some(names) = self.aliases.get(name) {
            return Ok(names.clone());
        }
        self.index(name).map(|_| vec![name.to_owned()])
    }

    fn index(&self, name: &str) -> Result<&Index, Refused> {
        self.indices.get(name).ok_or_else(|| no_index(name))
    }

    fn create(&mut self, name: &str, body: &Value) -> Outcome {
        let special = |c: char| c.is_uppercase() || " \"*\\<|,>/?#:".contains(c);
        if name.is_empty() || name.len() > 255 || name.starts_with(['-', '_', '+', '.']) || name.contains(special) {
            return Err(bad("invalid_index_name_exception", format!("Invalid index name [{name}]")));
        }
        if self.indices.contains_key(name) {
            let reason = format!("index [{name}/u] already exists");
            return Err(bad("resource_already_exists_exception", reason));
        }
        let open = self.product == Product::OpenSearch;
        only("create_index", body, &["settings", "mappings", "aliases"])?;
        if body.get("settings").is_some_and(|settings| *settings != json!({ "index": { "knn": true } })) {
            return Err(bad("illegal_argument_exception", "unknown setting"));
        }
        let mapping = Mapping::read(body.get("mappings").unwrap_or(&json!({})), open)?;
        if open && mapping.has_vectors() && body["settings"]["index"]["knn"] != true {
            return Err(bad("illegal_argument_exception", "index.knn is not enabled"));
        }
        let index = Index { mapping, documents: BTreeMap::new(), places: HashMap::new(), written: 0 };
        self.indices.insert(name.to_owned(), index);
        Ok(json!({ "acknowledged": true, "shards_acknowledged": true, "index": name }))
    }

    fn many(&self, asked: &Asked, name: &str) -> Outcome {
        let known: &[&str] = match self.product {
            Product::Elasticsearch => &["_source", "_source_excludes", "_source_includes", "_source_exclude_vectors"],
            Product::OpenSearch => &["_source", "_source_excludes", "_source_includes"],
        };
        let parameters = parameters(asked, known)?;
        let body = body(asked)?;
        only("mget", &body, &["ids", "docs"])?;
        let index = self.index(name)?;
        let mut source = Map::new();
        if let Some(paths) = parameters.get("_source_excludes") {
            source.insert("excludes".to_owned(), paths.split(',').collect());
        }
        if let Some(flag) = parameters.get("_source_exclude_vectors") {
            source.insert("exclude_vectors".to_owned(), json!(flag != "false"));
        }
        let source = Value::Object(source);
        let ids = body["ids"].as_array().filter(|ids| !ids.is_empty());
        let ids = ids.ok_or_else(|| bad("action_request_validation_exception", "no documents to get"))?;
        let docs = ids.iter().map(|id| {
            let id = id.as_str().ok_or_else(|| bad("parsing_exception", "ids are texts"))?;
            let place = index.places.get(id);
            let Some(document) = place.and_then(|place| index.documents.get(place)) else {
                return Ok(json!({ "_index": name, "_id": id, "found": false }));
            };
            let source = self.source(&index.mapping, document, &source)?;
            Ok(json!({ "_index": name, "_id": id, "_version": 1, "found": true, "_source": source }))
        });
        Ok(json!({ "docs": docs.collect::<Result<Vec<Value>, Refused>>()? }))
    }

    /// What of a document is given for the parameter `_source`.
    fn source(&self, mapping: &Mapping, document: &Document, asked: &Value) -> Outcome {
        let hides = self.product == Product::Elasticsearch;
        let mut source = document.source.clone();
        let (excludes, vectors) = match asked {
            Value::Bool(_) | Value::Null => (Vec::new(), !hides),
            _ => {
                let known: &[&str] =
                    if hides { &["excludes", "includes", "exclude_vectors"] } else { &["excludes", "includes"] };
                only("_source", asked, known)?;
                let excludes = asked["excludes"].as_array().cloned().unwrap_or_default();
                (excludes, !hides || asked["exclude_vectors"] == false)
            }
        };
        for path in excludes.iter().filter_map(Value::as_str) {
            mapping::remove(&mut source, path);
        }
        if !vectors {
            mapping.vectors().iter().for_each(|path| mapping::remove(&mut source, path));
        }
        Ok(Value::Object(source))
    }

    fn bulk(&mut self, asked: &Asked, name: &str) -> Outcome {
        let parameters = parameters(asked, &["refresh", "routing", "pipeline", "timeout", "require_alias"])?;
        if asked.header("content-type") != Some("application/x-ndjson") {
            return Err(Refused(406, "media_type_header_exception", "Content-Type header is not supported".to_owned()));
        }
        // Searches see what was written only then, and we tell our users that it is written.
        if parameters.get("refresh").map(String::as_str) != Some("true") {
            return Err(bad("illegal_argument_exception", "this fake is written with refresh=true only"));
        }
        let text = std::str::from_utf8(&asked.body).map_err(|error| bad("parsing_exception", error.to_string()))?;
        if !text.ends_with('\n') {
            return Err(bad("illegal_argument_exception", "The bulk request must be terminated by a newline [\\n]"));
        }
        self.index(name)?;
        let index = self.indices.get_mut(name).ok_or_else(|| no_index(name))?;
        let mut lines = text.lines().map(serde_json::from_str::<Value>);
        let mut items = Vec::new();
        while let Some(line) = lines.next() {
            let line = line.map_err(|error| bad("parsing_exception", error.to_string()))?;
            let action = only("bulk", &line, &["index", "delete"])?;
            let Some((action, about)) = action.iter().next().filter(|_| action.len() == 1) else {
                return Err(bad("illegal_argument_exception", "Malformed action/metadata line"));
            };
            only("bulk item", about, &["_id", "_index", "routing"])?;
            let id = about["_id"].as_str().unwrap_or_default();
            if id.is_empty() || id.len() > 512 {
                let reason = format!("id is too long, must be no longer than 512 bytes but was: {}", id.len());
                return Err(bad("action_request_validation_exception", reason));
            }
            if action == "delete" {
                let found = index.delete(id);
                let (status, result) = if found { (200, "deleted") } else { (404, "not_found") };
                items.push(json!({ "delete": { "_index": name, "_id": id, "status": status, "result": result } }));
                continue;
            }
            let document = lines.next().and_then(Result::ok).filter(Value::is_object);
            let Some(Value::Object(source)) = document else {
                return Err(bad("illegal_argument_exception", "a document is missing behind its action"));
            };
            items.push(match index.write(id, source) {
                Ok(()) => json!({ "index": { "_index": name, "_id": id, "status": 201, "result": "created" } }),
                Err(reason) => {
                    let error = json!({ "type": "document_parsing_exception", "reason": reason });
                    json!({ "index": { "_index": name, "_id": id, "status": 400, "error": error } })
                }
            });
        }
        let errors = items.iter().any(|item| item.pointer("/index/error").is_some());
        Ok(json!({ "took": 1, "errors": errors, "items": items }))
    }
}

impl Index {
    fn write(&mut self, id: &str, source: Map<String, Value>) -> Result<(), String> {
        self.mapping.learn(id, &source)?;
        self.delete(id);
        self.written += 1;
        self.places.insert(id.to_owned(), self.written);
        self.documents.insert(self.written, Arc::new(Document { id: id.to_owned(), source }));
        Ok(())
    }

    fn delete(&mut self, id: &str) -> bool {
        self.places.remove(id).and_then(|place| self.documents.remove(&place)).is_some()
    }
}

/// An answer of some shards only would look like a whole one.
fn whole_only(asked: &Asked) -> Result<(), Refused> {
    let parameters = parameters(asked, &["allow_partial_search_results", "typed_keys", "preference"])?;
    match parameters.get("allow_partial_search_results").map(String::as_str) {
        Some("false") => Ok(()),
        _ => Err(bad("illegal_argument_exception", "this fake is asked for whole answers only")),
    }
}

fn size(body: &Value) -> Result<usize, Refused> {
    let size = body.get("size").map_or(Some(10), Value::as_u64).and_then(|size| usize::try_from(size).ok());
    match size {
        Some(size) if size <= 10_000 => Ok(size),
        _ => Err(bad("illegal_argument_exception", "Result window is too large, from + size must be <= [10000]")),
    }
}

fn shards() -> Value {
    json!({ "total": 1, "successful": 1, "skipped": 0, "failed": 0 })
}

fn no_index(name: &str) -> Refused {
    Refused(404, "index_not_found_exception", format!("no such index [{name}]"))
}

fn no_context() -> Refused {
    Refused(404, "search_context_missing_exception", "No search context found for id [1]".to_owned())
}
