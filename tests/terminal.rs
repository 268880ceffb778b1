//! The real program in a pseudo terminal: what only a terminal can show. What the screen says in
//! detail is the matter of `tests/screen.rs`.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
// The helpers are shared with other test programs, each of which uses some of them.
#![allow(dead_code)]

#[path = "terminal/canary.rs"]
mod canary;
#[path = "terminal/configuration.rs"]
mod configuration;
#[path = "terminal/endings.rs"]
mod endings;
#[path = "support/fake_qdrant.rs"]
mod fake_qdrant;
#[path = "terminal/health.rs"]
mod health;
#[path = "terminal/hostile.rs"]
mod hostile;
#[path = "terminal/input.rs"]
mod input;
#[path = "terminal/job_control.rs"]
mod job_control;
#[path = "terminal/opening.rs"]
mod opening;
#[path = "terminal/output.rs"]
mod output;
#[path = "terminal/profiles.rs"]
mod profiles;
#[path = "support/pty.rs"]
mod pty;
#[path = "terminal/world.rs"]
mod world;
