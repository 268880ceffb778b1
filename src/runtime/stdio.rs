//! Keeps what drivers print off the screen: standard output and error go to the log meanwhile.
//!
//! They go through a pipe and not into the file itself, so that the redactor sees them too.

use std::io::{self, BufRead, BufReader, PipeReader, Read};
use std::os::fd::{AsFd, OwnedFd};

use rustix::stdio::{dup2_stderr, dup2_stdout};

/// Longest line that is logged as one, in bytes.
const LONGEST_LINE: u64 = 8 * 1024;

/// Standard output and error lead to the log while this lives; dropping it leads them back.
pub struct Redirected {
    stdout: OwnedFd,
    stderr: OwnedFd,
}

impl Redirected {
    /// Points both at the log.
    ///
    /// # Errors
    /// When the process has no file descriptors or threads left. Nothing is changed then.
    pub fn start() -> io::Result<Self> {
        let saved = Self {
            stdout: io::stdout().as_fd().try_clone_to_owned()?,
            stderr: io::stderr().as_fd().try_clone_to_owned()?,
        };
        let (reader, writer) = io::pipe()?;
        std::thread::Builder::new().name("stray output".to_owned()).spawn(move || log_lines(reader))?;
        dup2_stdout(&writer)?;
        // The drop of `saved` leads both back if this fails.
        dup2_stderr(&writer)?;
        Ok(saved)
    }
}

impl Drop for Redirected {
    fn drop(&mut self) {
        // The pipe's last writers are closed by this; its reader ends by itself.
        let _ = dup2_stdout(&self.stdout);
        let _ = dup2_stderr(&self.stderr);
    }
}

fn log_lines(reader: PipeReader) {
    each_line(BufReader::new(reader), |line| tracing::warn!(target: "stray_output", "{line}"));
}

/// Calls `log` with every line that is not blank, long ones in pieces.
fn each_line(mut reader: impl BufRead, mut log: impl FnMut(&str)) {
    let mut line = Vec::new();
    loop {
        line.clear();
        match reader.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => return,
            Ok(_) => {
                let text = String::from_utf8_lossy(&line);
                if !text.trim().is_empty() {
                    log(text.trim_end());
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stray_lines_are_logged_one_by_one_and_bounded() {
        let mut text = b"one\n\n  \ntwo \xff\n".to_vec();
        text.extend(std::iter::repeat_n(b'x', 20_000));
        let mut lines = Vec::new();
        each_line(text.as_slice(), |line| lines.push(line.to_owned()));
        assert_eq!(lines.iter().take(2).collect::<Vec<_>>(), ["one", "two \u{fffd}"]);
        assert_eq!(lines.iter().skip(2).map(String::len).collect::<Vec<_>>(), [8192, 8192, 3616]);
    }
}
