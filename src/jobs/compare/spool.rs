//! Entries of one side, by partition: in memory while they are few, else in a temporary file without a
//! name, which the system takes back at the end of the process, however that ends.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};

use super::entry::Entry;
use crate::jobs::JobError;

/// Bytes that one side holds in memory before it writes them out.
const HELD: usize = 8 << 20;

/// Entries of one side.
pub(super) struct Spool {
    parts: Vec<Part>,
    held: usize,
    file: Option<File>,
    end: u64,
}

#[derive(Default)]
struct Part {
    buffer: Vec<u8>,
    /// Where its blocks are in the file: place and length. Entries do not go across blocks.
    blocks: Vec<(u64, usize)>,
    bytes: u64,
}

impl Spool {
    /// An empty one of so many partitions.
    pub(super) fn new(partitions: usize) -> Self {
        let parts = std::iter::repeat_with(Part::default).take(partitions.max(1)).collect();
        Self { parts, held: 0, file: None, end: 0 }
    }

    /// How many partitions it has.
    pub(super) fn partitions(&self) -> usize {
        self.parts.len()
    }

    /// Bytes of one partition.
    pub(super) fn bytes(&self, partition: usize) -> u64 {
        self.parts.get(partition).map_or(0, |part| part.bytes)
    }

    /// Takes an entry in.
    ///
    /// # Errors
    /// The temporary file cannot be written.
    pub(super) fn push(&mut self, entry: &Entry) -> Result<(), JobError> {
        let at = usize::try_from(entry.hash >> 48).unwrap_or_default() % self.parts.len().max(1);
        if let Some(part) = self.parts.get_mut(at) {
            let before = part.buffer.len();
            entry.write(&mut part.buffer);
            let written = part.buffer.len() - before;
            part.bytes += written as u64;
            self.held += written;
        }
        if self.held >= HELD { self.write_out().map_err(file) } else { Ok(()) }
    }

    /// Calls with each entry of a partition.
    ///
    /// # Errors
    /// The temporary file cannot be read.
    pub(super) fn read(&mut self, partition: usize, mut each: impl FnMut(Entry)) -> Result<(), JobError> {
        let Some(part) = self.parts.get(partition) else { return Ok(()) };
        for (place, length) in &part.blocks {
            let Some(on_disk) = &mut self.file else { break };
            let mut block = vec![0; *length];
            let read = on_disk.seek(SeekFrom::Start(*place)).and_then(|_| on_disk.read_exact(&mut block));
            read.map_err(file)?;
            entries(&block, &mut each);
        }
        entries(&part.buffer, &mut each);
        Ok(())
    }

    fn write_out(&mut self) -> std::io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            None => self.file.insert(tempfile::tempfile()?),
        };
        for part in self.parts.iter_mut().filter(|part| !part.buffer.is_empty()) {
            file.write_all(&part.buffer)?;
            part.blocks.push((self.end, part.buffer.len()));
            self.end += part.buffer.len() as u64;
            part.buffer = Vec::new();
        }
        self.held = 0;
        Ok(())
    }
}

fn entries(mut bytes: &[u8], each: &mut impl FnMut(Entry)) {
    while let Some(entry) = Entry::read(&mut bytes) {
        each(entry);
    }
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn file(error: std::io::Error) -> JobError {
    JobError::TempFile { cause: error.to_string() }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::jobs::compare::entry::Soft;
    use crate::jobs::compare::shape::hash;
    use crate::provider::model::RecordId;

    #[test]
    fn every_entry_comes_back_once_from_memory_and_from_the_file() {
        let mut spool = Spool::new(7);
        let row = vec![vec![0.5; 1024]];
        for n in 0..5_000_u64 {
            let id = RecordId::from(n);
            let soft = Soft { floats: vec![], vectors: vec![(String::new(), row.clone())] };
            let entry = Entry { hash: hash(&id), original: id.clone(), id, payload: 0, vectors: 0, soft };
            spool.push(&entry).unwrap();
        }
        assert!(spool.file.is_some() && spool.held < HELD, "20 MiB were written, 8 are held at most");
        let mut found = Vec::new();
        for partition in 0..spool.partitions() {
            spool.read(partition, |entry| found.push(entry.id)).unwrap();
        }
        found.sort();
        assert_eq!(found, (0..5_000_u64).map(RecordId::from).collect::<Vec<_>>());
    }
}
