//! Twelve kinds of TLS that is not as it should be, against HTTP, gRPC, PostgreSQL and Redis: each is refused with
//! its cause, nothing is said to a server that was not trusted, and own CA, server name, client certificate
//! and insecure do what they say.

use std::sync::{Arc, Mutex, PoisonError};

use rustls::ServerConfig;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsAcceptor;
use vector_inspector::provider::{ProviderError, ProviderKind, TlsSpec, connect};

use super::bench::{Heard, Serving, file, serve, spec};
use super::papers::{Authority, Fault, server};

const KINDS: [ProviderKind; 4] =
    [ProviderKind::Chroma, ProviderKind::Qdrant, ProviderKind::Pgvector, ProviderKind::Redis];
/// How PostgreSQL's clients ask for TLS.
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];
/// "I speak none of your versions."
const OLD_ALERT: &[u8] = &[0x15, 3, 1, 0, 2, 2, 70];
/// The name in good certificates.
const NAME: &str = "localhost";

/// What the server does once TLS is due.
#[derive(Clone)]
enum Shows {
    /// TLS with that configuration.
    Tls(Arc<ServerConfig>),
    /// These bytes.
    Bytes(Vec<u8>),
    /// It has no TLS.
    Nothing,
}

/// A server for one case.
struct Fake {
    serving: Serving,
    /// What came through TLS that stood.
    inside: Heard,
    /// The names that were asked for.
    names: Arc<Mutex<Vec<String>>>,
}

impl Fake {
    async fn new(kind: ProviderKind, shows: Shows) -> Self {
        let (inside, names) = (Heard::default(), Arc::<Mutex<Vec<String>>>::default());
        let (heard, asked) = (inside.clone(), Arc::clone(&names));
        let serving = serve(move |mut stream| {
            let (shows, heard, asked) = (shows.clone(), heard.clone(), Arc::clone(&asked));
            async move {
                if kind == ProviderKind::Pgvector {
                    let mut hello = [0_u8; 8];
                    if stream.read_exact(&mut hello).await.is_err() {
                        return;
                    }
                    if hello != SSL_REQUEST {
                        let _ = stream.write_all(&no_encryption()).await;
                        return;
                    }
                    let letter = if matches!(shows, Shows::Nothing) { b"N" } else { b"S" };
                    let _ = stream.write_all(letter).await;
                }
                match shows {
                    Shows::Tls(config) => {
                        let mut stream = match TlsAcceptor::from(config).accept(stream).into_fallible().await {
                            Ok(stream) => stream,
                            Err((_, mut stream)) => {
                                // Until the client has read the alert: a reset would overtake it.
                                let _ = stream.shutdown().await;
                                let _ = tokio::io::copy(&mut stream, &mut tokio::io::sink()).await;
                                return;
                            }
                        };
                        let name = stream.get_ref().1.server_name().unwrap_or_default().to_owned();
                        asked.lock().unwrap_or_else(PoisonError::into_inner).push(name);
                        heard.listen(&mut stream).await;
                    }
                    Shows::Bytes(bytes) => {
                        let _ = stream.read(&mut [0_u8; 2048]).await;
                        let _ = stream.write_all(&bytes).await;
                        // Until the client has read it and hangs up.
                        let _ = stream.read(&mut [0_u8; 2048]).await;
                    }
                    Shows::Nothing => {
                        let _ = stream.read(&mut [0_u8; 2048]).await;
                        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n").await;
                    }
                }
            }
        })
        .await;
        Self { serving, inside, names }
    }

    /// Connects; gives the error, which every one of these servers ends with.
    async fn refusal(&self, kind: ProviderKind, host: &str, tls: bool, settings: &TlsSpec) -> ProviderError {
        let mut spec = spec(kind, host, self.serving.port, tls);
        spec.tls = settings.clone();
        match connect(&spec).await {
            Err(error) => error,
            Ok(_) => panic!("{kind:?} took a server that says nothing for a database"),
        }
    }
}

/// PostgreSQL's answer where it lets nobody in without TLS.
fn no_encryption() -> Vec<u8> {
    let mut fields = Vec::new();
    for (letter, text) in
        [(b'S', "FATAL"), (b'V', "FATAL"), (b'C', "28000"), (b'M', "no pg_hba.conf entry, no encryption")]
    {
        fields.push(letter);
        fields.extend_from_slice(text.as_bytes());
        fields.push(0);
    }
    fields.push(0);
    let mut message = vec![b'E'];
    message.extend_from_slice(&u32::try_from(fields.len() + 4).unwrap().to_be_bytes());
    message.extend(fields);
    message
}

/// A hello of a server that chose TLS 1.1.
fn old_hello() -> Vec<u8> {
    let mut hello = vec![2, 0, 0, 38, 3, 2];
    hello.extend([7; 32]);
    hello.extend([0, 0, 0x2f, 0]);
    let mut record = vec![22, 3, 2, 0, u8::try_from(hello.len()).unwrap()];
    record.extend(hello);
    record
}

/// The settings that trust one authority.
fn trusting(folder: &TempDir, authority: &Authority) -> TlsSpec {
    TlsSpec { ca_file: file(folder, &format!("{}.pem", uuid::Uuid::new_v4()), &authority.pem()), ..TlsSpec::default() }
}

#[track_caller]
fn is_certificate(error: &ProviderError, cause: &str, case: &str) {
    let right = match error {
        ProviderError::Certificate { cause: told, .. } => !told.contains("client") && told.contains(cause),
        ProviderError::ClientCertificate { cause: told, .. } => cause.contains("client") && told.contains(cause),
        _ => false,
    };
    assert!(right, "{case}: {error}");
}

#[tokio::test]
async fn a_certificate_with_a_fault_is_refused_with_the_fault_and_insecure_takes_it() {
    let folder = tempfile::tempdir().unwrap();
    let (ours, theirs) = (Authority::new(), Authority::new());
    let cases = [
        ("expired", ours.issue(NAME, Fault::Expired), "has expired"),
        ("not yet valid", ours.issue(NAME, Fault::NotYet), "not valid yet"),
        ("wrong host", ours.issue("db.example.com", Fault::None), "not valid for the host name localhost"),
        ("self-signed", ours.issue(NAME, Fault::SelfSigned), "CA that is not trusted"),
        ("unknown CA", theirs.issue(NAME, Fault::None), "CA that is not trusted"),
        ("wrong key usage", ours.issue(NAME, Fault::OnlyForClients), "not meant for a server"),
    ];
    for (case, paper, cause) in &cases {
        for kind in KINDS {
            let case = format!("{case}, {kind:?}");
            let fake = Fake::new(kind, Shows::Tls(server(paper, kind, None))).await;
            let trust = trusting(&folder, &ours);
            is_certificate(&fake.refusal(kind, NAME, true, &trust).await, cause, &case);
            // Without an own CA the system's count, and they know nothing of these.
            is_certificate(&fake.refusal(kind, NAME, true, &TlsSpec::default()).await, "", &case);
            assert_eq!(fake.inside.spoke(), 0, "{case}: something was said to a server that is not trusted");
            let insecure = TlsSpec { insecure: true, ..TlsSpec::default() };
            let error = fake.refusal(kind, NAME, true, &insecure).await;
            assert!(!matches!(error, ProviderError::Certificate { .. }), "{case}: {error}");
            assert!(fake.inside.spoke() > 0, "{case}: insecure did not get through: {error}");
        }
    }
}

#[tokio::test]
async fn an_own_ca_and_a_server_name_open_what_they_fit() {
    let folder = tempfile::tempdir().unwrap();
    let ours = Authority::new();
    let paper = ours.issue("db.example.com", Fault::None);
    for kind in KINDS {
        let fake = Fake::new(kind, Shows::Tls(server(&paper, kind, None))).await;
        let trust = trusting(&folder, &ours);
        is_certificate(&fake.refusal(kind, "127.0.0.1", true, &trust).await, "host name 127.0.0.1", "by address");
        let named = TlsSpec { server_name: Some("db.example.com".to_owned()), ..trust.clone() };
        let error = fake.refusal(kind, "127.0.0.1", true, &named).await;
        assert!(fake.inside.spoke() > 0, "{kind:?}: {error}");
        let asked = fake.names.lock().unwrap().clone();
        assert_eq!(asked.first().map(String::as_str), Some("db.example.com"), "{kind:?}: the hello asks for it");
        if kind == ProviderKind::Chroma {
            assert!(fake.inside.text().contains("host: db.example.com:"), "{}", fake.inside.text());
        }
        // A name that the certificate is not for is no way around the check.
        let wrong = TlsSpec { server_name: Some("other.example.com".to_owned()), ..trust };
        is_certificate(&fake.refusal(kind, "127.0.0.1", true, &wrong).await, "other.example.com", "wrong name");
    }
}

#[tokio::test]
async fn a_client_certificate_is_asked_for_checked_and_taken() {
    let folder = tempfile::tempdir().unwrap();
    let (ours, theirs) = (Authority::new(), Authority::new());
    let paper = ours.issue(NAME, Fault::None);
    for kind in KINDS {
        let fake = Fake::new(kind, Shows::Tls(server(&paper, kind, Some(&ours)))).await;
        let with = |authority: &Authority| {
            let mine = authority.issue("me", Fault::None);
            let cert_file = file(&folder, &format!("{}.pem", uuid::Uuid::new_v4()), &mine.pem);
            let key_file = file(&folder, &format!("{}.key", uuid::Uuid::new_v4()), &mine.key_pem);
            TlsSpec { cert_file, key_file, ..trusting(&folder, &ours) }
        };
        let none = fake.refusal(kind, NAME, true, &trusting(&folder, &ours)).await;
        is_certificate(&none, "asks for a client certificate", &format!("none, {kind:?}"));
        let wrong = fake.refusal(kind, NAME, true, &with(&theirs)).await;
        is_certificate(
            &wrong,
            "does not know the CA of the profile's client certificate",
            &format!("unknown, {kind:?}"),
        );
        // Insecure is about the server's certificate, not about ours.
        let insecure = TlsSpec { insecure: true, ..TlsSpec::default() };
        let none = fake.refusal(kind, NAME, true, &insecure).await;
        is_certificate(&none, "asks for a client certificate", &format!("insecure, {kind:?}"));
        assert_eq!(fake.inside.spoke(), 0, "{kind:?}");
        let error = fake.refusal(kind, NAME, true, &with(&ours)).await;
        assert!(fake.inside.spoke() > 0, "{kind:?}: {error}");
    }
}

#[tokio::test]
async fn what_is_no_tls_or_too_old_a_one_is_named_and_insecure_is_no_way_around() {
    let garbage: Vec<u8> = (0..64_u8).map(|n| n.wrapping_mul(37) | 0x80).collect();
    for kind in KINDS {
        let cases = [
            (
                "without TLS",
                Shows::Nothing,
                if kind == ProviderKind::Pgvector { "offers no TLS" } else { "plain text" },
            ),
            ("TLS 1.1 only", Shows::Bytes(OLD_ALERT.to_vec()), "older than 1.2"),
            ("downgraded", Shows::Bytes(old_hello()), "older than 1.2"),
            ("garbage", Shows::Bytes(garbage.clone()), "plain text"),
        ];
        for (case, shows, cause) in cases {
            let fake = Fake::new(kind, shows).await;
            for insecure in [false, true] {
                let settings = TlsSpec { insecure, ..TlsSpec::default() };
                let error = fake.refusal(kind, NAME, true, &settings).await;
                let right = matches!(&error, ProviderError::WrongProtocol { cause: told, .. } if told.contains(cause));
                assert!(right, "{case}, {kind:?}, insecure {insecure}: {error}");
            }
        }
    }
}

#[tokio::test]
async fn plain_text_asked_of_a_tls_port_is_named() {
    let paper = Authority::new().issue(NAME, Fault::None);
    for kind in KINDS {
        let fake = Fake::new(kind, Shows::Tls(server(&paper, kind, None))).await;
        let error = fake.refusal(kind, NAME, false, &TlsSpec::default()).await.to_string();
        let cause = if kind == ProviderKind::Pgvector { "no encryption" } else { "wants TLS" };
        assert!(error.contains(cause), "{kind:?}: {error}");
    }
}
