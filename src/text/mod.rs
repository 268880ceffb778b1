//! Text on its way to people: made safe for a terminal.
//!
//! Pure functions. The screen and the commands take [`SafeText`] for everything that came from
//! outside.

mod glyphs;
mod hidden;
mod safe;

pub use glyphs::Glyphs;
pub use safe::{SafeText, columns};
