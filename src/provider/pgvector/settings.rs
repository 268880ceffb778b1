//! From a [`ConnectSpec`] to what the driver is told: server, user, database, password, TLS.
//!
//! What the profile does not say is taken from the service file (where the profile names a
//! service), then from the system's user name; a password from the password file. Both files are
//! PostgreSQL's own: see [`super::files`].

use std::path::PathBuf;

use secrecy::{ExposeSecret, SecretString};

use super::files::{self, Service};
use crate::provider::transport::{Server, check_credentials_are_private};
use crate::provider::{Address, ConnectSpec, ProviderError, Result, TlsSpec};

/// Who connects to what, and how.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    /// Where; `tls` says whether TLS is spoken.
    pub(super) server: Server,
    /// How the certificate is checked.
    pub(super) tls: TlsSpec,
    /// The role.
    pub(super) user: String,
    /// The database.
    pub(super) database: String,
    /// The password, if there is one.
    pub(super) password: Option<SecretString>,
    /// What searches through an index are told.
    pub(super) tuning: Tuning,
}

/// Settings of searches and indexes; `None` leaves the choice to us or to the server.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Tuning {
    /// `hnsw.ef_search`, 1 to 1000.
    pub(super) ef_search: Option<u32>,
    /// `ivfflat.probes`, 1 to 32768.
    pub(super) probes: Option<u32>,
    /// `maintenance_work_mem` of the sessions that build an index, e.g. `1GB`.
    pub(super) index_memory: Option<String>,
}

impl Settings {
    /// Reads the spec and the files that it names. Blocking.
    ///
    /// # Errors
    /// `BadRequest` for options that make no sense or would send a password unencrypted; `File` for a
    /// file that is named and cannot be used.
    pub(super) fn of(spec: &ConnectSpec) -> Result<Self> {
        let service = match spec.option("service") {
            Some(name) => Service::read(name, spec.option("service_file").map(PathBuf::from))?,
            None => Service::default(),
        };
        let server = place(spec, &service)?;
        let known = |name: &str, key: &str| spec.option(name).map(str::to_owned).or_else(|| service.get(key));
        let user = known("user", "user").or_else(system_user).ok_or_else(no_user)?;
        let database = known("database", "dbname").unwrap_or_else(|| user.clone());
        let mut tls = spec.tls.clone();
        tls.ca_file = tls.ca_file.or_else(|| service.get("sslrootcert").map(PathBuf::from));
        tls.cert_file = tls.cert_file.or_else(|| service.get("sslcert").map(PathBuf::from));
        tls.key_file = tls.key_file.or_else(|| service.get("sslkey").map(PathBuf::from));
        let mode = known("sslmode", "sslmode");
        let speak_tls = mode_means_tls(mode.as_deref(), &server, &tls)?;
        let server = Server { tls: speak_tls, ..server };
        let password = match &spec.secret {
            Some(secret) => Some(secret.clone()),
            None => match service.get("password") {
                Some(text) => Some(text.into()),
                None => files::password(spec.option("passfile").map(PathBuf::from), &server, &database, &user)?,
            },
        };
        let settings = Self {
            tuning: Tuning {
                ef_search: number(spec.option("ef_search"), "ef_search", 1000)?,
                probes: number(spec.option("probes"), "probes", 32_768)?,
                index_memory: memory(spec.option("index_memory"))?,
            },
            server,
            tls,
            user,
            database,
            password,
        };
        settings.check_password_is_private(spec)?;
        Ok(settings)
    }

    /// The rule of all makers, for the TLS that will be spoken and the password that was found.
    fn check_password_is_private(&self, spec: &ConnectSpec) -> Result<()> {
        let Server { host, port, tls, way, .. } = self.server.clone();
        let mut effective = ConnectSpec::new(spec.kind, Address::Server { host, port, tls });
        effective.secret.clone_from(&self.password);
        effective.options.clone_from(&spec.options);
        effective.way = way;
        check_credentials_are_private(&effective)
    }

    /// The driver's own form; its TLS mode never falls back to plain text.
    pub(super) fn config(&self) -> tokio_postgres::Config {
        let mut config = tokio_postgres::Config::new();
        config.user(self.user.as_str()).dbname(self.database.as_str()).application_name("vector-inspector");
        if let Some(password) = &self.password {
            config.password(password.expose_secret());
        }
        let mode = if self.server.tls {
            tokio_postgres::config::SslMode::Require
        } else {
            tokio_postgres::config::SslMode::Disable
        };
        config.ssl_mode(mode);
        config
    }
}

/// The profile's server; with a service, host and port of the service's where the profile's host is
/// `service`.
fn place(spec: &ConnectSpec, service: &Service) -> Result<Server> {
    let server = Server::of(spec)?;
    if server.host != "service" {
        return Ok(server);
    }
    let Some(host) = service.get("host") else {
        return Ok(server);
    };
    if host.starts_with('/') || host.contains(',') {
        return Err(ProviderError::BadRequest {
            cause: format!("the service's host {host:?} is no single host name"),
            mend: "Give host and port in the profile's address; sockets of Unix and lists are not supported."
                .to_owned(),
        });
    }
    let port = match service.get("port") {
        Some(text) => text.parse().map_err(|_| bad_option("the service's port", &text, "Give a number."))?,
        None => server.port,
    };
    Ok(Server { host, port, ..server })
}

/// Whether TLS is spoken. There is no mode that falls back to plain text.
fn mode_means_tls(mode: Option<&str>, server: &Server, tls: &TlsSpec) -> Result<bool> {
    match mode {
        // On this machine nobody listens between; a profile that has settings of TLS means them.
        None => Ok(!server.is_loopback() || *tls != TlsSpec::default()),
        Some("disable") => Ok(false),
        Some("verify-full") => Ok(true),
        Some("require") if tls.insecure => Ok(true),
        Some("require") => Err(bad_option(
            "sslmode",
            "require",
            "It would take any certificate: give verify-full, with ca_file for a CA of your own, or turn on the \
             profile's insecure switch as well.",
        )),
        Some("allow" | "prefer") => Err(bad_option(
            "sslmode",
            mode.unwrap_or_default(),
            "It falls back to plain text without a word: give verify-full, or disable.",
        )),
        Some("verify-ca") => Err(bad_option(
            "sslmode",
            "verify-ca",
            "It would take the certificate of any host: give verify-full, and the host name that the certificate has.",
        )),
        Some(other) => Err(bad_option("sslmode", other, "Give verify-full, disable, or require.")),
    }
}

/// An amount of memory as PostgreSQL writes it.
fn memory(text: Option<&str>) -> Result<Option<String>> {
    let Some(text) = text else { return Ok(None) };
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if is_number && ["kB", "MB", "GB"].iter().any(|unit| text.strip_prefix(digits) == Some(unit)) {
        return Ok(Some(text.to_owned()));
    }
    Err(bad_option("index_memory", text, "Give a whole number with its unit, e.g. 512MB or 2GB."))
}

fn number(text: Option<&str>, name: &str, most: u32) -> Result<Option<u32>> {
    let Some(text) = text else { return Ok(None) };
    match text.trim().parse::<u32>() {
        Ok(number) if (1..=most).contains(&number) => Ok(Some(number)),
        Ok(_) | Err(_) => Err(bad_option(name, text, &format!("Give a number from 1 to {most}."))),
    }
}

fn bad_option(name: &str, value: &str, mend: &str) -> ProviderError {
    ProviderError::BadRequest { cause: format!("{name} = {value:?} cannot be used"), mend: mend.to_owned() }
}

fn no_user() -> ProviderError {
    ProviderError::BadRequest {
        cause: "no user name is given, and the system tells none".to_owned(),
        mend: "Give the profile's option `user`.".to_owned(),
    }
}

fn system_user() -> Option<String> {
    ["USER", "LOGNAME"].into_iter().find_map(|name| std::env::var(name).ok()).filter(|name| !name.is_empty())
}
