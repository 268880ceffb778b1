//! ratatui's crossterm backend on the terminal's own file descriptor.

use std::fs::File;
use std::io;

use ratatui::backend::{Backend, ClearType, CrosstermBackend, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};

use super::writer::FrameWriter;

/// Taken when the terminal does not know its size.
const UNKNOWN: Size = Size { width: 80, height: 24 };

/// Draws through crossterm; size and cursor it knows by itself.
///
/// Two things differ from the backend inside: the size comes from this terminal, also when standard
/// output is redirected, and the cursor's position is never asked from the terminal, because one
/// that does not answer would fail [`ratatui::Terminal::clear`].
pub struct TtyBackend {
    inner: CrosstermBackend<FrameWriter>,
    tty: File,
    cursor: Position,
}

impl TtyBackend {
    /// A backend that writes to `tty`.
    pub(super) fn new(tty: File) -> io::Result<Self> {
        let inner = CrosstermBackend::new(FrameWriter::new(tty.try_clone()?));
        Ok(Self { inner, tty, cursor: Position::ORIGIN })
    }
}

impl Backend for TtyBackend {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        self.inner.draw(content)
    }

    fn append_lines(&mut self, lines: u16) -> io::Result<()> {
        self.inner.append_lines(lines)
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        self.inner.hide_cursor()
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        self.inner.show_cursor()
    }

    fn get_cursor_position(&mut self) -> io::Result<Position> {
        Ok(self.cursor)
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        self.cursor = position.into();
        self.inner.set_cursor_position(self.cursor)
    }

    fn clear(&mut self) -> io::Result<()> {
        self.inner.clear()
    }

    fn clear_region(&mut self, region: ClearType) -> io::Result<()> {
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
