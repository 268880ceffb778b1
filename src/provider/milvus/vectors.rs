//! Vectors on the wire: floats of 32 and 16 bits, bits, bytes, sparse.
//!
//! Each becomes numbers of our model without loss: a bit is 0 or 1, a byte a whole number. The other
//! way round, numbers that the field cannot hold exactly are refused.

use half::{bf16, f16};

use super::proto::{FloatArray, SparseFloatArray, VectorData, VectorField, data_type};
use crate::provider::model::Vector;

/// The kind of a vector field's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum VectorType {
    Float,
    Float16,
    BFloat16,
    Binary,
    Int8,
    Sparse,
}

impl VectorType {
    /// The kind of that `DataType`.
    pub(super) fn of(kind: i32) -> Option<Self> {
        Some(match kind {
            data_type::FLOAT_VECTOR => Self::Float,
            data_type::FLOAT16_VECTOR => Self::Float16,
            data_type::BFLOAT16_VECTOR => Self::BFloat16,
            data_type::BINARY_VECTOR => Self::Binary,
            data_type::INT8_VECTOR => Self::Int8,
            data_type::SPARSE_FLOAT_VECTOR => Self::Sparse,
            _ => return None,
        })
    }

    /// Its number in the protocol.
    pub(super) fn number(self) -> i32 {
        match self {
            Self::Float => data_type::FLOAT_VECTOR,
            Self::Float16 => data_type::FLOAT16_VECTOR,
            Self::BFloat16 => data_type::BFLOAT16_VECTOR,
            Self::Binary => data_type::BINARY_VECTOR,
            Self::Int8 => data_type::INT8_VECTOR,
            Self::Sparse => data_type::SPARSE_FLOAT_VECTOR,
        }
    }

    /// Bytes of a vector of that dimension.
    fn width(self, dimension: usize) -> usize {
        match self {
            Self::Float => dimension * 4,
            Self::Float16 | Self::BFloat16 => dimension * 2,
            Self::Binary => dimension.div_ceil(8),
            Self::Int8 => dimension,
            Self::Sparse => 0,
        }
    }

    /// The vector as the bytes that a field of this kind has.
    ///
    /// # Errors
    /// Which number it cannot hold.
    pub(super) fn encode(self, vector: &Vector) -> Result<Vec<u8>, String> {
        let values = match (self, vector) {
            (Self::Sparse, Vector::Sparse { indices, values }) => return sparse_bytes(indices, values),
            (Self::Sparse, _) => return Err("the field holds sparse vectors, and this is none".to_owned()),
            (_, Vector::Dense(values)) => values,
            _ => return Err("the field holds dense vectors, and this is none".to_owned()),
        };
        if let Some(place) = values.iter().position(|value| !value.is_finite()) {
            return Err(format!("dimension {place} is {}, and Milvus takes finite numbers only", values[place]));
        }
        match self {
            Self::Float => Ok(values.iter().flat_map(|value| value.to_le_bytes()).collect()),
            Self::Float16 => each(values, |value| Some(f16::from_f32(value)).filter(|h| h.to_f32() == value))
                .map(|halves| halves.into_iter().flat_map(f16::to_le_bytes).collect()),
            Self::BFloat16 => each(values, |value| Some(bf16::from_f32(value)).filter(|h| h.to_f32() == value))
                .map(|halves| halves.into_iter().flat_map(bf16::to_le_bytes).collect()),
            Self::Int8 => each(values, whole).map(|bytes| bytes.into_iter().map(i8::cast_unsigned).collect()),
            Self::Binary => bits(values),
            Self::Sparse => Ok(Vec::new()),
        }
    }

    /// One column from the bytes of its rows.
    pub(super) fn column(self, dimension: usize, rows: Vec<Vec<u8>>) -> VectorField {
        let data = match self {
            Self::Sparse => {
                let dim =
                    rows.iter().filter_map(|row| row.chunks_exact(8).last()).map(place).max().map_or(0, |p| p + 1);
                return VectorField {
                    dim: i64::from(dim),
                    data: Some(VectorData::Sparse(SparseFloatArray { contents: rows, dim: i64::from(dim) })),
                    valid_data: Vec::new(),
                };
            }
            Self::Float => VectorData::Floats(FloatArray { data: rows.iter().flat_map(|row| floats(row)).collect() }),
            Self::Float16 => VectorData::Float16(rows.concat()),
            Self::BFloat16 => VectorData::BFloat16(rows.concat()),
            Self::Binary => VectorData::Binary(rows.concat()),
            Self::Int8 => VectorData::Int8(rows.concat()),
        };
        VectorField { dim: i64::try_from(dimension).unwrap_or(i64::MAX), data: Some(data), valid_data: Vec::new() }
    }
}

/// The vectors of a column, one for each that it holds.
///
/// # Errors
/// What does not fit together.
pub(super) fn decode(field: VectorField) -> Result<Vec<Vector>, String> {
    let dimension = usize::try_from(field.dim).map_err(|_| format!("a dimension of {}", field.dim))?;
    let bytes = |data: &[u8], kind: VectorType, read: &dyn Fn(&[u8]) -> Vec<f32>| {
        let width = kind.width(dimension);
        if width == 0 || !data.len().is_multiple_of(width) {
            return Err(format!("{} bytes of vectors of the dimension {dimension}", data.len()));
        }
        Ok(data.chunks_exact(width).map(|row| Vector::Dense(read(row))).collect())
    };
    match field.data {
        None => Ok(Vec::new()),
        Some(VectorData::Floats(array)) => {
            if array.data.is_empty() {
                return Ok(Vec::new());
            }
            if dimension == 0 || !array.data.len().is_multiple_of(dimension) {
                return Err(format!("{} numbers of vectors of the dimension {dimension}", array.data.len()));
            }
            Ok(array.data.chunks_exact(dimension).map(|row| Vector::Dense(row.to_vec())).collect())
        }
        Some(VectorData::Float16(data)) => bytes(&data, VectorType::Float16, &|row| {
            row.chunks_exact(2).map(|pair| f16::from_le_bytes([pair[0], pair[1]]).to_f32()).collect()
        }),
        Some(VectorData::BFloat16(data)) => bytes(&data, VectorType::BFloat16, &|row| {
            row.chunks_exact(2).map(|pair| bf16::from_le_bytes([pair[0], pair[1]]).to_f32()).collect()
        }),
        Some(VectorData::Int8(data)) => {
            bytes(&data, VectorType::Int8, &|row| row.iter().map(|byte| f32::from(byte.cast_signed())).collect())
        }
        Some(VectorData::Binary(data)) => bytes(&data, VectorType::Binary, &|row| {
            let all = row.iter().flat_map(|byte| (0..8).rev().map(move |bit| f32::from(byte >> bit & 1)));
            all.take(dimension).collect()
        }),
        Some(VectorData::Sparse(array)) => array.contents.iter().map(|row| sparse(row)).collect(),
    }
}

fn each<T>(values: &[f32], to: impl Fn(f32) -> Option<T>) -> Result<Vec<T>, String> {
    let convert = |(place, value): (usize, &f32)| {
        to(*value).ok_or_else(|| format!("dimension {place} is {value}, which the field cannot hold exactly"))
    };
    values.iter().enumerate().map(convert).collect()
}

#[allow(clippy::cast_possible_truncation)] // compared with what it came from
fn whole(value: f32) -> Option<i8> {
    Some(value as i8).filter(|byte| f32::from(*byte) == value)
}

/// Bits, the first dimension being the highest bit of the first byte.
fn bits(values: &[f32]) -> Result<Vec<u8>, String> {
    if let Some(place) = values.iter().position(|value| *value != 0.0 && *value != 1.0) {
        return Err(format!("dimension {place} is {}, and the field holds bits, 0 or 1", values[place]));
    }
    let byte = |eight: &[f32]| {
        eight.iter().enumerate().fold(0_u8, |byte, (place, bit)| byte | u8::from(*bit == 1.0) << (7 - place))
    };
    Ok(values.chunks(8).map(byte).collect())
}

fn floats(row: &[u8]) -> impl Iterator<Item = f32> {
    row.chunks_exact(4).map(|four| f32::from_le_bytes([four[0], four[1], four[2], four[3]]))
}

/// Places and values in turn, four bytes each, in the order of the places.
fn sparse_bytes(indices: &[u32], values: &[f32]) -> Result<Vec<u8>, String> {
    if indices.len() != values.len() {
        return Err(format!("a sparse vector has {} places and {} values", indices.len(), values.len()));
    }
    let mut pairs: Vec<(u32, f32)> = indices.iter().copied().zip(values.iter().copied()).collect();
    pairs.sort_by_key(|(place, _)| *place);
    if let Some((place, value)) = pairs.iter().find(|(_, value)| !value.is_finite()) {
        return Err(format!("place {place} is {value}, and Milvus takes finite numbers only"));
    }
    if let Some(twice) = pairs.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        return Err(format!("place {} is there twice", twice[0].0));
    }
    Ok(pairs
        .into_iter()
        .flat_map(|(place, value)| place.to_le_bytes().into_iter().chain(value.to_le_bytes()))
        .collect())
}

fn place(pair: &[u8]) -> u32 {
    u32::from_le_bytes([pair[0], pair[1], pair[2], pair[3]])
}

fn sparse(row: &[u8]) -> Result<Vector, String> {
    if !row.len().is_multiple_of(8) {
        return Err(format!("a sparse vector of {} bytes", row.len()));
    }
    let indices = row.chunks_exact(8).map(place).collect();
    let values = row.chunks_exact(8).flat_map(|pair| floats(&pair[4..])).collect();
    Ok(Vector::Sparse { indices, values })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(VectorType::Float, vec![0.1, -2.5, 1e-30, 3.0])]
    #[case(VectorType::Float16, vec![0.5, -2.5, 65504.0, 0.0])]
    #[case(VectorType::BFloat16, vec![0.5, -2.5, 1.0e30_f32 * 0.0, 3.0])]
    #[case(VectorType::Int8, vec![-128.0, 127.0, 0.0, 1.0])]
    #[case(VectorType::Binary, vec![1.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0])]
    fn numbers_come_back_as_they_went(#[case] kind: VectorType, #[case] values: Vec<f32>) {
        let vector = Vector::Dense(values.clone());
        let rows = vec![kind.encode(&vector).unwrap(), kind.encode(&vector).unwrap()];
        let column = kind.column(values.len(), rows);
        assert_eq!(decode(column).unwrap(), vec![vector.clone(), vector]);
    }

    #[test]
    fn the_first_dimension_of_a_binary_vector_is_the_highest_bit() {
        let vector = Vector::Dense(vec![1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0]);
        assert_eq!(VectorType::Binary.encode(&vector).unwrap(), [0b1000_0010]);
    }

    #[test]
    fn sparse_vectors_are_sorted_pairs() {
        let vector = Vector::Sparse { indices: vec![70_000, 1], values: vec![2.0, 0.5] };
        let bytes = VectorType::Sparse.encode(&vector).unwrap();
        assert_eq!(bytes[..4], 1_u32.to_le_bytes());
        let column = VectorType::Sparse.column(0, vec![bytes]);
        assert_eq!(column.dim, 70_001);
        let sorted = Vector::Sparse { indices: vec![1, 70_000], values: vec![0.5, 2.0] };
        assert_eq!(decode(column).unwrap(), vec![sorted]);
        let twice = Vector::Sparse { indices: vec![1, 1], values: vec![2.0, 0.5] };
        assert_eq!(VectorType::Sparse.encode(&twice).unwrap_err(), "place 1 is there twice");
    }

    #[rstest]
    #[case(VectorType::Float16, 0.1)]
    #[case(VectorType::BFloat16, 0.1)]
    #[case(VectorType::Int8, 128.0)]
    #[case(VectorType::Int8, 0.5)]
    #[case(VectorType::Binary, 2.0)]
    #[case(VectorType::Float, f32::NAN)]
    fn what_a_field_cannot_hold_is_refused(#[case] kind: VectorType, #[case] value: f32) {
        let error = kind.encode(&Vector::Dense(vec![0.0, value])).unwrap_err();
        assert!(error.starts_with("dimension 1 is"), "{error}");
    }

    #[test]
    fn columns_that_do_not_fit_their_dimension_are_told() {
        let column = VectorField { dim: 4, data: Some(VectorData::Float16(vec![0; 6])), valid_data: Vec::new() };
        assert_eq!(decode(column).unwrap_err(), "6 bytes of vectors of the dimension 4");
    }
}
