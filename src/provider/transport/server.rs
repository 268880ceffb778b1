//! The server that a spec names, and whether a key may travel there.

use std::fmt;
use std::net::IpAddr;

use crate::provider::{Address, ConnectSpec, ProviderError, Result};

/// The option that lets a key travel without encryption to another machine: `"true"`.
pub const ALLOW_PLAINTEXT_KEY: &str = "allow_plaintext_key";

/// A server's address. Displayed as `host:port`, with brackets around an IPv6 address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// Host name or IP address, without brackets.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// Whether to speak TLS.
    pub tls: bool,
}

impl Server {
    /// The server that the spec names.
    ///
    /// # Errors
    /// `BadRequest` when the spec names a directory.
    pub fn of(spec: &ConnectSpec) -> Result<Self> {
        match &spec.address {
            Address::Server { host, port, tls } => Ok(Self { host: host.clone(), port: *port, tls: *tls }),
            Address::Directory(path) => Err(ProviderError::BadRequest {
                cause: format!("{} is a server, but {} is a directory", spec.kind.name(), path.display()),
                mend: "Give host:port, or choose the kind of database that lives in a directory.".to_owned(),
            }),
        }
    }

    /// Whether the traffic stays on this machine.
    pub fn is_loopback(&self) -> bool {
        self.host.eq_ignore_ascii_case("localhost")
            || self.host.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback())
    }

    /// `http://host:port` or `https://host:port`.
    pub fn url(&self) -> String {
        let scheme = if self.tls { "https" } else { "http" };
        format!("{scheme}://{self}")
    }
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

/// Refuses to send a key where others could read it: without TLS to another machine, unless the
/// option [`ALLOW_PLAINTEXT_KEY`] is `"true"`. Every provider asks before it connects.
///
/// # Errors
/// `BadRequest` with what to do.
pub fn check_credentials_are_private(spec: &ConnectSpec) -> Result<()> {
    let server = Server::of(spec)?;
    let allowed = spec.options.get(ALLOW_PLAINTEXT_KEY).is_some_and(|value| value == "true");
    if spec.secret.is_none() || server.tls || server.is_loopback() || allowed {
        return Ok(());
    }
    Err(ProviderError::BadRequest {
        cause: format!("the key would travel to {server} without encryption, where others can read it"),
        mend: format!(
            "Use TLS (https://), or set the option {ALLOW_PLAINTEXT_KEY} = \"true\" if the network between is private."
        ),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use secrecy::SecretString;

    use super::*;
    use crate::provider::ProviderKind;

    fn spec(host: &str, tls: bool) -> ConnectSpec {
        let address = Address::Server { host: host.to_owned(), port: 6334, tls };
        let mut spec = ConnectSpec::new(ProviderKind::Qdrant, address);
        spec.secret = Some(SecretString::from("s3cret-key"));
        spec
    }

    #[test]
    fn a_key_never_travels_in_plain_text_to_another_machine() {
        let error = check_credentials_are_private(&spec("db.example.com", false)).unwrap_err().to_string();
        assert!(error.contains("db.example.com:6334") && error.contains("allow_plaintext_key"), "{error}");
        assert!(!error.contains("s3cret"), "{error}");
        assert!(check_credentials_are_private(&spec("10.0.0.7", false)).is_err());
        // A name that merely starts like a loopback address is another machine.
        assert!(check_credentials_are_private(&spec("127.0.0.1.example.com", false)).is_err());
        assert!(check_credentials_are_private(&spec("localhost.example.com", false)).is_err());
    }

    #[test]
    fn a_key_travels_under_tls_to_this_machine_and_when_the_user_allows_it() {
        assert_eq!(check_credentials_are_private(&spec("db.example.com", true)), Ok(()));
        for host in ["localhost", "127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"] {
            assert_eq!(check_credentials_are_private(&spec(host, false)), Ok(()), "{host}");
        }
        let mut allowed = spec("10.0.0.7", false);
        allowed.options.insert(ALLOW_PLAINTEXT_KEY.to_owned(), "true".to_owned());
        assert_eq!(check_credentials_are_private(&allowed), Ok(()));
        allowed.options.insert(ALLOW_PLAINTEXT_KEY.to_owned(), "yes".to_owned());
        assert!(check_credentials_are_private(&allowed).is_err());
        let mut keyless = spec("10.0.0.7", false);
        keyless.secret = None;
        assert_eq!(check_credentials_are_private(&keyless), Ok(()));
    }

    #[test]
    fn an_ipv6_address_is_shown_in_brackets() {
        let server = Server { host: "::1".to_owned(), port: 6334, tls: true };
        assert_eq!((server.to_string(), server.url()), ("[::1]:6334".to_owned(), "https://[::1]:6334".to_owned()));
    }
}
