//! `config.toml` as the screen takes it.

use crate::pty::{DEADLINE, Start};

#[test]
fn an_unknown_option_is_told_with_its_line_and_exit_code_2() {
    let mut pty = Start::ours(&["demo"]).size(250, 10).config("mouse = false\ntheem = \"dark\"\n").spawn();
    assert_eq!(pty.wait_for_end(DEADLINE).exit_code(), 2);
    pty.wait_for_text("config.toml line 2: there is no option `theem`");
    assert!(!pty.bytes_written_since(0).contains(&0x1b), "the screen was not touched");
}

#[test]
fn a_key_that_conflicts_is_shown_with_its_line_and_the_rest_works() {
    let mut pty = Start::ours(&[]).size(250, 20).config("\n[keys.list]\n\"g\" = \"last\"\n").spawn();
    pty.wait_for_text("line 3: \"g\" conflicts with \"g g\"");
    pty.type_keys("q");
    assert_eq!(pty.wait_for_end(DEADLINE).exit_code(), 0);
}
