//! What a maker says to a filter that it has no request for.

use super::ast::Span;
use crate::provider::ProviderError;

/// The error for a piece of a filter that `product` cannot be asked. `reason` is a clause.
pub fn refuse(product: &'static str, span: Span, reason: impl AsRef<str>) -> ProviderError {
    let (first, last, reason) = (span.start + 1, span.end, reason.as_ref());
    ProviderError::Unsupported { product, reason: format!("at characters {first} to {last} of the filter: {reason}") }
}
