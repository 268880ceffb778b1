//! Sums of digests by bucket: what a collection is, in three mebibytes, whatever its size and order.
//!
//! A record goes into the bucket of its id's hash. A bucket holds how many there are and the sum of their
//! 128-bit digests modulo 2^128. Two sides whose sums agree hold the same records, up to a chance of
//! 2^-128 for each bucket: unlike with exclusive or, a record that is there twice does not cancel out.

/// Buckets of a table: with a million records some 15 in each.
pub(super) const BUCKETS: usize = 1 << 16;

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
    records: u64,
}

impl Default for Table {
    fn default() -> Self {
        Self { buckets: vec![Bucket::default(); BUCKETS], records: 0 }
    }
}

/// The bucket of a hash.
pub(super) fn bucket(hash: u64) -> usize {
    usize::try_from(hash >> 48).unwrap_or_default()
}

impl Table {
    /// Adds a record of that digest and length.
    pub(super) fn add(&mut self, hash: u64, digest: u128, bytes: usize) {
        self.records += 1;
        if let Some(bucket) = self.buckets.get_mut(bucket(hash)) {
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
        Differing { marks, records, bytes }
    }
}

/// The buckets that differ.
#[derive(Debug, Clone)]
pub(super) struct Differing {
    marks: Vec<bool>,
    /// Records that the first side has in them.
    pub records: u64,
    /// Bytes of both sides in them, about.
    pub bytes: u64,
}

impl Differing {
    /// Whether the bucket of that hash differs.
    pub(super) fn has(&self, hash: u64) -> bool {
        self.marks.get(bucket(hash)).copied().unwrap_or(false)
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
        let mut table = Table::default();
        records.iter().for_each(|(hash, digest)| table.add(*hash, *digest, 1));
        table
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
