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

#[tokio::test]
async fn hostile_payloads_reach_the_terminal_only_as_visible_text() {
    let folder = tempfile::tempdir().unwrap();
    let directory = folder.path().join("vectors");
    let database = QdrantEdge::create(&directory).await.unwrap();
    database.create_collection(&CollectionSpec::dense("evil", 2, Metric::Cosine)).await.unwrap();
    let mut payload = json!({ "plain": "harmless" }).as_object().unwrap().clone();
    for (name, text) in HOSTILE {
        // As a value and as a name.
        payload.insert(name.to_owned(), text.into());
        payload.insert(text.to_owned(), name.into());
    }
    let record = Record { id: 7_u64.into(), vectors: Some(Vectors::unnamed(vec![1.0, 0.0])), payload, text: None };
    database.upsert("evil", vec![record]).await.unwrap();
    database.close().await;

    let mut pty = Start::ours(&[directory.to_str().unwrap()]).size(300, 60).spawn();
    pty.wait_for_text("evil");
    pty.type_keys("j<enter>");
    pty.wait_for_text("1-1 of 1");
    pty.type_keys("<enter>");
    pty.wait_for_text("harmless");
    // As JSON, too; its first line is a brace.
    pty.type_keys("v");
    pty.wait_for_text("\"plain\"");

    // Shown, with something visible in the place of what would act.
    pty.wait_for_text("desrever");
    let written = String::from_utf8(pty.bytes_written_since(0)).unwrap();
    assert!(written.contains("␛]0;owned") && written.contains("<U+202E>desrever"), "{}", pty.contents());
    for (name, text) in HOSTILE {
        assert!(!written.contains(text), "{name}: {text:?} was written as it is");
    }
    // Nor in parts: what these begin with is never ours.
    for part in ["\x1b]", "\x1b[?1049l", "\u{9b}", "\u{9d}", "\u{202e}", "\u{2066}", "\u{200f}", "\x07", "\x08", "\x7f"]
    {
        assert!(!written.contains(part), "{part:?} was written");
    }
    pty.wait_for("the title is not theirs", |screen| screen.contents().contains("vector-inspector"));
}
