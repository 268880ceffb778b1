//! Copies by the escape sequence OSC 52: the terminal does it, on the user's side of an SSH line.
//!
//! The terminal gives no answer, so success means that the text was sent, no more.

use std::fmt::Write as _;

use crossterm::Command;
use crossterm::clipboard::CopyToClipboard;
use thiserror::Error;

use crate::config::ClipboardMode;
use crate::text::format;

/// Most bytes that are sent. Common terminals cut the sequence at 100,000 characters, silently; in
/// base64 with the frame around it that is this much text.
pub const LARGEST: usize = 74_988;

/// Why a text was not copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ClipboardError {
    /// More than terminals take.
    #[error(
        "not copied: {} bytes, and terminals take at most {}; export it to a file",
        format::exact(*.bytes as u64),
        format::exact(LARGEST as u64)
    )]
    TooLarge {
        /// Size of the text.
        bytes: usize,
    },
    /// The user has turned it off.
    #[error("not copied: clipboard is `off` in config.toml")]
    Off,
}

/// The sequence that copies the text, to be sent with [`super::terminal::Screen::send`].
///
/// # Errors
/// [`ClipboardError`]; nothing must be sent then.
pub fn sequence(text: &str, mode: ClipboardMode) -> Result<String, ClipboardError> {
    if mode == ClipboardMode::Off {
        return Err(ClipboardError::Off);
    }
    if text.len() > LARGEST {
        return Err(ClipboardError::TooLarge { bytes: text.len() });
    }
    let mut out = String::with_capacity(text.len() * 4 / 3 + 16);
    // Writing to a String does not fail.
    let _ = Ansi(CopyToClipboard::to_clipboard_from(text)).write_to(&mut out);
    Ok(out)
}

/// What the user is told of a copy that was sent; truthful about what we cannot know.
pub fn sent(text: &str) -> String {
    let mut note = format!("sent {} to the terminal's clipboard", format::bytes(text.len() as u64));
    if std::env::var_os("TMUX").is_some() {
        let _ = write!(note, " (tmux passes it on with `set-clipboard on`)");
    }
    note
}

struct Ansi<T>(CopyToClipboard<T>);

impl<T: AsRef<[u8]>> Ansi<T> {
    fn write_to(&self, out: &mut String) -> std::fmt::Result {
        self.0.write_ansi(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sequence_carries_the_text_in_base64() {
        assert_eq!(sequence("hello", ClipboardMode::Osc52).as_deref(), Ok("\x1b]52;c;aGVsbG8=\x1b\\"));
    }

    #[test]
    fn no_text_can_leave_the_sequence() {
        let hostile = sequence("a\x1b\\\x07\x1b]0;x\x07", ClipboardMode::Osc52).unwrap_or_default();
        assert_eq!(hostile.matches('\x1b').count(), 2, "{hostile:?}");
        assert!(!hostile.contains('\x07'));
    }

    #[test]
    fn what_is_too_large_is_refused_with_its_size() {
        assert!(sequence(&"x".repeat(LARGEST), ClipboardMode::Osc52).is_ok_and(|s| s.len() <= 100_000));
        let error = sequence(&"x".repeat(LARGEST + 1), ClipboardMode::Osc52).map_err(|e| e.to_string());
        assert_eq!(
            error,
            Err("not copied: 74,989 bytes, and terminals take at most 74,988; export it to a file".to_owned())
        );
        assert_eq!(sequence("x", ClipboardMode::Off), Err(ClipboardError::Off));
    }
}
