//! Certificates, right and wrong, and servers that show them.

use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair, date_time_ymd,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use vector_inspector::provider::ProviderKind;

/// An authority with a name of its own: with one name for all, a wrong one would look like a right one
/// with a wrong signature.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate and its key.
pub struct Paper {
    pub pem: String,
    pub key_pem: String,
    der: CertificateDer<'static>,
    key: Vec<u8>,
}

/// What is wrong with a certificate.
#[derive(Debug, Clone, Copy)]
pub enum Fault {
    None,
    Expired,
    NotYet,
    OnlyForClients,
    SelfSigned,
}

impl Authority {
    pub fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, uuid::Uuid::new_v4().to_string());
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    pub fn pem(&self) -> String {
        self.0.pem()
    }

    /// A certificate for that name.
    pub fn issue(&self, name: &str, fault: Fault) -> Paper {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        match fault {
            Fault::None | Fault::SelfSigned => {}
            Fault::Expired => params.not_after = date_time_ymd(2001, 1, 1),
            Fault::NotYet => params.not_before = date_time_ymd(2999, 1, 1),
            Fault::OnlyForClients => params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth],
        }
        let key = KeyPair::generate().unwrap();
        let signed = match fault {
            Fault::SelfSigned => params.self_signed(&key).unwrap(),
            _ => params.signed_by(&key, &self.0).unwrap(),
        };
        Paper { pem: signed.pem(), key_pem: key.serialize_pem(), der: signed.der().clone(), key: key.serialize_der() }
    }
}

/// A server that shows that certificate; with `clients`, only for those that this authority knows.
pub fn server(paper: &Paper, kind: ProviderKind, clients: Option<&Authority>) -> Arc<ServerConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions();
    let builder = builder.unwrap();
    let builder = match clients {
        Some(authority) => {
            let mut roots = RootCertStore::empty();
            roots.add(authority.0.der().clone()).unwrap();
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap();
            builder.with_client_cert_verifier(verifier)
        }
        None => builder.with_no_client_auth(),
    };
    let key = PrivateKeyDer::try_from(paper.key.clone()).unwrap();
    let mut config = builder.with_single_cert(vec![paper.der.clone()], key).unwrap();
    config.alpn_protocols = match kind {
        ProviderKind::Qdrant | ProviderKind::Milvus => vec![b"h2".to_vec()],
        ProviderKind::Pgvector | ProviderKind::Redis => Vec::new(),
        _ => vec![b"http/1.1".to_vec()],
    };
    Arc::new(config)
}
