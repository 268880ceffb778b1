//! A backup of every maker, and back again: to the last bit what it was.

use std::sync::Arc;

use vector_inspector::jobs::backup::{Wish, prove, run};
use vector_inspector::jobs::model::copied::Verdict;
use vector_inspector::jobs::model::plan::Wishes;
use vector_inspector::jobs::{Control, Meter};
use vector_inspector::provider::model::Metric;
use vector_inspector::provider::{ConnectSpec, ProviderKind, connect};

use crate::bench::Bench;
use crate::copying::{all, copy, field, filled, side};

crate::cases!(a_backup_has_every_record_and_comes_back);

const RECORDS: usize = 300;

async fn a_backup_has_every_record_and_comes_back(bench: &Bench) {
    let first = filled(bench, &[field("", 8, Metric::Euclidean)], RECORDS).await;
    // A copy keeps no empty text as an id: with it all ids of this collection would come back as UUIDs.
    if bench.db.capabilities().text_ids.is_yes() {
        // Some makers do not even delete one.
        let _ = bench.db.delete(&first, &["".into()]).await;
    }
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().join("backup");
    let (source, control) = (side(bench, &first), Control::default());
    let wish = Wish { collections: vec![first.clone()], part_bytes: 20_000, prove: true };
    let done = run(&dir, bench.maker, &source, &wish, &control, &mut Meter::silent()).await.expect("a backup");
    assert!(done.manifest.collections[0].parts.len() > 1, "one file: {:?}", done.manifest.collections[0].parts);
    let opened = connect(&ConnectSpec::directory(ProviderKind::ParquetBackup, &dir)).await.unwrap();
    let backup = Bench::new(Arc::from(opened), "backup", "backup", str::to_owned);
    let proof = prove(&source, &side(&backup, &first), &control, &mut Meter::silent()).await.unwrap();
    let before = all(bench, &first).await;
    assert!(proof.holds() && proof.equal == before.len() as u64 && before.len() >= RECORDS - 1, "{proof:?}");
    assert!(all(&backup, &first).await == before, "the backup gives other records than the proof has compared");

    let back = bench.name();
    let wishes = Wishes { queries: 10, ..Wishes::default() };
    let (plan, copied) = copy((&backup, &first), (bench, &back), wishes).await;
    assert_eq!(copied.verdict, Verdict::Verified, "{plan:#?} {copied:#?}");
    let after = all(bench, &back).await;
    let lost: Vec<_> = before.iter().filter(|(id, record)| after.get(id) != Some(record)).take(3).collect();
    assert!(lost.is_empty() && after.len() == before.len(), "{} of {}: {lost:?}", after.len(), before.len());
}
