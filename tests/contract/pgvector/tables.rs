//! Tables of any schema and name, with keys of any type.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::json;
use vector_inspector::provider::ProviderError;
use vector_inspector::provider::model::{PageRequest, Record, RecordId, SearchQuery, SearchRequest, Vectors};

use super::{Schema, session};
use crate::bench::{Bench, object};

crate::cases!(
    names_with_quotes_points_and_capitals_are_found,
    a_key_of_several_columns_is_one_text,
    a_unique_index_serves_as_a_key,
    keys_of_unusual_types_are_their_words,
    a_table_without_a_key_is_read_by_place_and_not_written,
    parts_without_a_key_are_refused_with_the_reason,
    a_materialized_view_is_read,
    paging_misses_nothing_while_others_write,
    a_foreign_table_is_written_where_its_columns_fit,
    tables_without_vectors_are_no_collections,
    a_column_that_goes_between_two_pages_is_no_error,
);

async fn ids(bench: &Bench, collection: &str, limit: usize) -> Vec<String> {
    bench.walk(collection, limit, false).await.into_iter().map(|record| record.id.to_string()).collect()
}

async fn names_with_quotes_points_and_capitals_are_found(bench: &Bench) {
    let odd = Schema::named(super::name(&format!("A.\"b' {}", bench.name()))).await;
    odd.run(
        "CREATE TABLE S.\"T \"\"x\"\".y; --\" (\"Key \"\"1\"\"\" int PRIMARY KEY, \"v.e'c\" public.vector(2), \"f\"\"1\" text);
         INSERT INTO S.\"T \"\"x\"\".y; --\" VALUES (1, '[1,2]', 'a'), (2, '[3,4]', 'b')",
    )
    .await;
    let listed = bench.db.collections().await.unwrap();
    let listed = listed.iter().find(|collection| collection.name.contains("y; --")).expect("listed");
    let name = &listed.name;
    assert!(name.starts_with('"') && name.ends_with(".\"T \"\"x\"\".y; --\""), "{name}");
    assert_eq!(listed.count.map(|count| count.value), Some(2));
    let records = bench.walk(name, 1, true).await;
    assert_eq!(records.len(), 2);
    assert_eq!(records[1].payload, object(json!({ "f\"1": "b" })));
    assert_eq!(records[1].vectors.as_ref().unwrap(), &Vectors::unnamed(vec![3.0, 4.0]));
    let like = SearchRequest::new(SearchQuery::Like(1_u64.into()), 5);
    assert_eq!(bench.db.search(name, &like).await.unwrap()[0].record.id, RecordId::from(2_u64));
    let filter = vector_inspector::provider::filter::Filter::parse("'f\"1' = \"a\"").unwrap();
    assert_eq!(bench.db.count(name, Some(&filter)).await.unwrap().value, 1);
    bench.db.upsert(name, vec![records[1].clone()]).await.unwrap();
    bench.db.delete(name, &[1_u64.into()]).await.unwrap();
    assert_eq!(ids(bench, name, 5).await, ["2"]);
    let info = bench.db.describe(name).await.unwrap();
    assert_eq!(info.summary.name, *name);
    bench.db.drop_collection(name).await.unwrap();
}

async fn a_key_of_several_columns_is_one_text(bench: &Bench) {
    let schema = Schema::new(bench).await;
    schema
        .run(
            "CREATE TABLE S.t (shop text, day date, n bigint, embedding public.vector(1), note text,
               PRIMARY KEY (shop, n, day));
             INSERT INTO S.t SELECT shop, '2026-01-01'::date + d, n, '[1]', shop || n
               FROM unnest(ARRAY['', 'a', 'a\"b', '[\"x\"]']) shop, generate_series(0, 2) d,
                    unnest(ARRAY[-9223372036854775808, 9007199254740993, 9223372036854775807]) n",
        )
        .await;
    let name = schema.collection("t");
    for limit in [1, 5, 36, 100] {
        let all = ids(bench, &name, limit).await;
        assert_eq!(all.len(), 36, "pages of {limit}");
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), 36, "pages of {limit}");
    }
    let all = bench.walk(&name, 7, false).await;
    assert_eq!(all[0].id, RecordId::from("[\"\",-9223372036854775808,\"2026-01-01\"]"));
    let wanted: Vec<RecordId> = all.iter().rev().map(|record| record.id.clone()).collect();
    let got = bench.db.get(&name, &wanted, false).await.unwrap();
    assert_eq!(got.into_iter().map(|record| record.id).collect::<Vec<_>>(), wanted);
    let odd = RecordId::from("[\"a\\\"b\",9007199254740993,\"2026-01-02\"]");
    let got = bench.db.get(&name, &[odd.clone(), "[]".into(), "x".into(), 5_u64.into()], false).await.unwrap();
    assert_eq!(got.len(), 1);
    assert_eq!(got[0].payload["note"], json!("a\"b9007199254740993"));
    // no date: the others are still found
    let got = bench.db.get(&name, &["[\"a\",1,\"tomorrowish\"]".into(), odd.clone()], false).await.unwrap();
    assert_eq!(got.len(), 1);
    bench.db.delete(&name, std::slice::from_ref(&odd)).await.unwrap();
    assert_eq!(bench.db.count(&name, None).await.unwrap().value, 35);
    let back = Record {
        id: odd,
        vectors: Some(Vectors::unnamed(vec![2.0])),
        payload: object(json!({ "note": "new" })),
        text: None,
    };
    bench.db.upsert(&name, vec![back]).await.unwrap();
    assert_eq!(bench.db.count(&name, None).await.unwrap().value, 36);
}

async fn a_unique_index_serves_as_a_key(bench: &Bench) {
    let schema = Schema::new(bench).await;
    schema
        .run(
            "CREATE TABLE S.t (a int UNIQUE, b text NOT NULL, c int NOT NULL, embedding public.vector(1));
             CREATE UNIQUE INDEX ON S.t (lower(b)); CREATE UNIQUE INDEX ON S.t (c) WHERE a > 0;
             CREATE UNIQUE INDEX the_key ON S.t (b);
             INSERT INTO S.t VALUES (NULL, 'x', 1, '[1]'), (NULL, 'Y', 2, '[2]'), (3, 'z', 3, NULL)",
        )
        .await;
    let name = schema.collection("t");
    assert_eq!(ids(bench, &name, 2).await.into_iter().collect::<BTreeSet<_>>().len(), 3);
    let got = bench.db.get(&name, &["Y".into()], true).await.unwrap();
    assert_eq!(got[0].payload, object(json!({ "a": null, "c": 2 })));
    assert_eq!(bench.db.describe(&name).await.unwrap().details["key"]["index"], json!("the_key"));
    let none = bench.db.get(&name, &["z".into()], true).await.unwrap();
    assert_eq!(none[0].vectors.as_ref().unwrap(), &Vectors::default(), "a null is no vector");
    let like = bench.db.search(&name, &SearchRequest::new(SearchQuery::Like("z".into()), 1)).await.unwrap_err();
    assert!(like.to_string().contains("has no vector"), "{like}");
    let hits = bench.db.search(&name, &SearchRequest::new(SearchQuery::Like("x".into()), 5)).await.unwrap();
    assert_eq!(hits.len(), 1, "a record without a vector is near to nothing");
}

async fn keys_of_unusual_types_are_their_words(bench: &Bench) {
    let schema = Schema::new(bench).await;
    for (table, kind, values) in [
        ("stamps", "timestamptz", ["2026-11-23T12:00:00.000001Z", "1999-01-01T00:00:00Z"]),
        ("floats", "float8", ["0.1", "NaN"]),
        ("numerics", "numeric", ["1.50", "123456789012345678901234567890.5"]),
        ("bytes", "bytea", ["\\x00ff", "\\x"]),
        ("networks", "inet", ["10.0.0.1", "::1"]),
        ("padded", "char(5)", ["ab", "c"]),
    ] {
        schema
            .run(&format!(
                "CREATE TABLE S.{table} (id {kind} PRIMARY KEY, embedding public.vector(1));
                 INSERT INTO S.{table} VALUES ('{}', '[1]'), ('{}', '[2]')",
                values[0], values[1]
            ))
            .await;
        let name = schema.collection(table);
        let all = bench.walk(&name, 1, false).await;
        assert_eq!(all.len(), 2, "{table}");
        let wanted: Vec<RecordId> = all.iter().map(|record| record.id.clone()).collect();
        let got = bench.db.get(&name, &wanted, false).await.unwrap();
        assert_eq!(got.len(), 2, "{table}: {wanted:?}");
        bench.db.delete(&name, &wanted[..1]).await.unwrap();
        bench.db.delete(&name, &["nonsense".into()]).await.unwrap();
        assert_eq!(ids(bench, &name, 5).await, [wanted[1].to_string()], "{table}");
    }
}

async fn a_table_without_a_key_is_read_by_place_and_not_written(bench: &Bench) {
    let schema = Schema::new(bench).await;
    schema
        .run(
            "CREATE TABLE S.t (n int, embedding public.vector(1));
             INSERT INTO S.t SELECT n, '[1]' FROM generate_series(1, 500) n",
        )
        .await;
    let name = schema.collection("t");
    let all = bench.walk(&name, 99, false).await;
    let numbers: BTreeSet<_> = all.iter().map(|record| record.payload["n"].as_u64().unwrap()).collect();
    assert_eq!((all.len(), numbers.len()), (500, 500));
    assert!(all[0].id.to_string().starts_with("(0,"), "{}", all[0].id);
    let got = bench.db.get(&name, &[all[7].id.clone(), "no place".into()], false).await.unwrap();
    assert_eq!(got, [all[7].clone()]);
    let key = &bench.db.describe(&name).await.unwrap().details["key"];
    assert!(key["note"].as_str().unwrap().contains("no key"), "{key}");
    let error = bench.db.delete(&name, &[all[0].id.clone()]).await.unwrap_err();
    assert!(matches!(&error, ProviderError::Unsupported { reason, .. } if reason.contains("no key")), "{error}");
    assert_eq!(bench.db.count(&name, None).await.unwrap().value, 500);
}

async fn parts_without_a_key_are_refused_with_the_reason(bench: &Bench) {
    let schema = Schema::new(bench).await;
    schema
        .run(
            "CREATE TABLE S.loose (n int, embedding public.vector(1)) PARTITION BY LIST (n);
             CREATE TABLE S.keyed (n int, id int, embedding public.vector(1), PRIMARY KEY (n, id)) PARTITION BY LIST (n);
             CREATE TABLE S.keyed_1 PARTITION OF S.keyed FOR VALUES IN (1);
             CREATE TABLE S.keyed_2 PARTITION OF S.keyed FOR VALUES IN (2);
             INSERT INTO S.keyed SELECT 1 + i % 2, i, '[1]' FROM generate_series(1, 20) i",
        )
        .await;
    let error = bench.db.page(&schema.collection("loose"), &PageRequest::first(5)).await.unwrap_err();
    assert!(matches!(&error, ProviderError::Unsupported { reason, .. } if reason.contains("primary key")), "{error}");
    assert_eq!(ids(bench, &schema.collection("keyed"), 3).await.len(), 20);
    let listed = bench.db.collections().await.unwrap();
    let ours: Vec<_> = listed.iter().filter(|collection| collection.name.starts_with(&schema.name)).collect();
    assert_eq!(ours.len(), 2, "parts are no collections of their own: {ours:?}");
    assert!(ours.iter().any(|collection| collection.count.is_some_and(|count| count.value == 20)));
}

async fn a_materialized_view_is_read(bench: &Bench) {
    let schema = Schema::new(bench).await;
    schema
        .run(
            "CREATE TABLE S.t (id int PRIMARY KEY, embedding public.vector(1));
             INSERT INTO S.t SELECT n, '[1]' FROM generate_series(1, 20) n;
             CREATE MATERIALIZED VIEW S.m AS SELECT * FROM S.t WHERE id > 5",
        )
        .await;
    let name = schema.collection("m");
    assert_eq!(bench.walk(&name, 4, true).await.len(), 15);
    assert!(bench.db.upsert(&name, vec![bench.record(1)]).await.is_err());
}

/// 50,000 records are paged while another session inserts and deletes others all the time.
async fn paging_misses_nothing_while_others_write(bench: &Bench) {
    let schema = Schema::new(bench).await;
    schema
        .run(
            "CREATE TABLE S.t (id bigint PRIMARY KEY, kept boolean NOT NULL, embedding public.vector(3));
             INSERT INTO S.t SELECT n * 10, true, '[1,2,3]' FROM generate_series(1, 50000) n",
        )
        .await;
    let (name, done) = (schema.collection("t"), Arc::new(AtomicBool::new(false)));
    let writing = {
        let (table, done) = (format!("{}.t", super::quote(&schema.name)), Arc::clone(&done));
        tokio::spawn(async move {
            let client = session().await;
            let mut rounds = 0_u64;
            while !done.load(Ordering::Relaxed) {
                let text = format!(
                    "DELETE FROM {table} WHERE NOT kept;
                     INSERT INTO {table} SELECT n * 1000 + 1 + {}, false, '[0,0,0]' FROM generate_series(0, 499) n",
                    rounds % 9
                );
                client.batch_execute(&text).await.unwrap();
                rounds += 1;
            }
            rounds
        })
    };
    let mut seen = BTreeSet::new();
    for record in bench.walk(&name, 500, false).await {
        if record.payload["kept"] == json!(true) {
            assert!(seen.insert(record.id.clone()), "{} came twice", record.id);
        }
    }
    done.store(true, Ordering::Relaxed);
    let rounds = writing.await.unwrap();
    assert_eq!(seen.len(), 50_000, "while others wrote {rounds} times");
    assert!(rounds > 2, "the other session wrote only {rounds} times");
}

async fn a_foreign_table_is_written_where_its_columns_fit(bench: &Bench) {
    let schema = Schema::new(bench).await;
    schema
        .run(
            "CREATE TABLE S.t (id uuid PRIMARY KEY, title text NOT NULL DEFAULT 'untitled', n int,
               twice int GENERATED ALWAYS AS (n * 2) STORED, tags text[], meta jsonb, embedding public.vector(2))",
        )
        .await;
    let name = schema.collection("t");
    let id = RecordId::Uuid(uuid::Uuid::from_u128(7));
    let write = |payload| Record {
        id: id.clone(),
        vectors: Some(Vectors::unnamed(vec![1.0, 0.5])),
        payload: object(payload),
        text: None,
    };
    bench
        .db
        .upsert(&name, vec![write(json!({ "n": 4, "tags": ["a", "ü\"", ""], "meta": { "x": [1, 2.0] } }))])
        .await
        .unwrap();
    let read = async || bench.db.get(&name, std::slice::from_ref(&id), true).await.unwrap().remove(0);
    let got = read().await;
    let expected = json!({
        "title": "untitled", "n": 4, "twice": 8, "tags": ["a", "ü\"", ""], "meta": { "x": [1, 2.0] },
    });
    assert_eq!(got.payload, object(expected));
    // what was read is written back: the server computes `twice` again
    bench
        .db
        .upsert(&name, vec![Record { payload: object(json!({ "title": "T", "n": 5, "twice": 8 })), ..got }])
        .await
        .unwrap();
    let got = read().await;
    assert_eq!(got.payload, object(json!({ "title": "T", "n": 5, "twice": 10, "tags": null, "meta": null })));
    for (record, why) in [
        (write(json!({ "nobody": 1 })), "no column for the field \"nobody\""),
        (Record { vectors: None, ..write(json!({})) }, "without its vectors"),
        (Record { text: Some("x".to_owned()), ..write(json!({})) }, "no place for a text"),
        (Record { id: 5_u64.into(), ..write(json!({})) }, "key is of the type uuid"),
        (write(json!({ "n": "many" })), "invalid input syntax"),
        (write(json!({ "title": null })), "null value"),
    ] {
        let error = bench.db.upsert(&name, vec![record]).await.unwrap_err();
        assert!(matches!(&error, ProviderError::BadRequest { cause, .. } if cause.contains(why)), "{why}: {error}");
    }
    assert_eq!(read().await, got, "nothing changed");
}

async fn tables_without_vectors_are_no_collections(bench: &Bench) {
    let schema = Schema::new(bench).await;
    schema.run("CREATE TABLE S.t (id int PRIMARY KEY, flag bit(1), bits bit(4))").await;
    let name = schema.collection("t");
    let missing = ProviderError::NoSuchCollection { collection: name.clone() };
    assert_eq!(bench.db.describe(&name).await.unwrap_err(), missing);
    assert_eq!(bench.db.drop_collection(&name).await.unwrap_err(), missing, "it is not ours to drop");
    assert!(!bench.db.collections().await.unwrap().iter().any(|collection| collection.name == name));
}

/// Who goes on at once has the table's description from the page before, which may not fit any more.
async fn a_column_that_goes_between_two_pages_is_no_error(bench: &Bench) {
    let schema = Schema::new(bench).await;
    schema
        .run(
            "CREATE TABLE S.t (id int PRIMARY KEY, kept text, goes text, embedding public.vector(1));
             INSERT INTO S.t SELECT n, 'a', 'b', '[1]' FROM generate_series(1, 60) n",
        )
        .await;
    let name = schema.collection("t");
    let mut request = PageRequest::first(10);
    request.cursor = bench.db.page(&name, &request).await.unwrap().next;
    schema.run("ALTER TABLE S.t DROP COLUMN goes").await;
    let mut records = Vec::new();
    while request.cursor.is_some() {
        let page = bench.db.page(&name, &request).await.unwrap();
        records.extend(page.records);
        request.cursor = page.next;
    }
    assert_eq!(records.len(), 50);
    assert!(records.iter().all(|record| record.payload == object(json!({ "kept": "a" }))));
}
