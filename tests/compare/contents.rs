//! Options, tolerances, and what happens when a side fails or moves.

use std::sync::Arc;

use serde_json::json;
use vector_inspector::jobs::compare::{CompareOptions, ContentOptions, Depth, compare, contents, pass_over};
use vector_inspector::jobs::model::comparison::{DifferenceKind, Outcome, Part};
use vector_inspector::jobs::{Control, JobError, Meter};
use vector_inspector::provider::Support;
use vector_inspector::provider::filter::Filter;
use vector_inspector::provider::model::{Record, RecordId, Vectors};

use crate::made::{Made, Rows, numbered, record};
use crate::mutations::compare as of_contents;

fn records(count: u64) -> Vec<Record> {
    (0..count).map(numbered).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collection_that_differs_in_every_record_is_counted_through_the_temporary_file() {
    // 30,000 records of a kibibyte: more than is held in memory, in several partitions.
    fn long(n: u64) -> Record {
        let mut long = numbered(n);
        long.vectors = Some(Vectors::unnamed(vec![0.5; 256]));
        long
    }
    fn other(n: u64) -> Record {
        let mut other = long(n);
        let moved = n.is_multiple_of(1_000);
        other.id = RecordId::from(if moved { n + 1_000_000 } else { n });
        other.payload.insert("n".to_owned(), json!(n + 1));
        other
    }
    let cosine = |can: &mut vector_inspector::provider::Capabilities| {
        can.cosine_vectors = Support::No("it keeps vectors at the length 1");
    };
    let a = Made::new(Rows::Generated(30_000, long)).with(cosine).side("a");
    let b = Made::new(Rows::Generated(30_000, other)).side("b");
    let wanted = ContentOptions { list: 3, ..ContentOptions::default() };
    let options = CompareOptions { structure: false, contents: Some(wanted), retrieval: None, using: None };
    let mut kinds = std::collections::BTreeMap::new();
    let mut each = |one: &vector_inspector::jobs::model::comparison::Difference| {
        *kinds.entry(one.kind).or_insert(0) += 1;
        Ok(())
    };
    let report = compare(&a, &b, &options, &Control::default(), &mut Meter::silent(), &mut each).await.unwrap();
    let found = report.contents.unwrap();
    assert_eq!((found.missing, found.extra, found.changed, found.equal), (30, 30, 29_970, 0));
    assert_eq!(found.differences.len(), 3);
    assert_eq!(
        kinds.into_iter().collect::<Vec<_>>(),
        [(DifferenceKind::Missing, 30), (DifferenceKind::Extra, 30), (DifferenceKind::Changed, 29_970)]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn declared_tolerances_are_overlooked_listed_and_end_where_they_are_said_to() {
    let a = records(300);
    let scaled = |factor: f32, off: f32| -> Vec<Record> {
        a.iter()
            .cloned()
            .map(|mut one| {
                let Some(Vectors(vectors)) = &mut one.vectors else { unreachable!() };
                if let vector_inspector::provider::model::Vector::Dense(values) = &mut vectors[0].1 {
                    values.iter_mut().for_each(|value| *value *= factor);
                    values[0] += off;
                }
                one
            })
            .collect()
    };
    let whole = CompareOptions {
        structure: true,
        contents: Some(ContentOptions { list: 10, ..ContentOptions::default() }),
        retrieval: None,
        using: None,
    };
    let no = || Support::No("it keeps vectors at the length 1");
    let cases = [
        (1.0, 0.0, no(), true),
        (3.5, 0.0, no(), true),
        (1.0, 1e-3, no(), false),
        // It gives them back at the length that they had: then the length counts.
        (3.5, 0.0, Support::Yes, false),
    ];
    for (factor, off, lengths, equal) in cases {
        let normalises = |can: &mut vector_inspector::provider::Capabilities| {
            (can.cosine_vectors, can.cosine_lengths) = (no(), lengths);
        };
        let (one, other) = (Made::of(a.clone()).side("a"), Made::of(scaled(factor, off)).with(normalises).side("b"));
        let report =
            compare(&one, &other, &whole, &Control::default(), &mut Meter::silent(), &mut pass_over).await.unwrap();
        assert_eq!(report.outcome() == Outcome::Equal, equal, "{factor} {off}: {report:?}");
        let found = report.contents.unwrap();
        assert_eq!(found.equal_by_tolerance, if factor > 1.0 && equal { 300 } else { 0 });
        assert_eq!(found.tolerances.len(), 1, "{:?}", found.tolerances);
        if !equal {
            let first = &found.differences[0];
            assert_eq!((found.changed, first.parts.as_slice()), (300, [Part::Vectors].as_slice()));
            assert!(first.fields[0].path.starts_with("vector["), "{first:?}");
        }
        // The same without the declaration: each bit counts.
        let strict = of_contents(&one, &other, &ContentOptions::default()).await;
        assert_eq!(strict.changed, if factor > 1.0 || off > 0.0 { 300 } else { 0 });
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_of_a_kind_that_one_side_does_not_have_are_compared_by_their_text() {
    let texts: Vec<Record> =
        records(50).into_iter().map(|one| Record { id: RecordId::Text(one.id.to_string()), ..one }).collect();
    let a = Made::of(records(50)).side("a");
    let strict = of_contents(&a, &Made::of(texts.clone()).side("b"), &ContentOptions::default()).await;
    assert_eq!((strict.kind_changed, strict.missing, strict.extra), (50, 0, 0), "both sides have both kinds");
    let b = Made::of(texts).with(|can| can.integer_ids = Support::No("its ids are texts")).side("b");
    let contents = Some(ContentOptions { list: 10, ..ContentOptions::default() });
    let options = CompareOptions { structure: false, contents, retrieval: None, using: None };
    let report = compare(&a, &b, &options, &Control::default(), &mut Meter::silent(), &mut pass_over).await.unwrap();
    assert_eq!(report.outcome(), Outcome::Equal, "{report:?}");
    assert_eq!(report.contents.unwrap().tolerances[0].about, "ids");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mapping_of_the_first_side_is_what_a_copy_did() {
    let a = Made::of(records(40)).side("a");
    let map = |one: Record| {
        let mut new = Record { id: RecordId::Text(format!("copied {}", one.id)), ..one };
        new.payload.insert("from".to_owned(), json!("a"));
        new
    };
    let mut copied: Vec<Record> = records(40).into_iter().map(map).collect();
    let options = ContentOptions { map_a: Some(Arc::new(map)), list: 5, ..ContentOptions::default() };
    let b = Made::of(copied.clone()).side("b");
    assert!(of_contents(&a, &b, &options).await.is_equal());
    copied[7].payload.insert("n".to_owned(), json!(0));
    copied.push(record("another", vec![0.0; 4], json!({})));
    let found = of_contents(&a, &Made::of(copied).side("b"), &options).await;
    assert_eq!((found.changed, found.extra), (1, 1));
    let changed = found.differences.iter().find(|one| one.kind == DifferenceKind::Changed).unwrap();
    assert_eq!((&changed.id_a, &changed.id_b), (&Some(json!({ "integer": 7 })), &Some(json!({ "text": "copied 7" }))));
    assert_eq!(changed.fields[0].path, "payload.n");
    let lenient = ContentOptions { allow_extra: true, ..options };
    let mut more: Vec<Record> = records(40).into_iter().map(map).collect();
    more.push(record("another", vec![0.0; 4], json!({})));
    let found = of_contents(&a, &Made::of(more).side("b"), &lenient).await;
    assert!(found.is_equal() && found.extra == 1 && found.differences.is_empty(), "{found:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_is_asked_for_is_compared() {
    let mut other = records(20);
    other[3].payload.insert("title".to_owned(), json!("another"));
    other[4].vectors = Some(Vectors::unnamed(vec![9.0; 4]));
    let (a, b) = (Made::of(records(20)).side("a"), Made::of(other).side("b"));
    let changed = async |options: ContentOptions| of_contents(&a, &b, &options).await.changed;
    assert_eq!(changed(ContentOptions::default()).await, 2);
    assert_eq!(changed(ContentOptions { depth: Depth::Payloads, ..ContentOptions::default() }).await, 1);
    assert_eq!(changed(ContentOptions { depth: Depth::Ids, ..ContentOptions::default() }).await, 0);
    let fields = Some(vec!["n".to_owned()]);
    assert_eq!(changed(ContentOptions { fields, ..ContentOptions::default() }).await, 1, "the vector only");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_side_that_is_written_to_meanwhile_is_named() {
    let mut other = records(200);
    other[0].payload.insert("n".to_owned(), json!("different, so that there is a second reading"));
    let b = Made::of(other);
    // Two pages of the first reading; then one goes that did not differ before.
    *b.later.lock().unwrap() = Some((2, |all| {
        all.remove(100);
    }));
    let found = of_contents(&Made::of(records(200)).side("a"), &b.side("b"), &ContentOptions::default()).await;
    assert_eq!(found.moved, ["b ▸ c"]);
    assert!(!found.is_equal());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_pages_give_twice_is_told_and_does_not_hide_another() {
    let mut twice = records(100);
    twice.push(twice[5].clone());
    let found =
        of_contents(&Made::of(records(100)).side("a"), &Made::of(twice).side("b"), &ContentOptions::default()).await;
    assert_eq!((found.repeated, found.different(), found.is_equal()), ((0, 1), 0, false));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_side_and_a_cancelled_job_end_it_with_their_reason() {
    let a = Made::new(Rows::Generated(50_000, numbered)).side("a");
    let b = Made::new(Rows::Generated(50_000, numbered)).failing().side("the second");
    let control = Control::default();
    let run = async |control: &Control, b| {
        contents(&a, b, &ContentOptions::default(), control, &mut Meter::silent(), &mut pass_over).await
    };
    let error = run(&control, &b).await.unwrap_err();
    assert!(error.to_string().starts_with("the second: ") && error.to_string().contains("it was told to"), "{error}");
    control.cancel();
    assert_eq!(run(&control, &a).await, Err(JobError::Cancelled));
}

/// The screen runs jobs as tasks of their own, so they have to be `Send`.
#[tokio::test(flavor = "multi_thread")]
async fn a_comparison_can_be_a_task() {
    let task = tokio::spawn(async {
        let (a, b) = (Made::of(records(30)).side("a"), Made::of(records(30)).side("b"));
        let options = CompareOptions {
            structure: true,
            contents: Some(ContentOptions::default()),
            retrieval: Some((vector_inspector::jobs::queries::Queries::Sampled { count: 5, seed: 1 }, 3)),
            using: None,
        };
        compare(&a, &b, &options, &Control::default(), &mut Meter::silent(), &mut pass_over).await
    });
    let report = task.await.unwrap().unwrap();
    assert_eq!(report.outcome(), Outcome::Equal);
    assert_eq!(report.retrieval.unwrap().lowest_mean(), Some(1.0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_selects_nothing_is_no_green_outcome() {
    let (a, b) = (Made::of(records(30)).side("a"), Made::of(records(30)).side("b"));
    let run = async |contents: ContentOptions| {
        let options = CompareOptions { structure: true, contents: Some(contents), retrieval: None, using: None };
        compare(&a, &b, &options, &Control::default(), &mut Meter::silent(), &mut pass_over).await.unwrap()
    };
    let fields = |names: &[&str]| ContentOptions {
        fields: Some(names.iter().map(|name| (*name).to_owned()).collect()),
        ..ContentOptions::default()
    };
    let typo = run(fields(&["nope"])).await;
    assert_eq!(typo.outcome(), Outcome::Nothing("no record of either side has the field \"nope\"".to_owned()));
    let known = records(1)[0].payload.keys().next().unwrap().clone();
    let half = run(fields(&["nope", &known])).await;
    assert_eq!(half.outcome(), Outcome::Equal);
    let said = half.contents.unwrap().restrictions();
    assert!(said.len() == 2 && said[1].contains("no record of either side has \"nope\""), "{said:?}");
    let nothing = Filter::parse("nope = 1").unwrap();
    let (filter_a, filter_b) = (Some(nothing.clone()), Some(nothing));
    let none = run(ContentOptions { filter_a, filter_b, ..ContentOptions::default() }).await;
    assert!(matches!(none.outcome(), Outcome::Nothing(why) if why.contains("nope = 1")));
}
