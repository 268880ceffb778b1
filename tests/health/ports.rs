//! Ports of the loopback interface that answer as a faulty server, or something that is none, would.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::response::Response;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

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

/// An Elasticsearch without an index.
pub async fn elasticsearch() -> Port {
    http(|asked| {
        let (status, body) = match asked.uri.path() {
            "/" => (200, json!({ "version": { "number": "8.17.3" }, "tagline": "You Know, for Search" })),
            _ => (404, json!({ "error": { "type": "index_not_found_exception", "reason": "none" }, "status": 404 })),
        };
        let mut response = respond((status, body));
        response.headers_mut().insert("x-elastic-product", "Elasticsearch".parse().unwrap());
        response
    })
    .await
}

async fn http(answer: fn(&Asked) -> Response) -> Port {
    let (listener, _) = crate::fake_http::listen().await;
    let address = listener.local_addr().unwrap();
    let mut tasks = JoinSet::new();
    crate::fake_http::serve(&mut tasks, listener, move |asked| async move { answer(&asked) });
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
