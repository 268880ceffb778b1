//! A `chroma run` on the folder: started here, bound to this machine, stopped when it is dropped.
//!
//! A shell stands between: it waits for the end of its input, which comes when this program closes the
//! pipe or dies in whatever way, and then stops the server. The program gets no secret: none in its
//! arguments, and of the environment only what finds programs and libraries.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::PoisonError;
use std::time::Duration;

use tokio::process::{Child, ChildStdin, Command};
use tokio::sync::Mutex;
use tokio::task::JoinHandle;

use super::{PRODUCT, file};
use crate::provider::transport::program::{Said, find, listen};
use crate::provider::{ProviderError, Result};

/// The program that is looked for without the option.
const DEFAULT: &str = "chroma";
/// Runs the program `$@`, stops it at the end of the input, and ends as it ended. Who does not end when
/// asked to is killed after five seconds.
const GUARD: &str = r#"exec 3<&0
"$@" </dev/null 3<&- & child=$!
{ read -r _ <&3; kill -TERM "$child" && sleep 5 && kill -KILL "$child"; } >/dev/null 2>&1 & guard=$!
wait "$child"; code=$?
kill "$guard" 2>/dev/null
exit "$code"
"#;
/// Variables of the environment that the program gets.
const ENVIRONMENT: [&str; 8] =
    ["PATH", "HOME", "TMPDIR", "LANG", "LC_ALL", "PYTHONPATH", "VIRTUAL_ENV", "LD_LIBRARY_PATH"];
/// How many of its last lines are kept for an error, and how long each may be.
const LINES: usize = 5;
/// How long a broken answer waits for the program's end, which explains it.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// A running server.
pub(super) struct Program {
    /// The port of 127.0.0.1 that it was told.
    pub(super) port: u16,
    name: String,
    dir: PathBuf,
    child: Mutex<Child>,
    said: Said,
    /// What reads its streams, until they end.
    listeners: Mutex<Vec<JoinHandle<()>>>,
    /// Its end is the sign to stop.
    _input: ChildStdin,
}

impl Program {
    /// Starts the program on that folder; it does not listen yet.
    ///
    /// # Errors
    /// `BadRequest` if there is no such program, `Locked` if another one has the folder open, `File` for
    /// the system's reasons.
    pub(super) fn start(program: Option<&str>, dir: &Path) -> Result<Self> {
        let name = program.unwrap_or(DEFAULT).to_owned();
        let found = find(&name).ok_or_else(|| ProviderError::BadRequest {
            cause: format!("to write, `{name} run` is started on the folder, and there is no program {name:?}"),
            mend: "Install Chroma, name its program in the option `program`, or set `write` to `no`.".to_owned(),
        })?;
        let unusable = |cause: std::io::Error| ProviderError::File {
            path: dir.display().to_string(),
            cause: format!("`{name} run` could not be started on it: {cause}"),
        };
        let dir = dir.canonicalize().map_err(unusable)?;
        if is_open_elsewhere(&file::path_in(&dir)) {
            return Err(ProviderError::Locked { path: dir.display().to_string() });
        }
        let port = free_port().map_err(unusable)?;
        let mut command = Command::new("/bin/sh");
        command.arg("-c").arg(GUARD).arg("sh").arg(found);
        command.arg("run").arg("--path").arg(&dir).arg("--host").arg("127.0.0.1").arg("--port").arg(port.to_string());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.env_clear().envs(ENVIRONMENT.iter().filter_map(|name| Some((name, std::env::var_os(name)?))));
        // ctrl-c in the terminal is for this program, which then stops the other one.
        command.process_group(0);
        let mut child = command.spawn().map_err(unusable)?;
        let said = Said::default();
        let streams = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(input), Some(out), Some(err)) = streams else {
            return Err(unusable(std::io::Error::other("its streams are not there")));
        };
        let listeners = Mutex::new(vec![listen(out, &said, LINES), listen(err, &said, LINES)]);
        Ok(Self { port, name, dir, child: Mutex::new(child), said, listeners, _input: input })
    }

    /// The error that says that it has ended, if it has.
    pub(super) async fn ended(&self) -> Option<ProviderError> {
        let status = self.child.lock().await.try_wait().ok().flatten()?;
        Some(self.tell(status).await)
    }

    /// The error of an answer that broke: that the program has ended, if that comes out shortly.
    pub(super) async fn explain(&self, error: ProviderError) -> ProviderError {
        if !matches!(
            error,
            ProviderError::Refused { .. } | ProviderError::Interrupted { .. } | ProviderError::TimedOut { .. }
        ) {
            return error;
        }
        let mut child = self.child.lock().await;
        match tokio::time::timeout(LAST_WORDS, child.wait()).await {
            Ok(Ok(status)) => self.tell(status).await,
            Ok(Err(_)) | Err(_) => error,
        }
    }

    async fn tell(&self, status: ExitStatus) -> ProviderError {
        for listener in self.listeners.lock().await.drain(..) {
            // A child of its own may hold the stream open: then without the last words.
            let _ = tokio::time::timeout(LAST_WORDS, listener).await;
        }
        let said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        let words = said.iter().map(String::as_str).collect::<Vec<_>>().join(" / ");
        let words = if words.is_empty() { "it said nothing".to_owned() } else { format!("it said last: {words}") };
        ProviderError::HelperEnded {
            product: PRODUCT,
            program: format!("{} run", self.name),
            path: self.dir.display().to_string(),
            cause: format!("{status}; {words}"),
        }
    }
}

/// A port that is free now.
fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

/// Whether another process has that file open, as far as the system lets us see (on Linux: processes of
/// the same user). Two servers on one folder would spoil it.
fn is_open_elsewhere(file: &Path) -> bool {
    let Ok(processes) = std::fs::read_dir("/proc") else { return false };
    // By number: `self` is this process, too.
    let number = |process: &std::fs::DirEntry| process.file_name().to_str().and_then(|name| name.parse::<u32>().ok());
    let mut others = processes.flatten().filter(|process| number(process).is_some_and(|id| id != std::process::id()));
    others.any(|process| {
        let Ok(open) = std::fs::read_dir(process.path().join("fd")) else { return false };
        open.flatten().any(|one| std::fs::read_link(one.path()).is_ok_and(|target| target == file))
    })
}
