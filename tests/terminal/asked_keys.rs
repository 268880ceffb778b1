//! A key that is asked for each time: typed on the terminal, seen nowhere, taken by the server.

use std::sync::Arc;

use tokio::runtime::{Builder, Runtime};

use crate::fake_qdrant::{Fake, Running};
use crate::pty::{DEADLINE, Pty, Start};

const KEY: &str = "canary-typed-key";

fn server() -> (Running, Runtime) {
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    (runtime.block_on(Fake::with_key(KEY).serve()), runtime)
}

/// A home with a profile for that server.
fn home_with_profile(server: &Running) -> Arc<tempfile::TempDir> {
    let home = Arc::new(tempfile::tempdir().unwrap());
    let url = format!("qdrant://{}", server.address);
    let words = ["profiles", "add", "mine", &url, "--secret-ask", "--key-file"];
    let mut add = Start::ours(&words).home(&home).spawn();
    assert_eq!(add.wait_for_end(DEADLINE).exit_code(), 0);
    home
}

#[track_caller]
fn shows_no_key(pty: &Pty) {
    let written = String::from_utf8_lossy(&pty.bytes_written_since(0)).into_owned();
    assert!(!written.contains("canary"), "the key was shown: {written}");
}

#[test]
fn a_command_asks_for_the_key_without_showing_it() {
    let (server, _runtime) = server();
    let home = home_with_profile(&server);
    for (typed, code) in [(KEY, 0), ("canary-wrong", 3)] {
        let mut pty = Start::ours(&["ping", "mine"]).home(&home).spawn();
        pty.wait_for_text("Key of mine (");
        pty.type_keys(&format!("{typed}<enter>"));
        assert_eq!(pty.wait_for_end(DEADLINE).exit_code(), code);
        shows_no_key(&pty);
    }
}

#[test]
fn the_screen_asks_for_the_key_again_when_it_is_refused_and_keeps_it_nowhere() {
    let (server, _runtime) = server();
    let home = home_with_profile(&server);
    let mut pty = Start::ours(&["mine"]).home(&home).spawn();
    pty.wait_for_text("Key of the connection");
    pty.type_keys("canary-wrong<enter>");
    pty.wait_for_text("refused the key");
    pty.type_keys(&format!("{KEY}<enter>"));
    pty.wait_for("a connection without collections", |screen| {
        let text = screen.contents();
        !text.contains("Key of the connection") && text.contains("no collections")
    });
    shows_no_key(&pty);
    pty.type_keys("q");
    assert_eq!(pty.wait_for_end(DEADLINE).exit_code(), 0);
    for file in walk(home.path()) {
        let bytes = std::fs::read(&file).unwrap();
        assert!(!bytes.windows(6).any(|window| window == b"canary"), "{}", file.display());
    }
    // The next start asks again.
    let pty = Start::ours(&["mine"]).home(&home).spawn();
    pty.wait_for_text("Key of the connection");
}

fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files.extend(walk(&path)) } else { files.push(path) }
    }
    files
}
