//! Text of a database never acts on the terminal.

use serde_json::json;
use vector_inspector::provider::Provider;
use vector_inspector::provider::model::{CollectionSpec, Metric, Record, Vectors};
use vector_inspector::provider::qdrant_edge::QdrantEdge;

use crate::pty::Start;

/// Each would do something if it reached a terminal as it is.
const HOSTILE: [(&str, &str); 7] = [
    ("title", "\x1b]0;owned\x07"),
    ("clipboard", "\x1b]52;c;b3duZWQ=\x1b\\"),
    ("wipe", "\x1b[2J\x1b[Hwiped"),
    ("leave", "\x1b[?1049l"),
    ("c1", "\u{9b}31mred\u{9d}0;owned\u{9c}"),
    ("bidi", "\u{202e}desrever\u{2066}\u{200f}"),
    ("controls", "bell\x07 back\x08\x08 line\r\n\tnext\x7f"),
];

/// What may never be written as it is. Escapes are looked at by what follows them: our own frames are
/// made of them.
const NEVER: [&str; 4] = ["\x1b]0;owned", "\x1b]52", "\x1b[?1049lX", "\x1b[2J\x1b[Hwiped"];

/// The name of a collection; the engine takes no control characters in it.
const NAME: &str = "evil\u{202e}eman\u{2066}";

/// Whether a terminal would obey, hide or reorder by it. Line ends are ours, too.
fn acts(c: char) -> bool {
    matches!(c, '\u{80}'..='\u{9f}' | '\x07' | '\x08' | '\x7f' | '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e0fff}')
}

/// An embedded database with one record, hostile in names and values.
async fn hostile_database(directory: &std::path::Path) {
    let database = QdrantEdge::create(directory).await.unwrap();
    database.create_collection(&CollectionSpec::dense(NAME, 2, Metric::Cosine)).await.unwrap();
    let mut payload = json!({ "plain": "harmless" }).as_object().unwrap().clone();
    for (name, text) in HOSTILE {
        // As a value and as a name.
        payload.insert(name.to_owned(), text.into());
        payload.insert(text.to_owned(), name.into());
    }
    let record = Record { id: 7_u64.into(), vectors: Some(Vectors::unnamed(vec![1.0, 0.0])), payload, text: None };
    database.upsert(NAME, vec![record]).await.unwrap();
    database.close().await;
}

/// Nothing hostile is in the bytes that went to the terminal, whole or in parts.
fn harmless(bytes: Vec<u8>) -> String {
    let written = String::from_utf8(bytes).unwrap();
    for (name, text) in HOSTILE.into_iter().chain([("name", NAME)]) {
        assert!(!written.contains(text), "{name}: {text:?} was written as it is");
    }
    for part in NEVER {
        assert!(!written.contains(part), "{part:?} was written");
    }
    if let Some(bad) = written.chars().find(|c| acts(*c)) {
        let at = written.find(bad).unwrap();
        let start = written[..at].char_indices().rev().nth(30).map_or(0, |(at, _)| at);
        panic!("U+{:04X} was written behind {:?}", bad as u32, &written[start..at]);
    }
    written
}

#[tokio::test]
async fn hostile_payloads_reach_the_terminal_only_as_visible_text() {
    let folder = tempfile::tempdir().unwrap();
    let directory = folder.path().join("vectors");
    hostile_database(&directory).await;

    let mut pty = Start::ours(&[directory.to_str().unwrap()]).size(300, 60).spawn();
    pty.wait_for_text("evil");
    pty.type_keys("j<enter>");
    pty.wait_for_text("1-1 of 1");
    // Names and values, each with something visible in the place of what would act.
    pty.wait_for_text("evil<U+202E>eman<U+2066>");
    pty.type_keys("<enter>");
    for shown in
        ["harmless", "␛]0;owned␇", "␛]52;c;", "<U+009B>31mred", "<U+202E>desrever<U+2066><U+200F>", "bell␇ back␈␈"]
    {
        pty.wait_for_text(shown);
    }
    // As JSON, too, where control characters are escaped but others are not; its first line is a brace.
    let mark = pty.bytes_written();
    pty.type_keys("v");
    pty.wait_for_text("\"plain\"");
    pty.wait_for_text("<U+202E>desrever");
    assert!(harmless(pty.bytes_written_since(mark)).contains("<U+202E>"), "{}", pty.contents());
    harmless(pty.bytes_written_since(0));
    pty.wait_for("the title is not theirs", |screen| screen.contents().contains("vector-inspector"));
}

#[tokio::test]
async fn commands_on_a_terminal_show_hostile_text_too() {
    let folder = tempfile::tempdir().unwrap();
    let directory = folder.path().join("vectors");
    hostile_database(&directory).await;
    let directory = directory.to_str().unwrap();
    for (arguments, shown) in [
        (vec!["collections", directory], "evil<U+202E>eman"),
        (vec!["records", directory, NAME], "<U+202E>desrever"),
        (vec!["records", directory, "no\u{202e}such"], "no\\u{202e}such"),
    ] {
        let mut pty = Start::ours(&arguments).size(300, 60).spawn();
        pty.wait_for_text(shown);
        pty.wait_for_end(crate::pty::DEADLINE);
        harmless(pty.bytes_written_since(0));
    }
}
