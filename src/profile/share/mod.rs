//! Giving profiles to other people: what of a profile may leave this machine (`rules`), its fields one by
//! one (`fields`), the file (`export`). The way back is `import`, which follows the same rules: a file
//! that somebody else wrote is not trusted to have been made by this program.

pub mod error;
pub mod export;
pub mod fields;
pub mod rules;

pub use error::ShareError;
pub use export::{Exported, Left, export};
