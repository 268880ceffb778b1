//! Resident memory of the demo, and what paging through a large collection adds.

use std::time::{Duration, Instant};

use crate::fake_qdrant::Fake;
use crate::fake_qdrant::many_records::Many;
use crate::parameters;
use crate::program;
use crate::report::{Row, Verdict};

/// How long paging through everything may take before it is given up.
const PATIENCE: Duration = Duration::from_secs(900);

pub fn rows() -> Vec<Row> {
    vec![demo(), paging()]
}

fn demo() -> Row {
    let data = program::data_with_demo();
    let mut demo = program::demo(data.path(), &[]);
    program::open_first_collection(&mut demo, 1);
    for _ in 0..30 {
        program::key_to_frame(&mut demo, "<pagedown>");
    }
    program::wait_until_quiet(&demo, Duration::from_secs(1));
    let memory = program::memory(&demo);
    Row::new(
        "resident memory of the demo",
        "<= 60 MiB",
        format!("{:.1} MiB", memory.resident),
        Verdict::of(memory.resident <= 60.0),
        format!(
            "after 30 screens of a collection; {:.1} MiB of it heap and stacks, the rest mapped files",
            memory.anonymous
        ),
    )
}

fn paging() -> Row {
    let records = parameters::memory_records();
    let figure = format!("paging through {records} records of 384 dimensions adds");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let server =
        runtime.block_on(Fake::with_records(Many { name: "many".to_owned(), records, dimension: 384 }).serve());
    let data = tempfile::tempdir().unwrap();
    let mut program = program::start(&[&format!("qdrant://{}", server.address)], data.path());
    program.wait_for_text("many");
    program::open_first_collection(&mut program, 1);
    // With vectors: most of the bytes.
    program.type_keys("v");
    program.wait_for_text("vectors shown");
    program::wait_until_quiet(&program, Duration::from_secs(1));
    let before = program::memory(&program);
    let started = Instant::now();
    program.type_keys("G");
    let last = format!("Record number {}", records - 1);
    let mut most = before;
    loop {
        let now = program::memory(&program);
        if now.resident > most.resident {
            most = now;
        }
        let contents = program.contents();
        if contents.contains(&last) {
            break;
        }
        assert!(started.elapsed() < PATIENCE, "still reading after {PATIENCE:?}:\n{contents}");
        std::thread::sleep(Duration::from_millis(20));
    }
    let took = started.elapsed().as_secs_f64();
    let added = most.resident - before.resident;
    let limit = "<= 20 MiB for 1,000,000";
    let speed = records as f64 / took;
    let note = format!(
        "with vectors, from a fake Qdrant server; most seen while paging, {:.1} MiB before; {took:.0} s, {speed:.0} records/s",
        before.resident
    );
    Row::new(&figure, limit, format!("{added:.1} MiB"), Verdict::of(added <= 20.0), note)
}
