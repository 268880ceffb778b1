//! The fields of a profile as flags, for `add` and `edit`.

use std::io::Read;
use std::path::PathBuf;
use std::sync::LazyLock;

use clap::builder::{OsStringValueParser, TypedValueParser};
use secrecy::SecretString;

use super::route::Way;
use crate::cli::CliError;
use crate::profile::address::whole_path;
use crate::profile::destination::Given;
use crate::profile::model::{COLORS, Environment, Profile, SecretSource, group_path};
use crate::provider::ProviderKind;

/// Longest secret that is read from stdin.
const LONGEST: u64 = 64 << 10;

static KIND_HELP: LazyLock<String> = LazyLock::new(|| format!("Kind of database: {}", ProviderKind::NAMES.join(", ")));

/// What can be set. No flag takes a secret itself: arguments are seen by every process.
#[derive(Debug, clap::Args)]
pub(super) struct Fields {
    /// Kind of database
    #[arg(long, value_name = "KIND", help = KIND_HELP.as_str(), value_parser = kind)]
    provider: Option<ProviderKind>,
    /// Group, e.g. work/search; empty for none
    #[arg(long, value_name = "PATH", value_parser = group)]
    group: Option<String>,
    /// Word to find it by; may be repeated; replaces all tags
    #[arg(long, value_name = "WORD", value_parser = tag)]
    tag: Vec<String>,
    /// Color of the terminal: red, green, yellow, blue, magenta or cyan; none or empty for none
    #[arg(long, value_name = "NAME", value_parser = color)]
    color: Option<String>,
    /// dev, staging or production (which is read-only)
    #[arg(long, value_name = "NAME", value_parser = environment)]
    environment: Option<Environment>,
    /// Refuse to write through it
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    read_only: Option<bool>,
    /// Open it when the program starts without a target
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    open_at_start: Option<bool>,
    /// One line that a colleague should know; empty for none
    #[arg(long, value_name = "TEXT")]
    notes: Option<String>,
    /// Mark it as a favourite
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    favourite: Option<bool>,
    /// PEM file of an own certificate authority; empty for none
    #[arg(long, value_name = "FILE", value_parser = file())]
    ca_file: Option<PathBuf>,
    /// PEM file of a client certificate; empty for none
    #[arg(long, value_name = "FILE", value_parser = file())]
    cert_file: Option<PathBuf>,
    /// PEM file of that certificate's key; empty for none
    #[arg(long, value_name = "FILE", value_parser = file())]
    cert_key_file: Option<PathBuf>,
    /// What the server is called, where that is not the host of the address: name in its certificate, SNI, HTTP host
    #[arg(long, value_name = "NAME")]
    server_name: Option<String>,
    /// Accept any certificate: dangerous
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    insecure: Option<bool>,
    /// Seconds to connect
    #[arg(long, value_name = "SECS")]
    connect_timeout: Option<u64>,
    /// Seconds to answer
    #[arg(long, value_name = "SECS")]
    request_timeout: Option<u64>,
    /// Setting of the maker, e.g. tenant=NAME; may be repeated; NAME= takes it away
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    option: Vec<(String, String)>,
    /// Seconds that what the secret's command or file gives is good for; it is fetched again before they end
    #[arg(long, value_name = "SECS", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    secret_lifetime: Option<u64>,
    #[command(flatten)]
    way: Way,
    #[command(flatten)]
    secret: Secret,
}

/// Where the key comes from.
#[derive(Debug, clap::Args)]
#[group(multiple = false)]
struct Secret {
    /// Take the key from this environment variable at every connect
    #[arg(long, value_name = "NAME")]
    secret_env: Option<String>,
    /// Take the key from the first line of this file at every connect
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
    /// Take the key from what this command prints at every connect; must be the last flag
    #[arg(long, value_names = ["PROGRAM", "ARG"], num_args = 1.., allow_hyphen_values = true)]
    secret_command: Option<Vec<String>>,
    /// Read the key from stdin now, and keep it in the encrypted store
    #[arg(long)]
    secret_stdin: bool,
    /// Ask for the key on the terminal each time; it is kept nowhere
    #[arg(long)]
    secret_ask: bool,
    /// Use no key
    #[arg(long)]
    no_secret: bool,
}

fn kind(name: &str) -> Result<ProviderKind, String> {
    ProviderKind::from_name(name).ok_or_else(|| format!("known are {}", ProviderKind::NAMES.join(", ")))
}

pub(in crate::cli) fn environment(name: &str) -> Result<Environment, String> {
    Environment::from_name(name).ok_or_else(|| format!("known are {}", Environment::ALL.map(|e| e.name()).join(", ")))
}

fn color(name: &str) -> Result<String, String> {
    match name {
        // As the form has it.
        "" | "none" => Ok(String::new()),
        known if COLORS.contains(&known) => Ok(known.to_owned()),
        _ => Err(format!("known are {}", COLORS.join(", "))),
    }
}

fn group(path: &str) -> Result<String, String> {
    match path.chars().any(char::is_control) {
        true => Err("it has a control character".to_owned()),
        false => Ok(group_path(path)),
    }
}

fn tag(word: &str) -> Result<String, String> {
    match word {
        // Commas stand between tags, in the form and in files.
        _ if word.contains(',') => Err("a tag has no comma; give --tag once for each".to_owned()),
        _ if word.chars().any(char::is_control) => Err("it has a control character".to_owned()),
        _ => Ok(word.trim().to_owned()),
    }
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("give NAME=VALUE")?;
    if name.is_empty() { Err("the name is missing".to_owned()) } else { Ok((name.to_owned(), value.to_owned())) }
}

/// A file, or none: the parser of paths would refuse an empty one.
fn file() -> impl TypedValueParser<Value = PathBuf> {
    OsStringValueParser::new().map(PathBuf::from)
}

/// Empty text clears a field.
fn not_empty(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

impl Fields {
    /// The kind, if one was given.
    pub(super) fn provider(&self) -> Option<ProviderKind> {
        self.provider
    }

    /// Whether one of them is to make it writable.
    pub(super) fn opens(&self) -> bool {
        self.read_only == Some(false) || self.environment.is_some_and(|it| it != Environment::Production)
    }

    /// Which secrets, or where they come from, were given.
    pub(super) fn given(&self) -> Given {
        let Secret { secret_env, secret_file, secret_command, secret_stdin, secret_ask, no_secret } = &self.secret;
        let key = secret_env.is_some()
            || secret_file.is_some()
            || secret_command.is_some()
            || *secret_stdin
            || *secret_ask
            || *no_secret;
        Given { key, proxy_password: self.way.gives_password() }
    }

    /// Puts what was given into a profile; what was not given stays.
    ///
    /// # Errors
    /// When the key cannot be read from stdin, or a part of the way is wrong.
    pub(super) fn apply(&self, profile: &mut Profile) -> Result<(), CliError> {
        if let Some(kind) = self.provider {
            profile.provider = kind;
        }
        if let Some(group) = &self.group {
            profile.group.clone_from(group);
        }
        if !self.tag.is_empty() {
            profile.tags = self.tag.iter().filter(|tag| !tag.is_empty()).cloned().collect();
        }
        if let Some(color) = &self.color {
            profile.color = not_empty(color);
        }
        if let Some(notes) = &self.notes {
            profile.notes = notes.trim().to_owned();
        }
        profile.favourite = self.favourite.unwrap_or(profile.favourite);
        profile.environment = self.environment.unwrap_or(profile.environment);
        profile.read_only = self.read_only.unwrap_or(profile.read_only);
        profile.open_at_start = self.open_at_start.unwrap_or(profile.open_at_start);
        profile.tls.insecure = self.insecure.unwrap_or(profile.tls.insecure);
        for (given, field) in [
            (&self.ca_file, &mut profile.tls.ca_file),
            (&self.cert_file, &mut profile.tls.cert_file),
            (&self.cert_key_file, &mut profile.tls.key_file),
        ] {
            if let Some(path) = given {
                *field = (!path.as_os_str().is_empty()).then(|| whole_path(path));
            }
        }
        if let Some(name) = &self.server_name {
            profile.tls.server_name = not_empty(name);
        }
        self.way.apply(&mut profile.route)?;
        profile.connect_timeout_s = self.connect_timeout.or(profile.connect_timeout_s);
        profile.request_timeout_s = self.request_timeout.or(profile.request_timeout_s);
        for (name, value) in &self.option {
            if value.is_empty() {
                profile.options.remove(name);
            } else {
                profile.options.insert(name.clone(), value.clone());
            }
        }
        self.secret.apply(&mut profile.secret)?;
        if !matches!(profile.secret, Some(SecretSource::Command(_) | SecretSource::File(_))) {
            if self.secret_lifetime.is_some() {
                return Err(CliError::Usage("--secret-lifetime is for a key that a command prints or a file holds. Give --secret-command or --secret-file too.".to_owned()));
            }
            profile.secret_lifetime_s = None;
        }
        profile.secret_lifetime_s = self.secret_lifetime.or(profile.secret_lifetime_s);
        Ok(())
    }
}

impl Secret {
    fn apply(&self, secret: &mut Option<SecretSource>) -> Result<(), CliError> {
        if let Some(name) = &self.secret_env {
            *secret = Some(SecretSource::Env(name.clone()));
        } else if let Some(path) = &self.secret_file {
            *secret = Some(SecretSource::File(whole_path(path)));
        } else if let Some(argv) = &self.secret_command {
            *secret = Some(SecretSource::Command(argv.clone()));
        } else if self.secret_stdin {
            *secret = Some(SecretSource::Stored(from_stdin()?));
        } else if self.secret_ask {
            *secret = Some(SecretSource::Ask);
        } else if self.no_secret {
            *secret = None;
        }
        Ok(())
    }
}

/// The first line of stdin.
pub(in crate::cli) fn from_stdin() -> Result<SecretString, CliError> {
    let failed = |cause: String| CliError::Input { what: "the secret on stdin".to_owned(), cause };
    let mut text = zeroize::Zeroizing::new(String::new());
    std::io::stdin().lock().take(LONGEST).read_to_string(&mut text).map_err(|error| failed(error.to_string()))?;
    match text.lines().next().map(str::trim) {
        None | Some("") => Err(failed("it is empty".to_owned())),
        Some(line) => Ok(SecretString::from(line)),
    }
}
