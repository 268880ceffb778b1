//! ratatui's crossterm backend on the terminal's own file descriptor.

use std::fs::File;
use std::io;

use crossterm::QueueableCommand;
use crossterm::cursor::{Hide, MoveTo, Show};
use ratatui::backend::{Backend, ClearType, CrosstermBackend, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};

use super::writer::FrameWriter;

/// Taken when the terminal does not know its size.
const UNKNOWN: Size = Size { width: 80, height: 24 };

/// Draws through crossterm; size and cursor it knows by itself.
///
/// Three things differ from the backend inside: the size comes from this terminal, also when standard
/// output is redirected; the cursor's position is never asked from the terminal, because one that
/// does not answer would fail [`ratatui::Terminal::clear`]; and a frame without a change writes
/// nothing, where the one inside would reset colors and hide the cursor again.
pub struct TtyBackend {
    inner: CrosstermBackend<FrameWriter>,
    tty: File,
    cursor: Position,
    /// Whether the terminal's cursor stands there. Whatever is drawn moves it.
    placed: bool,
    /// Whether it is shown; `None` when somebody else may have changed that.
    shown: Option<bool>,
}

impl TtyBackend {
    /// A backend that writes to `tty`.
    pub(super) fn new(tty: File) -> io::Result<Self> {
        let inner = CrosstermBackend::new(FrameWriter::new(tty.try_clone()?));
        Ok(Self { inner, tty, cursor: Position::ORIGIN, placed: false, shown: None })
    }
}

impl Backend for TtyBackend {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let mut content = content.peekable();
        if content.peek().is_none() {
            return Ok(());
        }
        self.placed = false;
        self.inner.draw(content)
    }

    fn append_lines(&mut self, lines: u16) -> io::Result<()> {
        self.placed = false;
        self.inner.append_lines(lines)
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        if self.shown != Some(false) {
            self.inner.queue(Hide)?;
            self.shown = Some(false);
        }
        Ok(())
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        if self.shown != Some(true) {
            self.inner.queue(Show)?;
            self.shown = Some(true);
        }
        Ok(())
    }

    fn get_cursor_position(&mut self) -> io::Result<Position> {
        Ok(self.cursor)
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        let position = position.into();
        if !self.placed || position != self.cursor {
            self.inner.queue(MoveTo(position.x, position.y))?;
            (self.cursor, self.placed) = (position, true);
        }
        Ok(())
    }

    fn clear(&mut self) -> io::Result<()> {
        self.clear_region(ClearType::All)
    }

    fn clear_region(&mut self, region: ClearType) -> io::Result<()> {
        // Others may have had the terminal meanwhile: nothing is known of the cursor.
        (self.placed, self.shown) = (false, None);
        self.inner.clear_region(region)
    }

    fn size(&self) -> io::Result<Size> {
        size_of(&self.tty)
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        Ok(WindowSize { columns_rows: self.size()?, pixels: Size::ZERO })
    }

    fn flush(&mut self) -> io::Result<()> {
        // The trait's, not that of `Write`.
        Backend::flush(&mut self.inner)
    }
}

/// The size of a terminal; 80 by 24 when it says 0 by 0, as one without a window does.
pub(super) fn size_of(tty: &File) -> io::Result<Size> {
    let size = rustix::termios::tcgetwinsize(tty)?;
    match (size.ws_col, size.ws_row) {
        (0, 0) => Ok(UNKNOWN),
        (width, height) => Ok(Size::new(width.max(1), height.max(1))),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::io::Read;
    use std::sync::PoisonError;

    use portable_pty::{PtySize, native_pty_system};
    use ratatui::Terminal;
    use ratatui::widgets::Paragraph;

    use super::super::writer;
    use super::*;

    /// Draws the texts one after the other, with the cursor there; what each wrote.
    fn draw(frames: &[(&str, Option<(u16, u16)>)]) -> Vec<String> {
        let _alone = writer::ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        let pair = native_pty_system().openpty(PtySize { rows: 3, cols: 20, ..PtySize::default() }).unwrap();
        let tty = File::options().read(true).write(true).open(pair.master.tty_name().unwrap()).unwrap();
        let mut reader = pair.master.try_clone_reader().unwrap();
        let mut mark = tty.try_clone().unwrap();
        writer::set_open(true);
        let mut terminal = Terminal::new(TtyBackend::new(tty).unwrap()).unwrap();
        let written = frames.iter().map(|(text, cursor)| {
            terminal
                .draw(|frame| {
                    frame.render_widget(Paragraph::new(*text), frame.area());
                    if let Some(place) = cursor {
                        frame.set_cursor_position(*place);
                    }
                })
                .unwrap();
            // Ends what is read, also if the frame wrote nothing.
            io::Write::write_all(&mut mark, b"\0").unwrap();
            let mut bytes = Vec::new();
            let mut byte = [0];
            loop {
                reader.read_exact(&mut byte).unwrap();
                match byte {
                    [0] => return String::from_utf8(bytes).unwrap(),
                    [other] => bytes.push(other),
                }
            }
        });
        let written = written.collect();
        writer::set_open(false);
        written
    }

    #[test]
    fn a_frame_without_a_change_writes_nothing() {
        let written = draw(&[("one", None), ("one", None), ("two", None)]);
        assert!(written[0].contains("one") && written[0].contains("\x1b[?25l"), "{written:?}");
        assert_eq!(written[1], "");
        assert!(written[2].contains("two") && !written[2].contains("\x1b[?25l"), "{written:?}");
    }

    #[test]
    fn the_cursor_is_placed_again_after_something_was_drawn() {
        let at = Some((4, 0));
        let written = draw(&[("one", at), ("one", at), ("two", at), ("two", Some((5, 0))), ("two", None)]);
        assert!(written[0].contains("\x1b[?25h") && written[0].contains("\x1b[1;5H"), "{written:?}");
        assert_eq!(written[1], "");
        assert!(written[2].contains("two") && written[2].contains("\x1b[1;5H"), "{written:?}");
        assert!(written[3].contains("\x1b[1;6H") && !written[3].contains("two"), "{written:?}");
        assert!(written[4].contains("\x1b[?25l"), "{written:?}");
        let one_write = |frame: &String| frame.matches("\x1b[?2026h").count() == 1;
        assert!([0, 2, 3, 4].iter().all(|n| one_write(&written[*n])), "{written:?}");
    }
}
