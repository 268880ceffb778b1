//! A Weaviate in this process, for runs without a real one: the paths and bodies of its OpenAPI document
//! that we use, on a free port of the loopback interface. It refuses what it does not know, and does
//! what a real 1.39 was seen to do where that hurts: GraphQL gives no whole numbers beyond 32 bits
//! (and no payloads at all here), integers are 64-bit floats, `null` is dropped, an empty text counts as
//! missing, texts are compared without the white space at their ends, a limit cuts before sorting
//! when the filter is a single condition, and class names are capitalised.

#[path = "fake_weaviate_graphql.rs"]
mod graphql;

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{Arc, Mutex};

use axum::response::Response;
use serde_json::{Map, Value, json};
use tokio::task::JoinSet;

use crate::fake_http::{self, Answer, Asked, Fault, respond};

/// The fake; clones are the same one.
#[derive(Clone)]
pub struct Fake {
    /// `host:port`.
    pub address: String,
    state: Arc<Mutex<State>>,
    _tasks: Arc<Mutex<JoinSet<()>>>,
}

#[derive(Default)]
struct State {
    classes: BTreeMap<String, Class>,
    /// The next request of that kind is answered so.
    fault: Fault,
}

/// The objects of a tenant by id.
pub type Objects = BTreeMap<String, Value>;

/// A class with its objects by tenant (`""` without tenants).
pub struct Class {
    description: Value,
    tenants: BTreeMap<String, Objects>,
}

impl Fake {
    /// Serves until the last clone is dropped.
    pub async fn start(key: &'static str) -> Self {
        let (listener, address) = fake_http::listen().await;
        let state: Arc<Mutex<State>> = Arc::default();
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

    /// The answer to the next request `METHOD /path` ends in the middle.
    pub fn cut(&self, request: &str) {
        self.state.lock().unwrap().fault.set_cut(request);
    }

    /// Makes a class as another client would.
    pub fn make(&self, description: Value) {
        let (status, body) = self.state.lock().unwrap().create(&description);
        assert_eq!(status, 200, "{body}");
    }

    /// Makes a tenant.
    pub fn tenant(&self, class: &str, tenant: &str) {
        self.state.lock().unwrap().classes.get_mut(class).unwrap().tenants.entry(tenant.to_owned()).or_default();
    }
}

fn answer(key: &str, state: &Mutex<State>, asked: &Asked) -> Response {
    if asked.header("authorization") != Some(&format!("Bearer {key}")) {
        return respond((401, json!({ "code": 401, "message": "anonymous access not enabled" })));
    }
    let mut state = state.lock().unwrap();
    if let Some(fault) = state.fault.take(&asked.words()) {
        return respond(fault);
    }
    let body = match asked.json() {
        Ok(body) => body,
        Err(error) => return respond((400, json!({ "code": 400, "message": error }))),
    };
    let (method, uri) = (&asked.method, &asked.uri);
    let query: BTreeMap<String, String> =
        url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).into_owned().collect();
    let path: Vec<&str> = uri.path().trim_start_matches("/v1/").split('/').collect();
    let known: &[&str] = match (method.as_str(), path.as_slice()) {
        ("GET", ["objects"]) => &["class", "limit", "after", "include", "tenant"],
        ("GET", ["objects", ..]) => &["include", "tenant"],
        ("DELETE", ["batch", "objects"]) => &["tenant"],
        _ => &[],
    };
    // The server passes over a parameter that it does not know; one of ours is misspelt then.
    let answer = match fake_http::unknown_parameter(uri, known) {
        Some(name) => refused(&format!("unknown parameter {name}")),
        None => state.answer(method.as_str(), &path, &query, &body),
    };
    state.fault.respond(&asked.words(), answer)
}

impl State {
    fn answer(&mut self, method: &str, path: &[&str], query: &BTreeMap<String, String>, body: &Value) -> Answer {
        let tenant = query.get("tenant").map(String::as_str);
        match (method, path) {
            ("GET", ["meta"]) => (200, json!({ "hostname": "http://fake", "modules": {}, "version": "1.39.0" })),
            ("GET", ["schema"]) => {
                let all: Vec<&Value> = self.classes.values().map(|class| &class.description).collect();
                (200, json!({ "classes": all }))
            }
            ("POST", ["schema"]) => self.create(body),
            ("POST", ["graphql"]) => (200, graphql::answer(&self.classes, body["query"].as_str().unwrap_or_default())),
            ("POST", ["batch", "objects"]) => {
                if let Some(key) = fake_http::unknown_key(body, &["objects", "fields"]) {
                    return refused(&format!("unknown field {key}"));
                }
                let objects = body["objects"].as_array().cloned().unwrap_or_default();
                (200, objects.into_iter().map(|object| self.put(object)).collect())
            }
            ("DELETE", ["batch", "objects"]) => self.delete(body, tenant),
            ("GET", ["objects"]) => match self.classes.get(query.get("class").map_or("", String::as_str)) {
                None => (404, Value::Null),
                Some(class) => class.page(query, tenant),
            },
            ("GET", ["objects", class, id]) => match self.classes.get(*class).map(|class| class.objects(tenant)) {
                None => (404, Value::Null),
                Some(Err(words)) => refused(&words),
                Some(Ok(objects)) => match objects.get(*id) {
                    Some(object) => (200, shown(object, query)),
                    None => (404, Value::Null),
                },
            },
            (_, ["schema", class, rest @ ..]) => self.class(method, &capitalised(class), rest, body),
            _ => (404, Value::Null),
        }
    }

    fn class(&mut self, method: &str, name: &str, rest: &[&str], body: &Value) -> Answer {
        let Some(class) = self.classes.get_mut(name) else { return (404, Value::Null) };
        match (method, rest) {
            ("GET", []) => (200, class.description.clone()),
            ("DELETE", []) => {
                self.classes.remove(name);
                (200, Value::Null)
            }
            ("GET", ["shards"]) => (200, json!([{ "name": "s", "status": "READY" }])),
            ("GET", ["tenants"]) => {
                (200, class.tenants.keys().map(|name| json!({ "name": name, "activityStatus": "HOT" })).collect())
            }
            ("POST", ["tenants"]) => {
                for tenant in body.as_array().into_iter().flatten() {
                    class.tenants.entry(tenant["name"].as_str().unwrap().to_owned()).or_default();
                }
                (200, body.clone())
            }
            ("DELETE", ["tenants"]) => {
                for tenant in body.as_array().into_iter().flatten() {
                    class.tenants.remove(tenant.as_str().unwrap_or_default());
                }
                (200, Value::Null)
            }
            ("POST", ["properties"]) => class.add_property(body),
            _ => (404, Value::Null),
        }
    }

    fn create(&mut self, body: &Value) -> Answer {
        let known = [
            "class",
            "vectorizer",
            "vectorIndexType",
            "vectorIndexConfig",
            "vectorConfig",
            "properties",
            "invertedIndexConfig",
            "multiTenancyConfig",
        ];
        if let Some(key) = body.as_object().and_then(|object| object.keys().find(|key| !known.contains(&key.as_str())))
        {
            return refused(&format!("unknown field {key}"));
        }
        let name = capitalised(body["class"].as_str().unwrap_or_default());
        if !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') || name.is_empty() {
            return refused(&format!("'{name}' is not a valid class name"));
        }
        if self.classes.contains_key(&name) {
            return refused(&format!("class name {name} already exists"));
        }
        let mut description = body.clone();
        description["class"] = json!(name);
        if !description["properties"].is_array() {
            description["properties"] = json!([]);
        }
        let tenants = description["multiTenancyConfig"]["enabled"] == true;
        let all = if tenants { BTreeMap::new() } else { BTreeMap::from([(String::new(), Objects::new())]) };
        self.classes.insert(name, Class { description: description.clone(), tenants: all });
        (200, description)
    }

    fn put(&mut self, mut object: Value) -> Value {
        let known = ["class", "id", "properties", "vector", "vectors", "tenant"];
        if let Some(key) = fake_http::unknown_key(&object, &known) {
            let error = json!([{ "message": format!("unknown field {key}") }]);
            object["result"] = json!({ "status": "FAILED", "errors": { "error": error } });
            return object;
        }
        let tenant = object["tenant"].as_str().map(str::to_owned);
        let class = self.classes.get_mut(object["class"].as_str().unwrap_or_default());
        let result =
            class.ok_or_else(|| "class not found".to_owned()).and_then(|class| class.put(&object, tenant.as_deref()));
        object["result"] = match result {
            Ok(()) => json!({ "status": "SUCCESS" }),
            Err(words) => json!({ "status": "FAILED", "errors": { "error": [{ "message": words }] } }),
        };
        object
    }

    fn delete(&mut self, body: &Value, tenant: Option<&str>) -> Answer {
        let wrong = fake_http::unknown_key(body, &["match", "output", "dryRun"])
            .or_else(|| fake_http::unknown_key(&body["match"], &["class", "where"]))
            .or_else(|| fake_http::unknown_key(&body["match"]["where"], &["operator", "path", "valueTextArray"]));
        if let Some(key) = wrong {
            return refused(&format!("unknown field {key}"));
        }
        let condition = &body["match"]["where"];
        if condition["operator"] != "ContainsAny" || condition["path"] != json!(["id"]) {
            return refused("only ids are deleted here");
        }
        let ids = condition["valueTextArray"].as_array().cloned().unwrap_or_default();
        let Some(class) = self.classes.get_mut(body["match"]["class"].as_str().unwrap_or_default()) else {
            return (404, Value::Null);
        };
        let Some(objects) = class.tenants.get_mut(tenant.unwrap_or_default()) else {
            return refused("tenant not found");
        };
        let before = objects.len();
        for id in ids {
            objects.remove(id.as_str().unwrap_or_default());
        }
        let gone = before - objects.len();
        (200, json!({ "results": { "matches": gone, "successful": gone, "failed": 0, "objects": null } }))
    }
}

impl Class {
    /// The objects of a tenant, as the server words it where there are none to be had.
    fn objects(&self, tenant: Option<&str>) -> Result<&Objects, String> {
        let enabled = self.description["multiTenancyConfig"]["enabled"] == true;
        let name = &self.description["class"];
        match (tenant, enabled) {
            (None, true) => Err(format!("class {name} has multi-tenancy enabled, but request was without tenant")),
            (Some(_), false) => Err(format!("class {name} has multi-tenancy disabled, but request was with tenant")),
            _ => self.tenants.get(tenant.unwrap_or_default()).ok_or_else(|| "tenant not found".to_owned()),
        }
    }

    fn property(&self, name: &str) -> Option<&Value> {
        self.description["properties"].as_array()?.iter().find(|property| property["name"] == name)
    }

    fn add_property(&mut self, body: &Value) -> Answer {
        let name = body["name"].as_str().unwrap_or_default().to_owned();
        if self.property(&name).is_some() {
            return refused(&format!("conflict for property {name:?}: already in use"));
        }
        let known =
            ["text", "text[]", "int", "int[]", "number", "number[]", "boolean", "boolean[]", "object", "object[]"];
        let kind = body["dataType"][0].as_str().unwrap_or_default();
        let nested = body["nestedProperties"].as_array().map_or(0, Vec::len);
        if !known.contains(&kind)
            || (kind.starts_with("object") && nested == 0)
            || ["id", "_additional"].contains(&name.as_str())
        {
            return refused(&format!("no property {body}"));
        }
        self.description["properties"].as_array_mut().unwrap().push(body.clone());
        (200, body.clone())
    }

    fn put(&mut self, object: &Value, tenant: Option<&str>) -> Result<(), String> {
        self.objects(tenant)?;
        let properties = object["properties"].as_object().cloned().unwrap_or_default();
        let mut stored = Map::new();
        for (name, value) in properties.into_iter().filter(|(_, value)| !value.is_null()) {
            let property = self.property(&name).ok_or_else(|| format!("no property {name}"))?;
            stored.insert(name, kept(&value, property)?);
        }
        let mut kept = json!({ "class": object["class"], "id": object["id"], "properties": stored });
        for key in ["vector", "vectors"] {
            if !object[key].is_null() {
                kept[key] = object[key].clone();
            }
        }
        let objects = self.tenants.get_mut(tenant.unwrap_or_default()).unwrap();
        objects.insert(object["id"].as_str().ok_or("an object without an id")?.to_owned(), kept);
        Ok(())
    }

    fn page(&self, query: &BTreeMap<String, String>, tenant: Option<&str>) -> Answer {
        let objects = match self.objects(tenant) {
            Ok(objects) => objects,
            Err(words) => return refused(&words),
        };
        let limit: usize = query.get("limit").and_then(|limit| limit.parse().ok()).unwrap_or(25);
        let Some(after) = query.get("after") else { return refused("the cursor is what we use") };
        if limit > 10_000 || !(after.is_empty() || uuid::Uuid::parse_str(after).is_ok()) {
            return refused("query maximum results exceeded, or a cursor that is no id");
        }
        let behind = (Bound::Excluded(after.clone()), Bound::Unbounded);
        let page: Vec<Value> = objects.range(behind).take(limit).map(|(_, object)| shown(object, query)).collect();
        (200, json!({ "objects": page, "totalResults": page.len() }))
    }
}

/// The value as it is kept: numbers are 64-bit floats, and whole ones are written without a point.
fn kept(value: &Value, property: &Value) -> Result<Value, String> {
    let kind = property["dataType"][0].as_str().unwrap_or_default();
    let wrong = || format!("invalid {kind} property {}: {value}", property["name"]);
    if let Some(element) = kind.strip_suffix("[]") {
        let mut single = property.clone();
        single["dataType"] = json!([element]);
        return value.as_array().ok_or_else(wrong)?.iter().map(|value| kept(value, &single)).collect();
    }
    match (kind, value) {
        ("text", Value::String(_)) | ("boolean", Value::Bool(_)) => Ok(value.clone()),
        ("int" | "number", Value::Number(number)) => {
            let float = number.as_f64().ok_or_else(wrong)?;
            if kind == "int" && float.fract() != 0.0 {
                return Err(wrong());
            }
            Ok(if float.fract() == 0.0 && float.abs() < 1e18 { json!(float as i64) } else { json!(float) })
        }
        ("object", Value::Object(inner)) => {
            let mut object = Map::new();
            for (name, value) in inner {
                let all = property["nestedProperties"].as_array().ok_or_else(wrong)?;
                let known = all.iter().find(|property| property["name"] == *name).ok_or_else(wrong)?;
                object.insert(name.clone(), kept(value, known)?);
            }
            Ok(Value::Object(object))
        }
        _ => Err(wrong()),
    }
}

fn shown(object: &Value, query: &BTreeMap<String, String>) -> Value {
    let mut object = object.clone();
    if query.get("include").map(String::as_str) != Some("vector") {
        object.as_object_mut().unwrap().retain(|key, _| !key.starts_with("vector"));
    }
    object
}

fn capitalised(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map_or(String::new(), |first| first.to_ascii_uppercase().to_string() + chars.as_str())
}

fn refused(message: &str) -> Answer {
    (422, json!({ "error": [{ "message": message }] }))
}
