//! What a Qdrant server, or something that is none, can do to us: each fault ends in the error that
//! names it, and none of them tells the key. See `tests/support/fake_qdrant.rs`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "support/fake_qdrant.rs"]
mod fake_qdrant;

#[path = "provider_faults/bench.rs"]
mod bench;
#[path = "provider_faults/capture.rs"]
mod capture;
#[path = "provider_faults/papers.rs"]
mod papers;
#[path = "provider_faults/route.rs"]
mod route;
#[path = "provider_faults/tls.rs"]
mod tls;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use fake_qdrant::{Authority, DAMAGED, Fake, QUOTES_THE_KEY, SILENT, Wire, answers, says_nothing};
use secrecy::SecretString;
use tempfile::TempDir;
use vector_inspector::profile::ask_port::ask_port;
use vector_inspector::provider::model::PageRequest;
use vector_inspector::provider::qdrant::Qdrant;
use vector_inspector::provider::{Address, ConnectSpec, Provider, ProviderError, ProviderKind, TlsSpec};

const KEY: &str = "the-right-key-8f3a";

fn spec(address: SocketAddr) -> ConnectSpec {
    at("127.0.0.1", address, false)
}

fn at(host: &str, address: SocketAddr, tls: bool) -> ConnectSpec {
    let address = Address::Server { host: host.to_owned(), port: address.port(), tls };
    let mut spec = ConnectSpec::new(ProviderKind::Qdrant, address);
    // Generous: only the tests that wait for a deadline shorten it.
    spec.timeouts.connect = Duration::from_secs(20);
    spec.secret = Some(SecretString::from(KEY));
    spec
}

/// The error of a connect that must fail, and that nothing in it is the key.
async fn refused(spec: &ConnectSpec) -> ProviderError {
    let Err(error) = Qdrant::connect(spec).await else { panic!("the connect succeeded") };
    keyless(&error);
    error
}

fn keyless(error: &ProviderError) {
    assert!(!format!("{error} {error:?}").contains(KEY), "{error}");
}

fn file(folder: &TempDir, name: &str, text: &str) -> Option<PathBuf> {
    let path = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    Some(path)
}

#[tokio::test]
async fn the_right_key_is_let_in_and_the_wrong_one_named() {
    let server = Fake::with_key(KEY).serve().await;
    let opened = Qdrant::connect(&spec(server.address)).await.unwrap();
    let info = opened.ping().await.unwrap();
    assert_eq!((info.product.as_str(), info.version.as_str()), ("qdrant", "1.18.3"));

    let server = Fake::with_key("another key").serve().await;
    let error = refused(&spec(server.address)).await;
    assert!(matches!(&error, ProviderError::Unauthorized { cause, .. } if cause.contains("Invalid")), "{error}");
    let mut keyless = spec(server.address);
    keyless.secret = None;
    let error = refused(&keyless).await;
    assert!(matches!(&error, ProviderError::Unauthorized { cause, .. } if cause.contains("Must")), "{error}");
}

#[tokio::test]
async fn a_key_with_a_line_break_is_refused_before_it_is_sent() {
    let server = Fake::default().serve().await;
    let mut spec = spec(server.address);
    spec.secret = Some(SecretString::from(format!("{KEY}\n")));
    let error = refused(&spec).await;
    assert!(matches!(&error, ProviderError::BadRequest { cause, .. } if cause.contains("line break")), "{error}");
}

#[tokio::test]
async fn a_missing_collection_is_named_and_the_connection_stays_well() {
    let server = Fake::with_key(KEY).serve().await;
    let opened = Qdrant::connect(&spec(server.address)).await.unwrap();
    let gone = ProviderError::NoSuchCollection { collection: "gone".to_owned() };
    assert_eq!(opened.describe("gone").await.unwrap_err(), gone);
    assert_eq!(opened.count("gone", None).await.unwrap_err(), gone);
    assert_eq!(opened.page("gone", &PageRequest::first(10)).await.unwrap_err(), gone);
    opened.ping().await.unwrap();
}

#[tokio::test]
async fn a_server_that_quotes_the_key_does_not_make_us_tell_it() {
    let server = Fake::with_key(KEY).serve().await;
    let opened = Qdrant::connect(&spec(server.address)).await.unwrap();
    let error = opened.count(QUOTES_THE_KEY, None).await.unwrap_err();
    keyless(&error);
    assert!(matches!(&error, ProviderError::Server { cause, .. } if cause.contains("[key]")), "{error}");
}

#[tokio::test]
async fn a_vector_of_an_impossible_shape_is_a_bad_answer() {
    let server = Fake::with_key(KEY).serve().await;
    let opened = Qdrant::connect(&spec(server.address)).await.unwrap();
    let request = PageRequest { with_vectors: true, ..PageRequest::first(10) };
    let error = opened.page(DAMAGED, &request).await.unwrap_err();
    assert!(matches!(&error, ProviderError::BadAnswer { .. }), "{error}");
}

#[tokio::test]
async fn a_reset_in_mid_answer_is_an_interruption_and_the_next_request_reconnects() {
    let fake = Fake::with_key(KEY);
    let server = fake.serve().await;
    let wire = Wire::to(server.address).await;
    let opened = Qdrant::connect(&spec(wire.end.address)).await.unwrap();
    let request = PageRequest::first(10);
    let cut = async {
        fake.asked.notified().await;
        wire.cut();
    };
    let (answer, ()) = tokio::join!(opened.page(SILENT, &request), cut);
    let error = answer.unwrap_err();
    keyless(&error);
    assert!(matches!(&error, ProviderError::Interrupted { .. }), "{error}");
    opened.ping().await.unwrap();
}

#[tokio::test]
async fn a_server_that_takes_its_time_meets_our_deadline() {
    let server = Fake::with_key(KEY).serve().await;
    let mut spec = spec(server.address);
    spec.timeouts.request = Duration::from_millis(300);
    let opened = Qdrant::connect(&spec).await.unwrap();
    let error = opened.count(SILENT, None).await.unwrap_err();
    assert!(matches!(&error, ProviderError::TimedOut { after, .. } if *after == spec.timeouts.request), "{error}");
}

#[tokio::test]
async fn nobody_and_somebody_silent_are_told_apart() {
    // Closed here and now, not when some task ends: nothing listens there any more.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let error = refused(&spec(free)).await;
    assert!(matches!(&error, ProviderError::Refused { .. }), "{error}");

    let server = says_nothing().await;
    let mut spec = spec(server.address);
    spec.timeouts.connect = Duration::from_millis(300);
    let error = refused(&spec).await;
    assert!(matches!(&error, ProviderError::TimedOut { .. }), "{error}");
}

#[tokio::test]
async fn the_rest_port_leads_to_the_grpc_port() {
    let rest = answers(
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n\
          {\"title\":\"qdrant - vector search engine\",\"version\":\"1.18.3\"}",
    )
    .await;
    let port = rest.address.port();
    let error = refused(&spec(rest.address)).await;
    assert!(matches!(&error, ProviderError::WrongProtocol { .. }), "{error}");
    let text = error.to_string();
    assert!(text.contains(&format!("port {port} is Qdrant's REST port")), "{text}");
    assert!(text.contains(&(port + 1).to_string()) && text.contains("6334"), "{text}");
}

/// Without a key, and although nobody vouches for the certificate: nothing secret is said.
#[tokio::test]
async fn a_bare_host_and_port_is_known_by_its_grpc_service_also_under_tls() {
    let guess = |address| ConnectSpec { kind: ProviderKind::Chroma, secret: None, ..at("localhost", address, false) };
    let plain = Fake::with_key(KEY).serve().await;
    let found = ask_port(guess(plain.address), None).await.unwrap();
    assert_eq!(found.kind, ProviderKind::Qdrant);
    let secure = Fake::with_key(KEY).serve_tls(Authority::new().server("localhost", false)).await;
    let found = ask_port(guess(secure.address), None).await.unwrap();
    assert_eq!((found.kind, found.address), (ProviderKind::Qdrant, at("localhost", secure.address, true).address));
}

#[tokio::test]
async fn another_makers_port_is_named_by_the_maker() {
    let redis = answers(b"-NOAUTH Authentication required.\r\n").await;
    let error = refused(&spec(redis.address)).await;
    assert!(matches!(&error, ProviderError::WrongProtocol { .. }), "{error}");
    assert!(error.to_string().contains("a Redis server answers"), "{error}");
}

#[tokio::test]
async fn a_web_server_is_named() {
    let web = answers(b"HTTP/1.1 404 Not Found\r\nServer: nginx\r\nContent-Length: 0\r\n\r\n").await;
    let error = refused(&spec(web.address)).await;
    assert!(matches!(&error, ProviderError::WrongProtocol { cause, .. } if cause.contains("nginx")), "{error}");
}

#[tokio::test]
async fn tls_asked_of_a_plain_port_says_so() {
    let server = Fake::with_key(KEY).serve().await;
    let error = refused(&at("127.0.0.1", server.address, true)).await;
    assert!(matches!(&error, ProviderError::WrongProtocol { .. }), "{error}");
    assert!(error.to_string().contains("http://"), "{error}");
}

#[tokio::test]
async fn plain_text_asked_of_a_tls_port_says_so() {
    let server = Fake::with_key(KEY).serve_tls(Authority::new().server("localhost", false)).await;
    let error = refused(&spec(server.address)).await;
    assert!(matches!(&error, ProviderError::WrongProtocol { cause, .. } if cause.contains("wants TLS")), "{error}");
}

#[tokio::test]
async fn an_own_ca_is_trusted_and_an_unknown_one_named() {
    let folder = TempDir::new().unwrap();
    let (ours, theirs) = (Authority::new(), Authority::new());
    let server = Fake::with_key(KEY).serve_tls(ours.server("localhost", false)).await;
    let mut spec = at("localhost", server.address, true);

    spec.tls.ca_file = file(&folder, "ours.pem", &ours.pem());
    Qdrant::connect(&spec).await.unwrap().ping().await.unwrap();

    spec.tls.ca_file = file(&folder, "theirs.pem", &theirs.pem());
    let error = refused(&spec).await;
    assert!(matches!(&error, ProviderError::Certificate { .. }), "{error}");

    // Without an own CA the system's roots count, and they know nothing of ours.
    spec.tls = TlsSpec::default();
    let error = refused(&spec).await;
    assert!(matches!(&error, ProviderError::Certificate { cause, .. } if cause.contains("not trusted")), "{error}");

    spec.tls.insecure = true;
    Qdrant::connect(&spec).await.unwrap().ping().await.unwrap();
}

#[tokio::test]
async fn a_certificate_for_another_host_is_named() {
    let folder = TempDir::new().unwrap();
    let authority = Authority::new();
    let server = Fake::with_key(KEY).serve_tls(authority.server("db.example.com", false)).await;
    let mut spec = at("localhost", server.address, true);
    spec.tls.ca_file = file(&folder, "ca.pem", &authority.pem());
    let error = refused(&spec).await;
    let named = "not valid for the host name localhost";
    assert!(matches!(&error, ProviderError::Certificate { cause, .. } if cause.contains(named)), "{error}");
}

#[tokio::test]
async fn a_client_certificate_is_shown_where_it_is_asked_for() {
    let folder = TempDir::new().unwrap();
    let authority = Authority::new();
    let server = Fake::with_key(KEY).serve_tls(authority.server("localhost", true)).await;
    let mut spec = at("localhost", server.address, true);
    spec.tls.ca_file = file(&folder, "ca.pem", &authority.pem());
    let error = refused(&spec).await;
    let named = "asks for a client certificate";
    assert!(matches!(&error, ProviderError::ClientCertificate { cause, .. } if cause.contains(named)), "{error}");

    let (certificate, key) = authority.issue("me");
    spec.tls.cert_file = file(&folder, "me.pem", &certificate);
    spec.tls.key_file = file(&folder, "me.key", &key);
    Qdrant::connect(&spec).await.unwrap().ping().await.unwrap();
}
