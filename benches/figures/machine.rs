//! Where it was measured, so that a table says what it is worth.

use std::fs;
use std::io::{self, Write};

/// Prints cores, processor, load and profile.
pub fn print() -> io::Result<()> {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let processor = fs::read_to_string("/proc/cpuinfo").ok().and_then(|text| {
        let line = text.lines().find(|line| line.starts_with("model name"))?;
        Some(line.split_once(':')?.1.trim().to_owned())
    });
    let profile = if cfg!(debug_assertions) { "NOT a release build: these figures mean nothing" } else { "release" };
    let mut out = io::stdout().lock();
    writeln!(out, "machine: {cores} cores, {}", processor.as_deref().unwrap_or("processor unknown"))?;
    writeln!(out, "load before: {} (runnable tasks, averages of 1, 5, 15 minutes)", load())?;
    writeln!(out, "build: {profile}\n")
}

/// The system's load averages.
pub fn load() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').take(3).collect::<Vec<_>>().join(" ")
}
