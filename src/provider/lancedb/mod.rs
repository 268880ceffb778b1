//! LanceDB: any table of a directory, through the library `lancedb` (cargo feature `lancedb`).
//!
//! `maker` is compiled always; all else is in `engine`, which a build without the feature does not
//! have. Such a build knows the kind, its addresses and options, and says how to get the rest.

#[cfg(feature = "lancedb")]
mod engine;
mod maker;

#[cfg(feature = "lancedb")]
pub(super) use engine::meaning;
#[cfg(feature = "lancedb")]
pub use engine::{Home, LanceDb, Trouble};
pub(super) use maker::CAPABILITIES;
pub use maker::{MAKER, is_database};

use super::{ConnectSpec, Provider, Result};

/// The maker's name in errors.
const PRODUCT: &str = "LanceDB";

/// Opens the database in the spec's directory.
///
/// # Errors
/// Every cause that opening can have; in a build without the feature always
/// [`NotInThisBuild`](super::ProviderError::NotInThisBuild).
#[cfg(feature = "lancedb")]
pub async fn open(spec: &ConnectSpec) -> Result<Box<dyn Provider>> {
    Ok(Box::new(LanceDb::open(spec).await?))
}

/// Says that this build cannot open it.
///
/// # Errors
/// Always [`NotInThisBuild`](super::ProviderError::NotInThisBuild).
#[cfg(not(feature = "lancedb"))]
#[allow(clippy::unused_async)] // as with the feature
pub async fn open(_: &ConnectSpec) -> Result<Box<dyn Provider>> {
    Err(super::ProviderError::NotInThisBuild { product: PRODUCT, feature: "lancedb" })
}
