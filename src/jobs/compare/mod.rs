//! Compares two collections: what they are, their records with bounded memory whatever their size, and
//! what searches find. [`compare`] does all that was asked for; each part also stands alone.
//!
//! [`structure`] compares what the makers tell; [`retrieval`] asks both sides the same questions. [`contents`] reads
//! both sides once and sums a digest of each record into buckets (`buckets`); buckets with the same sums hold the same records. Those that differ are read again, kept as short entries in a
//! `spool` and joined by id (`join`), with what the makers cannot keep alike overlooked (`tolerance`),
//! and what a copy has changed taken for what it was (`noted`).
//! What differs is opened on both sides, field by field (`opening`, `fields`). `docs/comparing.md` says
//! why that finds every difference.

mod buckets;
mod contents;
mod entry;
mod fields;
mod join;
mod noted;
mod opening;
mod options;
mod reading;
mod retrieval;
mod run;
mod shape;
mod show;
mod spool;
mod structure;
mod tolerance;

pub use contents::contents;
pub(super) use noted::notes;
pub(super) use opening::{id_of, typed};
pub use options::{ContentOptions, Depth, RecordMap, pass_over};
pub use retrieval::{RetrievalOptions, retrieval};
pub use run::{CompareOptions, compare};
pub use show::{Shown, show};
pub use structure::{pairs, structure};
pub use tolerance::declared;
