//! All that is needed to open one database, with its secrets resolved. Made from a profile, a URL
//! or a directory; consumed by [`super::connect`].

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;

use super::transport::Way;
use super::{Gate, ProviderKind, RouteSpec};

/// Where a database is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// A server.
    Server {
        /// Host name or IP address, without brackets.
        host: String,
        /// TCP port.
        port: u16,
        /// Whether to speak TLS.
        tls: bool,
    },
    /// A directory on this machine.
    Directory(PathBuf),
}

/// How TLS is checked. The default verifies against the system's roots.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TlsSpec {
    /// PEM file of an own CA, trusted beside nothing else.
    pub ca_file: Option<PathBuf>,
    /// PEM file of a client certificate chain.
    pub cert_file: Option<PathBuf>,
    /// PEM file of that certificate's key.
    pub key_file: Option<PathBuf>,
    /// What the server is called, where that is not the host of the address: the name that its certificate
    /// must have, that the TLS hello asks for (SNI), and that HTTP requests name.
    pub server_name: Option<String>,
    /// Accept any certificate: a loud opt-in that stays visible on the screen.
    pub insecure: bool,
}

/// How long things may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// To open the transport and be let in.
    pub connect: Duration,
    /// To answer one request.
    pub request: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect: Duration::from_secs(5), request: Duration::from_secs(30) }
    }
}

/// All that is needed to open one database. `Debug` shows no secret.
#[derive(Debug, Clone)]
pub struct ConnectSpec {
    /// The kind of database.
    pub kind: ProviderKind,
    /// Where it is.
    pub address: Address,
    /// API key or token, if it wants one.
    pub secret: Option<SecretString>,
    /// TLS settings.
    pub tls: TlsSpec,
    /// Limits.
    pub timeouts: Timeouts,
    /// Settings of one maker, e.g. Chroma's `tenant` and `database`.
    pub options: BTreeMap<String, String>,
    /// How to get to the server.
    pub route: RouteSpec,
    /// The route as it runs, once [`connect`](super::connect) or `ask_port` has set it up; clones share it,
    /// and it ends with the last of them.
    pub way: Way,
    /// What may be written through it; clones of the spec share it.
    pub gate: Gate,
}

impl ConnectSpec {
    /// A spec with defaults for all but kind and address.
    pub fn new(kind: ProviderKind, address: Address) -> Self {
        Self {
            kind,
            address,
            secret: None,
            tls: TlsSpec::default(),
            timeouts: Timeouts::default(),
            options: BTreeMap::new(),
            route: RouteSpec::default(),
            way: Way::default(),
            gate: Gate::default(),
        }
    }

    /// The option of that name, if it says anything.
    pub fn option(&self, name: &str) -> Option<&str> {
        self.options.get(name).map(String::as_str).filter(|text| !text.is_empty())
    }

    /// The directory of an embedded database.
    pub fn directory(kind: ProviderKind, path: impl Into<PathBuf>) -> Self {
        Self::new(kind, Address::Directory(path.into()))
    }
}
