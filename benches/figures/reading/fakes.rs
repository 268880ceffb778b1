//! Weaviate, Elasticsearch and Pinecone: no server of theirs can be had from a package registry. A fake
//! in this process gives pages that are put together from one text, so that it costs next to nothing;
//! the bare loop asks the same questions with the same HTTP client and reads JSON into structs with just
//! the fields that are there.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::http::{Method, Uri, header};
use axum::response::IntoResponse;
use reqwest::Client;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use uuid::Uuid;
use vector_inspector::provider::model::Vector;
use vector_inspector::provider::{self, Address, ConnectSpec, ProviderKind};

use super::{DIMENSION, PAGE, in_turn, row};
use crate::parameters;
use crate::report::Row;

const NOTE: &str = "A FAKE in this process, same cores; the bare loop reads JSON into structs";
/// Pinecone lists and fetches so many at a time.
const LISTED: u64 = 100;

/// A question to the fake.
struct Asked<'a> {
    texts: &'a Texts,
    /// Where it listens.
    address: SocketAddr,
    /// `METHOD /path`.
    line: &'a str,
    query: &'a [(String, String)],
    body: &'a [u8],
}

impl Asked<'_> {
    fn value(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    fn number(&self, name: &str) -> Option<u64> {
        self.value(name)?.parse().ok()
    }
}

type Answer = fn(&Asked<'_>) -> String;

/// Parts of records that are the same in all.
struct Texts {
    fields: String,
    vector: String,
}

struct Fake {
    address: SocketAddr,
    _server: JoinSet<()>,
}

impl Fake {
    async fn start(answer: Answer) -> Self {
        let record = super::record(7, false);
        let texts = Arc::new(Texts {
            fields: Value::Object(record.payload).to_string().trim_matches(['{', '}']).to_owned(),
            vector: json!(record.vectors.map(|vectors| vectors.get("").map(Vector::to_json))).to_string(),
        });
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let respond = move |method: Method, uri: Uri, body: Bytes| {
            let texts = Arc::clone(&texts);
            async move {
                let query: Vec<(String, String)> =
                    url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).into_owned().collect();
                let line = format!("{method} {}", uri.path());
                let text = answer(&Asked { texts: &texts, address, line: &line, query: &query, body: &body });
                ([(header::CONTENT_TYPE, "application/json")], text).into_response()
            }
        };
        let mut server = JoinSet::new();
        server.spawn(async move { axum::serve(listener, Router::new().fallback(respond)).await.unwrap() });
        Self { address, _server: server }
    }

    fn spec(&self, kind: ProviderKind) -> ConnectSpec {
        let address = Address::Server { host: "127.0.0.1".to_owned(), port: self.address.port(), tls: false };
        ConnectSpec::new(kind, address)
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

async fn read<T: DeserializeOwned>(question: reqwest::RequestBuilder) -> T {
    let bytes = question.send().await.unwrap().bytes().await.unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

/// The payload of each record.
#[derive(Deserialize)]
struct Fields {
    #[serde(rename = "title")]
    _title: String,
    #[serde(rename = "year")]
    _year: i64,
    #[serde(rename = "score")]
    _score: f64,
    #[serde(rename = "open")]
    _open: bool,
}

/// The records of a page that begins there, as many as are asked for and left.
fn numbers(from: u64, most: u64) -> std::ops::Range<u64> {
    from..(from + most).min(parameters::reading_records())
}

pub async fn weaviate() -> Row {
    let fake = Fake::start(|asked| match asked.line {
        "GET /v1/objects" => {
            let after = asked.value("after").and_then(|id| Uuid::parse_str(id).ok());
            let limit = asked.number("limit").unwrap();
            let objects = numbers(after.map_or(0, |id| id.as_u128() as u64), limit).map(|n| {
                let id = Uuid::from_u128(u128::from(n) + 1);
                let Texts { fields, vector } = asked.texts;
                format!("{{\"class\":\"Bench\",\"id\":\"{id}\",\"properties\":{{{fields}}},\"vector\":{vector}}}")
            });
            format!("{{\"objects\":[{}]}}", objects.collect::<Vec<_>>().join(","))
        }
        "GET /v1/meta" => json!({ "hostname": "http://fake", "modules": {}, "version": "1.39.0" }).to_string(),
        "GET /v1/schema/Bench" | "GET /v1/schema" => {
            let kinds = [("title", "text"), ("year", "int"), ("score", "number"), ("open", "boolean")];
            let properties = kinds.map(|(name, kind)| json!({ "name": name, "dataType": [kind] }));
            let class = json!({ "class": "Bench", "vectorizer": "none", "properties": properties,
                "vectorIndexType": "hnsw", "vectorIndexConfig": { "distance": "cosine" } });
            let all = asked.line == "GET /v1/schema";
            if all { json!({ "classes": [class] }).to_string() } else { class.to_string() }
        }
        _ => "{}".to_owned(),
    })
    .await;
    let provider = provider::connect(&fake.spec(ProviderKind::Weaviate)).await.unwrap();
    let client = Client::builder().no_proxy().build().unwrap();
    let bare = async || {
        #[derive(Deserialize)]
        struct Object {
            id: String,
            #[serde(rename = "properties")]
            _properties: Fields,
            vector: Vec<f32>,
        }
        #[derive(Deserialize)]
        struct Objects {
            objects: Vec<Object>,
        }
        let (mut after, mut found) = (String::new(), (0, 0));
        loop {
            let url = fake.url(&format!("/v1/objects?class=Bench&limit={PAGE}&after={after}&include=vector"));
            let page = read::<Objects>(client.get(url)).await.objects;
            found.0 += page.len() as u64;
            found.1 += page.iter().map(|object| object.vector.len() as u64).sum::<u64>();
            match page.into_iter().last() {
                Some(last) if found.0 < parameters::reading_records() => after = last.id,
                _ => return found,
            }
        }
    };
    row(ProviderKind::Weaviate, &in_turn(provider.as_ref(), "Bench", bare).await, NOTE)
}

pub async fn elasticsearch() -> Row {
    let fake = Fake::start(|asked| match asked.line {
        "POST /_search" => {
            let body: Value = serde_json::from_slice(asked.body).unwrap();
            let after = body.pointer("/search_after/0").and_then(Value::as_u64).map_or(0, |last| last + 1);
            let hits = numbers(after, body["size"].as_u64().unwrap()).map(|n| {
                let Texts { fields, vector } = asked.texts;
                format!(
                    "{{\"_index\":\"bench\",\"_id\":\"record {n:08}\",\"_score\":null,\"_source\":{{{fields},\
                     \"vector\":{vector}}},\"sort\":[{n}]}}"
                )
            });
            let hits = hits.collect::<Vec<_>>().join(",");
            format!("{{\"pit_id\":\"pit\",\"took\":1,\"timed_out\":false,\"hits\":{{\"hits\":[{hits}]}}}}")
        }
        "POST /bench/_pit" => json!({ "id": "pit" }).to_string(),
        "GET /bench/_mapping" => {
            let vector = json!({ "type": "dense_vector", "dims": DIMENSION, "index": true, "similarity": "cosine" });
            let properties = json!({ "vector": vector, "title": { "type": "keyword" }, "year": { "type": "double" },
                "score": { "type": "double" }, "open": { "type": "boolean" } });
            json!({ "bench": { "mappings": { "properties": properties } } }).to_string()
        }
        "GET /" => json!({ "version": { "number": "8.15.2" }, "tagline": "You Know, for Search" }).to_string(),
        _ => "{}".to_owned(),
    })
    .await;
    let provider = provider::connect(&fake.spec(ProviderKind::Elasticsearch)).await.unwrap();
    let client = Client::builder().no_proxy().build().unwrap();
    let bare = async || {
        #[derive(Deserialize)]
        struct Source {
            vector: Vec<f32>,
            #[serde(rename = "title")]
            _title: String,
            #[serde(rename = "year")]
            _year: i64,
            #[serde(rename = "score")]
            _score: f64,
            #[serde(rename = "open")]
            _open: bool,
        }
        #[derive(Deserialize)]
        struct Hit {
            #[serde(rename = "_id")]
            _id: String,
            #[serde(rename = "_source")]
            source: Source,
            sort: Vec<Value>,
        }
        #[derive(Deserialize)]
        struct Hits {
            hits: Vec<Hit>,
        }
        #[derive(Deserialize)]
        struct Found {
            hits: Hits,
        }
        let pit: Value = read(client.post(fake.url("/bench/_pit?keep_alive=5m"))).await;
        let (mut after, mut found) = (None, (0, 0));
        loop {
            let mut body =
                json!({ "size": PAGE, "pit": pit, "sort": [{ "_shard_doc": "asc" }], "track_total_hits": false });
            if let Some(after) = after.take() {
                body["search_after"] = after;
            }
            let page = read::<Found>(client.post(fake.url("/_search")).json(&body)).await.hits.hits;
            found.0 += page.len() as u64;
            found.1 += page.iter().map(|hit| hit.source.vector.len() as u64).sum::<u64>();
            match page.into_iter().last() {
                Some(last) if found.0 < parameters::reading_records() => after = Some(Value::Array(last.sort)),
                _ => return found,
            }
        }
    };
    row(ProviderKind::Elasticsearch, &in_turn(provider.as_ref(), "bench", bare).await, NOTE)
}

pub async fn pinecone() -> Row {
    let fake = Fake::start(|asked| match asked.line {
        "GET /vectors/list" => {
            let from = asked.number("paginationToken").unwrap_or_default();
            let all = numbers(from, asked.number("limit").unwrap());
            let next = (all.end < parameters::reading_records()).then(|| json!({ "next": all.end.to_string() }));
            let ids: Vec<Value> = all.map(|n| json!({ "id": format!("{n:08}") })).collect();
            json!({ "vectors": ids, "namespace": "", "pagination": next }).to_string()
        }
        "GET /vectors/fetch" => {
            let Texts { fields, vector } = asked.texts;
            let ids = asked.query.iter().filter(|(name, _)| name == "ids").map(|(_, id)| id);
            let vectors =
                ids.map(|id| format!("\"{id}\":{{\"id\":\"{id}\",\"values\":{vector},\"metadata\":{{{fields}}}}}"));
            format!("{{\"vectors\":{{{}}},\"namespace\":\"\"}}", vectors.collect::<Vec<_>>().join(","))
        }
        "GET /indexes" | "GET /indexes/bench" => {
            let index = json!({ "name": "bench", "dimension": DIMENSION, "metric": "cosine", "vector_type": "dense",
                "host": format!("http://{}", asked.address), "status": { "ready": true, "state": "Ready" },
                "spec": { "serverless": { "cloud": "aws", "region": "us-east-1" } } });
            if asked.line == "GET /indexes" { json!({ "indexes": [index] }).to_string() } else { index.to_string() }
        }
        _ => "{}".to_owned(),
    })
    .await;
    let mut spec = fake.spec(ProviderKind::Pinecone);
    spec.secret = Some("a-key".to_owned().into());
    let provider = provider::connect(&spec).await.unwrap();
    let client = Client::builder().no_proxy().build().unwrap();
    let bare = async || {
        #[derive(Deserialize)]
        struct Listed {
            vectors: Vec<Id>,
            pagination: Option<Next>,
        }
        #[derive(Deserialize)]
        struct Id {
            id: String,
        }
        #[derive(Deserialize)]
        struct Next {
            next: String,
        }
        #[derive(Deserialize)]
        struct Fetched {
            vectors: HashMap<String, One>,
        }
        #[derive(Deserialize)]
        struct One {
            values: Vec<f32>,
            #[serde(rename = "metadata")]
            _metadata: Fields,
        }
        let (mut token, mut found) = (String::new(), (0, 0));
        loop {
            let url = fake.url(&format!("/vectors/list?namespace=&limit={LISTED}&paginationToken={token}"));
            let listed: Listed = read(client.get(url)).await;
            let ids: Vec<String> = listed.vectors.iter().map(|item| format!("ids={}", item.id)).collect();
            let page: Fetched =
                read(client.get(fake.url(&format!("/vectors/fetch?{}&namespace=", ids.join("&"))))).await;
            found.0 += page.vectors.len() as u64;
            found.1 += page.vectors.values().map(|one| one.values.len() as u64).sum::<u64>();
            match listed.pagination {
                Some(next) => token = next.next,
                None => return found,
            }
        }
    };
    row(ProviderKind::Pinecone, &in_turn(provider.as_ref(), "bench", bare).await, NOTE)
}
