//! TLS, end to end: a door in front of the real server that speaks PostgreSQL's TLS handshake with
//! certificates made here, asks for a client certificate, and passes the rest on.

use std::path::Path;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use vector_inspector::provider::{Address, ConnectSpec, ErrorKind, ProviderError, TlsSpec, connect};

use super::spec;
use crate::bench::Bench;

crate::cases!(
    an_own_ca_and_a_client_certificate_open_the_door,
    a_certificate_that_does_not_fit_is_refused_with_the_check,
);

/// Certificates of one CA, as files.
struct Papers {
    folder: TempDir,
    server: ServerConfig,
}

impl Papers {
    fn new() -> Self {
        let mut ca = CertificateParams::new(Vec::new()).unwrap();
        // with one name for all, a wrong CA would look like a right one with a wrong signature
        ca.distinguished_name.push(DnType::CommonName, uuid::Uuid::new_v4().to_string());
        ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let ca = CertifiedIssuer::self_signed(ca, KeyPair::generate().unwrap()).unwrap();
        let issue = |name: &str| {
            let key = KeyPair::generate().unwrap();
            (CertificateParams::new(vec![name.to_owned()]).unwrap().signed_by(&key, &ca).unwrap(), key)
        };
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: String| std::fs::write(folder.path().join(name), text).unwrap();
        let (client, client_key) = issue("client");
        write("ca.pem", ca.pem());
        write("client.pem", client.pem());
        write("client.key", client_key.serialize_pem());
        let (server, server_key) = issue("localhost");
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from(ca.der().to_vec())).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let clients =
            WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider)).build().unwrap();
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(server_key.serialize_der()));
        let server = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_client_cert_verifier(clients)
            .with_single_cert(vec![server.der().clone()], key)
            .unwrap();
        Self { folder, server }
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        Path::join(self.folder.path(), name)
    }

    /// Opens the door; gives back its port.
    async fn door(&self) -> u16 {
        let Address::Server { host, port, .. } = spec().address else { panic!("a server") };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let door = listener.local_addr().unwrap().port();
        let acceptor = TlsAcceptor::from(Arc::new(self.server.clone()));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(pass(stream, acceptor.clone(), format!("{host}:{port}")));
            }
        });
        door
    }
}

async fn pass(mut stream: TcpStream, acceptor: TlsAcceptor, to: String) -> Option<()> {
    let mut hello = [0_u8; 8];
    stream.read_exact(&mut hello).await.ok()?;
    assert_eq!(hello, [0, 0, 0, 8, 4, 210, 22, 47], "the first bytes ask for TLS: no password went before");
    stream.write_all(b"S").await.ok()?;
    let mut inside = acceptor.accept(stream).await.ok()?;
    let mut server = TcpStream::connect(to).await.ok()?;
    copy_bidirectional(&mut inside, &mut server).await.ok()?;
    Some(())
}

fn through(port: u16, host: &str, tls: TlsSpec) -> ConnectSpec {
    let address = Address::Server { host: host.to_owned(), port, tls: true };
    ConnectSpec { address, tls, ..spec() }
}

async fn an_own_ca_and_a_client_certificate_open_the_door(bench: &Bench) {
    let papers = Papers::new();
    let tls = TlsSpec {
        ca_file: Some(papers.path("ca.pem")),
        cert_file: Some(papers.path("client.pem")),
        key_file: Some(papers.path("client.key")),
        insecure: false,
        server_name: None,
    };
    let db = connect(&through(papers.door().await, "localhost", tls)).await.unwrap();
    let name = bench.filled(20).await;
    assert_eq!(db.count(&name, None).await.unwrap().value, 20);
}

async fn a_certificate_that_does_not_fit_is_refused_with_the_check(_: &Bench) {
    let (papers, others) = (Papers::new(), Papers::new());
    let port = papers.door().await;
    let with = |ca: &Papers, own: Option<&Papers>| TlsSpec {
        ca_file: Some(ca.path("ca.pem")),
        cert_file: own.map(|own| own.path("client.pem")),
        key_file: own.map(|own| own.path("client.key")),
        insecure: false,
        server_name: None,
    };
    // Whose certificate it is: the server's, or the one that it wants of us.
    let (its, our) = (false, true);
    for (host, tls, whose, why) in [
        ("localhost", with(&others, Some(&papers)), its, "CA that is not trusted"),
        ("127.0.0.1", with(&papers, Some(&papers)), its, "not valid for the host name 127.0.0.1"),
        ("localhost", with(&papers, None), our, "asks for a client certificate"),
        ("localhost", with(&papers, Some(&others)), our, "does not know the CA"),
    ] {
        let error = connect(&through(port, host, tls)).await.err().expect("refused");
        assert_eq!(error.kind(), ErrorKind::Certificate, "{why}: {error}");
        let (told, cause) = match &error {
            ProviderError::Certificate { cause, .. } => (its, cause),
            ProviderError::ClientCertificate { cause, .. } => (our, cause),
            _ => panic!("{why}: {error}"),
        };
        assert!(told == whose && cause.contains(why), "{why}: {error:?}");
    }
}
