//! Rules about the sources and documents themselves, checked by reading them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "tidy/documents.rs"]
mod documents;
#[path = "tidy/errors.rs"]
mod errors;
#[path = "tidy/files.rs"]
mod files;
#[path = "tidy/gate.rs"]
mod gate;
#[path = "tidy/rooms.rs"]
mod rooms;
#[path = "tidy/source.rs"]
mod source;
