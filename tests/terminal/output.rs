//! What we send to the terminal.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::world::{articles, articles_with, demo, graphics};

/// The text of the last OSC 52 sequence after the mark.
fn copied(pty: &crate::pty::Pty, mark: usize) -> String {
    pty.wait_for_bytes(mark, b"\x1b\\");
    let written = String::from_utf8_lossy(&pty.bytes_written_since(mark)).into_owned();
    let start = written.rfind("\x1b]52;c;").expect("OSC 52") + 7;
    let end = start + written[start..].find("\x1b\\").unwrap();
    String::from_utf8(base64(&written[start..end])).unwrap()
}

fn base64(text: &str) -> Vec<u8> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digits: Vec<_> = text
        .bytes()
        .filter(|&byte| byte != b'=')
        .map(|byte| ALPHABET.iter().position(|&digit| digit == byte).expect("a digit of base64"))
        .collect();
    digits
        .chunks(4)
        .flat_map(|chunk| {
            let bits = chunk.iter().fold(0, |bits, digit| bits << 6 | digit) << (6 * (4 - chunk.len()));
            (0..chunk.len() - 1).map(move |at| u8::try_from(bits >> (16 - 8 * at) & 0xff).unwrap())
        })
        .collect()
}

#[test]
fn copying_sends_osc_52_with_the_id_the_cell_and_the_record() {
    let mut pty = articles();
    pty.type_keys("j");
    let mut copy = |key| {
        let mark = pty.bytes_written();
        pty.type_keys(key);
        copied(&pty, mark)
    };
    assert_eq!(copy("<ctrl-y>"), "2");
    let record: serde_json::Value = serde_json::from_str(&copy("Y")).unwrap();
    assert_eq!((&record["id"], &record["payload"]["title"]), (&2.into(), &"Helium".into()));
    // The first column beside the id, which stays in sight.
    assert_eq!(copy("y"), "Helium");
    assert!(copy("ly").starts_with("Helium (He) is chemical element"));
}

/// All that was written so far; what comes next may be in the middle of a letter.
fn written(pty: &crate::pty::Pty) -> String {
    String::from_utf8_lossy(&pty.bytes_written_since(0)).into_owned()
}

/// What sets attributes and colors, number by number, of which the colors.
fn numbers_and_colors(written: &str) -> (BTreeSet<u16>, Vec<u16>) {
    let sequences = graphics(written);
    let numbers: BTreeSet<u16> =
        sequences.iter().flat_map(|s| s.split(';').map(|number| number.parse().unwrap_or_default())).collect();
    // 39 and 49 are the terminal's own colors.
    let is_color = |n: &u16| matches!(n, 30..=38 | 40..=48 | 58 | 90..=97 | 100..=107);
    let colors = numbers.iter().copied().filter(is_color).collect();
    (numbers, colors)
}

#[test]
fn no_color_writes_no_colors_but_bold_and_reverse() {
    let pty = articles_with(|start| start.variable("NO_COLOR", "1"));
    let written = written(&pty);
    let (numbers, colors) = numbers_and_colors(&written);
    assert!(colors.is_empty(), "{colors:?}");
    assert!(numbers.contains(&1) && numbers.contains(&7), "{numbers:?}");
    assert!(!written.contains("\x1b[;m"), "crossterm's own answer to NO_COLOR, which wipes bold and reverse");
}

#[test]
fn there_are_colors_without_no_color() {
    let pty = articles_with(|start| start.variable("NO_COLOR", ""));
    let written = written(&pty);
    assert!(!numbers_and_colors(&written).1.is_empty());
}

#[test]
fn with_ascii_glyphs_nothing_else_is_written() {
    let pty = articles_with(|start| start.config("glyphs = \"ascii\"\n"));
    let written = pty.bytes_written_since(0);
    assert!(written.is_ascii(), "{:?}", String::from_utf8_lossy(&written));
    pty.wait_for("the sign of health and a cut text", |screen| {
        let text = screen.contents();
        text.contains("1 * demo") && text.contains('~')
    });
}

#[test]
fn an_idle_screen_writes_nothing() {
    let pty = demo();
    pty.wait_for_silence(Duration::from_millis(1500));
}
