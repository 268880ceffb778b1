//! How many records go into one write: as many as some mebibytes hold, more while answers come fast, fewer after
//! slow ones and errors, never more than the maker or the user allows.

use std::time::Duration;

/// Bytes of a batch, about.
const BYTES: u64 = 4 * 1024 * 1024;
/// Most records of a batch, however small they are.
const MOST: usize = 2_000;
/// The first batch.
const FIRST: usize = 250;
/// An answer below this lets batches grow.
const FAST: Duration = Duration::from_millis(700);
/// An answer above this makes them shrink.
const SLOW: Duration = Duration::from_secs(4);

/// The size of the next batch.
#[derive(Debug, Clone)]
pub struct Sizer {
    most: usize,
    now: usize,
    bytes_per_record: u64,
}

impl Sizer {
    /// Sizes up to what the maker and the user allow; `bytes` of a record are a first guess.
    pub fn new(most: [Option<usize>; 2], bytes: u64) -> Self {
        let most = most.into_iter().flatten().fold(MOST, usize::min).max(1);
        Self { most, now: FIRST.min(most), bytes_per_record: bytes.max(1) }
    }

    /// Records of the next batch.
    pub fn next(&self) -> usize {
        let by_bytes = usize::try_from(BYTES / self.bytes_per_record).unwrap_or(MOST);
        self.now.min(by_bytes).max(1)
    }

    /// So many records of so many bytes were read: large ones make the next batches small at once.
    pub fn read(&mut self, records: usize, bytes: u64) {
        if records > 0 {
            let now = bytes / records as u64;
            self.bytes_per_record = now.max((self.bytes_per_record * 3 + now) / 4).max(1);
        }
    }

    /// A batch was acknowledged after so long.
    pub fn acknowledged(&mut self, after: Duration) {
        if after < FAST {
            self.now = (self.now * 2).min(self.most);
        } else if after > SLOW {
            self.failed();
        }
    }

    /// A batch failed.
    pub fn failed(&mut self) {
        self.now = (self.now / 2).max(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_grow_with_fast_answers_and_shrink_with_slow_ones_and_errors() {
        let mut sizer = Sizer::new([None, None], 100);
        let first = sizer.next();
        sizer.acknowledged(Duration::from_millis(10));
        assert_eq!(sizer.next(), first * 2);
        sizer.acknowledged(Duration::from_secs(2));
        assert_eq!(sizer.next(), first * 2, "neither fast nor slow");
        sizer.acknowledged(Duration::from_secs(10));
        assert_eq!(sizer.next(), first);
        (0..100).for_each(|_| sizer.failed());
        assert_eq!(sizer.next(), 1);
        (0..100).for_each(|_| sizer.acknowledged(Duration::ZERO));
        assert_eq!(sizer.next(), MOST);
    }

    #[test]
    fn the_smallest_limit_holds_and_large_records_make_small_batches() {
        let mut sizer = Sizer::new([Some(100), Some(7)], 100);
        (0..100).for_each(|_| sizer.acknowledged(Duration::ZERO));
        assert_eq!(sizer.next(), 7);
        let mut sizer = Sizer::new([None, None], 100);
        sizer.read(10, 10 * 1024 * 1024);
        assert_eq!(sizer.next(), 4, "a mebibyte each");
        (0..40).for_each(|_| sizer.read(10, 1_000));
        assert!(sizer.next() > 100, "and they grow again with small ones");
    }
}
