//! Comparing a maker's collection with the same records in embedded Qdrant: what differs is what the
//! capabilities declare, and a single change is found.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use vector_inspector::jobs::compare::{CompareOptions, ContentOptions, compare, pass_over};
use vector_inspector::jobs::model::comparison::{Comparison, Contents};
use vector_inspector::jobs::{Control, Meter, Side};
use vector_inspector::provider::Provider;
use vector_inspector::provider::model::{CollectionSpec, Metric, Record, RecordId};
use vector_inspector::provider::qdrant_edge::QdrantEdge;

use crate::bench::{Bench, DIMENSION, record};

crate::cases!(
    the_same_records_in_embedded_qdrant_differ_in_what_is_declared_only,
    a_single_change_is_found_beside_embedded_qdrant,
);

const RECORDS: usize = 5_000;

fn uuid(n: usize) -> uuid::Uuid {
    uuid::Uuid::from_u128(0x5eed_0000_0000_4000_8000_0000_0000_0000 + n as u128)
}

/// A record that every maker can hold; its id is a UUID where there are some, else the same as text.
fn sample(n: usize, uuids: bool) -> Record {
    let id = if uuids { RecordId::Uuid(uuid(n)) } else { RecordId::Text(uuid(n).to_string()) };
    #[allow(clippy::cast_precision_loss)]
    let x = n as f32;
    let payload =
        json!({ "n": n, "title": format!("Nummer {n} – 番号"), "even": n.is_multiple_of(2), "ratio": n as f64 + 0.1 });
    record(id, vec![(x * 0.7).sin(), (x * 0.3).cos(), 1.0 + x / 7.0, -0.25], payload)
}

fn samples(count: usize, uuids: bool) -> Vec<Record> {
    (0..count).map(|n| sample(n, uuids)).collect()
}

struct Both {
    _folder: tempfile::TempDir,
    embedded: Side,
    maker: Side,
}

impl Both {
    /// The same records in both; `None` where the maker does not have the metric.
    async fn with(bench: &Bench, count: usize, metric: Metric) -> Option<Self> {
        let name = bench.try_empty(DIMENSION, metric).await?;
        bench.put(&name, samples(count, bench.db.capabilities().uuid_ids.is_yes())).await;
        let folder = tempfile::tempdir().unwrap();
        let embedded = QdrantEdge::create(&folder.path().join("db")).await.unwrap();
        embedded.create_collection(&CollectionSpec::dense("same", DIMENSION, metric)).await.unwrap();
        for some in samples(count, true).chunks(1_000) {
            embedded.upsert("same", some.to_vec()).await.unwrap();
        }
        let side = |label: &str, provider: Arc<dyn Provider>, collection: &str| Side {
            label: label.to_owned(),
            provider,
            collection: collection.to_owned(),
            request: Duration::from_secs(60),
        };
        let embedded = side("embedded", Arc::new(embedded), "same");
        Some(Self { _folder: folder, embedded, maker: side("maker", bench.db.clone(), &name) })
    }

    async fn compare(&self) -> Comparison {
        let contents = Some(ContentOptions { list: 5, ..ContentOptions::default() });
        let options = CompareOptions { structure: true, contents, retrieval: None, using: None };
        let (control, mut meter) = (Control::default(), Meter::silent());
        let done = compare(&self.embedded, &self.maker, &options, &control, &mut meter, &mut pass_over).await;
        done.expect("compare")
    }

    async fn contents(&self) -> Contents {
        self.compare().await.contents.unwrap()
    }
}

async fn the_same_records_in_embedded_qdrant_differ_in_what_is_declared_only(bench: &Bench) {
    let mut compared = 0;
    for metric in [Metric::Cosine, Metric::Euclidean] {
        let Some(both) = Both::with(bench, RECORDS, metric).await else { continue };
        let report = both.compare().await;
        let found = report.contents.unwrap();
        assert!(found.is_equal() && found.equal == RECORDS as u64, "{}: {found:?}", metric.name());
        if found.equal_by_tolerance > 0 {
            assert!(!found.tolerances.is_empty(), "what is overlooked is listed: {found:?}");
        }
        let structure = report.structure.unwrap();
        for what in ["dimension", "metric", "kind"] {
            let item = structure.items.iter().find(|item| item.what == what);
            assert!(
                item.is_some_and(|item| item.verdict != vector_inspector::jobs::model::comparison::Verdict::Differs),
                "{what}: {structure:?}"
            );
        }
        compared += 1;
    }
    assert!(compared > 0, "it has neither metric");
}

async fn a_single_change_is_found_beside_embedded_qdrant(bench: &Bench) {
    let Some(both) = Both::with(bench, 300, Metric::Euclidean).await else { return };
    let uuids = bench.db.capabilities().uuid_ids.is_yes();
    let name = both.maker.collection.clone();
    assert!(both.contents().await.is_equal());

    let mut changed = sample(17, uuids);
    changed.payload.insert("title".to_owned(), json!("another"));
    bench.put(&name, vec![changed]).await;
    let found = both.contents().await;
    assert_eq!((found.changed, found.different()), (1, 1), "{found:?}");
    assert_eq!(found.differences[0].fields[0].path, "payload.title");

    let mut moved = sample(17, uuids);
    let vectors = &mut moved.vectors.as_mut().unwrap().0;
    if let vector_inspector::provider::model::Vector::Dense(values) = &mut vectors[0].1 {
        values[2] += 0.5;
    }
    bench.put(&name, vec![moved]).await;
    let found = both.contents().await;
    assert_eq!((found.changed, found.different()), (1, 1), "{found:?}");

    bench.put(&name, vec![sample(17, uuids), sample(900, uuids)]).await;
    bench.db.delete(&name, &[sample(18, uuids).id]).await.unwrap();
    let found = both.contents().await;
    assert_eq!((found.missing, found.extra, found.different()), (1, 1, 2), "{found:?}");
}
