//! LanceDB's tables in an object store: Amazon S3 and what speaks like it, Google Cloud Storage, Azure
//! Blob Storage (cargo feature `lancedb`).
//!
//! To the program it is a server: name, port, TLS, key, proxy and tunnel are those of the store. `maker`
//! and `place` are compiled always; `stores` makes the library's client of a store, `wire` sends what
//! that client asks through our own transport, so that there is one TLS stack and the key goes to the
//! profile's host alone. The tables themselves are read and written by the engine of
//! [`lancedb`](super::lancedb).

mod maker;
mod place;
#[cfg(feature = "lancedb")]
mod stores;
#[cfg(feature = "lancedb")]
mod wire;

pub use maker::MAKER;

use super::{ConnectSpec, Provider, Result};

/// The name in errors.
const PRODUCT: &str = "LanceDB in an object store";

/// Opens the tables in the spec's store.
///
/// # Errors
/// Every cause that a connect can have; in a build without the feature always
/// [`NotInThisBuild`](super::ProviderError::NotInThisBuild).
#[cfg(feature = "lancedb")]
pub async fn open(spec: &ConnectSpec) -> Result<Box<dyn Provider>> {
    let place = place::Place::of(spec)?;
    let (connection, home) = super::transport::in_time(spec, stores::connect(&place, spec)).await?;
    let opened = super::lancedb::LanceDb::with(connection, home, spec)?;
    super::transport::in_time(spec, opened.ping()).await?;
    Ok(Box::new(opened))
}

/// Says that this build cannot open it.
///
/// # Errors
/// What is wrong with the place, else [`NotInThisBuild`](super::ProviderError::NotInThisBuild).
#[cfg(not(feature = "lancedb"))]
#[allow(clippy::unused_async)] // as with the feature
pub async fn open(spec: &ConnectSpec) -> Result<Box<dyn Provider>> {
    place::Place::of(spec)?;
    Err(super::ProviderError::NotInThisBuild { product: PRODUCT, feature: "lancedb" })
}
