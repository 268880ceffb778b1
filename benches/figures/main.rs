//! The figures that the issues want reached, measured and printed as one table:
//!
//! ```sh
//! cargo bench --bench figures                # all
//! cargo bench --bench figures -- idle vault  # those whose names contain one of the words
//! ```
//!
//! Nothing here is a test: a figure that falls short is told, not failed. What is measured how, and
//! what can be set by environment variables, is in `docs/benchmarks.md`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr, missing_docs)]

#[path = "../../tests/support/fake_qdrant.rs"]
#[allow(dead_code)]
mod fake_qdrant;
#[path = "../../tests/support/pty.rs"]
#[allow(dead_code)]
mod pty;

mod comparing;
mod copying;
mod first_frame;
mod idle;
mod keys;
#[cfg(feature = "lancedb")]
mod lance;
mod machine;
mod memory;
mod paging;
mod parameters;
mod profiles;
mod program;
mod reading;
mod reducer;
mod report;
mod vault;

use std::panic::{AssertUnwindSafe, catch_unwind};

use report::{Row, Verdict};

/// A measurement: its name for the command line, and what makes its rows.
type Measurement = (&'static str, fn() -> Vec<Row>);

const ALL: [Measurement; 13] = [
    ("reducer", reducer::rows),
    ("first-frame", first_frame::rows),
    ("keys", keys::rows),
    ("bytes", keys::bytes),
    ("idle", idle::rows),
    ("memory", memory::rows),
    ("paging-grpc", paging::grpc),
    ("paging-embedded", paging::embedded),
    ("reading", reading::rows),
    ("copying", copying::rows),
    ("comparing", comparing::rows),
    ("vault", vault::rows),
    ("profiles", profiles::rows),
];

fn main() -> std::io::Result<()> {
    // Cargo itself adds `--bench`.
    let wanted: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    machine::print()?;
    let mut rows = Vec::new();
    for (name, measure) in ALL {
        if !wanted.is_empty() && !wanted.iter().any(|word| name.contains(word.as_str())) {
            continue;
        }
        eprintln!("measuring: {name}");
        match catch_unwind(AssertUnwindSafe(measure)) {
            Ok(measured) => {
                // At once, too: who breaks a long run off keeps what was measured.
                for row in &measured {
                    eprintln!("  {}: {}", row.figure, row.measured);
                }
                rows.extend(measured);
            }
            Err(_) => rows.push(Row {
                figure: name.to_owned(),
                limit: String::new(),
                measured: String::new(),
                verdict: Verdict::NotRun,
                note: "it broke off, the reason is above".to_owned(),
            }),
        }
    }
    report::print(&rows)
}
