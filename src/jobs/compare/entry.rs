//! What is kept of a record until it meets the one of the other side: its id, digests of what has to agree
//! in each bit, and the numbers that only have to be near.

use crate::jobs::canon;
use crate::jobs::model::comparison::Tolerances;
use crate::provider::model::RecordId;

/// The numbers that only have to be near. How many there are and whose is in the digests.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Soft {
    /// Of the payload, in the order of its canonical bytes.
    pub floats: Vec<f64>,
    /// Of vectors, by name, row by row.
    pub vectors: Vec<(String, Vec<Vec<f32>>)>,
}

/// One record.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    /// The id without its kind, as a number.
    pub hash: u64,
    /// The id that its side knows it by.
    pub original: RecordId,
    /// The id that it is compared by.
    pub id: RecordId,
    /// Digest of payload and text.
    pub payload: u128,
    /// Digest of the vectors.
    pub vectors: u128,
    /// The rest.
    pub soft: Soft,
}

/// What two records of one id have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Compared {
    pub payload_differs: bool,
    pub vectors_differ: bool,
    /// Some numbers are not the same, but near enough.
    pub by_tolerance: bool,
}

impl Compared {
    pub(super) fn differs(self) -> bool {
        self.payload_differs || self.vectors_differ
    }
}

impl Entry {
    /// Compares with the record of the other side.
    pub(super) fn compare(&self, other: &Self, tolerances: &Tolerances) -> Compared {
        let floats = || self.soft.floats.iter().zip(&other.soft.floats);
        let near = |((name, one), (_, other)): (&(String, Vec<Vec<f32>>), &(String, Vec<Vec<f32>>))| {
            let tolerance = tolerances.vectors.get(name).copied().unwrap_or_default();
            one.iter().zip(other).all(|(one, other)| tolerance.allows(one, other))
        };
        Compared {
            payload_differs: self.payload != other.payload || !floats().all(|(x, y)| tolerances.allows_floats(*x, *y)),
            vectors_differ: self.vectors != other.vectors
                || !self.soft.vectors.iter().zip(&other.soft.vectors).all(near),
            by_tolerance: self.soft != other.soft,
        }
    }

    /// Appends the entry with its length in front.
    pub(super) fn write(&self, bytes: &mut Vec<u8>) {
        let start = bytes.len();
        bytes.extend([0; 4]);
        bytes.extend(self.hash.to_be_bytes());
        bytes.extend(self.payload.to_be_bytes());
        bytes.extend(self.vectors.to_be_bytes());
        canon::write_id(&self.id, bytes);
        canon::write_id(&self.original, bytes);
        count(self.soft.floats.len(), bytes);
        self.soft.floats.iter().for_each(|float| bytes.extend(float.to_bits().to_be_bytes()));
        count(self.soft.vectors.len(), bytes);
        for (name, rows) in &self.soft.vectors {
            count(name.len(), bytes);
            bytes.extend(name.as_bytes());
            count(rows.len(), bytes);
            for row in rows {
                count(row.len(), bytes);
                row.iter().for_each(|value| bytes.extend(value.to_bits().to_be_bytes()));
            }
        }
        let length = u32::try_from(bytes.len() - start - 4).unwrap_or(u32::MAX);
        if let Some(place) = bytes.get_mut(start..start + 4) {
            place.copy_from_slice(&length.to_be_bytes());
        }
    }

    /// The next entry of these bytes, which are left behind it; `None` at their end.
    pub(super) fn read(bytes: &mut &[u8]) -> Option<Self> {
        let length = number(bytes)?;
        let (mut own, rest) = bytes.split_at_checked(length)?;
        *bytes = rest;
        let (hash, after) = own.split_first_chunk()?;
        let (payload, after) = after.split_first_chunk()?;
        let (vectors, after) = after.split_first_chunk()?;
        let (id, after) = canon::read_id(after)?;
        let (original, after) = canon::read_id(after)?;
        own = after;
        let mut soft = Soft::default();
        for _ in 0..number(&mut own)? {
            let (bits, after) = own.split_first_chunk()?;
            own = after;
            soft.floats.push(f64::from_bits(u64::from_be_bytes(*bits)));
        }
        for _ in 0..number(&mut own)? {
            let name_length = number(&mut own)?;
            let (name, after) = own.split_at_checked(name_length)?;
            own = after;
            let mut rows = Vec::new();
            for _ in 0..number(&mut own)? {
                let values = number(&mut own)?;
                let (row, after) = own.split_at_checked(values * 4)?;
                own = after;
                let (values, _) = row.as_chunks::<4>();
                rows.push(values.iter().map(|bits| f32::from_bits(u32::from_be_bytes(*bits))).collect());
            }
            soft.vectors.push((std::str::from_utf8(name).ok()?.to_owned(), rows));
        }
        let (hash, payload) = (u64::from_be_bytes(*hash), u128::from_be_bytes(*payload));
        Some(Self { hash, original, id, payload, vectors: u128::from_be_bytes(*vectors), soft })
    }
}

fn count(count: usize, bytes: &mut Vec<u8>) {
    bytes.extend(u32::try_from(count).unwrap_or(u32::MAX).to_be_bytes());
}

fn number(bytes: &mut &[u8]) -> Option<usize> {
    let (number, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    usize::try_from(u32::from_be_bytes(*number)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_comes_back_as_it_was() {
        let soft = Soft {
            floats: vec![0.5, -0.0],
            vectors: vec![(String::new(), vec![vec![1.0, 2.0]]), ("é".to_owned(), vec![vec![], vec![3.0]])],
        };
        let id = RecordId::from("a\0b");
        let entry = Entry { hash: 7, original: RecordId::from(3_u64), id, payload: 1, vectors: u128::MAX, soft };
        let mut bytes = Vec::new();
        entry.write(&mut bytes);
        entry.write(&mut bytes);
        let mut left = bytes.as_slice();
        assert_eq!(Entry::read(&mut left).as_ref(), Some(&entry));
        assert_eq!(Entry::read(&mut left).as_ref(), Some(&entry));
        assert_eq!(Entry::read(&mut left), None);
    }
}
