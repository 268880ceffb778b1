//! Where the secrets of a profile are sent, and whether a change of its fields would send one elsewhere.
//! Pure: the form asks while somebody types, the store and the commands before they save or test.

use std::fmt;
use std::path::PathBuf;

use secrecy::ExposeSecret;

use super::address::{is_loopback, profile_address};
use super::exposure::TLS_MODE;
use super::model::{Profile, SecretSource};
use super::route::{ENVIRONMENT, line_of};
use crate::provider::transport::{Server, proxy_address};
use crate::provider::{Address, ProviderKind};

/// Options of makers that say, beside the address, which host gets the key.
const OPTIONS: [&str; 4] = ["service", "service_file", "store", "account"];
/// Fields of the way; all but the first count only where the first is filled in.
const TUNNEL: [&str; 3] = ["ssh_host", "ssh_port", "ssh_jump"];
const COMMANDS: [&str; 2] = ["before", "wait_port"];
/// Settings of TLS, which mean TLS where the address does not say.
const TLS: [&str; 4] = ["ca_file", "cert_file", "key_file", "server_name"];
/// A choice of the form that was made.
const YES: &str = "yes";

/// Where a key goes: the server, how it is known, and what leads to it, since behind a tunnel `localhost` is another machine.
/// Displayed as `db:6334` or `localhost:6334 behind the SSH server bastion`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Destination {
    server: String,
    tunnel: Vec<String>,
    commands: Vec<String>,
    options: Vec<String>,
    /// What the server is called, where that is not its host.
    called: String,
    /// Whatever certificate it shows is taken, so that it may be anybody.
    unchecked: bool,
    /// The proxy, where it can read what passes: without TLS, or with a certificate that nobody checks. One that only
    /// passes TLS on sees no key, and is no part of the place.
    reader: String,
}

impl Destination {
    /// Of fields by their names, as the form has them.
    pub fn at(kind: ProviderKind, text: impl Fn(&str) -> String) -> Self {
        let address = text("address");
        let server = match profile_address(kind, &address) {
            Ok(Address::Server { host, port, tls }) => Server::new(host.to_ascii_lowercase(), port, tls).to_string(),
            Ok(Address::Directory(path)) => path.display().to_string(),
            Err(_not_yet_one) => address.trim().to_owned(),
        };
        let leg = |names: &[&str]| -> Vec<String> {
            let values: Vec<String> = names.iter().map(|name| text(name)).collect();
            if values.first().is_none_or(String::is_empty) { Vec::new() } else { values }
        };
        let maker = kind.maker();
        // A choice that was not made is its first word.
        let option = |name: &&str| {
            let spec = maker.options.iter().find(|option| option.name == *name)?;
            Some(text(name)).filter(|value| !value.is_empty() && spec.words.first() != Some(&value.as_str()))
        };
        let options = OPTIONS.iter().filter_map(|name| Some(format!("{name}={}", option(name)?))).collect();
        let (called, unchecked) = (text("server_name").to_ascii_lowercase(), text("insecure") == YES);
        let reader = if is_guarded(kind, &text) { String::new() } else { proxy_of(&text("proxy")) };
        Self { server, tunnel: leg(&TUNNEL), commands: leg(&COMMANDS), options, called, unchecked, reader }
    }

    /// Of a profile.
    pub fn of(profile: &Profile) -> Self {
        Self::at(profile.provider, |name| text_of(profile, name))
    }
}

/// A field of a profile as the form has it, as far as it says where a key goes.
fn text_of(profile: &Profile, name: &str) -> String {
    let (route, tls) = (&profile.route, &profile.tls);
    let ssh = route.ssh.as_ref();
    let port = |port: Option<u16>| port.map_or_else(String::new, |port| port.to_string());
    let path = |path: Option<&PathBuf>| path.map_or_else(String::new, |path| path.display().to_string());
    match name {
        "address" => profile.address.clone(),
        "proxy" => route.proxy.clone().unwrap_or_default(),
        "ssh_host" => ssh.map_or_else(String::new, |ssh| ssh.host.clone()),
        "ssh_port" => port(ssh.and_then(|ssh| ssh.port)),
        "ssh_jump" => ssh.and_then(|ssh| ssh.jump.clone()).unwrap_or_default(),
        "before" => line_of(&route.before),
        "wait_port" => port(route.wait_port),
        "server_name" => tls.server_name.clone().unwrap_or_default(),
        "ca_file" => path(tls.ca_file.as_ref()),
        "cert_file" => path(tls.cert_file.as_ref()),
        "key_file" => path(tls.key_file.as_ref()),
        "insecure" => String::from(if tls.insecure { YES } else { "" }),
        option => profile.options.get(option).cloned().unwrap_or_default(),
    }
}

/// Whether TLS keeps a key from whoever passes it on: spoken, and with a certificate that is checked. An address
/// that is none yet guards nothing.
fn is_guarded(kind: ProviderKind, text: &impl Fn(&str) -> String) -> bool {
    let address = text("address");
    let Ok(Address::Server { host, tls, .. }) = profile_address(kind, &address) else { return false };
    let has_settings = TLS.iter().any(|name| !text(name).is_empty());
    let spoken = match (kind, text(TLS_MODE).as_str()) {
        (ProviderKind::Pgvector, "disable") => false,
        (ProviderKind::Pgvector, "verify-full") => true,
        // Left open it is spoken but with this machine, which behind a proxy is the proxy's.
        (ProviderKind::Pgvector, _) => has_settings || !is_loopback(&host),
        // As `spec` reads it.
        _ => tls || (has_settings && !address.contains("://")),
    };
    spoken && text("insecure") != YES
}

/// Who a proxy is, in words: its host and port. What is none may hold a password, and is not repeated.
pub(super) fn proxy_of(proxy: &str) -> String {
    match proxy.trim() {
        "" => String::new(),
        ENVIRONMENT => "the proxy that the environment names".to_owned(),
        text => proxy_address(text).map_or_else(
            |_| "its proxy".to_owned(),
            |proxy| format!("the proxy {}", Server::new(proxy.host.to_ascii_lowercase(), proxy.port, false)),
        ),
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.server)?;
        if let Some(host) = self.tunnel.first() {
            write!(f, " behind the SSH server {host}")?;
        }
        if !self.commands.is_empty() {
            f.write_str(" behind its commands")?;
        }
        if !self.called.is_empty() {
            write!(f, " as {}", self.called)?;
        }
        if self.unchecked {
            f.write_str(" without a look at its certificate")?;
        }
        if !self.reader.is_empty() {
            write!(f, " through {}, which can read it", self.reader)?;
        }
        if self.options.is_empty() { Ok(()) } else { write!(f, " ({})", self.options.join(", ")) }
    }
}

/// Which secrets were given anew, along with a change.
#[derive(Debug, Clone, Copy, Default)]
pub struct Given {
    /// The key, or where it comes from.
    pub key: bool,
    /// The same of the proxy's password.
    pub proxy_password: bool,
}

/// A secret that would be sent elsewhere than it was given for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// `key`, or `proxy's password`.
    pub what: &'static str,
    /// What it was given for.
    pub from: String,
    /// Where it would go.
    pub to: String,
}

impl Moved {
    /// `guarded`: nobody can read it on the new way.
    fn key(from: &Destination, to: &Destination, guarded: bool) -> Option<Self> {
        let (was, is) = (from.to_string(), to.to_string());
        let to_text = if was == is { format!("{is}, reached in another way") } else { is };
        // A certificate that is checked from now on sends nothing elsewhere, nor does TLS that no proxy reads.
        let like =
            |unchecked, reader: &str| *from == Destination { unchecked, reader: reader.to_owned(), ..to.clone() };
        let is_stricter =
            || (from.unchecked && like(true, &to.reader)) || (guarded && like(from.unchecked, &from.reader));
        (from != to && !is_stricter()).then_some(Self { what: "key", from: was, to: to_text })
    }

    fn proxy(from: &str, to: &str) -> Option<Self> {
        let asked = |proxy: &str| !proxy.is_empty() && proxy != ENVIRONMENT;
        // Without a proxy of its own the password goes nowhere.
        (asked(to) && from != to).then(|| Self {
            what: "proxy's password",
            from: if from.is_empty() { "no proxy".to_owned() } else { from.to_owned() },
            to: to.to_owned(),
        })
    }

    /// Whether the form's texts would send a secret elsewhere that was saved and not given anew. `typed`: a key
    /// was typed into it.
    pub fn between_texts(
        (was, before): (ProviderKind, impl Fn(&str) -> String),
        (is, after): (ProviderKind, impl Fn(&str) -> String),
        typed: bool,
    ) -> Option<Self> {
        let kept = |name: &str| before(name) == after(name);
        let source = after("secret_source");
        let has_key = !is.is_embedded() && !matches!(source.as_str(), "" | "none" | "ask");
        let same_key = kept("secret_source") && kept("secret_ref") && !(typed && source == "stored");
        if has_key
            && same_key
            && let Some(moved) =
                Self::key(&Destination::at(was, &before), &Destination::at(is, &after), is_guarded(is, &after))
        {
            return Some(moved);
        }
        let same_password = !after("proxy_secret").is_empty() && kept("proxy_secret");
        same_password.then(|| Self::proxy(&before("proxy"), &after("proxy"))).flatten()
    }

    /// Whether the changed profile would send a secret elsewhere that the saved one has and that was not given
    /// anew. A key that is asked for each time is given by whoever sees the address.
    pub fn between(before: &Profile, after: &Profile, given: Given) -> Option<Self> {
        let same = |a: &Option<SecretSource>, b: &Option<SecretSource>| match (a, b) {
            (Some(a), Some(b)) => is_same(a, b),
            _ => false,
        };
        if !given.key && !after.provider.is_embedded() && same(&before.secret, &after.secret) {
            let guarded = is_guarded(after.provider, &|name: &str| text_of(after, name));
            let moved = Self::key(&Destination::of(before), &Destination::of(after), guarded);
            if moved.is_some() {
                return moved;
            }
        }
        let proxy = |profile: &Profile| profile.route.proxy.clone().unwrap_or_default();
        let same_password = !given.proxy_password && same(&before.route.proxy_secret, &after.route.proxy_secret);
        same_password.then(|| Self::proxy(&proxy(before), &proxy(after))).flatten()
    }
}

impl fmt::Display for Moved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, from, to } = self;
        write!(f, "the {what} of this profile was given for {from} and would now be sent to {to}")
    }
}

/// Whether both give the same secret without anybody giving it anew.
fn is_same(a: &SecretSource, b: &SecretSource) -> bool {
    match (a, b) {
        (SecretSource::Stored(a), SecretSource::Stored(b)) => a.expose_secret() == b.expose_secret(),
        (SecretSource::Env(a), SecretSource::Env(b)) => a == b,
        (SecretSource::File(a), SecretSource::File(b)) => a == b,
        (SecretSource::Command(a), SecretSource::Command(b)) => a == b,
        // Whatever it is shown there, the token comes from there.
        (SecretSource::Oidc(a), SecretSource::Oidc(b)) => a.discovery == b.discovery,
        _ => false,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::provider::SshSpec;

    fn profile(address: &str) -> Profile {
        let mut profile = Profile::new("p", ProviderKind::Qdrant, address);
        profile.secret = Some(SecretSource::Stored("canary-moved".to_owned().into()));
        profile
    }

    fn moved(before: &Profile, change: impl Fn(&mut Profile)) -> Option<Moved> {
        let mut after = before.clone();
        change(&mut after);
        Moved::between(before, &after, Given::default())
    }

    #[test]
    fn another_host_or_port_or_way_is_another_place_and_another_spelling_is_none() {
        let before = profile("https://db.example.com");
        for elsewhere in ["https://db.example.org", "https://db.example.com:7000", "evil:6334", "https://[::1]:6334"] {
            let told = moved(&before, |after| after.address = elsewhere.to_owned()).unwrap().to_string();
            assert!(told.contains("given for db.example.com:6334"), "{told}");
            assert!(!told.contains("canary"));
        }
        for same in ["db.example.com", "https://DB.example.com:6334/", "db.example.com:6334"] {
            assert_eq!(moved(&before, |after| after.address = same.to_owned()), None, "{same}");
        }
        let ssh = |host: &str| Some(SshSpec { host: host.to_owned(), ..SshSpec::default() });
        let told = moved(&before, |after| after.route.ssh = ssh("bastion")).unwrap();
        assert!(told.to.ends_with("behind the SSH server bastion"), "{}", told.to);
        let mut behind = before.clone();
        behind.route.before = vec![vec!["kubectl".to_owned(), "a".to_owned()]];
        let told = moved(&behind, |after| after.route.before[0][1] = "b".to_owned()).unwrap();
        assert!(told.to.contains("in another way"), "{}", told.to);
        assert_eq!(moved(&before, |after| after.tls.ca_file = Some("/ca.pem".into())), None);
        assert_eq!(moved(&before, |after| drop(after.options.insert("tenant".into(), "t".into()))), None);
    }

    #[test]
    fn whom_the_certificate_must_be_for_is_part_of_the_place_and_checking_it_again_moves_nothing() {
        let before = profile("https://db.example.com");
        let told = moved(&before, |after| after.tls.insecure = true).unwrap();
        assert_eq!(told.to, "db.example.com:6334 without a look at its certificate");
        let told = moved(&before, |after| after.tls.server_name = Some("evil.example.com".to_owned())).unwrap();
        assert_eq!(told.to, "db.example.com:6334 as evil.example.com");
        let mut unchecked = before.clone();
        unchecked.tls.insecure = true;
        assert_eq!(moved(&unchecked, |after| after.tls.insecure = false), None);
        assert!(moved(&unchecked, |after| after.address = "https://db.example.org".to_owned()).is_some());
        let to_another = |after: &mut Profile| {
            after.tls.insecure = false;
            after.address = "https://b".to_owned();
        };
        assert!(moved(&unchecked, to_another).is_some());
        // The form's own words say the same.
        let form = |insecure: &'static str| {
            Destination::at(ProviderKind::Qdrant, move |name| match name {
                "address" => "https://DB.example.com".to_owned(),
                "insecure" => insecure.to_owned(),
                _ => String::new(),
            })
        };
        assert_eq!((form("no"), form("yes")), (Destination::of(&before), Destination::of(&unchecked)));
    }

    #[test]
    fn a_proxy_is_part_of_the_place_where_it_can_read_the_key() {
        let through = |proxy: &str| {
            let proxy = Some(proxy.to_owned()).filter(|proxy| !proxy.is_empty());
            move |after: &mut Profile| after.route.proxy.clone_from(&proxy)
        };
        let plain = profile("http://192.0.2.2:21901");
        let mut insecure = profile("https://db.example.com");
        insecure.tls.insecure = true;
        let mut off = profile("postgres://db.example.com");
        off.provider = ProviderKind::Pgvector;
        off.options.insert("sslmode".to_owned(), "disable".to_owned());
        let mut here = off.clone();
        (here.address, here.options) = ("postgres://localhost".to_owned(), Default::default());
        for before in [plain.clone(), insecure.clone(), off, here] {
            let told = moved(&before, through("http://localhost:22400")).unwrap();
            assert!(told.to.ends_with("through the proxy localhost:22400, which can read it"), "{}", told.to);
            let mut behind = before.clone();
            through("http://localhost:22400")(&mut behind);
            assert!(moved(&behind, through("socks5://other:1080")).is_some());
            assert!(moved(&behind, through("environment")).is_some());
            assert_eq!(moved(&behind, through("LOCALHOST:22400")), None, "another spelling");
            assert!(moved(&behind, through("")).is_some(), "its name meant a machine behind the proxy");
            // What is none is refused elsewhere, and repeated nowhere.
            assert!(!moved(&behind, through("http://me:canary@p:1")).unwrap().to.contains("canary"));
        }
        // Under TLS it sees no key.
        let mut own_ca = profile("db.example.com");
        own_ca.tls.ca_file = Some("/ca.pem".into());
        for before in [profile("https://db.example.com"), own_ca] {
            assert_eq!(moved(&before, through("http://localhost:22400")), None, "{}", before.address);
        }
        // From where it was read to where it is not.
        let mut behind = plain;
        through("proxy:3128")(&mut behind);
        assert_eq!(moved(&behind, |after| after.address = "https://192.0.2.2:21901".to_owned()), None);
        let mut behind = insecure;
        through("proxy:3128")(&mut behind);
        assert_eq!(moved(&behind, |after| after.tls.insecure = false), None);
    }

    #[test]
    fn an_option_that_names_the_host_is_part_of_the_place() {
        let mut before = profile("postgres://db");
        before.provider = ProviderKind::Pgvector;
        assert!(moved(&before, |after| drop(after.options.insert("service".into(), "other".into()))).is_some());
        assert_eq!(moved(&before, |after| drop(after.options.insert("probes".into(), "3".into()))), None);
    }

    #[test]
    fn a_key_that_is_given_anew_or_asked_for_or_gone_moves_nowhere() {
        let before = profile("https://a");
        let mut after = before.clone();
        after.address = "https://b".to_owned();
        assert!(Moved::between(&before, &after, Given::default()).is_some());
        assert_eq!(Moved::between(&before, &after, Given { key: true, ..Given::default() }), None);
        for secret in [None, Some(SecretSource::Ask), Some(SecretSource::Env("OTHER".to_owned()))] {
            after.secret = secret;
            assert_eq!(Moved::between(&before, &after, Given::default()), None);
        }
        let mut asked = before.clone();
        asked.secret = Some(SecretSource::Ask);
        assert_eq!(moved(&asked, |after| after.address = "https://b".to_owned()), None);
    }

    #[test]
    fn the_password_of_a_proxy_goes_to_no_other_proxy() {
        let mut before = profile("https://a");
        before.route.proxy = Some("http://proxy:3128".to_owned());
        before.route.proxy_secret = Some(SecretSource::Env("PP".to_owned()));
        let told = moved(&before, |after| after.route.proxy = Some("http://other:3128".to_owned())).unwrap();
        assert_eq!((told.what, told.to.as_str()), ("proxy's password", "http://other:3128"));
        assert_eq!(moved(&before, |after| after.route.proxy = None), None);
        assert_eq!(moved(&before, |after| after.route.proxy_secret = None), None);
    }
}
