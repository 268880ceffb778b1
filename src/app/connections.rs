//! Open connections as the screen sees them.

use super::effect::{AdHoc, OpenRequest, OpenSource};
use super::loadable::Loadable;
use super::profiles::ProfileSummary;
use crate::connection::health::Health;
use crate::connection::message::{ConnectionId, Epoch, LeadsTo, Vitals};
use crate::profile::model::{Environment, KeyFacts, SecretSource};
use crate::provider::model::CollectionSummary;
use crate::provider::{Access, Address, Capabilities, ProviderKind, ProxySpec, ServerInfo};
use crate::text::format::countdown;

/// An open connection (connected or trying to).
#[derive(Debug, Clone)]
pub struct Connection {
    /// Identity.
    pub id: ConnectionId,
    /// Name on the screen.
    pub label: String,
    /// The kind of database.
    pub kind: ProviderKind,
    /// Address as shown: that of the database that answers, also where its profile was given another one meanwhile.
    pub address: String,
    /// Where it leads, of one with a profile: what its task said last, at first where the profile did.
    pub leads_to: Option<LeadsTo>,
    /// Dev, staging, production.
    pub environment: Environment,
    /// What may be written through it.
    pub access: Access,
    /// Certificates are not checked.
    pub insecure: bool,
    /// What is to be known of its key.
    pub key: KeyFacts,
    /// Name of a color that marks it.
    pub color: Option<String>,
    /// What it connects to.
    pub source: OpenSource,
    /// Its present life; answers of earlier ones are ignored.
    pub epoch: Epoch,
    /// How it is.
    pub health: Health,
    /// What its details show beyond that, while somebody looks.
    pub vitals: Option<Vitals>,
    /// Whether its task was told that somebody looks.
    pub watched: bool,
    /// Who answered, once connected.
    pub server: Option<ServerInfo>,
    /// What it can do, once connected.
    pub capabilities: Option<Capabilities>,
    /// Its collections.
    pub collections: Loadable<Vec<CollectionSummary>>,
    /// Whether the sidebar shows its collections.
    pub expanded: bool,
    /// How far a check is that the user asked for, and whose end is to be told.
    pub check: Option<Check>,
}

/// How far a check is that the user asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Check {
    /// It was asked for; what the connection says may still be of before.
    Asked,
    /// The attempt is under way: what comes next is its end.
    Tries,
}

impl Connection {
    /// A connection that is about to be opened.
    pub fn new(id: ConnectionId, request: OpenRequest) -> Self {
        let OpenRequest { label, kind, address, environment, lock, insecure, key, color, source } = request;
        Self {
            id,
            label,
            kind,
            address,
            leads_to: None,
            environment,
            access: Access::locked(lock),
            insecure,
            key,
            color,
            source,
            epoch: Epoch::default(),
            health: Health::closed(),
            vitals: None,
            watched: false,
            server: None,
            capabilities: None,
            collections: Loadable::default(),
            expanded: true,
            check: None,
        }
    }

    /// What may be written, in a few words: `no: production is read-only`.
    pub fn writing(&self) -> String {
        match (self.access.lock, self.access.window_s) {
            (None, _) => "yes".to_owned(),
            (Some(lock), None) => format!("no: {lock}"),
            (Some(_), Some(left)) => format!("for {}, then read-only again", countdown(left)),
        }
    }

    /// What stands between this machine and the server, in words; `None` for nothing.
    pub fn way(&self, profiles: &[ProfileSummary]) -> Option<String> {
        let way = match &self.source {
            OpenSource::Demo => return None,
            OpenSource::Profile(id) => profiles.iter().find(|profile| profile.id == *id)?.way.clone(),
            OpenSource::AdHoc(ad_hoc) => match ad_hoc.spec.route.proxy.as_ref()? {
                ProxySpec::Environment => "the proxy of the environment".to_owned(),
                ProxySpec::Given { address, .. } => format!("the proxy {address}"),
            },
        };
        (!way.is_empty()).then_some(way)
    }

    /// Why it cannot be written to now and what to do about it, a sentence; `None` where it can.
    pub fn unwritable(&self) -> Option<String> {
        let lock = self.access.lock.filter(|_| self.access.is_read_only())?;
        Some(format!("{} cannot be written to: {lock}. {}", self.label, lock.mend()))
    }

    /// The word that opens the same database on the command line: a profile's name, `demo`, a URL or a directory.
    /// A secret is never in it; a key that a variable holds is named.
    pub fn target_word(&self) -> String {
        match &self.source {
            OpenSource::Demo => "demo".to_owned(),
            OpenSource::Profile(_) => self.label.clone(),
            OpenSource::AdHoc(ad_hoc) => url_of(self.kind, ad_hoc),
        }
    }

    /// What the list says about one collection.
    pub fn collection(&self, name: &str) -> Option<&CollectionSummary> {
        self.collections.value.as_ref()?.iter().find(|c| c.name == name)
    }
}

fn url_of(kind: ProviderKind, ad_hoc: &AdHoc) -> String {
    let spec = &ad_hoc.spec;
    let (host, port, tls) = match &spec.address {
        Address::Directory(path) => return path.display().to_string(),
        Address::Server { host, port, tls } => (host, port, *tls),
    };
    let schemes = kind.maker().schemes();
    let scheme = schemes.iter().find(|(_, secure)| *secure == tls).or(schemes.first()).map_or("http", |(name, _)| name);
    let host = if host.contains(':') { format!("[{host}]") } else { host.clone() };
    let mut words = url::form_urlencoded::Serializer::new(String::new());
    words.extend_pairs(&spec.options);
    if let Some(SecretSource::Env(name)) = &ad_hoc.secret {
        words.append_pair("key_env", name);
    }
    if let Some(path) = &spec.tls.ca_file {
        words.append_pair("ca_file", &path.display().to_string());
    }
    if let Some(name) = &spec.tls.server_name {
        words.append_pair("server_name", name);
    }
    if spec.tls.insecure {
        words.append_pair("insecure", "true");
    }
    let words = words.finish();
    let query = if words.is_empty() { words } else { format!("?{words}") };
    format!("{scheme}://{host}:{port}{query}")
}
