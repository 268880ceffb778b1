//! Where a way leads: whether a profile, a URL and a directory that look different open the same database. A lock
//! is the database's, so `access` asks this of every target.
//!
//! Two ways lead to the same database if they name the same directory, or the same host and port and there
//! the same part (tenant, database, folder). In doubt they do: a lock too many is seen and said, one too few is not.
//! Names are not looked up: two names of one machine in DNS are two machines here.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};

use super::address::is_loopback;
use super::model::{Profile, SecretSource};
use super::secret::join_words;
use super::spec::address_of;
use crate::provider::{Address, ConnectSpec, PORT_MARK, ProviderKind};

/// The one name of this machine.
const HERE: &str = "localhost";

/// Where a way leads.
#[derive(Debug, Clone)]
pub struct Whereabouts {
    at: At,
    /// `None` where the port has still to be asked who it is.
    kind: Option<ProviderKind>,
    options: BTreeMap<String, String>,
    keys: Vec<Key>,
}

#[derive(Debug, Clone)]
enum At {
    Directory(PathBuf),
    Server {
        host: String,
        port: u16,
        /// Seen from where the host has its name: the end of a tunnel, of a command; `None` for this machine.
        seen_from: Option<String>,
    },
}

/// A key, where it is the key that says which database is meant.
#[derive(Debug, Clone)]
enum Key {
    Source(String),
    Value(SecretString),
}

impl Key {
    fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Source(one), Self::Source(other)) => one == other,
            (Self::Value(one), Self::Value(other)) => one.expose_secret() == other.expose_secret(),
            (Self::Source(_), Self::Value(_)) | (Self::Value(_), Self::Source(_)) => false,
        }
    }
}

impl Whereabouts {
    /// Where a profile leads; `None` if its address is none. Looks at the file system.
    pub fn of_profile(profile: &Profile) -> Option<Self> {
        let seen_from = || {
            let (route, mark) = (&profile.route, |word: &String| word.contains(PORT_MARK));
            let own_port = route.before.iter().flatten().any(mark);
            match &route.ssh {
                Some(ssh) => Some(format!("ssh {}", ssh.host)),
                None if own_port => Some(route.before.iter().map(|argv| join_words(argv)).collect()),
                None => None,
            }
        };
        let keys = if names_its_key(profile.provider) { keys_of(profile.secret.as_ref()) } else { Vec::new() };
        let at = At::of(&address_of(profile).ok()?, seen_from());
        Some(Self { at, kind: Some(profile.provider), options: profile.options.clone(), keys })
    }

    /// Where a target leads that is no profile. `asked`: its kind is a guess until the port was asked. Looks at the
    /// file system.
    pub fn of_spec(spec: &ConnectSpec, asked: bool) -> Self {
        let kind = (!asked).then_some(spec.kind);
        let keyed = kind.is_some_and(names_its_key);
        let keys = spec.secret.iter().filter(|_| keyed).cloned().map(Key::Value).collect();
        Self { at: At::of(&spec.address, None), kind, options: spec.options.clone(), keys }
    }

    /// Whether both lead to the same database.
    pub fn is(&self, other: &Self) -> bool {
        let kind = self.kind.or(other.kind);
        let one_kind = kind == other.kind.or(self.kind);
        let parts = |one: &Self| kind.map(|kind| parts(kind, &one.options)).unwrap_or_default();
        // A part that one of them leaves open may be the other's.
        let apart = |(one, other): (&Option<String>, &Option<String>)| one.is_some() && other.is_some() && one != other;
        let keyed = one_kind && kind.is_some_and(names_its_key);
        self.at.is(&other.at)
            && !(one_kind && parts(self).iter().zip(&parts(other)).any(apart))
            && (!keyed || self.keys.iter().any(|key| other.keys.iter().any(|other| key.is(other))))
    }
}

impl At {
    fn of(address: &Address, seen_from: Option<String>) -> Self {
        match address {
            Address::Directory(path) => Self::Directory(whole(path)),
            Address::Server { host, port, .. } => Self::Server { host: one_name(host), port: *port, seen_from },
        }
    }

    fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Directory(one), Self::Directory(other)) => one == other,
            (
                Self::Server { host, port, seen_from },
                Self::Server { host: other_host, port: other_port, seen_from: other_seen_from },
            ) => {
                let same_view = match (seen_from, other_seen_from) {
                    (Some(one), Some(other)) => one == other,
                    // Elsewhere that name is another machine.
                    (Some(_), None) | (None, Some(_)) => host != HERE,
                    (None, None) => true,
                };
                same_view && host == other_host && port == other_port
            }
            (Self::Directory(_), Self::Server { .. }) | (Self::Server { .. }, Self::Directory(_)) => false,
        }
    }
}

/// The directory by its one name; where there is none yet, as it is written.
fn whole(path: &Path) -> PathBuf {
    path.canonicalize().or_else(|_| std::path::absolute(path)).unwrap_or_else(|_| path.to_owned())
}

/// A host by one name: small letters, no dot at the end, this machine always the same.
fn one_name(host: &str) -> String {
    let host = host.trim_end_matches('.').to_lowercase();
    match host.parse::<IpAddr>().map(|ip| ip.to_canonical()) {
        // A server that listens there is dialled on this machine.
        Ok(ip) if ip.is_unspecified() || ip.is_loopback() => HERE.to_owned(),
        Ok(ip) => ip.to_string(),
        Err(_) if is_loopback(&host) || host.ends_with(".localhost") => HERE.to_owned(),
        Err(_) => host,
    }
}

/// What of a server is one database, by the options of its maker; `None` for what is left open. A tenant of
/// Weaviate is no part: collections without tenants are in sight of all.
fn parts(kind: ProviderKind, options: &BTreeMap<String, String>) -> Vec<Option<String>> {
    let option = |name: &str| options.get(name).filter(|text| !text.is_empty()).cloned();
    let or = |name: &str, usual: &str| Some(option(name).unwrap_or_else(|| usual.to_owned()));
    match kind {
        ProviderKind::Chroma | ProviderKind::ChromaFolder => {
            vec![or("tenant", "default_tenant"), or("database", "default_database")]
        }
        ProviderKind::Milvus => vec![or("database", "default")],
        // Without a name PostgreSQL takes the user's.
        ProviderKind::Pgvector => vec![option("service"), option("database").or_else(|| option("user"))],
        ProviderKind::LanceStore => {
            vec![option("account"), option("folder").map(|folder| folder.trim_matches('/').to_owned())]
        }
        _ => Vec::new(),
    }
}

/// Whether all databases of the maker have one address, and the key says which is meant.
fn names_its_key(kind: ProviderKind) -> bool {
    kind.maker().server().is_some_and(|place| place.host.is_some())
}

/// What is known of a key without asking anybody for it.
fn keys_of(source: Option<&SecretSource>) -> Vec<Key> {
    match source {
        Some(SecretSource::Stored(secret)) => vec![Key::Value(secret.clone())],
        Some(SecretSource::Env(name)) => {
            let value = std::env::var(name).ok().map(|text| Key::Value(SecretString::from(text.trim().to_owned())));
            value.into_iter().chain([Key::Source(format!("env {name}"))]).collect()
        }
        Some(SecretSource::Command(argv)) => vec![Key::Source(format!("command {}", join_words(argv)))],
        Some(SecretSource::File(path)) => vec![Key::Source(format!("file {}", path.display()))],
        Some(SecretSource::Ask | SecretSource::Oidc(_)) | None => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;
    use crate::profile::target::{Target, parse};
    use crate::provider::SshSpec;

    fn target(word: &str) -> Whereabouts {
        match parse(word, &|name| (name == "PINE").then(|| "sesame".to_owned())).unwrap() {
            Target::Spec { spec, .. } => Whereabouts::of_spec(&spec, false),
            Target::Ask { spec, .. } => Whereabouts::of_spec(&spec, true),
            other => panic!("{word} became {other:?}"),
        }
    }

    fn profile(kind: ProviderKind, address: &str) -> Profile {
        Profile::new("prod", kind, address)
    }

    fn leads(profile: &Profile, word: &str) -> bool {
        let (one, other) = (Whereabouts::of_profile(profile).unwrap(), target(word));
        assert_eq!(one.is(&other), other.is(&one), "{word} both ways");
        one.is(&other)
    }

    #[test]
    fn a_server_is_known_by_every_spelling_of_its_address() {
        let prod = profile(ProviderKind::Chroma, "http://LocalHost:18002");
        for word in [
            "chroma://127.0.0.1:18002",
            "chroma://localhost.:18002",
            "chroma+https://[::1]:18002",
            "chroma://0.0.0.0:18002",
            "chroma://127.0.0.1:18002?tenant=default_tenant",
            "127.0.0.1:18002",
        ] {
            assert!(leads(&prod, word), "{word}");
        }
        for word in ["chroma://127.0.0.1:18003", "chroma://db:18002", "chroma://127.0.0.1:18002?tenant=other"] {
            assert!(!leads(&prod, word), "{word}");
        }
        let prod = profile(ProviderKind::Qdrant, "DB.example.com");
        assert!(leads(&prod, "qdrant://db.example.com.") && leads(&prod, "qdrant+https://db.example.com:6334"));
    }

    #[test]
    fn a_directory_is_known_by_every_way_to_it() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir_all(at("chroma")).unwrap();
        std::fs::create_dir_all(at("other")).unwrap();
        std::fs::write(at("chroma/chroma.sqlite3"), "").unwrap();
        std::os::unix::fs::symlink(at("chroma"), at("link")).unwrap();
        let prod = profile(ProviderKind::ChromaFolder, &at("chroma").display().to_string());
        for name in ["chroma", "other/../chroma", "link", "link/."] {
            assert!(leads(&prod, &at(name).display().to_string()), "{name}");
        }
    }

    #[test]
    fn the_database_of_a_server_counts_and_one_that_is_left_open_may_be_any() {
        let mut prod = profile(ProviderKind::Pgvector, "db");
        prod.options.insert("database".into(), "shop".into());
        assert!(leads(&prod, "postgres://db/shop") && leads(&prod, "postgres://db:5432"));
        assert!(!leads(&prod, "postgres://db/test"));
    }

    #[test]
    fn localhost_behind_a_tunnel_is_another_machine_and_a_name_is_the_same_one() {
        let mut prod = profile(ProviderKind::Qdrant, "localhost:6334");
        prod.route.ssh = Some(SshSpec { host: "bastion".into(), ..SshSpec::default() });
        assert!(!leads(&prod, "qdrant://localhost:6334"));
        prod.address = "db.internal:6334".into();
        assert!(leads(&prod, "qdrant://db.internal"));
    }

    #[test]
    fn where_all_have_one_address_the_key_says_which_is_meant() {
        let mut prod = profile(ProviderKind::Pinecone, "https://api.pinecone.io");
        prod.secret = Some(SecretSource::Stored("sesame".into()));
        assert!(leads(&prod, "pinecone://?key_env=PINE"));
        prod.secret = Some(SecretSource::Stored("another".into()));
        assert!(!leads(&prod, "pinecone://?key_env=PINE"));
        assert!(!format!("{:?}", Whereabouts::of_profile(&prod)).contains("another"));
    }
}
