//! From [`TlsSpec`] to a rustls configuration.

use std::path::Path;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};

use crate::provider::{ProviderError, Result, TlsSpec};

/// As [`client_config`], on a thread that may block.
///
/// # Errors
/// Those of [`client_config`].
pub async fn tls_config(spec: &TlsSpec, protocols: &'static [&'static [u8]]) -> Result<Arc<ClientConfig>> {
    let spec = spec.clone();
    tokio::task::spawn_blocking(move || client_config(&spec, protocols).map(Arc::new))
        .await
        .map_err(|error| ProviderError::Panicked { cause: error.to_string() })?
}

/// The TLS settings of a client. `protocols` is offered as ALPN (`b"h2"` for gRPC; empty offers
/// nothing). An own CA replaces the system's roots. Reads files and the system's certificates:
/// some milliseconds of blocking work, done once per connection.
///
/// # Errors
/// `File` for a file that cannot be read or holds no PEM of that kind; `BadRequest` for settings
/// that make no sense together.
pub fn client_config(spec: &TlsSpec, protocols: &[&[u8]]) -> Result<ClientConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| bad_settings(&error))?;
    let builder = if spec.insecure {
        builder.dangerous().with_custom_certificate_verifier(Arc::new(AcceptAny(provider)))
    } else {
        let roots = match &spec.ca_file {
            Some(path) => own_roots(path)?,
            None => system_roots(),
        };
        builder.with_root_certificates(roots)
    };
    let mut config = match (&spec.cert_file, &spec.key_file) {
        (None, None) => builder.with_no_client_auth(),
        (Some(cert), Some(key)) => {
            let chain = certificates(cert)?;
            let private = PrivateKeyDer::from_pem_file(key).map_err(|error| unreadable(key, "private key", &error))?;
            builder.with_client_auth_cert(chain, private).map_err(|error| bad_settings(&error))?
        }
        (Some(_), None) => return Err(incomplete("a client certificate without its key", "key_file")),
        (None, Some(_)) => return Err(incomplete("a client key without its certificate", "cert_file")),
    };
    config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
    Ok(config)
}

fn own_roots(path: &Path) -> Result<RootCertStore> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(path)? {
        roots.add(certificate).map_err(|error| file(path, format!("a certificate in it cannot be used: {error}")))?;
    }
    Ok(roots)
}

/// The roots that this system trusts. Single unreadable ones are skipped, as every browser does; with
/// none at all each server is refused, and the refusal names the missing issuer.
fn system_roots() -> RootCertStore {
    let found = rustls_native_certs::load_native_certs();
    for error in &found.errors {
        tracing::warn!(%error, "a certificate store of this system could not be read");
    }
    let mut roots = RootCertStore::empty();
    let (_, ignored) = roots.add_parsable_certificates(found.certs);
    if ignored > 0 {
        tracing::debug!(ignored, "certificates of this system are not usable");
    }
    roots
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>> {
    let chain = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect::<std::result::Result<Vec<_>, _>>)
        .map_err(|error| unreadable(path, "certificate", &error))?;
    if chain.is_empty() {
        return Err(file(path, "it holds no PEM certificate (\"BEGIN CERTIFICATE\")".to_owned()));
    }
    Ok(chain)
}

fn unreadable(path: &Path, what: &str, error: &rustls::pki_types::pem::Error) -> ProviderError {
    use rustls::pki_types::pem::Error;
    file(
        path,
        match error {
            Error::NoItemsFound => format!("it holds no PEM {what}"),
            Error::Io(error) => error.to_string(),
            other => format!("it is no valid PEM {what} ({other})"),
        },
    )
}

fn file(path: &Path, cause: String) -> ProviderError {
    ProviderError::File { path: path.display().to_string(), cause }
}

fn incomplete(what: &str, missing: &str) -> ProviderError {
    ProviderError::BadRequest {
        cause: format!("the TLS settings name {what}"),
        mend: format!("Give {missing} too, or neither of the two."),
    }
}

fn bad_settings(error: &rustls::Error) -> ProviderError {
    ProviderError::BadRequest {
        cause: format!("the TLS settings cannot be used: {error}"),
        mend: "Check that the client certificate and its key belong together.".to_owned(),
    }
}

/// The opt-in of `insecure`: any certificate will do. The handshake's signatures are still checked,
/// so the peer at least holds the key of the certificate that it shows.
#[derive(Debug)]
struct AcceptAny(Arc<CryptoProvider>);

impl ServerCertVerifier for AcceptAny {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> std::result::Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls12_signature(message, cert, dss, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls13_signature(message, cert, dss, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use std::path::PathBuf;

    use super::*;

    fn error_of(spec: &TlsSpec) -> String {
        client_config(spec, &[]).unwrap_err().to_string()
    }

    #[test]
    fn a_file_that_is_missing_or_no_pem_is_named() {
        let missing = TlsSpec { ca_file: Some(PathBuf::from("/nowhere/ca.pem")), ..TlsSpec::default() };
        assert!(error_of(&missing).contains("/nowhere/ca.pem could not be used"), "{}", error_of(&missing));
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ca.pem");
        std::fs::write(&path, "not a certificate").unwrap();
        let empty = TlsSpec { ca_file: Some(path), ..TlsSpec::default() };
        assert!(error_of(&empty).contains("no PEM certificate"), "{}", error_of(&empty));
    }

    #[test]
    fn a_client_certificate_and_its_key_come_together() {
        let half = TlsSpec { cert_file: Some(PathBuf::from("c.pem")), ..TlsSpec::default() };
        assert!(error_of(&half).contains("Give key_file too"), "{}", error_of(&half));
        let other = TlsSpec { key_file: Some(PathBuf::from("k.pem")), ..TlsSpec::default() };
        assert!(error_of(&other).contains("Give cert_file too"), "{}", error_of(&other));
    }

    #[test]
    fn protocols_are_offered_in_order() {
        let config = client_config(&TlsSpec { insecure: true, ..TlsSpec::default() }, &[b"h2", b"http/1.1"]).unwrap();
        assert_eq!(config.alpn_protocols, vec![b"h2".to_vec(), b"http/1.1".to_vec()]);
    }
}
