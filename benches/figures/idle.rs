//! What the program does while nothing happens.

use std::time::Duration;

use crate::fake_qdrant::Fake;
use crate::parameters;
use crate::program;
use crate::report::{Row, Verdict};

/// Both programs are watched during the same time.
pub fn rows() -> Vec<Row> {
    let span = parameters::idle();
    let data = program::data_with_demo();
    let mut demo = program::demo(data.path(), &[]);
    program::open_first_collection(&mut demo, 1);

    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let servers: Vec<_> = (0..7).map(|_| runtime.block_on(Fake::default().serve())).collect();
    let targets: Vec<String> = servers.iter().map(|server| format!("qdrant://{}", server.address)).collect();
    let targets: Vec<&str> = targets.iter().map(String::as_str).collect();
    let other = program::data_with_demo();
    let eight = program::demo(other.path(), &targets);
    eight.wait_for("eight healthy connections", |screen| screen.contents().matches("no collections").count() == 7);

    // The threads that opened the databases end after ten idle seconds.
    program::wait_until_quiet(&demo, Duration::from_secs(12));
    program::wait_until_quiet(&eight, Duration::from_secs(2));
    let marks = (demo.bytes_written(), eight.bytes_written());
    let cpus = (program::cpu(&demo), program::cpu(&eight));
    std::thread::sleep(span);
    let cpu_demo = program::cpu_since(&demo, &cpus.0).as_secs_f64() * 1e3;
    let cpu_eight = program::cpu_since(&eight, &cpus.1).as_secs_f64() * 1e3;
    let bytes_demo = demo.bytes_written() - marks.0;
    let bytes_eight = eight.bytes_written_since(marks.1);

    let seconds = span.as_secs();
    let scaled = cpu_demo * 60.0 / span.as_secs_f64();
    let frames = bytes_eight.windows(8).filter(|window| window == b"\x1b[?2026l").count();
    vec![
        Row::new(
            "idle minute of the demo: bytes written",
            "0",
            format!("{bytes_demo} in {seconds} s"),
            Verdict::of(bytes_demo == 0),
            "a collection is open".to_owned(),
        ),
        Row::new(
            "idle minute of the demo: time on the processor",
            "< 20 ms",
            format!("{cpu_demo:.1} ms in {seconds} s"),
            Verdict::of(scaled < 20.0),
            format!("all threads, /proc/PID/task/*/schedstat; {scaled:.1} ms a minute"),
        ),
        Row::new(
            "eight healthy connections idle: bytes written",
            "what changed in their words",
            format!("{} bytes in {frames} frames, {seconds} s", bytes_eight.len()),
            // A changed latency is a few cells; a frame that draws more was no change of a word.
            Verdict::of(bytes_eight.len() <= frames * 200),
            format!(
                "demo and seven fake Qdrant servers over gRPC; ok: <= 200 bytes a frame; {cpu_eight:.1} ms processor"
            ),
        ),
    ]
}
