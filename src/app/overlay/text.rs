//! A longer text in a box.

use crate::app::list::ListState;
use crate::connection::message::ConnectionId;

/// What the box shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TextContent {
    /// A connection's details, always as they are now.
    Connection(ConnectionId),
    /// Fixed lines.
    Lines(Vec<String>),
}

/// The text overlay.
#[derive(Debug, Clone)]
pub struct TextBox {
    /// Its title.
    pub title: String,
    /// What it shows.
    pub content: TextContent,
    /// Scroll.
    pub list: ListState,
}
