//! From keys to actions: the single source of help, palette rows, footer hints and
//! `docs/keybindings.md`.
//!
//! [`Chord`] is one key press, [`Layer`] the place where a binding holds, [`Keymap`] the table of
//! both with the user's changes applied. Actions themselves are `app::action`; this module knows
//! them only as values of its table.

mod chord;
mod defaults;
pub mod docs;
mod layer;
mod map;

pub use chord::{Chord, ChordError, Key, parse_sequence, sequence_name, typed_keys};
pub use layer::Layer;
pub use map::{Binding, Keymap, KeymapError, Lookup, UserBinding};
