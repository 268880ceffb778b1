//! The form of a session in its file. Fields may be added with a default; a change of meaning counts
//! [`VERSION`] up.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// The version that this program writes.
pub const VERSION: u32 = 1;

/// What was open.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Session {
    /// The version of the form.
    pub version: u32,
    /// The connections, in the order of their numbers.
    pub connections: Vec<SavedConnection>,
    /// Those of them that were paused, by their place.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub paused: Vec<usize>,
    /// The tabs.
    pub tabs: Vec<SavedTab>,
    /// The tab in front.
    #[serde(default)]
    pub tab: usize,
    /// Whether the sidebar was wanted.
    #[serde(default = "yes")]
    pub sidebar: bool,
}

fn yes() -> bool {
    true
}

impl Session {
    /// Whether there is nothing to open again.
    pub fn is_empty(&self) -> bool {
        self.connections.is_empty()
    }
}

/// A connection: how to open it again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SavedConnection {
    /// The demo.
    Demo,
    /// A profile, by its identity.
    Profile(String),
    /// An address without a profile.
    Address(Box<SavedAddress>),
}

/// An address without a profile.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SavedAddress {
    /// Its name on the screen.
    pub label: String,
    /// The kind of database, by its name.
    pub kind: String,
    /// Host of a server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// Port of a server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    /// Whether it is spoken to under TLS.
    pub tls: bool,
    /// A directory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub directory: Option<PathBuf>,
    /// Whether the port must be asked whose it is.
    pub ask: bool,
    /// With or without TLS, where that was said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ask_tls: Option<bool>,
    /// Settings of the maker.
    pub options: BTreeMap<String, String>,
    /// PEM file of an own CA.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<PathBuf>,
    /// PEM file of a client certificate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cert_file: Option<PathBuf>,
    /// PEM file of its key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_file: Option<PathBuf>,
    /// What the server is called, where that is not its host.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server_name: Option<String>,
    /// The proxy between: its address, or [`Self::ENVIRONMENT`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proxy: Option<String>,
    /// Certificates are not checked.
    pub insecure: bool,
    /// The variable that has the key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_env: Option<String>,
}

impl SavedAddress {
    /// The proxy that the environment names.
    pub const ENVIRONMENT: &'static str = "environment";
}

/// A tab.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedTab {
    /// The connection that it is named after.
    #[serde(default)]
    pub connection: Option<usize>,
    /// The pane in focus, counted in the order of panes.
    #[serde(default)]
    pub focus: usize,
    /// Whether only that one is shown.
    #[serde(default)]
    pub zoomed: bool,
    /// Its panes.
    pub tree: SavedTree,
    /// Its panes that follow each other.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<SavedLink>,
}

/// Panes of a tab that follow each other.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SavedLink {
    /// The panes, counted in the order of panes.
    pub panes: Vec<usize>,
    /// The field that their records are matched by; without one it is the id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
}

/// The panes of a tab.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SavedTree {
    /// One pane.
    Pane(SavedPane),
    /// Two parts.
    Split {
        /// How they lie.
        side: SavedSide,
        /// Room of the first, percent.
        percent: u16,
        /// Left or top.
        first: Box<SavedTree>,
        /// Right or bottom.
        second: Box<SavedTree>,
    },
}

/// How two parts lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SavedSide {
    /// The second to the right.
    Right,
    /// The second below.
    Below,
}

/// A pane.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SavedPane {
    /// The connection that it shows.
    pub connection: Option<usize>,
    /// The collection whose records it shows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub collection: Option<String>,
    /// The filter, as it was typed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    /// Whether vectors are read along.
    pub vectors: bool,
    /// Whether its searches go around the index.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub exact: bool,
    /// What lies over its table, the last is on top.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub over: Vec<SavedView>,
}

/// What lies over a table. Other views (jobs, searches by a vector or a text) do not come back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "view", rename_all = "snake_case")]
pub enum SavedView {
    /// The description of a collection.
    Info {
        /// It.
        collection: String,
    },
    /// One record.
    Record {
        /// Its collection.
        collection: String,
        /// Its id.
        id: SavedId,
    },
    /// What is like a record.
    Like {
        /// Its collection.
        collection: String,
        /// Its id.
        id: SavedId,
        /// The vector field that is searched.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        using: Option<String>,
    },
    /// What happened.
    Log,
    /// Something that a later version shows.
    #[serde(other)]
    Unknown,
}

/// The id of a record; whole numbers as text, which keeps all of their digits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SavedId {
    /// A whole number.
    Integer(String),
    /// Any text.
    Text(String),
    /// A UUID.
    Uuid(String),
}
