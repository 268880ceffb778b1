//! `search --also`: one query in several collections, with the embedded demo and a second database of
//! the same records.

use std::path::Path;

use serde_json::Value;

use crate::support::{Demo, keys};

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// A copy of the demo as a database of its own.
fn second(demo: &Demo) -> tempfile::TempDir {
    demo.run(&["collections", "demo"]).ends_with(0);
    let directory = tempfile::tempdir().unwrap();
    copy(&demo.directory(), &directory.path().join("copy"));
    directory
}

fn ids(list: &Value) -> Vec<&Value> {
    list["hits"].as_array().unwrap().iter().map(|hit| &hit["id"]).collect()
}

#[test]
fn one_record_is_searched_for_in_two_databases() {
    let demo = Demo::open();
    let directory = second(&demo);
    let other = directory.path().join("copy");
    let other = other.to_str().unwrap();
    let words = ["search", "demo", "articles", "--like", "3", "--also", other, "articles", "--json"];
    let found = demo.run(&words).ends_with(0).json();
    assert_eq!(keys(&found), ["query", "k", "match_by", "lists", "items", "agreements"]);
    assert_eq!((&found["query"]["like"], found["k"].as_u64()), (&Value::from("3"), Some(10)));
    let lists = found["lists"].as_array().unwrap();
    assert_eq!(lists.len(), 2);
    assert_eq!(keys(&lists[0]), ["target", "collection", "exact", "using", "took_ms", "error", "hits"]);
    for list in lists {
        assert!(list["error"].is_null() && list["took_ms"].as_f64().unwrap() > 0.0, "{list}");
        assert_eq!(ids(list).len(), 10);
        assert!(ids(list).iter().all(|id| **id != 3), "the record itself is in no list");
        let hit = &list["hits"][0];
        assert_eq!(hit["rank"], 1);
        let (score, norm) = (hit["score"].as_f64().unwrap(), hit["normalised"].as_f64().unwrap());
        assert!((norm - (1.0 + score) / 2.0).abs() < 1e-6, "{hit}");
    }
    assert_eq!(ids(&lists[0]), ids(&lists[1]), "the same records");
    let agreement = &found["agreements"][0];
    assert_eq!(keys(agreement), ["lists", "k", "common", "overlap", "rbo", "rbo_p", "spearman", "matched_by_text"]);
    for (measure, value) in [("overlap", 1.0), ("rbo", 1.0), ("spearman", 1.0), ("rbo_p", 0.9), ("common", 10.0)] {
        assert!((agreement[measure].as_f64().unwrap() - value).abs() < 1e-9, "{measure}: {agreement}");
    }
    assert_eq!(found["items"][0]["ranks"], serde_json::json!([1, 1]));
}

#[test]
fn exact_and_approximate_search_of_one_collection_are_printed_beside_each_other() {
    let demo = Demo::open();
    let words = ["search", "demo", "articles", "--like", "3", "--also-exact", "demo", "articles", "--top", "5"];
    let printed = demo.run(&words).ends_with(0);
    let lines: Vec<&str> = printed.out.lines().collect();
    let head: Vec<&str> = lines[0].split_whitespace().take(8).collect();
    assert_eq!(head, ["A", "B", "A", "cosine", "A", "norm", "B", "cosine"]);
    assert!(lines[1].trim_start().starts_with("1  1"), "{}", printed.out);
    for text in
        ["A: demo / articles: 5 hits, through its index", "B: demo / articles: 5 hits, exact", "overlap@5", "RBO(0.9)"]
    {
        assert!(printed.out.contains(text), "{text}: {}", printed.out);
    }
}

#[test]
fn what_does_not_fit_is_said_and_the_rest_is_printed() {
    let demo = Demo::open();
    let words = ["search", "demo", "articles", "--like", "3", "--also", "demo", "languages"];
    let printed = demo.run(&words).ends_with(5);
    assert!(printed.out.contains("the vector has 384 numbers, those of languages have 96"), "{}", printed.out);
    assert!(printed.out.contains("A: demo / articles: 10 hits"), "{}", printed.out);
    let json = demo.run(&[&words[..], &["--json"]].concat()).ends_with(5).json();
    assert!(json["lists"][1]["error"].as_str().unwrap().contains("languages"));
    assert_eq!(json["lists"][1]["hits"], serde_json::json!([]));
    let unreachable = ["search", "demo", "articles", "--like", "3", "--also", "qdrant://127.0.0.1:1", "articles"];
    demo.run(&unreachable).ends_with(5);
    demo.run(&["search", "demo", "articles", "--like", "999999999", "--also", "demo", "articles"]).ends_with(1);
    demo.run(&["search", "demo", "articles", "--like", "3", "--also", "demo"]).ends_with(2);
    demo.run(&["search", "demo", "articles", "--like", "3", "--match-by", "name"]).ends_with(2).says("give --also");
}

#[test]
fn a_field_matches_records_of_other_ids() {
    let demo = Demo::open();
    let directory = second(&demo);
    let other = directory.path().join("copy");
    let words = [
        "search",
        "demo",
        "articles",
        "--like",
        "3",
        "--also",
        other.to_str().unwrap(),
        "articles",
        "--match-by",
        "text",
        "--json",
    ];
    let found = demo.run(&words).ends_with(0).json();
    assert_eq!((found["match_by"].as_str(), found["agreements"][0]["overlap"].as_f64()), (Some("text"), Some(1.0)));
    let mut none = words;
    none[9] = "no such field";
    let found = demo.run(&none).ends_with(0).json();
    assert_eq!(found["agreements"][0]["common"].as_u64(), Some(0), "what has no such field has no partner");
    assert!(found["agreements"][0]["spearman"].is_null());
    assert_eq!(found["items"].as_array().unwrap().len(), 20);
}
