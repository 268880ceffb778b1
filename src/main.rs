//! The binary: parses nothing itself, see `cli`.
fn main() {}
