//! Ports of the loopback interface that answer as a faulty server, or something that is none, would.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::response::Response;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use crate::fake_http::{Asked, respond};

/// A port, and the tasks that serve it.
pub struct Port {
    pub address: SocketAddr,
    _tasks: JoinSet<()>,
}

/// A port whose owner answers what it hears with what `answer` makes of it; with `None` it hangs up.
pub async fn speaking(answer: impl Fn(&[u8]) -> Option<Vec<u8>> + Send + Sync + 'static) -> Port {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let answer = Arc::new(answer);
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let answer = Arc::clone(&answer);
            tokio::spawn(async move {
                let mut heard = [0_u8; 4096];
                while let Ok(length @ 1..) = stream.read(&mut heard).await {
                    let Some(words) = answer(&heard[..length]) else { return };
                    if stream.write_all(&words).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    Port { address, _tasks: tasks }
}

/// A PostgreSQL that has no TLS and answers every greeting with this error.
pub async fn postgres(state: &'static str, message: &'static str) -> Port {
    speaking(move |heard| {
        const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];
        if heard == SSL_REQUEST {
            return Some(b"N".to_vec());
        }
        // A greeting begins with its length and version 3.0; anything else is none.
        if heard.get(4..8) != Some(&[0, 3, 0, 0]) {
            return None;
        }
        let body = format!("SFATAL\0VFATAL\0C{state}\0M{message}\0\0");
        let mut answer = vec![b'E'];
        answer.extend(u32::try_from(body.len() + 4).unwrap().to_be_bytes());
        answer.extend(body.into_bytes());
        Some(answer)
    })
    .await
}

/// A PostgreSQL that has TLS; what is under it does not matter.
pub async fn postgres_tls(config: ServerConfig) -> Port {
    let acceptor = TlsAcceptor::from(Arc::new(config));
    each(move |mut stream| {
        let acceptor = acceptor.clone();
        async move {
            let mut greeting = [0_u8; 8];
            if stream.read_exact(&mut greeting).await.is_ok() && greeting == [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f] {
                let _ = stream.write_all(b"S").await;
                let _ = acceptor.accept(stream).await;
            }
        }
    })
    .await
}

/// A port that shakes hands under TLS, and then hangs up or says nothing.
pub async fn shakes_hands_only(config: ServerConfig, hangs_up: bool) -> Port {
    let acceptor = TlsAcceptor::from(Arc::new(config));
    each(move |stream| {
        let acceptor = acceptor.clone();
        async move {
            let shaken = acceptor.accept(stream).await;
            if shaken.is_ok() && !hangs_up {
                std::future::pending::<()>().await;
            }
        }
    })
    .await
}

/// A server in TLS 1.2 for clients with a certificate, which refuses others as OpenSSL does: without a reason.
pub async fn strict_in_tls12(config: ServerConfig) -> Port {
    const CERTIFICATE_REQUIRED: [u8; 7] = [0x15, 3, 3, 0, 2, 2, 116];
    const HANDSHAKE_FAILURE: u8 = 40;
    let acceptor = TlsAcceptor::from(Arc::new(config));
    each(move |stream| {
        let acceptor = acceptor.clone();
        async move {
            let (near, far) = tokio::io::duplex(1 << 16);
            let serving = tokio::spawn(async move { acceptor.accept(far).await.map(drop) });
            let (mut from_client, mut to_client) = stream.into_split();
            let (mut from_server, mut to_server) = tokio::io::split(near);
            tokio::spawn(async move { tokio::io::copy(&mut from_client, &mut to_server).await });
            let mut said = [0_u8; 1 << 14];
            while let Ok(length @ 1..) = from_server.read(&mut said).await {
                let words = &mut said[..length];
                if let Some(at) = words.windows(7).position(|alert| alert == CERTIFICATE_REQUIRED) {
                    words[at + 6] = HANDSHAKE_FAILURE;
                }
                if to_client.write_all(words).await.is_err() {
                    break;
                }
            }
            let _ = serving.await;
        }
    })
    .await
}

/// A port that does that with each connection.
async fn each<F>(serve: impl Fn(TcpStream) -> F + Send + 'static) -> Port
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream));
        }
    });
    Port { address, _tasks: tasks }
}

/// A Chroma server of which only this is known: the tenant `acme` with the database `docs`, whose
/// collections may not be listed.
pub async fn chroma() -> Port {
    http(|asked| {
        respond(match asked.uri.path() {
            "/api/v2/heartbeat" => (200, json!({ "nanosecond heartbeat": 1 })),
            "/api/v2/version" => (200, json!("1.0.0")),
            "/api/v2/pre-flight-checks" => (200, json!({ "max_batch_size": 100 })),
            "/api/v2/tenants/acme" => (200, json!({ "name": "acme" })),
            "/api/v2/tenants/acme/databases/docs" => (200, json!({ "name": "docs" })),
            path if path.contains("/collections") => (403, json!({ "error": "Forbidden", "message": "not for you" })),
            _ => (404, json!({ "error": "NotFoundError", "message": "there is no such thing" })),
        })
    })
    .await
}

/// A Chroma server from before its interface v2.
pub async fn old_chroma() -> Port {
    http(|asked| {
        respond(match asked.uri.path() {
            "/api/v2/heartbeat" => (410, json!({ "error": "Gone", "message": "the v2 API is not here" })),
            _ => (404, json!({ "detail": "Not Found" })),
        })
    })
    .await
}

/// A Chroma server of version 0.4: it knows its first interface only.
pub async fn chroma_4() -> Port {
    http(|asked| {
        respond(match asked.uri.path() {
            "/api/v1/heartbeat" => (200, json!({ "nanosecond heartbeat": 1 })),
            _ => (404, json!({ "detail": "Not Found" })),
        })
    })
    .await
}

/// A Weaviate from before pages behind an id.
pub async fn old_weaviate() -> Port {
    http(|asked| {
        respond(match asked.uri.path() {
            "/v1/meta" => (200, json!({ "hostname": "http://[::]:8080", "modules": {}, "version": "1.10.1" })),
            _ => (404, json!({ "code": 404, "message": "path was not found" })),
        })
    })
    .await
}

/// An Elasticsearch without an index.
pub async fn elasticsearch() -> Port {
    elasticsearch_of("8.17.3").await
}

/// As [`elasticsearch`], of an old version.
pub async fn old_elasticsearch() -> Port {
    elasticsearch_of("5.6.16").await
}

async fn elasticsearch_of(version: &'static str) -> Port {
    http(move |asked| {
        let (status, body) = match asked.uri.path() {
            "/" => (200, json!({ "version": { "number": version }, "tagline": "You Know, for Search" })),
            _ => (404, json!({ "error": { "type": "index_not_found_exception", "reason": "none" }, "status": 404 })),
        };
        let mut response = respond((status, body));
        response.headers_mut().insert("x-elastic-product", "Elasticsearch".parse().unwrap());
        response
    })
    .await
}

async fn http(answer: impl Fn(&Asked) -> Response + Clone + Send + Sync + 'static) -> Port {
    let (listener, _) = crate::fake_http::listen().await;
    let address = listener.local_addr().unwrap();
    let mut tasks = JoinSet::new();
    crate::fake_http::serve(&mut tasks, listener, move |asked| {
        let answer = answer.clone();
        async move { answer(&asked) }
    });
    Port { address, _tasks: tasks }
}

/// A port whose queue of connections is full: the kernel drops what knocks, without a word.
pub struct Full {
    pub address: SocketAddr,
    _listener: socket2::Socket,
    _knocking: Vec<std::net::TcpStream>,
}

/// Fills a queue until a knock is no longer answered.
pub fn full() -> Full {
    let listener = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    listener.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
    listener.listen(0).unwrap();
    let address = listener.local_addr().unwrap().as_socket().unwrap();
    let patience = std::time::Duration::from_millis(500);
    let mut knocking = Vec::new();
    while let Ok(stream) = std::net::TcpStream::connect_timeout(&address, patience) {
        knocking.push(stream);
        assert!(knocking.len() < 100, "this kernel drops nothing");
    }
    Full { address, _listener: listener, _knocking: knocking }
}

/// When a certificate is good.
#[derive(Clone, Copy)]
pub enum Good {
    Now,
    TwoDays,
    Until2001,
    From2200,
}

/// A TLS server's certificate for `localhost`, and the PEM of the CA that it is from.
pub fn certificate(good: Good) -> (ServerConfig, String) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    match good {
        Good::Now => {}
        Good::TwoDays => {
            let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
            params.not_after = rcgen::date_time_ymd(1970, 1, 1) + now + std::time::Duration::from_secs(2 * 86_400);
        }
        Good::Until2001 => params.not_after = rcgen::date_time_ymd(2001, 1, 1),
        Good::From2200 => {
            params.not_before = rcgen::date_time_ymd(2200, 1, 1);
            params.not_after = rcgen::date_time_ymd(2201, 1, 1);
        }
    }
    if matches!(good, Good::Until2001) {
        params.not_before = rcgen::date_time_ymd(2000, 1, 1);
    }
    let certificate = params.signed_by(&key, &issuer).unwrap();
    let private = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let mut config = config.with_no_client_auth().with_single_cert(vec![certificate.der().clone()], private).unwrap();
    config.alpn_protocols = vec![b"h2".to_vec()];
    (config, issuer.pem())
}

/// A server's settings for TLS 1.2 and clients of its CA only, and the PEM of that CA.
pub fn strict_tls12_config() -> (ServerConfig, String) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let certificate = params.signed_by(&key, &issuer).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(issuer.der().clone()).unwrap();
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider)).build().unwrap();
    let config =
        ServerConfig::builder_with_provider(provider).with_protocol_versions(&[&rustls::version::TLS12]).unwrap();
    let private = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let chain = vec![certificate.der().clone()];
    (config.with_client_cert_verifier(verifier).with_single_cert(chain, private).unwrap(), issuer.pem())
}
