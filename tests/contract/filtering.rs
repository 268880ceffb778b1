//! Filters select what the language says: the maker's answer is that of the evaluation in memory, or
//! the maker refuses the filter with its place.

use std::time::Duration;

use serde_json::{Value, json};
use vector_inspector::provider::filter::Filter;
use vector_inspector::provider::model::{Metric, PageRequest, Record, RecordId, SearchQuery, SearchRequest, Vector};
use vector_inspector::provider::sift::sift;
use vector_inspector::provider::{Capabilities, ProviderError};

use crate::bench::{Bench, DIMENSION, point, record};

crate::cases!(
    filters_select_what_they_say needs filter,
    count_page_and_search_filter_alike needs filter,
    filtering_here_gives_what_the_filter_selects needs write,
);

/// `n` holds single numbers only; `x` holds anything.
const FIXED: &[&str] = &[
    "n = 5",
    "n = 5.0",
    "n != 5",
    "not n = 5",
    "n in (5, 6, 0.5)",
    "n not in (5, 6)",
    "not n in (5, 6, 7.5)",
    "n < 5",
    "n <= 5.0",
    "n > 5.25",
    "n >= 9007199254740991",
    "n = 9007199254740991",
    "n <= 9007199254740991",
    "n < 5.5",
    "n <= -2.5",
    "n > -3.5",
    "n >= -3.5",
    "not n = 0.1",
    "not n in (5.5, 0.5)",
    "n between 0 and 5.5",
    "not n < 5",
    "n exists",
    "n is null",
    "n is not null",
    "n = -0.0",
    "n = 9007199254740992",
    "n = 9007199254740993",
    "n != 9007199254740993",
    "n > 9007199254740992",
    "n = 18446744073709551615",
    "n = 1e300",
    "n = 0.1",
    "n < \"a\"",
    "x = 5",
    "x = 5.0",
    "x = \"5\"",
    "x = true",
    "x != true",
    "x != \"a\"",
    "x != 5",
    "x not in (5, 6)",
    "x not in (\"a\", \"b\")",
    "x not in (5, \"a\")",
    "x in (5, \"a\", false)",
    "not x in (5, \"a\", false)",
    "x contains \"b\"",
    "x contains \"\"",
    "x contains 5",
    "x contains true",
    "x = \"\"",
    "x = \"Gr\u{fc}\u{df}e \u{65e5}\u{672c}\"",
    "x = \"it's \\\"quoted\\\"\"",
    "x exists",
    "x is null",
    "not x exists",
    "o.name = \"Ada\"",
    "o.born.year < 1900",
    "not o.name = \"Ada\"",
    "o.born is null",
    "\"a.b\" = 1",
    "a.b = 1",
    "'q\"x' = 1",
    "nobody = 1",
    "not nobody = 1",
    "(n = 5 or x = \"a\") and not x = true",
    "not (n = 5 or (x = \"a\" and not x = 6))",
    "n = 5 and n = 6",
    "n >= 0 and n <= 6 or x = \"b\"",
];

/// Values of one kind each, so that a maker with typed fields can hold a group of them in one.
fn groups(can: &Capabilities) -> Vec<Vec<Value>> {
    let mut groups = vec![
        ["5", "a", "b", "abc", "A", "", "Grüße 日本", "it's \"quoted\""].map(Value::from).to_vec(),
        vec![json!(true), json!(false)],
        vec![json!(5), json!(5.0), json!(6), json!(1), json!(0)],
    ];
    if can.array_payload.is_yes() {
        groups.extend([
            vec![json!(["a"]), json!(["a", "b"]), json!(["abc"]), json!([""])],
            vec![json!([5]), json!([5, 6])],
            vec![json!([5.0]), json!([5.0, 7.5])],
            vec![json!([true, false])],
        ]);
    }
    if can.nested_payload.is_yes() {
        groups.push(vec![json!({"a": 5})]);
    }
    if can.null_values.is_yes() {
        groups.extend([
            vec![json!(null), json!([]), json!([null]), json!([null, 5]), json!([5, "a"])],
            vec![json!([5.0, true]), json!(["abc", null]), json!({}), json!([[5]]), json!([{"a": 5}])],
        ]);
    }
    if can.mixed_fields.is_yes() { vec![groups.concat()] } else { groups }
}

/// Some 60 records with every kind of value: in one list, or in one for each kind of `x`.
fn records(bench: &Bench) -> Vec<Vec<Record>> {
    let can = bench.db.capabilities();
    groups(can).into_iter().map(|group| with_others(bench, can, group)).collect()
}

fn with_others(bench: &Bench, can: &Capabilities, group: Vec<Value>) -> Vec<Record> {
    let texts = group.first().is_some_and(Value::is_string);
    let mut payloads: Vec<Value> = group.into_iter().map(|x| json!({ "x": x })).collect();
    for n in [
        json!(5),
        json!(5.0),
        json!(5.5),
        json!(6),
        json!(0),
        json!(-3),
        json!(0.1),
        json!(0.5),
        json!(-0.0),
        json!(9_007_199_254_740_991_i64),
        json!(9_007_199_254_740_992.0),
        json!(1e300),
    ] {
        payloads.push(json!({ "n": n }));
    }
    if can.exact_integers.is_yes() {
        for n in [9_007_199_254_740_992_i64, 9_007_199_254_740_993_i64, i64::MIN, i64::MAX] {
            payloads.push(json!({ "n": n }));
        }
    }
    for (n, x) in [(5, "a"), (6, "b"), (5, "5")] {
        let even = n % 2 == 0;
        payloads.push(if texts { json!({ "n": n, "x": x, "even": even }) } else { json!({ "n": n, "even": even }) });
    }
    payloads.push(json!({}));
    if can.any_keys.is_yes() {
        payloads.extend([json!({ "a.b": 1 }), json!({ "q\"x": 1 })]);
    }
    if can.nested_payload.is_yes() {
        payloads.extend([json!({ "o": { "name": "Ada", "born": { "year": 1815 } } }), json!({ "a": { "b": 1 } })]);
        if can.mixed_fields.is_yes() {
            payloads.extend([
                json!({ "o": { "name": ["Ada", "Augusta"], "born": null } }),
                json!({ "o": [{ "name": "Ada" }] }),
                json!({ "o": "Ada" }),
                json!({ "n": null }),
            ]);
        }
    }
    payloads.into_iter().enumerate().map(|(n, payload)| record(bench.id(n), point(n), payload)).collect()
}

async fn collections(bench: &Bench) -> Vec<(String, Vec<Record>)> {
    let mut all = Vec::new();
    for records in records(bench) {
        let name = bench.empty(DIMENSION, Metric::Euclidean).await;
        bench.put(&name, records).await;
        // As they came back: what a maker keeps of a payload is another case's matter.
        let stored = bench.walk(&name, 1000, false).await;
        all.push((name, stored));
    }
    all
}

/// `None` if the maker refuses the filter, else what it selects and what it should, sorted.
async fn ask(bench: &Bench, name: &str, stored: &[Record], text: &str) -> Option<(Vec<RecordId>, Vec<RecordId>)> {
    let filter = Filter::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    let request = PageRequest { filter: Some(filter.clone()), ..PageRequest::first(1000) };
    let mut selected: Vec<RecordId> = match bench.db.page(name, &request).await {
        Ok(page) => page.records.into_iter().map(|record| record.id).collect(),
        Err(ProviderError::FilterRefused { .. }) => return None,
        Err(error) => panic!("{text}: {error}"),
    };
    let mut due: Vec<RecordId> =
        stored.iter().filter(|record| filter.selects(record)).map(|record| record.id.clone()).collect();
    selected.sort();
    due.sort();
    Some((selected, due))
}

/// Each of these with each of those.
fn pairs<'a, A, B>(these: &'a [A], those: &'a [B]) -> Vec<(&'a A, &'a B)> {
    these.iter().flat_map(|this| those.iter().map(move |that| (this, that))).collect()
}

async fn differences(bench: &Bench, texts: impl Iterator<Item = String>, at_least: usize) {
    let collections = collections(bench).await;
    let (mut wrong, mut answered) = (Vec::new(), 0);
    let texts: Vec<String> = texts.collect();
    for (text, (name, stored)) in pairs(&texts, &collections) {
        let Some((selected, due)) = ask(bench, name, stored, text).await else { continue };
        answered += 1;
        for (ids, what) in [(&selected, &due), (&due, &selected)]
            .into_iter()
            .zip(["too many", "too few"])
            .map(|((a, b), what)| (a.iter().filter(|id| !b.contains(id)).collect::<Vec<_>>(), what))
        {
            for id in ids {
                let payload = &stored.iter().find(|record| record.id == *id).unwrap().payload;
                wrong.push(format!("{text}: {what}: {}", Value::Object(payload.clone())));
            }
        }
    }
    assert!(wrong.is_empty(), "{} differences:\n{}", wrong.len(), wrong.join("\n"));
    assert!(answered >= at_least, "only {answered} filters were answered");
}

async fn filters_select_what_they_say(bench: &Bench) {
    differences(bench, FIXED.iter().map(|text| (*text).to_owned()), 20).await;
}

async fn count_page_and_search_filter_alike(bench: &Bench) {
    // The first of them has texts.
    let (name, stored) = collections(bench).await.swap_remove(0);
    let filter = Filter::parse("n in (5, 6) or x = \"a\"").unwrap();
    let due = stored.iter().filter(|record| filter.selects(record)).count();
    assert!(due > 3);
    if bench.db.capabilities().exact_count.is_yes() {
        assert_eq!(bench.db.count(&name, Some(&filter)).await.unwrap().value, due as u64);
    }
    let mut request = SearchRequest::new(SearchQuery::Vector(Vector::Dense(point(0))), 1000);
    request.filter = Some(filter.clone());
    let hits = bench.db.search(&name, &request).await.unwrap();
    assert_eq!(hits.len(), due);
    assert!(hits.iter().all(|hit| filter.selects(&hit.record)));
    let mut request = PageRequest { filter: Some(filter), ..PageRequest::first(2) };
    let mut paged = 0;
    loop {
        let page = bench.db.page(&name, &request).await.unwrap();
        paged += page.records.len();
        request.cursor = page.next;
        if request.cursor.is_none() {
            break;
        }
    }
    assert_eq!(paged, due);
}

async fn filtering_here_gives_what_the_filter_selects(bench: &Bench) {
    let (name, stored) = collections(bench).await.swap_remove(0);
    // An order of texts, which many makers refuse.
    let filter = Filter::parse("n >= 0 and n < 1e300 or x <= \"a\"").unwrap();
    let due: Vec<&RecordId> = stored.iter().filter(|record| filter.selects(record)).map(|record| &record.id).collect();
    assert!(due.len() > 5 && due.len() < stored.len());
    for (limit, patience) in [(1, 60), (3, 0), (3, 60), (1_000, 60)] {
        let mut request = PageRequest { filter: Some(filter.clone()), ..PageRequest::first(limit) };
        let (mut ids, mut read) = (Vec::new(), 0);
        loop {
            let piece = sift(bench.db.as_ref(), &name, &request, Duration::from_secs(patience)).await.unwrap();
            assert!(piece.page.records.len() <= limit, "{} in a page of {limit}", piece.page.records.len());
            let full = piece.page.records.len() == limit || piece.page.next.is_none();
            assert!(full || patience == 0, "a page of {} with time left", piece.page.records.len());
            ids.extend(piece.page.records.into_iter().map(|record| record.id));
            read += piece.read;
            request.cursor = piece.page.next;
            if request.cursor.is_none() {
                break;
            }
        }
        assert_eq!(ids.iter().collect::<Vec<_>>(), due, "pages of {limit}");
        assert_eq!(read, stored.len() as u64, "each is read once");
    }
}
