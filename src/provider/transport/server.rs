//! The server that a spec names, and whether a key may travel there.

use std::fmt;
use std::net::IpAddr;

use rustls::pki_types::ServerName;

use super::Way;
use crate::provider::{Address, ConnectSpec, ProviderError, ProviderKind, Result};

/// The option that lets a key travel without encryption to another machine: `"true"`.
pub const ALLOW_PLAINTEXT_KEY: &str = "allow_plaintext_key";

/// A server's address and the way to it. Displayed as `host:port`, with brackets around an IPv6 address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// Host name or IP address, without brackets.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// Whether to speak TLS.
    pub tls: bool,
    /// What it is called, where that is not its host: see [`Self::name`].
    pub called: Option<String>,
    /// How to get there.
    pub way: Way,
}

impl Server {
    /// A server on the direct way, called as its host.
    pub fn new(host: impl Into<String>, port: u16, tls: bool) -> Self {
        Self { host: host.into(), port, tls, called: None, way: Way::default() }
    }

    /// The server that the spec names.
    ///
    /// # Errors
    /// `BadRequest` when the spec names a directory.
    pub fn of(spec: &ConnectSpec) -> Result<Self> {
        match &spec.address {
            Address::Server { host, port, tls } => Ok(Self {
                called: spec.tls.server_name.clone().filter(|name| !name.is_empty()),
                way: spec.way.clone(),
                ..Self::new(host, *port, *tls)
            }),
            Address::Directory(path) => Err(ProviderError::BadRequest {
                cause: format!("{} is a server, but {} is a directory", spec.kind.name(), path.display()),
                mend: "Give host:port, or choose the kind of database that lives in a directory.".to_owned(),
            }),
        }
    }

    /// Another server on the same way; what this one is called holds for its own host only.
    #[must_use]
    pub fn beside(&self, host: impl Into<String>, port: u16, tls: bool) -> Self {
        let other = Self::new(host, port, tls);
        let called = self.called.clone().filter(|_| other.host == self.host);
        Self { called, way: self.way.clone(), ..other }
    }

    /// What its certificate must be for, what the TLS hello asks for and what HTTP requests name.
    pub fn name(&self) -> &str {
        self.called.as_deref().unwrap_or(&self.host)
    }

    /// The same, for TLS.
    ///
    /// # Errors
    /// `BadRequest` for what is no host name.
    pub fn tls_name(&self) -> Result<ServerName<'static>> {
        ServerName::try_from(self.name().to_owned()).map_err(|_| ProviderError::BadRequest {
            cause: format!("{:?} is no valid host name", self.name()),
            mend: "Correct the host name in the address, or the server name.".to_owned(),
        })
    }

    /// Whether its host is this machine. On a way through a tunnel it is the tunnel's other end.
    pub fn is_loopback(&self) -> bool {
        self.host.eq_ignore_ascii_case("localhost")
            || self.host.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback())
    }

    /// `http://name:port` or `https://name:port`, as requests name it.
    pub fn url(&self) -> String {
        let (scheme, named) = (self.scheme(), Self::new(self.name(), self.port, self.tls));
        format!("{scheme}://{named}")
    }

    /// `http` or `https`.
    pub fn scheme(&self) -> &'static str {
        if self.tls { "https" } else { "http" }
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

/// Refuses to send a key where others could read it: without TLS to another machine (also beyond the
/// other end of a tunnel), unless the
/// option [`ALLOW_PLAINTEXT_KEY`] is `"true"`. Every provider asks before it connects.
///
/// # Errors
/// `BadRequest` with what to do.
pub fn check_credentials_are_private(spec: &ConnectSpec) -> Result<()> {
    let server = Server::of(spec)?;
    let allowed = spec.options.get(ALLOW_PLAINTEXT_KEY).is_some_and(|value| value == "true");
    // What is said to `localhost` through a proxy is said to the proxy's machine.
    let stays_here = server.is_loopback() && !server.way.is_open();
    if spec.secret.is_none() || server.tls || stays_here || allowed {
        return Ok(());
    }
    Err(ProviderError::BadRequest {
        cause: format!("the key would travel to {server} without encryption, where others can read it"),
        mend: format!(
            "Use TLS ({}), or set the option {ALLOW_PLAINTEXT_KEY} = \"true\" if the network between is private.",
            asking_for(spec.kind, true)
        ),
    })
}

/// How a profile or URL of that kind asks for TLS, or for plain text.
pub(super) fn asking_for(kind: ProviderKind, tls: bool) -> String {
    if kind == ProviderKind::Pgvector {
        return format!("the option sslmode = \"{}\"", if tls { "verify-full" } else { "disable" });
    }
    let general = if tls { "https" } else { "http" };
    match kind.maker().schemes().iter().find(|(_, own)| *own == tls) {
        Some((own, _)) => format!("{own}:// or {general}:// in the address"),
        None => format!("{general}:// in the address"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use secrecy::SecretString;

    use super::*;

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
        let server = Server::new("::1", 6334, true);
        assert_eq!((server.to_string(), server.url()), ("[::1]:6334".to_owned(), "https://[::1]:6334".to_owned()));
    }

    #[test]
    fn a_server_name_is_what_it_is_called_and_not_where_it_is() {
        let mut spec = spec("10.0.0.7", true);
        spec.tls.server_name = Some("db.example.com".to_owned());
        let server = Server::of(&spec).unwrap();
        assert_eq!((server.to_string(), server.url()), ("10.0.0.7:6334".into(), "https://db.example.com:6334".into()));
        assert_eq!(server.tls_name().unwrap(), ServerName::try_from("db.example.com").unwrap());
        assert_eq!(server.beside("other", 1, true).name(), "other");
    }
}
