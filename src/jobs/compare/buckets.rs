//! Sums of digests by bucket: what a collection is, in three mebibytes at most, whatever its size and order.
//!
//! A record goes into the bucket of its id's hash. A bucket holds how many there are and the sum of their
//! 128-bit digests modulo 2^128. Two sides whose sums agree hold the same records, up to a chance of
//! 2^-128 for each bucket: unlike with exclusive or, a record that is there twice does not cancel out.

/// The most buckets of a table, as a power of two: with a million records some 15 in each.
const MOST: u32 = 16;
/// The fewest.
const FEWEST: u32 = 6;
/// Records that one bucket is to have, about, where there are not too many of them.
const EACH: u64 = 4;

/// One bucket.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Bucket {
    sum: u128,
    records: u64,
    bytes: u64,
}

/// All buckets of one side.
#[derive(Debug, Clone)]
pub(super) struct Table {
    buckets: Vec<Bucket>,
    power: u32,
    records: u64,
}

/// How many buckets suit so many records, as a power of two. Without a number, the most.
pub(super) fn power(records: Option<u64>) -> u32 {
    records.map_or(MOST, |records| (records / EACH).max(1).ilog2().clamp(FEWEST, MOST))
}

/// The bucket of an id with that hash, among two to that power.
fn bucket(hash: u64, power: u32) -> usize {
    usize::try_from(hash >> (64 - power)).unwrap_or_default()
}

impl Table {
    /// An empty table of two to that power buckets.
    pub(super) fn new(power: u32) -> Self {
        Self { buckets: vec![Bucket::default(); 1 << power], power, records: 0 }
    }

    /// Adds a record of that digest and length.
    pub(super) fn add(&mut self, hash: u64, digest: u128, bytes: usize) {
        self.records += 1;
        if let Some(bucket) = self.buckets.get_mut(bucket(hash, self.power)) {
            bucket.sum = bucket.sum.wrapping_add(digest);
            bucket.records += 1;
            bucket.bytes += bytes as u64;
        }
    }

    /// Records of all buckets.
    pub(super) fn records(&self) -> u64 {
        self.records
    }

    /// The buckets that are not the same in the other table.
    pub(super) fn differing(&self, other: &Self) -> Differing {
        let pairs = self.buckets.iter().zip(&other.buckets);
        let marks: Vec<bool> =
            pairs.clone().map(|(one, other)| (one.sum, one.records) != (other.sum, other.records)).collect();
        let (mut records, mut bytes) = (0, 0);
        for ((one, other), _) in pairs.zip(&marks).filter(|(_, marked)| **marked) {
            records += one.records;
            bytes += one.bytes + other.bytes;
        }
        Differing { marks, power: self.power, records, bytes }
    }
}

/// The buckets that differ.
#[derive(Debug, Clone)]
pub(super) struct Differing {
    marks: Vec<bool>,
    power: u32,
    /// Records that the first side has in them.
    pub records: u64,
    /// Bytes of both sides in them, about.
    pub bytes: u64,
}

impl Differing {
    /// Whether the bucket of that hash differs.
    pub(super) fn has(&self, hash: u64) -> bool {
        self.marks.get(bucket(hash, self.power)).copied().unwrap_or(false)
    }

    /// Whether one of these buckets is among the others.
    pub(super) fn meets(&self, other: &Self) -> bool {
        self.marks.iter().zip(&other.marks).any(|(one, other)| *one && *other)
    }

    /// Whether none differs.
    pub(super) fn is_empty(&self) -> bool {
        !self.marks.contains(&true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(records: &[(u64, u128)]) -> Table {
        let mut table = Table::new(16);
        records.iter().for_each(|(hash, digest)| table.add(*hash, *digest, 1));
        table
    }

    #[test]
    fn few_records_have_few_buckets() {
        assert_eq!([Some(0), Some(1_000), Some(10_000_000), None].map(power), [6, 7, 16, 16]);
    }

    #[test]
    fn the_order_means_nothing_and_each_record_counts() {
        let high = 0xabcd << 48;
        let base = table(&[(1, 5), (high, 7), (high + 1, 9)]);
        assert!(base.differing(&table(&[(high + 1, 9), (1, 5), (high, 7)])).is_empty());
        let other = base.differing(&table(&[(1, 5), (high, 7), (high + 1, 8)]));
        assert!(other.has(high + 99) && !other.has(1), "only the bucket of the record that differs");
        assert_eq!((other.records, other.bytes), (2, 4));
        // Twice the same record does not cancel out.
        assert!(!table(&[(1, 5), (1, 5)]).differing(&table(&[])).is_empty());
        assert!(!table(&[(1, u128::MAX), (1, 1)]).differing(&table(&[])).is_empty(), "the sum is 0, the number is not");
    }
}
