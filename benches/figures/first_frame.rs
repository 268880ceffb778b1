//! From starting the program to its first frame, beside vim with a file.

use std::path::Path;
use std::time::Instant;

use crate::program;
use crate::pty::Start;
use crate::report::{Row, Sorted, Verdict};

const FIGURE: &str = "first frame of `demo`, second start, against `vim -u NONE FILE`";
const LIMIT: &str = "ratio <= 1.5";
const ROUNDS: usize = 21;
const VIM: &str = "/usr/bin/vim";

pub fn rows() -> Vec<Row> {
    if !Path::new(VIM).exists() {
        return vec![Row::not_run(FIGURE, LIMIT, format!("{VIM} is not there"))];
    }
    let data = program::data_with_demo();
    let file = data.path().join("file.txt");
    std::fs::write(&file, "a line of text to be shown\n".repeat(200)).unwrap();
    let file = file.to_str().unwrap();
    let (mut ours, mut theirs, mut opened) = (Vec::new(), Vec::new(), Vec::new());
    // Side by side, so that what else the machine does hits both.
    for _ in 0..ROUNDS {
        let started = Instant::now();
        let vim = Start::program(VIM, &["-u", "NONE", file]).size(program::SIZE.0, program::SIZE.1).spawn();
        vim.wait_for_text("a line of text");
        theirs.push(started.elapsed().as_secs_f64() * 1e3);
        drop(vim);
        let started = Instant::now();
        let demo = program::start(&["demo"], data.path());
        demo.wait_for_text("Connections");
        ours.push(started.elapsed().as_secs_f64() * 1e3);
        demo.wait_for_text("articles");
        opened.push(started.elapsed().as_secs_f64() * 1e3);
    }
    let (ours, theirs, opened) = (Sorted::new(ours), Sorted::new(theirs), Sorted::new(opened));
    let ratio = ours.median() / theirs.median();
    vec![
        Row::new(
            FIGURE,
            LIMIT,
            format!("{ratio:.2} ({:.1} ms / {:.1} ms)", ours.median(), theirs.median()),
            Verdict::of(ratio <= 1.5),
            format!("medians of {ROUNDS} starts in turn; ours {}, vim {} ms", ours.range(1), theirs.range(1)),
        ),
        Row::new(
            "collections of `demo` listed, second start",
            "",
            format!("{:.1} ms", opened.median()),
            Verdict::NoLimit,
            format!("the same starts; {} ms", opened.range(1)),
        ),
    ]
}
