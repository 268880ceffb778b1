//! Open connections as the screen sees them.

use super::effect::{OpenRequest, OpenSource};
use super::loadable::Loadable;
use crate::connection::health::Health;
use crate::connection::message::{ConnectionId, Epoch};
use crate::profile::model::Environment;
use crate::provider::model::CollectionSummary;
use crate::provider::{Capabilities, ProviderKind, ServerInfo};

/// An open connection (connected or trying to).
#[derive(Debug, Clone)]
pub struct Connection {
    /// Identity.
    pub id: ConnectionId,
    /// Name on the screen.
    pub label: String,
    /// The kind of database.
    pub kind: ProviderKind,
    /// Address as shown.
    pub address: String,
    /// Dev, staging, production.
    pub environment: Environment,
    /// Nothing may be written through it.
    pub read_only: bool,
    /// Certificates are not checked.
    pub insecure: bool,
    /// Name of a color that marks it.
    pub color: Option<String>,
    /// What it connects to.
    pub source: OpenSource,
    /// Its present life; answers of earlier ones are ignored.
    pub epoch: Epoch,
    /// How it is.
    pub health: Health,
    /// Who answered, once connected.
    pub server: Option<ServerInfo>,
    /// What it can do, once connected.
    pub capabilities: Option<Capabilities>,
    /// Its collections.
    pub collections: Loadable<Vec<CollectionSummary>>,
    /// Whether the sidebar shows its collections.
    pub expanded: bool,
}

impl Connection {
    /// A connection that is about to be opened.
    pub fn new(id: ConnectionId, request: OpenRequest) -> Self {
        let OpenRequest { label, kind, address, environment, read_only, insecure, color, source } = request;
        Self {
            id,
            label,
            kind,
            address,
            environment,
            read_only,
            insecure,
            color,
            source,
            epoch: Epoch::default(),
            health: Health::closed(),
            server: None,
            capabilities: None,
            collections: Loadable::default(),
            expanded: true,
        }
    }

    /// What the list says about one collection.
    pub fn collection(&self, name: &str) -> Option<&CollectionSummary> {
        self.collections.value.as_ref()?.iter().find(|c| c.name == name)
    }
}
