//! The doctor on directories: missing, a file, unreadable, another maker's, no database, open elsewhere.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use tempfile::TempDir;
use vector_inspector::doctor::here::Surroundings;
use vector_inspector::doctor::model::{Cause, StepKind};
use vector_inspector::doctor::{Patient, examine};
use vector_inspector::provider::qdrant_edge::QdrantEdge;
use vector_inspector::provider::{ConnectSpec, ProviderKind};

use crate::doctor::fails;

fn edge(path: &Path) -> ConnectSpec {
    ConnectSpec::directory(ProviderKind::QdrantEdge, path)
}

#[tokio::test]
async fn what_a_directory_is_not() {
    let folder = TempDir::new().unwrap();
    let here = Surroundings::here();
    let missing = folder.path().join("a/b");
    fails("missing", edge(&missing), &here, StepKind::Path, Cause::DirectoryMissing, "Correct the path").await;
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    fails("file", edge(&file), &here, StepKind::Path, Cause::NotADirectory, "Give the directory").await;
    let empty = folder.path().join("empty");
    fs::create_dir(&empty).unwrap();
    fails("empty", edge(&empty), &here, StepKind::Contents, Cause::NotADatabase, "Give the directory").await;
    let chroma = folder.path().join("chroma");
    fs::create_dir(&chroma).unwrap();
    fs::write(chroma.join("chroma.sqlite3"), "SQLite format 3\0").unwrap();
    fails("chroma", edge(&chroma), &here, StepKind::Contents, Cause::OtherMaker, "chroma-folder").await;
}

#[tokio::test]
async fn a_directory_that_may_not_be_read() {
    let folder = TempDir::new().unwrap();
    let closed = folder.path().join("closed");
    fs::create_dir(&closed).unwrap();
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).unwrap();
    // Root reads everything; it stumbles over a file in the middle of the path all the same.
    let (path, at) = match fs::read_dir(&closed) {
        Err(_) => (closed.clone(), StepKind::Access),
        Ok(_) => {
            fs::write(folder.path().join("file"), "").unwrap();
            (folder.path().join("file/below"), StepKind::Path)
        }
    };
    fails("closed", edge(&path), &Surroundings::here(), at, Cause::NotReadable, "chmod").await;
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o700)).unwrap();
}

#[tokio::test]
async fn a_directory_that_another_process_has_open() {
    let folder = TempDir::new().unwrap();
    drop(QdrantEdge::create(folder.path()).await.unwrap());
    let lock = fs::OpenOptions::new().read(true).write(true).open(folder.path().join("vector-inspector.lock")).unwrap();
    lock.lock().unwrap();
    let (here, at) = (Surroundings::here(), StepKind::Lock);
    fails("locked", edge(folder.path()), &here, at, Cause::LockedElsewhere, "Close the other program").await;
    lock.unlock().unwrap();
    let patient = Patient { spec: edge(folder.path()), ask: None, keyless: None };
    let steps = examine(patient, &here, |_| {}).await;
    assert_eq!(vector_inspector::doctor::model::verdict(&steps), None, "{steps:?}");
}
