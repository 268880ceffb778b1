//! `backup`, `restore` and `copy --all` as a script sees them: the proof, damage, and kills at any moment.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Instant, SystemTime};

use serde_json::json;
use vector_inspector::provider::Provider;
use vector_inspector::provider::model::{CollectionSpec, Metric};
use vector_inspector::provider::qdrant_edge::QdrantEdge;

use crate::embedded::{World, all, block_on, number, record};
use crate::support::keys;

/// A world whose source has a second collection, `notes`.
fn world_of_two(records: u64) -> World {
    let world = World::new(records);
    block_on(async {
        let database = QdrantEdge::create(&world.source).await.unwrap();
        database.create_collection(&CollectionSpec::dense("notes", 8, Metric::Cosine)).await.unwrap();
        database.upsert("notes", (0..20).map(record).collect()).await.unwrap();
        database.close().await;
    });
    world
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// The files of a backup that are whole, and when each was written.
fn parts(dir: &Path) -> BTreeMap<PathBuf, SystemTime> {
    let files = fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path());
    let parts = files.filter(|path| path.extension().is_some_and(|ends| ends == "parquet"));
    parts.map(|path| (path.clone(), fs::metadata(path).unwrap().modified().unwrap())).collect()
}

#[test]
fn a_backup_is_proved_opened_like_a_database_and_brought_back() {
    let world = world_of_two(300);
    let (dir, home) = (world.home.path().join("backup"), &world.home);
    let (source, target, dir) = (text(&world.source), text(&world.target), text(&dir));
    let report = home.run(&["backup", source, dir, "--json"]).ends_with(0).json();
    assert_eq!(keys(&report), ["dir", "source", "resumed", "collections"]);
    let docs = &report["collections"][0];
    assert_eq!(keys(docs), ["name", "records", "vanished", "files", "bytes", "digest", "proof"]);
    assert_eq!(docs["proof"], json!({ "records": 300, "equal": 300, "different": 0, "moved": false }));
    assert_eq!(report["collections"][1]["proof"]["equal"], 20);
    home.run(&["backup", source, dir]).ends_with(2).says("holds a whole backup");

    let listed = home.run(&["collections", dir, "--json"]).ends_with(0).json();
    assert_eq!((&listed[0]["name"], &listed[1]["name"]), (&json!("docs"), &json!("notes")));
    home.run(&["compare", source, "docs", dir, "docs", "--only", "content"]).ends_with(0);
    let checked = home.run(&["restore", dir, "--check", "--json"]).ends_with(0).json();
    assert_eq!((checked["files"].as_u64(), checked["dir"].as_str()), (Some(3), Some(dir)));

    home.run(&["restore", dir, target, "--dry-run"]).ends_with(0);
    assert_eq!(home.run(&["collections", target, "--json"]).ends_with(0).json(), json!([]));
    let restored = home.run(&["restore", dir, target, "--yes", "--json"]).ends_with(0).json();
    assert_eq!((&restored["well"], &restored["of"]), (&json!(2), &json!(2)));
    for collection in ["docs", "notes"] {
        assert_eq!(all(&world.source, collection), all(&world.target, collection));
    }
}

#[test]
fn a_backup_that_was_not_proved_is_proved_by_the_same_command() {
    let world = World::new(50);
    let (dir, home) = (world.home.path().join("backup"), &world.home);
    let (source, dir) = (text(&world.source), text(&dir));
    home.run(&["backup", source, dir, "--verify", "none"]).ends_with(0);
    let checked = home.run(&["restore", dir, "--check", "--json"]).ends_with(0).says("never found").json();
    assert_eq!(checked["proved"], json!(false));
    // It would write nothing, and nobody would prove: a script is not to take that for a new backup.
    home.run(&["backup", source, dir, "--verify", "none"]).ends_with(2).says("holds a whole backup");
    let proved = home.run(&["backup", source, dir, "--json"]).ends_with(0).json();
    assert_eq!(proved["collections"][0]["proof"]["equal"], 50);
    assert_eq!(home.run(&["restore", dir, "--check", "--json"]).ends_with(0).json()["proved"], json!(true));
    home.run(&["backup", source, dir]).ends_with(2).says("holds a whole backup");
}

#[test]
fn a_backup_of_some_collections_is_not_taken_for_one_of_the_whole_database() {
    let world = world_of_two(50);
    let (dir, home) = (world.home.path().join("backup"), &world.home);
    let (source, target, dir) = (text(&world.source), text(&world.target), text(&dir));
    home.run(&["backup", source, dir, "--collection", "notes", "--verify", "none"]).ends_with(0);
    home.run(&["backup", source, dir]).ends_with(2).says("it lacks docs");
    // By another way to the same database, too.
    let around = format!("{source}/../source");
    home.run(&["backup", &around, dir]).ends_with(2).says("it lacks docs");
    let proved = home.run(&["backup", &around, dir, "--collection", "notes", "--json"]).ends_with(0).json();
    assert_eq!((proved["resumed"].as_bool(), proved["collections"].as_array().unwrap().len()), (Some(true), 1));
    // A metric is for those that have none of their own.
    let plans = home.run(&["restore", dir, target, "--metric", "dot", "--dry-run", "--json"]).ends_with(0).json();
    assert_eq!(plans[0]["vectors"][0]["metric"], "cosine");
    home.run(&["restore", dir, target, "--metric", "", "--dry-run"]).ends_with(2).says("--metric needs a value");
}

#[test]
fn a_damaged_backup_is_named_before_anything_is_written() {
    let world = World::new(50);
    let (path, home) = (world.home.path().join("backup"), &world.home);
    let (source, target, dir) = (text(&world.source), text(&world.target), text(&path));
    home.run(&["backup", source, dir]).ends_with(0);
    let part = parts(&path).into_keys().next().unwrap();
    let mut bytes = fs::read(&part).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&part, bytes).unwrap();
    let name = part.file_name().unwrap().to_str().unwrap();
    home.run(&["restore", dir, "--check"]).ends_with(4).says(name);
    home.run(&["restore", dir, target, "--yes"]).ends_with(4).says(name);
    // Whoever reads it is told, not only who brings it back.
    home.run(&["copy", dir, "docs", target, "docs", "--yes"]).ends_with(4).says(name);
    home.run(&["copy", dir, target, "--collection", "docs", "--yes"]).ends_with(4).says(name);
    home.run(&["compare", source, "docs", dir, "docs", "--only", "content"]).ends_with(4).says(name);
    home.run(&["records", dir, "docs"]).ends_with(4).says(name);
    assert_eq!(home.run(&["collections", target, "--json"]).ends_with(0).json(), json!([]));
}

#[test]
fn all_collections_are_copied_as_one_and_each_is_proved() {
    let world = world_of_two(100);
    let home = &world.home;
    let (source, target) = (text(&world.source), text(&world.target));
    let report = home.run(&["copy", source, target, "--all", "--yes", "--json"]).ends_with(0).json();
    assert_eq!((&report["well"], &report["of"]), (&json!(2), &json!(2)));
    for collection in ["docs", "notes"] {
        assert_eq!(all(&world.source, collection), all(&world.target, collection));
    }
    // Not one is written where one cannot be.
    home.run(&["copy", source, target, "--all", "--yes"]).ends_with(2).says("docs").says("notes");
    for copied in report["collections"].as_array().unwrap() {
        fs::remove_dir_all(copied["folder"].as_str().unwrap()).unwrap();
    }
    home.run(&["copy", "--resume", report["id"].as_str().unwrap()]).ends_with(1).says("nothing is left of the copies");
}

#[test]
fn killed_at_random_moments_a_backup_is_never_taken_for_a_whole_one() {
    let kills = number("VECTOR_INSPECTOR_TEST_KILLS", 12);
    let world = World::new(number("VECTOR_INSPECTOR_TEST_KILL_RECORDS", 4_000) * 4);
    let (first, home) = (world.home.path().join("first"), &world.home);
    let begun = Instant::now();
    home.run(&["backup", text(&world.source), text(&first), "--part-size", "1"]).ends_with(0);
    let took = begun.elapsed();
    let (mut killed, mut backups, mut resumed) = (0, 0, 0);
    while killed < kills {
        backups += 1;
        let path = world.home.path().join(format!("backup{backups}"));
        let dir = text(&path);
        let words = ["backup", text(&world.source), dir, "--part-size", "1"];
        let mut whole = BTreeMap::new();
        loop {
            // Every other one in the middle of the files, however fast the machine is just then.
            let (moment, in_the_middle) = (Instant::now() + took.mul_f64(fastrand::f64()), killed % 2 == 0);
            let is_due = || match in_the_middle {
                true => parts(&path).len() > whole.len(),
                false => Instant::now() >= moment,
            };
            killed += u64::from(world.killed(&words, is_due, killed < kills).1);
            let now = parts(&path);
            // The last one may be whole and not yet noted.
            let anew = whole.iter().filter(|(part, written)| now.get(*part) != Some(written)).count();
            assert!(anew <= 1, "{anew} whole files were written anew");
            resumed += usize::from(!whole.is_empty() && now.len() > whole.len());
            whole = now;
            if path.join("manifest.json").exists() {
                home.run(&["restore", dir, "--check"]).ends_with(0);
                if !path.join("unfinished/state.json").exists() {
                    break;
                }
            } else if path.join("unfinished").exists() {
                home.run(&["restore", dir, "--check"]).ends_with(4).says("interrupted");
            }
        }
        home.run(&["compare", text(&world.source), "docs", dir, "docs", "--only", "content"]).ends_with(0);
    }
    assert!(resumed > 0, "of {killed} kills none was in the middle of the files");
}
