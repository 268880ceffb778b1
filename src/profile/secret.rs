//! Takes a secret from where its profile says it is. Blocking: it may read files and run commands.
//!
//! `vault` uses the same readers for the key and the passphrase of the store, `spec` for the secrets
//! of profiles. An error never holds what was read or printed.

use std::io::{ErrorKind, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use secrecy::SecretString;
use thiserror::Error;
use zeroize::Zeroizing;

use super::model::{Profile, SecretSource};
use super::oidc;
use crate::provider::ProviderError;
use crate::text::{is_own_variable, is_secret_variable, names_variable, register_secret_variable};

/// No secret is longer; more is not read.
const LIMIT: u64 = 64 << 10;
/// How long the command of a profile may take: it may ask an agent or the network.
pub const COMMAND_TIMEOUT: Duration = Duration::from_secs(30);
/// How often an ending command is looked at.
const EXIT_POLL: Duration = Duration::from_millis(5);

/// Why a secret could not be had.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SecretError {
    /// The variable is not set.
    #[error("the environment variable {name} is not set. Set it before the program starts, or store the secret.")]
    NoVariable {
        /// Its name.
        name: String,
    },
    /// The file cannot be read.
    #[error("{} could not be read: {cause}. Check its path and permissions.", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The system's words.
        cause: String,
    },
    /// Others can read the file.
    #[error("{} can be read by others (mode {mode:03o}), so it was not used. Run: chmod 600 {}", path.display(), path.display())]
    NotPrivate {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The command has no program.
    #[error("the command is empty. Give the program and its arguments.")]
    NoCommand,
    /// The program could not be started.
    #[error("the command {program} could not be started: {cause}. Check that it is installed and on the PATH.")]
    NotStarted {
        /// The program.
        program: String,
        /// The system's words.
        cause: String,
    },
    /// The command ended with an error.
    #[error("the command {program} failed ({status}). Run it in a terminal to see why.")]
    Failed {
        /// The program.
        program: String,
        /// `exit status: 1`, or the signal.
        status: String,
    },
    /// The command took too long and was stopped.
    #[error("the command {program} did not end within {} s and was stopped. Run it in a terminal to see what it waits for.", after.as_secs_f32())]
    TimedOut {
        /// The program.
        program: String,
        /// How long we waited.
        after: Duration,
    },
    /// The key is asked for each time, and nobody has typed it.
    #[error(
        "the key is asked for each time and was not typed. Check the connection again (! on the screen), then type it."
    )]
    NotTyped,
    /// The key is asked for each time, and there is nobody to ask.
    #[error(
        "the key is asked for each time, and there is no terminal to ask on. Run it in a terminal, or give the profile another source: `profiles edit NAME --secret-env VARIABLE`."
    )]
    NoTerminal,
    /// The identity provider gave no token.
    #[error("the sign-in failed: {0}")]
    SignIn(#[from] ProviderError),
    /// Nothing came.
    #[error("{source_name} is empty where a secret was expected.")]
    Empty {
        /// Where it should have come from.
        source_name: String,
    },
    /// What came is no text of one line.
    #[error("the first line of {source_name} is not a secret: {why}.")]
    NotText {
        /// Where it came from.
        source_name: String,
        /// What is wrong with it.
        why: &'static str,
    },
}

/// Takes the secret from its source.
///
/// # Errors
/// Why it could not be had; never its content.
pub fn resolve(source: &SecretSource) -> Result<SecretString, SecretError> {
    resolve_within(source, COMMAND_TIMEOUT)
}

/// The same with another limit for a command.
///
/// # Errors
/// As [`resolve`].
pub fn resolve_within(source: &SecretSource, timeout: Duration) -> Result<SecretString, SecretError> {
    match source {
        SecretSource::Stored(secret) => Ok(secret.clone()),
        SecretSource::Env(name) => from_variable(name, std::env::var_os(name)),
        SecretSource::File(path) => read_file(path),
        SecretSource::Command(argv) => run_command(argv, timeout),
        SecretSource::Oidc(source) => Ok(oidc::token_now(source)?.access),
        // Only who can ask a person has it: the screen and the commands do.
        SecretSource::Ask => Err(SecretError::NotTyped),
    }
}

fn from_variable(name: &str, value: Option<std::ffi::OsString>) -> Result<SecretString, SecretError> {
    let source_name = format!("the environment variable {name}");
    let value = value.ok_or_else(|| SecretError::NoVariable { name: name.to_owned() })?;
    let text = value
        .into_string()
        .map_err(|_| SecretError::NotText { source_name: source_name.clone(), why: "it is not valid UTF-8" })?;
    one_line(Zeroizing::new(text.into_bytes()), &source_name)
}

/// The first line of a file that nobody else can read.
pub(super) fn read_file(path: &Path) -> Result<SecretString, SecretError> {
    let failed = |cause: std::io::Error| SecretError::File { path: path.to_owned(), cause: cause.to_string() };
    let file = std::fs::File::open(path).map_err(failed)?;
    let found = file.metadata().map_err(failed)?;
    let mode = found.permissions().mode();
    if found.is_file() && mode & 0o077 != 0 {
        return Err(SecretError::NotPrivate { path: path.to_owned(), mode: mode & 0o777 });
    }
    first_line(file, &path.display().to_string())
}

/// The first line of what a reader gives.
pub(super) fn first_line(reader: impl Read, source_name: &str) -> Result<SecretString, SecretError> {
    let bytes = read_line(reader)
        .map_err(|cause| SecretError::File { path: PathBuf::from(source_name), cause: cause.to_string() })?;
    one_line(bytes, source_name)
}

/// Reads up to the end of the first line and no further: a pipe may stay open behind it.
fn read_line(mut reader: impl Read) -> std::io::Result<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(256));
    let mut byte = [0_u8; 1];
    while (bytes.len() as u64) < LIMIT {
        match reader.read(&mut byte) {
            Ok(0) => break,
            Ok(_) if byte == *b"\n" => break,
            Ok(_) => bytes.extend_from_slice(&byte),
            Err(cause) if cause.kind() == ErrorKind::Interrupted => {}
            Err(cause) => return Err(cause),
        }
    }
    Ok(bytes)
}

fn one_line(bytes: Zeroizing<Vec<u8>>, source_name: &str) -> Result<SecretString, SecretError> {
    let not_text = |why| SecretError::NotText { source_name: source_name.to_owned(), why };
    let text = std::str::from_utf8(&bytes).map_err(|_| not_text("it is not valid UTF-8"))?;
    let line = text.split('\n').next().unwrap_or_default();
    let line = line.strip_suffix('\r').unwrap_or(line);
    if line.is_empty() {
        return Err(SecretError::Empty { source_name: source_name.to_owned() });
    }
    if line.chars().any(char::is_control) {
        return Err(not_text("it has a control character"));
    }
    Ok(SecretString::from(line))
}

/// The first line that a command prints. No shell; no input; what it prints to stderr is dropped,
/// since it could land on the screen; the variables of this program are taken from it, and those that
/// profiles take secrets from, unless the command names them.
pub(super) fn run_command(argv: &[String], timeout: Duration) -> Result<SecretString, SecretError> {
    let (program, arguments) = argv.split_first().ok_or(SecretError::NoCommand)?;
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if is_own_variable(&text) || (is_secret_variable(&text) && !names_variable(argv, &text)) {
            command.env_remove(&name);
        }
    }
    let mut child = command
        .spawn()
        .map_err(|cause| SecretError::NotStarted { program: program.clone(), cause: cause.to_string() })?;
    let output = read_output(&mut child, program, timeout);
    if output.is_err() {
        // Already gone is as good as killed; waiting leaves no zombie.
        let _ = child.kill();
        let _ = child.wait();
    }
    one_line(output?, &format!("the output of {program}"))
}

fn read_output(child: &mut Child, program: &str, timeout: Duration) -> Result<Zeroizing<Vec<u8>>, SecretError> {
    let started = Instant::now();
    let timed_out = || SecretError::TimedOut { program: program.to_owned(), after: timeout };
    let failed = |status: String| SecretError::Failed { program: program.to_owned(), status };
    let stdout = child.stdout.take().ok_or_else(|| failed("it has no output".to_owned()))?;
    let (sender, receiver) = mpsc::channel();
    // A reader of its own: a grandchild may hold the pipe open longer than we are willing to wait.
    std::thread::spawn(move || {
        let mut bytes = Zeroizing::new(Vec::with_capacity(256));
        let result = stdout.take(LIMIT).read_to_end(&mut bytes).map(|_| bytes);
        let _ = sender.send(result);
    });
    let output = match receiver.recv_timeout(timeout) {
        Ok(result) => result.map_err(|cause| failed(cause.to_string()))?,
        Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return Err(timed_out()),
    };
    loop {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => return Ok(output),
            Ok(Some(status)) => return Err(failed(status.to_string())),
            Ok(None) if started.elapsed() >= timeout => return Err(timed_out()),
            Ok(None) => std::thread::sleep(EXIT_POLL),
            Err(cause) => return Err(failed(cause.to_string())),
        }
    }
}

/// The variables of this program that hold or lead to the key of the store. No profile of others may take a key
/// from them.
pub fn secret_variables() -> [&'static str; 6] {
    [
        "VECTOR_INSPECTOR_IDENTITY",
        "VECTOR_INSPECTOR_KEY",
        "VECTOR_INSPECTOR_KEY_COMMAND",
        "VECTOR_INSPECTOR_PASSPHRASE_FD",
        "VECTOR_INSPECTOR_PASSPHRASE_FILE",
        "VECTOR_INSPECTOR_PASSPHRASE_COMMAND",
    ]
}

/// Keeps the variables that a profile takes secrets from from the programs that are started for others.
pub fn register_variables(profile: &Profile) {
    for source in [&profile.secret, &profile.route.proxy_secret].into_iter().flatten() {
        if let SecretSource::Env(name) = source {
            register_secret_variable(name);
        }
    }
}

/// Words as one line that [`split_words`] splits again.
pub fn join_words(argv: &[String]) -> String {
    let plain = |word: &String| {
        !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || "-_./:=@%+,${}".contains(c))
    };
    let quote = |word: &String| if plain(word) { word.clone() } else { format!("'{}'", word.replace('\'', "'\\''")) };
    argv.iter().map(quote).collect::<Vec<_>>().join(" ")
}

/// Splits a command line into words as a shell would, with quotes and backslashes but nothing else:
/// no variables, no globs. `None` when a quote is not closed.
pub fn split_words(line: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match c {
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match chars.next()? {
                        '\'' => break,
                        inside => word.push(inside),
                    }
                }
            }
            '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match chars.next()? {
                        '"' => break,
                        '\\' => word.push(chars.next()?),
                        inside => word.push(inside),
                    }
                }
            }
            '\\' => word.get_or_insert_default().push(chars.next()?),
            space if space.is_whitespace() => words.extend(word.take()),
            other => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    Some(words)
}
