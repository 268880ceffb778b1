//! Columns to records and back, and filters as the engine evaluates them, on batches in memory.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::Path;
use std::sync::Arc;

use lancedb::arrow::arrow_array::builder::{ListBuilder, StringBuilder};
use lancedb::arrow::arrow_array::cast::AsArray;
use lancedb::arrow::arrow_array::types::Int8Type;
use lancedb::arrow::arrow_array::{
    Array, ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, DictionaryArray, Float16Array,
    Float32Array, Float64Array, Int16Array, Int64Array, LargeStringArray, RecordBatch, StringArray, StructArray,
    TimestampMicrosecondArray, UInt64Array,
};
use lancedb::arrow::arrow_schema::{DataType, Field, Schema};
use lancedb::datafusion::common::DFSchema;
use lancedb::datafusion::logical_expr::execution_props::ExecutionProps;
use lancedb::datafusion::physical_expr::create_physical_expr;
use serde_json::{Value, json};

use super::batch::rows as to_rows;
use super::filter::{Plan, plan, shown};
use super::rows::records;
use super::schema::{Id, Layout};
use crate::provider::filter::Filter;
use crate::provider::model::{Record, RecordId, Vectors};

fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    let fields = columns.iter().map(|(name, array)| Field::new(*name, array.data_type().clone(), true));
    let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
    RecordBatch::try_new(schema, columns.into_iter().map(|(_, array)| array).collect()).unwrap()
}

/// Five rows; the last holds nothing but its id.
fn table() -> RecordBatch {
    let mut tags = ListBuilder::new(StringBuilder::new());
    tags.append_value([Some("a"), None, Some("")]);
    tags.append_value(Vec::<Option<&str>>::new());
    tags.append_value([None::<&str>]);
    tags.append_value([Some("b")]);
    tags.append(false);
    let names: ArrayRef = Arc::new(StringArray::from(vec![Some("Ada"), None, Some("x"), Some(""), None]));
    let years: ArrayRef = Arc::new(Int64Array::from(vec![Some(1815), Some(1), None, Some(5), None]));
    let fields = vec![Field::new("name", DataType::Utf8, true), Field::new("born", DataType::Int64, true)];
    let there = vec![true, true, true, true, false];
    let author = StructArray::try_new(fields.into(), vec![names, years], Some(there.into())).unwrap();
    let halves = [0.1_f32, -2.5, 5.0, 0.0].map(half::f16::from_f32).map(Some);
    let words: DictionaryArray<Int8Type> =
        [Some("red"), Some("blue"), Some("red"), Some(""), None].into_iter().collect();
    let prices = vec![Some(123_456_789_012_345_678_901_i128), Some(-5), Some(500), Some(0), None];
    batch(vec![
        ("id", Arc::new(UInt64Array::from(vec![u64::MAX, 0, 1, 2, 3]))),
        ("i", Arc::new(Int64Array::from(vec![Some((1 << 53) + 1), Some(i64::MIN), Some(i64::MAX), Some(5), None]))),
        ("u", Arc::new(UInt64Array::from(vec![Some(u64::MAX), Some(0), Some(1 << 53), Some(5), None]))),
        ("small", Arc::new(Int16Array::from(vec![Some(i16::MIN), Some(i16::MAX), Some(0), Some(5), None]))),
        ("f", Arc::new(Float64Array::from(vec![Some(0.1), Some(f64::NAN), Some(-0.0), Some(5.0), None]))),
        ("g", Arc::new(Float32Array::from(vec![Some(0.1), Some(f32::NEG_INFINITY), Some(1e30), Some(5.5), None]))),
        ("h", Arc::new(Float16Array::from_iter(halves.into_iter().chain([None])))),
        ("yes", Arc::new(BooleanArray::from(vec![Some(true), Some(false), Some(true), Some(false), None]))),
        ("s", Arc::new(StringArray::from(vec![Some("Grüße 日本"), Some(""), Some("5"), Some("it's \"a_%\""), None]))),
        ("l", Arc::new(LargeStringArray::from(vec![Some("a"), Some("A"), Some("é"), Some("e\u{301}"), None]))),
        ("bytes", Arc::new(BinaryArray::from(vec![Some(&b"\x00\xff"[..]), Some(b""), Some(b"a"), Some(b"b"), None]))),
        ("price", Arc::new(Decimal128Array::from(prices.clone()).with_precision_and_scale(30, 2).unwrap())),
        ("whole", Arc::new(Decimal128Array::from(prices).with_precision_and_scale(30, 0).unwrap())),
        ("day", Arc::new(Date32Array::from(vec![Some(17_329), Some(-1), Some(0), Some(1), None]))),
        (
            "when",
            Arc::new(
                TimestampMicrosecondArray::from(vec![Some(1_497_225_600_000_001), Some(0), Some(1), Some(-1), None])
                    .with_timezone("UTC"),
            ),
        ),
        ("tags", Arc::new(tags.finish())),
        ("author", Arc::new(author)),
        ("word", Arc::new(words)),
    ])
}

fn layout(batch: &RecordBatch) -> Layout {
    let key = batch.schema().field_with_name("id").unwrap().clone();
    Layout::new(batch.schema(), Id::Column(Arc::new(key)))
}

fn read(batch: &RecordBatch) -> Vec<Record> {
    records(Path::new("/x"), batch, &layout(batch), true).unwrap()
}

/// The rows that the engine selects, as it evaluates a condition: without any help of its planner.
fn selected(text: &str, batch: &RecordBatch) -> Vec<usize> {
    let plan = plan(Some(&Filter::parse(text).unwrap()), &layout(batch)).unwrap();
    let condition = match &plan {
        Plan::All => return (0..batch.num_rows()).collect(),
        Plan::Never => return Vec::new(),
        Plan::Where(condition) => condition,
    };
    let schema = DFSchema::try_from(batch.schema()).unwrap();
    let physical = create_physical_expr(condition, &schema, &ExecutionProps::new()).unwrap();
    let answer = physical.evaluate(batch).unwrap().into_array(batch.num_rows()).unwrap();
    let answer = answer.as_boolean();
    assert_eq!(answer.null_count(), 0, "{text}: neither true nor false; asked as {}", shown(&plan).unwrap());
    (0..batch.num_rows()).filter(|row| answer.value(*row)).collect()
}

#[test]
fn every_test_of_every_column_selects_what_the_language_says() {
    let table = table();
    let stored = read(&table);
    let fields = table.schema();
    let mut names: Vec<String> = fields.fields().iter().skip(1).map(|field| field.name().clone()).collect();
    names.extend(["author.name", "author.born", "author.nope", "nobody", "no.body"].map(str::to_owned));
    let literals = [
        "5",
        "0",
        "-0.0",
        "0.1",
        "5.5",
        "4.5",
        "1e300",
        "-1e300",
        "9007199254740993",
        "9007199254740992.0",
        "-1",
        "-32768",
        "18446744073709551615",
        "-9223372036854775808",
        "\"\"",
        "\"a\"",
        "\"5\"",
        "\"é\"",
        "\"NaN\"",
        "\"-inf\"",
        "\"00ff\"",
        "\"2017-06-12\"",
        "\"-0.05\"",
        "\"it's \\\"a_%\\\"\"",
        "true",
        "false",
    ];
    let mut asked = 0;
    for name in &names {
        let mut texts: Vec<String> =
            ["exists", "is null", "is missing", "is not null"].map(|t| format!("{name} {t}")).into();
        for literal in literals {
            let orders = !matches!(literal, "true" | "false");
            let signs: &[&str] = if orders { &["=", "!=", "<", "<=", ">", ">="] } else { &["=", "!="] };
            texts.extend(signs.iter().map(|sign| format!("{name} {sign} {literal}")));
            texts.push(format!("{name} contains {literal}"));
            texts.push(format!("{name} in ({literal}, 1.5, \"x\", 500)"));
            texts.push(format!("{name} not in ({literal}, \"Ada\", 500)"));
        }
        texts.push(format!("{name} between 0 and 5.5"));
        texts.push(format!("{name} between \"\" and \"a\""));
        for text in texts {
            let joined = [format!("not ({text})"), format!("({text}) and i != 5"), format!("({text}) or yes")];
            for text in [joined[asked % 3].clone(), text] {
                let filter = Filter::parse(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
                let due: Vec<usize> = (0..stored.len()).filter(|row| filter.selects(&stored[*row])).collect();
                let found = selected(&text, &table);
                assert_eq!(found, due, "{text}; {}", json!(stored.iter().map(|r| &r.payload).collect::<Vec<_>>()));
                asked += 1;
            }
        }
    }
    assert!(asked > 9_000, "only {asked}");
}

#[test]
fn what_a_filter_becomes_is_shown() {
    let table = table();
    let shown = |text: &str| shown(&plan(Some(&Filter::parse(text).unwrap()), &layout(&table)).unwrap()).unwrap();
    let both = shown("i > 5 and f < 0.5");
    assert!(both.contains("i >= 6") && both.contains("vector_inspector('f < 0.5', f)"), "{both}");
    assert_eq!(shown("nobody = 1 and f < 0.5"), "false");
    assert_eq!(shown("small < 40000 or nobody is missing"), "true");
}

#[test]
fn records_become_the_same_rows_again() {
    let table = table();
    let layout = layout(&table);
    let stored = read(&table);
    let again = to_rows(&layout, &stored).unwrap();
    assert_eq!(again.schema(), table.schema());
    assert_eq!(read(&again), stored);
    let first = Value::Object(stored[0].payload.clone());
    assert_eq!(
        (&first["g"], &first["h"], &first["price"]),
        (&json!(0.1), &json!(0.099_975_586), &json!("1234567890123456789.01"))
    );
    assert_eq!((&first["i"], &first["u"]), (&json!((1_i64 << 53) + 1), &json!(u64::MAX)));
    assert_eq!((&first["when"], &first["day"]), (&json!("2017-06-12T00:00:00.000001Z"), &json!("2017-06-12")));
    assert_eq!((&first["whole"], &stored[2].payload["whole"]), (&json!("123456789012345678901"), &json!(500)));
    assert!(stored[4].payload.values().all(Value::is_null));
}

#[test]
fn what_does_not_fit_is_refused_before_anything_is_written() {
    let table = table();
    let layout = layout(&table);
    let with = |id: RecordId, name: &str, value: Value| {
        let payload = [(name.to_owned(), value)].into_iter().collect();
        to_rows(&layout, &[Record { id, vectors: Some(Vectors::default()), payload, text: None }])
    };
    assert!(with(5_u64.into(), "small", json!(7)).is_ok());
    for (id, name, value) in [
        (RecordId::from(5_u64), "nope", json!(1)),
        (RecordId::from(5_u64), "small", json!(32_768)),
        (RecordId::from(5_u64), "i", json!("x")),
        (RecordId::from(-5_i64), "i", json!(1)),
        (RecordId::from("5"), "i", json!(1)),
    ] {
        let error = with(id, name, value.clone()).unwrap_err();
        assert!(matches!(error, crate::provider::ProviderError::BadRequest { .. }), "{name} {value}: {error}");
    }
}
