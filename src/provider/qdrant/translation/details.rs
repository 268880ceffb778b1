//! The maker's own description of a collection, as JSON, in Qdrant's words.

use qdrant_client::qdrant::max_optimization_threads::Variant;
use qdrant_client::qdrant::{
    CollectionConfig, CollectionInfo, CollectionParams, HnswConfigDiff, OptimizersConfigDiff, PayloadSchemaInfo,
    WalConfigDiff,
};
use serde_json::{Map, Value, json};

use super::payload::from_payload;
use crate::provider::model::PayloadField;

/// The payload schema, sorted by path.
pub(in crate::provider::qdrant) fn fields(info: &CollectionInfo) -> Vec<PayloadField> {
    let mut fields: Vec<_> = info
        .payload_schema
        .iter()
        .map(|(path, schema)| PayloadField { path: path.clone(), kind: kind(schema), indexed: schema.points })
        .collect();
    fields.sort_by(|a, b| a.path.cmp(&b.path));
    fields
}

fn kind(schema: &PayloadSchemaInfo) -> String {
    schema.data_type().as_str_name().to_lowercase()
}

/// State, sizes, settings, warnings. Settings that the server leaves out are left out.
pub(in crate::provider::qdrant) fn details(info: &CollectionInfo) -> Value {
    let optimizer = info.optimizer_status.as_ref().map(|status| match status.ok {
        true => Value::from("ok"),
        false => Value::from(status.error.as_str()),
    });
    let warnings: Vec<_> = info.warnings.iter().map(|warning| warning.message.as_str()).collect();
    let queue = info.update_queue.as_ref();
    let created = info.created_at.as_ref().map(|time| time.to_string());
    object([
        ("status", Some(json!(info.status().as_str_name().to_lowercase()))),
        ("optimizer_status", optimizer),
        ("points_count", info.points_count.map(Value::from)),
        ("indexed_vectors_count", info.indexed_vectors_count.map(Value::from)),
        ("segments_count", Some(json!(info.segments_count))),
        ("update_queue_length", queue.map(|queue| json!(queue.length))),
        ("created_at", created.map(Value::from)),
        ("warnings", (!warnings.is_empty()).then(|| json!(warnings))),
        ("config", info.config.as_ref().map(config)),
    ])
}

fn config(config: &CollectionConfig) -> Value {
    let quantization = config.quantization_config.as_ref().and_then(|own| own.quantization.as_ref());
    let strict = config.strict_mode_config.as_ref().and_then(|strict| strict.enabled);
    let metadata = (!config.metadata.is_empty())
        .then(|| from_payload(config.metadata.clone()).map_or_else(Value::from, Value::Object));
    object([
        ("params", config.params.as_ref().map(params)),
        ("hnsw", config.hnsw_config.as_ref().map(hnsw)),
        ("optimizer", config.optimizer_config.as_ref().map(optimizer)),
        ("wal", config.wal_config.as_ref().map(wal)),
        ("quantization", quantization.map(|kind| json!(format!("{kind:?}")))),
        ("strict_mode", strict.map(Value::from)),
        ("metadata", metadata),
    ])
}

#[allow(deprecated)]
fn params(params: &CollectionParams) -> Value {
    let sharding = params.sharding_method.map(|_| params.sharding_method().as_str_name().to_lowercase());
    object([
        ("shard_number", Some(json!(params.shard_number))),
        ("sharding_method", sharding.map(Value::from)),
        ("replication_factor", params.replication_factor.map(Value::from)),
        ("write_consistency_factor", params.write_consistency_factor.map(Value::from)),
        ("read_fan_out_factor", params.read_fan_out_factor.map(Value::from)),
        ("on_disk_payload", Some(json!(params.on_disk_payload))),
    ])
}

#[allow(deprecated)]
fn hnsw(hnsw: &HnswConfigDiff) -> Value {
    object([
        ("m", hnsw.m.map(Value::from)),
        ("ef_construct", hnsw.ef_construct.map(Value::from)),
        ("full_scan_threshold", hnsw.full_scan_threshold.map(Value::from)),
        ("max_indexing_threads", hnsw.max_indexing_threads.map(Value::from)),
        ("on_disk", hnsw.on_disk.map(Value::from)),
        ("payload_m", hnsw.payload_m.map(Value::from)),
        ("inline_storage", hnsw.inline_storage.map(Value::from)),
    ])
}

fn optimizer(optimizer: &OptimizersConfigDiff) -> Value {
    let threads = optimizer.max_optimization_threads.as_ref().and_then(|threads| threads.variant);
    let threads = threads.map(|threads| match threads {
        Variant::Value(value) => json!(value),
        Variant::Setting(_) => json!("auto"),
    });
    object([
        ("deleted_threshold", optimizer.deleted_threshold.map(Value::from)),
        ("vacuum_min_vector_number", optimizer.vacuum_min_vector_number.map(Value::from)),
        ("default_segment_number", optimizer.default_segment_number.map(Value::from)),
        ("max_segment_size", optimizer.max_segment_size.map(Value::from)),
        ("memmap_threshold", optimizer.memmap_threshold.map(Value::from)),
        ("indexing_threshold", optimizer.indexing_threshold.map(Value::from)),
        ("flush_interval_sec", optimizer.flush_interval_sec.map(Value::from)),
        ("max_optimization_threads", threads),
    ])
}

fn wal(wal: &WalConfigDiff) -> Value {
    object([
        ("wal_capacity_mb", wal.wal_capacity_mb.map(Value::from)),
        ("wal_segments_ahead", wal.wal_segments_ahead.map(Value::from)),
        ("wal_retain_closed", wal.wal_retain_closed.map(Value::from)),
    ])
}

fn object<const N: usize>(entries: [(&str, Option<Value>); N]) -> Value {
    let present = entries.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?)));
    Value::Object(present.collect::<Map<_, _>>())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use std::collections::HashMap;

    use qdrant_client::qdrant::{CollectionWarning, PayloadSchemaType};

    use super::*;

    #[test]
    fn details_leave_out_what_the_server_did_not_tell() {
        let hnsw_config = Some(HnswConfigDiff { m: Some(16), ..HnswConfigDiff::default() });
        let info = CollectionInfo {
            points_count: Some(u64::MAX),
            warnings: vec![CollectionWarning { message: "no index on lang".to_owned() }],
            config: Some(CollectionConfig { hnsw_config, ..CollectionConfig::default() }),
            ..CollectionInfo::default()
        };
        let details = details(&info);
        assert_eq!(details["points_count"].to_string(), "18446744073709551615");
        assert_eq!(details["config"], json!({ "hnsw": { "m": 16 } }));
        assert_eq!(details["warnings"], json!(["no index on lang"]));
        assert!(details.get("indexed_vectors_count").is_none());
    }

    #[test]
    fn the_payload_schema_is_sorted_and_typed() {
        let schema = |kind: PayloadSchemaType| PayloadSchemaInfo {
            data_type: kind.into(),
            points: Some(5),
            ..PayloadSchemaInfo::default()
        };
        let payload_schema = HashMap::from([
            ("year".to_owned(), schema(PayloadSchemaType::Integer)),
            ("lang".to_owned(), schema(PayloadSchemaType::Keyword)),
        ]);
        let fields = fields(&CollectionInfo { payload_schema, ..CollectionInfo::default() });
        let told: Vec<_> = fields.iter().map(|f| (f.path.as_str(), f.kind.as_str(), f.indexed)).collect();
        assert_eq!(told, [("lang", "keyword", Some(5)), ("year", "integer", Some(5))]);
    }
}
