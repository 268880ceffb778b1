//! Writing to a Chroma folder: the provider starts Chroma's program on it and stops it again. Reading is
//! the suite's on `chroma_folder`; here is what starting, stopping and dying mean.

use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;
use tempfile::TempDir;
use vector_inspector::provider::filter::Filter;
use vector_inspector::provider::model::{CollectionSpec, Metric};
use vector_inspector::provider::{
    Address, ConnectSpec, ErrorKind, Gate, Lock, Provider, ProviderError, ProviderKind, connect,
};

use crate::bench::{Bench, DIMENSION, dense, point, record};

/// The variable with Chroma's program, which is called as `PROGRAM run --path …`.
pub const PROGRAM: &str = "VECTOR_INSPECTOR_TEST_CHROMA_PROGRAM";
/// The longest that something may take that is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

crate::cases!(
    what_is_written_is_read_from_the_folder,
    a_filter_of_the_folder_is_that_of_the_evaluation,
    the_server_ends_with_the_connection,
    a_server_that_dies_is_told_and_reading_goes_on,
    a_folder_that_another_program_has_open_is_refused,
    a_read_only_profile_starts_nothing,
    a_program_that_is_not_there_or_ends_is_told,
);

fn program() -> String {
    std::env::var(PROGRAM).expect("given, or the case would not run")
}

pub fn spec(dir: &Path) -> ConnectSpec {
    let mut spec = ConnectSpec::directory(ProviderKind::ChromaFolder, dir);
    spec.options.insert("write".to_owned(), "serve".to_owned());
    spec.options.insert("program".to_owned(), program());
    // Beside a compiler and other servers that start.
    spec.timeouts.connect = PATIENCE;
    spec
}

/// A folder without collections, as Chroma itself makes it.
pub async fn folder() -> Result<TempDir, String> {
    let dir = TempDir::with_prefix("vector-inspector-contract-").map_err(|error| error.to_string())?;
    let port =
        std::net::TcpListener::bind(("127.0.0.1", 0)).and_then(|l| l.local_addr()).map_err(|e| e.to_string())?.port();
    let mut child = Command::new(program())
        .args(["run", "--host", "127.0.0.1", "--port", &port.to_string(), "--path"])
        .arg(dir.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| format!("{}: {error}", program()))?;
    let address = Address::Server { host: "127.0.0.1".to_owned(), port, tls: false };
    let begun = Instant::now();
    let answer = loop {
        match connect(&ConnectSpec::new(ProviderKind::Chroma, address.clone())).await {
            Err(_) if begun.elapsed() < PATIENCE => tokio::task::yield_now().await,
            answer => break answer.map(drop).map_err(|error| error.to_string()),
        }
    };
    let _ = child.kill();
    let _ = child.wait();
    answer.map(|()| dir)
}

async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < PATIENCE, "waited in vain until {what}");
        tokio::task::yield_now().await;
    }
}

/// The command line of the server on that folder, its shell aside.
fn server_on(dir: &Path) -> Option<(u32, Vec<String>)> {
    let dir = dir.canonicalize().unwrap();
    let words = |path: PathBuf| {
        let line = std::fs::read(path.join("cmdline")).ok()?;
        Some(line.split(|byte| *byte == 0).map(|word| String::from_utf8_lossy(word).into_owned()).collect::<Vec<_>>())
    };
    std::fs::read_dir("/proc").unwrap().flatten().find_map(|process| {
        let number = process.file_name().to_str()?.parse().ok()?;
        let words = words(process.path())?;
        let ours = words.iter().any(|word| Path::new(word) == dir) && !words.iter().any(|word| word.contains("guard"));
        ours.then_some((number, words))
    })
}

fn port_of(words: &[String]) -> SocketAddr {
    let at = words.iter().position(|word| word == "--port").unwrap();
    SocketAddr::from(([127, 0, 0, 1], words[at + 1].parse().unwrap()))
}

/// Another folder than the bench's, with its own server.
async fn another() -> (TempDir, Box<dyn Provider>) {
    let dir = folder().await.unwrap();
    let db = connect(&spec(dir.path())).await.unwrap();
    (dir, db)
}

async fn what_is_written_is_read_from_the_folder(bench: &Bench) {
    let can = bench.db.capabilities();
    assert!(can.write.is_yes() && can.max_batch.is_some() && can.exact_search.is_yes());
    let name = bench.filled(1_300).await;
    bench.db.delete(&name, &[bench.id(7), bench.id(1_250)]).await.unwrap();
    bench.put(&name, vec![record(bench.id(3), vec![9.0, 1.0, 0.5, 0.25], json!({ "new": true }))]).await;
    let found = bench.walk(&name, 400, true).await;
    assert_eq!(found.len(), 1_298);
    assert_eq!(bench.db.count(&name, None).await.unwrap().value, 1_298);
    let changed = found.iter().find(|record| record.id == bench.id(3)).unwrap();
    assert_eq!((dense(changed), &changed.payload["new"]), (&[9.0, 1.0, 0.5, 0.25][..], &json!(true)));
    bench.db.drop_collection(&name).await.unwrap();
    assert!(matches!(bench.db.count(&name, None).await, Err(ProviderError::NoSuchCollection { .. })));
}

/// The server would refuse it: the folder is asked.
async fn a_filter_of_the_folder_is_that_of_the_evaluation(bench: &Bench) {
    let name = bench.filled(50).await;
    let filter = Filter::parse("n < 7 and not even").unwrap();
    assert_eq!(bench.db.count(&name, Some(&filter)).await.unwrap().value, 3);
}

async fn the_server_ends_with_the_connection(_: &Bench) {
    let (dir, db) = another().await;
    let (_, words) = server_on(dir.path()).expect("a server on the folder");
    let at = |word: &str| words.iter().position(|known| known == word).unwrap();
    assert_eq!(words[at("--host") + 1], "127.0.0.1");
    TcpStream::connect(port_of(&words)).unwrap();
    drop(db);
    until("the server is gone", || server_on(dir.path()).is_none()).await;
    assert!(TcpStream::connect(port_of(&words)).is_err());
}

async fn a_server_that_dies_is_told_and_reading_goes_on(bench: &Bench) {
    let (dir, db) = another().await;
    let name = bench.name();
    db.create_collection(&CollectionSpec::dense(&name, DIMENSION, Metric::Euclidean)).await.unwrap();
    db.upsert(&name, vec![record("a".into(), point(1), json!({ "n": 1 }))]).await.unwrap();
    let (server, _) = server_on(dir.path()).unwrap();
    let killed = Command::new("kill").args(["-KILL", &server.to_string()]).status().unwrap();
    assert!(killed.success());
    until("the server is gone", || server_on(dir.path()).is_none()).await;
    let error = db.upsert(&name, vec![record("b".into(), point(2), json!({}))]).await.unwrap_err();
    assert!(matches!(error, ProviderError::HelperEnded { .. }), "{error}");
    assert!(error.to_string().contains("run, which was started on"), "{error}");
    let ping = db.ping().await.unwrap_err();
    assert_eq!(
        (matches!(ping, ProviderError::HelperEnded { .. }), ping.kind()),
        (true, ErrorKind::Unreachable),
        "{ping}"
    );
    assert_eq!(db.count(&name, None).await.unwrap().value, 1);
    // Opened again, it is written again.
    drop(db);
    let db = connect(&spec(dir.path())).await.unwrap();
    db.upsert(&name, vec![record("b".into(), point(2), json!({ "n": 2 }))]).await.unwrap();
    assert_eq!(db.count(&name, None).await.unwrap().value, 2);
}

async fn a_folder_that_another_program_has_open_is_refused(_: &Bench) {
    let (dir, db) = another().await;
    let second = connect(&spec(dir.path())).await.err().unwrap();
    assert!(matches!(second, ProviderError::Locked { .. }), "{second}");
    // Without writing it is read beside the server.
    connect(&ConnectSpec::directory(ProviderKind::ChromaFolder, dir.path())).await.unwrap().ping().await.unwrap();
    db.ping().await.unwrap();
}

async fn a_read_only_profile_starts_nothing(_: &Bench) {
    let dir = folder().await.unwrap();
    let read_only = ConnectSpec { gate: Gate::new(Some(Lock::Profile)), ..spec(dir.path()) };
    let without = ConnectSpec::directory(ProviderKind::ChromaFolder, dir.path());
    for spec in [read_only, without] {
        let db = connect(&spec).await.unwrap();
        assert!(!db.capabilities().write.is_yes());
        assert!(server_on(dir.path()).is_none());
        let error = db.drop_collection("x").await.unwrap_err();
        assert!(matches!(error, ProviderError::Unsupported { .. } | ProviderError::ReadOnly { .. }), "{error}");
    }
}

async fn a_program_that_is_not_there_or_ends_is_told(_: &Bench) {
    let dir = folder().await.unwrap();
    let mut spec = spec(dir.path());
    for program in ["/nowhere/chroma", "vi-test-no-such-chroma"] {
        spec.options.insert("program".to_owned(), program.to_owned());
        let error = connect(&spec).await.err().unwrap();
        assert!(matches!(error, ProviderError::BadRequest { .. }), "{error}");
        assert!(error.to_string().contains(program), "{error}");
    }
    let ends = dir.path().join("ends");
    std::fs::write(&ends, "#!/bin/sh\necho \"called with $1\"\necho 'no disk left' >&2\nexit 3\n").unwrap();
    assert!(Command::new("chmod").arg("+x").arg(&ends).status().unwrap().success());
    spec.options.insert("program".to_owned(), ends.display().to_string());
    let error = connect(&spec).await.err().unwrap();
    assert!(matches!(error, ProviderError::HelperEnded { .. }), "{error}");
    let said = error.to_string();
    assert!(said.contains("exit status: 3") && said.contains("no disk left"), "{said}");
}
