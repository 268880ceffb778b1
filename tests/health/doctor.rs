//! The doctor on servers: each fault that it can name is made on the loopback interface, and must be told
//! with its step, its cause and its mend.

use std::hash::{DefaultHasher, Hash, Hasher};
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
use vector_inspector::profile::target::{self, Target};
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
    let steps =
        Box::pin(examine(Patient { spec, ask: None, keyless: None }, here, |step| told.push(step.clone()))).await;
    let kinds: Vec<StepKind> = steps.iter().map(|step| step.kind).collect();
    assert_eq!(kinds, StepKind::all(directory), "{}", shown(&steps));
    assert!(told.len() >= steps.len(), "each was told as it was done");
    if let Some(key) = key {
        assert!(!shown(&steps).contains(&key), "the key is told: {}", shown(&steps));
    }
    steps
}

/// It fails at that step, for that cause, with these words in the mend; what is before went well.
pub async fn fails(what: &str, spec: ConnectSpec, here: &Surroundings, at: StepKind, cause: Cause, mend: &str) -> Step {
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
    step.clone()
}

/// What a user's words mean.
fn typed(word: &str) -> ConnectSpec {
    match target::parse(word, &|_| None) {
        Ok(Target::Spec { spec, .. }) => *spec,
        other => panic!("{word} became {other:?}"),
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
    let chroma = spec(ProviderKind::Chroma, "127.0.0.1", free.port(), false);
    let mend = format!("in place of 127.0.0.1 (NAME:{})", free.port());
    fails("container", chroma, &container, StepKind::Port, Cause::LoopbackInContainer, &mend).await;

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
    let mut hasher = DefaultHasher::new();
    pem.hash(&mut hasher);
    let path = folder.path().join(format!("{:x}.pem", hasher.finish()));
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
    pg.options.insert("user".to_owned(), "u".to_owned());
    fails("pg tls", pg, &here(), StepKind::Tls, Cause::TlsOnPlainPort, "ssl = on").await;
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
        let step = fails(cause.name(), spec, &here(), StepKind::Tls, cause, mend).await;
        assert!(step.found.contains("2001-01-01") || step.found.contains("2200-01-01"), "{}", step.found);
    }
    let (config, ca) = ports::certificate(Good::TwoDays);
    let server = Fake::default().serve_tls(config).await;
    let mut ending = spec(ProviderKind::Qdrant, "localhost", server.address.port(), true);
    ending.tls.ca_file = file(&folder, &ca);
    let steps_of_it = steps(ending, &here()).await;
    let tls = steps_of_it.iter().find(|step| step.kind == StepKind::Tls).unwrap();
    assert_eq!((tls.state, tls.cause), (State::Warn, Some(Cause::CertificateEndsSoon)), "{}", shown(&steps_of_it));
    assert_eq!(verdict(&steps_of_it), None, "it still serves");
    let (config, ca) = ports::certificate(Good::Now);
    let server = Fake::default().serve_tls(config).await;
    let unknown = spec(ProviderKind::Qdrant, "localhost", server.address.port(), true);
    let mend = "the CA file";
    fails("unknown CA", unknown.clone(), &here(), StepKind::Tls, Cause::CertificateUnknownCa, mend).await;
    let mut other_name = spec(ProviderKind::Qdrant, "127.0.0.1", server.address.port(), true);
    other_name.tls.ca_file = file(&folder, &ca);
    let mend = "the host name that the certificate is for";
    let step = fails("wrong host", other_name, &here(), StepKind::Tls, Cause::CertificateWrongHost, mend).await;
    assert!(step.found.contains("but for localhost"), "{}", step.found);
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
async fn other_ills_of_tls() {
    let folder = TempDir::new().unwrap();
    let (config, ca) = ports::strict_tls12_config();
    let strict = ports::strict_in_tls12(config).await;
    let authority = Authority::new();
    let (certificate, key) = authority.issue("me");
    for kind in [ProviderKind::Chroma, ProviderKind::Qdrant, ProviderKind::Redis] {
        let mut spec = spec(kind, "localhost", strict.address.port(), true);
        spec.tls.ca_file = file(&folder, &ca);
        fails("none", spec.clone(), &here(), StepKind::Tls, Cause::ClientCertificate, "cert_file").await;
        // Of another CA than the server's.
        (spec.tls.cert_file, spec.tls.key_file) = (file(&folder, &certificate), file(&folder, &key));
        let steps = steps(spec, &here()).await;
        assert_eq!(verdict(&steps).unwrap().kind, StepKind::Tls, "{}", shown(&steps));
    }
    // Asked in plain text it is no server that keeps silent, though it lets nobody in without a certificate.
    let plain = spec(ProviderKind::Chroma, "localhost", strict.address.port(), false);
    fails("plain", plain, &here(), StepKind::Tls, Cause::PlainTextOnTlsPort, "Turn TLS on").await;
    // The alert of a server that knows no TLS as new as ours.
    let old = ports::speaking(|_| Some(vec![0x15, 3, 1, 0, 2, 2, 70])).await;
    for kind in [ProviderKind::Chroma, ProviderKind::Qdrant, ProviderKind::Redis] {
        let spec = spec(kind, "localhost", old.address.port(), true);
        fails("old", spec, &here(), StepKind::Tls, Cause::TlsTooOld, "TLS 1.2 or newer").await;
    }
    for hangs_up in [false, true] {
        let (config, ca) = ports::certificate(Good::Now);
        let mute = ports::shakes_hands_only(config, hangs_up).await;
        let mut spec = hasty(spec(ProviderKind::Chroma, "localhost", mute.address.port(), true));
        spec.tls.ca_file = file(&folder, &ca);
        fails("mute", spec, &here(), StepKind::Protocol, Cause::NoAnswer, "").await;
    }
}

#[tokio::test]
async fn postgresql_as_a_user_types_it() {
    let of = |address: SocketAddr, more: &str| typed(&format!("postgres://u@127.0.0.1:{}/d{more}", address.port()));
    let at = StepKind::Authentication;
    let wrong = ports::postgres("28P01", "password authentication failed for user \"u\"").await;
    fails("password", with_key(of(wrong.address, ""), KEY), &here(), at, Cause::KeyRefused, "pg_hba.conf").await;
    fails("no password", of(wrong.address, ""), &here(), at, Cause::KeyMissing, "Give the profile a key").await;
    let plain = with_key(of(wrong.address, "?sslmode=disable"), KEY);
    fails("plain text", plain, &here(), at, Cause::KeyRefused, "pg_hba.conf").await;
    let strict = of(wrong.address, "?sslmode=verify-full");
    fails("no TLS there", strict, &here(), StepKind::Tls, Cause::TlsOnPlainPort, "ssl = on").await;
    let missing = ports::postgres("3D000", "database \"d\" does not exist").await;
    let mend = "option `database`";
    fails("database", of(missing.address, ""), &here(), StepKind::Permission, Cause::DatabaseMissing, mend).await;

    let folder = TempDir::new().unwrap();
    for (good, cause) in [(Good::Until2001, Cause::CertificateExpired), (Good::Now, Cause::CertificateWrongHost)] {
        let (config, ca) = ports::certificate(good);
        let server = ports::postgres_tls(config).await;
        let host = if cause == Cause::CertificateExpired { "localhost" } else { "127.0.0.1" };
        let ca = file(&folder, &ca).unwrap();
        let word =
            format!("postgres://u@{host}:{}/d?sslmode=verify-full&ca_file={}", server.address.port(), ca.display());
        fails(cause.name(), typed(&word), &here(), StepKind::Tls, cause, "").await;
    }

    let at = StepKind::Protocol;
    let silent = says_nothing().await;
    fails("silent", hasty(of(silent.address, "")), &here(), at, Cause::NoAnswer, "5432").await;
    let closing = ports::speaking(|_| None).await;
    fails("closing", of(closing.address, ""), &here(), at, Cause::NoAnswer, "5432").await;
    let ssh = answers(b"SSH-2.0-OpenSSH_9.6\r\n").await;
    let step = fails("ssh", of(ssh.address, ""), &here(), at, Cause::OtherServer, "5432").await;
    assert!(step.found.contains("an SSH server"), "{}", step.found);
    let mysql = answers(b"\x4a\0\0\0\x0a8.0.36\0").await;
    let step = fails("mysql", of(mysql.address, ""), &here(), at, Cause::OtherServer, "5432").await;
    assert!(step.found.contains("MySQL"), "{}", step.found);
}

#[tokio::test]
async fn what_stands_in_the_way_is_told_from_the_server() {
    let makers = [
        ProviderKind::Chroma,
        ProviderKind::Weaviate,
        ProviderKind::Elasticsearch,
        ProviderKind::Qdrant,
        ProviderKind::Milvus,
        ProviderKind::Redis,
        ProviderKind::Pgvector,
    ];
    let squid = answers(
        b"HTTP/1.1 407 Proxy Authentication Required\r\nServer: squid/6.10\r\nProxy-Authenticate: Basic\r\n\
          Content-Length: 0\r\nConnection: close\r\n\r\n",
    )
    .await;
    let denied = answers(
        b"HTTP/1.1 403 Forbidden\r\nX-Squid-Error: ERR_ACCESS_DENIED 0\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    )
    .await;
    let down =
        answers(b"HTTP/1.1 502 Bad Gateway\r\nServer: nginx\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").await;
    for kind in makers {
        let of = |address: SocketAddr| spec(kind, "127.0.0.1", address.port(), false);
        let (at, name) = (StepKind::Protocol, kind.name());
        fails(name, of(squid.address), &here(), at, Cause::ProxyInTheWay, "go around it").await;
        fails(name, of(denied.address), &here(), at, Cause::ProxyInTheWay, "go around it").await;
        fails(name, of(down.address), &here(), at, Cause::UpstreamDown, "behind the gateway").await;
    }
    let cut = answers(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"nano").await;
    for kind in [ProviderKind::Chroma, ProviderKind::Weaviate, ProviderKind::Elasticsearch] {
        let spec = spec(kind, "127.0.0.1", cut.address.port(), false);
        fails("cut", spec, &here(), StepKind::Protocol, Cause::ConnectionBroke, "").await;
    }
}

#[tokio::test]
async fn without_the_key_it_goes_as_far_as_the_key() {
    let server = Fake::with_key(KEY).serve().await;
    let why = "the secret of profile \"p\" could not be had: the variable X is not set. Set it.".to_owned();
    let without = |spec| Patient { spec, ask: None, keyless: Some((Cause::KeyNotHad, why.clone())) };
    let patient = |address| without(qdrant(address));
    let steps = examine(patient(server.address), &here(), |_| {}).await;
    let step = verdict(&steps).unwrap();
    assert_eq!((step.kind, step.cause), (StepKind::Authentication, Some(Cause::KeyNotHad)), "{}", shown(&steps));
    assert!(step.found.contains("X is not set") && step.mend.as_deref() == Some("Set it."), "{}", shown(&steps));
    let is_well = |step: &Step| step.kind >= StepKind::Authentication || step.state == State::Ok;
    assert!(steps.iter().all(is_well), "{}", shown(&steps));
    // It goes as far with one that must not be sent, and names that.
    let plain = "the key would travel unencrypted to db. Use https://, or set the option.".to_owned();
    let unsent = Patient { keyless: Some((Cause::KeyInPlainText, plain)), ..patient(server.address) };
    let steps = examine(unsent, &here(), |_| {}).await;
    let step = verdict(&steps).unwrap();
    assert_eq!((step.kind, step.cause), (StepKind::Authentication, Some(Cause::KeyInPlainText)), "{}", shown(&steps));
    // Who keeps everybody out without a key is no other server for that.
    for status in ["401 Unauthorized", "403 Forbidden"] {
        let head = format!("HTTP/1.1 {status}\r\nServer: uvicorn\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        let closed = answers(head.leak().as_bytes()).await;
        let spec = spec(ProviderKind::Chroma, "127.0.0.1", closed.address.port(), false);
        let steps = examine(without(spec), &here(), |_| {}).await;
        let step = verdict(&steps).unwrap();
        assert_eq!((step.kind, step.cause), (StepKind::Authentication, Some(Cause::KeyNotHad)), "{}", shown(&steps));
    }
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let steps = examine(patient(free), &here(), |_| {}).await;
    assert_eq!(verdict(&steps).unwrap().cause, Some(Cause::NothingListens), "{}", shown(&steps));
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
    let chroma = spec(ProviderKind::Chroma, "127.0.0.1", rest.address.port(), false);
    fails("rest of another", chroma, &here(), StepKind::Protocol, Cause::OtherMaker, "Choose Qdrant").await;
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
    for (kind, old, mend) in [
        (ProviderKind::Chroma, ports::chroma_4().await, "0.6"),
        (ProviderKind::Elasticsearch, ports::old_elasticsearch().await, "7.12 or later"),
        (ProviderKind::Weaviate, ports::old_weaviate().await, "1.18 or later"),
    ] {
        let spec = spec(kind, "127.0.0.1", old.address.port(), false);
        fails(kind.name(), spec, &here(), StepKind::Version, Cause::ServerTooOld, mend).await;
    }

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
