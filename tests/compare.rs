//! Comparing two collections: every single change is found, nothing else is, and memory stays bounded.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr)]

#[path = "compare/align.rs"]
mod align;
#[path = "compare/contents.rs"]
mod contents;
#[path = "compare/made.rs"]
mod made;
#[path = "compare/memory.rs"]
mod memory;
#[path = "compare/mutations.rs"]
mod mutations;
#[path = "compare/searches.rs"]
mod searches;
