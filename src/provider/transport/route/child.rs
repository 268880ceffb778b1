//! A program that a route needs: started here without a shell's reading of its words, listened to, and
//! ended with the route.
//!
//! A shell stands between as a guard: it is given the words as they are, waits for the end of its
//! input, which comes when this program closes the pipe or dies in whatever way, and then ends the whole
//! process group: asked first, killed two seconds later, or when the program itself is gone.

use std::io;
use std::process::{ExitStatus, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::process::{self, ChildStdin, Command};
use tokio::task::JoinHandle;

use super::super::program::{Said, find, listen};

/// Runs `$@`, ends its group at the end of the input, and ends as it ended.
const GUARD: &str = r#"exec 3<&0
"$@" </dev/null 3<&- & child=$!
{ read -r _ <&3; trap '' TERM; kill -TERM 0
  for turn in 1 2 3 4 5 6 7 8; do sleep 0.25; kill -0 "$child" || break; done; kill -KILL 0; } >/dev/null 2>&1 & guard=$!
wait "$child"; code=$?
kill "$guard" 2>/dev/null
exit "$code"
"#;
/// How many of its last lines are kept, and how long each may be.
const LINES: usize = 32;
/// How long the rest of what it says is waited for once it has ended.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// A running program; dropping it ends it and what it started.
pub(super) struct Child {
    program: String,
    process: Mutex<process::Child>,
    said: Said,
    listeners: tokio::sync::Mutex<Vec<JoinHandle<()>>>,
    /// Its end is the sign to end.
    _input: ChildStdin,
}

impl Child {
    /// Starts it; `hidden` says which variables of the environment it does not get.
    ///
    /// # Errors
    /// `NotFound` if there is no such program, and the system's reasons.
    pub(super) fn start(program: &str, arguments: &[String], hidden: impl Fn(&str) -> bool) -> io::Result<Self> {
        let found = find(program).ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "there is no such program"))?;
        let mut command = Command::new("/bin/sh");
        command.arg("-c").arg(GUARD).arg("sh").arg(found).args(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        for (name, _) in std::env::vars_os() {
            if hidden(&name.to_string_lossy()) {
                command.env_remove(name);
            }
        }
        // ctrl-c in the terminal is for this program, which then ends the other one.
        command.process_group(0);
        let mut process = command.spawn()?;
        let said = Said::default();
        let streams = (process.stdin.take(), process.stdout.take(), process.stderr.take());
        let (Some(input), Some(out), Some(err)) = streams else {
            return Err(io::Error::other("its streams are not there"));
        };
        let listeners = tokio::sync::Mutex::new(vec![listen(out, &said, LINES), listen(err, &said, LINES)]);
        Ok(Self { program: program.to_owned(), process: Mutex::new(process), said, listeners, _input: input })
    }

    /// What it is called.
    pub(super) fn program(&self) -> &str {
        &self.program
    }

    /// How it ended, if it has.
    pub(super) fn ended(&self) -> Option<ExitStatus> {
        self.process.lock().unwrap_or_else(PoisonError::into_inner).try_wait().ok().flatten()
    }

    /// Its last lines so far, oldest first.
    pub(super) fn said(&self) -> Vec<String> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    /// Its last lines, once it has ended and all that it said was read.
    pub(super) async fn last_words(&self) -> Vec<String> {
        for listener in self.listeners.lock().await.drain(..) {
            // A child of its own may hold the stream open: then without the last words.
            let _ = tokio::time::timeout(LAST_WORDS, listener).await;
        }
        self.said()
    }
}
