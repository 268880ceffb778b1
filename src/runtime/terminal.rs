//! The screen: taken in one place, given back in one place, whatever happens.
//!
//! [`Screen`] is for the event loop. [`restore`] undoes all that was done to the terminal and may be
//! called from anywhere, any number of times: the drop of the screen, the panic hook, the watch over
//! signals.

mod backend;
mod writer;

use std::fs::File;
use std::io::{self, IsTerminal, Write};
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crossterm::cursor::{Hide, Show};
use crossterm::event::{DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste};
use crossterm::style::{Attribute, SetAttribute};
use crossterm::terminal::{Clear, ClearType, EnterAlternateScreen, LeaveAlternateScreen};
use crossterm::{QueueableCommand, terminal as crossterm_terminal};
use ratatui::layout::Size;
use ratatui::{Frame, Terminal};
use thiserror::Error;

pub use backend::TtyBackend;

use super::stdio::Redirected;

/// Clicks, wheel and dragging in SGR form. Not the mere movement (1003): it would wake the program
/// for nothing.
const MOUSE_ON: &str = "\x1b[?1000h\x1b[?1002h\x1b[?1006h";

/// End of a synchronised update, in case that the last frame was cut off.
const SYNC_END: &str = "\x1b[?2026l";

/// What must be undone. `None` when the terminal is as we found it.
static TAKEN: Mutex<Option<Taken>> = Mutex::new(None);

/// Whether the terminal has changed its size since the last frame. It may have the old size again by
/// then, and have lost what was on it all the same.
static RESIZED: AtomicBool = AtomicBool::new(false);

struct Taken {
    tty: File,
    stdio: Option<Redirected>,
}

/// Standard input or output is no terminal: the screen cannot be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "the screen needs a terminal, and {} is none; run it in one, or use the commands (`vector-inspector --help`)",
    if *.stdin { "standard input" } else { "standard output" }
)]
pub struct NoTerminal {
    /// Whether it is standard input that is no terminal; else standard output.
    pub stdin: bool,
}

impl NoTerminal {
    /// The exit code of the program for it: bad usage.
    pub const EXIT_CODE: u8 = 2;
}

/// Whether there is a terminal to draw on and to read from.
///
/// # Errors
/// [`NoTerminal`]; to be printed, with exit code [`NoTerminal::EXIT_CODE`].
pub fn check() -> Result<(), NoTerminal> {
    if !io::stdin().is_terminal() {
        return Err(NoTerminal { stdin: true });
    }
    if !io::stdout().is_terminal() {
        return Err(NoTerminal { stdin: false });
    }
    Ok(())
}

/// The screen of the terminal, in alternate mode, while this exists and is not left.
pub struct Screen {
    terminal: Terminal<TtyBackend>,
    tty: File,
    mouse: bool,
}

impl Screen {
    /// Takes the terminal: raw mode, alternate screen, bracketed paste, mouse if wanted, no cursor;
    /// stray output goes to the log. Install the panic hook ([`super::panics::install`]) before.
    ///
    /// # Errors
    /// When the terminal refuses. It is restored then.
    pub fn open(mouse: bool) -> io::Result<Self> {
        // Otherwise crossterm reads NO_COLOR and writes `ESC[;m`, which wipes bold and reverse: our
        // mono theme is the answer to NO_COLOR.
        crossterm::style::force_color_output(true);
        let tty = File::from(io::stdout().as_fd().try_clone_to_owned()?);
        let terminal = Terminal::new(TtyBackend::new(tty.try_clone()?)?)?;
        let mut screen = Self { terminal, tty, mouse };
        screen.enter()?;
        Ok(screen)
    }

    /// Takes the terminal again after [`leave`](Self::leave) or after the process was stopped by
    /// somebody else. The next frame is drawn in full.
    ///
    /// # Errors
    /// When the terminal refuses. It is restored then.
    pub fn enter(&mut self) -> io::Result<()> {
        restore();
        let result = self.try_enter();
        if result.is_err() {
            restore();
        }
        result
    }

    fn try_enter(&mut self) -> io::Result<()> {
        let tty = self.tty.try_clone()?;
        let stdio = Redirected::start()?;
        *taken() = Some(Taken { tty, stdio: Some(stdio) });
        crossterm_terminal::enable_raw_mode()?;
        let mut out = Vec::new();
        out.queue(EnterAlternateScreen)?.queue(EnableBracketedPaste)?.queue(Hide)?;
        if self.mouse {
            out.extend_from_slice(MOUSE_ON.as_bytes());
        }
        out.queue(Clear(ClearType::All))?;
        writer::write_to(&self.tty, &out)?;
        writer::set_open(true);
        self.redraw_all()
    }

    /// Gives the terminal back for a while: for an editor, or before the process is stopped.
    pub fn leave(&mut self) {
        restore();
    }

    /// Draws one frame; only what changed is written, and everything after a change of size.
    ///
    /// # Errors
    /// When the terminal does not take it; it has vanished then.
    pub fn draw(&mut self, view: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        if RESIZED.swap(false, Ordering::SeqCst) {
            self.redraw_all()?;
        }
        self.terminal.draw(view).map(|_| ())
    }

    /// Makes the next frame a full one: after something else may have written on the screen.
    ///
    /// # Errors
    /// When the terminal does not take it.
    pub fn redraw_all(&mut self) -> io::Result<()> {
        self.terminal.clear()
    }

    /// Writes an escape sequence between two frames, e.g. one that copies to the clipboard.
    ///
    /// # Errors
    /// When the terminal does not take it.
    pub fn send(&mut self, sequence: &str) -> io::Result<()> {
        writer::write_to(&self.tty, sequence.as_bytes())
    }

    /// The size of the terminal in columns and rows.
    ///
    /// # Errors
    /// When the terminal has vanished.
    pub fn size(&self) -> io::Result<Size> {
        backend::size_of(&self.tty)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        restore();
    }
}

/// Gives the terminal back as it was found: raw mode, alternate screen, mouse, paste mode, cursor,
/// standard output and error. Does nothing when that is done already. Never fails: what cannot be
/// undone because the terminal is gone needs no undoing.
pub fn restore() {
    let Some(mut state) = taken().take() else { return };
    writer::set_open(false);
    let mut out = Vec::from(SYNC_END);
    // Writing to a Vec does not fail.
    let _ = undo(&mut out);
    let _ = writer::write_to(&state.tty, &out);
    let _ = state.tty.flush();
    let _ = crossterm_terminal::disable_raw_mode();
    drop(state.stdio.take());
}

/// Notes that the terminal has changed its size: the next frame is drawn in full.
pub(super) fn note_resize() {
    RESIZED.store(true, Ordering::SeqCst);
}

/// Whether the terminal is ours at the moment.
pub fn is_taken() -> bool {
    taken().is_some()
}

fn undo(out: &mut Vec<u8>) -> io::Result<()> {
    out.queue(DisableMouseCapture)?
        .queue(DisableBracketedPaste)?
        .queue(SetAttribute(Attribute::Reset))?
        .queue(LeaveAlternateScreen)?
        .queue(Show)?;
    Ok(())
}

fn taken() -> MutexGuard<'static, Option<Taken>> {
    TAKEN.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn restoring_undoes_every_mode_that_is_set() {
        let mut out = Vec::new();
        undo(&mut out).unwrap_or_default();
        let text = String::from_utf8_lossy(&out);
        for mode in ["1000", "1002", "1006", "2004", "1049"] {
            assert!(text.contains(&format!("\x1b[?{mode}l")), "mode {mode} is left on: {text:?}");
        }
        assert!(text.contains("\x1b[?25h") && text.contains("\x1b[0m"), "{text:?}");
    }

    #[test]
    fn restoring_what_was_never_taken_does_nothing() {
        restore();
        assert!(!is_taken());
    }

    #[test]
    fn no_terminal_is_a_sentence_that_tells_what_to_do() {
        let text = NoTerminal { stdin: true }.to_string();
        assert!(text.contains("standard input") && text.contains("--help"), "{text}");
        assert!(NoTerminal { stdin: false }.to_string().contains("standard output"));
    }
}
