//! The real binary in a home of its own, run while a fake answers; TLS before a fake that speaks none.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use assert_cmd::Command;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// A temporary home.
pub struct Home(TempDir);

/// What a run left.
pub struct Ran {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Home {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn config(&self) -> std::path::PathBuf {
        self.0.path().join("config")
    }

    /// Runs on a blocking thread, so that fakes on the runtime answer meanwhile.
    pub async fn run(&self, words: &[&str], variables: &[(&str, &str)]) -> Ran {
        self.fed(words, variables, "").await
    }

    /// The same with something on stdin.
    pub async fn fed(&self, words: &[&str], variables: &[(&str, &str)], stdin: &str) -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vector-inspector"));
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("HOME", self.0.path()).env("LANG", "C.UTF-8");
        command.env("VECTOR_INSPECTOR_CONFIG_DIR", self.config()).envs(variables.iter().copied());
        command.args(words).write_stdin(stdin).timeout(std::time::Duration::from_secs(180));
        let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
        Ran {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// One profile as `profiles show` has it.
    pub async fn shown(&self, name: &str) -> Value {
        self.run(&["profiles", "show", name, "--json"], &[]).await.ends_with(0).json()
    }
}

impl Ran {
    #[track_caller]
    pub fn ends_with(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "stdout: {}\nstderr: {}", self.out, self.err);
        self
    }

    #[track_caller]
    pub fn says(self, part: &str) -> Self {
        assert!(self.err.contains(part), "{part:?} is not in: {}", self.err);
        self
    }

    /// Nothing that begins so may be seen anywhere.
    #[track_caller]
    pub fn hides(self, canary: &str) -> Self {
        assert!(!self.out.contains(canary) && !self.err.contains(canary), "stdout: {}\nstderr: {}", self.out, self.err);
        self
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}", self.out))
    }
}

/// An authority of its own, and TLS that it has signed before servers of this machine.
pub struct Front {
    pub ca_file: PathBuf,
    acceptor: TlsAcceptor,
}

impl Front {
    pub fn new(folder: &Path) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let ca_file = folder.join("ca.pem");
        std::fs::write(&ca_file, authority.pem()).unwrap();
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
        let paper = params.signed_by(&key, &authority).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let config = config.with_no_client_auth().with_single_cert(vec![paper.der().clone()], key).unwrap();
        Self { ca_file, acceptor: TlsAcceptor::from(Arc::new(config)) }
    }

    /// `https://host:port` of a door to that `host:port`, as long as the test lasts.
    pub async fn before(&self, behind: &str) -> String {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let here = format!("https://{}", listener.local_addr().unwrap());
        let (acceptor, behind) = (self.acceptor.clone(), behind.to_owned());
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (acceptor, behind) = (acceptor.clone(), behind.clone());
                tokio::spawn(async move {
                    // A client that does not trust us goes away.
                    let Ok(mut stream) = acceptor.accept(stream).await else { return };
                    let mut server = TcpStream::connect(behind).await.unwrap();
                    let _ = tokio::io::copy_bidirectional(&mut stream, &mut server).await;
                });
            }
        });
        here
    }
}
