//! LanceDB beyond the shared suite: tables that other programs made, versions, indexes, another writer.
//! The tables are made with the library itself, in directories of this test.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use lancedb::arrow::arrow_array::builder::{FixedSizeListBuilder, Float32Builder, ListBuilder, StringBuilder};
use lancedb::arrow::arrow_array::cast::AsArray;
use lancedb::arrow::arrow_array::types::Int32Type;
use lancedb::arrow::arrow_array::{
    Array, ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, DictionaryArray, Float16Array,
    Float32Array, Float64Array, Int32Array, Int64Array, RecordBatch, StringArray, StructArray,
    TimestampMicrosecondArray, UInt8Array, UInt64Array,
};
use lancedb::arrow::arrow_cast::cast;
use lancedb::arrow::arrow_schema::{DataType, Field, Schema};
use lancedb::index::Index;
use lancedb::index::vector::IvfFlatIndexBuilder;
use serde_json::json;
use tempfile::TempDir;
use vector_inspector::provider::filter::Filter;
use vector_inspector::provider::model::{
    Metric, PageRequest, Record, RecordId, SearchQuery, SearchRequest, Vector, VectorKind,
};
use vector_inspector::provider::{ConnectSpec, Provider, ProviderError, ProviderKind, connect};

use crate::bench::{Bench, dense, object, point, record};

crate::cases!(
    a_table_of_every_type_is_read_exactly,
    filters_on_columns_select_what_they_say,
    a_table_without_a_key_goes_by_its_rows,
    a_table_of_another_program_is_written,
    the_metric_is_that_of_the_index,
    a_version_is_opened_as_it_was,
    looking_changes_nothing_in_the_directory,
    pages_give_each_of_50000_once_while_another_writes,
    a_table_made_again_ends_its_cursors,
    what_is_no_database_is_refused,
);

async fn open(dir: &Path, options: &[(&str, &str)]) -> Box<dyn Provider> {
    let mut spec = ConnectSpec::directory(ProviderKind::LanceDb, dir);
    spec.options.extend(options.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    connect(&spec).await.unwrap()
}

/// The library itself, on the same directory.
async fn library(dir: &Path) -> lancedb::Connection {
    lancedb::connect(dir.to_str().unwrap()).execute().await.unwrap()
}

fn vectors(rows: &[Option<[f32; 4]>]) -> ArrayRef {
    let mut list = FixedSizeListBuilder::new(Float32Builder::new(), 4);
    for row in rows {
        match row {
            Some(values) => list.values().append_slice(values),
            None => list.values().append_nulls(4),
        }
        list.append(row.is_some());
    }
    Arc::new(list.finish())
}

fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    let fields = columns.iter().map(|(name, array)| Field::new(*name, array.data_type().clone(), true));
    let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
    RecordBatch::try_new(schema, columns.into_iter().map(|(_, array)| array).collect()).unwrap()
}

async fn make(dir: &Path, name: &str, batch: RecordBatch) {
    library(dir).await.create_table(name, batch).execute().await.unwrap();
}

/// Three records with a column of nearly every type; the third holds nothing but its id.
fn every_type() -> RecordBatch {
    let mut tags = ListBuilder::new(StringBuilder::new());
    tags.append_value([Some("a"), None, Some("")]);
    tags.append_value(Vec::<Option<&str>>::new());
    tags.append(false);
    let names: ArrayRef = Arc::new(StringArray::from(vec![Some("Ada"), None, None]));
    let years: ArrayRef = Arc::new(Int32Array::from(vec![Some(1815), Some(1), None]));
    let author = StructArray::try_new(
        vec![Field::new("name", DataType::Utf8, true), Field::new("born", DataType::Int32, true)].into(),
        vec![names, years],
        Some(vec![true, true, false].into()),
    )
    .unwrap();
    let halves: Vec<_> = [0.1_f32, -2.5].into_iter().map(half::f16::from_f32).collect();
    let words: DictionaryArray<Int32Type> = vec![Some("red"), Some("blue"), None].into_iter().collect();
    batch(vec![
        ("id", Arc::new(UInt64Array::from(vec![u64::MAX, 0, 5]))),
        ("vec", vectors(&[Some([0.1, 1.0 / 3.0, -0.0, 1e-7]), Some([1.0, 0.0, 0.0, 0.0]), None])),
        ("i64", Arc::new(Int64Array::from(vec![Some(9_007_199_254_740_993), Some(i64::MIN), None]))),
        ("u64", Arc::new(UInt64Array::from(vec![Some(u64::MAX), Some(1), None]))),
        ("u8", Arc::new(UInt8Array::from(vec![Some(255), Some(0), None]))),
        ("f16", Arc::new(Float16Array::from(vec![Some(halves[0]), Some(halves[1]), None]))),
        ("f32", Arc::new(Float32Array::from(vec![Some(0.1), Some(f32::INFINITY), None]))),
        ("f64", Arc::new(Float64Array::from(vec![Some(0.1), Some(f64::NAN), None]))),
        ("zero", Arc::new(Float64Array::from(vec![Some(-0.0), Some(0.0), None]))),
        ("yes", Arc::new(BooleanArray::from(vec![Some(true), Some(false), None]))),
        ("text", Arc::new(StringArray::from(vec![Some("Grüße 日本"), Some(""), None]))),
        ("bytes", Arc::new(BinaryArray::from(vec![Some(&b"\x00\xff"[..]), Some(b""), None]))),
        (
            "price",
            Arc::new(
                Decimal128Array::from(vec![Some(123_456_789_012_345_678_901_i128), Some(-5), None])
                    .with_precision_and_scale(30, 2)
                    .unwrap(),
            ),
        ),
        ("day", Arc::new(Date32Array::from(vec![Some(17_329), Some(-1), None]))),
        (
            "when",
            Arc::new(
                TimestampMicrosecondArray::from(vec![Some(1_497_225_600_000_001), Some(0), None]).with_timezone("UTC"),
            ),
        ),
        ("tags", Arc::new(tags.finish())),
        ("author", Arc::new(author)),
        ("word", Arc::new(words)),
        ("Upper Case", Arc::new(Int32Array::from(vec![Some(1), Some(2), None]))),
    ])
}

async fn a_table_of_every_type_is_read_exactly(_: &Bench) {
    let dir = TempDir::new().unwrap();
    make(dir.path(), "all", every_type()).await;
    let db = open(dir.path(), &[]).await;
    let ids = [u64::MAX, 0, 5].map(RecordId::from);
    let got = db.get("all", &ids, true).await.unwrap();
    let page = db.page("all", &PageRequest { with_vectors: true, ..PageRequest::first(10) }).await.unwrap();
    assert_eq!(page.records, got, "paged as by id");
    let [first, second, third] = [0, 1, 2].map(|n| serde_json::Value::Object(got[n].payload.clone()).to_string());
    let due = json!({
        "i64": 9_007_199_254_740_993_i64, "u64": u64::MAX, "u8": 255, "f16": 0.099_975_586, "f32": 0.1, "f64": 0.1,
        "zero": -0.0, "yes": true, "text": "Grüße 日本", "bytes": "00ff", "price": "1234567890123456789.01",
        "day": "2017-06-12", "when": "2017-06-12T00:00:00.000001Z", "tags": ["a", null, ""],
        "author": { "name": "Ada", "born": 1815 }, "word": "red", "Upper Case": 1,
    });
    assert_eq!(first, due.to_string());
    let due = json!({
        "i64": i64::MIN, "u64": 1, "u8": 0, "f16": -2.5, "f32": "inf", "f64": "NaN", "zero": 0.0, "yes": false,
        "text": "", "bytes": "", "price": "-0.05", "day": "1969-12-31", "when": "1970-01-01T00:00:00Z", "tags": [],
        "author": { "name": null, "born": 1 }, "word": "blue", "Upper Case": 2,
    });
    assert_eq!(second, due.to_string());
    assert!(got[2].payload.values().all(serde_json::Value::is_null), "{third}");
    let bits = |values: &[f32]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
    let Some(Vector::Dense(values)) = got[0].vectors.as_ref().unwrap().get("vec") else { panic!("no vector") };
    assert_eq!(bits(values), bits(&[0.1, 1.0 / 3.0, -0.0, 1e-7]));
    assert!(got[2].vectors.as_ref().unwrap().0.is_empty(), "a vector that is null is none");

    let info = db.describe("all").await.unwrap();
    assert!(info.details["id"].as_str().unwrap().contains("\"id\""), "{}", info.details);
    assert_eq!(info.details["versions"]["kept"], 1);
    assert_eq!(info.fields.len(), 17);
    let vector = &info.summary.vectors[0];
    assert_eq!((vector.name.as_str(), vector.kind, vector.dimension), ("vec", VectorKind::Dense, Some(4)));
    assert_eq!(vector.metric, Some(Metric::Euclidean), "LanceDB's own where there is no index");
}

/// Every kind of column, asked as the engine compares it and as we do.
const FILTERS: &[&str] = &[
    "i64 = 9007199254740993",
    "i64 = 9007199254740992",
    "i64 > 9007199254740992.0",
    "i64 < 0.5",
    "i64 != 9007199254740993",
    "i64 in (5, 9007199254740993, \"a\", 0.5)",
    "i64 not in (5, -9223372036854775808)",
    "i64 between -9223372036854775808 and 0",
    "i64 >= 1e300",
    "i64 <= 1e300",
    "i64 = \"5\"",
    "i64 != \"5\"",
    "u64 = 18446744073709551615",
    "u64 > -1",
    "u64 < -1",
    "u64 >= 18446744073709551615",
    "u8 > 254.5",
    "u8 = 256",
    "u8 != 256",
    "u8 between 300 and 400",
    "f16 < 0.1",
    "f32 = 0.1",
    "f32 < 0.1",
    "f32 = \"inf\"",
    "f32 > 1e300",
    "f64 = 0.1",
    "f64 != 0.1",
    "f64 = \"NaN\"",
    "f64 > 0",
    "zero = 0",
    "zero >= 0 and zero <= 0.0",
    "zero < 0",
    "yes",
    "yes = false",
    "yes != true",
    "yes in (true, 1)",
    "yes not in (false)",
    "yes > 1",
    "text = \"\"",
    "text = \"Grüße 日本\"",
    "text contains \"日\"",
    "text contains \"%\"",
    "text contains \"\"",
    "text > \"A\"",
    "text between \"\" and \"A\"",
    "text != 5",
    "text not in (\"\")",
    "not text = \"\"",
    "bytes = \"00ff\"",
    "price = \"-0.05\"",
    "day < \"2000\"",
    "when = \"1970-01-01T00:00:00Z\"",
    "tags = \"a\"",
    "tags contains \"\"",
    "tags is null",
    "tags exists",
    "tags != \"a\"",
    "author.name = \"Ada\"",
    "author.name is null",
    "author.born > 1",
    "author.nope is missing",
    "author exists",
    "word = \"red\"",
    "word != \"red\"",
    "\"Upper Case\" = 2",
    "nobody is missing",
    "nobody = 1",
    "not nobody = 1",
    "i64 is null",
    "i64 is not null",
    "i64 is missing",
    "yes or text = \"\"",
    "yes and nobody is missing",
    "not (yes or i64 < 0)",
    "yes or nobody is null",
    "f32 = 0.1 and i64 > 0 or tags is null and not yes exists",
];

async fn filters_on_columns_select_what_they_say(_: &Bench) {
    let dir = TempDir::new().unwrap();
    make(dir.path(), "all", every_type()).await;
    let db = open(dir.path(), &[]).await;
    let stored = db.page("all", &PageRequest::first(10)).await.unwrap().records;
    let mut wrong = Vec::new();
    for text in FILTERS {
        let filter = Filter::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        let due: Vec<&RecordId> = stored.iter().filter(|r| filter.selects(r)).map(|r| &r.id).collect();
        let request = PageRequest { filter: Some(filter.clone()), ..PageRequest::first(10) };
        let page = db.page("all", &request).await.unwrap_or_else(|error| panic!("{text}: {error}"));
        let found: Vec<&RecordId> = page.records.iter().map(|record| &record.id).collect();
        let count = db.count("all", Some(&filter)).await.unwrap().value;
        if found != due || count != due.len() as u64 {
            let native = db.native_filter("all", &filter).await.unwrap();
            wrong.push(format!("{text}: {found:?} and {count}, not {due:?}; asked as {native}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let shown = db.native_filter("all", &Filter::parse("i64 > 5 and f32 < 0.5").unwrap()).await.unwrap();
    assert!(shown.contains("i64 >= 6") && shown.contains("vector_inspector('f32 < 0.5'"), "{shown}");
    let refused = Filter::parse("yes and $text contains \"a\"").unwrap();
    let refused = db.count("all", Some(&refused)).await.unwrap_err();
    assert!(matches!(refused, ProviderError::FilterRefused { .. }), "{refused}");
}

async fn a_table_without_a_key_goes_by_its_rows(_: &Bench) {
    let dir = TempDir::new().unwrap();
    let twice: ArrayRef = Arc::new(Int32Array::from(vec![1, 1, 2]));
    let columns = vec![("id", twice), ("vec", vectors(&[Some([0.0; 4]), Some([1.0; 4]), Some([3.0; 4])]))];
    make(dir.path(), "rows", batch(columns)).await;
    let db = open(dir.path(), &[]).await;
    let page = db.page("rows", &PageRequest::first(10)).await.unwrap();
    let ids: BTreeSet<_> = page.records.iter().map(|record| record.id.clone()).collect();
    assert_eq!(ids.len(), 3);
    assert_eq!(page.records[2].payload, object(json!({ "id": 2 })), "no key, so it is payload");
    let info = db.describe("rows").await.unwrap();
    let why = info.details["id"].as_str().unwrap();
    assert!(why.contains("_rowid") && why.contains("twice"), "{why}");
    let third = page.records[2].id.clone();
    let got = db.get("rows", std::slice::from_ref(&third), true).await.unwrap();
    assert_eq!(got[0].payload, page.records[2].payload);
    let like = db.search("rows", &SearchRequest::new(SearchQuery::Like(third.clone()), 1)).await.unwrap();
    assert_eq!(like[0].record.id, page.records[1].id);
    assert!((like[0].score.value - 4.0).abs() < 1e-5);
    let error = db.upsert("rows", vec![Record { payload: object(json!({})), ..got[0].clone() }]).await.unwrap_err();
    assert!(error.to_string().contains("no column of ids"), "{error}");
    db.delete("rows", &[third]).await.unwrap();
    assert_eq!(db.count("rows", None).await.unwrap().value, 2);
}

async fn a_table_of_another_program_is_written(_: &Bench) {
    let dir = TempDir::new().unwrap();
    make(dir.path(), "all", every_type()).await;
    let db = open(dir.path(), &[]).await;
    let mut record = db.get("all", &[RecordId::from(u64::MAX)], true).await.unwrap().remove(0);
    let before = record.clone();
    record.payload.insert("i64".to_owned(), json!(-9_007_199_254_740_993_i64));
    record.payload.shift_remove("text");
    db.upsert("all", vec![Record { id: RecordId::from(7_u64), ..before.clone() }, record.clone()]).await.unwrap();
    let got = db.get("all", &[RecordId::from(u64::MAX), RecordId::from(7_u64)], true).await.unwrap();
    assert_eq!(got[0].payload["i64"], json!(-9_007_199_254_740_993_i64));
    assert_eq!(got[0].payload["text"], json!(null), "the whole record is replaced");
    assert_eq!(got[1], Record { id: RecordId::from(7_u64), ..before }, "a copy is the same in every type");
    assert_eq!(db.count("all", None).await.unwrap().value, 4);
    record.payload.insert("nope".to_owned(), json!(1));
    let error = db.upsert("all", vec![record.clone()]).await.unwrap_err().to_string();
    assert!(error.contains("no column for the field \"nope\""), "{error}");
    record.payload.shift_remove("nope");
    record.payload.insert("u8".to_owned(), json!(256));
    let error = db.upsert("all", vec![record]).await.unwrap_err();
    assert!(matches!(error, ProviderError::BadRequest { .. }), "{error}");
    assert_eq!(db.count("all", None).await.unwrap().value, 4);
}

async fn the_metric_is_that_of_the_index(_: &Bench) {
    let dir = TempDir::new().unwrap();
    let rows: Vec<_> = (0..300_u16).map(|n| Some([f32::from(n), 1.0, 0.5, -0.25])).collect();
    let ids: ArrayRef = Arc::new(Int64Array::from_iter_values(0..300));
    make(dir.path(), "indexed", batch(vec![("id", ids), ("vec", vectors(&rows))])).await;
    let table = library(dir.path()).await.open_table("indexed").execute().await.unwrap();
    let cosine = IvfFlatIndexBuilder::default().distance_type(lancedb::DistanceType::Cosine).num_partitions(2);
    table.create_index(&["vec"], Index::IvfFlat(cosine)).execute().await.unwrap();
    let db = open(dir.path(), &[("nprobes", "2")]).await;
    let vector = db.describe("indexed").await.unwrap().summary.vectors.remove(0);
    assert_eq!((vector.metric, vector.index.as_deref()), (Some(Metric::Cosine), Some("ivf_flat")));
    let mut request = SearchRequest::new(SearchQuery::Vector(Vector::Dense(point(30))), 3);
    for exact in [false, true] {
        request.exact = exact;
        let hits = db.search("indexed", &request).await.unwrap();
        assert_eq!(hits[0].record.id, RecordId::from(30_i64));
        assert!(hits[0].score.measure == Metric::Cosine && (hits[0].score.value - 1.0).abs() < 1e-4);
    }
    request.filter = Some(Filter::parse("nobody = 1").unwrap());
    assert!(db.search("indexed", &request).await.unwrap().is_empty());
}

async fn a_version_is_opened_as_it_was(_: &Bench) {
    let dir = TempDir::new().unwrap();
    make(dir.path(), "old", every_type()).await;
    make(dir.path(), "other", every_type()).await;
    let db = open(dir.path(), &[]).await;
    db.delete("old", &[RecordId::from(0_u64)]).await.unwrap();
    assert_eq!(db.count("old", None).await.unwrap().value, 2);
    assert_eq!(db.describe("old").await.unwrap().details["versions"]["kept"], 2);
    let back = open(dir.path(), &[("version", "old=1")]).await;
    assert_eq!(back.count("old", None).await.unwrap().value, 3);
    assert_eq!(back.page("old", &PageRequest::first(2)).await.unwrap().records.len(), 2);
    assert!(!back.capabilities().write.is_yes());
    let error = back.delete("old", &[RecordId::from(5_u64)]).await.unwrap_err();
    assert!(matches!(error, ProviderError::Unsupported { .. }), "{error}");
    let none = open(dir.path(), &[("version", "77")]).await;
    let error = none.count("old", None).await.unwrap_err().to_string();
    assert!(error.contains("version 77"), "{error}");
}

fn files(dir: &Path) -> BTreeSet<(String, u64, std::time::SystemTime)> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(dir).unwrap().flatten() {
        let meta = entry.metadata().unwrap();
        found.insert((entry.path().display().to_string(), meta.len(), meta.modified().unwrap()));
        if meta.is_dir() {
            found.extend(files(&entry.path()));
        }
    }
    found
}

async fn looking_changes_nothing_in_the_directory(_: &Bench) {
    let dir = TempDir::new().unwrap();
    make(dir.path(), "all", every_type()).await;
    let before = files(dir.path());
    let db = open(dir.path(), &[]).await;
    db.ping().await.unwrap();
    db.collections().await.unwrap();
    db.describe("all").await.unwrap();
    db.page("all", &PageRequest { with_vectors: true, ..PageRequest::first(1) }).await.unwrap();
    db.get("all", &[RecordId::from(5_u64)], true).await.unwrap();
    db.count("all", Some(&Filter::parse("f32 = 0.1 or u8 = 1").unwrap())).await.unwrap();
    let query = SearchQuery::Vector(Vector::Dense(point(1)));
    assert_eq!(db.search("all", &SearchRequest::new(query, 5)).await.unwrap().len(), 2, "null vectors are not near");
    drop(db);
    assert_eq!(files(dir.path()), before);
}

/// The other writer inserts, replaces and deletes through the library until the reader is done.
async fn pages_give_each_of_50000_once_while_another_writes(_: &Bench) {
    const RECORDS: i64 = 50_000;
    let dir = TempDir::new().unwrap();
    let some = |from: i64, to: i64| {
        let ids: ArrayRef = Arc::new(Int64Array::from_iter_values(from..to));
        let n: ArrayRef = Arc::new(Int64Array::from_iter_values((from..to).map(|n| n % 7)));
        let halves = cast(&n, &DataType::Float64).unwrap();
        let vector = vec![Some([1.0; 4]); usize::try_from(to - from).unwrap()];
        batch(vec![("id", ids), ("n", n), ("half", halves), ("vec", vectors(&vector))])
    };
    make(dir.path(), "busy", some(0, 30_000)).await;
    let table = library(dir.path()).await.open_table("busy").execute().await.unwrap();
    table.add(some(30_000, RECORDS + 100)).execute().await.unwrap();
    table.delete("id >= 50000").await.unwrap();
    table.delete("id = 17").await.unwrap();
    table.add(some(17, 18)).execute().await.unwrap();
    let done = Arc::new(AtomicBool::new(false));
    let writer = tokio::spawn({
        let done = Arc::clone(&done);
        async move {
            let mut rounds = 0;
            while !done.load(Ordering::Relaxed) || rounds < 3 {
                let from = 100_000 + rounds * 50;
                table.add(some(from, from + 50)).execute().await.unwrap();
                table.delete(format!("id = {} or id = {rounds}", from + 1).as_str()).await.unwrap();
                rounds += 1;
            }
            rounds
        }
    });
    let db = open(dir.path(), &[]).await;
    for (filter, due) in [(None, RECORDS), (Some("n = 3"), 7_143), (Some("half = 3.0 or half = 4.0"), 14_286)] {
        let mut request = PageRequest { filter: filter.map(|f| Filter::parse(f).unwrap()), ..PageRequest::first(500) };
        // what the first page sees is what all of them see
        let (mut seen, mut pages) = (BTreeSet::new(), 0);
        let before: BTreeSet<RecordId> = (10_000..RECORDS).map(RecordId::from).collect();
        loop {
            let page = db.page("busy", &request).await.unwrap();
            pages += 1;
            for record in page.records {
                assert!(seen.insert(record.id.clone()), "{} came twice", record.id);
            }
            request.cursor = page.next;
            if request.cursor.is_none() {
                break;
            }
        }
        if filter.is_none() {
            assert!(before.is_subset(&seen), "{} of them are missing", before.difference(&seen).count());
        }
        assert!(seen.len() as i64 >= due - 10_000 && pages > 10, "{} in {pages} pages", seen.len());
    }
    done.store(true, Ordering::Relaxed);
    let rounds = writer.await.unwrap();
    eprintln!("lancedb: the other writer made {} versions meanwhile", rounds * 2);
}

async fn a_table_made_again_ends_its_cursors(_: &Bench) {
    let dir = TempDir::new().unwrap();
    let db = open(dir.path(), &[]).await;
    let bench = |n: i64| record(RecordId::from(n), point(1), json!({ "n": n }));
    for turn in 0..2 {
        let spec = vector_inspector::provider::model::CollectionSpec::dense("again", 4, Metric::Dot);
        db.create_collection(&spec).await.unwrap();
        db.upsert("again", (0..9).map(bench).collect()).await.unwrap();
        let first = db.page("again", &PageRequest::first(4)).await.unwrap();
        let request = PageRequest { cursor: first.next, ..PageRequest::first(4) };
        let second = db.page("again", &PageRequest { with_vectors: true, ..request.clone() }).await.unwrap();
        assert_eq!(dense(&second.records[0]), point(1), "turn {turn}");
        db.drop_collection("again").await.unwrap();
        let gone = db.page("again", &PageRequest { with_vectors: true, ..request.clone() }).await.unwrap_err();
        assert_eq!(gone, ProviderError::NoSuchCollection { collection: "again".to_owned() });
        db.create_collection(&spec).await.unwrap();
        db.upsert("again", (0..9).map(bench).collect()).await.unwrap();
        let error = db.page("again", &request).await.unwrap_err();
        assert!(matches!(error, ProviderError::BadRequest { .. }), "{error}");
        db.drop_collection("again").await.unwrap();
    }
}

async fn what_is_no_database_is_refused(_: &Bench) {
    let dir = TempDir::new().unwrap();
    make(dir.path(), "all", every_type()).await;
    fs::create_dir(dir.path().join("files")).unwrap();
    fs::write(dir.path().join("files/x.txt"), "x").unwrap();
    for (path, cause) in
        [("all.lance", "single table"), ("files", "no directory in it"), ("files/x.txt", "it is a file")]
    {
        let spec = ConnectSpec::directory(ProviderKind::LanceDb, dir.path().join(path));
        let error = connect(&spec).await.err().unwrap();
        assert!(matches!(error, ProviderError::NotADatabase { .. }) && error.to_string().contains(cause), "{error}");
    }
    let spec = ConnectSpec::directory(ProviderKind::LanceDb, dir.path().join("nothing"));
    assert!(matches!(connect(&spec).await.err().unwrap(), ProviderError::File { .. }));
    assert!(!dir.path().join("nothing").exists(), "looking makes no directory");
    // damage to one table hides no other
    make(dir.path(), "broken", every_type()).await;
    fs::remove_dir_all(dir.path().join("broken.lance/_versions")).unwrap();
    let db = open(dir.path(), &[]).await;
    let listed = db.collections().await.unwrap();
    assert_eq!(listed.iter().find(|line| line.name == "all").unwrap().count.unwrap().value, 3);
    let with = batch(vec![("n", Arc::new(Int32Array::from(vec![1])))]);
    assert_eq!(with.column(0).as_primitive::<Int32Type>().value(0), 1);
    make(dir.path(), "plain", with).await;
    let query = SearchQuery::Vector(Vector::Dense(vec![1.0]));
    let error = db.search("plain", &SearchRequest::new(query, 1)).await.unwrap_err();
    assert!(error.to_string().contains("no column of vectors"), "{error}");
}
