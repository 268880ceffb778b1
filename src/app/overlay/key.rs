//! The key of a connection whose profile asks for it each time.

use crate::app::field::SecretField;
use crate::connection::message::{ConnectionId, LeadsTo};

/// A masked line for the key.
#[derive(Debug, Clone)]
pub struct KeyPrompt {
    /// Whose key.
    pub connection: ConnectionId,
    /// The connection's name, and the address that the key goes to, as shown.
    pub place: String,
    /// The same of one with a profile, to be compared.
    pub leads_to: Option<LeadsTo>,
    /// The key.
    pub field: SecretField,
    /// What is wrong: why the last one was refused, or that nothing was typed.
    pub error: Option<String>,
    /// What else is to be known before it is sent.
    pub warning: Option<&'static str>,
}
