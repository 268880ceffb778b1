//! What Milvus has beyond the shared suite: collections of other tools, with any schema and keys that are
//! whole numbers; collections that are not loaded; databases.
//!
//! Those collections are made here by hand: few messages, declared once more from the published
//! protocol, so that a wrong number in the provider's own is found.

use prost::Message;
use serde_json::{Value, json};
use tonic::codegen::http::uri::PathAndQuery;
use vector_inspector::provider::filter::Filter;
use vector_inspector::provider::model::{
    CollectionState, Metric, PageRequest, Record, RecordId, SearchQuery, SearchRequest, Vector, Vectors,
};
use vector_inspector::provider::{ErrorKind, ProviderError, ProviderKind, connect};

use crate::bench::{self, Bench, DIMENSION, object, point};
use crate::makers::server;

crate::cases!(
    a_schema_of_others_is_written_read_and_searched,
    keys_that_are_whole_numbers_are_exact_and_in_order,
    declared_fields_are_filtered_as_what_they_are,
    bits_are_numbers_and_their_hamming_distance_is_manhattan,
    what_is_not_loaded_says_so_and_stays_unloaded,
    a_missing_database_is_named_and_another_one_is_apart,
    a_value_that_a_field_cannot_hold_is_refused_before_anything_is_written,
    the_native_filter_is_the_expression,
    a_partition_is_a_collection_of_its_own,
    an_order_and_its_opposite_divide_fields_of_mixed_kinds,
);

/// The variable of the Milvus Lite server.
pub const LITE: &str = "VECTOR_INSPECTOR_TEST_MILVUS_LITE_URL";
/// The variable of the Milvus server.
pub const SERVER: &str = "VECTOR_INSPECTOR_TEST_MILVUS_URL";

/// The cases of one of the two: Milvus Lite has no binary vectors.
pub fn cases_of(variable: &str) -> Vec<crate::case::Case> {
    let possible = |name: &str| variable != LITE || !name.starts_with("bits_");
    cases().into_iter().filter(|case| possible(case.name)).collect()
}

#[derive(Clone, PartialEq, Message)]
struct Pair {
    #[prost(string, tag = "1")]
    key: String,
    #[prost(string, tag = "2")]
    value: String,
}

#[derive(Clone, PartialEq, Message)]
struct FieldSchema {
    #[prost(string, tag = "2")]
    name: String,
    #[prost(bool, tag = "3")]
    is_primary_key: bool,
    #[prost(int32, tag = "5")]
    data_type: i32,
    #[prost(message, repeated, tag = "6")]
    type_params: Vec<Pair>,
    #[prost(int32, tag = "10")]
    element_type: i32,
}

#[derive(Clone, PartialEq, Message)]
struct Schema {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(message, repeated, tag = "4")]
    fields: Vec<FieldSchema>,
    #[prost(bool, tag = "5")]
    enable_dynamic_field: bool,
}

/// Several requests, whose numbers do not collide.
#[derive(Clone, PartialEq, Message)]
struct Request {
    #[prost(string, tag = "2")]
    db_name: String,
    #[prost(string, tag = "3")]
    collection_name: String,
    /// `schema` of CreateCollection, `field_name` of CreateIndex, `partition_name` of CreatePartition.
    #[prost(bytes = "vec", tag = "4")]
    schema_or_field: Vec<u8>,
    #[prost(message, repeated, tag = "5")]
    extra_params: Vec<Pair>,
}

#[derive(Clone, PartialEq, Message)]
struct Status {
    #[prost(int32, tag = "1")]
    error_code: i32,
    #[prost(string, tag = "2")]
    reason: String,
    #[prost(int32, tag = "3")]
    code: i32,
}

fn pair(key: &str, value: &str) -> Pair {
    Pair { key: key.to_owned(), value: value.to_owned() }
}

fn field(name: &str, data_type: i32) -> FieldSchema {
    FieldSchema { name: name.to_owned(), data_type, ..FieldSchema::default() }
}

fn with(field: FieldSchema, key: &str, value: &str) -> FieldSchema {
    FieldSchema { type_params: [field.type_params, vec![pair(key, value)]].concat(), ..field }
}

const INT8: i32 = 2;
const INT64: i32 = 5;
const BOOL: i32 = 1;
const FLOAT: i32 = 10;
const DOUBLE: i32 = 11;
const VARCHAR: i32 = 21;
const ARRAY: i32 = 22;
const JSON: i32 = 23;
const BINARY_VECTOR: i32 = 100;
const FLOAT_VECTOR: i32 = 101;

/// The variable that names this case's server.
async fn variable(bench: &Bench) -> &'static str {
    match bench.db.ping().await.unwrap().product.as_str() {
        "milvus-lite" => LITE,
        _ => SERVER,
    }
}

async fn ask(bench: &Bench, method: &str, request: Request) {
    let url = std::env::var(variable(bench).await).unwrap();
    let channel = tonic::transport::Endpoint::from_shared(url).unwrap().connect().await.unwrap();
    let mut grpc = tonic::client::Grpc::new(channel);
    grpc.ready().await.unwrap();
    let path = PathAndQuery::try_from(format!("/milvus.proto.milvus.MilvusService/{method}")).unwrap();
    let codec = tonic_prost::ProstCodec::<Request, Status>::default();
    let status = grpc.unary(tonic::Request::new(request), path, codec).await.unwrap().into_inner();
    assert!(status.code == 0 && status.error_code == 0, "{method}: {}", status.reason);
}

/// A collection of that schema with an index, loaded.
async fn make(bench: &Bench, fields: Vec<FieldSchema>, metric: &str) -> String {
    let name = bench.name();
    let vector = fields.iter().find(|field| field.data_type >= BINARY_VECTOR).unwrap().name.clone();
    let index = if metric == "HAMMING" { "BIN_FLAT" } else { "FLAT" };
    let schema = Schema { name: name.clone(), fields, enable_dynamic_field: true }.encode_to_vec();
    let request = Request { collection_name: name.clone(), ..Request::default() };
    ask(bench, "CreateCollection", Request { schema_or_field: schema, ..request.clone() }).await;
    let extra_params = vec![pair("index_type", index), pair("metric_type", metric)];
    ask(bench, "CreateIndex", Request { schema_or_field: vector.into_bytes(), extra_params, ..request.clone() }).await;
    ask(bench, "LoadCollection", request).await;
    // The case has a deadline.
    while bench.db.describe(&name).await.unwrap().state != CollectionState::Ready {
        tokio::task::yield_now().await;
    }
    name
}

fn keyed(key: i32) -> FieldSchema {
    let key = FieldSchema { is_primary_key: true, ..field("pk", key) };
    if key.data_type == VARCHAR { with(key, "max_length", "100") } else { key }
}

fn vector(dimension: &str) -> FieldSchema {
    with(field("embedding", FLOAT_VECTOR), "dim", dimension)
}

fn of_every_kind() -> Vec<FieldSchema> {
    let tags = FieldSchema { element_type: VARCHAR, ..field("tags", ARRAY) };
    vec![
        keyed(INT64),
        vector("2"),
        field("flag", BOOL),
        field("small", INT8),
        field("n", INT64),
        field("price", FLOAT),
        field("score", DOUBLE),
        with(field("title", VARCHAR), "max_length", "1000"),
        with(with(tags, "max_length", "100"), "max_capacity", "10"),
        field("meta", JSON),
    ]
}

fn record(id: impl Into<RecordId>, vector: Vec<f32>, payload: Value) -> Record {
    let vectors = Vectors(vec![("embedding".to_owned(), Vector::Dense(vector))]);
    Record { id: id.into(), vectors: Some(vectors), payload: object(payload), text: None }
}

fn sample(n: i64) -> Record {
    #[allow(clippy::cast_precision_loss)]
    let x = n as f32;
    let payload = json!({
        "flag": n % 2 == 0, "small": n % 100, "n": n * 1_000_000_007_000, "price": f64::from(x) / 4.0, "score": 0.1 * f64::from(x),
        "title": format!("Titel {n} \"日本\""), "tags": if n % 3 == 0 { json!([]) } else { json!(["a", format!("t{n}")]) },
        "meta": { "deep": { "n": n, "list": [1, "x", null] }, "text": "in" }, "free": n, "also": { "inner": n % 4 },
    });
    record(n, vec![x, 1.0], payload)
}

async fn a_schema_of_others_is_written_read_and_searched(bench: &Bench) {
    let name = make(bench, of_every_kind(), "L2").await;
    let written: Vec<Record> = (-5..20).map(sample).collect();
    bench.put(&name, written.clone()).await;
    let read = bench.walk(&name, 7, true).await;
    assert_eq!(read.len(), written.len());
    for (read, written) in read.iter().zip(&written) {
        assert_eq!((&read.id, &read.vectors), (&written.id, &written.vectors), "in the order of the keys");
        let sorted = |record: &Record| {
            let mut payload = Value::Object(record.payload.clone());
            payload.sort_all_objects();
            payload.to_string()
        };
        assert_eq!(sorted(read), sorted(written));
    }
    let info = bench.db.describe(&name).await.unwrap();
    let [vector] = info.summary.vectors.as_slice() else { panic!("{:?}", info.summary.vectors) };
    assert_eq!((vector.name.as_str(), vector.metric), ("embedding", Some(Metric::Euclidean)));
    let kinds: Vec<_> = info.fields.iter().map(|field| format!("{}: {}", field.path, field.kind)).collect();
    assert!(kinds.contains(&"tags: Array of VarChar".to_owned()), "{kinds:?}");
    assert_eq!(info.details["key"]["field"], "pk");
    assert_eq!(info.details["partitions"], json!(["_default"]));
    let near = SearchRequest::new(SearchQuery::Vector(Vector::Dense(vec![3.0, 1.0])), 3);
    let hits = bench.db.search(&name, &near).await.unwrap();
    assert_eq!((hits[0].record.id.clone(), hits[1].score.value), (RecordId::from(3_u64), 1.0));
    assert_eq!(hits[0].record.payload["title"], "Titel 3 \"日本\"");
    bench.db.delete(&name, &[RecordId::from(-5_i64), RecordId::from("3")]).await.unwrap();
    assert_eq!(bench.db.count(&name, None).await.unwrap().value, 23, "\"3\" can only mean 3 here");
}

async fn keys_that_are_whole_numbers_are_exact_and_in_order(bench: &Bench) {
    let name = make(bench, vec![keyed(INT64), vector("2")], "L2").await;
    // Milvus 2.3.5 gives the record with the very largest key to nobody.
    let keys = [i64::MIN, i64::MIN + 1, -7, -1, 0, 1, 9_007_199_254_740_993, i64::MAX - 2, i64::MAX - 1];
    // Written from behind, and in several writes: the order is the server's.
    for (n, key) in keys.iter().enumerate().rev() {
        #[allow(clippy::cast_precision_loss)]
        bench.put(&name, vec![record(*key, vec![n as f32, 0.0], json!({ "key": key.to_string() }))]).await;
    }
    for limit in [1, 2, 100] {
        let found: Vec<_> = bench.walk(&name, limit, false).await.into_iter().map(|record| record.id).collect();
        assert_eq!(found, keys.map(RecordId::from), "pages of {limit}");
    }
    let wanted = [i64::MAX - 1, i64::MIN, 9_007_199_254_740_993].map(RecordId::from);
    let got = bench.db.get(&name, &wanted, false).await.unwrap();
    assert_eq!(got.iter().map(|record| record.id.clone()).collect::<Vec<_>>(), wanted);
    assert!(got.iter().all(|record| record.payload["key"] == record.id.to_string()));
    let like = SearchRequest::new(SearchQuery::Like(RecordId::from(i64::MIN)), 1);
    assert_eq!(bench.db.search(&name, &like).await.unwrap()[0].record.id, RecordId::from(i64::MIN + 1));
    bench.db.delete(&name, &[RecordId::from(i64::MIN)]).await.unwrap();
    assert_eq!(bench.db.count(&name, None).await.unwrap().value, 8);
}

async fn declared_fields_are_filtered_as_what_they_are(bench: &Bench) {
    let name = make(bench, of_every_kind(), "L2").await;
    bench.put(&name, (-5..40).map(sample).collect()).await;
    let stored = bench.walk(&name, 1000, false).await;
    for text in [
        "flag = true",
        "flag != true",
        "not flag = 1",
        "small >= 3.5 and small < 300",
        "n = 3000000021000",
        "n = 3000000021000.5",
        "n > 9007199254740993",
        "n between -5000000035000 and 0",
        "n in (1, 3000000021000, 99)",
        "not n in (0, 3000000021000)",
        "n = \"3\"",
        "price <= 2.5",
        "price = 0.25",
        "score > 0.5",
        "score = 0.5",
        "title = \"Titel 3 \\\"日本\\\"\"",
        "title < \"Titel 2\"",
        "title in (\"Titel 1 \\\"日本\\\"\", \"x\")",
        "tags contains \"a\"",
        "tags = \"t7\"",
        "tags exists",
        "tags is null",
        "not tags in (\"t7\", \"t8\")",
        "meta.deep.n = 7",
        "meta.deep.n > 30",
        "meta.text = \"in\"",
        "meta.deep.list = \"x\"",
        "meta.nothing = 5",
        "not meta.nothing = 5",
        "free = 7",
        "free > 7.5",
        "free != 7",
        "also.inner = 3",
        "also.inner in (2, 3)",
        "small exists and title is null",
        "flag = true and (free > 30 or title = \"x\")",
    ] {
        let filter = Filter::parse(text).unwrap();
        let due: Vec<_> = stored.iter().filter(|record| filter.selects(record)).map(|record| &record.id).collect();
        let request = PageRequest { filter: Some(filter), ..PageRequest::first(1000) };
        let page = bench.db.page(&name, &request).await;
        let page = page.unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(page.records.iter().map(|record| &record.id).collect::<Vec<_>>(), due, "{text}");
    }
}

async fn bits_are_numbers_and_their_hamming_distance_is_manhattan(bench: &Bench) {
    let bits = with(field("embedding", BINARY_VECTOR), "dim", "16");
    let name = make(bench, vec![keyed(VARCHAR), bits], "HAMMING").await;
    let bits = |ones: usize| (0..16).map(|n| f32::from(u8::from(n < ones))).collect::<Vec<_>>();
    let written: Vec<_> = [1, 4, 9].map(|ones| record(format!("k{ones}").as_str(), bits(ones), json!({}))).to_vec();
    bench.put(&name, written.clone()).await;
    assert_eq!(bench.walk(&name, 2, true).await, written);
    let hits = bench.db.search(&name, &SearchRequest::new(SearchQuery::Vector(Vector::Dense(bits(3))), 2)).await;
    let hits: Vec<_> = hits
        .unwrap()
        .into_iter()
        .map(|hit| (hit.record.id, hit.score.value, hit.score.measure.metric().unwrap()))
        .collect();
    assert_eq!(hits, [("k4".into(), 1.0, Metric::Manhattan), ("k1".into(), 2.0, Metric::Manhattan)]);
    let half = bench.db.upsert(&name, vec![record("x", vec![0.5; 16], json!({}))]).await.unwrap_err();
    assert!(half.to_string().contains("bits, 0 or 1"), "{half}");
}

async fn what_is_not_loaded_says_so_and_stays_unloaded(bench: &Bench) {
    let name = make(bench, vec![keyed(INT64), vector("2")], "L2").await;
    bench.put(&name, vec![record(1_u64, vec![0.0, 1.0], json!({}))]).await;
    ask(bench, "ReleaseCollection", Request { collection_name: name.clone(), ..Request::default() }).await;
    let query = SearchQuery::Vector(Vector::Dense(vec![0.0, 1.0]));
    for (way, error) in [
        ("page", bench.db.page(&name, &PageRequest::first(10)).await.err()),
        ("count", bench.db.count(&name, None).await.err()),
        ("get", bench.db.get(&name, &[1_u64.into()], false).await.err()),
        ("search", bench.db.search(&name, &SearchRequest::new(query, 1)).await.err()),
    ] {
        let error = error.unwrap_or_else(|| panic!("{way} worked"));
        assert!(error.to_string().contains("is not loaded") && error.kind() == ErrorKind::Request, "{way}: {error}");
    }
    let info = bench.db.describe(&name).await.unwrap();
    assert!(matches!(&info.state, CollectionState::Degraded(why) if why.contains("not loaded")), "{:?}", info.state);
    assert!(info.summary.count.is_none_or(|count| !count.exact), "{:?}", info.summary.count);
    assert_eq!(info.details["load_state"], "not loaded");
    let listed = bench.db.collections().await.unwrap();
    assert!(listed.iter().any(|collection| collection.name == name && collection.vectors.len() == 1));
}

async fn a_missing_database_is_named_and_another_one_is_apart(bench: &Bench) {
    let mut spec = server(ProviderKind::Milvus, variable(bench).await).unwrap();
    spec.options.insert("database".to_owned(), "vi_test_nowhere".to_owned());
    let error = connect(&spec).await.err().expect("there is no such database");
    assert!(matches!(&error, ProviderError::BadRequest { mend, .. } if mend.contains("`database`")), "{error}");
    spec.options.insert("database".to_owned(), "default".to_owned());
    let name = bench.filled(2).await;
    assert_eq!(connect(&spec).await.unwrap().count(&name, None).await.unwrap().value, 2);

    let database = name.replace("vi_test", "vi_db");
    ask(bench, "CreateDatabase", Request { db_name: database.clone(), ..Request::default() }).await;
    spec.options.insert("database".to_owned(), database.clone());
    let other = connect(&spec).await.unwrap();
    let found = (other.collections().await, other.count(&name, None).await);
    ask(bench, "DropDatabase", Request { db_name: database, ..Request::default() }).await;
    assert_eq!(found, (Ok(Vec::new()), Err(ProviderError::NoSuchCollection { collection: name })));
}

async fn a_value_that_a_field_cannot_hold_is_refused_before_anything_is_written(bench: &Bench) {
    let name = make(bench, of_every_kind(), "L2").await;
    for (key, value) in [("small", json!(1000)), ("n", json!(0.5)), ("flag", json!(1)), ("tags", json!(["a", 1]))] {
        let mut odd = sample(2);
        odd.payload.insert(key.to_owned(), value);
        let error = bench.db.upsert(&name, vec![sample(1), odd]).await.unwrap_err();
        assert!(matches!(error, ProviderError::Unsupported { .. }) && error.to_string().contains(key), "{error}");
    }
    let error = bench.db.upsert(&name, vec![record("x", vec![0.0, 1.0], json!({}))]).await.unwrap_err();
    assert!(error.to_string().contains("whole numbers"), "{error}");
    assert_eq!(bench.db.count(&name, None).await.unwrap().value, 0, "nothing was written");
}

async fn the_native_filter_is_the_expression(bench: &Bench) {
    let name = bench.filled(1).await;
    let shown = bench.db.native_filter(&name, &Filter::parse("n > 7 and title = \"a\"").unwrap()).await.unwrap();
    assert!(shown.contains("$meta[\"n\"] > 7") && shown.contains("asked first"), "{shown}");
}

async fn a_partition_is_a_collection_of_its_own(bench: &Bench) {
    let name = make(bench, vec![keyed(INT64), vector("2")], "L2").await;
    let listed = async || {
        let all = bench.db.collections().await.unwrap();
        let own = all.into_iter().filter(|collection| collection.name.split('/').next() == Some(&name));
        own.map(|own| (own.name[name.len()..].to_owned(), own.count.map(|count| count.value))).collect::<Vec<_>>()
    };
    assert_eq!(listed().await, [(String::new(), Some(0))], "the one that every collection has is not listed");
    for part in ["old", "new"] {
        let request = Request { collection_name: name.clone(), schema_or_field: part.into(), ..Request::default() };
        ask(bench, "CreatePartition", request).await;
    }
    let part = |part: &str| format!("{name}/{part}");
    while bench.db.describe(&part("new")).await.unwrap().state != CollectionState::Ready {
        tokio::task::yield_now().await;
    }
    let of = |ids: std::ops::Range<u64>, word: &str| -> Vec<Record> {
        ids.map(|n| record(n, vec![n as f32, 0.0], json!({ "in": word, "n": n }))).collect()
    };
    bench.put(&name, of(0..2, "default")).await;
    bench.put(&part("old"), of(2..5, "old")).await;
    bench.put(&part("new"), of(5..9, "new")).await;
    let counts = [("", 9), ("/_default", 2), ("/new", 4), ("/old", 3)];
    assert_eq!(listed().await, counts.map(|(part, count)| (part.to_owned(), Some(count))));
    assert_eq!(bench.walk(&part("old"), 2, true).await, of(2..5, "old"));
    assert_eq!(bench.walk(&name, 4, false).await.len(), 9);
    let filter = Filter::parse("n in (3, 4, 7)").unwrap();
    assert_eq!(bench.db.count(&part("old"), Some(&filter)).await.unwrap().value, 2);
    assert_eq!(bench.db.get(&part("old"), &[7_u64.into(), 3_u64.into()], false).await.unwrap().len(), 1);
    let near = SearchRequest::new(SearchQuery::Vector(Vector::Dense(vec![0.0, 0.0])), 2);
    let found = async |name: &str, request: &SearchRequest| -> Vec<RecordId> {
        bench.db.search(name, request).await.unwrap().into_iter().map(|hit| hit.record.id).collect()
    };
    assert_eq!(found(&part("new"), &near).await, [5_u64.into(), 6_u64.into()]);
    assert_eq!(found(&name, &near).await, [0_u64.into(), 1_u64.into()]);
    let like = SearchRequest::new(SearchQuery::Like(3_u64.into()), 5);
    assert_eq!(found(&part("old"), &like).await.len(), 2);
    bench.db.delete(&part("old"), &[2_u64.into(), 5_u64.into()]).await.unwrap();
    assert_eq!((bench.db.count(&part("old"), None).await.unwrap().value, listed().await[0].1), (2, Some(8)));
    let info = bench.db.describe(&part("old")).await.unwrap();
    assert_eq!((info.summary.name, &info.details["partition"]), (part("old"), &json!("old")));
    for missing in [part("nope"), format!("{name}_none/old"), part("")] {
        let error = ProviderError::NoSuchCollection { collection: missing.clone() };
        assert_eq!(bench.db.count(&missing, None).await.unwrap_err(), error);
    }
    assert!(matches!(bench.db.drop_collection(&part("old")).await, Err(ProviderError::Unsupported { .. })));
}

/// Milvus Lite leaves what it cannot compare out of both.
async fn an_order_and_its_opposite_divide_fields_of_mixed_kinds(bench: &Bench) {
    let values = [json!(2), json!(7.5), json!("a"), json!("7"), json!("z"), json!(null), json!(-3)];
    let name = bench.empty(DIMENSION, Metric::Euclidean).await;
    let mut records: Vec<Record> = values
        .iter()
        .enumerate()
        .map(|(n, value)| bench::record(bench.id(n), point(n), json!({ "x": value, "y": n + 2, "o": { "a": 1 } })))
        .collect();
    records.push(bench::record(bench.id(99), point(9), json!({})));
    bench.put(&name, records).await;
    let stored = bench.walk(&name, 50, false).await;
    for text in ["x < 5", "x >= 2", "x between 2 and 9", "x < \"b\"", "x >= \"7\"", "y <= 4", "y in (1, 3)", "y = true"]
    {
        for text in [text.to_owned(), format!("not ({text})"), format!("not (x = 2 or {text})")] {
            let filter = Filter::parse(&text).unwrap();
            let due: Vec<_> = stored.iter().filter(|record| filter.selects(record)).map(|r| r.id.clone()).collect();
            let request = PageRequest { filter: Some(filter), ..PageRequest::first(50) };
            let page = bench.db.page(&name, &request).await.unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(page.records.into_iter().map(|record| record.id).collect::<Vec<_>>(), due, "{text}");
        }
    }
    if bench.maker == "milvus_lite" {
        let error = bench.db.count(&name, Some(&Filter::parse("not o < 5").unwrap())).await.unwrap_err();
        assert!(error.to_string().contains("holds objects"), "{error}");
    }
}
