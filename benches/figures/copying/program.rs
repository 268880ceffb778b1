//! The real program as it copies, and what the kernel says about its memory meanwhile.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

/// Most resident memory that was seen, in MiB.
#[derive(Clone, Copy, Default)]
pub struct Peak {
    /// All of it.
    pub resident: f64,
    /// Of no file: heap and stacks, of the program and of an embedded engine.
    pub anonymous: f64,
    /// Mapped files: the program itself, and the files of an embedded engine, which the kernel takes back at need.
    pub files: f64,
}

/// What a run printed and took.
pub struct Ran {
    /// Its JSON.
    pub report: Value,
    /// Seconds from start to end.
    pub seconds: f64,
    /// Its memory.
    pub peak: Peak,
}

/// Runs the program in that home with a password file for PostgreSQL.
pub fn run(home: &Path, words: &[&str]) -> Ran {
    let started = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_vector-inspector"))
        .args(words)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", home)
        .env("LANG", "C.UTF-8")
        .env("PGPASSFILE", home.join("pgpass"))
        .env("VECTOR_INSPECTOR_CONFIG_DIR", home.join("config"))
        .env("VECTOR_INSPECTOR_DATA_DIR", home.join("data"))
        .env("VECTOR_INSPECTOR_STATE_DIR", home.join("state"))
        .stdin(Stdio::null())
        .stdout(fs::File::create(home.join("report.json")).unwrap())
        .stderr(fs::File::create(home.join("errors")).unwrap())
        .spawn()
        .unwrap();
    let mut peak = Peak::default();
    let status = loop {
        let text = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let of = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or("0");
            line.trim().trim_end_matches(" kB").parse::<f64>().unwrap_or(0.0) / 1024.0
        };
        peak.resident = peak.resident.max(of("VmRSS:"));
        peak.anonymous = peak.anonymous.max(of("RssAnon:"));
        peak.files = peak.files.max(of("RssFile:"));
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    let seconds = started.elapsed().as_secs_f64();
    let errors = fs::read_to_string(home.join("errors")).unwrap();
    assert!(status.success(), "{status}: {errors}");
    let report = serde_json::from_slice(&fs::read(home.join("report.json")).unwrap()).unwrap();
    Ran { report, seconds, peak }
}
