//! Records by their ids.

use vector_inspector::provider::model::RecordId;

use crate::bench::{Bench, dense, point};

crate::cases!(
    get_keeps_the_order_and_leaves_out_the_missing,
    get_of_nothing_is_nothing,
    get_brings_vectors_only_when_asked,
    an_id_of_another_kind_is_another_id,
);

async fn get_keeps_the_order_and_leaves_out_the_missing(bench: &Bench) {
    let name = bench.filled(20).await;
    let wanted = [17, 3, 99, 11, 0].map(|n| bench.id(n));
    let got: Vec<_> = bench.db.get(&name, &wanted, false).await.unwrap().into_iter().map(|record| record.id).collect();
    assert_eq!(got, [17, 3, 11, 0].map(|n| bench.id(n)));
}

async fn get_of_nothing_is_nothing(bench: &Bench) {
    let name = bench.filled(3).await;
    assert!(bench.db.get(&name, &[], true).await.unwrap().is_empty());
}

async fn get_brings_vectors_only_when_asked(bench: &Bench) {
    let name = bench.filled(5).await;
    let without = bench.db.get(&name, &[bench.id(4)], false).await.unwrap();
    assert_eq!(without[0].vectors, None);
    assert_eq!(without[0].payload, bench.record(4).payload);
    let with = bench.db.get(&name, &[bench.id(4)], true).await.unwrap();
    assert_eq!(dense(&with[0]), point(4));
}

/// `1` is not `"1"`: asked for the other kind, the record is not there.
async fn an_id_of_another_kind_is_another_id(bench: &Bench) {
    let name = bench.filled(3).await;
    let other = match bench.id(1) {
        RecordId::Integer(n) => RecordId::Text(n.to_string()),
        RecordId::Text(_) | RecordId::Uuid(_) => RecordId::Integer(1),
    };
    assert_eq!(bench.db.get(&name, &[other, bench.id(2)], false).await.unwrap().len(), 1);
}
