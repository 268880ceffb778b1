//! Collections: their vector fields, their state, and what creates one.

use qdrant_client::qdrant::vectors_config::Config;
use qdrant_client::qdrant::{
    CollectionConfig, CollectionInfo, CollectionStatus, CreateCollection, Datatype, Distance, HnswConfigDiff, Modifier,
    MultiVectorComparator, MultiVectorConfig, QuantizationConfig, SparseVectorConfig, SparseVectorParams, VectorParams,
    VectorParamsMap, VectorsConfig, quantization_config::Quantization,
};

use crate::provider::model::{
    CollectionSpec, CollectionState, CollectionSummary, Count, Metric, VectorKind, VectorSpec,
};
use crate::provider::{ProviderError, Result};

/// The longest name of a collection, in characters, and what none may have in it.
const MOST_NAME: usize = 255;
const NOT_IN_NAMES: [char; 11] = ['<', '>', ':', '"', '/', '\\', '|', '?', '*', '\0', '\u{1F}'];
/// Dimensions of a dense vector (`VectorParams.size` in the server's `lib/api/build.rs`).
const DIMENSIONS: std::ops::RangeInclusive<usize> = 1..=65_536;

/// The vector fields, sorted by name.
pub(in crate::provider::qdrant) fn specs(info: &CollectionInfo) -> Vec<VectorSpec> {
    let Some(config) = &info.config else { return Vec::new() };
    let Some(params) = &config.params else { return Vec::new() };
    let mut specs: Vec<VectorSpec> = match params.vectors_config.as_ref().and_then(|vectors| vectors.config.as_ref()) {
        Some(Config::Params(params)) => vec![dense(String::new(), params, config)],
        Some(Config::ParamsMap(map)) => {
            map.map.iter().map(|(name, params)| dense(name.clone(), params, config)).collect()
        }
        None => Vec::new(),
    };
    if let Some(sparse_config) = &params.sparse_vectors_config {
        specs.extend(sparse_config.map.iter().map(|(name, params)| sparse(name.clone(), params)));
    }
    specs.sort_by(|a, b| a.name.cmp(&b.name));
    specs
}

fn dense(name: String, params: &VectorParams, config: &CollectionConfig) -> VectorSpec {
    VectorSpec {
        name,
        kind: if params.multivector_config.is_some() { VectorKind::Multi } else { VectorKind::Dense },
        dimension: usize::try_from(params.size).ok(),
        metric: metric(params.distance()),
        index: Some(index(params, config)),
        embedder: None,
    }
}

fn sparse(name: String, params: &SparseVectorParams) -> VectorSpec {
    let idf = params.modifier() == Modifier::Idf;
    VectorSpec {
        name,
        kind: VectorKind::Sparse,
        dimension: None,
        metric: Some(Metric::Dot),
        index: Some(if idf { "inverted, idf" } else { "inverted" }.to_owned()),
        embedder: None,
    }
}

fn metric(distance: Distance) -> Option<Metric> {
    match distance {
        Distance::Cosine => Some(Metric::Cosine),
        Distance::Dot => Some(Metric::Dot),
        Distance::Euclid => Some(Metric::Euclidean),
        Distance::Manhattan => Some(Metric::Manhattan),
        Distance::UnknownDistance => None,
    }
}

fn distance(metric: Metric) -> Distance {
    match metric {
        Metric::Cosine => Distance::Cosine,
        Metric::Dot => Distance::Dot,
        Metric::Euclidean => Distance::Euclid,
        Metric::Manhattan => Distance::Manhattan,
    }
}

/// The index in words. A field's own settings win over the collection's, one by one.
fn index(params: &VectorParams, config: &CollectionConfig) -> String {
    let own = params.hnsw_config.as_ref();
    let common = config.hnsw_config.as_ref();
    let setting = |pick: fn(&HnswConfigDiff) -> Option<u64>| own.and_then(pick).or_else(|| common.and_then(pick));
    let mut words = match setting(|hnsw| hnsw.m) {
        Some(0) => "none (m=0)".to_owned(),
        m => {
            let mut words = "hnsw".to_owned();
            for (key, value) in [("m", m), ("ef_construct", setting(|hnsw| hnsw.ef_construct))] {
                if let Some(value) = value {
                    words.push_str(&format!(" {key}={value}"));
                }
            }
            words
        }
    };
    if let Some(name) = quantization(params.quantization_config.as_ref().or(config.quantization_config.as_ref())) {
        words.push_str(&format!(", {name} quantization"));
    }
    if !matches!(params.datatype(), Datatype::Default | Datatype::Float32) {
        words.push_str(&format!(", {}", params.datatype().as_str_name().to_lowercase()));
    }
    words
}

fn quantization(config: Option<&QuantizationConfig>) -> Option<&'static str> {
    Some(match config?.quantization.as_ref()? {
        Quantization::Scalar(_) => "scalar",
        Quantization::Product(_) => "product",
        Quantization::Binary(_) => "binary",
        Quantization::Turboquant(_) => "turbo",
    })
}

/// How the collection is doing: the worse of its own state and its optimizers'.
pub(in crate::provider::qdrant) fn state(info: &CollectionInfo) -> CollectionState {
    if let Some(optimizer) = info.optimizer_status.as_ref().filter(|status| !status.ok) {
        return CollectionState::Degraded(format!("optimizer: {}", optimizer.error));
    }
    match info.status() {
        CollectionStatus::Green => CollectionState::Ready,
        CollectionStatus::Yellow => CollectionState::Busy("optimizing".to_owned()),
        CollectionStatus::Grey => CollectionState::Busy("optimization waits for the next write".to_owned()),
        CollectionStatus::Red => CollectionState::Degraded("the server reports a fault".to_owned()),
        CollectionStatus::UnknownCollectionStatus => CollectionState::Unknown,
    }
}

/// The sidebar's line. The info's own count is an estimate; `exact` is one that was asked for.
pub(in crate::provider::qdrant) fn summary_of(
    name: &str,
    info: &CollectionInfo,
    exact: Option<Count>,
) -> CollectionSummary {
    let estimate = info.points_count.map(|value| Count { value, exact: false });
    CollectionSummary { name: name.to_owned(), count: exact.or(estimate), vectors: specs(info) }
}

/// What creates the collection.
///
/// # Errors
/// `BadRequest` for a name that no collection can have, a dense field without dimension or metric, a sparse one with
/// another metric than dot, and names that occur twice.
pub(in crate::provider::qdrant) fn create_request(spec: &CollectionSpec) -> Result<CreateCollection> {
    check_name(&spec.name)?;
    let mut dense = Vec::new();
    let mut sparse = Vec::new();
    for field in &spec.vectors {
        if dense.iter().any(|(name, _)| *name == field.name) || sparse.iter().any(|(name, _)| *name == field.name) {
            return Err(refuse(field, "another one has the same name", "Give each vector its own name."));
        }
        match field.kind {
            VectorKind::Dense | VectorKind::Multi => dense.push((field.name.clone(), dense_params(field)?)),
            VectorKind::Sparse if matches!(field.metric, None | Some(Metric::Dot)) => {
                sparse.push((field.name.clone(), SparseVectorParams::default()));
            }
            VectorKind::Sparse => {
                return Err(refuse(field, "Qdrant compares sparse vectors by dot product only", "Choose dot."));
            }
        }
    }
    let config = match dense.as_slice() {
        [] => None,
        [(name, params)] if name.is_empty() => Some(Config::Params(*params)),
        _ => Some(Config::ParamsMap(VectorParamsMap { map: dense.into_iter().collect() })),
    };
    Ok(CreateCollection {
        collection_name: spec.name.clone(),
        vectors_config: config.map(|config| VectorsConfig { config: Some(config) }),
        sparse_vectors_config: (!sparse.is_empty()).then(|| SparseVectorConfig { map: sparse.into_iter().collect() }),
        ..CreateCollection::default()
    })
}

/// Refuses what the server refuses to make, by its sources: `CreateCollection.collection_name` in `lib/api/build.rs`,
/// `validate_collection_name` in `lib/common/common/src/validation.rs`.
fn check_name(name: &str) -> Result<()> {
    let fault = if name.is_empty() {
        "it is empty".to_owned()
    } else if name.chars().count() > MOST_NAME {
        format!("it has more than {MOST_NAME} characters")
    } else if let Some(wrong) = name.chars().find(|c| NOT_IN_NAMES.contains(c)) {
        format!("it has {wrong:?} in it")
    } else {
        return Ok(());
    };
    Err(ProviderError::BadRequest {
        cause: format!("no collection of Qdrant can be called {name:?}: {fault}"),
        mend: "Choose another name.".to_owned(),
    })
}

fn dense_params(field: &VectorSpec) -> Result<VectorParams> {
    let dimension = field.dimension.ok_or_else(|| refuse(field, "its dimension is missing", "Give its dimension."))?;
    if !DIMENSIONS.contains(&dimension) {
        let cause =
            format!("it has {dimension} dimensions, and Qdrant takes {} to {}", DIMENSIONS.start(), DIMENSIONS.end());
        return Err(refuse(field, &cause, "Copy such vectors into another database."));
    }
    let metric = field.metric.ok_or_else(|| refuse(field, "its metric is missing", "Give its metric."))?;
    let comparator = MultiVectorConfig { comparator: MultiVectorComparator::MaxSim.into() };
    Ok(VectorParams {
        size: dimension as u64,
        distance: distance(metric).into(),
        multivector_config: (field.kind == VectorKind::Multi).then_some(comparator),
        ..VectorParams::default()
    })
}

fn refuse(field: &VectorSpec, cause: &str, mend: &str) -> ProviderError {
    ProviderError::BadRequest {
        cause: format!("the vector {:?} cannot be created: {cause}", field.name),
        mend: mend.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use qdrant_client::qdrant::{CollectionParams, OptimizerStatus, ScalarQuantization};

    use super::*;

    fn field(name: &str, kind: VectorKind, dimension: Option<usize>, metric: Option<Metric>) -> VectorSpec {
        VectorSpec { name: name.to_owned(), kind, dimension, metric, index: None, embedder: None }
    }

    /// What a server would report about a collection created by the request.
    fn info(request: CreateCollection) -> CollectionInfo {
        let params = CollectionParams {
            vectors_config: request.vectors_config,
            sparse_vectors_config: request.sparse_vectors_config,
            ..CollectionParams::default()
        };
        let hnsw = HnswConfigDiff { m: Some(16), ef_construct: Some(100), ..HnswConfigDiff::default() };
        let config = CollectionConfig { params: Some(params), hnsw_config: Some(hnsw), ..CollectionConfig::default() };
        CollectionInfo { config: Some(config), ..CollectionInfo::default() }
    }

    #[test]
    fn what_is_created_is_what_is_read_back() {
        let vectors = vec![
            field("image", VectorKind::Dense, Some(512), Some(Metric::Euclidean)),
            field("late", VectorKind::Multi, Some(128), Some(Metric::Cosine)),
            field("terms", VectorKind::Sparse, None, Some(Metric::Dot)),
        ];
        let spec = CollectionSpec { name: "c".to_owned(), vectors: vectors.clone() };
        let mut read = specs(&info(create_request(&spec).unwrap()));
        assert_eq!(read[0].index.as_deref(), Some("hnsw m=16 ef_construct=100"));
        for field in &mut read {
            field.index = None;
        }
        assert_eq!(read, vectors);
        let unnamed = specs(&info(create_request(&CollectionSpec::dense("c", 3, Metric::Manhattan)).unwrap()));
        assert_eq!((unnamed[0].name.as_str(), unnamed[0].metric), ("", Some(Metric::Manhattan)));
    }

    #[test]
    fn impossible_fields_are_refused_by_name() {
        let of = |vectors| create_request(&CollectionSpec { name: "c".to_owned(), vectors }).unwrap_err().to_string();
        assert!(of(vec![field("a", VectorKind::Dense, None, Some(Metric::Dot))]).contains("\"a\""));
        assert!(of(vec![field("a", VectorKind::Dense, Some(3), None)]).contains("metric"));
        assert!(of(vec![field("a", VectorKind::Sparse, None, Some(Metric::Cosine))]).contains("dot"));
        let twice =
            vec![field("a", VectorKind::Dense, Some(3), Some(Metric::Dot)), field("a", VectorKind::Sparse, None, None)];
        assert!(of(twice).contains("same name"));
        for dimension in [0, 65_537] {
            let field = field("a", VectorKind::Dense, Some(dimension), Some(Metric::Dot));
            assert!(of(vec![field]).contains("1 to 65536"));
        }
    }

    #[test]
    fn names_are_refused_as_the_server_refuses_them() {
        let of = |name: &str| create_request(&CollectionSpec::dense(name, 3, Metric::Dot));
        for name in ["", "a/b", "a:b", "a\\b", "what?", "a\0", &"x".repeat(256)] {
            let error = of(name).unwrap_err();
            assert!(matches!(&error, ProviderError::BadRequest { .. }), "{name:?}: {error}");
        }
        for name in ["a", ".a", "a b", "-a.", "Ünï", &"ü".repeat(255)] {
            assert!(of(name).is_ok(), "{name:?}");
        }
    }

    #[test]
    fn a_fields_own_index_settings_win() {
        let mut request = create_request(&CollectionSpec::dense("c", 3, Metric::Dot)).unwrap();
        if let Some(Config::Params(params)) = request.vectors_config.as_mut().unwrap().config.as_mut() {
            params.hnsw_config = Some(HnswConfigDiff { m: Some(0), ..HnswConfigDiff::default() });
            let scalar = Quantization::Scalar(ScalarQuantization::default());
            params.quantization_config = Some(QuantizationConfig { quantization: Some(scalar) });
            params.datatype = Some(Datatype::Float16.into());
        }
        assert_eq!(specs(&info(request))[0].index.as_deref(), Some("none (m=0), scalar quantization, float16"));
    }

    #[test]
    fn a_failed_optimizer_shows_however_green_the_collection_is() {
        let mut info = CollectionInfo { status: CollectionStatus::Green.into(), ..CollectionInfo::default() };
        assert_eq!(state(&info), CollectionState::Ready);
        info.optimizer_status = Some(OptimizerStatus { ok: false, error: "disk full".to_owned() });
        assert_eq!(state(&info), CollectionState::Degraded("optimizer: disk full".to_owned()));
    }
}
