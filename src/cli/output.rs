//! The one way to stdout and stderr: data on stdout, messages on stderr, both escaped so that text
//! of a database cannot steer the terminal.

use std::io::{self, BufWriter, IsTerminal, Write};

use serde_json::Value;

use super::table::Table;
use crate::text::{SafeText, is_hidden, redact};

/// Where a command's data and messages go.
pub struct Out {
    stdout: Box<dyn Write + Send>,
    stderr: Box<dyn Write + Send>,
    terminal: bool,
}

impl Out {
    /// The process's own stdout and stderr.
    pub fn process() -> Self {
        let terminal = io::stdout().is_terminal();
        Self { stdout: Box::new(BufWriter::new(io::stdout())), stderr: Box::new(io::stderr()), terminal }
    }

    /// Columns of the terminal, `None` when stdout goes elsewhere.
    pub fn width(&self) -> Option<usize> {
        let size = self.terminal.then(|| rustix::termios::tcgetwinsize(rustix::stdio::stdout()).ok()).flatten();
        size.map(|size| usize::from(size.ws_col)).filter(|columns| *columns > 0)
    }

    /// Whether stdout is a terminal.
    pub fn is_terminal(&self) -> bool {
        self.terminal
    }

    /// One line of data.
    ///
    /// # Errors
    /// What writing to stdout says; a broken pipe ends the command quietly.
    pub fn line(&mut self, text: &str) -> io::Result<()> {
        if self.terminal { writeln!(self.stdout, "{}", SafeText::new(text)) } else { writeln!(self.stdout, "{text}") }
    }

    /// One line of words for people that quote others: harmless also where stdout goes elsewhere.
    ///
    /// # Errors
    /// As [`Out::line`].
    pub fn safe_line(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.stdout, "{}", SafeText::new(text))
    }

    /// Bytes as they are: a man page, completions, text that this program made.
    ///
    /// # Errors
    /// As [`Out::line`].
    pub fn raw(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stdout.write_all(bytes)
    }

    /// A value as one line of JSON.
    ///
    /// # Errors
    /// As [`Out::line`].
    pub fn json_line(&mut self, value: &Value) -> io::Result<()> {
        writeln!(self.stdout, "{}", ascii_controls(&value.to_string()))
    }

    /// A value as indented JSON.
    ///
    /// # Errors
    /// As [`Out::line`].
    pub fn json(&mut self, value: &Value) -> io::Result<()> {
        writeln!(self.stdout, "{}", ascii_controls(&format!("{value:#}")))
    }

    /// A table; columns that do not fit the terminal are left out, and a note says which.
    ///
    /// # Errors
    /// As [`Out::line`].
    pub fn table(&mut self, table: &Table) -> io::Result<()> {
        let (lines, hidden) = table.render(self.width());
        for line in lines {
            writeln!(self.stdout, "{line}")?;
        }
        if !hidden.is_empty() {
            self.note(&format!(
                "not shown for lack of width: {}. A wider terminal or --json shows all.",
                hidden.join(", ")
            ));
        }
        Ok(())
    }

    /// A message for a human, on stderr, after the program's name.
    pub fn note(&mut self, text: &str) {
        // Nobody is left to tell when stderr is closed.
        let _ = self.stdout.flush();
        let _ = writeln!(self.stderr, "vector-inspector: {}", SafeText::new(&redact(text)));
    }

    /// A line that is drawn over itself on a terminal; elsewhere only the last one is written.
    pub fn progress(&mut self, text: &str, last: bool) {
        let end = if last { "\n" } else { "" };
        let _ = match (io::stderr().is_terminal(), last) {
            (true, _) => write!(self.stderr, "\r\u{1b}[K{text}{end}"),
            (false, true) => writeln!(self.stderr, "vector-inspector: {text}"),
            (false, false) => Ok(()),
        };
    }

    /// A line for a script, on stderr, as it is.
    pub fn stderr_line(&mut self, text: &str) {
        let _ = self.stdout.flush();
        let _ = writeln!(self.stderr, "{text}");
    }

    /// Writes what is buffered.
    ///
    /// # Errors
    /// As [`Out::line`].
    pub fn flush(&mut self) -> io::Result<()> {
        self.stdout.flush()
    }
}

/// JSON with what could steer a terminal written as `\uXXXX`: the same value, harmless to print.
fn ascii_controls(json: &str) -> String {
    if json.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\n')) {
        return json.to_owned();
    }
    let mut safe = String::with_capacity(json.len());
    for c in json.chars() {
        // Line ends are the only controls that JSON text itself contains, between its tokens.
        if c != '\n' && is_hidden(c) {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                safe.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            safe.push(c);
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn json_keeps_its_value_and_loses_its_teeth() {
        let value = serde_json::json!({ "a\u{202e}": "x\u{9b}31m\u{1b}[0m\n", "tag": "\u{e0041}" });
        let text = ascii_controls(&value.to_string());
        assert!(text.chars().all(|c| !is_hidden(c)), "{text}");
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
    }
}
