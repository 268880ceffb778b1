//! What is wrong with a connection, and whether that is told: the doctor on faults that are made here, and
//! connections of every maker behind a wire that fails in every way.
#![allow(clippy::print_stderr, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "health/directories.rs"]
mod directories;
#[path = "health/doctor.rs"]
mod doctor;
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
#[path = "health/faults.rs"]
mod faults;
#[path = "health/ports.rs"]
mod ports;
#[path = "health/wire.rs"]
mod wire;
