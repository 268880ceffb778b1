//! Copying a collection into another database, with proof.
//!
//! [`plan`] looks at both ends and says what will be kept, moved, changed or lost; nothing is written. When the
//! plan is accepted, a [`Folder`] is made for it and [`run`] does the rest; the same call goes on with a copy
//! that was stopped or killed, from what its folder knows:
//!
//! 1. `listing`: the ids of the source are listed, and the list is on the disk before anything is written
//!    (`spool`). It is what is copied: a resume reads on in the list, and does not depend on cursors, which some
//!    makers forget. What is added later is not copied, and is said.
//! 2. `prepare`: the target is made, or found to be empty, or searched for the ids (`--into-existing`).
//! 3. `copying`: batches of the list are read ahead and written one after the other. A batch counts when the
//!    target has acknowledged it *and* its line is in the `journal`. A kill so costs at most the one batch that
//!    was under way, and writing it again changes nothing. Records that the target refuses are found by halving
//!    (`deliver`) and go to the `rejects`.
//! 4. `indexing`: where a maker builds an index many times faster once all records are there, it does so now.
//! 5. `verify`: counts, every id, every record's content against what it was to become (`shape`), whether the
//!    source was changed meanwhile (`fingerprints`), and searches on both sides.
//!
//! `ids` says what becomes of ids, `losses` and `columns` what a maker changes, `wished` what the wishes do, `batch` and `patience` how much and how often,
//! `folder` where all that is kept, `forget` how it is removed, `report` how it went. Nothing is ever deleted at either end.

pub(super) mod batch;
pub(super) mod blocking;
mod columns;
mod copying;
pub(super) mod deliver;
mod difference;
mod error;
mod fingerprints;
mod folder;
mod forget;
pub mod ids;
mod indexing;
mod journal;
mod listing;
mod losses;
mod planning;
mod prepare;
mod rejects;
pub mod report;
mod run;
mod searches;
pub mod several;
pub mod shape;
pub(super) mod spool;
mod vectors;
mod verify;
mod wished;

#[cfg(test)]
pub(super) mod testing;
#[cfg(test)]
mod tests;

pub use error::CopyError;
pub use folder::Folder;
pub use forget::forget;
pub use planning::{Words, plan};
pub use run::{export_ids, run};
pub use shape::{SOURCE_JSON, SOURCE_TEXT};
