//! What is sent for a filter; what it selects is shown on a real server in `tests/contract/`.
#![allow(clippy::unwrap_used)]

use serde_json::json;

use super::super::table::Table;
use super::*;

fn table(columns: &[(&str, &str, &str)]) -> Table {
    let columns: Vec<_> = columns
        .iter()
        .enumerate()
        .map(|(place, (name, kind, home))| {
            json!({
                "number": place + 1, "name": name, "kind": kind, "home": home, "shown": kind,
                "modifier": if *kind == "vector" { 3 } else { -1 }, "not_null": place == 0,
                "generated": false,  "loose": *name == "loose", "comment": null,
            })
        })
        .collect();
    let primary = json!({
        "name": "pk", "method": "btree", "unique": true, "primary": true, "valid": true,
        "partial": false, "rows": 0.0, "options": null, "definition": "",
        "keys": [{ "column": 1, "class": "int8_ops", "expression": "id" }],
    });
    let relation = json!({
        "oid": 1, "schema": "public", "table": "t", "kind": "r", "rows": 0.0, "extension": "public",
        "comment": null, "columns": columns, "indexes": [primary],
    });
    Table::of(serde_json::from_value(relation).unwrap()).unwrap()
}

fn own() -> Table {
    let own = table(&[
        ("id", "int8", "pg_catalog"),
        ("payload", "jsonb", "pg_catalog"),
        ("text", "text", "pg_catalog"),
        ("embedding", "vector", "public"),
    ]);
    assert!(own.own);
    own
}

fn foreign() -> Table {
    table(&[
        ("id", "int8", "pg_catalog"),
        ("n", "int4", "pg_catalog"),
        ("x", "float8", "pg_catalog"),
        ("title", "text", "pg_catalog"),
        ("loose", "text", "pg_catalog"),
        ("flag", "bool", "pg_catalog"),
        ("price", "numeric", "pg_catalog"),
        ("meta\"", "jsonb", "pg_catalog"),
        ("embedding", "vector", "public"),
    ])
}

fn sent(filter: &str, table: &Table) -> (String, usize) {
    let mut sql = Sql::default();
    let text = condition(&Filter::parse(filter).unwrap(), table, &mut sql).unwrap();
    (text, sql.count())
}

#[test]
fn values_and_keys_are_parameters_never_text() {
    let evil = "x'; DROP TABLE t; --";
    let (text, values) = sent(&format!("\"{evil}\" = \"{evil}\" and a.\"{evil}\" contains \"{evil}\""), &own());
    assert!(!text.contains("DROP"), "{text}");
    // two paths of one and two keys, and the literals, the last one once for parts and once for elements
    assert_eq!(values, 1 + 1 + 2 + 2);
}

#[test]
fn columns_of_usual_types_are_asked_as_they_are() {
    let foreign = foreign();
    assert_eq!(sent("n < 5.5", &foreign).0, "(t.\"n\" < $1 AND t.\"n\" IS NOT NULL)");
    assert_eq!(sent("n = 5.5", &foreign).0, "(false AND t.\"n\" IS NOT NULL)");
    assert_eq!(sent("n < 18446744073709551615", &foreign).0, "(true AND t.\"n\" IS NOT NULL)");
    assert_eq!(sent("n = \"5\"", &foreign).0, "(false AND t.\"n\" IS NOT NULL)");
    assert_eq!(sent("title = \"a\"", &foreign).0, "(t.\"title\" = $1 AND t.\"title\" IS NOT NULL)");
    assert_eq!(sent("loose = \"a\"", &foreign).0, "((t.\"loose\" COLLATE \"C\") = $1 AND t.\"loose\" IS NOT NULL)");
    assert_eq!(sent("title < \"a\"", &foreign).0, "((t.\"title\" COLLATE \"C\") < $1 AND t.\"title\" IS NOT NULL)");
    assert_eq!(sent("flag = true", &foreign).0, "(t.\"flag\" = true AND t.\"flag\" IS NOT NULL)");
    assert_eq!(sent("flag is null", &foreign).0, "(t.\"flag\" IS NULL)");
}

#[test]
fn a_column_that_is_not_there_is_a_missing_field() {
    assert_eq!(sent("nobody = 1", &foreign()).0, "false");
    assert_eq!(sent("not nobody = 1", &foreign()).0, "(NOT false)");
    assert_eq!(sent("nobody is null or id = 1", &foreign()).0, "(true OR false)");
}

#[test]
fn other_columns_are_asked_as_the_json_that_is_read_of_them() {
    let (text, _) = sent("'meta\"'.a = 1", &foreign());
    assert!(text.contains("(pg_catalog.to_jsonb(t.\"meta\"\"\") -> $1::pg_catalog.text)"), "{text}");
    assert!(sent("price < 5", &foreign()).0.contains("pg_catalog.to_jsonb(CASE WHEN"));
}

#[test]
fn a_nul_is_refused_with_its_place() {
    let filter = Filter::parse("n = 1 and x = \"a\\u{0}\"");
    let Ok(filter) = filter else { return };
    let error = condition(&filter, &own(), &mut Sql::default()).unwrap_err().to_string();
    assert!(error.contains("at characters 11 to") && error.contains("NUL"), "{error}");
}
