//! Vectors as pgvector sends and takes them.
//!
//! They are read in PostgreSQL's binary format: a header, then big-endian numbers, exact to the last
//! bit. The lengths in the headers are checked against the bytes that came.

use half::f16;
use tokio_postgres::types::{FromSql, Type};

use super::sql::Sql;
use crate::provider::model::Vector;

/// pgvector's largest sparse vector, used where the column names no dimension.
const SPARSE_DIMENSIONS: usize = 1_000_000_000;

/// How the values of a vector column are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// `vector`: numbers of 32 bits.
    Single,
    /// `halfvec`: numbers of 16 bits.
    Half,
    /// `sparsevec`: places and numbers of 32 bits.
    Sparse,
    /// `bit(n)`: zeros and ones.
    Bits,
}

/// The bytes of a value, of whatever type.
pub(super) struct Raw<'a>(pub(super) &'a [u8]);

impl<'a> FromSql<'a> for Raw<'a> {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self(raw))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

impl Form {
    /// Reads a value.
    ///
    /// # Errors
    /// What is wrong with the bytes.
    pub(super) fn read(self, bytes: &[u8]) -> Result<Vector, String> {
        let found = match self {
            Self::Single => single(bytes).map(Vector::Dense),
            Self::Half => half(bytes).map(Vector::Dense),
            Self::Sparse => sparse(bytes),
            Self::Bits => bits(bytes).map(Vector::Dense),
        };
        found.ok_or_else(|| format!("{} bytes that are no {}", bytes.len(), self.name()))
    }

    /// PostgreSQL's word for it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Single => "vector",
            Self::Half => "halfvec",
            Self::Sparse => "sparsevec",
            Self::Bits => "bit",
        }
    }

    /// The value as text, to be cast to the column's type.
    ///
    /// # Errors
    /// Why such a column cannot hold it, a clause.
    pub(super) fn write(self, vector: &Vector, dimension: Option<usize>) -> Result<String, String> {
        match (self, vector) {
            (Self::Single | Self::Half, Vector::Dense(values)) => {
                finite(values)?;
                Ok(format!("[{}]", join(values.iter().map(ToString::to_string))))
            }
            (Self::Bits, Vector::Dense(values)) => values
                .iter()
                .map(|value| match *value {
                    0.0 => Ok('0'),
                    1.0 => Ok('1'),
                    other => Err(format!("a bit string has zeros and ones, not {other}")),
                })
                .collect(),
            (Self::Sparse, Vector::Sparse { indices, values }) => write_sparse(indices, values, dimension),
            (_, Vector::Dense(_)) => Err(format!("a {} is not dense", self.name())),
            (_, Vector::Sparse { .. }) => Err(format!("a {} is not sparse", self.name())),
            (_, Vector::Multi(_)) => Err("a column holds one vector, not several".to_owned()),
        }
    }

    /// The value as a parameter of a search, cast to the type that is searched.
    ///
    /// # Errors
    /// As [`Form::write`].
    pub(super) fn bind(
        self,
        vector: &Vector,
        dimension: Option<usize>,
        cast: &str,
        sql: &mut Sql,
    ) -> Result<String, String> {
        let text = self.write(vector, dimension)?;
        Ok(match (self, vector) {
            // shorter on the way than digits
            (Self::Single | Self::Half, Vector::Dense(values)) => format!("{}::{cast}", sql.floats(values.clone())),
            // without its length, `bit` would be cut to one
            (Self::Bits, _) => {
                let length = text.len().max(1);
                format!("{}::pg_catalog.bit({length})", sql.text(text))
            }
            _ => format!("{}::{cast}", sql.text(text)),
        })
    }
}

fn join(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(",")
}

fn finite(values: &[f32]) -> Result<(), String> {
    match values.iter().position(|value| !value.is_finite()) {
        None => Ok(()),
        Some(place) => Err(format!("dimension {place} is {}, and pgvector takes finite numbers only", values[place])),
    }
}

fn write_sparse(indices: &[u32], values: &[f32], dimension: Option<usize>) -> Result<String, String> {
    finite(values)?;
    let dimension = dimension.unwrap_or(SPARSE_DIMENSIONS);
    let mut pairs: Vec<(usize, f32)> = Vec::with_capacity(indices.len());
    for (index, value) in indices.iter().zip(values) {
        let place = usize::try_from(*index).unwrap_or(usize::MAX);
        if place >= dimension {
            return Err(format!("place {index} is beyond the column's {dimension} dimensions"));
        }
        pairs.push((place, *value));
    }
    pairs.sort_by_key(|(place, _)| *place);
    if pairs.windows(2).any(|pair| pair[0].0 == pair[1].0) {
        return Err("a place is given twice".to_owned());
    }
    // pgvector counts places from 1 in its texts, and keeps no zeros
    Ok(format!("{{{}}}/{dimension}", join(pairs.iter().map(|(place, value)| format!("{}:{value}", place + 1)))))
}

fn single(bytes: &[u8]) -> Option<Vec<f32>> {
    let (count, rest) = header(bytes)?;
    numbers(rest, count, |four: [u8; 4]| f32::from_be_bytes(four))
}

fn half(bytes: &[u8]) -> Option<Vec<f32>> {
    let (count, rest) = header(bytes)?;
    numbers(rest, count, |two: [u8; 2]| f16::from_be_bytes(two).to_f32())
}

/// The number of dimensions, and what follows it.
fn header(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (count, rest) = bytes.split_first_chunk::<2>()?;
    let (_, rest) = rest.split_first_chunk::<2>()?;
    Some((usize::from(u16::from_be_bytes(*count)), rest))
}

/// Exactly so many numbers of `N` bytes.
fn numbers<const N: usize, T>(bytes: &[u8], count: usize, read: impl Fn([u8; N]) -> T) -> Option<Vec<T>> {
    let (chunks, rest) = bytes.as_chunks::<N>();
    (chunks.len() == count && rest.is_empty()).then(|| chunks.iter().map(|chunk| read(*chunk)).collect())
}

fn sparse(bytes: &[u8]) -> Option<Vector> {
    let (head, rest) = bytes.split_first_chunk::<12>()?;
    let [_, count, _] = *head.as_chunks::<4>().0 else { return None };
    let count = usize::try_from(i32::from_be_bytes(count)).ok()?;
    let (places, values) = rest.split_at_checked(count.checked_mul(4)?)?;
    let indices = numbers(places, count, |four: [u8; 4]| u32::from_be_bytes(four))?;
    let values = numbers(values, count, |four: [u8; 4]| f32::from_be_bytes(four))?;
    Some(Vector::Sparse { indices, values })
}

fn bits(bytes: &[u8]) -> Option<Vec<f32>> {
    let (count, rest) = bytes.split_first_chunk::<4>()?;
    let count = usize::try_from(i32::from_be_bytes(*count)).ok()?;
    if rest.len() != count.div_ceil(8) {
        return None;
    }
    let bit = |place: usize| f32::from(rest[place / 8] >> (7 - place % 8) & 1);
    Some((0..count).map(bit).collect())
}

/// The dimension that a value of that form has; a sparse one's is in its header.
pub(super) fn dimension_of(form: Form, bytes: &[u8]) -> Option<usize> {
    match form {
        Form::Single | Form::Half => header(bytes).map(|(count, _)| count),
        Form::Sparse | Form::Bits => {
            let (count, _) = bytes.split_first_chunk::<4>()?;
            usize::try_from(i32::from_be_bytes(*count)).ok()
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn values_are_read_to_the_last_bit() {
        let mut bytes = vec![0, 3, 0, 0];
        for value in [0.1_f32, -0.0, f32::MIN_POSITIVE] {
            bytes.extend(value.to_be_bytes());
        }
        let Vector::Dense(values) = Form::Single.read(&bytes).unwrap() else { unreachable!() };
        let bits: Vec<u32> = values.iter().map(|value| value.to_bits()).collect();
        assert_eq!(bits, [0.1_f32, -0.0, f32::MIN_POSITIVE].map(f32::to_bits));
        let half = [0, 2, 0, 0, 0x3c, 0x00, 0xc0, 0x00];
        assert_eq!(Form::Half.read(&half).unwrap(), Vector::Dense(vec![1.0, -2.0]));
        let sparse = [0, 0, 0, 9, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 7, 0x3f, 0x80, 0, 0];
        assert_eq!(Form::Sparse.read(&sparse).unwrap(), Vector::Sparse { indices: vec![7], values: vec![1.0] });
        assert_eq!(dimension_of(Form::Sparse, &sparse), Some(9));
        let bits = [0, 0, 0, 9, 0b0101_0000, 0b1000_0000];
        let expected = vec![0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0];
        assert_eq!(Form::Bits.read(&bits).unwrap(), Vector::Dense(expected));
    }

    #[test]
    fn bytes_that_are_cut_off_or_lie_about_their_length_are_refused() {
        for form in [Form::Single, Form::Half, Form::Sparse, Form::Bits] {
            for bytes in [&[][..], &[0], &[0, 9, 0, 0], &[0xff; 4], &[0x7f; 40], &[0, 1, 0, 0, 1, 2, 3]] {
                assert!(form.read(bytes).is_err(), "{form:?} {bytes:?}");
            }
        }
    }

    #[test]
    fn what_a_column_cannot_hold_is_said() {
        let dense = Vector::Dense(vec![1.0, 0.5]);
        assert_eq!(Form::Single.write(&dense, None).unwrap(), "[1,0.5]");
        assert!(Form::Bits.write(&dense, None).unwrap_err().contains("0.5"));
        assert!(Form::Sparse.write(&dense, None).unwrap_err().contains("not dense"));
        assert!(Form::Single.write(&Vector::Dense(vec![f32::NAN]), None).unwrap_err().contains("dimension 0"));
        let sparse = Vector::Sparse { indices: vec![7, 0], values: vec![2.0, 1.0] };
        assert_eq!(Form::Sparse.write(&sparse, Some(8)).unwrap(), "{1:1,8:2}/8");
        assert!(Form::Sparse.write(&sparse, Some(7)).unwrap_err().contains("beyond"));
    }
}
