//! The demo, made in temporary directories.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tempfile::TempDir;

use super::*;
use crate::provider::model::{Hit, Metric, PageRequest, Record, RecordId, SearchQuery, SearchRequest};
use crate::provider::{ConnectSpec, ProviderKind};

async fn open(dir: &Path) -> QdrantEdge {
    QdrantEdge::open(&ConnectSpec::directory(ProviderKind::QdrantEdge, dir)).await.unwrap()
}

async fn demo() -> (TempDir, QdrantEdge) {
    let data = tempfile::tempdir().unwrap();
    let dir = directory(data.path());
    assert_eq!(ensure(&dir, |_| ()).await.unwrap(), Prepared::Made);
    let demo = open(&dir).await;
    (data, demo)
}

async fn records(demo: &QdrantEdge, collection: &str) -> Vec<Record> {
    let mut request = PageRequest { with_vectors: true, ..PageRequest::first(1_000) };
    let mut all = Vec::new();
    loop {
        let page = demo.page(collection, &request).await.unwrap();
        all.extend(page.records);
        match page.next {
            Some(next) => request.cursor = Some(next),
            None => return all,
        }
    }
}

fn text<'a>(record: &'a Record, field: &str) -> &'a str {
    record.payload.get(field).and_then(Value::as_str).unwrap_or_default()
}

async fn like(demo: &QdrantEdge, collection: &str, field: &str, value: &str, using: Option<&str>) -> Vec<Hit> {
    let all = records(demo, collection).await;
    let record = all.iter().find(|record| text(record, field) == value).expect("the text is there");
    let mut request = SearchRequest::new(SearchQuery::Like(record.id.clone()), 5);
    request.using = using.map(str::to_owned);
    demo.search(collection, &request).await.unwrap()
}

fn entries(dir: &Path) -> BTreeSet<String> {
    fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[tokio::test]
async fn collections_differ_in_dimension_metric_and_kind_of_id() {
    let (_data, demo) = demo().await;
    let mut shapes = Vec::new();
    let mut total = 0;
    for collection in demo.collections().await.unwrap() {
        let count = collection.count.unwrap();
        assert!(count.exact && count.value >= 400, "{collection:?}");
        total += count.value;
        for vector in collection.vectors {
            shapes.push((collection.name.clone(), vector.name, vector.dimension.unwrap(), vector.metric.unwrap()));
        }
    }
    let expected = [
        ("articles", "", 384, Metric::Cosine),
        ("characters", "", 64, Metric::Euclidean),
        ("languages", "", 96, Metric::Manhattan),
        ("places", "body", 128, Metric::Dot),
        ("places", "title", 384, Metric::Cosine),
    ];
    let expected = expected.map(|(c, v, d, m)| (c.to_owned(), v.to_owned(), d, m));
    assert_eq!(shapes, expected);
    assert!((3_000..6_000).contains(&total), "{total}");
    let id = async |collection| demo.page(collection, &PageRequest::first(1)).await.unwrap().records[0].id.clone();
    assert!(matches!(id("articles").await, RecordId::Integer(1)));
    assert!(matches!(id("places").await, RecordId::Uuid(_)));
}

#[tokio::test]
async fn what_is_stored_is_exactly_what_is_decoded() {
    let (_data, demo) = demo().await;
    for sample in &samples::ALL {
        let mut reader = sample.open().unwrap();
        let decoded = reader.take(usize::MAX).unwrap();
        assert_eq!(decoded.len(), reader.len);
        assert_eq!(reader.take(1).unwrap(), []);
        let stored: HashMap<RecordId, Record> =
            records(&demo, &reader.spec.name).await.into_iter().map(|r| (r.id.clone(), r)).collect();
        assert_eq!(stored.len(), decoded.len());
        for mut record in decoded {
            if let Some(vectors) = &mut record.vectors {
                vectors.0.sort_by(|a, b| a.0.cmp(&b.0)); // the provider gives them by name
            }
            assert_eq!(stored[&record.id], record);
        }
    }
}

#[tokio::test]
async fn payloads_have_fields_of_every_type() {
    let (_data, demo) = demo().await;
    let mut kinds = BTreeSet::new();
    for collection in ["articles", "places", "characters", "languages"] {
        for record in records(&demo, collection).await {
            assert!(!text(&record, "text").is_empty());
            for (name, value) in &record.payload {
                kinds.insert(match value {
                    Value::Null => "null",
                    Value::Bool(_) => "boolean",
                    Value::Number(n) if n.is_f64() => "float",
                    Value::Number(_) => "integer",
                    Value::String(_) if name == "date" => "date",
                    Value::String(_) => "string",
                    Value::Array(_) => "array",
                    Value::Object(_) => "object",
                });
            }
        }
    }
    let all = ["null", "boolean", "float", "integer", "date", "string", "array", "object"];
    assert_eq!(kinds, BTreeSet::from(all));
}

#[tokio::test]
async fn neighbours_make_sense_in_every_collection() {
    let (_data, demo) = demo().await;
    // the same word, two meanings: the vectors must tell them apart
    let all = records(&demo, "articles").await;
    for category in ["solar system", "chemical element"] {
        let is_it = |record: &&Record| text(record, "title") == "Mercury" && text(record, "category") == category;
        let mercury = all.iter().find(is_it).expect("there are two");
        let request = SearchRequest::new(SearchQuery::Like(mercury.id.clone()), 2);
        let hits = demo.search("articles", &request).await.unwrap();
        assert!(hits.iter().all(|hit| text(&hit.record, "category") == category), "{category}: {hits:?}");
    }
    let saturn = like(&demo, "articles", "title", "Saturn", None).await;
    assert!(saturn.iter().all(|hit| text(&hit.record, "category") == "solar system"), "{saturn:?}");
    assert!(saturn.iter().any(|hit| ["Jupiter", "Uranus", "Neptune"].contains(&text(&hit.record, "title"))));
    let brisbane = like(&demo, "places", "name", "Brisbane", Some("body")).await;
    let country = |hit: &Hit| hit.record.payload["country"]["code"].clone();
    assert!(brisbane.iter().filter(|hit| country(hit) == "AU").count() >= 3, "{brisbane:?}");
    let arrow = like(&demo, "characters", "name", "RIGHTWARDS ARROW", None).await;
    assert!(arrow.iter().all(|hit| text(&hit.record, "name").contains("ARROW")), "{arrow:?}");
    let danish = like(&demo, "languages", "name", "Danish", None).await;
    let nordic = ["Faroese", "Kalaallisut", "Swedish", "Norwegian", "Icelandic", "Norwegian Bokmål", "German"];
    assert!(danish.iter().any(|hit| nordic.contains(&text(&hit.record, "name"))), "{danish:?}");
    for hits in [saturn, brisbane, arrow, danish] {
        let better = hits[0].score.measure.higher_is_better();
        assert!(hits.is_sorted_by(|a, b| if better {
            a.score.value >= b.score.value
        } else {
            a.score.value <= b.score.value
        }));
    }
}

#[tokio::test]
async fn progress_goes_up_to_the_end_and_a_second_start_does_nothing() {
    let data = tempfile::tempdir().unwrap();
    let dir = directory(data.path());
    let mut seen = Vec::new();
    ensure(&dir, |progress| seen.push(progress)).await.unwrap();
    assert!(seen.is_sorted_by(|a, b| a.done < b.done && a.total == b.total), "{seen:?}");
    assert_eq!(seen.first().unwrap().done, 0);
    assert_eq!(seen.last().unwrap().done, seen[0].total);
    assert_eq!(ensure(&dir, |_| panic!("nothing is written")).await.unwrap(), Prepared::Present);
    assert_eq!(entries(data.path()), BTreeSet::from(["demo".to_owned()]));
}

#[tokio::test]
async fn cut_off_in_the_middle_nothing_half_is_left_in_its_place() {
    let data = tempfile::tempdir().unwrap();
    let dir = directory(data.path());
    let stop = tokio_util::sync::CancellationToken::new();
    let making = ensure(&dir, |progress| {
        if progress.done * 2 > progress.total {
            stop.cancel();
        }
    });
    // a cancelled future ends where it is, like a killed program; its files stay
    let outcome = tokio::select! { biased; () = stop.cancelled() => None, result = making => Some(result) };
    assert_eq!(outcome, None);
    assert!(!dir.exists(), "{:?}", entries(data.path()));
    assert_eq!(ensure(&dir, |_| ()).await.unwrap(), Prepared::Made);
    assert_eq!(records(&open(&dir).await, "languages").await.len(), samples::ALL[3].open().unwrap().len);
}

#[tokio::test]
async fn left_overs_of_killed_programs_are_removed_when_they_are_old() {
    let data = tempfile::tempdir().unwrap();
    let (old, young) = (data.path().join(".demo-making-1"), data.path().join(".demo-making-2"));
    fs::create_dir(&young).unwrap();
    fs::create_dir(&old).unwrap();
    let long_ago = SystemTime::now() - ABANDONED * 2;
    fs::File::open(&old).unwrap().set_times(fs::FileTimes::new().set_modified(long_ago)).unwrap();
    ensure(&directory(data.path()), |_| ()).await.unwrap();
    assert!(young.exists() && !old.exists());
}

#[tokio::test]
async fn two_programs_that_start_at_once_leave_one_demo() {
    let data = tempfile::tempdir().unwrap();
    let dir = directory(data.path());
    let (first, second) = tokio::join!(ensure(&dir, |_| ()), ensure(&dir, |_| ()));
    let made = BTreeSet::from([format!("{:?}", first.unwrap()), format!("{:?}", second.unwrap())]);
    assert_eq!(made, BTreeSet::from(["Made".to_owned(), "Present".to_owned()]));
    assert_eq!(entries(data.path()), BTreeSet::from(["demo".to_owned()]));
    assert_eq!(open(&dir).await.collections().await.unwrap().len(), 4);
}

#[tokio::test]
async fn reset_undoes_what_the_user_did() {
    let (data, demo) = demo().await;
    demo.drop_collection("articles").await.unwrap();
    demo.delete("languages", &[1_u64.into()]).await.unwrap();
    demo.close().await;
    let dir = directory(data.path());
    assert_eq!(ensure(&dir, |_| ()).await.unwrap(), Prepared::Present, "changes are kept until the reset");
    assert_eq!(reset(&dir, |_| ()).await.unwrap(), Prepared::Made);
    let demo = open(&dir).await;
    assert_eq!(demo.collections().await.unwrap().len(), 4);
    assert_eq!(demo.count("languages", None).await.unwrap().value as usize, samples::ALL[3].open().unwrap().len);
    assert_eq!(entries(data.path()), BTreeSet::from(["demo".to_owned()]));
}

#[tokio::test]
async fn a_demo_in_use_elsewhere_is_not_reset() {
    let (data, demo) = demo().await;
    demo.close().await;
    let dir = directory(data.path());
    let lock = fs::File::open(dir.join("vector-inspector.lock")).unwrap();
    lock.lock().unwrap();
    assert!(matches!(reset(&dir, |_| ()).await, Err(ProviderError::Locked { .. })));
    drop(lock);
    assert_eq!(open(&dir).await.collections().await.unwrap().len(), 4);
}

#[tokio::test]
async fn a_demo_of_another_version_is_kept_until_it_is_reset() {
    let (data, demo) = demo().await;
    demo.close().await;
    let dir = directory(data.path());
    fs::write(dir.join(MARKER), "0\n").unwrap();
    assert_eq!(ensure(&dir, |_| ()).await.unwrap(), Prepared::OtherVersion);
    reset(&dir, |_| ()).await.unwrap();
    assert_eq!(ensure(&dir, |_| ()).await.unwrap(), Prepared::Present);
}

#[tokio::test]
async fn what_is_not_ours_is_never_removed() {
    let data = tempfile::tempdir().unwrap();
    let dir = directory(data.path());
    fs::create_dir(&dir).unwrap();
    fs::write(dir.join("letter.txt"), "dear").unwrap();
    for result in [ensure(&dir, |_| ()).await, reset(&dir, |_| ()).await] {
        assert!(matches!(result, Err(ProviderError::NotADatabase { .. })), "{result:?}");
    }
    assert_eq!(fs::read_to_string(dir.join("letter.txt")).unwrap(), "dear");
    fs::remove_file(dir.join("letter.txt")).unwrap();
    QdrantEdge::create(&dir).await.unwrap().close().await;
    assert!(matches!(reset(&dir, |_| ()).await, Err(ProviderError::NotADatabase { .. })));
}

#[tokio::test]
async fn a_directory_that_cannot_be_written_is_named() {
    let data = tempfile::tempdir().unwrap();
    fs::write(data.path().join("file"), "").unwrap();
    let error = ensure(&directory(&data.path().join("file")), |_| ()).await.unwrap_err();
    assert!(matches!(&error, ProviderError::File { path, .. } if path.contains("/file")), "{error}");
}

#[tokio::test]
async fn making_it_leaves_the_runtime_free() {
    let data = tempfile::tempdir().unwrap();
    let dir = directory(data.path());
    let ticks = Arc::new(Mutex::new(0_u32));
    let ticking = tokio::spawn({
        let ticks = Arc::clone(&ticks);
        async move {
            loop {
                tokio::task::yield_now().await;
                *ticks.lock().unwrap() += 1;
            }
        }
    });
    ensure(&dir, |_| ()).await.unwrap();
    ticking.abort();
    assert!(*ticks.lock().unwrap() > 100, "another task of the same thread went on meanwhile");
}
