//! Vector sets of Redis 8. The shared suite is not for them: a set has no empty state, cosine only, and
//! keeps vectors with the length 1. What is asked of every collection is asked of them here.

use redis::aio::MultiplexedConnection;
use serde_json::{Value, json};
use vector_inspector::provider::filter::Filter;
use vector_inspector::provider::model::{
    CollectionSpec, Metric, PageRequest, Record, RecordId, SearchQuery, SearchRequest, Vector,
};
use vector_inspector::provider::{ConnectSpec, ProviderError, ProviderKind, connect};

use crate::bench::{Bench, dense, object, record};
use crate::makers::server;
use crate::redis::{compare, raw_of, run};

/// The variable with the address of a Redis 8.
pub const URL: &str = "VECTOR_INSPECTOR_TEST_REDIS8_URL";

crate::cases!(
    sets_are_listed_and_described_beside_keys_of_other_types,
    vectors_come_back_as_each_quantisation_keeps_them,
    a_projected_set_keeps_fewer_dimensions_than_it_takes,
    attributes_come_back_as_they_went_in,
    attributes_of_others_that_are_no_objects_are_shown,
    every_element_comes_once_whatever_its_name,
    pages_stay_whole_while_others_write_elements,
    a_set_without_its_last_element_is_gone,
    exact_search_is_that_of_all_elements,
    more_like_an_element_leaves_it_out,
    filters_select_what_the_evaluation_selects_or_are_refused,
    filters_are_refused_unless_attributes_are_flat,
    a_filtered_search_finds_the_farthest_elements,
    what_a_set_cannot_take_is_refused,
    who_may_not_look_through_the_keys_opens_sets_by_name,
);

/// The spec of the server; the tests' attributes are flat.
pub fn spec() -> Result<ConnectSpec, String> {
    let mut spec = server(ProviderKind::Redis, URL)?;
    spec.options.insert("attributes".to_owned(), "flat".to_owned());
    Ok(spec)
}

async fn raw() -> MultiplexedConnection {
    raw_of(URL).await
}

/// A set with its first element, made as others make it.
async fn made(bench: &Bench, option: &str, name: &str, vector: &[f32]) -> String {
    let set = bench.name();
    add(&mut raw().await, &set, option, name, vector).await;
    set
}

async fn add(redis: &mut MultiplexedConnection, set: &str, option: &str, name: &str, vector: &[f32]) {
    let count = vector.len().to_string();
    let values: Vec<String> = vector.iter().map(ToString::to_string).collect();
    let mut words = vec!["VADD", set, "VALUES", &count];
    words.extend(values.iter().map(String::as_str));
    words.extend([name, option]);
    run(redis, &words).await;
}

/// A set of the bench's own records, not quantised.
async fn filled(bench: &Bench, records: Vec<Record>) -> String {
    let first = dense(&records[0]).to_vec();
    let RecordId::Text(name) = records[0].id.clone() else { panic!("a text") };
    let set = made(bench, "NOQUANT", &name, &first).await;
    bench.put(&set, records).await;
    set
}

/// A vector that is like no other, the same for each number.
#[allow(clippy::cast_precision_loss)]
fn vector(seed: usize, dimension: usize) -> Vec<f32> {
    (0..dimension).map(|at| ((seed * 131 + at * 37 + 7) as f32 * 12.9898).sin() * 3.0).collect()
}

fn element(name: &str, seed: usize, payload: Value) -> Record {
    record(name.into(), vector(seed, 8), payload)
}

fn near(a: &[f32], b: &[f32], most: f32) {
    assert_eq!(a.len(), b.len());
    assert!(a.iter().zip(b).all(|(a, b)| (a - b).abs() <= most), "{a:?} is not {b:?}");
}

async fn sets_are_listed_and_described_beside_keys_of_other_types(bench: &Bench) {
    let set = made(bench, "Q8", "a", &[1.0, 2.0, 3.0]).await;
    let text = bench.name();
    run(&mut raw().await, &["SET", &text, "no vectors"]).await;
    let listed = bench.db.collections().await.unwrap();
    let found = listed.iter().find(|collection| collection.name == set).unwrap();
    assert_eq!(found.count.map(|count| (count.value, count.exact)), Some((1, true)));
    assert_eq!((found.vectors[0].dimension, found.vectors[0].metric), (Some(3), Some(Metric::Cosine)));
    let index = found.vectors[0].index.clone().unwrap();
    assert!(index.contains("int8") && index.contains("changed"), "{index}");
    assert!(listed.iter().all(|collection| collection.name != text));
    assert!(listed.is_sorted_by_key(|collection| collection.name.clone()));
    let info = bench.db.describe(&set).await.unwrap();
    assert_eq!(info.summary, *found);
    assert_eq!(info.details["VINFO"]["quant-type"], "int8");
    for missing in [text.as_str(), "vi-test-nobody"] {
        let error = bench.db.describe(missing).await.unwrap_err();
        assert!(matches!(error, ProviderError::NoSuchCollection { .. }), "{missing}: {error}");
    }
    run(&mut raw().await, &["DEL", &text]).await;
}

/// The server's own VEMB is the measure; the original may differ by as much as the description says.
async fn vectors_come_back_as_each_quantisation_keeps_them(bench: &Bench) {
    for (option, error) in [("NOQUANT", 1e-6), ("Q8", 1.0 / 254.0), ("BIN", f32::MAX)] {
        let given = vector(5, 100);
        let set = made(bench, option, "a", &given).await;
        let found = bench.db.get(&set, &["a".into()], true).await.unwrap().remove(0);
        let largest = given.iter().fold(0.0_f32, |most, value| most.max(value.abs()));
        near(dense(&found), &given, if option == "BIN" { f32::MAX } else { error * largest + 1e-6 });
        let redis::Value::Array(own) = run(&mut raw().await, &["VEMB", &set, "a"]).await else { panic!("VEMB") };
        let own: Vec<f32> = own.iter().map(|value| redis::from_redis_value_ref::<f32>(value).unwrap()).collect();
        near(dense(&found), &own, 1e-5);
        assert_eq!(option == "NOQUANT", dense(&found).iter().zip(&given).all(|(a, b)| (a - b).abs() < 1e-6));
        // Written again as the set keeps it.
        bench.db.upsert(&set, vec![record("b".into(), given.clone(), json!({}))]).await.unwrap();
        let again = bench.db.get(&set, &["b".into()], true).await.unwrap().remove(0);
        assert_eq!(dense(&again), dense(&found), "{option}");
    }
}

async fn a_projected_set_keeps_fewer_dimensions_than_it_takes(bench: &Bench) {
    let set = bench.name();
    let mut redis = raw().await;
    run(&mut redis, &["VADD", &set, "REDUCE", "2", "VALUES", "4", "1", "0", "0", "0", "a", "NOQUANT"]).await;
    run(&mut redis, &["VADD", &set, "REDUCE", "2", "VALUES", "4", "0", "1", "0", "0", "b", "NOQUANT"]).await;
    let info = bench.db.describe(&set).await.unwrap();
    assert_eq!(info.summary.vectors[0].dimension, Some(2));
    assert!(info.details["vectors"].as_str().unwrap().contains("4 dimensions"), "{}", info.details);
    bench.db.upsert(&set, vec![record("c".into(), vec![0.0, 0.0, 1.0, 0.5], json!({}))]).await.unwrap();
    assert!(bench.walk(&set, 2, true).await.iter().all(|record| dense(record).len() == 2));
    let like = SearchRequest::new(SearchQuery::Vector(Vector::Dense(vec![0.0, 0.0, 1.0, 0.5])), 1);
    assert_eq!(bench.db.search(&set, &like).await.unwrap()[0].record.id, "c".into());
}

async fn attributes_come_back_as_they_went_in(bench: &Bench) {
    let payload = json!({
        "exact": 9_007_199_254_740_993_i64, "low": i64::MIN, "high": u64::MAX, "one": 1.0, "tenth": 0.1, "no": null,
        "empty": [], "mixed": [1, "a", null, { "b": [] }], "": "no key", "a.b \"c\" ü": { "d": { "e": "日本 \u{1b}" } },
        "long": "x".repeat(1 << 20),
    });
    let set = filled(bench, vec![element("a", 1, payload.clone()), element("b", 2, json!({}))]).await;
    let found = bench.db.get(&set, &["b".into(), "nobody".into(), "a".into()], false).await.unwrap();
    assert_eq!(found.iter().map(|record| record.id.to_string()).collect::<Vec<_>>(), ["b", "a"]);
    assert_eq!((&found[1].payload, found[1].vectors.is_none()), (&object(payload), true));
    assert_eq!(found[0].payload, object(json!({})));
    // What is written replaces what was there.
    bench.db.upsert(&set, vec![element("a", 3, json!({ "new": 1 })), element("b", 3, json!({}))]).await.unwrap();
    let found = bench.db.get(&set, &["a".into()], true).await.unwrap().remove(0);
    assert_eq!(found.payload, object(json!({ "new": 1 })));
    near(dense(&found), &vector(3, 8), 1e-5);
    bench.db.upsert(&set, vec![element("a", 3, json!({}))]).await.unwrap();
    assert_eq!(run(&mut raw().await, &["VGETATTR", &set, "a"]).await, redis::Value::Nil);
    assert_eq!(bench.db.count(&set, None).await.unwrap().value, 2);
}

async fn attributes_of_others_that_are_no_objects_are_shown(bench: &Bench) {
    let set = filled(bench, vec![element("a", 1, json!({})), element("b", 2, json!({}))]).await;
    let mut redis = raw().await;
    run(&mut redis, &["VSETATTR", &set, "a", "no json"]).await;
    run(&mut redis, &["VSETATTR", &set, "b", "[1,2]"]).await;
    let payloads: Vec<_> = bench.walk(&set, 5, false).await.into_iter().map(|record| record.payload).collect();
    assert_eq!(payloads, [object(json!({ "$": "no json" })), object(json!({ "$": [1, 2] }))]);
}

async fn every_element_comes_once_whatever_its_name(bench: &Bench) {
    let mut names: Vec<String> =
        ["", "\0", "\0\0", " ", "(a", "[a", "-", "+", "a\nb", "a\"b", "ü", "日本", "~"].map(str::to_owned).to_vec();
    names.extend((0..50).map(|n| format!("element {n:02}")));
    let records = names.iter().enumerate().map(|(n, name)| element(name, n, json!({ "n": n }))).collect();
    let set = filled(bench, records).await;
    names.sort_unstable();
    for limit in [1, 2, 7, 62, 63, 64] {
        let found = bench.walk(&set, limit, limit == 7).await;
        assert_eq!(found.iter().map(|record| record.id.to_string()).collect::<Vec<_>>(), names, "pages of {limit}");
    }
    assert_eq!(bench.db.count(&set, None).await.unwrap().value, names.len() as u64);
}

/// Elements before and behind the page come and go; those that stay come exactly once.
async fn pages_stay_whole_while_others_write_elements(bench: &Bench) {
    let make = |n: usize| element(&format!("{n:05}"), n, json!({ "n": n }));
    let set = filled(bench, (10_000..12_000).map(make).collect()).await;
    for filter in [None, Some(Filter::parse("n >= 10000").unwrap())] {
        let (mut request, mut found, mut turn) = (PageRequest { filter, ..PageRequest::first(150) }, Vec::new(), 0);
        loop {
            let page = bench.db.page(&set, &request).await.unwrap();
            found.extend(page.records.into_iter().map(|record| record.id.to_string()));
            // Also the very element behind which the next page begins.
            let last: RecordId = found.last().unwrap().as_str().into();
            bench.db.delete(&set, std::slice::from_ref(&last)).await.unwrap();
            bench.put(&set, vec![make(turn), make(11_500)]).await;
            turn += 1;
            request.cursor = page.next;
            if request.cursor.is_none() {
                break;
            }
        }
        assert_eq!(found, (10_000..12_000).map(|n| n.to_string()).collect::<Vec<_>>());
        let gone: Vec<Record> = (10_000..12_000).map(make).collect();
        bench.put(&set, gone).await;
        bench
            .db
            .delete(&set, &(0..turn).map(|n| RecordId::from(format!("{n:05}").as_str())).collect::<Vec<_>>())
            .await
            .unwrap();
    }
}

async fn a_set_without_its_last_element_is_gone(bench: &Bench) {
    let set = filled(bench, (0..3).map(|n| element(&n.to_string(), n, json!({}))).collect()).await;
    bench.db.delete(&set, &["1".into(), "nobody".into(), 7_u64.into()]).await.unwrap();
    assert_eq!(bench.db.count(&set, None).await.unwrap().value, 2);
    bench.db.delete(&set, &["0".into(), "2".into()]).await.unwrap();
    assert!(matches!(bench.db.count(&set, None).await, Err(ProviderError::NoSuchCollection { .. })));
    let other = filled(bench, vec![element("a", 1, json!({}))]).await;
    bench.db.drop_collection(&other).await.unwrap();
    assert!(matches!(bench.db.describe(&other).await, Err(ProviderError::NoSuchCollection { .. })));
}

fn cosine(a: &[f32], b: &[f32]) -> f32 {
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>();
    #[allow(clippy::cast_possible_truncation)]
    let cosine = (dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()) as f32;
    cosine
}

async fn exact_search_is_that_of_all_elements(bench: &Bench) {
    let records: Vec<Record> = (0..600).map(|n| element(&format!("{n:03}"), n, json!({ "n": n }))).collect();
    let set = filled(bench, records.clone()).await;
    let mut found_by_graph = 0;
    for seed in [1_001, 1_002, 1_003] {
        let asked = vector(seed, 8);
        let mut due: Vec<_> = records.iter().map(|record| (cosine(dense(record), &asked), record)).collect();
        due.sort_by(|a, b| b.0.total_cmp(&a.0));
        for exact in [true, false] {
            let request =
                SearchRequest { exact, ..SearchRequest::new(SearchQuery::Vector(Vector::Dense(asked.clone())), 20) };
            let hits = bench.db.search(&set, &request).await.unwrap();
            assert_eq!(hits.len(), 20);
            if exact {
                let scores: Vec<f32> = hits.iter().map(|hit| hit.score.value).collect();
                near(&scores, &due.iter().take(20).map(|(score, _)| *score).collect::<Vec<_>>(), 1e-5);
                assert!(hits.iter().all(|hit| hit.score.measure == Metric::Cosine && !hit.record.payload.is_empty()));
            } else {
                let best: Vec<_> = due.iter().take(20).map(|(_, record)| &record.id).collect();
                found_by_graph += hits.iter().filter(|hit| best.contains(&&hit.record.id)).count();
            }
        }
    }
    assert!(found_by_graph >= 54, "the graph found {found_by_graph} of 60");
}

async fn more_like_an_element_leaves_it_out(bench: &Bench) {
    let set = filled(bench, (0..30).map(|n| element(&n.to_string(), n, json!({ "n": n }))).collect()).await;
    let like = |id: &str, top| SearchRequest { exact: true, ..SearchRequest::new(SearchQuery::Like(id.into()), top) };
    let hits = bench.db.search(&set, &like("7", 29)).await.unwrap();
    assert!(hits.len() == 29 && hits.iter().all(|hit| hit.record.id != "7".into()), "{hits:?}");
    assert!(hits.is_sorted_by(|a, b| a.score.value >= b.score.value));
    near(&[hits[0].score.value], &[cosine(&vector(7, 8), &vector(number_of(&hits[0].record), 8))], 1e-5);
    let error = bench.db.search(&set, &like("nobody", 3)).await.unwrap_err();
    assert!(matches!(error, ProviderError::NoSuchRecord { .. }), "{error}");
    assert!(bench.db.search(&set, &like("7", 0)).await.unwrap().is_empty());
}

fn number_of(record: &Record) -> usize {
    record.id.to_string().parse().unwrap()
}

async fn filters_select_what_the_evaluation_selects_or_are_refused(bench: &Bench) {
    let values = [
        json!(0),
        json!(1),
        json!(5),
        json!(-5),
        json!(5.5),
        json!(1e-5),
        json!(9_007_199_254_740_993_i64),
        json!(u64::MAX),
        json!(true),
        json!(false),
        json!(null),
        json!(""),
        json!("a"),
        json!("abc"),
        json!("5"),
        json!("true"),
        json!("it's \"so\" \\ ü"),
        json!([]),
        json!([1, 5]),
        json!(["a", "5"]),
        json!([true, "b", 0]),
    ];
    let mut records: Vec<Record> =
        values.iter().enumerate().map(|(n, value)| element(&format!("{n:02}"), n, json!({ "x": value }))).collect();
    records.extend(values.iter().enumerate().map(|(n, value)| {
        element(&format!("y{n:02}"), n, json!({ "y": value, "x": values[(n * 5 + 3) % values.len()], "a-b_1": n }))
    }));
    records.push(element("none", 1, json!({})));
    let set = filled(bench, records).await;
    let literals =
        ["0", "1", "-1", "5", "5.5", "0.00001", "true", "false", "\"a\"", "\"5\"", "\"\"", "\"true\"", "\"bc\""];
    let mut filters = Vec::new();
    for literal in literals {
        for sign in ["=", "!=", "contains"] {
            filters.push(format!("x {sign} {literal}"));
        }
        filters.push(format!("x in ({literal}, 5)"));
        filters.push(format!("x not in ({literal}, 5)"));
        filters.push(format!("x = {literal} and y exists"));
        filters.push(format!("x = {literal} or x = \"abc\""));
        filters.push(format!("y = {literal} and (x != 5 or x = 5)"));
        if !literal.contains(['"', 't', 'f']) {
            for sign in ["<", "<=", ">", ">="] {
                filters.push(format!("x {sign} {literal}"));
            }
            filters.push(format!("x between {literal} and 100"));
        }
    }
    filters.extend(["x exists", "y exists", "a-b_1 > 7", "nobody exists", "x"].map(str::to_owned));
    let filters: Vec<String> = filters.into_iter().filter(|text| Filter::parse(text).is_ok()).collect();
    let answered = compare(bench, &set, &filters).await;
    assert!(answered * 10 >= filters.len() * 9, "only {answered} of {}", filters.len());
    let mut refused = vec!["not x = 5", "x is null", "x is missing", "x = 1 or y = 1", "x.z = 1", "x < \"a\""];
    refused.extend(["x = 9007199254740993", "x = \"ü\"", "\"a.b\" = 1", "$text contains \"a\""]);
    for text in refused {
        let answer = bench.db.count(&set, Some(&Filter::parse(text).unwrap())).await;
        assert!(matches!(answer, Err(ProviderError::FilterRefused { .. })), "{text}: {answer:?}");
    }
    let shown = bench.db.native_filter(&set, &Filter::parse("x = 5").unwrap()).await.unwrap();
    assert!(shown.contains("VSIM") && shown.contains("(.x == 5 or 5 in .x)"), "{shown}");
}

async fn filters_are_refused_unless_attributes_are_flat(bench: &Bench) {
    // What would be left out in silence.
    let set = filled(bench, vec![element("a", 1, json!({ "x": ["a", { "b": 1 }] }))]).await;
    let strict = connect(&server(ProviderKind::Redis, URL).unwrap()).await.unwrap();
    let filter = Filter::parse("x = \"a\"").unwrap();
    let error = strict.count(&set, Some(&filter)).await.unwrap_err();
    assert!(error.to_string().contains("attributes=flat"), "{error}");
    let request = PageRequest { filter: Some(filter), ..PageRequest::first(5) };
    assert!(matches!(strict.page(&set, &request).await, Err(ProviderError::FilterRefused { .. })));
    assert_eq!(strict.count(&set, None).await.unwrap().value, 1);
}

/// The selected elements are the farthest: the graph gives all others first.
async fn a_filtered_search_finds_the_farthest_elements(bench: &Bench) {
    #[allow(clippy::cast_precision_loss)]
    let on_a_circle = |n: usize| vec![(n as f32 * 1e-3).cos(), (n as f32 * 1e-3).sin()];
    let records = (0..3_000).map(|n| record(format!("{n:04}").as_str().into(), on_a_circle(n), json!({ "n": n })));
    let set = filled(bench, records.collect()).await;
    for (filter, exact) in
        [("n >= 2996", false), ("n >= 2996", true), ("n in (2997, 2996)", false), ("n > 5000", false)]
    {
        let request = SearchRequest {
            filter: Some(Filter::parse(filter).unwrap()),
            exact,
            ..SearchRequest::new(SearchQuery::Vector(Vector::Dense(on_a_circle(0))), 2)
        };
        let hits = bench.db.search(&set, &request).await.unwrap();
        let ids: Vec<_> = hits.iter().map(|hit| hit.record.id.to_string()).collect();
        let due: &[&str] = if filter == "n > 5000" { &[] } else { &["2996", "2997"] };
        assert_eq!(ids, due, "{filter}, exact: {exact}");
    }
}

async fn what_a_set_cannot_take_is_refused(bench: &Bench) {
    let set = filled(bench, vec![element("a", 1, json!({}))]).await;
    for (record, words) in [
        (record(1_u64.into(), vector(1, 8), json!({})), "texts"),
        (record("b".into(), vector(1, 7), json!({})), "7 dimensions"),
        (record("b".into(), vec![f32::INFINITY; 8], json!({})), "finite"),
        (Record { text: Some("t".to_owned()), ..element("b", 1, json!({})) }, "text"),
    ] {
        // Before it stands one that would be taken.
        let error = bench.db.upsert(&set, vec![element("good", 1, json!({})), record]).await.unwrap_err();
        assert!(error.to_string().contains(words), "{error}");
    }
    assert_eq!(bench.db.count(&set, None).await.unwrap().value, 1, "nothing was written");
    let wrong = SearchRequest::new(SearchQuery::Vector(Vector::Dense(vec![1.0; 3])), 1);
    assert!(matches!(bench.db.search(&set, &wrong).await, Err(ProviderError::BadRequest { .. })));
    if !bench.db.capabilities().named_vectors.is_yes() {
        let new = CollectionSpec::dense(&bench.name(), 3, Metric::Cosine);
        let error = bench.db.create_collection(&new).await.unwrap_err();
        assert!(error.to_string().contains("first element"), "{error}");
        assert_eq!(bench.db.check_new(&new).await, Err(error), "a plan says it before");
    }
}

async fn who_may_not_look_through_the_keys_opens_sets_by_name(bench: &Bench) {
    let set = filled(bench, vec![element("a", 1, json!({}))]).await;
    let mut redis = raw().await;
    let user = format!("vi-test-sets-{}", std::process::id());
    run(&mut redis, &["ACL", "SETUSER", &user, "on", ">right-s3cret", "~*", "+@all", "-scan"]).await;
    let mut spec = spec().unwrap();
    spec.options.insert("username".to_owned(), user.clone());
    spec.secret = Some("right-s3cret".into());
    let poor = connect(&spec).await.unwrap();
    assert!(poor.collections().await.unwrap().iter().all(|collection| collection.name != set));
    assert_eq!(poor.count(&set, None).await.unwrap().value, 1);
    run(&mut redis, &["ACL", "DELUSER", &user]).await;
    let mut skipping = server(ProviderKind::Redis, URL).unwrap();
    skipping.options.insert("vector_sets".to_owned(), "skip".to_owned());
    let skipping = connect(&skipping).await.unwrap();
    assert!(skipping.collections().await.unwrap().iter().all(|collection| collection.name != set));
    assert_eq!(skipping.count(&set, None).await.unwrap().value, 1);
}
