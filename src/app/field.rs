//! Text that the user types: one line with a cursor, and one line that is never shown.

use secrecy::SecretString;
use tui_textarea::{CursorMove, Input, TextArea};
use zeroize::{Zeroize, Zeroizing};

use crate::keymap::{Chord, Key};

/// One line of text being edited, with cursor and undo.
#[derive(Debug, Clone, Default)]
pub struct TextField {
    area: TextArea<'static>,
}

impl TextField {
    /// A field with some text in it and the cursor at its end.
    pub fn new(text: &str) -> Self {
        let mut field = Self { area: TextArea::new(vec![one_line(text)]) };
        field.area.move_cursor(CursorMove::End);
        field
    }

    /// The text.
    pub fn text(&self) -> &str {
        self.area.lines().first().map_or("", String::as_str)
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.text().is_empty()
    }

    /// The cursor's place, in characters from the start.
    pub fn cursor(&self) -> usize {
        self.area.cursor().1
    }

    /// A key; whether the field did something with it.
    pub fn key(&mut self, chord: Chord) -> bool {
        let Some(key) = translate(chord) else { return false };
        let before = (self.area.cursor(), self.text().len());
        if chord == Chord::ctrl('u') {
            // As shells have it, and as the field for secrets does; the editor's own meaning is undo.
            return self.area.delete_line_by_head();
        }
        self.area.input(Input { key, ctrl: chord.ctrl, alt: chord.alt, shift: chord.shift });
        before != (self.area.cursor(), self.text().len())
    }

    /// Pasted text goes in as one line.
    pub fn paste(&mut self, text: &str) {
        self.area.insert_str(one_line(text));
    }

    /// Replaces all of it, with the cursor behind so many characters.
    pub fn set_at(&mut self, text: &str, cursor: usize) {
        self.set(text);
        self.area.move_cursor(CursorMove::Jump(0, u16::try_from(cursor).unwrap_or(u16::MAX)));
    }

    /// Replaces all of it.
    pub fn set(&mut self, text: &str) {
        *self = Self::new(text);
    }
}

/// Line ends become blanks: a field has one line, and nothing pasted may be lost.
fn one_line(text: &str) -> String {
    text.trim_end_matches(['\r', '\n']).replace("\r\n", " ").replace(['\r', '\n'], " ")
}

fn translate(chord: Chord) -> Option<tui_textarea::Key> {
    use tui_textarea::Key as T;
    Some(match chord.key {
        Key::Char(c) => T::Char(c),
        Key::Backspace => T::Backspace,
        Key::Delete => T::Delete,
        Key::Left => T::Left,
        Key::Right => T::Right,
        Key::Home => T::Home,
        Key::End => T::End,
        Key::Enter
        | Key::Esc
        | Key::Tab
        | Key::BackTab
        | Key::Insert
        | Key::Up
        | Key::Down
        | Key::PageUp
        | Key::PageDown
        | Key::F(_) => return None,
    })
}

/// Most bytes that a secret may have. The buffer is made with this room and never grows, so that
/// no copy of a half-typed passphrase stays behind in freed memory.
const SECRET_ROOM: usize = 4096;

/// One line that is shown as dots. `Debug` shows only its length.
pub struct SecretField {
    buffer: Zeroizing<String>,
}

impl Default for SecretField {
    fn default() -> Self {
        Self { buffer: Zeroizing::new(String::with_capacity(SECRET_ROOM)) }
    }
}

impl Clone for SecretField {
    fn clone(&self) -> Self {
        let mut copy = Self::default();
        copy.buffer.push_str(&self.buffer);
        copy
    }
}

impl std::fmt::Debug for SecretField {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SecretField({} characters)", self.len())
    }
}

impl SecretField {
    /// Number of characters, for the dots.
    pub fn len(&self) -> usize {
        self.buffer.chars().count()
    }

    /// Whether nothing was typed.
    pub fn is_empty(&self) -> bool {
        self.buffer.is_empty()
    }

    /// A key; whether it changed the text. Only typing and deleting at the end.
    pub fn key(&mut self, chord: Chord) -> bool {
        if chord.key == Key::Backspace {
            return self.buffer.pop().is_some();
        }
        if chord == Chord::ctrl('u') {
            self.clear();
            return true;
        }
        let Some(c) = chord.typed() else { return false };
        self.push(c)
    }

    /// Pasted text, up to its first line end.
    pub fn paste(&mut self, text: &str) {
        for c in text.chars().take_while(|c| *c != '\n' && *c != '\r') {
            if !self.push(c) {
                break;
            }
        }
    }

    /// Wipes it.
    pub fn clear(&mut self) {
        self.buffer.zeroize();
    }

    /// A copy of the secret for the store.
    pub fn secret(&self) -> SecretString {
        SecretString::from(self.buffer.to_string())
    }

    /// Whether both hold the same.
    pub fn same(&self, other: &Self) -> bool {
        *self.buffer == *other.buffer
    }

    fn push(&mut self, c: char) -> bool {
        let fits = self.buffer.len() + c.len_utf8() <= SECRET_ROOM;
        if fits {
            self.buffer.push(c);
        }
        fits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_edits_one_line() {
        let mut field = TextField::new("ab");
        field.key(Chord::char('c'));
        field.key(Chord::plain(Key::Left));
        field.paste("x\ny\n");
        assert_eq!(field.text(), "abx yc");
        assert!(!field.key(Chord::plain(Key::Enter)));
    }

    #[test]
    fn ctrl_u_empties_the_line_before_the_cursor() {
        let mut field = TextField::new("year > 2015");
        field.key(Chord::plain(Key::Left));
        assert!(field.key(Chord::ctrl('u')));
        assert_eq!((field.text(), field.cursor()), ("5", 0));
        assert!(!field.key(Chord::ctrl('u')));
    }

    #[test]
    fn a_secret_is_never_in_debug_and_never_grows_its_buffer() {
        let mut field = SecretField::default();
        field.paste("canary-7\nrest");
        assert_eq!(field.len(), 8);
        assert!(!format!("{field:?}").contains("canary"));
        field.paste(&"x".repeat(2 * SECRET_ROOM));
        assert_eq!(field.buffer.len(), SECRET_ROOM);
        assert_eq!(field.buffer.capacity(), SECRET_ROOM);
        field.key(Chord::ctrl('u'));
        assert!(field.is_empty());
    }
}
