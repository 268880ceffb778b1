//! `compare` and `recall` as a script sees them, on the demo.

use serde_json::{Value, json};
use vector_inspector::provider::Provider;
use vector_inspector::provider::model::{CollectionSpec, Metric, Record, Vectors};
use vector_inspector::provider::qdrant_edge::QdrantEdge;

use crate::support::{Demo, Home, keys};

/// The names of the demo's collections.
fn collections(demo: &Demo) -> Vec<String> {
    let list = demo.run(&["collections", "demo", "--json"]).ends_with(0).json();
    list.as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
}

fn collection(demo: &Demo) -> String {
    collections(demo).swap_remove(0)
}

#[test]
fn a_collection_equals_itself_and_the_report_says_what_was_compared() {
    let demo = Demo::open();
    let name = collection(&demo);
    let words = ["compare", "demo", &name, "demo", &name, "--only", "structure,ids,content"];
    let read = demo.run(&words).ends_with(0);
    for part in ["STRUCTURE", "CONTENTS", "100.00 %", "equal, in "] {
        assert!(read.out.contains(part), "{part}: {}", read.out);
    }
    let report = demo.run(&[words.as_slice(), &["--json"]].concat()).ends_with(0).json();
    assert_eq!(keys(&report), ["a", "b", "vectors", "structure", "contents", "retrieval", "seconds"]);
    assert!(report["retrieval"].is_null());
    assert_eq!(report["contents"]["equal"], report["contents"]["records_a"]);
}

#[test]
fn two_collections_differ_and_the_files_list_how() {
    let demo = Demo::open();
    let names = collections(&demo);
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let all = path("all.jsonl");
    let (one, other) = (&names[0], &names[1]);
    let words = ["compare", "demo", one, "demo", other, "--only", "ids,content", "--json"];
    let more = ["--differences", &all, "--list", "2"];
    let contents = demo.run(&[words.as_slice(), &more].concat()).ends_with(1).json()["contents"].clone();
    let number = |key: &str| contents[key].as_u64().unwrap();
    let different = number("missing") + number("extra") + number("changed") + number("kind_changed");
    assert!(different > 2 && contents["differences"].as_array().unwrap().len() == 2);
    assert_eq!(std::fs::read_to_string(&all).unwrap().lines().count() as u64, different);
    // Their vectors have other dimensions: no list of writes would make them alike.
    let plan = path("plan.jsonl");
    let more = ["--plan-sync", &plan];
    demo.run(&[words.as_slice(), &more].concat())
        .ends_with(2)
        .says("cannot be made like the other collection: its vectors have");
}

#[test]
fn what_would_make_b_like_a_is_listed_and_nothing_is_written() {
    let home = Home::new();
    let both = two_that_differ(&home);
    let plan = home.path().join("plan.jsonl");
    let words = ["compare", &both, "a", &both, "b", "--only", "content", "--plan-sync", plan.to_str().unwrap()];
    for _ in 0..2 {
        home.run(&words).ends_with(1).says("2 upserts and 1 deletes").says("Nothing was written to a database");
    }
    let lines = std::fs::read_to_string(&plan).unwrap();
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 3);
    assert_eq!(keys(&lines[0]), ["write", "id", "why"]);
}

#[test]
fn a_record_is_shown_field_by_field() {
    let demo = Demo::open();
    let name = collection(&demo);
    let first = demo.run(&["records", "demo", &name, "--limit", "2", "--json"]).ends_with(0).lines();
    let id = first[0]["id"].to_string();
    let words = ["compare", "demo", &name, "demo", &name, "--show", &id];
    assert!(demo.run(&words).ends_with(0).out.contains("the same on both sides"));
    let words = ["compare", "demo", &name, "demo", &name, "--show", "987654321"];
    demo.run(&words).ends_with(1).says("has no record 987654321");
}

#[test]
fn recall_is_measured_and_fails_a_run_below_its_limit() {
    let demo = Demo::open();
    let name = collection(&demo);
    let words = ["recall", "demo", &name, "--queries", "10", "--top", "5"];
    let ran = demo.run(&words).ends_with(0);
    assert!(ran.out.contains("recall@5") && ran.out.contains("100 %"), "{}", ran.out);
    let report = demo.run(&[words.as_slice(), &["--json", "--fail-under", "0"]].concat()).ends_with(0).json();
    assert_eq!(
        keys(&report),
        ["target", "collection", "vector", "index", "top", "queries", "seed", "recall", "index_ms", "exact_ms"]
    );
    let words =
        ["compare", "demo", &name, "demo", &name, "--only", "retrieval", "--queries", "5", "--fail-under", "0.5"];
    let ran = demo.run(&words).ends_with(0);
    assert!(ran.out.contains("RETRIEVAL"), "{}", ran.out);
}

#[test]
fn what_does_not_go_together_is_refused_before_anything_is_opened() {
    let home = Home::new();
    let words = ["compare", "nowhere://x", "a", "nowhere://x", "b"];
    for (more, part) in [
        (["--only", "retrieval", "--plan-sync", "/nonexistent/x"].as_slice(), "need ids or content"),
        (&["--only", "ids", "--fail-under", "0.9"], "needs retrieval"),
        (&["--queries", "none"], "a number from 1 to"),
        (&["--plan-sync", "/nonexistent/x"], "could not be written"),
    ] {
        home.run(&[words.as_slice(), more].concat()).ends_with(2).says(part);
    }
}

/// An embedded database with the collections `a` and `b`: in `b` one record is missing, one is another, one is extra.
fn two_that_differ(home: &Home) -> String {
    let directory = home.path().join("both");
    let record = |n: u64, word: &str| Record {
        id: n.into(),
        vectors: Some(Vectors::unnamed(vec![0.5, 1.0])),
        payload: json!({ "n": n, "word": word }).as_object().cloned().unwrap(),
        text: None,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let database = QdrantEdge::create(&directory).await.unwrap();
        for name in ["a", "b"] {
            database.create_collection(&CollectionSpec::dense(name, 2, Metric::Euclidean)).await.unwrap();
        }
        database.upsert("a", (0..20).map(|n| record(n, "x")).collect()).await.unwrap();
        database.upsert("b", (1..21).map(|n| record(n, if n == 5 { "y" } else { "x" })).collect()).await.unwrap();
        database.close().await;
    });
    directory.to_str().unwrap().to_owned()
}

#[test]
fn b_is_made_like_a_after_a_question_and_loses_nothing_without_its_own_flag() {
    let home = Home::new();
    let both = two_that_differ(&home);
    let words = |more: &[&str]| {
        let words = ["compare", &both, "a", &both, "b", "--only", "content"];
        home.run(&[words.as_slice(), more].concat())
    };
    words(&[]).ends_with(1);
    words(&["--apply"]).ends_with(2).says("nothing was written. Agree with --yes");
    home.run(&["--read-only", "compare", &both, "a", &both, "b", "--apply", "--yes"]).ends_with(2).says("--read-only");
    words(&[]).ends_with(1);
    let report = words(&["--apply", "--yes", "--json"]).ends_with(5).json();
    let aligned = &report["aligned"];
    assert_eq!(
        keys(aligned),
        ["upserts", "deletes", "upserted", "deleted", "left", "gone", "refused", "refusals", "stopped", "after"]
    );
    assert_eq!((aligned["upserted"].as_u64(), aligned["deleted"].as_u64()), (Some(2), Some(0)));
    assert_eq!((aligned["after"]["extra"].as_u64(), aligned["after"]["equal"].as_u64()), (Some(1), Some(20)));
    let ran = words(&["--apply", "--yes"]).ends_with(5).says("--delete-extra deletes what only B has");
    assert!(!ran.out.contains("APPLIED"), "{}", ran.out);
    let ran = words(&["--apply", "--delete-extra", "--yes"]).ends_with(0);
    assert!(ran.out.contains("0 records written, 1 deleted; compared again: no difference."), "{}", ran.out);
    words(&[]).ends_with(0);
    words(&["--apply", "--yes"]).ends_with(0).says("nothing to write");
}

#[test]
fn what_cannot_be_applied_is_refused() {
    let home = Home::new();
    let words = ["compare", "nowhere://x", "a", "nowhere://x", "b"];
    for (more, part) in [
        (["--delete-extra"].as_slice(), "--apply"),
        (&["--apply", "--only", "ids"], "needs content"),
        (&["--apply", "--fields", "n"], "cannot be used with"),
    ] {
        home.run(&[words.as_slice(), more].concat()).ends_with(2).says(part);
    }
}
