//! How a connection gets to its server, as data: through a proxy, through an SSH tunnel, after commands.
//! Part of a [`ConnectSpec`](super::ConnectSpec); `transport` carries it out.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;

/// What stands in a command for the free port of this machine that the server is then reached at.
pub const PORT_MARK: &str = "${port}";
/// How long a port is waited for unless told otherwise.
pub const WAIT: Duration = Duration::from_secs(30);
/// How long an SSH tunnel may take to stand.
pub const TUNNEL_WAIT: Duration = Duration::from_secs(20);

/// The way to a server. The default is the direct one. `Debug` shows no secret.
#[derive(Debug, Clone)]
pub struct RouteSpec {
    /// A proxy between.
    pub proxy: Option<ProxySpec>,
    /// An SSH tunnel between.
    pub ssh: Option<SshSpec>,
    /// Commands that run before the connection, each a program with its arguments. All but the last are
    /// waited for; the last one may stay.
    pub before: Vec<Vec<String>>,
    /// The port of this machine that is waited for after the last command; where a command has
    /// [`PORT_MARK`], the port that took its place.
    pub wait_port: Option<u16>,
    /// How long that may take.
    pub wait: Duration,
    /// Variables of the environment that no program started for the route gets: the profile's secrets.
    pub hidden: Vec<String>,
}

impl Default for RouteSpec {
    fn default() -> Self {
        Self { proxy: None, ssh: None, before: Vec::new(), wait_port: None, wait: WAIT, hidden: Vec::new() }
    }
}

impl RouteSpec {
    /// Whether the server is dialled as it is.
    pub fn is_direct(&self) -> bool {
        self.proxy.is_none() && self.ssh.is_none() && self.before.is_empty()
    }

    /// Whether a command gets a free port of this machine.
    pub fn gives_port(&self) -> bool {
        self.before.iter().flatten().any(|word| word.contains(PORT_MARK))
    }

    /// Which of its parts cannot be had together: what and the mend.
    pub fn conflict(&self) -> Option<(&'static str, &'static str)> {
        Self::conflict_of(self.proxy.is_some(), self.ssh.is_some(), self.gives_port())
    }

    /// Why a proxy, a tunnel and commands that open a port exclude each other, and what mends it; `None` where at most
    /// one of them is there.
    pub fn conflict_of(proxy: bool, tunnel: bool, gives_port: bool) -> Option<(&'static str, &'static str)> {
        match (tunnel, proxy, gives_port) {
            (true, true, _) => Some((
                "a tunnel and a proxy cannot be had at once",
                "Leave the proxy out, and name it to ssh (ProxyCommand in ~/.ssh/config).",
            )),
            (true, false, true) => Some((
                "a tunnel and a command that opens a port cannot be had at once",
                "Leave ${port} out of the command, or leave the tunnel out.",
            )),
            (false, true, true) => Some((
                "a proxy and a command that opens a port cannot be had at once",
                "Leave ${port} out of the command, or leave the proxy out.",
            )),
            (true, false, false) | (false, _, false) | (false, false, true) => None,
        }
    }

    /// How much longer than a direct one such a connection may take to stand.
    pub fn allowance(&self) -> Duration {
        let tunnel = if self.ssh.is_some() { TUNNEL_WAIT } else { Duration::ZERO };
        let commands = u32::try_from(self.before.len()).unwrap_or(u32::MAX);
        tunnel.saturating_add(self.wait.saturating_mul(commands))
    }
}

/// Which proxy.
#[derive(Debug, Clone)]
pub enum ProxySpec {
    /// The one that the environment names (`HTTPS_PROXY` and so on), if it names one.
    Environment,
    /// This one.
    Given {
        /// Where it is.
        address: ProxyAddress,
        /// Who we are there.
        user: Option<String>,
        /// The password there.
        password: Option<SecretString>,
    },
}

/// Where a proxy is and what it speaks. Displayed as `http://host:port`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProxyAddress {
    /// What it speaks.
    pub kind: ProxyKind,
    /// Host name or IP address, without brackets.
    pub host: String,
    /// TCP port.
    pub port: u16,
}

impl fmt::Display for ProxyAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, host, port) = (self.kind.scheme(), &self.host, self.port);
        if host.contains(':') { write!(f, "{scheme}://[{host}]:{port}") } else { write!(f, "{scheme}://{host}:{port}") }
    }
}

/// What a proxy speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProxyKind {
    /// HTTP: asked to `CONNECT`.
    Http,
    /// The same under TLS.
    Https,
    /// SOCKS 5; it looks the server's name up.
    Socks5,
}

impl ProxyKind {
    /// The scheme of its addresses.
    pub fn scheme(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
            Self::Socks5 => "socks5",
        }
    }

    /// The kind of that scheme.
    pub fn of_scheme(scheme: &str) -> Option<Self> {
        match scheme {
            "http" => Some(Self::Http),
            "https" => Some(Self::Https),
            "socks5" | "socks5h" => Some(Self::Socks5),
            _ => None,
        }
    }

    /// The port that is meant where none is given.
    pub fn default_port(self) -> u16 {
        match self {
            Self::Http => 3128,
            Self::Https => 443,
            Self::Socks5 => 1080,
        }
    }
}

/// An SSH tunnel: the system's `ssh` with `-N -L`, under the user's own configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SshSpec {
    /// Where it leads: a host, or a `Host` of the user's configuration.
    pub host: String,
    /// Who we are there; the configuration's choice if it is left out.
    pub user: Option<String>,
    /// The port of its SSH server; the configuration's choice if it is left out.
    pub port: Option<u16>,
    /// Hosts on the way, as for `ssh -J`.
    pub jump: Option<String>,
    /// The private key; the configuration's and the agent's if it is left out.
    pub identity_file: Option<PathBuf>,
}
