//! The connection task against a scripted server, on paused time: no test waits for a real second.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "connection/bench.rs"]
mod bench;
#[path = "connection/closing.rs"]
mod closing;
#[path = "connection/lending.rs"]
mod lending;
#[path = "connection/many.rs"]
mod many;
#[path = "connection/pausing.rs"]
mod pausing;
#[path = "connection/profile.rs"]
mod profile;
#[path = "connection/questions.rs"]
mod questions;
#[path = "connection/reconnecting.rs"]
mod reconnecting;
#[path = "support/scripted.rs"]
#[allow(dead_code)] // each binary uses another part of it
mod scripted;
#[path = "connection/writing.rs"]
mod writing;
