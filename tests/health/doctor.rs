//! The doctor on servers: each fault that it can name is made on the loopback interface, and must be told
//! with its step, its cause and its mend.

use std::io;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use qdrant_client::qdrant::collections_server::CollectionsServer;
use secrecy::SecretString;
use tempfile::TempDir;
use vector_inspector::doctor::here::Surroundings;
use vector_inspector::doctor::model::{Cause, State, Step, StepKind, verdict};
use vector_inspector::doctor::{Patient, examine};
use vector_inspector::provider::{Address, ConnectSpec, ProviderKind};

use crate::fake_qdrant::{Authority, Fake, answers, says_nothing};
use crate::ports::{self, Good};

/// In every spec with a key; it must appear in nothing that is told.
const KEY: &str = "the-right-key-8f3a";

fn here() -> Surroundings {
    Surroundings { in_container: false, proxy: None, ..Surroundings::here() }
}

fn spec(kind: ProviderKind, host: &str, port: u16, tls: bool) -> ConnectSpec {
    let mut spec = ConnectSpec::new(kind, Address::Server { host: host.to_owned(), port, tls });
    spec.timeouts.connect = Duration::from_secs(20);
    spec
}

fn qdrant(address: SocketAddr) -> ConnectSpec {
    spec(ProviderKind::Qdrant, "127.0.0.1", address.port(), false)
}

fn with_key(mut spec: ConnectSpec, key: &str) -> ConnectSpec {
    spec.secret = Some(SecretString::from(key));
    spec
}

fn hasty(mut spec: ConnectSpec) -> ConnectSpec {
    spec.timeouts.connect = Duration::from_millis(400);
    spec
}

fn shown(steps: &[Step]) -> String {
    let lines = steps.iter().map(|s| {
        let cause = s.cause.map_or("", Cause::name);
        format!(
            "{:?} {:15} {cause} | {} | {} | {}",
            s.state,
            s.kind.name(),
            s.tried,
            s.found,
            s.mend.as_deref().unwrap_or("")
        )
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The steps of an examination, each told once and in order, with nothing secret in them.
async fn steps(spec: ConnectSpec, here: &Surroundings) -> Vec<Step> {
    let key = spec.secret.as_ref().map(|secret| secrecy::ExposeSecret::expose_secret(secret).to_owned());
    let directory = matches!(spec.address, Address::Directory(_));
    let mut told = Vec::new();
    let steps = examine(Patient { spec, ask: None }, here, |step| told.push(step.clone())).await;
    let kinds: Vec<StepKind> = steps.iter().map(|step| step.kind).collect();
    assert_eq!(kinds, StepKind::all(directory), "{}", shown(&steps));
    assert!(told.len() >= steps.len(), "each was told as it was done");
    if let Some(key) = key {
        assert!(!shown(&steps).contains(&key), "the key is told: {}", shown(&steps));
    }
    steps
}

/// It fails at that step, for that cause, with these words in the mend; what is before went well.
pub async fn fails(what: &str, spec: ConnectSpec, here: &Surroundings, at: StepKind, cause: Cause, mend: &str) {
    let steps = steps(spec, here).await;
    let Some(step) = verdict(&steps) else { panic!("{what}: nothing failed\n{}", shown(&steps)) };
    assert_eq!((step.kind, step.cause), (at, Some(cause)), "{what}\n{}", shown(&steps));
    assert!(step.mend.as_ref().unwrap().contains(mend), "{what}: {mend:?} is not in the mend\n{}", shown(&steps));
    assert!(!step.found.is_empty() && !step.tried.is_empty(), "{what}\n{}", shown(&steps));
    for before in steps.iter().filter(|step| step.kind < at) {
        let unknown = at == StepKind::Version && before.kind == StepKind::Authentication;
        assert!(matches!(before.state, State::Ok | State::Warn) || unknown, "{what}\n{}", shown(&steps));
    }
    for after in steps.iter().filter(|step| step.kind > at) {
        assert_eq!(after.state, State::Skip, "{what}\n{}", shown(&steps));
    }
}

/// A machine on which that name leads there.
fn knowing(address: SocketAddr) -> Surroundings {
    Surroundings { names: Arc::new(move |_, _| Box::pin(async move { Ok(vec![address]) })), ..here() }
}

#[tokio::test]
async fn a_server_that_is_well_passes_every_step() {
    let server = Fake::with_key(KEY).serve().await;
    let steps = steps(with_key(qdrant(server.address), KEY), &here()).await;
    assert!(steps.iter().all(|step| step.state == State::Ok), "{}", shown(&steps));
}

#[tokio::test]
async fn names_and_routes() {
    let spec = || hasty(spec(ProviderKind::Qdrant, "db.test", 6334, false));
    let unknown = Surroundings {
        names: Arc::new(|_, _| Box::pin(async { Err(io::Error::other("Name or service not known")) })),
        ..here()
    };
    fails("unknown", spec(), &unknown, StepKind::Name, Cause::HostNotFound, "Correct the host name").await;
    let silent = Surroundings { names: Arc::new(|_, _| Box::pin(std::future::pending())), ..here() };
    fails("silent", spec(), &silent, StepKind::Name, Cause::NameServiceSilent, "name service").await;

    let nowhere = |_| Err(io::Error::from(io::ErrorKind::NetworkUnreachable));
    let v6 = SocketAddr::new(IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 7)), 6334);
    let v4 = SocketAddr::from(([192, 0, 2, 7], 6334));
    let only_v6 = Surroundings { routes: Arc::new(nowhere), ..knowing(v6) };
    fails("v6", spec(), &only_v6, StepKind::Route, Cause::Ipv6Only, "IPv6").await;
    let only_v4 = Surroundings {
        routes: Arc::new(move |to: SocketAddr| if to.is_ipv6() { Ok(v6) } else { nowhere(to) }),
        ..knowing(v4)
    };
    fails("v4", spec(), &only_v4, StepKind::Route, Cause::Ipv4Only, "IPv4").await;
    let none = Surroundings { routes: Arc::new(nowhere), ..knowing(v4) };
    fails("none", spec(), &none, StepKind::Route, Cause::NoRoute, "VPN").await;
}

#[tokio::test]
async fn ports() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    fails("free", qdrant(free), &here(), StepKind::Port, Cause::NothingListens, "Start the server").await;
    let container = Surroundings { in_container: true, ..here() };
    let mend = "host.docker.internal";
    fails("container", qdrant(free), &container, StepKind::Port, Cause::LoopbackInContainer, mend).await;

    let v4 = Fake::default().serve().await;
    let at_v6 = spec(ProviderKind::Qdrant, "::1", v4.address.port(), false);
    fails("only IPv4", at_v6, &here(), StepKind::Port, Cause::Ipv4Only, "give 127.0.0.1:").await;
    let v6 = std::net::TcpListener::bind("[::1]:0").unwrap();
    let at_v4 = qdrant(v6.local_addr().unwrap());
    fails("only IPv6", at_v4, &here(), StepKind::Port, Cause::Ipv6Only, "give [::1]:").await;

    let full = ports::full();
    fails("dropped", hasty(qdrant(full.address)), &here(), StepKind::Port, Cause::PortSilent, "firewall").await;

    // The same port, as an address that does not count as one of this machine (nobody speaks of a proxy for
    // those), though it leads here.
    let IpAddr::V4(ip) = full.address.ip() else { unreachable!("it is at 127.0.0.1") };
    let mapped = SocketAddr::new(IpAddr::V6(ip.to_ipv6_mapped()), full.address.port());
    let far = || hasty(spec(ProviderKind::Qdrant, "db.test", full.address.port(), false));
    let behind = |proxy| Surroundings { proxy, routes: Arc::new(Ok), ..knowing(mapped) };
    let mend = "give the profile the proxy that HTTPS_PROXY names";
    fails("proxy", far(), &behind(Some("HTTPS_PROXY")), StepKind::Port, Cause::ProxyNeeded, mend).await;
    fails("no proxy", far(), &behind(None), StepKind::Port, Cause::PortSilent, "firewall").await;
}

fn file(folder: &TempDir, pem: &str) -> Option<PathBuf> {
    let path = folder.path().join(format!("{}.pem", pem.len()));
    std::fs::write(&path, pem).unwrap();
    Some(path)
}

#[tokio::test]
async fn tls_and_plain_text() {
    let secure = Fake::default().serve_tls(Authority::new().server("localhost", false)).await;
    let plain = Fake::default().serve().await;
    let (on, off) = ("Turn TLS on", "Turn TLS off");
    fails("plain", qdrant(secure.address), &here(), StepKind::Tls, Cause::PlainTextOnTlsPort, on).await;
    let tls = spec(ProviderKind::Qdrant, "localhost", plain.address.port(), true);
    fails("tls", tls, &here(), StepKind::Tls, Cause::TlsOnPlainPort, off).await;

    let no_tls = ports::postgres("28000", "unused").await;
    let mut pg = spec(ProviderKind::Pgvector, "127.0.0.1", no_tls.address.port(), true);
    pg.options.insert("sslmode".to_owned(), "verify-full".to_owned());
    fails("pg tls", pg, &here(), StepKind::Tls, Cause::TlsOnPlainPort, "Turn TLS off").await;
    let words = "no pg_hba.conf entry for host \"127.0.0.1\", user \"u\", database \"d\", no encryption";
    let only_tls = ports::postgres("28000", words).await;
    let mut pg = with_key(spec(ProviderKind::Pgvector, "127.0.0.1", only_tls.address.port(), false), KEY);
    pg.options.insert("sslmode".to_owned(), "disable".to_owned());
    pg.options.insert("user".to_owned(), "u".to_owned());
    fails("pg plain", pg, &here(), StepKind::Tls, Cause::PlainTextOnTlsPort, "verify-full").await;
}

#[tokio::test]
async fn certificates() {
    let folder = TempDir::new().unwrap();
    let cases = [
        (Good::Until2001, Cause::CertificateExpired, "Renew"),
        (Good::From2200, Cause::CertificateNotYetValid, "clock"),
    ];
    for (good, cause, mend) in cases {
        let (config, ca) = ports::certificate(good);
        let server = Fake::default().serve_tls(config).await;
        let mut spec = spec(ProviderKind::Qdrant, "localhost", server.address.port(), true);
        spec.tls.ca_file = file(&folder, &ca);
        fails(cause.name(), spec, &here(), StepKind::Tls, cause, mend).await;
    }
    let (config, ca) = ports::certificate(Good::Now);
    let server = Fake::default().serve_tls(config).await;
    let unknown = spec(ProviderKind::Qdrant, "localhost", server.address.port(), true);
    let mend = "the CA file";
    fails("unknown CA", unknown.clone(), &here(), StepKind::Tls, Cause::CertificateUnknownCa, mend).await;
    let mut other_name = spec(ProviderKind::Qdrant, "127.0.0.1", server.address.port(), true);
    other_name.tls.ca_file = file(&folder, &ca);
    let mend = "the host name that the certificate is for";
    fails("wrong host", other_name, &here(), StepKind::Tls, Cause::CertificateWrongHost, mend).await;
    let mut no_file = unknown.clone();
    no_file.tls.ca_file = Some(PathBuf::from("/nowhere/ca.pem"));
    fails("no file", no_file, &here(), StepKind::Tls, Cause::TlsFile, "Check that it exists").await;
    let mut careless = unknown;
    careless.tls.insecure = true;
    let steps = steps(careless, &here()).await;
    let tls = steps.iter().find(|step| step.kind == StepKind::Tls).unwrap();
    assert_eq!((tls.state, tls.cause), (State::Warn, Some(Cause::CertificateNotChecked)), "{}", shown(&steps));
    assert_eq!(verdict(&steps), None);

    let authority = Authority::new();
    let server = Fake::default().serve_tls(authority.server("localhost", true)).await;
    let mut strict = spec(ProviderKind::Qdrant, "localhost", server.address.port(), true);
    strict.tls.ca_file = file(&folder, &authority.pem());
    fails("client", strict, &here(), StepKind::Tls, Cause::ClientCertificate, "cert_file").await;
}

#[tokio::test]
async fn who_answers() {
    let rest = answers(
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n\
          {\"title\":\"qdrant - vector search engine\",\"version\":\"1.18.3\"}",
    )
    .await;
    let mend = format!("{}", rest.address.port() + 1);
    fails("rest", qdrant(rest.address), &here(), StepKind::Protocol, Cause::RestPortForGrpc, &mend).await;
    // A gRPC server of which nobody knows the maker.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let service = CollectionsServer::new(Fake::default());
    let serving = tonic::transport::Server::builder().add_service(service);
    let incoming = futures::stream::unfold(listener, |listener| async {
        Some((listener.accept().await.map(|(stream, _)| stream), listener))
    });
    let grpc = tokio::spawn(serving.serve_with_incoming(incoming));
    let weaviate = spec(ProviderKind::Weaviate, "127.0.0.1", port, false);
    fails("grpc", weaviate, &here(), StepKind::Protocol, Cause::GrpcPortForRest, "REST port (8080 by default)").await;
    grpc.abort();

    let redis = answers(b"-NOAUTH Authentication required.\r\n").await;
    fails("redis", qdrant(redis.address), &here(), StepKind::Protocol, Cause::OtherMaker, "Choose Redis").await;
    let web = answers(b"HTTP/1.1 404 Not Found\r\nServer: nginx\r\nContent-Length: 0\r\n\r\n").await;
    fails("web", qdrant(web.address), &here(), StepKind::Protocol, Cause::OtherServer, "Correct host and port").await;
    let proxy = answers(
        b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\nVia: 1.1 squid\r\n\
          Content-Length: 0\r\nConnection: close\r\n\r\n",
    )
    .await;
    fails("proxy", qdrant(proxy.address), &here(), StepKind::Protocol, Cause::ProxyInTheWay, "go around it").await;
    let silent = says_nothing().await;
    let silent = hasty(qdrant(silent.address));
    fails("silent", silent, &here(), StepKind::Protocol, Cause::NoAnswer, "").await;
}

fn token(claims: &str) -> String {
    let part = |text: &str| BASE64_URL_SAFE_NO_PAD.encode(text);
    format!("{}.{}.c2ln", part("{\"alg\":\"HS256\"}"), part(claims))
}

#[tokio::test]
async fn keys() {
    let server = Fake::with_key("another key").serve().await;
    let at = StepKind::Authentication;
    let keyless = qdrant(server.address);
    fails("none", keyless.clone(), &here(), at, Cause::KeyMissing, "Give the profile a key").await;
    let of = |key: &str| with_key(keyless.clone(), key);
    fails("wrong", of(KEY), &here(), at, Cause::KeyRefused, "profiles show").await;
    let theirs = token("{\"aud\":\"https://other.eu.qdrant.io:6333\"}");
    fails("theirs", of(&theirs), &here(), at, Cause::KeyForAnotherCluster, "the key of this cluster").await;
    let over = token("{\"exp\":1000000000}");
    fails("over", of(&over), &here(), at, Cause::KeyExpired, "new key").await;
    fails("pinecone's", of("pcsk_4xyz_abcdef"), &here(), at, Cause::KeyOfAnotherMaker, "own console").await;

    // One answer for each command: a client sends several at once.
    let refused = |heard: &[u8]| {
        let commands = heard.split(|byte| *byte == b'\n').filter(|line| line.starts_with(b"*")).count();
        Some(b"-NOAUTH Authentication required.\r\n".repeat(commands))
    };
    let redis = ports::speaking(refused).await;
    let redis = spec(ProviderKind::Redis, "127.0.0.1", redis.address.port(), false);
    fails("redis", redis, &here(), at, Cause::KeyMissing, "Give the profile a key").await;
    let pg = ports::postgres("28P01", "password authentication failed for user \"u\"").await;
    let mut pg = with_key(spec(ProviderKind::Pgvector, "127.0.0.1", pg.address.port(), false), KEY);
    pg.options.insert("user".to_owned(), "u".to_owned());
    fails("pg", pg, &here(), at, Cause::KeyRefused, "pg_hba.conf").await;
}

#[tokio::test]
async fn versions_and_rights() {
    let old = Fake::of_version("1.9.7").serve().await;
    fails("old", qdrant(old.address), &here(), StepKind::Version, Cause::ServerTooOld, "1.10 or later").await;
    let old = ports::old_chroma().await;
    let old = spec(ProviderKind::Chroma, "127.0.0.1", old.address.port(), false);
    fails("old chroma", old, &here(), StepKind::Version, Cause::ServerTooOld, "0.6").await;

    let chroma = ports::chroma().await;
    let of = |tenant: &str, database: &str| {
        let mut spec = spec(ProviderKind::Chroma, "127.0.0.1", chroma.address.port(), false);
        spec.options.insert("tenant".to_owned(), tenant.to_owned());
        spec.options.insert("database".to_owned(), database.to_owned());
        spec
    };
    let at = StepKind::Permission;
    fails("tenant", of("nobody", "docs"), &here(), at, Cause::TenantMissing, "option `tenant`").await;
    fails("database", of("acme", "none"), &here(), at, Cause::DatabaseMissing, "option `database`").await;
    fails("rights", of("acme", "docs"), &here(), at, Cause::NoPermission, "the right to list collections").await;
    let pg = ports::postgres("3D000", "database \"d\" does not exist").await;
    let mut pg = spec(ProviderKind::Pgvector, "127.0.0.1", pg.address.port(), false);
    pg.options.insert("user".to_owned(), "u".to_owned());
    fails("pg", pg, &here(), at, Cause::DatabaseMissing, "option `database`").await;
}
