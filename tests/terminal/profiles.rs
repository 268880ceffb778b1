//! A profile from the form to the next start.

use vector_inspector::provider::ProviderKind;

use crate::pty::{DEADLINE, Pty, Start};
use crate::world::{demo_in, home_with_demo, shows_the_demo};

const PASSPHRASE: &str = "seven purple lanterns over the quiet harbour";

/// Fills the form for the demo's directory and saves; the question for a passphrase is next.
fn save_a_profile(pty: &mut Pty, directory: &str) {
    pty.wait_for_text("new profile");
    pty.type_keys("N");
    pty.wait_for_text("New profile");
    // Name; maker, some words to the right; address.
    let right = ProviderKind::ALL.iter().position(|kind| *kind == ProviderKind::QdrantEdge).unwrap();
    pty.type_keys(&format!("shelf<enter>{}<enter>{directory}<ctrl-s>", "<right>".repeat(right)));
    pty.wait_for_text("A passphrase for the new store");
}

/// Leaves the box with the recovery key, and checks that the profile is in the sidebar.
fn leave_the_recovery_key(pty: &mut Pty) {
    pty.wait_for_text("AGE-SECRET-KEY-1");
    pty.type_keys("<esc>");
    pty.wait_for("the profile in the sidebar", |screen| {
        let text = screen.contents();
        !text.contains("AGE-SECRET-KEY") && text.lines().any(|line| line.contains("○ shelf"))
    });
    pty.type_keys("q");
    assert_eq!(pty.wait_for_end(DEADLINE).exit_code(), 0);
}

#[test]
fn a_new_profile_is_saved_under_a_passphrase_and_opened_with_it() {
    let home = home_with_demo();
    let directory = demo_in(&home).display().to_string();
    let mut pty = Start::ours(&[]).home(&home).spawn();
    save_a_profile(&mut pty, &directory);
    pty.type_keys(&format!("{PASSPHRASE}<enter>"));
    pty.wait_for_text("again");
    pty.type_keys(&format!("{PASSPHRASE}<enter>"));
    leave_the_recovery_key(&mut pty);
    let written = String::from_utf8_lossy(&pty.bytes_written_since(0)).into_owned();
    assert!(!written.contains("lanterns"), "the passphrase was shown");

    let mut pty = Start::ours(&["shelf"]).home(&home).spawn();
    pty.wait_for_text("Passphrase of your profiles");
    pty.type_keys("a wrong one<enter>");
    pty.wait_for_text("wrong");
    pty.type_keys(&format!("{PASSPHRASE}<enter>"));
    shows_the_demo(&pty);
}

#[test]
fn at_a_terminal_a_profile_is_removed_after_a_question_or_with_yes() {
    let home = home_with_demo();
    let run = |words: &[&str], answer: Option<&str>| {
        let mut pty = Start::ours(words).home(&home).spawn();
        if let Some(answer) = answer {
            pty.wait_for_text("Remove the profile shelf (qdrant http://127.0.0.1:1)");
            pty.type_keys(answer);
        }
        pty.wait_for_end(DEADLINE).exit_code()
    };
    assert_eq!(run(&["profiles", "add", "shelf", "qdrant://127.0.0.1:1", "--key-file"], None), 0);
    assert_eq!(run(&["profiles", "remove", "shelf"], Some("<enter>")), 1);
    assert_eq!(run(&["profiles", "remove", "shelf"], Some("y<enter>")), 0, "it was still there");
    assert_eq!(run(&["profiles", "add", "shelf", "qdrant://127.0.0.1:1"], None), 0);
    assert_eq!(run(&["profiles", "remove", "shelf", "--yes"], None), 0);
}

#[test]
fn with_a_key_file_a_profile_opens_without_a_question() {
    let home = home_with_demo();
    let directory = demo_in(&home).display().to_string();
    let mut pty = Start::ours(&[]).home(&home).spawn();
    save_a_profile(&mut pty, &directory);
    pty.type_keys("<tab>");
    pty.wait_for_text("A key file for the new store");
    pty.type_keys("<enter>");
    leave_the_recovery_key(&mut pty);

    let pty = Start::ours(&["shelf"]).home(&home).spawn();
    shows_the_demo(&pty);
}
