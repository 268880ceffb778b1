//! Turns the bytes of a terminal into events. Pure: time is the caller's.
//!
//! Whatever comes, it neither panics nor keeps more than a bound; what it does not know is skipped.

use std::collections::VecDeque;

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};

use super::sequences::{control, csi, ss3};

/// Longest escape sequence; a longer one is none.
const LONGEST_SEQUENCE: usize = 64;

/// Longest answer of a terminal (OSC, DCS and such) that is skipped as one.
const LONGEST_STRING: usize = 4096;

/// Longest paste, in bytes; what goes beyond is dropped, not typed.
pub const LONGEST_PASTE: usize = 1024 * 1024;

const PASTE_BEGIN: &[u8] = b"\x1b[200~";
const PASTE_END: &[u8] = b"\x1b[201~";

/// The state between two chunks.
#[derive(Debug, Default)]
pub struct Parser {
    bytes: Vec<u8>,
    paste: Option<Paste>,
}

#[derive(Debug, Default)]
struct Paste {
    text: Vec<u8>,
}

/// What stands at the beginning of the bytes.
enum Step {
    /// So many bytes, which mean this, or nothing.
    Done(usize, Option<Event>),
    /// A paste begins behind so many bytes.
    Paste(usize),
    /// More bytes are needed to tell.
    Incomplete,
}

impl Parser {
    /// Takes more bytes; appends what they mean.
    pub fn feed(&mut self, bytes: &[u8], events: &mut VecDeque<Event>) {
        self.bytes.extend_from_slice(bytes);
        let mut at = 0;
        while at < self.bytes.len() {
            if self.paste.is_some() {
                let (next, ended) = self.take_paste(at, events);
                at = next;
                if !ended {
                    break;
                }
                continue;
            }
            match step(self.bytes.get(at..).unwrap_or_default()) {
                Step::Done(length, event) => {
                    events.extend(event);
                    at += length.max(1);
                }
                Step::Paste(length) => {
                    self.paste = Some(Paste::default());
                    at += length;
                }
                Step::Incomplete => break,
            }
        }
        self.bytes.drain(..at.min(self.bytes.len()));
    }

    /// Whether the beginning of something was seen and the rest has not come yet.
    pub fn is_waiting(&self) -> bool {
        !self.bytes.is_empty() || self.paste.is_some()
    }

    /// Whether a paste has begun and not ended.
    pub fn in_paste(&self) -> bool {
        self.paste.is_some()
    }

    /// Takes what there is for all that will come: a lone ESC is the key, a paste is what was seen of it.
    pub fn give_up(&mut self, events: &mut VecDeque<Event>) {
        let bytes = std::mem::take(&mut self.bytes);
        if let Some(mut paste) = self.paste.take() {
            paste.extend(&bytes);
            events.push_back(paste.into_event());
            return;
        }
        match bytes.as_slice() {
            [0x1b] => events.push_back(key(KeyCode::Esc, KeyModifiers::NONE)),
            // `alt-[`, `alt-]` and such, which begin sequences.
            [0x1b, byte @ 0x20..=0x7e] => events.push_back(key(KeyCode::Char(char::from(*byte)), KeyModifiers::ALT)),
            _ => {}
        }
    }

    /// Adds bytes from `at` on to the paste. Gives the place behind them, and whether it has ended.
    fn take_paste(&mut self, at: usize, events: &mut VecDeque<Event>) -> (usize, bool) {
        let rest = self.bytes.get(at..).unwrap_or_default();
        let Some(paste) = self.paste.as_mut() else { return (at, true) };
        if let Some(end) = find(rest, PASTE_END) {
            paste.extend(rest.get(..end).unwrap_or_default());
            events.extend(self.paste.take().map(Paste::into_event));
            return (at + end + PASTE_END.len(), true);
        }
        // The last bytes may be the beginning of the end: they stay.
        let begun = |n: &usize| rest.ends_with(PASTE_END.get(..*n).unwrap_or_default());
        let used = rest.len() - (1..PASTE_END.len()).rev().find(begun).unwrap_or(0);
        paste.extend(rest.get(..used).unwrap_or_default());
        (at + used, false)
    }
}

impl Paste {
    fn extend(&mut self, bytes: &[u8]) {
        let room = LONGEST_PASTE.saturating_sub(self.text.len());
        self.text.extend_from_slice(bytes.get(..room.min(bytes.len())).unwrap_or_default());
    }

    fn into_event(self) -> Event {
        Event::Paste(String::from_utf8_lossy(&self.text).replace("\r\n", "\n").replace('\r', "\n"))
    }
}

fn step(bytes: &[u8]) -> Step {
    match bytes {
        [] => Step::Incomplete,
        [0x1b, rest @ ..] => escape(bytes, rest),
        [byte @ (0x00..=0x1f | 0x7f), ..] => Step::Done(1, Some(control(*byte))),
        _ => character(bytes),
    }
}

fn escape(bytes: &[u8], rest: &[u8]) -> Step {
    match rest {
        [] => Step::Incomplete,
        // Two of them: the first is the key, the second may begin something.
        [0x1b, ..] => Step::Done(1, Some(key(KeyCode::Esc, KeyModifiers::NONE))),
        [b'[', tail @ ..] => csi_step(bytes, tail),
        [b'O'] => Step::Incomplete,
        [b'O', letter, ..] => Step::Done(3, ss3(*letter)),
        [b']' | b'P' | b'X' | b'^' | b'_', tail @ ..] => string_step(tail),
        _ => match step(rest) {
            Step::Done(length, Some(Event::Key(pressed))) => {
                Step::Done(1 + length, Some(key(pressed.code, pressed.modifiers | KeyModifiers::ALT)))
            }
            Step::Done(length, event) => Step::Done(1 + length, event),
            other => other,
        },
    }
}

fn csi_step(bytes: &[u8], tail: &[u8]) -> Step {
    if bytes.starts_with(PASTE_BEGIN) {
        return Step::Paste(PASTE_BEGIN.len());
    }
    // F1 to F5 of the Linux console.
    if let [b'[', rest @ ..] = tail {
        return match rest {
            [] => Step::Incomplete,
            [letter @ b'A'..=b'E', ..] => Step::Done(4, Some(key(KeyCode::F(letter - b'A' + 1), KeyModifiers::NONE))),
            _ => Step::Done(4, None),
        };
    }
    match tail.iter().position(|byte| !(0x20..=0x3f).contains(byte)) {
        None if tail.len() > LONGEST_SEQUENCE => Step::Done(bytes.len(), None),
        None => Step::Incomplete,
        Some(end) => match tail.get(end) {
            Some(last @ 0x40..=0x7e) if end <= LONGEST_SEQUENCE => {
                Step::Done(2 + end + 1, csi(tail.get(..end).unwrap_or_default(), *last))
            }
            // Broken off by something else: that is looked at on its own.
            _ => Step::Done(2 + end, None),
        },
    }
}

/// An answer of the terminal that nobody asked for: skipped to its end.
fn string_step(tail: &[u8]) -> Step {
    let bell = tail.iter().position(|byte| *byte == 0x07).map(|at| at + 1);
    let terminator = find(tail, b"\x1b\\").map(|at| at + 2);
    match (bell, terminator) {
        (Some(a), Some(b)) => Step::Done(2 + a.min(b), None),
        (Some(end), None) | (None, Some(end)) => Step::Done(2 + end, None),
        (None, None) if tail.len() > LONGEST_STRING => Step::Done(2 + tail.len(), None),
        (None, None) => Step::Incomplete,
    }
}

fn character(bytes: &[u8]) -> Step {
    let length = match bytes.first() {
        Some(0x00..=0x7f) => 1,
        Some(0xc2..=0xdf) => 2,
        Some(0xe0..=0xef) => 3,
        Some(0xf0..=0xf4) => 4,
        _ => return Step::Done(1, None),
    };
    let available = bytes.get(..length.min(bytes.len())).unwrap_or_default();
    match std::str::from_utf8(available) {
        Ok(text) => Step::Done(length, text.chars().next().map(char_key)),
        // `error_len` is none when only the end is missing.
        Err(error) if error.error_len().is_none() && bytes.len() < length => Step::Incomplete,
        Err(error) => Step::Done(error.error_len().unwrap_or(1), None),
    }
}

fn char_key(c: char) -> Event {
    let modifiers = if c.is_uppercase() { KeyModifiers::SHIFT } else { KeyModifiers::NONE };
    key(KeyCode::Char(c), modifiers)
}

pub(super) fn key(code: KeyCode, modifiers: KeyModifiers) -> Event {
    Event::Key(KeyEvent::new(code, modifiers))
}

fn find(bytes: &[u8], part: &[u8]) -> Option<usize> {
    bytes.windows(part.len()).position(|window| window == part)
}

#[cfg(test)]
#[path = "parser_tests.rs"]
mod tests;
