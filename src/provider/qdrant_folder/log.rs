//! The end of a shard's write-ahead log, which may not be in its segments.
//!
//! The engine never reads a log, and a server writes segments only every five seconds, also when it
//! is asked to stop. So the log is read here: entries of a length, the data, padding to eight
//! bytes and a checksum that goes on from entry to entry.

use std::fs;
use std::path::Path;

use serde_json::Value;

/// Bytes before the first entry, and before each entry's data.
const HEADER: usize = 8;

/// The changes at the end of a log.
#[derive(Debug, Default)]
pub(super) struct Tail {
    /// Those that the server had not yet taken for flushed, in their order.
    pub(super) changes: Vec<Vec<u8>>,
    /// A number that is larger than that of any change, in the log or in a segment.
    pub(super) next: u64,
}

/// The changes that the server would do again if it were started. A change that is in the segments
/// already may be among them: done again in their order, all of them end where they ended before.
pub(super) fn tail(shard: &Path) -> Tail {
    let wal = shard.join("wal");
    // `closed-N` begins with change number N; the open files go on in the order of their numbers
    let mut files: Vec<(bool, u64, Vec<u8>)> = Vec::new();
    for entry in fs::read_dir(&wal).into_iter().flatten().flatten() {
        let name = entry.file_name().into_string().unwrap_or_default();
        let parts = name.split_once('-').and_then(|(kind, number)| Some((kind == "open", number.parse().ok()?)));
        if let Some((open, number)) = parts
            && let Ok(content) = fs::read(entry.path())
        {
            files.push((open, number, content));
        }
    }
    files.sort_by_key(|(open, number, _)| (*open, *number));
    let first = files.first().filter(|(open, ..)| !open).map_or(0, |(_, number, _)| *number);
    let all: Vec<&[u8]> = files.iter().flat_map(|(_, _, content)| entries(content)).collect();
    let acknowledged = acknowledged(&wal);
    let flushed = acknowledged.unwrap_or(first).saturating_sub(first);
    let changes = all.iter().skip(usize::try_from(flushed).unwrap_or(usize::MAX)).map(|change| change.to_vec());
    let last = acknowledged.into_iter().chain(versions(shard)).chain([first + all.len() as u64]).max();
    Tail { changes: changes.collect(), next: last.unwrap_or(0) + 1 }
}

/// The number of the first change that the server did not yet take for flushed.
fn acknowledged(wal: &Path) -> Option<u64> {
    let text = fs::read(wal.join("first-index")).ok()?;
    serde_json::from_slice::<Value>(&text).ok()?.get("ack_index")?.as_u64()
}

/// The number of the last change in each segment.
fn versions(shard: &Path) -> impl Iterator<Item = u64> {
    let segments = fs::read_dir(shard.join("segments")).into_iter().flatten().flatten();
    segments.filter_map(|segment| {
        let text = fs::read(segment.path().join("segment.json")).ok()?;
        serde_json::from_slice::<Value>(&text).ok()?.get("version")?.as_u64()
    })
}

/// The data of the whole entries in a file of the log.
fn entries(file: &[u8]) -> Vec<&[u8]> {
    let seed = match file.get(..HEADER) {
        Some([b'w', b'a', b'l', 0, seed @ ..]) => seed.first_chunk().map_or(0, |seed| u32::from_le_bytes(*seed)),
        _ => return Vec::new(),
    };
    let (mut at, mut checksum, mut found) = (HEADER, seed, Vec::new());
    while let Some((data, end, next)) = entry(file, at, checksum) {
        (at, checksum) = (end, next);
        found.push(data);
    }
    found
}

/// The data of an entry, where it ends, and its checksum, if there is a whole one.
fn entry(file: &[u8], at: usize, before: u32) -> Option<(&[u8], usize, u32)> {
    let length = usize::try_from(u64::from_le_bytes(*file.get(at..)?.first_chunk()?)).ok()?;
    // data and checksum end together at a multiple of eight
    let padded = length.checked_add(4)?.checked_next_multiple_of(8)?.checked_sub(4)?;
    let data_end = at.checked_add(HEADER)?.checked_add(padded)?;
    let stored = u32::from_le_bytes(*file.get(data_end..)?.first_chunk()?);
    let checksum = crc32c(!before.reverse_bits(), file.get(at..data_end)?);
    let data = file.get(at + HEADER..at + HEADER + length)?;
    (checksum == stored).then_some((data, data_end + 4, checksum))
}

/// CRC-32C of the bytes, going on from another one.
fn crc32c(before: u32, bytes: &[u8]) -> u32 {
    const TABLE: [u32; 256] = {
        let mut table = [0; 256];
        let mut byte = 0;
        while byte < 256 {
            #[allow(clippy::cast_possible_truncation)]
            let mut value = byte as u32;
            let mut bit = 0;
            while bit < 8 {
                value = if value & 1 == 1 { value >> 1 ^ 0x82f6_3b78 } else { value >> 1 };
                bit += 1;
            }
            table[byte] = value;
            byte += 1;
        }
        table
    };
    !bytes.iter().fold(!before, |crc, byte| {
        let at = (crc ^ u32::from(*byte)) & 0xff;
        crc >> 8 ^ TABLE.get(at as usize).copied().unwrap_or_default()
    })
}

/// A file with entries of these lengths, as the server's log has them.
pub(super) fn with_entries(lengths: &[usize]) -> Vec<u8> {
    let (mut file, mut checksum) = (b"wal\0\x07\x00\x00\x01".to_vec(), 0x0100_0007_u32);
    for length in lengths {
        let mut entry = (*length as u64).to_le_bytes().to_vec();
        entry.resize(HEADER + (length + 4).next_multiple_of(8) - 4, 0xab);
        checksum = crc32c(!checksum.reverse_bits(), &entry);
        file.extend(entry);
        file.extend(checksum.to_le_bytes());
    }
    file
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_that_of_the_standard() {
        assert_eq!(crc32c(0, b"123456789"), 0xe306_9283);
        assert_eq!(crc32c(crc32c(0, b"1234"), b"56789"), 0xe306_9283);
    }

    #[test]
    fn whole_entries_are_counted_and_old_ones_behind_them_are_not() {
        for lengths in [&[][..], &[1], &[4, 12, 100, 3]] {
            let mut content = with_entries(lengths);
            content.resize(content.len() + 256, 0);
            let found: Vec<usize> = entries(&content).iter().map(|data| data.len()).collect();
            assert_eq!(found, lengths, "{lengths:?}");
        }
        let mut stale = with_entries(&[5, 6]);
        let last = stale.len() - 1;
        stale[last] ^= 1;
        assert_eq!(entries(&stale).len(), 1);
        assert!(entries(b"no log at all").is_empty());
    }
}
