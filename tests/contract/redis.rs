//! What Redis has beyond the shared suite: indexes that others made, on hashes and JSON; odd keys and
//! texts; a search in a rare selection.

use std::time::Duration;

use ::redis::aio::MultiplexedConnection;
use serde_json::{Value, json};
use vector_inspector::provider::filter::Filter;
use vector_inspector::provider::model::{
    CollectionSpec, Metric, PageRequest, Record, RecordId, SearchQuery, SearchRequest, Vector, Vectors,
};
use vector_inspector::provider::{Address, ErrorKind, ProviderError, ProviderKind, connect};

use crate::bench::{Bench, DIMENSION, object, point, record};
use crate::makers::server;

crate::cases!(
    a_hash_index_of_others_is_read_filtered_and_searched,
    hashes_are_written_as_the_index_has_them,
    a_json_index_of_others_is_read,
    odd_texts_are_filtered_exactly_or_refused,
    keys_with_line_breaks_are_paged,
    pages_stay_whole_while_others_write,
    a_new_collection_takes_in_no_old_keys,
    collections_that_would_share_records_are_refused,
    a_record_that_the_index_does_not_take_is_told,
    a_search_in_a_rare_selection_finds_all_of_it,
    a_wrong_password_and_a_missing_right_are_told_without_the_password,
);

/// A connection past the provider, as other programs have it.
async fn raw() -> MultiplexedConnection {
    raw_of("VECTOR_INSPECTOR_TEST_REDIS_URL").await
}

/// The same to the server of another variable.
pub async fn raw_of(variable: &str) -> MultiplexedConnection {
    let spec = server(ProviderKind::Redis, variable).unwrap();
    let Address::Server { host, port, .. } = spec.address else { panic!("a server") };
    let client = ::redis::Client::open(format!("redis://{host}:{port}")).unwrap();
    // Its own half a second is not enough beside a compiler.
    let patience = ::redis::AsyncConnectionConfig::new()
        .set_connection_timeout(Some(Duration::from_secs(30)))
        .set_response_timeout(Some(Duration::from_secs(30)));
    client.get_multiplexed_async_connection_with_config(&patience).await.unwrap()
}

/// Sends a command and wants a yes.
pub async fn run(connection: &mut MultiplexedConnection, words: &[&str]) -> ::redis::Value {
    let mut command = ::redis::cmd(words[0]);
    for word in &words[1..] {
        command.arg(*word);
    }
    connection.send_packed_command(&command).await.and_then(::redis::Value::extract_error).unwrap()
}

/// An index on hashes with two prefixes and vectors of eight bytes.
async fn hashes(bench: &Bench) -> String {
    let name = bench.name();
    let mut redis = raw().await;
    let (a, b) = (format!("{name}/a/"), format!("{name}/b/"));
    let create = ["FT.CREATE", &name, "ON", "HASH", "PREFIX", "2", &a, &b, "SCHEMA", "lang", "TAG"];
    let vector = ["v", "VECTOR", "FLAT", "6", "TYPE", "FLOAT64", "DIM", "2", "DISTANCE_METRIC", "L2"];
    run(&mut redis, &[&create[..], &["year", "AS", "y", "NUMERIC", "title", "TEXT"], &vector].concat()).await;
    let documents = [
        (format!("{a}1"), [0.0, 1.0], vec![("lang", "en"), ("year", "2017"), ("title", "Hello world"), ("n", "5")]),
        (format!("{a}2"), [3.0, 1.0], vec![("lang", "EN,de"), ("year", "2018.5"), ("title", "10")]),
        (format!("{b}1"), [9.0, 1.0], vec![("lang", ""), ("year", "-3"), ("free text", "it's \"so\", there")]),
        (format!("{b}2"), [1.0, 1.0], vec![("lang", "5"), ("n", "10")]),
    ];
    for (key, vector, fields) in documents {
        let blob: Vec<u8> = vector.iter().flat_map(|value: &f64| value.to_le_bytes()).collect();
        let mut command = ::redis::cmd("HSET");
        command.arg(key).arg("v").arg(blob).arg(&fields);
        let _: i64 = command.query_async(&mut redis).await.unwrap();
    }
    name
}

/// Every answer is that of the evaluation in memory; a refusal has its place. Returns the number of answers.
pub async fn compare(bench: &Bench, name: &str, filters: &[String]) -> usize {
    let stored = bench.walk(name, 100, false).await;
    let (mut answered, mut wrong) = (0, Vec::new());
    for text in filters {
        let filter = Filter::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        let due: Vec<_> = stored.iter().filter(|record| filter.selects(record)).collect();
        let request = PageRequest { filter: Some(filter.clone()), ..PageRequest::first(100) };
        match bench.db.page(name, &request).await {
            Ok(page) => {
                let found: Vec<_> = page.records.iter().collect();
                let count = bench.db.count(name, Some(&filter)).await.unwrap().value;
                if found != due || count != due.len() as u64 {
                    let ids = |records: &[&Record]| records.iter().map(|r| r.id.to_string()).collect::<Vec<_>>();
                    wrong.push(format!("{text}: {:?} for {:?}, counted {count}", ids(&found), ids(&due)));
                }
                answered += 1;
            }
            Err(ProviderError::FilterRefused { .. }) => {}
            Err(error) => panic!("{text}: {error}"),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    answered
}

async fn a_hash_index_of_others_is_read_filtered_and_searched(bench: &Bench) {
    let name = hashes(bench).await;
    let info = bench.db.describe(&name).await.unwrap();
    let vector = &info.summary.vectors[0];
    assert_eq!((vector.name.as_str(), vector.dimension, vector.metric), ("v", Some(2), Some(Metric::Euclidean)));
    let fields: Vec<_> = info.fields.iter().map(|field| (field.path.as_str(), field.kind.as_str())).collect();
    assert_eq!(fields, [("lang", "tag"), ("y", "numeric"), ("title", "text")]);
    // Several prefixes: the whole key is the id.
    let ids: Vec<_> = bench.walk(&name, 3, false).await.into_iter().map(|record| record.id.to_string()).collect();
    assert_eq!(ids, ["a/1", "a/2", "b/1", "b/2"].map(|id| format!("{name}/{id}")));
    let first = bench.db.get(&name, &[ids[0].as_str().into()], true).await.unwrap().remove(0);
    let payload = json!({ "lang": "en", "year": 2017, "title": "Hello world", "n": "5" });
    assert_eq!(first.payload, object(payload));
    assert_eq!(first.vectors.unwrap().get("v"), Some(&Vector::Dense(vec![0.0, 1.0])));
    let near = SearchRequest::new(SearchQuery::Vector(Vector::Dense(vec![0.5, 1.0])), 2);
    let hits = bench.db.search(&name, &near).await.unwrap();
    assert_eq!(hits.iter().map(|hit| hit.score.value).collect::<Vec<_>>(), [0.5, 0.5]);
    let filters = [
        "lang = \"en\"",
        "lang = \"EN\"",
        "lang != \"en\"",
        "not lang = \"en\"",
        "lang in (\"en\", \"5\")",
        "lang not in (\"en\", \"5\")",
        "lang contains \"d\"",
        "lang contains \"\"",
        "lang < \"e\"",
        "lang between \"5\" and \"F\"",
        "lang = 5",
        "lang != 5",
        "lang exists",
        "title is null",
        "title is missing",
        "year = 2017",
        "year = 2017.0",
        "year != 2017",
        "year = \"2017\"",
        "year != \"2017\"",
        "year < 0",
        "year >= -3",
        "year > -3.5",
        "year between 2018.5 and 3000",
        "year in (-3, 2018.5)",
        "year not in (-3, 2018.5)",
        "year is null",
        "n = \"5\"",
        "n = 5",
        "n < \"5\"",
        "\"free text\" = \"it's \\\"so\\\", there\"",
        "\"free text\" contains \"s \\\"so\\\", t\"",
        "nobody exists",
        "a.b = 1",
        "v exists",
        "v is missing",
        "not v exists",
    ];
    assert_eq!(compare(bench, &name, &filters.map(str::to_owned)).await, filters.len());
    for refused in ["year = 9007199254740993", "lang = \"a\\\\b\"", "lang contains \"a\\nb\"", "\"$x\" exists"] {
        let filter = Filter::parse(refused).unwrap();
        let answer = bench.db.count(&name, Some(&filter)).await;
        assert!(matches!(answer, Err(ProviderError::FilterRefused { .. })), "{refused}: {answer:?}");
    }
}

async fn hashes_are_written_as_the_index_has_them(bench: &Bench) {
    let name = hashes(bench).await;
    let new = |id: &str, payload: Value| Record {
        id: RecordId::Text(format!("{name}/{id}")),
        vectors: Some(Vectors(vec![("v".to_owned(), Vector::Dense(vec![0.25, -0.0]))])),
        payload: object(payload),
        text: None,
    };
    let whole = new("a/1", json!({ "lang": "fr", "year": 2.5 }));
    bench.db.upsert(&name, vec![whole.clone()]).await.unwrap();
    assert_eq!(bench.db.get(&name, std::slice::from_ref(&whole.id), true).await.unwrap(), [whole]);
    for (id, payload) in [
        ("a/9", json!({ "year": "2017" })),
        ("a/9", json!({ "n": 5 })),
        ("a/9", json!({ "n": [1] })),
        ("a/9", json!({ "n": null })),
        ("elsewhere", json!({})),
    ] {
        let error = bench.db.upsert(&name, vec![new(id, payload.clone())]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Request, "{id} {payload}: {error}");
    }
    assert_eq!(bench.db.count(&name, None).await.unwrap().value, 4);
}

async fn a_json_index_of_others_is_read(bench: &Bench) {
    let name = bench.name();
    let mut redis = raw().await;
    let prefix = format!("{name}|");
    let create = ["FT.CREATE", &name, "ON", "JSON", "PREFIX", "1", &prefix, "SCHEMA", "$.meta.lang", "AS", "lang"];
    let vector = ["$.emb.text", "AS", "emb", "VECTOR", "FLAT", "6", "TYPE", "FLOAT16", "DIM", "2"];
    run(&mut redis, &[&create[..], &["TAG"], &vector, &["DISTANCE_METRIC", "COSINE"]].concat()).await;
    let document = json!({ "meta": { "lang": "en" }, "emb": { "text": [3.0, 4.0], "model": "m" }, "n": 1 });
    run(&mut redis, &["JSON.SET", &format!("{prefix}1"), "$", &document.to_string()]).await;
    // The index does not ask for a vector.
    run(&mut redis, &["JSON.SET", &format!("{prefix}2"), "$", "{\"n\":2}"]).await;
    let records = bench.walk(&name, 10, true).await;
    assert_eq!(records[0].id, "1".into());
    assert_eq!(records[0].payload, object(json!({ "meta": { "lang": "en" }, "emb": { "model": "m" }, "n": 1 })));
    assert_eq!(records[0].vectors.as_ref().unwrap().get("emb"), Some(&Vector::Dense(vec![3.0, 4.0])));
    assert_eq!(records[1].vectors, Some(Vectors::default()));
    let filters =
        ["meta.lang = \"en\"", "emb.text exists", "emb.text is null", "emb exists", "emb.model = \"m\"", "emb is null"];
    assert_eq!(compare(bench, &name, &filters.map(str::to_owned)).await, filters.len());
    let hits = bench.db.search(&name, &SearchRequest::new(SearchQuery::Like("1".into()), 5)).await.unwrap();
    assert!(hits.is_empty(), "{hits:?}");
    let near = SearchRequest::new(SearchQuery::Vector(Vector::Dense(vec![4.0, 3.0])), 5);
    let hits = bench.db.search(&name, &near).await.unwrap();
    assert!(hits.len() == 1 && (hits[0].score.value - 0.96).abs() < 1e-3, "{hits:?}");
}

async fn odd_texts_are_filtered_exactly_or_refused(bench: &Bench) {
    let texts = [
        "",
        " ",
        "a",
        "a.c",
        "abc",
        "it's",
        "say \"so\"",
        "it's \"so\"",
        "back\\slash",
        "\\",
        "\\n",
        "line\nbreak",
        "tab\t",
        "$",
        "^",
        "[a]",
        "(a)",
        "a|b",
        "a&&b",
        "@",
        "{\"a\":1}",
        "[]",
        "[1]",
        "{",
        "null",
        "5",
        "true",
        "?",
        "*",
        "a+",
        "{2}",
        "\u{1b}[31m",
        "日本",
        "👩‍👩‍👧",
        "~",
        "#",
        "-",
        "/",
        "%",
        "'",
        "\"",
        "a]b",
        "a)b",
        " a",
        "a ",
        "  ",
        "\ta",
        "\nb",
        "x\\\"",
        "'\\",
    ];
    let name = bench.empty(DIMENSION, Metric::Euclidean).await;
    let mut records: Vec<_> = texts
        .iter()
        .enumerate()
        .map(|(n, text)| record(format!("{n:03}").as_str().into(), point(n), json!({ "x": text })))
        .collect();
    for (n, value) in [
        json!([]),
        json!([1]),
        json!({"a": 1}),
        json!({}),
        json!(null),
        json!([null]),
        json!({"a": "{"}),
        json!(["{"]),
        json!([[]]),
    ]
    .into_iter()
    .enumerate()
    {
        records.push(record(format!("9{n:02}").as_str().into(), point(n), json!({ "x": value })));
    }
    bench.put(&name, records).await;
    let mut filters = Vec::new();
    for text in texts {
        let literal = Value::from(text);
        for sign in ["=", "!=", "<", ">=", "contains"] {
            filters.push(format!("x {sign} {literal}"));
        }
        filters.push(format!("x in ({literal}, \"abc\")"));
        filters.push(format!("x not in ({literal}, \"abc\")"));
    }
    filters.extend(
        ["x exists", "x is null", "x is missing", "not x is missing", "not x exists", "x.a = 1", "x.a exists"]
            .map(str::to_owned),
    );
    // A filter's own text cannot hold every one of them.
    filters.retain(|text| Filter::parse(text).is_ok());
    let answered = compare(bench, &name, &filters).await;
    assert!(answered * 10 > filters.len() * 8, "only {answered} of {}", filters.len());
}

async fn keys_with_line_breaks_are_paged(bench: &Bench) {
    let name = bench.empty(DIMENSION, Metric::Euclidean).await;
    let ids: Vec<String> = (0..60).map(|n| format!("{}a\nb\"'\\{n:02}", if n < 40 { "" } else { "q\"\\" })).collect();
    bench.put(&name, ids.iter().map(|id| record(id.as_str().into(), point(1), json!({}))).collect()).await;
    for limit in [1, 3, 7, 59, 60, 61] {
        let found: Vec<_> =
            bench.walk(&name, limit, false).await.into_iter().map(|record| record.id.to_string()).collect();
        assert_eq!(found, ids, "pages of {limit}");
    }
}

/// Keys before and behind the page are written and deleted; those that stay come exactly once.
async fn pages_stay_whole_while_others_write(bench: &Bench) {
    let name = bench.empty(DIMENSION, Metric::Euclidean).await;
    let make = |n: usize| record(format!("{n:03}").as_str().into(), point(n), json!({}));
    bench.put(&name, (100..160).map(make).collect()).await;
    let (mut request, mut found) = (PageRequest::first(7), Vec::new());
    let mut turn = 0;
    loop {
        let page = bench.db.page(&name, &request).await.unwrap();
        found.extend(page.records.into_iter().map(|record| record.id.to_string()));
        // Also the very record behind which the next page begins.
        bench.db.delete(&name, &[found.last().unwrap().as_str().into()]).await.unwrap();
        bench.put(&name, vec![make(turn), make(150)]).await;
        turn += 1;
        request.cursor = page.next;
        if request.cursor.is_none() {
            break;
        }
    }
    assert_eq!(found, (100..160).map(|n| n.to_string()).collect::<Vec<_>>());
}

async fn a_new_collection_takes_in_no_old_keys(bench: &Bench) {
    let name = bench.name();
    let mut redis = raw().await;
    let key = format!("{name}:old");
    run(&mut redis, &["JSON.SET", &key, "$", "{\"vector\":[1,2]}"]).await;
    bench.db.create_collection(&CollectionSpec::dense(&name, 2, Metric::Cosine)).await.unwrap();
    assert_eq!(bench.db.count(&name, None).await.unwrap().value, 0);
    assert!(bench.db.get(&name, &["old".into()], false).await.unwrap().is_empty(), "a key, but no record");
    bench.db.delete(&name, &["old".into()]).await.unwrap();
    assert_eq!(run(&mut redis, &["EXISTS", &key]).await, ::redis::Value::Int(1), "what is no record is not deleted");
    run(&mut redis, &["DEL", &key]).await;
}

async fn collections_that_would_share_records_are_refused(bench: &Bench) {
    let name = bench.empty(2, Metric::Cosine).await;
    let inside = CollectionSpec::dense(&format!("{name}:b"), 2, Metric::Cosine);
    let error = bench.db.create_collection(&inside).await;
    assert_eq!(bench.db.check_new(&inside).await, error);
    assert!(matches!(&error, Err(ProviderError::BadRequest { cause, .. }) if cause.contains("share")), "{error:?}");
    let beside = bench.db.create_collection(&CollectionSpec::dense(&bench.name(), 2, Metric::Cosine)).await;
    assert_eq!(beside, Ok(()));
}

async fn a_record_that_the_index_does_not_take_is_told(bench: &Bench) {
    let name = bench.name();
    let mut redis = raw().await;
    let prefix = format!("{name}:");
    let create = ["FT.CREATE", &name, "ON", "JSON", "PREFIX", "1", &prefix, "SCHEMA", "$.n", "AS", "n", "NUMERIC"];
    let vector = ["$.vector", "AS", "vector", "VECTOR", "FLAT", "6", "TYPE", "FLOAT32", "DIM", "4"];
    run(&mut redis, &[&create[..], &vector, &["DISTANCE_METRIC", "L2"]].concat()).await;
    let good = record("a".into(), point(1), json!({ "n": 1 }));
    let bad = record("b".into(), point(2), json!({ "n": "no number" }));
    let error = bench.db.upsert(&name, vec![good, bad]).await.unwrap_err();
    assert!(matches!(&error, ProviderError::BadRequest { cause, .. } if cause.contains("1 of 2 records")), "{error}");
    assert_eq!(bench.db.count(&name, None).await.unwrap().value, 1);
    run(&mut redis, &["DEL", &format!("{prefix}b")]).await;
}

/// The selected records are the farthest: the vector index gives all others first.
async fn a_search_in_a_rare_selection_finds_all_of_it(bench: &Bench) {
    let name = bench.filled(3_000).await;
    let request = |exact| SearchRequest {
        filter: Some(Filter::parse("n >= 2996").unwrap()),
        exact,
        ..SearchRequest::new(SearchQuery::Vector(Vector::Dense(point(0))), 3)
    };
    for exact in [false, true] {
        let hits = bench.db.search(&name, &request(exact)).await.unwrap();
        let ids: Vec<_> = hits.iter().map(|hit| hit.record.id.clone()).collect();
        assert_eq!(ids, [2996, 2997, 2998].map(|n| bench.id(n)), "exact: {exact}");
    }
}

async fn a_wrong_password_and_a_missing_right_are_told_without_the_password(_: &Bench) {
    let mut redis = raw().await;
    let user = format!("vi-test-{}", std::process::id());
    run(&mut redis, &["ACL", "SETUSER", &user, "on", ">right-s3cret", "~*", "+@all"]).await;
    let mut spec = server(ProviderKind::Redis, "VECTOR_INSPECTOR_TEST_REDIS_URL").unwrap();
    spec.options.insert("username".to_owned(), user.clone());
    spec.secret = Some("right-s3cret".into());
    connect(&spec).await.unwrap().ping().await.unwrap();
    spec.secret = Some("wrong-s3cret".into());
    let wrong = connect(&spec).await.err().unwrap();
    run(&mut redis, &["ACL", "SETUSER", &user, "-@all", "+ping", "+hello", "+client"]).await;
    spec.secret = Some("right-s3cret".into());
    let poor = connect(&spec).await.err().unwrap();
    run(&mut redis, &["ACL", "DELUSER", &user]).await;
    for error in [wrong, poor] {
        assert!(matches!(error, ProviderError::Unauthorized { .. }), "{error:?}");
        assert!(!error.to_string().contains("s3cret"), "{error}");
    }
}
