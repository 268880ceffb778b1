//! The commands as a script sees them: the real binary, its output, its exit codes.
//!
//! Everything runs in temporary directories and on the embedded demo; no server is needed.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "commands/backing_up.rs"]
mod backing_up;
#[path = "commands/compare.rs"]
mod compare;
#[path = "commands/copying.rs"]
mod copying;
#[path = "commands/data.rs"]
mod data;
#[path = "commands/docs.rs"]
mod docs;
#[path = "commands/embedded.rs"]
mod embedded;
#[path = "commands/profiles.rs"]
mod profiles;
#[path = "commands/route.rs"]
mod route;
#[path = "commands/sharing.rs"]
mod sharing;
#[path = "commands/side_by_side.rs"]
mod side_by_side;
#[path = "commands/support.rs"]
mod support;
#[path = "commands/variables.rs"]
mod variables;
#[path = "commands/words.rs"]
mod words;
