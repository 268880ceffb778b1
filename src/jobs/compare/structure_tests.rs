#![allow(clippy::unwrap_used, clippy::panic)]

use super::*;
use crate::provider::model::{CollectionSpec, CollectionState, CollectionSummary, Count, Metric};

fn info(dimension: usize, metric: Metric, index: Option<&str>) -> CollectionInfo {
    let mut vectors = CollectionSpec::dense("c", dimension, metric).vectors;
    vectors[0].index = index.map(str::to_owned);
    let summary = CollectionSummary { name: "c".to_owned(), count: Some(Count { value: 5, exact: true }), vectors };
    CollectionInfo { summary, state: CollectionState::Ready, fields: Vec::new(), details: Value::Null }
}

fn verdict(structure: &Structure, what: &str) -> Verdict {
    structure.items.iter().find(|item| item.what == what).unwrap_or_else(|| panic!("no {what}")).verdict
}

fn compare(a: &CollectionInfo, b: &CollectionInfo, same_maker: bool) -> Structure {
    structure(a, b, &pairs(a, b), Known { same_maker, ..Known::default() })
}

#[test]
fn equal_collections_have_no_difference() {
    let one = info(4, Metric::Cosine, Some("hnsw m=16 ef_construct=100"));
    let structure = compare(&one, &one, true);
    assert!(structure.is_equal() && structure.count(Verdict::Equal) >= 5, "{structure:?}");
}

#[test]
fn each_thing_that_differs_is_named() {
    let a = info(4, Metric::Cosine, Some("hnsw m=16 ef_construct=100"));
    let b = info(8, Metric::Dot, Some("HNSW M=32 efConstruction=100"));
    let structure = compare(&a, &b, false);
    for what in ["dimension", "metric"] {
        assert_eq!(verdict(&structure, what), Verdict::Differs, "{what}");
    }
    for what in ["kind", "index", "index ef_construction", "records"] {
        assert_eq!(verdict(&structure, what), Verdict::Equal, "{what}");
    }
    assert_eq!(verdict(&structure, "aliases"), Verdict::NotComparable, "no maker told of any");
    assert_eq!(verdict(&compare(&a, &b, true), "index m"), Verdict::Differs, "of one maker");
}

#[test]
fn an_index_of_another_maker_is_no_difference_and_one_of_the_same_maker_is() {
    let a = info(4, Metric::Cosine, Some("hnsw m=16 ef_construct=100"));
    for other in ["hnsw m=32 ef_construction=200", "ivfflat lists=100", "flat"] {
        let b = info(4, Metric::Cosine, Some(other));
        let between = compare(&a, &b, false);
        assert!(between.is_equal(), "{other}: {between:?}");
        let item = between.items.iter().find(|item| item.what.starts_with("index") && item.reason.is_some()).unwrap();
        assert_eq!(item.verdict, Verdict::NotComparable, "{other}");
        assert!(!compare(&a, &b, true).is_equal(), "{other}, of one maker");
    }
}

#[test]
fn what_one_side_does_not_tell_is_no_difference_and_has_a_reason() {
    let mut a = info(4, Metric::Cosine, None);
    let b = info(4, Metric::Cosine, Some("flat"));
    a.fields = vec![PayloadField { path: "year".to_owned(), kind: "integer".to_owned(), indexed: Some(1) }];
    let structure = compare(&a, &b, false);
    assert!(structure.is_equal());
    let reasons = structure.items.iter().filter(|item| item.verdict == Verdict::NotComparable);
    assert!(reasons.clone().count() >= 3 && reasons.clone().all(|item| item.reason.is_some()));
}

#[test]
fn fields_are_compared_by_type_and_index() {
    let field =
        |path: &str, kind: &str, indexed| PayloadField { path: path.to_owned(), kind: kind.to_owned(), indexed };
    let (mut a, mut b) = (info(4, Metric::Dot, None), info(4, Metric::Dot, None));
    a.fields = vec![field("a", "integer", Some(3)), field("b", "keyword", None), field("c", "geo", None)];
    b.fields = vec![field("a", "bigint", None), field("b", "bool", None), field("d", "text", None)];
    let found = compare(&a, &b, false);
    let of = |path: &str, what: &str| {
        let path = format!("field {path:?}");
        found.items.iter().find(|item| item.of == path && item.what == what).unwrap().verdict
    };
    assert_eq!(of("a", "type"), Verdict::Equal, "integer and bigint are one family");
    assert_eq!(of("a", "indexed"), Verdict::Differs);
    for path in ["b", "c", "d"] {
        assert_eq!(of(path, "type"), Verdict::Differs, "{path}");
    }
    let same = compare(&a, &b, true);
    let item = same.items.iter().find(|item| item.of == "field \"a\"" && item.what == "type").unwrap();
    assert_eq!(item.verdict, Verdict::Differs, "words of one maker mean what they say");
}

#[test]
fn lone_vectors_are_compared_whatever_their_names_and_others_by_name() {
    let mut a = info(4, Metric::Dot, None);
    let mut b = info(4, Metric::Dot, None);
    b.summary.vectors[0].name = "embedding".to_owned();
    assert_eq!(pairs(&a, &b), [(String::new(), "embedding".to_owned())]);
    a.summary.vectors.push(VectorSpec { name: "extra".to_owned(), ..a.summary.vectors[0].clone() });
    assert_eq!(pairs(&a, &b), []);
    assert!(!compare(&a, &b, false).is_equal());
}

#[test]
fn the_notes_of_a_copy_are_no_fields_of_its_own() {
    let field = |path: &str| PayloadField { path: path.to_owned(), kind: "text".to_owned(), indexed: None };
    let (mut a, mut b) = (info(4, Metric::Dot, None), info(4, Metric::Dot, None));
    a.fields = vec![field("title"), field("meta")];
    b.fields = vec![field("title"), field("_source_id"), field("_source_json")];
    let beside = |noted| structure(&a, &b, &pairs(&a, &b), Known { noted, same_maker: false });
    let found = beside((false, true));
    assert!(found.is_equal(), "{found:?}");
    let meta = found.items.iter().find(|item| item.of == "field \"meta\"").unwrap();
    assert!(meta.verdict == Verdict::NotComparable && meta.reason.as_ref().unwrap().contains("a copy with notes"));
    assert_eq!(beside((false, false)).count(Verdict::Differs), 3, "without notes they are fields like others");
}
