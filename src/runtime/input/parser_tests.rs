#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use proptest::prelude::*;

use super::*;

/// All events of the bytes, fed in chunks of `size`.
fn events_in(bytes: &[u8], size: usize) -> Vec<Event> {
    let mut parser = Parser::default();
    let mut events = VecDeque::new();
    for chunk in bytes.chunks(size) {
        parser.feed(chunk, &mut events);
    }
    parser.give_up(&mut events);
    events.into()
}

fn events(bytes: &[u8]) -> Vec<Event> {
    let whole = events_in(bytes, usize::MAX);
    assert_eq!(whole, events_in(bytes, 1), "the same however it is cut");
    whole
}

fn plain(code: KeyCode) -> Event {
    key(code, KeyModifiers::NONE)
}

#[test]
fn keys_are_what_crossterm_would_call_them() {
    let cases: &[(&[u8], KeyCode, KeyModifiers)] = &[
        (b"q", KeyCode::Char('q'), KeyModifiers::NONE),
        (b"Q", KeyCode::Char('Q'), KeyModifiers::SHIFT),
        ("ü".as_bytes(), KeyCode::Char('ü'), KeyModifiers::NONE),
        ("🦀".as_bytes(), KeyCode::Char('🦀'), KeyModifiers::NONE),
        (b"\r", KeyCode::Enter, KeyModifiers::NONE),
        (b"\t", KeyCode::Tab, KeyModifiers::NONE),
        (b"\x7f", KeyCode::Backspace, KeyModifiers::NONE),
        (b"\x03", KeyCode::Char('c'), KeyModifiers::CONTROL),
        (b"\x1a", KeyCode::Char('z'), KeyModifiers::CONTROL),
        (b"\0", KeyCode::Char(' '), KeyModifiers::CONTROL),
        (b"\x1f", KeyCode::Char('7'), KeyModifiers::CONTROL),
        (b"\x1b", KeyCode::Esc, KeyModifiers::NONE),
        (b"\x1bx", KeyCode::Char('x'), KeyModifiers::ALT),
        (b"\x1b[", KeyCode::Char('['), KeyModifiers::ALT),
        (b"\x1b[A", KeyCode::Up, KeyModifiers::NONE),
        (b"\x1bOB", KeyCode::Down, KeyModifiers::NONE),
        (b"\x1b[1;5C", KeyCode::Right, KeyModifiers::CONTROL),
        (b"\x1b[H", KeyCode::Home, KeyModifiers::NONE),
        (b"\x1b[4~", KeyCode::End, KeyModifiers::NONE),
        (b"\x1b[5~", KeyCode::PageUp, KeyModifiers::NONE),
        (b"\x1b[6;2~", KeyCode::PageDown, KeyModifiers::SHIFT),
        (b"\x1b[3~", KeyCode::Delete, KeyModifiers::NONE),
        (b"\x1b[Z", KeyCode::BackTab, KeyModifiers::SHIFT),
        (b"\x1bOP", KeyCode::F(1), KeyModifiers::NONE),
        (b"\x1b[[A", KeyCode::F(1), KeyModifiers::NONE),
        (b"\x1b[15~", KeyCode::F(5), KeyModifiers::NONE),
        (b"\x1b[24~", KeyCode::F(12), KeyModifiers::NONE),
        (b"\x1b[1;2R", KeyCode::F(3), KeyModifiers::SHIFT),
        (b"\x1b[97;5u", KeyCode::Char('a'), KeyModifiers::CONTROL),
    ];
    for (bytes, code, modifiers) in cases {
        assert_eq!(events(bytes), [key(*code, *modifiers)], "{:?}", String::from_utf8_lossy(bytes));
    }
}

#[test]
fn several_keys_in_one_chunk_are_several_events() {
    assert_eq!(
        events(b"j\x1b[Bk\x1b\x1b[A"),
        [
            plain(KeyCode::Char('j')),
            plain(KeyCode::Down),
            plain(KeyCode::Char('k')),
            plain(KeyCode::Esc),
            plain(KeyCode::Up)
        ]
    );
}

#[test]
fn mouse_reports_are_read_and_bad_places_do_no_harm() {
    let at = |kind, column, row, modifiers| Event::Mouse(MouseEvent { kind, column, row, modifiers });
    let none = KeyModifiers::NONE;
    assert_eq!(
        events(b"\x1b[<0;3;5M\x1b[<0;3;5m\x1b[<65;1;1M\x1b[<32;9;9M\x1b[<16;2;2M"),
        [
            at(MouseEventKind::Down(MouseButton::Left), 2, 4, none),
            at(MouseEventKind::Up(MouseButton::Left), 2, 4, none),
            at(MouseEventKind::ScrollDown, 0, 0, none),
            at(MouseEventKind::Drag(MouseButton::Left), 8, 8, none),
            at(MouseEventKind::Down(MouseButton::Left), 1, 1, KeyModifiers::CONTROL),
        ]
    );
    // crossterm 0.29 subtracts without looking here.
    assert_eq!(events(b"\x1b[<0;0;5M"), [at(MouseEventKind::Down(MouseButton::Left), 0, 4, none)]);
    assert_eq!(events(b"\x1b[<0;99999;5M\x1b[<M"), []);
}

#[test]
fn a_paste_is_one_event_and_its_keys_are_no_commands() {
    assert_eq!(
        events(b"a\x1b[200~q:\x1b[A\r\nx\x1b[201~b"),
        [plain(KeyCode::Char('a')), Event::Paste("q:\x1b[A\nx".into()), plain(KeyCode::Char('b'))]
    );
}

#[test]
fn a_paste_without_its_end_does_not_swallow_the_keys_after_it() {
    let mut parser = Parser::default();
    let mut found = VecDeque::new();
    parser.feed(b"\x1b[200~abc", &mut found);
    assert!(parser.in_paste() && found.is_empty());
    parser.give_up(&mut found);
    assert!(!parser.is_waiting());
    parser.feed(b"q", &mut found);
    assert_eq!(Vec::from(found), [Event::Paste("abc".into()), plain(KeyCode::Char('q'))]);
}

#[test]
fn an_endless_paste_is_bounded_and_its_rest_is_not_typed() {
    let mut parser = Parser::default();
    let mut found = VecDeque::new();
    parser.feed(b"\x1b[200~", &mut found);
    for _ in 0..300 {
        parser.feed(&[b'q'; 8192], &mut found);
        assert!(parser.bytes.len() <= 8192 + PASTE_END.len());
    }
    parser.feed(b"\x1b[201~", &mut found);
    assert_eq!(found.len(), 1);
    assert!(matches!(&found[0], Event::Paste(text) if text.len() == LONGEST_PASTE));
}

#[test]
fn answers_of_the_terminal_are_skipped() {
    assert_eq!(events(b"\x1b]11;rgb:0/0/0\x07x"), [plain(KeyCode::Char('x'))]);
    assert_eq!(events(b"\x1bP1$r0m\x1b\\x"), [plain(KeyCode::Char('x'))]);
    assert_eq!(events(b"\x1b[?62;22cx\x1b[12;40Rx"), [plain(KeyCode::Char('x')), plain(KeyCode::Char('x'))]);
}

#[test]
fn bytes_that_are_no_utf8_are_skipped() {
    assert_eq!(events(b"\xff\xc3a\xe2\x82"), [plain(KeyCode::Char('a'))]);
}

proptest! {
    #[test]
    fn nothing_panics_and_nothing_is_kept_forever(bytes in prop::collection::vec(any::<u8>(), 0..300), cut in 1usize..9) {
        let mut parser = Parser::default();
        let mut found = VecDeque::new();
        for chunk in bytes.chunks(cut) {
            parser.feed(chunk, &mut found);
        }
        parser.give_up(&mut found);
        prop_assert!(!parser.is_waiting());
        parser.feed(b"q", &mut found);
        prop_assert_eq!(found.back(), Some(&plain(KeyCode::Char('q'))));
    }

    #[test]
    fn sequences_without_an_end_are_bounded(junk in "\\x1b[\\[\\]P][0-9;]{0,9000}") {
        let mut parser = Parser::default();
        let mut found = VecDeque::new();
        parser.feed(junk.as_bytes(), &mut found);
        prop_assert!(parser.bytes.len() <= LONGEST_STRING + 2);
    }
}
