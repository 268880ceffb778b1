//! Writes whole frames to the terminal, and nothing once it was given back.

use std::fs::File;
use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// A frame is held back by the terminal until its end, so that no half of it is seen.
const SYNC: (&[u8], &[u8]) = (b"\x1b[?2026h", b"\x1b[?2026l");

/// How long to wait for a terminal that takes nothing before looking at it again.
const PATIENCE: Timespec = Timespec { tv_sec: 0, tv_nsec: 100_000_000 };

/// Whether frames may be written. After a panic or a signal the rest of a frame must not come out
/// on the user's normal screen.
static OPEN: AtomicBool = AtomicBool::new(false);

pub(super) fn set_open(open: bool) {
    OPEN.store(open, Ordering::SeqCst);
}

/// Collects a frame until it is flushed; drops what was not.
pub struct FrameWriter {
    tty: File,
    frame: Vec<u8>,
}

impl FrameWriter {
    pub(super) fn new(tty: File) -> Self {
        Self { tty, frame: Vec::with_capacity(16 * 1024) }
    }
}

impl Write for FrameWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.frame.is_empty() {
            self.frame.extend_from_slice(SYNC.0);
        }
        self.frame.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.frame.is_empty() {
            return Ok(());
        }
        self.frame.extend_from_slice(SYNC.1);
        let result = if OPEN.load(Ordering::SeqCst) { write_to(&self.tty, &self.frame) } else { Ok(()) };
        self.frame.clear();
        result
    }
}

/// Writes all, also to a terminal that another program has set to non-blocking.
pub(super) fn write_to(mut tty: &File, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match tty.write(bytes) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(count) => bytes = bytes.get(count..).unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                let mut ready = [PollFd::new(tty, PollFlags::OUT)];
                poll(&mut ready, Some(&PATIENCE))?;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// For tests that write frames: [`OPEN`] is known to the whole process.
#[cfg(test)]
pub(super) static ONE_AT_A_TIME: std::sync::Mutex<()> = std::sync::Mutex::new(());

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::sync::PoisonError;

    use super::*;

    #[test]
    fn a_frame_that_was_not_flushed_or_came_too_late_is_not_written() {
        let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("tty");
        let mut writer = FrameWriter::new(File::create(&path).unwrap());
        writer.write_all(b"late").unwrap();
        writer.flush().unwrap();
        writer.write_all(b"half").unwrap();
        drop(writer);
        assert_eq!(std::fs::read(&path).unwrap(), b"");

        let mut writer = FrameWriter::new(File::create(&path).unwrap());
        set_open(true);
        writer.write_all(b"frame").unwrap();
        writer.flush().unwrap();
        writer.flush().unwrap();
        set_open(false);
        assert_eq!(std::fs::read(&path).unwrap(), b"\x1b[?2026hframe\x1b[?2026l");
    }
}
