//! From our filter to Qdrant's.

use crate::provider::filter::Filter;
use crate::provider::{ProviderError, Result};

/// Qdrant's form of the filter.
///
/// # Errors
/// `Unsupported`: filters are not translated yet. A filter is refused, never dropped.
pub(super) fn translate(_filter: &Filter) -> Result<qdrant_client::qdrant::Filter> {
    Err(ProviderError::Unsupported { product: "Qdrant", reason: "filters are not translated for it yet".to_owned() })
}
