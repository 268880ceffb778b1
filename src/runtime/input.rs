//! What the user types, as events of crossterm's types.
//!
//! crossterm's own reader is not used: an unterminated paste makes it swallow all input, a vanished
//! terminal makes it spin, and it keeps standard input after it is dropped. Here a thread reads
//! bytes, [`parser`] makes events of them, and every wait has an end.

pub mod parser;
mod sequences;

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, PipeReader, PipeWriter, Read};
use std::os::fd::AsFd;
use std::thread::JoinHandle;
use std::time::Duration;

use crossterm::event::Event;
use rustix::event::{PollFd, PollFlags, poll};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use super::terminal::note_resize;
use parser::Parser;

/// How long an ESC waits for the rest of a sequence before it is the key.
const ESCAPE_WAIT: Duration = Duration::from_millis(30);

/// How long a paste may be silent before it counts as ended, although its end was not seen.
const PASTE_WAIT: Duration = Duration::from_millis(1000);

/// Bytes read at once.
const CHUNK: usize = 4096;

/// Chunks that wait for the loop; when there are more, the terminal waits.
const CHUNKS: usize = 16;

/// The user's input. Dropping it stops the reading before it returns, so that an editor started
/// afterwards gets every key.
pub struct Input {
    chunks: mpsc::Receiver<Vec<u8>>,
    resized: Signal,
    parser: Parser,
    ready: VecDeque<Event>,
    deadline: Option<Instant>,
    tty: File,
    stop: Option<PipeWriter>,
    reader: Option<JoinHandle<()>>,
}

impl Input {
    /// Starts to read standard input, which must be a terminal in raw mode.
    ///
    /// # Errors
    /// When there are no file descriptors or threads left.
    pub fn start() -> io::Result<Self> {
        let tty = File::from(io::stdin().as_fd().try_clone_to_owned()?);
        let (stopped, stop) = io::pipe()?;
        let (send, chunks) = mpsc::channel(CHUNKS);
        let source = tty.try_clone()?;
        let reader =
            std::thread::Builder::new().name("input".to_owned()).spawn(move || read(source, &stopped, &send))?;
        Ok(Self {
            chunks,
            resized: signal(SignalKind::window_change())?,
            parser: Parser::default(),
            ready: VecDeque::new(),
            deadline: None,
            tty,
            stop: Some(stop),
            reader: Some(reader),
        })
    }

    /// The next event; `None` when the terminal is gone. Safe to drop and call again.
    pub async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some(event);
            }
            let deadline = self.deadline.unwrap_or_else(Instant::now);
            tokio::select! {
                chunk = self.chunks.recv() => {
                    self.parser.feed(&chunk?, &mut self.ready);
                    self.deadline = if self.parser.in_paste() {
                        Some(Instant::now() + PASTE_WAIT)
                    } else if self.parser.is_waiting() {
                        Some(Instant::now() + ESCAPE_WAIT)
                    } else {
                        None
                    };
                }
                () = sleep_until(deadline), if self.deadline.is_some() => {
                    self.deadline = None;
                    self.parser.give_up(&mut self.ready);
                }
                _ = self.resized.recv() => {
                    note_resize();
                    let size = rustix::termios::tcgetwinsize(&self.tty).ok()?;
                    return Some(Event::Resize(size.ws_col.max(1), size.ws_row.max(1)));
                }
            }
        }
    }
}

impl Drop for Input {
    fn drop(&mut self) {
        self.chunks.close();
        drop(self.stop.take());
        if let Some(reader) = self.reader.take() {
            // It is woken by the closed pipe or by the closed channel.
            let _ = reader.join();
        }
    }
}

/// Reads until told to stop, or until the terminal is gone; ends the channel then.
fn read(mut tty: File, stopped: &PipeReader, send: &mpsc::Sender<Vec<u8>>) {
    let mut buffer = vec![0; CHUNK];
    loop {
        let mut watched = [PollFd::new(&tty, PollFlags::IN), PollFd::new(stopped, PollFlags::IN)];
        match poll(&mut watched, None) {
            Ok(_) => {}
            Err(rustix::io::Errno::INTR) => continue,
            Err(_) => return,
        }
        let [of_tty, of_stop] = watched.map(|fd| fd.revents());
        if !of_stop.is_empty() {
            return;
        }
        if of_tty.is_empty() {
            continue;
        }
        // A terminal that hung up is readable, too: the read tells.
        match tty.read(&mut buffer) {
            Ok(0) => return,
            Ok(count) => {
                let chunk = buffer.get(..count).unwrap_or_default().to_vec();
                if send.blocking_send(chunk).is_err() {
                    return;
                }
            }
            Err(error) if matches!(error.kind(), io::ErrorKind::Interrupted | io::ErrorKind::WouldBlock) => {}
            Err(_) => return,
        }
    }
}
