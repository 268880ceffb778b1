//! Connections of every maker behind a wire that fails in every way, on real sockets: one test for each
//! maker, and one that takes its time.
//!
//! The list is made when the binary starts: a maker whose server was not given is listed as *ignored*, and never
//! counts as passed. See `docs/testing.md`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr)]

#[path = "support/fake_http.rs"]
#[allow(dead_code)] // each binary uses another part of it
mod fake_http;
#[path = "support/fake_pinecone.rs"]
#[allow(dead_code)]
mod fake_pinecone;
#[path = "support/fake_qdrant.rs"]
#[allow(dead_code)]
mod fake_qdrant;
#[path = "support/fake_weaviate.rs"]
#[allow(dead_code)]
mod fake_weaviate;
#[path = "faults/makers.rs"]
mod makers;
#[path = "health/ports.rs"]
#[allow(dead_code)]
mod ports;
#[path = "faults/rules.rs"]
mod rules;
#[path = "faults/wire.rs"]
mod wire;

use std::future::Future;
use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

use makers::REAL;
use rules::Speed;

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    // They wait more than they compute.
    arguments.test_threads.get_or_insert(6);
    let tenth = Speed::Tenth;
    let mut trials = vec![
        // First, because it takes a minute.
        trial("qdrant_at_its_real_pace", || makers::qdrant(Speed::Real)),
        trial("qdrant", move || makers::qdrant(tenth)),
        trial("qdrant_under_tls", move || makers::qdrant_under_tls(tenth)),
        trial("weaviate", move || makers::weaviate(tenth)),
        trial("pinecone", move || makers::pinecone(tenth)),
        trial("elasticsearch", move || makers::elasticsearch(tenth)),
        trial("chroma", move || makers::chroma(tenth)),
    ];
    let mut table = Vec::new();
    for maker in &REAL {
        let (name, variable) = (maker.kind.name(), maker.address);
        trials.push(match std::env::var(variable) {
            Ok(url) => trial(name, move || async move { maker.run(&url).await }),
            Err(_) => {
                table.push(format!("NOT RUN: {name} behind a wire that fails: give a server's address in {variable}"));
                trial(name, || std::future::ready(())).with_ignored_flag(true)
            }
        });
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    if !arguments.list {
        for row in table {
            eprintln!("{row}");
        }
    }
    conclusion.exit_code()
}

fn trial<F: Future<Output = ()>>(name: &str, run: impl FnOnce() -> F + Send + 'static) -> Trial {
    Trial::test(name, move || {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        runtime.block_on(run());
        Ok(())
    })
}
