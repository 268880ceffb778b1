//! Ids of every kind, unchanged on the way.

use std::collections::BTreeSet;

use uuid::Uuid;
use vector_inspector::provider::model::{RecordId, SearchQuery, SearchRequest};

use crate::bench::{Bench, DIMENSION, point, record};

crate::cases!(
    integer_ids_are_exact_to_the_last_bit needs integer_ids,
    uuid_ids_stay_uuids needs uuid_ids,
    text_ids_may_be_any_text needs text_ids and any_text_ids,
);

/// Writes records with these ids and reads them back in every way.
async fn survive(bench: &Bench, ids: Vec<RecordId>) {
    let name = bench.empty(DIMENSION, vector_inspector::provider::model::Metric::Euclidean).await;
    let records = ids.iter().enumerate();
    let records = records.map(|(n, id)| record(id.clone(), point(n), serde_json::json!({ "same": id.to_string() })));
    bench.put(&name, records.collect()).await;

    let paged: BTreeSet<_> = bench.walk(&name, 3, false).await.into_iter().map(|record| record.id).collect();
    assert_eq!(paged, ids.iter().cloned().collect(), "paged");
    let got = bench.db.get(&name, &ids, false).await.unwrap();
    assert_eq!(got.iter().map(|record| record.id.clone()).collect::<Vec<_>>(), ids, "by id");
    for record in got {
        assert_eq!(record.payload["same"], record.id.to_string(), "each id has its own record");
    }
    let like = SearchRequest::new(SearchQuery::Like(ids[0].clone()), 1);
    assert_eq!(bench.db.search(&name, &like).await.unwrap()[0].record.id, ids[1], "searched");
    bench.db.delete(&name, &ids[..1]).await.unwrap();
    assert!(bench.db.get(&name, &ids[..1], false).await.unwrap().is_empty(), "deleted");
    assert_eq!(bench.db.count(&name, None).await.unwrap().value, ids.len() as u64 - 1, "the others are there");
}

async fn integer_ids_are_exact_to_the_last_bit(bench: &Bench) {
    let numbers = [0, 1, (1 << 53) + 1, 1 << 53, i64::MAX as u64, i64::MAX as u64 + 1, u64::MAX - 1, u64::MAX];
    survive(bench, numbers.map(RecordId::from).to_vec()).await;
}

async fn uuid_ids_stay_uuids(bench: &Bench) {
    let fixed = ["550e8400-e29b-41d4-a716-446655440000", "ffffffff-ffff-ffff-ffff-ffffffffffff"];
    let mut ids: Vec<_> = fixed.map(|text| RecordId::Uuid(Uuid::parse_str(text).unwrap())).to_vec();
    ids.extend((0..4).map(|_| RecordId::Uuid(Uuid::new_v4())));
    survive(bench, ids).await;
}

async fn text_ids_may_be_any_text(bench: &Bench) {
    // The most that Elasticsearch takes.
    let long = "ä".repeat(256);
    let ids = [
        "a",
        "1",
        "A",
        " spaces ",
        "tab\tand\nline",
        "quote\"back\\slash",
        "path/../to?x=1&y=%41#z",
        "Grüße",
        "Gru\u{308}ße",
        "日本語",
        "👩‍👩‍👧",
        "\u{202e}rtl",
        "null",
        "550e8400-e29b-41d4-a716-446655440000",
        &long,
    ];
    survive(bench, ids.map(RecordId::from).to_vec()).await;
}
