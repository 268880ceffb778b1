//! The locks of open databases that no profile names. They follow what becomes known of profiles that lead to
//! the same database, at any moment of a connection's life.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::connection::Registry;
use crate::connection::message::{Command, ConnectionId};
use crate::profile::access::{KnownLocks, Rules};
use crate::profile::model::Profile;
use crate::profile::project::Project;
use crate::profile::vault::{Vault, VaultError, VaultState};
use crate::profile::whereabouts::Whereabouts;
use crate::provider::Gate;

/// What is known of locks, and whose lock depends on it. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct OpenLocks {
    /// Profiles that are read-only.
    pub known: KnownLocks,
    open: Arc<Mutex<HashMap<ConnectionId, (Gate, Whereabouts)>>>,
}

impl OpenLocks {
    /// Reads the profiles that can be read without asking anybody, and takes in which are read-only. Blocking.
    ///
    /// # Errors
    /// Why the store was not read; the project's profiles are taken in all the same.
    pub fn read(&self, vault: &Vault, project: Option<&Project>, rules: Rules) -> Result<Vec<Profile>, VaultError> {
        let reading = self.known.reading();
        let store = vault.profiles();
        // What is locked, gone, or cannot be read, leaves known what was.
        if let Ok(profiles) = &store
            && vault.state() == VaultState::Unlocked
        {
            self.known.learn(reading, profiles, rules);
        }
        if let Some(project) = project {
            self.known.learn_project(&project.profiles, rules);
        }
        store
    }

    /// The same for who needs no profile: what cannot be read is not known.
    pub fn look(&self, vault: &Vault, project: Option<&Project>, rules: Rules) {
        let _not_needed = self.read(vault, project, rules);
    }

    /// Locks the gate of a connection without a profile as is known now, and from now on whenever more is known.
    pub fn settle(&self, connection: ConnectionId, gate: &Gate, at: Whereabouts, rules: Rules) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        // Not before the map is held: what is learned meanwhile would be overwritten.
        gate.set_lock(self.known.lock_of_ad_hoc(&at, rules));
        open.insert(connection, (gate.clone(), at));
    }

    /// More is known: locks the gates of these connections as it is now. Their tasks tell it.
    pub fn follow(&self, connections: &[ConnectionId], registry: &Registry, rules: Rules) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|connection, _| registry.get(*connection).is_some());
        for connection in connections {
            let Some((gate, at)) = open.get(connection) else { continue };
            let lock = self.known.lock_of_ad_hoc(at, rules);
            gate.set_lock(lock);
            // Without a link there is nothing to tell yet, and one that has no room tells it with its next word.
            let _ = registry.send(*connection, Command::SetLock(lock));
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::profile::model::Environment;
    use crate::profile::vault::{NewKey, Operation};
    use crate::provider::{ConnectSpec, Lock, ProviderKind};

    #[tokio::test]
    async fn a_gate_follows_what_is_learned_and_keeps_it_when_the_store_is_locked() {
        let folder = tempfile::tempdir().unwrap();
        let vault = Vault::open(folder.path().join("config"));
        vault.create(NewKey::KeyFile).unwrap();
        let directory = folder.path().join("db");
        let mut prod = Profile::new("prod", ProviderKind::QdrantEdge, &directory.display().to_string());
        prod.environment = Environment::Production;
        let (locks, gate, rules) = (OpenLocks::default(), Gate::default(), Rules::default());
        let at = Whereabouts::of_spec(&ConnectSpec::directory(ProviderKind::QdrantEdge, &directory), false);
        locks.look(&vault, None, rules);
        locks.settle(ConnectionId(1), &gate, at.clone(), rules);
        assert_eq!(gate.access().lock, None);
        vault.edit(Operation::Add(Box::new(prod))).unwrap();
        locks.look(&vault, None, rules);
        locks.settle(ConnectionId(1), &gate, at.clone(), rules);
        let lock = Some(Lock::SameDatabase { profile: "prod", environment: Some("production") });
        assert_eq!(gate.access().lock, lock);
        vault.lock();
        locks.look(&vault, None, rules);
        locks.settle(ConnectionId(1), &gate, at, rules);
        assert_eq!(gate.access().lock, lock);
    }
}
