//! What a Chroma server has beyond the shared suite: texts, merging upserts, offsets for cursors.

use serde_json::json;
use vector_inspector::provider::filter::Filter;
use vector_inspector::provider::model::{CollectionSpec, Metric, PageRequest, Record, RecordId};
use vector_inspector::provider::{ProviderError, ProviderKind, connect};

use crate::bench::{Bench, DIMENSION, point, record};
use crate::makers::server;

crate::cases!(
    texts_are_kept_replaced_and_cleared,
    a_page_behind_deleted_records_skips_none,
    a_page_behind_deleted_last_records_starts_behind_the_one_that_is_left,
    a_page_behind_a_page_that_was_deleted_says_so,
    a_cursor_of_a_collection_made_again_is_refused,
    manhattan_is_refused_with_what_there_is,
    a_payload_that_chroma_would_change_is_refused_before_anything_is_written,
    an_integer_id_is_refused_not_turned_into_text,
    arrays_of_a_dropped_collection_do_not_come_back,
    an_order_passes_over_arrays_and_says_so,
    a_missing_tenant_and_a_missing_database_are_named,
);

fn with_text(id: &str, text: Option<&str>) -> Record {
    Record { text: text.map(str::to_owned), ..record(id.into(), point(1), json!({ "a": 1 })) }
}

async fn text_of(bench: &Bench, name: &str, id: &str) -> Option<String> {
    bench.db.get(name, &[id.into()], false).await.unwrap().remove(0).text
}

async fn texts_are_kept_replaced_and_cleared(bench: &Bench) {
    let name = bench.empty(DIMENSION, Metric::Cosine).await;
    bench.put(&name, vec![with_text("a", Some("Grüße")), with_text("b", Some("")), with_text("c", None)]).await;
    assert_eq!(text_of(bench, &name, "a").await.as_deref(), Some("Grüße"));
    assert_eq!(text_of(bench, &name, "b").await.as_deref(), Some(""));
    assert_eq!(text_of(bench, &name, "c").await, None);
    bench.put(&name, vec![with_text("a", None), with_text("b", Some("neu"))]).await;
    assert_eq!(text_of(bench, &name, "a").await, None);
    assert_eq!(text_of(bench, &name, "b").await.as_deref(), Some("neu"));
    assert_eq!(bench.db.count(&name, None).await.unwrap().value, 3);
}

/// An offset alone would skip as many records as were deleted before it.
async fn a_page_behind_deleted_records_skips_none(bench: &Bench) {
    let name = bench.filled(30).await;
    let first = bench.db.page(&name, &PageRequest::first(10)).await.unwrap();
    bench.db.delete(&name, &[0, 1, 2, 5].map(|n| bench.id(n))).await.unwrap();
    let rest = PageRequest { cursor: first.next, ..PageRequest::first(100) };
    let rest: Vec<_> = bench.db.page(&name, &rest).await.unwrap().records.into_iter().map(|record| record.id).collect();
    assert_eq!(rest, (10..30).map(|n| bench.id(n)).collect::<Vec<_>>());
}

async fn a_page_behind_deleted_last_records_starts_behind_the_one_that_is_left(bench: &Bench) {
    let name = bench.filled(30).await;
    let first = bench.db.page(&name, &PageRequest::first(10)).await.unwrap();
    bench.db.delete(&name, &[3, 8, 9].map(|n| bench.id(n))).await.unwrap();
    let next = PageRequest { cursor: first.next, ..PageRequest::first(10) };
    let page = bench.db.page(&name, &next).await.unwrap();
    let ids: Vec<_> = page.records.into_iter().map(|record| record.id).collect();
    assert_eq!(ids, (10..20).map(|n| bench.id(n)).collect::<Vec<_>>());
}

async fn a_page_behind_a_page_that_was_deleted_says_so(bench: &Bench) {
    let name = bench.filled(30).await;
    let first = bench.db.page(&name, &PageRequest::first(10)).await.unwrap();
    bench.db.delete(&name, &(0..10).map(|n| bench.id(n)).collect::<Vec<_>>()).await.unwrap();
    let next = PageRequest { cursor: first.next, ..PageRequest::first(10) };
    let error = bench.db.page(&name, &next).await.unwrap_err();
    assert!(matches!(&error, ProviderError::BadRequest { cause, .. } if cause.contains("record 9")), "{error}");
}

async fn a_cursor_of_a_collection_made_again_is_refused(bench: &Bench) {
    let name = bench.filled(30).await;
    let first = bench.db.page(&name, &PageRequest::first(10)).await.unwrap();
    bench.db.drop_collection(&name).await.unwrap();
    let next = PageRequest { cursor: first.next, ..PageRequest::first(10) };
    let gone = bench.db.page(&name, &next).await.unwrap_err();
    assert_eq!(gone, ProviderError::NoSuchCollection { collection: name.clone() });
    bench.db.create_collection(&CollectionSpec::dense(&name, DIMENSION, Metric::Euclidean)).await.unwrap();
    let again = bench.db.page(&name, &next).await.unwrap_err();
    assert!(matches!(&again, ProviderError::BadRequest { .. }), "{again}");
}

async fn manhattan_is_refused_with_what_there_is(bench: &Bench) {
    let name = bench.name();
    let error = bench.db.create_collection(&CollectionSpec::dense(&name, 2, Metric::Manhattan)).await.unwrap_err();
    assert!(error.to_string().contains("cosine, dot or euclidean"), "{error}");
}

async fn a_payload_that_chroma_would_change_is_refused_before_anything_is_written(bench: &Bench) {
    let name = bench.empty(DIMENSION, Metric::Euclidean).await;
    for payload in [json!({ "x": null }), json!({ "x": [] }), json!({ "x": u64::MAX }), json!({ "x": [1, 2.5] })] {
        let records = vec![bench.record(0), record(bench.id(1), point(1), payload)];
        let error = bench.db.upsert(&name, records).await.unwrap_err();
        assert!(matches!(error, ProviderError::Unsupported { .. }), "{error}");
    }
    assert_eq!(bench.db.count(&name, None).await.unwrap().value, 0);
}

async fn an_integer_id_is_refused_not_turned_into_text(bench: &Bench) {
    let name = bench.empty(DIMENSION, Metric::Euclidean).await;
    let error = bench.db.upsert(&name, vec![record(RecordId::from(1_u64), point(1), json!({}))]).await.unwrap_err();
    assert!(matches!(error, ProviderError::Unsupported { .. }), "{error}");
}

/// Chroma 1.5.9 keeps the arrays of a dropped collection, and the next records that are written
/// anywhere take them over.
async fn arrays_of_a_dropped_collection_do_not_come_back(bench: &Bench) {
    let old = bench.empty(DIMENSION, Metric::Euclidean).await;
    let with_arrays = |n| record(bench.id(n), point(n), json!({ "ghost": ["of", "another"], "n": n }));
    bench.put(&old, (0..20).map(with_arrays).collect()).await;
    bench.db.drop_collection(&old).await.unwrap();
    let new = bench.filled(20).await;
    for record in bench.walk(&new, 100, false).await {
        assert!(!record.payload.contains_key("ghost"), "{:?}", record.payload);
    }
}

/// Unless the profile says otherwise (the suite's does).
async fn an_order_passes_over_arrays_and_says_so(bench: &Bench) {
    let name = bench.empty(DIMENSION, Metric::Euclidean).await;
    let values = [json!({ "k": 7 }), json!({ "k": [7, 8] }), json!({ "k": 1 }), json!({ "l": 7 })];
    bench
        .put(&name, values.into_iter().zip(0..).map(|(payload, n)| record(bench.id(n), point(n), payload)).collect())
        .await;
    let mut spec = server(ProviderKind::Chroma, "VECTOR_INSPECTOR_TEST_CHROMA_URL").unwrap();
    spec.options.remove("arrays");
    let db = connect(&spec).await.unwrap();
    let filter = Filter::parse("k >= 5").unwrap();
    let request = PageRequest { filter: Some(filter.clone()), ..PageRequest::first(10) };
    let found: Vec<_> = db.page(&name, &request).await.unwrap().records.into_iter().map(|record| record.id).collect();
    assert_eq!(found, [bench.id(0)]);
    assert!(db.capabilities().passes_over(&filter).is_some_and(|said| said.contains("arrays")));
    let error = bench.db.page(&name, &request).await.unwrap_err();
    assert!(matches!(error, ProviderError::FilterRefused { .. }), "{error}");
    assert_eq!(bench.db.capabilities().passes_over(&filter), None);
}

/// The real server lists no collections, and no error, for a database that does not exist.
async fn a_missing_tenant_and_a_missing_database_are_named(_: &Bench) {
    for option in ["tenant", "database"] {
        let mut spec = server(ProviderKind::Chroma, "VECTOR_INSPECTOR_TEST_CHROMA_URL").unwrap();
        spec.options.insert(option.to_owned(), "vi-test-nowhere".to_owned());
        let error = connect(&spec).await.err().expect("an error").to_string();
        assert!(error.contains(&format!("no {option} \"vi-test-nowhere\"")), "{error}");
    }
}
