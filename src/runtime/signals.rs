//! Signals, and the watch over a terminal that vanishes without one.
//!
//! A task of its own waits for them, so that they are heard while the event loop is stuck in a write
//! to a terminal that takes nothing. After a signal to end, the loop has a grace time to leave in
//! order; then the process ends anyway. [`super::hang_up`] waits for the terminal's end.

use std::collections::VecDeque;
use std::io::{self, IsTerminal};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::signal::unix::{Signal as Stream, SignalKind, signal};
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::time::{Instant, timeout_at};

use super::{hang_up, terminal};

/// How long an end may take when nobody sees the screen any more; with the rest under two seconds.
const GRACE_GONE: Duration = Duration::from_millis(1200);

/// How long an end may take that somebody asked for.
const GRACE_ASKED: Duration = Duration::from_secs(10);

/// How long giving back the terminal may take in the end; it can hang in a write.
const GRACE_RESTORE: Duration = Duration::from_millis(200);

/// Set while our own stop signal to the process group is on its way back to us.
static OWN_STOP: AtomicBool = AtomicBool::new(false);

/// Why the program must end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// SIGTERM.
    Terminate,
    /// SIGHUP: the terminal was closed.
    HangUp,
    /// SIGINT, sent by somebody: ctrl-c in the terminal is a key.
    Interrupt,
    /// The terminal is gone, without a signal.
    TerminalGone,
}

impl Ending {
    /// The exit code of the program: 128 and the number of the signal, as shells show it.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Terminate => 128 + 15,
            Self::HangUp | Self::TerminalGone => 128 + 1,
            Self::Interrupt => 128 + 2,
        }
    }

    fn grace(self) -> Duration {
        match self {
            Self::Terminate | Self::Interrupt => GRACE_ASKED,
            Self::HangUp | Self::TerminalGone => GRACE_GONE,
        }
    }
}

/// What the event loop hears.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// Leave now, without asking; the process is ended soon in any case.
    End(Ending),
    /// Somebody wants the process stopped: call [`super::suspend::suspend`].
    Suspend,
    /// The process runs again after a stop: take the terminal again and draw everything.
    Continued,
}

/// The receiving end for the event loop.
pub struct Signals {
    heard: mpsc::UnboundedReceiver<Signal>,
    /// Heard while waiting for another one.
    kept: VecDeque<Signal>,
    /// Somebody found the terminal mute: see [`Self::look`].
    look: Arc<Notify>,
}

impl Signals {
    /// Starts to listen. Needs a multi-thread runtime of tokio, and a terminal to watch.
    ///
    /// # Errors
    /// When the handlers cannot be installed.
    pub fn listen() -> io::Result<Self> {
        let streams = Streams::new()?;
        let (tell, heard) = mpsc::unbounded_channel();
        let look = Arc::new(Notify::new());
        tokio::spawn(streams.watch(tell, Arc::clone(&look), hang_up::watch()?));
        Ok(Self { heard, kept: VecDeque::new(), look })
    }

    /// Has the terminal looked at now: its input came to an end. If it is gone, that comes as
    /// [`Ending::TerminalGone`].
    pub(super) fn look(&self) {
        self.look.notify_one();
    }

    /// The next signal. Safe to drop and call again.
    pub async fn next(&mut self) -> Signal {
        if let Some(kept) = self.kept.pop_front() {
            return kept;
        }
        match self.heard.recv().await {
            Some(signal) => signal,
            // The task ends only with the process, or after it told an ending.
            None => std::future::pending().await,
        }
    }

    /// Forgets interrupts that were meant for a child, e.g. an editor, which ran in our terminal.
    pub fn forget_interrupts(&mut self) {
        while let Ok(signal) = self.heard.try_recv() {
            if signal != Signal::End(Ending::Interrupt) {
                self.kept.push_back(signal);
            }
        }
    }

    /// Waits until the process was continued, at most so long.
    pub(super) async fn continued(&mut self, at_most: Duration) {
        let deadline = Instant::now() + at_most;
        while let Ok(Some(signal)) = timeout_at(deadline, self.heard.recv()).await {
            match signal {
                Signal::Continued => return,
                Signal::Suspend => {}
                Signal::End(_) => {
                    self.kept.push_back(signal);
                    return;
                }
            }
        }
    }
}

/// Notes that a stop signal which arrives next is our own.
pub(super) fn expect_own_stop() {
    OWN_STOP.store(true, Ordering::SeqCst);
}

struct Streams {
    terminate: Stream,
    hang_up: Stream,
    interrupt: Stream,
    stop: Stream,
    go_on: Stream,
}

impl Streams {
    fn new() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
            interrupt: signal(SignalKind::interrupt())?,
            stop: signal(SignalKind::from_raw(rustix::process::Signal::TSTP.as_raw()))?,
            go_on: signal(SignalKind::from_raw(rustix::process::Signal::CONT.as_raw()))?,
        })
    }

    async fn watch(
        mut self,
        tell: mpsc::UnboundedSender<Signal>,
        look: Arc<Notify>,
        mut hung_up: oneshot::Receiver<()>,
    ) {
        let (mut ending, mut watched) = (false, true);
        loop {
            let heard = tokio::select! {
                _ = self.terminate.recv() => Signal::End(Ending::Terminate),
                _ = self.hang_up.recv() => Signal::End(Ending::HangUp),
                _ = self.interrupt.recv() => Signal::End(Ending::Interrupt),
                _ = self.stop.recv() => match OWN_STOP.swap(false, Ordering::SeqCst) {
                    true => continue,
                    false => Signal::Suspend,
                },
                _ = self.go_on.recv() => Signal::Continued,
                told = &mut hung_up, if watched => {
                    watched = false;
                    match told {
                        Ok(()) if !ending => Signal::End(Ending::TerminalGone),
                        _ => continue,
                    }
                }
                () = look.notified(), if !ending => match io::stdin().is_terminal() {
                    true => continue,
                    false => Signal::End(Ending::TerminalGone),
                },
            };
            tracing::debug!(?heard, "signal");
            if let Signal::End(why) = heard {
                // An interrupt while an editor runs is meant for the editor.
                if terminal::is_taken() || why != Ending::Interrupt {
                    end_in_any_case(why);
                    ending = true;
                }
            }
            if tell.send(heard).is_err() {
                // The event loop is gone; the last grace time still runs.
                return;
            }
        }
    }
}

/// Ends the process after the grace time, whatever the event loop does.
fn end_in_any_case(why: Ending) {
    let spawned = std::thread::Builder::new().name("ending".to_owned()).spawn(move || {
        std::thread::sleep(why.grace());
        // May hang in a write to a terminal that takes nothing; so it is not waited for.
        let _ = std::thread::Builder::new().spawn(terminal::restore);
        std::thread::sleep(GRACE_RESTORE);
        std::process::exit(i32::from(why.exit_code()));
    });
    if let Err(error) = spawned {
        tracing::error!(%error, "no thread to watch over the end");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exit_codes_are_those_of_the_signals() {
        let codes = [Ending::Terminate, Ending::HangUp, Ending::Interrupt, Ending::TerminalGone].map(Ending::exit_code);
        assert_eq!(codes, [143, 129, 130, 129]);
    }

    #[test]
    fn a_vanished_terminal_ends_the_program_within_two_seconds() {
        assert!(Ending::TerminalGone.grace() + GRACE_RESTORE < Duration::from_secs(2));
    }

    #[tokio::test(start_paused = true)]
    async fn waiting_to_be_continued_keeps_an_ending_and_has_a_limit() {
        let (tell, heard) = mpsc::unbounded_channel();
        let mut signals = Signals { heard, kept: VecDeque::new(), look: Arc::default() };
        tell.send(Signal::Suspend).unwrap_or_default();
        tell.send(Signal::End(Ending::Terminate)).unwrap_or_default();
        signals.continued(Duration::from_secs(1)).await;
        assert_eq!(signals.next().await, Signal::End(Ending::Terminate));
        // Nothing comes: it returns all the same.
        signals.continued(Duration::from_secs(1)).await;
    }

    #[tokio::test]
    async fn interrupts_of_an_editor_are_forgotten_and_the_rest_kept() {
        let (tell, heard) = mpsc::unbounded_channel();
        let mut signals = Signals { heard, kept: VecDeque::new(), look: Arc::default() };
        for signal in [Signal::End(Ending::Interrupt), Signal::Continued, Signal::End(Ending::HangUp)] {
            tell.send(signal).unwrap_or_default();
        }
        signals.forget_interrupts();
        assert_eq!(signals.next().await, Signal::Continued);
        assert_eq!(signals.next().await, Signal::End(Ending::HangUp));
    }
}
