//! Asking on the terminal: for a passphrase or a key without showing it, for a line of text.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, IsTerminal, Read, Write};

use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr};
use secrecy::SecretString;
use zeroize::Zeroizing;

/// Longest passphrase; the buffer is made once and never moves, so that no copy stays behind.
const LONGEST: usize = 1024;

/// Whether there is a terminal to ask on.
pub fn possible() -> bool {
    open().is_some()
}

/// Whether a person sits there: a script must get its exit code at once, also when it runs in
/// somebody's terminal.
pub fn interactive() -> bool {
    std::io::stdin().is_terminal() && possible()
}

/// Asks; `None` when there is no terminal or the user would rather not (ctrl-c, ctrl-d).
pub fn passphrase(question: &str) -> Option<SecretString> {
    let mut terminal = open()?;
    let typed = {
        // Before the question: whoever answers at once must not be shown, nor lose the first letters.
        let _quiet = Quiet::new(&terminal)?;
        write!(&terminal, "{question}: ").ok()?;
        read(&mut &terminal)
    };
    writeln!(terminal).ok()?;
    typed
}

/// Asks for a line, which is seen while it is typed; `None` when there is no terminal or the user would
/// rather not (ctrl-d). Whatever the question quotes is made harmless.
pub fn line(question: &str) -> Option<String> {
    let mut terminal = open()?;
    for (at, line) in question.split('\n').enumerate() {
        let line = crate::text::SafeText::new(line);
        if at > 0 {
            writeln!(terminal).ok()?;
        }
        write!(terminal, "{line}").ok()?;
    }
    write!(terminal, " ").ok()?;
    let mut typed = String::new();
    let read = std::io::BufReader::new(terminal.take(LONGEST as u64)).read_line(&mut typed).ok()?;
    (read > 0).then_some(typed)
}

fn open() -> Option<File> {
    OpenOptions::new().read(true).write(true).open("/dev/tty").ok()
}

/// The terminal without echo and line editing, until it is dropped. Its keys for signals are off
/// as well: a ctrl-c that ended the program here would leave the shell without echo.
struct Quiet<'a> {
    terminal: &'a File,
    before: Termios,
}

impl<'a> Quiet<'a> {
    fn new(terminal: &'a File) -> Option<Self> {
        let before = tcgetattr(terminal).ok()?;
        let mut quiet = before.clone();
        quiet.local_modes -= LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG;
        quiet.special_codes[SpecialCodeIndex::VMIN] = 1;
        quiet.special_codes[SpecialCodeIndex::VTIME] = 0;
        tcsetattr(terminal, OptionalActions::Flush, &quiet).ok()?;
        Some(Self { terminal, before })
    }
}

impl Drop for Quiet<'_> {
    fn drop(&mut self) {
        // Nothing more can be done where even this fails: the terminal is gone.
        let _ = tcsetattr(self.terminal, OptionalActions::Flush, &self.before);
    }
}

fn read(input: &mut impl Read) -> Option<SecretString> {
    let mut typed = Zeroizing::new(Vec::with_capacity(LONGEST));
    let mut byte = Zeroizing::new([0_u8]);
    loop {
        if input.read(byte.as_mut_slice()).ok()? == 0 {
            return None;
        }
        match byte[0] {
            b'\n' | b'\r' => break,
            // ctrl-c, ctrl-d
            3 | 4 => return None,
            // Backspace takes a whole character, also of several bytes.
            8 | 127 => while typed.pop().is_some_and(|last: u8| last & 0xC0 == 0x80) {},
            // ctrl-u
            21 => typed.clear(),
            other if typed.len() < LONGEST => typed.push(other),
            _ => return None,
        }
    }
    std::str::from_utf8(&typed).ok().map(SecretString::from)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn typing_can_be_corrected_and_given_up() {
        let typed = |keys: &[u8]| read(&mut &keys[..]).map(|s| s.expose_secret().to_owned());
        assert_eq!(typed(b"ab\x7fc\r").unwrap(), "ac");
        assert_eq!(typed("a\u{e9}\x7fb\n".as_bytes()).unwrap(), "ab");
        assert_eq!(typed(b"wrong\x15right\r").unwrap(), "right");
        assert_eq!(typed(b"ab\x03"), None);
        assert_eq!(typed(b"no end"), None);
    }
}
