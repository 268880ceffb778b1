//! What Pinecone has beyond the shared suite, on the fake of `tests/support/fake_pinecone.rs`: namespaces,
//! indexes that are not ready, faults, and that the key stays with Pinecone.

use serde_json::json;
use vector_inspector::provider::filter::Filter;
use vector_inspector::provider::model::{
    CollectionSpec, CollectionState, Metric, PageRequest, SearchQuery, SearchRequest, TextQuery, TextWay, Vector,
    Vectors,
};
use vector_inspector::provider::{Address, ConnectSpec, ErrorKind, Provider, ProviderError, ProviderKind, connect};

use crate::bench::{Bench, DIMENSION, point, record};
use crate::fake_pinecone::Fake;

crate::cases!(
    fake_namespaces_are_collections_of_their_own,
    fake_lists_of_texts_are_filtered_by_their_elements,
    fake_a_wrong_key_is_refused_and_not_repeated,
    fake_an_index_elsewhere_does_not_get_the_key,
    fake_an_index_that_is_not_ready_says_so,
    fake_an_index_on_pods_is_searched_but_not_listed,
    fake_too_many_requests_and_overload_are_told_in_the_servers_words,
    fake_a_write_that_stored_less_is_an_error,
    fake_a_list_that_does_not_go_on_is_given_up,
    fake_a_text_is_searched_where_the_index_has_a_model,
    fake_sparse_values_are_shown_and_kept,
    fake_an_answer_that_ends_in_the_middle_is_an_interruption,
);

/// The key that the fake wants.
pub const KEY: &str = "pcsk-s3cret";

/// The spec of a fake.
pub fn spec(fake: &Fake) -> ConnectSpec {
    let (host, port) = fake.address.split_once(':').unwrap();
    let address = Address::Server { host: host.to_owned(), port: port.parse().unwrap(), tls: false };
    let mut spec = ConnectSpec::new(ProviderKind::Pinecone, address);
    spec.secret = Some(KEY.into());
    spec
}

/// A fake of its own with an index `a`.
async fn with_index() -> (Fake, Box<dyn Provider>) {
    let fake = Fake::start(KEY).await;
    let db = connect(&spec(&fake)).await.unwrap();
    db.create_collection(&CollectionSpec::dense("a", DIMENSION, Metric::Euclidean)).await.unwrap();
    (fake, db)
}

fn keyless(error: &ProviderError) {
    assert!(!format!("{error} {error:?}").contains(KEY), "{error}");
}

async fn fake_namespaces_are_collections_of_their_own(_: &Bench) {
    let (_fake, db) = with_index().await;
    db.upsert("a", vec![record("1".into(), point(1), json!({}))]).await.unwrap();
    db.upsert("a/b c", vec![record("1".into(), point(2), json!({ "in": "b c" }))]).await.unwrap();
    let listed = db.collections().await.unwrap();
    let listed: Vec<_> =
        listed.iter().map(|c| (c.name.as_str(), c.count.map(|count| (count.value, count.exact)))).collect();
    assert_eq!(listed, [("a", Some((1, false))), ("a/b c", Some((1, false)))]);
    let page = db.page("a/b c", &PageRequest::first(10)).await.unwrap();
    assert_eq!(page.records[0].payload["in"], "b c");
    assert_eq!(db.describe("a/b c").await.unwrap().summary.vectors[0].dimension, Some(DIMENSION));
    assert_eq!(
        db.describe("a/none").await.unwrap_err(),
        ProviderError::NoSuchCollection { collection: "a/none".to_owned() }
    );
    let error = db.drop_collection("a").await.unwrap_err().to_string();
    assert!(error.contains("1 other namespaces") && error.contains("b c"), "{error}");
    db.drop_collection("a/b c").await.unwrap();
    db.drop_collection("a").await.unwrap();
    assert!(db.collections().await.unwrap().is_empty());
}

async fn fake_lists_of_texts_are_filtered_by_their_elements(_: &Bench) {
    let (_fake, db) = with_index().await;
    let tags = [json!({ "x": ["a", "b"] }), json!({ "x": ["b"] }), json!({ "x": "a" }), json!({ "x": 5 }), json!({})];
    let records =
        tags.iter().enumerate().map(|(n, tags)| record(n.to_string().as_str().into(), point(n), tags.clone()));
    db.upsert("a", records.collect()).await.unwrap();
    let stored = db.page("a", &PageRequest::first(10)).await.unwrap().records;
    for text in
        ["x = \"a\"", "not x = \"a\"", "x in (\"b\", 5)", "not x in (\"b\", 5)", "x != 5", "not x != 5", "x exists"]
    {
        let filter = Filter::parse(text).unwrap();
        let request = PageRequest { filter: Some(filter.clone()), ..PageRequest::first(10) };
        let found: Vec<_> = db.page("a", &request).await.unwrap().records.into_iter().map(|r| r.id).collect();
        let due: Vec<_> = stored.iter().filter(|r| filter.selects(r)).map(|r| r.id.clone()).collect();
        assert_eq!(found, due, "{text}");
    }
    let filter = Filter::parse("x = \"a\"").unwrap();
    let native = db.native_filter("a", &filter).await.unwrap();
    assert!(native.contains("\"$eq\": \"a\""), "{native}");
}

async fn fake_a_wrong_key_is_refused_and_not_repeated(_: &Bench) {
    let fake = Fake::start("another").await;
    let error = connect(&spec(&fake)).await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Authentication, "{error}");
    keyless(&error);
}

async fn fake_an_index_elsewhere_does_not_get_the_key(_: &Bench) {
    let (fake, db) = with_index().await;
    for host in ["db.example.com", "http://203.0.113.7:1", "127.0.0.1.example.com"] {
        fake.describe("a", "host", json!(host));
        let error = db.page("a", &PageRequest::first(1)).await.unwrap_err();
        assert!(
            matches!(&error, ProviderError::BadAnswer { cause, .. } if cause.contains("key must not go")),
            "{error}"
        );
    }
}

async fn fake_an_index_that_is_not_ready_says_so(_: &Bench) {
    let (fake, db) = with_index().await;
    fake.describe("a", "status", json!({ "ready": false, "state": "ScalingUp" }));
    let error = db.page("a", &PageRequest::first(1)).await.unwrap_err();
    assert!(error.to_string().contains("takes no questions yet"), "{error}");
    let info = db.describe("a").await.unwrap();
    assert_eq!((info.state, info.summary.count), (CollectionState::Busy("ScalingUp".to_owned()), None));
    assert_eq!(db.collections().await.unwrap()[0].count, None);
}

async fn fake_an_index_on_pods_is_searched_but_not_listed(_: &Bench) {
    let (fake, db) = with_index().await;
    db.upsert("a", vec![record("1".into(), point(1), json!({}))]).await.unwrap();
    fake.describe("a", "spec", json!({ "pod": { "environment": "e", "pod_type": "p1.x1" } }));
    let error = db.page("a", &PageRequest::first(1)).await.unwrap_err();
    assert!(matches!(&error, ProviderError::Unsupported { reason, .. } if reason.contains("pods")), "{error}");
    let near = SearchRequest::new(SearchQuery::Vector(Vector::Dense(point(1))), 1);
    assert_eq!(db.search("a", &near).await.unwrap().len(), 1);
}

async fn fake_too_many_requests_and_overload_are_told_in_the_servers_words(_: &Bench) {
    let (fake, db) = with_index().await;
    let quota = json!({ "error": { "code": "QUOTA_EXCEEDED", "message": "project quota of 5 reached, pcsk-s3cret" }, "status": 429 });
    fake.fail("POST /indexes", 429, quota);
    let error = db.create_collection(&CollectionSpec::dense("b", 2, Metric::Dot)).await.unwrap_err();
    assert!(error.to_string().contains("too many requests (project quota of 5 reached"), "{error}");
    keyless(&error);
    fake.fail("POST /query", 503, json!({ "code": 14, "message": "upstream is busy", "details": [] }));
    let near = SearchRequest::new(SearchQuery::Vector(Vector::Dense(point(1))), 1);
    let error = db.search("a", &near).await.unwrap_err();
    assert!(matches!(&error, ProviderError::Server { cause, .. } if cause == "upstream is busy"), "{error}");
    assert!(db.search("a", &near).await.unwrap().is_empty(), "the connection is well");
}

async fn fake_a_write_that_stored_less_is_an_error(_: &Bench) {
    let (fake, db) = with_index().await;
    fake.fail("POST /vectors/upsert", 200, json!({ "upsertedCount": 1 }));
    let records = vec![record("1".into(), point(1), json!({})), record("2".into(), point(2), json!({}))];
    let error = db.upsert("a", records).await.unwrap_err();
    assert!(error.to_string().contains("1 of 2 records were written"), "{error}");
    assert!(fake.heard().contains(&"POST /vectors/upsert".to_owned()));
}

async fn fake_a_list_that_does_not_go_on_is_given_up(_: &Bench) {
    let (fake, db) = with_index().await;
    let records = (0..3).map(|n| record(n.to_string().as_str().into(), point(n), json!({}))).collect();
    db.upsert("a", records).await.unwrap();
    let first = db.page("a", &PageRequest::first(1)).await.unwrap();
    fake.fail("GET /vectors/list", 200, json!({ "vectors": [], "pagination": { "next": "0" } }));
    let request = PageRequest { cursor: first.next, ..PageRequest::first(2) };
    let error = db.page("a", &request).await.unwrap_err();
    assert!(matches!(&error, ProviderError::BadAnswer { cause, .. } if cause.contains("does not go on")), "{error}");
}

async fn fake_a_text_is_searched_where_the_index_has_a_model(_: &Bench) {
    let (fake, db) = with_index().await;
    let records = (0..4).map(|n| record(n.to_string().as_str().into(), point(n), json!({ "n": n })));
    db.upsert("a/b c", records.collect()).await.unwrap();
    let text = point(2).iter().map(f32::to_string).collect::<Vec<_>>().join(" ");
    let near = |way| SearchRequest::new(SearchQuery::Text(TextQuery::new(&text, way)), 2);
    let none = db.search("a/b c", &near(TextWay::Near)).await.unwrap_err();
    assert!(none.to_string().contains("no model"), "{none}");
    fake.describe("a", "embed", json!({ "model": "e5", "field_map": { "text": "chunk" } }));
    assert_eq!(db.describe("a").await.unwrap().summary.vectors[0].embedder.as_deref(), Some("e5"));
    let hits = db.search("a/b c", &near(TextWay::Near)).await.unwrap();
    assert_eq!((hits.len(), &hits[0].record.id), (2, &"2".into()));
    assert_eq!((hits[0].score.value, hits[0].score.measure.metric()), (0.0, Some(Metric::Euclidean)));
    assert_eq!((&hits[0].record.payload["n"], &hits[0].record.vectors), (&json!(2), &None));
    let filter = Some(Filter::parse("n = 3").unwrap());
    let request = SearchRequest { filter, with_vectors: true, ..near(TextWay::Near) };
    let hits = db.search("a/b c", &request).await.unwrap();
    assert_eq!((hits.len(), hits[0].record.vectors.clone()), (1, Some(Vectors::unnamed(point(3)))));
    assert!(fake.heard().contains(&"POST /records/namespaces/b%20c/search".to_owned()), "{:?}", fake.heard());
    for way in [TextWay::Bm25, TextWay::Hybrid] {
        let error = db.search("a", &near(way)).await.unwrap_err();
        assert!(matches!(error, ProviderError::Unsupported { .. }), "{error}");
    }
}

async fn fake_sparse_values_are_shown_and_kept(_: &Bench) {
    let fake = Fake::start(KEY).await;
    let db = connect(&spec(&fake)).await.unwrap();
    db.create_collection(&CollectionSpec::dense("a", DIMENSION, Metric::Dot)).await.unwrap();
    let sparse = Vector::Sparse { indices: vec![7, 4_000_000_000], values: vec![0.5, -0.25] };
    let mut given = record("1".into(), point(1), json!({ "n": 1 }));
    given.vectors.as_mut().unwrap().0.push(("sparse".to_owned(), sparse.clone()));
    db.upsert("a", vec![given.clone()]).await.unwrap();
    let request = PageRequest { with_vectors: true, ..PageRequest::first(5) };
    let page = db.page("a", &request).await.unwrap().records;
    assert_eq!(page[0].vectors.as_ref().unwrap().get("sparse"), Some(&sparse));
    let filtered = PageRequest { filter: Some(Filter::parse("n = 1").unwrap()), ..request };
    assert_eq!(db.page("a", &filtered).await.unwrap().records[0].vectors, page[0].vectors);
    let near = SearchRequest::new(SearchQuery::Vector(Vector::Dense(point(1))), 1);
    let hits = db.search("a", &SearchRequest { with_vectors: true, ..near }).await.unwrap();
    assert_eq!(hits[0].record.vectors, page[0].vectors);
    // What was read is written back with both.
    db.upsert("a", page.clone()).await.unwrap();
    assert_eq!(db.get("a", &["1".into()], true).await.unwrap(), page);
}

async fn fake_an_answer_that_ends_in_the_middle_is_an_interruption(_: &Bench) {
    let (fake, db) = with_index().await;
    let records = (0..5).map(|n| record(n.to_string().as_str().into(), point(n), json!({ "n": n }))).collect();
    db.upsert("a", records).await.unwrap();
    for request in ["GET /vectors/list", "GET /vectors/fetch"] {
        fake.cut(request);
        let error = db.page("a", &PageRequest::first(5)).await.unwrap_err();
        assert!(matches!(error, ProviderError::Interrupted { .. }), "{request}: {error:?}");
    }
    fake.cut("POST /query");
    let near = SearchRequest::new(SearchQuery::Vector(Vector::Dense(point(1))), 1);
    let error = db.search("a", &near).await.unwrap_err();
    assert!(matches!(error, ProviderError::Interrupted { .. }), "{error:?}");
    assert_eq!(db.page("a", &PageRequest::first(5)).await.unwrap().records.len(), 5, "the connection is well");
}
