//! What was open comes back at the next start: after an end, after a kill; not where it is not wanted.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::Arc;

use rustix::process::Signal;
use tempfile::TempDir;

use crate::pty::{DEADLINE, Pty, Start};
use crate::world::{home_with_demo, shows_the_demo};

fn file(home: &TempDir) -> PathBuf {
    home.path().join("state/vector-inspector/session.json")
}

/// The demo with `articles` in sight, filtered, in a home of its own.
fn busy() -> (Arc<TempDir>, Pty) {
    let home = home_with_demo();
    let mut pty = Start::ours(&["demo"]).home(&home).spawn();
    shows_the_demo(&pty);
    pty.type_keys("j<enter>");
    pty.wait_for_text("of 1,201 (exact)");
    pty.type_keys("/title = \"Lithium\"<enter>");
    pty.wait_for_text("Lithium");
    // Saved while it runs, so that a kill loses nothing.
    let path = file(&home);
    pty.wait_for("the filter in the saved session", |_| {
        fs::read_to_string(&path).is_ok_and(|text| text.contains("title = \\\"Lithium"))
    });
    (home, pty)
}

fn comes_back(home: &Arc<TempDir>) {
    let mut pty = Start::ours(&[]).home(home).spawn();
    pty.wait_for("the records as they were filtered", |screen| {
        let text = screen.contents();
        text.contains("title = \"Lithium") && text.contains("1-1 of 1")
    });
    leave(&mut pty);
}

/// Leaves, also where a list is still on its way.
fn leave(pty: &mut Pty) {
    pty.type_keys("q");
    pty.wait_for("the end, or a question", |screen| {
        let text = screen.contents();
        text.contains("Still running:") || !text.contains("vector-inspector")
    });
    if pty.contents().contains("Still running:") {
        pty.type_keys("y");
    }
    assert_eq!(pty.wait_for_end(DEADLINE).exit_code(), 0);
}

#[test]
fn what_was_open_comes_back_after_an_end_and_after_a_kill() {
    let (home, mut pty) = busy();
    pty.signal(Signal::KILL);
    pty.wait_for_end(DEADLINE);
    assert_eq!(fs::metadata(file(&home)).unwrap().permissions().mode() & 0o777, 0o600);
    comes_back(&home);
    comes_back(&home);
}

#[test]
fn nothing_comes_back_where_it_is_not_wanted() {
    let (home, mut pty) = busy();
    leave(&mut pty);
    let kept = fs::read(file(&home)).unwrap();
    let mut pty = Start::ours(&["--no-restore"]).home(&home).spawn();
    pty.wait_for_text("Welcome");
    leave(&mut pty);
    // Only this once: what was kept is there at the next start.
    assert_eq!(fs::read(file(&home)).unwrap(), kept);
    comes_back(&home);
}

#[test]
fn it_is_asked_whether_it_is_wanted_and_never_means_never() {
    let (home, mut pty) = busy();
    leave(&mut pty);
    let ask = || Start::ours(&[]).home(&home).config("restore = \"ask\"\n").spawn();
    let mut pty = ask();
    pty.wait_for_text("At the end of the last session");
    pty.type_keys("y");
    pty.wait_for_text("Lithium");
    leave(&mut pty);
    // Declined: a welcome, and nothing to ask for at the next start.
    let mut pty = ask();
    pty.wait_for_text("At the end of the last session");
    pty.type_keys("n");
    pty.wait_for_text("Welcome");
    leave(&mut pty);
    let mut pty = ask();
    pty.wait_for("a welcome without a question", |screen| {
        let text = screen.contents();
        text.contains("Welcome") && !text.contains("At the end of the last session")
    });
    leave(&mut pty);
    // With never nothing is opened, and what was kept is gone.
    assert!(file(&home).exists());
    let mut pty = Start::ours(&[]).home(&home).config("restore = \"never\"\n").spawn();
    pty.wait_for_text("Welcome");
    leave(&mut pty);
    assert!(!file(&home).exists());
}

#[test]
fn a_damaged_session_is_said_and_written_anew_and_a_newer_one_is_left_as_it_is() {
    let (home, mut pty) = busy();
    leave(&mut pty);
    fs::write(file(&home), "{\"version\": 1, \"conn").unwrap();
    let mut pty = Start::ours(&[]).home(&home).spawn();
    pty.wait_for_text("is damaged");
    leave(&mut pty);
    serde_json::from_str::<serde_json::Value>(&fs::read_to_string(file(&home)).unwrap()).unwrap();

    let newer = "{\"version\": 99, \"wonders\": []}";
    fs::write(file(&home), newer).unwrap();
    let mut pty = Start::ours(&[]).home(&home).spawn();
    pty.wait_for_text("newer version");
    leave(&mut pty);
    assert_eq!(fs::read_to_string(file(&home)).unwrap(), newer);
}
