//! One filter selects the same records everywhere: 5,000 records with every kind of value, 200
//! generated filters, and what each selects compared with the evaluation in memory. A maker either
//! selects exactly these or refuses the filter with its place.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngSeed, TestRunner};
use serde_json::{Map, Value, json};
use vector_inspector::provider::filter::Filter;
use vector_inspector::provider::model::{Metric, PageRequest, Record, RecordId};
use vector_inspector::provider::{Capabilities, ProviderError};

use crate::bench::{Bench, DIMENSION, point, record};

crate::cases!(generated_filters_select_the_same_everywhere needs filter);

/// Records of the collection.
const RECORDS: usize = 5_000;
/// Filters that are asked.
const FILTERS: usize = 200;
/// Records of one write.
const STEP: usize = 500;
/// Records of one page: fewer than there are, so that filters are paged, too.
const PAGE: usize = 2_000;
/// Selections up to this size are compared whole.
const WHOLE: usize = 500;
/// Whether refusals are told with their reasons.
const REFUSALS: &str = "VECTOR_INSPECTOR_TEST_REFUSALS";
/// Another seed makes other filters.
const SEED: &str = "VECTOR_INSPECTOR_TEST_SEED";

const TEXTS: &[&str] = &[
    "",
    "a",
    "A",
    "b",
    "abc",
    "a b",
    "5",
    "true",
    "null",
    "Grüße 日本",
    "é",
    "e\u{301}",
    "it's \"quoted\"",
    "back\\slash",
    "100%",
    "a_c",
    "x' or 1=1 --",
    "👩‍👩‍👧",
];

const INTEGERS: &[i64] = &[5, 6, 0, 1, -3, 7, 2017, 9_007_199_254_740_991, -9_007_199_254_740_991];
const LARGE: &[i64] = &[9_007_199_254_740_992, 9_007_199_254_740_993, -9_007_199_254_740_993, i64::MIN, i64::MAX];
const FLOATS: &[f64] = &[5.0, 0.5, 5.5, 0.1, -2.5, 1e300, -0.0, 7.25, 9_007_199_254_740_992.0];

/// A field's name, what may stand under it, and what its values are mostly compared with.
struct Field {
    path: &'static str,
    values: Vec<Value>,
    literals: &'static [&'static str],
}

const TEXT_LITERALS: &[&str] = &[
    "\"\"",
    "\"a\"",
    "\"A\"",
    "\"b\"",
    "\"bc\"",
    "\"5\"",
    "\"é\"",
    "\"日\"",
    "\"it's \\\"quoted\\\"\"",
    "\"\\\\\"",
    "\"%\"",
    "\"_\"",
    "'x\\' or 1=1 --'",
];
/// The small ones twice: large ones are refused by makers that compare as floats.
const NUMBER_LITERALS: &[&str] = &[
    "5",
    "5",
    "6",
    "0",
    "-3",
    "0.5",
    "5.5",
    "0.1",
    "1",
    "7",
    "7.25",
    "2017",
    "5.0",
    "6",
    "0",
    "-3",
    "0.5",
    "5.25",
    "0.1",
    "-0.0",
    "2017",
    "1e300",
    "9007199254740991",
    "9007199254740992",
    "9007199254740993",
    "9007199254740992.0",
    "-9223372036854775808",
    "18446744073709551615",
];
const BOOL_LITERALS: &[&str] = &["true", "false"];

/// The fields that the maker can hold.
fn fields(can: &Capabilities) -> Vec<Field> {
    let texts: Vec<Value> = TEXTS.iter().map(|text| json!(text)).collect();
    let mut integers: Vec<Value> = INTEGERS.iter().map(|n| json!(n)).collect();
    if can.exact_integers.is_yes() {
        integers.extend(LARGE.iter().map(|n| json!(n)));
    }
    let floats: Vec<Value> = FLOATS.iter().map(|n| json!(n)).collect();
    let bools = vec![json!(true), json!(false)];
    let field = |path, values: &[Value], literals| Field { path, values: values.to_vec(), literals };
    let mut all = vec![
        field("i", &integers, NUMBER_LITERALS),
        field("f", &floats, NUMBER_LITERALS),
        field("s", &texts, TEXT_LITERALS),
        field("yes", &bools, BOOL_LITERALS),
    ];
    if can.array_payload.is_yes() {
        let lists = |values: &[Value], empty: bool| {
            let mut lists: Vec<Value> = values.iter().map(|value| json!([value])).collect();
            lists.extend(values.windows(3).map(|some| json!(some)));
            lists.extend(empty.then(|| json!([])));
            lists
        };
        let empty = can.null_values.is_yes();
        all.push(field("tags", &lists(&texts, empty), TEXT_LITERALS));
        all.push(field("years", &lists(&integers, empty), NUMBER_LITERALS));
        all.push(field("shares", &lists(&floats, empty), NUMBER_LITERALS));
        all.push(field("flags", &lists(&bools, empty), BOOL_LITERALS));
    }
    if can.nested_payload.is_yes() {
        all.push(field("author.name", &texts, TEXT_LITERALS));
        all.push(field("author.born.year", &integers, NUMBER_LITERALS));
    }
    if can.any_keys.is_yes() {
        all.push(field("\"a.b\"", &integers, NUMBER_LITERALS));
        all.push(field("'q\"x'", &texts, TEXT_LITERALS));
        all.push(field("Schlüssel", &texts, TEXT_LITERALS));
    }
    if can.mixed_fields.is_yes() {
        let mut mixed = [texts, integers, floats, bools].concat();
        if can.array_payload.is_yes() {
            mixed.extend([
                json!(["a"]),
                json!(["a", "b"]),
                json!([5]),
                json!([5, 6]),
                json!([5.0, 7.25]),
                json!([true]),
            ]);
        }
        if can.null_values.is_yes() {
            mixed.extend([
                json!([]),
                json!([null]),
                json!([null, 5]),
                json!([5, "a"]),
                json!([5.0, true]),
                json!(["abc", null]),
                json!([5, {"a": 1}]),
                json!([5, []]),
                json!([true, [7]]),
                json!(["a", ["b"]]),
                json!({}),
                json!({"a": 5}),
                json!([[5]]),
                json!([{"a": 5}]),
            ]);
        }
        all.push(Field { path: "x", values: mixed, literals: NUMBER_LITERALS });
        all.push(Field { path: "x", values: Vec::new(), literals: TEXT_LITERALS });
    }
    all
}

/// A payload in which a third of the fields have a value, some are null, and the others are missing.
fn payload(fields: &[Field], can: &Capabilities, n: usize, dice: &mut impl FnMut(usize) -> usize) -> Value {
    let mut payload = Map::new();
    for field in fields.iter().filter(|field| !field.values.is_empty()) {
        // The first record has all, so that makers with typed fields learn of them.
        let kind = if n == 0 { 9 } else { dice(10) };
        let value = match kind {
            0..6 => continue,
            6 if can.null_values.is_yes() => Value::Null,
            _ => field.values[if n == 0 { 0 } else { dice(field.values.len()) }].clone(),
        };
        put(&mut payload, field.path, value);
    }
    Value::Object(payload)
}

/// Puts a value where the path of the language leads.
fn put(payload: &mut Map<String, Value>, path: &str, value: Value) {
    let key = |key: &str| key.trim_matches(['"', '\'']).to_owned();
    let keys: Vec<String> =
        if path.starts_with(['"', '\'']) { vec![key(path)] } else { path.split('.').map(key).collect() };
    let (last, outer) = keys.split_last().unwrap();
    let mut object = payload;
    for outer in outer {
        let inner = object.entry(outer.clone()).or_insert_with(|| json!({}));
        object = inner.as_object_mut().unwrap();
    }
    object.insert(last.clone(), value);
}

/// A filter as a text, over these fields and one that nobody has.
fn written(fields: &[Field], with_text: bool) -> impl Strategy<Value = String> + use<> {
    let mut known: Vec<(&'static str, &'static [&'static str])> =
        fields.iter().map(|field| (field.path, field.literals)).collect();
    known.push(("nobody", NUMBER_LITERALS));
    let field = prop::sample::select(known);
    let all = [TEXT_LITERALS, NUMBER_LITERALS, BOOL_LITERALS].concat();
    let test = (field, any::<prop::sample::Index>(), prop::collection::vec(any::<prop::sample::Index>(), 3), 0..22_u8)
        .prop_map(move |((path, own), odd, at, kind)| {
            // One literal of twelve is of another kind than the field.
            let pick = |n: usize| if odd.index(12) == n { *at[n].get(&all) } else { *at[n].get(own) };
            let (a, b, c) = (pick(0), pick(1), pick(2));
            let orders = !BOOL_LITERALS.contains(&a);
            match kind {
                0..3 => format!("{path} = {a}"),
                3..5 => format!("{path} != {a}"),
                5 if orders => format!("{path} < {a}"),
                6 if orders => format!("{path} <= {a}"),
                7 if orders => format!("{path} > {a}"),
                8 if orders => format!("{path} >= {a}"),
                9..11
                    if orders
                        && TEXT_LITERALS.contains(&a) == TEXT_LITERALS.contains(&b)
                        && !BOOL_LITERALS.contains(&b) =>
                {
                    format!("{path} between {a} and {b}")
                }
                11..13 => format!("{path} in ({a}, {b}, {c})"),
                13 => format!("{path} not in ({a}, {b})"),
                14..16 => format!("{path} contains {a}"),
                16 => format!("{path} exists"),
                17 => format!("{path} is null"),
                18 => format!("{path} is not null"),
                19 => format!("{path} is missing"),
                20 if with_text => format!("$text contains {}", at[0].get(TEXT_LITERALS)),
                21 => path.to_owned(),
                _ => format!("{path} = {b}"),
            }
        });
    test.prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            (inner.clone(), prop::sample::select(vec!["and", "or"]), inner.clone())
                .prop_map(|(a, join, b)| format!("({a}) {join} ({b})")),
            inner.prop_map(|inner| format!("not ({inner})")),
        ]
    })
}

/// The filters of this seed.
fn texts(fields: &[Field], with_text: bool, seed: u64) -> Vec<String> {
    let mut runner = TestRunner::new(Config { rng_seed: RngSeed::Fixed(seed), ..Config::default() });
    let filters = written(fields, with_text);
    (0..FILTERS).map(|_| filters.new_tree(&mut runner).unwrap().current()).collect()
}

/// Whether the maker keeps a text of a record apart from its payload.
async fn keeps_texts(bench: &Bench) -> bool {
    let name = bench.empty(DIMENSION, Metric::Euclidean).await;
    let with_text = Record { text: Some("a".to_owned()), ..record(bench.id(1), point(1), json!({})) };
    if bench.db.upsert(&name, vec![with_text]).await.is_err() {
        return false;
    }
    bench.db.get(&name, &[bench.id(1)], false).await.unwrap().iter().any(|record| record.text.is_some())
}

/// Panics for what is no refusal.
fn refused(bench: &Bench, text: &str, error: &ProviderError) {
    assert!(matches!(error, ProviderError::FilterRefused { .. }), "{text}: {error}");
    if std::env::var_os(REFUSALS).is_some() {
        eprintln!("refused: {} {text}: {error}", bench.maker);
    }
}

/// The ids that the maker selects; `None` if it refuses the filter.
async fn selected(bench: &Bench, name: &str, text: &str) -> Option<BTreeSet<RecordId>> {
    let mut ids = BTreeSet::new();
    let mut request = PageRequest { filter: Some(Filter::parse(text).unwrap()), ..PageRequest::first(PAGE) };
    loop {
        let page = match bench.db.page(name, &request).await {
            Ok(page) => page,
            Err(error) => {
                refused(bench, text, &error);
                return None;
            }
        };
        for record in page.records {
            assert!(ids.insert(record.id.clone()), "{text}: {} came twice", record.id);
        }
        request.cursor = page.next;
        if request.cursor.is_none() {
            return Some(ids);
        }
    }
}

async fn generated_filters_select_the_same_everywhere(bench: &Bench) {
    let can = bench.db.capabilities().clone();
    let seed = std::env::var(SEED).ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let (fields, with_text) = (fields(&can), keeps_texts(bench).await);
    let name = bench.empty(DIMENSION, Metric::Euclidean).await;
    let mut random = fastrand::Rng::with_seed(seed);
    let mut dice = |sides: usize| random.usize(0..sides);
    let mut records: Vec<Record> = Vec::with_capacity(RECORDS);
    for n in 0..RECORDS {
        let mut payload = payload(&fields, &can, n, &mut dice);
        payload["bucket"] = json!(n % 10);
        let text = (with_text && dice(3) > 0).then(|| TEXTS[dice(TEXTS.len())].to_owned());
        records.push(Record { text, ..record(bench.id(n), point(n), payload) });
    }
    for some in records.chunks(STEP) {
        bench.put(&name, some.to_vec()).await;
    }
    // As they came back: what a maker keeps of a payload is another case's matter.
    let stored = bench.walk(&name, PAGE, false).await;
    assert_eq!(stored.len(), RECORDS);
    let started = std::time::Instant::now();
    let (mut refused, mut different) = (0, Vec::new());
    for (n, text) in texts(&fields, with_text, seed).into_iter().enumerate() {
        let filter = Filter::parse(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
        let due: Vec<&Record> = stored.iter().filter(|record| filter.selects(record)).collect();
        // Of a large selection the number or the ids of a tenth in turn, every eighth time all: else most
        // of the time goes into carrying the same records over and over.
        let whole = due.len() <= WHOLE || n.is_multiple_of(8);
        let number_only = can.exact_count.is_yes() && !whole && !n.is_multiple_of(2);
        if number_only || (can.exact_count.is_yes() && n.is_multiple_of(4)) {
            match bench.db.count(&name, Some(&filter)).await {
                Ok(count) if count.value == due.len() as u64 => {}
                Ok(count) => different.push(format!("{text}: counts {} of {}", count.value, due.len())),
                Err(error) => {
                    self::refused(bench, &text, &error);
                    refused += 1;
                    continue;
                }
            }
        }
        if number_only {
            continue;
        }
        let bucket = (!whole).then_some(n % 10);
        let asked = bucket.map_or_else(|| text.clone(), |bucket| format!("bucket = {bucket} and ({text})"));
        let Some(selected) = selected(bench, &name, &asked).await else {
            refused += 1;
            continue;
        };
        let in_bucket = |record: &&&Record| bucket.is_none_or(|bucket| record.payload["bucket"] == json!(bucket));
        let due: BTreeSet<RecordId> = due.iter().filter(in_bucket).map(|record| record.id.clone()).collect();
        if let Some(id) = selected.symmetric_difference(&due).next() {
            let what = if due.contains(id) { "too few" } else { "too many" };
            let payload = &stored.iter().find(|record| record.id == *id).unwrap().payload;
            different.push(format!("{text}: {what}, e.g. {}", Value::Object(payload.clone())));
        }
    }
    let maker = bench.maker;
    eprintln!(
        "filters: {maker:<16} {FILTERS} asked, {refused} refused, {} differences (seed {seed}, {:.0} s)",
        different.len(),
        started.elapsed().as_secs_f64()
    );
    assert!(different.is_empty(), "{}", different.join("\n"));
    assert!(refused <= FILTERS - 10, "{refused} of {FILTERS} filters were refused: that proves nothing");
}
