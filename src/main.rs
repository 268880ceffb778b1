//! The binary: one TLS provider for the whole process, readable panics, then `cli`.

use std::process::ExitCode;

fn main() -> ExitCode {
    // First of all: reqwest and tonic pick the process-wide default up. A second call is harmless.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let _ = vector_inspector::runtime::panics::install();
    vector_inspector::cli::run(std::env::args_os())
}
