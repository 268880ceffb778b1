//! A fake server that says what the published interface says, and what goes wrong; every request is
//! looked at. The real ones are in `tests/contract.rs`, where an address is given.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use secrecy::SecretString;
use serde_json::{Value, json};

use super::Elasticsearch;
use crate::provider::filter::Filter;
use crate::provider::model::{
    CollectionSpec, Cursor, Measure, Metric, PageRequest, Record, RecordId, Score, SearchQuery, SearchRequest,
    TextQuery, TextWay, Vector, Vectors,
};
use crate::provider::{Address, ConnectSpec, Provider, ProviderError, ProviderKind};

const KEY: &str = "c2VjcmV0LWtleQ==";

/// A request as the fake saw it.
#[derive(Debug, Clone, PartialEq)]
struct Heard {
    line: String,
    body: Value,
    key: String,
}

#[derive(Clone, Default)]
struct Fake {
    replies: Arc<Mutex<VecDeque<(u16, String)>>>,
    heard: Arc<Mutex<Vec<Heard>>>,
}

async fn answer(State(fake): State<Fake>, method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let text = String::from_utf8(body.to_vec()).unwrap();
    let lines = || text.lines().map(|line| serde_json::from_str(line).unwrap()).collect::<Vec<Value>>();
    let body = match serde_json::from_str(&text) {
        Ok(value) => value,
        Err(_) if text.is_empty() => Value::Null,
        Err(_) => Value::Array(lines()),
    };
    let key = headers.get(header::AUTHORIZATION).map(|key| key.to_str().unwrap().to_owned()).unwrap_or_default();
    fake.heard.lock().unwrap().push(Heard { line: format!("{method} {uri}"), body, key });
    let (status, reply) = fake.replies.lock().unwrap().pop_front().unwrap_or((500, "\"no reply is left\"".to_owned()));
    let status = StatusCode::from_u16(status).unwrap();
    if let Some(cut) = reply.strip_suffix("<cut>") {
        let length = (cut.len() + 10).to_string();
        let parts = futures::stream::iter([Ok(Bytes::from(cut.to_owned())), Err(std::io::Error::other("cut"))]);
        return (status, [(header::CONTENT_LENGTH, length)], axum::body::Body::from_stream(parts)).into_response();
    }
    (status, [(header::CONTENT_TYPE, "application/json".to_owned())], reply).into_response()
}

const ELASTIC: &str = r#"{"version":{"number":"8.15.2"},"tagline":"You Know, for Search"}"#;
const NEWER: &str = r#"{"version":{"number":"9.2.0"},"tagline":"You Know, for Search"}"#;
const OPEN: &str = r#"{"version":{"number":"2.19.1","distribution":"opensearch"}}"#;

/// A fake that gives these replies in turn, and the spec of a connection to it.
async fn fake(replies: &[(u16, Value)]) -> (Fake, ConnectSpec) {
    let fake = Fake::default();
    for (status, reply) in replies {
        let text = reply.as_str().map_or_else(|| reply.to_string(), str::to_owned);
        fake.replies.lock().unwrap().push_back((*status, text));
    }
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let router = Router::new().fallback(answer).with_state(fake.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let address = Address::Server { host: "127.0.0.1".to_owned(), port, tls: false };
    let mut spec = ConnectSpec::new(ProviderKind::Elasticsearch, address);
    spec.secret = Some(SecretString::from(KEY));
    (fake, spec)
}

/// A connection to a fake of that product that then gives these replies.
async fn connected(root: &str, replies: &[(u16, Value)]) -> (Fake, Elasticsearch) {
    let all: Vec<_> = [(200, json!(root))].into_iter().chain(replies.iter().cloned()).collect();
    let (fake, spec) = fake(&all).await;
    (fake, Elasticsearch::connect(&spec).await.unwrap())
}

impl Fake {
    /// What was asked since the greeting.
    fn asked(&self) -> Vec<(String, Value)> {
        self.heard.lock().unwrap().iter().skip(1).map(|heard| (heard.line.clone(), heard.body.clone())).collect()
    }

    fn lines(&self) -> Vec<String> {
        self.asked().into_iter().map(|(line, _)| line).collect()
    }
}

fn mapping() -> (u16, Value) {
    let properties = json!({
        "vector": { "type": "dense_vector", "dims": 2, "index": true, "similarity": "l2_norm" },
        "lang": { "type": "keyword" },
        "title": { "type": "text", "fields": { "keyword": { "type": "keyword", "ignore_above": 5 } } },
        "year": { "type": "long" },
        "price": { "type": "float" },
        "weight": { "type": "double" },
        "old": { "type": "boolean" },
        "born": { "type": "date" },
        "loud": { "type": "keyword", "normalizer": "lowercase" },
        "words": { "type": "text" },
        "author": { "properties": { "name": { "type": "keyword" } } },
    });
    (200, json!({ "books": { "mappings": { "properties": properties } } }))
}

fn open_mapping() -> (u16, Value) {
    let method = json!({ "name": "hnsw", "engine": "lucene", "space_type": "cosinesimil" });
    let emb = json!({ "type": "knn_vector", "dimension": 2, "method": method });
    (200, json!({ "books": { "mappings": { "properties": { "emb": emb } } } }))
}

fn hit(id: &str, sort: u64) -> Value {
    json!({ "_index": "books", "_id": id, "_score": 0.5, "_source": { "lang": "en", "vector": [1.0, 2.0] }, "sort": [sort] })
}

fn page_of(hits: &[Value], pit: &str) -> (u16, Value) {
    (200, json!({ "pit_id": pit, "timed_out": false, "hits": { "hits": hits } }))
}

#[tokio::test]
async fn the_fake_is_paged_in_a_point_in_time() {
    let (fake, db) = connected(
        ELASTIC,
        &[
            mapping(),
            (200, json!({ "id": "pit-1" })),
            page_of(&[hit("a", 1), hit("b", 2), hit("c", 3)], "pit-2"),
            mapping(),
            page_of(&[hit("c", 3)], "pit-2"),
        ],
    )
    .await;
    let first = db.page("books", &PageRequest::first(2)).await.unwrap();
    assert_eq!(first.records.iter().map(|r| r.id.to_string()).collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(first.records[0].vectors, None);
    assert!(!first.records[0].payload.contains_key("vector"));
    let next = PageRequest { cursor: first.next, with_vectors: true, ..PageRequest::first(2) };
    let second = db.page("books", &next).await.unwrap();
    assert_eq!((second.records.len(), second.next), (1, None));
    assert_eq!(second.records[0].vectors, Some(Vectors::unnamed(vec![1.0, 2.0])));
    let asked = fake.asked();
    assert_eq!(asked[1].0, "POST /books/_pit?keep_alive=5m");
    assert_eq!(asked[2].0, "POST /_search?allow_partial_search_results=false");
    let expected = json!({
        "size": 3, "pit": { "id": "pit-1", "keep_alive": "5m" }, "sort": [{ "_shard_doc": "asc" }],
        "query": { "match_all": {} }, "_source": { "excludes": ["vector"] }, "track_total_hits": false,
    });
    assert_eq!(asked[2].1, expected);
    assert_eq!(asked[4].1["search_after"], json!([2]));
    assert_eq!(asked[4].1["pit"]["id"], "pit-2");
    assert_eq!(asked[4].1["_source"], json!(true));
}

#[tokio::test]
async fn a_fake_opensearch_has_its_own_paths_and_a_unique_order() {
    let hits = [hit("a", 1)];
    let (fake, db) = connected(
        OPEN,
        &[open_mapping(), (200, json!({ "pit_id": "p" })), page_of(&hits, "p"), (200, json!({ "pits": [] }))],
    )
    .await;
    assert_eq!(db.page("books", &PageRequest::first(2)).await.unwrap().next, None);
    let asked = fake.asked();
    assert_eq!(asked[1].0, "POST /books/_search/point_in_time?keep_alive=5m");
    assert_eq!(asked[2].1["sort"], json!([{ "_doc": "asc" }, { "_id": "asc" }]));
    // The only page: nobody comes back.
    assert_eq!((asked[3].0.as_str(), &asked[3].1), ("DELETE /_search/point_in_time", &json!({ "pit_id": ["p"] })));
    assert!(!db.capabilities().exact_search.is_yes());
}

#[tokio::test]
async fn vectors_that_the_fake_hides_are_asked_for() {
    let docs = json!({ "docs": [{ "_id": "a", "found": true, "_source": { "vector": [0.5, 1.0] } }, { "_id": "b", "found": false }] });
    let (fake, db) =
        connected(NEWER, &[mapping(), (200, docs), mapping(), (200, json!({ "hits": { "hits": [] } }))]).await;
    let got = db.get("books", &["b".into(), 1_u64.into(), "a".into()], true).await.unwrap();
    assert_eq!(got.len(), 1);
    assert_eq!(got[0].vectors, Some(Vectors::unnamed(vec![0.5, 1.0])));
    let near = SearchRequest::new(SearchQuery::Vector(Vector::Dense(vec![0.1, 2.0])), 3);
    db.search("books", &SearchRequest { with_vectors: true, ..near }).await.unwrap();
    let asked = fake.asked();
    assert_eq!(asked[1].0, "POST /books/_mget?_source_exclude_vectors=false");
    assert_eq!(asked[1].1, json!({ "ids": ["b", "a"] }));
    assert_eq!(asked[3].1["_source"], json!({ "exclude_vectors": false }));
    let knn = json!({ "field": "vector", "query_vector": [0.1, 2.0], "k": 3, "num_candidates": 100 });
    assert_eq!(asked[3].1["knn"], knn);
}

#[tokio::test]
async fn searches_of_the_fake_are_filtered_scored_and_exact() {
    let found = |score: f64| {
        let mut hit = hit("a", 1);
        hit["_score"] = json!(score);
        (200, json!({ "hits": { "hits": [hit] } }))
    };
    let (fake, db) = connected(ELASTIC, &[mapping(), found(0.1), mapping(), found(0.1)]).await;
    let near = SearchRequest::new(SearchQuery::Vector(Vector::Dense(vec![1.0, 2.0])), 2);
    let filtered = SearchRequest { filter: Some(Filter::parse("lang = \"en\"").unwrap()), ..near.clone() };
    let hits = db.search("books", &filtered).await.unwrap();
    assert!((hits[0].score.value - 3.0).abs() < 1e-6, "{:?}", hits[0].score);
    db.search("books", &SearchRequest { exact: true, ..filtered.clone() }).await.unwrap();
    let asked = fake.asked();
    let query = json!({ "terms": { "lang": ["en"] } });
    assert_eq!(asked[1].1["knn"]["filter"], query);
    let inner = &asked[3].1["query"]["script_score"];
    assert_eq!(inner["query"], json!({ "bool": { "filter": [{ "exists": { "field": "vector" } }, query] } }));
    assert!(inner["script"]["source"].as_str().unwrap().contains("l2norm(params.query, params.field)"));

    let (fake, db) = connected(OPEN, &[open_mapping(), found(0.75)]).await;
    let hits = db.search("books", &near).await.unwrap();
    assert_eq!((hits[0].score.value, hits[0].score.measure.metric()), (0.5, Some(Metric::Cosine)));
    let knn = json!({ "knn": { "emb": { "vector": [1.0, 2.0], "k": 2 } } });
    assert_eq!(fake.asked()[1].1["query"], knn);
}

#[tokio::test]
async fn words_are_searched_by_the_fake_in_fields_of_words_only() {
    let mapping = json!({ "books": { "mappings": { "properties": {
        "vector": { "type": "dense_vector", "dims": 2 }, "lang": { "type": "keyword" }, "year": { "type": "long" },
        "title": { "type": "text", "fields": { "exact": { "type": "keyword" } } },
        "hidden": { "type": "text", "index": false },
    } } } });
    let mut found = hit("a", 1);
    found["_score"] = json!(7.25);
    let replies = [(200, mapping.clone()), (200, json!({ "hits": { "hits": [found] } })), (200, mapping)];
    let (fake, db) = connected(ELASTIC, &replies).await;
    let query = |way| SearchRequest::new(SearchQuery::Text(TextQuery::new("red \"sea\"", way)), 3);
    let filter = Some(Filter::parse("lang = \"en\"").unwrap());
    let hits = db.search("books", &SearchRequest { filter, ..query(TextWay::Bm25) }).await.unwrap();
    assert_eq!(hits[0].score, Score::new(7.25, Measure::Bm25));
    let words = json!({ "multi_match": { "query": "red \"sea\"", "fields": ["title"], "lenient": true } });
    let asked = fake.asked();
    assert_eq!(asked[1].1["query"]["bool"]["must"], json!([words]));
    assert_eq!(asked[1].1["query"]["bool"]["filter"], json!({ "terms": { "lang": ["en"] } }));
    let error = db.search("books", &query(TextWay::Near)).await.unwrap_err();
    assert!(matches!(error, ProviderError::Unsupported { .. }), "{error}");

    let (_, db) = connected(ELASTIC, &[(200, json!({ "books": { "mappings": {} } }))]).await;
    let error = db.search("books", &query(TextWay::Bm25)).await.unwrap_err().to_string();
    assert!(error.contains("cut into words"), "{error}");
}

#[tokio::test]
async fn writes_to_the_fake_tell_which_record_failed() {
    let record = |id: &str| Record {
        id: id.into(),
        vectors: Some(Vectors::unnamed(vec![1.0, 2.0])),
        payload: json!({ "year": 5 }).as_object().unwrap().clone(),
        text: None,
    };
    let error = json!({ "type": "document_parsing_exception", "reason": "failed to parse field [year]" });
    let items =
        json!([{ "index": { "_id": "a", "status": 200 } }, { "index": { "_id": "b", "status": 400, "error": error } }]);
    let gone = json!({ "items": [{ "delete": { "_id": "x", "status": 404, "result": "not_found" } }] });
    let busy = json!({ "errors": true, "items": [{ "delete": { "_id": "x", "status": 429, "error": { "reason": "queue full" } } }] });
    let (fake, db) = connected(
        ELASTIC,
        &[
            mapping(),
            (200, json!({ "errors": true, "items": items })),
            mapping(),
            (200, gone),
            mapping(),
            (200, busy),
            mapping(),
        ],
    )
    .await;
    let error = db.upsert("books", vec![record("a"), record("b")]).await.unwrap_err();
    assert!(error.to_string().contains("1 of 2 records failed, the first of them \"b\": failed to parse"), "{error}");
    assert_eq!(db.delete("books", &["x".into()]).await, Ok(()));
    let error = db.delete("books", &["x".into()]).await.unwrap_err();
    assert!(matches!(error, ProviderError::Server { .. }), "{error:?}");
    let asked = fake.asked();
    assert_eq!(asked[1].0, "POST /books/_bulk?refresh=true");
    let document = json!({ "year": 5, "vector": [1.0, 2.0] });
    let lines = json!([{ "index": { "_id": "a" } }, document, { "index": { "_id": "b" } }, document]);
    assert_eq!(asked[1].1, lines);
    let wrong = Record { vectors: Some(Vectors::unnamed(vec![1.0])), ..record("c") };
    let error = db.upsert("books", vec![record("a"), wrong]).await.unwrap_err();
    assert!(error.to_string().contains("1 dimensions, and the field 2"), "{error}");
    assert_eq!(fake.lines().len(), 7, "nothing was sent");
}

#[tokio::test]
async fn the_fakes_indices_are_created_as_each_product_has_them() {
    let (fake, db) = connected(
        ELASTIC,
        &[(200, json!({})), (400, json!({ "error": { "reason": "index [books] already exists" } }))],
    )
    .await;
    let spec = CollectionSpec::dense("books", 3, Metric::Dot);
    db.create_collection(&spec).await.unwrap();
    let error = db.create_collection(&spec).await.unwrap_err();
    assert!(matches!(&error, ProviderError::BadRequest { cause, .. } if cause.contains("already exists")), "{error:?}");
    let asked = fake.asked();
    assert_eq!(asked[0].0, "PUT /books");
    let vector = json!({ "type": "dense_vector", "dims": 3, "index": true, "similarity": "max_inner_product" });
    assert_eq!(asked[0].1["mappings"]["properties"], json!({ "vector": vector }));
    let (fake, db) = connected(OPEN, &[(200, json!({}))]).await;
    db.create_collection(&spec).await.unwrap();
    let body = &fake.asked()[0].1;
    assert_eq!(body["settings"]["index"]["knn"], json!(true));
    let method = json!({ "name": "hnsw", "engine": "lucene", "space_type": "innerproduct" });
    assert_eq!(body["mappings"]["properties"]["vector"]["method"], method);
}

#[tokio::test]
async fn what_the_product_does_not_make_is_refused_before_it_is_asked() {
    let (fake, db) = connected(&ELASTIC.replace("8.15.2", "8.9.0"), &[]).await;
    for spec in [
        CollectionSpec::dense("Books", 3, Metric::Cosine),
        CollectionSpec::dense(&"x".repeat(256), 3, Metric::Cosine),
        CollectionSpec::dense("books", 4_097, Metric::Cosine),
        CollectionSpec::dense("books", 3, Metric::Dot),
    ] {
        let told = db.check_new(&spec).await;
        assert!(told.is_err(), "{spec:?}");
        assert_eq!(told, db.create_collection(&spec).await);
    }
    assert_eq!(db.check_new(&CollectionSpec::dense("bücher_1", 3, Metric::Cosine)).await, Ok(()));
    assert!(fake.asked().is_empty(), "{:?}", fake.lines());
}

#[tokio::test]
async fn faults_of_the_fake_have_their_names_and_hide_the_key() {
    let text = |body: &str| Value::String(body.to_owned());
    let said = json!({ "error": { "reason": format!("invalid key {KEY}"), "root_cause": [] }, "status": 401 });
    let missing =
        json!({ "error": { "type": "index_not_found_exception", "reason": "no such index [books]" }, "status": 404 });
    let lost = json!({ "error": { "type": "search_phase_execution_exception", "root_cause": [{ "reason": "No search context found" }] } });
    let cursor = Some(Cursor("[\"p\",[2]]".to_owned()));
    let (fake, db) = connected(
        ELASTIC,
        &[
            (401, said),
            (429, json!({ "error": { "reason": "circuit_breaking_exception" } })),
            (404, missing),
            (200, text("{\"books\": {\"mapp<cut>")),
            (200, text("<html>")),
            (503, text("upstream is down")),
            mapping(),
            (404, lost),
            mapping(),
            (200, json!({ "count": 3, "_shards": { "failed": 1 } })),
        ],
    )
    .await;
    let count = || db.count("books", None);
    let refused = count().await.unwrap_err();
    assert!(matches!(refused, ProviderError::Unauthorized { .. }) && !refused.to_string().contains(KEY), "{refused}");
    let busy = count().await.unwrap_err();
    assert!(busy.to_string().contains("too many requests"), "{busy}");
    assert_eq!(count().await.unwrap_err(), ProviderError::NoSuchCollection { collection: "books".to_owned() });
    let cut = count().await.unwrap_err();
    assert!(matches!(cut, ProviderError::Interrupted { .. }), "{cut:?}");
    let foreign = count().await.unwrap_err();
    assert!(matches!(foreign, ProviderError::BadAnswer { .. }), "{foreign:?}");
    let down = count().await.unwrap_err();
    assert!(matches!(down, ProviderError::Server { .. }), "{down:?}");
    let late = db.page("books", &PageRequest { cursor, ..PageRequest::first(2) }).await.unwrap_err();
    assert!(late.to_string().contains("Start again from the first page"), "{late}");
    let partial = count().await.unwrap_err();
    assert!(matches!(partial, ProviderError::Server { .. }), "a count without a shard is no count: {partial:?}");
    for name in ["", "*", "a,b", "_all", "books/../_cluster", "-books"] {
        assert!(matches!(db.count(name, None).await, Err(ProviderError::NoSuchCollection { .. })), "{name}");
    }
    assert!(fake.heard.lock().unwrap().iter().all(|heard| heard.key == format!("ApiKey {KEY}")));
}

#[tokio::test]
async fn another_server_is_not_taken_for_one() {
    let (_, spec) = fake(&[(200, json!({ "nanosecond heartbeat": 1 }))]).await;
    let error = Elasticsearch::connect(&spec).await.err().unwrap();
    assert!(matches!(error, ProviderError::WrongProtocol { .. }), "{error:?}");
}

/// The query of a filter on the fake's index, or why there is none.
async fn native(text: &str) -> Result<Value, String> {
    let (_, db) = connected(ELASTIC, &[mapping()]).await;
    let native = db.native_filter("books", &Filter::parse(text).unwrap()).await;
    native.map(|text| serde_json::from_str::<Value>(&text).unwrap()["query"].clone()).map_err(|error| error.to_string())
}

#[tokio::test]
async fn filters_become_queries_of_the_same_meaning() {
    let any = |parts: Value| json!({ "bool": { "should": parts, "minimum_should_match": 1 } });
    let none = json!({ "match_none": {} });
    for (text, query) in [
        ("lang = \"en\"", json!({ "terms": { "lang": ["en"] } })),
        ("lang = 5", none.clone()),
        ("year = 5.0", json!({ "terms": { "year": [5] } })),
        ("year = 5.5", none.clone()),
        ("year = \"5\"", none.clone()),
        ("year < 5.5", json!({ "range": { "year": { "lt": 5.5 } } })),
        ("weight between -1 and 2.5", json!({ "range": { "weight": { "gte": -1, "lte": 2.5 } } })),
        ("lang >= \"b\"", json!({ "range": { "lang": { "gte": "b" } } })),
        ("lang < 5", none.clone()),
        // Also an array of which one element is another one.
        ("year != 5", any(json!([{ "range": { "year": { "lt": 5 } } }, { "range": { "year": { "gt": 5 } } }]))),
        (
            "lang not in (\"b\", \"a\")",
            any(json!([
                { "range": { "lang": { "lt": "a" } } },
                { "range": { "lang": { "gt": "a", "lt": "b" } } },
                { "range": { "lang": { "gt": "b" } } },
            ])),
        ),
        ("lang != 5", json!({ "exists": { "field": "lang" } })),
        ("old != true", json!({ "terms": { "old": [false] } })),
        ("old in (true, 1)", json!({ "terms": { "old": [true] } })),
        ("not old = true", json!({ "bool": { "must_not": [{ "terms": { "old": [true] } }] } })),
        ("title = \"abc\"", json!({ "terms": { "title.keyword": ["abc"] } })),
        (
            "title exists",
            any(json!([{ "exists": { "field": "title.keyword" } }, { "term": { "_ignored": "title.keyword" } }])),
        ),
        ("lang is null", json!({ "bool": { "must_not": [{ "exists": { "field": "lang" } }] } })),
        ("nobody = 1", none.clone()),
        ("nobody is null", json!({ "match_all": {} })),
        ("vector exists", none.clone()),
        (
            "lang = \"a\" and (old = true or year = 1)",
            json!({ "bool": { "filter": [
                { "terms": { "lang": ["a"] } },
                any(json!([{ "terms": { "old": [true] } }, { "terms": { "year": [1] } }])),
            ] } }),
        ),
    ] {
        assert_eq!(native(text).await, Ok(query), "{text}");
    }
}

#[tokio::test]
async fn filters_without_such_a_query_are_refused_with_their_place() {
    for (text, reason) in [
        ("price < 5", "rounds"),
        ("born > \"2020\"", "as date"),
        ("words = \"a\"", "only the words"),
        ("loud = \"a\"", "changed"),
        ("author.name = \"a\"", "array of objects"),
        ("\"author.name\" = \"a\"", "a path"),
        ("lang contains \"a\"", "whole element"),
        ("title = \"too long\"", "more than 5"),
        ("title < \"a\"", "long texts"),
        ("weight = 9007199254740993", "2^53"),
        ("lang is missing", "is null"),
        ("$text contains \"a\"", "no text apart"),
    ] {
        let error = native(&format!("old = true and {text}")).await.unwrap_err();
        assert!(error.contains("at characters 16 to ") && error.contains(reason), "{text}: {error}");
    }
}

#[tokio::test]
async fn only_indices_with_vectors_of_the_fake_are_collections() {
    let (_, books) = mapping();
    let mut all = books.as_object().unwrap().clone();
    all.insert("logs".to_owned(), json!({ "mappings": { "properties": { "line": { "type": "text" } } } }));
    all.insert("empty".to_owned(), json!({ "mappings": {} }));
    let count = (200, json!({ "count": 7, "_shards": { "failed": 0 } }));
    let (fake, db) = connected(ELASTIC, &[(200, Value::Object(all)), count]).await;
    let listed = db.collections().await.unwrap();
    assert_eq!(listed.len(), 1);
    let (name, vector) = (&listed[0].name, &listed[0].vectors[0]);
    assert_eq!((name.as_str(), listed[0].count.unwrap().value), ("books", 7));
    assert_eq!((vector.name.as_str(), vector.dimension, vector.metric), ("", Some(2), Some(Metric::Euclidean)));
    assert_eq!(fake.lines(), ["GET /_mapping?expand_wildcards=open", "POST /books/_count"]);
    let integer = db.get("books", &[RecordId::from(1_u64)], false).await;
    assert!(integer.is_err(), "the fake has no reply left");
}
