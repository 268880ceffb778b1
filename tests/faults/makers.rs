//! The makers, each with a server: a fake in this process, or a real one that was given.

use std::net::SocketAddr;

use tempfile::TempDir;
use vector_inspector::profile::target::{Target, parse};
use vector_inspector::provider::{Address, ConnectSpec, ProviderKind, transport};

use crate::fake_qdrant::Authority;
use crate::rules::{Speed, all_faults};
use crate::{fake_pinecone, fake_qdrant, fake_weaviate, ports};

fn spec(kind: ProviderKind, host: &str, tls: bool) -> ConnectSpec {
    ConnectSpec::new(kind, Address::Server { host: host.to_owned(), port: 1, tls })
}

pub async fn qdrant(speed: Speed) {
    let server = fake_qdrant::Fake::default().serve().await;
    all_faults("qdrant", &spec(ProviderKind::Qdrant, "127.0.0.1", false), server.address, speed).await;
}

pub async fn qdrant_under_tls(speed: Speed) {
    let folder = TempDir::new().unwrap();
    let authority = Authority::new();
    let server = fake_qdrant::Fake::default().serve_tls(authority.server("localhost", false)).await;
    let mut spec = spec(ProviderKind::Qdrant, "localhost", true);
    let file = folder.path().join("ca.pem");
    std::fs::write(&file, authority.pem()).unwrap();
    spec.tls.ca_file = Some(file);
    all_faults("qdrant under TLS", &spec, server.address, speed).await;
}

pub async fn weaviate(speed: Speed) {
    let fake = fake_weaviate::Fake::start("key").await;
    let mut spec = spec(ProviderKind::Weaviate, "127.0.0.1", false);
    spec.secret = Some("key".into());
    all_faults("weaviate", &spec, fake.address.parse().unwrap(), speed).await;
}

pub async fn pinecone(speed: Speed) {
    let fake = fake_pinecone::Fake::start("key").await;
    let mut spec = spec(ProviderKind::Pinecone, "127.0.0.1", false);
    spec.secret = Some("key".into());
    all_faults("pinecone", &spec, fake.address.parse().unwrap(), speed).await;
}

pub async fn elasticsearch(speed: Speed) {
    let fake = ports::elasticsearch().await;
    all_faults("elasticsearch", &spec(ProviderKind::Elasticsearch, "127.0.0.1", false), fake.address, speed).await;
}

pub async fn chroma(speed: Speed) {
    let fake = ports::chroma().await;
    let mut spec = spec(ProviderKind::Chroma, "127.0.0.1", false);
    spec.options.insert("tenant".to_owned(), "acme".to_owned());
    spec.options.insert("database".to_owned(), "docs".to_owned());
    all_faults("chroma", &spec, fake.address, speed).await;
}

/// A maker of which there is no fake.
pub struct Real {
    pub kind: ProviderKind,
    /// The variable that has the server's address.
    pub address: &'static str,
    /// The one that has its key.
    pub key: &'static str,
}

/// All of them.
pub static REAL: [Real; 3] = [
    Real {
        kind: ProviderKind::Redis,
        address: "VECTOR_INSPECTOR_TEST_REDIS_URL",
        key: "VECTOR_INSPECTOR_TEST_REDIS_KEY",
    },
    Real {
        kind: ProviderKind::Pgvector,
        address: "VECTOR_INSPECTOR_TEST_PGVECTOR_URL",
        key: "VECTOR_INSPECTOR_TEST_PGVECTOR_KEY",
    },
    Real {
        kind: ProviderKind::Milvus,
        address: "VECTOR_INSPECTOR_TEST_MILVUS_URL",
        key: "VECTOR_INSPECTOR_TEST_MILVUS_KEY",
    },
];

impl Real {
    pub async fn run(&self, url: &str) {
        let (place, options) = match parse(url, &|_| None).unwrap() {
            Target::Spec { spec, .. } | Target::Ask { spec, .. } => (spec.address, spec.options),
            other => panic!("{other:?}"),
        };
        let Address::Server { host, port, .. } = place else { panic!("{url}") };
        let server = transport::Server::new(host, port, false);
        let address: SocketAddr = server.to_string().parse().unwrap();
        let mut spec = spec(self.kind, "127.0.0.1", false);
        spec.options = options;
        spec.secret = std::env::var(self.key).ok().map(Into::into);
        all_faults(self.kind.name(), &spec, address, Speed::Tenth).await;
    }
}
