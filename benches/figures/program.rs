//! The real program in a pseudo terminal of 120x40, and what the kernel says about its process.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::pty::{Pty, Start};

/// Size of the terminal.
pub const SIZE: (u16, u16) = (120, 40);

/// Columns of the only pane, beside the sidebar.
pub const PANE: std::ops::Range<u16> = 28..118;

/// Ends every frame: the end of a synchronized update.
const FRAME_END: &[u8] = b"\x1b[?2026l";

/// The glyph at the left of a selected row.
const BAR: &str = "▌";

/// Starts the program; its data lies in `data`, so that a second start finds what the first made.
pub fn start(arguments: &[&str], data: &Path) -> Pty {
    let data = data.to_str().unwrap();
    let start = Start::ours(arguments).size(SIZE.0, SIZE.1);
    start.variable("XDG_DATA_HOME", data).variable("COLORTERM", "truecolor").spawn()
}

/// Starts the demo and waits until its collections are listed.
pub fn demo(data: &Path, more: &[&str]) -> Pty {
    let mut arguments = vec!["demo"];
    arguments.extend(more);
    let program = start(&arguments, data);
    program.wait_for_text("articles");
    program
}

/// A directory with the demo in it: what the first start leaves.
pub fn data_with_demo() -> tempfile::TempDir {
    let data = tempfile::tempdir().unwrap();
    demo(data.path(), &[]).kill();
    data
}

/// Opens the first collection of the connection with this number, which was not looked at yet.
pub fn open_first_collection(program: &mut Pty, number: usize) {
    // The number puts the sidebar's cursor on the connection; its collections follow below.
    program.type_keys(&format!("{number}j<enter>"));
    program.wait_for("a table of records", |screen| selected_row(screen, PANE).is_some());
}

/// Waits until the program has written nothing for so long.
pub fn wait_until_quiet(program: &Pty, quiet: Duration) {
    let give_up = Instant::now() + Duration::from_secs(60);
    let mut last = (program.bytes_written(), Instant::now());
    while last.1.elapsed() < quiet {
        assert!(Instant::now() < give_up, "the screen does not come to rest:\n{}", program.contents());
        std::thread::sleep(Duration::from_millis(50));
        let written = program.bytes_written();
        if written != last.0 {
            last = (written, Instant::now());
        }
    }
}

/// The row of the selection in a pane that spans these columns.
pub fn selected_row(screen: &vt100::Screen, columns: std::ops::Range<u16>) -> Option<u16> {
    (0..SIZE.1).find(|row| columns.clone().any(|column| screen.cell(*row, column).is_some_and(|c| c.contents() == BAR)))
}

/// Milliseconds from a key until the selection is seen in another row.
pub fn key_to_other_row(program: &mut Pty, keys: &str, columns: std::ops::Range<u16>) -> f64 {
    let seen = std::cell::Cell::new(None);
    program.wait_for("a selection", |screen| {
        seen.set(selected_row(screen, columns.clone()));
        seen.get().is_some()
    });
    let before = seen.get();
    let pressed = Instant::now();
    program.type_keys(keys);
    program.wait_for("the selection elsewhere", |screen| {
        let now = selected_row(screen, columns.clone());
        now.is_some() && now != before
    });
    pressed.elapsed().as_secs_f64() * 1e3
}

/// Milliseconds from a key until the end of the next frame. For a key that changes something: a frame
/// without a change writes nothing.
pub fn key_to_frame(program: &mut Pty, keys: &str) -> f64 {
    let mark = program.bytes_written();
    let pressed = Instant::now();
    program.type_keys(keys);
    program.wait_for_bytes(mark, FRAME_END);
    pressed.elapsed().as_secs_f64() * 1e3
}

/// Nanoseconds on a processor so far, of each thread.
pub fn cpu(program: &Pty) -> HashMap<OsString, u64> {
    let threads = fs::read_dir(format!("/proc/{}/task", program.pid())).unwrap();
    threads
        .flatten()
        .filter_map(|thread| {
            let text = fs::read_to_string(thread.path().join("schedstat")).ok()?;
            Some((thread.file_name(), text.split(' ').next()?.parse().ok()?))
        })
        .collect()
}

/// Time on a processor since then. A thread that ended meanwhile is not counted.
pub fn cpu_since(program: &Pty, then: &HashMap<OsString, u64>) -> Duration {
    let now = cpu(program);
    Duration::from_nanos(now.iter().map(|(id, spent)| spent - then.get(id).unwrap_or(&0)).sum())
}

/// Memory of the process in MiB.
#[derive(Clone, Copy)]
pub struct Memory {
    /// All that is resident.
    pub resident: f64,
    /// The part of it that is of no file: heap and stacks.
    pub anonymous: f64,
}

/// What the process has resident now.
pub fn memory(program: &Pty) -> Memory {
    let status = fs::read_to_string(format!("/proc/{}/status", program.pid())).unwrap();
    let of = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        line.trim().trim_end_matches(" kB").parse::<f64>().unwrap() / 1024.0
    };
    Memory { resident: of("VmRSS:"), anonymous: of("RssAnon:") }
}
