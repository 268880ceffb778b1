//! Two embedded databases in a home of their own, for what the commands do between them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use vector_inspector::provider::Provider;
use vector_inspector::provider::model::{CollectionSpec, Metric, PageRequest, Record, RecordId, Vector, Vectors};
use vector_inspector::provider::qdrant_edge::QdrantEdge;

use crate::support::Home;

pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(future)
}

pub fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().expect("a number"))
}

pub fn record(n: u64) -> Record {
    #[allow(clippy::cast_precision_loss)]
    let vector = (0..8).map(|i| ((n * 31 + i * 7) % 997) as f32 / 97.0 - 3.0).collect();
    let payload = json!({ "n": n, "title": format!("record {n}"), "list": [n, null] }).as_object().cloned().unwrap();
    Record { id: n.into(), vectors: Some(Vectors::unnamed(vector)), payload, text: None }
}

/// A home with an embedded database `source` that has so many records in `docs`, and an empty one, `target`.
pub struct World {
    pub home: Home,
    pub source: PathBuf,
    pub target: PathBuf,
}

impl World {
    pub fn new(records: u64) -> Self {
        let home = Home::new();
        let (source, target) = (home.path().join("source"), home.path().join("target"));
        block_on(async {
            let database = QdrantEdge::create(&source).await.unwrap();
            database.create_collection(&CollectionSpec::dense("docs", 8, Metric::Euclidean)).await.unwrap();
            let all: Vec<u64> = (0..records).collect();
            for some in all.chunks(2_000) {
                database.upsert("docs", some.iter().map(|n| record(*n)).collect()).await.unwrap();
            }
            database.close().await;
            QdrantEdge::create(&target).await.unwrap().close().await;
        });
        Self { home, source, target }
    }

    pub fn words<'a>(&'a self, to: &'a str, more: &[&'a str]) -> Vec<&'a str> {
        let path = |path: &'a Path| path.to_str().unwrap();
        [&["copy", path(&self.source), "docs", path(&self.target), to], more].concat()
    }

    pub fn start(&self, words: &[&str]) -> Child {
        let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin("vector-inspector"));
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("HOME", self.home.path()).env("LANG", "C.UTF-8");
        command.env("VECTOR_INSPECTOR_CONFIG_DIR", self.home.path().join("config"));
        command.env("VECTOR_INSPECTOR_DATA_DIR", self.home.path());
        command.args(words).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    /// Starts the program and, if `may`, kills it as soon as that is due, unless it has ended; how it ended, and whether it
    /// was killed.
    pub fn killed(&self, words: &[&str], is_due: impl Fn() -> bool, may: bool) -> (ExitStatus, bool) {
        let mut child = self.start(words);
        let mut ended = None;
        while !is_due() && ended.is_none() {
            ended = child.try_wait().unwrap();
            std::thread::sleep(Duration::from_millis(1));
        }
        let kill = ended.is_none() && may;
        if kill {
            child.kill().unwrap();
        }
        (child.wait().unwrap(), kill)
    }

    /// The newest copy in the list.
    pub fn newest(&self) -> Option<Value> {
        self.home.run(&["copy", "--list", "--json"]).ends_with(0).json().as_array().unwrap().last().cloned()
    }

    pub fn count(&self, collection: &str) -> u64 {
        block_on(async {
            let database = QdrantEdge::create(&self.target).await.unwrap();
            let count = database.count(collection, None).await.map_or(0, |count| count.value);
            database.close().await;
            count
        })
    }

    /// Waits until the newest copy has written something.
    pub fn wait_for_writes(&self) -> String {
        let until = Instant::now() + Duration::from_secs(60);
        loop {
            if let Some(copy) = self.newest().filter(|copy| copy["done"].as_u64().unwrap_or(0) > 0) {
                return copy["id"].as_str().unwrap().to_owned();
            }
            assert!(Instant::now() < until, "nothing was written");
        }
    }
}

pub fn all(path: &Path, collection: &str) -> BTreeMap<RecordId, (String, Vec<u32>)> {
    block_on(async {
        let database = QdrantEdge::create(path).await.unwrap();
        let mut found = BTreeMap::new();
        let mut request = PageRequest { with_vectors: true, ..PageRequest::first(2_000) };
        loop {
            let page = database.page(collection, &request).await.unwrap();
            for record in page.records {
                let Some(Vector::Dense(values)) = record.vectors.unwrap().get("").cloned() else { panic!("no vector") };
                let bits = values.into_iter().map(f32::to_bits).collect();
                found.insert(record.id, (Value::Object(record.payload).to_string(), bits));
            }
            match page.next {
                Some(next) => request.cursor = Some(next),
                None => break,
            }
        }
        database.close().await;
        found
    })
}
