//! From the start to the first records.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Instant, SystemTime};

use crate::pty::{DEADLINE, Start};
use crate::world::{articles, demo_in, first_start, home_with_demo, shows_the_demo};

#[test]
fn the_demo_shows_its_collections_and_opens_at_once_the_second_time() {
    let first = first_start().took;
    let home = home_with_demo();
    let made = newest(&demo_in(&home).join("vector-inspector-demo"));
    let start = Instant::now();
    let mut pty = Start::ours(&["demo"]).home(&home).spawn();
    shows_the_demo(&pty);
    let second = start.elapsed();
    assert!(second < first, "the second start took {second:?}, the first {first:?}");
    assert_eq!(newest(&demo_in(&home).join("vector-inspector-demo")), made, "the demo was made again");
    pty.type_keys("q");
    assert_eq!(pty.wait_for_end(DEADLINE).exit_code(), 0);
}

fn newest(path: &Path) -> SystemTime {
    fs::metadata(path).unwrap().modified().unwrap()
}

#[test]
fn enter_opens_a_collection_and_then_a_record() {
    let mut pty = articles();
    pty.wait_for_text("of 1,201 (exact)");
    pty.type_keys("jj<enter>");
    // The third record, all of it.
    pty.wait_for("the record of Lithium", |screen| {
        let text = screen.contents();
        text.contains("articles ▸ 3") && text.contains("periodictable") && text.contains("alkali metal")
    });
    pty.type_keys("<esc>");
    pty.wait_for_text("of 1,201 (exact)");
}

#[test]
fn without_a_terminal_one_sentence_and_exit_code_2() {
    let home = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_vector-inspector"))
        .arg("demo")
        .env("HOME", home.path())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let message = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{message}");
    assert!(message.contains("needs a terminal, and standard input is none"), "{message}");
    assert!(!message.contains('\x1b') && output.stdout.is_empty());
}
