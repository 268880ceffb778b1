//! What columns of every usual type become, and that filters see the same.

use serde_json::{Value, json};
use vector_inspector::provider::filter::Filter;
use vector_inspector::provider::model::{Metric, PageRequest, RecordId};

use super::Schema;
use crate::bench::{Bench, DIMENSION, object, point, record};

crate::cases!(
    columns_keep_their_types,
    records_are_written_back_as_they_were_read,
    filters_on_columns_select_what_they_say,
    a_large_payload_and_odd_keys_come_back,
    a_nul_is_refused_with_the_reason,
    the_native_filter_is_shown_with_its_values,
);

const COLUMNS: &str =
    "i2 smallint, i8 bigint, f4 real, f8 float8, num numeric, fixed numeric(12, 2), b boolean, t text,
    c char(4), u uuid, ts timestamp, tz timestamptz, d date, iv interval, by bytea, ia int[], ta text[], na numeric[],
    fa float8[], j json, jb jsonb, ip inet, r int4range";

async fn filled(bench: &Bench) -> (Schema, String) {
    let schema = Schema::new(bench).await;
    schema
        .run(&format!(
            "CREATE TABLE S.t (id int PRIMARY KEY, {COLUMNS}, embedding public.vector(1));
             INSERT INTO S.t VALUES
             (1, -32768, 9007199254740993, 0.1, 5, 0.1, 1.50, true, 'Grüße \"日本\"', 'ab',
              '936da01f-9abd-4d9d-80c7-02af85c822a8', '2026-11-23 01:02:03.000004', '2026-11-23 02:02:03+01', '2026-11-23',
              'P1DT2H', '\\x00ff', '{{1,2}}', '{{\"a\",NULL,\"\"}}', '{{1.5,0.12345678901234567890}}', '{{1,2.5}}',
              '{{\"b\": 1, \"a\": [1.0, 9007199254740993]}}', '{{\"x\": {{\"y\": [1, \"a\", null]}}, \"z\": []}}', '10.0.0.1', '[1,5)'),
             (2, 5, -9223372036854775808, 'NaN', '-Infinity', 123456789012345678901234567890, 5, false, '', '',
              NULL, NULL, NULL, NULL, NULL, '\\x', '{{}}', '{{}}', '{{}}', '{{}}', 'null', 'null', NULL, NULL),
             (3, 7, 9223372036854775807, 1e30, 9007199254740992, 18446744073709551615, -0.5, NULL, 'abc', 'a',
              NULL, NULL, NULL, NULL, NULL, NULL, '{{{{1,2}},{{3,4}}}}', '{{x}}', NULL, '{{9223372036854775808,NaN}}', '5',
              '{{\"x\": 5.0, \"w\": 1e400, \"v\": 1e-400}}', NULL, NULL);
             INSERT INTO S.t (id) VALUES (4)",
        )
        )
        .await;
    let name = schema.collection("t");
    (schema, name)
}

async fn payload(bench: &Bench, name: &str, id: u64) -> Value {
    let got = bench.db.get(name, &[RecordId::from(id)], false).await.unwrap();
    Value::Object(got.into_iter().next().unwrap().payload)
}

async fn columns_keep_their_types(bench: &Bench) {
    let (_schema, name) = filled(bench).await;
    let first = payload(bench, &name, 1).await;
    let expected = json!({
        "i2": -32768, "i8": 9_007_199_254_740_993_i64, "f4": 0.1, "f8": 5.0, "num": 0.1, "fixed": 1.5, "b": true,
        "t": "Grüße \"日本\"", "c": "ab  ", "u": "936da01f-9abd-4d9d-80c7-02af85c822a8",
        "ts": "2026-11-23T01:02:03.000004", "tz": "2026-11-23T01:02:03+00:00", "d": "2026-11-23", "iv": "P1DT2H",
        "by": "\\x00ff", "ia": [1, 2], "ta": ["a", null, ""], "na": ["1.5", "0.12345678901234567890"], "fa": [1.0, 2.5],
        "j": { "b": 1, "a": [1.0, 9_007_199_254_740_993_i64] }, "jb": { "x": { "y": [1, "a", null] }, "z": [] },
        "ip": "10.0.0.1", "r": "[1,5)",
    });
    // as texts: 5 and 5.0 are different there
    assert_eq!(first.to_string(), expected.to_string());
    let second = payload(bench, &name, 2).await;
    assert_eq!(second["i8"].to_string(), i64::MIN.to_string());
    assert_eq!((&second["f4"], &second["f8"]), (&json!("NaN"), &json!("-Infinity")));
    assert_eq!(second["num"], json!("123456789012345678901234567890"), "no float is exactly that");
    assert_eq!((&second["t"], &second["u"], &second["ia"]), (&json!(""), &json!(null), &json!([])));
    let third = payload(bench, &name, 3).await;
    assert_eq!(third["num"].to_string(), u64::MAX.to_string());
    assert_eq!(
        (third["f8"].to_string(), third["f4"].to_string()),
        ("9007199254740992.0".to_owned(), "1e+30".to_owned())
    );
    assert_eq!(third["ia"], json!([[1, 2], [3, 4]]));
    assert_eq!(third["jb"], json!({ "v": 0.0, "w": format!("1{}", "0".repeat(400)), "x": 5.0 }));
    let fields = bench.db.describe(&name).await.unwrap().fields;
    let kind = |path: &str| fields.iter().find(|field| field.path == path).unwrap().kind.clone();
    assert_eq!(
        (kind("fixed"), kind("tz"), kind("ta")),
        ("numeric(12,2)".into(), "timestamp with time zone".into(), "text[]".into())
    );
}

async fn records_are_written_back_as_they_were_read(bench: &Bench) {
    let (schema, name) = filled(bench).await;
    schema.run("DELETE FROM S.t WHERE id = 3; CREATE TABLE S.copy (LIKE S.t INCLUDING ALL)").await;
    let records = bench.walk(&name, 10, true).await;
    let copy = schema.collection("copy");
    bench.db.upsert(&copy, records.clone()).await.unwrap();
    assert_eq!(bench.walk(&copy, 10, true).await, records);
    let different = "SELECT count(*) FROM (SELECT t::text FROM S.t EXCEPT SELECT t::text FROM S.copy t) x";
    let text = different.replace("S.", &format!("{}.", super::quote(&schema.name)));
    let row = schema.client.query_one(&text, &[]).await.unwrap();
    assert_eq!(row.get::<_, i64>(0), 0, "the server sees the same values");
}

const FILTERS: &[&str] = &[
    "i2 = 5",
    "i2 < 5.5",
    "i2 != 5",
    "not i2 = 5",
    "i2 in (5, 7.0, \"x\")",
    "i2 not in (5)",
    "i2 is null",
    "i2 = \"5\"",
    "i8 = 9007199254740993",
    "i8 > 9007199254740992.0",
    "i8 < 18446744073709551615",
    "i8 >= -9223372036854775808",
    "i8 between 0 and 9223372036854775807",
    "i8 > 1e300",
    "i8 < -1e300",
    "f4 = 0.1",
    "f4 > 0",
    "f4 != 5",
    "f4 = \"NaN\"",
    "f4 < \"O\"",
    "f4 contains \"a\"",
    "f4 >= 1e30",
    "not f4 = 0.1",
    "f8 = 5",
    "f8 < 0",
    "f8 = \"-Infinity\"",
    "f8 = 9007199254740992",
    "f8 < 9007199254740993",
    "f8 = 9007199254740993",
    "f8 in (5, 6)",
    "f8 exists",
    "f8 != \"NaN\"",
    "num = 0.1",
    "num = 18446744073709551615",
    "num > 5",
    "num = \"123456789012345678901234567890\"",
    "num < \"2\"",
    "num contains \"678\"",
    "num != 5",
    "fixed = 1.5",
    "fixed = 5",
    "fixed = 5.0",
    "fixed < 0",
    "fixed between 1 and 5",
    "b = true",
    "b = false",
    "b != true",
    "b is null",
    "b = 1",
    "t = \"\"",
    "t < \"a\"",
    "t >= \"abc\"",
    "t contains \"日\"",
    "t contains \"\"",
    "t in (\"abc\", 5)",
    "not t = \"abc\"",
    "t = 5",
    "c = \"ab  \"",
    "c = \"ab\"",
    "c < \"b\"",
    "u = \"936da01f-9abd-4d9d-80c7-02af85c822a8\"",
    "u exists",
    "ts > \"2026-11-23T01\"",
    "tz = \"2026-11-23T01:02:03+00:00\"",
    "d between \"2026-01-01\" and \"2026-12-31\"",
    "iv contains \"T2H\"",
    "by = \"\\\\x00ff\"",
    "by exists",
    "ia = 1",
    "ia contains 2",
    "ia != 1",
    "ia is null",
    "ia exists",
    "ia > 1.5",
    "ta = \"a\"",
    "ta contains \"\"",
    "ta exists",
    "na = \"1.5\"",
    "na = 1.5",
    "fa = 1",
    "fa > 2.25",
    "fa = 9223372036854775808.0",
    "fa = 9223372036854775808",
    "fa = \"NaN\"",
    "j.a = 1",
    "j.a = 9007199254740993",
    "j.b = 1",
    "j = 5",
    "j is null",
    "j.b is missing",
    "j is missing",
    "jb.x.y = \"a\"",
    "jb.x.y contains 1",
    "jb.x = 5",
    "jb.z is null",
    "jb.z is missing",
    "jb.none is missing",
    "jb exists",
    "ip = \"10.0.0.1\"",
    "r = \"[1,5)\"",
    "nobody = 1",
    "nobody is null",
    "nobody is missing",
    "nobody.x exists",
    "t.x = 1",
    "i2.x is missing",
    "id = 1",
    "embedding exists",
    "not (i2 = 5 or t contains \"b\") and f8 exists",
];

/// Each filter against its meaning in memory, on the records as they are read.
async fn filters_on_columns_select_what_they_say(bench: &Bench) {
    let (_schema, name) = filled(bench).await;
    let stored = bench.walk(&name, 10, false).await;
    assert_eq!(stored.len(), 4);
    let mut wrong = Vec::new();
    for text in FILTERS {
        let filter = Filter::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        let request = PageRequest { filter: Some(filter.clone()), ..PageRequest::first(10) };
        let page = bench.db.page(&name, &request).await.unwrap_or_else(|error| panic!("{text}: {error}"));
        let selected: Vec<_> = page.records.iter().map(|record| record.id.to_string()).collect();
        let due: Vec<_> =
            stored.iter().filter(|record| filter.selects(record)).map(|record| record.id.to_string()).collect();
        if selected != due {
            wrong.push(format!("{text}: {selected:?}, due {due:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} differences:\n{}", wrong.len(), wrong.join("\n"));
}

async fn a_large_payload_and_odd_keys_come_back(bench: &Bench) {
    let name = bench.empty(DIMENSION, Metric::Euclidean).await;
    let large = json!({
        "large": "ü".repeat(512 * 1024), "a.b": 1, "q\"x'": "", "": "empty key", "$1": "dollar", "\\": "back",
        "float": 1e18, "beyond": 9.223372036854776e18, "huge": 1e300, "u64": u64::MAX, "i64": i64::MIN,
    });
    bench.put(&name, vec![record(bench.id(1), point(1), large.clone())]).await;
    let got = bench.db.get(&name, &[bench.id(1)], false).await.unwrap().remove(0);
    assert_eq!(got.payload, object(large.clone()));
    for key in ["float", "beyond", "huge", "u64", "i64"] {
        assert_eq!(got.payload[key].to_string(), large[key].to_string());
    }
    for (filter, count) in [("\"a.b\" = 1", 1), ("'q\"x\\'' = \"\"", 1), ("\"$1\" = \"dollar\"", 1), ("a.b = 1", 0)] {
        let filter = Filter::parse(filter).unwrap();
        assert_eq!(bench.db.count(&name, Some(&filter)).await.unwrap().value, count, "{filter}");
    }
}

async fn a_nul_is_refused_with_the_reason(bench: &Bench) {
    let name = bench.filled(2).await;
    for payload in [json!({ "a": "x\u{0}y" }), json!({ "k\u{0}": 1 })] {
        let error = bench.db.upsert(&name, vec![record(bench.id(9), point(9), payload)]).await.unwrap_err();
        assert!(error.to_string().contains("\\u0000"), "{error}");
    }
    assert_eq!(bench.db.count(&name, None).await.unwrap().value, 2);
    assert!(bench.db.get(&name, &["a\u{0}b".into(), bench.id(1)], false).await.unwrap().len() == 1);
}

async fn the_native_filter_is_shown_with_its_values(bench: &Bench) {
    let (_schema, name) = filled(bench).await;
    let shown = bench.db.native_filter(&name, &Filter::parse("t = \"it's\" and i2 < 5").unwrap()).await.unwrap();
    assert!(shown.contains("WHERE ((t.\"t\" = $1 AND") && shown.contains("-- $1 = \"it's\""), "{shown}");
}
