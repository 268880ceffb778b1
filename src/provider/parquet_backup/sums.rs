//! Whether a file is the one that was written: its checksum is compared before the first record of it is given, and
//! again once its size or time is another. Blocking.
//!
//! A file may be so large that its sum takes longer than one request waits. Then the next request goes on where that
//! one ended, and no answer is given before the sum is whole.

use std::collections::HashMap;
use std::fs::Metadata;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use sha2::{Digest as _, Sha256};

use super::manifest::{PartFile, damaged, file, hex};
use super::rows::Part;
use crate::provider::Result;
use crate::provider::blocking::Stop;

/// Bytes of one read.
const PIECE: usize = 1 << 20;

/// What a file is known by without reading it: who it is, its size, and when it was written and renamed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    inode: (u64, u64),
    bytes: u64,
    written: (i64, i64),
    changed: (i64, i64),
}

impl Stamp {
    /// That of a file.
    pub(super) fn of(file: &Metadata) -> Self {
        Self {
            inode: (file.dev(), file.ino()),
            bytes: file.size(),
            written: (file.mtime(), file.mtime_nsec()),
            changed: (file.ctime(), file.ctime_nsec()),
        }
    }
}

/// How far a file is known.
#[derive(Default)]
enum Sum {
    #[default]
    Unknown,
    /// So many bytes are summed.
    Begun { of: Stamp, sum: Sha256, at: u64 },
    /// It is as it was written, or not.
    Compared { of: Stamp, is_whole: bool },
}

/// What is known of the files of a backup.
#[derive(Default)]
pub(super) struct Sums(Mutex<HashMap<String, Arc<Mutex<Sum>>>>);

impl Sums {
    /// Compares the file with its checksum, unless that is known.
    ///
    /// # Errors
    /// [`ProviderError::Damaged`](crate::provider::ProviderError::Damaged), a file that cannot be read, or that nobody
    /// waits any more.
    pub(super) fn require(&self, part: &Part, known: &PartFile, stop: &Stop) -> Result<()> {
        let sum = {
            let mut sums = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(sums.entry(known.file.clone()).or_default())
        };
        // Who asks for the same file waits for it, and does not read it a second time.
        let sum = &mut *sum.lock().unwrap_or_else(PoisonError::into_inner);
        compared(sum, part, known, stop)
    }
}

fn compared(sum: &mut Sum, part: &Part, known: &PartFile, stop: &Stop) -> Result<()> {
    let path = part.path();
    let failed = |error: io::Error| file(path, &error);
    let now = Stamp::of(&part.metadata().map_err(failed)?);
    if let Sum::Compared { of, is_whole } = sum
        && *of == now
    {
        return if *is_whole { Ok(()) } else { Err(other(path)) };
    }
    let (mut digest, mut at) = match std::mem::take(sum) {
        Sum::Begun { of, sum, at } if of == now => (sum, at),
        _ => (Sha256::new(), 0),
    };
    let mut piece = vec![0; PIECE];
    loop {
        if stop.is_set() {
            *sum = Sum::Begun { of: now, sum: digest, at };
            return stop.check();
        }
        let read = part.read_at(&mut piece, at).map_err(failed)?;
        if read == 0 {
            break;
        }
        digest.update(piece.get(..read).unwrap_or_default());
        at += read as u64;
    }
    let is_whole = at == known.bytes && hex(&digest.finalize()) == known.sha256;
    *sum = Sum::Compared { of: now, is_whole };
    if is_whole { Ok(()) } else { Err(other(path)) }
}

fn other(path: &Path) -> crate::provider::ProviderError {
    damaged(path, "its checksum is another")
}
