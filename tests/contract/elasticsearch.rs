//! What Elasticsearch and OpenSearch have beyond the shared suite, on the fake of
//! `tests/support/fake_elasticsearch.rs`: bulks that are refused in part, points in time, indices of other
//! clients, servers that are busy or fall silent in the middle, and that the fake refuses wrong requests.

use serde_json::{Value, json};
use vector_inspector::provider::filter::Filter;
use vector_inspector::provider::model::{
    CollectionSpec, Measure, Metric, PageRequest, SearchQuery, SearchRequest, TextQuery, TextWay, Vector,
};
use vector_inspector::provider::{Address, ConnectSpec, ErrorKind, Provider, ProviderError, ProviderKind, connect};

use crate::bench::{Bench, DIMENSION, point, record};
use crate::fake_elasticsearch::{Fake, Product};

crate::cases!(
    fake_each_document_of_a_bulk_that_does_not_fit_is_told,
    fake_a_busy_server_is_told_whole_and_in_part,
    fake_an_answer_that_ends_in_the_middle_is_an_interruption,
    fake_points_in_time_are_followed_and_one_that_is_gone_is_told,
    fake_filters_select_what_the_evaluation_selects,
    fake_indices_of_others_are_read_as_they_are,
    fake_a_text_is_searched_by_its_words,
    fake_a_wrong_key_is_refused_and_not_repeated,
    fake_a_server_that_is_neither_is_named,
    fake_requests_that_no_server_takes_are_refused,
);

/// The key that the fake wants.
pub const KEY: &str = "ZXMtczNjcmV0";

/// The spec of a fake.
pub fn spec(fake: &Fake) -> ConnectSpec {
    let (host, port) = fake.address.split_once(':').unwrap();
    let address = Address::Server { host: host.to_owned(), port: port.parse().unwrap(), tls: false };
    let mut spec = ConnectSpec::new(ProviderKind::Elasticsearch, address);
    spec.secret = Some(KEY.into());
    spec
}

/// The product that the case is about.
fn product(bench: &Bench) -> Product {
    if bench.maker == "opensearch_fake" { Product::OpenSearch } else { Product::Elasticsearch }
}

async fn opened(bench: &Bench) -> (Fake, Box<dyn Provider>) {
    let fake = Fake::start(product(bench), KEY).await;
    let db = connect(&spec(&fake)).await.unwrap();
    (fake, db)
}

/// A fake with an index `books`.
async fn with_books(bench: &Bench) -> (Fake, Box<dyn Provider>) {
    let (fake, db) = opened(bench).await;
    db.create_collection(&CollectionSpec::dense("books", DIMENSION, Metric::Euclidean)).await.unwrap();
    (fake, db)
}

/// A field of vectors as that product has it.
fn vectors(bench: &Bench) -> Value {
    match product(bench) {
        Product::Elasticsearch => json!({ "type": "dense_vector", "dims": DIMENSION, "similarity": "l2_norm" }),
        Product::OpenSearch => json!({
            "type": "knn_vector", "dimension": DIMENSION,
            "method": { "name": "hnsw", "engine": "lucene", "space_type": "l2" },
        }),
    }
}

fn near(n: usize, top: usize) -> SearchRequest {
    SearchRequest::new(SearchQuery::Vector(Vector::Dense(point(n))), top)
}

async fn fake_each_document_of_a_bulk_that_does_not_fit_is_told(bench: &Bench) {
    let (fake, db) = with_books(bench).await;
    db.upsert("books", vec![record("a".into(), point(1), json!({ "year": 5 }))]).await.unwrap();
    let wrong = |id: &str| record(id.into(), point(2), json!({ "year": "long ago" }));
    let records = vec![wrong("b"), record("c".into(), point(3), json!({ "year": 7 })), wrong("d")];
    let error = db.upsert("books", records).await.unwrap_err().to_string();
    assert!(error.contains("2 of 3 records failed, the first of them \"b\"") && error.contains("[year]"), "{error}");
    let ids: Vec<_> =
        db.page("books", &PageRequest::first(9)).await.unwrap().records.into_iter().map(|r| r.id).collect();
    assert_eq!(ids, ["a".into(), "c".into()], "the others are written");
    // An answer that has not one outcome for each is none.
    fake.fail("POST /books/_bulk", 200, json!({ "errors": false, "items": [] }));
    let none = db.upsert("books", vec![record("e".into(), point(1), json!({}))]).await;
    assert!(matches!(none, Err(ProviderError::BadAnswer { .. })), "{none:?}");
}

async fn fake_a_busy_server_is_told_whole_and_in_part(bench: &Bench) {
    let (fake, db) = with_books(bench).await;
    let busy = json!({ "type": "es_rejected_execution_exception", "reason": "rejected execution: queue is full" });
    fake.fail("POST /books/_count", 429, json!({ "error": busy, "status": 429 }));
    let error = db.count("books", None).await.unwrap_err();
    assert!(error.to_string().contains("too many requests") && error.to_string().contains("queue is full"), "{error}");
    let item = json!({ "index": { "_id": "a", "status": 429, "error": busy } });
    fake.fail("POST /books/_bulk", 200, json!({ "errors": true, "items": [item] }));
    let error = db.upsert("books", vec![record("a".into(), point(1), json!({}))]).await.unwrap_err();
    assert!(matches!(&error, ProviderError::Server { cause, .. } if cause.contains("queue is full")), "{error:?}");
    fake.fail("POST /books/_count", 503, json!("upstream is down"));
    assert!(matches!(db.count("books", None).await, Err(ProviderError::Server { .. })));
    fake.fail("POST /books/_count", 200, json!({ "count": 3, "_shards": { "failed": 1 } }));
    let partial = db.count("books", None).await;
    assert!(matches!(partial, Err(ProviderError::Server { .. })), "a count without a shard is no count: {partial:?}");
    assert_eq!(db.count("books", None).await.unwrap().value, 0, "the connection is well");
}

async fn fake_an_answer_that_ends_in_the_middle_is_an_interruption(bench: &Bench) {
    let (fake, db) = with_books(bench).await;
    db.upsert("books", (0..50).map(|n| record(n.to_string().as_str().into(), point(n), json!({}))).collect())
        .await
        .unwrap();
    fake.cut("POST /_search");
    let error = db.page("books", &PageRequest { with_vectors: true, ..PageRequest::first(20) }).await.unwrap_err();
    assert!(matches!(error, ProviderError::Interrupted { .. }), "{error:?}");
    fake.cut("POST /books/_search");
    let error = db.search("books", &near(3, 5)).await.unwrap_err();
    assert!(matches!(error, ProviderError::Interrupted { .. }), "{error:?}");
    // Written, and the answer is lost: the write is not repeated by itself.
    fake.cut("POST /books/_bulk");
    let error = db.upsert("books", vec![record("new".into(), point(1), json!({}))]).await.unwrap_err();
    assert!(matches!(error, ProviderError::Interrupted { .. }), "{error:?}");
    assert_eq!(fake.heard().iter().filter(|words| *words == "POST /books/_bulk").count(), 2);
    assert_eq!(db.count("books", None).await.unwrap().value, 51, "the connection is well");
}

async fn fake_points_in_time_are_followed_and_one_that_is_gone_is_told(bench: &Bench) {
    let (fake, db) = with_books(bench).await;
    let records = (0..10).map(|n| record(n.to_string().as_str().into(), point(n), json!({ "n": n }))).collect();
    db.upsert("books", records).await.unwrap();
    let only = db.page("books", &PageRequest::first(10)).await.unwrap();
    assert_eq!((only.records.len(), only.next), (10, None));
    let open = fake.open_points();
    let first = db.page("books", &PageRequest::first(4)).await.unwrap();
    // What is written and deleted meanwhile is not of that point in time.
    db.upsert("books", vec![record("99".into(), point(9), json!({}))]).await.unwrap();
    db.delete("books", &["7".into()]).await.unwrap();
    let second = PageRequest { cursor: first.next.clone(), ..PageRequest::first(4) };
    let page = db.page("books", &second).await.unwrap();
    let third = PageRequest { cursor: page.next, ..PageRequest::first(4) };
    let ids: Vec<_> = db.page("books", &third).await.unwrap().records.into_iter().map(|r| r.id.to_string()).collect();
    assert_eq!(ids, ["8", "9"]);
    assert!(page.records.iter().any(|record| record.id == "7".into()));
    assert!(fake.open_points() > open);
    fake.forget_points();
    let error = db.page("books", &second).await.unwrap_err().to_string();
    assert!(error.contains("let go of the point in time") && error.contains("first page"), "{error}");
    assert_eq!(db.page("books", &PageRequest::first(4)).await.unwrap().records.len(), 4);
}

async fn fake_filters_select_what_the_evaluation_selects(bench: &Bench) {
    let (_fake, db) = with_books(bench).await;
    let payloads = [
        json!({ "s": "a", "n": 1, "b": true, "tags": ["x", "y"] }),
        json!({ "s": "b", "n": 2.5, "b": false, "tags": ["y"] }),
        json!({ "s": "", "n": [1, 5], "b": [true, false], "tags": [] }),
        json!({ "s": ["a", "c"], "n": -3, "tags": null }),
        json!({ "s": "it's \"so\" ü", "n": 1e300 }),
        json!({ "s": "x".repeat(9_000), "b": true }),
        json!({}),
    ];
    let records = payloads.iter().enumerate().map(|(n, p)| record(n.to_string().as_str().into(), point(n), p.clone()));
    db.upsert("books", records.collect()).await.unwrap();
    let stored = db.page("books", &PageRequest::first(20)).await.unwrap().records;
    assert_eq!(stored.len(), payloads.len());
    let mut texts: Vec<String> = Vec::new();
    for field in ["s", "n", "b", "tags", "nobody"] {
        for literal in ["\"a\"", "\"x\"", "\"\"", "\"it's \\\"so\\\" ü\"", "1", "2.5", "-3", "true", "false"] {
            texts.extend(["=", "!="].map(|sign| format!("{field} {sign} {literal}")));
            texts.push(format!("not {field} in ({literal}, 5)"));
            texts.push(format!("{field} not in ({literal}, \"b\", 5)"));
            texts.push(format!("{field} = {literal} or (n > 1 and not b)"));
        }
        texts.extend(["<", "<=", ">", ">="].map(|sign| format!("{field} {sign} 1")));
        texts.extend(
            ["exists", "is null", "between 0 and 2.5", "between \"a\" and \"y\"", "contains 5"]
                .map(|t| format!("{field} {t}")),
        );
    }
    let mut asked = 0;
    for text in &texts {
        let filter = Filter::parse(text).unwrap_or_else(|error| panic!("{text}: {error:?}"));
        let due: Vec<_> =
            stored.iter().filter(|record| filter.selects(record)).map(|record| record.id.clone()).collect();
        match db.page("books", &PageRequest { filter: Some(filter.clone()), ..PageRequest::first(20) }).await {
            Ok(page) => {
                let found: Vec<_> = page.records.into_iter().map(|record| record.id).collect();
                assert_eq!(found, due, "{text}: {}", db.native_filter("books", &filter).await.unwrap());
                assert_eq!(db.count("books", Some(&filter)).await.unwrap().value, due.len() as u64, "{text}");
                asked += 1;
            }
            Err(ProviderError::FilterRefused { .. }) => {}
            Err(error) => panic!("{text}: {error}"),
        }
    }
    assert!(asked * 10 >= texts.len() * 9, "only {asked} of {}", texts.len());
    let filtered = SearchRequest { filter: Some(Filter::parse("b = false").unwrap()), ..near(0, 5) };
    let hits: Vec<_> =
        db.search("books", &filtered).await.unwrap().into_iter().map(|hit| hit.record.id.to_string()).collect();
    assert_eq!(hits, ["1", "2"]);
}

async fn fake_indices_of_others_are_read_as_they_are(bench: &Bench) {
    let (fake, db) = opened(bench).await;
    let chunks = json!({ "type": "nested", "properties": { "emb": vectors(bench) } });
    fake.make("logs", &json!({ "properties": { "line": { "type": "text" } } }));
    if product(bench) == Product::Elasticsearch {
        fake.make("chunked", &json!({ "properties": { "chunks": chunks } }));
        fake.make("books", &json!({ "properties": { "emb": vectors(bench), "born": { "type": "date" } } }));
    } else {
        // Its vectors want a setting of the index.
        db.create_collection(&CollectionSpec::dense("books", DIMENSION, Metric::Euclidean)).await.unwrap();
    }
    let listed: Vec<_> = db.collections().await.unwrap().into_iter().map(|collection| collection.name).collect();
    assert_eq!(listed, ["books"], "without vectors of its documents an index is no collection");
    fake.alias("one", &["books"]);
    fake.alias("both", &["books", "logs"]);
    assert_eq!(db.describe("one").await.unwrap().summary.name, "books");
    let error = db.describe("both").await.unwrap_err().to_string();
    assert!(error.contains("alias of several"), "{error}");
    for name in ["*", "_all", "books,logs", "books/_search", "-books", ""] {
        assert!(matches!(db.count(name, None).await, Err(ProviderError::NoSuchCollection { .. })), "{name}");
    }
}

async fn fake_a_text_is_searched_by_its_words(bench: &Bench) {
    let (fake, db) = opened(bench).await;
    if product(bench) == Product::OpenSearch {
        db.create_collection(&CollectionSpec::dense("books", DIMENSION, Metric::Euclidean)).await.unwrap();
        let query = SearchRequest::new(SearchQuery::Text(TextQuery::new("red", TextWay::Bm25)), 2);
        let error = db.search("books", &query).await.unwrap_err().to_string();
        assert!(error.contains("cut into words"), "{error}");
        return;
    }
    let title = json!({ "type": "text", "fields": { "raw": { "type": "keyword", "ignore_above": 20 } } });
    fake.make("books", &json!({ "properties": { "emb": vectors(bench), "title": title, "year": { "type": "long" } } }));
    let titles = ["a blue lake", "the Red lake", "red sea, red sand", "nothing"];
    let records = titles.iter().enumerate().map(|(n, title)| {
        let mut record = record(n.to_string().as_str().into(), point(n), json!({ "title": title, "year": n }));
        record.vectors.as_mut().unwrap().0[0].0 = "emb".to_owned();
        record
    });
    db.upsert("books", records.collect()).await.unwrap();
    let words = |text: &str, way| SearchRequest::new(SearchQuery::Text(TextQuery::new(text, way)), 2);
    let hits = db.search("books", &words("red \"lake\"", TextWay::Bm25)).await.unwrap();
    assert_eq!((hits[0].record.id.to_string().as_str(), hits[0].score.measure), ("1", Measure::Bm25));
    assert_eq!((hits.len(), &hits[0].record.vectors), (2, &None));
    let filter = Some(Filter::parse("title = \"a blue lake\"").unwrap());
    let hits = db.search("books", &SearchRequest { filter, ..words("lake", TextWay::Bm25) }).await.unwrap();
    assert_eq!(hits.iter().map(|hit| hit.record.id.to_string()).collect::<Vec<_>>(), ["0"]);
    for way in [TextWay::Near, TextWay::Hybrid] {
        let error = db.search("books", &words("red", way)).await.unwrap_err();
        assert!(matches!(error, ProviderError::Unsupported { .. }), "{error}");
    }
}

async fn fake_a_wrong_key_is_refused_and_not_repeated(bench: &Bench) {
    let fake = Fake::start(product(bench), "another").await;
    let error = connect(&spec(&fake)).await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Authentication, "{error}");
    assert!(!format!("{error} {error:?}").contains(KEY), "{error}");
    assert_eq!(fake.heard(), ["GET /"]);
}

async fn fake_a_server_that_is_neither_is_named(bench: &Bench) {
    let fake = Fake::start(product(bench), KEY).await;
    for (status, body) in [(404, json!(null)), (200, json!({ "nanosecond heartbeat": 1 }))] {
        fake.fail("GET /", status, body);
        let error = connect(&spec(&fake)).await.err().unwrap();
        assert!(matches!(&error, ProviderError::WrongProtocol { .. }), "{error}");
    }
    connect(&spec(&fake)).await.unwrap().ping().await.unwrap();
}

/// The fake is a proof only if it says no.
async fn fake_requests_that_no_server_takes_are_refused(bench: &Bench) {
    let (fake, _) = with_books(bench).await;
    // As the program does when it starts.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let ask = async |path: &str, kind: &str, body: &str| {
        let request = client.post(format!("http://{}{path}", fake.address)).header("content-type", kind);
        let request = request.header("authorization", format!("ApiKey {KEY}")).body(body.to_owned());
        request.send().await.unwrap().status().as_u16()
    };
    let count = |query: Value| json!({ "query": query }).to_string();
    let right = count(json!({ "exists": { "field": "vector" } }));
    assert_eq!(ask("/books/_count", "application/json", &right).await, 200);
    assert_eq!(ask("/books/_count", "text/plain", &right).await, 406);
    for (path, body) in [
        ("/books/_count?pretty", right.clone()),
        ("/books/_counts", right.clone()),
        ("/books/_count", json!({ "querry": { "match_all": {} } }).to_string()),
        ("/books/_count", count(json!({ "exist": { "field": "vector" } }))),
        ("/books/_count", count(json!({ "match_all": {}, "match_none": {} }))),
        ("/books/_count", count(json!({ "range": { "n": { "less": 1 } } }))),
        ("/books/_count", count(json!({ "bool": { "filters": [] } }))),
        ("/books/_search", json!({ "size": 1 }).to_string()),
        ("/books/_search?allow_partial_search_results=false", json!({ "size": 10_001 }).to_string()),
        ("/_search?allow_partial_search_results=false", json!({ "size": 1, "sort": ["_score"] }).to_string()),
        ("/books/_mget", json!({ "ids": [] }).to_string()),
    ] {
        let status = ask(path, "application/json", &body).await;
        assert!(status == 400, "{path} {body}: {status}");
    }
    let bulk = "/books/_bulk?refresh=true";
    let line = "{\"delete\":{\"_id\":\"a\"}}";
    assert_eq!(ask(bulk, "application/x-ndjson", &format!("{line}\n")).await, 200);
    for (body, kind) in [
        (line, "application/x-ndjson"),
        ("{\"remove\":{\"_id\":\"a\"}}\n", "application/x-ndjson"),
        ("{}\n", "application/json"),
    ] {
        assert!(matches!(ask(bulk, kind, body).await, 400 | 406), "{body}");
    }
}
