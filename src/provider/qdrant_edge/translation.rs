//! The engine's types to ours and back. Pure, but for the paths in errors.

use std::collections::HashMap;
use std::path::Path;

use qdrant_edge::{
    Distance, EdgeConfig, EdgeSparseVectorParams, EdgeVectorParams, MultiVectorComparator, MultiVectorConfig,
    OperationError, PointId, PointStruct, PointStructPersisted, SparseVector, TypedMultiDenseVector, VectorInternal,
    VectorStructInternal, WalOptions,
};
use serde_json::Value;

use crate::provider::model::{CollectionSpec, Metric, Record, RecordId, Vector, VectorKind, VectorSpec, Vectors};
use crate::provider::{ProviderError, Result};

/// Size of one file of a new collection's write-ahead log. The engine's 32 MiB are mapped and
/// written for every collection, however small.
const LOG_CAPACITY: usize = 256 * 1024;

/// The point id of a record id; `None` for an id that the engine cannot have.
pub(super) fn point_id(id: &RecordId) -> Option<PointId> {
    match id {
        RecordId::Integer(n) => u64::try_from(*n).ok().map(PointId::NumId),
        RecordId::Uuid(uuid) => Some(PointId::Uuid(*uuid)),
        RecordId::Text(_) => None,
    }
}

/// The record id of a point id.
pub(super) fn record_id(id: PointId) -> RecordId {
    match id {
        PointId::NumId(n) => RecordId::from(n),
        PointId::Uuid(uuid) => RecordId::Uuid(uuid),
    }
}

/// The engine's distance for a metric.
pub(super) fn distance(metric: Metric) -> Distance {
    match metric {
        Metric::Cosine => Distance::Cosine,
        Metric::Dot => Distance::Dot,
        Metric::Euclidean => Distance::Euclid,
        Metric::Manhattan => Distance::Manhattan,
    }
}

/// The metric of the engine's distance.
pub(super) fn metric(distance: Distance) -> Metric {
    match distance {
        Distance::Cosine => Metric::Cosine,
        Distance::Dot => Metric::Dot,
        Distance::Euclid => Metric::Euclidean,
        Distance::Manhattan => Metric::Manhattan,
    }
}

/// A score in the meaning of its metric. The engine already gives distances as positive numbers;
/// only the rounding of a cosine may leave -1..=1.
pub(super) fn score(value: f32, metric: Metric) -> f32 {
    match metric {
        Metric::Cosine => value.clamp(-1.0, 1.0),
        Metric::Dot => value,
        Metric::Euclidean | Metric::Manhattan => value.abs(),
    }
}

/// The vector fields of a shard, sorted by name.
pub(super) fn vector_specs(config: &EdgeConfig) -> Vec<VectorSpec> {
    let dense = config.vectors.iter().map(|(name, params)| VectorSpec {
        name: name.clone(),
        kind: if params.multivector_config.is_some() { VectorKind::Multi } else { VectorKind::Dense },
        dimension: Some(params.size),
        metric: Some(metric(params.distance)),
        index: None,
        embedder: None,
    });
    let sparse = config.sparse_vectors.keys().map(|name| VectorSpec {
        name: name.clone(),
        kind: VectorKind::Sparse,
        dimension: None,
        metric: Some(Metric::Dot),
        index: None,
        embedder: None,
    });
    let mut specs: Vec<VectorSpec> = dense.chain(sparse).collect();
    specs.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    specs
}

/// The configuration of a new shard.
///
/// # Errors
/// [`ProviderError::BadRequest`] for vectors that a shard cannot have.
pub(super) fn config(spec: &CollectionSpec) -> Result<EdgeConfig> {
    let mut vectors = HashMap::new();
    let mut sparse_vectors = HashMap::new();
    for field in &spec.vectors {
        let name = &field.name;
        let known = match field.kind {
            VectorKind::Sparse => {
                if field.metric.is_some_and(|metric| metric != Metric::Dot) {
                    return Err(bad(
                        format!("the sparse vector {name:?} is not compared by dot"),
                        "Use the metric dot.",
                    ));
                }
                sparse_vectors.insert(name.clone(), EdgeSparseVectorParams::default()).is_some()
            }
            VectorKind::Dense | VectorKind::Multi => {
                let (Some(size @ 1..), Some(metric)) = (field.dimension, field.metric) else {
                    let cause = format!("the vector {name:?} has no dimension or no metric");
                    return Err(bad(cause, "Give both; they cannot be changed later."));
                };
                let builder = EdgeVectorParams::builder(size, distance(metric)).on_disk(true);
                let builder = if field.kind == VectorKind::Multi {
                    builder.multivector_config(MultiVectorConfig { comparator: MultiVectorComparator::MaxSim })
                } else {
                    builder
                };
                vectors.insert(name.clone(), builder.build()).is_some()
            }
        };
        if known || (vectors.contains_key(name) && sparse_vectors.contains_key(name)) {
            return Err(bad(format!("there are two vectors named {name:?}"), "Give each its own name."));
        }
    }
    if spec.vectors.is_empty() {
        return Err(bad("the collection has no vector".to_owned(), "Give at least one vector."));
    }
    let wal = WalOptions { segment_capacity: LOG_CAPACITY, ..WalOptions::default() };
    Ok(EdgeConfig::builder().vectors(vectors).wal_options(wal).build()).map(|mut config| {
        config.sparse_vectors = sparse_vectors;
        config
    })
}

/// The point that stores a record.
///
/// # Errors
/// [`ProviderError::BadRequest`] for what the collection has no place for; nothing is left out.
pub(super) fn point(record: Record, specs: &[VectorSpec]) -> Result<PointStructPersisted> {
    let id = point_id(&record.id).ok_or_else(|| {
        bad(
            format!("Qdrant cannot have the id {:?}", record.id.to_string()),
            "Its ids are whole numbers from 0 to 18446744073709551615, or UUIDs.",
        )
    })?;
    if record.text.is_some() {
        return Err(bad(
            format!("record {} has a text beside its payload, for which Qdrant has no place", record.id),
            "Move the text into a field of the payload.",
        ));
    }
    let mut vectors = HashMap::new();
    for (name, vector) in record.vectors.unwrap_or_default().0 {
        let spec = specs.iter().find(|spec| spec.name == name).ok_or_else(|| no_such_vector(&name, specs))?;
        vectors.insert(name, engine_vector(vector, spec)?);
    }
    let vectors = qdrant_edge::Vectors(VectorStructInternal::Named(vectors));
    Ok(PointStruct::new(id, vectors, Value::Object(record.payload)).into())
}

/// A vector in the engine's form, checked against the field that it is for: the engine would note
/// some of these faults only after having written a part.
pub(super) fn engine_vector(vector: Vector, spec: &VectorSpec) -> Result<VectorInternal> {
    let finite = |values: &[f32]| values.iter().all(|value| value.is_finite());
    let wrong = |cause: String| bad(format!("the vector for {:?} {cause}", spec.name), "Correct it.");
    let length = |values: &[f32]| match spec.dimension {
        Some(dimension) if dimension != values.len() => {
            Err(wrong(format!("has {} dimensions, the collection has {dimension}", values.len())))
        }
        _ if !finite(values) => Err(wrong("has a value that is no finite number".to_owned())),
        _ => Ok(()),
    };
    match (vector, spec.kind) {
        (Vector::Dense(values), VectorKind::Dense) => {
            length(&values)?;
            Ok(VectorInternal::Dense(values))
        }
        (Vector::Sparse { indices, values }, VectorKind::Sparse) => {
            if !finite(&values) {
                return Err(wrong("has a value that is no finite number".to_owned()));
            }
            SparseVector::new(indices, values)
                .map(VectorInternal::Sparse)
                .map_err(|e| wrong(format!("is no sparse vector: {e}")))
        }
        (Vector::Multi(rows), VectorKind::Multi) => {
            rows.iter().try_for_each(|row| length(row))?;
            TypedMultiDenseVector::try_from_matrix(rows)
                .map(VectorInternal::MultiDense)
                .map_err(|e| wrong(format!("is no multi-vector: {e}")))
        }
        (_, kind) => Err(wrong(format!("is of another kind: the collection has a {} vector there", kind.name()))),
    }
}

/// Our record of what the engine returned. `specs` tells a missing vector from one not asked for.
pub(super) fn record(
    id: PointId,
    payload: Option<qdrant_edge::Payload>,
    vector: Option<VectorStructInternal>,
    with_vectors: bool,
) -> Record {
    Record {
        id: record_id(id),
        vectors: with_vectors.then(|| vector.map(vectors).unwrap_or_default()),
        payload: payload.map(|payload| payload.0).unwrap_or_default(),
        text: None,
    }
}

/// The vectors of one point, sorted by name.
fn vectors(vectors: VectorStructInternal) -> Vectors {
    match vectors {
        VectorStructInternal::Single(values) => Vectors::unnamed(values),
        VectorStructInternal::MultiDense(rows) => {
            Vectors(vec![(String::new(), Vector::Multi(rows.into_multi_vectors()))])
        }
        VectorStructInternal::Named(named) => {
            let mut all: Vec<_> = named.into_iter().map(|(name, vector)| (name, our_vector(vector))).collect();
            all.sort_unstable_by(|a, b| a.0.cmp(&b.0));
            Vectors(all)
        }
    }
}

fn our_vector(vector: VectorInternal) -> Vector {
    match vector {
        VectorInternal::Dense(values) => Vector::Dense(values),
        VectorInternal::Sparse(sparse) => Vector::Sparse { indices: sparse.indices, values: sparse.values },
        VectorInternal::MultiDense(rows) => Vector::Multi(rows.into_multi_vectors()),
    }
}

/// The field of that name; the first without a name.
pub(in crate::provider) fn field<'a>(specs: &'a [VectorSpec], using: Option<&str>) -> Result<&'a VectorSpec> {
    match using {
        Some(name) => specs.iter().find(|spec| spec.name == name).ok_or_else(|| no_such_vector(name, specs)),
        None => specs.first().ok_or_else(|| bad("the collection has no vector".into(), "Search another one.")),
    }
}

fn no_such_vector(name: &str, specs: &[VectorSpec]) -> ProviderError {
    let names: Vec<String> = specs.iter().map(|spec| format!("{:?}", spec.name)).collect();
    bad(format!("the collection has no vector named {name:?}"), &format!("It has {}.", names.join(", ")))
}

/// The request is at fault.
pub(in crate::provider) fn bad(cause: String, mend: &str) -> ProviderError {
    ProviderError::BadRequest { cause, mend: mend.to_owned() }
}

/// The engine's error in ours.
pub(in crate::provider) fn error(path: &Path, error: &OperationError) -> ProviderError {
    match error {
        OperationError::WrongVectorDimension { .. }
        | OperationError::VectorNameNotExists { .. }
        | OperationError::PointIdError { .. }
        | OperationError::TypeError { .. }
        | OperationError::TypeInferenceError { .. }
        | OperationError::ValidationError { .. }
        | OperationError::WrongSparse
        | OperationError::WrongMulti
        | OperationError::MissingRangeIndexForOrderBy { .. }
        | OperationError::MissingMapIndexForFacet { .. }
        | OperationError::VariableTypeError { .. }
        | OperationError::NonFiniteNumber { .. } => bad(error.to_string(), "Correct the request."),
        OperationError::Cancelled { .. } => ProviderError::Cancelled,
        // the engine keeps no other trace of the system's WouldBlock than its name
        OperationError::ServiceError { description, .. } if description.contains("WouldBlock") => {
            ProviderError::Locked { path: path.display().to_string() }
        }
        OperationError::ServiceError { .. }
        | OperationError::InconsistentStorage { .. }
        | OperationError::OutOfMemory { .. }
        | OperationError::Timeout { .. } => {
            ProviderError::Server { address: path.display().to_string(), cause: error.to_string() }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use uuid::Uuid;

    use super::*;

    #[test]
    fn ids_keep_their_kind_and_all_their_bits() {
        for id in [RecordId::from(0_u64), RecordId::from(u64::MAX), RecordId::Uuid(Uuid::from_u128(u128::MAX))] {
            assert_eq!(record_id(point_id(&id).unwrap()), id);
        }
        for impossible in [RecordId::from(-1_i64), RecordId::from("1"), RecordId::Integer(i128::from(u64::MAX) + 1)] {
            assert_eq!(point_id(&impossible), None);
        }
        let uuid_text = RecordId::Text(Uuid::nil().to_string());
        assert_eq!(point_id(&uuid_text), None, "a text that reads like a UUID stays a text");
    }

    #[test]
    fn metrics_come_back_as_they_went() {
        for m in [Metric::Cosine, Metric::Dot, Metric::Euclidean, Metric::Manhattan] {
            assert_eq!(metric(distance(m)), m);
        }
    }

    #[test]
    fn a_text_beside_the_payload_is_refused_not_dropped() {
        let specs = vector_specs(&config(&CollectionSpec::dense("x", 2, Metric::Dot)).unwrap());
        let mut with_text = Record {
            id: 1_u64.into(),
            vectors: Some(Vectors::unnamed(vec![1.0, 2.0])),
            payload: crate::provider::model::Payload::new(),
            text: Some("lost".into()),
        };
        assert!(matches!(point(with_text.clone(), &specs), Err(ProviderError::BadRequest { .. })));
        with_text.text = None;
        assert!(point(with_text, &specs).is_ok());
    }

    #[test]
    fn vectors_of_another_length_kind_or_not_finite_are_refused() {
        let spec = &config(&CollectionSpec::dense("x", 2, Metric::Dot)).map(|c| vector_specs(&c)).unwrap()[0];
        for wrong in [
            Vector::Dense(vec![1.0]),
            Vector::Dense(vec![1.0, f32::NAN]),
            Vector::Multi(vec![vec![1.0, 2.0]]),
            Vector::Sparse { indices: vec![0], values: vec![1.0] },
        ] {
            assert!(engine_vector(wrong.clone(), spec).is_err(), "{wrong:?}");
        }
    }
}
