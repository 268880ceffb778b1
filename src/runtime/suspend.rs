//! ctrl-z: gives the terminal back to the shell, stops the process, goes on when it is continued.

use std::io;
use std::time::Duration;

use nix::unistd::{Pid, getpgid, getpgrp, getppid, getsid};
use rustix::process::{Signal as Number, getpid, kill_current_process_group, kill_process};

use super::signals::{Signals, expect_own_stop};
use super::terminal::Screen;

/// How long to wait for the continuation while we run; time in which the process is stopped
/// passes without us.
const AT_MOST: Duration = Duration::from_millis(500);

/// How a wish to be suspended went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Suspended {
    /// The process was stopped and runs again; everything must be drawn anew.
    Done,
    /// There is no shell that could continue the process (it was started by a window, tmux or ssh
    /// directly): it would hang forever. Nothing was done; tell the user.
    NoShell,
}

/// Stops the process until somebody continues it. Everything is drawn anew by the next frame.
///
/// # Errors
/// When the process cannot be stopped or the terminal cannot be taken again.
pub async fn suspend(screen: &mut Screen, signals: &mut Signals) -> io::Result<Suspended> {
    if is_orphaned() {
        return Ok(Suspended::NoShell);
    }
    screen.leave();
    // The whole job stops, or the shell would go on waiting for a wrapper around us. We have a
    // handler for that signal, so our own stop is SIGSTOP.
    expect_own_stop();
    let stopped = kill_current_process_group(Number::TSTP)
        .and_then(|()| kill_process(getpid(), Number::STOP))
        .map_err(io::Error::from);
    // The stop reaches the threads a moment later than this line.
    signals.continued(AT_MOST).await;
    screen.enter()?;
    stopped.map(|()| Suspended::Done)
}

/// A process that this one cannot see: of another container. The system gives it for a parent, a
/// group or a session from outside; `rustix` takes no 0 for a process, so `nix` asks here.
const UNSEEN: Pid = Pid::from_raw(0);

/// Whether the process group is one that no shell of this session looks after.
fn is_orphaned() -> bool {
    let (mut parent, group) = (getppid(), getpgrp());
    // A wrapper in our own group does not count; the parent of the group's leader does.
    if getpgid(Some(parent)).is_ok_and(|of_parent| of_parent == group)
        && let Some(above) = parent_of(group)
    {
        parent = above;
    }
    // For 0 the system would answer about ourselves.
    if parent == UNSEEN || group == UNSEEN {
        return true;
    }
    match (getsid(Some(parent)), getsid(None)) {
        (Ok(of_parent), Ok(ours)) => of_parent != ours,
        // Not to be seen by us: another session or another container.
        _ => true,
    }
}

/// The parent of another process, where the system tells it in a file.
fn parent_of(process: Pid) -> Option<Pid> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name in parentheses may hold anything, blanks and parentheses too.
    let behind_name = stat.get(stat.rfind(')')? + 1..)?;
    behind_name.split_whitespace().nth(1)?.parse().ok().map(Pid::from_raw)
}

#[cfg(test)]
mod tests {
    use nix::unistd::getpid;

    use super::*;

    #[test]
    fn the_parent_of_a_process_is_found() {
        if std::path::Path::new("/proc/self/stat").exists() {
            assert_eq!(parent_of(getpid()), Some(getppid()));
        }
    }
}
