//! Which database a profile leads to, so that it shows when an open connection leads elsewhere than its profile does
//! by now, and the gates of such a connection: none of them opens the other's database.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Mutex, PoisonError};

use secrecy::ExposeSecret;

use crate::connection::message::LeadsTo;
use crate::profile::destination::Destination;
use crate::profile::model::{Profile, SecretSource};
use crate::provider::{Gate, Lock};

/// Where a profile leads. In doubt another spelling is another place: a lock is then opened later, never too early.
pub fn leads_to(profile: &Profile) -> LeadsTo {
    let mut hasher = DefaultHasher::new();
    (profile.provider.name(), &profile.address, Destination::of(profile)).hash(&mut hasher);
    (&profile.options, &profile.route.before, &profile.route.proxy).hash(&mut hasher);
    // All databases of such a maker have one address, and the key says which is meant.
    if profile.provider.names_its_key() {
        match &profile.secret {
            None | Some(SecretSource::Ask | SecretSource::Oidc(_)) => {}
            Some(SecretSource::Stored(secret)) => ("stored", secret.expose_secret()).hash(&mut hasher),
            Some(SecretSource::Env(name)) => ("env", name).hash(&mut hasher),
            Some(SecretSource::File(path)) => ("file", path).hash(&mut hasher),
            Some(SecretSource::Command(argv)) => ("command", argv).hash(&mut hasher),
        }
    }
    LeadsTo(hasher.finish())
}

/// The gate of a connection: the same one for as long as its profile leads to one database. When that leads elsewhere
/// the link that still serves keeps the old one, as it was locked.
#[derive(Debug)]
pub struct PlacedGate(Mutex<(Option<LeadsTo>, Gate)>);

impl PlacedGate {
    /// With that gate for the first place.
    pub fn new(gate: Gate) -> Self {
        Self(Mutex::new((None, gate)))
    }

    /// The gate of what leads there.
    pub fn at(&self, place: Option<LeadsTo>) -> Gate {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.0.is_some() && kept.0 != place {
            // Locked until the profile's own lock is set.
            kept.1 = Gate::new(Some(Lock::Profile));
        }
        kept.0 = place;
        kept.1.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::ProviderKind;
    use secrecy::SecretString;

    #[test]
    fn what_is_another_database_is_another_place_and_what_is_only_called_otherwise_is_not() {
        let prod = Profile::new("prod", ProviderKind::Pgvector, "postgres://db");
        type Change = (&'static str, fn(&mut Profile), bool);
        let changes: [Change; 6] = [
            ("name", |p| p.name = "other".to_owned(), true),
            ("lock", |p| p.read_only = true, true),
            ("key", |p| p.secret = Some(SecretSource::Ask), true),
            ("address", |p| p.address = "postgres://db2".to_owned(), false),
            ("database", |p| drop(p.options.insert("database".to_owned(), "app".to_owned())), false),
            ("way", |p| p.route.ssh = Some(Default::default()), true),
        ];
        for (what, change, same) in changes {
            let mut changed = prod.clone();
            change(&mut changed);
            assert_eq!(leads_to(&prod) == leads_to(&changed), same, "{what}");
        }
        let mut tunnel = prod.clone();
        tunnel.route.ssh = Some(crate::provider::SshSpec { host: "bastion".to_owned(), ..Default::default() });
        assert_ne!(leads_to(&prod), leads_to(&tunnel));
    }

    #[test]
    fn where_the_key_names_the_database_another_key_is_another_place() {
        let keyed = |kind, key: &str| {
            let mut profile = Profile::new("p", kind, "");
            profile.secret = Some(SecretSource::Stored(SecretString::from(key.to_owned())));
            leads_to(&profile)
        };
        assert_ne!(keyed(ProviderKind::Pinecone, "canary-a"), keyed(ProviderKind::Pinecone, "canary-b"));
        assert_eq!(keyed(ProviderKind::Qdrant, "canary-a"), keyed(ProviderKind::Qdrant, "canary-b"));
    }

    #[test]
    fn what_leads_elsewhere_has_a_gate_of_its_own_and_the_old_one_stays_locked() {
        let gates = PlacedGate::new(Gate::new(Some(Lock::Environment("production"))));
        let old = gates.at(Some(LeadsTo(1)));
        gates.at(Some(LeadsTo(1))).set_lock(Some(Lock::Run));
        assert_eq!(old.access().lock, Some(Lock::Run), "the same place, the same gate");
        gates.at(Some(LeadsTo(2))).set_lock(None);
        assert_eq!(old.access().lock, Some(Lock::Run));
    }
}
