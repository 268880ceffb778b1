//! Comparing two equal collections beside a bare read of both, at the same time, with the same provider.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::runtime::Runtime;
use vector_inspector::jobs::compare::{ContentOptions, contents, pass_over};
use vector_inspector::jobs::{Control, Meter, Side};
use vector_inspector::provider::Provider;
use vector_inspector::provider::qdrant_edge::QdrantEdge;

use crate::parameters;
use crate::reading::{ROUNDS, fill, own_name, read_all};
use crate::report::{Row, Sorted, Verdict};

/// The most that comparing may take, as a multiple of the bare read.
const WANTED: f64 = 1.2;

pub fn rows() -> Vec<Row> {
    let runtime = Runtime::new().unwrap();
    vec![runtime.block_on(embedded())]
}

async fn embedded() -> Row {
    let folder = tempfile::tempdir().unwrap();
    let database = QdrantEdge::create(&folder.path().join("database")).await.unwrap();
    let names = [format!("{}-a", own_name()), format!("{}-b", own_name())];
    for name in &names {
        fill(&database, name, false).await;
    }
    let provider: Arc<dyn Provider> = Arc::new(database);
    let side = |name: &String| Side {
        label: "embedded".to_owned(),
        provider: provider.clone(),
        collection: name.clone(),
        request: Duration::from_secs(60),
    };
    let [a, b] = &names;
    let (a, b) = (side(a), side(b));
    let read = |side: &Side| {
        let side = side.clone();
        tokio::spawn(async move { read_all(side.provider.as_ref(), &side.collection).await })
    };
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let started = Instant::now();
        let (of_a, of_b) = tokio::join!(read(&a), read(&b));
        let bare = started.elapsed().as_secs_f64();
        assert_eq!((of_a.unwrap().0, of_b.unwrap().0), (parameters::reading_records(), parameters::reading_records()));
        let started = Instant::now();
        let options = ContentOptions::default();
        let done = contents(&a, &b, &options, &Control::default(), &mut Meter::silent(), &mut pass_over).await.unwrap();
        rounds.push((bare, started.elapsed().as_secs_f64()));
        assert!(done.is_equal() && done.equal == parameters::reading_records(), "{done:?}");
    }
    let ratio = Sorted::new(rounds.iter().map(|(bare, ours)| ours / bare).collect());
    let median = |times: Vec<f64>| Sorted::new(times).median();
    let bare = median(rounds.iter().map(|round| round.0).collect());
    let ours = median(rounds.iter().map(|round| round.1).collect());
    Row::new(
        &format!(
            "comparing {} x 384 with the same, embedded, against a bare read of both",
            parameters::reading_records()
        ),
        &format!("<= {WANTED} of the bare read"),
        format!("{:.2} ({ours:.2} s / {bare:.2} s)", ratio.median()),
        Verdict::of(ratio.median() <= WANTED),
        format!(
            "medians of {ROUNDS} rounds in turn, ratios {}; both sides at once; payload and vectors",
            ratio.range(2)
        ),
    )
}
