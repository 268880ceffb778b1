//! What PostgreSQL with pgvector has beyond the shared suite: tables that others made, sessions,
//! files of passwords. All on the real server.

mod halves;
mod sessions;
mod tables;
mod tls;
mod values;
mod vectors;

use tokio_postgres::{Client, NoTls};
use vector_inspector::provider::{Address, ConnectSpec, ProviderKind};

use crate::bench::Bench;
use crate::case::Case;
use crate::makers::{block_on, server};

/// PostgreSQL's names have 63 bytes at most.
pub fn name(name: &str) -> String {
    name.chars().take(60).collect()
}

pub fn cases() -> Vec<Case> {
    [tables::cases(), values::cases(), vectors::cases(), halves::cases(), sessions::cases(), tls::cases()]
        .into_iter()
        .flatten()
        .collect()
}

/// The spec of the server under test.
fn spec() -> ConnectSpec {
    server(ProviderKind::Pgvector, "VECTOR_INSPECTOR_TEST_PGVECTOR_URL").unwrap()
}

/// A session of our own, beside the provider's.
async fn session() -> Client {
    let spec = spec();
    let Address::Server { host, port, .. } = &spec.address else { panic!("a server") };
    let mut config = tokio_postgres::Config::new();
    config.host(host).port(*port).application_name("contract");
    config.user(spec.options.get("user").unwrap()).dbname(spec.options.get("database").unwrap());
    if let Some(secret) = &spec.secret {
        config.password(secrecy::ExposeSecret::expose_secret(secret));
    }
    let (client, connection) = config.connect(NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A schema for one case, dropped at its end, also after a panic.
struct Schema {
    name: String,
    client: Client,
}

impl Schema {
    async fn new(bench: &Bench) -> Self {
        Self::named(bench.name()).await
    }

    async fn named(name: String) -> Self {
        let client = session().await;
        client.batch_execute(&format!("CREATE SCHEMA {}", quote(&name))).await.unwrap();
        Self { name, client }
    }

    /// The name of a collection whose table needs no quotes.
    fn collection(&self, table: &str) -> String {
        format!("{}.{table}", self.name)
    }

    /// Runs statements in which `S` stands for the schema.
    async fn run(&self, statements: &str) {
        let text = statements.replace("S.", &format!("{}.", quote(&self.name)));
        self.client.batch_execute(&text).await.unwrap_or_else(|error| panic!("{text}: {error:?}"));
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        let text = format!("DROP SCHEMA IF EXISTS {} CASCADE", quote(&self.name));
        let dropping = move || block_on(async { session().await.batch_execute(&text).await });
        if !matches!(std::thread::spawn(dropping).join(), Ok(Ok(()))) {
            eprintln!("left behind: schema {}", self.name);
        }
    }
}
