//! The terminal lent to others: a shell after ctrl-z, the user's editor.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::pty::{DEADLINE, Start};
use crate::world::{articles_with, assert_restored, demo, home_with_demo, shows_the_demo};

#[test]
fn ctrl_z_gives_the_terminal_to_the_shell_and_fg_takes_it_again() {
    let shell = Start::program("bash", &["--norc", "--noprofile", "-i"]).variable("PS1", "ready> ");
    let mut pty = shell.home(&home_with_demo()).spawn();
    pty.wait_for_text("ready>");
    let start = pty.bytes_written();
    pty.type_keys(&format!("{} demo<enter>", env!("CARGO_BIN_EXE_vector-inspector")));
    shows_the_demo(&pty);

    let mark = pty.bytes_written();
    pty.type_keys("<ctrl-z>");
    pty.wait_for_bytes(mark, b"Stopped");
    // The shell's prompt behind it has modes of its own.
    let written = pty.bytes_written_since(start);
    let stopped = written.windows(7).position(|window| window == b"Stopped").unwrap();
    assert_restored(&written[..stopped]);

    let mark = pty.bytes_written();
    pty.type_keys("fg<enter>");
    pty.wait_for_bytes(mark, b"\x1b[?1049h");
    shows_the_demo(&pty);
    let mark = pty.bytes_written();
    pty.type_keys("q");
    pty.wait_for_bytes(mark, b"ready>");
}

#[test]
fn ctrl_z_without_a_shell_says_so_and_goes_on() {
    let mut pty = demo();
    pty.type_keys("<ctrl-z>");
    pty.wait_for_text("not suspended");
    pty.type_keys("q");
    assert_eq!(pty.wait_for_end(DEADLINE).exit_code(), 0);
}

#[test]
fn the_editor_has_the_record_the_screen_and_the_keys_and_the_program_comes_back() {
    let home = home_with_demo();
    let editor = home.path().join("editor.sh");
    let script = "#!/bin/sh\ncp \"$1\" \"$HOME/record\"\nstty -a > \"$HOME/stty\"\necho \"the editor has $1\"\nread -r keys\necho \"$keys\" > \"$HOME/keys\"\n";
    fs::write(&editor, script).unwrap();
    fs::set_permissions(&editor, fs::Permissions::from_mode(0o700)).unwrap();
    let mut pty = articles_with(|start| start.home(&home).variable("EDITOR", editor.to_str().unwrap()));

    let mark = pty.bytes_written();
    pty.type_keys("E");
    pty.wait_for_text("the editor has ");
    assert_restored(&pty.bytes_written_since(0));
    pty.type_keys("jjj<enter>");
    pty.wait_for_bytes(mark, b"\x1b[?1049h");
    pty.wait_for_text("Hydrogen (H)");

    let record: serde_json::Value = serde_json::from_slice(&fs::read(home.path().join("record")).unwrap()).unwrap();
    assert_eq!((&record["id"], &record["payload"]["title"]), (&1.into(), &"Hydrogen".into()));
    let stty = fs::read_to_string(home.path().join("stty")).unwrap();
    assert!(stty.contains(" icanon") && stty.contains(" echo "), "{stty}");
    assert_eq!(fs::read_to_string(home.path().join("keys")).unwrap(), "jjj\n");

    // The keys are ours again, and none of the editor's was taken for ours.
    pty.type_keys("<enter>");
    pty.wait_for_text("articles ▸ 1 ");
}
