//! Which maker's server it is, once it is known what kind of language it speaks: a look at the answer
//! that is there, or one or two questions more. [`super::probe`] asks; no credential is sent.
//!
//! What the servers answer was seen on Chroma 1.5, Redis 7.4, PostgreSQL 18, Milvus 2.3 and Milvus
//! Lite 3.2; for Qdrant, Weaviate, Elasticsearch and OpenSearch it is as their sources and documents
//! have it.

use std::sync::Arc;
use std::time::Duration;

use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;
use tonic::client::Grpc;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::transport::{Channel, Endpoint, Uri};
use tonic::{Code, Request};

use super::probe::{PATIENCE, Reply, Speaks, ask, say};
use super::{NOT_GRPC, Server, client_config, open};
use crate::provider::{ProviderKind, TlsSpec};

/// Longest time for telling gRPC servers apart: a connection and two questions.
const GRPC_PATIENCE: Duration = Duration::from_millis(1400);

/// What only one maker's answer to a GET of the root contains, in small letters; without a key it is
/// the refusal.
const ROOTS: [(&str, ProviderKind); 7] = [
    ("\"documentationhref\":\"https://weaviate.io", ProviderKind::Weaviate),
    ("\"documentationhref\":\"https://docs.weaviate.io", ProviderKind::Weaviate),
    ("x-elastic-product: elasticsearch", ProviderKind::Elasticsearch),
    ("you know, for search", ProviderKind::Elasticsearch),
    ("missing authentication credentials for rest request", ProviderKind::Elasticsearch),
    ("the opensearch project", ProviderKind::Elasticsearch),
    ("realm=\"opensearch security\"", ProviderKind::Elasticsearch),
];

/// The services that only one maker's gRPC server has, by a method that changes nothing.
const SERVICES: [(&str, ProviderKind); 2] = [
    ("/qdrant.Qdrant/HealthCheck", ProviderKind::Qdrant),
    ("/milvus.proto.milvus.MilvusService/GetVersion", ProviderKind::Milvus),
];

/// The maker whose root answers like that.
pub(super) fn by_root(answer: &str) -> Option<ProviderKind> {
    let answer = answer.to_ascii_lowercase();
    ROOTS.into_iter().find(|(mark, _)| answer.contains(mark)).map(|(_, kind)| kind)
}

/// The maker behind a language that several speak; the language itself if none is recognised. `tls` is
/// how to speak TLS to the server, `None` in plain text.
pub(super) async fn maker(speaks: Speaks, server: &Server, tls: Option<&TlsSpec>) -> Speaks {
    let config = |alpn| tls.map(|spec| client_config(spec, &[alpn]).map(Arc::new)).transpose();
    let (Ok(text), Ok(binary)) = (config(b"http/1.1"), config(b"h2")) else { return speaks };
    let grpc = timeout(GRPC_PATIENCE, grpc(server, binary));
    let found = match speaks {
        Speaks::Http(_) if is_chroma(server, text.as_ref()).await => Some(ProviderKind::Chroma),
        // Milvus has both languages at one port.
        Speaks::Http(_) | Speaks::Http2 => grpc.await.ok().flatten(),
        Speaks::Unknown if is_redis(server, text.as_ref()).await => Some(ProviderKind::Redis),
        // A pooler in front of PostgreSQL answers what it does not understand.
        Speaks::Unknown if text.is_none() && is_postgres(server).await => Some(ProviderKind::Pgvector),
        _ => None,
    };
    found.map_or(speaks, Speaks::Of)
}

/// Chroma's root is silent; its heartbeat is not. That of a server before version 0.6 is elsewhere.
async fn is_chroma(server: &Server, tls: Option<&Arc<ClientConfig>>) -> bool {
    for path in ["/api/v2/heartbeat", "/api/v1/heartbeat"] {
        let Ok(stream) = open(server, tls, PATIENCE).await else { return false };
        let Reply::Bytes { bytes: answer, .. } = ask(stream, server, path).await else { return false };
        if String::from_utf8_lossy(&answer).contains("nanosecond heartbeat") {
            return true;
        }
    }
    false
}

/// Asks each maker's own service for its health or version: who does not know it is another's.
async fn grpc(server: &Server, tls: Option<Arc<ClientConfig>>) -> Option<ProviderKind> {
    let target = server.clone();
    let connector = tower::service_fn(move |_: Uri| {
        let (server, tls) = (target.clone(), tls.clone());
        async move { open(&server, tls.as_ref(), PATIENCE).await.map(TokioIo::new) }
    });
    // tonic refuses https without its own TLS; ours is in the connector.
    let plain = Server { tls: false, ..server.clone() };
    let endpoint = Endpoint::from_shared(plain.url()).ok()?.origin(server.url().parse().ok()?).timeout(PATIENCE);
    let mut client = Grpc::new(endpoint.connect_with_connector(connector).await.ok()?);
    for (method, kind) in SERVICES {
        if knows(&mut client, method).await? {
            return Some(kind);
        }
    }
    None
}

/// Whether the server has that method; `None` if it answers nothing that would tell.
async fn knows(client: &mut Grpc<Channel>, method: &'static str) -> Option<bool> {
    client.ready().await.ok()?;
    let codec = tonic_prost::ProstCodec::<(), ()>::default();
    match client.unary(Request::new(()), PathAndQuery::from_static(method), codec).await {
        Ok(_) => Some(true),
        // A web server: its answer to any path says nothing of the method.
        Err(status) if status.message().starts_with(NOT_GRPC) => None,
        Err(status) => match status.code() {
            Code::Unimplemented => Some(false),
            // It wants a key first: it has the method.
            Code::Unauthenticated | Code::PermissionDenied => Some(true),
            _ => None,
        },
    }
}

/// Whether Redis answers, with or without a password: one PING.
async fn is_redis(server: &Server, tls: Option<&Arc<ClientConfig>>) -> bool {
    let Ok(stream) = open(server, tls, PATIENCE).await else { return false };
    let Reply::Bytes { bytes: answer, .. } = say(stream, b"PING\r\n").await else { return false };
    [&b"+PONG"[..], b"-NOAUTH ", b"-DENIED "].iter().any(|mark| answer.starts_with(mark))
}

/// Whether PostgreSQL answers: it hangs up on HTTP, and says in one letter whether it has TLS. The
/// question is `SSLRequest` of its protocol, version 3.
pub(super) async fn is_postgres(server: &Server) -> bool {
    const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];
    let exchange = async {
        let mut stream = open(server, None, PATIENCE).await.ok()?;
        stream.write_all(&SSL_REQUEST).await.ok()?;
        // One letter and no more: others may begin with an S or an N, too.
        let mut answer = [0_u8; 8];
        let length = stream.read(&mut answer).await.ok()?;
        Some(matches!(answer.get(..length), Some([b'S' | b'N'])))
    };
    matches!(timeout(PATIENCE, exchange).await, Ok(Some(true)))
}
