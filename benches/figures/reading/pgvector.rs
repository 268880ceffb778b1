//! PostgreSQL with pgvector, and a bare loop on the driver: one prepared statement behind the last key.

use std::error::Error;

use serde_json::{Map, Value};
use tokio_postgres::types::{FromSql, Json, Type};
use tokio_postgres::{Client, Config, NoTls};
use vector_inspector::provider::model::{CollectionSpec, Metric};
use vector_inspector::provider::{self, Address, ConnectSpec, ProviderKind};

use super::{DIMENSION, PAGE, Read, in_turn, own_name, put, row};
use crate::parameters;
use crate::report::Row;

/// A dense vector as the server sends it: its dimension, two bytes, and big-endian numbers.
struct Dense(Vec<f32>);

/// Key, payload, text and vector of a record.
type Stored = (i64, Json<Map<String, Value>>, Option<String>, Dense);

impl<'a> FromSql<'a> for Dense {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        let numbers = raw.get(4..).unwrap_or_default().chunks_exact(4);
        Ok(Self(numbers.map(|bytes| f32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])).collect()))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

pub async fn server(address: (String, u16)) -> Row {
    let (host, port) = address;
    let (user, database) = parameters::user_and_path("PGVECTOR");
    let key = std::env::var("VECTOR_INSPECTOR_TEST_PGVECTOR_KEY").unwrap_or_default();
    let client = client(&host, port).await;
    let mut spec = ConnectSpec::new(ProviderKind::Pgvector, Address::Server { host, port, tls: false });
    spec.secret = Some(key.into());
    spec.options.extend([("user".to_owned(), user), ("database".to_owned(), database)]);
    let provider = provider::connect(&spec).await.unwrap();
    let name = own_name();
    let _ = provider.drop_collection(&name).await;
    provider.create_collection(&CollectionSpec::dense(&name, DIMENSION, Metric::Cosine)).await.unwrap();
    without_index(&client, &name).await;
    put(provider.as_ref(), &name, false).await;
    client.batch_execute(&format!("VACUUM ANALYZE \"{name}\"")).await.unwrap();
    let columns = columns(&client, &name).await;
    let rounds = in_turn(provider.as_ref(), &name, async || bare(&client, &name, &columns).await).await;
    provider.drop_collection(&name).await.unwrap();
    row(ProviderKind::Pgvector, &rounds, "real server; the bare loop has a prepared statement, and the payload as JSON")
}

/// The driver alone, on the server of the tests.
pub async fn client(host: &str, port: u16) -> Client {
    let (user, database) = parameters::user_and_path("PGVECTOR");
    let key = std::env::var("VECTOR_INSPECTOR_TEST_PGVECTOR_KEY").unwrap_or_default();
    let mut config = Config::new();
    config.host(host).port(port).user(&user).dbname(&database).password(&key);
    let (client, connection) = config.connect(NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

/// It takes minutes to fill and is not read here.
async fn without_index(client: &Client, table: &str) {
    let sql = "SELECT indexname::text FROM pg_indexes WHERE tablename = $1 AND indexdef LIKE '%USING hnsw%'";
    for index in client.query(sql, &[&table]).await.unwrap() {
        client.batch_execute(&format!("DROP INDEX \"{}\"", index.get::<_, String>(0))).await.unwrap();
    }
}

/// The names of the key, the payload, the text and the vector.
pub async fn columns(client: &Client, table: &str) -> Vec<String> {
    let sql =
        "SELECT attname::text FROM pg_attribute WHERE attrelid = $1::text::regclass AND attnum > 0 ORDER BY attnum";
    let quoted = format!("\"{table}\"");
    client.query(sql, &[&quoted]).await.unwrap().iter().map(|row| row.get(0)).collect()
}

async fn bare(client: &Client, table: &str, columns: &[String]) -> Read {
    let [id, payload, text, vector] = columns else { panic!("{columns:?}") };
    let sql = format!(
        "SELECT \"{id}\", \"{payload}\", \"{text}\", \"{vector}\" FROM \"{table}\" WHERE \"{id}\" > $1 ORDER BY \"{id}\" LIMIT {PAGE}"
    );
    let statement = client.prepare(&sql).await.unwrap();
    let (mut last, mut read) = (i64::MIN, (0, 0));
    loop {
        let rows = client.query(&statement, &[&last]).await.unwrap();
        let mut page: Vec<Stored> = Vec::with_capacity(rows.len());
        page.extend(rows.iter().map(|row| (row.get(0), row.get(1), row.get(2), row.get(3))));
        read.0 += page.len() as u64;
        read.1 += page.iter().map(|record| record.3.0.len() as u64).sum::<u64>();
        match page.last() {
            Some(record) if page.len() == PAGE => last = record.0,
            _ => return read,
        }
    }
}
