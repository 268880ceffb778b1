//! Collections, records and searches of the embedded demo.

use serde_json::Value;

use crate::support::{Demo, keys};

/// The first collection with one unnamed vector, and its number of records.
fn collection(demo: &Demo) -> (String, u64) {
    let list = demo.run(&["collections", "demo", "--json"]).ends_with(0).json();
    let simple = |c: &&Value| c["vectors"].as_array().unwrap().len() == 1 && c["vectors"][0]["name"] == "";
    let found = list.as_array().unwrap().iter().find(simple).unwrap();
    (found["name"].as_str().unwrap().to_owned(), found["count"].as_u64().unwrap())
}

#[test]
fn ping_and_collections_have_the_documented_shape() {
    let demo = Demo::open();
    let pong = demo.run(&["ping", "demo", "--json"]).ends_with(0).json();
    assert_eq!(pong[0]["state"], "idle");
    assert!(pong[0]["latency_ms"].is_number() && pong[0]["error"].is_null(), "{pong}");
    demo.run(&["ping", "demo", "qdrant://127.0.0.1:1"]).ends_with(5);
    let list = demo.run(&["collections", "demo", "--json"]).ends_with(0).json();
    assert!(list.as_array().unwrap().len() >= 3);
    assert_eq!(keys(&list[0]), ["name", "count", "count_exact", "vectors"]);
    assert_eq!(keys(&list[0]["vectors"][0]), ["name", "kind", "dimension", "metric"]);
    let (name, count) = collection(&demo);
    let info = demo.run(&["collections", "demo", "--json", "show", &name]).ends_with(0).json();
    assert_eq!(info["count"], count);
    let table = demo.run(&["collections", "demo"]).ends_with(0).out;
    assert!(table.starts_with("name"), "{table}");
    demo.run(&["collections", "demo", "show", "nope"]).ends_with(2).says("no collection \"nope\"");
}

#[test]
fn following_the_cursor_gives_every_record_once() {
    let demo = Demo::open();
    let (name, count) = collection(&demo);
    let all = demo.run(&["records", "demo", &name, "--all", "--json"]).ends_with(0);
    assert_eq!(all.err.lines().last().unwrap(), r#"{"next_cursor":null}"#);
    let all: Vec<String> = all.lines().iter().map(|r| r["id"].to_string()).collect();
    assert_eq!(all.len() as u64, count);
    let counted = demo.run(&["records", "demo", &name, "count", "--json"]).ends_with(0).json();
    assert_eq!((counted["count"].as_u64(), &counted["count_exact"]), (Some(count), &Value::Bool(true)));
    let mut ids = Vec::new();
    let mut cursor: Option<String> = None;
    for _ in 0..3 {
        let mut words = vec!["records", "demo", &name, "--json", "--limit", "7"];
        if let Some(cursor) = &cursor {
            words.extend(["--cursor", cursor]);
        }
        let page = demo.run(&words).ends_with(0);
        assert_eq!(keys(&page.lines()[0]), ["id", "text", "payload"]);
        ids.extend(page.lines().iter().map(|r| r["id"].to_string()));
        let next: Value = serde_json::from_str(page.err.lines().last().unwrap()).unwrap();
        cursor = Some(next["next_cursor"].as_str().unwrap().to_owned());
    }
    assert_eq!(ids, all[..21]);
}

#[test]
fn records_by_id_and_more_like_them() {
    let demo = Demo::open();
    let (name, _) = collection(&demo);
    let first = demo.run(&["records", "demo", &name, "--limit", "1", "--json", "--with-vectors"]).ends_with(0);
    let first = &first.lines()[0];
    let id = first["id"].to_string();
    let again = demo.run(&["records", "demo", &name, "--id", &id, "--json", "--with-vectors"]).ends_with(0);
    assert_eq!(&again.lines()[0], first);
    demo.run(&["records", "demo", &name, "--id", "18446744073709551615"]).ends_with(1).says("not found");
    demo.run(&["records", "demo", &name, "--id", &id, "--id", "18446744073709551615"]).ends_with(5);
    let hits = demo.run(&["search", "demo", &name, "--like", &id, "--top", "3", "--json"]).ends_with(0).lines();
    assert_eq!(hits.len(), 3);
    assert_eq!(keys(&hits[0]), ["id", "text", "payload", "score", "measure", "metric"]);
    assert!(hits.iter().all(|hit| hit["id"] != first["id"]));
    let vector = first["vectors"].to_string();
    let hits = demo.run(&["search", "demo", &name, "--vector", &vector, "--exact", "--json"]).ends_with(0).lines();
    assert_eq!(hits[0]["id"], first["id"]);
    demo.run(&["search", "demo", &name, "--vector", "[1, 2]"]).ends_with(2);
    demo.run(&["search", "demo", &name]).ends_with(2);
    for words in [
        &["--text", "a"][..],
        &["--text", " ", "--by", "bm25"],
        &["--text", "a", "--by", "words"],
        &["--text", "a", "--by", "hybrid", "--alpha", "1.5"],
        &["--text", "a", "--by", "bm25", "--vector", "[1]"],
        &["--like", "1", "--text", "a", "--by", "bm25"],
        &["--vector", "[1]", "--alpha", "0.5"],
    ] {
        demo.run(&[&["search", "demo", &name], words].concat()).ends_with(2);
    }
    let refused = demo.run(&["search", "demo", &name, "--text", "a", "--by", "bm25"]).ends_with(2);
    refused.says("by vectors and by records, not by text");
}

#[test]
fn a_reader_that_has_enough_ends_the_command_quietly() {
    let demo = Demo::open();
    let (name, _) = collection(&demo);
    let script = format!("{{ \"$BIN\" records demo {name} --all --json; echo \"code $?\" >&2; }} | head -n 1");
    let ran = demo.shell(&script).ends_with(0);
    assert_eq!(ran.out.lines().count(), 1);
    assert!(ran.err.contains("code 0") && !ran.err.contains("vector-inspector:"), "{}", ran.err);
}

#[test]
fn what_the_database_refuses_is_filtered_here_when_asked_to() {
    let demo = Demo::open();
    let (name, count) = collection(&demo);
    let all = demo.run(&["records", "demo", &name, "--all", "--json"]).ends_with(0).lines();
    let (field, middle) = all[0]["payload"]
        .as_object()
        .unwrap()
        .iter()
        .find_map(|(field, value)| Some((field.clone(), value.as_str()?.to_owned())))
        .unwrap();
    // Qdrant has no order of texts.
    let filter = format!("{field} <= {}", Value::from(middle.as_str()));
    let due: Vec<&Value> =
        all.iter().filter(|r| r["payload"][&field].as_str().is_some_and(|text| text <= middle.as_str())).collect();
    assert!(!due.is_empty() && due.len() < all.len());
    let refused = demo.run(&["records", "demo", &name, "--filter", &filter]).ends_with(2);
    refused.says("no order of texts");
    let words = ["records", "demo", &name, "--filter", &filter, "--client-filter", "--all", "--json"];
    let here = demo.run(&words).ends_with(0);
    assert_eq!(here.lines().iter().collect::<Vec<_>>(), due);
    assert!(here.err.contains("this reads all") && here.err.contains(&name), "{count}: {}", here.err);
    let counted = demo.run(&["records", "demo", &name, "count", "--filter", &filter, "--client-filter"]).ends_with(0);
    assert_eq!(counted.out.trim(), due.len().to_string());
    // In steps, from cursor to cursor.
    let mut few = words[..6].to_vec();
    few.extend(["--json", "--limit", "3"]);
    let some = demo.run(&few).ends_with(0).lines();
    assert_eq!(some.iter().collect::<Vec<_>>(), due[..3.min(due.len())]);
}

#[test]
fn explain_prints_the_native_request_and_a_wrong_filter_is_marked() {
    let demo = Demo::open();
    let (name, _) = collection(&demo);
    let shown = demo.run(&["records", "demo", &name, "--filter", "year = 5", "--explain"]).ends_with(0).json();
    assert_eq!(shown["filter"]["must"][0]["key"], "year");
    demo.run(&["records", "demo", &name, "--filter", "name < 'b'", "--explain"]).ends_with(2).says("no order of texts");
    let wrong = demo.run(&["records", "demo", &name, "--filter", "year = = 5"]).ends_with(2);
    assert!(wrong.err.contains("  year = = 5\n         ^\n"), "{}", wrong.err);
}
