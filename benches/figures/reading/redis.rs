//! Redis with its search engine, and a bare loop on the driver: `SCAN` for the keys, which knows no index
//! and no order, and the documents in one pipeline, read into a struct with just their fields.

use redis::aio::MultiplexedConnection;
use redis::{Client, Cmd, Pipeline, cmd};
use serde::Deserialize;
use vector_inspector::provider::{self, Address, ConnectSpec, ProviderKind};

use super::{DIMENSION, PAGE, Read, in_turn, own_name, put, row};
use crate::report::Row;

/// A document as [`super::record`] makes it.
#[derive(Deserialize)]
struct Document {
    vector: Vec<f32>,
    #[serde(rename = "title")]
    _title: String,
    #[serde(rename = "year")]
    _year: i64,
    #[serde(rename = "score")]
    _score: f64,
    #[serde(rename = "open")]
    _open: bool,
}

pub async fn server(address: (String, u16)) -> Row {
    let (host, port) = address;
    let client = Client::open(format!("redis://{host}:{port}")).unwrap();
    let mut link = client.get_multiplexed_async_connection().await.unwrap();
    let name = own_name();
    let spec = ConnectSpec::new(ProviderKind::Redis, Address::Server { host, port, tls: false });
    let provider = provider::connect(&spec).await.unwrap();
    let _ = provider.drop_collection(&name).await;
    create(&mut link, &name).await;
    put(provider.as_ref(), &name, true).await;
    let rounds = in_turn(provider.as_ref(), &name, async || bare(link.clone(), &name).await).await;
    provider.drop_collection(&name).await.unwrap();
    row(ProviderKind::Redis, &rounds, "real server; the bare loop reads by SCAN, in no order, and JSON into structs")
}

/// With a flat index, which takes no time to fill; it is not read here.
async fn create(link: &mut MultiplexedConnection, name: &str) {
    let mut create = cmd("FT.CREATE");
    create.arg(name).arg("ON").arg("JSON").arg("PREFIX").arg(1).arg(format!("{name}:")).arg("SCHEMA");
    create.arg("$.vector").arg("AS").arg("vector").arg("VECTOR").arg("FLAT").arg(6);
    create.arg("TYPE").arg("FLOAT32").arg("DIM").arg(DIMENSION).arg("DISTANCE_METRIC").arg("COSINE");
    let () = create.query_async(link).await.unwrap();
}

async fn bare(mut link: MultiplexedConnection, name: &str) -> Read {
    let (mut cursor, mut read) = (0_u64, (0, 0));
    loop {
        let mut scan = cmd("SCAN");
        scan.arg(cursor).arg("MATCH").arg(format!("{name}:*")).arg("COUNT").arg(PAGE);
        let (next, keys): (u64, Vec<Vec<u8>>) = scan.query_async(&mut link).await.unwrap();
        let mut questions = Pipeline::with_capacity(keys.len());
        for key in &keys {
            let mut question = Cmd::new();
            question.arg("JSON.GET").arg(key.as_slice());
            questions.add_command(question);
        }
        let documents: Vec<Vec<u8>> = questions.query_async(&mut link).await.unwrap();
        let page: Vec<Document> = documents.iter().map(|document| serde_json::from_slice(document).unwrap()).collect();
        read.0 += page.len() as u64;
        read.1 += page.iter().map(|document| document.vector.len() as u64).sum::<u64>();
        cursor = next;
        if cursor == 0 {
            return read;
        }
    }
}
