//! Making one collection like another: what is written, what is left, and that the first one is never touched.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use fastrand::Rng;
use serde_json::json;
use vector_inspector::jobs::align::{AlignOptions, Writes, align, align_agreed, fitting};
use vector_inspector::jobs::compare::{CompareOptions, ContentOptions, compare};
use vector_inspector::jobs::model::aligned::Aligned;
use vector_inspector::jobs::model::noted::SOURCE_ID;
use vector_inspector::jobs::{Control, JobError, Meter, Side};
use vector_inspector::provider::Support;
use vector_inspector::provider::model::{Record, RecordId};

use crate::made::{Made, numbered, record};
use crate::mutations::{base, compare as contents, mutate};

fn records(range: std::ops::Range<u64>) -> Vec<Record> {
    range.map(numbered).collect()
}

fn options(delete_extra: bool) -> AlignOptions {
    AlignOptions { delete_extra, contents: ContentOptions { list: 5, ..ContentOptions::default() } }
}

/// As the command does it: the list of one comparison is carried out.
async fn run(a: &Side, b: &Side, delete: bool) -> Result<Aligned, JobError> {
    let mut writes = Writes::default();
    let wanted = Some(ContentOptions::default());
    let first = CompareOptions { structure: false, contents: wanted, retrieval: None, using: None };
    let (control, mut meter) = (Control::default(), Meter::silent());
    compare(a, b, &first, &control, &mut meter, &mut |one| writes.note(one)).await?;
    align(a, b, writes, &options(delete), &control, &mut meter).await
}

/// A database and the number of its writes.
fn counted(made: Made, label: &str) -> (Side, Arc<AtomicUsize>) {
    let written = made.written.clone();
    (made.side(label), written)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_or_different_is_written_and_what_is_extra_stays_until_it_is_asked_for() {
    let (a, touched) = counted(Made::of(records(0..300)), "a");
    let mut other = records(100..350);
    other[7].payload.insert("n".to_owned(), json!("another"));
    let (b, _) = counted(Made::of(other), "b");
    let done = run(&a, &b, false).await.unwrap();
    assert_eq!((done.upserted, done.deleted, done.left, done.refused), (101, 0, 50, 0), "{done:?}");
    assert_eq!((done.is_equal(), done.after.extra, done.after.different()), (false, 50, 50));
    let done = run(&a, &b, true).await.unwrap();
    assert_eq!((done.upserted, done.deleted, done.left), (0, 50, 0), "{done:?}");
    assert!(done.is_equal() && done.after.equal == 300, "{done:?}");
    assert_eq!(touched.load(Ordering::SeqCst), 0, "the first side was written to");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_single_change_is_mended() {
    let mut rng = Rng::with_seed(11);
    let base = base(&mut rng);
    for number in 0..90 {
        let mut other = base.clone();
        let (what, _) = mutate(&mut other, number, &mut rng);
        let (a, b) = (Made::of(base.clone()).side("a"), Made::of(other).side("b"));
        let done = run(&a, &b, true).await.unwrap();
        assert!(done.is_equal() && done.upserted + done.deleted <= 3, "{number}: {what}: {done:?}");
        assert!(contents(&a, &b, &ContentOptions::default()).await.is_equal(), "{number}: {what}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_record_stands_alone_and_nothing_is_deleted_then() {
    let a = Made::of(records(0..200)).side("a");
    let mut made = Made::of(records(500..510));
    made.refuses = |record| record.id == RecordId::from(77_u64);
    let b = made.side("b");
    let done = run(&a, &b, true).await.unwrap();
    assert_eq!((done.upserted, done.refused, done.deleted, done.left), (199, 1, 0, 10), "{done:?}");
    assert_eq!(done.refusals[0].id, json!({ "integer": 77 }));
    assert!(done.refusals[0].why.contains("not to its taste"));
    assert_eq!((done.is_equal(), done.after.missing), (false, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_side_that_refuses_everything_is_not_asked_for_each_record() {
    let a = Made::of(records(0..5_000)).side("a");
    let mut made = Made::of(Vec::new());
    made.refuses = |_| true;
    let (b, asked) = counted(made, "b");
    let done = run(&a, &b, false).await.unwrap();
    assert!(done.stopped.is_some() && done.upserted == 0 && done.after.missing == 5_000, "{done:?}");
    assert!(asked.load(Ordering::SeqCst) < 1_000, "{asked:?} writes were tried");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_written_where_the_numbers_are_not_those_that_were_agreed_to() {
    let a = Made::of(records(0..20)).side("a");
    let (b, written) = counted(Made::of(records(5..22)), "b");
    let run =
        async |agreed| align_agreed(&a, &b, agreed, &options(true), &Control::default(), &mut Meter::silent()).await;
    for agreed in [(4, 2), (5, 1), (0, 0)] {
        assert!(matches!(run(agreed).await, Err(JobError::NotAsAgreed { .. })));
    }
    assert_eq!(written.load(Ordering::SeqCst), 0);
    assert!(run((5, 2)).await.unwrap().is_equal());
}

#[tokio::test(flavor = "multi_thread")]
async fn two_that_cannot_be_alike_are_refused_before_anything_is_written() {
    let a = Made::of(records(0..3)).side("a");
    let (b, written) = counted(Made::of(Vec::new()).dimension(5), "b");
    let error = run(&a, &b, false).await.unwrap_err();
    assert!(error.to_string().contains("its vectors have 5 numbers, those of a ▸ c 4"), "{error}");
    assert_eq!(fitting(&a, &b, &Control::default()).await.unwrap_err(), error, "who asks beforehand hears the same");
    let (b, more) = counted(Made::of(Vec::new()).with(|can| can.write = Support::No("it is only read")), "b");
    let error = run(&a, &b, false).await.unwrap_err();
    assert!(error.to_string().contains("it is only read"), "{error}");
    // A list of writes may be made for what this program may only read.
    assert_eq!(fitting(&a, &b, &Control::default()).await, Ok(Vec::new()));
    assert_eq!((written.load(Ordering::SeqCst), more.load(Ordering::SeqCst)), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_first_side_has_by_then_is_not_deleted() {
    let a = Made::of(records(0..10));
    // One more comes after both readings of the comparison.
    *a.later.lock().unwrap() = Some((3, |all| all.push(numbered(11))));
    let (a, b) = (a.side("a"), Made::of(records(0..13)).side("b"));
    let mut writes = Writes::default();
    let first =
        CompareOptions { structure: false, contents: Some(ContentOptions::default()), retrieval: None, using: None };
    let (control, mut meter) = (Control::default(), Meter::silent());
    compare(&a, &b, &first, &control, &mut meter, &mut |one| writes.note(one)).await.unwrap();
    assert_eq!((writes.upserts(), writes.deletes()), (0, 3));
    // The fourth page of the first side.
    contents(&a, &b, &ContentOptions::default()).await;
    let done = align(&a, &b, writes, &options(true), &control, &mut meter).await.unwrap();
    assert_eq!((done.deleted, done.left, done.is_equal()), (2, 1, true), "{done:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_with_other_ids_is_compared_by_the_ids_that_it_has_noted() {
    let copied = |n: u64| {
        let mut one = numbered(n);
        one.id = RecordId::Uuid(uuid::Uuid::from_u128(u128::from(n) + 7_000));
        one.payload.insert(SOURCE_ID.to_owned(), json!(format!("integer:{n}")));
        one
    };
    let (a, mut there) = (Made::of(records(0..100)).side("a"), (0..100).map(copied).collect::<Vec<_>>());
    let whole = CompareOptions {
        structure: false,
        contents: Some(ContentOptions { list: 5, ..ContentOptions::default() }),
        retrieval: None,
        using: None,
    };
    let run = async |a: &Side, b: &Side| {
        let done = compare(a, b, &whole, &Control::default(), &mut Meter::silent(), &mut |_| Ok(())).await.unwrap();
        done.contents.unwrap()
    };
    let clean = Made::of(there.clone()).side("b");
    let found = run(&a, &clean).await;
    assert!(found.is_equal() && found.equal == 100, "{found:?}");
    assert!(found.tolerances.iter().any(|one| one.overlooks.contains(SOURCE_ID)), "it is said: {found:?}");
    assert!(run(&clean, &a).await.is_equal());
    there[3].payload.insert("n".to_owned(), json!(0));
    there.remove(8);
    there.push(record(RecordId::from("x"), vec![0.0; 4], json!({ SOURCE_ID: "integer:100" })));
    let found = run(&a, &Made::of(there).side("b")).await;
    assert_eq!((found.missing, found.extra, found.changed), (1, 1, 1), "{found:?}");
    let changed = found.differences.iter().find(|one| !one.fields.is_empty()).unwrap();
    assert_eq!((changed.fields[0].path.as_str(), &changed.id_a), ("payload.n", &Some(json!({ "integer": 3 }))));
}
