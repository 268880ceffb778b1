//! Notices that the terminal has vanished, without looking again and again.
//!
//! A thread sleeps in `poll` until the kernel tells of a hang-up. It reads nothing, so that it takes
//! no key from an editor, and it needs no room in the runtime, so that it hears while the event loop
//! is stuck in a write. Used by [`super::signals`].

use std::fs::File;
use std::io::{self, IsTerminal};
use std::os::fd::AsFd;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use tokio::sync::oneshot;

/// How often to look without having been told. Linux wakes nobody here who asked for no input when
/// it revokes a terminal (`vhangup`): then whoever reads notices, and this look if nobody does.
const LOOK: Timespec = Timespec { tv_sec: 5, tv_nsec: 0 };

/// How often to look at a terminal that `poll` cannot watch, as on some systems.
const UNWATCHED: Duration = Duration::from_millis(500);

/// Resolves once when standard input, which must be a terminal, is none any more.
///
/// # Errors
/// When there are no file descriptors or threads left.
pub(super) fn watch() -> io::Result<oneshot::Receiver<()>> {
    let tty = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    let (tell, told) = oneshot::channel();
    std::thread::Builder::new().name("terminal".to_owned()).spawn(move || {
        if wait(&tty, || tell.is_closed()) {
            let _ = tell.send(());
        }
    })?;
    Ok(told)
}

/// Waits until the terminal is gone; false when nobody wants to know any more.
fn wait(tty: &File, unwanted: impl Fn() -> bool) -> bool {
    while tty.is_terminal() {
        if unwanted() {
            return false;
        }
        // A hang-up is told without being asked for.
        let mut watched = [PollFd::new(tty, PollFlags::empty())];
        let told = match poll(&mut watched, Some(&LOOK)) {
            Ok(count) => count > 0,
            Err(rustix::io::Errno::INTR) => false,
            Err(_) => true,
        };
        if told && tty.is_terminal() {
            // Told of something else, and would be at once again.
            std::thread::sleep(UNWATCHED);
        }
    }
    true
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::time::Instant;

    use portable_pty::{PtySize, native_pty_system};

    use super::*;

    #[test]
    fn a_hang_up_is_told_at_once_and_nothing_before() {
        let pair = native_pty_system().openpty(PtySize::default()).unwrap();
        let tty = File::options().read(true).write(true).open(pair.master.tty_name().unwrap()).unwrap();
        let (ended, end) = std::sync::mpsc::channel();
        let watching = std::thread::spawn(move || {
            let gone = wait(&tty, || false);
            ended.send(()).unwrap();
            gone
        });
        assert!(end.recv_timeout(Duration::from_millis(100)).is_err(), "told while the terminal is there");
        let hung_up = Instant::now();
        drop(pair);
        assert!(watching.join().unwrap());
        let look = Duration::from_secs(LOOK.tv_sec.unsigned_abs());
        assert!(hung_up.elapsed() < look, "found by looking, not told: after {:?}", hung_up.elapsed());
    }

    #[test]
    fn what_is_no_terminal_is_gone_and_who_is_not_wanted_ends() {
        assert!(wait(&tempfile::tempfile().unwrap(), || false));
        let pair = native_pty_system().openpty(PtySize::default()).unwrap();
        let tty = File::options().read(true).write(true).open(pair.master.tty_name().unwrap()).unwrap();
        assert!(!wait(&tty, || true));
    }
}
