//! The filter language, brought into the conditions that qdrant-edge evaluates.
//!
//! Called by `read` for pages, counts and searches. A filter that cannot be translated is refused;
//! it is never dropped, because a question without its filter has another answer.

use crate::provider::filter::Filter;
use crate::provider::{ProviderError, Result};

/// The engine's form of a filter.
///
/// # Errors
/// [`ProviderError::Unsupported`] for what the engine has no condition for.
pub(super) fn translate(_filter: &Filter) -> Result<qdrant_edge::Filter> {
    Err(ProviderError::Unsupported { product: super::PRODUCT, reason: "filters are not translated for it yet".into() })
}

/// [`translate`] for a filter that may be absent.
pub(super) fn translate_optional(filter: Option<&Filter>) -> Result<Option<qdrant_edge::Filter>> {
    filter.map(translate).transpose()
}
