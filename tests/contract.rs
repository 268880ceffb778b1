//! The contract: one suite of cases that every provider passes.
//!
//! Each test is named after provider and case, e.g. `chroma_server::pages_give_each_record_once`.
//! The list is made when the binary starts, which is why this is no `#[test]` harness: a server that
//! is not given, and a case that the provider's capabilities rule out, are listed as *ignored* with
//! the reason on stderr, and never count as passed. See `docs/testing.md`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr)]

#[path = "contract/backed_up.rs"]
mod backed_up;
#[path = "contract/backing_up.rs"]
mod backing_up;
#[path = "contract/bench.rs"]
mod bench;
#[path = "contract/case.rs"]
mod case;
#[path = "contract/chroma.rs"]
mod chroma;
#[path = "contract/chroma_folder.rs"]
mod chroma_folder;
#[path = "contract/chroma_served.rs"]
mod chroma_served;
#[path = "contract/comparing.rs"]
mod comparing;
#[path = "contract/copying.rs"]
mod copying;
#[path = "contract/elasticsearch.rs"]
mod elasticsearch;
#[path = "contract/equivalence.rs"]
mod equivalence;
#[path = "contract/exactness.rs"]
mod exactness;
#[path = "support/fake_elasticsearch.rs"]
mod fake_elasticsearch;
#[path = "support/fake_http.rs"]
mod fake_http;
#[path = "support/fake_pinecone.rs"]
mod fake_pinecone;
#[path = "support/fake_weaviate.rs"]
mod fake_weaviate;
#[path = "contract/filtering.rs"]
mod filtering;
#[path = "contract/ids.rs"]
mod ids;
#[path = "contract/interrupting.rs"]
mod interrupting;
#[cfg(feature = "lancedb")]
#[path = "contract/lance.rs"]
mod lance;
#[path = "contract/lance_store.rs"]
mod lance_store;
#[path = "contract/listing.rs"]
mod listing;
#[path = "contract/makers.rs"]
mod makers;
#[path = "contract/milvus.rs"]
mod milvus;
#[path = "contract/moving.rs"]
mod moving;
#[path = "contract/paging.rs"]
mod paging;
#[path = "contract/payloads.rs"]
mod payloads;
#[path = "contract/pgvector/mod.rs"]
mod pgvector;
#[path = "contract/pinecone.rs"]
mod pinecone;
#[path = "contract/probing.rs"]
mod probing;
#[path = "contract/read_here.rs"]
mod read_here;
#[path = "contract/reading.rs"]
mod reading;
#[path = "contract/redis.rs"]
mod redis;
#[path = "support/scripted.rs"]
#[allow(dead_code)] // its faults are for tests/connection.rs
mod scripted;
#[path = "contract/searching.rs"]
mod searching;
#[path = "contract/server_storage.rs"]
mod server_storage;
#[path = "contract/vector_sets.rs"]
mod vector_sets;
#[path = "contract/vectors.rs"]
mod vectors;
#[path = "contract/weaviate.rs"]
mod weaviate;
#[path = "contract/weaviate_server.rs"]
mod weaviate_server;
#[path = "contract/writing.rs"]
mod writing;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

use case::Case;
use makers::{Maker, Standing};

/// Every case that all providers share, in the order of the files.
fn cases() -> Vec<Case> {
    [
        listing::cases(),
        paging::cases(),
        moving::cases(),
        reading::cases(),
        searching::cases(),
        filtering::cases(),
        equivalence::cases(),
        ids::cases(),
        payloads::cases(),
        exactness::cases(),
        vectors::cases(),
        writing::cases(),
        interrupting::cases(),
        copying::cases(),
        backing_up::cases(),
        comparing::cases(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    // Cases wait for servers more than they compute.
    arguments.test_threads.get_or_insert(8);
    let mut trials = Vec::new();
    let mut table = Vec::new();
    for maker in Maker::all() {
        let standing = maker.standing();
        let (mut runs, mut left_out) = (0, 0);
        for case in cases().into_iter().filter(|case| maker.takes(case)).chain(maker.own_cases()) {
            let name = format!("{}::{}", maker.name, case.name);
            let reason = match &standing {
                Standing::NotGiven(how) | Standing::NotBuilt(how) => Some((*how).to_owned()),
                Standing::Ready(capabilities, _) => case.left_out(capabilities).map(str::to_owned),
                Standing::Broken(_) => None,
            };
            match &reason {
                None => runs += 1,
                Some(reason) if matches!(standing, Standing::Ready(..)) => {
                    left_out += 1;
                    if !arguments.list {
                        eprintln!("left out: {name}: {reason}");
                    }
                }
                Some(_) => {}
            }
            let maker = maker.clone();
            let run = move || case::run(&maker, &case).map_err(Into::into);
            trials.push(Trial::test(name, run).with_ignored_flag(reason.is_some()));
        }
        table.push(maker.row(&standing, runs, left_out));
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    if !arguments.list {
        for row in table {
            eprintln!("{row}");
        }
    }
    conclusion.exit_code()
}
