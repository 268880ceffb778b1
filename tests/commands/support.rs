//! A home of its own for each test, and one demo for all.

use std::path::Path;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use assert_cmd::Command;
use serde_json::Value;
use tempfile::TempDir;

/// A temporary home; nothing of the user's is seen or touched.
pub struct Home {
    pub dir: TempDir,
}

impl Home {
    pub fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    pub fn run(&self, words: &[&str]) -> Ran {
        Ran::of(self.command(words))
    }

    pub fn command(&self, words: &[&str]) -> Command {
        command(self.path(), self.path(), words)
    }
}

fn command(home: &Path, data: &Path, words: &[&str]) -> Command {
    let mut command = Command::cargo_bin("vector-inspector").unwrap();
    let path = std::env::var_os("PATH").unwrap_or_default();
    command.env_clear().env("PATH", path).env("HOME", home).env("LANG", "C.UTF-8");
    command.env("VECTOR_INSPECTOR_CONFIG_DIR", home.join("config")).env("VECTOR_INSPECTOR_DATA_DIR", data);
    command.args(words).write_stdin("").timeout(std::time::Duration::from_secs(180));
    command
}

/// The embedded demo: made once, used by one test at a time, because it is open in one process only.
pub struct Demo {
    home: Home,
    data: MutexGuard<'static, TempDir>,
}

static DEMO: LazyLock<Mutex<TempDir>> = LazyLock::new(|| Mutex::new(tempfile::tempdir().unwrap()));

impl Demo {
    pub fn open() -> Self {
        Self { home: Home::new(), data: DEMO.lock().unwrap_or_else(PoisonError::into_inner) }
    }

    pub fn run(&self, words: &[&str]) -> Ran {
        Ran::of(command(self.home.path(), self.data.path(), words))
    }

    /// Where its database is.
    pub fn directory(&self) -> std::path::PathBuf {
        self.data.path().join("demo")
    }

    /// The binary and its environment, for tests that need the child itself.
    pub fn shell(&self, script: &str) -> Ran {
        let mut shell = Command::new("sh");
        let binary = assert_cmd::cargo::cargo_bin("vector-inspector");
        shell.env("BIN", binary).env("HOME", self.home.path());
        shell.env("VECTOR_INSPECTOR_CONFIG_DIR", self.home.path()).env("VECTOR_INSPECTOR_DATA_DIR", self.data.path());
        shell.args(["-c", script]).timeout(std::time::Duration::from_secs(180));
        Ran::of(shell)
    }
}

/// What a run left.
pub struct Ran {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Ran {
    pub fn of(mut command: Command) -> Self {
        let output = command.output().unwrap();
        Self {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    #[track_caller]
    pub fn ends_with(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "stdout: {}\nstderr: {}", self.out, self.err);
        self
    }

    #[track_caller]
    pub fn says(self, part: &str) -> Self {
        assert!(self.err.contains(part), "{part:?} is not in: {}", self.err);
        assert!(!self.err.contains("panicked"), "{}", self.err);
        self
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}", self.out))
    }

    #[track_caller]
    pub fn lines(&self) -> Vec<Value> {
        self.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

/// The names of an object, in order.
pub fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}
