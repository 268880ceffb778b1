//! From a saved profile to what a provider is opened with.

use std::time::Duration;

use secrecy::ExposeSecret;
use vector_inspector::profile::model::{Profile, SecretSource};
use vector_inspector::profile::spec::{SpecError, connect_spec};
use vector_inspector::provider::transport::{ALLOW_PLAINTEXT_KEY, check_credentials_are_private};
use vector_inspector::provider::{Address, ProviderKind, Timeouts};

use crate::fixture::*;

#[test]
fn every_setting_arrives() {
    let mut full = full_profile("p");
    // The variable that it names is not set here.
    full.route.proxy_secret = Some(SecretSource::Stored(secret("for the proxy")));
    let spec = connect_spec(&full).unwrap();
    assert_eq!(spec.kind, ProviderKind::Chroma);
    assert_eq!(spec.address, Address::Server { host: "chroma.example.com".to_owned(), port: 8443, tls: true });
    assert_eq!(spec.secret.as_ref().unwrap().expose_secret(), CANARY);
    assert_eq!(spec.tls, full.tls);
    assert_eq!(spec.timeouts, Timeouts { connect: Duration::from_secs(7), request: Duration::from_secs(99) });
    assert_eq!(spec.options, full.options);
    assert!(!format!("{spec:?}").contains(CANARY));
}

#[test]
fn a_directory_and_defaults() {
    let spec = connect_spec(&Profile::new("e", ProviderKind::QdrantEdge, "/data/db")).unwrap();
    assert_eq!(spec.address, Address::Directory("/data/db".into()));
    assert_eq!(spec.timeouts, Timeouts::default());
}

#[test]
fn settings_of_tls_mean_tls_unless_the_address_says_otherwise() {
    let mut one = Profile::new("p", ProviderKind::Qdrant, "db.example.com");
    one.tls.ca_file = Some("/ca.pem".into());
    let spec = connect_spec(&one).unwrap();
    assert_eq!(spec.address, Address::Server { host: "db.example.com".to_owned(), port: 6334, tls: true });
    one.address = "http://db.example.com".to_owned();
    assert!(matches!(connect_spec(&one).unwrap_err(), SpecError::TlsUnused { .. }));
}

#[test]
fn a_key_does_not_travel_unencrypted_to_another_machine() {
    let mut one = Profile::new("p", ProviderKind::Qdrant, "http://10.0.0.5:6334");
    assert!(connect_spec(&one).is_ok(), "without a key there is nothing to protect");
    // The command would fail: it must not even be run.
    one.secret = Some(SecretSource::Command(vec!["no-such-program-here".to_owned()]));
    let error = connect_spec(&one).unwrap_err();
    assert_eq!(error, SpecError::PlainTextKey { host: "10.0.0.5".to_owned() });
    one.secret = Some(SecretSource::Stored(secret("k")));
    one.options.insert(ALLOW_PLAINTEXT_KEY.to_owned(), "true".to_owned());
    let allowed = connect_spec(&one).unwrap();
    assert!(check_credentials_are_private(&allowed).is_ok(), "what the profile allows, the transport allows too");
    one.options.clear();
    for address in ["https://10.0.0.5", "localhost:6334", "http://127.0.0.1", "[::1]:6334"] {
        one.address = address.to_owned();
        assert!(connect_spec(&one).is_ok(), "{address}");
    }
}

#[test]
fn absurd_timeouts_and_wrong_addresses_are_named() {
    let mut one = profile("p");
    one.connect_timeout_s = Some(0);
    assert!(matches!(connect_spec(&one).unwrap_err(), SpecError::Timeout { which: "connect", .. }));
    one.connect_timeout_s = None;
    one.request_timeout_s = Some(u64::MAX);
    assert!(matches!(connect_spec(&one).unwrap_err(), SpecError::Timeout { which: "request", .. }));
    one.request_timeout_s = None;
    one.address = format!("http://user:{CANARY}@db");
    let error = connect_spec(&one).unwrap_err();
    assert!(matches!(error, SpecError::Address { .. }) && !error.to_string().contains(CANARY), "{error}");
    one.address = "/data/db".to_owned();
    assert!(connect_spec(&one).unwrap_err().to_string().contains("is a path"));
}
