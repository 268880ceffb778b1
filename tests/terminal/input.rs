//! What the terminal sends us.

use crate::pty::{DEADLINE, bytes_of};
use crate::world::{demo, shows_the_demo};

#[test]
fn any_size_down_to_one_by_one_is_survived_and_drawn_again() {
    let mut pty = demo();
    for (columns, rows) in [(80, 24), (40, 10), (39, 9), (5, 3), (2, 1), (1, 2), (1, 1)] {
        let mark = pty.bytes_written();
        pty.resize(columns, rows);
        // A frame ends with the end of its synchronised update.
        pty.wait_for_bytes(mark, b"\x1b[?2026l");
    }
    pty.resize(300, 100);
    pty.resize(120, 40);
    shows_the_demo(&pty);
    pty.wait_for("the last line", |screen| screen.contents().lines().last().is_some_and(|l| l.contains("open")));
    pty.type_keys("q");
    assert_eq!(pty.wait_for_end(DEADLINE).exit_code(), 0);
}

#[test]
fn a_paste_without_its_end_does_not_swallow_keys_for_ever() {
    let mut pty = demo();
    pty.type_keys(":");
    pty.wait_for_text("esc");
    pty.send(b"\x1b[200~never ended");
    // It counts as ended when it has been silent for a while.
    pty.wait_for_text("never ended");
    pty.type_keys("<esc>");
    pty.wait_for("no palette", |screen| !screen.contents().contains("never ended"));
    pty.type_keys("q");
    assert_eq!(pty.wait_for_end(DEADLINE).exit_code(), 0);
}

#[test]
fn a_mouse_report_with_an_impossible_place_is_harmless() {
    let mut pty = demo();
    pty.send(b"\x1b[<0;0;5M\x1b[<0;0;5m\x1b[<0;99999;99999M");
    pty.type_keys("q");
    assert_eq!(pty.wait_for_end(DEADLINE).exit_code(), 0);
}

#[test]
fn keys_are_translated_to_bytes() {
    assert_eq!(bytes_of("j<enter><ctrl-z><lt><up>ü"), b"j\r\x1a<\x1b[A\xc3\xbc");
}
