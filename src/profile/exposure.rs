//! Whether the key of a profile would travel where others can read it: asked by the form, by lists and
//! commands before anything is contacted. `spec` and `provider::transport` refuse it for themselves.

use super::address::{is_loopback, profile_address};
use super::destination::proxy_of;
use super::model::Profile;
use super::route::ENVIRONMENT;
use crate::provider::transport::ALLOW_PLAINTEXT_KEY;
use crate::provider::{Address, ProviderKind, TlsSpec};

/// The option of PostgreSQL that turns TLS off: `disable`.
pub const TLS_MODE: &str = "sslmode";

/// What is to be known of a profile or a URL that accepts any certificate.
pub const INSECURE: &str = "certificates are not checked (insecure): whoever is between you and the server can read and change what is sent, the key too. An own CA (ca_file) is the better way.";

/// How a key would travel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exposure {
    /// Under TLS, on this machine only, or not at all.
    Private,
    /// In plain text to another machine: it is not sent.
    Refused {
        /// The machine.
        host: String,
        /// Who would pass it on, and read it: `the proxy HOST:PORT`; empty for nobody.
        proxy: String,
    },
    /// In plain text to another machine, because the profile allows it.
    Allowed {
        /// The machine.
        host: String,
        /// Who passes it on, and can read it; empty for nobody.
        proxy: String,
    },
}

impl Exposure {
    /// How the key of that profile would travel.
    pub fn of(profile: &Profile) -> Self {
        if profile.secret.is_none() {
            return Self::Private;
        }
        let option = |name: &str| profile.options.get(name).map(String::as_str);
        let tls = match option(TLS_MODE) {
            Some("disable") => Some(false),
            _ => (profile.tls != TlsSpec::default()).then_some(true),
        };
        let proxy = profile.route.proxy.as_deref().unwrap_or_default();
        Self::at(profile.provider, &profile.address, tls, option(ALLOW_PLAINTEXT_KEY) == Some("true"), proxy)
    }

    /// How a key would travel to that address. `tls` is whether there are settings of TLS, `Some(false)`
    /// that it is turned off. An address that is none leads nowhere yet. `proxy` is empty for none.
    pub fn at(kind: ProviderKind, address: &str, tls: Option<bool>, allowed: bool, proxy: &str) -> Self {
        if kind.is_embedded() {
            return Self::Private;
        }
        // Without a scheme, settings of TLS mean TLS; with one, the profile is refused for them.
        let under_tls = tls == Some(true) && !address.contains("://");
        let Ok(Address::Server { host, tls: said, .. }) = profile_address(kind, address) else {
            return Self::Private;
        };
        // Behind a proxy this machine's name is the proxy's own; the one of the environment is never asked for it.
        let stays_here = is_loopback(&host) && matches!(proxy, "" | ENVIRONMENT);
        if (said || under_tls) && tls != Some(false) || stays_here {
            return Self::Private;
        }
        let proxy = proxy_of(proxy);
        if allowed { Self::Allowed { host, proxy } } else { Self::Refused { host, proxy } }
    }

    /// What the user should know, a sentence or two.
    pub fn warning(&self) -> Option<String> {
        match self {
            Self::Private => None,
            Self::Refused { host, proxy } => Some(format!(
                "the key would travel unencrypted to {host}{}, so it will not be sent. Write https:// in the address, or allow it where the network between is private.",
                through(proxy)
            )),
            Self::Allowed { host, proxy } => Some(format!(
                "the key travels unencrypted to {host}{}: whoever can listen on the way can read it{}. Write https:// where the server speaks it.",
                through(proxy),
                if proxy.is_empty() { "" } else { ", the proxy too" }
            )),
        }
    }
}

/// Who passes it on, behind the name of the server.
fn through(proxy: &str) -> String {
    if proxy.is_empty() { String::new() } else { format!(" through {proxy}") }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::profile::model::SecretSource;

    fn profile(address: &str) -> Profile {
        let mut profile = Profile::new("p", ProviderKind::Qdrant, address);
        profile.secret = Some(SecretSource::Ask);
        profile
    }

    #[test]
    fn a_key_in_plain_text_to_another_machine_is_warned_of_and_nothing_else() {
        for private in
            ["https://db.example.com", "http://127.0.0.1:6334", "localhost", "http://[::1]:1", "", "qdrant+https://db"]
        {
            assert_eq!(Exposure::of(&profile(private)), Exposure::Private, "{private}");
        }
        for plain in ["http://db.example.com", "10.0.0.7:6334", "db", "http://127.0.0.1.example.com"] {
            let refused = Exposure::of(&profile(plain));
            assert!(matches!(refused, Exposure::Refused { .. }), "{plain}");
            assert!(refused.warning().unwrap().contains("will not be sent"));
        }
        let mut allowed = profile("http://db.example.com");
        allowed.options.insert(ALLOW_PLAINTEXT_KEY.to_owned(), "true".to_owned());
        let (host, proxy) = ("db.example.com".to_owned(), String::new());
        assert_eq!(Exposure::of(&allowed), Exposure::Allowed { host, proxy });
        allowed.route.proxy = Some("http://localhost:22400".to_owned());
        let warned = Exposure::of(&allowed).warning().unwrap();
        assert!(warned.contains("through the proxy localhost:22400") && warned.contains("the proxy too"), "{warned}");
        allowed.secret = None;
        assert_eq!(Exposure::of(&allowed), Exposure::Private, "no key, nothing to read");
        let mut off = Profile::new("p", ProviderKind::Pgvector, "postgres://db.example.com");
        off.secret = Some(SecretSource::Ask);
        assert_eq!(Exposure::of(&off), Exposure::Private);
        off.options.insert(TLS_MODE.to_owned(), "disable".to_owned());
        assert!(matches!(Exposure::of(&off), Exposure::Refused { .. }), "TLS is turned off");
        let mut behind = profile("http://localhost:6334");
        behind.route.proxy = Some("proxy:3128".to_owned());
        assert!(matches!(Exposure::of(&behind), Exposure::Refused { .. }), "that is the proxy's machine");
        let mut own_ca = profile("db.example.com");
        own_ca.tls.ca_file = Some("/ca.pem".into());
        assert_eq!(Exposure::of(&own_ca), Exposure::Private, "settings of TLS mean TLS");
    }

    #[test]
    fn it_agrees_with_what_refuses_the_key() {
        for address in ["http://db.example.com", "https://db.example.com", "localhost:1", "10.1.2.3"] {
            let one = profile(address);
            let refused = crate::profile::spec::check_plain_text(&crate::profile::spec::address_of(&one).unwrap());
            assert_eq!(refused.is_err(), Exposure::of(&one) != Exposure::Private, "{address}");
        }
    }
}
