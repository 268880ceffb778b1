//! `copy` as a script sees it: the plan, the consent, the proof, ctrl-c, and kills at any moment.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::embedded::{World, all, number};
use crate::support::keys;

#[test]
fn nothing_is_written_before_the_plan_is_accepted_and_a_copy_proves_itself() {
    let world = World::new(300);
    let dry = world.home.run(&world.words("docs", &["--dry-run"])).ends_with(0);
    assert!(dry.out.contains("300") && dry.out.contains("ids      kept"), "{}", dry.out);
    let plan = world.home.run(&world.words("docs", &["--dry-run", "--json"])).ends_with(0).json();
    assert_eq!(
        keys(&plan),
        [
            "from",
            "to",
            "target",
            "records",
            "records_exact",
            "vectors",
            "ids",
            "text",
            "holds",
            "changes",
            "estimate",
            "wishes"
        ]
    );
    world.home.run(&world.words("docs", &[])).ends_with(2).says("nothing was written");
    let (source, target) = (world.source.to_str().unwrap(), world.target.to_str().unwrap());
    world.home.run(&["--read-only", "copy", source, "docs", target, "--yes"]).ends_with(2).says("--read-only");
    assert!(world.newest().is_none(), "a journal was begun");
    assert_eq!(world.count("docs"), 0);

    let map = world.home.path().join("map.jsonl");
    let more = ["--yes", "--json", "--id-map", map.to_str().unwrap()];
    let report = world.home.run(&world.words("docs", &more)).ends_with(0).json();
    assert_eq!(
        keys(&report),
        [
            "id",
            "folder",
            "from",
            "to",
            "verdict",
            "counts",
            "source_changed",
            "batches",
            "bytes",
            "seconds",
            "resumed",
            "resent",
            "checks",
            "differences",
            "different"
        ]
    );
    assert_eq!((report["verdict"].as_str(), report["counts"]["written"].as_u64()), (Some("verified"), Some(300)));
    assert_eq!(std::fs::read_to_string(map).unwrap().lines().count(), 300);
    let folder = Path::new(report["folder"].as_str().unwrap());
    assert!(std::fs::read_to_string(folder.join("report.txt")).unwrap().starts_with("copied and verified"));
    assert_eq!(all(&world.source, "docs"), all(&world.target, "docs"));

    world.home.run(&world.words("docs", &["--yes"])).ends_with(2).says("--into-existing");
    world.home.run(&world.words("docs", &["--yes", "--into-existing"])).ends_with(2).says("300 of the ids already");
    world.home.run(&["copy", source, "docs", source, "docs", "--yes"]).ends_with(2).says("both ends");
    world.home.run(&["copy", "--resume", "nobody"]).ends_with(2).says("no copy");
}

#[test]
fn a_new_database_is_made_by_its_own_command_and_copied_into() {
    let world = World::new(40);
    let new = world.home.path().join("data/new");
    let (source, new) = (world.source.to_str().unwrap(), new.to_str().unwrap());
    let hint = "`vector-inspector new DIR` makes an empty embedded database";
    world.home.run(&["copy", source, "docs", new, "docs", "--yes"]).ends_with(2).says(hint);
    world.home.run(&["--read-only", "new", new]).ends_with(2).says("--read-only");
    world.home.run(&["collections", new]).ends_with(2).says("does not exist");
    let made = world.home.run(&["new", new, "--json"]).ends_with(0).json();
    assert_eq!(made, json!({ "dir": new, "provider": "qdrant-edge" }));
    world.home.run(&["new", new]).ends_with(2).says("is a database already");
    world.home.run(&["copy", source, "docs", new, "docs", "--yes"]).ends_with(0);
    assert_eq!(all(&world.source, "docs"), all(Path::new(new), "docs"));
    let empty = world.home.path().join("empty");
    std::fs::create_dir(&empty).unwrap();
    world.home.run(&["collections", empty.to_str().unwrap()]).ends_with(2).says("is empty").says(hint);
    world.home.run(&["new", empty.to_str().unwrap()]).ends_with(0);
    world.home.run(&["collections", empty.to_str().unwrap()]).ends_with(0);
}

#[test]
fn the_database_of_a_read_only_profile_is_read_only_by_every_way_to_it() {
    let world = World::new(40);
    let (source, target) = (world.source.to_str().unwrap(), world.target.to_str().unwrap());
    let around = format!("{target}/../{}", world.target.file_name().unwrap().to_str().unwrap());
    let add = ["profiles", "add", "prod", target, "--environment", "production", "--key-file"];
    world.home.run(&add).ends_with(0);
    world.home.run(&["profiles", "add", "dev", &around]).ends_with(0);
    let why = "production is read-only: \"prod\" leads to the same database";
    for way in [target, &around, "dev"] {
        world
            .home
            .run(&["copy", source, "docs", way, "new", "--yes"])
            .ends_with(2)
            .says(why)
            .says("add --allow-production \"new\"");
        world.home.run(&["copy", source, way, "--all", "--yes"]).ends_with(2).says(why);
        world.home.run(&["compare", source, "docs", way, "docs", "--apply", "--yes"]).ends_with(2).says(why);
    }
    let named = ["copy", source, "docs", target, "new", "--yes", "--allow-production", "nwe"];
    world.home.run(&named).ends_with(2).says("names \"nwe\"; what is to be written to is \"new\"");
    world
        .home
        .run(&["copy", source, "docs", "prod", "new", "--yes"])
        .ends_with(2)
        .says("refused: production is read-only. ");
    // Reading asks nobody, and the name of the collection opens it as it does the profile.
    world.home.run(&["collections", target]).ends_with(0);
    world.home.run(&["copy", source, "docs", target, "new", "--yes", "--allow-production", "new"]).ends_with(0);
    // A store that nobody opens says nothing.
    let mut passwd = world.home.command(&["profiles", "passwd", "--new-passphrase-stdin"]);
    passwd.write_stdin("four words of mine\n").assert().success();
    world.home.run(&["copy", source, "docs", target, "more", "--yes"]).ends_with(0);
}

#[test]
fn the_demo_is_made_anew_neither_against_a_lock_nor_over_what_is_not_its_own_without_a_yes() {
    let world = World::new(3);
    let demo = world.home.path().join("demo");
    std::fs::rename(&world.source, &demo).unwrap();
    std::fs::write(demo.join("vector-inspector-demo"), "1\n").unwrap();
    let before = all(&demo, "docs");
    let refused = "demo: making it anew was refused: ";
    world.home.run(&["--read-only", "demo", "--reset", "--yes"]).ends_with(2).says(refused).says("--read-only");
    let asked = world.home.run(&["demo", "--reset"]).ends_with(2);
    asked.says("what is not its own and would be lost: docs.");
    let at = demo.to_str().unwrap();
    world.home.run(&["profiles", "add", "prod", at, "--environment", "production", "--key-file"]).ends_with(0);
    world.home.run(&["demo", "--reset", "--yes"]).ends_with(2).says(refused).says("\"prod\" leads to the same");
    assert_eq!(all(&demo, "docs"), before);
    world.home.run(&["profiles", "remove", "prod", "--yes"]).ends_with(0);
    // Without a terminal the screen does not open then; the demo is made.
    world.home.run(&["demo", "--reset", "--yes"]).ends_with(2).says("terminal");
    let names = world.home.run(&["collections", "demo", "--json"]).ends_with(0).json();
    assert!(names.as_array().unwrap().iter().all(|one| one["name"] != "docs"), "{names}");
}

#[test]
fn fields_and_filters_choose_what_is_copied() {
    let world = World::new(50);
    let more = [
        "--yes",
        "--json",
        "--filter",
        "n >= 40",
        "--without",
        "list",
        "--rename",
        "title=name",
        "--set",
        "from=\"here\"",
    ];
    let report = world.home.run(&world.words("some", &more)).ends_with(0).json();
    assert_eq!((report["verdict"].as_str(), report["counts"]["listed"].as_u64()), (Some("verified"), Some(10)));
    let (payload, _) = all(&world.target, "some").remove(&45_u64.into()).unwrap();
    assert_eq!(
        serde_json::from_str::<Value>(&payload).unwrap(),
        json!({ "n": 45, "name": "record 45", "from": "here" })
    );
    world.home.run(&world.words("x", &["--yes", "--set", "a=x"])).ends_with(2).says("is no JSON");
    world.home.run(&world.words("x", &["--yes", "--filter", "n >="])).ends_with(2).says("filter");
}

#[test]
fn what_cannot_be_is_said_before_anything_is_written() {
    let world = World::new(20);
    let bad = world.home.path().join("nowhere/map.jsonl");
    world
        .home
        .run(&world.words("x", &["--yes", "--id-map", bad.to_str().unwrap()]))
        .ends_with(2)
        .says("could not be written");
    for wrong in [["--set", "=1"], ["--rename", "title="], ["--batch", "0"]] {
        world.home.run(&world.words("x", &["--yes", wrong[0], wrong[1]])).ends_with(2);
    }
    let none = ["--yes", "--filter", "id <= 5000"];
    let said = world.home.run(&world.words("x", &none)).ends_with(1).says("selects");
    assert!(said.out.contains("lost     the filter"), "{}", said.out);
    // The plan says already that the target does not make such a collection.
    for more in ["--dry-run", "--yes"] {
        world.home.run(&world.words(".x", &[more])).ends_with(2).says("cannot name a collection here");
    }
    let typed = world.home.run(&world.words("x", &["--dry-run", "--fields", "nope"])).ends_with(0);
    assert!(typed.out.contains("named fields \"nope\" (none of 20 sampled)"), "{}", typed.out);
    assert!(typed.out.contains("lost     all other fields (20 of 20 sampled)"), "{}", typed.out);
    // A variable of a script that is empty is no wish for all fields.
    for flag in ["fields", "without", "metric"] {
        let flag = format!("--{flag}");
        let said = format!("{flag} needs a value");
        world.home.run(&world.words("x", &["--dry-run", &flag, ""])).ends_with(2).says(&said);
    }
    assert!(world.newest().is_none(), "a journal was begun");
    assert_eq!(
        world.home.run(&["collections", world.target.to_str().unwrap(), "--json"]).ends_with(0).json(),
        json!([])
    );
}

#[test]
fn a_verified_copy_is_told_again_without_its_databases() {
    let world = World::new(20);
    let report = world.home.run(&world.words("docs", &["--yes", "--json"])).ends_with(0).json();
    let id = report["id"].as_str().unwrap();
    std::fs::remove_dir_all(&world.target).unwrap();
    let again = world.home.run(&["copy", "--resume", id, "--json"]).ends_with(0).says("nothing to go on with");
    assert_eq!(again.json(), report);
    world.home.run(&["copy", "--forget", "nobody"]).ends_with(2).says("there is no copy \"nobody\"");
    world.home.run(&["copy", "--forget", id]).ends_with(0).says("is off the list");
    assert!(world.newest().is_none());
    world.home.run(&["copy", "--resume", id]).ends_with(2).says("there is no copy");
}

#[test]
fn an_interrupt_ends_it_behind_a_whole_batch_and_a_resume_goes_on() {
    let world = World::new(2_000);
    let mut child = world.start(&world.words("docs", &["--yes", "--batch", "20", "--rate", "200"]));
    let id = world.wait_for_writes();
    let pid = rustix::process::Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(5));
    let done = world.newest().unwrap()["done"].as_u64().unwrap();
    assert!(done < 2_000 && done == world.count("docs"), "{done} are journalled, {} written", world.count("docs"));
    let report = world.home.run(&["copy", "--resume", &id, "--json", "--rate", "100000"]).ends_with(0).json();
    assert_eq!((report["verdict"].as_str(), report["resumed"].as_u64()), (Some("verified"), Some(1)));
    assert_eq!(all(&world.source, "docs"), all(&world.target, "docs"));
}

#[test]
fn killed_at_random_moments_it_skips_and_doubles_nothing() {
    const BATCH: u64 = 50;
    let kills = number("VECTOR_INSPECTOR_TEST_KILLS", 12);
    let world = World::new(number("VECTOR_INSPECTOR_TEST_KILL_RECORDS", 4_000));
    let batch = BATCH.to_string();
    let (mut killed, mut copies, mut resent) = (0, 0, 0);
    while killed < kills {
        copies += 1;
        let (killed_before, mut half_written) = (killed, false);
        let to = format!("docs{copies}");
        let mut words: Vec<String> =
            world.words(&to, &["--yes", "--batch", &batch]).into_iter().map(str::to_owned).collect();
        loop {
            let given: Vec<&str> = words.iter().map(String::as_str).collect();
            let moment = Instant::now() + Duration::from_millis(fastrand::u64(0..2_500));
            let (status, was_killed) = world.killed(&given, || Instant::now() >= moment, killed < kills);
            killed += u64::from(was_killed);
            let newest = world.newest().filter(|copy| copy["to"].as_str().unwrap().ends_with(&format!(" {to}")));
            if let Some(copy) = &newest {
                let (done, there) = (copy["done"].as_u64().unwrap(), world.count(&to));
                assert!((done..=done + BATCH).contains(&there), "{done} are journalled, {there} written");
                // These will be written again.
                half_written |= there > done && copy["verdict"].is_null();
                words = ["copy", "--resume", copy["id"].as_str().unwrap()].map(str::to_owned).to_vec();
            }
            if status.success() {
                break;
            }
        }
        let copy = world.newest().unwrap();
        assert_eq!(copy["verdict"], "verified", "{copy}");
        assert_eq!(all(&world.source, "docs"), all(&world.target, &to), "copy {copies}");
        // Nothing is left to be written: this only tells the report anew.
        let id = copy["id"].as_str().unwrap();
        let report = world.home.run(&["copy", "--resume", id, "--verify", "counts", "--json"]).ends_with(0).json();
        let (again, here) = (report["resent"].as_u64().unwrap(), killed - killed_before);
        assert!(again <= here * BATCH, "{here} kills of copy {copies}, {again} records sent again");
        assert!(again > 0 || !half_written, "what was written and not journalled was sent again: {report}");
        resent += again;
    }
    assert!(resent <= killed * BATCH, "{killed} kills in {copies} copies, {resent} records sent again");
}
