//! Whatever ends the program, the terminal is as it was found.

use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::pty::{DEADLINE, Pty, Start};
use crate::world::{assert_restored, demo, home_with_demo};

/// Ends the demo by keys or a signal, and checks the exit code and the terminal.
#[track_caller]
fn ends(act: impl FnOnce(&mut Pty), code: u32) {
    let mut pty = demo();
    assert!(pty.is_raw());
    act(&mut pty);
    assert_eq!(pty.wait_for_end(DEADLINE).exit_code(), code);
    pty.wait_for_bytes(0, b"\x1b[?1049l");
    pty.wait_for_bytes(0, b"\x1b[?25h");
    assert_restored(&pty.bytes_written_since(0));
    assert_eq!(pty.modes(), pty.modes_before);
}

#[test]
fn q_ends_with_0() {
    ends(|pty| pty.type_keys("q"), 0);
}

#[test]
fn sigterm_ends_with_143() {
    ends(|pty| pty.signal(Signal::TERM), 143);
}

#[test]
fn sighup_ends_with_129() {
    ends(|pty| pty.signal(Signal::HUP), 129);
}

#[test]
fn sigint_ends_with_130() {
    ends(|pty| pty.signal(Signal::INT), 130);
}

#[test]
fn a_vanished_terminal_ends_the_program_within_two_seconds() {
    let mut pty = demo();
    pty.vanish();
    pty.wait_for_end(Duration::from_secs(2));
}

#[test]
fn a_vanished_terminal_is_noticed_without_sighup() {
    // SIGHUP goes to the leader of the session, the shell, and the shell does not pass it on.
    let program = env!("CARGO_BIN_EXE_vector-inspector");
    let script = format!("set -m; trap '' HUP; {program} demo & echo $! > pid; fg");
    let mut pty = Start::program("bash", &["--norc", "-c", &script]).home(&home_with_demo()).spawn();
    pty.wait_for_text("articles");
    let pid: i32 = std::fs::read_to_string(pty.home.path().join("pid")).unwrap().trim().parse().unwrap();
    let start = Instant::now();
    pty.vanish();
    while !matches!(Pty::state_of(pid), None | Some('Z')) {
        assert!(start.elapsed() < Duration::from_secs(2), "process {pid} is still there");
        // There is no condition to wait on for another's child; this only paces the looks at it.
        std::thread::sleep(Duration::from_millis(10));
    }
}
