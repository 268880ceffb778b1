//! A backup: collections of a database as Parquet files in a directory, with a manifest and checksums.
//!
//! [`run`] writes it, one collection after the other, and goes on with one that was interrupted:
//!
//! 1. The ids of a collection are listed, and the list is on the disk before its first file. It is what is backed
//!    up: going on reads on in the list and depends on no cursor of the source.
//! 2. `writing`: batches of the list are read ahead and put into files of some hundred mebibytes. A file has a
//!    temporary name until it is whole and on the disk; then `state` says so, and it is never written again.
//! 3. When all are whole, the checksums and the manifest are written, and what was only for going on is removed.
//!
//! [`prove`] then reads source and backup once more and compares every record, with `jobs::compare`; [`Proved`] keeps
//! what it found, so that the same command proves a backup whose proof was interrupted. A backup is
//! read through its provider (`provider::parquet_backup`), and so brought back by `jobs::copy` like any database, once
//! [`check`] has found its files to be as they were written.

mod check;
mod error;
mod prove;
mod proved;
mod report;
mod run;
mod state;
#[cfg(test)]
mod tests;
mod writing;

pub use check::check;
pub use error::BackupError;
pub use prove::{Proof, prove, prove_all};
pub use proved::Proved;
pub use report::report;
pub use run::{Done, Wish, run};
