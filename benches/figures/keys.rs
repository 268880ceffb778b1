//! From a key to the frame that shows what it did, and what that frame costs on the wire.

use std::time::Duration;

use tokio::runtime::Runtime;

use crate::fake_qdrant::many_records::Many;
use crate::fake_qdrant::{Fake, Running, says_nothing};
use crate::parameters;
use crate::program;
use crate::pty::Pty;
use crate::report::{Row, Sorted, Verdict};

/// Columns of the left one of two panes.
const LEFT: std::ops::Range<u16> = 28..72;

/// The demo, five healthy servers, one that never answers, one with more records than anybody pages
/// through.
struct Eight {
    program: Pty,
    _data: tempfile::TempDir,
    _servers: Vec<Running>,
    _runtime: Runtime,
}

impl Eight {
    fn open() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let many = Many { name: "stream".to_owned(), records: 1_000_000_000, dimension: 384 };
        let mut servers: Vec<Running> = (0..5).map(|_| runtime.block_on(Fake::default().serve())).collect();
        servers.push(runtime.block_on(says_nothing()));
        servers.push(runtime.block_on(Fake::with_records(many).serve()));
        let targets: Vec<String> = servers.iter().map(|server| format!("qdrant://{}", server.address)).collect();
        let targets: Vec<&str> = targets.iter().map(String::as_str).collect();
        let data = program::data_with_demo();
        let program = program::demo(data.path(), &targets);
        program.wait_for("seven connections up", |screen| {
            let contents = screen.contents();
            contents.matches("no collections").count() == 5 && contents.contains("stream")
        });
        Self { program, _data: data, _servers: servers, _runtime: runtime }
    }
}

pub fn rows() -> Vec<Row> {
    let mut eight = Eight::open();
    let program = &mut eight.program;
    let count = parameters::keys();

    // Holding pagedown, as a keyboard repeats it, in the connection that so streams pages.
    program::open_first_collection(program, 8);
    let held = (0..count).map(|_| {
        std::thread::sleep(Duration::from_millis(33));
        program::key_to_frame(program, "<pagedown>")
    });
    let held = Sorted::new(held.collect());

    // The cursor in the demo at the left, while the pane at the right reads on to the end.
    program::open_first_collection(program, 1);
    // The new pane asks what it shall show.
    program.type_keys("|");
    program.wait_for_text("Show in this pane");
    program.type_keys("stream<enter>");
    program.wait_for_text("Record number 7");
    program.type_keys("G");
    program.wait_for_text("reading to the end");
    program.type_keys("<shift-tab>");
    let moved = (0..count).map(|i| {
        std::thread::sleep(Duration::from_millis(13));
        program::key_to_other_row(program, if i.is_multiple_of(2) { "j" } else { "k" }, LEFT)
    });
    let moved = Sorted::new(moved.collect());
    assert!(program.contents().contains("reading to the end"), "the stream ended:\n{}", program.contents());

    let row = |figure: &str, times: &Sorted, note: &str| {
        let (p50, p99) = (times.percentile(50.0), times.percentile(99.0));
        Row::new(
            figure,
            "p50 <= 2 ms, p99 <= 16 ms",
            format!("p50 {p50:.2} ms, p99 {p99:.2} ms"),
            Verdict::of(p50 <= 2.0 && p99 <= 16.0),
            format!("{} keys, {} ms; {note}", times.len(), times.range(2)),
        )
    };
    vec![
        row(
            "key to frame, eight connections: pagedown held in the streaming one",
            &held,
            "30 keys a second; until the end of the next frame; servers on the same cores",
        ),
        row(
            "key to frame, eight connections: cursor beside a pane that streams",
            &moved,
            "until the selection is seen in another row; pages as fast as they come; servers on the same cores",
        ),
    ]
}

pub fn bytes() -> Vec<Row> {
    let data = program::data_with_demo();
    let mut demo = program::demo(data.path(), &[]);
    program::open_first_collection(&mut demo, 1);
    program::wait_until_quiet(&demo, Duration::from_secs(1));
    let mut sizes = Vec::new();
    for i in 0..100 {
        let mark = demo.bytes_written();
        program::key_to_other_row(&mut demo, if i % 40 < 20 { "j" } else { "k" }, program::PANE);
        program::wait_until_quiet(&demo, Duration::from_millis(50));
        sizes.push((demo.bytes_written() - mark) as f64);
    }
    let sizes = Sorted::new(sizes);
    let most = sizes.percentile(100.0);
    vec![Row::new(
        "bytes written for one cursor move",
        "<= 600",
        format!("{:.0} (most {most:.0})", sizes.median()),
        Verdict::of(most <= 600.0),
        "median of 100 moves in a table of the demo, true colors".to_owned(),
    )]
}
