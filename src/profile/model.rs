//! Profiles as data.

use std::collections::BTreeMap;
use std::path::PathBuf;

use secrecy::SecretString;
use uuid::Uuid;

use crate::provider::{ProviderKind, SshSpec, TlsSpec};

/// Identity of a profile; survives a rename.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ProfileId(pub Uuid);

/// Where a profile's database stands in a team's life; it changes behaviour, not only color.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Environment {
    /// A developer's own.
    #[default]
    Dev,
    /// Shared, before production.
    Staging,
    /// Production: starts read-only, is marked red.
    Production,
}

impl Environment {
    /// All, in the order of menus.
    pub const ALL: [Self; 3] = [Self::Dev, Self::Staging, Self::Production];

    /// The word in the store and on screen.
    pub fn name(self) -> &'static str {
        match self {
            Self::Dev => "dev",
            Self::Staging => "staging",
            Self::Production => "production",
        }
    }

    /// Whether it is read-only where that one is and all that are nearer to production. Production always is.
    pub fn is_locked_from(self, from: Self) -> bool {
        self >= from || self == Self::Production
    }

    /// The environment of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|e| e.name() == name)
    }
}

/// The colors that a profile can be marked with; `none` for no mark.
pub const COLORS: &[&str] = &["none", "red", "green", "yellow", "blue", "magenta", "cyan"];

/// A group's path as it is kept: no part is empty or has blanks around it.
pub fn group_path(text: &str) -> String {
    text.split('/').map(str::trim).filter(|part| !part.is_empty()).collect::<Vec<_>>().join("/")
}

/// A secret, or where to get it. `Debug` never shows a stored one.
#[derive(Debug, Clone)]
pub enum SecretSource {
    /// Kept in the encrypted store.
    Stored(SecretString),
    /// In an environment variable.
    Env(String),
    /// In a file: its first line.
    File(PathBuf),
    /// Printed by a command (argv, no shell): its first line.
    Command(Vec<String>),
    /// Typed by the user when the database is opened; kept nowhere but in memory.
    Ask,
    /// A token of an identity provider (OpenID Connect), fetched again before it ends.
    Oidc(Box<OidcSource>),
}

/// How tokens are had from an identity provider.
#[derive(Debug, Clone)]
pub struct OidcSource {
    /// URL of its discovery document, as it was at the sign-in: secrets go where that leads, and nowhere
    /// else that the database names later.
    pub discovery: String,
    /// Who we are there.
    pub client_id: String,
    /// What is asked for.
    pub scopes: Vec<String>,
    /// What is shown for a token.
    pub grant: OidcGrant,
    /// Our own secret there, where a client needs one beside a user's password or a refresh token.
    pub client_secret: Option<SecretString>,
    /// The authority that signed the provider's certificate, where the system's did not.
    pub ca_file: Option<PathBuf>,
}

/// What is shown to an identity provider for a token. `Debug` shows no secret.
#[derive(Debug, Clone)]
pub enum OidcGrant {
    /// The program's own secret.
    ClientCredentials {
        /// It.
        secret: SecretString,
    },
    /// A user's name and password, where the provider gives no refresh token.
    Password {
        /// The name.
        user: String,
        /// The password.
        password: SecretString,
    },
    /// A refresh token, from an earlier sign-in of a user.
    Refresh {
        /// It; the provider may give another one for it at each use.
        token: SecretString,
    },
}

impl OidcGrant {
    /// The word in the store.
    pub fn name(&self) -> &'static str {
        match self {
            Self::ClientCredentials { .. } => "client_credentials",
            Self::Password { .. } => "password",
            Self::Refresh { .. } => "refresh",
        }
    }
}

impl SecretSource {
    /// What a copy of its profile takes over. A refresh token serves one profile only: a provider that gives
    /// another one at each use takes the second use of one for a theft, and ends both sign-ins.
    pub fn for_a_copy(&self) -> Option<Self> {
        match self {
            Self::Oidc(source) if matches!(source.grant, OidcGrant::Refresh { .. }) => None,
            other => Some(other.clone()),
        }
    }

    /// Why a copy of that profile has no key, to be told whenever one is made.
    pub const NOT_COPIED: &'static str = "the copy has no key: a sign-in with a refresh token serves one profile only, because \
                                  each use of the token ends the one before. Sign in again (`login weaviate`), or give \
                                  the copy another key.";

    /// Where it comes from, without the secret: `stored`, `env QDRANT_KEY`, `file ...`, `command pass`,
    /// `asked each time`.
    pub fn describe(&self) -> String {
        match self {
            Self::Stored(_) => "stored".to_owned(),
            Self::Env(name) => format!("env {name}"),
            Self::File(path) => format!("file {}", path.display()),
            Self::Command(argv) => format!("command {}", argv.first().map_or("", String::as_str)),
            Self::Ask => "asked each time".to_owned(),
            Self::Oidc(source) => format!("sign-in at {} ({})", source.discovery, source.grant.name()),
        }
    }
}

/// What lists and panes must know of a key; never the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct KeyFacts {
    /// It is asked for each time the database is opened.
    pub asked: bool,
    /// It travels in plain text to another machine: the profile allows it.
    pub plain: bool,
}

/// How a profile's server is reached; the default is the direct way. All that a profile starts on this
/// machine is here, and whoever passes profiles on leaves it out as a whole.
#[derive(Debug, Clone, Default)]
pub struct Route {
    /// A proxy, `http://host:port` or `socks5://host:port`; `environment` for the one of the environment.
    pub proxy: Option<String>,
    /// Who we are there.
    pub proxy_user: Option<String>,
    /// The password there.
    pub proxy_secret: Option<SecretSource>,
    /// An SSH tunnel.
    pub ssh: Option<SshSpec>,
    /// Commands before the connection, each a program with its arguments.
    pub before: Vec<Vec<String>>,
    /// The port of this machine that is waited for after the last of them.
    pub wait_port: Option<u16>,
    /// Seconds that this may take; `None` for the default.
    pub wait_s: Option<u64>,
}

/// One saved connection.
#[derive(Debug, Clone)]
pub struct Profile {
    /// Identity.
    pub id: ProfileId,
    /// Name, unique in the store; what the user types at launch.
    pub name: String,
    /// Path of its group, e.g. `work/search`; empty for none.
    pub group: String,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// Name of a color of the terminal, e.g. `red`.
    pub color: Option<String>,
    /// Dev, staging or production.
    pub environment: Environment,
    /// Nothing may be written through it.
    pub read_only: bool,
    /// The kind of database.
    pub provider: ProviderKind,
    /// URL (`http://host:port`, `https://...`, `host:port`) or directory.
    pub address: String,
    /// API key or token.
    pub secret: Option<SecretSource>,
    /// Seconds that a secret from a file, variable or command stays valid; `None` for ever.
    pub secret_lifetime_s: Option<u64>,
    /// TLS settings.
    pub tls: TlsSpec,
    /// How the server is reached.
    pub route: Route,
    /// Seconds to connect; `None` for the default.
    pub connect_timeout_s: Option<u64>,
    /// Seconds to answer; `None` for the default.
    pub request_timeout_s: Option<u64>,
    /// Settings of the maker, e.g. `tenant`.
    pub options: BTreeMap<String, String>,
    /// Opened when the program starts without a target.
    pub open_at_start: bool,
    /// What a colleague should know, in one line; never a secret's place.
    pub notes: String,
    /// Marked, and offered first.
    pub favourite: bool,
    /// Its place among all profiles, where the user has given it one; those without come last.
    pub place: Option<u32>,
}

impl Profile {
    /// A profile with defaults for all but name, provider and address, and a new identity.
    pub fn new(name: &str, provider: ProviderKind, address: &str) -> Self {
        Self {
            id: ProfileId(Uuid::new_v4()),
            name: name.to_owned(),
            group: String::new(),
            tags: Vec::new(),
            color: None,
            environment: Environment::default(),
            read_only: false,
            provider,
            address: address.to_owned(),
            secret: None,
            secret_lifetime_s: None,
            tls: TlsSpec::default(),
            route: Route::default(),
            connect_timeout_s: None,
            request_timeout_s: None,
            options: BTreeMap::new(),
            open_at_start: false,
            notes: String::new(),
            favourite: false,
            place: None,
        }
    }
}
