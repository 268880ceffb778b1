//! One key press, written as people write it: `j`, `G`, `ctrl-p`, `enter`, `f5`.

use std::fmt;

use thiserror::Error;

/// A key without modifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Key {
    /// A character as typed: `G` is `Char('G')`, not shift and `g`.
    Char(char),
    /// Enter.
    Enter,
    /// Escape.
    Esc,
    /// Tab.
    Tab,
    /// Shift and tab.
    BackTab,
    /// Backspace.
    Backspace,
    /// Delete.
    Delete,
    /// Insert.
    Insert,
    /// Arrow up.
    Up,
    /// Arrow down.
    Down,
    /// Arrow left.
    Left,
    /// Arrow right.
    Right,
    /// Home.
    Home,
    /// End.
    End,
    /// Page up.
    PageUp,
    /// Page down.
    PageDown,
    /// A function key.
    F(u8),
}

const NAMED: [(&str, Key); 16] = [
    ("enter", Key::Enter),
    ("esc", Key::Esc),
    ("tab", Key::Tab),
    ("backtab", Key::BackTab),
    ("backspace", Key::Backspace),
    ("delete", Key::Delete),
    ("insert", Key::Insert),
    ("up", Key::Up),
    ("down", Key::Down),
    ("left", Key::Left),
    ("right", Key::Right),
    ("home", Key::Home),
    ("end", Key::End),
    ("pageup", Key::PageUp),
    ("pagedown", Key::PageDown),
    ("space", Key::Char(' ')),
];

/// A key with its modifiers. Shift is part of the character and of `BackTab`; it is a modifier of
/// its own only with named keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Chord {
    /// The key.
    pub key: Key,
    /// With control.
    pub ctrl: bool,
    /// With alt.
    pub alt: bool,
    /// With shift (named keys only).
    pub shift: bool,
}

impl Chord {
    /// The key alone.
    pub fn plain(key: Key) -> Self {
        Self { key, ctrl: false, alt: false, shift: false }
    }

    /// A character alone.
    pub fn char(c: char) -> Self {
        Self::plain(Key::Char(c))
    }

    /// A character with control.
    pub fn ctrl(c: char) -> Self {
        Self { ctrl: true, ..Self::char(c) }
    }

    /// The character that this types into a text field, if it types one.
    pub fn typed(self) -> Option<char> {
        match self.key {
            Key::Char(c) if !self.ctrl && !self.alt => Some(c),
            _ => None,
        }
    }
}

impl fmt::Display for Chord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.ctrl {
            f.write_str("ctrl-")?;
        }
        if self.alt {
            f.write_str("alt-")?;
        }
        if self.shift {
            f.write_str("shift-")?;
        }
        if let Some((name, _)) = NAMED.iter().find(|(_, key)| *key == self.key) {
            return f.write_str(name);
        }
        match self.key {
            Key::Char(c) => write!(f, "{c}"),
            Key::F(n) => write!(f, "f{n}"),
            named => write!(f, "{named:?}"),
        }
    }
}

/// Why a text is no chord.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "{text:?} is no key. Write a character (`j`), a name (`enter`, `pageup`, `f5`), with `ctrl-`, `alt-` or `shift-` before it."
)]
pub struct ChordError {
    /// The text.
    pub text: String,
}

impl std::str::FromStr for Chord {
    type Err = ChordError;

    fn from_str(text: &str) -> Result<Self, ChordError> {
        let error = || ChordError { text: text.to_owned() };
        let mut chord = Self::plain(Key::Esc);
        let mut rest = text;
        loop {
            // "-" itself is a key: `ctrl--` is control and minus.
            let strip = |prefix| rest.strip_prefix(prefix).filter(|after: &&str| !after.is_empty());
            if let Some(after) = strip("ctrl-") {
                (chord.ctrl, rest) = (true, after);
            } else if let Some(after) = strip("alt-") {
                (chord.alt, rest) = (true, after);
            } else if let Some(after) = strip("shift-") {
                (chord.shift, rest) = (true, after);
            } else {
                break;
            }
        }
        let mut chars = rest.chars();
        chord.key = match (NAMED.iter().find(|(name, _)| *name == rest), chars.next(), chars.next()) {
            (Some((_, key)), _, _) => *key,
            (None, Some(c), None) if !c.is_control() => Key::Char(c),
            (None, Some('f'), Some(_)) => match rest[1..].parse::<u8>() {
                Ok(n @ 1..=24) => Key::F(n),
                _ => return Err(error()),
            },
            _ => return Err(error()),
        };
        match chord.key {
            Key::Tab if chord.shift => Ok(Self { key: Key::BackTab, shift: false, ..chord }),
            Key::Char(_) if chord.shift => Err(error()),
            _ => Ok(chord),
        }
    }
}

/// A sequence of chords as written in tables and `config.toml`: with blanks between, `g g`.
///
/// # Errors
/// The part that is no chord.
pub fn parse_sequence(text: &str) -> Result<Vec<Chord>, ChordError> {
    text.split(' ').map(str::parse).collect()
}

/// Keys as a person types them, for tests and scripts: characters by themselves, everything else
/// in angle brackets, `jj<enter><ctrl-p>`.
///
/// # Errors
/// The part in brackets that is no chord.
pub fn typed_keys(text: &str) -> Result<Vec<Chord>, ChordError> {
    let mut chords = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if c == '<'
            && let Some(end) = rest.find('>').filter(|end| *end > 1)
        {
            chords.push(rest[1..end].parse()?);
            rest = &rest[end + 1..];
        } else {
            chords.push(Chord::char(c));
            rest = &rest[c.len_utf8()..];
        }
    }
    Ok(chords)
}

/// A sequence as it is shown: `g g`, `ctrl-p`.
pub fn sequence_name(chords: &[Chord]) -> String {
    chords.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn chords_round_trip_by_name() {
        for text in ["j", "G", "ctrl-p", "alt-enter", "shift-up", "f12", "space", "-", "ctrl--", "backtab", "|"] {
            let chord: Chord = text.parse().unwrap();
            assert_eq!(chord.to_string(), text);
        }
    }

    #[test]
    fn nonsense_is_refused() {
        for text in ["", "ctrl-", "f0", "f99", "entr", "shift-a"] {
            assert!(text.parse::<Chord>().is_err(), "{text}");
        }
    }

    #[test]
    fn tests_type_keys_as_strings() {
        let keys = typed_keys("jj<enter><ctrl-p>x").unwrap();
        assert_eq!(sequence_name(&keys), "j j enter ctrl-p x");
        assert_eq!(parse_sequence("g g").unwrap().len(), 2);
    }
}
