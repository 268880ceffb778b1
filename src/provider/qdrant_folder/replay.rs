//! The end of a server's log, done again on the copy.
//!
//! The engine never reads a log that is there when it opens a shard, so the changes are read here, and
//! given to it in their order. It gives a change the next number of its own log, and a segment passes
//! over numbers that it has already: so the copy's log is made to begin behind all of the server's.

use std::fs;
use std::io;
use std::path::Path;

use qdrant_edge::{EdgeShard, UpdateOperation};
use serde_json::Value;

use super::cbor;
use super::log::{self, Tail};

/// What came of the changes in a log.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Replayed {
    /// Changes that were done.
    pub(super) done: u64,
    /// Changes that the engine refused, as a server passes over them when it starts.
    pub(super) refused: u64,
    /// Changes that are not here: the first one that could not be read, and all behind it.
    pub(super) left: u64,
    /// Why that one could not be read, a clause.
    pub(super) why: Option<String>,
}

impl Replayed {
    /// With what came of another shard's log.
    pub(super) fn and(self, other: Self) -> Self {
        Self {
            done: self.done + other.done,
            refused: self.refused + other.refused,
            left: self.left + other.left,
            why: self.why.or(other.why),
        }
    }
}

/// Makes the log of a copy, which is not open yet, go on behind the server's.
pub(super) fn prepare(copy: &Path, tail: &Tail) -> io::Result<()> {
    if tail.changes.is_empty() {
        return Ok(());
    }
    let wal = copy.join("wal");
    fs::create_dir_all(&wal)?;
    fs::write(wal.join(format!("closed-{}", tail.next)), log::with_entries(&[1]))
}

/// Does the changes on the copy.
pub(super) fn replay(shard: &EdgeShard, tail: &Tail) -> Replayed {
    let mut replayed = Replayed::default();
    for (at, change) in tail.changes.iter().enumerate() {
        match operation(change) {
            Ok(operation) => match shard.update(operation) {
                Ok(()) => replayed.done += 1,
                Err(error) => {
                    replayed.refused += 1;
                    tracing::debug!(shard = %shard.path().display(), %error, "a change of the log is passed over");
                }
            },
            Err(why) => {
                replayed.left = (tail.changes.len() - at) as u64;
                replayed.why = Some(why);
                break;
            }
        }
    }
    replayed
}

/// The change in an entry of the log.
fn operation(entry: &[u8]) -> Result<UpdateOperation, String> {
    let mut value = cbor::to_json(entry)?;
    if let Value::Object(map) = &mut value {
        // Which machine of a cluster it came from.
        map.shift_remove("clock_tag");
    }
    serde_json::from_value(value).map_err(|_| "a kind of change that this version does not know".to_owned())
}
