//! What is wrong with a connection, and whether that is told: the doctor on faults that are made here.
#![allow(clippy::print_stderr, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "health/directories.rs"]
mod directories;
#[path = "health/doctor.rs"]
mod doctor;
#[path = "support/fake_http.rs"]
#[allow(dead_code)] // each binary uses another part of it
mod fake_http;
#[path = "support/fake_qdrant.rs"]
#[allow(dead_code)]
mod fake_qdrant;
#[path = "health/ports.rs"]
#[allow(dead_code)]
mod ports;
