//! The key of a connection whose profile asks for it each time.

use crate::app::field::SecretField;
use crate::connection::message::ConnectionId;

/// A masked line for the key.
#[derive(Debug, Clone)]
pub struct KeyPrompt {
    /// Whose key.
    pub connection: ConnectionId,
    /// The connection's name and address, as shown.
    pub place: String,
    /// The key.
    pub field: SecretField,
    /// What is wrong: why the last one was refused, or that nothing was typed.
    pub error: Option<String>,
    /// What else is to be known before it is sent.
    pub warning: Option<&'static str>,
}
