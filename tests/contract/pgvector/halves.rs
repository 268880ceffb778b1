//! A copy into a column of half precision: told before, and no difference afterwards.

use std::collections::BTreeSet;

use vector_inspector::jobs::copy::{Folder, Words, plan, run};
use vector_inspector::jobs::model::comparison::Short;
use vector_inspector::jobs::model::copied::Verdict;
use vector_inspector::jobs::model::plan::Wishes;
use vector_inspector::jobs::{Control, Meter};
use vector_inspector::provider::model::Metric;

use super::Schema;
use crate::bench::Bench;
use crate::copying::{All, all, field, filled, side};

crate::cases!(a_copy_into_half_precision_is_told_and_verified);

async fn a_copy_into_half_precision_is_told_and_verified(bench: &Bench) {
    let first = filled(bench, &[field("", 8, Metric::Euclidean)], 200).await;
    let schema = Schema::new(bench).await;
    schema
        .run(
            "CREATE TABLE S.halves (id int8 PRIMARY KEY, payload jsonb NOT NULL DEFAULT '{}', text text,
               embedding public.halfvec(8));
             CREATE INDEX ON S.halves USING hnsw (embedding public.halfvec_l2_ops)",
        )
        .await;
    let (source, target) = (side(bench, &first), side(bench, &schema.collection("halves")));
    let words = Words { from: "a".to_owned(), to: "b".to_owned() };
    let (control, state) = (Control::default(), tempfile::tempdir().unwrap());
    let wishes = Wishes { queries: 10, ..Wishes::default() };
    let plan = plan(&source, &target, words, wishes, &control, &mut Meter::silent()).await.unwrap();
    assert_eq!(plan.vectors[0].short, Some(Short::Half), "{plan:#?}");
    let told = plan.changes.iter().find(|change| change.why.contains("16 bits")).expect("the plan says so");
    assert!(told.why.contains("2^-11"), "{told:?}");
    let folder = Folder::create(state.path(), &plan).unwrap();
    let copied = run(&folder, &plan, &source, &target, &control, &mut Meter::silent()).await.unwrap();
    assert_eq!(copied.verdict, Verdict::Verified, "{copied:#?}");
    // Numbers were lost indeed: without the declaration each record would differ.
    let (before, after) = (all(bench, &first).await, all(bench, &target.collection).await);
    let bits = |records: &All| -> BTreeSet<Vec<u32>> {
        records.values().map(|(_, _, vectors)| vectors[0].1.clone()).collect()
    };
    assert_eq!(before.len(), after.len());
    assert_ne!(bits(&before), bits(&after), "nothing was rounded");
}
