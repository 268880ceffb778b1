//! Pages and cursors.

use std::collections::BTreeSet;

use serde_json::json;
use vector_inspector::provider::ProviderError;
use vector_inspector::provider::model::{Cursor, PageRequest, Record};

use crate::bench::{Bench, dense, object, point};

crate::cases!(
    pages_give_each_record_once,
    a_page_can_be_read_again,
    vectors_come_only_when_asked_for,
    many_records_are_written_and_read_whole,
    a_foreign_cursor_is_refused,
    what_this_connection_writes_is_on_the_next_page needs write,
);

/// They page through what there was at the first page.
const OF_ONE_MOMENT: [&str; 5] =
    ["lancedb", "lancedb_store", "elasticsearch_server", "elasticsearch_fake", "opensearch_fake"];
/// What the suite writes comes from another program there.
const READ_ONLY: [&str; 2] = ["chroma_folder", "qdrant_folder"];

async fn pages_give_each_record_once(bench: &Bench) {
    let name = bench.filled(101).await;
    let expected: BTreeSet<_> = (0..101).map(|n| bench.id(n)).collect();
    for limit in [1, 7, 50, 100, 101, 102, 1000] {
        let records = bench.walk(&name, limit, false).await;
        assert_eq!(records.len(), 101, "pages of {limit}");
        let ids: BTreeSet<_> = records.into_iter().map(|record| record.id).collect();
        assert_eq!(ids, expected, "pages of {limit}");
    }
}

/// "Previous page" is a stack of cursors, so each must keep its meaning.
async fn a_page_can_be_read_again(bench: &Bench) {
    let name = bench.filled(30).await;
    let first = bench.db.page(&name, &PageRequest::first(10)).await.unwrap();
    let second = PageRequest { cursor: first.next.clone(), ..PageRequest::first(10) };
    let once = bench.db.page(&name, &second).await.unwrap();
    let third = PageRequest { cursor: once.next.clone(), ..PageRequest::first(10) };
    let last = bench.db.page(&name, &third).await.unwrap();
    assert!(last.next.is_none());
    // The cursors may have other words each time (points in time have), but lead to the same place.
    let again = bench.db.page(&name, &second).await.unwrap();
    assert_eq!(again.records, once.records);
    let third = PageRequest { cursor: again.next, ..PageRequest::first(10) };
    assert_eq!(bench.db.page(&name, &third).await.unwrap(), last);
    let again = bench.db.page(&name, &PageRequest::first(10)).await.unwrap();
    assert_eq!(again.records, first.records);
    let second = PageRequest { cursor: again.next, ..PageRequest::first(10) };
    assert_eq!(bench.db.page(&name, &second).await.unwrap().records, once.records);
}

async fn vectors_come_only_when_asked_for(bench: &Bench) {
    let name = bench.filled(9).await;
    for record in bench.walk(&name, 4, false).await {
        assert_eq!(record.vectors, None);
        assert!(record.payload.contains_key("title"));
    }
    for record in bench.walk(&name, 4, true).await {
        let n = usize::try_from(record.payload["n"].as_u64().unwrap()).unwrap();
        assert_eq!(record.id, bench.id(n), "payload and id belong together");
        assert_eq!(dense(&record), point(n), "vector and id belong together");
    }
}

/// More than one batch of any maker.
async fn many_records_are_written_and_read_whole(bench: &Bench) {
    let name = bench.filled(6_000).await;
    assert_eq!(bench.db.count(&name, None).await.unwrap().value, 6_000);
    let ids: BTreeSet<_> = bench.walk(&name, 1_000, false).await.into_iter().map(|record| record.id).collect();
    assert_eq!(ids.len(), 6_000);
    let wanted: Vec<_> = (0..6_000).rev().map(|n| bench.id(n)).collect();
    let got: Vec<_> = bench.db.get(&name, &wanted, false).await.unwrap().into_iter().map(|record| record.id).collect();
    assert_eq!(got, wanted);
}

async fn a_foreign_cursor_is_refused(bench: &Bench) {
    let name = bench.filled(3).await;
    let request = PageRequest { cursor: Some(Cursor("\u{1}no cursor of ours".to_owned())), ..PageRequest::first(2) };
    let answer = bench.db.page(&name, &request).await;
    assert!(matches!(answer, Err(ProviderError::BadRequest { .. })), "{answer:?}");
}

/// Also for a reader who goes on at once, for whom pages are read ahead.
async fn what_this_connection_writes_is_on_the_next_page(bench: &Bench) {
    let name = bench.filled(60).await;
    let mut request = PageRequest::first(5);
    let mut missing: BTreeSet<_> = (0..60).map(|n| bench.id(n)).collect();
    for round in 0.. {
        let page = bench.db.page(&name, &request).await.unwrap();
        for record in page.records {
            assert!(missing.remove(&record.id), "{} comes twice", record.id);
            if round > 0 && ![&OF_ONE_MOMENT[..], &READ_ONLY].concat().contains(&bench.maker) {
                assert_eq!(record.payload["title"], format!("changed before page {round}"), "{}", record.id);
            }
        }
        request.cursor = page.next;
        if request.cursor.is_none() {
            break;
        }
        // What was asked ahead has its answer by then, or nearly.
        bench.db.count(&name, None).await.unwrap();
        let title = format!("changed before page {}", round + 1);
        let changed = |n: usize| Record { payload: object(json!({ "n": n, "title": title })), ..bench.record(n) };
        bench.put(&name, (0..60).filter(|n| missing.contains(&bench.id(*n))).map(changed).collect()).await;
    }
    assert!(missing.is_empty(), "{missing:?}");
}
