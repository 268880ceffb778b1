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
use url::Host;

use super::address::is_loopback;
use super::model::{Profile, SecretSource};
use super::secret::join_words;
use super::spec::address_of;
use crate::provider::{Address, ConnectSpec, PORT_MARK, ProviderKind};

/// The one name of this machine.
const HERE: &str = "localhost";
/// The host of a pgvector address that means the one of its service.
const OF_SERVICE: &str = "service";

/// Where a way leads.
#[derive(Debug, Clone)]
pub struct Whereabouts {
    at: At,
    /// `None` where the port has still to be asked who it is.
    kind: Option<ProviderKind>,
    options: BTreeMap<String, String>,
    key: Key,
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

/// A key, where it is the key that says which database is meant; as far as it is known without asking anybody.
#[derive(Debug, Clone, Default)]
struct Key {
    source: Option<String>,
    value: Option<SecretString>,
}

impl Key {
    /// What is known of a profile's.
    fn of(source: &SecretSource) -> Self {
        let named = |what: &str, name: String| Self { source: Some(format!("{what} {name}")), value: None };
        match source {
            SecretSource::Stored(secret) => Self { source: None, value: Some(secret.clone()) },
            SecretSource::Env(name) => {
                let value = std::env::var(name)
                    .ok()
                    .filter(|text| !text.trim().is_empty())
                    .map(|text| SecretString::from(text.trim().to_owned()));
                Self { value, ..named("env", name.clone()) }
            }
            SecretSource::Command(argv) => named("command", join_words(argv)),
            SecretSource::File(path) => named("file", path.display().to_string()),
            SecretSource::Ask | SecretSource::Oidc(_) => Self::default(),
        }
    }

    /// Whether both may be the same.
    fn may_be(&self, other: &Self) -> bool {
        match (&self.value, &other.value) {
            (Some(one), Some(other)) => one.expose_secret() == other.expose_secret(),
            (None, None) => self.source.is_none() || other.source.is_none() || self.source == other.source,
            // The one that is not known may be the other.
            (Some(_), None) | (None, Some(_)) => true,
        }
    }

    /// Whether this one may be whatever the other one may be.
    fn covers(&self, other: &Self) -> bool {
        match (&self.value, &other.value) {
            (Some(one), Some(other)) if one.expose_secret() == other.expose_secret() => true,
            (None, _) if self.source.is_none() => true,
            _ => self.source.is_some() && self.source == other.source,
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
        let key = profile.secret.as_ref().filter(|_| profile.provider.names_its_key()).map(Key::of).unwrap_or_default();
        let at = At::of(&address_of(profile).ok()?, seen_from());
        Some(Self { at, kind: Some(profile.provider), options: profile.options.clone(), key })
    }

    /// Where a target leads that is no profile. `asked`: its kind is a guess until the port was asked. Looks at the
    /// file system.
    pub fn of_spec(spec: &ConnectSpec, asked: bool) -> Self {
        let kind = (!asked).then_some(spec.kind);
        let keyed = kind.is_some_and(ProviderKind::names_its_key);
        let key = Key { source: None, value: spec.secret.clone().filter(|_| keyed) };
        Self { at: At::of(&spec.address, None), kind, options: spec.options.clone(), key }
    }

    /// Whether both lead to the same database.
    pub fn is(&self, other: &Self) -> bool {
        let kind = self.kind.or(other.kind);
        let one_kind = kind == other.kind.or(self.kind);
        let parts = |one: &Self| kind.map(|kind| one.parts(kind)).unwrap_or_default();
        // A part that one of them leaves open may be the other's.
        let apart = |(one, other): (&Option<String>, &Option<String>)| one.is_some() && other.is_some() && one != other;
        let keyed = one_kind && kind.is_some_and(ProviderKind::names_its_key);
        self.at.is(&other.at)
            && !(one_kind && parts(self).iter().zip(&parts(other)).any(apart))
            && (!keyed || self.key.may_be(&other.key))
    }

    /// Whether whatever leads where the other one does leads here as well. In doubt it does not.
    pub fn covers(&self, other: &Self) -> bool {
        let Some(kind) = self.kind.filter(|kind| other.kind == Some(*kind)) else { return false };
        let covered = |(one, other): (&Option<String>, &Option<String>)| one.is_none() || one == other;
        self.at.is(&other.at)
            && self.parts(kind).iter().zip(&other.parts(kind)).all(covered)
            && (!kind.names_its_key() || self.key.covers(&other.key))
    }

    /// What of a server is one database, by the options of its maker; `None` for what is left open. A tenant of
    /// Weaviate is no part: collections without tenants are in sight of all.
    fn parts(&self, kind: ProviderKind) -> Vec<Option<String>> {
        let option = |name: &str| self.options.get(name).filter(|text| !text.is_empty()).cloned();
        let or = |name: &str, usual: &str| Some(option(name).unwrap_or_else(|| usual.to_owned()));
        match kind {
            ProviderKind::Chroma | ProviderKind::ChromaFolder => {
                vec![or("tenant", "default_tenant"), or("database", "default_database")]
            }
            ProviderKind::Milvus => vec![or("database", "default")],
            ProviderKind::Pgvector => {
                let service = option("service");
                // Without a name PostgreSQL takes the user's; a service may name another one.
                let of_user = option("user").filter(|_| service.is_none());
                // Of a host that is named, a service says no more than what is left out.
                vec![service.filter(|_| self.at.is_named(OF_SERVICE)), option("database").or(of_user)]
            }
            ProviderKind::LanceStore => {
                // To S3 it is half of a key, of which one bucket has many.
                let account = option("account").filter(|_| option("store").as_deref() == Some("az"));
                vec![account, option("folder").map(|folder| folder.trim_matches('/').to_owned())]
            }
            _ => Vec::new(),
        }
    }
}

impl At {
    fn of(address: &Address, seen_from: Option<String>) -> Self {
        match address {
            Address::Directory(path) => Self::Directory(whole(path)),
            Address::Server { host, port, .. } => Self::Server { host: one_name(host), port: *port, seen_from },
        }
    }

    fn is_named(&self, name: &str) -> bool {
        matches!(self, Self::Server { host, .. } if host == name)
    }

    fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Directory(one), Self::Directory(other)) => one == other,
            (
                Self::Server { host, port, seen_from },
                Self::Server { host: other_host, port: other_port, seen_from: other_seen_from },
            ) => {
                // Elsewhere that one name is another machine; all others are the same, wherever they are seen from.
                let same_view = host != HERE || seen_from == other_seen_from;
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

/// Whether a profile, once it is changed, leaves open to others some of what it leads to now. Looks at the file system.
pub fn leaves(before: &Profile, after: &Profile) -> bool {
    let Some(from) = Whereabouts::of_profile(before) else { return false };
    !Whereabouts::of_profile(after).is_some_and(|to| to.covers(&from))
}

/// A host by one name: small letters, no dot at the end, this machine always the same.
pub(crate) fn one_name(host: &str) -> String {
    let host = host.trim_end_matches('.').to_lowercase();
    match ip_of(&host) {
        // A server that listens there is dialled on this machine.
        Some(ip) if ip.is_unspecified() || ip.is_loopback() => HERE.to_owned(),
        Some(ip) => ip.to_string(),
        None if is_loopback(&host) || host.ends_with(".localhost") => HERE.to_owned(),
        None => host,
    }
}

/// The address that a host is, in every spelling that the system dials: `127.1`, `0x7f.1` and `2130706433` are `127.0.0.1`.
fn ip_of(host: &str) -> Option<IpAddr> {
    let ip = host.parse::<IpAddr>().ok().or_else(|| match Host::parse(host) {
        Ok(Host::Ipv4(ip)) => Some(IpAddr::V4(ip)),
        Ok(Host::Ipv6(_) | Host::Domain(_)) | Err(_) => None,
    });
    ip.map(|ip| ip.to_canonical())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;
    use crate::profile::target::{Target, parse};
    use crate::provider::SshSpec;

    type Options<'a> = &'a [(&'a str, &'a str)];

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
            "chroma://127.1:18002",
            "chroma://127.0.1:18002",
            "chroma://2130706433:18002",
            "chroma://0x7f.1:18002",
            "chroma://0177.0.0.1:18002",
            "chroma://0:18002",
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
    fn a_key_that_is_not_known_may_be_the_known_one() {
        let of = |source: SecretSource| {
            let mut profile = profile(ProviderKind::Pinecone, "https://api.pinecone.io");
            profile.secret = Some(source);
            Whereabouts::of_profile(&profile).unwrap()
        };
        // A variable that every process has.
        let known = of(SecretSource::Env("PATH".to_owned()));
        let printed = of(SecretSource::Command(vec!["print-key".to_owned()]));
        let stored = of(SecretSource::Stored(SecretString::from("canary-other".to_owned())));
        assert!(known.is(&printed) && printed.is(&known));
        assert!(!known.is(&stored), "both are known, and differ");
    }

    #[test]
    fn what_says_who_we_are_or_fills_gaps_is_no_part_of_a_database() {
        let of = |kind, address: &str, options: Options<'_>| {
            let mut profile = profile(kind, address);
            profile.options.extend(options.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
            Whereabouts::of_profile(&profile).unwrap()
        };
        let (postgres, store) = (ProviderKind::Pgvector, ProviderKind::LanceStore);
        let s3 = [("store", "s3"), ("folder", "b/x"), ("account", "AKIA1")];
        let azure = [("store", "az"), ("folder", "b/x"), ("account", "one")];
        let cases: [(ProviderKind, &str, Options<'_>, Options<'_>, bool); 8] = [
            // The id of a key of S3; the account of Azure is the place.
            (store, "http://minio:9000", &s3, &[("store", "s3"), ("folder", "/b/x/"), ("account", "AKIA2")], true),
            (store, "http://minio:9000", &s3, &[("store", "s3"), ("folder", "b/y")], false),
            (store, "http://azurite:1", &azure, &[("store", "az"), ("folder", "b/x"), ("account", "two")], false),
            // Two services of one server, and two of which each has its own.
            (postgres, "db", &[("service", "a")], &[("service", "b")], true),
            (postgres, "service", &[("service", "a")], &[("service", "b")], false),
            (postgres, "service", &[("service", "a")], &[("service", "a")], true),
            // The service may name the database; without one it is the user's.
            (postgres, "db", &[("service", "a"), ("user", "me")], &[("database", "shop")], true),
            (postgres, "db", &[("user", "me")], &[("database", "shop")], false),
        ];
        for (kind, address, one, other, same) in cases {
            let (one, other) = (of(kind, address, one), of(kind, address, other));
            assert_eq!((one.is(&other), other.is(&one)), (same, same), "{one:?} {other:?}");
        }
    }

    #[test]
    fn localhost_behind_a_tunnel_is_another_machine_and_a_name_is_the_same_one() {
        let mut prod = profile(ProviderKind::Qdrant, "localhost:6334");
        prod.route.ssh = Some(SshSpec { host: "bastion".into(), ..SshSpec::default() });
        assert!(!leads(&prod, "qdrant://localhost:6334"));
        prod.address = "db.internal:6334".into();
        assert!(leads(&prod, "qdrant://db.internal"));
        let behind = |host: &str, address: &str| {
            let mut profile = profile(ProviderKind::Qdrant, address);
            profile.route.ssh = Some(SshSpec { host: host.into(), ..SshSpec::default() });
            Whereabouts::of_profile(&profile).unwrap()
        };
        for (address, same) in [("db.internal:6334", true), ("localhost:6334", false)] {
            assert_eq!(behind("bastion", address).is(&behind("jump", address)), same, "{address} behind two tunnels");
        }
        assert!(behind("bastion", "localhost:6334").is(&behind("bastion", "127.0.0.1:6334")));
    }

    #[test]
    fn a_changed_profile_leaves_a_place_unless_it_leads_to_all_of_it() {
        let of = |kind, address: &str, options: Options<'_>| {
            let mut profile = profile(kind, address);
            profile.options.extend(options.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
            profile
        };
        let (postgres, shop) = (ProviderKind::Pgvector, [("database", "shop")]);
        for (before, after, left) in [
            (of(postgres, "db", &shop), of(postgres, "DB.:5432", &shop), false),
            (of(postgres, "db", &shop), of(postgres, "other", &shop), true),
            (of(postgres, "db", &shop), of(postgres, "db", &[("database", "test")]), true),
            // Without a name it led, and leads, to any of them.
            (of(postgres, "db", &shop), of(postgres, "db", &[]), false),
            (of(postgres, "db", &[]), of(postgres, "db", &shop), true),
            (of(postgres, "db", &[("probes", "3")]), of(postgres, "db", &[]), false),
            (of(postgres, "db:1", &[]), of(ProviderKind::Qdrant, "db:1", &[]), true),
        ] {
            assert_eq!(super::leaves(&before, &after), left, "{before:?} {after:?}");
        }
        let mut prod = profile(ProviderKind::Pinecone, "https://api.pinecone.io");
        prod.secret = Some(SecretSource::Stored("sesame".into()));
        let mut other = prod.clone();
        assert!(!super::leaves(&prod, &other));
        other.secret = Some(SecretSource::Stored("another".into()));
        assert!(super::leaves(&prod, &other), "another project");
    }

    #[test]
    fn where_all_have_one_address_the_key_says_which_is_meant() {
        let mut prod = profile(ProviderKind::Pinecone, "https://api.pinecone.io");
        prod.secret = Some(SecretSource::Stored("sesame".into()));
        assert!(leads(&prod, "pinecone://?key_env=PINE"));
        prod.secret = Some(SecretSource::Stored("another".into()));
        assert!(!leads(&prod, "pinecone://?key_env=PINE"));
        assert!(!format!("{:?}", Whereabouts::of_profile(&prod)).contains("another"));
        // What is not known may be any, and two sources of which neither is known are told by their names.
        let command = |word: &str| Some(SecretSource::Command(vec!["pass".to_owned(), word.to_owned()]));
        for secret in [None, Some(SecretSource::Ask), command("pine")] {
            prod.secret = secret;
            assert!(leads(&prod, "pinecone://?key_env=PINE"), "{prod:?}");
        }
        let mut dev = profile(ProviderKind::Pinecone, "https://api.pinecone.io");
        for (word, same) in [("pine", true), ("other", false)] {
            dev.secret = command(word);
            let (one, other) = (Whereabouts::of_profile(&prod).unwrap(), Whereabouts::of_profile(&dev).unwrap());
            assert_eq!(one.is(&other), same, "{word}");
        }
    }
}
