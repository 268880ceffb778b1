//! Comparing two equal collections beside a bare read of both: the engine's own scroll, each collection on a thread
//! of its own, at the same time.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use qdrant_edge::EdgeShard;
use tokio::runtime::Runtime;
use vector_inspector::jobs::compare::{ContentOptions, contents, pass_over};
use vector_inspector::jobs::{Control, Meter, Side};
use vector_inspector::provider::model::PageRequest;
use vector_inspector::provider::qdrant_edge::QdrantEdge;
use vector_inspector::provider::{ConnectSpec, ProviderKind};

use crate::parameters;
use crate::reading::{ROUNDS, edge_bare, fill, own_name};
use crate::report::{Row, Sorted, Verdict};

/// The most that comparing may take, as a multiple of the bare read.
const WANTED: f64 = 1.2;

pub fn rows() -> Vec<Row> {
    vec![embedded(&Runtime::new().unwrap())]
}

/// The engine holds a shard for one user only, so each side opens both anew in its turn, outside the time that is
/// taken.
fn embedded(runtime: &Runtime) -> Row {
    let folder = tempfile::tempdir().unwrap();
    let directory = folder.path().join("database");
    let names = [format!("{}-a", own_name()), format!("{}-b", own_name())];
    runtime.block_on(async {
        let database = QdrantEdge::create(&directory).await.unwrap();
        for name in &names {
            fill(&database, name, false).await;
        }
        database.close().await;
    });
    let rounds: Vec<(f64, f64)> =
        (0..ROUNDS).map(|_| (bare(&directory, &names), runtime.block_on(ours(&directory, &names)))).collect();
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
            "medians of {ROUNDS} rounds in turn, ratios {}; the engine's scroll on a thread for each side; payload and vectors",
            ratio.range(2)
        ),
    )
}

/// Seconds of reading both with the engine alone.
fn bare(directory: &Path, names: &[String; 2]) -> f64 {
    let shards = names.each_ref().map(|name| EdgeShard::load(&directory.join(name), None).unwrap());
    for shard in &shards {
        edge_bare(shard, 1);
    }
    let started = Instant::now();
    std::thread::scope(|scope| {
        let reading = shards.each_ref().map(|shard| scope.spawn(|| edge_bare(shard, usize::MAX).0));
        for read in reading {
            assert_eq!(read.join().unwrap(), parameters::reading_records());
        }
    });
    started.elapsed().as_secs_f64()
}

/// Seconds of comparing both.
async fn ours(directory: &Path, names: &[String; 2]) -> f64 {
    let spec = ConnectSpec::directory(ProviderKind::QdrantEdge, directory);
    let database = Arc::new(QdrantEdge::open(&spec).await.unwrap());
    let side = |name: &String| Side {
        label: "embedded".to_owned(),
        provider: database.clone(),
        collection: name.clone(),
        request: Duration::from_secs(60),
    };
    let [a, b] = names.each_ref().map(side);
    for side in [&a, &b] {
        side.provider.page(&side.collection, &PageRequest::first(1)).await.unwrap();
    }
    let (options, control) = (ContentOptions::default(), Control::default());
    let started = Instant::now();
    let done = contents(&a, &b, &options, &control, &mut Meter::silent(), &mut pass_over).await.unwrap();
    let took = started.elapsed().as_secs_f64();
    assert!(done.is_equal() && done.equal == parameters::reading_records(), "{done:?}");
    drop((a, b));
    if let Some(database) = Arc::into_inner(database) {
        database.close().await;
    }
    took
}
