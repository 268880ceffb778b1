//! What the tests of the terminal start from: homes with a demo, and what must be undone at the end.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::pty::{DEADLINE, Pty, Start};

/// The collections of the demo, with their counts.
pub const COLLECTIONS: [(&str, &str); 4] =
    [("articles", "1,201"), ("characters", "1,635"), ("languages", "528"), ("places", "822")];

/// The demo as its first start has left it.
pub struct FirstStart {
    /// Its data directory.
    data: PathBuf,
    /// How long it took from the start to the collections.
    pub took: Duration,
}

/// Starts the demo for the first time, once for all tests, and leaves it.
pub fn first_start() -> &'static FirstStart {
    static FIRST: OnceLock<FirstStart> = OnceLock::new();
    FIRST.get_or_init(|| {
        let start = Instant::now();
        let mut pty = Start::ours(&["demo"]).spawn();
        shows_the_demo(&pty);
        let took = start.elapsed();
        pty.type_keys("q");
        assert_eq!(pty.wait_for_end(DEADLINE).exit_code(), 0);
        let data = Path::new(env!("CARGO_TARGET_TMPDIR")).join("demo-of-terminal-tests");
        let _ = fs::remove_dir_all(&data);
        copy(&pty.home.path().join("data"), &data);
        FirstStart { data, took }
    })
}

/// Waits for all collections of the demo and their counts.
#[track_caller]
pub fn shows_the_demo(pty: &Pty) {
    pty.wait_for("the collections of the demo with their counts", |screen| {
        let text = screen.contents();
        COLLECTIONS.iter().all(|(name, count)| text.lines().any(|line| line.contains(name) && line.contains(count)))
    });
}

/// A home in which the demo was made before.
pub fn home_with_demo() -> Arc<TempDir> {
    let home = tempfile::tempdir().unwrap();
    copy(&first_start().data, &home.path().join("data"));
    Arc::new(home)
}

/// The directory of the demo in a home.
pub fn demo_in(home: &TempDir) -> PathBuf {
    home.path().join("data/vector-inspector/demo")
}

/// The demo on the screen, ready for keys.
pub fn demo() -> Pty {
    demo_with(|start| start)
}

/// The same, started in another way.
pub fn demo_with(change: impl FnOnce(Start) -> Start) -> Pty {
    let pty = change(Start::ours(&["demo"]).home(&home_with_demo())).spawn();
    shows_the_demo(&pty);
    pty
}

/// The demo with its articles opened.
pub fn articles() -> Pty {
    articles_with(|start| start)
}

/// The same, started in another way.
pub fn articles_with(change: impl FnOnce(Start) -> Start) -> Pty {
    let mut pty = demo_with(change);
    pty.type_keys("j<enter>");
    pty.wait_for_text("Hydrogen (H) is chem");
    pty
}

/// That these bytes leave no mode of the terminal on which they have switched on.
#[track_caller]
pub fn assert_restored(written: &[u8]) {
    let text = String::from_utf8_lossy(written);
    let mut modes = BTreeMap::new();
    for sequence in text.split("\x1b[?").skip(1) {
        let end = sequence.find(|c: char| !c.is_ascii_digit() && c != ';').unwrap_or(sequence.len());
        let (numbers, rest) = sequence.split_at(end);
        if let Some(on @ ('h' | 'l')) = rest.chars().next() {
            modes.extend(numbers.split(';').map(|number| (number.to_owned(), on == 'h')));
        }
    }
    // 1049 alternate screen, 2004 paste, 1000/1002/1006 mouse: they were on, or this test is void.
    for used in ["1049", "2004", "1000", "1002", "1006"] {
        assert_eq!(modes.get(used), Some(&false), "mode {used} in {modes:?}; written: {text:?}");
    }
    assert_eq!(modes.remove("25"), Some(true), "the cursor is hidden; written: {text:?}");
    let left: Vec<_> = modes.iter().filter(|(_, on)| **on).collect();
    assert!(left.is_empty(), "modes left on: {left:?}; written: {text:?}");
    let last = graphics(&text).last().cloned();
    assert_eq!(last.as_deref(), Some("0"), "colors or attributes are left on; written: {text:?}");
}

/// The parameters of every SGR sequence, e.g. `38;5;6`.
pub fn graphics(written: &str) -> Vec<String> {
    let sequences = written.split("\x1b[").skip(1);
    let parameters = sequences.filter_map(|sequence| {
        let end = sequence.find(|c: char| !c.is_ascii_digit() && c != ';')?;
        sequence[end..].starts_with('m').then(|| sequence[..end].to_owned())
    });
    parameters.collect()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if entry.file_type().unwrap().is_dir() {
            copy(&from, &to);
        } else {
            fs::copy(from, to).unwrap();
        }
    }
}
