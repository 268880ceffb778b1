//! Vectors: dense, sparse, multi; named or not; in the answers of new servers and of old ones.

use std::collections::HashMap;

use qdrant_client::qdrant::vectors::VectorsOptions;
use qdrant_client::qdrant::vectors_output::VectorsOptions as OutputOptions;
use qdrant_client::qdrant::{
    self, DenseVector, MultiDenseVector, NamedVectors, SparseVector, VectorInput, VectorOutput, VectorsOutput,
    vector_input, vector_output,
};

use crate::provider::model::{Vector, Vectors};

/// Our vectors, sorted by name; none if the point has none.
pub(super) fn from_vectors(output: Option<VectorsOutput>) -> Result<Vectors, String> {
    let mut named: Vec<(String, VectorOutput)> = match output.and_then(|output| output.vectors_options) {
        Some(OutputOptions::Vector(vector)) => vec![(String::new(), vector)],
        Some(OutputOptions::Vectors(vectors)) => vectors.vectors.into_iter().collect(),
        None => Vec::new(),
    };
    named.sort_by(|(a, _), (b, _)| a.cmp(b));
    named
        .into_iter()
        .map(|(name, vector)| match from_vector(vector) {
            Ok(vector) => Ok((name, vector)),
            Err(cause) => Err(format!("{cause} (in the vector {name:?})")),
        })
        .collect::<Result<_, _>>()
        .map(Vectors)
}

/// Servers before 1.16 fill the flat `data` with the shape beside it, later ones the typed variant.
#[allow(deprecated)]
fn from_vector(output: VectorOutput) -> Result<Vector, String> {
    match output.vector {
        Some(vector_output::Vector::Dense(dense)) => Ok(Vector::Dense(dense.data)),
        Some(vector_output::Vector::Sparse(sparse)) => from_sparse(sparse.indices, sparse.values),
        Some(vector_output::Vector::MultiDense(multi)) => {
            Ok(Vector::Multi(multi.vectors.into_iter().map(|row| row.data).collect()))
        }
        None => match (output.indices, output.vectors_count) {
            (Some(indices), _) => from_sparse(indices.data, output.data),
            (None, Some(rows)) => from_flat(&output.data, rows),
            (None, None) => Ok(Vector::Dense(output.data)),
        },
    }
}

fn from_sparse(indices: Vec<u32>, values: Vec<f32>) -> Result<Vector, String> {
    if indices.len() == values.len() {
        Ok(Vector::Sparse { indices, values })
    } else {
        Err(format!("a sparse vector has {} places and {} values", indices.len(), values.len()))
    }
}

fn from_flat(data: &[f32], rows: u32) -> Result<Vector, String> {
    let rows = rows as usize;
    let width = data.len().checked_div(rows).unwrap_or(0);
    if width == 0 || width * rows != data.len() {
        return Err(format!("a multi-vector of {} numbers cannot have {rows} rows", data.len()));
    }
    Ok(Vector::Multi(data.chunks(width).map(<[f32]>::to_vec).collect()))
}

/// Their vectors for an upsert.
pub(super) fn to_vectors(vectors: Vectors) -> qdrant::Vectors {
    let mut named: Vec<_> = vectors.0;
    let options = match named.as_slice() {
        [(name, _)] if name.is_empty() => named.pop().map(|(_, vector)| VectorsOptions::Vector(to_vector(vector))),
        _ => Some(VectorsOptions::Vectors(NamedVectors {
            vectors: named.into_iter().map(|(name, vector)| (name, to_vector(vector))).collect::<HashMap<_, _>>(),
        })),
    };
    qdrant::Vectors { vectors_options: options }
}

fn to_vector(vector: Vector) -> qdrant::Vector {
    use qdrant::vector::Vector as Theirs;
    let vector = match vector {
        Vector::Dense(data) => Theirs::Dense(DenseVector { data }),
        Vector::Sparse { indices, values } => Theirs::Sparse(SparseVector { values, indices }),
        Vector::Multi(rows) => Theirs::MultiDense(multi(rows)),
    };
    qdrant::Vector { vector: Some(vector), ..qdrant::Vector::default() }
}

fn multi(rows: Vec<Vec<f32>>) -> MultiDenseVector {
    MultiDenseVector { vectors: rows.into_iter().map(|data| DenseVector { data }).collect() }
}

/// The vector that a search starts from.
pub(in crate::provider::qdrant) fn query_input(vector: &Vector) -> VectorInput {
    use vector_input::Variant;
    let variant = match vector.clone() {
        Vector::Dense(data) => Variant::Dense(DenseVector { data }),
        Vector::Sparse { indices, values } => Variant::Sparse(SparseVector { values, indices }),
        Vector::Multi(rows) => Variant::MultiDense(multi(rows)),
    };
    VectorInput { variant: Some(variant) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use qdrant_client::qdrant::{NamedVectorsOutput, SparseIndices};

    use super::*;

    #[allow(deprecated)]
    fn old(data: Vec<f32>, indices: Option<Vec<u32>>, vectors_count: Option<u32>) -> VectorOutput {
        VectorOutput { data, indices: indices.map(|data| SparseIndices { data }), vectors_count, vector: None }
    }

    #[test]
    fn old_servers_tell_the_shape_beside_flat_data() {
        assert_eq!(from_vector(old(vec![1.0, 2.0], None, None)), Ok(Vector::Dense(vec![1.0, 2.0])));
        assert_eq!(
            from_vector(old(vec![1.0, 2.0], Some(vec![7, 9]), None)),
            Ok(Vector::Sparse { indices: vec![7, 9], values: vec![1.0, 2.0] })
        );
        assert_eq!(
            from_vector(old(vec![1.0, 2.0, 3.0, 4.0], None, Some(2))),
            Ok(Vector::Multi(vec![vec![1.0, 2.0], vec![3.0, 4.0]]))
        );
    }

    #[test]
    fn impossible_shapes_are_refused_without_a_panic() {
        assert!(from_vector(old(vec![1.0, 2.0, 3.0], None, Some(2))).is_err());
        assert!(from_vector(old(vec![1.0], None, Some(0))).is_err());
        assert!(from_vector(old(Vec::new(), None, Some(3))).is_err());
        assert!(from_vector(old(vec![1.0], Some(vec![1, 2]), None)).is_err());
    }

    #[test]
    fn names_are_sorted_and_the_lone_unnamed_vector_goes_unnamed() {
        let dense = |x: f32| VectorOutput {
            vector: Some(vector_output::Vector::Dense(DenseVector { data: vec![x] })),
            ..VectorOutput::default()
        };
        let named = HashMap::from([("b".to_owned(), dense(2.0)), ("a".to_owned(), dense(1.0))]);
        let output =
            VectorsOutput { vectors_options: Some(OutputOptions::Vectors(NamedVectorsOutput { vectors: named })) };
        let names: Vec<_> = from_vectors(Some(output)).unwrap().0.into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["a", "b"]);
        assert!(matches!(to_vectors(Vectors::unnamed(vec![1.0])).vectors_options, Some(VectorsOptions::Vector(_))));
        let named = Vectors(vec![("a".to_owned(), Vector::Dense(vec![1.0]))]);
        assert!(matches!(to_vectors(named).vectors_options, Some(VectorsOptions::Vectors(_))));
    }
}
