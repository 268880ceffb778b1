//! Text on its way to people: made safe for a terminal, stripped of secrets, numbers made readable.
//!
//! Pure functions. The screen and the commands take [`SafeText`] for everything that came from
//! outside; log, errors and panic reports pass [`redact()`].

pub mod format;
mod glyphs;
mod hidden;
mod nearest;
mod redact;
mod safe;
mod variables;

pub use glyphs::Glyphs;
pub use hidden::is_hidden;
pub use nearest::nearest;
pub use redact::{MARK, redact, register_secret};
pub use safe::{SafeText, columns};
pub use variables::{is_own_variable, is_secret_variable, looks_secret, names_variable, register_secret_variable};
