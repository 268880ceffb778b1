//! What is asked for a filter, and what is refused.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use rstest::rstest;

use super::super::layout::Layout;
use super::super::layout::tests::{field, layout};
use super::super::proto::data_type;
use super::super::server::Dialect;
use super::{Translated, translate};
use crate::provider::ProviderError;
use crate::provider::filter::Filter;

fn fields() -> Layout {
    let mut array = field("tags", data_type::ARRAY);
    array.element_type = data_type::VARCHAR;
    let mut null = field("maybe", data_type::INT64);
    null.nullable = true;
    let declared = vec![
        field("b", data_type::BOOL),
        field("i8", data_type::INT8),
        field("i", data_type::INT64),
        field("f", data_type::FLOAT),
        field("d", data_type::DOUBLE),
        field("t", data_type::VARCHAR),
        field("j", data_type::JSON),
        field("like", data_type::INT64),
        field("when", data_type::TIMESTAMPTZ),
        array,
        null,
    ];
    layout(declared, true)
}

fn server() -> Dialect {
    Dialect::of("v2.3.5-lite").0
}

fn lite() -> Dialect {
    Dialect::of("milvus_lite-3.2.2").0
}

fn ask(text: &str, dialect: Dialect) -> Result<Translated, ProviderError> {
    translate(&Filter::parse(text).unwrap(), &fields(), dialect)
}

/// Holds for every record, and for none.
const ALL: &str = "_id >= \"\"";
const NONE: &str = "_id < \"\"";

#[rstest]
#[case("b = true", "b == true")]
#[case("b = 1", NONE)]
#[case("not b = 1", ALL)]
#[case("i = 5.0", "i == 5")]
#[case("i = 5.5", NONE)]
#[case("i != 5.5", ALL)]
#[case("i < 5.5", "i <= 5")]
#[case("i > 5.5", "i >= 6")]
#[case("i > -5.5", "i >= -5")]
#[case("i < 5", "i <= 4")]
#[case("i = 9007199254740993", "i == 9007199254740993")]
#[case("i <= 18446744073709551615", ALL)]
#[case("i > 1e300", NONE)]
#[case("i = -9223372036854775808", "i < -9223372036854775807")]
#[case("i > -9223372036854775808", "i >= -9223372036854775807")]
#[case("i >= -9223372036854775808", ALL)]
#[case("i8 < 300", ALL)]
#[case("i8 in (5, 300)", "i8 == 5")]
#[case("i between 2 and 4.5", "(i >= 2 and i <= 4)")]
#[case("i = \"a\"", NONE)]
#[case("i not in (1, 2)", "not ((i == 1 or i == 2))")]
#[case("f < 0.1", "f < 0.1")]
#[case("d = 5", "d == 5.0")]
#[case("d >= 1e300", "d >= 1e300")]
#[case("t < \"b\"", "t < \"b\"")]
#[case("t = \"it's \\\"quoted\\\"\"", "t == \"it's \\\"quoted\\\"\"")]
#[case("t contains \"\"", ALL)]
#[case("t exists", ALL)]
#[case("t is null", NONE)]
#[case("t is missing", NONE)]
#[case("t.inner = 5", NONE)]
#[case("t.inner is null", ALL)]
#[case("maybe = 5", "(maybe is not null and maybe == 5)")]
#[case("maybe is null", "not (maybe is not null)")]
#[case("maybe != 5", "(maybe is not null and not (maybe == 5))")]
#[case("tags = \"a\"", "array_contains(tags, \"a\")")]
#[case("tags contains \"a\"", "array_contains(tags, \"a\")")]
#[case("tags = 5", NONE)]
#[case("tags exists", "array_length(tags) != 0")]
#[case("tags is null", "not (array_length(tags) != 0)")]
#[case("i = 1 and t = \"a\" or b = true", "((i == 1 and t == \"a\") or b == true)")]
fn declared_fields_are_compared_as_what_they_are(#[case] filter: &str, #[case] expr: &str) {
    let asked = ask(filter, server()).unwrap();
    assert_eq!((asked.expr.as_str(), asked.doubts.len()), (expr, 0));
}

#[rstest]
#[case("x = 5", "((exists $meta[\"x\"]) and ($meta[\"x\"] == 5.0 or json_contains_any($meta[\"x\"], [5.0])))", 0)]
#[case("x is missing", "not ((exists $meta[\"x\"]))", 0)]
#[case(
    "j.name = \"b\"",
    "((exists j[\"name\"]) and (j[\"name\"] == \"b\" or json_contains_any(j[\"name\"], [\"b\"])))",
    0
)]
fn milvus_is_asked_by_path(#[case] filter: &str, #[case] expr: &str, #[case] doubts: usize) {
    let asked = ask(filter, server()).unwrap();
    assert_eq!((asked.expr.as_str(), asked.doubts.len()), (expr, doubts));
}

#[test]
fn one_element_of_an_array_keeps_both_bounds() {
    let asked = ask("x between 5 and 7", server()).unwrap();
    let start = "((exists $meta[\"x\"]) and (($meta[\"x\"] >= 5.0 and $meta[\"x\"] <= 7.0) \
                 or (array_length($meta[\"x\"]) != 0 and (($meta[\"x\"][0] >= 5.0 and $meta[\"x\"][0] <= 7.0) or ";
    assert!(asked.expr.starts_with(start), "{}", asked.expr);
    assert!(asked.expr.contains("$meta[\"x\"][7] >= 5.0") && !asked.expr.contains("[8]"), "{}", asked.expr);
    assert_eq!(asked.doubts.len(), 1);
    assert!(asked.doubts[0].expr.ends_with(" and array_length($meta[\"x\"]) != 8"), "{}", asked.doubts[0].expr);
    let lite = ask("x between 5 and 7", lite()).unwrap();
    assert!(lite.doubts[0].expr.contains("json_contains_all(x, [])") && !lite.expr.contains("[0]"), "{}", lite.expr);
}

#[test]
fn what_milvus_cannot_tell_apart_is_asked_for_first() {
    let asked = ask("x != 5", server()).unwrap();
    assert_eq!(asked.doubts.len(), 2);
    assert_eq!(asked.doubts[0].expr, "array_length($meta[\"x\"]) != 0");
    assert!(asked.doubts[1].refusal.to_string().contains("null, {} and []"), "{}", asked.doubts[1].refusal);
    assert!(asked.shown().contains("asked first") && !ask("i = 5", server()).unwrap().shown().contains("asked"));
}

#[test]
fn milvus_lite_is_made_to_compare_as_python_does() {
    let order = ask("x > 5", lite()).unwrap().expr;
    assert!(
        order.ends_with("($meta[\"x\"] is not null or $meta[\"x\"] is null or $meta[\"x\"][\"_\"] is null)"),
        "{order}"
    );
    let asked = ask("x = 5", lite()).unwrap().expr;
    assert!(asked.contains("json_contains_any(x, [5])") && asked.contains("not ($meta[\"x\"] like \"%\")"), "{asked}");
    assert!(!asked.contains("[\"_\"]"), "a function is enough: {asked}");
    // a text in front of the value is not taken apart
    let inner = ask("o.name = \"Ada\"", lite()).unwrap().expr;
    assert!(inner.contains("not ($meta[\"o\"] like \"%\")"), "{inner}");
    assert!(!ask("i = 5", lite()).unwrap().expr.contains("$meta"), "declared fields have types");
}

#[rstest]
#[case("x = 9007199254740993", server(), "2^53")]
#[case("x contains \"part\"", server(), "before 2.4")]
#[case("\"a/b\" = 1", server(), "no key such as")]
#[case("o.\"0\" = 1", server(), "place of an element")]
#[case("x is missing", lite(), "a missing key from null")]
#[case("\"a.b\" = 5", lite(), "plain words")]
#[case("x contains \"50%\"", lite(), "wildcards")]
#[case("_id = \"a\"", server(), "the record's id")]
#[case("_vector = 1", server(), "is a vector")]
#[case("j = 5", server(), "by its keys")]
#[case("like = 5", server(), "word of its expressions")]
#[case("when = \"2020\"", server(), "Timestamptz")]
#[case("tags != \"a\"", server(), "but for equality")]
#[case("f = 0.1000000001", server(), "32 bits")]
#[case("f = 0.1", lite(), "32 bits")]
#[case("$text contains \"a\"", server(), "no text apart")]
fn what_has_no_expression_is_refused_with_its_place(
    #[case] filter: &str,
    #[case] dialect: Dialect,
    #[case] reason: &str,
) {
    let error = ask(filter, dialect).unwrap_err();
    assert!(matches!(error, ProviderError::FilterRefused { .. }), "{filter}: {error}");
    assert!(error.to_string().contains(reason), "{filter}: {error}");
}

/// Arrays and objects are in doubt for any range.
#[rstest]
#[case("x > 1", None)]
#[case("x < 0", None)]
#[case("x between 2 and 9", None)]
#[case("x >= 1.5", None)]
#[case("x < 1", Some("$meta[\"x\"] == 0"))]
#[case("x <= 2005", Some("$meta[\"x\"] == 0 or $meta[\"x\"] == 1"))]
#[case("x between 0.5 and 9", Some("$meta[\"x\"] == 1"))]
#[case("x = 1", Some("$meta[\"x\"] == 1 or json_contains_any(x, [1])"))]
#[case("x in (5, true)", Some("$meta[\"x\"] == true or json_contains_any(x, [true])"))]
#[case("x = 5", None)]
fn milvus_lite_is_asked_for_0_and_1_first_where_they_could_be_booleans(
    #[case] filter: &str,
    #[case] doubt: Option<&str>,
) {
    let asked = ask(filter, lite()).unwrap();
    let found = asked.doubts.iter().find(|doubt| doubt.refusal.to_string().contains("takes true for 1"));
    assert_eq!(found.map(|doubt| doubt.expr.as_str()), doubt, "{filter}");
}

#[test]
fn an_order_on_milvus_lite_is_known_but_for_objects() {
    let asked = ask("x > 5", lite()).unwrap();
    assert!(asked.expr.contains("$meta[\"x\"] * 0 == 0 and $meta[\"x\"] > 5"), "{}", asked.expr);
    let objects = asked.doubts.iter().find(|doubt| doubt.unless.is_some()).unwrap();
    assert!(objects.refusal.to_string().contains("holds objects"), "{}", objects.refusal);
    let texts = ask("x > \"a\"", lite()).unwrap();
    assert!(texts.expr.contains("$meta[\"x\"] like \"%\" and $meta[\"x\"] > \"a\""), "{}", texts.expr);
    assert!(texts.doubts.iter().all(|doubt| doubt.unless.is_none()));
}
