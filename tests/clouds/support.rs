//! The real binary in a home of its own, run while a fake answers.

use assert_cmd::Command;
use serde_json::Value;
use tempfile::TempDir;

/// A temporary home.
pub struct Home(TempDir);

/// What a run left.
pub struct Ran {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Home {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn config(&self) -> std::path::PathBuf {
        self.0.path().join("config")
    }

    /// Runs on a blocking thread, so that fakes on the runtime answer meanwhile.
    pub async fn run(&self, words: &[&str], variables: &[(&str, &str)]) -> Ran {
        self.fed(words, variables, "").await
    }

    /// The same with something on stdin.
    pub async fn fed(&self, words: &[&str], variables: &[(&str, &str)], stdin: &str) -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vector-inspector"));
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("HOME", self.0.path()).env("LANG", "C.UTF-8");
        command.env("VECTOR_INSPECTOR_CONFIG_DIR", self.config()).envs(variables.iter().copied());
        command.args(words).write_stdin(stdin).timeout(std::time::Duration::from_secs(180));
        let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
        Ran {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// One profile as `profiles show` has it.
    pub async fn shown(&self, name: &str) -> Value {
        self.run(&["profiles", "show", name, "--json"], &[]).await.ends_with(0).json()
    }
}

impl Ran {
    #[track_caller]
    pub fn ends_with(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "stdout: {}\nstderr: {}", self.out, self.err);
        self
    }

    #[track_caller]
    pub fn says(self, part: &str) -> Self {
        assert!(self.err.contains(part), "{part:?} is not in: {}", self.err);
        self
    }

    /// Nothing that begins so may be seen anywhere.
    #[track_caller]
    pub fn hides(self, canary: &str) -> Self {
        assert!(!self.out.contains(canary) && !self.err.contains(canary), "stdout: {}\nstderr: {}", self.out, self.err);
        self
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}", self.out))
    }
}
