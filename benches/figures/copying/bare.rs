//! Bare loops that write the records of a copy through the makers' own clients: as fast as they can, and each
//! thousand durable before the next, as a copy has to be.

use std::collections::HashMap;
use std::path::Path;
use std::pin::pin;
use std::time::Instant;

use bytes::{BufMut, Bytes, BytesMut};
use futures::SinkExt;
use qdrant_edge::{
    EdgeShard, PointId, PointInsertOperations, PointOperations, PointStruct, UpdateOperation, VectorInternal,
    VectorStructInternal, Vectors,
};
use serde_json::Value;
use tokio_postgres::Client;
use uuid::Uuid;

use super::{BATCH, INDEX_MEMORY, payload, vector};

/// Rows into a table that the provider has made, by `COPY` in the binary format; seconds.
pub async fn pgvector(client: &Client, table: &str, count: u64) -> f64 {
    let columns = crate::reading::pgvector::columns(client, table).await;
    let [id, payload_column, _, embedding] = columns.as_slice() else { panic!("{columns:?}") };
    let sql = format!("COPY \"{table}\" (\"{id}\", \"{payload_column}\", \"{embedding}\") FROM STDIN (FORMAT binary)");
    let all: Vec<u64> = (0..count).collect();
    let mut took = 0.0;
    for some in all.chunks(BATCH) {
        let records: Vec<_> = some.iter().map(|n| (*n, payload(*n), vector(*n))).collect();
        let started = Instant::now();
        let mut bytes = BytesMut::with_capacity(BATCH * 2_000);
        bytes.put_slice(b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0");
        for (id, payload, vector) in &records {
            row(&mut bytes, *id, payload, vector);
        }
        bytes.put_i16(-1);
        let mut sink = pin!(client.copy_in::<_, Bytes>(&sql).await.unwrap());
        sink.send(bytes.freeze()).await.unwrap();
        assert_eq!(sink.finish().await.unwrap(), some.len() as u64);
        took += started.elapsed().as_secs_f64();
    }
    took
}

/// The index on the vectors of that table, once the rows are there; seconds.
pub async fn pgvector_index(client: &Client, table: &str) -> f64 {
    let columns = crate::reading::pgvector::columns(client, table).await;
    let [.., embedding] = columns.as_slice() else { panic!("{columns:?}") };
    let started = Instant::now();
    let sql = format!(
        "BEGIN; SET LOCAL maintenance_work_mem = '{INDEX_MEMORY}'; \
         CREATE INDEX ON \"{table}\" USING hnsw (\"{embedding}\" vector_cosine_ops); COMMIT"
    );
    client.batch_execute(&sql).await.unwrap();
    started.elapsed().as_secs_f64()
}

/// Three fields, each with its length before it.
fn row(bytes: &mut BytesMut, id: u64, payload: &Value, vector: &[f32]) {
    bytes.put_i16(3);
    bytes.put_i32(8);
    bytes.put_u64(id);
    let text = payload.to_string();
    bytes.put_i32(text.len() as i32 + 1);
    // The version of the form of `jsonb`.
    bytes.put_u8(1);
    bytes.put_slice(text.as_bytes());
    bytes.put_i32(vector.len() as i32 * 4 + 4);
    bytes.put_i16(vector.len() as i16);
    bytes.put_i16(0);
    vector.iter().for_each(|number| bytes.put_f32(*number));
}

/// Points into a shard that the provider has made, on the engine; seconds.
pub fn embedded(shard: &Path, count: u64) -> f64 {
    let shard = EdgeShard::load(shard, None).unwrap();
    let all: Vec<u64> = (0..count).collect();
    let mut took = 0.0;
    for some in all.chunks(BATCH) {
        let records: Vec<_> = some.iter().map(|n| (*n, payload(*n), vector(*n))).collect();
        let started = Instant::now();
        let point = |(n, payload, vector): (u64, Value, Vec<f32>)| {
            let named = HashMap::from([(String::new(), VectorInternal::from(vector))]);
            // A UUID, as a text id of Chroma becomes one.
            let id = PointId::Uuid(Uuid::from_u128(u128::from(n)));
            PointStruct::new(id, Vectors(VectorStructInternal::Named(named)), payload)
        };
        let points = records.into_iter().map(|record| point(record).into()).collect();
        let operation = PointOperations::UpsertPoints(PointInsertOperations::PointsList(points));
        shard.update(UpdateOperation::PointOperation(operation)).unwrap();
        shard.flush();
        took += started.elapsed().as_secs_f64();
    }
    took
}
