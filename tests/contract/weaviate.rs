//! What Weaviate has beyond the shared suite, on the fake of `tests/support/fake_weaviate.rs`: tenants,
//! classes of other clients, batches that are refused in part, servers that are no Weaviate.

use serde_json::json;
use vector_inspector::provider::filter::Filter;
use vector_inspector::provider::model::{
    Measure, Metric, PageRequest, RecordId, SearchQuery, SearchRequest, TextQuery, TextWay,
};
use vector_inspector::provider::{Address, ConnectSpec, ErrorKind, Provider, ProviderError, ProviderKind, connect};

use crate::bench::{Bench, point, record};
use crate::fake_weaviate::Fake;

crate::cases!(
    fake_tenants_are_collections_of_their_own,
    fake_the_tenant_of_the_profile_is_the_class,
    fake_another_spelling_is_another_collection,
    fake_texts_cut_into_words_and_unindexed_nulls_are_refused,
    fake_each_refused_record_of_a_batch_is_told,
    fake_a_wrong_key_is_refused_and_not_repeated,
    fake_a_server_that_is_no_weaviate_is_named,
    fake_an_overloaded_server_is_told_in_its_words,
    fake_a_text_is_searched_by_its_words_its_vector_or_both,
    fake_an_answer_that_ends_in_the_middle_is_an_interruption,
);

/// The key that the fake wants.
pub const KEY: &str = "wv-s3cret";

/// The spec of a fake.
pub fn spec(fake: &Fake) -> ConnectSpec {
    let (host, port) = fake.address.split_once(':').unwrap();
    let address = Address::Server { host: host.to_owned(), port: port.parse().unwrap(), tls: false };
    let mut spec = ConnectSpec::new(ProviderKind::Weaviate, address);
    spec.secret = Some(KEY.into());
    spec
}

async fn opened() -> (Fake, Box<dyn Provider>) {
    let fake = Fake::start(KEY).await;
    let db = connect(&spec(&fake)).await.unwrap();
    (fake, db)
}

/// A class with two tenants.
async fn with_tenants() -> (Fake, Box<dyn Provider>) {
    let (fake, db) = opened().await;
    fake.make(json!({ "class": "Docs", "vectorizer": "none", "vectorIndexType": "hnsw",
        "vectorIndexConfig": { "distance": "l2-squared" }, "multiTenancyConfig": { "enabled": true } }));
    fake.tenant("Docs", "a");
    fake.tenant("Docs", "b");
    (fake, db)
}

async fn fake_tenants_are_collections_of_their_own(bench: &Bench) {
    let (_fake, db) = with_tenants().await;
    db.upsert("Docs/a", vec![record(bench.id(1), point(1), json!({ "in": "a" }))]).await.unwrap();
    let listed = db.collections().await.unwrap();
    let listed: Vec<_> = listed.iter().map(|c| (c.name.as_str(), c.count.map(|count| count.value))).collect();
    assert_eq!(listed, [("Docs/a", Some(1)), ("Docs/b", Some(0))]);
    assert_eq!(db.page("Docs/a", &PageRequest::first(5)).await.unwrap().records[0].payload["in"], "a");
    assert!(db.page("Docs/b", &PageRequest::first(5)).await.unwrap().records.is_empty());
    let error = db.page("Docs", &PageRequest::first(5)).await.unwrap_err().to_string();
    assert!(error.contains("by tenant") && error.contains("Docs/TENANT"), "{error}");
    assert_eq!(db.describe("Docs").await.unwrap().details["tenants"][1]["name"], "b");
    let none = ProviderError::NoSuchCollection { collection: "Docs/c".to_owned() };
    assert_eq!(db.page("Docs/c", &PageRequest::first(5)).await.unwrap_err(), none);
    assert_eq!(db.count("Docs/c", None).await.unwrap_err(), none);
    assert_eq!(db.describe("Docs/c").await.unwrap_err(), none);
    assert_eq!(db.upsert("Docs/c", vec![record(bench.id(1), point(1), json!({}))]).await.unwrap_err(), none);
    db.drop_collection("Docs/a").await.unwrap();
    let names: Vec<_> = db.collections().await.unwrap().into_iter().map(|c| c.name).collect();
    assert_eq!(names, ["Docs/b"]);
}

async fn fake_the_tenant_of_the_profile_is_the_class(bench: &Bench) {
    let (fake, _) = with_tenants().await;
    let mut spec = spec(&fake);
    spec.options.insert("tenant".to_owned(), "b".to_owned());
    let db = connect(&spec).await.unwrap();
    db.upsert("Docs", vec![record(bench.id(1), point(1), json!({}))]).await.unwrap();
    assert_eq!(db.collections().await.unwrap()[0].name, "Docs");
    assert_eq!(db.count("Docs", None).await.unwrap().value, 1);
    assert_eq!(db.count("Docs/a", None).await.unwrap().value, 0);
    let error = db.drop_collection("Docs").await.unwrap_err().to_string();
    assert!(error.contains("all tenants"), "{error}");
}

async fn fake_another_spelling_is_another_collection(_: &Bench) {
    let (fake, db) = opened().await;
    fake.make(json!({ "class": "Books" }));
    for name in ["books", "Books/x", "Bo-oks", "", "..", "Books?x"] {
        let missing = ProviderError::NoSuchCollection { collection: name.to_owned() };
        assert_eq!(db.describe(name).await.unwrap_err(), missing, "{name:?}");
    }
    assert_eq!(db.describe("Books").await.unwrap().summary.name, "Books");
}

async fn fake_texts_cut_into_words_and_unindexed_nulls_are_refused(_: &Bench) {
    let (fake, db) = opened().await;
    let title = json!({ "name": "title", "dataType": ["text"], "tokenization": "word" });
    fake.make(json!({ "class": "Books", "properties": [title, { "name": "n", "dataType": ["int"] }] }));
    for (filter, reason) in
        [("title = \"a\"", "tokenization word"), ("n exists", "indexNullState"), ("n != 5", "indexNullState")]
    {
        let request = PageRequest { filter: Some(Filter::parse(filter).unwrap()), ..PageRequest::first(5) };
        let error = db.page("Books", &request).await.unwrap_err();
        assert!(matches!(&error, ProviderError::FilterRefused { .. }), "{filter}: {error}");
        assert!(error.to_string().contains(reason), "{filter}: {error}");
    }
    let native = db.native_filter("Books", &Filter::parse("n = 5").unwrap()).await.unwrap();
    assert_eq!(native, "{path:[\"n\"],operator:Equal,valueInt:5}");
}

async fn fake_each_refused_record_of_a_batch_is_told(bench: &Bench) {
    let (fake, db) = opened().await;
    fake.make(json!({ "class": "Books", "vectorIndexType": "hnsw", "vectorIndexConfig": { "distance": "dot" } }));
    let failed = |n: usize, words: &str| json!({ "id": bench.id(n).to_string(), "result": { "status": "FAILED", "errors": { "error": [{ "message": words }] } } });
    let results =
        json!([{ "id": "x", "result": { "status": "SUCCESS" } }, failed(2, "disk is full"), failed(3, "no module")]);
    fake.fail("POST /v1/batch/objects", 200, results);
    let records: Vec<_> = (1..4).map(|n| record(bench.id(n), point(n), json!({}))).collect();
    let error = db.upsert("Books", records.clone()).await.unwrap_err().to_string();
    assert!(error.contains("2 of 3 records") && error.contains("1 were written"), "{error}");
    assert!(error.contains(&format!("{}: disk is full; {}: no module", bench.id(2), bench.id(3))), "{error}");
    fake.fail("POST /v1/batch/objects", 200, json!([]));
    assert!(matches!(db.upsert("Books", records).await, Err(ProviderError::BadAnswer { .. })));
}

async fn fake_a_wrong_key_is_refused_and_not_repeated(_: &Bench) {
    let fake = Fake::start("another").await;
    let error = connect(&spec(&fake)).await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Authentication, "{error}");
    assert!(!format!("{error} {error:?}").contains(KEY), "{error}");
}

async fn fake_a_server_that_is_no_weaviate_is_named(_: &Bench) {
    let fake = Fake::start(KEY).await;
    for (status, body) in [(404, json!(null)), (200, json!({ "version": "1.0.0" }))] {
        fake.fail("GET /v1/meta", status, body);
        let error = connect(&spec(&fake)).await.err().unwrap();
        assert!(matches!(&error, ProviderError::WrongProtocol { .. }), "{error}");
    }
    connect(&spec(&fake)).await.unwrap().ping().await.unwrap();
}

async fn fake_an_overloaded_server_is_told_in_its_words(_: &Bench) {
    let (fake, db) = opened().await;
    fake.fail("GET /v1/schema", 503, json!({ "error": [{ "message": "leader not found, wv-s3cret" }] }));
    let error = db.collections().await.unwrap_err();
    assert!(matches!(&error, ProviderError::Server { cause, .. } if cause == "leader not found, [key]"), "{error}");
    assert!(db.collections().await.unwrap().is_empty(), "the connection is well");
}

async fn fake_a_text_is_searched_by_its_words_its_vector_or_both(bench: &Bench) {
    let (fake, db) = opened().await;
    let index = |model: &str| json!({ "vectorIndexType": "hnsw", "vectorIndexConfig": { "distance": "l2-squared" }, "vectorizer": { model: {} } });
    fake.make(json!({ "class": "Books", "vectorConfig": { "a": index("none"), "b": index("text2vec-openai") },
        "properties": [{ "name": "title", "dataType": ["text"], "tokenization": "word" }] }));
    let titles = ["1 0", "0 5 red", "red sea", "9 9"];
    let records = titles.iter().enumerate().map(|(n, title)| {
        let mut record = record(bench.id(n), vec![], json!({ "title": title }));
        let vector = vector_inspector::provider::model::Vector::Dense(vec![n as f32, 0.0]);
        record.vectors.as_mut().unwrap().0 = vec![("b".to_owned(), vector)];
        record
    });
    db.upsert("Books", records.collect()).await.unwrap();
    let embedders: Vec<_> =
        db.describe("Books").await.unwrap().summary.vectors.into_iter().map(|v| v.embedder).collect();
    assert_eq!(embedders, [None, Some("text2vec-openai".to_owned())]);
    let find = async |query: TextQuery| {
        let hits = db.search("Books", &SearchRequest::new(SearchQuery::Text(query), 2)).await.unwrap();
        let best: Vec<RecordId> = hits.iter().map(|hit| hit.record.id.clone()).collect();
        (best, hits[0].score)
    };
    // the vector of "2 0" is that of the third record, whose title has none of its words
    let (best, score) = find(TextQuery::new("2 0", TextWay::Near)).await;
    assert_eq!((&best[0], score.value, score.measure), (&bench.id(2), 0.0, Measure::Metric(Metric::Euclidean)));
    let (best, score) = find(TextQuery::new("red sea", TextWay::Bm25)).await;
    assert_eq!((best, score.value, score.measure), (vec![bench.id(2), bench.id(1)], 2.0, Measure::Bm25));
    let hybrid = |alpha| TextQuery { alpha, ..TextQuery::new("1 0", TextWay::Hybrid) };
    assert_eq!(find(hybrid(0.0)).await.0[0], bench.id(0), "only words");
    let (best, score) = find(hybrid(1.0)).await;
    assert_eq!((&best[0], score.value, score.measure), (&bench.id(1), 1.0, Measure::Hybrid), "only nearness");
    let own = TextQuery { vector: Some(vec![3.0, 0.0]), ..hybrid(1.0) };
    let request = SearchRequest { using: Some("b".to_owned()), ..SearchRequest::new(SearchQuery::Text(own), 1) };
    assert_eq!(db.search("Books", &request).await.unwrap()[0].record.id, bench.id(3));
    let near = SearchRequest::new(SearchQuery::Text(TextQuery::new("1", TextWay::Near)), 1);
    let error = db.search("Books", &SearchRequest { using: Some("a".to_owned()), ..near }).await.unwrap_err();
    assert!(matches!(&error, ProviderError::Unsupported { reason, .. } if reason.contains("no model")), "{error}");
}

async fn fake_an_answer_that_ends_in_the_middle_is_an_interruption(bench: &Bench) {
    let (fake, db) = opened().await;
    fake.make(json!({ "class": "Books", "vectorIndexType": "hnsw", "vectorIndexConfig": { "distance": "dot" } }));
    db.upsert("Books", (0..5).map(|n| record(bench.id(n), point(n), json!({}))).collect()).await.unwrap();
    fake.cut("GET /v1/objects");
    let error = db.page("Books", &PageRequest { with_vectors: true, ..PageRequest::first(5) }).await.unwrap_err();
    assert!(matches!(error, ProviderError::Interrupted { .. }), "{error:?}");
    fake.cut("POST /v1/graphql");
    let error = db.count("Books", None).await.unwrap_err();
    assert!(matches!(error, ProviderError::Interrupted { .. }), "{error:?}");
    assert_eq!(db.count("Books", None).await.unwrap().value, 5, "the connection is well");
}
