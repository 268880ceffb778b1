#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::prelude::*;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::*;

fn safe(text: &str) -> String {
    SafeText::new(text).as_str().to_owned()
}

/// Columns that ratatui moves on when it draws the text.
fn drawn_columns(text: &str) -> usize {
    let mut buffer = Buffer::empty(Rect::new(0, 0, 2000, 1));
    usize::from(buffer.set_stringn(0, 0, text, 2000, Style::default()).0)
}

#[test]
fn clean_text_is_borrowed() {
    for text in ["", "plain", "grün 日本語 🦀 ❤\u{fe0f} e\u{301} <U+202E>", "हिंदी"] {
        let made = SafeText::new(text);
        assert!(matches!(made.text, Cow::Borrowed(_)), "{text:?} became {made:?}");
        assert_eq!(made.as_str(), text);
        assert_eq!(made.width(), drawn_columns(text), "{text:?}");
    }
}

#[test]
fn controls_become_visible() {
    assert_eq!(safe("a\tb"), "a⇥b");
    assert_eq!(safe("a\r\nb"), "a␍⏎b");
    assert_eq!(safe("\x1b[31m"), "␛[31m");
    assert_eq!(safe("\x1b]52;c;aGk=\x07"), "␛]52;c;aGk=␇");
    assert_eq!(safe("\0\x7f\u{85}\u{9b}"), "␀␡<U+0085><U+009B>");
}

#[test]
fn ascii_replacements_are_ascii() {
    let text = SafeText::with("\t\r\n\x1b\0\u{85}\u{202e}", Glyphs::Ascii);
    assert_eq!(text.as_str(), "\\t\\r\\n\\e<U+0000><U+0085><U+202E>");
    assert_eq!(SafeText::with("long text", Glyphs::Ascii).fit(5), "long~");
}

#[test]
fn bidi_and_format_characters_are_named() {
    assert_eq!(safe("user\u{202e}nimda"), "user<U+202E>nimda");
    assert_eq!(safe("\u{feff}a\u{200b}b\u{2066}c\u{2069}"), "<U+FEFF>a<U+200B>b<U+2066>c<U+2069>");
    assert_eq!(safe("👨\u{200d}👩"), "👨<U+200D>👩");
    assert_eq!(safe("a\u{e0041}\u{e0100}\u{2028}b"), "a<U+E0041><U+E0100><U+2028>b");
}

#[test]
fn a_stack_of_marks_is_cut_and_counted() {
    let stack = format!("e{}", "\u{301}".repeat(500));
    let shown = safe(&stack);
    assert_eq!(shown, format!("e{}<+491>", "\u{301}".repeat(9)));
    assert_eq!(columns(&shown), 7);
}

#[test]
fn a_mark_without_a_base_is_named() {
    assert_eq!(safe("\u{301}a"), "<U+0301>a");
    assert_eq!(safe("a\x1b\u{301}"), "a␛<U+0301>");
}

#[test]
fn a_cluster_wider_than_two_columns_is_taken_apart() {
    // Three consonants joined by viramas are one cluster of three columns.
    assert_eq!(safe("स्त्र"), "स<U+094D>त<U+094D>र");
    assert_eq!(safe("हिन्दी"), "हिन<U+094D>दी");
    let made = SafeText::new("aःःः");
    assert!(made.as_str().is_ascii(), "nothing to take apart: spelled out: {made:?}");
}

#[test]
fn fit_cuts_at_columns_not_at_bytes() {
    let text = SafeText::new("日本語です");
    assert_eq!(text.fit(10), "日本語です");
    assert_eq!(text.fit(9), "日本語で…");
    assert_eq!(text.fit(8), "日本語…", "no half of a wide character");
    assert_eq!(text.pad(8), "日本語… ");
    assert_eq!(text.fit(1), "…");
    assert_eq!(text.fit(0), "");
    assert_eq!(SafeText::new("42").pad_left(5), "   42");
}

#[test]
fn slice_keeps_columns_when_it_cuts_wide_characters() {
    let text = SafeText::new("a日本b");
    assert_eq!(text.slice(0, 6), "a日本b");
    assert_eq!(text.slice(2, 4), " 本b");
    assert_eq!(text.slice(1, 3), "日 ");
    assert_eq!(text.slice(2, 1), " ");
    assert_eq!(text.slice(9, 5), "");
    assert_eq!(text.slice(0, usize::MAX), "a日本b");
}

#[test]
fn wrap_breaks_between_words_and_inside_long_ones() {
    assert_eq!(SafeText::new("one two three").wrap(7), ["one two", "three"]);
    assert_eq!(SafeText::new("abcdefgh").wrap(3), ["abc", "def", "gh"]);
    assert_eq!(SafeText::new("at 127.0.0.1:80 (a)? no.").wrap(9), ["at 127.0.", "0.1:80", "(a)? no."]);
    assert_eq!(SafeText::new("ab (cd)? ef").wrap(7), ["ab", "(cd)?", "ef"], "no sign is torn off its word");
    assert_eq!(SafeText::new("  in  it").wrap(20), ["  in  it"]);
    assert_eq!(SafeText::new("").wrap(3), [""]);
    assert_eq!(SafeText::new("日本").wrap(1), ["日", "本"], "never an endless loop");
}

#[test]
fn head_of_a_huge_text_reads_only_its_beginning() {
    let huge = format!("ab\tc{}", "x".repeat(5_000_000));
    let head = SafeText::head(&huge, 5, Glyphs::Unicode);
    assert_eq!(head.as_str(), "ab⇥c…");
    assert_eq!(head.width(), 5);
    assert_eq!(SafeText::head("short", 5, Glyphs::Unicode).as_str(), "short");
    assert_eq!(SafeText::head("longer", 5, Glyphs::Unicode).as_str(), "long…");
    assert_eq!(SafeText::head("longer", 0, Glyphs::Unicode).as_str(), "");
    let marks = format!("e{}", "\u{301}".repeat(1_000_000));
    assert!(SafeText::head(&marks, 5, Glyphs::Unicode).width() <= 5);
}

fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        any::<char>().prop_map(String::from),
        proptest::char::range('\0', '\u{a0}').prop_map(String::from),
        proptest::char::range('\u{200b}', '\u{206f}').prop_map(String::from),
        proptest::char::range('\u{900}', '\u{d7f}').prop_map(String::from),
        proptest::char::range('\u{300}', '\u{36f}').prop_map(String::from),
        prop::sample::select(vec!["日", "🦀", "👨\u{200d}👩", "लाा", "ﾞ", "\u{d4e}", "e\u{301}", "\u{1f1e9}", "لا", "ः"])
            .prop_map(str::to_owned),
        "[ -~]{0,6}".prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn nothing_a_terminal_obeys_comes_through(text in hostile()) {
        let made = SafeText::new(&text);
        for c in made.as_str().chars() {
            prop_assert!(!c.is_control(), "{c:?} in {made:?}");
            prop_assert!(!is_hidden(c), "{c:?} in {made:?}");
        }
        for cluster in made.as_str().graphemes(true) {
            prop_assert!(cluster.chars().count() <= CLUSTER_CHARS);
            prop_assert!((1..=CLUSTER_COLUMNS).contains(&cluster_columns(cluster)), "{cluster:?}");
        }
    }

    #[test]
    fn cleaning_again_changes_nothing(text in hostile(), ascii in any::<bool>()) {
        let glyphs = if ascii { Glyphs::Ascii } else { Glyphs::Unicode };
        let once = SafeText::with(&text, glyphs).into_owned();
        let twice = SafeText::with(once.as_str(), glyphs);
        prop_assert_eq!(once.as_str(), twice.as_str());
        prop_assert_eq!(once.width(), twice.width());
    }

    #[test]
    fn width_is_what_is_drawn(text in hostile()) {
        let made = SafeText::new(&text);
        prop_assert_eq!(made.width(), drawn_columns(made.as_str()));
        let unicode: usize = made.as_str().graphemes(true).map(|c| {
            c.width() + c.chars().filter(|c| matches!(c, '\u{ff9e}' | '\u{ff9f}')).count()
        }).sum();
        prop_assert_eq!(made.width(), unicode);
    }

    #[test]
    fn parts_never_exceed_their_columns(text in hostile(), columns in 0usize..30, from in 0usize..30) {
        let made = SafeText::new(&text);
        prop_assert!(super::columns(&made.fit(columns)) <= columns);
        prop_assert_eq!(super::columns(&made.pad(columns)), columns);
        prop_assert!(super::columns(&made.slice(from, columns)) <= columns);
        let head = SafeText::head(&text, columns, Glyphs::Unicode);
        prop_assert!(head.width() <= columns);
        prop_assert_eq!(head.width(), super::columns(head.as_str()));
        for line in made.wrap(columns) {
            prop_assert!(super::columns(&line) <= columns.max(2));
        }
    }

    #[test]
    fn lone_characters_of_every_plane_are_drawable(c in any::<char>()) {
        let text = c.to_string();
        let made = SafeText::new(&text);
        prop_assert!(made.width() >= 1);
    }
}
